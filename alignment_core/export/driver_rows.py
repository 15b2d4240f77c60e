"""Driver rows: each driver as a formula over the counts, and the bridge in funnel order as formulas over the drivers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alignment_core.export.sheets import MONEY, RATE, SIGNED, Cell, Page, count_format
from alignment_core.results import Bar
from alignment_core.vocabulary import RATE_DRIVER, RATE_DRIVERS, VOLUME_DRIVERS, VOLUME_STAGE, Driver

__all__ = ["Columns", "DriverCells", "Side", "driver_format", "write_drivers"]

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
    values = [_values(page, top + place, columns, bar, plan, actual) for place, bar in enumerate(in_order)]
    used = [
        tuple(
            page.formula(
                top + place, columns.used + side,
                f'IF(ISNUMBER({pair[side].here}),{pair[side].here},IF(ISNUMBER({pair[1 - side].here}),{pair[1 - side].here},0))',
                next((cell.number for cell in (pair[side], pair[1 - side]) if not isinstance(cell.value, str)), 0.0),
                driver_format(in_order[place].driver, *(cell.number for cell in pair)),
            )
            for side in (0, 1)
        )
        for place, pair in enumerate(values)
    ]  # fmt: skip
    written = []
    for place, (bar, ordered) in enumerate(zip(bars, in_order, strict=True)):
        row = top + place
        parts = [f"({used[place][1].here}-{used[place][0].here})"]
        if place:
            parts.insert(0, f"PRODUCT({used[0][1].here}:{used[place - 1][1].here})")
        if place < len(used) - 1:
            parts.append(f"PRODUCT({used[place + 1][0].here}:{used[-1][0].here})")
        effect = page.formula(row, columns.used + 2, "*".join(parts), ordered.effect, SIGNED)
        shown = effect if columns.shown is None else page.input(row, columns.shown, bar.effect, SIGNED)
        written.append(DriverCells(*values[place], effect, shown))
    return written


def _values(page: Page, row: int, columns: Columns, bar: Bar, plan: Side, actual: Side) -> tuple[Cell, Cell]:
    """Plan, actual and their difference."""
    number = driver_format(bar.driver, bar.plan, bar.actual)
    one, other = (
        page.formula(row, columns.values + place, _formula(bar.driver, side), "undefined" if value is None else value, number)
        for place, (side, value) in enumerate(((plan, bar.plan), (actual, bar.actual)))
    )
    known = bar.plan is not None and bar.actual is not None
    page.formula(
        row, columns.values + 2,
        f'IF(AND(ISNUMBER({one.here}),ISNUMBER({other.here})),{other.here}-{one.here},"–")',
        other.number - one.number if known else "–",
        f"+{number};-{number};0",
    )  # fmt: skip
    return one, other


def _formula(driver: Driver, side: Side) -> str:
    """A driver as it follows from the counts; undefined where there is nothing to divide by."""
    if driver in VOLUME_DRIVERS:
        return side[VOLUME_STAGE[driver]].here
    if driver == "unassigned":
        return side["revenue"].here
    before, after = _STEP[driver] if driver in RATE_DRIVERS else ("wins", "revenue")
    below, above = side[before].here, side[after].here
    return f'IF({below}=0,"undefined",{above}/{below})'
