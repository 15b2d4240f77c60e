"""The page Follow-up in sentences."""

from dataclasses import fields
from datetime import date

import pandas as pd
import pytest

from alignment_core.findings import Headline
from alignment_core.follow_up_findings import (
    PROBLEM,
    VERDICT_WORD,
    as_of_said,
    delay_sentences,
    difference_sentences,
    follow_up_headline,
    groups_table,
    share_said,
    time_said,
)
from alignment_core.follow_up_review import Delay, FollowUpReview, Group, Tally
from alignment_core.like_leads import Difference
from alignment_core.quarters import Quarter

NOTHING = Delay(None, None, None, None, None, None, "minutes", 0, 0)


def review(**given):
    """A review of which only what is given says anything."""
    empty = {field.name: () for field in fields(FollowUpReview)}
    found = {"quarter": Quarter(2026, 3), "as_of": date(2026, 10, 9), "until": None, "delay": NOTHING, "difference": None, "day_minutes": 480.0}  # fmt: skip
    return FollowUpReview(**{**empty, **found, **given})


def test_the_share_is_said_with_the_place_that_is_clearly_under_it():
    """112 of 196 is 57%; 10 of 80 in EMEA lies under what chance leaves of that, 9 of 15 in APAC does not."""
    found = review(
        total=Tally("all", 112, 84, 4, 3),
        by_place=(Tally("EMEA", 10, 70), Tally("APAC", 9, 6)),
        by_kind=(Tally("Demo request", 0, 9),),  # fewer than ten are not named
        delay=Delay(60, None, 20, None, None, None, "minutes", 150, 46),
    )
    said = follow_up_headline(found)
    assert said.title == "Q3 2026: 57% of 196 MQLs were followed up as agreed; in EMEA 12% of 80"
    assert said.detail == (
        "Agreed is every one. Chance alone leaves the share between 50% and 64% (95%). 4 more are not due yet. "
        "Of 3 it cannot be told. 46 past their time were never touched."
    )


@pytest.mark.parametrize(
    ("total", "title"),
    [
        (Tally("all", 0, 0, 12, 3), "Q3 2026: too early to say; 12 of 15 MQLs are not due yet"),
        (Tally("all", 0, 0, 1, 3), "Q3 2026: too early to say; 1 of 4 MQLs is not due yet"),
        (Tally("all", 0, 0, 1), "Q3 2026: too early to say; the one MQL is not due yet"),
        (Tally("all", 0, 0, 0, 3), "Q3 2026: whether 3 MQLs were followed up as agreed cannot be told"),
        (Tally("all", 0, 0, 0, 1), "Q3 2026: whether the one MQL was followed up as agreed cannot be told"),
    ],
)
def test_where_nothing_was_due_it_says_so(total, title):
    assert follow_up_headline(review(total=total)) == Headline(title, "")


@pytest.mark.parametrize(("met", "was"), [(1, "was"), (0, "was not")])
def test_one_is_said_as_one(met, was):
    delay = Delay(60, None, 20, None, None, None, "minutes", 1, 1)
    said = follow_up_headline(review(total=Tally("all", met, 1 - met, 1, 1), delay=delay))
    assert said.title == f"Q3 2026: the one MQL that can be judged {was} followed up as agreed"
    assert said.detail.endswith("1 more is not due yet. Of 1 it cannot be told. 1 past its time was never touched.")


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        (Delay(45, 600, 3.25, 30, 5, 40, "minutes", 9, 0), ("Half were touched within 45 business minutes, nine of ten within 1.2 business days.", "By the clock, nights and weekends included, half were touched within 3.2 hours.", "Of that the system took 5 business minutes to give a lead to somebody, and the person 40 business minutes from then on (medians).")),
        (Delay(1, None, None, None, None, None, "days", 9, 3), ("Half were touched within 1 business day; nine of ten is not reached, for some were never touched.",)),
        (Delay(None, None, None, None, None, None, "days", 2, 9), ("Fewer than half were touched at all; nine of ten is not reached, for some were never touched.",)),
        (Delay(0, 480, 0, None, 0.5, 1, "minutes", 9, 0), ("Half were touched in less than a business minute, nine of ten within 8.0 business hours.", "By the clock, nights and weekends included, half were touched in less than a minute.", "Of that the system took less than a business minute to give a lead to somebody, and the person 1 business minute from then on (medians).")),
        (NOTHING, ()),
    ],
)  # fmt: skip
def test_how_long_the_first_touch_took(delay, said):
    assert delay_sentences(review(delay=delay)) == said


