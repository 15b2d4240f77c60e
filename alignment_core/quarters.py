"""Fiscal quarters: their names, their limits, and the one before."""

import re
from dataclasses import dataclass
from datetime import date

from alignment_core.calendar445 import WeekCalendar

_NAME = re.compile(r"^\s*([12]\d{3})\s*-?\s*Q([1-4])\s*$", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter of a fiscal year, named by the calendar year in which that fiscal year ends.

    The convention is pandas' (``Q-OCT`` and so on): with ``start_month`` 11, 2023-Q1 is
    November 2022 to January 2023.

    Attributes:
        year: fiscal year.
        number: 1 to 4.
        start_month: month (1-12) in which the fiscal year starts.
        weeks: where the year's quarters lie if it is one of whole weeks; then `start_month` says nothing.
    """

    year: int
    number: int
    start_month: int = 1
    weeks: WeekCalendar | None = None

    @classmethod
    def parse(cls, text: str, start_month: int = 1, weeks: WeekCalendar | None = None) -> "Quarter":
        """Read ``2026-Q3``. Raises ValueError, in words, for anything else."""
        match = _NAME.match(text)
        if not match:
            raise ValueError(f"{text!r} is not written as YEAR-Qn, for example 2026-Q3")
        return cls(int(match[1]), int(match[2]), start_month, weeks)

    @classmethod
    def containing(cls, day: date, start_month: int = 1, weeks: WeekCalendar | None = None) -> "Quarter":
        """The quarter in which a day lies."""
        if weeks:
            return cls(*weeks.quarter_of(day), start_month, weeks)
        return cls.from_ordinal((day.year * 12 + day.month - start_month) // 3, start_month)

    @classmethod
    def from_ordinal(cls, ordinal: int, start_month: int = 1, weeks: WeekCalendar | None = None) -> "Quarter":
        """The inverse of `ordinal`."""
        return cls(ordinal // 4 + (weeks is None and start_month > 1), ordinal % 4 + 1, start_month, weeks)

    @property
    def ordinal(self) -> int:
        """A running number: consecutive quarters differ by one."""
        return (self.year - (self.weeks is None and self.start_month > 1)) * 4 + self.number - 1

    @property
    def start(self) -> date:
        """The first day."""
        if self.weeks:
            return self.weeks.quarter_bounds(self.year, self.number)[0]
        months = self.ordinal * 3 + self.start_month - 1
        return date(months // 12, months % 12 + 1, 1)

    @property
    def end(self) -> date:
        """The first day after the quarter."""
        return self.next.start

    @property
    def next(self) -> "Quarter":
        return Quarter.from_ordinal(self.ordinal + 1, self.start_month, self.weeks)

    @property
    def previous(self) -> "Quarter":
        return Quarter.from_ordinal(self.ordinal - 1, self.start_month, self.weeks)

    @property
    def is_fiscal(self) -> bool:
        """Whether it is another than the calendar's quarter of this name."""
        return self.weeks is not None or self.start_month > 1

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


@dataclass(frozen=True)
class Calendar:
    """Where quarters begin and end: the company's time zone, and its fiscal year, of months or of whole weeks."""

    timezone: str = "UTC"
    start_month: int = 1
    weeks: WeekCalendar | None = None

    def quarter(self, name: str) -> Quarter:
        """The quarter of a name, see `Quarter.parse`."""
        return Quarter.parse(name, self.start_month, self.weeks)

    def containing(self, day: date) -> Quarter:
        return Quarter.containing(day, self.start_month, self.weeks)

    def from_ordinal(self, ordinal: int) -> Quarter:
        return Quarter.from_ordinal(ordinal, self.start_month, self.weeks)
