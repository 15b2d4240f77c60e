"""What reached a stage, day by day and amount by amount: the counts' own rows, for questions a quarter is too coarse for."""

from datetime import date

import pandas as pd

from alignment_core.agreement import Sourcing
from alignment_core.choices import Choices
from alignment_core.engine import Engine
from alignment_core.events import Events, end_of, record_stages
from alignment_core.quarters import Calendar
from alignment_core.vocabulary import Stage

__all__ = ["daily_counts", "won_amounts"]


def daily_counts(
    engine: Engine, sourcing: Sourcing, calendar: Calendar, stage: Stage, choices: Choices, as_of: date
) -> pd.DataFrame:
    """How many records of each source reached a stage on each day up to `as_of`: `day`, `source`, `count`.

    Counted as the funnel counts on period basis. Empty where only a summary was loaded: it has no days.
    """
    events = Events(engine, sourcing, calendar, None, choices)
    if not _has_rows(engine):
        return pd.DataFrame(columns=["day", "source", "count"])
    rows = events.rows(passed=choices.skipped_stages == "counted as passed")
    rows = rows.filter(rows.stage == stage, rows.at < end_of(as_of)).mutate(day=rows.at.date())
    counted = engine.run(rows.group_by("day", "source").aggregate(count=rows.count()))
    counted["day"] = pd.to_datetime(counted["day"]).dt.date
    return counted.sort_values(["day", "source"], ignore_index=True)


def won_amounts(
    engine: Engine,
    sourcing: Sourcing,
    calendar: Calendar,
    by: str | None,
    choices: Choices,
    currency: str | None,
    as_of: date,
) -> pd.DataFrame:
    """Each win's amount in the agreement's currency: `day`, `source`, `segment`, `amount`, in that order.

    A win without an amount counts 0 where that was chosen, and else is left out: an average adds nothing to know of
    the spread. Empty where only a summary was loaded.
    """
    if not _has_rows(engine):
        return pd.DataFrame(columns=["day", "source", "segment", "amount"])
    rows = Events(engine, sourcing, calendar, by, choices, currency).rows(passed=False)
    rows = rows.filter(rows.stage == "wins", rows.at < end_of(as_of))
    found = engine.run(
        rows.select(day=rows.at.date(), source=rows.source, segment=rows.segment, amount=rows.amount.cast("float64"))
    )
    found["day"] = pd.to_datetime(found["day"]).dt.date
    if choices.wins_without_amount == "at zero":
        found["amount"] = found["amount"].fillna(0.0)
    found = found.dropna(subset=["amount"])
    return found.sort_values(["day", "source", "segment", "amount"], ignore_index=True)


def _has_rows(engine: Engine) -> bool:
    return bool(record_stages(engine)) or "stage_events" in engine