def test_what_speed_goes_with_is_said_with_its_interval_and_as_association():
    real, chance = Difference(0.2, 0.12, 0.05, 0.19, 240), Difference(-0.1, -0.02, -0.08, 0.04, 90)
    first, second = difference_sentences(review(difference=real))
    assert (
        first
        == "Among like leads, those touched in time became SQLs 12 points more often (95%: +5 to +19 points; 240 leads)."
    )
    assert second.startswith("Without comparing like with like it would be +20 points. This is association, not proof")
    assert difference_sentences(review(difference=chance))[0] == (
        "Among like leads, touched in time or not makes no difference that chance could not bring (−8 to +4 points; 90 leads)."
    )
    assert difference_sentences(review()) == (
        "No kind of lead has both leads that were touched in time and leads that were not: nothing to compare.",
    )


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [(None, "minutes", ""), (0, "minutes", "less than a business minute"), (1.4, "minutes", "1 business minute"), (2, "minutes", "2 business minutes"), (89, "minutes", "89 business minutes"), (90, "minutes", "1.5 business hours"), (480, "minutes", "8.0 business hours"), (720, "minutes", "1.5 business days"), (0, "days", "the same day"), (1, "days", "1 business day"), (3, "days", "3 business days")],
)  # fmt: skip
def test_a_time_at_work_is_spoken_in_the_unit_that_fits(amount, unit, said):
    assert time_said(amount, unit, 480) == said


def test_groups_stand_in_a_table_and_what_was_not_due_is_a_dash():
    group = Group(
        "EMEA",
        1_200,
        Delay(45, None, 3.0, None, None, None, "minutes", 9, 0),
        Tally("", 3, 1),
        Tally("", 0, 0, 5),
        Tally("", 1, 1),
    )
    assert groups_table([group], "Region", "minutes", 480).to_dict("records") == [
        {"Region": "EMEA", "MQLs": "1,200", "First touch in time": "75% of 4", "Half were touched within": "45 business minutes", "By the clock": "3.0 hours", "Attempts made": "–", "First message personal": "50% of 2"}
    ]  # fmt: skip


def test_shares_and_days_are_said():
    assert (share_said(Tally("", 112, 84)), share_said(Tally("", 0, 0, 3))) == ("57% (112 of 196)", "none due")
    assert as_of_said(review()) == "as of 9 October 2026"
    assert (
        as_of_said(review(until=pd.Timestamp("2026-10-08T15:00")))
        == "as of 9 October 2026, touches up to 8 October 2026"
    )
    assert set(VERDICT_WORD) == {"met", "missed", "not_due", "untold"}
    assert all(words.endswith(".") for words in PROBLEM.values())


@pytest.mark.parametrize(
    ("groups", "where"),
    [
        ((Tally("EMEA", 0, 9),), ""),
        ((Tally("EMEA", 0, 10),), "; in EMEA 0% of 10"),
        ((Tally("EMEA", 2, 18), Tally("APAC", 1, 19)), "; in APAC 5% of 20"),
    ],
)
def test_of_ten_or_more_the_lowest_clearly_under_the_whole_is_named(groups, where):
    """Chance leaves 50 of 100 at 40% or more, 0 of 10 at 28% and 2 of 20 at 30% or less."""
    title = follow_up_headline(review(total=Tally("all", 50, 50), by_place=groups)).title
    assert title == f"Q3 2026: 50% of 100 MQLs were followed up as agreed{where}"


def test_slower_leads_that_convert_more_are_said_so_and_no_points_have_no_sign():
    first, second = difference_sentences(review(difference=Difference(-0.003, -0.12, -0.19, -0.004, 240)))
    assert first.endswith("became SQLs 12 points less often (95%: −19 to 0 points; 240 leads).")
    assert second.startswith("Without comparing like with like it would be 0 points.")
    first, second = difference_sentences(review(difference=Difference(-0.01, 0.011, 0.005, 0.019, 2_400)))
    assert first.startswith("Among like leads, those touched in time became SQLs 1 point more often ")
    assert second.startswith("Without comparing like with like it would be −1 point.")


def test_a_group_of_which_fewer_than_half_were_touched_has_no_time():
    row = groups_table([Group("EMEA", 3, NOTHING, Tally(""), Tally(""), Tally(""))], "Region", "minutes", 480).iloc[0]
    assert (row["Half were touched within"], row["By the clock"]) == ("not reached", "not reached")


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.0, "less than a minute"), (0.02, "1 minute"), (0.4, "24 minutes"), (1.0, "1.0 hours"), (30.0, "30.0 hours")],
)
def test_by_the_clock_less_than_an_hour_is_said_in_minutes(hours, said):
    delay = Delay(0, None, hours, None, None, None, "minutes", 9, 0)
    row = groups_table([Group("EMEA", 9, delay, Tally(""), Tally(""), Tally(""))], "Region", "minutes", 480).iloc[0]
    assert row["By the clock"] == said
