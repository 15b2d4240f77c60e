"""What a review found, in the words a VP would use: the headline, and how each bar came about."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alignment_core.amendment_words import after_amendments
from alignment_core.causes import Cause, cause_name, cause_of, causes, why_together
from alignment_core.results import Bar, Review
from alignment_core.scenarios import Scenario
from alignment_core.verdict_words import is_final, verdict_phrase, verdict_sentence
from alignment_core.vocabulary import RATE_DRIVERS, Driver, Source
from alignment_core.wording import (
    DRIVER,
    OWNER,
    SOURCE,
    agreed_and_actual,
    change,
    driver_name,
    money,
    money_short,
    period,
    signed,
    signed_short,
)

__all__ = ["Headline", "explain", "first_to_open", "headline", "largest_cause", "scenario_headline"]

#: A variance smaller than this share of plan revenue is "on plan" when spoken.
_ON_PLAN = 0.005
#: A cause stands out if it is at least this share of all that pulled the same way.
_STANDS_OUT = 0.35
_HOW_SURE = {"real": "more than chance", "noise": "within chance"}


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
    """The review in a sentence: amount, largest cause, whose it is; then what pulled otherwise.

    Bars that cannot be told apart are one cause, by their joint effect: see `causes`.
    """
    opening, silent = _opening(review), review.silent
    if silent:
        return _apart_from(review, opening, silent)
    return _headline(review, opening)


def _headline(review: Review, opening: str) -> Headline:
    on_plan = _on_plan(review.variance, review.plan_revenue)
    cause = _largest(review)
    if cause is None or not _shows(cause):
        return Headline(opening, " ".join(["Nothing moved against the agreement.", *_first_signed(review)]))
    pulled = [each for each in causes(review.bars) if each.effect * cause.effect > 0]
    is_outdone = any(_outdoes(each, cause) for each in (causes(review.bars) if on_plan else pulled))
    name = (
        f"{cause_name(cause, with_source=_ambiguous(cause.bars[0], review.bars))}, {_amount(review, cause, is_outdone)}"
    )
    owned, sure = _owned(cause), _sure(review, cause)
    told = f"{owned}; {sure}" if sure else owned
    aside = "leaving out what is still open, " if is_outdone else ""
    what = "gap so far" if cause.undecided == "unfinished" else "cause" if cause.effect < 0 else "contribution"
    if on_plan:
        said = f"{aside}what moved most is {name}, {told}."
    elif _all_chance(cause, pulled):
        said = f"no cause is more than chance; {aside}the largest is {name}, {owned}."
    elif is_outdone or abs(cause.effect) >= _STANDS_OUT * abs(sum(each.effect for each in pulled)):
        said = f"{aside}the largest {what} is {name}, {told}."
    else:
        # What is more than chance does stand out, only not as most of it.
        first = "several causes add up" if cause.verdict == "real" else "no single cause stands out"
        said = f"{first}; the largest is {name}, {told}."
    return Headline(f"{opening} {_sentence(said)}", _detail(review, cause))


def first_to_open(review: Review) -> Bar | None:
    """The bar to look into first: that of the headline's cause, or of several the one that pulled furthest; None if nothing moved."""
    cause = _largest(_known(review))
    return None if cause is None else largest_cause(cause.bars, cause.effect)


def _largest(review: Review) -> Cause | None:
    """What pulled furthest the variance's way, without what is only open still."""
    found = causes(review.bars)
    pulls = [sum(_decided(review, bar) for bar in each.bars) for each in found]
    variance = review.variance
    if variance and not _on_plan(variance, review.plan_revenue):
        pulls = [pull if pull * variance > 0 else 0.0 for pull in pulls]
    # On plan nothing is to be explained, but what moved most is still worth a look, whichever way it pulled.
    furthest = max(range(len(found)), key=lambda place: abs(pulls[place]), default=None)
    return None if furthest is None or not pulls[furthest] else found[furthest]


def _outdoes(other: Cause, cause: Cause) -> bool:
    """Whether it moved more as printed than what is called the largest, which it did only by what is open still."""
    return abs(round(other.effect)) > abs(round(cause.effect))


