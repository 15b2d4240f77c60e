"""The segments that stand out, in sentences, and the table of a field's segments."""

import pandas as pd

from alignment_core.results import Bar, Review
from alignment_core.segments import Found, Segments
from alignment_core.vocabulary import RATE_DRIVER
from alignment_core.wording import OWNER, STAGE, in_sentence, percent, signed, signed_short

__all__ = [
    "OPEN_COUNT",
    "looked_at_sentences",
    "reversed_sentences",
    "segment_name",
    "segment_sentence",
    "segments_headline",
    "segments_table",
    "totals_sentence",
]

_STEP = {driver: step for step, driver in RATE_DRIVER.items()}
#: Why a rate of followed records is not that of the list of them. Said once, under what it is said of.
OPEN_COUNT = (
    "Records that are still open count as they are expected to convert; a list of them shows what has converted so far."
)


def segments_headline(bar: Bar, found: Segments) -> str:
    """What stands out, or that nothing does."""
    entering = in_sentence(STAGE[_STEP[bar.driver][0]])
    if not found.looked_at:
        return f"There are too few {entering} in any segment, or no earlier quarter to compare them with."
    if not found.found and found.looked_at == 1:
        return f"Only one segment has enough {entering} to be judged, and it does not stand out: what moved, moved alike everywhere, or within chance."
    if not found.found:
        return f"Of {found.looked_at:,} segments none stands out: what moved, moved alike everywhere, or within chance."
    first = found.found[0]
    part = "larger" if first.now > first.before else "smaller"
    how = (
        f"how {segment_name(first)} converted"
        if first.kind == "rate"
        else f"that {segment_name(first)} became a {part} part of all"
    )
    if found.looked_at == 1:
        return f"What stands out is {how}; no other segment has enough {entering} to be judged."
    return f"What stands out of {found.looked_at:,} segments is {how}."


def segment_name(each: Found) -> str:
    """A segment by its values: EMEA × Webinar."""
    values = [value if value != "(not recorded)" else f"no {field.replace('_', ' ')}" for field, value in zip(each.fields, each.values, strict=True)]  # fmt: skip
    return " × ".join(values)


def segment_sentence(review: Review, bar: Bar, each: Found) -> str:
    """One segment: how it moved, against what, what that did to revenue, whose it is, on how many records."""
    entering = in_sentence(STAGE[_STEP[bar.driver][0]])
    if each.kind == "rate":
        said = f"went from {percent(each.before)} to {percent(each.now)}, the others from {percent(each.others_before)} to {percent(each.others_now)}"
        owner = OWNER[bar.owner]
    else:
        better = "more" if each.others_before >= each.others_now else "less"
        said = (
            f"went from {percent(each.before)} to {percent(each.now)} of all; at {percent(each.others_before)} they convert {better} than all"
            f" ({percent(each.others_now)})"
        )
        owner = "marketing" if bar.source == "marketing" else "sales"
    return f"{segment_name(each)}: {said}. That is {review.currency} {signed_short(each.effect)} ({owner}; {each.records:,.0f} {entering})."


def looked_at_sentences(found: Segments) -> str:
    """What the segments that are named rest on, once for all of them."""
    followed = found.basis == "cohort"
    how = "following the quarter's own records" if followed else "counting the events in the quarter"
    said = [f"Every field and every two fields were looked at, {how}.", *([OPEN_COUNT] if followed else [])]
    return " ".join([*said, "Of the segments that are named, about one in ten may be named by chance."])


def reversed_sentences(found: Segments) -> list[str]:
    """Simpson's paradox, in words."""
    return [
        f"Careful: by {field.replace('_', ' ')} every segment moved one way and the whole the other. What moved the whole is the mix."
        for field in found.reversed
    ]


def segments_table(rows: pd.DataFrame, bar: Bar, currency: str) -> pd.DataFrame:
    """The segments of a field, or of two, as they are read."""
    entering = STAGE[_STEP[bar.driver][0]]
    fields = [name for name in rows if name not in ("before", "now", "rate_before", "rate_now", "mix", "rate")]
    return pd.DataFrame(
        {field.replace("_", " ").capitalize(): rows[field] for field in fields}
        | {
            f"{entering} before": rows["before"].map("{:,.0f}".format),
            f"{entering} now": rows["now"].map("{:,.0f}".format),
            "Rate before": rows["rate_before"].map(percent),
            "Rate now": rows["rate_now"].map(percent),
            f"Mix, {currency}": rows["mix"].map(signed),
            f"Rate, {currency}": rows["rate"].map(signed),
        }
    )


def totals_sentence(fields: list[str], totals: tuple[float, ...], currency: str) -> str:
    """What of the move since the quarters before is mix, and what rates."""
    names = [field.replace("_", " ") for field in fields]
    mixes = ["the mix"] if len(names) == 1 else [f"the mix by {name}" for name in names]
    parts = [f"{name} {signed(value)}" for name, value in zip([*mixes, "the segments' own rates"], totals, strict=True)]
    return f"Since the quarters before, in {currency}: {', '.join(parts)}."
