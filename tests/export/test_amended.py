"""The workbook of an amended quarter: first plan, amendments and drivers as live formulas that end at actual."""

import re
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from alignment_core.agreement import Agreement
from alignment_core.amendment_words import explain_amendment
from alignment_core.amendments import Signed, amendments
from alignment_core.export.amended import write_amendments
from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.export.workbook import write_workbook
from alignment_core.results import Amendment, Change, Counts, Review
from tests.export.pages import a_book, funnel_order, read
from tests.export.test_plan_and_actual import AGREED as EXAMPLE_AGREED
from tests.export.test_plan_and_actual import REVIEW as EXAMPLE
from tests.export.test_workbook import cells, chart_xml, formulas, of, row_of, same, stored
from tests.office import converted
from tests.support import RATES, agreed, reviewed

FIRST = agreed()
LOWER = agreed(revenue_target=1_460_500)
MARKETING = Counts(150, 86, 37, 17, 481_234.56)
SALES = Counts(None, 128, 60, 28, 902_100.40)
REASON = '=HYPERLINK("http://example.com")'


def amended(*versions: Agreement, method: str = "shapley", sales: Counts | None = SALES) -> tuple[Review, Agreement]:
    signed = [Signed(version, date(2026, 8, 13 + place), REASON) for place, version in enumerate(versions)]
    review = of(versions[-1], MARKETING, sales, method=method, unassigned=Counts(4, 3, 2, 1, 22_000.0))
    return replace(review, amendments=amendments(signed)), versions[-1]


def by_region() -> tuple[Review, Agreement]:
    """East gives 100,000 of its plan to West, and the target falls by 200,000."""
    halves = {source: {"East": half(counts), "West": half(counts)} for source, counts in LOWER.required.items()}
    actual = {"marketing": {"East": half(MARKETING), "West": half(MARKETING)}, "sales": {"East": SALES}}
    (only,) = amendments([Signed(FIRST), Signed(LOWER)])
    only = replace(only, segments_before={"East": 930_250.0, "West": 730_250.0}, segments_after={"East": 730_250.0, "West": 730_250.0})  # fmt: skip
    return replace(reviewed(halves, actual, by="region"), amendments=(only,)), LOWER


def half(counts: Counts) -> Counts:
    stages = ("mqls", "sqls", "opportunities", "wins", "revenue")
    return Counts(*(None if (value := getattr(counts, stage)) is None else value / 2 for stage in stages))


CASES = {
    "lowered": amended(FIRST, LOWER),
    "lowered and raised": amended(FIRST, LOWER, agreed(revenue_target=1_560_500), method="sequential"),
    "rates only": amended(FIRST, agreed(marketing={"mql_to_sql": 0.82, **RATES})),
    "split": amended(FIRST, agreed(split={"marketing": 0.4, "sales": 0.6})),
    "sales dropped": amended(FIRST, agreed(split={"marketing": 1, "sales": 0}, sales=None), sales=None),
    "by region": by_region(),
}  # fmt: skip
every_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def written():
    return {name: write_workbook(review, agreement) for name, (review, agreement) in CASES.items()}


@pytest.fixture(scope="module")
def recalculated(written, tmp_path_factory):
    paths = converted(written, tmp_path_factory.mktemp("amended"), of="xlsx", to="xlsx")
    return {name: openpyxl.load_workbook(path, data_only=True) for name, path in paths.items()}


@every_case
def test_every_formula_recalculates_to_what_the_core_says_and_every_check_holds(name, written, recalculated):
    now, then = recalculated[name], stored(written[name])
    for where, cell in cells(formulas(written[name])):
        if cell.data_type == "f":
            before, after = (book[cell.parent.title][cell.coordinate].value for book in (then, now))
            assert same(before, after), f"{where}: {before!r} is stored, {cell.value} gives {after!r}"
    held = [row[4].value for row in now["Checks"].iter_rows(min_row=7) if row[0].value]
    assert held == [True] * len(held)
    assert now["Summary"].cell(row_of(now["Summary"], "All checks hold"), 2).value is True


@every_case
def test_the_summary_leads_from_the_first_plan_to_actual(name, recalculated):
    review, sheet = CASES[name][0], recalculated[name]["Summary"]
    row = row_of(sheet, "Plan, first signed")
    assert same(sheet.cell(row, 7).value, review.first_revenue)
    for amendment in review.amendments:
        row += 1
        assert sheet.cell(row, 3).value == "both"
        assert same(sheet.cell(row, 6).value, amendment.effect)
        assert same(sheet.cell(row, 7).value, amendment.revenue_after)
    assert (sheet.cell(row + 1, 1).value, same(sheet.cell(row + 1, 7).value, review.plan_revenue)) == (
        "Plan in force",
        True,
    )
    last = row_of(sheet, "Actual, and the variance")
    assert same(sheet.cell(last, 6).value, review.variance)
    assert same(sheet.cell(last, 7).value, review.actual_revenue)
    figures = next(row for row in sheet.iter_rows(max_row=12) if row[5].value == "As first signed")
    assert all(
        map(
            same,
            [cell.value for cell in figures[6:9]],
            [review.first_revenue, review.actual_revenue, review.first_variance],
        )
    )


