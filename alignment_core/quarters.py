"""Fiscal quarters: their names, their limits, and the one before."""

import re
from dataclasses import dataclass
from datetime import date

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
    """

    year: int
    number: int
    start_month: int = 1

    @classmethod
    def parse(cls, text: str, start_month: int = 1) -> "Quarter":
        """Read ``2026-Q3``. Raises ValueError, in words, for anything else."""
        match = _NAME.match(text)
        if not match:
            raise ValueError(f"{text!r} is not written as YEAR-Qn, for example 2026-Q3")
        return cls(int(match[1]), int(match[2]), start_month)

    @classmethod
    def containing(cls, day: date, start_month: int = 1) -> "Quarter":
        """The quarter in which a day lies."""
        return cls.from_ordinal((day.year * 12 + day.month - start_month) // 3, start_month)

    @classmethod
    def from_ordinal(cls, ordinal: int, start_month: int = 1) -> "Quarter":
        """The inverse of `ordinal`."""
        return cls(ordinal // 4 + (start_month > 1), ordinal % 4 + 1, start_month)

    @property
    def ordinal(self) -> int:
        """A running number: consecutive quarters differ by one."""
        return (self.year - (self.start_month > 1)) * 4 + self.number - 1

    @property
    def start(self) -> date:
        """The first day."""
        months = self.ordinal * 3 + self.start_month - 1
        return date(months // 12, months % 12 + 1, 1)

    @property
    def end(self) -> date:
        """The first day after the quarter."""
        return self.next.start

    @property
    def next(self) -> "Quarter":
        return Quarter.from_ordinal(self.ordinal + 1, self.start_month)

    @property
    def previous(self) -> "Quarter":
        return Quarter.from_ordinal(self.ordinal - 1, self.start_month)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"
