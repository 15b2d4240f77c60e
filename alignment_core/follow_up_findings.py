"""The page Follow-up in sentences."""

from collections.abc import Sequence

import pandas as pd

from alignment_core.findings import Headline
from alignment_core.follow_up_review import FollowUpReview, Group, Problem, Tally
from alignment_core.wording import day, percent, period, signed

__all__ = [
    "EXPORTS",
    "PROBLEM",
    "VERDICT_WORD",
    "as_of_said",
    "delay_sentences",
    "difference_sentences",
    "follow_up_headline",
    "groups_table",
    "share_said",
    "time_said",
]

#: How a verdict is read, with a sign of its own.
VERDICT_WORD = {
    "met": "✓ as agreed",
    "missed": "✗ not as agreed",
    "not_due": "… not due yet",
    "untold": "? cannot be told",
}

#: What cannot be told, why, and what would tell it.
PROBLEM: dict[Problem, str] = {
    "no_promise": "The agreement says nothing of follow-up, so there is no verdict: below is how fast it was. Agree on a follow-up to have it held against one.",
    "nothing_agreed": "The agreement names neither a time for the first touch nor a number of attempts, so there is no verdict. Agree on them to have one.",
    "no_touches": "No touches are loaded, so nobody can say how leads were followed up.",
    "no_ids": "No touch of sales' in the files belongs to one of these leads. Either the ids are of other records (contacts in place of leads), or the agreement's kinds of touches count them as marketing's.",
    "dates_only": "The files have days without a time of day: speed is counted in working days, and a promise in hours is judged only where it is clear at any time of that day.",
    "no_kind": "The agreement's rules differ by a field that the leads do not have, so all of them are held against the rule for all other leads.",
}  # fmt: skip
#: Where to click for touches.
EXPORTS = (
    "Salesforce: Reports → New report → Tasks and Events (or Activities with Leads). Add Lead ID, Task Subtype, Completed Date/Time and Assigned; export as details, CSV.",
    "HubSpot: CRM → Calls (and Emails) → Export, with the associated contact's ID, the activity date with its time, the type and the person it is assigned to.",
)
#: Of a group as small as this nothing is said in the headline.
_FEW = 10


def follow_up_headline(found: FollowUpReview) -> Headline:
    """64% of 178 MQLs were followed up as agreed; in EMEA 12% of 75."""
    total, when = found.total, period(found.quarter)
    if total.share is None:
        title = f"{when}: whether {'the one MQL was' if total.leads == 1 else f'{total.leads:,} MQLs were'} followed up as agreed cannot be told"
        if total.not_due:
            waiting = "the one MQL" if total.leads == 1 else f"{total.not_due:,} of {total.leads:,} MQLs"
            title = f"{when}: too early to say; {waiting} {'is' if total.not_due == 1 else 'are'} not due yet"
        return Headline(title, "")
    title = f"{when}: {percent(total.share)} of {total.judged:,} MQLs were followed up as agreed"
    if total.judged == 1:
        title = f"{when}: the one MQL that can be judged was {'' if total.met else 'not '}followed up as agreed"
    if lowest := _stands_out(found):
        title += f"; {_where(found, lowest)} {percent(lowest.share)} of {lowest.judged:,}"
    low, high = total.interval or (0.0, 0.0)
    details = [f"Agreed is every one. Chance alone leaves the share between {percent(low)} and {percent(high)} (95%)."]
    if total.not_due:
        details.append(f"{total.not_due:,} more {'is' if total.not_due == 1 else 'are'} not due yet.")
    if total.untold:
        details.append(f"Of {total.untold:,} it cannot be told.")
    if untouched := found.delay.untouched:
        details.append(f"{untouched:,} past {'its time was' if untouched == 1 else 'their time were'} never touched.")
    return Headline(title, " ".join(details))


def _stands_out(found: FollowUpReview) -> Tally | None:
    """The place or kind whose share is clearly under that of the whole."""
    low = (found.total.interval or (0.0, 0.0))[0]
    groups = [each for each in (*found.by_place, *found.by_kind) if each.judged >= _FEW and each.interval]
    under = [each for each in groups if each.interval and each.interval[1] < low]
    return min(under, key=lambda each: each.share or 0.0, default=None)


def _where(found: FollowUpReview, group: Tally) -> str:
    return f"in {group.name}" if group in found.by_place else f"of {group.name} leads"


