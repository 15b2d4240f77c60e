"""Simulated quarters: what comes where every driver runs at its agreed value, or one of them does not."""

from typing import NamedTuple

import numpy as np

from alignment_core.noise import Amounts, PValues, rate, size, volume

#: The contract's agreed rates; deal sizes have a mean of 1.
RATES = (0.75, 0.50, 0.45)


class Quarters(NamedTuple):
    """Plan and outcome of many quarters at once.

    `plan`: the agreed counts of the four stages in each segment. `counts`: stages × segments × quarters. `amounts`: wins ×
    segments × quarters, NaN where there is no such win.
    """

    plan: np.ndarray
    counts: np.ndarray
    amounts: np.ndarray

    @property
    def of_all(self) -> "Quarters":
        """The same quarters, all segments as one."""
        segments = self.counts.shape[1]
        amounts = self.amounts.reshape(-1, self.counts.shape[2])
        return Quarters(self.plan * segments, self.counts.sum(1), amounts)


def quarters(rng, mqls, segments, basis, number, *, rates=RATES, spread=0.6, volume_at=1.0, size_at=1.0) -> Quarters:
    """Draw quarters whose plan is `mqls` at the agreed rates, spread evenly over the segments.

    Args:
        rates: the rates that they really run at.
        spread: the standard deviation of the logarithm of a deal's amount.
        volume_at, size_at: volume and deal size as multiples of the agreed.
    """
    plan = mqls / segments * np.cumprod([1.0, *RATES])
    real = mqls / segments * volume_at * np.cumprod([1.0, *rates])
    if basis == "period":
        counts = rng.poisson(real[:, None, None], (4, segments, number))
    else:
        stages = [rng.poisson(real[0], (segments, number))]
        for each in rates:
            stages.append(rng.binomial(stages[-1], each))
        counts = np.array(stages)
    wins = counts[3]
    amounts = size_at * rng.lognormal(-(spread**2) / 2, spread, (int(wins.max()), segments, number))
    amounts[np.arange(len(amounts))[:, None, None] >= wins] = np.nan
    return Quarters(plan, counts.astype(float), amounts)


def all_tests(drawn: Quarters, basis) -> PValues:
    """The five drivers' tests, the drivers first."""
    counts = drawn.counts
    tests = [volume(counts[0], drawn.plan[0])]
    tests += [rate(counts[step + 1], counts[step], RATES[step], basis) for step in range(3)]
    tests.append(size(Amounts.of(drawn.amounts), 1.0))
    return PValues(*(np.stack(each) for each in zip(*tests, strict=True)))
