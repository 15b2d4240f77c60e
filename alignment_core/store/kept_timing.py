"""What a closed review keeps of its open records: the lags as counts by day, from which the same draws are made again."""

from dataclasses import dataclass

import numpy as np

from alignment_core.further import Step
from alignment_core.lags import Lags
from alignment_core.timing import Timing, timing_of
from alignment_core.vocabulary import Source, Stage

__all__ = ["StoredTiming", "stored", "timing_again"]

#: By day: how many converted, were lost, and were open.
_Days = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class _Step:
    source: Source
    before: Stage
    after: Stage
    earlier: tuple[tuple[float, float, float], ...]
    own: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class StoredTiming:
    """A `Timing` as plain values: its steps, and what each win of earlier cohorts brought."""

    steps: tuple[_Step, ...] = ()
    amounts: tuple[tuple[Source, float], ...] = ()


def stored(timing: Timing) -> StoredTiming:
    return StoredTiming(
        tuple(
            _Step(source, step.before, step.after, _by_day(step.earlier), _by_day(step.own))
            for source, own in timing.steps.items()
            for step in own
        ),
        tuple((source, float(amount)) for source, amounts in timing.amounts.items() for amount in amounts),
    )


def timing_again(kept: StoredTiming) -> Timing:
    """The inverse: the same answer, to the last draw."""
    steps: dict[Source, tuple[Step, ...]] = {}
    for each in kept.steps:
        step = Step(each.before, each.after, _lags(each.earlier), _lags(each.own))
        steps[each.source] = (*steps.get(each.source, ()), step)
    amounts = {source: np.array([amount for whose, amount in kept.amounts if whose == source]) for source in steps}
    return timing_of(steps, amounts)


def _by_day(lags: Lags) -> _Days:
    days = zip(lags.converted.tolist(), lags.lost.tolist(), lags.open.tolist(), strict=True)
    return tuple(days)


def _lags(days: _Days) -> Lags:
    # Each in a row of its own, as it was: sums of strided numbers differ in their last bits.
    return Lags(*np.ascontiguousarray(np.array(days, dtype=np.float64).reshape(-1, 3).T))
