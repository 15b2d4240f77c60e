"""What each driver did to a product: the change from plan to actual, shared among its factors.

Pure arrays, which know nothing of leads. The first axis is the drivers, every further axis is cells (segments,
sources, draws, …); each cell is a product of its own: volume x rate x … x deal size. Values may be in any unit;
effects are in the unit of the product.

An undefined value (a rate from a stage that nothing reached) is NaN. It takes the other side's value, so that it
has no effect. Where both sides are undefined nothing can be said, so the cell has no effects; that is allowed only
if the product is zero on both sides because of the other drivers.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alignment_core.vocabulary import METHODS, Method

__all__ = ["BridgeError", "LmdiError", "MixAndRate", "decompose", "mix_and_rate", "order_range"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class BridgeError(ValueError):
    """Some cells cannot be decomposed. `cells` has their indices on the cell axes."""

    def __init__(self, reason: str, cells: Sequence[tuple[int, ...]]) -> None:
        self.cells = tuple(cells)
        super().__init__(f"{reason} (in {len(self.cells)} {'cell' if len(self.cells) == 1 else 'cells'})")


class LmdiError(BridgeError):
    """LMDI has no answer for these cells; the other methods have."""


class MixAndRate(NamedTuple):
    """The effects of `mix_and_rate`, each shaped like its input: segments first, then cells.

    Attributes:
        mix: what the change of the segment's share did: more of a better-than-average segment is positive.
        rate: what the change of the segment's rate did.
    """

    mix: Floats
    rate: Floats


def decompose(plan: ArrayLike, actual: ArrayLike, method: Method = "shapley") -> Floats:
    """Share the change of a product among its drivers.

    - `shapley`: the mean over all orders in which the drivers could have moved. The order in which they are
      given does not matter, and swapping plan and actual flips every sign (Shapley 1953; for products the same
      as Das Gupta 1993, US Census Bureau P23-186; the axioms are in Sun & Sundararajan 2011, arXiv 1102.0989).
    - `sequential`: the drivers move one after the other, in the order given.
    - `lmdi`: the additive logarithmic mean Divisia index, LMDI-I (Ang 2005, doi:10.1016/j.enpol.2003.10.010),
      with the limits of Ang, Zhang & Choi 1998 for zeros: a driver that is zero on one side takes the cell's
      whole change, and a cell whose product is zero on both sides has no effects.

    Args:
        plan, actual: drivers' values, shape `(drivers, …cells)`, the same on both sides. NaN is undefined.
        method: how to share.

    Returns:
        The effects, shaped like the input. Their sum over the drivers is `actual.prod(0) - plan.prod(0)`, with
        undefined values taken from the other side. A driver that did not move has exactly zero effect.

    Raises:
        BridgeError: a value is infinite, or undefined on both sides of a cell whose product is not zero anyway.
        LmdiError: LMDI meets a negative value, or several drivers of a cell are zero at once on one side only.
        ValueError: the shapes differ, there is no driver, or the method is unknown.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; it must be one of {', '.join(METHODS)}")
    x, y, shape = _factors(plan, actual)
    if method == "shapley":
        effects = _shapley(x, y)
    elif method == "sequential":
        effects = _sequential(x, y)
    else:
        effects = _lmdi(x, y, shape[1:])
    effects += 0.0  # no effect reads 0, not -0
    return effects.reshape(shape)


def order_range(plan: ArrayLike, actual: ArrayLike, *, total: bool = False) -> tuple[Floats, Floats]:
    """The least and the largest effect of each driver over all orders in which the drivers could move.

    Both ends are reached by some order. The effects by every other order lie in between, and so do Shapley's,
    and LMDI's wherever it has an answer.

    Args:
        plan, actual: as for `decompose`.
        total: the range of the sum over all cells, where one order applies to all cells at once. It is
            never wider than the sum of the cells' ranges.

    Returns:
        The least and the largest effects, shaped `(drivers, …cells)`; with `total`, `(drivers,)`.

    Raises:
        BridgeError, ValueError: as `decompose` does.
    """
    x, y, shape = _factors(plan, actual)
    low, high = _range_of_total(x, y) if total else _range_of_cells(x, y)
    low += 0.0
    high += 0.0
    shape = shape[:1] if total else shape
    return low.reshape(shape), high.reshape(shape)


