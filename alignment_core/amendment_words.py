"""What amendments are called and said: their names, the terms that they changed, and the sentences about them."""

from collections.abc import Mapping

from alignment_core.results import Amendment, Change, Review
from alignment_core.vocabulary import DRIVERS, Driver
from alignment_core.wording import DRIVER, OWNER, SOURCE, day, in_sentence, money, signed, signed_short, told_apart

__all__ = ["after_amendments", "amended_term", "amended_to", "amendment_name", "explain_amendment"]

#: What a term that an amendment can change is called, and the driver whose values are written like its own.
_TERM: Mapping[str, tuple[str, Driver]] = {
    "revenue_target": ("revenue target", "deal_size"),
    "split": ("marketing's share of the target", "close_rate"),
    "mqls": ("MQLs owed", "mql_volume"),
    "sqls": ("SQLs owed by sales", "sql_volume"),
}

#: What is said of a part of the agreement that has no one value.
_PART = {
    "company": "the company's name",
    "fiscal_year_start_month": "the fiscal year",
    "timezone": "the time zone",
    "calendar": "the fiscal calendar",
    "sourcing": "whose demand a lead source is",
    "segments": "the plans per segment",
    "value": "the promise in value",
    "mql": "what is an MQL",
    "follow_up": "the follow-up that sales promised",
}


def amended_term(changed: Change) -> str:
    """A term that an amendment changed, with its values: MQLs owed 164 → 150."""
    if changed.term == "owner" and changed.driver:
        owners = [OWNER[each] for each in (changed.before, changed.after)]  # type: ignore[index]
        return f"owner of {in_sentence(DRIVER[changed.driver])} {' → '.join(owners)}"
    if changed.term in _TERM:
        name, like = _TERM[changed.term]
    elif changed.term in DRIVERS and changed.source:
        name, like = f"{SOURCE[changed.source].lower()} {in_sentence(DRIVER[changed.term])}", changed.term
    else:
        return f"{_PART.get(changed.term, changed.term.replace('_', ' '))} changed"
    return f"{name} {' → '.join(told_apart(like, changed.before, changed.after))}"  # type: ignore[arg-type]


def amended_to(amendment: Amendment) -> str:
    """What an amendment comes to, as short as a line of the waterfall: the revenue owed, or else what else moved."""
    if abs(amendment.effect) >= 0.005:
        return " → ".join(told_apart("deal_size", amendment.revenue_before, amendment.revenue_after))
    first = next((each for each in amendment.changes if each.term in ("mqls", "sqls", "split")), None)
    if first is None:
        return f"{len(amendment.changes)} {'term' if len(amendment.changes) == 1 else 'terms'} changed"
    short = {"mqls": "MQLs", "sqls": "SQLs", "split": "share"}[first.term]
    return f"{short} {amended_term(first).removeprefix(_TERM[first.term][0]).strip()}"


def amendment_name(amendment: Amendment, of: int) -> str:
    """What an amendment is called: Amendment, or Amendment 2 where there are several."""
    return "Amendment" if of == 1 else f"Amendment {amendment.number}"


def after_amendments(review: Review) -> str:
    """What was amended, behind the variance: no plan is met by lowering it in silence."""
    if not review.amendments:
        return ""
    last = review.amendments[-1]
    moved = signed_short(sum(each.effect for each in review.amendments))
    when = f" agreed on {day(last.agreed_on)}{_outside(review, last)}" if last.agreed_on else ""
    if len(review.amendments) > 1:
        together = f"of {moved} together" if moved != "0" else "that left revenue as it was"
        return f", after {len(review.amendments)} amendments {together}" + (f", the last{when}" if when else "")
    if moved != "0":
        return f", after an amendment of {moved}{when}"
    return f", after an amendment{when} that left revenue as it was ({amended_to(last)})"


def _outside(review: Review, amendment: Amendment) -> str:
    """Where an amendment was not agreed in the quarter that it is for."""
    if amendment.agreed_on is None or review.quarter.start <= amendment.agreed_on < review.quarter.end:
        return ""
    return ", before the quarter began" if amendment.agreed_on < review.quarter.start else ", when the quarter was over"


def explain_amendment(review: Review, amendment: Amendment) -> tuple[str, ...]:
    """What an amendment changed, in sentences: when and why; the revenue owed, by whom; each term that changed."""
    currency, name = review.currency, amendment_name(amendment, len(review.amendments))
    signed_on = f" on {day(amendment.agreed_on)}{_outside(review, amendment)}" if amendment.agreed_on else ""
    why = f" Their reason: {' '.join(amendment.reason.split())}" if amendment.reason.strip() else ""
    moved = f"{currency} {money(amendment.revenue_before)} to {money(amendment.revenue_after)}"
    owed = (
        f"The revenue that both sides owe together went from {moved} ({signed(amendment.effect)})."
        if money(amendment.revenue_before) != money(amendment.revenue_after)
        else f"The revenue that both sides owe together stayed at {currency} {money(amendment.revenue_after)}, so this bar is 0."
    )
    terms = "; ".join(amended_term(each) for each in amendment.changes)
    return (f"{name}: both sides signed it{signed_on}.{why}", f"{owed}{_sides(amendment)}", f"What changed: {terms}.")


def _sides(amendment: Amendment) -> str:
    """What moved from one side to the other: in the sum it cancels, for each of them it does not."""
    told = []
    for source in ("marketing", "sales"):
        before, after = (
            side[source].revenue if source in side else 0.0 for side in (amendment.before, amendment.after)
        )
        if money(before) != money(after):
            told.append(f"{source} {money(before)} → {money(after)} ({signed(after - before)})")
    return f" By side: {', '.join(told)}; each is held against what it owes now." if told else ""
