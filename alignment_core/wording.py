"""What the results are called and said, in one place, for screens, exports and the terminal."""

import math
from collections.abc import Mapping

from alignment_core.quarters import Quarter
from alignment_core.results import Bar, Note
from alignment_core.vocabulary import RATE_DRIVERS, VOLUME_DRIVERS, Basis, Driver, Method, Owner, Source, Stage

__all__ = [
    "BASIS", "DRIVER", "MEANING", "METHOD", "METHOD_MEANING", "OWNER", "SOURCE", "STAGE",
    "change", "count", "driver_name", "driver_value", "money", "money_short", "note", "percent", "period", "signed", "signed_short",
]  # fmt: skip

DRIVER: Mapping[Driver, str] = {
    "mql_volume": "MQL volume",
    "sql_volume": "SQL volume",
    "opportunity_volume": "Opportunity volume",
    "win_volume": "Win volume",
    "mql_to_sql": "MQL → SQL",
    "mql_to_opportunity": "MQL → opportunity",
    "mql_to_win": "MQL → win",
    "sql_to_opportunity": "SQL → opportunity",
    "sql_to_win": "SQL → win",
    "close_rate": "Close rate",
    "deal_size": "Deal size",
    "unassigned": "Unassigned",
}

MEANING: Mapping[Driver, str] = {
    "mql_volume": "how many leads met the agreed definition of a marketing-qualified lead (MQL)",
    "sql_volume": "how many leads sales confirmed as sales-qualified (SQL)",
    "opportunity_volume": "how many opportunities were opened",
    "win_volume": "how many deals were won",
    "mql_to_sql": "the share of MQLs that sales confirmed as SQLs",
    "mql_to_opportunity": "the share of MQLs that became opportunities",
    "mql_to_win": "the share of MQLs that became wins",
    "sql_to_opportunity": "the share of SQLs that became opportunities with an amount",
    "sql_to_win": "the share of SQLs that became wins",
    "close_rate": "the share of opportunities that were won",
    "deal_size": "revenue per win, on average",
    "unassigned": "revenue whose lead source is on neither side's list in the agreement",
}

SOURCE: Mapping[Source, str] = {
    "marketing": "Marketing-sourced",
    "sales": "Sales-sourced",
    "unassigned": "Unassigned",
}

OWNER: Mapping[Owner, str] = {"marketing": "marketing", "sales": "sales", "shared": "both", "unassigned": "nobody yet"}

STAGE: Mapping[Stage, str] = {"mqls": "MQLs", "sqls": "SQLs", "opportunities": "Opportunities", "wins": "Wins"}

METHOD: Mapping[Method, str] = {"shapley": "Shapley", "sequential": "Funnel order", "lmdi": "LMDI"}

METHOD_MEANING: Mapping[Method, str] = {
    "shapley": "each effect is the average over all orders in which the drivers could have moved, so no order favours anybody",
    "sequential": "the drivers move one after the other in funnel order, the habit of finance; another order gives other bars",
    "lmdi": "each effect is its share of the logarithmic change, scaled to the variance; independent of order as well",
}

BASIS: Mapping[Basis, str] = {"period": "events in the quarter", "cohort": "the quarter's own MQLs"}


