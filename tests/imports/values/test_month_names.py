"""The months and weekdays of seven languages: no name means two of them, and each is read in a date."""

from datetime import datetime

import pyarrow as pa
import pytest

from alignment_core.imports.values import parse_dates
from alignment_core.imports.values.month_names import MONTHS, WEEKDAYS

#: All months in full, in their order.
IN_FULL = {
    "English": "january february march april may june july august september october november december",
    "German": "januar februar märz april mai juni juli august september oktober november dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
}


def read(texts):
    return parse_dates(pa.chunked_array([pa.array(texts)]), None, None).values.to_pylist()


@pytest.mark.parametrize("language", IN_FULL)
def test_every_month_of_a_language_is_known_by_its_name(language):
    assert [MONTHS[name] for name in IN_FULL[language].split()] == list(range(1, 13))


@pytest.mark.parametrize("form", ["3 {} 2026", "{} 3, 2026", "3. {}. 2026", "03-{}-26"])
def test_every_name_is_read_as_its_month_in_small_and_in_capitals(form):
    names = [*MONTHS, *(name.upper() for name in MONTHS), *(name.title() for name in MONTHS)]
    expected = [datetime(2026, month, 3) for month in MONTHS.values()] * 3
    assert read([form.format(name) for name in names]) == expected


def test_a_weekday_before_a_date_changes_nothing():
    """Not even `mar`, which is Tuesday in three languages and March in three."""
    assert read([f"{day}, 3 March 2026" for day in WEEKDAYS]) == [datetime(2026, 3, 3)] * len(WEEKDAYS)
    assert set(WEEKDAYS) & set(MONTHS) == {"mar"}
    assert read(["mar 3 mar 2026"]) == [datetime(2026, 3, 3)]


def test_names_are_in_lower_case_without_a_dot_and_weekdays_are_listed_once():
    assert [name for name in (*MONTHS, *WEEKDAYS) if name != name.lower() or not name.isalpha()] == []
    assert len(set(WEEKDAYS)) == len(WEEKDAYS)
