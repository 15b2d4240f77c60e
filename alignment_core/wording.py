"""What the results are called and said, in one place, for screens, exports and the terminal."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial
from typing import Any

from alignment_core.quarters import Quarter
from alignment_core.results import Bar, Doubt, Effect, Note
from alignment_core.vocabulary import RATE_DRIVERS, VOLUME_DRIVERS, Basis, Driver, Method, MqlBy, Owner, Source, Stage

__all__ = [
    "BASIS",
    "CHOICE",
    "DRIVER",
    "MEANING",
    "METHOD",
    "METHOD_MEANING",
    "MQL_SAID_BY",
    "OWNER",
    "SOURCE",
    "STAGE",
    "agreed_and_actual",
    "change",
    "count",
    "day",
    "day_short",
    "doubt",
    "driver_name",
    "driver_value",
    "in_sentence",
    "money",
    "money_short",
    "note",
    "percent",
    "period",
    "signed",
    "signed_short",
    "told_apart",
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

#: Who says which leads are MQLs.
MQL_SAID_BY: Mapping[MqlBy, str] = {"crm": "flagged in the CRM", "agreed": "as the agreement defines them"}

BASIS: Mapping[Basis, str] = {"period": "events in the quarter", "cohort": "the quarter's own MQLs"}


#: What each choice decides, see `choices.Choices`.
CHOICE: Mapping[str, str] = {
    "skipped_stages": "Whether a record with a later stage's date has passed the earlier stages that it has no date for.",
    "repeated_mql": "Which date counts where a lead became an MQL more than once.",
    "same_record": "Whether a lead or deal whose id stands in several rows counts once, as the row has it that knows most, or each time.",
    "same_email": "Whether leads that share an e-mail address are one lead.",
    "wins_without_amount": "What a win without an amount is worth, or whether it is a win at all.",
    "zero_or_negative_amounts": "Whether a deal won for nothing or less is a win.",
    "out_of_order": "Whether a record that reached a later stage on an earlier day counts.",
    "deals_without_lead": "Whether a deal that came from no loaded lead counts.",
    "several_deals": "Whether each deal of a lead counts, or only the one that was won first (or else made first).",
    "converted_without_deal": "Whether a lead that says it became an opportunity or a win counts as one where its deal was not loaded.",
}

#: What is in doubt, of how many; and what each option does with them.
_DOUBT: Mapping[str, tuple[str, str]] = {
    "skipped_stages": ("record that skipped a stage", "records that skipped a stage"),
    "repeated_mql": ("lead that became an MQL again", "leads that became an MQL again"),
    "same_record": ("record whose id stands in several rows", "records whose id stands in several rows"),
    "same_email": ("lead that shares an e-mail address with another", "leads that share an e-mail address with another"),
    "wins_without_amount": ("win without an amount", "wins without an amount"),
    "zero_or_negative_amounts": ("win with an amount of zero or less", "wins with an amount of zero or less"),
    "out_of_order": ("record whose dates are out of order", "records whose dates are out of order"),
    "deals_without_lead": ("deal without a lead", "deals without a lead"),
    "several_deals": ("deal that shares its lead with another", "deals that share their lead with another"),
    "converted_without_deal": ("converted lead whose deal is missing", "converted leads whose deal is missing"),
    "several_contacts": ("deal with several leads", "deals with several leads"),
    "later_than_as_of": ("record dated in the future or after the as-of date", "records dated in the future or after the as-of date"),
    "wrong_century": ("record dated in the wrong century (before 1980)", "records dated in the wrong century (before 1980)"),
}  # fmt: skip

_DOING: Mapping[str, Mapping[str, str]] = {
    "skipped_stages": {"by basis": "Counting {} by basis", "counted as passed": "Counting {} as passed", "not counted": "Not counting {} there"},
    "repeated_mql": {"first": "Dating {} by the first time", "latest": "Dating {} by the latest time"},
    "same_record": {"count once": "Counting {} once", "count each": "Counting {} each time"},
    "same_email": {"count each": "Counting {} each", "count once": "Counting {} once"},
    "wins_without_amount": {"at zero": "Counting {} at zero", "at the average": "Counting {} at the average", "left out": "Leaving out {}"},
    "zero_or_negative_amounts": {"as they are": "Counting {}", "left out": "Leaving out {}"},
    "out_of_order": {"as dated": "Counting {} as dated", "left out": "Leaving out {}"},
    "deals_without_lead": {"counted": "Counting {}", "left out": "Leaving out {}"},
    "several_deals": {"each counts": "Counting each of {}", "once": "Counting only the first of {}"},
    "converted_without_deal": {"left out": "Leaving out {}", "as the lead says": "Counting {} as the lead says"},
}  # fmt: skip

_SITUATION: Mapping[str, str] = {
    "several_contacts": "{} counted once each, under the lead with the lowest id.",
    "later_than_as_of": "{} not counted at that date. Correct the date if it is wrong.",
    "wrong_century": "{} counted in no quarter of this review. Correct the date.",
}


def count(value: float | None) -> str:
    """A count as it is spoken: whole numbers whole, plan fractions with one decimal while they are small."""
    if value is None or math.isnan(value):
        return "–"
    return _minus(f"{value:,.0f}" if abs(value) >= 1000 or abs(value - round(value)) < 0.05 else f"{value:,.1f}")


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
    return f"Q{quarter.number} {'FY' if quarter.is_fiscal else ''}{quarter.year}"


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
    name = in_sentence(name)
    if bar.driver == "unassigned":
        return "revenue that is assigned to neither side"
    return f"{SOURCE[bar.source].lower()} {name}" if with_source else name


def agreed_and_actual(bar: Bar, *, finer: bool = False) -> tuple[str, str]:
    """A bar's two values as they are spoken (or `finer`), or as exactly as it takes to tell them apart."""
    return told_apart(bar.driver, bar.plan, bar.actual, finer=finer)


