"""What solving for any figure of an agreement takes: numbers from round ones to exact ones, and the first that meets a wish."""

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal, cast, get_args

from alignment_core.agreement import Agreement
from alignment_core.agreement_parts import AgreementError, exact
from alignment_core.vocabulary import DRIVERS, Driver, Source
from alignment_core.wording import DRIVER, SOURCE, in_sentence, money, percent

__all__ = [
    "GAVE_WAY",
    "GIVES_WAY",
    "NEAR",
    "RATES",
    "Given",
    "SolveError",
    "a",
    "by_rate",
    "by_target",
    "changed",
    "first_that_meets",
    "gave_way",
    "given",
    "owing",
    "rounded",
    "values_of",
]

#: What can give way to a figure that somebody types.
Given = Literal["revenue_target", "split", "deal_size", "close_rate", "sql_to_opportunity", "mql_to_sql"]

GIVES_WAY: tuple[Given, ...] = get_args(Given)
RATES: tuple[Given, ...] = ("close_rate", "sql_to_opportunity", "mql_to_sql")
#: A typed figure is met to half a unit of its second decimal; what is promised whole, exactly.
NEAR = Fraction(5, 1000)
#: How it begins that something gave way.
GAVE_WAY = "What gave way:"
#: More shares than this that moved are not listed one by one.
_LISTED = 4


class SolveError(ValueError):
    """A wish that cannot be met, in words."""


def by_target(agreement: Agreement, source: Source, gives_way: Given, ratio: Fraction) -> Iterator[Agreement]:
    """The agreement with another target or split, from round numbers to exact ones. Rounded down, nothing more is owed.

    Args:
        source: whose share moves, where the split gives way.
        ratio: what is wanted ÷ what stands.

    Raises SolveError where the share would be more than all, or the other side has no plan for the rest.
    """
    if gives_way == "revenue_target":
        target = exact(agreement.revenue_target) * ratio
        for digits in (0, 2, 4, 6):
            yield changed(agreement, {"revenue_target": _down(target, digits)})
        return
    share = exact(getattr(agreement.split, source)) * ratio
    if share > 1:
        other = "sales" if source == "marketing" else "marketing"
        raise SolveError(
            f"That would be {percent(float(share))} of the target, more than all of it, with nothing left for {other}. "
            "Let the revenue target give way."
        )
    other = "sales" if source == "marketing" else "marketing"
    if share < 1 and getattr(agreement, other) is None:
        raise SolveError(
            f"{other.capitalize()} would owe the rest, and has no rates and deal size yet. Fill them in first."
        )
    for digits in range(2, 16):
        part = Fraction(math.floor(share * 10**digits), 10**digits)
        if part:
            yield changed(agreement, {"split": {source: float(part), other: float(1 - part)}})


def by_rate(agreement: Agreement, source: Source, gives_way: Given, ratio: Fraction) -> Iterator[Agreement]:
    """The agreement with another rate or deal size, in all segments alike, from round numbers to exact ones. Rounded up, nothing
    more is owed. What nothing is owed by stays as it is: the side's own where every segment that owes has one, and that of a
    segment without a share."""
    first = 0 if gives_way == "deal_size" else 2
    plan = getattr(agreement, source)
    parts = getattr(agreement.segments, source) if agreement.segments else {}
    own = [name for name in owing(agreement, source) if name in parts and getattr(parts[name], gives_way) is not None]
    whole = own != owing(agreement, source)
    for digits in range(first, 16):

        def moved(value: float, digits: int = digits) -> float:
            return _up(exact(value) / ratio, digits)

        values: dict[str, Any] = {}
        if whole:
            values[source] = plan.model_dump() | {gives_way: moved(getattr(plan, gives_way))}
        if agreement.segments and own:
            plans = {
                name: part.model_dump(exclude_none=True)
                | ({gives_way: moved(getattr(part, gives_way))} if name in own else {})
                for name, part in parts.items()
            }
            values["segments"] = agreement.segments.model_dump(exclude_none=True) | {source: plans}
        yield changed(agreement, values)


def first_that_meets(candidates: Iterator[Agreement], meets: Callable[[Agreement], bool], wish: str) -> Agreement:
    """The first agreement that does. Raises SolveError where none does, or one cannot be agreed."""
    try:
        for agreement in candidates:
            if meets(agreement):
                return agreement
    except AgreementError as error:
        # How to write it instead is for who wrote it, and nobody wrote what was worked out here.
        faults = (fault.partition("; write ")[0] for fault in error.faults)
        raise SolveError(f"That cannot be agreed: {'; '.join(faults)}.") from error
    raise SolveError(f"No number is exact enough for {wish}.")


def changed(agreement: Agreement, values: Mapping[str, Any]) -> Agreement:
    """The agreement with other values. Raises AgreementError."""
    return Agreement.checked(agreement.model_dump() | dict(values))


