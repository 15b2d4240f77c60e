"""What a review found, in the words a VP would use: the headline, and how each bar came about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from alignment_core.results import Bar, Review
from alignment_core.scenarios import Scenario
from alignment_core.vocabulary import RATE_DRIVERS, VOLUME_DRIVERS
from alignment_core.wording import (
    DRIVER,
    METHOD_MEANING,
    OWNER,
    SOURCE,
    change,
    driver_name,
    driver_value,
    money,
    money_short,
    percent,
    period,
    signed,
    signed_short,
)

__all__ = ["Headline", "explain", "headline", "largest_cause", "scenario_headline"]

#: A variance smaller than this share of plan revenue is "on plan" when spoken.
_ON_PLAN = 0.005
#: A cause stands out if it is at least this share of all that pulled the same way.
_STANDS_OUT = 0.35


@dataclass(frozen=True)
class Headline:
    """The answer in one sentence, and the next one under it."""

    title: str
    detail: str


def largest_cause(bars: Sequence[Bar], variance: float) -> Bar | None:
    """The bar that pulled furthest in the variance's direction; None if nothing moved."""
    pulled = [bar for bar in bars if bar.effect * variance > 0] if variance else [bar for bar in bars if bar.effect]
    return max(pulled, key=lambda bar: abs(bar.effect), default=None)


def headline(review: Review) -> Headline:
    """The review in a sentence: amount, largest cause, whose it is; then what pulled otherwise."""
    variance, currency = review.variance, review.currency
    when = period(review.quarter)
    if review.basis == "cohort":
        opening = _cohort_opening(review)
    elif review.plan_revenue and abs(variance) < _ON_PLAN * review.plan_revenue:
        opening = f"{when} came in on plan ({currency} {signed_short(variance)})."
    else:
        side = "under" if variance < 0 else "over"
        opening = f"{when} came in {currency} {money_short(abs(variance))} {side} plan."
    cause = largest_cause(review.bars, variance)
    if cause is None:
        return Headline(opening, "Nothing moved against the agreement.")
    together = sum(bar.effect for bar in review.bars if bar.effect * cause.effect > 0)
    name = driver_name(cause, with_source=_ambiguous(cause, review.bars))
    if abs(cause.effect) < _STANDS_OUT * abs(together):
        title = f"{opening} No single cause stands out; the largest is {name}, {signed_short(cause.effect)}."
    else:
        what = "cause" if cause.effect < 0 else "contribution"
        title = f"{opening} The largest {what} is {name}, {signed_short(cause.effect)}, {_owned(cause)}."
    return Headline(title, _detail(review, cause))


def _cohort_opening(review: Review) -> str:
    """A cohort is followed until the as-of date, and some of it is open: what is missing may still come."""
    brought = f"{review.currency} {money_short(review.actual_revenue)}"
    far = "so far, " + (
        f"{money_short(-review.variance)} short of plan"
        if review.variance < 0
        else f"{money_short(review.variance)} over plan"
    )
    return f"The demand that began in {period(review.quarter)} has brought {brought} {far}."


def scenario_headline(scenario: Scenario, currency: str, when: str) -> Headline:
    """A scenario in a sentence: what it brings, and what moves it furthest."""
    revenue, variance = f"{currency} {money_short(scenario.actual_revenue)}", scenario.variance
    if abs(variance) < _ON_PLAN * abs(scenario.plan_revenue):
        title = f"This would bring {revenue} in {when}: on plan."
    else:
        side = "under" if variance < 0 else "over"
        title = f"This would bring {revenue} in {when}, {money_short(abs(variance))} {side} plan."
    cause = largest_cause(scenario.bars, variance)
    if cause is None or not cause.effect:
        return Headline(title, "Every lever stands as agreed.")
    name = driver_name(cause, with_source=_ambiguous(cause, scenario.bars))
    values = f" ({change(cause)})" if cause.driver != "unassigned" else ""
    return Headline(title, f"What moves it furthest is {name}{values}: {signed_short(cause.effect)}.")


