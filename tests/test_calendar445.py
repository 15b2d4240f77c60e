"""Years of whole weeks: the retail federation's published years, and pandas' own 52/53-week offsets."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.calendar445 import NRF, WeekCalendar

CALENDARS = st.builds(
    WeekCalendar,
    end_month=st.integers(1, 12),
    end_weekday=st.integers(0, 6),
    rule=st.sampled_from(["nearest", "last"]),
    named_by=st.sampled_from(["end", "start"]),
)
DAYS = st.dates(date(1991, 1, 1), date(2099, 12, 31))


def test_the_retail_federations_years_of_53_weeks():
    """As published on nrf.com: fiscal 2000, 2006, 2012, 2017 and 2023."""
    assert [year for year in range(1996, 2027) if NRF.weeks(year) == 53] == [2000, 2006, 2012, 2017, 2023]


@pytest.mark.parametrize(
    ("year", "number", "first", "last"),
    [
        # The 4-5-4 calendar of fiscal 2023: 29 January 2023 to 3 February 2024, 53 weeks.
        (2023, 1, date(2023, 1, 29), date(2023, 4, 29)),
        (2023, 2, date(2023, 4, 30), date(2023, 7, 29)),
        (2023, 3, date(2023, 7, 30), date(2023, 10, 28)),
        (2023, 4, date(2023, 10, 29), date(2024, 2, 3)),
        (2024, 1, date(2024, 2, 4), date(2024, 5, 4)),
        (2024, 4, date(2024, 11, 3), date(2025, 2, 1)),
    ],
)
def test_the_retail_federations_quarters(year, number, first, last):
    assert NRF.quarter_bounds(year, number) == (first, last + timedelta(days=1))
    assert NRF.quarter_of(first) == NRF.quarter_of(last) == (year, number)


def test_the_last_saturday_of_september():
    """A fiscal 2023 of 53 weeks ended on 30 September 2023, one of 52 on 28 September 2024."""
    calendar = WeekCalendar(end_month=9, end_weekday=5, rule="last")
    assert (calendar.year_end(2023), calendar.weeks(2023)) == (date(2023, 9, 30), 53)
    assert (calendar.year_end(2024), calendar.weeks(2024)) == (date(2024, 9, 28), 52)


@pytest.mark.parametrize("rule", ["nearest", "last"])
@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("month", range(1, 13))
def test_years_end_where_pandas_has_them(month, weekday, rule):
    """Two calendar years from any start reach every kind of year end; pandas is the independent reckoning."""
    offset = pd.offsets.FY5253(weekday=weekday, startingMonth=month, variation=rule)
    calendar = WeekCalendar(end_month=month, end_weekday=weekday, rule=rule)
    theirs = pd.date_range("2000-03-01", "2030-03-01", freq=offset)
    assert len(theirs) >= 29
    by_month = [(day - timedelta(days=10)).year for day in theirs]
    assert [calendar.year_end(year) for year in by_month] == [day.date() for day in theirs]


@given(CALENDARS, DAYS)
def test_a_day_lies_in_its_quarter_and_quarters_follow_without_gap(calendar, day):
    year, number = calendar.quarter_of(day)
    first, end = calendar.quarter_bounds(year, number)
    assert first <= day < end
    assert (end - first).days in ((91,) if number < 4 else (91, 98))
    following = (year, number + 1) if number < 4 else (year + 1, 1)
    assert calendar.quarter_bounds(*following)[0] == end
    assert calendar.quarter_of(end) == following


def test_there_is_no_fifth_quarter():
    with pytest.raises(ValueError, match="no quarter 5"):
        NRF.quarter_bounds(2026, 5)
