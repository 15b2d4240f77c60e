"""Time as it passes at work: business minutes between two instants, and instants so many minutes or days later.

Every function works on a million rows at once. The working time of a calendar is a list of windows, one a working day,
laid end to end: an instant has a position in it, and a position is an instant again (`numpy.searchsorted` both ways).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignment_core.public_holidays import public_holidays
from alignment_core.sourcing import normalise

__all__ = ["MIDNIGHT", "BusinessCalendar", "BusinessTime"]

#: The end of a day, in minutes after its beginning.
MIDNIGHT = 1_440
_MINUTE = 60_000_000  # microseconds
_NO_TIME = np.iinfo(np.int64).min  # what NumPy writes for a missing instant
_LATEST = 2_500

Instants = Any  # what pandas makes a DatetimeIndex of: a Series, an index, a list of datetimes
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class BusinessCalendar:
    """When people work in one place.

    Attributes:
        timezone: whose clock shows the working hours.
        days: the working days, Monday is 0.
        opens, closes: the working hours in minutes after midnight; 0 and 1,440 are the whole day.
        holidays: countries or subdivisions whose public holidays are off, see `public_holidays`.
        days_off: further days off.

    Instants are given with a time zone; one without raises ValueError, for it could be meant on any clock. Missing ones
    stay missing. Minutes are elapsed ones, also where the clocks are changed within the working hours.
    """

    timezone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: int = 9 * 60
    closes: int = 17 * 60
    holidays: tuple[str, ...] = ()
    days_off: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.days or not 0 <= self.opens < self.closes <= MIDNIGHT:
            raise ValueError("A calendar needs a working day, and hours that close after they open.")

    @property
    def around_the_clock(self) -> "BusinessCalendar":
        """All hours of all days on the same clock: what is agreed in plain hours and days runs on it."""
        return replace(self, days=tuple(range(7)), opens=0, closes=MIDNIGHT, holidays=(), days_off=frozenset())

    def minutes_between(self, start: Instants, end: Instants) -> NDArray[np.float64]:
        """Business minutes from one instant to another; negative where the end comes first, NaN where one is missing."""
        first, last = _numbers(start), _numbers(end)
        windows = self._windows(first, last)
        minutes = (windows.position(last) - windows.position(first)) / _MINUTE
        return np.where((first == _NO_TIME) | (last == _NO_TIME), np.nan, minutes)

    def starts(self, at: Instants) -> pd.DatetimeIndex:
        """When work on what arrives at an instant can start: then, or at the next opening."""
        found = _numbers(at)
        return _instants(self._windows(found).start(found)[0], found)

    def add_minutes(self, at: Instants, minutes: float | NDArray[Any]) -> pd.DatetimeIndex:
        """The instant so many business minutes later, counted from the next opening where it arrives outside hours.

        What fills a day to its last minute is due when it closes, not when the next one opens. Raises ValueError for less than 0.
        """
        found, spans = _numbers(at), np.rint(np.asarray(minutes, float) * _MINUTE).astype(np.int64)
        if (spans < 0).any():
            raise ValueError("Minutes can be added, not taken away.")
        windows = self._windows(found, enough=lambda each: each.total - _latest(each, found) >= spans.max(initial=0))
        begun, _ = windows.start(found)
        goal = windows.position(begun) + spans
        place = np.searchsorted(windows.ends, goal, "left").clip(max=len(windows.ends) - 1)
        later = windows.opens[place] + goal - windows.before[place]
        return _instants(np.where(spans == 0, begun, later), found)

    def add_days(self, at: Instants, days: int | NDArray[Any]) -> pd.DatetimeIndex:
        """The same time on the clock so many working days later, counted as `add_minutes`. Raises ValueError for less than 0."""
        found, steps = _numbers(at), np.asarray(days, np.int64)
        if (steps < 0).any():
            raise ValueError("Days can be added, not taken away.")
        windows = self._windows(
            found, enough=lambda each: len(each.opens) - each.start(found)[1].max(initial=0) > steps.max(initial=0) + 1
        )
        begun, place = windows.start(found)
        clock = pd.DatetimeIndex(begun.astype("M8[us]"), tz="UTC").tz_convert(self.timezone).tz_localize(None)
        hours = clock.to_numpy("M8[us]") - windows.days[place].astype("M8[us]")
        goal = (place + steps).clip(max=len(windows.days) - 1)
        later = _on_clock(windows.days[goal].astype("M8[us]") + hours, self.timezone)
        return _instants(np.where(steps == 0, begun, later), found)

    def _windows(self, *instants: Numbers, enough: "Callable[[_Windows], bool]" = lambda windows: True) -> "_Windows":
        """The working days around some instants: a year before, and as many after as it takes."""
        known = np.concatenate([each[each != _NO_TIME] for each in instants])
        years = (known if len(known) else np.zeros(1, np.int64)).astype("M8[us]").astype("M8[Y]").astype(int) + 1970
        first, last, more = int(years.min()) - 1, int(years.max()), 1
        while last + more < _LATEST:
            windows = _windows(self, first, last + more)
            latest = known.max(initial=_NO_TIME)
            if len(windows.closes) and windows.closes[-1] > latest and enough(windows):
                return windows
            more *= 2
        raise ValueError(f"That is after the year {_LATEST}, as far as calendars go.")


@dataclass(frozen=True)
class BusinessTime:
    """A calendar for every row: that of the row's place (its region, its owner), or the default.

    Attributes:
        default: for rows without a place, or with one that has no calendar.
        places: calendars by place; names are compared without case, spaces and punctuation.
    """

    default: BusinessCalendar
    places: Mapping[str, BusinessCalendar] = field(default_factory=dict)

    def minutes_between(self, start: Instants, end: Instants, place: Any = None) -> NDArray[np.float64]:
        """`BusinessCalendar.minutes_between` by the calendar of each row's place."""
        first, last = pd.DatetimeIndex(start), pd.DatetimeIndex(end)
        found = np.full(len(first), np.nan)
        for calendar, rows in self.calendars(place, len(first)):
            found[rows] = calendar.minutes_between(first[rows], last[rows])
        return found

    def starts(self, at: Instants, place: Any = None) -> pd.DatetimeIndex:
        """`BusinessCalendar.starts` by the calendar of each row's place."""
        return self._instants(at, place, BusinessCalendar.starts)

    def add_minutes(self, at: Instants, minutes: float, place: Any = None) -> pd.DatetimeIndex:
        """`BusinessCalendar.add_minutes` by the calendar of each row's place."""
        return self._instants(at, place, lambda calendar, found: calendar.add_minutes(found, minutes))

    def add_days(self, at: Instants, days: int, place: Any = None) -> pd.DatetimeIndex:
        """`BusinessCalendar.add_days` by the calendar of each row's place."""
        return self._instants(at, place, lambda calendar, found: calendar.add_days(found, days))

    @property
    def around_the_clock(self) -> "BusinessTime":
        """`BusinessCalendar.around_the_clock` in every place."""
        return BusinessTime(
            self.default.around_the_clock, {name: each.around_the_clock for name, each in self.places.items()}
        )

    def calendars(self, place: Any, rows: int) -> list[tuple[BusinessCalendar, NDArray[Any]]]:
        """The calendars of some rows, and which rows have each. `place` has a name or nothing for each row, or is None."""
        if place is None or not self.places:
            return [(self.default, np.arange(rows))]
        known = {normalise(name): calendar for name, calendar in self.places.items()}
        codes, names = pd.factorize(np.asarray(place, object))
        of_name = [known.get(normalise(str(name)), self.default) for name in names] + [self.default]  # the last: none
        different = list(dict.fromkeys(of_name))
        which = np.array([different.index(each) for each in of_name])[codes]
        return [(calendar, np.flatnonzero(which == number)) for number, calendar in enumerate(different)]

    def _instants(
        self, at: Instants, place: Any, later: Callable[[BusinessCalendar, pd.DatetimeIndex], pd.DatetimeIndex]
    ) -> pd.DatetimeIndex:
        found = pd.DatetimeIndex(at)
        result = np.full(len(found), np.datetime64("NaT"), "M8[us]")
        for calendar, rows in self.calendars(place, len(found)):
            result[rows] = later(calendar, found[rows]).tz_localize(None).to_numpy("M8[us]")
        return pd.DatetimeIndex(result, tz="UTC")


