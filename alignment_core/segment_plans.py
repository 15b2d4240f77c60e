"""A first plan per segment: each side's target spread the way its revenue really came."""

import math

import pandas as pd

from alignment_core.agreement import Agreement, SegmentPlan, Segments
from alignment_core.data import Data
from alignment_core.errors import DataError

__all__ = ["draft_segments"]

#: Shares are drafted in tenths of a percent.
_STEPS = 1000


def draft_segments(data: Data, agreement: Agreement, field: str) -> Segments:
    """Shares by each segment's part of all revenue in the files, by its part of the wins where there are no amounts.

    A side that won nothing gets no plan per segment, and so does every side where the tables cannot answer.
    """
    try:
        funnel = data.funnel(agreement, by=field)
    except DataError:
        return Segments(field=field)
    worth = "revenue" if funnel.has_amounts else "wins"
    sums = funnel.frame.dropna(subset=["segment"]).groupby(["source", "segment"])[worth].sum()
    return Segments(field=field, **{
        side: {segment: SegmentPlan(share=share) for segment, share in _shares(sums[side]).items()}
        for side in ("marketing", "sales")
        if side in sums and getattr(agreement, side) is not None
    })  # fmt: skip


def _shares(worth: pd.Series) -> dict[str, float]:
    """Shares in whole steps that sum to 1 (largest remainder); a segment too small for a step is left out."""
    worth = worth[worth > 0]
    if worth.empty:
        return {}
    exact = worth.sort_values(ascending=False) / worth.sum() * _STEPS
    steps = {segment: math.floor(value) for segment, value in exact.items()}
    by_remainder = sorted(steps, key=lambda segment: steps[segment] - exact[segment])
    for segment in by_remainder[: _STEPS - sum(steps.values())]:
        steps[segment] += 1
    return {str(segment): step / _STEPS for segment, step in steps.items() if step}