def mix_and_rate(
    plan_share: ArrayLike, plan_rate: ArrayLike, actual_share: ArrayLike, actual_rate: ArrayLike
) -> MixAndRate:
    """Split the change of an overall rate, `Σ share · rate` over segments, into mix and rates.

    A segment's rate effect is the change of its rate at its mean share; its mix effect is the change of its
    share at its mean rate less the overall rate (the mean of both sides' overall rates). The totals of mix and
    rate do not depend on what the rates are measured against, as the changes of shares sum to zero
    (Kitagawa 1955, JASA 50: 1168-1194; Das Gupta 1993, US Census Bureau P23-186).

    Args:
        plan_share, actual_share: shares of the segments, shape `(segments, …cells)`. They sum to the same over
            the segments on both sides: 1, or 100 if they are percentages.
        plan_rate, actual_rate: the segments' rates, same shape. NaN is undefined (a new or a lost segment): it
            takes the other side's value.

    Returns:
        Mix and rate effects, in the unit of share x rate; together they sum over the segments to the change of
        `Σ share · rate`.

    Raises:
        BridgeError: shares do not sum to the same on both sides, a value is infinite, a share is undefined, or
            a rate is undefined on both sides of a segment that has a share.
        ValueError: the shapes differ or there is no segment.
    """
    before, after, shape = _sides(plan_share, actual_share, "shares", "segments")
    one, other, shape_of_rates = _sides(plan_rate, actual_rate, "rates", "segments")
    if shape_of_rates != shape:
        raise ValueError(f"shares have shape {shape} and rates {shape_of_rates}; they must be the same")
    refuse = partial(_refuse, cells=shape[1:])
    refuse(np.isnan(before) | np.isnan(after), "a segment's share is undefined")
    one, other = _filled(one, other)
    unknown = np.isnan(one)
    refuse(unknown & ((before != 0) | (after != 0)), "a segment that has a share has no rate on either side")
    one, other = np.where(unknown, 0.0, one), np.where(unknown, 0.0, other)
    whole = (before.sum(0) + after.sum(0)) / 2
    apart = np.abs((after - before).sum(0)) > _SAME_SHARES * (np.abs(before) + np.abs(after)).sum(0)
    refuse(apart, "the segments' shares must sum to the same in plan and actual")

    mean_share, mean_rate = (before + after) / 2, (one + other) / 2
    middle = (before * one + after * other).sum(0) / 2
    overall = np.divide(middle, whole, out=np.zeros_like(whole), where=whole != 0)
    mix = (after - before) * (mean_rate - overall)
    rate = (other - one) * mean_share
    return MixAndRate((mix + 0.0).reshape(shape), (rate + 0.0).reshape(shape))


#: How far apart, relative to the shares, two sums of shares may be: room for floating error, not for rounding.
_SAME_SHARES = 1e-9


def _sides(plan: ArrayLike, actual: ArrayLike, what: str, axis: str) -> tuple[Floats, Floats, tuple[int, ...]]:
    """Both sides as contiguous arrays with one axis of cells, and the shape they had."""
    x, y = (np.ascontiguousarray(side, dtype=np.float64) for side in (plan, actual))
    shape = np.shape(plan)
    if np.shape(actual) != shape:
        raise ValueError(f"{what}: plan has shape {shape} and actual {np.shape(actual)}; they must be the same")
    if not shape or not shape[0]:
        raise ValueError(f"{what}: there are no {axis}; the first axis of an array must be the {axis}")
    x, y = x.reshape(shape[0], -1), y.reshape(shape[0], -1)
    _refuse(np.isinf(x) | np.isinf(y), f"{what}: a value is infinite", shape[1:])
    return x, y, shape


def _factors(plan: ArrayLike, actual: ArrayLike) -> tuple[Floats, Floats, tuple[int, ...]]:
    """As `_sides`, with undefined values filled."""
    x, y, shape = _sides(plan, actual, "drivers", "drivers")
    x, y = _filled(x, y)
    unknown = np.isnan(x)
    if unknown.any():
        others = (np.where(unknown, 1.0, side).prod(0) for side in (x, y))
        matters = unknown & np.logical_or(*(product != 0 for product in others))
        _refuse(matters, "a driver is undefined in both plan and actual of a product that is not zero", shape[1:])
        # As zero, the unknown leaves every other driver of the cell without effect: nobody knows their worth.
        x, y = np.where(unknown, 0.0, x), np.where(unknown, 0.0, y)
    return x, y, shape


