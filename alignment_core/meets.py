"""Rules held against leads: each becomes an expression on the column that it is about.

What a file holds is compared as data: the values of a column that a rule means are looked up first, and their list is
a table of its own. Numbers are compared as numbers; where a column has bands (51-200), each band is judged by its ends.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_

import ibis
from ibis.expr import types as ir

from alignment_core.definition import LISTS, MqlDefinition, Rule, Term
from alignment_core.engine import Engine
from alignment_core.lookups import known_values, looked_up

__all__ = ["FLAGGED", "Candidates", "decode", "judged", "known_as", "range_of", "signature"]

#: Ends the signature of a lead that the CRM flagged as an MQL.
FLAGGED = "f"
#: Rules in one whole number of a signature.
_BITS = 60
_DIGITS = re.compile(r"\d[\d,.\s]*\s*[kmb]?(?![a-z])", re.IGNORECASE)
_SCALE = {"k": 1e3, "m": 1e6, "b": 1e9}


@dataclass(frozen=True)
class Candidates:
    """Every lead may be an MQL, and its segment says which of these rules it meets (see `signature`).

    Attributes:
        rules: what each lead is held against.
    """

    rules: tuple[Rule, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule.field for rule in self.rules))


def known_as(text: str) -> str:
    """A text as it is compared: case and spacing don't count."""
    return " ".join(text.casefold().split())


def range_of(text: str) -> tuple[float, float] | None:
    """The least and the most that a text with numbers may mean: 51-200, 10,001+, up to 50, $1M; None without any."""
    numbers = [_number(found) for found in _DIGITS.findall(text)]
    if not numbers or len(numbers) > 2 or None in numbers:
        return None
    ends = sorted(number for number in numbers if number is not None)
    if len(ends) == 2:
        return ends[0], ends[1]
    words = text.casefold()
    if "+" in words or ">" in words or re.search(r"\b(over|more|above|at least|from)\b", words):
        return ends[0], math.inf
    if "<" in words or re.search(r"\b(under|less|below|up to|at most|fewer)\b", words):
        return -math.inf, ends[0]
    return ends[0], ends[0]


def _number(text: str) -> float | None:
    scale = _SCALE.get(text.strip()[-1].casefold(), 1.0)
    try:
        return float(re.sub(r"[,\skmb]", "", text.casefold())) * scale
    except ValueError:
        return None


def _number_of(value: ir.Value) -> ir.Value:
    """A text as a number, null where it is none: 1,200 is 1200."""
    number = value.replace(",", "").try_cast("float64")
    return (number.isnan() | number.isinf()).ifelse(ibis.null("float64"), number)


def _rule_met(engine: Engine, value: ir.Value, known: Sequence[str], rule: Rule) -> ir.Value:
    """Whether a lead meets a rule; never null.

    Args:
        engine: holds the tables.
        value: the column, as text.
        known: the different values of the column.
        rule: what it is compared with.
    """
    if rule.comparison == "is_filled":
        return value.notnull() if rule.is_filled else value.isnull()
    if rule.comparison in LISTS:
        meant = {known_as(text) for text in rule.value}
        found = value.isin(engine.listed(sorted(text for text in known if known_as(text) in meant))).fill_null(False)
        return ~found if rule.is_not else found
    low, high = rule.limits
    number = _number_of(value)
    within = reduce(and_, [limit for limit in (_above(number, low), _below(number, high)) if limit is not None])
    bands = [text for text in known if _is_band(text) and _inside(range_of(text), low, high)]
    listed = value.isin(engine.listed(sorted(bands))) if bands else ibis.literal(False)
    return (within.fill_null(False) | listed.fill_null(False)) & value.notnull()


def _above(number: ir.Value, low: float) -> ir.Value | None:
    return None if low == -math.inf else number >= low


def _below(number: ir.Value, high: float) -> ir.Value | None:
    return None if high == math.inf else number <= high


def _is_band(text: str) -> bool:
    """Whether a text is no plain number, as `_number_of` reads them."""
    try:
        return not math.isfinite(float(text.replace(",", "")))
    except ValueError:
        return True


def _inside(found: tuple[float, float] | None, low: float, high: float) -> bool:
    return found is not None and low <= found[0] and found[1] <= high


def _met(term: Term, rules: Mapping[Rule, ir.Value]) -> ir.Value:
    """Whether a lead meets a rule or a group of them, from whether it meets each rule."""
    if isinstance(term, Rule):
        return rules[term]
    return reduce(and_ if term.match == "all" else or_, (_met(each, rules) for each in term.terms))


def judged(engine: Engine, leads: ir.Table, mql: MqlDefinition | Candidates) -> ir.Table:
    """Leads with `qualified`, whether each is an MQL. With `Candidates` each is, and its `segment` is its signature."""
    rules = tuple(dict.fromkeys(mql.rules))
    columns: dict[str, str | None] = {}
    for place, field in enumerate(mql.fields):
        leads, columns[field] = looked_up(engine, leads, "leads", field, f"looked_up_{place}")
    values = {field: known_values(engine, "leads", field) for field in mql.fields}

    def verdict(rule: Rule) -> ir.Value:
        column = columns[rule.field]
        value = ibis.null("string") if column is None else leads[column].cast("string")
        return _rule_met(engine, value, values[rule.field], rule)

    verdicts = {rule: verdict(rule) for rule in rules}
    if isinstance(mql, Candidates):
        return leads.mutate(segment=signature([verdicts[rule] for rule in rules]), qualified=True)
    return leads.mutate(qualified=reduce(and_, (_met(group, verdicts) for group in mql.groups), ibis.literal(True)))


def signature(rules: Sequence[ir.Value]) -> ir.Value:
    """Which of some rules a lead meets, as one text; `decode` reads it."""
    text: ir.Value = ibis.literal("m")
    for start in range(0, len(rules), _BITS):
        bits = [rule.ifelse(1 << place, 0).cast("int64") for place, rule in enumerate(rules[start : start + _BITS])]
        text = text + reduce(add, bits).cast("string") + "."
    return text


def decode(text: str, count: int) -> list[bool]:
    """Which of `count` rules a signature says are met."""
    numbers = [int(part) for part in text.removeprefix("m").removesuffix(FLAGGED).split(".") if part]
    return [bool(numbers[place // _BITS] >> place % _BITS & 1) for place in range(count)]
