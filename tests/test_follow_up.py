"""The follow-up promise: what may be agreed, every fault in words, and what a rule means in time."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.follow_up import FollowUp, Rule, Within
from alignment_core.follow_up_words import calendar_sentence, due_sentence, promise_sentences, rule_sentence
from alignment_core.vocabulary import WEEKDAYS
from tests.support import agreed

TOML = """
first_touch = "8 business hours"
attempts = 4
attempts_within = "10 business days"
personalised = 0.5

[follow_up.rules."Demo request"]
first_touch = "1 business hour"
attempts = 5
personalised = 1

[follow_up.rules.Newsletter]
first_touch = "3 days"

[follow_up.reject]
within = "2 business days"

[follow_up.reject.reasons]
not_fit = "Outside the agreed fit"

[follow_up.calendar]
days = ["Mon", "Tuesday", "Wed", "Thu"]
opens = 08:30:00
closes = "18:00"
timezone = "America/New_York"
holidays = ["US"]
days_off = [2026-12-24]

[follow_up.calendar.places.EMEA]
timezone = "Europe/Berlin"
holidays = ["DE-BY"]
"""


def promised(text: str = TOML) -> FollowUp:
    follow_up = Agreement.from_text(agreed().to_toml() + "\n[follow_up]\n" + text).follow_up
    assert follow_up is not None
    return follow_up


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(AgreementError) as caught:
        promised(text)
    return caught.value.faults


def test_a_promise_is_read_from_the_agreements_file() -> None:
    promise = promised()
    assert promise.first_touch == Within(amount=8, unit="hours", business=True)
    assert promise.calendar.days == WEEKDAYS[:4]
    assert (promise.calendar.opens, promise.calendar.closes) == ("08:30", "18:00")
    assert promise.calendar.days_off == (date(2026, 12, 24),)
    assert promise.reject is not None
    assert promise.reject.reasons == {"not_fit": "Outside the agreed fit"}


def test_a_rule_says_what_differs_and_takes_the_rest_from_the_rule_for_all() -> None:
    promise = promised()
    expected = Rule.model_validate(
        {"first_touch": "1 business hour", "attempts": 5, "attempts_within": "10 business days", "personalised": 1.0}
    )
    assert [promise.rule_for(value) for value in ("Demo request", "demo-REQUEST")] == [expected] * 2
    assert promise.rule_for("Webinar") == promise.rule_for(None)
    assert promise.rule_for("newsletter").first_touch == Within(amount=3, unit="days", business=False)


def test_the_promise_is_said_in_a_sentence_a_rule() -> None:
    assert promise_sentences(promised()) == (
        "Demo request: first touch within 1 business hour, 5 attempts in 10 business days, every first message personal.",
        "Newsletter: first touch within 3 days, 4 attempts in 10 business days, 50% of first messages personal.",
        "All other leads: first touch within 8 business hours, 4 attempts in 10 business days, 50% of first messages personal.",
        "Sales may hand a lead back within 2 business days, as not_fit (Outside the agreed fit).",
    )
    assert promise_sentences(FollowUp()) == ("All leads: nothing is promised.",)
    assert rule_sentence("E-book", Rule(attempts=1)) == "E-book: 1 attempt."


def test_the_calendar_is_said_in_a_sentence() -> None:
    assert calendar_sentence(promised().calendar, "UTC") == (
        "Monday to Thursday, 08:30 to 18:00 (New York time), not on public holidays of United States and 1 further day off; "
        "EMEA (Berlin time; Germany (Bayern)) by their own clock or holidays."
    )
    always = {"days": WEEKDAYS, "opens": "0:00", "closes": "24:00"}
    assert calendar_sentence(FollowUp.model_validate({"calendar": always}).calendar, "UTC") == (
        "Every day, around the clock (UTC)."
    )


@pytest.mark.parametrize(
    ("within", "arrives", "due"),
    [
        ("1 business hour", "2026-07-31 17:30", "Mon 3 Aug at 10:00"),
        ("90 minutes", "2026-07-31 17:30", "Fri 31 Jul at 19:00"),
        ("2 business days", "2026-07-31 17:30", "Wed 5 Aug at 09:00"),
        ("2 days", "2026-03-06 17:30", "Sun 8 Mar at 17:30"),  # the clocks are put forward between
        ("48 hours", "2026-03-06 17:30", "Sun 8 Mar at 18:30"),
    ],
)
def test_what_a_time_means_for_a_lead(within: str, arrives: str, due: str) -> None:
    calendar = FollowUp().calendar.time("America/New_York").default
    said = due_sentence(Within.model_validate(within), calendar, pd.Timestamp(arrives, tz="America/New_York"))
    assert said.endswith(f"is due for its first touch by {due}")


def test_the_calendar_of_a_place_has_its_clock_and_its_holidays() -> None:
    """17:00 in New York is 23:00 in Berlin, where 25 May (Whit Monday) is off; in New York the same day is Memorial Day."""
    promise = promised()
    working, within = promise.calendar.time("UTC"), Within.model_validate("1 business hour")
    arrives = pd.DatetimeIndex(["2026-05-21 17:00"] * 3).tz_localize("America/New_York")
    due = within.after(arrives, working, ["EMEA", "APAC", None])
    assert list(due.tz_convert("America/New_York").strftime("%a %d %H:%M")) == ["Tue 26 03:30", "Thu 21 18:00", "Thu 21 18:00"]  # fmt: skip
    assert working.places["EMEA"].holidays == ("DE-BY",)


def test_a_promise_without_a_zone_is_on_the_agreements_clock() -> None:
    assert FollowUp().calendar.time("Asia/Kolkata").default.timezone == "Asia/Kolkata"


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = """
first_touch = "soon"
attempts = 0
personalised = 50
field = ""
rules = { a = { first_touch = "400 days", attempt = 3 }, b = 3 }
reject = { within = "1 fortnight", reasons = { x = " " } }
calendar = { opens = "25:00", closes = "9", days = ["Monday", "Caturday"], timezone = "Mars", holidays = ["US", "XX"], days_off = ["soon"], places = { EMEA = { timezone = "Moon" } } }
"""
    shape = 'write it like "1 business hour", "30 minutes" or "10 business days"'
    assert faults(text) == (
        f"follow_up.first_touch: 'soon' is no time; {shape}",
        "follow_up.attempts: 0 must be at least 1",
        "follow_up.personalised: 50 must be at most 1; write 50% as 0.5",
        "follow_up.field: is empty",
        "follow_up.rules.a.first_touch: 400 days is more than a year",
        "follow_up.rules.a.attempt: is not a key of [follow_up.rules.a]; did you mean attempts?",
        "follow_up.rules.b: 3 is not a table; write it as [follow_up.rules.b] with its keys under it",
        f"follow_up.reject.within: '1 fortnight' is no time; {shape}",
        "follow_up.calendar.days: 'Caturday' is no weekday; they are " + ", ".join(WEEKDAYS),
        "follow_up.calendar.opens: '25:00' is no time of the day; write it like \"09:00\"",
        "follow_up.calendar.closes: '9' is no time of the day; write it like \"09:00\"",
        "follow_up.calendar.timezone: 'Mars' is not a time zone; write it like America/New_York",
        'follow_up.calendar.holidays: \'XX\' is no country whose holidays are known; write it like "US", or "DE-BY" for a part of one',
        "follow_up.calendar.days_off.0: 'soon' is no day; write it like 2026-12-24",
        "follow_up.calendar.places.EMEA.timezone: 'Moon' is not a time zone; write it like America/New_York",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("attemps = 3", "follow_up: attemps: is not a key of [follow_up]; did you mean attempts?"),
        ('attempts_within = "3 days"', "follow_up: attempts: is missing, while attempts_within says in what time they come"),
        ('rules = { a = { attempts_within = "3 days" } }', "follow_up: rules.a.attempts: is missing, while attempts_within says in what time they come"),
        ('rules = { "E-book" = {}, ebook = {} }', "follow_up: rules: 'E-book' and 'ebook' are the same; keep one of them"),
        ('rules = { "--" = {} }', "follow_up: rules: '--' is no name"),
        ('calendar = { opens = "17:00", closes = "09:00" }', "follow_up.calendar: closes: 09:00 is not after 17:00, when it opens"),
        ('calendar = { places = { EMEA = {}, emea = {} } }', "follow_up.calendar: places: 'EMEA' and 'emea' are the same; keep one of them"),
        ('reject = { within = "1 day", reasons = { x = " " } }', "follow_up.reject: reasons: 'x' has no text; say what it means"),
        ('calendar = { days_off = "2026-12-24" }', "follow_up.calendar.days_off: '2026-12-24' is not a list; write it in square brackets"),
        ("calendar = { days = [] }", "follow_up.calendar.days: () is no list of weekdays"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_said(text: str, fault: str) -> None:
    assert faults(text) == (fault.replace("()", "[]"),)


def test_a_key_of_a_later_version_is_carried_along_and_named() -> None:
    promise = promised('attempts = 3\nescalation = { to = "manager" }')
    assert promise.unread == ("escalation",)
    again = Agreement.from_text(agreed(follow_up=promise.as_written()).to_toml()).follow_up
    assert again == promise


def test_a_promise_as_it_was_written_first_is_read_as_it_was_meant() -> None:
    first = """
