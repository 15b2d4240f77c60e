"""Whether a lead meets a definition, said once more in plain Python: nothing of it is shared with the product."""

import re
from datetime import datetime

from alignment_core.definition import Group, MqlDefinition, Rule


def lead_meets(lead, definition: MqlDefinition) -> bool:
    """`lead`: field → text, None or missing where nothing is known."""
    return all(_term(lead, group) for group in (definition.fit, definition.engagement) if group is not None)


def _term(lead, term) -> bool:
    if isinstance(term, Group):
        return (all if term.all else any)(_term(lead, each) for each in (term.all or term.any))
    return _rule(lead.get(term.field) or None, term)


def _rule(value, rule: Rule) -> bool:
    if rule.is_filled is not None:
        return (value is not None) is rule.is_filled
    if rule.is_ is not None:
        return value is not None and value.lower().split() in [text.lower().split() for text in rule.is_]
    if rule.is_not is not None:
        return value is None or value.lower().split() not in [text.lower().split() for text in rule.is_not]
    if value is None:
        return False
    least, most = _ends(value)
    if least is None:
        return False
    if rule.between is not None:
        return rule.between[0] <= least and most <= rule.between[1]
    return least >= rule.at_least if rule.at_least is not None else most <= rule.at_most


def _ends(text):
    """51-200 → 51, 200; 1,000+ → 1000, ∞; unknown → None."""
    found = [float(number.replace(",", "")) for number in re.findall(r"[\d,]+(?:\.\d+)?", text)]
    if not found:
        return None, None
    if len(found) == 2:
        return found[0], found[1]
    return found[0], float("inf") if text.endswith("+") else found[0]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text[:19])
