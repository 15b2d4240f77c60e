"""A part of what a side owes solved for: one segment, one channel of sales, the accounts it works, the pipeline and its coverage.

As with the chain (`solve`), one thing gives way and the rest is held. Shares sum to 1, so where one is solved for, the others keep
their proportions to each other.
"""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal

from alignment_core.agreement import Agreement
from alignment_core.agreement_parts import exact
from alignment_core.sales_channels import promises
from alignment_core.solve_steps import (
    NEAR,
    RATES,
    Given,
    SolveError,
    a,
    by_rate,
    by_target,
    changed,
    first_that_meets,
    given,
    owing,
    rounded,
    values_of,
)
from alignment_core.vocabulary import CHAIN, Source
from alignment_core.wording import STAGE, count, money, percent

__all__ = [
    "PIPELINE_GIVES_WAY",
    "SegmentGiven",
    "segment_gives_way",
    "solve_accounts",
    "solve_channel",
    "solve_coverage",
    "solve_pipeline",
    "solve_segment",
]

#: What can give way to a segment's figure: its share of the side's revenue, or a rate or deal size of its own.
SegmentGiven = Literal["share", "deal_size", "close_rate", "sql_to_opportunity", "mql_to_sql"]
#: What can give way to a side's pipeline. The deal size cannot: fewer opportunities are then worth as much.
PIPELINE_GIVES_WAY: tuple[Given, ...] = ("close_rate", "revenue_target", "split")
#: Pipeline is met to half a unit of the currency, coverage to half a unit of its second decimal.
_HALF = Fraction(1, 2)
#: Numbers are tried up to one decimal fewer than this: floats carry no more. Shares are at least as fine as they are drafted,
#: so that the others' proportions hold.
_DECIMALS, _SHARE_DECIMALS = 16, 3


def segment_gives_way(source: Source) -> tuple[SegmentGiven, ...]:
    """What can give way to what a source owes in a segment."""
    rates: tuple[SegmentGiven, ...] = ("deal_size", "close_rate", "sql_to_opportunity")
    return ("share", *rates, "mql_to_sql") if source == "marketing" else ("share", *rates)


def solve_segment(
    agreement: Agreement, source: Source, segment: str, wanted: float, gives_way: SegmentGiven = "share"
) -> Agreement:
    """The agreement in which a source owes in one segment what is wanted.

    Args:
        agreement: what stands now; it has a plan for the segment.
        wanted: whole MQLs for marketing, SQLs for sales.
        gives_way: `share`: the segment's, and the others' keep their proportions; else the segment's own rate or deal size.

    Returns:
        The agreement with the shortest numbers that meet the wish: exactly so many MQLs are then owed, never one more.

    Raises:
        SolveError: nothing does, in words.
    """
    stage = CHAIN[source][0]
    if segment not in agreement.segment_cells.get(source, {}):
        raise SolveError(f"{source.capitalize()} has no plan for {segment}.")
    _check_count(wanted, STAGE[stage], whole=stage == "mqls", zero=gives_way == "share")
    if not getattr(agreement.split, source):
        raise SolveError(f"{source.capitalize()} owes nothing: its share of the split is 0. Give it a share first.")
    wish = f"{count(wanted)} {STAGE[stage]} in {segment}"

    def meets(found: Agreement) -> bool:
        if stage == "mqls":
            return found.required_mqls_by_segment[segment] == wanted
        return abs(found.segment_cells[source][segment][stage] - exact(float(wanted))) <= NEAR

    if meets(agreement):
        return agreement
    if gives_way == "share":
        return first_that_meets(_by_segment_share(agreement, source, segment, wanted, wish), meets, wish)
    return first_that_meets(_by_segment_rate(agreement, source, segment, wanted, gives_way, wish), meets, wish)


def solve_channel(agreement: Agreement, channel: str, wanted: float) -> Agreement:
    """The agreement in which a channel of sales owes so many SQLs; the other channels' shares keep their proportions.

    Raises SolveError, in words.
    """
    owed = _sales_owe(agreement, channel)
    _check_count(wanted, "SQLs", whole=True, zero=True)
    wish = f"{count(wanted)} SQLs from {channel}"

    def meets(found: Agreement) -> bool:
        return _of_channel(found, channel)[0] == wanted

    if meets(agreement):
        return agreement
    if wanted > owed:
        raise SolveError(
            f"{wish} would be more than all: sales owes {count(owed)} SQLs. To have it owe more, type its SQLs above."
        )
    shares = {name: exact(each.share) for name, each in agreement.sales_channels.items()}
    _check_others(shares, channel, "channel", f"sales' {count(owed)} SQLs")
    return first_that_meets(
        (
            changed(agreement, {"sales_channels": _with_shares(agreement.sales_channels, found)})
            for found in _shares(shares, channel, Fraction(int(wanted), owed))
        ),
        meets,
        wish,
    )


