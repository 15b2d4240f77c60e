"""The sheet "By segment": the counts of each segment, and its bridge as formulas over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from alignment_core.drivers import total
from alignment_core.export.driver_rows import Columns, Side, write_drivers
from alignment_core.export.plan_and_actual import PlanAndActual, nothing
from alignment_core.export.sheets import FAINT, MONEY, SIGNED, Book, Cell, Page, count_format, rows_needed
from alignment_core.results import Bar, Counts, Review
from alignment_core.vocabulary import STAGES, Driver, Source
from alignment_core.wording import DRIVER, METHOD, SOURCE, STAGE

__all__ = ["SegmentCells", "field_name", "segment_name", "segment_width", "write_by_segment"]

_NAMES = (*STAGES, "revenue")
_PLAN, _ACTUAL = 2, 2 + len(_NAMES)


@dataclass(frozen=True)
class SegmentCells:
    """What was written: the shown effects of each segment, and their sums over the segments."""

    effects: Mapping[tuple[Source, str | None, Driver], Cell]
    sums: Mapping[tuple[Source, Driver], Cell]


def field_name(review: Review) -> str:
    """The field of the breakdown in words."""
    return (review.by or "segment").replace("_", " ")


def segment_name(segment: str | None) -> str:
    return "(not split)" if segment is None else segment or "(empty)"


def segment_width(review: Review) -> int:
    """How wide the column of the segments' names is."""
    names = [f"{segment_name(segment)} (lost)" for cells in review.segment_actual.values() for segment in cells]
    return min(44, max(20, *map(len, names), 0))


def write_by_segment(
    book: Book, page: Page, review: Review, in_order: Sequence[Bar], totals: PlanAndActual
) -> SegmentCells:
    """Write the sheet. Without a plan by segment it has the counts only.

    Args:
        in_order: the segments' bars in funnel order.
    """
    field = field_name(review)
    page.title(
        f"By {field}",
        f"The counts of each {field} are inputs; drivers and effects follow from them. Amounts in {review.currency}."
        + ("" if review.segment_bars else f" There is no plan by {field}, so there is no bridge either."),
    )
    page.heading(3, "Counts")
    names = [*(STAGE[stage] for stage in STAGES), "Revenue"]
    page.header(
        4,
        ["Source", field.capitalize(), *(f"Plan {name}" for name in names), *(f"Actual {name}" for name in names)],
        text_columns=2,
    )
    row = 5
    cells: dict[tuple[Source, str | None], tuple[Side, Side]] = {}
    for source in dict.fromkeys([*review.segment_plan, *review.segment_actual]):
        plans, actuals = review.segment_plan.get(source, {}), review.segment_actual.get(source, {})
        own = []
        for segment in dict.fromkeys([*plans, *actuals]):
            plan = plans.get(segment, nothing(total(plans or actuals))) if review.segment_bars else None
            actual = actuals.get(segment, nothing(total(actuals or plans)))
            own.append(_counts(page, row, source, segment, plan, actual))
            cells[source, segment] = own[-1]
            row += 1
        if own:
            _revenues(book, page, row, review, source, own, totals)
            row += 2
    return _bridge(book, page, row, review, in_order, cells, totals) if review.segment_bars else SegmentCells({}, {})


def _revenues(
    book: Book, page: Page, row: int, review: Review, source: Source, segments: Sequence[tuple[Side, Side]], totals: PlanAndActual
) -> None:  # fmt: skip
    """The sums over a source's segments, which must be what the whole has."""
    for column in range(_ACTUAL + len(_NAMES)):
        page.text(row, column, "" if column else f"{SOURCE[source]}, all", bold=True, top=1)
    whole = totals.sources[source]
    for place, name, column, all_segments in (
        (0, "plan", _PLAN, whole.plan),
        (1, "actual revenue", _ACTUAL, whole.actual),
    ):
        revenue = [sides[place]["revenue"] for sides in segments if "revenue" in sides[place]]
        if revenue:
            added = page.total(row, column + len(STAGES), revenue, MONEY, bold=True, top=1)
            label = f"{SOURCE[source]}: the {name} by {field_name(review)} adds up to the whole"
            book.check(label, added, all_segments["revenue"])


