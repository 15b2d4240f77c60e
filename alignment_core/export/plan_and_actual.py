"""The sheet "Plan and Actual": the counts of each source, and everything that follows from them as formulas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xlsxwriter.utility import xl_rowcol_to_cell

from alignment_core.agreement import Agreement
from alignment_core.export.driver_rows import Columns, DriverCells, Side, write_drivers
from alignment_core.export.sheets import CENTS, FAINT, MONEY, RATE, SIGNED, Book, Cell, Page, count_format
from alignment_core.results import Bar, Counts, Review
from alignment_core.vocabulary import CHAIN, SOURCES, STAGES, Driver, Source, Stage
from alignment_core.wording import DRIVER, METHOD, SOURCE, STAGE

#: The rates between the stages of a whole chain.
RATES: tuple[Driver, ...] = ("mql_to_sql", "sql_to_opportunity", "close_rate")

__all__ = [
    "Owed",
    "PlanAndActual",
    "SourceCells",
    "nothing",
    "recorded_stages",
    "write_plan_and_actual",
    "write_stages",
]


@dataclass(frozen=True)
class SourceCells:
    """What was written for one source: its counts by side (with "revenue"), its variance and its drivers."""

    plan: Side
    actual: Side
    variance: Cell
    drivers: Mapping[Driver, DriverCells]


@dataclass(frozen=True)
class Owed:
    """What a source's plan follows from: its revenue as a formula, and the cells of the agreed rates and deal size."""

    revenue: str
    agreed: Mapping[Driver, Cell]

    def formulas(self, row: int, stages: Sequence[Stage]) -> dict[str, str]:
        """The plan's counts, written from `row` down with revenue last, each over the one below it."""
        found = {"revenue": self.revenue}
        below = xl_rowcol_to_cell(row + len(stages), 1)
        for driver, (place, stage) in zip(
            ("deal_size", *reversed(RATES)), reversed(list(enumerate(stages))), strict=False
        ):
            found[stage] = f"{below}/{self.agreed[driver].here}"
            below = xl_rowcol_to_cell(row + place, 1)
        return found


@dataclass(frozen=True)
class PlanAndActual:
    """What the other sheets link to."""

    target: Cell
    split: Cell
    sources: Mapping[Source, SourceCells]
    plan: Cell
    actual: Cell
    variance: Cell


def write_plan_and_actual(
    book: Book, page: Page, review: Review, agreement: Agreement, in_order: Sequence[Bar]
) -> PlanAndActual:
    """Write the sheet.

    Args:
        in_order: the bridge of the sources' totals in funnel order.
    """
    page.title(
        "Plan and actual",
        f"Blue cells are inputs, black ones formulas over them. Amounts in {review.currency}. "
        "Variance is actual − plan: positive is favourable.",
    )
    page.header(3, ("What was agreed", "Value"))
    page.text(4, 0, f"Revenue target, {review.currency}")
    target = page.input(4, 1, agreement.revenue_target, MONEY)
    page.text(5, 0, "Marketing's share of it")
    split = page.input(5, 1, agreement.split.marketing, RATE)
    agreed, row = _agreed(page, 6, review, agreement)
    shares = {"marketing": split.here, "sales": f"(1-{split.here})"}
    sources: dict[Source, SourceCells] = {}
    for source in SOURCES:
        bars = [bar for bar in in_order if bar.source == source]
        if bars:
            owed = Owed(f"{target.here}*{shares[source]}", agreed[source]) if source in agreed else None
            sources[source], row = _source(book, page, row, review, source, bars, owed)

    page.heading(row, "All sources")
    page.header(row + 1, ("Stage", "Plan", "Actual", "Variance", "Variance, %"))
    row += 2
    for stage in STAGES[1:]:
        if all(stage in side for cells in sources.values() for side in (cells.plan, cells.actual)):
            page.text(row, 0, STAGE[stage])
            _sums(page, row, [(cells.plan[stage], cells.actual[stage]) for cells in sources.values()], money=False)
            row += 1
    page.text(row, 0, f"Revenue, {review.currency}", bold=True, top=1)
    revenue = [(cells.plan["revenue"], cells.actual["revenue"]) for cells in sources.values()]
    plan, actual, variance = _sums(page, row, revenue, money=True, bold=True, top=1)
    book.check("Plan: the sources' plans add up to the revenue target", plan, target)
    return PlanAndActual(target, split, sources, plan, actual, variance)


def _agreed(
    page: Page, row: int, review: Review, agreement: Agreement
) -> tuple[Mapping[Source, Mapping[Driver, Cell]], int]:
    """The agreed rates and deal sizes as inputs, of the sources whose plan follows from them; the next free row as well.

    Plans per segment have their own, on the sheet "By segment": their sum is no product of rates.
    """
    sources = [source for source in review.plan if CHAIN[source] and set(agreement.segment_cells[source]) == {None}]
    if not sources:
        return {}, row + 1
    page.header(row + 1, ("Agreed rates", *(source.capitalize() for source in sources)))
    row += 2
    cells: dict[Source, dict[Driver, Cell]] = {source: {} for source in sources}
    for driver in (*RATES, "deal_size"):
        if not any(hasattr(getattr(agreement, source), driver) for source in sources):
            continue
        page.text(row, 0, f"{DRIVER[driver]}, {review.currency}" if driver == "deal_size" else DRIVER[driver])
        for column, source in enumerate(sources, 1):
            value = getattr(getattr(agreement, source), driver, None)
            if value is not None:
                cells[source][driver] = page.input(row, column, value, CENTS if driver == "deal_size" else "0.00%")
        row += 1
    return cells, row + 1


