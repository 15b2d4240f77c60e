"""What a review found, one sentence for each finding: its numbers, its owner, the evidence and what speaks against it.

A finding is a bar that is more than chance. A beat is said in the same words as a miss, for it passed the same test. Bars that
cannot be told apart are one finding, of which it is not said that it is more than chance: they were tested each by itself.
"""

from alignment_core.causes import Cause, causes, why_together
from alignment_core.results import Bar, Review, Why
from alignment_core.timing_words import many, the_one
from alignment_core.vocabulary import RATE_DRIVER, VOLUME_STAGE, Stage
from alignment_core.wording import (
    OWNER,
    SOURCE,
    agreed_and_actual,
    count,
    driver_name,
    period,
    signed_short,
)

__all__ = ["finding_sentences"]

_STEP = {driver: step for step, driver in RATE_DRIVER.items()}
_PART = {
    "planning_gap": "the agreed rate itself",
    "lead_mix": "the lead mix",
    "follow_up": "follow-up",
    "remainder": "like-for-like conversion",
}


def finding_sentences(review: Review) -> tuple[str, ...]:
    """A sentence for each bar that is more than chance, the largest first; one that says so, and what could not be judged, where there is none."""
    found = [each for each in causes(review.bars) if any(_moved_surely(bar) for bar in each.bars)]
    if found:
        found.sort(key=lambda each: -abs(each.effect))
        return tuple(_jointly(review, each) if each.is_joint else _sentence(review, each.bars[0]) for each in found)
    if not any(bar.verdict for bar in review.bars):
        return ()
    said = f"In {period(review.quarter)} no driver is known to have moved further than so many records can by chance."
    untold = [bar for bar in review.bars if bar.verdict == "undecided" and signed_short(bar.effect) != "0"]
    named = [f"{driver_name(bar, with_source=True)} ({signed_short(bar.effect)})" for bar in untold]
    return (f"{said} Not to be judged: {', '.join(named)}." if named else said,)


def _moved_surely(bar: Bar) -> bool:
    """Whether a bar is more than chance, or would be if it stood alone."""
    return bar.verdict == "real" or bar.undecided == "together"


def _sentence(review: Review, bar: Bar) -> str:
    low, high = bar.interval or (bar.effect, bar.effect)
    parts = [
        f"{SOURCE[bar.source]} {_moved(review, bar)}: {review.currency} {signed_short(bar.effect)}, {_owned(bar)}; "
        f"allowing for chance, {signed_short(low)} to {signed_short(high)}."
    ]
    return " ".join([*parts, *_because(review, bar), *_but(review, bar)])


def _jointly(review: Review, cause: Cause) -> str:
    """Bars that cannot be told apart, by their joint effect."""
    moved = " and ".join(_moved(review, bar) for bar in cause.bars)
    effect, why = f"together {review.currency} {signed_short(cause.effect)}", why_together(review, cause)
    return f"{SOURCE[cause.bars[0].source]} {moved}: {effect}, {_owned(cause)}. {why[:1].upper()}{why[1:]}."


def _moved(review: Review, bar: Bar) -> str:
    agreed, came = agreed_and_actual(bar, finer=True)
    return f"{driver_name(bar)} was {came} against {agreed} agreed{_measured_on(review, bar)}"


def _owned(found: Bar | Cause) -> str:
    return "which both own" if found.owner == "shared" else f"which {OWNER[found.owner]} owns"


def _measured_on(review: Review, bar: Bar) -> str:
    """The records that it rests on; a volume is its own number."""
    stage: Stage = _STEP[bar.driver][0] if bar.driver in _STEP else "wins"
    number = getattr(review.actual[bar.source], stage)
    if bar.driver in VOLUME_STAGE or number is None:
        return ""
    return f", on {the_one(number, stage) or many(number, stage)}"


def _because(review: Review, bar: Bar) -> list[str]:
    """What of it is more than chance by itself."""

    def is_part(each: Why) -> bool:
        return (each.source, each.driver, each.verdict) == (
            bar.source,
            bar.driver,
            "real",
        ) and each.effect * bar.effect > 0

    real = sorted(filter(is_part, review.why), key=lambda each: -abs(each.effect))
    named = [f"{_PART[each.part]} ({signed_short(each.effect)})" for each in real]
    return (
        [f"Of it, what goes with {' and '.join(named)} is more than chance by itself; that is association."]
        if named
        else []
    )


def _but(review: Review, bar: Bar) -> list[str]:
    """What could still move it, or lies outside the quarter; and that the order of the bars is a convention."""
    said = []
    if bar.driver in _STEP:
        before, after = _STEP[bar.driver]
        entered, came = (getattr(review.actual[bar.source], stage) for stage in (before, after))
        waiting = review.not_decided[bar.source].open.get(before, 0) if bar.source in review.not_decided else 0
        carried = review.carried.get(bar.source)
        earlier = getattr(carried.carried_in, after) if carried else None
        if waiting:
            said.append(
                "It is still open."
                if entered == 1
                else f"Of them {waiting:,} {'is' if waiting == 1 else 'are'} still open."
            )
        if earlier:
            one = the_one(came, after)
            part = f"The {one}" if one else f"{count(earlier)} of the {many(came, after)}"
            said.append(f"{part} began in an earlier quarter.")
    if signed_short(bar.order_low) != signed_short(bar.order_high):
        said.append(f"In another order of the drivers it would be between {signed_short(bar.order_low)} and {signed_short(bar.order_high)}.")  # fmt: skip
    return said
