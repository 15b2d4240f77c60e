"""The common given names, by which a column of people is known."""

import pytest

from alignment_core.imports.given_names import GIVEN_NAMES
from alignment_core.imports.headers import FIELDS
from alignment_core.imports.privacy import is_personal_content
from alignment_core.imports.shapes import public
from alignment_core.imports.values.month_names import MONTHS


def test_names_are_in_lower_case_and_one_word_each():
    assert [name for name in GIVEN_NAMES if name != name.casefold() or not name.replace("-", "").isalpha()] == []


def test_no_name_is_that_of_a_month_which_heads_a_column_of_figures():
    """But Marco, which only Portuguese without its cedilla takes for March."""
    assert GIVEN_NAMES & MONTHS.keys() == {"marco"}
    assert [public(f"{name.title()} revenue") for name in MONTHS if name != "marco"] == [
        f"{name.title()} revenue" for name in MONTHS if name != "marco"
    ]


def test_no_name_heads_a_column_of_a_known_field():
    assert not GIVEN_NAMES & {name for known in FIELDS.values() for names in known.values() for name in names}


@pytest.mark.parametrize(
    "names",
    [
        ["Mary Muster", "Muster, John", "Dr. James B. Muster"],
        ["Jürgen Muster", "Heike Muster", "Thorsten Muster"],
        ["Joerg Muster", "Björn Muster", "Sanne van Muster"],
        ["Frédéric Muster", "José Muster", "Giulia Muster"],
        ["Agnieszka Muster", "Ayşe Muster", "Dmitry Muster"],
        ["Fatima Muster", "Reza Muster", "Yael Muster"],
        ["Rajesh Muster", "Hiroshi Muster", "Min-jun Muster"],
    ],
)
def test_a_column_of_people_is_known_in_many_languages(names):
    assert is_personal_content(names)
    assert is_personal_content([name.upper() for name in names])


def test_half_of_the_values_are_not_most():
    assert not is_personal_content(["Mary Muster", "Webinar"])
    assert is_personal_content(["Mary Muster", "John Muster", "Webinar"])


@pytest.mark.parametrize(
    "values",
    [
        ["Germany", "Spain"],
        ["EMEA", "North America"],
        ["Webinar", "Trade Show"],
        ["Closed Won", "Demo"],
        ["Jan", "Feb"],
    ],
)
def test_a_column_of_a_reviews_words_is_nobodys(values):
    assert not is_personal_content(values)
