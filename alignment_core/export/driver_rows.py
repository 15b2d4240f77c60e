"""Driver rows: each driver as a formula over the counts, and the bridge in funnel order as formulas over the drivers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alignment_core.export.sheets import MONEY, RATE, SIGNED, Cell, Page, count_format
from alignment_core.results import Bar
from alignment_core.vocabulary import RATE_DRIVER, RATE_DRIVERS, VOLUME_DRIVERS, VOLUME_STAGE, Driver

__all__ = ["Columns", "DriverCells", "Side", "difference", "driver_format", "in_order_formula", "write_drivers"]

#: The cells of one side's counts by stage, and "revenue"; a stage that nobody recorded is left out.
Side = Mapping[str, Cell]

_STEP = {driver: step for step, driver in RATE_DRIVER.items()}


@dataclass(frozen=True)
class Columns:
    """Where things stand: the first of plan, actual, variance; of plan used, actual used, effect in funnel order;
    and the shown method's effect, if that is another."""

    values: int
    used: int
    shown: int | None


@dataclass(frozen=True)
class DriverCells:
    """What was written for one driver. `shown` is the effect by the review's method."""

    plan: Cell
    actual: Cell
    in_order: Cell
    shown: Cell


def driver_format(driver: Driver, *values: float | None) -> str:
    """The number format of a driver's values."""
    if driver in RATE_DRIVERS:
        return RATE
    return count_format(*values) if driver in VOLUME_DRIVERS else MONEY


def write_drivers(
    page: Page, top: int, columns: Columns, bars: Sequence[Bar], in_order: Sequence[Bar], plan: Side, actual: Side
) -> list[DriverCells]:
    """One row for each driver of one product (a source, or a segment of one).

    Args:
        page, top, columns: where to.
        bars: the effects by the review's method.
        in_order: the same bars in funnel order.
        plan, actual: the counts that the formulas read.
    """
    rows = [_values(page, top + place, columns, bar, plan, actual) for place, bar in enumerate(in_order)]
    used = [_used(page, top + place, columns, bar, rows[place]) for place, bar in enumerate(in_order)]
    before, after = ([pair[side] for pair in used] for side in (0, 1))
    written = []
    for place, (bar, ordered) in enumerate(zip(bars, in_order, strict=True)):
        moved = f"({after[place].here}-{before[place].here})"
        formula = in_order_formula(place, moved, before, after)
        effect = page.formula(top + place, columns.used + 2, formula, ordered.effect, SIGNED)
        shown = effect if columns.shown is None else page.input(top + place, columns.shown, bar.effect, SIGNED)
        written.append(DriverCells(*rows[place][:2], effect, shown))
    return written


def in_order_formula(place: int, moved: str, before: Sequence[Cell], after: Sequence[Cell]) -> str:
    """One driver's effect in funnel order: those above it have moved already, those below it have not."""
    parts = [moved]
    if place:
        parts.insert(0, f"PRODUCT({after[0].here}:{after[place - 1].here})")
    if place < len(before) - 1:
        parts.append(f"PRODUCT({before[place + 1].here}:{before[-1].here})")
    return "*".join(parts)


def difference(one: Cell, other: Cell) -> str:
    """How far a value moved; not at all, where only the last bits that a division leaves are different."""
    return f"IF(ABS({other.here}-{one.here})<=4E-15*ABS({one.here}),0,{other.here}-{one.here})"


def _values(page: Page, row: int, columns: Columns, bar: Bar, plan: Side, actual: Side) -> tuple[Cell, Cell, Cell]:
    """Plan, actual and their difference."""
    one, other = (
        page.formula(
            row, columns.values + place, _formula(bar.driver, side), "undefined" if value is None else value,
            driver_format(bar.driver, value),
        )
        for place, (side, value) in enumerate(((plan, bar.plan), (actual, bar.actual)))
    )  # fmt: skip
    number = driver_format(bar.driver, bar.plan, bar.actual)
    both = f"AND(ISNUMBER({one.here}),ISNUMBER({other.here}))"
    known = bar.plan is not None and bar.actual is not None
    moved = page.formula(
        row, columns.values + 2, f'IF({both},{difference(one, other)},"–")', other.number - one.number if known else "–",
        f"+{number};-{number};0",
    )  # fmt: skip
    return one, other, moved


def _used(page: Page, row: int, columns: Columns, bar: Bar, cells: tuple[Cell, Cell, Cell]) -> tuple[Cell, Cell]:
    """Both values with what is undefined taken from the other side."""
    one, other, moved = cells
    known = [value for value in (bar.plan, bar.actual) if value is not None] or [0.0]
    plan = page.formula(
        row, columns.used, f"IF(ISNUMBER({one.here}),{one.here},IF(ISNUMBER({other.here}),{other.here},0))", known[0],
        driver_format(bar.driver, known[0]),
    )  # fmt: skip
    actual = page.formula(
        row, columns.used + 1, f"IF({moved.here}=0,{plan.here},IF(ISNUMBER({other.here}),{other.here},{plan.here}))", known[-1],
        driver_format(bar.driver, known[-1]),
    )  # fmt: skip
    return plan, actual


def _formula(driver: Driver, side: Side) -> str:
    """A driver as it follows from the counts; undefined where there is nothing to divide by."""
    if driver in VOLUME_DRIVERS:
        return side[VOLUME_STAGE[driver]].here
    if driver == "unassigned":
        return side["revenue"].here
    before, after = _STEP[driver] if driver in RATE_DRIVERS else ("wins", "revenue")
    below, above = side[before].here, side[after].here
    return f'IF({below}=0,"undefined",{above}/{below})'
