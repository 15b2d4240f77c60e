"""Does the verdict depend on how you count? The review again under every rule, basis, method and definition that the data carry.

One thing is changed at a time. A finding holds if what is more than chance stays more than chance on the same side, and what is
within chance does not become more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from alignment_core.agreement import Agreement
from alignment_core.contested import carried, why_not
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.results import Bar, Review
from alignment_core.review import review as hold
from alignment_core.sourcing import RULES, Rule
from alignment_core.vocabulary import BASES, DRIVERS, METHODS, MQL_BY, SOURCES, Driver, Source

__all__ = ["Kind", "Robustness", "Shares", "Way", "robustness", "shares", "turns", "turns_by_order"]

#: What is changed: the sourcing rule, the basis, the method, or who says what an MQL is.
Kind = Literal["rule", "basis", "method", "mql"]
#: What a way of counting says of a finding: the same, otherwise, or nothing (too few records, or no such driver there).
Said = Literal["holds", "turns", "silent"]
#: Each source's part of revenue (or of wins, where there is no revenue), 0-1; they sum to one.
Shares = Mapping[Source, float]


@dataclass(frozen=True)
class Way:
    """One way of counting.

    Attributes:
        kind: what is other than in the review.
        option: what it is instead.
        bars: its bars by source and driver; empty where `missing` says why it cannot be counted so.
        shares: by sourcing rule only, what each source brought.
    """

    kind: Kind
    option: str
    bars: Mapping[tuple[Source, Driver], Bar]
    missing: tuple[str, ...] = ()
    shares: Shares | None = None


@dataclass(frozen=True)
class Robustness:
    """The review's bars, and what each other way of counting says of them.

    Attributes:
        bars: the findings: the review's bars that are judged.
        others: bars that are no findings: of unassigned demand, and those that only another way of counting has.
        variance: the review's, to which its bars sum.
        ways: every other way, also those that the data cannot carry.
        rule: the agreed sourcing rule, with the shares by it.
    """

    bars: tuple[Bar, ...]
    ways: tuple[Way, ...]
    rule: Rule
    shares: Shares
    others: tuple[tuple[Source, Driver], ...] = ()
    unassigned: Bar | None = None
    variance: float = 0.0

    def said(self, bar: Bar, way: Way) -> Said:
        """What a way says of a finding."""
        other = way.bars.get((bar.source, bar.driver))
        return "silent" if other is None else turns(bar, other)

    def turned(self, bar: Bar, kind: Kind | None = None) -> tuple[Way, ...]:
        """The ways by which a finding does not hold, of one kind or of all."""
        return tuple(way for way in self.ways if kind in (None, way.kind) and self.said(bar, way) == "turns")

    def asked(self, kind: Kind | None = None) -> tuple[Way, ...]:
        """The ways of one kind, or of all, that the data carry."""
        return tuple(way for way in self.ways if kind in (None, way.kind) and not way.missing)

    def judging(self, bar: Bar, kind: Kind | None = None) -> tuple[Way, ...]:
        """Those of them that say anything of a finding."""
        return tuple(way for way in self.asked(kind) if self.said(bar, way) != "silent")


def turns(bar: Bar, other: Bar) -> Said:
    """Whether another way of counting a bar says otherwise of it."""
    if "undecided" in (bar.verdict, other.verdict) or None in (bar.verdict, other.verdict):
        return "silent"
    same_side = bar.effect * other.effect >= 0 or bar.verdict == "noise"
    return "holds" if bar.verdict == other.verdict and same_side else "turns"


def turns_by_order(bar: Bar) -> bool:
    """Whether some order of the drivers puts what is more than chance on the other side."""
    return bar.verdict == "real" and bar.order_low < 0 < bar.order_high


def robustness(data: Data, agreement: Agreement, review: Review) -> Robustness:
    """The review counted in every other way, each broken down as the review is, and worked out once.

    Raises:
        DataError: the tables cannot answer at all.
    """
    asked = ("robustness", agreement.model_dump_json(), review.quarter, review.basis, review.method, review.as_of, review.mql, review.by)  # fmt: skip
    return data.kept(asked, lambda: _robustness(data, agreement, review))


def shares(review: Review) -> Shares:
    """Each source's part of the revenue, or of the wins where there is no revenue. Empty where there are neither."""
    brought = {source: counts.revenue for source, counts in review.actual.items()}
    if not sum(brought.values()) > 0 or min(brought.values()) < 0:
        brought = {source: counts.wins or 0.0 for source, counts in review.actual.items()}
    total = sum(brought.values())
    return {source: value / total for source, value in brought.items()} if total else {}


def _robustness(data: Data, agreement: Agreement, review: Review) -> Robustness:
    whole = _held(data, agreement, review)
    bars = tuple(bar for bar in whole.bars if bar.verdict is not None)
    ways = tuple(_ways(data, agreement, review))
    found = {(bar.source, bar.driver) for bar in bars}
    others = {key for way in ways for key in way.bars} | {(bar.source, bar.driver) for bar in whole.bars}
    order = sorted(others - found, key=lambda key: (SOURCES.index(key[0]), DRIVERS.index(key[1])))
    unassigned = next((bar for bar in whole.bars if bar.verdict is None), None)
    return Robustness(
        bars,
        ways,
        agreement.sourcing.rule,
        shares(whole),
        tuple(order),
        unassigned,
        sum(bar.effect for bar in whole.bars),
    )


def _held(data: Data, agreement: Agreement, review: Review, **changed: str) -> Review:
    """The review once more, with some of its choices changed. By segment the bars are other than of the whole: they sum the
    effects within each, so that a mix that shifted is told apart."""
    asked = {"basis": review.basis, "method": review.method, "mql": review.mql} | changed
    return hold(data, agreement, review.quarter, by=review.by, as_of=review.as_of, **asked)  # type: ignore[arg-type]


def _ways(data: Data, agreement: Agreement, review: Review) -> Iterator[Way]:
    there = carried(data, agreement)
    for rule in RULES:
        if rule == agreement.sourcing.rule:
            continue
        if rule not in there:
            yield Way("rule", rule, {}, why_not(data, agreement, rule))
            continue
        other = agreement.model_copy(update={"sourcing": agreement.sourcing.model_copy(update={"rule": rule})})
        yield _way("rule", rule, data, other, review)
    defined = agreement.mql is not None and not agreement.mql.is_empty and "leads" in data.engine
    choices: tuple[tuple[Kind, str, tuple[str, ...]], ...] = (
        ("basis", review.basis, BASES),
        ("mql", review.mql, MQL_BY if defined else ()),
        ("method", review.method, METHODS),
    )
    for kind, now, options in choices:
        for option in options:
            if option != now:
                yield _way(kind, option, data, agreement, review, **{kind: option})


def _way(kind: Kind, option: str, data: Data, agreement: Agreement, review: Review, **changed: str) -> Way:
    try:
        found = _held(data, agreement, review, **changed)
    except DataError as error:
        return Way(kind, option, {}, tuple(error.reasons))
    bars = {(bar.source, bar.driver): bar for bar in found.bars}
    return Way(kind, option, bars, shares=shares(found) if kind == "rule" else None)