def _detail(review: Review, cause: Bar) -> str:
    if cause.driver == "unassigned":
        first = "Its lead sources are on neither side's list in the agreement."
    else:
        first = f"{_subject(cause)} {_was(cause)} {driver_value(cause.driver, cause.actual)} against {driver_value(cause.driver, cause.plan)} agreed."
    others = sorted((bar for bar in review.bars if bar is not cause and bar.effect), key=lambda bar: -abs(bar.effect))
    said = [
        f"{driver_name(bar, with_source=_ambiguous(bar, review.bars))} {signed_short(bar.effect)}"
        + (f" ({change(bar)})" if bar.driver != "unassigned" else "")
        for bar in others[:2]
    ]
    return f"{first} Next: {', '.join(said)}." if said else first


def _subject(bar: Bar) -> str:
    return (
        f"{SOURCE[bar.source]} {driver_name(bar)}" if bar.driver != "deal_size" else f"{SOURCE[bar.source]} deal size"
    )


def _was(bar: Bar) -> str:
    return "ran at" if bar.driver in RATE_DRIVERS else "was"


def _owned(bar: Bar) -> str:
    return {
        "shared": "which both sides own",
        "unassigned": "which nobody owns yet",
    }.get(bar.owner, f"which {OWNER[bar.owner]} owns")


def _ambiguous(bar: Bar, bars: Sequence[Bar]) -> bool:
    return sum(other.driver == bar.driver for other in bars) > 1


def explain(review: Review, bar: Bar) -> str:
    """How a bar was computed, in one sentence with its numbers in it.

    Args:
        review: the review the bar belongs to.
        bar: one of its `bars` or `segment_bars`.
    """
    where = f"{SOURCE[bar.source].lower()} revenue" + (f" in {bar.segment}" if bar.segment is not None else "")
    name, currency = DRIVER[bar.driver], review.currency
    if bar.driver == "unassigned":
        return (
            f"{currency} {money(bar.actual)} of revenue has a lead source on neither side's list, and none was planned."
        )
    if bar.undefined or bar.plan is None or bar.actual is None:
        missing = "actual" if bar.actual is None else "agreed"
        return f"{name} has no {missing} value here (nothing reached the stage it is measured from), so it has no effect of its own."
    moved = f"{name} went from {_exact(bar, bar.plan)} agreed to {_exact(bar, bar.actual)}"
    difference = bar.actual - bar.plan
    if not difference:
        return f"{name} was exactly as agreed ({_exact(bar, bar.plan)}), so it has no effect on {where}."
    if review.by is not None and bar.segment is None:
        return f"{moved}; counted {review.by.replace('_', ' ')} by {review.by.replace('_', ' ')} and added up, that is {currency} {signed(bar.effect)} of {where}."
    step = percent(difference, 1).replace("%", " points") if bar.driver in RATE_DRIVERS else signed(difference, 1)
    weight = bar.effect / difference
    per = f"{currency} {money(abs(weight) / (100 if bar.driver in RATE_DRIVERS else 1), 2 if bar.driver == 'deal_size' else 0)} a {_unit(bar)}"
    if review.method == "sequential":
        how = "with every driver above it already at its actual value and every one below it as agreed"
    elif review.method == "lmdi":
        how = f"its share, ln({_exact(bar, bar.actual)} ÷ {_exact(bar, bar.plan)}) = {_log(bar)}, of the logarithmic change"
    else:
        drivers = sum(
            other.source == bar.source and other.segment == bar.segment
            for other in (*review.bars, *review.segment_bars)
        )
        how = f"the average over all {math.factorial(drivers):,} orders of the {drivers} drivers"
    return (
        f"{moved}: {step} × {per} = {currency} {signed(bar.effect)} of {where} — {how}; "
        f"over all orders it lies between {signed_short(bar.order_low)} and {signed_short(bar.order_high)}."
    )


def _exact(bar: Bar, value: float) -> str:
    if bar.driver in RATE_DRIVERS:
        return percent(value, 1)
    return money(value, 1).removesuffix(".0") if bar.driver in VOLUME_DRIVERS else money(value)


def _unit(bar: Bar) -> str:
    if bar.driver in RATE_DRIVERS:
        return "point"
    return {"mql_volume": "MQL", "sql_volume": "SQL", "opportunity_volume": "opportunity", "win_volume": "win"}.get(
        bar.driver, "unit of deal size"
    )


def _log(bar: Bar) -> str:
    return (
        f"{math.log(bar.actual / bar.plan):.3f}".replace("-", "−")
        if bar.actual and bar.plan and bar.actual / bar.plan > 0
        else "the zero limit"
    )
