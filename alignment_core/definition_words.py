"""A definition of an MQL in plain language: its preview as a sentence, and each rule by itself."""

from collections.abc import Mapping, Sequence

from alignment_core.definition import Comparison, Group, MqlDefinition, Rule, Term

__all__ = ["COMPARED", "preview", "rule_words", "shown_number"]

#: What a comparison is called where one is chosen.
COMPARED: Mapping[Comparison, str] = {
    "is": "is one of",
    "is_not": "is none of",
    "at_least": "is at least",
    "at_most": "is at most",
    "between": "is between",
    "is_filled": "is known",
}

#: What somebody did who came as a lead of a type; types are compared without case and signs.
_DID: Mapping[str, str] = {
    "demorequest": "requested a demo", "demo": "requested a demo", "requestademo": "requested a demo",
    "ebook": "downloaded an e-book", "guide": "downloaded a guide", "whitepaper": "downloaded a white paper",
    "webinar": "attended a webinar", "tradeshow": "visited a trade show", "event": "came to an event",
    "newsletter": "subscribed to the newsletter", "trial": "started a trial", "freetrial": "started a trial",
    "contactus": "asked to be contacted", "contactrequest": "asked to be contacted", "pricing": "asked for prices",
}  # fmt: skip
_PLACES = frozenset(("country", "region", "state", "industry"))
_EMPTY = "whatever the CRM flagged as an MQL"


def preview(definition: MqlDefinition | None) -> str:
    """The whole definition as one phrase: companies in US or CA with 200–5,000 employees, that requested a demo."""
    if definition is None or definition.is_empty:
        return _EMPTY
    said = ("companies" + _attributed(definition.fit)) if definition.fit else "leads"
    if definition.engagement:
        did = _predicate(definition.engagement, outermost=True)
        said += (", " if definition.fit else " ") + (did if did.startswith("whose ") else f"that {did}")
    return said


def rule_words(rule: Rule) -> str:
    """A rule by itself: employees is at least 200."""
    field = rule.field.replace("_", " ")
    match rule.comparison:
        case "is" | "is_not":
            return f"{field} is {'not ' if rule.is_not else ''}{_listed(rule.value)}"
        case "is_filled":
            return f"{field} is {'known' if rule.is_filled else 'not known'}"
        case _:
            return f"{field} is {_numbers(rule)}"


def shown_number(value: float) -> str:
    """A limit as it is read: 5,000; 2.5."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


def _attributed(term: Term) -> str:
    """What follows the noun: " in US or CA with at least 200 employees"."""
    if isinstance(term, Group) and term.match == "all":
        parts = [_attributed(each) for each in term.terms]
        near = [part for part in parts if not part.startswith((", ", " that ", " whose "))]
        further = [part.lstrip(", ") for part in parts if part not in near]
        return "".join(near) + (", " if near and further else " " if further else "") + " and ".join(further)
    if isinstance(term, Group):
        return f" that {_predicate(term, outermost=True)}" if len(term.terms) > 1 else _attributed(term.terms[0])
    not_ = "not " if term.is_not else ""
    if term.field in _PLACES and term.comparison in ("is", "is_not"):
        return f" {not_}in {_listed(term.value)}"
    if term.field == "employees" and term.comparison in ("at_least", "at_most", "between"):
        return f" with {_numbers(term)} employees"
    said = _predicate(term)
    return f" {said}" if said.startswith("whose ") else f" that {said}"


def _predicate(term: Term, *, outermost: bool = False) -> str:
    """What a lead did or is: requested a demo; are in US or CA."""
    if isinstance(term, Group):
        parts = sorted((_predicate(each) for each in term.terms), key=lambda part: part.startswith("whose "))
        word = "and" if term.match == "all" else "or"
        mixed = word == "and" and any(" or " in part for part in parts)
        said = (f", {word} " if mixed else f" {word} ").join(parts)
        return said if outermost or len(parts) == 1 else f"({said})"
    not_ = "not " if term.is_not else ""
    if term.comparison in ("is", "is_not"):
        if term.field in _PLACES:
            return f"are {not_}in {_listed(term.value)}"
        if term.field == "lead_type" and not term.is_not:
            return _or([_did(value) for value in term.value])
        if term.field == "lead_source":
            return f"{'did not come' if not_ else 'came'} through {_listed(term.value)}"
        if term.field == "form":
            return f"{'did not fill' if not_ else 'filled'} in the form {_listed(term.value)}"
    elif term.comparison != "is_filled":
        if term.field == "employees":
            return f"have {_numbers(term)} employees"
        if term.field == "score":
            return f"scored {_numbers(term)}"
    return f"whose {rule_words(term)}"


def _did(lead_type: str) -> str:
    known = _DID.get("".join(letter for letter in lead_type.casefold() if letter.isalnum()))
    return known or f"came as {lead_type}"


def _numbers(rule: Rule) -> str:
    low, high = rule.limits
    if rule.between:
        return f"{shown_number(low)}–{shown_number(high)}"
    return f"at least {shown_number(low)}" if rule.at_least is not None else f"at most {shown_number(high)}"


def _listed(values: Sequence[str], most: int = 6) -> str:
    """US or CA; of many, the first few and how many more."""
    shown = list(values) if len(values) <= most else [*values[: most - 1], f"{len(values) - most + 1} others"]
    return _or(shown)


def _or(parts: Sequence[str]) -> str:
    parts = list(dict.fromkeys(parts))
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
