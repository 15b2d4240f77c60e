"""Is a driver further from its agreed value than chance alone brings it? The tests, and the promise over all of them.

Pure arrays. Every test takes arrays of any shape (bars, cells, simulated quarters, …) and answers for all of them at
once. Counts are Poisson and, among a cohort's own records, conversions are binomial; on period basis a rate is the
quotient of two independent Poisson counts, which given their sum is a binomial as well (Przyborowski & Wilenski 1940).
The tests of counts and rates are exact (Garwood 1936; Clopper & Pearson 1934): two-sided, twice the smaller tail, so
that a beat is held to the same evidence as a miss. Exact tests blame a little less often than they may, never more.

The mean of a few skewed amounts is where resampling promises too much, so deal size has to pass two tests: that of the
mean of a lognormal distribution by its generalised pivotal quantity (Krishnamoorthy & Mathew 2003), which is right from five wins
on where amounts are lognormal, and Student's, which is right for many wins whatever their distribution.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alignment_core.vocabulary import Basis

__all__ = ["FAMILY", "FEWEST_WINS", "SEGMENT_FAMILY", "Amounts", "Judged", "PValues", "holm", "rate", "size", "volume"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: How often the bars of a quarter that ran on plan may blame anybody at all. Together 5%; the bars of segments have a
#: part of their own, so that breaking a review down changes nothing in what is said of the whole.
FAMILY, SEGMENT_FAMILY = 0.04, 0.01
#: Fewer amounts than this say too little of how much they scatter.
FEWEST_WINS = 5
#: The least share of amounts above zero for which their logarithms say how deal sizes scatter.
_GAINED = 0.9


class PValues(NamedTuple):
    """What tests found, one entry a driver.

    Attributes:
        p: the probability, if all ran as agreed, of what came or of anything less likely on either side. NaN: no test.
        best: the smallest `p` that this many records could have given in the direction in which the driver moved. Where
            that is not small, there are too few of them to find anything.
    """

    p: Floats
    best: Floats


class Amounts(NamedTuple):
    """What a test of deal size needs to know of won amounts: how many, mean and standard deviation, and those of their
    logarithms (natural). Spreads have n - 1 in their denominator."""

    wins: Floats
    mean: Floats
    spread: Floats
    log_mean: Floats
    log_spread: Floats

    @classmethod
    def of(cls, amounts: ArrayLike) -> "Amounts":
        """Of amounts with an axis of wins first; NaN is no win.

        An amount at or below zero (a refund booked as a win, say) has no logarithm. Where they are one in ten at most, the logarithms
        are those of the others, moved by what these few take from the mean; where they are more, there are none: NaN.
        """
        known = np.asarray(amounts, dtype=np.float64)
        there = ~np.isnan(known)
        gained = there & (np.nan_to_num(known) > 0)
        wins, some = there.sum(0).astype(np.float64), gained.sum(0).astype(np.float64)
        mean, spread = _moments(known, there, wins)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_mean, log_spread = _moments(np.log(known), gained, some)
            moved = np.log(mean / _moments(known, gained, some)[0])
        told = some >= _GAINED * wins
        return cls(wins, mean, spread, np.where(told, log_mean + moved, np.nan), np.where(told, log_spread, np.nan))


def _moments(values: Floats, there: Flags, n: Floats) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(there, values, 0.0).sum(0) / n
        squares = np.where(there, (values - mean) ** 2, 0.0).sum(0)
        return mean, np.sqrt(squares / (n - 1))


def volume(count: ArrayLike, plan: ArrayLike) -> PValues:
    """A count against its plan, as a Poisson count. Where nothing was planned there is no test."""
    from scipy.special import gammainc, gammaincc  # heavy to import, and much of the product does without it

    n, mean = _both(count, plan)
    none = ~(mean > 0)
    mean = np.where(none, 1.0, mean)
    at_most, at_least = gammaincc(n + 1, mean), np.where(n > 0, gammainc(np.where(n > 0, n, 1.0), mean), 1.0)
    # Of what may come there is always more; nothing at all is the least that can.
    return _two_sided(at_most, at_least, np.exp(-mean), np.zeros_like(mean), n <= mean, none)


def rate(passed: ArrayLike, entered: ArrayLike, agreed: ArrayLike, basis: Basis) -> PValues:
    """A conversion against the agreed one.

    Args:
        passed, entered: the counts of both stages.
        agreed: the agreed rate.
        basis: on `cohort` basis those who passed are among those who entered; on `period` basis they are counts of their
            own. Where more passed than entered they are, on either basis.
    """
    from scipy.special import betainc

    k, n, rate_ = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (passed, entered, agreed)))
    apart = np.full(k.shape, basis == "period") | (k > n)
    trials, chance = np.where(apart, n + k, n), np.where(apart, rate_ / (1 + rate_), np.minimum(rate_, 1.0))
    none = ~((trials > 0) & (n > 0) & (rate_ > 0))
    k, trials, chance = np.where(none, 0.0, k), np.where(none, 1.0, trials), np.where(none, 0.5, chance)
    failed = trials - k
    at_most = np.where(failed > 0, betainc(np.where(failed > 0, failed, 1.0), k + 1, 1 - chance), 1.0)
    at_least = np.where(k > 0, betainc(np.where(k > 0, k, 1.0), failed + 1, chance), 1.0)
    return _two_sided(at_most, at_least, (1 - chance) ** trials, chance**trials, k <= trials * chance, none)


def size(amounts: Amounts, agreed: ArrayLike) -> PValues:
    """The mean of won amounts against the agreed deal size.

    There is no test of fewer than `FEWEST_WINS`, of amounts that are all the same (nothing shows how much they scatter),
    or where more than one in ten is at or below zero.
    """
    from scipy.special import log_ndtr, ndtr, stdtr

    n, mean, spread, log_mean, log_spread, plan = np.broadcast_arrays(*amounts, np.asarray(agreed, dtype=np.float64))
    known = (n >= FEWEST_WINS) & (spread > 0) & (log_spread > 0) & (plan > 0)
    n, mean, spread = np.where(known, n, 2.0), np.where(known, mean, 1.0), np.where(known, spread, 1.0)
    log_mean, log_spread = np.where(known, log_mean, 0.0), np.where(known, log_spread, 1.0)
    log_plan = np.log(np.where(known, plan, 1.0))

    student = stdtr(n - 1, (mean - np.exp(log_plan)) / (spread / np.sqrt(n)))
    # The variance of the logarithms is known up to a chi-square with n - 1 degrees of freedom: one node a quantile.
    nodes = np.linspace(-6.0, 6.0, 97)
    weights = np.exp(-(nodes**2) / 2)
    freedom, where = np.unique(n - 1, return_inverse=True)
    variance = ((n - 1) * log_spread**2)[..., None] / _chi_square(freedom, ndtr(nodes))[where.reshape(n.shape)]
    above = (log_mean - log_plan)[..., None] + variance / 2
    scale = np.sqrt(variance / n[..., None])
    mean_weights = weights / weights.sum()
    below_plan = np.exp(log_ndtr(-above / scale)) @ mean_weights
    above_plan = np.exp(log_ndtr(above / scale)) @ mean_weights
    lower, upper = np.maximum(student, above_plan), np.maximum(1 - student, below_plan)
    best = np.zeros_like(lower)
    return _two_sided(lower, upper, best, best, lower <= upper, ~known)


def _chi_square(freedom: Floats, below: Floats) -> Floats:
    from scipy.special import gammaincinv

    quantiles: Floats = 2 * gammaincinv(freedom[:, None] / 2, below)
    return quantiles


def _both(one: ArrayLike, other: ArrayLike) -> tuple[Floats, Floats]:
    first, second = np.broadcast_arrays(np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64))
    return first, second


def _two_sided(at_most: Floats, at_least: Floats, least: Floats, most: Floats, down: Flags, none: Flags) -> PValues:
    """Twice the smaller tail. `least` and `most`: the tails of the least and of the most that could have come."""
    p = np.minimum(1.0, 2 * np.minimum(at_most, at_least))
    best = np.minimum(1.0, 2 * np.where(down, least, most))
    return PValues(np.where(none, np.nan, p), np.where(none, np.nan, best))


class Judged(NamedTuple):
    """What a family of tests says together, shaped like the tests.

    Attributes:
        real: more than chance.
        too_few: not real, and no number of passes or failures among this many records would have been; or there was no test.
        level: the significance at which each was judged. A confidence interval at `1 - level` leaves out the agreed
            value where the driver is real, and only there.
    """

    real: Flags
    too_few: Flags
    level: Floats


def holm(tested: PValues, family: float) -> Judged:
    """Judge bars together, so that with a probability of at most `family` any of those that ran as agreed is called real.

    Holm's step-down (1979) on the first axis, which is the bars; every further axis is a quarter of its own.
    """
    p, best = tested
    there = ~np.isnan(p)
    tests = there.sum(0)
    order = np.argsort(p, axis=0, kind="stable")  # what has no test comes last
    rank = np.argsort(order, axis=0, kind="stable")
    each = family / np.maximum(tests - rank, 1)
    passes = np.take_along_axis(there & (p <= each), order, 0)
    found = np.logical_and.accumulate(passes, axis=0).sum(0)
    real = rank < found
    level = np.where(real, each, family / np.maximum(tests - found, 1))
    return Judged(real, ~(real | (there & (best <= level))), level)
