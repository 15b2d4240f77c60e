"""The sheet "Summary": the answer, the figures, the waterfall and the table behind it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from alignment_core.amendment_words import amendment_name
from alignment_core.export.amended import AmendedPlan, tell_amendments
from alignment_core.export.by_segment import SegmentCells, field_name, segment_name
from alignment_core.export.driver_rows import driver_format
from alignment_core.export.plan_and_actual import PlanAndActual
from alignment_core.export.sheets import FAINT, MONEY, SIGNED, Cell, Page, rows_needed
from alignment_core.export.why_rows import write_why
from alignment_core.findings import headline
from alignment_core.results import Bar, Review
from alignment_core.verdict_words import verdict_word
from alignment_core.vocabulary import SOURCES, Driver, Source
from alignment_core.wording import BASIS, DRIVER, METHOD, MQL_SAID_BY, OWNER, SOURCE

__all__ = ["write_summary"]

_CHART_ROWS = 21
_ROW_PIXELS = 20
#: More segments than this are listed on the sheet "By segment" only, apart from the largest.
_MOST_SEGMENTS = 25


def write_summary(
    page: Page, review: Review, totals: PlanAndActual, effects: Mapping[tuple[Source, Driver], Cell],
    segments: SegmentCells | None, checks: Cell, chart: Any, words: str, amended: AmendedPlan | None = None,
) -> None:  # fmt: skip
    """Write the sheet; every number links to the sheet it comes from.

    Args:
        amended: where the plan was amended, what was first signed and what each amendment did.
        effects: the effects by the review's method.
        segments: with a breakdown, the effects of each segment.
        checks: the cell that says whether all checks hold.
        chart, words: the waterfall, and what it says in words.
    """
    said = headline(review)
    last = len(page.widths) - 1
    page.wide(0, 0, last, said.title, bold=True, font_size=15)
    page.wide(1, 0, last, said.detail, font_size=11, font_color=FAINT)
    page.sheet.freeze_panes(1, 0)

    facts = [
        ("Company", review.company),
        ("Quarter", f"{review.quarter}, as of {review.as_of.isoformat()}"),
        (
            "Basis",
            f"{review.basis}: {BASIS[review.basis]}"
            + (f"; MQLs {MQL_SAID_BY['agreed']}" if review.mql == "agreed" else ""),
        ),
        ("Currency", review.currency),
        ("Method", METHOD[review.method] + (f", by {field_name(review)}" if segments else "")),
    ]
    _figures(page, 3, 5, review, totals, amended)
    for row, (label, text) in enumerate(facts, 3):
        page.text(row, 0, label, font_color=FAINT)
        page.sheet.merge_range(row, 1, row, 3, "", page.book.format())
        page.text(row, 1, text, text_wrap=True)
        lines = rows_needed(text, sum(page.widths[1:4]))
        if lines > 1:
            page.height(row, min(4, lines))
    page.text(8, 0, "All checks hold", font_color=FAINT)
    page.link(8, 1, checks, "General", align="left", bold=True)
    warning = {
        "type": "cell",
        "criteria": "==",
        "value": "FALSE",
        "format": page.book.format(bg_color="#FBE0CC", bold=True),
    }
    page.sheet.conditional_format(8, 1, 8, 1, warning)

    chart.set_size(
        {"width": sum(int(width * 7 + 5) for width in page.widths), "height": (_CHART_ROWS - 1) * _ROW_PIXELS}
    )
    page.sheet.insert_chart(10, 0, chart, {"object_position": 2, "description": words})
    row = _bridge(page, 10 + _CHART_ROWS, review, totals, effects, amended)
    if amended:
        row = tell_amendments(page, row + 1, review)
    if review.why:
        row = write_why(page, row + 1, review)
    if segments:
        page.break_before(row + 1, fit_above=True)
        for source in SOURCES:
            bars = [bar for bar in review.segment_bars if bar.source == source]
            if bars:
                row = _segments(page, row + 1, review, source, bars, segments)


def _figures(
    page: Page, row: int, column: int, review: Review, totals: PlanAndActual, amended: AmendedPlan | None
) -> None:
    page.header(row, (f"Revenue, {review.currency}", "Plan", "Actual", "Variance", "Variance, %"), first=column)
    lines = [
        (SOURCE[source], cells.plan["revenue"], cells.actual["revenue"], cells.variance)
        for source, cells in totals.sources.items()
    ]
    lines.append(("Total", totals.plan, totals.actual, totals.variance))
    if amended:
        lines.append(("As first signed", amended.first, totals.actual, amended.variance))
    for place, (label, plan, actual, variance) in enumerate(lines, row + 1):
        look: dict[str, object] = {"bold": True, "top": 1} if label == "Total" else {}
        page.text(place, column, label, **look)
        agreed = page.link(place, column + 1, plan, MONEY, **look)
        page.link(place, column + 2, actual, MONEY, **look)
        difference = page.link(place, column + 3, variance, SIGNED, **look)
        share = difference.number / agreed.number if agreed.number else "–"
        page.formula(
            place,
            column + 4,
            f'IF({agreed.here}=0,"–",{difference.here}/{agreed.here})',
            share,
            "+0.0%;-0.0%;0.0%",
            **look,
        )


def _bridge(
    page: Page, row: int, review: Review, totals: PlanAndActual, effects: Mapping[tuple[Source, Driver], Cell],
    amended: AmendedPlan | None,
) -> int:  # fmt: skip
    """The table behind the chart. Returns the next free row."""
    names = (
        "Source",
        "Driver",
        "Owner",
        "Agreed",
        "Actual",
        "Effect",
        "Running total",
        "Share of variance",
        "Least, any order",
        "Largest, any order",
        "Is it real?",
        "Least, by chance",
        "Largest, by chance",
    )
    judged = any(bar.verdict for bar in review.bars)
    page.header(row, names if judged else names[:10], text_columns=3)
    if amended:
        page.text(row + 1, 0, "Plan, first signed", bold=True)
        level = page.link(row + 1, 6, amended.first, MONEY, bold=True)
        for amendment, step in zip(review.amendments, amended.effects, strict=True):
            row += 1
            for column, text in enumerate((amendment_name(amendment, len(amended.effects)), "", OWNER["shared"])):
                page.text(row + 1, column, text)
            effect = page.link(row + 1, 5, step, SIGNED)
            level = page.formula(row + 1, 6, f"{level.here}+{effect.here}", level.number + effect.number, MONEY)
        row += 1
    page.text(row + 1, 0, "Plan in force" if amended else "Plan", bold=True)
    level = page.link(row + 1, 6, totals.plan, MONEY, bold=True)
    variance = Cell(page.name, row + 2 + len(review.bars), 5, totals.variance.value)
    top, written = row + 2, []
    for row, bar in enumerate(review.bars, top):
        for column, text in enumerate((SOURCE[bar.source], DRIVER[bar.driver], OWNER[bar.owner])):
            page.text(row, column, text)
        _values(page, row, bar, totals, by_segment=bool(review.segment_bars))
        effect = page.link(row, 5, effects[bar.source, bar.driver], SIGNED)
        written.append(effect)
        level = page.formula(row, 6, f"{level.here}+{effect.here}", level.number + effect.number, MONEY)
        share = effect.number / variance.number if variance.number else "–"
        page.formula(row, 7, f'IF({variance.here}=0,"–",{effect.here}/{variance.here})', share, "0%")
        page.input(row, 8, bar.order_low, SIGNED)
        page.input(row, 9, bar.order_high, SIGNED)
        if judged:
            page.text(row, 10, verdict_word(bar), indent=1)
            for column, end in enumerate(bar.interval or (), 11):
                page.input(row, column, end, SIGNED)
    row += 1
    page.text(row, 0, "Actual, and the variance", bold=True, top=1)
    for column in (1, 2, 3, 4, *range(7, len(names) if judged else 10)):
        page.text(row, column, "", top=1)
    page.total(row, 5, written, SIGNED, bold=True, top=1)
    page.link(row, 6, totals.actual, MONEY, bold=True, top=1)
    return row + 1


def _values(page: Page, row: int, bar: Bar, totals: PlanAndActual, *, by_segment: bool) -> None:
    """The driver's agreed and actual value: of the whole source, unless only some of its segments have that driver."""
    number = driver_format(bar.driver, bar.plan, bar.actual)
    cells = totals.sources[bar.source].drivers.get(bar.driver)
    for column, value in ((3, bar.plan), (4, bar.actual)):
        if cells is not None:
            page.link(row, column, cells.plan if column == 3 else cells.actual, number)
        elif value is None:
            page.text(row, column, "undefined", align="right")
        else:
            page.input(row, column, value, number)


