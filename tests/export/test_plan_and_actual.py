"""The sheet "Plan and Actual": 2,000 agreed in halves at 50%, 40%, 50% and deals of 100, so 100 MQLs and 50 SQLs owed."""

from dataclasses import replace

import pytest

from alignment_core.export.plan_and_actual import nothing, recorded_stages, write_plan_and_actual
from alignment_core.results import Counts
from tests.export.pages import a_book, funnel_order, read
from tests.support import agreed, reviewed

SALES_RATES = {"sql_to_opportunity": 0.4, "close_rate": 0.5, "deal_size": 100}
AGREED = agreed(revenue_target=2_000, marketing={"mql_to_sql": 0.5, **SALES_RATES}, sales=SALES_RATES)
MARKETING, SALES, OTHER = (
    Counts(120, 48, 24, 6, 900),
    Counts(None, 60, 24, 12, 1_200),
    Counts(1, None, 1, 1, 50),
)
REVIEW = reviewed(dict(AGREED.required), {"marketing": MARKETING, "sales": SALES}, method="sequential")


def sheet(review=REVIEW, agreement=AGREED):
    """The sheet, what other sheets may link to, and the checks that it promises."""
    book = a_book()
    cells = write_plan_and_actual(book, book.page("Plan and Actual", [30] * 8), review, agreement, funnel_order(review))
    checks = list(book.checks)
    return read(book)["Plan and Actual"], cells, checks


def test_the_plan_is_read_back_from_the_target_over_the_agreed_rates():
    """2,000 × 50% = 1,000 of 100 are 10 wins, 20 opportunities, 50 SQLs, 100 MQLs: each a formula over the one below."""
    page, _, _ = sheet()
    rate, deal = page.row("MQL → SQL"), page.row("Deal size, USD")
    top = page.row("MQLs")
    assert [page.formulas.cell(row, 2).value for row in range(top, top + 5)] == [
        f"=B{top + 1}/B{rate}",
        f"=B{top + 2}/B{rate + 1}",
        f"=B{top + 3}/B{rate + 2}",
        f"=B{top + 4}/B{deal}",
        "=B5*B6",
    ]
    assert [page.values.cell(row, 2).value for row in range(top, top + 5)] == pytest.approx([100, 50, 20, 10, 1_000])
    sales = page.row("Revenue, USD", start=page.row("Sales-sourced"))
    assert page.formulas.cell(sales, 2).value == "=B5*(1-B6)"


def test_variances_are_actual_minus_plan_and_a_share_of_the_plan():
    page, cells, _ = sheet()
    assert page.shown("MQLs") == pytest.approx([100, 120, 20, 0.2])
    assert page.shown("Revenue, USD") == pytest.approx([1_000, 900, -100, -0.1])
    assert cells.sources["marketing"].variance.number == -100
    assert [cell.number for cell in (cells.plan, cells.actual, cells.variance)] == [2_000, 2_100, 100]


def test_all_sources_are_added_up_only_in_stages_that_each_of_them_recorded():
    """Unassigned demand has no SQLs here: of all sources there are opportunities, wins and revenue."""
    found = reviewed(dict(AGREED.required), {"marketing": MARKETING, "sales": SALES, "unassigned": OTHER})
    page, cells, _ = sheet(found)
    start = page.row("All sources")
    labels = [page.values.cell(row, 1).value for row in range(start + 2, page.values.max_row + 1)]
    assert labels == ["Opportunities", "Wins", "Revenue, USD"]
    assert page.shown("Opportunities", start=start)[:2] == [40, 49]
    assert cells.actual.number == 900 + 1_200 + 50
    assert page.shown("Unassigned", start=page.row("Driver", start=page.row("Unassigned")))[:3] == [0, 50, 50]


def test_a_stage_that_nobody_recorded_says_so_and_has_no_variance():
    page, _, _ = sheet(reviewed(dict(AGREED.required), {"marketing": replace(MARKETING, sqls=None), "sales": SALES}))
    assert page.shown("SQLs") == [50, "not recorded"]


def test_nothing_planned_is_no_share_of_a_plan():
    alone = agreed(revenue_target=1_000, split={"marketing": 1, "sales": 0}, sales=None, marketing=AGREED.marketing)
    page, cells, _ = sheet(reviewed(dict(alone.required), {"marketing": MARKETING, "sales": SALES}), alone)
    assert page.shown("SQLs", start=page.row("Sales-sourced")) == [0, 60, 60, "–"]
    assert set(cells.sources) == {"marketing", "sales"}


def test_another_method_stands_beside_funnel_order_and_both_add_up():
    page, cells, checks = sheet(replace(REVIEW, method="shapley"))
    assert page.values.cell(page.row("Driver"), 8).value == "Effect, Shapley"
    assert [check.label for check in checks if check.label.startswith("Marketing")] == [
        "Marketing-sourced: the effects in funnel order add up to the variance",
        "Marketing-sourced: the effects by Shapley add up to the variance",
    ]
    assert all(check.holds for check in checks)
    effects = [each.in_order.number for each in cells.sources["marketing"].drivers.values()]
    assert effects == pytest.approx([200, -240, 240, -600, 300])


def test_sources_whose_plans_are_not_the_target_are_found_out():
    """The review's plan is of 2,000; an agreement of 2,500 is another one."""
    _, _, checks = sheet(agreement=agreed(revenue_target=2_500, marketing=AGREED.marketing, sales=AGREED.sales))
    assert [check.holds for check in checks if check.label.startswith("Plan:")] == [False]


def test_plans_per_segment_are_no_product_of_rates_so_the_counts_are_inputs():
    halves = {"field": "region", "marketing": {"EMEA": {"share": 0.5}, "APAC": {"share": 0.5, "mql_to_sql": 0.25}}}
    divided = agreed(revenue_target=2_000, marketing=AGREED.marketing, sales=AGREED.sales, segments=halves)
    page, _, _ = sheet(reviewed(dict(divided.required), {"marketing": MARKETING, "sales": SALES}), divided)
    assert page.values.cell(page.row("Agreed rates"), 2).value == "Sales"
    assert page.formulas.cell(page.row("MQLs"), 2).value == 150
    assert str(page.formulas.cell(page.row("SQLs", start=page.row("Sales-sourced")), 2).value).startswith("=")


def test_a_side_that_has_nothing_has_zero_in_what_the_other_recorded():
    assert nothing(OTHER) == Counts(0, None, 0, 0, 0)
    assert recorded_stages("unassigned", Counts(), OTHER) == ("mqls", "opportunities", "wins")
    assert recorded_stages("sales", Counts()) == ("sqls", "opportunities", "wins")