def told_apart(driver: Driver, one: float | None, other: float | None, *, finer: bool = False) -> tuple[str, str]:
    """Two values of a driver (or of what is written like it) as they are spoken, or as exactly as it takes."""
    writings = _writings(driver)[finer:]
    ways = ((write(one), write(other)) for write in writings) if one != other else ()
    # What no way of writing tells apart is the same to everybody.
    return next((texts for texts in ways if texts[0] != texts[1]), (writings[0](one), writings[0](other)))


def change(bar: Bar) -> str:
    """What was agreed and what it was: 75% → 57%."""
    return " → ".join(agreed_and_actual(bar))


@cache
def _writings(driver: Driver) -> tuple[Callable[[float | None], str], ...]:
    """Ways to write a driver's value, from the spoken one to the most exact."""
    exact = percent if driver in RATE_DRIVERS else money
    spoken = partial(driver_value, driver)
    return spoken, partial(spoken, finer=True), *(partial(exact, decimals=places) for places in (1, 2, 3))


def day(when: date) -> str:
    """A day as it is spoken: 14 August 2026."""
    return f"{when.day} {when:%B %Y}"


def day_short(when: date) -> str:
    """A day of a year that is known: 14 Aug. (Not every system's clock writes days without a zero.)"""
    return f"{when.day} {when:%b}"


def note(said: Note) -> str:
    """A note as a sentence."""
    values: dict[str, Any] = dict(said.values)
    for name in ("stage", "first", "later"):
        if name in values:
            values[name] = in_sentence(STAGE[values[name]])
    if "driver" in values:
        values["driver"] = in_sentence(DRIVER[values["driver"]])
    if "source" in values:
        values["source"] = SOURCE[values["source"]].lower()
    if "field" in values:
        values["field"] = str(values["field"]).replace("_", " ")
    if "segments" in values:
        names = [str(name) for name in values["segments"]]
        values["segments"] = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    if "choice" in values:
        values["choice"] = str(values["choice"]).replace("_", " ")
    sentence = _NOTES[said.code].format(**values)
    return sentence[0].upper() + sentence[1:]


def doubt(said: Doubt) -> str:
    """A doubt in sentences: how many records, and what each other option would change in the headline."""
    what = f"{said.records:,} {_DOUBT[said.code][said.records != 1]}"
    if said.option is None:
        return _SITUATION[said.code].format(f"{what} {'is' if said.records == 1 else 'are'}")
    if not said.effects:
        return f"{_DOING[said.code][said.option].format(what)} is what was chosen; without them there is nothing to review."
    return " ".join(f"{_DOING[said.code][each.option].format(what)} {_would(each)}." for each in said.effects)


