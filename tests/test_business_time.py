"""Business time against a clock that is looked at every minute, and what holds of it on every calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.business_time import BusinessCalendar, BusinessTime
from alignment_core.public_holidays import public_holidays

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "UTC")
#: Around the days on which the clocks are changed, and around New Year.
BEGINNINGS = [datetime(2026, 3, 5), datetime(2026, 3, 26), datetime(2026, 10, 22), datetime(2026, 10, 29), datetime(2026, 12, 29)]  # fmt: skip
MINUTE = timedelta(minutes=1)


def at(*texts: str | None, zone: str = "UTC") -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.NaT if text is None else pd.Timestamp(text, tz=zone) for text in texts])


def on_clock(found: pd.DatetimeIndex, zone: str) -> list[str]:
    return [f"{each.tz_convert(zone):%a %d %b %H:%M}" for each in found]


# --- a clock that is looked at every minute ------------------------------------------------------------


def open_minutes(calendar: BusinessCalendar, start: datetime, days: int) -> list[datetime]:
    """Every minute (UTC) in which people work, found by looking at the clock each minute of some days."""
    zone, found, seen = ZoneInfo(calendar.timezone), [], set()
    off = set(calendar.days_off)
    for place in calendar.holidays:
        off |= set(public_holidays(place, start.year - 1, start.year + 1))
    minute = start.replace(tzinfo=UTC) - timedelta(days=1)
    while minute < start.replace(tzinfo=UTC) + timedelta(days=days):
        clock = minute.astimezone(zone)
        shown = clock.hour * 60 + clock.minute
        if shown >= calendar.closes:
            seen.add(clock.date())  # it has closed, and does not open again when the clock is put back
        if (
            clock.weekday() in calendar.days
            and clock.date() not in off
            and calendar.opens <= shown < calendar.closes
            and clock.date() not in seen
        ):
            found.append(minute)
        minute += MINUTE
    return found


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    opens = draw(st.integers(0, 95)) * 15
    return BusinessCalendar(
        timezone=draw(st.sampled_from(ZONES)),
        days=tuple(draw(st.sets(st.integers(0, 6), min_size=1))),
        opens=opens,
        closes=draw(st.integers(opens // 15 + 1, 96)) * 15,
        holidays=draw(st.sampled_from([(), ("US",), ("DE-BY", "IN")])),
        days_off=draw(st.sets(st.sampled_from([date(2026, 3, 9), date(2026, 10, 26)])).map(frozenset)),
    )


around_the_clock = st.sampled_from(ZONES).map(lambda zone: BusinessCalendar(zone).around_the_clock)
minutes_in = st.integers(0, 8 * 24 * 60)


@settings(max_examples=60, deadline=None)
@given(calendars() | around_the_clock, st.sampled_from(BEGINNINGS), st.lists(minutes_in, min_size=2, max_size=12))
def test_business_minutes_are_those_in_which_the_clock_shows_working_hours(calendar, beginning, offsets):
    moments = [beginning.replace(tzinfo=UTC) + offset * MINUTE for offset in offsets]
    working = np.array([minute.timestamp() for minute in open_minutes(calendar, beginning, 10)])
    expected = [np.sum((working >= a.timestamp()) & (working < b.timestamp())) for a, b in pairwise(sorted(moments))]
    ordered = sorted(moments)
    assert list(calendar.minutes_between(ordered[:-1], ordered[1:])) == expected


@settings(max_examples=60, deadline=None)
@given(
    calendars() | around_the_clock,
    st.sampled_from(BEGINNINGS),
    st.lists(minutes_in, min_size=1, max_size=6),
    st.integers(0, 1500) | st.none(),
)
def test_adding_minutes_uses_up_as_many_working_minutes_as_were_added(calendar, beginning, offsets, added):
    """What is due after n minutes is due at the end of the n-th working minute from the start."""
    days = 40
    working = open_minutes(calendar, beginning, days)
    moments = [beginning.replace(tzinfo=UTC) + offset * MINUTE for offset in offsets]
    if added is None:  # as much as fills the day
        left = [minute for minute in working if minute >= moments[0]]
        added = next((n for n, (one, other) in enumerate(pairwise(left), 1) if other - one > MINUTE), 0)
    found = calendar.add_minutes(moments, added)
    for moment, due in zip(moments, found, strict=True):
        left = [minute for minute in working if minute >= moment]
        if len(left) > added:  # else it is due after the days that were looked at
            assert due == (left[0] if added == 0 else left[added - 1] + MINUTE)
        else:
            assert due >= beginning.replace(tzinfo=UTC) + timedelta(days=days - 1)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.sampled_from(BEGINNINGS), st.lists(minutes_in, min_size=1, max_size=6), st.integers(0, 3))
def test_adding_days_counts_working_days_at_the_same_time_of_the_clock(calendar, beginning, offsets, added):
    """Walked day by day; hours that the clock skips or shows twice are left to the cases below."""
    zone = ZoneInfo(calendar.timezone)
    working = open_minutes(calendar, beginning, 45)
    days = sorted({minute.astimezone(zone).date() for minute in working})
    moments = [beginning.replace(tzinfo=UTC) + offset * MINUTE for offset in offsets]
    for moment, due in zip(moments, calendar.add_days(moments, added), strict=True):
        left = [minute for minute in working if minute >= moment]
        if not left:
            continue
        start = left[0].astimezone(zone)
        place = days.index(start.date()) + added
        if place >= len(days):
            continue
        expected = datetime.combine(days[place], start.time(), zone)
        is_plain = expected.astimezone(UTC).astimezone(zone).time() == start.time() and start.fold == 0
        if is_plain:
            assert due == expected


# --- properties ----------------------------------------------------------------------------------------

instants = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1)).map(lambda each: each.replace(tzinfo=UTC))


@settings(deadline=None)
@given(around_the_clock, st.lists(instants, min_size=1), st.lists(instants, min_size=1))
def test_around_the_clock_business_time_is_plain_time(calendar, starts, ends):
    pairs = list(zip(starts, ends, strict=False))
    found = calendar.minutes_between([start for start, _ in pairs], [end for _, end in pairs])
    assert list(found) == pytest.approx([(end - start) / MINUTE for start, end in pairs], abs=1e-9)
    assert list(calendar.starts(starts)) == starts
    assert list(calendar.add_minutes(starts, 90)) == [start + timedelta(minutes=90) for start in starts]


@settings(deadline=None)
@given(calendars(), instants, instants, instants)
def test_business_minutes_add_up_and_change_their_sign_with_the_ends(calendar, one, two, three):
    first, second, whole, back = calendar.minutes_between([one, two, one, two], [two, three, three, one])
    assert first + second == pytest.approx(whole, abs=1e-6)
    assert back == -first
    assert (first >= 0) == (one <= two) or first == 0


@settings(deadline=None)
@given(calendars(), st.lists(instants, min_size=2), st.integers(0, 3000), st.integers(1, 3000))
def test_what_arrives_later_is_not_due_earlier_and_minutes_add_up(calendar, moments, one, other):
    ordered = sorted(moments)
    due = calendar.add_minutes(ordered, one)
    assert due.is_monotonic_increasing
    assert calendar.add_days(ordered, one % 12).is_monotonic_increasing
    assert list(calendar.add_minutes(due, other)) == list(calendar.add_minutes(ordered, one + other))
    assert list(calendar.minutes_between(ordered, due)) == pytest.approx([one] * len(ordered), abs=1e-6)
    assert (due >= pd.DatetimeIndex(ordered)).all()


@settings(deadline=None)
@given(st.lists(st.tuples(instants, instants, st.sampled_from(["EMEA", "emea ", "APAC", "LATAM", None])), max_size=20))
def test_every_row_has_the_calendar_of_its_place(rows):
    """As if each row stood alone; a place without a calendar has the default."""
    berlin, kolkata, default = BusinessCalendar("Europe/Berlin", holidays=("DE",)), BusinessCalendar("Asia/Kolkata", days=(0, 2, 5)), BusinessCalendar("America/New_York")  # fmt: skip
    time = BusinessTime(default, {"EMEA": berlin, "APAC": kolkata})
    alone = {"EMEA": berlin, "emea ": berlin, "APAC": kolkata}
    starts, ends, places = ([row[i] for row in rows] for i in range(3))
    of_row = [alone.get(place, default) for place in places]
    assert list(time.minutes_between(at() if not rows else starts, ends, places)) == [
        each.minutes_between([start], [end])[0] for each, start, end in zip(of_row, starts, ends, strict=True)
    ]
    if rows:
        for name, amount in (("add_minutes", 75), ("add_days", 3)):
            expected = [getattr(each, name)([start], amount)[0] for each, start in zip(of_row, starts, strict=True)]
            assert list(getattr(time, name)(starts, amount, places)) == expected


# --- cases ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "arrives", "minutes", "due"),
    [
        ("America/New_York", "2026-07-31 17:30", 60, "Mon 03 Aug 10:00"),  # after hours on a Friday
        ("America/New_York", "2026-07-31 16:00", 60, "Fri 31 Jul 17:00"),  # fills the day: due when it closes
        ("America/New_York", "2026-07-31 17:00", 0, "Mon 03 Aug 09:00"),  # closing time is outside
        ("America/New_York", "2026-07-31 06:00", 30, "Fri 31 Jul 09:30"),
        ("America/New_York", "2026-03-06 16:30", 60, "Mon 09 Mar 09:30"),  # the clocks are put forward between
        ("Europe/Berlin", "2026-10-23 16:30", 60, "Mon 26 Oct 09:30"),  # and put back
        ("Asia/Kolkata", "2026-07-31 16:30", 60, "Mon 03 Aug 09:30"),
        ("America/New_York", "2026-07-02 16:30", 60, "Mon 06 Jul 09:30"),  # 4 July is a Saturday: the Friday is off
    ],
)
def test_a_lead_is_due_on_the_clock_of_its_place(zone, arrives, minutes, due):
    calendar = BusinessCalendar(zone, holidays=("US",))
    assert on_clock(calendar.add_minutes(at(arrives, zone=zone), minutes), zone) == [due]


def test_hours_in_which_the_clocks_are_changed_are_elapsed_ones():
    """Open from 1 to 5 on a Sunday: three hours when the clocks are put forward at 2, five when they are put back."""
    calendar = BusinessCalendar("America/New_York", days=(6,), opens=60, closes=300)
    starts, ends = (
        at("2026-03-08", "2026-11-01", "2026-07-05", zone=calendar.timezone) + pd.Timedelta(days=k) for k in (0, 1)
    )
    assert list(calendar.minutes_between(starts, ends)) == [180, 300, 240]


def test_a_time_that_a_clock_does_not_show_is_the_moment_it_is_put_forward():
    calendar = BusinessCalendar("America/New_York").around_the_clock
    assert on_clock(calendar.add_days(at("2026-03-07 02:30", zone=calendar.timezone), 1), calendar.timezone) == [
        "Sun 08 Mar 03:00"
    ]
    assert on_clock(calendar.add_days(at("2026-10-31 01:30", zone=calendar.timezone), 1), "UTC") == ["Sun 01 Nov 05:30"]


def test_holidays_are_those_of_the_country_or_its_part():
    """Corpus Christi 2026 (4 June, a Thursday) is off in Bavaria and not in Berlin; a day off of one's own is off."""
    bavaria, berlin = (BusinessCalendar("Europe/Berlin", holidays=(place,)) for place in ("DE-BY", "DE-BE"))
    moment = at("2026-06-03 17:00", zone="Europe/Berlin")
    assert on_clock(bavaria.starts(moment), "Europe/Berlin") == ["Fri 05 Jun 09:00"]
    assert on_clock(berlin.starts(moment), "Europe/Berlin") == ["Thu 04 Jun 09:00"]
    own = replace(berlin, days_off=frozenset({date(2026, 6, 4)}))
    assert on_clock(own.starts(moment), "Europe/Berlin") == ["Fri 05 Jun 09:00"]


