"""Calendars of whole weeks: fiscal years of 52 or 53 weeks, whose quarters have 13.

Retailers and manufacturers use them, so that each quarter has as many Saturdays as the same one last year. 4-4-5, 4-5-4
and 5-4-4 divide a quarter's 13 weeks into months in three ways; where its quarters begin and end is the same in all.
The year ends on the same weekday always: the last one in a month, or the one nearest to the month's end. Where that
makes 53 weeks, the fourth quarter has 14, as in the National Retail Federation's 4-5-4 calendar.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class WeekCalendar:
    """How a company's years of whole weeks lie.

    Attributes:
        end_month: the month (1-12) near whose end the fiscal year ends.
        end_weekday: the weekday it ends on; 0 is Monday, 5 is Saturday.
        rule: whether it ends on the last such weekday in the month, or on the one nearest to the month's end,
            which may lie in the month after.
        named_by: whether a fiscal year is named by the year of the month near whose end it ends (as everywhere in this product),
            or by the year in which it begins (as retailers do: fiscal 2023 ended on 3 February 2024).
    """

    end_month: int = 1
    end_weekday: int = 5
    rule: Literal["nearest", "last"] = "nearest"
    named_by: Literal["end", "start"] = "end"

    def year_end(self, year: int) -> date:
        """The last day of a fiscal year."""
        calendar_year = year + (self.named_by == "start" and self.end_month < 12)
        last = date(calendar_year, self.end_month, monthrange(calendar_year, self.end_month)[1])
        back = timedelta(days=(last.weekday() - self.end_weekday) % 7)
        return last - back + (_WEEK if self.rule == "nearest" and back.days > 3 else timedelta())

    def weeks(self, year: int) -> int:
        """52 or 53."""
        return (self.year_end(year) - self.year_end(year - 1)) // _WEEK

    def quarter_bounds(self, year: int, number: int) -> tuple[date, date]:
        """The first day of a quarter, and the first day after it.

        Args:
            year: fiscal year.
            number: 1 to 4.
        """
        if number not in (1, 2, 3, 4):
            raise ValueError(f"there is no quarter {number}")
        first = self.year_end(year - 1) + timedelta(days=1)
        end = self.year_end(year) + timedelta(days=1) if number == 4 else first + 13 * number * _WEEK
        return first + 13 * (number - 1) * _WEEK, end

    def quarter_of(self, day: date) -> tuple[int, int]:
        """The fiscal year and the number of the quarter in which a day lies."""
        year = next(year for year in range(day.year - 2, day.year + 3) if day <= self.year_end(year))
        return year, next(number for number in (1, 2, 3, 4) if day < self.quarter_bounds(year, number)[1])


#: The National Retail Federation's 4-5-4 calendar: the year ends on the Saturday nearest to the end of January.
NRF = WeekCalendar(end_month=1, end_weekday=5, rule="nearest", named_by="start")