def _would(effect: Effect) -> str:
    """What an option would change: would add 260k (MQLs −3)."""
    moved = ", ".join(f"{STAGE[stage]} {_with_sign(count(by))}" for stage, by in effect.counts.items())
    if abs(effect.difference) < 0.005:
        return f"would leave revenue as it is ({moved})" if moved else "would change nothing"
    verb = "add" if effect.difference > 0 else "take away"
    return f"would {verb} {money_short(abs(effect.difference))}" + (f" ({moved})" if moved else "")


def in_sentence(name: str) -> str:
    """A name as it is written inside a sentence: opportunities, but MQLs."""
    return name if name[:3] in ("MQL", "SQL") else name[0].lower() + name[1:]


_NOTES = {
    "outside_cohort": "{source} {stage} whose {first} have no date belong to no quarter's cohort and are not in this view: {count:,}.",
    "outside_definition": "{source} {stage} of leads that don't meet the definition of an MQL, or have no date, are not in this view: {count:,}.",
    "mql_agreed": "An MQL is here what the agreement says: {agreed}.",
    "mql_summary": "MQLs are here those of the summary; whether they meet the agreed definition, it does not say.",
    "mql_crm": "MQLs are here those that the CRM flagged, not those that meet the agreed definition.",
    "wins_undated": "Won deals without a close date are not counted: {count:,}.",
    "wins_unvalued": "Won deals without an amount count as wins with revenue 0, which lowers deal size: {count:,}.",
    "wins_later": "Won deals dated after the as-of date are not counted: {count:,}.",
    "wins_at_average": "Won deals without an amount count at the average of the quarter's other wins of their source: {count:,}.",
    "wins_left_out": "Won deals without an amount are no wins here, as chosen: {count:,}.",
    "rate_used": "{count:,} amounts in {currency} were converted at 1 {currency} = {rate} {home}, as given.",
    "currency_assumed": "Amounts without a currency are taken to be in {home}: {count:,}.",
    "further_unknown": "What {source} {stage} that are still open ({count:,}) will bring cannot be said: of earlier quarters' {stage} {known:,} are known, and it takes 10, with {later} among them. Load earlier quarters' records.",
    "never_lost": "No {source} {stage} of earlier quarters have a date on which they were given up, so all that did not move on count as open ({count:,} of this quarter). The export's lost or closed date would show it.",
    "chosen": "Chosen for {choice}: {option}.",
    "no_amounts": "No win has an amount, so wins are valued at the agreed deal size, and deal size has no effect of its own.",
    "no_segment_plan": "No plan by {field}: nothing was agreed per {field}, and {quarter} has no data to spread the plan by. Actuals only.",
    "segment_not_at_start": "No plan by {field}: nothing was agreed per {field}, and {source} {stage} carry no {field} to spread the plan by. Actuals only.",
    "segment_plan_from_mix": "Where nothing was agreed per {field}, the plan's volume is spread by the mix of {quarter}, with rates and deal size as agreed.",
    "other_quarter": "The agreement was made for {agreed}; it is held against {quarter} as asked.",
    "fourteen_weeks": "{quarter} has 14 weeks: its counts are a week's more than those of a quarter of 13.",
    "silent": "Nothing in the files is {source}, in any quarter or with a zero: load its export, or look in Agree at whose demand a lead source is. Until then its plan is missing in full, and nobody is blamed for it.",
    "quarter_unfinished": "{quarter} is not over in these files: they end on {as_of}.",
    "start_not_recorded": "Nobody recorded {source} {stage}: the bridge begins with {first}.",
    "start_zero": "{source} {stage} are zero while a later stage is not: the bridge begins with {first}.",
    "stage_not_recorded": "Nobody recorded {source} {stage}: the two rates around that stage are one driver.",
    "stage_zero": "{source} {stage} are zero while a later stage is not: the two rates around that stage are one driver.",
    "rate_above_one": "{source} {driver} is above 100%: part of what passed in the quarter had entered before it. What began in the quarter can be followed instead (Count).",
    "stage_zero_in": "In {segments}, {source} {stage} are zero while a later stage is not: there, the drivers around that stage are one.",
}  # fmt: skip


def _minus(text: str) -> str:
    """With the minus that is as wide as a plus; nothing has none."""
    if not text.startswith("-"):
        return text
    return f"−{text[1:]}" if text.strip("-0.,%kMB") else text[1:]


def _with_sign(text: str) -> str:
    return text if text.startswith(("−", "–")) or not text.strip("0.,kMB") else f"+{text}"