def _filled(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """What is undefined on one side takes the other side's value."""
    gone = np.isnan(x), np.isnan(y)
    return np.where(gone[0], y, x) if gone[0].any() else x, np.where(gone[1], x, y) if gone[1].any() else y


def _refuse(wrong: Flags, reason: str, cells: tuple[int, ...], error: type[BridgeError] = BridgeError) -> None:
    """Raise if a cell is wrong. `wrong` has flags by cell, or by driver and cell; `cells` is the cell axes' shape."""
    if wrong.any():
        found = np.argwhere(wrong.reshape(-1, *cells).any(0))
        raise error(reason, [tuple(map(int, index)) for index in found])


def _sequential(x: Floats, y: Floats) -> Floats:
    """Drivers that have moved are at actual, those still to move at plan."""
    effects = y - x
    effects[1:] *= np.multiply.accumulate(y[:-1])
    effects[:-1] *= np.multiply.accumulate(x[:0:-1])[::-1]
    return effects


# Shapley in closed form. The effect of a driver is its step times the mean, along the straight line from plan to
# actual, of the product of the others: the integral over u in [-1/2, 1/2] of prod(middle + u * step). That is a
# polynomial in u, so all that is needed of u is the mean of each of its powers, its moments: 1, 0, 1/12, 0, 1/80, …
#
# "All but one" is shared work. The drivers are halved and halved again, as a tree. Going up, each half's product is
# a polynomial; going down, all that a half must know of the other half is what that one's polynomial makes of the
# moments (u^k becomes the mean of u^k times the polynomial). What arrives at a driver is the mean over all others.


class _Node(NamedTuple):
    """Some neighbouring drivers: the coefficients of their product in u, and their two halves unless it is one."""

    polynomial: list[Floats]
    halves: "tuple[_Node, _Node] | None"

    @property
    def drivers(self) -> int:
        return len(self.polynomial) - 1


class _Rows:
    """Memory for rows of cells, taken in one piece: asking for each row costs more than computing it."""

    def __init__(self, rows: int, cells: int) -> None:
        self._unused = iter(np.empty((rows, cells)))
        self._term = np.empty(cells)

    def sum_of_products(self, terms: Iterable[tuple[Floats, Floats | float]]) -> Floats:
        (one, other), *rest = terms
        row = np.multiply(one, other, out=next(self._unused))
        for one, other in rest:
            row += np.multiply(one, other, out=self._term)
        return row


def _shapley(x: Floats, y: Floats) -> Floats:
    drivers, cells = x.shape
    step, middle = y - x, (x + y) / 2
    if drivers == 1:
        return step
    rows = _Rows(drivers**2, cells)  # more than are needed; what is not used is never touched
    moments: list[Floats | float] = [0.0 if k % 2 else 1 / ((k + 1) * 2**k) for k in range(drivers)]
    effects = np.empty_like(step)
    half = drivers // 2
    halves = _tree(rows, middle[:half], step[:half]), _tree(rows, middle[half:], step[half:])
    _share(rows, halves, moments, effects)
    return effects


def _tree(rows: _Rows, middle: Floats, step: Floats) -> _Node:
    if len(step) == 1:
        return _Node([middle[0], step[0]], None)
    half = len(step) // 2
    one, other = _tree(rows, middle[:half], step[:half]), _tree(rows, middle[half:], step[half:])
    polynomial = [
        rows.sum_of_products(
            (factor, other.polynomial[power - k])
            for k, factor in enumerate(one.polynomial)
            if 0 <= power - k <= other.drivers
        )
        for power in range(len(step) + 1)
    ]
    return _Node(polynomial, (one, other))


def _share(rows: _Rows, halves: tuple[_Node, _Node], moments: list[Floats | float], effects: Floats) -> None:
    """Write the effects of both halves' drivers, given the moments that all drivers outside them have made."""
    one, other = halves
    for node, rest, out in ((one, other, effects[: one.drivers]), (other, one, effects[one.drivers :])):
        seen: list[Floats | float] = [
            rows.sum_of_products(
                (factor, moment)
                for factor, moment in zip(rest.polynomial, moments[k:], strict=False)
                if not (isinstance(moment, float) and moment == 0)
            )
            for k in range(node.drivers)
        ]
        if node.halves:
            _share(rows, node.halves, seen, out)
        else:
            np.multiply(node.polynomial[1], seen[0], out=out[0])


def _lmdi(x: Floats, y: Floats, cells: tuple[int, ...]) -> Floats:
    refuse = partial(_refuse, cells=cells, error=LmdiError)
    refuse((x < 0) | (y < 0), "a value is negative, which has no logarithm")
    before, after = x.prod(0), y.prod(0)
    appears, vanishes = (before == 0) & (after > 0), (before > 0) & (after == 0)
    # Ang, Zhang & Choi 1998, table 2: the driver that is zero takes the whole change. With two there is no limit.
    zero = np.where(appears, x, y) == 0
    one_sided = appears | vanishes
    refuse(one_sided & (zero.sum(0) != 1), "more than one driver is zero at once, so the change cannot be closed")
    effects = _log_change(x, y) * _log_mean(before, after)
    return np.where(one_sided, zero * (after - before), effects)


def _log_change(x: Floats, y: Floats) -> Floats:
    """ln(y / x), precise for the smallest of changes; 0 where either is zero."""
    low, step = np.minimum(x, y), y - x
    growth = np.divide(np.abs(step), low, out=np.zeros_like(low), where=low > 0)
    return np.copysign(np.log1p(growth), step)


def _log_mean(x: Floats, y: Floats) -> Floats:
    """(y - x) / ln(y / x), which is x where they are equal; 0 where either is zero."""
    change = _log_change(x, y)
    return np.divide(y - x, change, out=np.minimum(x, y), where=change != 0)


def _range_of_cells(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """As the others may be at plan or at actual in any combination, the extremes of their product suffice."""
    least, most = np.minimum(x, y), np.maximum(x, y)
    if not (least < 0).any():
        step = y - x
        ends = step * _product_of_others(least), step * _product_of_others(most)
        return np.minimum(*ends), np.maximum(*ends)
    either = list(zip(least, most, strict=True))
    none = np.ones(x.shape[1]), np.ones(x.shape[1])
    before = accumulate(either[:-1], _extremes, initial=none)
    after = reversed(list(accumulate(either[:0:-1], _extremes, initial=none)))
    found = [
        _extremes((step, step), _extremes(*others))
        for step, others in zip(y - x, zip(before, after, strict=True), strict=True)
    ]
    low, high = (np.stack(side) for side in zip(*found, strict=True))
    return low, high


def _product_of_others(values: Floats) -> Floats:
    """For each driver the product of all the others."""
    before, after = np.ones_like(values), np.ones_like(values)
    np.cumprod(values[:-1], axis=0, out=before[1:])
    np.cumprod(values[:0:-1], axis=0, out=after[-2::-1])
    before *= after
    return before


def _extremes(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The least and the largest product of two values of which the least and the largest are known."""
    low, *others = (a * b for a in one for b in other)
    high = low.copy()
    for product in others:
        np.minimum(low, product, out=low)
        np.maximum(high, product, out=high)
    return low, high


def _range_of_total(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Every set of drivers that may have moved before: products over half of the drivers, times those over the rest.

    Summed over cells that is a matrix product, so no product over all drivers is ever written out.
    """
    drivers = len(x)
    step = y - x
    low, high = np.empty(drivers), np.empty(drivers)
    half = drivers // 2
    for own, others in ((range(half), slice(half, None)), (range(half, drivers), slice(0, half))):
        rest = _combinations(x[others], y[others])
        for driver in own:
            mates = [mate for mate in own if mate != driver]
            sums = (step[driver] * _combinations(x[mates], y[mates])) @ rest.T
            low[driver], high[driver] = sums.min(), sums.max()
    return low, high


def _combinations(x: Floats, y: Floats) -> Floats:
    """The products of the drivers with each at plan or at actual: shape `(2 ** drivers, cells)`."""
    products = np.ones((1, x.shape[1]))
    for plan, actual in zip(x, y, strict=True):
        products = np.concatenate([products * plan, products * actual])
    return products
