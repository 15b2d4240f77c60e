"""What if: the same bridge, from the plan to values that somebody chose. Arithmetic only, no tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import numpy as np

from alignment_core.agreement import Owners
from alignment_core.bridge import decompose, order_range
from alignment_core.results import Bar, Review
from alignment_core.vocabulary import RATE_DRIVERS, VOLUME_DRIVERS, Driver, Method, Source

__all__ = ["Lever", "Scenario", "SliderScale", "Start", "levers", "play", "slider_scale"]

#: What a scenario starts from.
Start = Literal["plan", "actual", "last quarter"]


@dataclass(frozen=True)
class Lever:
    """One driver that can be moved. Values are counts, rates 0-1 or currency; None where undefined."""

    source: Source
    driver: Driver
    plan: float | None
    actual: float | None
    last: float | None

    @property
    def name(self) -> str:
        return f"{self.source}.{self.driver}"

    def start(self, start: Start) -> float:
        """Where the lever stands before it is moved. What is undefined there stands as agreed."""
        chosen = {"plan": self.plan, "actual": self.actual, "last quarter": self.last}[start]
        return next((value for value in (chosen, self.plan, self.actual) if value is not None), 0.0)


@dataclass(frozen=True)
class SliderScale:
    """How a lever is shown on a slider: rates in percent, money and counts in round steps."""

    low: float
    high: float
    step: float
    format: str
    unit: float = 1.0

    def shown(self, value: float) -> float:
        """A core value as the slider shows it."""
        return round(round(value / self.unit / self.step) * self.step, 6)

    def value(self, shown: float) -> float:
        """What the slider shows as a core value."""
        return round(shown * self.unit, 9)


def slider_scale(lever: Lever) -> SliderScale:
    """A scale that leaves room around everything that is known of a lever."""
    known = [value for value in (lever.plan, lever.actual, lever.last) if value is not None] or [0.0]
    if lever.driver in RATE_DRIVERS:
        return SliderScale(0.0, float(max(100, math.ceil(max(known) * 100))), 0.1, "%.1f%%", unit=0.01)
    largest = max(1.0, *map(abs, known))
    step = 1.0 if lever.driver in VOLUME_DRIVERS else float(10 ** max(0, math.floor(math.log10(largest)) - 2))
    low = math.floor(min(0.0, *known) * 2 / step) * step
    return SliderScale(low, math.ceil(largest * 2 / step) * step, step, "%.0f")


@dataclass(frozen=True)
class Scenario:
    """What a set of values would bring.

    Attributes:
        split: marketing's share (0-1) of the target that the plan was divided by.
        plan, revenue: by source, in currency.
        bars: the bridge from the plan to the scenario.
        required: by source, how much of its first stage it would owe for its share of the target if the
            scenario's rates and deal size hold, rounded up; None where a zero rate makes it impossible.
    """

    split: float
    plan: Mapping[Source, float]
    revenue: Mapping[Source, float]
    bars: tuple[Bar, ...]
    required: Mapping[Source, int | None]

    @property
    def plan_revenue(self) -> float:
        return math.fsum(self.plan.values())

    @property
    def actual_revenue(self) -> float:
        """The scenario's revenue (named as a review's, so that both are drawn alike)."""
        return math.fsum(self.revenue.values())

    @property
    def variance(self) -> float:
        return self.actual_revenue - self.plan_revenue


def levers(review: Review, last: Review | None = None) -> tuple[Lever, ...]:
    """The drivers that a scenario can move: those of the review's bridge.

    Args:
        review: a review without a breakdown by segment.
        last: the review of the quarter before, for its actual values; None if there is none.
    """
    before = {(bar.source, bar.driver): bar.actual for bar in last.bars} if last else {}
    return tuple(
        Lever(bar.source, bar.driver, bar.plan, bar.actual, before.get((bar.source, bar.driver))) for bar in review.bars
    )


def play(
    given: Sequence[Lever],
    values: Mapping[str, float],
    *,
    target: float,
    plan_split: float,
    split: float,
    owners: Owners,
    method: Method = "shapley",
) -> Scenario:
    """Hold a scenario against the plan.

    Args:
        given: the levers, see `levers`.
        values: each lever's value by `Lever.name`; one that is left out stands as planned.
        target: the agreed revenue target, in currency.
        plan_split, split: marketing's share (0-1) of the target as agreed, and in the scenario: the plan's
            volumes are divided by it anew.
        owners: who answers for what.
        method: how the change is shared among the drivers.
    """
    agreed_share, share = _shares(plan_split), _shares(split)
    sources = {
        source: [lever for lever in given if lever.source == source]
        for source in dict.fromkeys(lever.source for lever in given)
    }
    required: dict[Source, int | None] = {}
    # One column a source. What a source has no driver for is a factor of 1 on both sides: it has no effect.
    agreed, chosen = np.ones((2, max(map(len, sources.values()), default=1), len(sources)))
    for column, (source, own) in enumerate(sources.items()):
        moved = [values.get(lever.name, lever.start("plan")) for lever in own]
        planned = [lever.start("plan") for lever in own]
        if source == "unassigned":
            planned = [0.0] * len(own)
        else:
            if share[source] != agreed_share[source]:
                owed = _volume(target, share[source], tuple(planned[1:]))
                planned[0] = 0.0 if owed is None else float(owed)
            needed = _volume(target, share[source], tuple(moved[1:]))
            required[source] = None if needed is None else math.ceil(needed)
        agreed[: len(own), column], chosen[: len(own), column] = planned, moved
    numbers = np.stack(
        [agreed, chosen, decompose(agreed, chosen, method), *order_range(agreed, chosen)], axis=-1
    ).tolist()
    bars = [
        Bar(source, lever.driver, owners.of(lever.driver, source), *numbers[row][column])
        for column, (source, own) in enumerate(sources.items())
        for row, lever in enumerate(own)
    ]
    plan = dict(zip(sources, agreed.prod(0).tolist(), strict=True))
    revenue = dict(zip(sources, chosen.prod(0).tolist(), strict=True))
    return Scenario(split, plan, revenue, tuple(bars), required)


def _shares(marketing: float) -> dict[Source, Fraction]:
    return {"marketing": _meant(marketing), "sales": 1 - _meant(marketing), "unassigned": Fraction(0)}


@lru_cache(maxsize=1_024)  # a move of one side leaves the other's as it was
def _volume(target: float, share: Fraction, rates: tuple[float, ...]) -> Fraction | None:
    """The first stage's count for a share of the target, exactly; None where no count would do."""
    worth = math.prod(map(_meant, rates), start=Fraction(1))
    # A rate that was counted is a rounded quotient: its last bits must not add one to what is owed.
    return _meant(target) * share / worth * (1 - Fraction(1, 10**14)) if worth > 0 else None


@lru_cache(maxsize=1_024)  # a move changes one value of many
def _meant(value: float) -> Fraction:
    """The number as it is written: 0.45 is 9/20, not the nearest binary fraction."""
    return Fraction(repr(float(value)))