def owing(agreement: Agreement, source: Source) -> list[str | None]:
    """The segments in which a source owes anything, or None for the whole."""
    return [segment for segment, cell in agreement.segment_cells[source].items() if cell["revenue"]]


def values_of(agreement: Agreement, source: Source, name: str) -> dict[str | None, Fraction]:
    """A rate or deal size as it holds in each segment, or for the whole under None."""
    whole = getattr(agreement, source)
    parts = getattr(agreement.segments, source) if agreement.segments else {}
    found = {segment: getattr(part, name) for segment, part in parts.items()} or {None: None}
    return {segment: exact(value if value is not None else getattr(whole, name)) for segment, value in found.items()}


def rounded(value: Fraction, digits: int) -> tuple[Fraction, Fraction]:
    """The two numbers with so many decimals that a value lies between, the nearer one first; twice the same where it is one."""
    step = Fraction(1, 10**digits)
    low, high = math.floor(value / step) * step, math.ceil(value / step) * step
    return (low, high) if value - low <= high - value else (high, low)


def _up(value: Fraction, digits: int) -> float:
    return float(Fraction(math.ceil(value * 10**digits), 10**digits))


def _down(value: Fraction, digits: int) -> float:
    return float(Fraction(math.floor(value * 10**digits), 10**digits))


def given(name: str) -> str:
    """What gives way, as it is called in a sentence."""
    if name == "share":
        return "share"
    if name == "revenue_target" or name == "split":
        return name.replace("_", " ")
    return in_sentence(DRIVER[cast(Driver, name)]) + (" conversion" if "_to_" in name else "")


def a(name: str) -> str:
    """An MQL, an SQL, a close rate."""
    return f"{'an' if name[0] in 'MS' and name[1:2].isupper() else 'a'} {name}"


def gave_way(before: Agreement, after: Agreement) -> str:
    """What gave way from one agreement to another that was solved for, in a sentence; empty where nothing did."""
    moved = [*_sides(before, after), *_segments(before, after), *_channels(before, after)]
    return f"{GAVE_WAY} {'; '.join(moved)}." if moved else ""


def _sides(before: Agreement, after: Agreement) -> Iterator[str]:
    if before.revenue_target != after.revenue_target:
        yield f"revenue target {_amount(before.revenue_target)} → {_amount(after.revenue_target)}"
    if before.split != after.split:
        yield f"marketing's share of the target {_share(before.split.marketing)} → {_share(after.split.marketing)}"
    for source in ("marketing", "sales"):
        plans = getattr(before, source), getattr(after, source)
        if None not in plans:
            yield from _plan(*plans, before=f"{SOURCE[source].lower()} ")


def _plan(was: Any, now: Any, before: str = "", after: str = "") -> Iterator[str]:
    """What moved in a plan, from the win back; whose it is stands before or after each name."""
    for name in sorted(set(type(was).model_fields) & set(DRIVERS), key=DRIVERS.index, reverse=True):
        one, other = getattr(was, name), getattr(now, name)
        if one != other:
            write = _amount if name == "deal_size" else _share
            yield f"{before}{in_sentence(DRIVER[cast(Driver, name)])}{after} {write(one)} → {write(other)}"


def _segments(before: Agreement, after: Agreement) -> Iterator[str]:
    if before.segments is None or after.segments is None:
        return
    for source in ("marketing", "sales"):
        parts = getattr(before.segments, source), getattr(after.segments, source)
        yield from _shares(*({name: part.share for name, part in side.items()} for side in parts))
        for name in parts[0]:
            yield from _plan(parts[0][name], parts[1][name], after=f" in {name}")


def _channels(before: Agreement, after: Agreement) -> Iterator[str]:
    parts = before.sales_channels, after.sales_channels
    yield from _shares(*({name: part.share for name, part in side.items()} for side in parts))
    for name in parts[0]:
        one, other = (side[name].accounts_to_sql for side in parts)
        if one != other:
            yield f"accounts worked → SQL of {name} {_share(one)} → {_share(other)}"


def _shares(before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[str]:
    """The shares that moved; of many, those that moved furthest."""
    moved = sorted(
        (name for name in before if before[name] != after[name]), key=lambda name: -abs(after[name] - before[name])
    )
    for name in moved[:_LISTED]:
        yield f"share of {name} {_share(before[name])} → {_share(after[name])}"
    if len(moved) > _LISTED:
        yield f"the shares of {len(moved) - _LISTED} more in proportion"


def _share(value: float | None) -> str:
    """A rate or a share with the decimals that it has."""
    return "–" if value is None else f"{value * 100:.10g}%"


def _amount(value: float | None) -> str:
    return money(value, 0 if value is None or float(value).is_integer() else 2)
