"""Is this quarter like the ones before it? Shewhart's control charts, and the run rules.

Rates stand on a p-chart, whose limits follow each quarter's number of records; where quarters scatter more than such
numbers explain, the limits are widened as in Laney's p′ chart (2002). Counts and deal sizes stand on an XmR chart:
limits at the mean ± 2.66 mean moving ranges, the moving range's at 3.267 of them (Shewhart; Wheeler 2000). The limits
are those of the baseline, the quarters before the one that is looked at, which is then held against them.

Arrays in, frozen answers out; pure arithmetic.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FEWEST_QUARTERS", "ControlChart", "Rule", "Signal", "p_chart", "run_rules", "xmr_chart"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: With fewer quarters than this before the one that is looked at there are no limits worth drawing.
FEWEST_QUARTERS = 4
#: Mean moving range of two normal values, in standard deviations, and the limits that follow from it.
_D2, _INDIVIDUALS, _RANGES = 1.128, 2.66, 3.267

#: `beyond`: outside three standard deviations; `side`: eight in a row on one side of the centre; `two_of_three`: two of
#: three in a row beyond two standard deviations on the same side; `trend`: six in a row, each higher, or each lower.
Rule = Literal["beyond", "side", "two_of_three", "trend"]


@dataclass(frozen=True)
class Signal:
    """A rule that was met, and at which point it was: its place among the values."""

    rule: Rule
    place: int


@dataclass(frozen=True)
class ControlChart:
    """Values in the order of time, with the baseline's centre and limits.

    Attributes:
        values: what ran, oldest first; NaN where undefined.
        centre: the baseline's mean (of rates: all records together).
        low, high: three standard deviations around it at each point.
        signals: the rules that were met, in order of time.
        widened: by how much Laney's factor widened the limits of a p-chart (1 for none).
        range_limit: what a moving range must exceed to be a signal; None on a p-chart.
    """

    values: Floats
    centre: float
    low: Floats
    high: Floats
    signals: tuple[Signal, ...]
    widened: float = 1.0
    range_limit: float | None = None

    def at(self, place: int) -> tuple[Rule, ...]:
        """The rules that were met at a point."""
        place = place % len(self.values)
        return tuple(signal.rule for signal in self.signals if signal.place == place)


def p_chart(passed: ArrayLike, entered: ArrayLike, baseline: int | None = None, *, laney: bool = True) -> ControlChart:
    """A chart of rates.

    Args:
        passed, entered: counts, oldest first. Where none entered the rate is undefined.
        baseline: how many of the first points the centre is taken from; default all.
        laney: whether the limits are widened where the baseline scatters more than its counts explain. They are never
            narrowed.

    Raises:
        ValueError: nothing entered in the whole baseline, or the lengths differ.
    """
    k, n = (np.asarray(each, dtype=np.float64) for each in (passed, entered))
    if k.shape != n.shape:
        raise ValueError(f"there are {k.size} counts that passed and {n.size} that entered")
    first = slice(baseline)
    if not n[first].sum() > 0:
        raise ValueError("nothing entered in the quarters before, so there is no rate to hold this one against")
    centre = float(k[first].sum() / n[first].sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(n > 0, k / n, np.nan)
        # On period basis a rate can exceed 1; its scatter is then that of a count.
        one = np.where(n > 0, np.sqrt(max(centre * (1 - centre), 0.0) / n), np.nan)
        if centre >= 1:
            one = np.where(n > 0, np.sqrt(centre / n), np.nan)
        scores = (rates - centre) / one
    known = scores[first][np.isfinite(scores[first])]
    factor = max(1.0, float(np.abs(np.diff(known)).mean()) / _D2) if laney and len(known) > 2 else 1.0
    sigma = one * factor
    low, high = np.maximum(centre - 3 * sigma, 0.0), centre + 3 * sigma
    high = np.minimum(high, 1.0) if centre < 1 and not (rates > 1).any() else high
    return ControlChart(rates, centre, low, high, run_rules(rates, centre, sigma), factor)


def xmr_chart(values: ArrayLike, baseline: int | None = None, *, floor: float | None = 0.0) -> ControlChart:
    """A chart of individual values and their moving ranges.

    Args:
        values: oldest first; NaN is undefined and left out.
        baseline: how many of the first points centre and limits are taken from; default all.
        floor: what a value cannot fall below; None for no such bound. Where one did fall below it, there is none.

    Raises:
        ValueError: fewer than two values in the baseline.
    """
    x = np.asarray(values, dtype=np.float64)
    known = x[slice(baseline)]
    known = known[~np.isnan(known)]
    if len(known) < 2:
        raise ValueError("there are fewer than two quarters before this one, so nothing shows how much they scatter")
    centre, moved = float(known.mean()), float(np.abs(np.diff(known)).mean())
    low = centre - _INDIVIDUALS * moved
    low = low if floor is None or (x < floor).any() else max(low, floor)
    sigma = np.full(len(x), _INDIVIDUALS * moved / 3)
    return ControlChart(
        x,
        centre,
        np.full(len(x), low),
        np.full(len(x), centre + _INDIVIDUALS * moved),
        run_rules(x, centre, sigma),
        range_limit=_RANGES * moved,
    )


def run_rules(values: ArrayLike, centre: float, sigma: ArrayLike) -> tuple[Signal, ...]:
    """The signals in values of a given centre and standard deviation (Western Electric 1956; Nelson 1984).

    An undefined value meets no rule and breaks every run.
    """
    x = np.asarray(values, dtype=np.float64)
    spread = np.broadcast_to(np.asarray(sigma, dtype=np.float64), x.shape)
    with np.errstate(invalid="ignore"):
        z = x - centre
        above, below = z > 0, z < 0
        met: dict[Rule, Flags] = {
            "beyond": np.abs(z) > 3 * spread * (1 + 1e-12),
            "side": _run(above, 8) | _run(below, 8),
            "two_of_three": _two_of_three(z > 2 * spread) | _two_of_three(z < -2 * spread),
            "trend": _trend(np.diff(x) > 0) | _trend(np.diff(x) < 0),
        }
    found = [Signal(rule, int(place)) for rule, flags in met.items() for place in np.flatnonzero(flags)]
    return tuple(sorted(found, key=lambda signal: signal.place))


def _run(flags: Flags, length: int) -> Flags:
    """Where a run of so many ends."""
    return np.asarray(_sums(flags, length) == length)


def _two_of_three(flags: Flags) -> Flags:
    return np.asarray(flags & (_sums(flags, 3) >= 2))


def _trend(steps: Flags) -> Flags:
    """Six in a row are five steps the same way."""
    return np.concatenate([[False], _run(steps, 5)])[: len(steps) + 1]


def _sums(flags: Flags, length: int) -> NDArray[np.int64]:
    """How many of the last so many are set; of fewer, at the beginning."""
    totals = np.concatenate([[0], np.cumsum(flags)])
    starts = np.maximum(np.arange(1, len(totals)) - length, 0)
    return np.asarray(totals[1:] - totals[starts], dtype=np.int64)
