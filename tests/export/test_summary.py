"""The sheet "Summary": the answer first, and every number a link to the sheet that it comes from."""

from dataclasses import replace

import pytest

from alignment_core.agreement import Owners
from alignment_core.drivers import bridge_bars
from alignment_core.export.by_segment import write_by_segment
from alignment_core.export.evidence import write_checks
from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.export.summary import write_summary
from alignment_core.export.waterfall import waterfall
from alignment_core.findings import headline
from alignment_core.results import Counts
from tests.export.pages import a_book, funnel_order, read
from tests.export.test_plan_and_actual import AGREED, REVIEW
from tests.support import agreed, reviewed


def summary(review=REVIEW, agreement=AGREED, *, wrong=False):
    """The sheet, as it is written last over all others. With `wrong`, one of the checks does not hold."""
    book = a_book()
    page = book.page("Summary", [20] * 13)
    base = write_plan_and_actual(book, book.page("Plan and Actual", [30] * 8), review, agreement, funnel_order(review))
    effects = {
        (source, driver): cell.shown for source, cells in base.sources.items() for driver, cell in cells.drivers.items()
    }
    segments = None
    if review.segment_bars:
        in_order = bridge_bars(review.segment_plan, review.segment_actual, Owners(), "sequential")[1]
        segments = write_by_segment(book, book.page("By segment", [20] * 12), review, in_order, base)
        effects = dict(segments.sums)
    if wrong:
        book.check("Wrong", base.plan, base.sources["marketing"].variance)
    chart, words = waterfall(book, book.page("Chart data", [15] * 30), review, base, effects)
    answer = write_checks(book, book.page("Checks", [40] * 5))
    write_summary(page, review, base, effects, segments, answer, chart, words)
    return read(book)["Summary"]


def test_the_answer_stands_on_top_and_the_facts_below_it():
    page = summary()
    assert [page.values["A1"].value, page.values["A2"].value] == [headline(REVIEW).title, headline(REVIEW).detail]
    assert page.shown("Company")[0] == "Northwind"
    assert page.shown("Quarter")[0] == "2026-Q3, as of 2026-10-09"
    assert page.shown("Basis")[0] == "period: events in the quarter"
    defined = summary(replace(REVIEW, mql="agreed", basis="cohort"))
    assert defined.shown("Basis")[0] == "cohort: the quarter's own MQLs; MQLs as the agreement defines them"


def test_each_side_has_its_plan_actual_and_variance_as_links():
    page = summary()
    figures = {row[5].value: [cell.value for cell in row[6:10]] for row in page.values.iter_rows(min_row=4, max_row=9)}
    assert figures["Marketing-sourced"] == pytest.approx([1_000, 900, -100, -0.1])
    assert figures["Sales-sourced"] == pytest.approx([1_000, 1_200, 200, 0.2])
    assert figures["Total"] == pytest.approx([2_000, 2_100, 100, 0.05])
    assert page.formulas["G5"].value.startswith("='Plan and Actual'!B")


def test_the_table_runs_from_plan_to_actual_driver_by_driver():
    """The close rate took 600 from 2,200: six times the variance of 100, the other way.

    In the order that is worst for it it takes 25% of 120 · 50% · 50% deals of 150, in the best of 100 · 40% · 40% of 100.
    """
    page = summary()
    start = page.row("Plan")
    assert page.shown("Marketing-sourced", "Close rate", start=start)[:6] == pytest.approx(
        ["sales", 0.5, 0.25, -600, 1_600, -6]
    )
    assert page.shown("Marketing-sourced", "Close rate", start=start)[6:] == pytest.approx([-1_125, -400])
    last = page.row("Actual, and the variance")
    assert [page.values.cell(last, column).value for column in (6, 7)] == [100, 2_100]
    assert page.formulas.cell(last, 6).value == f"=SUM(F{start + 1}:F{last - 1})"
    assert page.formulas.cell(start + 2, 7).value == f"=G{start + 1}+F{start + 2}"


def test_nothing_is_a_share_of_no_variance():
    same = reviewed(dict(AGREED.required), dict(AGREED.required), method="sequential")
    page = summary(same)
    assert page.shown("Sales-sourced", "Close rate", start=page.row("Plan"))[5] == "–"


def test_what_was_judged_has_its_verdict_and_what_chance_allows():
    bars = tuple(replace(bar, verdict="real", interval=(-800.0, -450.0)) if bar.driver == "close_rate" else bar for bar in REVIEW.bars)  # fmt: skip
    page = summary(replace(REVIEW, bars=bars))
    assert page.shown("Marketing-sourced", "Close rate", start=page.row("Plan"))[8:] == ["real", -800, -450]
    assert "Is it real?" not in summary().texts()


@pytest.mark.parametrize("wrong", [False, True])
def test_the_summary_says_whether_all_checks_hold(wrong):
    page = summary(wrong=wrong)
    assert (page.shown("All checks hold"), page.formulas["B9"].value) == ([not wrong], "=Checks!E4")


def by_region(regions):
    """Each region planned the same and sold one deal more than the one before it."""
    alone = agreed(
        revenue_target=1_000 * regions, split={"marketing": 1, "sales": 0}, sales=None, marketing=AGREED.marketing
    )
    planned = {f"R{place}": Counts(100, 50, 20, 10, 1_000) for place in range(regions)}
    came = {f"R{place}": Counts(100, 50, 20, 10 + place, 1_000 + 100 * place) for place in range(regions)}
    return summary(reviewed({"marketing": planned}, {"marketing": came}, by="region", method="sequential"), alone)


def test_segments_are_listed_by_what_they_did_with_a_column_for_each_driver():
    page = by_region(3)
    start = page.row("Marketing-sourced effects by region, USD")
    assert [page.values.cell(start + place, 1).value for place in (2, 3, 4, 5)] == ["R2", "R1", "R0", "All"]
    columns = [page.values.cell(start + 1, column).value for column in range(3, 9)]
    assert columns == ["MQL volume", "MQL → SQL", "SQL → opportunity", "Close rate", "Deal size", "All"]
    assert [page.values.cell(start + 2, column).value for column in range(3, 9)] == pytest.approx(
        [0, 0, 0, 200, 0, 200]
    )
    assert page.values.cell(start + 5, 8).value == pytest.approx(300)


def test_of_more_than_25_segments_the_others_are_one_row():
    """27 regions did 0 to 26 × 100: those of 0 and 100 are left, and all together did 35,100."""
    page = by_region(27)
    start = page.row("Marketing-sourced effects by region, USD")
    others = page.row("The other 2", start=start)
    assert others - start == 2 + 25
    assert page.values.cell(others, 8).value == pytest.approx(100)
    assert page.values.cell(others + 1, 8).value == pytest.approx(35_100)
