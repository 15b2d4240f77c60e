"""What sales promises in return: how fast, how often and how personally leads are followed up, on which calendar."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_serializer, model_validator

from alignment_core.agreement_parts import AgreementError, Part, Share
from alignment_core.business_time import BusinessTime
from alignment_core.sourcing import normalise
from alignment_core.working_hours import WorkingHours, same_names

__all__ = ["FollowUp", "Instants", "Reject", "Rule", "ShowOwners", "Unit", "Within"]

Unit = Literal["minutes", "hours", "days"]
#: How people are called where their follow-up is shown.
ShowOwners = Literal["name", "initials", "number", "hidden"]
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


class FollowUp(Rule):
    """`[follow_up]`: the rule for all leads, and what differs for some of them.

    Attributes:
        field: the field of the leads that the rules go by.
        rules: rules for single values of it; names are compared without case, spaces and punctuation.
        reject: how long, and why, a lead may be handed back.
        calendar: when time passes that is agreed in business minutes, hours or days.
        show_owners: how people are called where their follow-up is shown. Where nobody agreed on it, by a number.

    Keys that this version does not know are carried along and count for nothing; see `unread`.
    """

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _first_written(cls, values: Any) -> Any:
        return _from_first(values) if isinstance(values, Mapping) else values

    field: Annotated[str, Field(min_length=1)] = "lead_type"
    rules: dict[str, Rule] = Field(default_factory=dict)
    reject: Reject | None = None
    calendar: WorkingHours = WorkingHours()
    show_owners: ShowOwners = "number"

    @model_validator(mode="after")
    def _stands(self) -> Self:
        faults = []
        for key in self.unread:
            if near := get_close_matches(key, type(self).model_fields, n=1, cutoff=0.85):
                faults.append(f"{key}: is not a key of [follow_up]; did you mean {near[0]}?")
        faults += same_names("rules", self.rules)
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


def _from_first(values: Mapping[str, Any]) -> dict[str, Any]:
    """The keys with which the first agreements were written, as they are now. What is said in both ways stays as it was read."""
    found = dict(values)
    for old, new, unit in (
        ("first_touch_hours", "first_touch", "business hours"),
        ("attempts_within_days", "attempts_within", "business days"),
    ):
        if isinstance(found.get(old), int) and new not in found:
            found[new] = f"{found.pop(old)} {unit}"
    if "personalised_share" in found and "personalised" not in found:
        found["personalised"] = found.pop("personalised_share")
    by_type = found.get("first_touch_hours_by_lead_type")
    if (
        isinstance(by_type, Mapping)
        and all(isinstance(hours, int) for hours in by_type.values())
        and "rules" not in found
    ):
        del found["first_touch_hours_by_lead_type"]
        found["rules"] = {name: {"first_touch": f"{hours} business hours"} for name, hours in by_type.items()}
    opens, dash, closes = str(found.get("business_hours", "")).partition("-")
    if "calendar" not in found and (dash or "business_days" in found):
        found.pop("business_hours", None)
        days = {"days": found.pop("business_days")} if "business_days" in found else {}
        found["calendar"] = days | ({"opens": opens, "closes": closes} if dash else {})
    return found
