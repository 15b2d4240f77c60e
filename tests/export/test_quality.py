"""The quality report opens again as it was, and nothing in it runs."""

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest

from alignment_core.export.quality import HEADERS, by_reason, quality_csv, quality_xlsx
from alignment_core.results import Fault, Quality

LIVE = [
    "=1+1", "+SUM(A1)", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "|calc", "%0", "＝1+1", "＋1+x", "－1+x", "＠SUM(A1)", "  =1",
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://example.org")',
]  # fmt: skip
CALM = ["soon", "-5", "+5", "-1,234.50", "1e5", "a=b", "ünï 漢字", 'a "quoted", cell', "two\nlines", "'tis"]


def report(*values):
    faults = [
        Fault("a.csv", 3 + i, "Close Date", value, "is no date", "Correct it.", sheet="Q3")
        for i, value in enumerate(values)
    ]
    return Quality(100, 100 - len(faults), tuple(faults))


def in_csv(quality):
    content = quality_csv(quality)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def in_xlsx(quality):
    return openpyxl.load_workbook(BytesIO(quality_xlsx(quality)))


@pytest.mark.parametrize("value", LIVE)
def test_a_live_value_begins_with_an_apostrophe_in_csv(value):
    _, row = in_csv(report(value))
    # A line break or tab may be where another program's cell begins.
    inner = value.replace("\t=", "\t'=").replace("\r=", "\r'=").replace("\n=", "\n'=")
    assert row[4] == "'" + inner.replace("\0", "␀")
    assert row[:4] == ["a.csv", "Q3", "3", "Close Date"]


@pytest.mark.parametrize("value", CALM)
def test_any_other_value_is_the_same_in_csv(value):
    assert in_csv(report(value))[1][4] == value


@pytest.mark.parametrize("value", [*LIVE, *CALM])
def test_every_value_is_a_text_in_the_workbook(value):
    book = in_xlsx(report(value))
    cell = book["Faults"].cell(2, 5)
    assert cell.data_type == "s"
    assert cell.value == value.replace("\r", "\n").replace("\0", "␀")
    assert cell.hyperlink is None


@pytest.mark.parametrize("value", ["a;=1+1", "a; @SUM(A1)", "a\t-x", "a\n=1", "a;＝1"])
def test_what_another_delimiter_would_cut_off_is_not_live_either(value):
    (shown,) = [row[4] for row in in_csv(report(value))[1:]]
    for delimiter in ";\t\n":
        assert not any(part.lstrip().startswith(("=", "+", "-", "@", "＝")) for part in shown.split(delimiter))
    assert shown.replace("'", "") == value


def test_a_files_and_a_columns_name_are_data_too():
    fault = Fault("=evil.csv", 1, "@column", None, "a row has too many cells", "Quote it.")
    assert in_csv(Quality(1, 0, (fault,)))[1] == [
        "'=evil.csv", "", "1", "'@column", "", "a row has too many cells", "Quote it.", "1", "yes",
    ]  # fmt: skip
    assert all(cell.data_type != "f" for sheet in in_xlsx(Quality(1, 0, (fault,))) for row in sheet for cell in row)


def test_both_files_hold_every_fault_once_in_order_and_numbers_stay_numbers():
    quality = Quality(
        90,
        60,
        (
            Fault("a.csv", 7, "Amount", "TBD", "is no amount", "Write it as 1234.50."),
            Fault("b.xlsx", None, "IsDeleted", "TRUE", "the record is deleted", "Nothing.", 29, sheet="Q3"),
            Fault("b.xlsx", None, None, None, "Two more sheets were not read.", "", 0, sets_aside=False),
        ),
    )
    wanted = [
        ("a.csv", None, 7, "Amount", "TBD", "is no amount", "Write it as 1234.50.", 1, "yes"),
        ("b.xlsx", "Q3", None, "IsDeleted", "TRUE", "the record is deleted", "Nothing.", 29, "yes"),
        ("b.xlsx", None, None, None, None, "Two more sheets were not read.", None, 0, "no"),
    ]
    book = in_xlsx(quality)
    assert list(book["Faults"].iter_rows(values_only=True)) == [HEADERS, *wanted]
    assert in_csv(quality)[1:] == [["" if cell is None else str(cell) for cell in row] for row in wanted]
    assert [book["Summary"].cell(row, 2).value for row in (4, 5, 6)] == [90, 60, 30]
    assert by_reason(quality.faults) == [
        ("IsDeleted: the record is deleted", 29, True),
        ("Amount: is no amount", 1, True),
        ("Two more sheets were not read.", 0, False),
    ]
