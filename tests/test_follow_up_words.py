"""The follow-up promise in plain language."""

import pandas as pd
import pytest

from alignment_core.business_time import BusinessCalendar
from alignment_core.follow_up import FollowUp, Within
from alignment_core.follow_up_words import calendar_sentence, due_sentence, holiday_name, promise_sentences
from alignment_core.working_hours import WorkingHours

PROMISE = {
    "first_touch": "2 business hours",
    "attempts": 1,
    "rules": {"Demo request": {"first_touch": "30 minutes", "attempts": 5, "attempts_within": "10 business days", "personalised": 1.0}},
    "reject": {"within": "2 business days", "reasons": {"not_fit": "Outside the agreed fit"}},
}  # fmt: skip


def test_each_rule_is_a_sentence_and_what_it_does_not_say_is_as_for_all():
    assert promise_sentences(FollowUp.model_validate(PROMISE)) == (
        "Demo request: first touch within 30 minutes, 5 attempts in 10 business days, every first message personal.",
        "All other leads: first touch within 2 business hours, 1 attempt.",
        "Sales may hand a lead back within 2 business days, as not_fit (Outside the agreed fit).",
    )


def test_a_promise_that_says_nothing_says_so():
    assert promise_sentences(FollowUp.model_validate({})) == ("All leads: nothing is promised.",)
    share = FollowUp.model_validate({"personalised": 0.6, "reject": {"within": "1 business day"}})
    assert promise_sentences(share) == (
        "All leads: 60% of first messages personal.",
        "Sales may hand a lead back within 1 business day, with any reason code.",
    )


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({}, "Monday to Friday, 09:00 to 17:00 (New York time)."),
        ({"days": ["Mon", "Wed"], "timezone": "UTC"}, "Monday and Wednesday, 09:00 to 17:00 (UTC)."),
        ({"days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "opens": "00:00", "closes": "24:00"}, "Every day, around the clock (New York time)."),
        ({"holidays": ["US", "DE-BY"], "days_off": ["2026-12-24"]}, "Monday to Friday, 09:00 to 17:00 (New York time), not on public holidays of United States and Germany (Bayern) and 1 further day off."),
        ({"places": {"EMEA": {"timezone": "Europe/Berlin", "holidays": []}}}, "Monday to Friday, 09:00 to 17:00 (New York time); EMEA (Berlin time; no holidays) by their own clock or holidays."),
    ],
)  # fmt: skip
def test_when_business_time_passes(hours, said):
    assert calendar_sentence(WorkingHours.model_validate(hours), "America/New_York") == said


@pytest.mark.parametrize(
    ("within", "due"),
    [
        ("1 business hour", "Mon 3 Aug at 10:00"),
        ("1 hour", "Fri 31 Jul at 18:30"),
        ("2 business days", "Wed 5 Aug at 09:00"),
    ],
)
def test_what_the_calendar_means_for_a_lead_that_comes_in_on_friday_evening(within, due):
    working = BusinessCalendar("America/New_York", (0, 1, 2, 3, 4), 9 * 60, 17 * 60)
    said = due_sentence(Within.model_validate(within), working, pd.Timestamp("2026-07-31T21:30", tz="UTC"))
    assert said == f"a lead that comes in on Fri 31 Jul at 17:30 is due for its first touch by {due}"


def test_holidays_are_named_by_country_and_part():
    assert [holiday_name(place) for place in ("US", "DE-BY", "Atlantis")] == [
        "United States",
        "Germany (Bayern)",
        "Atlantis",
    ]
