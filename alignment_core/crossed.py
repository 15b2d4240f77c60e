"""Where two things that a rate depends on cross: which share of its change is due to which. Pure arrays.

Two ways to nest them, each exact, neither a flat Shapley value over three factors:

- `mix_within`: kinds of records, and within each kind groups (followed up in time, or not). First the mix of kinds is set
  against the kinds' own rates, then each kind's own rate is split into how its groups are mixed and how they convert. Kinds come
  first because a record is of a kind before anybody follows it up: where demo requests, which are always worked first,
  become more, that is mix, although more is then worked in time.
- `cross_classified`: two fields on an equal footing (region and lead type). First the rates of all cells are set against
  their composition, then the composition is split evenly between both fields (Das Gupta 1993, chapter 5).

Both are Owen values (Owen 1977): what belongs together is set against the rest as one, and shared out inside.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alignment_core.bridge import mix_and_rate

__all__ = ["CrossClassified", "MixWithin", "cross_classified", "mix_within"]

Floats = NDArray[np.float64]


class MixWithin(NamedTuple):
    """What moved a whole rate, by kind; together they sum over the kinds to its change.

    Attributes:
        mix: other kinds than before, each kind's against the whole rate, shape (kinds, …).
        within: within the kind, other groups than before.
        remainder: the same kind and group converting otherwise.
    """

    mix: Floats
    within: Floats
    remainder: Floats


class CrossClassified(NamedTuple):
    """What moved a whole rate; the three sum to its change.

    Attributes:
        first: the mix by the first field, shape (…).
        second: the mix by the second field.
        rate: the cells' own rates, shape (first, second, …).
    """

    first: Floats
    second: Floats
    rate: Floats


def mix_within(before: ArrayLike, passed_before: ArrayLike, after: ArrayLike, passed_after: ArrayLike) -> MixWithin:
    """Split the change of `Σ passed / Σ entered` into the mix of kinds, of groups within kinds, and the rest.

    A kind or group that is on one side only has no rate on the other, and takes that of the side where it is: its whole
    effect is mix.

    Args:
        before, after: how many entered, shape (kinds, groups, …); more than 0 in total on either side.
        passed_before, passed_after: how many of them passed, same shape.

    Raises:
        BridgeError: something passed where nothing entered, so that there is no rate.
    """
    sides = [(np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)) for n, k in ((before, passed_before), (after, passed_after))]  # fmt: skip
    entered = [n.sum(1) for n, _ in sides]
    shares = [_over(own, own.sum(0)) for own in entered]
    kinds = mix_and_rate(shares[0], _rate(entered[0], sides[0][1].sum(1)), shares[1], _rate(entered[1], sides[1][1].sum(1)))  # fmt: skip
    groups = [_over(n, own[:, None]) for (n, _), own in zip(sides, entered, strict=True)]
    there = [(own > 0)[:, None] for own in entered]
    # A kind on one side only is mixed there as it is here: nothing moved within it.
    groups = [np.where(own, one, other) for own, one, other in zip(there, groups, groups[::-1], strict=True)]
    rates = [_rate(n, k) for n, k in sides]
    rates = [np.where(np.isnan(one), other, one) for one, other in zip(rates, rates[::-1], strict=True)]
    rates = [np.where(np.isnan(one), 0.0, one) for one in rates]
    middle = (shares[0] + shares[1]) / 2
    within = middle * ((groups[1] - groups[0]) * (rates[0] + rates[1]) / 2).sum(1)
    return MixWithin(kinds.mix, np.asarray(within), kinds.rate - within)


def cross_classified(
    before: ArrayLike, passed_before: ArrayLike, after: ArrayLike, passed_after: ArrayLike
) -> CrossClassified:
    """Split the change of `Σ passed / Σ entered` over the cells of two fields, by Das Gupta (1993, equations 5.24 to 5.29).

    A cell's share of all is a product of two factors, `(n_ij/n_.j · n_i./n)^½` and `(n_ij/n_i. · n_.j/n)^½`; the first carries
    how the first field is mixed, the second the second. With one field each, this is Kitagawa's mix and rate.

    Args:
        before, after: how many entered, shape (first, second, …); more than 0 in total on either side.
        passed_before, passed_after: how many passed, same shape.
    """
    counts = [np.asarray(n, dtype=np.float64) for n in (before, after)]
    rates = [_rate(n, np.asarray(k, dtype=np.float64)) for n, k in zip(counts, (passed_before, passed_after), strict=True)]  # fmt: skip
    rates = [np.where(np.isnan(one), other, one) for one, other in zip(rates, rates[::-1], strict=True)]
    rates = [np.where(np.isnan(one), 0.0, one) for one in rates]
    firsts, seconds, shares = zip(*(_factors(n) for n in counts), strict=True)
    rate = (rates[0] + rates[1]) / 2
    first = (rate * (seconds[0] + seconds[1]) / 2 * (firsts[1] - firsts[0])).sum((0, 1))
    second = (rate * (firsts[0] + firsts[1]) / 2 * (seconds[1] - seconds[0])).sum((0, 1))
    own = (shares[0] + shares[1]) / 2 * (rates[1] - rates[0])
    return CrossClassified(np.asarray(first), np.asarray(second), own)


def _factors(n: Floats) -> tuple[Floats, Floats, Floats]:
    """Each cell's share of all as a product: the factor of the first field, that of the second, and the share."""
    whole, rows, columns = n.sum((0, 1)), n.sum(1, keepdims=True), n.sum(0, keepdims=True)
    first = np.sqrt(_over(n, columns) * _over(rows, whole))
    second = np.sqrt(_over(n, rows) * _over(columns, whole))
    return first, second, _over(n, whole)


def _rate(entered: Floats, passed: Floats) -> Floats:
    """NaN where nothing entered nor passed; infinite, which the arithmetic refuses, where something passed all the same."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(passed / entered)


def _over(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0))
