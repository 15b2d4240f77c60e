"""What every parser of a column gives: its typed values, and where something stands that does not parse."""

import pyarrow as pa
import pytest

from alignment_core.imports import values
from alignment_core.imports.values.parsed import Parsed

#: By parser: a text that it reads, and another that it does not.
PARSERS = {
    "flag": (values.parse_flag, "yes", "perhaps"),
    "number": (values.parse_number, "1,234", "many"),
    "percent": (values.parse_percent, "45%", "half"),
    "quarter": (values.parse_quarter, "Q3 FY26", "summer"),
    "quarter number": (values.parse_quarter_number, "Q3", "Q5"),
    "year": (values.parse_year, "FY2026", "20266"),
    "stage": (values.parse_stage, "Closed Won", "SAL"),
    "source": (values.parse_source, "sales-sourced", "Webinar"),
    "money": (lambda texts: values.parse_money(texts, "."), "$1,234.50", "TBD"),
    "dates": (lambda texts: values.parse_dates(texts, None, None), "2026-07-01", "someday"),
}


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("encode", [False, True])
def test_a_row_has_a_value_or_failed_or_has_nothing(name, encode):
    parse, good, bad = PARSERS[name]
    texts = pa.chunked_array([[good, bad, None], ["", "N/A", bad, f" {good} "]])
    found = parse(texts.dictionary_encode() if encode else texts)
    assert found.failed.to_pylist() == [False, True, False, False, False, True, False]
    held = [value is not None for value in found.values.to_pylist()]
    assert held == [True, False, False, False, False, False, True]
    assert found.values[0] == found.values[6]


@pytest.mark.parametrize("name", PARSERS)
def test_columns_without_rows_or_without_values_keep_their_type(name):
    parse, good, _ = PARSERS[name]
    kind = parse(pa.chunked_array([[good]])).values.type
    for texts in (pa.chunked_array([], pa.string()), pa.chunked_array([pa.array([None, ""], pa.string())])):
        found = parse(texts)
        assert found.values.type == kind
        assert found.values.null_count == len(found.values) == len(texts)
        assert found.failed.to_pylist() == [False] * len(texts)


def test_there_is_nothing_to_note_of_most_columns_and_each_has_its_own_notes():
    column = pa.chunked_array([[1]])
    assert Parsed(column, column).notes == ()
    (note,) = values.parse_quarter(pa.chunked_array([["CQ3 2026", "2026-Q4"]])).notes
    assert "calendar" in note
