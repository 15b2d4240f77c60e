"""What moved a conversion, as pure arrays: the parts of its rate's move, and which of them are more than chance.

    actual - agreed = (baseline - agreed) + lead mix + follow-up + remainder + not decided

Baseline is what the quarters before ran. Lead mix, follow-up and remainder are `crossed.mix_within` of kinds of leads and of
how they were followed up. Only what was counted goes into it, so that the parts sum to the move exactly.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alignment_core.crossed import MixWithin, mix_within
from alignment_core.noise import Judged, PValues, holm
from alignment_core.vocabulary import Basis

__all__ = ["FAMILY", "FEWEST", "JUDGED", "Cells", "errors", "interval_ends", "judge", "pooled", "split"]

Floats = NDArray[np.float64]

#: The parts that are held against chance, in this order.
JUDGED = ("planning_gap", "lead_mix", "follow_up", "remainder")
#: How often the parts of all conversions of a quarter whose rates, leads and follow-up were as agreed and as before may
#: blame anything.
FAMILY = 0.05
#: Fewer records than this on either side say too little of parts of a rate.
FEWEST = 20
#: Kinds with fewer records than this on either side are taken together.
_FEW_OF_A_KIND = 5
_DRAWS, _SEED = 400, 2611


class Cells(NamedTuple):
    """The records of one step: before (the baseline) and now, shape (kinds, groups); the last group is the one of which nothing is
    known. `passed_*` may hold expected ones."""

    before: Floats
    passed_before: Floats
    now: Floats
    passed_now: Floats

    @property
    def is_enough(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.before.sum() > 0 and self.now.sum() > 0)


def pooled(cells: Cells) -> tuple[Cells, NDArray[np.int64]]:
    """Cells whose kinds all say something: small ones are one kind together, and where more passed than ever entered (period
    basis: a kind of which nothing entered in the quarter) so is the kind it is smallest of. Groups go the same way.

    Returns:
        The cells, and for each kind its place among them.
    """
    each = np.minimum(cells.before.sum(1), cells.now.sum(1))
    few = each < _FEW_OF_A_KIND
    order = np.argsort(each, kind="stable")
    for kind in order:  # until what is taken together has entered on both sides, or passed on neither
        together = [side[few].sum() for side in cells]
        if not few.any() or ((together[0] or not together[1]) and (together[2] or not together[3])):
            break
        few[kind] = True
    keep = np.flatnonzero(~few)
    place = np.zeros(len(few), dtype=np.int64)
    place[keep] = np.arange(len(keep))
    place[few] = len(keep)
    rows = len(keep) + bool(few.any())
    found = Cells(*(_added(side, place, rows) for side in cells))
    found = Cells(found.before, _of_known(*found[:2]), found.now, _of_known(*found[2:]))
    # A group of a kind without a rate of its own: that kind is not split.
    untold = (((found.before == 0) & (found.passed_before > 0)) | ((found.now == 0) & (found.passed_now > 0))).any(1)
    whole = Cells(*(np.where(untold[:, None], _first(side), side) for side in found))
    return whole, place


def split(cells: Cells) -> MixWithin:
    """Mix, follow-up (within) and remainder of the rate's move from baseline to now, by kind; on the scale of rates (0-1)."""
    return mix_within(cells.before, cells.passed_before, cells.now, cells.passed_now)


def errors(cells: Sequence[Cells], worth: Sequence[float], basis: Basis) -> Floats:
    """Standard errors of the parts, in the order of `JUDGED`; seeded.

    By the parametric bootstrap: as many records of each kind and group as were counted, give or take chance (Poisson), each
    passing with the cell's own rate (cohort basis), or as many passing (period basis), drawn in towards the whole rate by
    one record, so that a rate of none or all is not taken for certain.

    Args:
        cells: of each segment, pooled.
        worth: what a move of the rate by 1 is worth in each segment.
    """
    rng = np.random.default_rng(_SEED)
    sums = np.zeros((len(JUDGED), _DRAWS))
    for own, weight in zip(cells, worth, strict=True):
        before = _drawn(own.before, own.passed_before, basis, rng)
        now = _drawn(own.now, own.passed_now, basis, rng)
        parts = mix_within(*before, *now)
        baseline = before[1].sum((0, 1)) / before[0].sum((0, 1))
        sums += weight * np.stack([baseline, *(each.sum(0) for each in parts)])
    return np.asarray(sums.std(axis=1, ddof=1))


def judge(effects: Floats, spreads: Floats, told: NDArray[np.bool_]) -> Judged:
    """Which parts are more than chance: all parts of all conversions together, by Holm.

    Args:
        effects, spreads: of every part, any shape; their standard errors.
        told: whether there are enough records to hold a part against chance.
    """
    from scipy.stats import norm

    shape = effects.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(told & (spreads > 0), 2 * norm.sf(np.abs(effects) / spreads), np.nan).ravel()
    found = holm(PValues(p, np.where(np.isnan(p), np.nan, 0.0)), FAMILY)
    return Judged(found.real.reshape(shape), found.too_few.reshape(shape), found.level.reshape(shape))


def interval_ends(effects: Floats, spreads: Floats, judged: Judged) -> Floats:
    """Between which effects each part lies, at the level at which it was judged: 0 is outside where it is real, and only there.
    Shape (2, …)."""
    from scipy.stats import norm

    reach = norm.isf(np.clip(judged.level, 1e-12, 1.0) / 2) * spreads
    low, high = effects - reach, effects + reach
    low = np.where(judged.real, low, np.minimum(low, 0.0))
    return np.stack([low, np.where(judged.real, high, np.maximum(high, 0.0))])


def _drawn(entered: Floats, passed: Floats, basis: Basis, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Entered and passed, each with an axis of draws at the end. Something always entered."""
    whole = passed.sum() / entered.sum()
    # Of none, or all, half a record is left to chance (Jeffreys).
    least = 0.5 / (entered.sum() + 1)
    rate = np.clip((passed + whole) / (entered + 1), least, 1 - least if basis == "cohort" else None)
    shape = (*entered.shape, _DRAWS)
    n = rng.poisson(entered[..., None], shape).astype(np.float64)
    empty = n.sum((0, 1)) == 0
    n[..., empty] = entered[..., None]
    if basis == "cohort":
        return n, rng.binomial(n.astype(np.int64), np.clip(rate, 0.0, 1.0)[..., None]).astype(np.float64)
    k = rng.poisson((entered * rate)[..., None], shape).astype(np.float64)
    return n, np.where(n > 0, k, 0.0)


def _added(side: Floats, place: NDArray[np.int64], rows: int) -> Floats:
    found = np.zeros((rows, side.shape[1]))
    np.add.at(found, place, side)
    return found


def _of_known(entered: Floats, passed: Floats) -> Floats:
    """What passed, where none of the last group entered that it came from: the group of which it is not known how it was followed up.
    It is shared out to the others as they passed themselves, so that it says nothing of them and their kind can still be split."""
    lone = (entered[:, -1] == 0) & (passed[:, -1] > 0) & (entered[:, :-1] > 0).any(1)
    by = np.where(entered[:, :-1] > 0, passed[:, :-1], 0.0)
    by = np.where(by.sum(1, keepdims=True) > 0, by, entered[:, :-1])
    share = by / np.where(lone, by.sum(1), 1.0)[:, None]
    found = passed.copy()
    found[lone, :-1] += (share * passed[:, -1:])[lone]
    found[lone, -1] = 0.0
    return found


def _first(side: Floats) -> Floats:
    """All groups of a kind in the first one."""
    found = np.zeros_like(side)
    found[:, 0] = side.sum(1)
    return found
