"""What sales promises in return: how fast, how often and how personally leads are followed up, on which calendar."""

import re
from collections.abc import Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_serializer, model_validator

from alignment_core.agreement_parts import AgreementError, Part, Share, Zone
from alignment_core.business_time import MIDNIGHT, BusinessCalendar, BusinessTime, public_holidays
from alignment_core.sourcing import normalise
from alignment_core.vocabulary import WEEKDAYS, Weekday

__all__ = ["FollowUp", "Instants", "Place", "Reject", "Rule", "Unit", "Within", "WorkingHours"]

Unit = Literal["minutes", "hours", "days"]
Instants = Any  # what pandas makes a DatetimeIndex of
_TIME = re.compile(r"(\d{1,6})\s+(business\s+)?(minute|hour|day)s?", re.IGNORECASE | re.ASCII)
_YEAR: Mapping[Unit, int] = {"minutes": 366 * 1_440, "hours": 366 * 24, "days": 366}


class Within(Part):
    """A time such as "1 business hour" or "10 days"; an agreement's file has it in these words.

    Attributes:
        amount: how many.
        unit: of what.
        business: whether only the working hours (or days) of the business calendar pass.
    """

    amount: int = Field(ge=1, strict=True)
    unit: Unit
    business: bool = True

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, value: Any) -> Any:
        if isinstance(value, Mapping | cls):
            return value
        match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValueError(
                f'{value!r} is no time; write it like "1 business hour", "30 minutes" or "10 business days"'
            )
        return {"amount": int(match[1]), "unit": f"{match[3].lower()}s", "business": match[2] is not None}

    @model_validator(mode="after")
    def _at_most_a_year(self) -> Self:
        if self.amount > _YEAR[self.unit]:
            raise ValueError(f"{self} is more than a year")
        return self

    @model_serializer
    def __str__(self) -> str:
        unit = self.unit if self.amount != 1 else self.unit[:-1]
        return f"{self.amount} {'business ' if self.business else ''}{unit}"

    def after(self, start: Instants, working: BusinessTime, place: Any = None) -> Any:
        """When this time is over that began at some instants (with a time zone), as a DatetimeIndex in UTC.

        Args:
            start: when it began; missing ones stay missing.
            working: the calendars.
            place: the name of each row's place, if the calendars differ by it.
        """
        clock = working if self.business else working.around_the_clock
        if self.unit == "days":
            return clock.add_days(start, self.amount, place)
        return clock.add_minutes(start, self.amount * (60 if self.unit == "hours" else 1), place)


class Rule(Part):
    """How leads of one kind are followed up; what is not said is as the rule for all leads says.

    Attributes:
        first_touch: the time from the MQL to the first touch.
        attempts: how many touches at least, unless the lead is accepted or rejected before.
        attempts_within: the time in which they come, from the MQL.
        personalised: the share (0-1) of leads whose first touch is a personal one.
    """

    first_touch: Within | None = None
    attempts: int | None = Field(None, ge=1, le=1_000, strict=True)
    attempts_within: Within | None = None
    personalised: Share | None = None

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, name) is None for name in Rule.model_fields)


class Reject(Part):
    """How long sales may hand a lead back as not as agreed, and for which reasons.

    Attributes:
        within: from the MQL.
        reasons: what each code means. Only these reasons count.
    """

    within: Within
    reasons: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _said(self) -> Self:
        faults = [f"reasons: {code!r} has no text; say what it means" for code, text in self.reasons.items() if not text.strip()]  # fmt: skip
        faults += [f"reasons: the code of {text!r} is empty" for code, text in self.reasons.items() if not code.strip()]
        if faults:
            raise AgreementError(tuple(faults))
        return self


def _clock(value: object) -> object:
    """09:00, however it is written; 24:00 is the end of the day."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    match = re.fullmatch(r"(\d{1,2}):(\d\d)(:00)?", value.strip()) if isinstance(value, str) else None
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > MIDNIGHT:
        raise ValueError(f'{value!r} is no time of the day; write it like "09:00"')
    return f"{int(match[1]):02}:{match[2]}"


def _days(value: object) -> object:
    """Weekdays in the order of the week; Mon is Monday."""
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"{value!r} is no list of weekdays")
    named = {name[:3].casefold(): name for name in WEEKDAYS}
    found = [named.get(str(day)[:3].casefold()) if str(day).casefold() in _called(str(day)) else None for day in value]
    if None in found:
        listed = ", ".join(repr(day) for day, name in zip(value, found, strict=True) if name is None)
        raise ValueError(f"{listed} is no weekday; they are {', '.join(WEEKDAYS)}")
    return tuple(day for day in WEEKDAYS if day in found)


def _called(day: str) -> set[str]:
    return {each for name in WEEKDAYS for each in (name.casefold(), name[:3].casefold()) if each[:3] == day[:3].casefold()}  # fmt: skip


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


def _same_names(table: str, names: Mapping[str, object]) -> list[str]:
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
        faults += _same_names("places", self.places)
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


class FollowUp(Rule):
    """`[follow_up]`: the rule for all leads, and what differs for some of them.

    Attributes:
        field: the field of the leads that the rules go by.
        rules: rules for single values of it; names are compared without case, spaces and punctuation.
        reject: how long, and why, a lead may be handed back.
        calendar: when time passes that is agreed in business minutes, hours or days.

    Keys that this version does not know are carried along and count for nothing; see `unread`.
    """

    model_config = ConfigDict(extra="allow")

    field: Annotated[str, Field(min_length=1)] = "lead_type"
    rules: dict[str, Rule] = Field(default_factory=dict)
    reject: Reject | None = None
    calendar: WorkingHours = WorkingHours()

    @model_validator(mode="after")
    def _stands(self) -> Self:
        faults = []
        for key in self.unread:
            if near := get_close_matches(key, type(self).model_fields, n=1, cutoff=0.85):
                faults.append(f"{key}: is not a key of [follow_up]; did you mean {near[0]}?")
        faults += _same_names("rules", self.rules)
        for name in (None, *self.rules):
            rule = self.rule_for(name)
            own = self.rules[name] if name else self
            if rule.attempts is None and own.attempts_within is not None:
                where = "attempts" if name is None else f"rules.{name}.attempts"
                faults.append(f"{where}: is missing, while attempts_within says in what time they come")
        if faults:
            raise AgreementError(tuple(faults))
        return self

    @property
    def unread(self) -> tuple[str, ...]:
        """Keys of the file that this version does not know."""
        return tuple(self.model_extra or ())

    def rule_for(self, value: str | None) -> Rule:
        """The rule for a value of `field`, whole: what it does not say is as for all leads."""
        default = {name: getattr(self, name) for name in Rule.model_fields}
        named = {normalise(name): rule for name, rule in self.rules.items()}
        own = named.get(normalise(value)) if value else None
        said = {name: each for name in Rule.model_fields if own and (each := getattr(own, name)) is not None}
        return Rule(**default | said)

    def as_written(self) -> dict[str, Any]:
        """As a table of the agreement's file."""
        return self.model_dump(exclude_none=True, exclude_defaults=True)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _at(default: BusinessCalendar, place: Place) -> BusinessCalendar:
    return BusinessCalendar(
        place.timezone or default.timezone, default.days, default.opens, default.closes,
        default.holidays if place.holidays is None else place.holidays, default.days_off,
    )  # fmt: skip
