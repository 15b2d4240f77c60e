"""The quarter's promise week by week: what should be there by now, what is, and what is still owed.

A quarter's weeks are counted from its first day, seven days each, on the company's clock: no week is cut by the
quarter's beginning. A quarter of 90 to 92 days has 13; its last week has the 6 to 8 days that are left. A year of
whole weeks has quarters of 13 or 14.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from alignment_core.agreement import Agreement
from alignment_core.data import BEGINS_LATE, Data
from alignment_core.errors import DataError
from alignment_core.quarters import Quarter
from alignment_core.vocabulary import CHAIN, Source, Stage
from alignment_core.wording import STAGE, count

__all__ = ["Pace", "Shape", "Week", "pace", "weeks_of"]

Shape = Literal["even", "history"]


@dataclass(frozen=True)
class Week:
    """One week of the quarter.

    Attributes:
        number: from 1.
        first, last: its first and last day.
        promised: how many are due in it, a whole number; all weeks sum to the promise.
        ideal: how many should be there by its end, unrounded.
        actual: how many came in it so far; None where it has not begun in the data.
    """

    number: int
    first: date
    last: date
    promised: int
    ideal: float
    actual: int | None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Pace:
    """A side's promise by week, against what came.

    Attributes:
        stage: what is promised: MQLs by marketing, SQLs by sales.
        promised: for the whole quarter.
        shape: how it is spread: evenly by day, or as the quarters before ran.
        weeks: in order.
        as_of: the last day that the data know of, within the quarter; None before it begins.
        delivered: how many came up to then; None before it begins.
        due: how many should be there by the end of that day, unrounded.
        missing: why a history shape or actuals could not be had, in words; empty otherwise.
    """

    source: Source
    stage: Stage
    promised: int
    shape: Shape
    weeks: tuple[Week, ...]
    as_of: date | None
    delivered: int | None
    due: float
    missing: str = ""

    @property
    def ahead(self) -> float | None:
        """How many more than due are there; negative is behind."""
        return None if self.delivered is None else self.delivered - self.due

    @property
    def sentence(self) -> str:
        """What was due and what came, and what it takes from now on."""
        name = STAGE[self.stage]
        if self.delivered is None or self.as_of is None:
            shape = "" if self.shape == "even" else ", as the quarters before ran"
            return f"{self.promised:,} {name} over {len(self.weeks)} weeks: {count(self.promised / len(self.weeks))} a week on average{shape}."
        behind = self.delivered - self.due
        how = "as due" if abs(behind) < 0.5 else f"{count(abs(behind))} {'ahead' if behind > 0 else 'behind'}"
        came = (
            f"By {self.as_of.day} {self.as_of:%B} {count(self.due)} {name} were due and {self.delivered:,} came: {how}."
        )
        if not self.owed:
            return f"{came} The promise is kept."
        if self.per_week is None:
            return f"{came} {self.owed:,} of {self.promised:,} were not delivered."
        return f"{came} {self.owed:,} are still owed: {count(self.per_week)} a week for the {count(self.weeks_left)} weeks left."

    @property
    def owed(self) -> int:
        """How many are still to come."""
        return max(0, self.promised - (self.delivered or 0))

    @property
    def weeks_left(self) -> float:
        """What is left of the quarter after `as_of`, in weeks of seven days."""
        end = self.weeks[-1].last
        return (end - (self.as_of or self.weeks[0].first - timedelta(days=1))).days / 7

    @property
    def per_week(self) -> float | None:
        """How many a week it takes from now on; None where the quarter is over."""
        return self.owed / self.weeks_left if self.weeks_left else None


def weeks_of(quarter: Quarter) -> tuple[tuple[date, date], ...]:
    """The first and last day of each week of a quarter, see the module."""
    count = round((quarter.end - quarter.start).days / 7)
    firsts = [quarter.start + timedelta(weeks=week) for week in range(count)]
    return tuple(
        (first, after - timedelta(days=1)) for first, after in zip(firsts, [*firsts[1:], quarter.end], strict=True)
    )


def pace(
    agreement: Agreement,
    data: Data | None = None,
    source: Source = "marketing",
    shape: Shape = "even",
    quarters: int = 8,
) -> Pace | None:
    """A side's promise by week; None where the side owes nothing.

    Args:
        agreement: what is promised, for which quarter.
        data: the loaded tables: what came so far, and for `history` the quarters before. None for the plan alone.
        source: whose promise: marketing's MQLs or sales' SQLs (rounded up).
        shape: `even`: every day the same. `history`: the share of each part of the quarter in the complete quarters
            before, all records pooled and nothing smoothed; where there are none, even, with the reason.
        quarters: how many quarters `history` looks back.
    """
    stage = CHAIN[source][0]
    promised = math.ceil(sum((cell[stage] for cell in agreement.segment_cells.get(source, {}).values()), Fraction(0)))
    if not promised:
        return None
    quarter = agreement.fiscal_quarter
    by_day, known_to, missing = _days(agreement, data, source, stage)
    line: Sequence[Fraction] = _even(quarter)
    used: Shape = "even"
    if shape == "history":
        before = _before(quarter, by_day, known_to, quarters)
        if before:
            line, used = _pooled(quarter, before, by_day), "history"
        else:
            missing = (
                missing or f"No complete quarter before {quarter} has {STAGE[stage]} by day: spread evenly instead."
            )
    as_of = min(known_to, quarter.end - timedelta(days=1)) if known_to and known_to >= quarter.start else None
    weeks, told = [], 0
    for number, (first, last) in enumerate(weeks_of(quarter), 1):
        ideal = promised * line[(last - quarter.start).days]
        upto = math.floor(ideal + Fraction(1, 2))
        came = None if as_of is None or first > as_of else _between(by_day, first, min(last, as_of))
        weeks.append(Week(number, first, last, upto - told, float(ideal), came))
        told = upto
    delivered = None if as_of is None else _between(by_day, quarter.start, as_of)
    due = 0.0 if as_of is None else float(promised * line[(as_of - quarter.start).days])
    return Pace(source, stage, promised, used, tuple(weeks), as_of, delivered, due, missing)


def _days(
    agreement: Agreement, data: Data | None, source: Source, stage: Stage
) -> tuple[dict[date, int], date | None, str]:
    """How many came on each day, the last day known, and why nothing is known."""
    if data is None:
        return {}, None, ""
    try:
        frame, as_of = data.daily(agreement, stage), data.funnel(agreement).as_of
    except DataError as error:
        return {}, None, error.reasons[0]
    if frame.empty:
        return {}, None, _why_no_days(data, stage)
    own = frame[frame["source"] == source]
    return dict(zip(own["day"], own["count"].astype(int), strict=True)), as_of, ""


def _why_no_days(data: Data, stage: Stage) -> str:
    """Why the files don't say on which days a stage was reached, and what would."""
    name = STAGE[stage]
    if data.engine.has("funnel", stage):
        return f"The files count {name} by quarter, not by day: load records instead of a summary to see the pace."
    if any(table in data.engine for table in ("leads", "deals", "stage_events")):
        return f"No record in the files has a date for {name}: map its column, or load an export that has it, to see the pace."
    return f"The files are a summary without {name}: load records that have a date for them to see the pace."


