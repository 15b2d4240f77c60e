"""What open records are still expected to bring, chained down the funnel. Pure arrays; `timing` makes them from tables.

A record that waits at a stage moves on with the chance that is left of the lag curve (`lags.chances`), one that has just
moved on with the whole of the next curve. Both the luck of the records and what is not known of the curves are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alignment_core.lags import Lags, chances, sum_draws
from alignment_core.results import Counts
from alignment_core.vocabulary import STAGES, Stage

__all__ = ["ENOUGH", "Step", "drawn", "expected", "interval"]

Floats = NDArray[np.float64]

#: How many earlier records must have entered a step, one of which moved on, before it says anything of later ones.
ENOUGH = 10


@dataclass(frozen=True, eq=False)
class Step:
    """One transition of one source's funnel.

    Attributes:
        before, after: from which recorded stage to which; a stage between them that nobody recorded is passed over.
        earlier: the records of earlier cohorts, as far as they were followed.
        own: the cohort's own records; those that are open wait at `before`.
    """

    before: Stage
    after: Stage
    earlier: Lags
    own: Lags

    @property
    def open(self) -> int:
        """How many of the cohort's records wait here."""
        return int(self.own.open.sum())

    @property
    def is_known(self) -> bool:
        """Whether the earlier records are enough to expect anything by."""
        return self.earlier.entered >= ENOUGH and self.earlier.longest is not None


def expected(steps: Sequence[Step], amounts: ArrayLike) -> Counts:
    """Further counts and revenue beyond what is counted already, on average. The first stage's is 0.

    A stage is None where nobody recorded it, or where it depends on a step that earlier records say too little of;
    revenue is NaN where further wins are, or where no amount is known for any of them.

    Args:
        steps: the funnel's transitions in order, without gaps.
        amounts: what earlier wins brought, currency.
    """
    found: dict[Stage, float | None] = {steps[0].before: 0.0}
    entering: float | None = 0.0
    for step in steps:
        if entering == 0.0 and not step.open:
            entering = 0.0
        elif entering is None or not step.is_known:
            entering = None
        else:
            curve = step.earlier.incidence
            waiting = float(step.own.open @ chances(curve, np.arange(len(step.own.open))))
            entering = waiting + entering * float(curve.converted[-1])
        found[step.after] = entering
    known = np.asarray(amounts, dtype=np.float64)
    revenue = 0.0 if entering == 0.0 else np.nan
    if entering and len(known):
        revenue = entering * float(known.mean())
    return Counts(**found, revenue=revenue)


def drawn(steps: Sequence[Step], amounts: ArrayLike, draws: int, rng: np.random.Generator) -> Floats:
    """The same drawn at random: shape (5, draws), the rows `vocabulary.STAGES` and revenue.

    NaN is what cannot be said, as in `expected`. A stage that nobody recorded, and the first, has 0.
    """
    found = np.zeros((len(STAGES) + 1, draws))
    entering = np.zeros(draws, dtype=np.int64)
    is_known = True
    for step in steps:
        ages = np.flatnonzero(step.own.open)
        if len(ages) or entering.any():
            is_known = is_known and step.is_known
            if is_known:
                curve = step.earlier.drawn(draws, rng)
                waiting = step.own.open[ages, None].astype(np.int64)
                moved = rng.binomial(waiting, chances(curve, ages)).sum(axis=0)
                entering = moved + rng.binomial(entering, np.clip(curve.converted[-1], 0.0, 1.0))
        elif is_known:
            entering = np.zeros(draws, dtype=np.int64)
        found[STAGES.index(step.after)] = entering if is_known else np.nan
    known = np.asarray(amounts, dtype=np.float64)
    if not is_known or (entering.any() and not len(known)):
        found[-1] = np.nan
    elif entering.any():
        found[-1] = sum_draws(entering, known, rng)
    return found


def interval(draws: Floats, recorded: Sequence[Stage], level: float = 0.9) -> tuple[Counts, Counts]:
    """The ends of an interval of every row of `drawn`: counts that were drawn, never between two."""
    tail = (1 - level) / 2
    ends = np.quantile(draws, [tail, 1 - tail], axis=1, method="inverted_cdf")

    def side(row: Floats) -> Counts:
        of = dict(zip(STAGES, row.tolist(), strict=False))
        stages = {stage: None if np.isnan(of[stage]) else of[stage] for stage in recorded}
        return Counts(**stages, revenue=float(row[-1]))

    low, high = (side(cast(Floats, row)) for row in ends)
    return low, high