def delay_sentences(found: FollowUpReview) -> tuple[str, ...]:
    """How long the first touch took."""
    delay = found.delay
    if not delay.touched:
        return ()
    said = []
    half, most = (time_said(each, delay.unit, found.day_minutes) for each in (delay.median, delay.most))
    said.append(
        (f"Half were touched {_within(half)}" if half else "Fewer than half were touched at all")
        + (f", nine of ten {_within(most)}." if most else "; nine of ten is not reached, for some were never touched.")
    )
    if delay.hours_median is not None:
        said.append(
            f"By the clock, nights and weekends included, half were touched {_within(_by_the_clock(delay.hours_median))}."
        )
    if delay.system is not None and delay.person is not None:
        system, person = (time_said(each, "minutes", found.day_minutes) for each in (delay.system, delay.person))
        said.append(f"Of that the system took {system} to give a lead to somebody, and the person {person} from then on (medians).")  # fmt: skip
    return tuple(said)


def difference_sentences(found: FollowUpReview) -> tuple[str, ...]:
    """What speed goes with, among like leads."""
    difference = found.difference
    if difference is None:
        return (
            "No kind of lead has both leads that were touched in time and leads that were not: nothing to compare.",
        )
    points = _points(f"{abs(difference.like) * 100:.0f}")
    more = "more" if difference.like > 0 else "less"
    reach = f"{signed(difference.low * 100)} to {signed(difference.high * 100)} points"
    first = (
        f"Among like leads, those touched in time became SQLs {points} {more} often (95%: {reach}; {difference.leads:,} leads)."
        if difference.is_real
        else f"Among like leads, touched in time or not makes no difference that chance could not bring ({reach}; {difference.leads:,} leads)."
    )
    return (
        first,
        f"Without comparing like with like it would be {_points(signed(difference.crude * 100))}. This is association, not proof: who is called first may differ in ways no file shows.",
    )


def _points(number: str) -> str:
    return f"{number} {'point' if number.lstrip('+−') == '1' else 'points'}"


def share_said(group: Tally) -> str:
    """64% (112 of 196)"""
    return f"{percent(group.share)} ({group.met:,} of {group.judged:,})" if group.judged else "none due"


def time_said(amount: float | None, unit: str, day_minutes: float) -> str:
    """Business minutes, or days, as they are spoken; empty where there is no time."""
    if amount is None:
        return ""
    if unit == "days":
        return "the same day" if amount < 1 else f"{amount:.0f} business {'day' if amount == 1 else 'days'}"
    if amount < 90:
        return _minutes(amount, "business minute")
    if amount <= day_minutes:
        return f"{amount / 60:.1f} business hours"
    return f"{amount / day_minutes:.1f} business days"


def _within(time: str) -> str:
    """within 45 minutes, but in less than a minute"""
    return f"{'in' if time.startswith('less') else 'within'} {time}"


def _by_the_clock(hours: float) -> str:
    """Hours, or minutes where it took less than one."""
    return f"{hours:,.1f} hours" if hours >= 1 else _minutes(hours * 60, "minute")


def _minutes(amount: float, one: str) -> str:
    if amount < 1:
        return f"less than a {one}"
    return f"{amount:.0f} {one}{'' if round(amount) == 1 else 's'}"


def groups_table(groups: Sequence[Group], name: str, unit: str, day_minutes: float) -> pd.DataFrame:
    """Each part of the promise by group, as text; a dash where nothing of it was due."""

    def share(tally: Tally) -> str:
        return f"{percent(tally.share)} of {tally.judged:,}" if tally.judged else "–"

    rows = [
        {
            name: group.name,
            "MQLs": f"{group.leads:,}",
            "First touch in time": share(group.first_touch),
            "Half were touched within": time_said(group.delay.median, unit, day_minutes) or "not reached",
            "By the clock": "not reached"
            if group.delay.hours_median is None
            else _by_the_clock(group.delay.hours_median),
            "Attempts made": share(group.attempts),
            "First message personal": share(group.personal),
        }
        for group in groups
    ]
    return pd.DataFrame(rows)


def as_of_said(found: FollowUpReview) -> str:
    """as of 9 Oct 2026, touches up to 9 Oct 2026"""
    return f"as of {day(found.as_of)}" + (f", touches up to {day(found.until.date())}" if found.until is not None else "")  # fmt: skip
