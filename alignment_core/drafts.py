"""A first draft of an agreement, from what the quarter before really brought."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.drivers import chain, factors, total
from alignment_core.errors import DataError
from alignment_core.funnel import Funnel
from alignment_core.quarters import Quarter
from alignment_core.results import Counts
from alignment_core.vocabulary import RATE_DRIVER, Source

__all__ = ["can_be_drafted", "draft_agreement", "has_amounts", "last_quarter", "unassigned_wins"]

_RATES = {
    "marketing": ("mql_to_sql", "sql_to_opportunity", "close_rate"),
    "sales": ("sql_to_opportunity", "close_rate"),
}
_SPANS = {"mql_to_opportunity": "sql_to_opportunity", "mql_to_win": "close_rate", "sql_to_win": "close_rate"}


def last_quarter(data: Data, agreement: Agreement) -> Quarter:
    """The latest quarter that is over in the data and has another before it; else the latest there is.

    Raises DataError where nothing is dated.
    """
    funnel = data.funnel(agreement)
    if not funnel.quarters:
        raise DataError("No record in the files is dated.")
    over = [
        quarter
        for quarter in funnel.quarters
        if quarter.end - timedelta(days=1) <= funnel.as_of and quarter.previous in funnel.quarters
    ]
    return max(over or funnel.quarters)


def can_be_drafted(data: Data, agreement: Agreement) -> bool:
    """Whether there is a quarter before the last one, to draft its agreement from."""
    return last_quarter(data, agreement).previous in data.funnel(agreement).quarters


def has_amounts(data: Data, agreement: Agreement) -> bool:
    """Whether any win in the files has an amount."""
    return data.funnel(agreement).has_amounts


def unassigned_wins(data: Data, agreement: Agreement) -> float:
    """How many wins have a lead source that is on neither side's list, or none."""
    sourcing = agreement.sourcing.model_copy(update={"otherwise": "unassigned"})
    frame = data.funnel(agreement.model_copy(update={"sourcing": sourcing})).frame
    return float(frame.loc[frame["source"] == "unassigned", "wins"].sum())


def draft_agreement(data: Data, agreement: Agreement, quarter: Quarter, deal_size: float | None = None) -> Agreement:
    """An agreement for a quarter whose plan is the actuals of the quarter before.

    Args:
        data: the loaded tables.
        agreement: gives company, currency, calendar, sourcing and owners; its plan is replaced.
        quarter: the quarter to draft for.
        deal_size: what a win is worth, where the files have no amounts.

    A stage nobody recorded gets the rate 1, so that the chain still multiplies to revenue. Raises
    DataError where the quarter before has no revenue to plan from.
    """
    funnel = data.funnel(agreement)
    before: dict[Source, Counts] = {
        source: total(funnel.counts(quarter.previous, source)) for source in ("marketing", "sales")
    }
    if deal_size is not None and not funnel.has_amounts:
        before = {
            source: replace(counts, revenue=(counts.wins or 0.0) * deal_size) for source, counts in before.items()
        }
    revenue = sum(counts.revenue for counts in before.values() if counts.revenue > 0)
    if not revenue > 0:
        raise DataError(
            f"{_missing(funnel, quarter.previous)} to draft an agreement for {quarter} from. "
            "Load what is missing, or write the agreement yourself on the page Agree."
        )
    values = agreement.model_dump(exclude={"marketing", "sales", "split", "segments", "revenue_target", "quarter"})
    plans = {source: _plan(source, counts) for source, counts in before.items() if counts.revenue > 0}
    share = round(before["marketing"].revenue / revenue, 6) if "marketing" in plans else 0.0
    return Agreement.checked(
        values
        | plans
        | {"quarter": str(quarter), "revenue_target": round(revenue, 2)}
        | {"split": {"marketing": share, "sales": round(1 - share, 6)}}
    )


def _missing(funnel: Funnel, quarter: Quarter) -> str:
    if quarter not in funnel.quarters:
        return f"The files have nothing in {quarter}"
    if not funnel.has_amounts:
        return "The files have no amounts, so no revenue"
    return f"{quarter} has no revenue whose lead source is on marketing's or sales' list, so nothing"


def _plan(source: Source, counts: Counts) -> dict[str, float]:
    """Rates and deal size that a source really had."""
    stages = chain(source, counts)
    found = factors(stages, counts)
    rates = dict.fromkeys(_RATES[source], 1.0)
    for step in pairwise(stages):
        driver = RATE_DRIVER[step]
        # On period basis more can pass a stage than entered it in the quarter; a rate above 1 cannot be agreed.
        rates[_SPANS.get(driver, driver)] = min(1.0, float(f"{found[driver]:.4g}"))
    return rates | {"deal_size": round(found["deal_size"], 2)}
