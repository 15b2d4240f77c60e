"""Drivers as formulas over counts: 100 → 50 → 20 → 10 wins of 100 were planned, and 120 → 48 → 24 → 6 of 150 came."""

import pytest

from alignment_core.export.driver_rows import Columns, difference, driver_format, in_order_formula, write_drivers
from alignment_core.export.sheets import Cell
from alignment_core.results import Counts
from tests.export.pages import funnel_order, written
from tests.support import reviewed

PLAN = Counts(100, 50, 20, 10, 1_000)
ACTUAL = Counts(120, 48, 24, 6, 900)
STAGES = ("mqls", "sqls", "opportunities", "wins", "revenue")


def rows(plan, actual, *, method="sequential", shown=None):
    """The drivers of one source from row 6 on; its counts stand above, the plan's in column B and the actual in C."""
    review = reviewed({"marketing": plan}, {"marketing": actual}, method=method)
    found = []

    def write(book, page):
        sides = [
            {stage: page.input(row, column, value, "0") for row, stage in enumerate(STAGES) if (value := getattr(counts, stage)) is not None}
            for column, counts in ((1, plan), (2, actual))
        ]  # fmt: skip
        found.extend(write_drivers(page, 5, Columns(1, 4, shown), review.bars, funnel_order(review), *sides))

    return written(write), found


def column(sheet, at):
    return [sheet.cell(row, at).value for row in range(6, 11)]


def test_effects_in_funnel_order_are_what_each_step_does_after_those_before_it():
    """+20 · 50% · 40% · 50% · 100; 120 · −10% · 40% · 50% · 100; then +10%, −25% and +50 alike: −100 of 1,000."""
    page, found = rows(PLAN, ACTUAL)
    assert column(page.values, 7) == pytest.approx([200, -240, 240, -600, 300])
    assert sum(each.in_order.number for each in found) == pytest.approx(900 - 1_000)
    assert [each.shown for each in found] == [each.in_order for each in found]


def test_drivers_are_formulas_over_the_counts_of_their_side():
    page, _ = rows(PLAN, ACTUAL)
    assert column(page.formulas, 2) == [
        "=B1",
        '=IF(B1=0,"undefined",B2/B1)',
        '=IF(B2=0,"undefined",B3/B2)',
        '=IF(B3=0,"undefined",B4/B3)',
        '=IF(B4=0,"undefined",B5/B4)',
    ]
    assert column(page.values, 2) == pytest.approx([100, 0.5, 0.4, 0.5, 100])
    assert column(page.values, 3) == pytest.approx([120, 0.4, 0.5, 0.25, 150])
    assert column(page.values, 4) == pytest.approx([20, -0.1, 0.1, -0.25, 50])


def test_the_shown_method_stands_beside_funnel_order_as_a_value():
    """Another method's effects cannot be read off as a product: they are inputs, and add up to the same −100."""
    page, found = rows(PLAN, ACTUAL, method="shapley", shown=7)
    assert column(page.values, 7) == pytest.approx([200, -240, 240, -600, 300])
    shown = column(page.formulas, 8)
    assert shown == pytest.approx([each.shown.value for each in found])
    assert shown != pytest.approx(column(page.values, 7))
    assert sum(shown) == pytest.approx(-100)


def test_a_stage_that_nobody_recorded_becomes_one_driver_over_both_steps():
    """20 of 100 and 24 of 120 became opportunities: 20% both times, and no effect."""
    page, found = rows(PLAN, Counts(120, None, 24, 6, 900))
    assert [page.formulas.cell(7, at).value for at in (2, 3)] == [
        '=IF(B1=0,"undefined",B3/B1)',
        '=IF(C1=0,"undefined",C3/C1)',
    ]
    assert [page.values.cell(7, at).value for at in (2, 3, 4, 7)] == [0.2, 0.2, 0, 0]
    assert len(found) == 4


def test_what_has_no_value_takes_the_other_sides_and_has_no_effect():
    """No wins have no deal size: the 100 of the plan stand in for it."""
    page, _ = rows(PLAN, Counts(120, 48, 24, 0, 0))
    row = [page.values.cell(10, at).value for at in range(2, 8)]
    assert row == [100, "undefined", "–", 100, 100, 0]


def test_the_first_and_the_last_step_have_nothing_before_and_after_them():
    before, after = ([Cell("Page", row, column, 1.0) for row in range(3)] for column in (0, 1))
    assert [in_order_formula(place, "(m)", before, after) for place in range(3)] == [
        "(m)*PRODUCT(A2:A3)",
        "PRODUCT(B1:B1)*(m)*PRODUCT(A3:A3)",
        "PRODUCT(B1:B2)*(m)",
    ]
    assert in_order_formula(0, "(m)", before[:1], after[:1]) == "(m)"


def test_what_a_division_leaves_in_the_last_bits_is_no_difference():
    one, other = Cell("Page", 0, 0, 0.5), Cell("Page", 1, 0, 0.5)
    assert difference(one, other) == "IF(ABS(A2-A1)<=4E-15*ABS(A1),0,A2-A1)"


@pytest.mark.parametrize(
    ("driver", "values", "number"),
    [
        ("close_rate", (0.45,), "0.0%"),
        ("mql_volume", (164, 150), "#,##0"),
        ("sql_volume", (61.5, 60), "#,##0.0"),
        ("deal_size", (30_000.4,), "#,##0"),
        ("unassigned", (9_000.5,), "#,##0"),
    ],
)
def test_a_driver_has_the_format_of_its_unit(driver, values, number):
    assert driver_format(driver, *values) == number
