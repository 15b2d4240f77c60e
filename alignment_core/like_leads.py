"""Shares with their uncertainty, and a difference between two groups over like leads."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

__all__ = ["Difference", "standardised_difference", "wilson"]

Numbers = npt.NDArray[np.float64]


def wilson(count: Any, total: Any, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """The ends of the interval of a share (0-1), by Wilson (1927); NaN of nothing. Takes arrays of counts."""
    count, total = np.asarray(count, float), np.asarray(total, float)
    z = float(norm.ppf((1 + level) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / total
        middle = (share + z * z / (2 * total)) / (1 + z * z / total)
        half = z / (1 + z * z / total) * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


@dataclass(frozen=True)
class Difference:
    """How much more often one group converted than another.

    Attributes:
        crude: the difference of the two rates as they are (0-1 scale; 0.2 is 20 points).
        like: the same over like leads: kinds weighted alike in both groups.
        low, high: the ends of its 95% interval.
        leads: how many leads stand in kinds that have both groups; the others compare with nothing.
    """

    crude: float
    like: float
    low: float
    high: float
    leads: int

    @property
    def is_real(self) -> bool:
        """Whether chance alone hardly brings it."""
        return self.low > 0 or self.high < 0


def standardised_difference(
    kind: npt.NDArray[Any], group: npt.NDArray[np.bool_], converted: npt.NDArray[np.bool_], level: float = 0.95
) -> Difference | None:
    """The Mantel-Haenszel risk difference of those in the group against the others, within each kind; None where no kind has both.

    Its variance is that of Sato (1989, Biometrics 45:1323), which holds for few large kinds and for many small ones.
    """
    codes, names = _codes(kind)

    def counted(rows: npt.NDArray[np.bool_]) -> Numbers:
        return np.bincount(codes[rows], minlength=names).astype(float)

    ones, others = counted(group), counted(~group)
    a, b = counted(group & converted), counted(~group & converted)
    both = (ones > 0) & (others > 0)
    if not both.any():
        return None
    crude = float(a.sum() / ones.sum() - b.sum() / others.sum())
    ones, others, a, b = (each[both] for each in (ones, others, a, b))
    total = ones + others
    weight = (ones * others / total).sum()
    like = float(((a * others - b * ones) / total).sum() / weight)
    p = (ones**2 * b - others**2 * a + ones * others * (others - ones) / 2) / total**2
    q = (a * (others - b) + b * (ones - a)) / (2 * total)
    error = float(np.sqrt(max(like * p.sum() + q.sum(), 0.0)) / weight)
    z = float(norm.ppf((1 + level) / 2))
    return Difference(crude, like, like - z * error, like + z * error, int(total.sum()))


def _codes(kind: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], int]:
    codes, names = pd.factorize(np.asarray(kind).astype(str).astype(object), sort=True)
    return codes, len(names)