def _amount(review: Review, cause: Cause, is_outdone: bool) -> str:
    """A cause's effect; where a larger one is open still, how much of it is decided."""
    decided, whole = sum(_decided(review, bar) for bar in cause.bars), signed_short(cause.effect)
    is_part = is_outdone and abs(decided) < abs(cause.effect) and signed_short(decided) != whole
    return f"{signed_short(decided)} of its {whole}" if is_part else whole


def _sure(review: Review, cause: Cause) -> str:
    """How sure it is, as the end of a sentence; empty for what is not judged."""
    if not cause.is_joint:
        phrase = verdict_phrase(review, cause.bars[0])
        return f"it is {phrase}" if cause.verdict in ("real", "noise") else phrase
    if cause.verdict == "undecided":
        return verdict_phrase(review, next(bar for bar in cause.bars if bar.undecided == cause.undecided))
    return "none of them is more than chance" if cause.verdict == "noise" else "they cannot be told apart"


def _apart_from(review: Review, opening: str, silent: Sequence[Source]) -> Headline:
    """A quarter of which the files have one side only: what is missing is nobody's miss; the headline of the rest follows."""
    owed = sum(review.plan[source].revenue for source in silent)
    sides = " and ".join(SOURCE[source].lower() for source in silent)
    missing = f"{opening[:-1]}; {money_short(owed)} of the plan is {sides}, of which nothing is in the files."
    known = _known(review)
    load = f"Load what is missing, or look in Agree at whose demand a lead source is: {sides} demand may go by another name."
    if not any(map(_shows, known.bars)):
        return Headline(missing, load)
    off = signed_short(known.variance)
    rest = _headline(replace(known, amendments=()), f"{missing} Apart from that it is {off}.")
    return replace(rest, detail=f"{rest.detail} {load}")


def _known(review: Review) -> Review:
    """The review without the sides of which nothing is in the files."""
    return replace(
        review,
        bars=tuple(bar for bar in review.bars if bar.source not in review.silent),
        plan={source: counts for source, counts in review.plan.items() if source not in review.silent},
    )


def _decided(review: Review, bar: Bar) -> float:
    """A bar's effect without what is only open still: that is nobody's yet, and no cause."""
    parts = ((each.source, each.driver, each.part, each.effect) for each in review.why)
    return bar.effect - sum(effect for *part, effect in parts if part == [bar.source, bar.driver, "not_decided"])


def _all_chance(cause: Cause, pulled: Sequence[Cause]) -> bool:
    """Whether all that pulled the cause's way is within chance."""
    judged = [each for each in pulled if each.bars[0].driver != "unassigned" and _shows(each)]
    return cause.verdict == "noise" and all(each.verdict == "noise" for each in judged)


def _on_plan(variance: float, plan: float) -> bool:
    return abs(variance) < _ON_PLAN * abs(plan)


def _shows(bar: Bar | Cause) -> bool:
    """Whether an effect is more than nothing as it is spoken."""
    return money_short(bar.effect) != "0"


def _opening(review: Review) -> str:
    when, currency, variance = period(review.quarter), review.currency, review.variance
    on_plan, off = _on_plan(variance, review.plan_revenue), money_short(abs(variance))
    amended = after_amendments(review)
    if review.basis == "cohort":
        # A cohort is followed until the as-of date: while some of it is open, what is missing may still come.
        so_far = "" if is_final(review) else " so far"
        standing = "on plan" if on_plan else f"{off} short of plan" if variance < 0 else f"{off} over plan"
        return f"The demand that began in {when} has brought {currency} {money_short(review.actual_revenue)}{so_far}, {standing}{amended}."
    if review.is_unfinished:
        whole = (review.quarter.end - review.quarter.start).days
        standing = (
            "on plan already" if on_plan else f"{off} short of plan" if variance < 0 else f"{off} over plan already"
        )
        return f"{when} stands at {currency} {money_short(review.actual_revenue)} after {whole - review.days_left} of {whole} days, {standing}{amended}."
    if on_plan:
        return (
            f"{when} came in on plan"
            + (f" ({currency} {signed_short(variance)})" if off != "0" else "")
            + f"{amended}."
        )
    return f"{when} came in {currency} {off} {'under' if variance < 0 else 'over'} plan{amended}."


