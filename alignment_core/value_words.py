"""Whether marketing kept its promise in value, in sentences and as a table."""

import pandas as pd

from alignment_core.results import Review, ValueKept
from alignment_core.wording import count, day, money, period, told_apart

__all__ = ["value_table", "value_words"]


def value_words(review: Review) -> tuple[str, ...]:
    """What came against what was promised, in number and in value, and what of it counts as any other kind.

    Nothing where the agreement promises no value.
    """
    kept = review.value
    if kept is None:
        return ()
    if kept.untold:
        return (f"Whether the promise in value is kept cannot be told: {_why_untold(review, kept)}.",)
    worth, promised = told_apart("deal_size", kept.worth, kept.promised)
    by = f"By {day(review.as_of)} marketing" if review.is_unfinished else "Marketing"
    sentence = (
        f"{by} delivered {_mqls(kept.mqls)} worth {review.currency} {worth} at the agreed values, "
        f"against {_mqls(kept.promised_mqls)} and {promised} promised: {_verdict(review, kept)}."
    )
    other = [each for each in kept.kinds if not each.is_listed]
    if not other:
        return (sentence,)
    named = ", ".join(each.kind for each in other[:3]) + (f" and {len(other) - 3} more" if len(other) > 3 else "")
    each = money(other[0].per_mql, 0 if float(other[0].per_mql).is_integer() else 2)
    are = "is" if sum(kind.mqls for kind in other) == 1 else "are"
    unlisted = f"{_mqls(sum(kind.mqls for kind in other))} of them {are} of no kind that was agreed"
    return sentence, f"{unlisted} ({named}) and count{'s' if are == 'is' else ''} for {each} each, as any other."


def value_table(review: Review) -> pd.DataFrame:
    """What came by kind, and what it counts for; empty where nothing can be told."""
    kept = review.value
    if kept is None or not kept.kinds:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            kept.field.replace("_", " ").capitalize(): [each.kind for each in kept.kinds],
            "MQLs": [each.mqls for each in kept.kinds],
            f"Counts for, {review.currency}": [each.per_mql for each in kept.kinds],
            f"Worth, {review.currency}": [each.worth for each in kept.kinds],
            "As": ["agreed" if each.is_listed else "any other" for each in kept.kinds],
        }
    )


def _why_untold(review: Review, kept: ValueKept) -> str:
    if kept.untold == "no_mqls":
        return "the files do not count MQLs"
    if kept.untold == "silent":
        return f"the files say nothing of marketing in {period(review.quarter)}"
    return f"the files do not have the {kept.field.replace('_', ' ')} of marketing's MQLs"


def _verdict(review: Review, kept: ValueKept) -> str:
    mqls, value = _mqls(kept.short_mqls), _short(kept)
    if review.is_unfinished:
        if kept.short_mqls and kept.short_value:
            return f"so far {mqls} or {value} are still owed"
        if kept.short_mqls:
            return f"already kept in value, while {mqls} are still owed in number"
        return f"already kept in number, {f'{value} are still owed in value' if kept.short_value else 'and in value'}"
    if kept.short_mqls and kept.short_value:
        return f"short in number, by {mqls}, and in value, by {value}"
    if kept.short_mqls:
        return f"short in number, by {mqls}, but kept in value"
    if kept.short_value:
        return f"kept in number, but short in value, by {value}"
    return "the promise is kept, in number and in value"


def _short(kept: ValueKept) -> str:
    """By how much the value is short, as exactly as it takes not to say 0."""
    return told_apart("deal_size", kept.short_value, 0.0)[0]


def _mqls(number: float) -> str:
    return f"{count(number)} {'MQL' if number == 1 else 'MQLs'}"
