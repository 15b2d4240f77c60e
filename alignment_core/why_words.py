"""Why a conversion moved, in words a VP says aloud: one sentence a part, with its numbers, its owner and its caveat."""

from collections.abc import Mapping

import pandas as pd

from alignment_core.results import Bar, Review, Why
from alignment_core.vocabulary import RATE_DRIVER, Part
from alignment_core.why import WhyMoved
from alignment_core.wording import OWNER, STAGE, in_sentence, percent, signed, signed_short

__all__ = ["CAVEAT", "PART", "part_change", "part_owner", "why_headline", "why_sentence", "why_sentences", "why_table"]

PART: Mapping[Part, str] = {
    "planning_gap": "Agreed too high or low",
    "lead_mix": "Lead mix",
    "follow_up": "Follow-up",
    "remainder": "Like for like",
    "not_decided": "Not decided yet",
}
#: What all of it rests on.
CAVEAT = (
    "What goes together need not be cause and effect: leads are compared with leads of the same kind, and what their kind does not "
    "say (a hot lead among webinar leads, say) can still differ."
)
_STEP = {driver: step for step, driver in RATE_DRIVER.items()}
_SURE = {
    "real": "more than chance",
    "noise": "within chance",
    "undecided": "too little to say whether it is more than chance",
}


def part_owner(bar: Bar, part: Part) -> str:
    """Who answers for a part, in words: both signed the agreed rate; demand is of the kinds that its own side sourced; follow-up is sales'."""
    owners = {"planning_gap": "both", "lead_mix": bar.source, "follow_up": "sales", "not_decided": "nobody yet"}
    return owners.get(part) or OWNER[bar.owner]


def why_headline(review: Review, found: WhyMoved) -> str:
    """What mostly moved a conversion, in one sentence; why it cannot be said, where it cannot."""
    if not found.parts:
        return found.missing
    same = [each for each in found.parts if each.effect * found.bar.effect > 0 and signed_short(each.effect) != "0"]
    real = [each for each in same if each.verdict == "real"] or [each for each in same if each.part == "not_decided" and abs(each.effect) > abs(found.bar.effect) / 2]  # fmt: skip
    whole = f"{review.currency} {signed_short(found.bar.effect)}"
    if not real:
        said = f"Of the {whole} no part by itself is more than chance"
        if not same:
            return f"{said}."
        most = max(same, key=lambda each: abs(each.effect))
        return (
            f"{said}; the largest is {_named(most)} ({signed_short(most.effect)}, {part_owner(found.bar, most.part)})."
        )
    real.sort(key=lambda each: -abs(each.effect))
    named = [f"{_named(each)} ({signed_short(each.effect)}, {part_owner(found.bar, each.part)})" for each in real]
    return f"Of the {whole}, what stands out is {' and '.join(named)}."


def _named(part: Why) -> str:
    return {
        "planning_gap": "the agreed rate itself",
        "lead_mix": "the lead mix",
        "follow_up": "follow-up",
        "remainder": "like-for-like conversion",
        "not_decided": "what is still open",
    }[part.part]


def why_sentences(review: Review, found: WhyMoved) -> list[str]:
    """One sentence a part, the largest first."""
    return [why_sentence(review, found, each) for each in sorted(found.parts, key=lambda each: -abs(each.effect))]


def why_sentence(review: Review, found: WhyMoved, part: Why) -> str:
    """One part: what it did, by what evidence, whose it is, and how sure that is."""
    said = _EVIDENCE[part.part](found, part)
    sure = _SURE[part.verdict] if part.verdict else "not judged: it may still come"
    if part.interval is not None and part.verdict in ("real", "noise"):
        sure += f", between {signed_short(part.interval[0])} and {signed_short(part.interval[1])}"
    owner = part_owner(found.bar, part.part)
    return f"{PART[part.part]}, {review.currency} {signed(part.effect)} ({owner}): {said} ({sure})."