def scenario_headline(scenario: Scenario, currency: str, when: str) -> Headline:
    """A scenario in a sentence: what it brings, and what moves it furthest."""
    revenue, variance = f"{currency} {money_short(scenario.actual_revenue)}", scenario.variance
    if _on_plan(variance, scenario.plan_revenue):
        title = f"This would bring {revenue} in {when}: on plan."
    else:
        side = "under" if variance < 0 else "over"
        title = f"This would bring {revenue} in {when}, {money_short(abs(variance))} {side} plan."
    found = causes(scenario.bars)
    pulled = [each for each in found if each.effect * variance > 0] if variance else found
    cause = max(pulled, key=lambda each: abs(each.effect), default=None)
    if cause is None or not _shows(cause):
        return Headline(title, "Every lever stands as agreed.")
    name = cause_name(cause, with_source=_ambiguous(cause.bars[0], scenario.bars))
    values = "" if cause.bars[0].driver == "unassigned" else f" ({', '.join(map(change, cause.bars))})"
    return Headline(title, f"What moves it furthest is {name}{values}: {signed_short(cause.effect)}.")


def _detail(review: Review, cause: Cause) -> str:
    if cause.bars[0].driver == "unassigned":
        first = "Its lead sources are empty or on neither side's list in the agreement."
    else:
        first = f"{SOURCE[cause.bars[0].source]} {'; '.join(map(_ran, cause.bars))}."
    others = sorted(
        # A driver that only some segments have is no number of the whole.
        (each for each in causes(review.bars) if each != cause and _shows(each) and each.undecided != "mix"),
        key=lambda each: (each.verdict != "real", -abs(each.effect)),  # what is more than chance goes first
    )
    told = [
        first,
        *([f"{_sentence(why_together(review, cause))}."] if cause.is_joint else []),
        *([f"Next: {', '.join(_next(review, each) for each in others[:2])}."] if others else []),
        *_first_signed(review),
    ]
    return " ".join(told)


def _ran(bar: Bar) -> str:
    """Close rate ran at 39% against 45% agreed, without its source."""
    agreed, came = agreed_and_actual(bar)
    return f"{driver_name(bar)} {'ran at' if bar.driver in RATE_DRIVERS else 'was'} {came} against {agreed} agreed"


def _next(review: Review, cause: Cause) -> str:
    """What else moved: close rate −100k (45% → 39%, more than chance)."""
    bar = cause.bars[0]
    name = f"{cause_name(cause, with_source=_ambiguous(bar, review.bars))} {signed_short(cause.effect)}"
    if bar.driver == "unassigned":
        return name
    how = f"not to be told apart: {why_together(review, cause)}" if cause.is_joint else _how_sure(review, bar)
    said = ", ".join(filter(None, [*map(change, cause.bars), how]))
    return f"{name} ({said})" if said else name


def _how_sure(review: Review, bar: Bar) -> str:
    if _decided(review, bar) * bar.effect < bar.effect**2 / 2:  # also where what is decided went the other way
        return "most of it still open"
    return _HOW_SURE.get(bar.verdict or "", "")


def _first_signed(review: Review) -> list[str]:
    """The variance that there would be without amendments."""
    if money_short(review.first_revenue - review.plan_revenue) == "0":
        return []
    off = review.first_variance
    if money_short(off) == "0":
        return ["Against the plan that was first signed it is no variance."]
    side = "under" if off < 0 else "over"
    return [f"Against the plan that was first signed it is {review.currency} {money_short(abs(off))} {side}."]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _owned(cause: Cause) -> str:
    return {
        "shared": "which both sides own",
        "unassigned": "which nobody owns yet",
    }.get(cause.owner, f"which {OWNER[cause.owner]} owns")


def _ambiguous(bar: Bar, bars: Sequence[Bar]) -> bool:
    return sum(other.driver == bar.driver for other in bars) > 1


