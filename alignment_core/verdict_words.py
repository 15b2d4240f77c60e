"""Whether a bar is more than chance, in words: one for a table, a phrase for the headline, a sentence under the bar."""

from alignment_core.results import Bar, Review
from alignment_core.vocabulary import RATE_DRIVER, Source, Stage
from alignment_core.wording import STAGE, count, driver_value, signed_short

__all__ = ["VERDICT_MEANING", "is_final", "open_records", "verdict_phrase", "verdict_sentence", "verdict_word"]

_WORD = {
    "open": "too early",
    "few": "too few",
    "amounts": "unknown",
    "scatter": "unknown",
    "unplanned": "no plan",
    "mix": "unclear",
    "absent": "no data",
    "unfinished": "too early",
    "together": "not alone",
}
_FROM: dict[str, Stage] = {driver: step[0] for step, driver in RATE_DRIVER.items()}

#: What the words mean, in one line each.
VERDICT_MEANING = {
    "real": "more than chance: of 20 quarters that run exactly as agreed, at most one calls any driver real",
    "chance": "within what chance alone produces with so many records",
    "too early": "what is still open, or still to come in the quarter, could turn it",
    "too few": "no outcome among so few records could have been more than chance",
    "unknown": "the amounts of the wins are not known one by one, or do not say how much deal sizes scatter",
    "no plan": "nothing was agreed there to hold it against",
    "unclear": "the segments tell another story than the whole, or what it did cannot be told from what moved beside it",
    "not alone": "it and the bar beside it are one: more passed in the quarter than entered, so neither is a cause by itself",
    "no data": "the files say nothing of that side, not even that there was none",
}


def verdict_word(bar: Bar) -> str:
    """A word or two for a column; empty for what is not judged."""
    if bar.verdict is None:
        return ""
    return {"real": "real", "noise": "chance"}.get(bar.verdict) or _WORD[bar.undecided or "few"]


def verdict_phrase(review: Review, bar: Bar) -> str:
    """How sure a bar is, as the end of a sentence; empty for what is not judged."""
    if bar.verdict is None:
        return ""
    if bar.verdict == "real":
        return "more than chance"
    return "within chance" if bar.verdict == "noise" else _undecided(review, bar)


def verdict_sentence(review: Review, bar: Bar) -> str:
    """What a bar's verdict is, and between which effects chance puts it. Empty for what is not judged."""
    if bar.verdict is None:
        return ""
    low, high = (signed_short(end) for end in bar.interval or (0.0, 0.0))
    if bar.verdict == "real":
        return f"That is more than chance: allowing for chance, the effect lies between {low} and {high}."
    if bar.verdict == "noise":
        return f"That is within chance: it could be anything between {low} and {high}, which has 0 in it."
    phrase = _undecided(review, bar)
    return f"{phrase[0].upper()}{phrase[1:]}."


def is_final(review: Review, source: Source | None = None) -> bool:
    """Whether nothing that began in a quarter is open, of one side or of all: what is counted stays. False where it is not known."""
    known = [still for side, still in review.not_decided.items() if source in (None, side)]
    return bool(known) and not review.days_left and not any(sum(still.open.values()) for still in known)


def open_records(review: Review, bar: Bar) -> int:
    """How many of the records that a bar's driver is measured on are open still; 0 where that is not known."""
    still, stage = review.not_decided.get(bar.source), _measured_from(bar)
    return still.open.get(stage, 0) if still and stage else 0


def _measured_from(bar: Bar) -> Stage | None:
    return _FROM.get(bar.driver) or ("opportunities" if bar.driver == "deal_size" else None)


def _is_sum(review: Review, bar: Bar) -> bool:
    """Whether a bar is added up from those of several segments."""
    parts = [each for each in review.segment_bars if (each.source, each.driver) == (bar.source, bar.driver)]
    return bar.segment is None and len(parts) > 1


def _plural(stage: Stage) -> str:
    return STAGE[stage] if stage in ("mqls", "sqls") else STAGE[stage].lower()


def _undecided(review: Review, bar: Bar) -> str:
    if bar.undecided == "open":
        stage, number = _measured_from(bar), open_records(review, bar)
        reached = getattr(review.actual[bar.source], stage) if number and stage else None
        if number and stage and reached:
            verb = "is" if number == 1 else "are"
            return f"too early to say: {number:,} of {count(reached)} {_plural(stage)} {verb} still open"
        return "too early to say: what is still open could turn it"
    if bar.undecided == "unfinished":
        whole = (review.quarter.end - review.quarter.start).days
        return f"too early to say: {review.days_left} of the quarter's {whole} days are still to come"
    if bar.undecided == "mix" and not _is_sum(review, bar):
        return "not to be judged by itself: what it did to revenue cannot be told from what moved beside it"
    return {
        "few": "too few records to say whether it is more than chance",
        "amounts": "not to be judged: the files have no amount for each win, which an export of deals has",
        "scatter": "not to be judged: where more than one win in ten was for nothing, or all were for the same amount, "
        "they do not say how much deal sizes scatter",
        "unplanned": f"not to be judged: nothing was agreed there, and {driver_value(bar.driver, bar.actual)} came",
        "mix": "not to be judged as one number: its segments moved otherwise than the whole",
        "together": "not to be judged alone: where a rate is above 100%, it and what it is measured from cannot be told apart",
        "absent": "not to be judged: nothing of that side is in the files",
    }[bar.undecided or "few"]
