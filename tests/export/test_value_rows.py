"""The promise in value in the workbook: formulas over the amounts, tied to the plan's and the actual cells."""

from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest

from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.export.value_rows import write_value
from alignment_core.export.workbook import write_workbook
from alignment_core.results import KindWorth, ValueKept
from alignment_core.review import review
from alignment_core.value_words import value_words
from tests.export.pages import a_book, funnel_order, read
from tests.export.test_plan_and_actual import AGREED as EXAMPLE_AGREED
from tests.export.test_plan_and_actual import REVIEW as EXAMPLE
from tests.office import converted
from tests.support import agreed, summary

VALUE = {"field": "lead_type", "otherwise": 5062.5, "per_mql": {"demo": 10_125, "=ebook": 3_375}}
AGREED = agreed(value=VALUE)


def reviewed(**kinds: float):
    rows = [
        {"quarter": "2026-Q3", "source": "marketing", "lead_type": kind, "mqls": mqls, "sqls": 40, "opportunities": 20, "wins": 9, "revenue": 270_000}
        for kind, mqls in kinds.items()
    ]  # fmt: skip
    sales = {"quarter": "2026-Q3", "source": "sales", "sqls": 123, "opportunities": 61, "wins": 28, "revenue": 840_000}
    return review(summary(*rows, sales), AGREED)


def below(book, label):
    """The sheet and the row where a label stands, under the section's heading."""
    sheet = book["Plan and Actual"]
    start = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "The promise in value")
    return sheet, next(row for row in range(start, sheet.max_row + 1) if sheet.cell(row, 1).value == label)


def test_it_recalculates_to_what_the_core_says(tmp_path):
    """50 · 10,125 + 122 · 3,375 + 10 · 5,062.50 = 968,625, of 830,250; 182 MQLs of 164."""
    found = reviewed(demo=50, fax=10, **{"=ebook": 122})
    content = write_workbook(found, AGREED)
    path = converted({"value": content}, tmp_path, of="xlsx", to="xlsx")["value"]
    for book in (
        openpyxl.load_workbook(BytesIO(content), data_only=True),
        openpyxl.load_workbook(path, data_only=True),
    ):
        values = {
            label: tuple(sheet.cell(row, column).value for column in (2, 3, 4))
            for label in ("demo", "=ebook", "fax (as any other)", "Delivered", "Promised", "Difference")
            for sheet, row in [below(book, label)]
        }
        assert values["demo"] == (50, 10_125, 506_250)
        assert values["=ebook"] == (122, 3_375, 411_750)
        assert values["fax (as any other)"] == (10, 5062.5, 50_625)
        assert (values["Delivered"][0], values["Delivered"][2]) == (182, 968_625)
        assert (values["Promised"][0], values["Promised"][2]) == pytest.approx((164, 830_250))
        assert (values["Difference"][0], values["Difference"][2]) == pytest.approx((18, 138_375))
        sheet = book["Plan and Actual"]
        assert value_words(found)[0] in {sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)}
        checks = {row[0].value: row[4].value for row in book["Checks"].iter_rows()}
        assert checks["Value: the MQLs of all kinds are marketing's MQLs"] is True


def test_a_kind_named_like_a_formula_is_text_and_the_worth_a_live_formula():
    book = openpyxl.load_workbook(BytesIO(write_workbook(reviewed(**{"=ebook": 122}), AGREED)))
    sheet, row = below(book, "=ebook")
    assert sheet.cell(row, 1).data_type == "s"
    assert sheet.cell(row, 4).value == f"=B{row}*C{row}"
    assert str(sheet.cell(below(book, "Promised")[1], 4).value).startswith("=B")


def test_what_cannot_be_told_is_a_sentence_and_without_a_promise_there_is_nothing():
    rows = {
        "quarter": "2026-Q3",
        "source": "marketing",
        "mqls": 164,
        "sqls": 123,
        "opportunities": 61,
        "wins": 28,
        "revenue": 840_000,
    }
    for agreement, shown in ((AGREED, True), (agreed(), False)):
        found = review(summary(rows), agreement)
        sheet = openpyxl.load_workbook(BytesIO(write_workbook(found, agreement)))["Plan and Actual"]
        texts = {sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)}
        assert ("The promise in value" in texts) is shown
        assert "Delivered" not in texts
        assert set(value_words(found)) <= texts


def value_below(kept):
    """The sheet with the promise in value below its counts, and the checks that this adds."""
    book = a_book()
    page = book.page("Plan and Actual", [30] * 8)
    base = write_plan_and_actual(book, page, EXAMPLE, EXAMPLE_AGREED, funnel_order(EXAMPLE))
    before = len(book.checks)
    write_value(book, page, replace(EXAMPLE, value=kept), base)
    checks = book.checks[before:]
    return read(book)["Plan and Actual"], checks


def test_kinds_that_are_not_all_of_marketings_mqls_are_found_out():
    """Marketing brought 120 MQLs; 80 and 30 are 110 of them, worth 80 · 12 + 30 · 2.50 = 1,035."""
    kinds = (KindWorth("Demo", 80, 12.0, True), KindWorth("Fax", 30, 2.5, False))
    page, checks = value_below(ValueKept("lead_type", 100, 1_000.0, kinds))
    start = page.row("The promise in value")
    assert page.shown("Fax (as any other)", start=start) == [30, 2.5, 75]
    assert page.shown("Delivered", start=start) == [110, "", 1_035]
    assert page.shown("Promised", start=start) == [100, None, 1_000]
    assert page.shown("Difference", start=start) == [10, None, 35]
    assert [(check.one.number, check.other.number, check.holds) for check in checks] == [(110, 120, False)]


def test_where_no_kind_came_nothing_was_delivered():
    page, _ = value_below(ValueKept("lead_type", 100, 1_000.0))
    start = page.row("The promise in value")
    assert page.shown("Delivered", start=start) == [0, "", 0]
    assert page.shown("Difference", start=start) == [-100, None, -1_000]