@every_case
def test_what_each_side_owed_under_each_version_is_on_plan_and_actual(name, recalculated):
    review, sheet = CASES[name][0], recalculated[name]["Plan and Actual"]
    row = row_of(sheet, "First signed")
    for side in (review.first_plan, *(each.after for each in review.amendments)):
        expected = [side[source].revenue if source in side else 0.0 for source in ("marketing", "sales")]
        assert all(map(same, [sheet.cell(row, column).value for column in (2, 3)], expected))
        row += 1


@every_case
def test_what_changed_is_told_in_text_and_no_reason_is_a_formula(name, written):
    review, book = CASES[name][0], formulas(written[name])
    texts = {cell.value for where, cell in cells(book) if cell.data_type == "s" and where.startswith("Summary")}
    for amendment in review.amendments:
        assert set(explain_amendment(review, amendment)) <= texts
    assert not [where for where, cell in cells(book) if cell.data_type == "f" and "HYPERLINK" in str(cell.value)]


def test_typing_another_plan_moves_the_amendment_and_not_the_first_plan(written, tmp_path):
    """The plan in force follows from the inputs of the sheet; what was signed before it stands."""
    from tests.export.test_workbook import typed_into

    typed = typed_into(written["lowered"], {("Plan and Actual", "Revenue target, USD"): [(2, 1_530_250)]})
    path = converted({"typed": typed}, tmp_path, of="xlsx", to="xlsx")["typed"]
    sheet = openpyxl.load_workbook(path, data_only=True)["Summary"]
    row = row_of(sheet, "Plan, first signed")
    assert same(sheet.cell(row, 7).value, 1_660_500)
    assert same(sheet.cell(row + 1, 6).value, 1_530_250 - 1_660_500)


def test_the_chart_has_a_step_for_each_amendment_in_a_colour_of_no_side(written, recalculated):
    sheet = recalculated["lowered and raised"]["Chart data"]
    row = row_of(sheet, "First plan")
    assert [sheet.cell(row + place, 1).value for place in range(4)] == ["First plan", "Amendment 1", "Amendment 2", "Plan in force"]  # fmt: skip
    spans = [[round(sheet.cell(row + place, column).value) for column in (4, 5)] for place in range(4)]
    assert spans == [[0, 1_660_500], [1_660_500, 1_460_500], [1_460_500, 1_560_500], [0, 1_560_500]]
    coloured = [[sheet.cell(row + place, column).value for column in range(8, 12)] for place in range(4)]
    assert coloured == [[None] * 4] * 4
    assert [round(sheet.cell(row + place, 12).value) for place in range(4)] == [1_660_500, 200_000, 100_000, 1_560_500]
    points = re.findall(
        r'<c:dPt><c:idx val="(\d+)"/>.*?<a:srgbClr val="(\w+)"/>', chart_xml(written["lowered and raised"])
    )
    assert dict(points) == {"0": "8795A3", "1": "B9C4CE", "2": "B9C4CE", "3": "8795A3", str(3 + len(CASES["lowered and raised"][0].bars) + 1): "3B4754"}  # fmt: skip


def test_by_region_each_regions_part_of_the_amendment_adds_up_to_it(recalculated):
    sheet = recalculated["by region"]["By segment"]
    top = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == "Amendment by region, USD")
    assert [[sheet.cell(top + place, column).value for column in (2, 4, 5, 6)] for place in (2, 3)] == [
        ["East", 930_250, 730_250, -200_000],
        ["West", 730_250, 730_250, 0],
    ]
    assert (sheet.cell(top + 4, 2).value, sheet.cell(top + 4, 6).value) == ("All", -200_000)


def test_without_amendments_nothing_is_said_of_them():
    book = formulas(write_workbook(of(FIRST, MARKETING, SALES), FIRST))
    assert not [where for where, cell in cells(book) if "mend" in str(cell.value) or "in force" in str(cell.value)]


def test_what_was_owed_before_is_an_input_and_what_is_owed_now_the_plan_above():
    """1,800 were signed first, then 1,200 and then the 2,000 in force: −600 and +800; actual is 2,100, 300 more than first."""
    first, second = (
        {"marketing": Counts(revenue=1_800.0)},
        {"marketing": Counts(revenue=700.0), "sales": Counts(revenue=500.0)},
    )
    change = (Change("revenue_target", 1_800.0, 1_200.0),)
    found = replace(
        EXAMPLE, amendments=(Amendment(1, first, second, change), Amendment(2, second, EXAMPLE.plan, change))
    )
    book = a_book()
    page = book.page("Plan and Actual", [30] * 8)
    base = write_plan_and_actual(book, page, found, EXAMPLE_AGREED, funnel_order(found))
    amended_plan = write_amendments(book, page, base.plan.row + 2, found, base)
    sheet = read(book)["Plan and Actual"]
    assert (amended_plan.first.number, [each.number for each in amended_plan.effects]) == (1_800, [-600, 800])
    assert amended_plan.variance.number == 300
    assert sheet.shown("First signed") == [1_800, 0, 1_800]
    assert sheet.shown("After amendment 1") == [700, 500, 1_200, -600]
    assert sheet.shown("After amendment 2") == [1_000, 1_000, 2_000, 800]
    row = sheet.row("After amendment 2")
    assert [str(sheet.formulas.cell(row, column).value)[0] for column in (2, 3)] == ["=", "="]
    assert sheet.formulas.cell(row, 5).value == f"=D{row}-D{row - 1}"
