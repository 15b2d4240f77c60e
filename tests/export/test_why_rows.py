"""What moved each conversion on the Summary: the review's own parts, which sum to the bar by a live formula."""

import io
from dataclasses import replace

import openpyxl
import pytest

from alignment_core.export.why_rows import write_why
from alignment_core.export.workbook import write_workbook
from alignment_core.results import Why
from alignment_core.review import review
from alignment_core.why import why, with_why
from tests.export.pages import written
from tests.export.test_plan_and_actual import REVIEW
from tests.support import sample


def test_the_parts_stand_on_the_summary():
    data, agreement = sample()
    result = review(data, agreement, basis="cohort")
    result = with_why(result, why(data, agreement, result))
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(result, agreement)))
    values = openpyxl.load_workbook(io.BytesIO(write_workbook(result, agreement)), data_only=True)["Summary"]
    sheet = book["Summary"]
    top = next(
        row for row in range(1, sheet.max_row) if str(sheet.cell(row, 1).value).startswith("Why each conversion moved")
    )
    rows = []
    for row in range(top + 2, sheet.max_row + 1):
        if sheet.cell(row, 1).value is None:
            break
        rows.append([values.cell(row, column).value for column in (1, 2, 3, 4, 6, 11, 12, 13)])
    sums = [row for row in rows if row[0] == "The bar"]
    parts = [row for row in rows if row[0] != "The bar"]
    assert [row[4] for row in parts] == pytest.approx([part.effect for part in result.why])
    assert parts[2][:4] == ["Marketing-sourced", "MQL → SQL", "sales", "Follow-up"]
    assert parts[2][5] == "real"
    assert parts[2][6:] == pytest.approx(result.why[2].interval)
    bars = [
        bar.effect
        for bar in result.bars
        if any((part.source, part.driver) == (bar.source, bar.driver) for part in result.why)
    ]
    assert [row[4] for row in sums] == pytest.approx(bars)
    assert str(sheet.cell(top + 2 + rows.index(sums[0]), 6).value).startswith("=SUM(")


def test_without_it_there_is_no_block():
    data, agreement = sample()
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(review(data, agreement), agreement)))
    assert not any(str(row[0].value).startswith("Why each") for row in book["Summary"].iter_rows())


def test_parts_of_one_bar_stand_above_their_sum_and_the_next_bar_begins_after_it():
    """The planning gap took 400 and 160 came back: −240, which is the bar."""
    why = (
        Why("marketing", "mql_to_sql", "planning_gap", -400.0, (-500.0, -300.0), "real"),
        Why("marketing", "mql_to_sql", "remainder", 160.0, None, "undecided"),
        Why("sales", "close_rate", "remainder", 0.0, (-90.0, 90.0), "noise"),
    )
    ends = []
    page = written(lambda book, page: ends.append(write_why(page, 3, replace(REVIEW, why=why))), columns=13)
    rows = [[page.values.cell(row, column).value for column in (1, 4, 6, 11, 12)] for row in range(6, 11)]
    assert rows == [
        ["Marketing-sourced", "Agreed too high or low", -400, "real", -500],
        ["Marketing-sourced", "Like for like", 160, "undecided", None],
        ["The bar", "", -240, None, None],
        ["Sales-sourced", "Like for like", 0, "chance", -90],
        ["The bar", "", 0, None, None],
    ]
    assert page.formulas["F8"].value == "=SUM(F6:F7)"
    assert ends == [10]


def test_a_review_that_does_not_say_why_leaves_the_row_free():
    ends = []
    page = written(lambda book, page: ends.append(write_why(page, 3, REVIEW)))
    assert (ends, page.texts()) == ([3], [])
