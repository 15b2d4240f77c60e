"""What speaks against a definition of an MQL: rules on what only a talk can tell, rules that decide nothing or cannot be
met, fields that most leads lack. `definition_findings` says each in a sentence.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import numpy as np

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import Group, MqlDefinition, Rule
from alignment_core.errors import DataError
from alignment_core.imports.headers import OF_A_PERSON
from alignment_core.judged import Judged, Mask, judge
from alignment_core.meets import known_as
from alignment_core.record_fields import definition_fields
from alignment_core.replay import outcome, past_quarters

__all__ = ["Code", "Warned", "lint", "of_a_person"]

Code = Literal[
    "of_a_person", "of_a_talk", "not_loaded", "contradiction", "nobody", "everybody", "mostly_missing", "unread"
]
#: A field that most leads lack decides by what was filled in, not by what the company is.
_MISSING = 0.5
_OF_A_TALK = frozenset(("budget", "authority", "need", "timeline"))
_PERSON = frozenset("title jobtitle role jobrole seniority persona position department".split())
_TALK = frozenset("budget authority need needs pain timing timeline timeframe bant decisionmaker purchase".split())


@dataclass(frozen=True)
class Warned:
    """Something that speaks against a definition.

    Attributes:
        code: what it is.
        rule: the rule it is about; None where it is about the whole.
        values: the numbers and names in its sentence. `of_a_person` and `of_a_talk` have `excluded`, `wins` and
            `revenue` where the data can show what the rule would have cost: leads of the last year that meet every
            other fit rule and not this one.
    """

    code: Code
    rule: Rule | None = None
    values: Mapping[str, object] = field(default_factory=dict)


def of_a_person(name: str) -> Code | None:
    """Whether a field says what somebody is (title, seniority, department), or what only a talk tells (BANT)."""
    words = {*name.split("_"), name.replace("_", "")}
    known = next((field for field, names in OF_A_PERSON.items() if name == field or words & {*names}), None)
    if known in _OF_A_TALK or words & _TALK or {"decision", "maker"} <= words:
        return "of_a_talk"
    return "of_a_person" if known or words & _PERSON else None


def lint(definition: MqlDefinition, data: Data | None = None, agreement: Agreement | None = None) -> tuple[Warned, ...]:
    """Everything that speaks against a definition.

    Args:
        definition: the rules.
        data, agreement: where given, evidence from the leads of the last year (see `past_quarters`).
    """
    rules = tuple(dict.fromkeys(definition.rules))
    found = [Warned("unread", None, {"keys": definition.unread})] if definition.unread else []
    found += [Warned("contradiction", rule, {"other": other}) for rule, other in _contradictions(definition)]
    if data is None or agreement is None or "leads" not in data.engine:
        return (*found, *(Warned(code, rule) for rule in rules if (code := of_a_person(rule.field))))
    there = definition_fields(data.engine)
    loaded = [rule for rule in rules if rule.field in there]
    evidence: dict[Rule, Warned] = {}
    facts: list[Warned] = []
    filled = {name: Rule.of(name, "is_filled", True) for name in dict.fromkeys(rule.field for rule in loaded)}
    try:
        judged = judge(data, agreement, [*loaded, *(each for each in filled.values() if each not in loaded)])
    except DataError:
        judged = None
    if judged is not None and len(judged.quarters):
        within = judged.within(past_quarters(judged, agreement))
        evidence = {
            rule: _cost(rule, code, definition, loaded, filled, judged, within)
            for rule in loaded
            if (code := of_a_person(rule.field))
        }
        facts = list(_facts(loaded, filled, judged, within))
    found += [evidence.get(rule, Warned(code, rule)) for rule in rules if (code := of_a_person(rule.field))]
    found += [
        Warned("not_loaded", rule, {"there": there})
        for rule in rules
        if rule.field not in there and not of_a_person(rule.field)
    ]
    return (*found, *facts)


def _cost(
    rule: Rule,
    code: Code,
    definition: MqlDefinition,
    loaded: Sequence[Rule],
    filled: Mapping[str, Rule],
    judged: Judged,
    within: Mask,
) -> Warned:
    """What a rule would have kept out: leads known to fail it whose company meets every other rule of fit."""
    kept = frozenset(each for each in loaded if not of_a_person(each.field))
    others = definition.fit.only(kept) if definition.fit else None
    rows = within & np.logical_not(judged.meets_term(rule)) & judged.meets_term(filled[rule.field])
    if others is not None:
        rows &= judged.meets_term(others)
    lost = outcome(judged, rows)
    values = {"excluded": lost.mqls, "wins": lost.wins, "revenue": lost.revenue, "perfect_fit": others is not None}
    return Warned(code, rule, values)


def _facts(loaded: Sequence[Rule], filled: Mapping[str, Rule], judged: Judged, within: Mask) -> Iterator[Warned]:
    """What the leads of the last year say of each rule."""
    everyone = outcome(judged, within).mqls
    if not everyone:
        return
    for rule in loaded:
        count = outcome(judged, within & judged.meets_term(rule)).mqls
        known = outcome(judged, within & judged.meets_term(filled[rule.field])).mqls
        if not count:
            yield Warned("nobody", rule, {"leads": everyone})
        elif count == everyone:
            yield Warned("everybody", rule, {"leads": everyone})
        if known < everyone * (1 - _MISSING) and rule.comparison != "is_filled":
            yield Warned("mostly_missing", rule, {"share": 1 - known / everyone, "leads": everyone})


def _contradictions(definition: MqlDefinition) -> Iterator[tuple[Rule, Rule]]:
    """Pairs of rules that no lead can meet together though each must be met."""
    for one, other in combinations(_needed(definition.groups), 2):
        if one.field == other.field and _exclude(one, other):
            yield one, other


def _needed(terms: Sequence[Group | Rule]) -> list[Rule]:
    """The rules that must all be met: those of `all` groups inside each other."""
    rules: list[Rule] = []
    for term in terms:
        if isinstance(term, Rule):
            rules.append(term)
        elif term.match == "all" or len(term.terms) == 1:
            rules += _needed(term.terms)
    return rules


def _exclude(one: Rule, other: Rule) -> bool:
    """Whether nothing can meet both of two rules on the same field."""
    for first, second in ((one, other), (other, one)):
        if first.is_filled is False and second.comparison not in ("is_not", "is_filled"):
            return True
        if first.is_filled is False and second.is_filled:
            return True
    if one.is_ and other.is_:
        return not _texts(one) & _texts(other)
    for first, second in ((one, other), (other, one)):
        if first.is_ and second.is_not:
            return _texts(first) <= _texts(second)
    low = max(one.limits[0], other.limits[0])
    high = min(one.limits[1], other.limits[1])
    return low > high and math.isfinite(low) and math.isfinite(high)


def _texts(rule: Rule) -> set[str]:
    return {known_as(text) for text in rule.value}