def solve_accounts(agreement: Agreement, channel: str, wanted: float) -> Agreement:
    """The agreement in which a channel's SQLs take so many accounts; the share of accounts that become SQLs gives way.

    Raises SolveError, in words.
    """
    _sales_owe(agreement, channel)
    _check_count(wanted, "accounts to work", whole=True)
    sqls, accounts = _of_channel(agreement, channel)
    if accounts == wanted:
        return agreement
    if not sqls:
        raise SolveError(f"{channel} owes no SQLs, so it has no accounts to work for them.")
    if wanted < sqls:
        raise SolveError(
            f"{channel} owes {count(sqls)} SQLs: even if every account became one, it would take as many accounts, not {count(wanted)}."
        )
    rate = Fraction(sqls, int(wanted))
    named = {name: each.model_dump(exclude_none=True) for name, each in agreement.sales_channels.items()}
    candidates = (
        changed(agreement, {"sales_channels": named | {channel: named[channel] | {"accounts_to_sql": float(part)}}})
        for digits in range(2, _DECIMALS)
        for part in rounded(rate, digits)
        if 0 < part <= 1
    )
    return first_that_meets(
        candidates, lambda found: _of_channel(found, channel)[1] == wanted, f"{count(wanted)} accounts for {channel}"
    )


def solve_pipeline(
    agreement: Agreement, source: Source, wanted: float, gives_way: Given = "close_rate", near: Fraction = _HALF
) -> Agreement:
    """The agreement in which a source owes so much pipeline: opportunities × deal size, which is revenue ÷ close rate.

    Args:
        wanted: in the agreement's currency.
        gives_way: one of `PIPELINE_GIVES_WAY`.
        near: how far from it the pipeline may lie.

    Raises:
        SolveError: nothing meets the wish, in words.
    """
    _check_side(agreement, source)
    if gives_way not in PIPELINE_GIVES_WAY:
        can = ", ".join(map(given, PIPELINE_GIVES_WAY))
        raise SolveError(
            f"The {given(gives_way)} does not change how much pipeline {source} owes. What can give way to it: {can}."
        )
    if not (math.isfinite(wanted) and wanted > 0):
        raise SolveError(f"The pipeline owed must be more than 0; {wanted:g} is not.")
    now, goal = _pipeline(agreement, source), exact(float(wanted))
    if abs(now - goal) <= near:
        return agreement
    wish = f"a pipeline of {money(wanted)}"

    def meets(found: Agreement) -> bool:
        return abs(_pipeline(found, source) - goal) <= near

    if gives_way != "close_rate":
        return first_that_meets(by_target(agreement, source, gives_way, goal / now), meets, wish)
    rates = values_of(agreement, source, "close_rate")
    highest = max(owing(agreement, source), key=lambda segment: rates[segment])
    if rates[highest] * now > goal:
        where = f" in {highest}" if highest else ""
        raise SolveError(
            f"{wish[0].upper()}{wish[1:]} would need a close rate of {percent(float(rates[highest] * now / goal))}{where}. "
            f"Even 100% takes {money(float(now * rates[highest]))}; let something else give way."
        )
    return first_that_meets(by_rate(agreement, source, "close_rate", goal / now), meets, wish)


def solve_coverage(agreement: Agreement, source: Source, wanted: float) -> Agreement:
    """The agreement in which a source's pipeline is so many times its revenue; its close rate gives way.

    Raises SolveError, in words.
    """
    _check_side(agreement, source)
    if not (math.isfinite(wanted) and wanted >= 1):
        raise SolveError(
            f"A coverage of {wanted:g} would take more wins than opportunities: even a close rate of 100% needs 1."
        )
    revenue = sum((cell["revenue"] for cell in agreement.segment_cells[source].values()), Fraction(0))
    return solve_pipeline(agreement, source, float(exact(float(wanted)) * revenue), near=NEAR * revenue)


def _check_side(agreement: Agreement, source: Source) -> None:
    if getattr(agreement, source, None) is None or not getattr(agreement.split, source):
        raise SolveError(f"{source.capitalize()} owes nothing: its share of the split is 0. Give it a share first.")


def _check_count(wanted: float, what: str, *, whole: bool, zero: bool = False) -> None:
    if not (math.isfinite(wanted) and (wanted > 0 or (zero and wanted == 0))):
        raise SolveError(f"The {what} must be {'0 or more' if zero else 'more than 0'}; {wanted:g} is not.")
    if whole and wanted != round(wanted):
        raise SolveError(f"{what[0].upper()}{what[1:]} are promised as a whole number; {wanted:g} is not one.")


def _check_others(shares: Mapping[str, Fraction], name: str, kind: str, whole: str) -> None:
    """There must be somebody who takes the rest, in some proportion."""
    if len(shares) == 1:
        raise SolveError(f"{name} is the only {kind}: it has all of {whole}. Let something else give way.")
    if not sum(share for other, share in shares.items() if other != name):
        raise SolveError(f"{name} has all of {whole}; give another {kind} a share first, which can take the rest.")


