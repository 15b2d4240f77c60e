"""The sheet "By segment": EMEA's bridge of −100 beside a region that was lost and one that is new, 1,000 each."""

from dataclasses import replace

import pytest

from alignment_core.agreement import Owners
from alignment_core.drivers import bridge_bars
from alignment_core.export.by_segment import field_name, segment_name, segment_width, write_by_segment
from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.results import Counts
from tests.export.pages import a_book, funnel_order, read
from tests.support import agreed, reviewed

PLAN = Counts(100, 50, 20, 10, 1_000)
ACTUAL = Counts(120, 48, 24, 6, 900)
AGREED = agreed(revenue_target=2_000, split={"marketing": 1, "sales": 0}, sales=None)
REVIEW = reviewed(
    {"marketing": {"EMEA": PLAN, "APAC": PLAN}}, {"marketing": {"EMEA": ACTUAL, "LATAM": PLAN}}, by="sales_region", method="sequential"
)  # fmt: skip
MOVED = [200, -240, 240, -600, 300]


def by_segment(review):
    """The sheet, what was written on it, and the checks that it promises."""
    book = a_book()
    base = write_plan_and_actual(book, book.page("Plan and Actual", [20] * 9), review, AGREED, funnel_order(review))
    before = len(book.checks)
    in_order = bridge_bars(review.segment_plan, review.segment_actual, Owners(), "sequential")[1]
    cells = write_by_segment(
        book, book.page("By segment", [20] * 12), review, in_order if review.segment_bars else (), base
    )
    checks = book.checks[before:]
    return read(book)["By segment"], cells, checks


def test_each_segment_has_its_counts_and_nothing_where_it_is_on_one_side_only():
    page, _, _ = by_segment(REVIEW)
    assert page.shown("Marketing-sourced", "EMEA") == [100, 50, 20, 10, 1_000, 120, 48, 24, 6, 900]
    assert page.shown("Marketing-sourced", "APAC")[5:] == [0] * 5
    assert page.shown("Marketing-sourced", "LATAM")[:5] == [0] * 5
    row = page.row("Marketing-sourced, all")
    assert [page.values.cell(row, at).value for at in (7, 12)] == [2_000, 1_900]
    assert page.formulas.cell(row, 7).value == f"=SUM(G{row - 3}:G{row - 1})"


def test_a_segments_effects_are_its_own_bridge_and_a_lost_or_new_ones_are_its_volume():
    page, cells, _ = by_segment(REVIEW)
    effects = {key[1:]: cell.number for key, cell in cells.effects.items()}
    drivers = ("mql_volume", "mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size")
    assert [effects["EMEA", driver] for driver in drivers] == pytest.approx(MOVED)
    assert [effects["APAC", driver] for driver in drivers] == [-1_000, 0, 0, 0, 0]
    assert [effects["LATAM", driver] for driver in drivers] == [1_000, 0, 0, 0, 0]
    assert page.shown("Marketing-sourced", "APAC (lost)", "MQL → SQL") == [0.5, "undefined", "–", 0.5, 0.5, 0]
    assert page.row("Marketing-sourced", "LATAM (new)", "MQL volume")


def test_a_driver_of_the_whole_is_the_sum_of_its_segments_by_a_formula():
    """The volume moved 200 in EMEA, −1,000 in APAC and 1,000 in LATAM."""
    page, cells, _ = by_segment(REVIEW)
    assert [cell.number for cell in cells.sums.values()] == pytest.approx(MOVED)
    volume = cells.sums["marketing", "mql_volume"]
    top = page.row("Marketing-sourced", "EMEA", "MQL volume")
    last = page.row("Marketing-sourced", "LATAM (new)", "Deal size")
    row = volume.row + 1
    assert (
        page.formulas.cell(row, volume.column + 1).value
        == f"=SUMIFS(I{top}:I{last},A{top}:A{last},A{row},C{top}:C{last},C{row})"
    )


def test_segments_must_add_up_to_the_whole_and_effects_to_the_variance():
    _, _, checks = by_segment(REVIEW)
    assert [(check.label, round(check.one.number, 6)) for check in checks] == [
        ("Marketing-sourced: the plan by sales region adds up to the whole", 2_000),
        ("Marketing-sourced: the actual revenue by sales region adds up to the whole", 1_900),
        ("Marketing-sourced: the effects by sales region add up to the variance", -100),
        ("The effects by sales region add up to the variance", -100),
    ]
    assert all(check.holds for check in checks)


def test_segments_that_are_not_the_whole_are_found_out():
    lost = replace(REVIEW, segment_actual={"marketing": {"EMEA": ACTUAL, "LATAM": replace(PLAN, revenue=999)}})
    _, _, checks = by_segment(lost)
    assert [check.holds for check in checks if "actual revenue" in check.label] == [False]


def test_without_a_plan_by_segment_there_are_counts_and_no_bridge():
    whole = reviewed({"marketing": replace(PLAN, revenue=2_000)}, {"marketing": ACTUAL}, method="sequential")
    page, cells, checks = by_segment(replace(whole, by="region", segment_actual={"marketing": {"EMEA": ACTUAL}}))
    assert page.shown("Marketing-sourced", "EMEA") == ["–", "–", "–", "–", "–", 120, 48, 24, 6, 900]
    assert (cells.effects, cells.sums) == ({}, {})
    assert "There is no plan by region, so there is no bridge either." in page.values["A2"].value
    assert "Each driver" not in page.texts()
    assert [check.label for check in checks] == ["Marketing-sourced: the actual revenue by region adds up to the whole"]


def test_segments_without_a_name_have_one_to_be_read_by():
    assert [segment_name(name) for name in (None, "", "EMEA")] == ["(not split)", "(empty)", "EMEA"]
    assert (field_name(REVIEW), field_name(replace(REVIEW, by=None))) == ("sales region", "segment")


@pytest.mark.parametrize(("name", "width"), [("EMEA", 20), ("x" * 30, 37), ("x" * 90, 44)])
def test_the_column_of_names_has_room_for_the_longest_and_for_lost_within_bounds(name, width):
    assert segment_width(replace(REVIEW, segment_actual={"marketing": {"APAC": PLAN, name: PLAN}})) == width
