"""A review as an Excel workbook whose formulas live."""

from collections.abc import Sequence
from datetime import datetime, time

from alignment_core.agreement import Agreement
from alignment_core.drivers import bridge_bars
from alignment_core.export.amended import write_amended_segments, write_amendments
from alignment_core.export.by_segment import field_name, segment_width, write_by_segment
from alignment_core.export.evidence import SourceFile, write_checks, write_data_quality, write_method
from alignment_core.export.open_records import write_timing
from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.export.sheets import Book
from alignment_core.export.summary import write_summary
from alignment_core.export.value_rows import write_value
from alignment_core.export.waterfall import waterfall
from alignment_core.export.what_if import write_scenario
from alignment_core.results import Review
from alignment_core.scenarios import Scenario
from alignment_core.wording import period

__all__ = ["SourceFile", "write_workbook"]


def write_workbook(
    review: Review, agreement: Agreement, scenario: Scenario | None = None, files: Sequence[SourceFile] = ()
) -> bytes:
    """The workbook of a review. The same input gives the same bytes.

    Args:
        review: what it reports.
        agreement: what the review was held against.
        scenario: what its scenario sheet starts from; the plan if there is none.
        files: what the review was made from.
    """
    totals, _ = bridge_bars(
        {source: {None: counts} for source, counts in review.plan.items()},
        {source: {None: counts} for source, counts in review.actual.items()},
        agreement.owners,
        "sequential",
    )
    money = _money_width(review, scenario)
    when = f"{review.company}, {period(review.quarter)}"
    book = Book(
        title=f"Plan to actual: {when}"[:200],
        subject=f"{review.basis} basis, as of {review.as_of.isoformat()}",
        created=datetime.combine(review.as_of, time()),
        footer=when,
        paper="Letter" if review.currency in ("USD", "CAD") else "A4",
    )
    summary = book.page(
        "Summary", (21, 21, 13, money, money, 19, *[money] * 4, 11, money, money), one_page=not review.by
    )
    plan_and_actual = book.page("Plan and Actual", (38, *[money] * 7), one_page=True)
    by_segment = book.page("By segment", (18, segment_width(review), 18, *[money] * 9)) if review.by else None
    what_if = book.page("Scenario", (38, money, money, money + 2, money, money), one_page=True)
    quality = book.page("Data quality", (30, 14, 18, 22, 36, 36, 11, 11, 11))
    method = book.page("Method", (18, 20, 104))
    checks = book.page("Checks", (74, money + 3, money + 3, 14, 10))
    steps = len(review.bars) + 2 + (len(review.amendments) + 1 if review.amendments else 0)
    chart_data = book.page("Chart data", (19, 19, *[money] * 12, *[money] * steps))

    base = write_plan_and_actual(book, plan_and_actual, review, agreement, totals)
    amended = write_amendments(book, plan_and_actual, base.plan.row + 2, review, base) if review.amendments else None
    write_timing(plan_and_actual, review, base)
    write_value(book, plan_and_actual, review, base)
    effects = {
        (source, driver): cell.shown for source, cells in base.sources.items() for driver, cell in cells.drivers.items()
    }
    segments = None
    if by_segment is not None:
        in_order = (
            bridge_bars(review.segment_plan, review.segment_actual, agreement.owners, "sequential")[1]
            if review.segment_bars
            else ()
        )
        segments = write_by_segment(book, by_segment, review, in_order, base)
        effects = dict(segments.sums) or effects
        for amendment, effect in zip(review.amendments, amended.effects if amended else (), strict=True):
            if amendment.segments_before:
                write_amended_segments(book, by_segment, review, amendment, field_name(review), effect)
    write_scenario(book, what_if, review, agreement, scenario, totals, base)
    write_data_quality(book, quality, review, files)
    write_method(method, review, agreement, files)
    chart, words = waterfall(book, chart_data, review, base, effects, amended)
    answer = write_checks(book, checks)
    shown = segments if review.segment_bars else None
    write_summary(summary, review, base, effects, shown, answer, chart, words, amended)
    return book.close()


def _money_width(review: Review, scenario: Scenario | None) -> int:
    """How wide a column must be for the largest amount, signed and in bold."""
    amounts = [review.plan_revenue, review.actual_revenue]
    amounts += [amount for each in review.amendments for amount in (each.revenue_before, each.effect)]
    amounts += [
        amount
        for bar in (*review.bars, *review.segment_bars)
        for amount in (bar.effect, bar.order_low, bar.order_high, *(bar.interval or ()))
    ]
    amounts += (
        [scenario.plan_revenue, scenario.actual_revenue, *(bar.effect for bar in scenario.bars)] if scenario else []
    )
    return max(13, int(len(f"{max(map(abs, amounts)):,.0f}") * 1.15) + 4)
