"""What a stricter or a looser rule costs: definitions near those proposed, and those among them that nothing betters.

Each rule of a definition is left out, its number moved along the values that the leads have, its list made shorter or
longer; also any two such changes together. A definition is on the frontier if no other one near it brings at least as
many MQLs at a better rate, or more at the same (Pareto; the frontier is of what happened, not a forecast: of many
definitions tried the luckiest looks best).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

import numpy as np

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import MqlDefinition, Rule
from alignment_core.definition_lint import of_a_person
from alignment_core.definition_words import rule_words
from alignment_core.field_offers import offer
from alignment_core.judged import Judged, judge
from alignment_core.lookups import known_values
from alignment_core.meets import known_as, range_of
from alignment_core.quarters import Quarter
from alignment_core.replay import Outcome, outcome, past_quarters

__all__ = ["FEWEST", "Frontier", "Point", "frontier"]

#: Of fewer MQLs a rate says little: no definition is offered that brought less.
FEWEST = 20
#: Where a number is tried: these shares of the leads' values lie below.
_SHARES = (0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9)
#: At most so many values of a list are taken out or added, one by one.
_VALUES = 8
_MOST = 1_500


@dataclass(frozen=True)
class Point:
    """A definition and what it would have brought.

    Attributes:
        name: the proposal it is, or is near to.
        change: what is changed of it, in words; "" for the proposal itself.
        definition: None for what the CRM flagged.
        whole: what became of its MQLs.
        mqls_per_quarter: how many it brought a quarter.
        is_best: whether no other point has both more MQLs and a better MQL→SQL rate.
    """

    name: str
    change: str
    definition: MqlDefinition | None
    whole: Outcome
    mqls_per_quarter: float
    is_best: bool = False


@dataclass(frozen=True)
class Frontier:
    """Proposals and what is near them.

    Attributes:
        quarters: those looked back on.
        points: every definition tried that can be judged, proposals first.
    """

    quarters: tuple[Quarter, ...]
    points: tuple[Point, ...]

    @property
    def best(self) -> tuple[Point, ...]:
        """The points that nothing betters, from many MQLs to few."""
        chosen = [point for point in self.points if point.is_best]
        return tuple(sorted(chosen, key=lambda point: -point.mqls_per_quarter))


def frontier(
    data: Data,
    agreement: Agreement,
    definitions: Mapping[str, MqlDefinition | None],
    quarters: Sequence[Quarter] | None = None,
    as_of: date | None = None,
) -> Frontier:
    """Volume against conversion for proposals and everything near them.

    Args:
        data, agreement, definitions, quarters, as_of: as for `replay`.

    Raises:
        DataError: the data cannot answer, with every reason.
    """
    varied = {
        name: {rule: tuple(_variants(data, agreement, rule)) for rule in dict.fromkeys(definition.rules)}
        for name, definition in definitions.items()
        if definition is not None
    }
    rules = [
        each
        for variants in varied.values()
        for rule, others in variants.items()
        for each in (rule, *(other for other in others if other is not None))
    ]
    judged = judge(data, agreement, rules, as_of)
    chosen = past_quarters(judged, agreement) if quarters is None else tuple(quarters)
    points = [_point(judged, chosen, name, "", definition) for name, definition in definitions.items()]
    # Changes that let in and keep out the same leads are one point: the one with the fewest changes.
    tried = {judged.meets(point.definition).tobytes() for point in points}
    for name, definition in definitions.items():
        if definition is None:
            continue
        for change, changed in _near(definition, varied[name]):
            if (leads := judged.meets(changed).tobytes()) not in tried and len(tried) < _MOST:
                tried.add(leads)
                points.append(_point(judged, chosen, name, change, changed))
    proposals, near = points[: len(definitions)], points[len(definitions) :]
    return Frontier(chosen, _judged_best([*proposals, *(point for point in near if point.whole.mqls >= FEWEST)]))


def _point(
    judged: Judged, quarters: Sequence[Quarter], name: str, change: str, definition: MqlDefinition | None
) -> Point:
    found = outcome(judged, judged.meets(definition) & judged.within(quarters))
    return Point(name, change, definition, found, found.mqls / len(quarters) if quarters else 0.0)


def _judged_best(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points, with those marked that nothing betters; of equal ones the first."""
    best: set[int] = set()
    rate = -1.0
    order = sorted(
        range(len(points)), key=lambda place: (-points[place].whole.mqls, -(points[place].whole.mql_to_sql or 0), place)
    )
    for place in order:
        found = points[place].whole.mql_to_sql
        if found is not None and found > rate and points[place].whole.mqls >= FEWEST:
            best.add(place)
            rate = found
    return tuple(replace(point, is_best=place in best) for place, point in enumerate(points))


Change = tuple[str, Rule, Rule | None]


def _near(
    definition: MqlDefinition, variants: Mapping[Rule, Sequence[Rule | None]]
) -> Iterator[tuple[str, MqlDefinition]]:
    """The definition with one change, then with two, each with what is changed in words."""
    single: list[Change] = [(_said(rule, other), rule, other) for rule, others in variants.items() for other in others]
    pairs = ((one, other) for one, other in combinations(single, 2) if one[1] != other[1])
    for changes in (*((each,) for each in single), *pairs):
        changed = definition
        for _, rule, other in changes:
            changed = changed.without(rule) if other is None else changed.replaced(rule, other)
        if not changed.is_empty:
            yield ", and ".join(said for said, _, _ in changes), changed


def _said(rule: Rule, other: Rule | None) -> str:
    if other is None:
        return f"without the rule: {rule_words(rule)}"
    if rule.comparison in ("is", "is_not"):
        field, word = rule.field.replace("_", " "), "also " if rule.comparison == "is" else "nor "
        less = [value for value in rule.value if value not in other.value]
        more = [value for value in other.value if value not in rule.value]
        return f"{field}: {'without' if less else word.strip()} {(less or more)[0]}"
    return rule_words(other)


def _variants(data: Data, agreement: Agreement, rule: Rule) -> Iterator[Rule | None]:
    """A rule changed in each way, and None: left out."""
    yield None
    known = known_values(data.engine, "leads", rule.field)
    if rule.comparison in ("is", "is_not"):
        listed = {known_as(value) for value in rule.value}
        if len(rule.value) > 1:
            for value in rule.value[:_VALUES]:
                yield Rule.of(rule.field, rule.comparison, [each for each in rule.value if each != value])
        others = [value for value, _ in offer(data, agreement, rule.field).values if known_as(value) not in listed]
        if not of_a_person(rule.field):
            for value in others[:_VALUES]:
                yield Rule.of(rule.field, rule.comparison, [*rule.value, value])
    elif rule.comparison != "is_filled":
        limits = [found[0] for value in known if (found := range_of(value)) and np.isfinite(found[0])]
        steps = sorted({_round(float(np.quantile(limits, share))) for share in _SHARES}) if limits else []
        for step in steps:
            low, high = rule.limits
            if rule.comparison == "between":
                if step < high and step != low:
                    yield Rule.of(rule.field, "between", (step, high))
                if step > low and step != high:
                    yield Rule.of(rule.field, "between", (low, step))
            elif step != rule.value:
                yield Rule.of(rule.field, rule.comparison, step)


def _round(value: float) -> float:
    """A number that people would choose: two digits that count."""
    return float(f"{value:.2g}")
