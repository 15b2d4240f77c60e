"""The business calendar of an agreement: working days and hours, holidays, and the clocks of different places."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from alignment_core.agreement_parts import AgreementError, Part, Zone
from alignment_core.business_time import MIDNIGHT, BusinessCalendar, BusinessTime
from alignment_core.public_holidays import public_holidays
from alignment_core.sourcing import normalise
from alignment_core.vocabulary import WEEKDAYS, Weekday

__all__ = ["Place", "WorkingHours", "same_names"]


def same_names(table: str, names: Mapping[str, object]) -> list[str]:
    """Names that are one when they are compared, or none at all."""
    seen: dict[str, str] = {}
    faults = []
    for name in names:
        key = normalise(name)
        if not key:
            faults.append(f"{table}: {name!r} is no name")
        elif key in seen:
            faults.append(f"{table}: {seen[key]!r} and {name!r} are the same; keep one of them")
        seen.setdefault(key, name)
    return faults


def _clock(value: object) -> object:
    """09:00, however it is written; 24:00 is the end of the day."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    match = re.fullmatch(r"(\d{1,2}):(\d\d)(:00)?", value.strip(), re.ASCII) if isinstance(value, str) else None
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > MIDNIGHT:
        raise ValueError(f'{value!r} is no time of the day; write it like "09:00"')
    return f"{int(match[1]):02}:{match[2]}"


_DAYS = {name.casefold(): day for day in WEEKDAYS for name in (day, day[:3])}


def _days(value: object) -> object:
    """Weekdays in the order of the week; Mon is Monday."""
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"{value!r} is no list of weekdays")
    unknown = [repr(day) for day in value if str(day).casefold() not in _DAYS]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} is no weekday; they are {', '.join(WEEKDAYS)}")
    found = {_DAYS[str(day).casefold()] for day in value}
    return tuple(day for day in WEEKDAYS if day in found)


def _countries(value: object) -> object:
    if not isinstance(value, list | tuple):
        raise ValueError(f'{value!r} is no list; write it like ["US", "DE-BY"]')
    faults = []
    for place in value:
        try:
            public_holidays(str(place), 2026, 2026)
        except ValueError:
            faults.append(
                f'{place!r} is no country whose holidays are known; write it like "US", or "DE-BY" for a part of one'
            )
    if faults:
        raise AgreementError(tuple(faults))
    return tuple(dict.fromkeys(map(str, value)))


def _in_order(days: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(sorted(set(days)))


Holidays = Annotated[tuple[str, ...], BeforeValidator(_countries)]
ClockTime = Annotated[str, BeforeValidator(_clock)]


class Place(Part):
    """What differs where somebody works (a region, an owner): its clock, and its public holidays."""

    timezone: Zone | None = None
    holidays: Holidays | None = None


class WorkingHours(Part):
    """The business calendar.

    Attributes:
        days: the working days.
        opens, closes: the working hours as the clock shows them; 00:00 and 24:00 are the whole day.
        timezone: whose clock; the agreement's where it is not said.
        holidays: countries (US) or their parts (DE-BY) whose public holidays are off.
        days_off: further days off.
        place_field: the field of the leads that says where they are worked (region, owner, …).
        places: what differs by the values of that field.
    """

    days: Annotated[tuple[Weekday, ...], BeforeValidator(_days)] = WEEKDAYS[:5]
    opens: ClockTime = "09:00"
    closes: ClockTime = "17:00"
    timezone: Zone | None = None
    holidays: Holidays = ()
    days_off: Annotated[tuple[date, ...], AfterValidator(_in_order)] = ()
    place_field: Annotated[str, Field(min_length=1)] = "region"
    places: dict[str, Place] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _stands(self) -> Self:
        faults = (
            [f"closes: {self.closes} is not after {self.opens}, when it opens"] if self.closes <= self.opens else []
        )
        faults += same_names("places", self.places)
        if faults:
            raise AgreementError(tuple(faults))
        return self

    def time(self, timezone: str) -> BusinessTime:
        """The calendars to reckon with; `timezone` is the agreement's."""
        default = BusinessCalendar(
            self.timezone or timezone,
            tuple(map(WEEKDAYS.index, self.days)),
            _minutes(self.opens),
            _minutes(self.closes),
            self.holidays,
            frozenset(self.days_off),
        )
        return BusinessTime(default, {name: _at(default, place) for name, place in self.places.items()})


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _at(default: BusinessCalendar, place: Place) -> BusinessCalendar:
    return BusinessCalendar(
        place.timezone or default.timezone, default.days, default.opens, default.closes,
        default.holidays if place.holidays is None else place.holidays, default.days_off,
    )  # fmt: skip