def count(value: float | None) -> str:
    """A count as it is spoken: whole numbers whole, plan fractions with one decimal."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 else f"{value:,.1f}"


def percent(value: float | None, decimals: int = 0) -> str:
    """A rate (0-1) as percent."""
    return "–" if value is None or math.isnan(value) else _minus(f"{value * 100:.{decimals}f}%")


def money(value: float | None, decimals: int = 0) -> str:
    """An amount in full, without its currency."""
    return "–" if value is None or math.isnan(value) else _minus(f"{value:,.{decimals}f}")


def money_short(value: float | None) -> str:
    """An amount rounded for speaking: 258k, 1.66M."""
    if value is None or math.isnan(value):
        return "–"
    size = abs(value)
    for unit, scale in (("B", 1e9), ("M", 1e6)):
        if size >= 0.9995 * scale:
            return _minus(f"{value / scale:.2f}{unit}")
    if size >= 999.5:
        return _minus(f"{value / 1e3:.{0 if size >= 9_950 else 1}f}k")
    return _minus(f"{value:.0f}")


def signed(value: float, decimals: int = 0) -> str:
    """An amount in full with its sign."""
    return _with_sign(money(value, decimals))


def signed_short(value: float) -> str:
    """An amount rounded for speaking with its sign: −258k."""
    return _with_sign(money_short(value))


def period(quarter: Quarter) -> str:
    """A quarter as it is spoken: Q3 2026."""
    return f"Q{quarter.number} {'FY' if quarter.start_month > 1 else ''}{quarter.year}"


def driver_value(driver: Driver, value: float | None, *, finer: bool = False) -> str:
    """A driver's value in its unit: a count, a percentage or an amount. `finer` shows what rounding hides."""
    if driver in RATE_DRIVERS:
        return percent(value, 1 if finer else 0)
    if driver in VOLUME_DRIVERS:
        return count(value)
    return money(value) if finer else money_short(value)


def driver_name(bar: Bar, *, with_source: bool = False) -> str:
    """A bar's name inside a sentence; `with_source` where both sides have such a driver."""
    name = DRIVER[bar.driver]
    if bar.driver in RATE_DRIVERS and bar.driver != "close_rate":
        name += " conversion"
    elif bar.driver in ("deal_size", "close_rate", "unassigned", *VOLUME_DRIVERS):
        name = name if name[:3] in ("MQL", "SQL") else name[0].lower() + name[1:]
    if bar.driver == "unassigned":
        return "revenue that is assigned to neither side"
    return f"{SOURCE[bar.source].lower()} {name}" if with_source else name


def change(bar: Bar) -> str:
    """What was agreed and what it was: 75% → 57%."""
    plan, actual = driver_value(bar.driver, bar.plan), driver_value(bar.driver, bar.actual)
    if plan == actual and bar.plan != bar.actual:
        plan, actual = (driver_value(bar.driver, value, finer=True) for value in (bar.plan, bar.actual))
    return f"{plan} → {actual}"


def note(said: Note) -> str:
    """A note as a sentence."""
    values = dict(said.values)
    if "stage" in values:
        values["stage"] = STAGE[values["stage"]]
    if "source" in values:
        values["source"] = SOURCE[values["source"]].lower()
    if "first" in values:
        values["first"] = STAGE[values["first"]][:-1] if values["first"] != "opportunities" else "opportunity"
    if "field" in values:
        values["field"] = str(values["field"]).replace("_", " ")
    return _NOTES[said.code].format(**values)


_NOTES = {
    "outside_cohort": "{count:,} {source} {stage} have no {first} date, so they belong to no quarter's cohort and are not in this view.",
    "wins_undated": "{count:,} won deals have no close date and are not counted.",
    "wins_unvalued": "{count:,} won deals have no amount: they count as wins with revenue 0, which lowers deal size.",
    "wins_later": "{count:,} won deals are dated after the as-of date and are not counted.",
    "no_amounts": "No amounts were loaded: wins are valued at the agreed deal size, and deal size has no effect of its own.",
    "no_segment_plan": "No plan by {field}: nothing was agreed per {field}, and {quarter} has no data to spread the plan by. Actuals only.",
    "segment_plan_from_mix": "Nothing was agreed per {field}: the plan's volume is spread by the mix of {quarter}, with rates and deal size as agreed.",
    "other_quarter": "The agreement was made for {agreed}; it is held against {quarter} as asked.",
    "quarter_unfinished": "{quarter} is not over in these files: they end on {as_of}.",
    "stage_not_recorded": "Nobody recorded {source} {stage}: the two rates around that stage are one driver.",
    "stage_zero": "{source} {stage} are zero while a later stage is not: the rates around that stage are one driver.",
}  # fmt: skip


def _minus(text: str) -> str:
    text = text.replace("-", "−")
    return text[1:] if text.startswith("−") and not text.strip("−0.,%kMB") else text


def _with_sign(text: str) -> str:
    return text if text.startswith(("−", "–")) or not text.strip("0.,kMB") else f"+{text}"