def _source(
    book: Book, page: Page, row: int, review: Review, source: Source, in_order: Sequence[Bar], owed: Owed | None
) -> tuple[SourceCells, int]:
    """One source: its counts, its drivers and its bridge. Returns the next free row as well."""
    page.heading(row, SOURCE[source])
    page.header(row + 1, ("Stage", "Plan", "Actual", "Variance", "Variance, %"))
    plan_counts, actual_counts = review.plan.get(source), review.actual.get(source)
    known = plan_counts or actual_counts or Counts()
    both = (plan_counts or nothing(known), actual_counts or nothing(known))
    stages = recorded_stages(source, *both)
    plan, actual, variance, row = write_stages(page, row + 2, both, stages, review.currency, owed)

    # With segments the shown effects are sums over the segments, on the sheet "By segment".
    other_method = review.method != "sequential" and not review.segment_bars
    shown = [bar for bar in review.bars if bar.source == source] if other_method else in_order
    names = ["Driver", "Plan", "Actual", "Variance", "Plan, as used", "Actual, as used", "Effect in funnel order"]
    page.header(row + 1, [*names, f"Effect, {METHOD[review.method]}"] if other_method else names)
    top = row + 2
    for place, bar in enumerate(in_order):
        page.text(top + place, 0, DRIVER[bar.driver])
    cells = write_drivers(page, top, Columns(1, 4, 7 if other_method else None), shown, in_order, plan, actual)

    row = top + len(cells)
    for column in range(6):
        page.text(row, column, "" if column else "Sum of the effects", bold=True, top=1)
    page.text(row + 1, 0, "Difference from the variance of revenue")
    ways = {6: ([each.in_order for each in cells], "in funnel order")}
    if other_method:
        ways[7] = ([each.shown for each in cells], f"by {METHOD[review.method]}")
    for column, (effects, way) in ways.items():
        total = page.total(row, column, effects, SIGNED, bold=True, top=1)
        page.formula(
            row + 1,
            column,
            f"ROUND({total.here}-{variance.here},2)",
            round(total.number - variance.number, 2) + 0.0,
            "0.00",
        )
        book.check(f"{SOURCE[source]}: the effects {way} add up to the variance", total, variance)
    drivers = {bar.driver: each for bar, each in zip(in_order, cells, strict=True)}
    return SourceCells(plan, actual, variance, drivers), row + 3


def nothing(known: Counts) -> Counts:
    """A side that has nothing: zero in every stage that the other side recorded."""
    return replace(known, revenue=0.0, **{stage: 0.0 for stage in STAGES if getattr(known, stage) is not None})


def recorded_stages(source: Source, *sides: Counts) -> tuple[Stage, ...]:
    """The stages to show for a source: its chain, or whatever there is of unassigned demand."""
    return CHAIN[source] or tuple(stage for stage in STAGES if any(getattr(side, stage) is not None for side in sides))


def write_stages(
    page: Page,
    row: int,
    sides: tuple[Counts, Counts],
    stages: Sequence[Stage],
    currency: str,
    owed: Owed | None = None,
) -> tuple[Side, Side, Cell, int]:
    """The counts of both sides as inputs, their variances as formulas; the last row is revenue.

    Args:
        owed: what the plan follows from: then its counts are formulas, back from revenue to the first stage.
    """
    written: tuple[dict[str, Cell], dict[str, Cell]] = ({}, {})
    follows = owed.formulas(row, stages) if owed else {}
    for name, label in (*((stage, STAGE[stage]) for stage in stages), ("revenue", f"Revenue, {currency}")):
        money = name == "revenue"
        values = [getattr(side, name) for side in sides]
        page.text(row, 0, label, bold=money, top=int(money))
        for column, (value, cells) in enumerate(zip(values, written, strict=True), 1):
            if value is None:
                page.text(row, column, "not recorded", italic=True, font_color=FAINT, align="right")
            else:
                look = {"bold": money, "top": int(money)}
                number = MONEY if money else count_format(value)
                if column == 1 and name in follows:
                    cells[name] = page.formula(row, column, follows[name], value, number, **look)
                else:
                    cells[name] = page.input(row, column, value, number, **look)
        if all(name in cells for cells in written):
            number = MONEY if money else count_format(*values)
            variance = _variance(page, row, written[0][name], written[1][name], number, bold=money, top=int(money))
        row += 1
    return written[0], written[1], variance, row


def _sums(
    page: Page, row: int, pairs: Sequence[tuple[Cell, Cell]], *, money: bool, **look: object
) -> tuple[Cell, Cell, Cell]:
    """A row of sums over the sources, and their variance."""
    values = [sum(pair[side].number for pair in pairs) for side in (0, 1)]
    number = MONEY if money else count_format(*values)
    plan, actual = (
        page.formula(row, side + 1, "+".join(pair[side].here for pair in pairs), values[side], number, **look)
        for side in (0, 1)
    )
    return plan, actual, _variance(page, row, plan, actual, number, **look)


def _variance(page: Page, row: int, plan: Cell, actual: Cell, number: str, **look: object) -> Cell:
    variance = actual.number - plan.number
    share = variance / plan.number if plan.number else "–"
    cell = page.formula(row, 3, f"{actual.here}-{plan.here}", variance, f"+{number};-{number};0", **look)
    page.formula(row, 4, f'IF({plan.here}=0,"–",{cell.here}/{plan.here})', share, "+0.0%;-0.0%;0.0%", **look)
    return cell