def _by_segment_share(
    agreement: Agreement, source: Source, segment: str, wanted: float, wish: str
) -> Iterator[Agreement]:
    plans = getattr(agreement.segments, source)
    shares = {name: exact(plan.share) for name, plan in plans.items()}
    _check_others(shares, segment, "segment", f"{source}'s revenue")
    # What the segment would owe if all of the side's revenue were to come from it.
    revenue = exact(agreement.revenue_target) * exact(getattr(agreement.split, source))
    whole = revenue / values_of(agreement, source, "deal_size")[segment]
    for rate in RATES if source == "marketing" else RATES[:2]:
        whole /= values_of(agreement, source, rate)[segment]
    needed = exact(float(wanted)) / whole
    if needed > 1:
        first = STAGE[CHAIN[source][0]]
        raise SolveError(
            f"{wish} would take {percent(float(needed))} of {source}'s revenue: all of it takes {count(float(math.floor(whole)))} {first} there. "
            "Let a rate, the deal size or the revenue target give way."
        )
    for found in _shares(shares, segment, needed):
        yield changed(agreement, _with_plans(agreement, source, _with_shares(plans, found)))


def _by_segment_rate(
    agreement: Agreement, source: Source, segment: str, wanted: float, gives_way: SegmentGiven, wish: str
) -> Iterator[Agreement]:
    if gives_way not in segment_gives_way(source):
        raise SolveError("Sales-sourced demand begins at the SQL: it has no MQLs.")
    stage = CHAIN[source][0]
    now = agreement.segment_cells[source][segment][stage]
    if not now:
        raise SolveError(f"{segment} owes nothing: its share is 0. Give it a share first.")
    value = values_of(agreement, source, gives_way)[segment]
    needed = value * now / exact(float(wanted))
    if gives_way != "deal_size" and needed > 1:
        least = count(float(math.ceil(value * now)) if stage == "mqls" else float(value * now))
        raise SolveError(
            f"{wish} would need {a(given(gives_way))} of {percent(float(needed))}. "
            f"Even 100% takes {least} {STAGE[stage]}; let something else give way."
        )
    plans = {name: plan.model_dump(exclude_none=True) for name, plan in getattr(agreement.segments, source).items()}
    for digits in range(0 if gives_way == "deal_size" else 2, _DECIMALS):
        # Rounded up, nothing more is owed.
        moved = float(max(rounded(needed, digits)))
        yield changed(agreement, _with_plans(agreement, source, plans | {segment: plans[segment] | {gives_way: moved}}))


def _shares(now: Mapping[str, Fraction], name: str, needed: Fraction) -> Iterator[dict[str, float]]:
    """Shares in which one has what is needed, from round numbers to exact ones. They sum to 1 exactly, and the others keep their
    proportions; whoever had a share keeps one, unless nothing is left."""
    others = {other: share for other, share in now.items() if other != name}
    together = sum(others.values(), Fraction(0))
    for digits in range(_SHARE_DECIMALS, _DECIMALS):
        for part in dict.fromkeys(rounded(needed, digits)):
            steps = int((1 - part) * 10**digits)
            exactly = {other: steps * share / together for other, share in others.items()}
            whole = {other: math.floor(each) for other, each in exactly.items()}
            by_remainder = sorted(whole, key=lambda other: whole[other] - exactly[other])
            for other in by_remainder[: steps - sum(whole.values())]:
                whole[other] += 1
            if steps and any(others[other] and not whole[other] for other in others):
                continue
            found = {other: Fraction(each, 10**digits) for other, each in whole.items()} | {name: part}
            yield {each: float(found[each]) for each in now}


def _with_shares(parts: Mapping[str, Any], shares: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    return {name: part.model_dump(exclude_none=True) | {"share": shares[name]} for name, part in parts.items()}


def _with_plans(agreement: Agreement, source: Source, plans: Mapping[str, Any]) -> dict[str, Any]:
    segments = agreement.segments.model_dump(exclude_none=True) if agreement.segments else {}
    return {"segments": segments | {source: dict(plans)}}


def _sales_owe(agreement: Agreement, channel: str) -> int:
    """The SQLs of all channels together."""
    if channel not in agreement.sales_channels:
        raise SolveError(f"Sales has no channel {channel}.")
    _check_side(agreement, "sales")
    return agreement.required_sqls


def _of_channel(agreement: Agreement, channel: str) -> tuple[int, int | None]:
    """What a channel owes: SQLs, and accounts to work."""
    owed = sum((cell["sqls"] for cell in agreement.segment_cells["sales"].values()), Fraction(0))
    found = next(each for each in promises(agreement.sales_channels, owed) if each.name == channel)
    return found.sqls, found.accounts


def _pipeline(agreement: Agreement, source: Source) -> Fraction:
    """What a source's opportunities are worth at the agreed deal sizes."""
    rates = values_of(agreement, source, "close_rate")
    return sum(
        (cell["revenue"] / rates[segment] for segment, cell in agreement.segment_cells[source].items()), Fraction(0)
    )
