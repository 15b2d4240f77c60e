"""Public holidays, as the library has them, by the names that an agreement writes."""

from datetime import date

import pytest

from alignment_core.public_holidays import holiday_countries, holiday_parts, public_holidays


def test_a_part_of_a_country_has_its_own_beside_the_countrys():
    """Epiphany is off in Bavaria and not in Berlin; German Unity Day in both."""
    bavaria, berlin = (public_holidays(place, 2026, 2026) for place in ("DE-BY", "DE-BE"))
    assert date(2026, 1, 6) in bavaria
    assert date(2026, 1, 6) not in berlin
    assert date(2026, 10, 3) in bavaria.keys() & berlin.keys() & public_holidays("DE", 2026, 2026).keys()


def test_a_holiday_that_is_moved_to_a_working_day_is_off_on_both():
    """4 July 2026 is a Saturday; the Friday before is off."""
    found = public_holidays("US", 2026, 2026)
    assert date(2026, 7, 4) in found
    assert date(2026, 7, 3) in found


def test_the_years_asked_for_are_all_there_and_no_others():
    found = public_holidays("US", 2025, 2027)
    assert {day.year for day in found if day.month == 7} == {2025, 2026, 2027}


@pytest.mark.parametrize("place", ["Atlantis", "DE-XX", "", "-"])
def test_what_is_no_country_is_refused_in_words(place):
    with pytest.raises(ValueError, match=f"there are no holidays for {place!r}"):
        public_holidays(place, 2026, 2026)


def test_every_country_and_part_that_is_offered_can_be_asked_for():
    countries = holiday_countries()
    assert (countries["US"], countries["DE"]) == ("United States", "Germany")
    assert list(countries.values()) == sorted(countries.values())
    parts = holiday_parts("DE")
    assert parts["DE-BY"] == "Bayern"
    for place in (*parts, *list(countries)[::25]):
        assert public_holidays(place, 2026, 2026)