@pytest.mark.parametrize("place", ["Narnia", "XX", "DE-XX", "", "-"])
def test_holidays_of_nowhere_are_refused(place):
    with pytest.raises(ValueError, match="no holidays"):
        public_holidays(place, 2026, 2026)


def test_what_is_missing_stays_missing():
    calendar = BusinessCalendar()
    found = calendar.minutes_between(at("2026-07-01", None, None), at(None, "2026-07-01", None))
    assert np.isnan(found).all()
    later = calendar.add_minutes(at("2026-07-01 10:00", None), 30)
    assert (later[0], later.isna().tolist()) == (pd.Timestamp("2026-07-01 10:30", tz="UTC"), [False, True])
    assert calendar.add_days(at(None), 1).isna().all()
    assert len(calendar.starts(at())) == 0


def test_a_long_way_off_is_found_and_beyond_all_calendars_refused():
    calendar = BusinessCalendar(days=(0,), opens=0, closes=1)
    assert calendar.add_minutes(at("2026-01-01"), 100)[0] == pd.Timestamp("2027-11-29 00:01", tz="UTC")
    with pytest.raises(ValueError, match="2500"):
        calendar.add_minutes(at("2026-01-01"), 10_000_000)


def test_an_instant_without_a_zone_and_a_step_back_are_refused():
    calendar = BusinessCalendar()
    with pytest.raises(ValueError, match="zone"):
        calendar.starts([datetime(2026, 7, 1)])
    for step in (calendar.add_minutes, calendar.add_days):
        with pytest.raises(ValueError, match="taken away"):
            step(at("2026-07-01"), -1)
    with pytest.raises(ValueError, match="working day"):
        BusinessCalendar(days=())
    with pytest.raises(ValueError, match="hours"):
        BusinessCalendar(opens=600, closes=600)
