"""The chart's data: each bar from where it starts to where it ends, on an invisible base, also where it crosses zero."""

from dataclasses import replace

import pytest

from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.export.waterfall import waterfall
from alignment_core.results import Counts
from tests.export.pages import a_book, funnel_order, read
from tests.export.test_plan_and_actual import AGREED, REVIEW
from tests.support import agreed, reviewed

#: Columns of the sheet.
EFFECT, START, END, BASES, UP, DOWN, ENDS, LABEL = 3, 4, 5, 6, 8, 10, 12, 14


def chart_data(review=REVIEW, agreement=AGREED):
    """The sheet, the chart's words, and the checks that it promises."""
    book = a_book()
    base = write_plan_and_actual(book, book.page("Plan and Actual", [30] * 8), review, agreement, funnel_order(review))
    effects = {
        (source, driver): cell.shown for source, cells in base.sources.items() for driver, cell in cells.drivers.items()
    }
    before = len(book.checks)
    chart, words = waterfall(book, book.page("Chart data", [15] * 30), review, base, effects)
    checks = book.checks[before:]
    book.page("Summary", [10]).sheet.insert_chart(0, 0, chart)
    return read(book)["Chart data"], words, checks


def steps(page, column):
    return [page.values.cell(row, column).value for row in range(5, page.values.max_row + 1)]


def of(revenue, size=1.0):
    """One source that planned 1,000 and brought as much revenue from the agreed counts."""
    alone = agreed(
        revenue_target=1_000 * size, split={"marketing": 1, "sales": 0}, sales=None, marketing=AGREED.marketing
    )
    counts = replace(alone.required["marketing"], revenue=revenue)
    return reviewed(dict(alone.required), {"marketing": counts}, method="sequential"), alone


def test_each_step_starts_where_the_one_before_it_ended():
    """2,000 + 200 − 240 + 240 − 600 + 300 from marketing and + 200 from sales are 2,100."""
    page, _, _ = chart_data()
    assert steps(page, EFFECT) == pytest.approx([2_000, 200, -240, 240, -600, 300, 200, 0, 0, 0, 2_100])
    assert steps(page, START) == pytest.approx([0, 2_000, 2_200, 1_960, 2_200, 1_600, 1_900, 2_100, 2_100, 2_100, 0])
    assert steps(page, END) == pytest.approx(
        [2_000, 2_200, 1_960, 2_200, 1_600, 1_900, 2_100, 2_100, 2_100, 2_100, 2_100]
    )
    assert [page.formulas.cell(row, column).value for row, column in ((7, START), (7, END))] == ["=E6", "=D7+C7"]


def test_a_bar_stands_on_an_invisible_base_in_the_column_of_its_colour():
    page, _, _ = chart_data()
    assert steps(page, BASES)[1:6] == pytest.approx([2_000, 1_960, 1_960, 1_600, 1_600])
    assert steps(page, UP)[1:6] == pytest.approx([200, 0, 240, 0, 300])
    assert steps(page, DOWN)[1:6] == pytest.approx([0, 240, 0, 600, 0])
    assert (steps(page, ENDS)[0], steps(page, ENDS)[-1]) == (2_000, 2_100)
    assert steps(page, UP)[0] is None


def test_a_bar_that_crosses_zero_has_a_part_on_each_side_of_it():
    """From 1,000 to −400: 1,000 above zero and 400 below, each from zero."""
    page, _, checks = chart_data(*of(-400))
    row = page.row("", "Deal size")
    assert [page.values.cell(row, column).value for column in range(BASES, BASES + 6)] == [0, 0, 0, 0, 1_000, -400]
    assert [page.values.cell(page.row("Actual"), column).value for column in (ENDS, ENDS + 1)] == [0, -400]
    assert all(check.holds for check in checks)


@pytest.mark.parametrize(
    ("revenue", "size", "label"),
    [
        (1_250, 1, "+250"),
        (1_000, 1, "0"),
        (249_500, 200, "+49.5k"),
        (1_500_000, 2_000, "−500k"),
        (312_449_000, 250_000, "+62.4M"),
        (312_450_000, 250_000, "+62.5M"),
        (1e12, 2e9, "−1,000.0B"),
    ],
)
def test_a_label_is_signed_and_as_short_as_the_largest_amount_of_the_chart_allows(revenue, size, label):
    page, _, _ = chart_data(*of(revenue, size))
    assert page.values.cell(page.row("", "Deal size"), LABEL).value == label


def test_labels_are_formulas_that_follow_their_bar():
    page, _, _ = chart_data()
    assert page.formulas.cell(6, LABEL).value == (
        '=IF(ROUND(C6/1,0)=0,"0",IF(ROUND(C6/1,0)<0,"−","+")&FIXED(ABS(ROUND(C6/1,0)),0)&"")'
    )


def test_the_words_name_every_bar():
    _, words, _ = chart_data(reviewed(dict(AGREED.required), {**REVIEW.actual, "unassigned": Counts(revenue=50)}))
    assert words.startswith("Waterfall from plan 2,000 to actual 2,150 USD: Marketing-sourced MQL volume +")
    assert words.endswith("; Sales-sourced Deal size 0; Unassigned +50")
    assert words.count(";") == 9


def test_a_chart_that_does_not_end_at_actual_is_found_out():
    """An effect of the deal size that is 100 too large."""
    bars = tuple(replace(bar, effect=bar.effect + 100 * (bar.driver == "deal_size")) for bar in REVIEW.bars)
    for review, holds in ((REVIEW, True), (replace(REVIEW, bars=bars, method="shapley"), False)):
        _, _, (check,) = chart_data(review)
        assert (check.label, check.holds) == ("Chart: the last step ends at actual revenue", holds)
