"""The table of forms in the docs is complete, and every test that it names is there."""

import ast
import re
from pathlib import Path

import pytest

from tests.imports.test_forms import DIALECTS, VALUES

ROOT = Path(__file__).resolve().parents[2]
TABLE = re.search(
    r"## What is proven\n(.*?)\n## ", (ROOT / "docs" / "imports.md").read_text(encoding="utf-8"), re.DOTALL
)
ROWS = re.findall(r"^\| (?!form |---)(.+?) \| (.+?) \|$", TABLE[1] if TABLE else "", re.MULTILINE)

#: All that the import promises to read.
SHAPES = (
    "one row per lead with stage dates", "leads and deals joined by id", "deals alone", "follow-up activities",
    "one file per stage", "summary, a row for each quarter and source",
    "summary, quarters across and stages down", "several quarters in several files or sheets",
    "several regions in several files or sheets", "plan sheet, proposed and never counted",
    "Salesforce opportunity history", "Salesforce field history", "HubSpot property history",
)  # fmt: skip
OF_DIALECTS = (
    "comma", "semicolon", "tab", "pipe", "quotes", "embedded newlines", "UTF-8 without BOM", "UTF-8 with BOM", "UTF-16",
    "cp1252", "GB18030", "Shift-JIS", "header not on the first row", "title rows", "blank rows", "blank columns",
    "merged header cells", "totals", "subtotals", "footer “Grand Totals”", "footer “Confidential information”",
    "footer “Copyright (c) …”", "duplicate header names", "trailing delimiters", "`.csv` that is XLSX", "`.csv` that is HTML",
    "`.xlsx` that is CSV", "`.xls` that is HTML", "several sheets", "hidden sheets", "Excel tables",
    "formulas (their cached values)", "Excel 1904 dates",
)  # fmt: skip
OF_VALUES = (
    "`$1,234.50 `", "`1.234,50 €`", "`R$ 100.000`", "`(1,200)`", "`1.2M`", "currency columns", "mixed currencies, at given rates",
    "45%", "0.45", "45", "1/0", "TRUE", "yes", "Won", "empty", "`N/A`", "`-`", "`Select`", "`000000000000000AAA`", "ISO dates",
    "US dates", "EU dates", "dotted dates", "two-digit years", "month names", "Excel serials", "epoch milliseconds", "with zone",
    "without zone", "several formats in one column", "order of day and month, decided by the column",
    "order of day and month, decided by nothing: asked", "order of day and month, asked on the command line",
    "order of day and month, contradicting itself", "`2026-Q3`", "`Q3 FY26`", "`FY2026 3`", "`2015 3`", "`26Q3`",
    "fiscal years from any month", "4-4-5 and other years of whole weeks",
)  # fmt: skip


def names_of(file):
    """The tests of a file."""
    return {
        node.name for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }


def test_every_form_has_its_row():
    assert [form for form, _ in ROWS] == [*SHAPES, *OF_DIALECTS, *OF_VALUES]


@pytest.mark.parametrize(("form", "tests"), ROWS)
def test_every_test_that_a_row_names_is_there(form, tests):
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", tests)
    assert named
    for file, test in named:
        assert test in names_of(ROOT / "tests" / file), (form, file, test)


@pytest.mark.parametrize(("form", "tests"), ROWS)
def test_a_form_that_is_said_to_have_an_example_has_one(form, tests):
    for test, examples in (
        ("test_a_dialect_gives_the_same_records", DIALECTS),
        ("test_a_value_is_read_in_its_spelling", VALUES),
    ):
        assert (form in examples) == (test in tests)
