"""Two sides' counts → the bars of the bridge.

Here the stages that exist become the factors of revenue: a stage that nobody recorded, or that is zero while
a later one is not, is left out and the rates around it become one driver. The arithmetic itself is `bridge`'s.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alignment_core.agreement import Owners
from alignment_core.bridge import decompose, order_range
from alignment_core.results import Bar, Counts
from alignment_core.vocabulary import CHAIN, DRIVERS, RATE_DRIVER, SOURCES, VOLUME_DRIVER, Driver, Method, Source, Stage

__all__ = ["Cells", "bridge_bars", "chain", "factors", "total"]

#: What one side brought: counts by source and segment (the only segment is None without a breakdown).
Cells = Mapping[Source, Mapping[str | None, Counts]]


def bridge_bars(plan: Cells, actual: Cells, owners: Owners, method: Method) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """The bridge from plan to actual.

    Args:
        plan, actual: counts by source and segment. A segment on one side only is `new` or `lost`: its rates
            are undefined on the other side, so its volume takes the whole effect.
        owners: who answers for what.
        method: how a product's change is shared among its factors.

    Returns:
        The bars by driver (sums over the segments), and the bars by segment and driver. Without a breakdown
        the second is empty. Either sums to actual revenue minus plan revenue.

    Raises:
        ValueError: the method cannot close for these numbers (`bridge.decompose` says why).
    """
    whole: list[Bar] = []
    parts: list[Bar] = []
    for source in SOURCES:
        cells = _cells(plan.get(source, {}), actual.get(source, {}), source)
        if not cells:
            continue
        bars = _unassigned(cells, owners) if source == "unassigned" else _bars(cells, source, owners, method)
        whole += bars[0]
        parts += bars[1]
    return tuple(whole), () if all(bar.segment is None for bar in parts) else tuple(parts)


def total(cells: Mapping[str | None, Counts]) -> Counts:
    """The sum over segments. A stage is None only where no segment has it."""

    def added(name: str) -> float | None:
        values = [value for counts in cells.values() if (value := getattr(counts, name)) is not None]
        return math.fsum(values) if values else None

    return Counts(**{stage: added(stage) for stage in CHAIN["marketing"]}, revenue=added("revenue") or 0.0)


def chain(source: Source, *sides: Counts) -> tuple[Stage, ...]:
    """The stages that all sides can be followed through.

    A stage is left out where a side did not record it, or where it is zero while a later stage is not
    (on period basis: wins from earlier quarters' opportunities).
    """

    def usable(stage: Stage, counts: Counts) -> bool:
        value = getattr(counts, stage)
        later = CHAIN[source][CHAIN[source].index(stage) + 1 :]
        return value is not None and (value != 0 or not any(getattr(counts, each) for each in later))

    return tuple(stage for stage in CHAIN[source] if stage == "wins" or all(usable(stage, side) for side in sides))


def factors(stages: Sequence[Stage], counts: Counts) -> dict[Driver, float]:
    """Revenue as a product: volume of the first stage, the rates to the next ones, and deal size.

    NaN marks what is undefined: a rate from a stage nothing reached, a deal size without wins or amounts.
    """
    values = [getattr(counts, stage) or 0.0 for stage in stages]
    found: dict[Driver, float] = {VOLUME_DRIVER[stages[0]]: values[0]}
    for step, (before, after) in zip(pairwise(stages), pairwise(values), strict=True):
        found[RATE_DRIVER[step]] = after / before if before else math.nan
    found["deal_size"] = counts.revenue / values[-1] if values[-1] else math.nan
    return found


@dataclass(frozen=True)
class _Cell:
    """One segment of one source, on both sides."""

    segment: str | None
    plan: Counts
    actual: Counts
    status: str | None


def _cells(plan: Mapping[str | None, Counts], actual: Mapping[str | None, Counts], source: Source) -> list[_Cell]:
    def status(segment: str | None) -> str | None:
        if segment is None or source == "unassigned":
            return None
        empty = [side.get(segment) is None or _is_empty(side[segment]) for side in (plan, actual)]
        return None if empty[0] == empty[1] else ("new" if empty[0] else "lost")

    nothing = _nothing(plan, actual), _nothing(actual, plan)
    return [
        _Cell(segment, plan.get(segment, nothing[0]), actual.get(segment, nothing[1]), status(segment))
        for segment in dict.fromkeys([*plan, *actual])
    ]


def _nothing(side: Mapping[str | None, Counts], other: Mapping[str | None, Counts]) -> Counts:
    """What a segment that is not on this side brought: zero of all that is recorded here."""
    known = total(side or other)
    stages = {stage: None if getattr(known, stage) is None else 0.0 for stage in CHAIN["marketing"]}
    return Counts(**stages, revenue=0.0)


def _is_empty(counts: Counts) -> bool:
    return not counts.revenue and not any(getattr(counts, stage) for stage in CHAIN["marketing"])


def _unassigned(cells: Sequence[_Cell], owners: Owners) -> tuple[list[Bar], list[Bar]]:
    """Demand that nobody is assigned is one row: no plan, no drivers."""

    def bar(plan: float, actual: float, segment: str | None) -> Bar:
        effect = actual - plan
        owner = owners.of("unassigned", "unassigned")
        return Bar("unassigned", "unassigned", owner, plan, actual, effect, effect, effect, segment=segment)

    whole = total({cell.segment: cell.plan for cell in cells}), total({cell.segment: cell.actual for cell in cells})
    parts = [bar(cell.plan.revenue, cell.actual.revenue, cell.segment) for cell in cells]
    return [bar(whole[0].revenue, whole[1].revenue, None)], parts


def _bars(cells: Sequence[_Cell], source: Source, owners: Owners, method: Method) -> tuple[list[Bar], list[Bar]]:
    by_chain: dict[tuple[Stage, ...], list[_Cell]] = defaultdict(list)
    for cell in cells:
        by_chain[chain(source, cell.plan, cell.actual)].append(cell)

    parts: list[Bar] = []
    sums: dict[Driver, tuple[float, float, float]] = defaultdict(lambda: (0.0, 0.0, 0.0))
    holders: dict[Driver, list[_Cell]] = defaultdict(list)
    told: dict[Driver, tuple[Stage, ...]] = {}
    for stages, group in by_chain.items():
        plan, names = _stack(stages, [cell.plan for cell in group])
        actual, _ = _stack(stages, [cell.actual for cell in group])
        actual = np.where(_unmoved(plan, actual), plan, actual)
        effects = decompose(plan, actual, method)
        low, high = order_range(plan, actual)
        whole_low, whole_high = order_range(plan, actual, total=True)
        for row, driver in enumerate(names):
            owner = owners.of(driver, source)
            for column, cell in enumerate(group):
                one, other = plan[row, column], actual[row, column]
                parts.append(
                    Bar(source, driver, owner, _defined(one), _defined(other), float(effects[row, column]),
                        float(low[row, column]), float(high[row, column]), bool(np.isnan(one) or np.isnan(other)),
                        cell.segment, cell.status)
                )  # fmt: skip
            effect, least, most = sums[driver]
            sums[driver] = (
                effect + float(effects[row].sum()),
                least + float(whole_low[row]),
                most + float(whole_high[row]),
            )
            holders[driver] += group
            told[driver] = stages

    everything = _both(cells)
    whole = []
    for driver in sorted(sums, key=DRIVERS.index):
        (one, other), stages = _both(holders[driver]), told[driver]
        if driver in factors(chain(source, *everything), everything[0]):
            (one, other), stages = everything, chain(source, *everything)
        agreed, came = factors(stages, one)[driver], factors(stages, other)[driver]
        if _unmoved(agreed, came):
            came = agreed
        undefined = math.isnan(agreed) or math.isnan(came)
        owner = owners.of(driver, source)
        whole.append(Bar(source, driver, owner, _defined(agreed), _defined(came), *sums[driver], undefined))
    order = {driver: place for place, driver in enumerate(sorted(sums, key=DRIVERS.index))}
    places = {cell.segment: place for place, cell in enumerate(cells)}
    return whole, sorted(parts, key=lambda bar: (places[bar.segment], order[bar.driver]))


def _both(cells: Sequence[_Cell]) -> tuple[Counts, Counts]:
    """What some segments had planned together, and what they brought."""
    return total({cell.segment: cell.plan for cell in cells}), total({cell.segment: cell.actual for cell in cells})


def _stack(stages: Sequence[Stage], sides: Sequence[Counts]) -> tuple[NDArray[np.float64], tuple[Driver, ...]]:
    """Factors as an array (drivers, cells), and the drivers' names.

    In a cell without any volume nothing is defined but the volume, which is zero.
    """
    each = [factors(stages, counts) for counts in sides]
    names = tuple(each[0])
    return np.array([[values[name] for values in each] for name in names], dtype=np.float64), names


def _unmoved(plan: ArrayLike, actual: ArrayLike) -> NDArray[np.bool_]:
    """Whether two quotients are the same number but for the last bits that division leaves: 27.675 / 61.5 and 9 / 20."""
    return np.isclose(plan, actual, rtol=4e-15, atol=0.0)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
