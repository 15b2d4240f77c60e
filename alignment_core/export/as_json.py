"""A review as the JSON that others rely on (the shape is in the README)."""

from collections.abc import Mapping
from dataclasses import asdict
from math import isnan
from typing import Any

from alignment_core.amendment_words import amended_term
from alignment_core.results import Amendment, Bar, Carried, Counts, NotDecided, Review, ValueKept, Why
from alignment_core.value_words import value_words
from alignment_core.vocabulary import AMENDMENT, CHAIN, STAGES, Source
from alignment_core.wording import note

__all__ = ["number", "review_as_json"]


def review_as_json(review: Review) -> dict[str, Any]:
    """Plain values, ready for `json.dumps`. Rates 0-1, money in `currency`; a stage nobody recorded is null.

    With amendments `plan` is what was first signed, the bridge begins with a row for each of them, and there are
    `plan_in_force` and `amendments` as well: plan + bridge = actual, always.
    With a breakdown `bridge` has a row for each segment, and `bridge_whole` the bars of whole sources, which those sum to.
    `not_decided` is null on period basis and `carried` on cohort basis, or where no records were loaded.
    `mql` is there only where MQLs are counted otherwise than as the CRM flagged them, and `value` only where the agreement
    promises value: what marketing's MQLs are worth against that, with nulls where the files cannot tell.
    """
    amended = {
        "plan_in_force": _side(review.plan, review.plan_revenue),
        "amendments": [_amendment(each) for each in review.amendments],
    }
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
        "plan": _side(review.first_plan, review.first_revenue),
        "actual": _side(review.actual, review.actual_revenue),
        "variance": number(review.first_variance),
        "bridge": [
            *(row for each in review.amendments for row in _amendment_rows(review, each)),
            *(_bar(bar) for bar in review.segment_bars or review.bars),
        ],
        **({"bridge_whole": [_bar(bar) for bar in review.bars]} if review.segment_bars else {}),
        "why": [_why(part) for part in review.why] or None,
        "not_decided": {source: _not_decided(source, each) for source, each in review.not_decided.items()} or None,
        "carried": {source: _carried(source, each) for source, each in review.carried.items()} or None,
        **({"value": _value(review, review.value)} if review.value else {}),
        "notes": [note(said) for said in review.notes],
        "quality": {
            "rows_read": review.quality.rows_read,
            "rows_used": review.quality.rows_used,
            "rows_set_aside": review.quality.rows_set_aside,
            "faults": [asdict(fault) for fault in review.quality.faults],
        },
    } | (amended if review.amendments else {})


def number(value: float | None) -> float | int | None:
    """Whole numbers as integers, so that 164 is not 164.0."""
    return int(value) if value is not None and float(value).is_integer() else value


def _side(sources: Mapping[Source, Counts], revenue: float) -> dict[str, Any]:
    return {"revenue": number(revenue), "marketing": {}, "sales": {}} | {
        source: _counts(source, counts) for source, counts in sources.items()
    }


def _counts(source: Source, counts: Counts) -> dict[str, Any]:
    revenue = None if isnan(counts.revenue) else number(counts.revenue)
    return {stage: number(getattr(counts, stage)) for stage in CHAIN[source] or STAGES} | {"revenue": revenue}


def _not_decided(source: Source, decided: NotDecided) -> dict[str, Any]:
    sides = {"further": decided.further, "low": decided.low, "high": decided.high}
    return {"open": dict(decided.open)} | {name: _counts(source, counts) for name, counts in sides.items()}


def _carried(source: Source, carried: Carried) -> dict[str, Any]:
    return {"carried_in": _counts(source, carried.carried_in), "carried_out": dict(carried.carried_out)}


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


def _why(part: Why) -> dict[str, Any]:
    return {
        "source": part.source,
        "driver": part.driver,
        "part": part.part,
        "effect": part.effect,
        "interval": list(part.interval) if part.interval else None,
        "verdict": part.verdict,
        "evidence": {name: number(value) for name, value in part.evidence.items()},
    }


def _value(review: Review, kept: ValueKept) -> dict[str, Any]:
    """The promise in value and what came; what came is null where it cannot be told."""
    told = not kept.untold
    kinds = [
        {
            "kind": each.kind,
            "mqls": number(each.mqls),
            "per_mql": number(each.per_mql),
            "worth": number(each.worth),
            "listed": each.is_listed,
        }
        for each in kept.kinds
    ]
    return {
        "field": kept.field,
        "promised_mqls": kept.promised_mqls,
        "promised": number(kept.promised),
        "mqls": number(kept.mqls) if told else None,
        "worth": number(kept.worth) if told else None,
        "kept_in_number": not kept.short_mqls if told else None,
        "kept_in_value": not kept.short_value if told else None,
        "kinds": kinds,
        "said": " ".join(value_words(review)),
    }


def _amendment_rows(review: Review, amendment: Amendment) -> list[dict[str, Any]]:
    """An amendment's rows of the bridge: one, or one for each segment where both versions have a plan by segment."""
    whole = _amendment_row(amendment.revenue_before, amendment.revenue_after)
    if not review.segment_bars:
        return [whole]
    segments = dict.fromkeys([*amendment.segments_before, *amendment.segments_after])
    sides = amendment.segments_before, amendment.segments_after
    rows = [
        _amendment_row(*(side.get(each, 0.0) for side in sides)) | {"segment": each, "status": None}
        for each in segments
    ]
    return rows or [whole | {"segment": None, "status": None}]


def _amendment_row(before: float, after: float) -> dict[str, Any]:
    """Plan and actual are the revenue owed before and after it."""
    effect = after - before
    return {
        "source": AMENDMENT,
        "driver": AMENDMENT,
        "owner": "shared",
        "plan": number(before),
        "actual": number(after),
        "effect": effect,
        "order_low": effect,
        "order_high": effect,
        "interval": None,
        "verdict": None,
        "undefined": False,
    }


def _amendment(amendment: Amendment) -> dict[str, Any]:
    return {
        "agreed_on": amendment.agreed_on.isoformat() if amendment.agreed_on else None,
        "reason": amendment.reason,
        "effect": amendment.effect,
        "before": _side(amendment.before, amendment.revenue_before),
        "after": _side(amendment.after, amendment.revenue_after),
        "changes": [amended_term(each) for each in amendment.changes],
    }
