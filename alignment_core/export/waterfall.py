"""The sheet "Chart data", and the native waterfall chart that reads it.

Excel's own waterfall type cannot be written, so the bars are stacked columns: an invisible one up to where the bar
begins, and the bar. Where a bar crosses zero it has a part above and a part below, each on its own invisible base.
The labels are the names of lines that have one invisible point each, because only names follow a cell everywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell

from alignment_core.amendment_words import amendment_name
from alignment_core.export.amended import AmendedPlan
from alignment_core.export.plan_and_actual import PlanAndActual
from alignment_core.export.sheets import FONT, INK, LINE, MONEY, Book, Cell, Page
from alignment_core.results import Review
from alignment_core.vocabulary import Driver, Source
from alignment_core.wording import DRIVER, SOURCE, period

__all__ = ["waterfall"]

PLAN, ACTUAL, FAVOURABLE, UNFAVOURABLE, AMENDED = "#8795A3", "#3B4754", "#0072B2", "#D55E00", "#B9C4CE"

#: Nothing to see where a part of a bar is zero.
_NO_ZERO = "#,##0;-#,##0;;"
_FIRST_ROW = 4
_COLUMNS = (
    "Group", "Bar", "Effect", "Start", "End", "Base above 0", "Base below 0", "Favourable above 0", "Favourable below 0",
    "Unfavourable above 0", "Unfavourable below 0", "Plan, actual above 0", "Plan, actual below 0", "Label", "Label at",
)  # fmt: skip
_EFFECT, _START, _END, _BASES, _UP, _DOWN, _ENDS, _LABEL, _HEIGHT = 2, 3, 4, 5, 7, 9, 11, 13, 14


@dataclass(frozen=True)
class _Unit:
    """How amounts are shortened on the chart."""

    scale: int
    suffix: str
    decimals: int
    axis: str

    @classmethod
    def of(cls, largest: float) -> "_Unit":
        if largest >= 1e11:
            return cls(1_000_000_000, "B", 1, '#,##0,,,"B"')
        if largest >= 1e8:
            return cls(1_000_000, "M", 1, '#,##0,,"M"')
        if largest >= 1e5:
            return cls(1_000, "k", 0 if largest >= 1e6 else 1, '#,##0,"k"')
        return cls(1, "", 0, "#,##0")

    def label(self, amount: str, *, plus: bool) -> str:
        """The formula of a label: signed, and with the separators of whoever reads it."""
        short = f"ROUND({amount}/{self.scale},{self.decimals})"
        return f'IF({short}=0,"0",IF({short}<0,"−","{"+" if plus else ""}")&FIXED(ABS({short}),{self.decimals})&"{self.suffix}")'

    def text(self, amount: float, *, plus: bool) -> str:
        """What that formula reads."""
        short = (Decimal(repr(amount)) / self.scale).quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
        return f"{'−' if short < 0 else '+' if plus else ''}{abs(short):,}{self.suffix}" if short else "0"


def waterfall(
    book: Book, page: Page, review: Review, totals: PlanAndActual, effects: Mapping[tuple[Source, Driver], Cell],
    amended: AmendedPlan | None = None,
) -> tuple[Any, str]:  # fmt: skip
    """Write the chart's data; return the chart and what it says in words.

    An amendment has the plan's colour and not one of good or bad: both sides signed it.
    """
    bars = [
        (SOURCE[bar.source], "" if bar.driver == "unassigned" else DRIVER[bar.driver], effects[bar.source, bar.driver])
        for bar in review.bars
    ]
    levels = [totals.plan.number]
    for _, _, effect in bars:
        levels.append(levels[-1] + effect.number)
    before = _before(review, amended)
    unit = _Unit.of(max(map(abs, (*levels, totals.actual.number, *(cell.number for _, _, cell in before)))))

    page.title(
        "Chart data",
        "What the chart on the Summary is drawn from. Formulas over the other sheets; nothing to type here.",
    )
    page.header(_FIRST_ROW - 1, _COLUMNS, text_columns=2)
    steps = [*before, ("Plan in force" if amended else "Plan", "", totals.plan), *bars, ("Actual", "", totals.actual)]
    whole = {0, len(before), len(steps) - 1}
    ends: list[Cell] = []
    for row, (group, name, source) in enumerate(steps, _FIRST_ROW):
        is_end = row - _FIRST_ROW in whole
        page.text(row, 0, group if group != steps[row - _FIRST_ROW - 1][0] else "")
        page.text(row, 1, name)
        effect = page.link(row, _EFFECT, source, MONEY)
        start = (
            page.input(row, _START, 0, MONEY)
            if is_end
            else page.formula(row, _START, ends[-1].here, ends[-1].number, MONEY)
        )
        ends.append(page.formula(row, _END, f"{start.here}+{effect.here}", start.number + effect.number, MONEY))
        _parts(page, row, effect, start, ends[-1], is_end=is_end or row - _FIRST_ROW < len(before))
        page.formula(
            row, _LABEL, unit.label(effect.here, plus=not is_end), unit.text(effect.number, plus=not is_end), "General"
        )
        height = f"MAX({start.here},{ends[-1].here})", max(start.number, ends[-1].number)
        page.formula(row, _HEIGHT + row - _FIRST_ROW, *height, MONEY)
    book.check("Chart: the last step ends at actual revenue", ends[-2], ends[-1])
    if amended:
        book.check("Chart: the amendments end at the plan in force", ends[len(before) - 1], ends[len(before)])
    last = _FIRST_ROW + len(steps) - 1
    page.sheet.print_area(0, 0, last, _LABEL)
    groups = ["" if place and group == steps[place - 1][0] else group for place, (group, _, _) in enumerate(steps)]
    start = amended.first if amended else totals.plan
    words = f"Waterfall from plan {unit.text(start.number, plus=False)} to actual {unit.text(totals.actual.number, plus=False)} {review.currency}: "
    told = [f"{name} {unit.text(effect.number, plus=True)}" for name, _, effect in before[1:]]
    told += [f"{f'{group} {name}'.rstrip()} {unit.text(effect.number, plus=True)}" for group, name, effect in bars]
    words += "; ".join(told)
    return _chart(book, page.name, last, [groups, [name for _, name, _ in steps]], unit, review, len(before)), words


def _before(review: Review, amended: AmendedPlan | None) -> list[tuple[str, str, Cell]]:
    """The steps up to the plan in force: what was first signed, and each amendment."""
    if amended is None:
        return []
    names = [amendment_name(each, len(review.amendments)) for each in review.amendments]
    return [
        ("First plan", "", amended.first),
        *((name, "", cell) for name, cell in zip(names, amended.effects, strict=True)),
    ]


def _parts(page: Page, row: int, effect: Cell, start: Cell, end: Cell, *, is_end: bool) -> None:
    """The invisible bases, and the bar above and below zero in the column of its colour."""
    low, high = f"MIN({start.here},{end.here})", f"MAX({start.here},{end.here})"
    least, most = min(start.number, end.number), max(start.number, end.number)
    above = page.formula(row, _BASES, f"MAX(0,{low})", max(0.0, least), _NO_ZERO)
    below = page.formula(row, _BASES + 1, f"MIN(0,{high})", min(0.0, most), _NO_ZERO)
    parts = (
        (f"MAX(0,{high})-{above.here}", max(0.0, most) - above.number),
        (f"MIN(0,{low})-{below.here}", min(0.0, least) - below.number),
    )
    shown: Sequence[tuple[int, str, Callable[[float], bool]]] = (
        [(_ENDS, "", lambda _: True)]
        if is_end
        else [(_UP, ">0", lambda moved: moved > 0), (_DOWN, "<0", lambda moved: moved < 0)]
    )
    for column, condition, holds in shown:
        for side, (formula, value) in enumerate(parts):
            conditional = f"IF({effect.here}{condition},{formula},0)" if condition else formula
            page.formula(row, column + side, conditional, value if holds(effect.number) else 0.0, _NO_ZERO)


def _chart(
    book: Book, sheet: str, last: int, categories: list[list[str]], unit: _Unit, review: Review, before: int
) -> Any:
    def down(first: int, to: int | None = None) -> str:
        return f"={quote_sheetname(sheet)}!{xl_range_abs(_FIRST_ROW, first, last, first if to is None else to)}"

    font = {"name": FONT, "size": 9, "color": INK}
    labelled = {"categories": down(0, 1), "categories_data": categories}
    chart = book.chart("column", "stacked")
    ends: list[dict[str, object] | None] = [None] * len(categories[0])
    ends[0], ends[-1] = {"fill": {"color": PLAN}}, {"fill": {"color": ACTUAL}}
    if before:
        ends[1:before] = [{"fill": {"color": AMENDED}}] * (before - 1)
        ends[before] = {"fill": {"color": PLAN}}
    for column, colour in ((_BASES, None), (_UP, FAVOURABLE), (_DOWN, UNFAVOURABLE), (_ENDS, PLAN)):
        for side in (0, 1):
            at = column + side
            look: dict[str, object] = {
                "fill": {"color": colour} if colour else {"none": True},
                "border": {"none": True},
                "gap": 35,
            }
            if column == _ENDS:
                look["points"] = ends
            chart.add_series({"name": _COLUMNS[at], "values": down(at), **labelled, **look})
    labels = book.chart("line")
    for place in range(len(categories[0])):
        name = f"={quote_sheetname(sheet)}!{xl_rowcol_to_cell(_FIRST_ROW + place, _LABEL, True, True)}"
        labels.add_series(
            {
                "name": name, "values": down(_HEIGHT + place), **labelled, "line": {"none": True}, "marker": {"type": "none"},
                "data_labels": {"series_name": True, "value": False, "position": "above", "fill": {"color": "#FFFFFF"}, "font": font | {"bold": True}},
            }
        )  # fmt: skip
    chart.combine(labels)
    title = f"From plan to actual, {period(review.quarter)}"
    chart.set_title({"name": title, "name_font": font | {"size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_x_axis({"label_position": "low", "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none"})
    chart.set_y_axis(
        {
            "name": f"Revenue, {review.currency}", "name_font": font | {"bold": False}, "num_font": font, "num_format": unit.axis,
            "major_gridlines": {"visible": True, "line": {"color": "#E3E8EC"}}, "line": {"none": True},
        }
    )  # fmt: skip
    return chart
