"""What the quarters before really ran, beside what is agreed: the evidence for every assumption.

Only quarters that are over and lie before the agreement's own count. Intervals hold 90%:

- a rate on cohort basis: Beta(passed + 1/2, entered − passed + 1/2), Jeffreys' posterior of a share;
- a rate on period basis, where what passes need not have entered in the quarter: both counts are Poisson, so the
  rate is a quotient of Gamma(passed + 1/2) and Gamma(entered + 1/2), a beta prime distribution;
- deal size: the Bayesian bootstrap of the won amounts (Rubin 1981, doi:10.1214/aos/1176345338), seeded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.drivers import chain, factors, total
from alignment_core.quarters import Quarter
from alignment_core.results import Counts
from alignment_core.vocabulary import RATE_DRIVER, Basis, Driver, Source, Stage

__all__ = ["ENOUGH", "Ran", "TrackRecord", "track_record"]

#: Fewer records than this say too little of a rate or a deal size to hold an agreement against it.
ENOUGH = 20
#: From so many quarters on, a value beyond all of them is unusual by itself.
MANY = 4
_HOLDS = 0.9
_DRAWS = 4_000


@dataclass(frozen=True)
class Ran:
    """How one driver of one source ran.

    Attributes:
        by_quarter: the driver's value in each quarter that has one: a rate 0-1 or currency.
        sample: how many records it rests on: those that entered the stage, or the wins with an amount.
        pooled: its value over all these quarters together.
        interval: what chance allows for `pooled` (90%); None where there are too few records or no amounts one by one.
    """

    source: Source
    driver: Driver
    by_quarter: Mapping[Quarter, float]
    sample: int
    pooled: float
    interval: tuple[float, float] | None

    @property
    def low(self) -> float:
        return min(self.by_quarter.values())

    @property
    def high(self) -> float:
        return max(self.by_quarter.values())

    def is_outside(self, agreed: float) -> bool:
        """Whether an agreed value lies beyond every quarter; with few quarters, beyond what chance allows as well.

        With too few records nothing is outside.
        """
        if self.sample < ENOUGH or self.low <= agreed <= self.high:
            return False
        if len(self.by_quarter) >= MANY:
            return True
        return self.interval is not None and not self.interval[0] <= agreed <= self.interval[1]


@dataclass(frozen=True)
class TrackRecord:
    """What the quarters before an agreement ran.

    Attributes:
        quarters: in order, at most as many as were asked for.
        ran: rates and deal sizes by source and driver. A driver that nobody recorded is missing.
        counts: what each source brought over all these quarters.
        amounts: each source's won amounts one by one, currency; empty where none were loaded.
    """

    quarters: tuple[Quarter, ...] = ()
    ran: Mapping[tuple[Source, Driver], Ran] = field(default_factory=dict)
    counts: Mapping[Source, Counts] = field(default_factory=dict)
    amounts: Mapping[Source, NDArray[np.float64]] = field(default_factory=dict)


def track_record(data: Data, agreement: Agreement, quarters: int = 8, basis: Basis = "period") -> TrackRecord:
    """What the last quarters before an agreement's ran.

    Args:
        data: the loaded tables.
        agreement: gives the quarter, the calendar and the sourcing.
        quarters: at most so many.
        basis: how they are counted, as in a review.

    Raises DataError where the tables cannot be counted.
    """
    funnel = data.funnel(agreement, basis)
    own = agreement.fiscal_quarter.ordinal
    over = (each for each in funnel.quarters if each.end - timedelta(days=1) <= funnel.as_of)
    before = [each for each in over if each.ordinal < own][-quarters:]
    won = data.won_amounts(agreement)
    ran: dict[tuple[Source, Driver], Ran] = {}
    amounts: dict[Source, NDArray[np.float64]] = {}
    pooled: dict[Source, Counts] = {}
    for source in ("marketing", "sales"):
        counts = {quarter: total(funnel.counts(quarter, source)) for quarter in before}
        pooled[source] = total({str(quarter): each for quarter, each in counts.items()})
        mine = won[(won["source"] == source) & won["quarter"].isin(before)]
        amounts[source] = mine["amount"].to_numpy(dtype=np.float64)
        for found in _rates(source, counts, pooled[source], basis):
            ran[source, found.driver] = found
        if size := _deal_size(source, counts, pooled[source], amounts[source]):
            ran[source, "deal_size"] = size
    return TrackRecord(tuple(before), ran, pooled, amounts)


def _rates(source: Source, counts: Mapping[Quarter, Counts], pooled: Counts, basis: Basis) -> list[Ran]:
    stages = chain(source, pooled)
    steps: dict[Driver, tuple[Stage, Stage]] = {RATE_DRIVER[step]: step for step in pairwise(stages)}
    values = {quarter: factors(stages, each) for quarter, each in counts.items()}
    found = []
    for driver, (first, second) in steps.items():
        entered, passed = getattr(pooled, first) or 0.0, getattr(pooled, second) or 0.0
        seen = {quarter: each[driver] for quarter, each in values.items() if not np.isnan(each[driver])}
        if seen and entered:
            interval = _interval(passed, entered, basis)
            found.append(Ran(source, driver, seen, round(entered), passed / entered, interval))
    return found


def _interval(passed: float, entered: float, basis: Basis) -> tuple[float, float]:
    from scipy.stats import beta, betaprime  # heavy to import, and the review does without it

    tails = [(1 - _HOLDS) / 2, (1 + _HOLDS) / 2]
    if basis == "cohort":
        low, high = beta.ppf(tails, passed + 0.5, entered - passed + 0.5)
    else:
        low, high = betaprime.ppf(tails, passed + 0.5, entered + 0.5)
    return float(low), float(high)


def _deal_size(
    source: Source, counts: Mapping[Quarter, Counts], pooled: Counts, amounts: NDArray[np.float64]
) -> Ran | None:
    seen = {quarter: each.revenue / each.wins for quarter, each in counts.items() if each.wins and each.revenue > 0}
    if not seen or not pooled.wins:
        return None
    interval = _bootstrap(amounts) if len(amounts) > 1 else None
    return Ran(source, "deal_size", seen, len(amounts), pooled.revenue / pooled.wins, interval)


def _bootstrap(amounts: NDArray[np.float64]) -> tuple[float, float]:
    weights = np.random.default_rng(0).standard_exponential((_DRAWS, len(amounts)))
    low, high = np.quantile(weights @ amounts / weights.sum(1), [(1 - _HOLDS) / 2, (1 + _HOLDS) / 2])
    return float(low), float(high)
