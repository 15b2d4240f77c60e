"""A review as the JSON that others rely on (the shape is in the README)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from alignment_core.results import Bar, Counts, Review
from alignment_core.vocabulary import CHAIN, STAGES, Source
from alignment_core.wording import note

__all__ = ["number", "review_as_json"]


def review_as_json(review: Review) -> dict[str, Any]:
    """Plain values, ready for `json.dumps`. Rates 0-1, money in `currency`; a stage nobody recorded is null.

    `mql` is there only where MQLs are counted otherwise than as the CRM flagged them.
    """
    counted_by = {} if review.mql == "crm" else {"mql": review.mql}
    return {
        "company": review.company,
        "quarter": str(review.quarter),
        "currency": review.currency,
        "basis": review.basis,
        "method": review.method,
        "as_of": review.as_of.isoformat(),
        "by": review.by,
        **counted_by,
        "plan": _side(review.plan, review.plan_revenue),
        "actual": _side(review.actual, review.actual_revenue),
        "variance": number(review.variance),
        "bridge": [_bar(bar) for bar in review.segment_bars or review.bars],
        "why": None,
        "notes": [note(said) for said in review.notes],
        "quality": {
            "rows_read": review.quality.rows_read,
            "rows_used": review.quality.rows_used,
            "rows_set_aside": review.quality.rows_set_aside,
            "faults": [asdict(fault) for fault in review.quality.faults],
        },
    }


def number(value: float | None) -> float | int | None:
    """Whole numbers as integers, so that 164 is not 164.0."""
    return int(value) if value is not None and float(value).is_integer() else value


def _side(sources: Mapping[Source, Counts], revenue: float) -> dict[str, Any]:
    return {"revenue": number(revenue), "marketing": {}, "sales": {}} | {
        source: {stage: number(getattr(counts, stage)) for stage in CHAIN[source] or STAGES}
        | {"revenue": number(counts.revenue)}
        for source, counts in sources.items()
    }


def _bar(bar: Bar) -> dict[str, Any]:
    said = {
        "source": bar.source,
        "driver": bar.driver,
        "owner": bar.owner,
        "plan": number(bar.plan),
        "actual": number(bar.actual),
        "effect": bar.effect,
        "order_low": bar.order_low,
        "order_high": bar.order_high,
        "interval": list(bar.interval) if bar.interval else None,
        "verdict": bar.verdict,
        "undefined": bar.undefined,
    }
    return said if bar.segment is None else said | {"segment": bar.segment, "status": bar.status}