def _segments(page: Page, row: int, review: Review, source: Source, bars: Sequence[Bar], cells: SegmentCells) -> int:
    """One source's effects, segments down and drivers across. Returns the next free row."""
    drivers: list[Driver] = [bar.driver for bar in review.bars if bar.source == source]
    sizes: dict[str | None, float] = {}
    for bar in bars:
        sizes[bar.segment] = sizes.get(bar.segment, 0.0) + abs(bar.effect)
    listed = sorted(sizes, key=lambda segment: -sizes[segment])[:_MOST_SEGMENTS]
    page.heading(row, f"{SOURCE[source]} effects by {field_name(review)}, {review.currency}")
    page.header(
        row + 1, [field_name(review).capitalize(), "", *(DRIVER[driver] for driver in drivers), "All"], text_columns=2
    )
    top = row + 2
    above: list[list[float]] = [[] for _ in drivers]
    for row, segment in enumerate(listed, top):
        page.sheet.merge_range(row, 0, row, 1, "", page.book.format())
        page.text(row, 0, segment_name(segment), text_wrap=True)
        page.height(row, rows_needed(segment_name(segment), page.widths[0] + page.widths[1]))
        for column, driver in enumerate(drivers):
            cell = cells.effects.get((source, segment, driver))
            if cell is not None:
                page.link(row, 2 + column, cell, SIGNED)
                above[column].append(cell.number)
        value = math.fsum(cell.number for key, cell in cells.effects.items() if key[:2] == (source, segment))
        _across(page, row, len(drivers), value)
    row = top + len(listed)
    bottom = row + int(len(sizes) > len(listed))
    whole = [
        page.link(bottom, column, cells.sums[source, driver], SIGNED, bold=True, top=1)
        for column, driver in enumerate(drivers, 2)
    ]
    if bottom > row:
        page.text(row, 0, f"The other {len(sizes) - len(listed)}", italic=True)
        rest = [cell.number - math.fsum(listed) for cell, listed in zip(whole, above, strict=True)]
        for cell, value in zip(whole, rest, strict=True):
            first, last = (Cell(page.name, at, cell.column, "").here for at in (top, row - 1))
            page.formula(row, cell.column, f"{cell.here}-SUM({first}:{last})", value, SIGNED)
        _across(page, row, len(drivers), math.fsum(rest))
    page.text(bottom, 0, "All", bold=True, top=1)
    page.text(bottom, 1, "", top=1)
    _across(page, bottom, len(drivers), math.fsum(cell.number for cell in whole), top=1)
    return bottom + 1


def _across(page: Page, row: int, drivers: int, value: float, **look: object) -> None:
    """The sum of a segment's effects."""
    first, last = (Cell(page.name, row, column, "").here for column in (2, 1 + drivers))
    page.formula(row, 2 + drivers, f"SUM({first}:{last})", value, SIGNED, bold=True, **look)
