"""What the last quarters really ran: each driver of a plan, quarter by quarter, pooled, and how sure that is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alignment_core.agreement import Agreement
from alignment_core.data import BEGINS_LATE, Data
from alignment_core.drivers import total
from alignment_core.errors import DataError
from alignment_core.funnel import Funnel
from alignment_core.quarters import Quarter
from alignment_core.results import Counts
from alignment_core.vocabulary import RATE_DRIVER, VOLUME_DRIVER, Basis, Driver, Source, Stage

__all__ = ["ENOUGH", "Evidence", "Ran", "TrackRecord", "mean_draws", "mean_interval", "track_record"]

#: A quarter with fewer records than this says too little of a rate or a deal size to count in the range.
ENOUGH = 5
#: Fewer quarters than this are no range.
ENOUGH_QUARTERS = 3
#: Draws for the interval of a deal size, and their seed: the same data always give the same interval.
_DRAWS, _SEED = 4000, 20260701
_SIDES: tuple[Source, ...] = ("marketing", "sales")


@dataclass(frozen=True)
class Ran:
    """What one driver ran in one quarter.

    Attributes:
        value: a rate (0-1; on period basis it can exceed 1), a count or an amount per win; None where undefined.
        of: what it was measured on: records that entered the step, wins (deal size), or the count itself.
        passed: records that passed the step; revenue for deal size; the count itself for a volume.
    """

    quarter: Quarter
    value: float | None
    of: float
    passed: float


@dataclass(frozen=True)
class Evidence:
    """What the last quarters ran of one driver.

    Attributes:
        driver: as in the plan; where a stage was not recorded, the driver that the rates around it merge into.
        segment: of which segment; None for the whole source.
        quarters: the quarters, oldest first.
        low, high: the range over the quarters with enough records; None where there are too few of them.
        pooled: all quarters together: passed over entered, revenue over wins; a volume's average per quarter.
        interval: 95% interval of `pooled`; None for volumes, and where there are too few records or no amounts deal
            by deal.
        of: records that `pooled` was measured on.
        too_little: why nothing can be said against a plan, in words; empty where enough is known.
    """

    source: Source
    driver: Driver
    segment: str | None
    quarters: tuple[Ran, ...]
    low: float | None
    high: float | None
    pooled: float | None
    interval: tuple[float, float] | None
    of: float
    too_little: str = ""


@dataclass(frozen=True)
class TrackRecord:
    """What really ran in the quarters before an agreement's own.

    Attributes:
        quarters: the complete quarters that were looked at, oldest first.
        basis: how rates were counted. On `period` basis part of what passes a step had entered it before, so that a
            rate can exceed 1; on `cohort` basis what is still open lowers the latest quarters' rates.
        by: the segment field of `evidence`, or None.
        evidence: one entry a source, driver and segment, in funnel order.
        amounts: by source and segment, the amounts of the wins in those quarters (currency): the spread of deal size.
        left_out: which quarter was not looked at because the files begin within it, in words; empty otherwise.
    """

    quarters: tuple[Quarter, ...]
    basis: Basis
    by: str | None
    evidence: tuple[Evidence, ...]
    amounts: Mapping[tuple[Source, str | None], tuple[float, ...]]
    left_out: str = ""

    def of(self, source: Source, driver: Driver, segment: str | None = None) -> Evidence | None:
        """The evidence for one driver, if there is any."""
        key = (source, driver, segment)
        return next((each for each in self.evidence if (each.source, each.driver, each.segment) == key), None)


def track_record(
    data: Data, agreement: Agreement, quarters: int = 8, by: str | None = None, basis: Basis = "period"
) -> TrackRecord:
    """What the last complete quarters before the agreement's own ran.

    Args:
        data: the loaded tables.
        agreement: gives the quarter, calendar, sourcing and currency.
        quarters: how many quarters to look back.
        by: a segment field: evidence per segment instead of per source.
        basis: how rates are counted. Volumes and deal sizes are always those dated in the quarter.

    Empty where the files have nothing before the quarter, or cannot answer. Intervals of rates are Jeffreys' (Brown, Cai
    & DasGupta 2001), on period basis too: over several quarters nearly all that passed had entered in them. Where more
    passed than entered the two are Poisson counts, and their quotient is beta prime. Of deal size the interval is the
    Bayesian bootstrap's (Rubin 1981; seeded).
    """
    try:
        funnel = data.funnel(agreement, by=by)
        rates = data.funnel(agreement, basis, by) if basis == "cohort" else funnel
        won = data.won_amounts(agreement, by)
    except DataError:
        return TrackRecord((), basis, by, (), {})
    chosen, left_out = _complete(funnel, agreement, quarters, _begin(data, agreement, funnel))
    if not chosen:
        return TrackRecord((), basis, by, (), {}, left_out)
    won = won[np.array([chosen[0].start <= day < chosen[-1].end for day in won["day"]], dtype=bool)]
    evidence: list[Evidence] = []
    amounts: dict[tuple[Source, str | None], tuple[float, ...]] = {}
    for source in _SIDES:
        if not (funnel.frame["source"] == source).any():
            continue  # nothing of that side was loaded, which is not zero
        cells = {quarter: funnel.counts(quarter, source) for quarter in chosen}
        followed = {quarter: rates.counts(quarter, source) for quarter in chosen} if rates is not funnel else cells
        own = won[won["source"] == source]
        segments = sorted({name for each in cells.values() for name in each}, key=str) if by else [None]
        for segment in segments:
            known = own if by is None else own[own["segment"] == segment]
            amounts[source, segment] = tuple(known["amount"].tolist())
            evidence += _evidence(
                source,
                segment,
                funnel.recorded[source],
                _of(cells, segment),
                _of(followed, segment),
                np.array(amounts[source, segment]),
            )
    return TrackRecord(tuple(chosen), basis, by, tuple(evidence), amounts, left_out)


def _begin(data: Data, agreement: Agreement, funnel: Funnel) -> date | None:
    """The first day that the files know of; None where they have no days."""
    stages = {stages[0] for source in _SIDES if (stages := funnel.recorded[source])}
    days = [day for stage in stages for day in data.daily(agreement, stage)["day"].head(1)]
    return min(days, default=None)


def _complete(funnel: Funnel, agreement: Agreement, quarters: int, begin: date | None) -> tuple[list[Quarter], str]:
    """The quarters with records before the agreement's own, among the latest ones that are over in the files; and which
    one is none of them because the files begin within it."""
    over = [
        quarter
        for quarter in funnel.quarters
        if quarter < agreement.fiscal_quarter and quarter.end - timedelta(days=1) <= funnel.as_of
    ]
    chosen = [quarter for quarter in over if quarter.ordinal > over[-1].ordinal - quarters]
    if chosen and begin is not None and chosen[0].start + BEGINS_LATE < begin:
        return chosen[1:], f"{chosen[0]} is left out: the files begin within it, on {begin.day} {begin:%B %Y}."
    return chosen, ""


def _of(cells: Mapping[Quarter, Mapping[str | None, Counts]], segment: str | None) -> dict[Quarter, Counts]:
    return {quarter: each[segment] if segment in each else total({}) for quarter, each in cells.items()}


def _evidence(
    source: Source,
    segment: str | None,
    stages: Sequence[Stage],
    counted: Mapping[Quarter, Counts],
    followed: Mapping[Quarter, Counts],
    amounts: NDArray[np.float64],
) -> list[Evidence]:
    def count(counts: Counts, stage: Stage) -> float:
        return getattr(counts, stage) or 0.0

    volumes = [
        Ran(quarter, value, value, value) for quarter, counts in counted.items() for value in [count(counts, stages[0])]
    ]
    found = [_volume(source, VOLUME_DRIVER[stages[0]], segment, volumes)]
    for before, after in pairwise(stages):
        ran = [_ratio(quarter, count(counts, after), count(counts, before)) for quarter, counts in followed.items()]
        found.append(_rate(source, RATE_DRIVER[before, after], segment, ran))
    if not all(math.isnan(counts.revenue) for counts in counted.values()):
        sizes = [_ratio(quarter, counts.revenue, count(counts, "wins")) for quarter, counts in counted.items()]
        found.append(_size(source, segment, sizes, amounts))
    return found


def _ratio(quarter: Quarter, passed: float, of: float) -> Ran:
    return Ran(quarter, passed / of if of else None, of, passed)


def _volume(source: Source, driver: Driver, segment: str | None, ran: Sequence[Ran]) -> Evidence:
    values = [each.passed for each in ran]
    few = _few(len(values))
    low, high = (None, None) if few else (min(values), max(values))
    return Evidence(source, driver, segment, tuple(ran), low, high, math.fsum(values) / len(values), None, math.fsum(values), few)  # fmt: skip


def _rate(source: Source, driver: Driver, segment: str | None, ran: Sequence[Ran]) -> Evidence:
    passed, of = math.fsum(each.passed for each in ran), math.fsum(each.of for each in ran)
    interval = _rate_interval(passed, of) if of >= ENOUGH else None
    return _ranged(source, driver, segment, ran, passed, of, interval)


def _rate_interval(passed: float, of: float) -> tuple[float, float]:
    from scipy.special import betaincinv  # heavy to import, and the review does without it

    if passed <= of:
        low, high = betaincinv(passed + 0.5, of - passed + 0.5, [0.025, 0.975])
        # Jeffreys' interval keeps the ends of the scale where nothing, or everything, passed.
        return (float(low) if passed else 0.0, float(high) if passed < of else 1.0)
    shares = betaincinv(passed + 0.5, of + 0.5, [0.025, 0.975])  # of what passed in both; their odds are the quotient
    low, high = shares / (1 - shares)
    return float(low), float(high)


def _size(source: Source, segment: str | None, ran: Sequence[Ran], amounts: NDArray[np.float64]) -> Evidence:
    revenue, wins = math.fsum(each.passed for each in ran), math.fsum(each.of for each in ran)
    interval = mean_interval(amounts) if len(amounts) >= ENOUGH else None
    return _ranged(source, "deal_size", segment, ran, revenue, wins, interval)


def _ranged(
    source: Source,
    driver: Driver,
    segment: str | None,
    ran: Sequence[Ran],
    passed: float,
    of: float,
    interval: tuple[float, float] | None,
) -> Evidence:
    values = [each.value for each in ran if each.value is not None and each.of >= ENOUGH]
    few = _few(len(values))
    low, high = (None, None) if few else (min(values), max(values))
    return Evidence(source, driver, segment, tuple(ran), low, high, passed / of if of else None, interval, of, few)


def _few(quarters: int) -> str:
    if quarters >= ENOUGH_QUARTERS:
        return ""
    had = "no quarter" if not quarters else "only one quarter" if quarters == 1 else f"only {quarters} quarters"
    return f"too little to compare with: {had} with at least {ENOUGH} records"


def mean_draws(amounts: Sequence[float] | NDArray[np.float64], draws: int = _DRAWS) -> NDArray[np.float64]:
    """Draws of the mean amount by the Bayesian bootstrap: Dirichlet(1, …, 1) weights on what was seen (Rubin 1981)."""
    known = np.asarray(amounts, dtype=np.float64)
    weights = np.random.default_rng(_SEED).standard_exponential((draws, len(known)))
    return np.asarray(weights @ known / weights.sum(axis=1))


def mean_interval(amounts: NDArray[np.float64]) -> tuple[float, float]:
    """95% interval of the mean amount.

    Beyond 2,000 amounts the bootstrap's draws are normal to within a thousandth of their spread, and its closed form is used.
    """
    if len(amounts) > 2000:
        half = 1.959964 * float(amounts.std()) / math.sqrt(len(amounts) + 1)
        return float(amounts.mean()) - half, float(amounts.mean()) + half
    low, high = np.quantile(mean_draws(amounts), [0.025, 0.975])
    return float(low), float(high)