def _between(by_day: Mapping[date, int], first: date, last: date) -> int:
    return sum(by_day.get(first + timedelta(days=day), 0) for day in range((last - first).days + 1))


def _even(quarter: Quarter) -> list[Fraction]:
    """The share of the promise that is due by the end of each day."""
    days = (quarter.end - quarter.start).days
    return [Fraction(day + 1, days) for day in range(days)]


def _before(quarter: Quarter, by_day: Mapping[date, int], known_to: date | None, quarters: int) -> list[Quarter]:
    """The complete quarters before with any record, among the latest ones that are over."""
    if known_to is None or not by_day:
        return []
    last = quarter.previous
    while last.end - timedelta(days=1) > known_to:
        last = last.previous
    looked_at = [last]
    while len(looked_at) < quarters:
        looked_at.append(looked_at[-1].previous)
    # The files may begin within a quarter, which then has no shape.
    first = min(by_day)
    return [
        each
        for each in looked_at
        if first <= each.start + BEGINS_LATE and _between(by_day, each.start, each.end - timedelta(days=1))
    ]


def _pooled(quarter: Quarter, before: Sequence[Quarter], by_day: Mapping[date, int]) -> list[Fraction]:
    """The share of the records of earlier quarters that had come by the end of each day.

    Weeks are pooled by number, so that weekends fall together; within a week, and where quarters have other numbers of
    weeks or days, by the part of it (of the quarter) that is over.
    """
    sums: dict[int, Fraction] = {}
    own = weeks_of(quarter)
    for each in before:
        weeks = weeks_of(each)
        for number, (first, last) in enumerate(weeks):
            came = Fraction(_between(by_day, first, last))
            low, high = (Fraction(edge * len(own), len(weeks)) for edge in (number, number + 1))
            for week in range(math.floor(low), math.ceil(high)):
                part = (min(high, Fraction(week + 1)) - max(low, Fraction(week))) / (high - low)
                sums[week] = sums.get(week, Fraction(0)) + came * part
    whole = sum(sums.values(), Fraction(0))
    line, told = [], Fraction(0)
    for week, (first, last) in enumerate(own):
        days = (last - first).days + 1
        share = sums.get(week, Fraction(0)) / whole
        line += [told + share * Fraction(day + 1, days) for day in range(days)]
        told += share
    return line
