"""How long a step of the funnel takes, and how likely it still is for a record that has waited so long.

Pure arrays, which know nothing of leads. A record that entered a step either converts, is lost, or is open when one stops
looking. The cumulative incidence of converting, with being lost as the competing risk and open records censored, is
Aalen & Johansen's (1978); without losses it is one minus Kaplan & Meier's (1958). Its uncertainty is the Bayesian
bootstrap's (Rubin 1981; Lo 1993 for censored data): each record weighs a standard exponential, so that all records with
the same lag and outcome together weigh a gamma, and a draw costs the same for a hundred records as for a million.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Incidence", "Lags", "chances", "incidence", "sum_draws"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Beyond so many amounts, neighbours of about the same size are drawn together.
_AMOUNTS = 400


class Incidence(NamedTuple):
    """By the day since a step was entered, on the first axis.

    Attributes:
        converted: the share that has converted by the end of the day (0-1).
        waiting: the share that is still open, as far as it was followed (0-1).
    """

    converted: Floats
    waiting: Floats


@dataclass(frozen=True, eq=False)
class Lags:
    """What became of the records that entered a step, counted by whole days since they entered it.

    Attributes:
        converted, lost: how many did so after 0, 1, 2 … days.
        open: how many were open when one stopped looking, after so many days. All have the same shape (days,).
    """

    converted: Floats
    lost: Floats
    open: Floats

    @classmethod
    def counted(cls, days: ArrayLike, outcome: ArrayLike) -> "Lags":
        """From records: days (whole, not negative) until the outcome, which is 1 converted, -1 lost, 0 open."""
        lag, what = np.asarray(days, dtype=np.int64), np.asarray(outcome)
        longest = int(lag.max(initial=0)) + 1
        counts = (np.bincount(lag[what == each], minlength=longest).astype(np.float64) for each in (1, -1, 0))
        return cls(*counts)

    @property
    def entered(self) -> int:
        """How many records there are."""
        return int(self.converted.sum() + self.lost.sum() + self.open.sum())

    @property
    def longest(self) -> int | None:
        """The most days after which one converted; None where none did."""
        found = np.flatnonzero(self.converted)
        return int(found[-1]) if len(found) else None

    @property
    def followed(self) -> int:
        """The most days that one was followed. Of what comes later, nothing is known."""
        return len(self.converted) - 1

    @property
    def incidence(self) -> Incidence:
        return incidence(self.converted, self.lost, self.open)

    def drawn(self, draws: int, rng: np.random.Generator) -> Incidence:
        """Curves that these records allow, by the Bayesian bootstrap: shape (days, draws).

        Their last day is the one after the longest lag: whoever waits longer converts no more, and stands there.
        """
        last = 0 if self.longest is None else self.longest + 1
        weights = (_weights(each, draws, rng) for each in (self.converted, self.lost, self.open))
        return incidence(*(_until(each, last) for each in weights))


def _weights(counts: Floats, draws: int, rng: np.random.Generator) -> Floats:
    weights = np.zeros((len(counts), draws))
    some = counts > 0
    weights[some] = rng.standard_gamma(counts[some, None], (int(some.sum()), draws))
    return weights


def _until(weights: Floats, last: int) -> Floats:
    """With all that comes after a day on that day. From the end, as sums of who is at risk are made."""
    return np.concatenate([weights[:last], weights[last:][::-1].sum(axis=0, keepdims=True)])


def incidence(converted: ArrayLike, lost: ArrayLike, open_: ArrayLike) -> Incidence:
    """Aalen-Johansen's cumulative incidence of converting, and the share still waiting.

    Who was open after so many days could still have converted on that day; of two outcomes on one day none is first.

    Args:
        converted, lost, open_: weights (or counts) by whole days, the days on the first axis. Any further axes.
    """
    won, gone, left = (np.asarray(each, dtype=np.float64) for each in (converted, lost, open_))
    at_risk = np.cumsum((won + gone + left)[::-1], axis=0)[::-1]
    safe = np.where(at_risk > 0, at_risk, 1.0)
    waiting: Floats = np.cumprod(1.0 - (won + gone) / safe, axis=0, dtype=np.float64)
    before = np.concatenate([np.ones_like(waiting[:1]), waiting[:-1]])
    return Incidence(np.asarray(np.cumsum(before * won / safe, axis=0)), np.asarray(waiting))


def chances(curve: Incidence, waited: ArrayLike) -> Floats:
    """How likely a record converts that is open after so many whole days: (F(∞) - F(t)) / S(t), shape (ages, …).

    After the longest lag of a conversion the chance is 0: nothing is invented that was never seen.
    """
    age = np.asarray(waited, dtype=np.int64)
    last = len(curve.converted) - 1
    at = np.minimum(age, last)
    rest = curve.converted[-1] - curve.converted[at]
    still = curve.waiting[at]
    # What is left of a difference of sums that should be zero is dust, and so is what is left of a product.
    chance = np.where((still > 1e-12) & (rest > 1e-12), rest / np.where(still > 1e-12, still, 1.0), 0.0)
    return np.asarray(np.clip(chance, 0.0, 1.0))


def sum_draws(counts: Ints, amounts: ArrayLike, rng: np.random.Generator) -> Floats:
    """For each draw, the sum of so many amounts such as were seen: which ones, and what their mean is (Bayesian bootstrap)."""
    known = np.sort(np.asarray(amounts, dtype=np.float64))
    picked = rng.choice(known, int(counts.sum()))
    sums = np.bincount(np.repeat(np.arange(len(counts)), counts), picked, minlength=len(counts))
    mean = float(known.mean())
    if not mean:
        return np.asarray(sums, dtype=np.float64)
    groups = np.array_split(known, min(len(known), _AMOUNTS))
    weights = rng.standard_gamma(np.array([float(len(each)) for each in groups]), (len(counts), len(groups)))
    means = weights @ np.array([each.mean() for each in groups]) / weights.sum(axis=1)
    return np.asarray(sums * means / mean)
