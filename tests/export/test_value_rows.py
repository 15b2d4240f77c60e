"""The promise in value in the workbook: formulas over the amounts, tied to the plan's and the actual cells."""

from io import BytesIO

import openpyxl
import pytest

from alignment_core.export.workbook import write_workbook
from alignment_core.review import review
from alignment_core.value_words import value_words
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
