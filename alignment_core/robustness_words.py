"""Whether findings hold however it is counted, in words: the answer in a sentence, a label for each, and the table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_core.results import Bar
from alignment_core.robustness import Kind, Robustness, Way, turns_by_order
from alignment_core.verdict_words import verdict_word
from alignment_core.vocabulary import SOURCES, Source
from alignment_core.wording import BASIS, DRIVER, METHOD, MQL_SAID_BY, SOURCE, in_sentence, percent, signed_short

__all__ = [
    "RULE",
    "finding_label",
    "missing_sentences",
    "robustness_headline",
    "robustness_table",
    "rule_label",
    "shares_table",
]

#: The sourcing rules as they are named in a sentence.
RULE: Mapping[str, str] = {
    "lead_source": "lead source",
    "first_touch": "first touch",
    "deal_source": "deal source",
    "last_touch": "last touch",
}
_KIND: Mapping[Kind, str] = {"rule": "the sourcing rule", "basis": "what is followed", "mql": "who says what an MQL is", "method": "the method"}  # fmt: skip


def way_name(way: Way) -> str:
    """A way of counting, inside a sentence or above a column."""
    if way.kind == "rule":
        return RULE[way.option]
    names: list[Mapping[Any, str]] = [BASIS, METHOD, {name: f"MQLs {said}" for name, said in MQL_SAID_BY.items()}]
    return next(each[way.option] for each in names if way.option in each)


def robustness_headline(found: Robustness) -> str:
    """How many findings hold, and which do not."""
    asked = found.asked()
    if not asked or not found.bars:
        return "The data carry no other way of counting, so there is nothing to compare with."
    real = [bar for bar in found.bars if bar.verdict == "real"]
    turned = [bar for bar in found.bars if found.turned(bar) or turns_by_order(bar)]
    firm = [bar for bar in real if bar not in turned]
    ways = f"{len(asked)} other way{'s' if len(asked) > 1 else ''} of counting"
    unheard = [bar for bar in firm if not found.judging(bar)]
    firm = [bar for bar in firm if bar not in unheard]
    if firm:
        fewest = min(len(found.judging(bar)) for bar in firm)
        told = (
            ways
            if fewest == len(asked)
            else f"{fewest} of {ways}; in {_others(len(asked) - fewest)} it cannot be judged"
        )
        start = "However it is counted" if fewest == len(asked) else "Wherever it can be judged"
        said = f"{start}, {_listed(firm)} {'is' if len(firm) == 1 else 'are'} more than chance ({told})."
    elif unheard:
        said = f"No other way of counting can judge {_listed(unheard)} ({ways})."
    elif real:
        said = f"Nothing that is more than chance stays so under {'all of ' if len(asked) > 1 else ''}{ways}."
    else:
        said = f"Nothing is more than chance here; {ways} {'were' if len(asked) > 1 else 'was'} asked."
    if turned:
        depend = "depends on how it is" if len(turned) == 1 else "depend on how they are"
        return f"{said} {_capital(_listed(turned))} {depend} counted."
    return f"{said} No verdict turns." if any(map(found.judging, found.bars)) else said


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _listed(bars: list[Bar]) -> str:
    names = [f"{SOURCE[bar.source].lower()} {in_sentence(DRIVER[bar.driver])}" for bar in bars]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _others(number: int) -> str:
    return "the other" if number == 1 else "the others"


def rule_label(found: Robustness, bar: Bar) -> str:
    """`holds under all rules`, or on which rule it depends."""
    asked, judging = found.asked("rule"), found.judging(bar, "rule")
    if not asked:
        return "only one rule can be counted"
    if bar.verdict == "undecided":
        return "not judged"
    turned = found.turned(bar, "rule")
    if not turned and len(judging) < len(asked):
        return f"holds under {len(judging) + 1} of {len(asked) + 1} rules; {_others(len(asked) - len(judging))} cannot judge it"
    if not turned:
        return "holds under all rules"
    own = f"{verdict_word(bar)} by {RULE[found.rule]}"
    return f"depends on the rule: {own}, {', '.join(_verdict(bar, way) for way in turned)}"


def finding_label(found: Robustness, bar: Bar) -> str:
    """Whether a finding holds, and else on what it depends."""
    if bar.verdict == "undecided":
        return f"not judged ({verdict_word(bar)})"
    on = [_KIND[kind] for kind in dict.fromkeys(way.kind for way in found.turned(bar))]
    on += ["the order of the drivers"] if turns_by_order(bar) else []
    if on:
        return f"depends on {' and '.join(on)}"
    judging, asked = len(found.judging(bar)), len(found.asked())
    return "holds" if judging == asked else f"holds in {judging} of {asked}; {_others(asked - judging)} cannot judge it"


def _verdict(bar: Bar, way: Way) -> str:
    other = way.bars[bar.source, bar.driver]
    side = " on the other side" if other.verdict == bar.verdict else ""
    return f"{verdict_word(other)}{side} by {way_name(way)}"


def robustness_table(found: Robustness) -> pd.DataFrame:
    """One row a finding: effect and verdict as reviewed, by each other way, and whether it holds."""
    rows = []
    for bar in found.bars:
        row = {
            "Finding": f"{SOURCE[bar.source]} {in_sentence(DRIVER[bar.driver])}",
            "Does it hold?": finding_label(found, bar),
            "By sourcing rule": rule_label(found, bar),
            "As reviewed": _cell(bar),
        }
        row |= {_capital(way_name(way)): _cell(way.bars.get((bar.source, bar.driver))) for way in found.ways if not way.missing}  # fmt: skip
        rows.append(row | {"Any order": f"{signed_short(bar.order_low)} to {signed_short(bar.order_high)}"})
    for source, driver in found.others:
        name = in_sentence(DRIVER[driver])
        row = {"Finding": DRIVER[driver] if driver == "unassigned" else f"{SOURCE[source]} {name}"}
        own = found.unassigned if driver == "unassigned" else None
        row |= {"As reviewed": _cell(own)}
        rows.append(row | {_capital(way_name(way)): _cell(way.bars.get((source, driver))) for way in found.asked()})
    total = {"Finding": "All together", "As reviewed": signed_short(found.variance)}
    total |= {
        _capital(way_name(way)): signed_short(sum(bar.effect for bar in way.bars.values())) for way in found.asked()
    }
    return pd.DataFrame([*rows, total]).fillna("")


def _cell(bar: Bar | None) -> str:
    return "not counted there" if bar is None else f"{signed_short(bar.effect)} {verdict_word(bar)}".strip()


def shares_table(found: Robustness) -> pd.DataFrame:
    """What each source brought by each sourcing rule; every row sums to 100%."""
    by_rule = {found.rule: found.shares} | {way.option: way.shares for way in found.asked("rule") if way.shares}
    sources: list[Source] = [source for source in SOURCES if any(source in each for each in by_rule.values())]
    rows = [
        {"Sourcing rule": _capital(RULE[rule]) + (" (agreed)" if rule == found.rule else "")}
        | {SOURCE[source]: percent(each.get(source, 0.0), 1) for source in sources}
        for rule, each in by_rule.items()
    ]
    return pd.DataFrame(rows)


def missing_sentences(found: Robustness) -> list[str]:
    """Why some ways cannot be counted, and what would allow it."""
    return [f"{_capital(way_name(way))}: {reason}" for way in found.ways for reason in way.missing]