business_days = ["Mon", "Tue", "Wed", "Thu"]
business_hours = "09:00-18:00"
first_touch_hours = 8
attempts = 4
attempts_within_days = 10
personalised_share = 0.5
first_touch_hours_by_lead_type = { "Demo request" = 2 }
"""
    now = """
first_touch = "8 business hours"
attempts = 4
attempts_within = "10 business days"
personalised = 0.5
rules = { "Demo request" = { first_touch = "2 business hours" } }
calendar = { days = ["Monday", "Tuesday", "Wednesday", "Thursday"], closes = "18:00" }
"""
    assert promised(first) == promised(now)
    assert promised(first).unread == ()
    assert faults(first.replace("09:00-18:00", "9-18")) == (
        "follow_up.calendar.opens: '9' is no time of the day; write it like \"09:00\"",
        "follow_up.calendar.closes: '18' is no time of the day; write it like \"09:00\"",
    )


# --- the file both ways --------------------------------------------------------------------------------

names = st.text("abcdefgh Ü-", min_size=1, max_size=8).filter(lambda text: text.strip(" -"))
times = st.builds(
    lambda amount, unit, business: Within(amount=amount, unit=unit, business=business),
    st.integers(1, 366), st.sampled_from(["minutes", "hours", "days"]), st.booleans(),
)  # fmt: skip
rules = st.fixed_dictionaries(
    {},
    optional={
        "first_touch": times,
        "attempts": st.integers(1, 20),
        "personalised": st.integers(0, 100).map(lambda percent: percent / 100),
    },
)
zones = st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"])
off = st.lists(st.sampled_from(["US", "DE", "DE-BY", "IN"]), max_size=3)
places = st.fixed_dictionaries({}, optional={"timezone": zones, "holidays": off})


def by_name(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(st.tuples(names, values), max_size=3, unique_by=lambda each: "".join(filter(str.isalnum, each[0]))).map(dict)  # fmt: skip


promises = st.fixed_dictionaries(
    {},
    optional={
        "field": names,
        "rules": by_name(rules),
        "reject": st.fixed_dictionaries({"within": times, "reasons": by_name(names)}),
        "calendar": st.fixed_dictionaries(
            {},
            optional={
                "days": st.lists(st.sampled_from(WEEKDAYS), min_size=1),
                "opens": st.integers(0, 11).map("{:02}:15".format),
                "closes": st.sampled_from(["12:00", "24:00"]),
                "timezone": zones,
                "holidays": off,
                "days_off": st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), max_size=3),
                "place_field": names,
                "places": by_name(places),
            },
        ),
    },
)


@settings(deadline=None)
@given(promises, rules)
def test_every_promise_is_read_back_from_its_file_as_it_was(
    promise: dict[str, object], rule: dict[str, object]
) -> None:
    follow_up = FollowUp.model_validate(promise | rule)
    agreement = agreed(follow_up=follow_up)
    again = Agreement.from_text(agreement.to_toml())
    assert again == agreement
    assert again.follow_up == follow_up
    assert again.to_toml() == agreement.to_toml()
    assert Agreement.checked(agreement.model_dump()) == agreement
