"""A first plan per segment: each side's target spread the way its revenue came, at the rates each segment really ran."""

import math
from collections.abc import Iterable
from typing import Protocol

import pandas as pd

from alignment_core.agreement import Agreement, SegmentPlan, Segments
from alignment_core.data import OWNER, Data
from alignment_core.errors import DataError
from alignment_core.owner_labels import show_owners
from alignment_core.vocabulary import Driver, Source

__all__ = ["ENOUGH_ENTERED", "ENOUGH_WINS", "Ran", "draft_segments", "enough", "plan_fields"]

#: Shares are drafted in tenths of a percent.
_STEPS = 1000
#: A rate of fewer records that entered its step is not drafted: of 20, one more that passes moves it by 5 points.
ENOUGH_ENTERED = 20
#: A deal size of fewer wins is not drafted. The track record gives it no interval either.
ENOUGH_WINS = 5


class Ran(Protocol):
    """What the last quarters ran of a driver in a segment, as `track_record.Evidence` has it.

    `pooled` is a rate (0-1; on period basis it can exceed 1) or an amount per win in the agreement's currency, all
    quarters together; `of` is how many records it was measured on: those that entered the step, or wins.
    """

    @property
    def source(self) -> Source: ...
    @property
    def driver(self) -> Driver: ...
    @property
    def segment(self) -> str | None: ...
    @property
    def pooled(self) -> float | None: ...
    @property
    def of(self) -> float: ...


def plan_fields(data: Data, agreement: Agreement) -> tuple[str, ...]:
    """The fields of the files to plan by: not by owner where the agreement hides owners."""
    hidden = show_owners(agreement) == "hidden"
    return tuple(field for field in data.segment_fields if not (hidden and field == OWNER))


def enough(ran: Ran) -> bool:
    """Whether a rate or a deal size was measured on enough records to plan with, all quarters together."""
    return ran.pooled is not None and ran.of >= (ENOUGH_WINS if ran.driver == "deal_size" else ENOUGH_ENTERED)


def draft_segments(data: Data, agreement: Agreement, field: str, ran: Iterable[Ran] = ()) -> Segments:
    """A plan for each segment of a field: its share, and its own rates and deal size where enough is known of them.

    Args:
        data: the loaded tables.
        agreement: gives sourcing, calendar and currency, and which sides have a plan.
        field: the segment field.
        ran: what the last quarters ran by that field, see `track_record`.

    Shares go by each segment's part of all revenue in the files, by its part of the wins where there are no amounts.
    Rates have three significant digits and at most 1, deal sizes are whole. What too few records say, what was zero, and
    a rate that spans a stage nobody recorded stay blank: there the side's own plan holds. A side that won nothing gets no
    plan per segment, and so does every side where the tables cannot answer.
    """
    try:
        funnel = data.funnel(agreement, by=field)
    except DataError:
        return Segments(field=field)
    worth = "revenue" if funnel.has_amounts else "wins"
    sums = funnel.frame.dropna(subset=["segment"]).groupby(["source", "segment"])[worth].sum()
    own = _own(agreement, ran)
    return Segments(field=field, **{
        side: {
            segment: SegmentPlan(share=share, **own.get((side, segment), {}))
            for segment, share in _shares(sums[side]).items()
        }
        for side in ("marketing", "sales")
        if side in sums and getattr(agreement, side) is not None
    })  # fmt: skip


def _own(agreement: Agreement, ran: Iterable[Ran]) -> dict[tuple[str, str], dict[str, float]]:
    """By source and segment, the rates and the deal size that are known well enough and can be agreed."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for each in ran:
        plan = getattr(agreement, each.source, None)
        if plan is None or each.driver not in type(plan).model_fields or not enough(each):
            continue
        if (value := _drafted(each)) is not None:
            found.setdefault((each.source, str(each.segment)), {})[each.driver] = value
    return found


def _drafted(ran: Ran) -> float | None:
    """A pooled value rounded as it is planned; None where it is too small to be agreed."""
    pooled = ran.pooled or 0.0
    if ran.driver == "deal_size":
        return float(round(pooled)) if pooled >= 1 else None
    # On period basis more can pass a stage than entered it; a rate above 1 cannot be agreed.
    return min(1.0, float(f"{pooled:.3g}")) if pooled >= 1e-6 else None


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
