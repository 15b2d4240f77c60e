"""What comes out of an import: how much was read, what was not and why, in words that name the file."""

from typing import get_args

import pytest

from alignment_core.imports.model import (
    DATE_ORDERS,
    DECIMALS,
    KINDS,
    DateOrder,
    Decimal,
    FileReport,
    Imported,
    Kind,
    Limits,
    NeedsAnswer,
    Question,
    Refusal,
    sheet_name,
)
from alignment_core.results import Fault

ASKED = Question("Is 3/4 in April? Add one of:", ('date_order = "DMY"', 'date_order = "MDY"'))


def fault(file, rows=1):
    return Fault(file, 2, "Amount", "TBD", "is no amount", "Write it as 1234.50.", rows)


def test_the_quality_of_an_import_is_that_of_its_files_together():
    files = (
        FileReport("a.csv", rows_read=10, rows_used=8, faults=(fault("a.csv"), fault("a.csv"))),
        FileReport("b.csv", rows_read=5, rows_used=5),
        FileReport("c.csv", refused=("The file is empty. Export it again.",)),
        FileReport("d.csv", rows_read=3, rows_used=2, faults=(fault("d.csv"),)),
    )
    quality = Imported({}, files).quality
    assert (quality.rows_read, quality.rows_used) == (18, 15)
    assert [each.file for each in quality.faults] == ["a.csv", "a.csv", "d.csv"]
    assert Imported({}, ()).quality.rows_read == 0


def test_nothing_was_taken_from_what_is_refused_or_asked_about():
    read, refused, asked = FileReport("a"), FileReport("b", refused=("No.",)), FileReport("c", question=ASKED)
    assert Imported({}, (read, refused, asked)).refused == (refused, asked)


def test_every_reason_names_its_file_and_a_question_its_answers():
    report = FileReport("a.csv", refused=("No column says when.", "No column says who."), question=ASKED)
    assert report.reasons == (
        "a.csv: No column says when.",
        "a.csv: No column says who.",
        'a.csv: Is 3/4 in April? Add one of: date_order = "DMY" | date_order = "MDY"',
    )
    assert FileReport("b.csv").reasons == ()


def test_a_refusal_carries_its_reasons_and_a_question_itself():
    refusal = Refusal("No column says when.", "No column says who.")
    assert refusal.reasons == ("No column says when.", "No column says who.")
    assert str(refusal) == "No column says when. No column says who."
    assert NeedsAnswer(ASKED).question is ASKED
    for error in (refusal, NeedsAnswer(ASKED)):
        with pytest.raises(ValueError, match=r"when|April"):
            raise error


def test_a_sheet_is_named_after_its_workbook_and_told_from_a_file_of_that_name():
    assert sheet_name("book.xlsx", "July") == "book.xlsx › July"
    assert sheet_name("book.xlsx", "July").split(" › ") == ["book.xlsx", "July"]


def test_lists_of_choices_are_all_there_are():
    assert (get_args(Kind), get_args(DateOrder), get_args(Decimal)) == (KINDS, DATE_ORDERS, DECIMALS)


def test_a_file_within_the_bounds_can_be_read_within_the_memory():
    """A file and what it unpacks to (8 times its size) fit, and a sheet's rows lie within what a workbook can hold."""
    limits = Limits()
    assert 8 * limits.bytes <= limits.memory
    assert limits.cell_length < limits.bytes
    assert limits.rows > 1_048_576
    assert limits.columns < 16_384