def _gap(found: WhyMoved, part: Why) -> str:
    said = part.evidence
    quarters = len(found.baseline)
    over = str(found.baseline[0]) if quarters == 1 else f"the {quarters or ''} quarters before".replace("  ", " ")
    ran = percent(said["baseline"], 1)
    return f"{percent(said['agreed'], 1)} was agreed; {over} ran {ran} on {said['records']:,.0f} {_entering(found.bar)}"


def _mix(found: WhyMoved, part: Why) -> str:
    kinds = found.kinds
    if kinds is None or len(kinds) < 2:
        return f"{_entering(found.bar)} of other kinds than before"
    then, now = kinds["before"] / kinds["before"].sum(), kinds["now"] / kinds["now"].sum()
    moved = (now - then).abs().sort_values(ascending=False).index[:2]
    each = [f"{kinds['kind'][row]} went from {percent(then[row])} to {percent(now[row])} of all" for row in moved]
    return f"{', '.join(each)} {_entering(found.bar)}"


def _follow_up(found: WhyMoved, part: Why) -> str:
    said = part.evidence
    touched = f"{percent(said.get('in_time_now'))} had their first touch in time, against {percent(said.get('in_time_before'))} before"
    if "rate_in_time" in said and "rate_late" in said:
        touched += f"; of those {percent(said['rate_in_time'])} converted, of the others {percent(said['rate_late'])}"
    return touched


def _remainder(found: WhyMoved, part: Why) -> str:
    like = f"{_entering(found.bar)} of the same kind"
    like += ", followed up alike," if any(each.part == "follow_up" for each in found.parts) else ""
    if signed_short(part.effect) == "0":
        return f"{like} converted as before"
    return f"{like} converted {'more' if part.effect > 0 else 'less'} than before"


def _open(found: WhyMoved, part: Why) -> str:
    said = part.evidence
    what = _entering(found.bar)
    are = f"1 {what.removesuffix('s')} is" if said["open"] == 1 else f"{said['open']:,.0f} {what} are"
    if "further" not in said:
        return f"{are} still open; earlier quarters say too little of what they will bring"
    if said["further"] < 0.05:
        return f"{are} still open, of which none is expected to convert: so late, no earlier one did"
    return f"{are} still open, of which about {said['further']:,.1f} will convert, as earlier ones did"


_EVIDENCE = {
    "planning_gap": _gap,
    "lead_mix": _mix,
    "follow_up": _follow_up,
    "remainder": _remainder,
    "not_decided": _open,
}


def _entering(bar: Bar) -> str:
    return in_sentence(STAGE[_STEP[bar.driver][0]])


def part_change(found: WhyMoved, part: Why) -> str:
    """The numbers that moved, as short as a column."""
    said = part.evidence
    if part.part == "planning_gap":
        return f"{percent(said['agreed'])} → {percent(said['baseline'])}"
    if part.part == "follow_up" and "in_time_now" in said and "in_time_before" in said:
        return f"{percent(said['in_time_before'])} → {percent(said['in_time_now'])}"
    return f"{said['open']:,.0f} open" if part.part == "not_decided" else ""


def why_table(found: WhyMoved, field: str, currency: str) -> pd.DataFrame:
    """The kinds behind the parts, ready to be shown. Rates are percentages as text."""
    kinds = found.kinds
    if kinds is None:
        return pd.DataFrame()
    entering = STAGE[_STEP[found.bar.driver][0]]
    columns = {
        field: kinds["kind"],
        f"{entering} before": kinds["before"].map("{:,.0f}".format),
        f"{entering} now": kinds["now"].map("{:,.0f}".format),
        "Rate before": kinds["rate_before"].map(percent),
        "Rate now": kinds["rate_now"].map(percent),
    }
    if any(each.part == "follow_up" for each in found.parts):
        columns |= {"In time before": kinds["in_time_before"].map(percent), "In time now": kinds["in_time_now"].map(percent)}  # fmt: skip
    columns |= {
        f"{PART[part]}, {currency}": kinds[part].map(signed)
        for part in ("lead_mix", "follow_up", "remainder")
        if any(each.part == part for each in found.parts)
    }
    return pd.DataFrame(columns)
