"""What is not decided, or came from other quarters, in the workbook: formulas on the counts that stand above."""

from dataclasses import replace
from io import BytesIO

import openpyxl

from alignment_core.export.open_records import write_timing
from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.export.workbook import write_workbook
from alignment_core.results import Carried, Counts, NotDecided
from tests.export.pages import a_book, funnel_order, read
from tests.support import agreed, reviewed

AGREED = agreed(split={"marketing": 1, "sales": 0}, sales=None, revenue_target=830_250)
ACTUAL = Counts(196, 76, 40, 9, 300_000)
OPEN = NotDecided(
    open={"mqls": 20, "sqls": 10, "opportunities": 31},
    further=Counts(0, 6.5, 5, 12.5, 400_000),
    low=Counts(0, 3, 2, 8, 250_000),
    high=Counts(0, 11, 9, 17, 560_000),
)


def below(**found):
    """The sheet of a review, with what was found of its timing below the counts."""
    held = replace(reviewed(dict(AGREED.required), {"marketing": ACTUAL}, basis="cohort"), **found)
    book = a_book()
    page = book.page("Plan and Actual", [30] * 8)
    write_timing(page, held, write_plan_and_actual(book, page, held, AGREED, funnel_order(held)))
    return read(book)["Plan and Actual"]


def test_what_is_still_expected_is_added_to_what_is_counted_by_a_formula():
    """9 wins and 12.5 more are 21.5; 300,000 and 400,000 more are 700,000."""
    page = below(not_decided={"marketing": OPEN})
    start = page.row("What is not decided yet")
    assert page.shown("Marketing-sourced wins", start=start) == [None, 9, 12.5, 8, 17, 21.5]
    assert page.shown("Marketing-sourced revenue, USD", start=start) == [
        None,
        300_000,
        400_000,
        250_000,
        560_000,
        700_000,
    ]
    assert page.shown("Marketing-sourced opportunities", start=start)[:3] == [31, 40, 5]
    row, wins = page.row("Marketing-sourced wins", start=start), page.row("Wins")
    assert [page.formulas.cell(row, at).value for at in (3, 7)] == [f"=C{wins}", f"=C{row}+D{row}"]


def test_what_earlier_quarters_say_too_little_of_is_a_dash_and_has_no_end():
    few = replace(OPEN, **{each: replace(getattr(OPEN, each), wins=None, revenue=float("nan")) for each in ("further", "low", "high")})  # fmt: skip
    page = below(not_decided={"marketing": few})
    start = page.row("What is not decided yet")
    assert page.shown("Marketing-sourced wins", start=start) == [None, 9, "–", "–", "–"]
    assert page.shown("Marketing-sourced revenue, USD", start=start) == [None, 300_000, "–", "–", "–"]


def test_what_began_earlier_is_taken_from_what_is_counted_by_a_formula():
    """4 of the 9 wins began before the quarter, so 5 in it."""
    carried = Carried(Counts(0, 12, 10, 4, 120_000), {"mqls": 40, "sqls": 9, "opportunities": 6})
    page = below(carried={"marketing": carried})
    start = page.row("What came from other quarters, and what goes to them")
    assert page.shown("Marketing-sourced wins", start=start) == [9, 4, 5]
    assert page.shown("Marketing-sourced opportunities", start=start) == [40, 10, 30, 6]
    assert page.shown("Marketing-sourced revenue, USD", start=start) == [300_000, 120_000, 180_000]
    row = page.row("Marketing-sourced wins", start=start)
    assert page.formulas.cell(row, 4).value == f"=B{row}-C{row}"


def test_a_review_that_knows_nothing_of_it_says_nothing():
    page = below()
    assert page.texts()[-1] == "Revenue, USD"


def test_the_workbook_has_it_below_its_counts():
    held = replace(
        reviewed(dict(AGREED.required), {"marketing": ACTUAL}, basis="cohort"), not_decided={"marketing": OPEN}
    )
    sheet = openpyxl.load_workbook(BytesIO(write_workbook(held, AGREED)), data_only=True)["Plan and Actual"]
    rows = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
    assert rows["All sources"] < rows["What is not decided yet"] < rows["Marketing-sourced wins"]
    assert sheet.cell(rows["Marketing-sourced wins"], 7).value == 21.5
