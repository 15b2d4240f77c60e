"""Fiscal quarters: pandas' convention for every month a fiscal year can start in."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.calendar445 import WeekCalendar
from alignment_core.quarters import Quarter

# pandas names the convention by the month in which the fiscal year ends.
ENDS_IN = ("DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV")
STARTS = pytest.mark.parametrize(("start_month", "ends_in"), [(month, ENDS_IN[month - 1]) for month in range(1, 13)])
START_MONTHS = st.integers(1, 12)
QUARTERS = st.builds(Quarter, st.integers(1900, 2100), st.integers(1, 4), START_MONTHS)


@STARTS
def test_every_day_lies_in_the_quarter_that_pandas_says(start_month: int, ends_in: str) -> None:
    days = pd.date_range("2019-01-01", "2024-12-31")
    theirs = days.to_period(f"Q-{ends_in}")
    ours = [Quarter.containing(day.date(), start_month) for day in days]
    assert [str(quarter) for quarter in ours] == [f"{period.qyear}-Q{period.quarter}" for period in theirs]


@STARTS
def test_quarters_begin_and_end_where_pandas_has_them(start_month: int, ends_in: str) -> None:
    for period in pd.period_range("2019Q1", "2024Q4", freq=f"Q-{ends_in}"):
        quarter = Quarter.parse(f"{period.qyear}-Q{period.quarter}", start_month)
        assert quarter.start == period.start_time.date()
        assert quarter.end == period.end_time.date() + timedelta(days=1)


def test_the_design_example() -> None:
    """With a fiscal year from November, 2023-Q1 is November 2022 to January 2023."""
    quarter = Quarter.parse("2023-Q1", start_month=11)
    assert (quarter.start, quarter.end) == (date(2022, 11, 1), date(2023, 2, 1))
    assert Quarter.containing(date(2022, 11, 1), 11) == Quarter.containing(date(2023, 1, 31), 11) == quarter


@given(QUARTERS)
def test_quarters_follow_each_other_without_gap_or_overlap(quarter: Quarter) -> None:
    assert quarter.next.start == quarter.end
    assert quarter.next.previous == quarter
    assert quarter < quarter.next
    assert Quarter.from_ordinal(quarter.ordinal, quarter.start_month) == quarter


@given(QUARTERS)
def test_first_and_last_day_lie_in_their_quarter_and_their_neighbours_outside(quarter: Quarter) -> None:
    def inside(day: date) -> bool:
        return Quarter.containing(day, quarter.start_month) == quarter

    last = quarter.end - timedelta(days=1)
    assert [inside(day) for day in (quarter.start - timedelta(days=1), quarter.start, last, quarter.end)] == [
        False,
        True,
        True,
        False,
    ]


@given(QUARTERS)
def test_a_name_reads_back(quarter: Quarter) -> None:
    assert Quarter.parse(str(quarter), quarter.start_month) == quarter


@pytest.mark.parametrize("text", ["2026-Q3", "2026Q3", " 2026-q3 ", "2026 - Q3"])
def test_usual_spellings_are_read(text: str) -> None:
    assert str(Quarter.parse(text)) == "2026-Q3"


@pytest.mark.parametrize(
    "text", ["", "Q3", "2026-Q5", "2026-Q0", "26-Q3", "2026-07", "0000-Q1", "9999-Q4", "\u0662\u0660\u0662\u0666-Q3"]
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not written as YEAR-Qn, for example 2026-Q3"):
        Quarter.parse(text)


WEEKS = st.builds(
    WeekCalendar, end_month=st.integers(1, 12), end_weekday=st.integers(0, 6), rule=st.sampled_from(["nearest", "last"]),
    named_by=st.sampled_from(["end", "start"]),
)  # fmt: skip


@given(WEEKS, st.dates(date(1995, 1, 1), date(2095, 1, 1)))
def test_quarters_of_weeks_follow_each_other_without_a_gap(weeks, day):
    quarter = Quarter.containing(day, weeks=weeks)
    assert quarter.start <= day < quarter.end == quarter.next.start
    assert quarter.next.previous == quarter == Quarter.from_ordinal(quarter.ordinal, weeks=weeks)
    assert quarter.next.ordinal == quarter.ordinal + 1
    assert quarter.previous < quarter < quarter.next
    assert (quarter.end - quarter.start).days in (91, 98)
    assert Quarter.parse(str(quarter), weeks=weeks) == quarter


def test_a_start_month_says_nothing_beside_weeks():
    weeks = WeekCalendar(12, 5, "last")
    assert Quarter(2026, 1, 4, weeks).start == Quarter(2026, 1, 1, weeks).start
    assert Quarter(2026, 1, 4, weeks).ordinal == Quarter(2026, 1, 1, weeks).ordinal
