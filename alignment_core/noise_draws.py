"""What else chance could have brought: draws of a quarter's outcome, and what each driver's effect is in all of them.

Pure arrays, seeded: the same counts always give the same intervals. Counts are Gamma(n + 1/2) (Jeffreys' posterior of a
Poisson count), the rates of a cohort Beta(k + 1/2, n - k + 1/2), and deal size is the Bayesian bootstrap of the won amounts
(Rubin 1981). The last is too narrow for few amounts; it is widened as Student's distribution is wider than the normal.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from alignment_core.bridge import decompose
from alignment_core.vocabulary import Basis, Method

__all__ = ["draws_for", "effect_draws", "intervals"]

Floats = NDArray[np.float64]

_SEED = 20260930
#: Draws behind an interval, at least and at most, and how many of them a bar's share of the promise takes.
_LEAST, _MOST, _EACH = 4_000, 20_000, 400
#: Draws times bars that memory and a moment's patience have room for; of very many bars the intervals are a little coarser.
_ROOM, _FEWEST = 2_000_000, 2_000
#: Beyond so many amounts the bootstrap's draws are normal to within a thousandth of their spread.
_NORMAL = 500


def draws_for(bars: int) -> int:
    """How many draws the intervals of so many bars need: the more are judged together, the further out they end."""
    return min(max(_LEAST, _EACH * bars), _MOST, max(_FEWEST, _ROOM // bars))


def effect_draws(
    plan: Floats,
    counts: Floats,
    amounts: Sequence[Floats],
    deal_size: Floats,
    basis: Basis,
    method: Method,
    draws: int,
    level: float,
) -> Floats:
    """The effects of every driver in every draw.

    Args:
        plan: the agreed values of the drivers, shape `(drivers, cells)`.
        counts: the counts of the stages that they connect, shape `(drivers - 1, cells)`.
        amounts: the won amounts of each cell; where they are not known the deal size stays as it was.
        deal_size: revenue per win of each cell; NaN where undefined.
        level: the significance at which the bars are judged; how far the draws of a deal size are widened.

    Returns:
        Shape `(drivers, cells, draws)`, currency. What is undefined as counted is undefined in every draw.
    """
    rng = np.random.default_rng(_SEED)
    stages = rng.standard_gamma(counts[..., None] + 0.5, size=(*counts.shape, draws))
    before, after = counts[:-1, :, None], counts[1:, :, None]
    if basis == "cohort":
        # A Beta is a Gamma's share in itself and another Gamma; where more passed than entered they are counts apart.
        within = after <= before
        failed = rng.standard_gamma(np.where(within, before - after, 0.0) + 0.5, size=stages[1:].shape)
        rates = np.where(within, stages[1:] / (stages[1:] + failed), stages[1:] / stages[:-1])
    else:
        rates = stages[1:] / stages[:-1]
    rates = np.where(before > 0, rates, np.nan)
    pairs = [_sizes(rng, each, size, draws, level) for each, size in zip(amounts, deal_size, strict=True)]
    effects, widened = (
        _effects(plan, np.concatenate([stages[:1], rates, np.stack(sizes)[None]]), method)
        for sizes in zip(*pairs, strict=True)
    )
    # How far two or three amounts may lie from their mean says nothing of the other drivers.
    effects[-1] = widened[-1]
    return effects


def _effects(plan: Floats, drawn: Floats, method: Method) -> Floats:
    agreed = np.broadcast_to(plan[..., None], drawn.shape)
    unknown = np.isnan(agreed) & np.isnan(drawn)  # what it would be worth nobody knows, so nothing moves in that cell
    return decompose(np.where(unknown, 0.0, agreed), np.where(unknown, 0.0, drawn), method)


def _sizes(rng: np.random.Generator, amounts: Floats, size: float, draws: int, level: float) -> tuple[Floats, Floats]:
    """Draws of one deal size, around what it was; and the same as far apart as so few amounts allow."""
    wins, mean = len(amounts), float(amounts.mean()) if len(amounts) else 0.0
    if wins < 2 or not mean > 0 or np.isnan(size):
        return np.full(draws, size), np.full(draws, size)
    if wins > _NORMAL:
        spread = rng.standard_normal(draws) * float(amounts.std()) / np.sqrt(wins + 1) / mean
    else:
        weights = rng.standard_exponential((draws, wins))
        spread = weights @ amounts / weights.sum(1) / mean - 1
    plain, widened = (size * np.maximum(1 + spread * wider, 1e-6) for wider in (1.0, _student(wins, level)))
    return plain, widened


def _student(wins: int, level: float) -> float:
    from scipy.special import ndtri, stdtrit

    tail = level / 2
    return float(np.sqrt((wins + 1) / (wins - 1)) * stdtrit(wins - 1, tail) / ndtri(tail))


def intervals(effects: Floats, level: Floats) -> tuple[Floats, Floats]:
    """Between which effects the middle `1 - level` of each row's draws lie. `effects`: `(bars, draws)`; `level`: `(bars,)`."""
    last = effects.shape[1] - 1
    places = np.stack([level / 2, 1 - level / 2]) * last
    below = np.floor(places).astype(np.int64)
    above = np.minimum(below + 1, last)
    ordered = np.partition(effects, np.unique([below, above]), axis=1)
    rows = np.arange(len(effects))
    low, high = ordered[rows, below] + (places - below) * (ordered[rows, above] - ordered[rows, below])
    return low, high