def explain(review: Review, bar: Bar) -> str:
    """How a bar was computed, in one sentence with its numbers in it; then whether it is more than chance, and whether it can be
    read without others.

    Args:
        review: the review the bar belongs to.
        bar: one of its `bars` or `segment_bars`.
    """
    cause = cause_of(review.bars, bar)
    if cause.is_joint:  # how sure it is by itself says nothing
        told = f"{_sentence(cause_name(cause))} are {signed_short(cause.effect)}: {why_together(review, cause)}."
    else:
        told = verdict_sentence(review, bar)
    return " ".join(filter(None, (_computed(review, bar), told)))


def _computed(review: Review, bar: Bar) -> str:
    where = f"{SOURCE[bar.source].lower()} revenue" + (f" in {bar.segment}" if bar.segment is not None else "")
    name, currency = DRIVER[bar.driver], review.currency
    if bar.driver == "unassigned":
        at = f" in {bar.segment}" if bar.segment is not None else ""
        return f"{currency} {money(bar.actual)} of revenue{at} has an empty lead source or one on neither side's list, and none was planned."
    if bar.undefined or bar.plan is None or bar.actual is None:
        return f"{name} {_why_undefined(bar)}, so it has no effect of its own."
    agreed, came = agreed_and_actual(bar, finer=True)
    difference = bar.actual - bar.plan
    moved = f"{name} went from {agreed} agreed to {came}" if difference else f"{name} was exactly as agreed ({agreed})"
    if review.segment_bars and bar.segment is None:
        by = (review.by or "").replace("_", " ")
        return f"{moved}; counted by {by} and added up, that is {currency} {signed(bar.effect)} of {where}."
    if not difference:
        return f"{moved}, so it has no effect on {where}."
    return (
        f"{moved}: {_times(bar, difference, currency)} = {currency} {signed(bar.effect)} of {where} — {_how(review, bar)}; "
        f"over all orders it lies between {signed_short(bar.order_low)} and {signed_short(bar.order_high)}."
    )


def _why_undefined(bar: Bar) -> str:
    if bar.status is not None:
        missing = "agreed" if bar.status == "new" else "actual"
        return f"has no {missing} value in {bar.segment}, where {'nothing was planned' if bar.status == 'new' else 'nothing came'}"
    side = "actual" if bar.actual is None else "agreed"
    if bar.driver == "deal_size":
        return f"has no {side} value here (no win, or no amount, to measure it by)"
    return f"has no {side} value here (nothing reached the stage it is measured from)"


def _times(bar: Bar, difference: float, currency: str) -> str:
    """The effect as a product: how far the driver moved, times what one step of it was worth."""
    weight = bar.effect / difference
    if bar.driver in RATE_DRIVERS:
        return f"{_step(difference * 100)} points × {currency} {money(weight / 100)} a point"
    if bar.driver == "deal_size":
        return f"{signed(difference)} × {money(weight, 2)} wins"
    return f"{_step(difference).removesuffix('.0')} × {currency} {money(weight)} {_UNIT[bar.driver]}"


def _step(difference: float) -> str:
    """A difference with one decimal, or as many more as it takes to see it."""
    texts = [signed(difference, places) for places in (1, 2, 3)]
    return next((text for text in texts if text.strip("0.")), texts[0])


_UNIT: Mapping[Driver, str] = {
    "mql_volume": "an MQL",
    "sql_volume": "an SQL",
    "opportunity_volume": "an opportunity",
    "win_volume": "a win",
}


def _how(review: Review, bar: Bar) -> str:
    """What the method makes of the other drivers."""
    if review.method == "sequential":
        return "with every driver above it already at its actual value and every one below it as agreed"
    if review.method == "lmdi":
        if not bar.plan or not bar.actual:
            return "a driver that is zero on one side takes the whole change"
        agreed, came = agreed_and_actual(bar, finer=True)
        return f"its share, ln({came} ÷ {agreed}) = {signed(math.log(bar.actual / bar.plan), 3)}, of the logarithmic change"
    drivers = sum(
        other.source == bar.source and other.segment == bar.segment for other in (*review.bars, *review.segment_bars)
    )
    return f"the average over all {math.factorial(drivers):,} orders of the {drivers} drivers"
