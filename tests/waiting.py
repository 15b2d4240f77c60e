"""Simulated companies whose funnel takes time: what was known on a quarter's last day, and how it ended."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from alignment_core.further import Step
from alignment_core.lags import Lags
from alignment_core.vocabulary import STAGES

QUARTER = 91
SHAPES = ("lognormal", "exponential", "weibull", "uniform")


@dataclass(frozen=True)
class Company:
    """How a company runs, the same in every quarter.

    Attributes:
        mqls: a quarter.
        earlier: how many quarters came before.
        rates: of the three steps.
        medians: days that a step takes.
        shape: of the lags.
        lost: how many of those that never convert are given up; the others stay open for ever.
        last_days: the quarter's own MQLs all came in so many last days.
    """

    mqls: int = 150
    earlier: int = 6
    rates: tuple[float, float, float] = (0.57, 0.5, 0.45)
    medians: tuple[float, float, float] = (6, 8, 25)
    shape: str = "lognormal"
    lost: float = 0.9
    last_days: int = QUARTER


class Run(NamedTuple):
    """One draw of a company: what was known on the quarter's last day, and what then came.

    `counted`, `came`: SQLs, opportunities, wins of the quarter's own MQLs, by that day and after it; `revenue` after it.
    """

    steps: tuple[Step, ...]
    amounts: np.ndarray
    counted: np.ndarray
    came: np.ndarray
    revenue: float


def run(company: Company, rng: np.random.Generator) -> Run:
    n = company.mqls * company.earlier
    began = np.concatenate(
        [
            rng.integers(0, QUARTER * company.earlier, n),
            QUARTER * (company.earlier + 1) - 1 - rng.integers(0, company.last_days, company.mqls),
        ]
    )
    last = QUARTER * (company.earlier + 1) - 1
    own = np.arange(len(began)) >= n
    entered, there = began, np.ones(len(began), dtype=bool)
    steps, counted, came = [], [], []
    for (before, after), rate, median in zip(pairwise(STAGES), company.rates, company.medians, strict=True):
        converts = rng.random(len(began)) < rate
        gone = ~converts & (rng.random(len(began)) < company.lost)
        takes = np.where(
            converts, _lags(company.shape, median, rng, len(began)), _lags(company.shape, 2 * median, rng, len(began))
        )
        ends = entered + takes.astype(int)
        seen = there & (entered <= last)
        known = ends <= last
        outcome = np.where(converts & known, 1, np.where(gone & known, -1, 0))
        days = np.where(outcome != 0, ends, last) - entered
        steps.append(
            Step(before, after, *(Lags.counted(days[rows], outcome[rows]) for rows in (seen & ~own, seen & own)))
        )
        there = there & converts
        counted.append((there & own & known).sum())
        came.append((there & own & ~known).sum())
        entered = ends
    amounts = rng.lognormal(10.2, 0.5, len(began))
    won = there & (entered <= last)
    return Run(
        tuple(steps), amounts[won & ~own], np.array(counted), np.array(came), float(amounts[there & own & ~won].sum())
    )


def _lags(shape, median, rng, size):
    match shape:
        case "lognormal":
            return rng.lognormal(np.log(median), 0.6, size)
        case "exponential":
            return rng.exponential(median / np.log(2), size)
        case "weibull":
            return median * rng.weibull(2, size) / np.log(2) ** 0.5
    return rng.uniform(0, 2 * median, size)