@dataclass(frozen=True)
class _Windows:
    """The working days of some years, in microseconds since 1970 (UTC).

    Attributes:
        days: each working day.
        opens, closes: when it opens and closes.
        before: the working time before it opens.
    """

    days: NDArray[Any]
    opens: Numbers
    closes: Numbers
    before: Numbers

    @property
    def ends(self) -> Numbers:
        """The working time until each day closes."""
        return self.before + (self.closes - self.opens)

    @property
    def total(self) -> int:
        return int(self.ends[-1])

    def position(self, at: Numbers) -> Numbers:
        """The working time until an instant."""
        place: Numbers = (np.searchsorted(self.opens, at, "right") - 1).clip(min=0)
        since: Numbers = (at - self.opens[place]).clip(0, self.closes[place] - self.opens[place])
        found: Numbers = self.before[place] + since
        return found

    def start(self, at: Numbers) -> tuple[Numbers, Numbers]:
        """The instant, or the next opening where it lies outside working hours; and the place of that working day."""
        place: Numbers = np.searchsorted(self.closes, at, "right").clip(max=len(self.closes) - 1)
        begun: Numbers = np.maximum(at, self.opens[place])
        return begun, place


@lru_cache(maxsize=256)
def _windows(calendar: BusinessCalendar, first: int, last: int) -> _Windows:
    """A calendar's working days from one year to another."""
    days = np.arange(np.datetime64(f"{first:04}-01-01"), np.datetime64(f"{last + 1:04}-01-01"))
    works = np.isin((days.astype(int) + 3) % 7, calendar.days)  # 1970 began on a Thursday
    off = {*calendar.days_off, *(day for place in calendar.holidays for day in public_holidays(place, first, last))}
    if off:
        works &= ~np.isin(days, np.array(sorted(off), "M8[D]"))
    days = days[works]
    midnights = days.astype("M8[us]")
    opens = _on_clock(midnights + np.timedelta64(calendar.opens, "m"), calendar.timezone)
    closes = _on_clock(midnights + np.timedelta64(calendar.closes, "m"), calendar.timezone)
    return _Windows(days, opens, closes, np.concatenate([[0], np.cumsum(closes - opens)[:-1]]).astype(np.int64))


def _on_clock(times: NDArray[Any], timezone: str) -> Numbers:
    """When a clock shows these times: the first time it does, or when it next shows a later one."""
    clock = pd.DatetimeIndex(times)
    at = clock.tz_localize(timezone, nonexistent="shift_forward", ambiguous=np.ones(len(clock), bool))
    microseconds: Numbers = at.tz_convert("UTC").as_unit("us").asi8
    return microseconds


def _numbers(at: Instants) -> Numbers:
    """Instants as microseconds since 1970 (UTC)."""
    index = pd.DatetimeIndex(at)
    if index.tz is None and not index.isna().all():
        raise ValueError("Business time needs instants with a time zone: say on whose clock they are.")
    microseconds: Numbers = (index if index.tz is None else index.tz_convert("UTC")).as_unit("us").asi8
    return microseconds


def _instants(found: Numbers, given: Numbers) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.where(given == _NO_TIME, _NO_TIME, found).astype("M8[us]"), tz="UTC")


def _latest(windows: _Windows, at: Numbers) -> int:
    return int(windows.position(at).max(initial=0))