def _counts(
    page: Page, row: int, source: Source, segment: str | None, plan: Counts | None, actual: Counts
) -> tuple[Side, Side]:
    page.text(row, 0, SOURCE[source])
    page.text(row, 1, segment_name(segment), text_wrap=True)
    page.height(row, rows_needed(segment_name(segment), page.widths[1]))
    sides: list[Side] = []
    for column, counts in ((_PLAN, plan), (_ACTUAL, actual)):
        written: dict[str, Cell] = {}
        for place, name in enumerate(_NAMES):
            value = getattr(counts, name) if counts else None
            if value is not None:
                number = MONEY if name == "revenue" else count_format(value)
                written[name] = page.input(row, column + place, value, number)
            else:
                page.text(row, column + place, "–", font_color=FAINT, align="right")
        sides.append(written)
    return sides[0], sides[1]


def _bridge(
    book: Book, page: Page, row: int, review: Review, in_order: Sequence[Bar],
    counts: Mapping[tuple[Source, str | None], tuple[Side, Side]], totals: PlanAndActual,
) -> SegmentCells:  # fmt: skip
    other_method = review.method != "sequential"
    columns = Columns(3, 6, 9 if other_method else None)
    shown_column = columns.shown or columns.used + 2
    head = [
        "Source",
        field_name(review).capitalize(),
        "Driver",
        "Plan",
        "Actual",
        "Variance",
        "Plan, as used",
        "Actual, as used",
        "Effect in funnel order",
    ]
    if other_method:
        head.append(f"Effect, {METHOD[review.method]}")

    page.heading(row, "Sums by driver")
    page.header(
        row + 1, ["Source", "", "Driver", *[""] * (shown_column - 3), head[-1], "Sum by source"], text_columns=3
    )
    sums_top = row + 2
    row = sums_top + len(review.bars) + 2
    page.break_before(row, fit_above=False)
    page.heading(row, "Each driver")
    page.header(row + 1, head, text_columns=3)
    page.sheet.repeat_rows(row + 1)
    row = top = row + 2
    effects: dict[tuple[Source, str | None, Driver], Cell] = {}
    pairs = zip(review.segment_bars, in_order, strict=True)
    for (source, segment), group in groupby(pairs, key=lambda pair: (pair[0].source, pair[0].segment)):
        shown, ordered = zip(*group, strict=True)
        for place, bar in enumerate(shown):
            status = f" ({bar.status})" if bar.status else ""
            for column, text in enumerate((SOURCE[source], segment_name(segment) + status, DRIVER[bar.driver])):
                page.text(row + place, column, text, text_wrap=column == 1)
            page.height(row + place, rows_needed(segment_name(segment) + status, page.widths[1]))
        cells = write_drivers(page, row, columns, shown, ordered, *counts[source, segment])
        effects |= {(source, segment, bar.driver): cell.shown for bar, cell in zip(shown, cells, strict=True)}
        row += len(cells)

    return SegmentCells(effects, _sums(book, page, sums_top, top, row - 1, shown_column, review, totals))


def _sums(
    book: Book, page: Page, row: int, top: int, last: int, column: int, review: Review, totals: PlanAndActual
) -> dict[tuple[Source, Driver], Cell]:
    """The bridge of the whole: each driver's effects added up over the segments."""

    def down(at: int) -> str:
        return f"{Cell(page.name, top, at, '').here}:{Cell(page.name, last, at, '').here}"

    found: dict[tuple[Source, Driver], Cell] = {}
    for source, bars in groupby(review.bars, key=lambda bar: bar.source):
        own = []
        for bar in bars:
            page.text(row, 0, SOURCE[source])
            page.text(row, 2, DRIVER[bar.driver])
            of, driver = (Cell(page.name, row, at, "").here for at in (0, 2))
            formula = f"SUMIFS({down(column)},{down(0)},{of},{down(2)},{driver})"
            own.append(page.formula(row, column, formula, bar.effect, SIGNED))
            found[source, bar.driver] = own[-1]
            row += 1
        added = page.total(row - 1, column + 1, own, SIGNED)
        book.check(
            f"{SOURCE[source]}: the effects by {field_name(review)} add up to the variance",
            added,
            totals.sources[source].variance,
        )
    for at in range(column):
        page.text(row, at, "" if at else "All", bold=True, top=1)
    everything = page.total(row, column, list(found.values()), SIGNED, bold=True, top=1)
    book.check(f"The effects by {field_name(review)} add up to the variance", everything, totals.variance)
    return found
