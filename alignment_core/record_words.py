"""The records behind a bar in words: how many there are, that they are the bar's, and what their columns are called."""

from collections.abc import Mapping

import pandas as pd

from alignment_core.bar_records import BarRecords, Way
from alignment_core.results import Bar, Review
from alignment_core.vocabulary import RATE_DRIVERS, Source
from alignment_core.wording import DRIVER, SOURCE, STAGE, count, driver_value, in_sentence, money, period

__all__ = ["COLUMN", "carried_sentence", "open_sentence", "records_sentence", "records_table"]

COLUMN: Mapping[str, str] = {
    "lead_id": "Lead ID", "deal_id": "Opportunity ID", "mqls": "MQL on", "sqls": "SQL on", "opportunities": "Opportunity on",
    "wins": "Won on", "first_touch": "First touch", "follow_up": "Followed up", "status": "Now", "amount": "Amount", "counted": "Counts for",
}  # fmt: skip


def records_sentence(review: Review, bar: Bar, found: BarRecords) -> str:
    """196 MQLs are listed, of which 76 became SQLs: the bar's 38.8%."""
    counts = [(stage, int(found.records[stage].notna().sum())) for stage in found.stages]
    if bar.driver == "unassigned":
        worth = next(tie.records for tie in found.ties if tie.what == "revenue")
        listed = [f"{count(number)} {_stage(stage, number)}" for stage, number in counts]
        return _tied(f"{_and(listed)} on neither side are listed, together {review.currency} {money(worth)}", found)
    first, number = counts[0]
    said = f"{count(number)} {_stage(first, number)} {_where(found)}{'is' if number == 1 else 'are'} listed"
    if bar.driver in RATE_DRIVERS:
        second, passed = counts[1]
        if review.basis == "cohort":
            said += f", of which {count(passed)} went on to become {_stage(second, 2)}"
        else:
            said += f", and {count(passed)} {_stage(second, passed)} of the quarter, whenever they began"
        if not found.where:
            said += f": the bar's {driver_value(bar.driver, bar.actual, finer=True)}"
        elif number:
            said += f": {driver_value(bar.driver, passed / number, finer=True)}{_waiting(review, found, second)}"
    elif bar.driver == "deal_size":
        worth = float(found.records["counted"].sum())
        said += f", together {review.currency} {money(worth)}"
        if found.where and number:
            said += f": {money(worth / number)} each"
        elif bar.actual is not None:
            said += f": the bar's {money(bar.actual)} each"
    elif not found.where:
        said += f": the bar's {DRIVER[bar.driver]}"
    if found.segments:
        said += f", in {', '.join(found.segments)} alone: elsewhere other steps were counted"
    if len(found.records) and not found.records[["lead_id", "deal_id"]].notna().any(axis=None):
        said += ". The files give no ids, so look these up by their dates"
    return _tied(said, found)


def _where(found: BarRecords) -> str:
    """Of which segment: with region EMEA and lead type Webinar."""
    parts = [f"{name.replace('_', ' ')} {value}" for name, value in found.where.items()]
    return f"with {_and(parts)} " if parts else ""


def _waiting(review: Review, found: BarRecords, passed: str) -> str:
    """How many of the listed may still go on; on period basis nothing is followed."""
    if review.basis != "cohort" or "status" not in found.records:
        return ""
    number = int((found.records["status"].eq("open") & found.records[passed].isna()).sum())
    return f" so far; {number:,} {'is' if number == 1 else 'are'} still open" if number else ""


def carried_sentence(review: Review, source: Source, way: Way, found: BarRecords) -> str:
    """10 of the 18 wins counted in Q3 2026 began in an earlier quarter, worth USD 320,000; or how many were open at its end."""
    reached = [
        f"{count(tie.records)} {_stage(tie.what, int(tie.records))}" for tie in found.ties if tie.what != "revenue"
    ]
    quarter, number = period(review.quarter), len(found.records)
    if way == "carried_out":
        were = "record that began" if number == 1 else "records that began"
        said = f"{count(number)} {SOURCE[source].lower()} {were} in {quarter} {'was' if number == 1 else 'were'} open at its end"
        return _tied(f"{said}: {_and(reached)}", found)
    said = f"{SOURCE[source]}: {_and(reached)} counted in {quarter} began in an earlier quarter"
    worth = next((tie.records for tie in found.ties if tie.what == "revenue"), None)
    return _tied(said if worth is None else f"{said}, together {review.currency} {money(worth)}", found)


def open_sentence(found: BarRecords) -> str:
    """47 records are still open: 18 MQLs, 7 SQLs and 22 opportunities."""
    reached = [f"{count(tie.records)} {_stage(tie.what, int(tie.records))}" for tie in found.ties]
    number = len(found.records)
    return _tied(f"{count(number)} {'record is' if number == 1 else 'records are'} still open: {_and(reached)}", found)


def _and(parts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _tied(said: str, found: BarRecords) -> str:
    if all(tie.holds for tie in found.ties):
        return f"{said}."
    apart = ", ".join(
        f"{tie.what}: {tie.records:,.2f} against {tie.counted:,.2f}" for tie in found.ties if not tie.holds
    )
    return f"{said}. The records do not add up to the bar ({apart}): please report this."


def records_table(records: pd.DataFrame) -> pd.DataFrame:
    """The records with columns as they are read; times to the minute. Ids, outcomes and amounts that no record has are left out, and
    so is what each counts for where that is its amount."""
    times = {
        name: records[name].dt.floor("min") for name in records if pd.api.types.is_datetime64_any_dtype(records[name])
    }
    names = {name: COLUMN.get(name, name.replace("_", " ").capitalize()) for name in records}
    unsaid = [
        name for name in ("lead_id", "deal_id", "status", "amount") if name in records and records[name].isna().all()
    ]
    if "counted" in records and records["counted"].equals(records["amount"]):
        unsaid.append("counted")
    return records.assign(**times).drop(columns=unsaid).rename(columns=names)


def _stage(stage: str, number: int) -> str:
    name = in_sentence(STAGE[stage])  # type: ignore[index]
    return {"opportunities": "opportunity"}.get(name, name.removesuffix("s")) if number == 1 else name
