"""The amounts of a quarter's wins, deal by deal: how much deal sizes scatter is not in their sum."""

import pandas as pd

from alignment_core.agreement import Sourcing
from alignment_core.choices import Choices
from alignment_core.definition import MqlDefinition
from alignment_core.engine import Engine
from alignment_core.events import end_of, record_stages
from alignment_core.funnel import Funnel, in_quarter
from alignment_core.kept_events import KeptEvents
from alignment_core.quarters import Calendar, Quarter
from alignment_core.vocabulary import Stage

__all__ = ["COLUMNS", "amounts_won"]

COLUMNS = ("source", "segment", "amount")
_WINS: tuple[Stage, ...] = ("wins",)


def amounts_won(
    engine: Engine,
    funnel: Funnel,
    quarter: Quarter,
    sourcing: Sourcing,
    calendar: Calendar,
    choices: Choices,
    currency: str | None,
    mql: MqlDefinition | None,
) -> pd.DataFrame:
    """Each win that a funnel counts in a quarter, with an amount: `source`, `segment`, `amount` (the agreement's currency).

    A win without an amount counts 0 where that was chosen, and else is left out. Empty where only a summary was
    loaded. The rows are in the order of their values, so that the same wins are always the same frame.
    """
    if "wins" not in record_stages(engine) and "stage_events" not in engine:
        return pd.DataFrame(columns=list(COLUMNS))
    passed = funnel.basis == "cohort" and choices.skipped_stages != "not counted"  # as the funnel counts
    rows = KeptEvents(engine, sourcing, calendar, funnel.by, choices, currency, mql).rows(passed=passed, stages=_WINS)
    rows = rows.filter(rows.at < end_of(funnel.as_of)).filter(lambda each: in_quarter(each, funnel, quarter))
    found = engine.run(rows.select(source=rows.source, segment=rows.segment, amount=rows.amount.cast("float64")))
    if choices.wins_without_amount == "at zero":
        found["amount"] = found["amount"].fillna(0.0)
    return found.dropna(subset=["amount"]).sort_values(list(COLUMNS), ignore_index=True)
