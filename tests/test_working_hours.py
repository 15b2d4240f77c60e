"""The business calendar of an agreement: days and hours as people write them, and the clocks of different places."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from pydantic import ValidationError

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.working_hours import WorkingHours, same_names
from tests.support import CONTRACT


def hours(**given):
    return WorkingHours.model_validate(given)


def faults(**calendar):
    with pytest.raises(AgreementError) as caught:
        Agreement.checked(CONTRACT | {"follow_up": {"calendar": calendar}})
    return [
        each.removeprefix("follow_up.calendar.").removeprefix("follow_up.calendar: ") for each in caught.value.faults
    ]


def test_days_and_hours_are_understood_however_they_are_written():
    found = hours(days=["fri", "Monday", "MON"], opens="8:30", closes="24:00")
    assert (found.days, found.opens, found.closes) == (("Monday", "Friday"), "08:30", "24:00")
    assert hours().days == ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"opens": "9"}, 'opens: \'9\' is no time of the day; write it like "09:00"'),
        ({"closes": "24:01"}, 'closes: \'24:01\' is no time of the day; write it like "09:00"'),
        ({"opens": "18:00"}, "closes: 17:00 is not after 18:00, when it opens"),
        ({"opens": "17:00"}, "closes: 17:00 is not after 17:00, when it opens"),
        ({"days": ["Mon", "Someday"]}, "days: 'Someday' is no weekday; they are Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
        ({"days": []}, "days: [] is no list of weekdays"),
        ({"holidays": ["Atlantis"]}, "holidays: 'Atlantis' is no country whose holidays are known; write it like \"US\", or \"DE-BY\" for a part of one"),
        ({"places": {"EMEA": {}, " emea": {}}}, "places: 'EMEA' and ' emea' are the same; keep one of them"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused_in_words(given, said):
    assert said in faults(**given)


def test_names_that_are_one_when_compared_are_named_and_so_are_those_that_are_none():
    assert same_names("rules", {"Demo request": 1, "demo-request": 2, "…": 3}) == [
        "rules: 'Demo request' and 'demo-request' are the same; keep one of them",
        "rules: '…' is no name",
    ]


def minutes(found, start, end, place=None):
    at = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end)]
    return float(found.time("Europe/Berlin").minutes_between(*([pd.Timestamp(each)] for each in at), [place])[0])


def test_a_place_has_its_own_clock_and_holidays_and_else_what_is_agreed_for_all():
    """12:00 UTC is 14:00 in Berlin and 8:00 in New York; 4 July 2025 is a Friday off there alone."""
    found = hours(places={"North America": {"timezone": "America/New_York", "holidays": ["US"]}})
    assert minutes(found, "2025-07-01T12:00", "2025-07-01T14:00") == 120
    assert minutes(found, "2025-07-01T12:00", "2025-07-01T14:00", "north america") == 60
    assert minutes(found, "2025-07-04T08:00", "2025-07-04T20:00") == 7 * 60  # 10:00 to 17:00 in Berlin
    assert minutes(found, "2025-07-04T08:00", "2025-07-05T03:00", "North America") == 0


def test_days_off_are_off_and_the_whole_day_can_be_worked():
    found = hours(opens="00:00", closes="24:00", days_off=[date(2025, 7, 2), date(2025, 7, 2)])
    assert found.days_off == (date(2025, 7, 2),)
    assert (
        minutes(found, "2025-07-01T10:00", "2025-07-03T10:00") == 24 * 60
    )  # 12:00 to 12:00 in Berlin, without the day between


def test_the_agreements_time_zone_counts_where_the_calendar_says_none():
    assert hours().time("Asia/Tokyo").default.timezone == "Asia/Tokyo"
    assert hours(timezone="UTC").time("Asia/Tokyo").default.timezone == "UTC"
    with pytest.raises(ValidationError, match="is not a time zone"):
        hours(timezone="Berlin")
