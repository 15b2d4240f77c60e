"""The follow-up promise in plain language: a sentence for each rule, for the calendar, and an example of what it means."""

from collections.abc import Iterator

import pandas as pd

from alignment_core.business_time import BusinessCalendar
from alignment_core.follow_up import FollowUp, Reject, Rule, Within
from alignment_core.public_holidays import holiday_countries, holiday_parts
from alignment_core.vocabulary import WEEKDAYS
from alignment_core.wording import percent
from alignment_core.working_hours import WorkingHours

__all__ = ["calendar_sentence", "due_sentence", "holiday_name", "promise_sentences", "reject_sentence", "rule_sentence"]


def promise_sentences(promise: FollowUp) -> tuple[str, ...]:
    """The whole promise: a sentence for each rule (the one for all other leads last), and the reject window."""
    return tuple(_sentences(promise))


def _sentences(promise: FollowUp) -> Iterator[str]:
    for name in promise.rules:
        yield rule_sentence(name, promise.rule_for(name))
    if not promise.rule_for(None).is_empty or not promise.rules:
        yield rule_sentence("All other leads" if promise.rules else "All leads", promise.rule_for(None))
    if promise.reject:
        yield reject_sentence(promise.reject)


def rule_sentence(name: str, rule: Rule) -> str:
    """Demo request: first touch within 1 business hour, 5 attempts in 10 business days, every first message personal."""
    parts = []
    if rule.first_touch:
        parts.append(f"first touch within {rule.first_touch}")
    if rule.attempts:
        in_time = f" in {rule.attempts_within}" if rule.attempts_within else ""
        parts.append(f"{rule.attempts} {'attempt' if rule.attempts == 1 else 'attempts'}{in_time}")
    if rule.personalised:
        share = "every first message" if rule.personalised == 1 else f"{percent(rule.personalised)} of first messages"
        parts.append(f"{share} personal")
    return f"{name}: {', '.join(parts) or 'nothing is promised'}."


def reject_sentence(reject: Reject) -> str:
    """Sales may hand a lead back within 2 business days, as not_fit (Outside the agreed fit)."""
    reasons = ", ".join(f"{code} ({text})" for code, text in reject.reasons.items())
    return (
        f"Sales may hand a lead back within {reject.within}, {f'as {reasons}' if reasons else 'with any reason code'}."
    )


def calendar_sentence(hours: WorkingHours, timezone: str) -> str:
    """When business time passes: Monday to Friday, 09:00 to 17:00 (America/New_York), not on public holidays of …."""
    clock = hours.timezone or timezone
    when = "around the clock" if hours.opens == "00:00" and hours.closes == "24:00" else f"{hours.opens} to {hours.closes}"  # fmt: skip
    said = f"{_weekdays(hours)}, {when} ({_zone(clock)})"
    off = []
    if hours.holidays:
        off.append(f"public holidays of {_and([holiday_name(place) for place in hours.holidays])}")
    if hours.days_off:
        off.append(f"{len(hours.days_off)} further {'day' if len(hours.days_off) == 1 else 'days'} off")
    said += f", not on {_and(off)}" if off else ""
    if hours.places:
        said += f"; {_and([_place(name, hours) for name in hours.places])} by their own clock or holidays"
    return f"{said}."


def due_sentence(within: Within, working: BusinessCalendar, arrives: pd.Timestamp) -> str:
    """What the calendar means for one lead: one that comes in on Fri 31 Jul at 17:30 is due on Mon 3 Aug at 10:00.

    `arrives` is an instant with a time zone; it is shown on the calendar's clock.
    """
    clock = working if within.business else working.around_the_clock
    start = pd.DatetimeIndex([arrives])
    minutes = within.amount * (60 if within.unit == "hours" else 1)
    due = clock.add_days(start, within.amount) if within.unit == "days" else clock.add_minutes(start, minutes)
    one, other = (each[0].tz_convert(working.timezone) for each in (start, due))
    return f"a lead that comes in on {_at(one)} is due for its first touch by {_at(other)}"


def holiday_name(place: str) -> str:
    """A country, or a part of it, as it is read: DE-BY → Germany (Bayern)."""
    country, _, part = place.partition("-")
    name = holiday_countries().get(country, country)
    return f"{name} ({holiday_parts(country).get(place, part)})" if part else name


def _weekdays(hours: WorkingHours) -> str:
    days = [WEEKDAYS.index(day) for day in hours.days]
    if len(days) == 7:
        return "Every day"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{hours.days[0]} to {hours.days[-1]}"
    return _and(list(hours.days))


def _place(name: str, hours: WorkingHours) -> str:
    """A place and what is its own: EMEA (Berlin; Germany)."""
    place = hours.places[name]
    own = [_zone(place.timezone)] if place.timezone else []
    if place.holidays is not None:
        own.append(_and([holiday_name(each) for each in place.holidays]) or "no holidays")
    return f"{name} ({'; '.join(own) or 'as all'})"


def _zone(name: str) -> str:
    """America/New_York → New York time."""
    return "UTC" if name == "UTC" else f"{name.rpartition('/')[2].replace('_', ' ')} time"


def _at(moment: pd.Timestamp) -> str:
    return f"{moment:%a} {moment.day} {moment:%b} at {moment:%H:%M}"


def _and(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
