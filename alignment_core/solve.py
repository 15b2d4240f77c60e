"""Any one figure of an agreement solved for when the others are held: 150 MQLs, so what must the close rate be?

What a source owes at a stage is `target · share / (deal size · rates up to the stage)`. It rises with the target and
the share and falls with every rate and the deal size, so each of them can give way to a figure that somebody types.
Where there are plans per segment, all of them move in the same proportion.
"""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal, get_args

from alignment_core.agreement import Agreement
from alignment_core.agreement_parts import AgreementError, exact
from alignment_core.vocabulary import Source
from alignment_core.wording import DRIVER, STAGE, count, in_sentence, percent

__all__ = ["GIVES_WAY", "Figure", "Given", "SolveError", "gives_way_for", "solve"]

#: What a source owes, from its revenue back to its first stage.
Figure = Literal["revenue", "wins", "opportunities", "sqls", "mqls"]
#: What can give way to it.
Given = Literal["revenue_target", "split", "deal_size", "close_rate", "sql_to_opportunity", "mql_to_sql"]

GIVES_WAY: tuple[Given, ...] = get_args(Given)
_RATES: tuple[Given, ...] = ("close_rate", "sql_to_opportunity", "mql_to_sql")
#: How many of what can give way each figure depends on.
_DEPENDS: Mapping[Figure, int] = {"revenue": 2, "wins": 3, "opportunities": 4, "sqls": 5, "mqls": 6}
#: A typed figure is met to half a unit of its second decimal; MQLs, which are promised whole, exactly.
_NEAR = Fraction(5, 1000)


class SolveError(ValueError):
    """A wish that cannot be met, in words."""


def gives_way_for(figure: Figure) -> tuple[Given, ...]:
    """What a figure depends on, and so what can give way to it."""
    return GIVES_WAY[: _DEPENDS[figure]]


def solve(agreement: Agreement, source: Source, figure: Figure, wanted: float, gives_way: Given) -> Agreement:
    """The agreement in which a source owes what is wanted, everything else held but what gives way.

    Args:
        agreement: what stands now.
        source: `marketing` or `sales`.
        figure: which of its figures is wanted otherwise.
        wanted: the figure: currency for `revenue`, else a count; MQLs are whole.
        gives_way: the one figure that changes. `split` changes the other source's share with it.

    Returns:
        The agreement with the shortest number that meets the wish: exactly so many MQLs are then owed, never one more.

    Raises:
        SolveError: nothing does, in words.
    """
    _check(agreement, source, figure, wanted, gives_way)
    now = sum((cell[figure] for cell in agreement.segment_cells[source].values()), Fraction(0))
    ratio = exact(float(wanted)) / now
    if gives_way in ("revenue_target", "split"):
        return _first_that_meets(_by_target(agreement, source, gives_way, ratio), source, figure, wanted)
    _check_rates(agreement, source, figure, wanted, gives_way, ratio)
    return _first_that_meets(_by_rate(agreement, source, gives_way, ratio), source, figure, wanted)


def _check(agreement: Agreement, source: Source, figure: Figure, wanted: float, gives_way: Given) -> None:
    what = f"{source}'s revenue" if figure == "revenue" else f"how many {_unit(figure)} {source} owes"
    if getattr(agreement, source, None) is None or not getattr(agreement.split, source):
        raise SolveError(f"{source.capitalize()} owes nothing: its share of the split is 0. Give it a share first.")
    if (figure == "mqls" and source == "sales") or (gives_way == "mql_to_sql" and source == "sales"):
        raise SolveError("Sales-sourced demand begins at the SQL: it has no MQLs.")
    if not (math.isfinite(wanted) and wanted > 0):
        raise SolveError(f"The {_unit(figure)} owed must be more than 0; {wanted:g} is not.")
    if figure == "mqls" and wanted != round(wanted):
        raise SolveError(f"MQLs are promised as a whole number; {wanted:g} is not one.")
    if gives_way not in gives_way_for(figure):
        can = ", ".join(_given(each) for each in gives_way_for(figure))
        raise SolveError(f"The {_given(gives_way)} does not change {what}. What can give way to it: {can}.")


def _check_rates(
    agreement: Agreement, source: Source, figure: Figure, wanted: float, gives_way: Given, ratio: Fraction
) -> None:
    """A rate can be at most 100%, in every segment."""
    if gives_way == "deal_size":
        return
    for segment, value in _values(agreement, source, gives_way).items():
        if value / ratio > 1:
            most = max(_values(agreement, source, gives_way).values())
            least = exact(float(wanted)) / ratio * most  # what is owed with 100%
            owed = count(float(math.ceil(least) if figure == "mqls" else least))
            where = f" in {segment}" if segment else ""
            raise SolveError(
                f"{count(wanted)} {_unit(figure)} would need {_a(_given(gives_way))} of {percent(float(value / ratio))}{where}. "
                f"Even 100% takes {owed} {_unit(figure)}; let something else give way."
            )


def _by_target(agreement: Agreement, source: Source, gives_way: Given, ratio: Fraction) -> Iterator[Agreement]:
    """The agreement with another target or split, from round numbers to exact ones. Rounded down, nothing more is owed."""
    if gives_way == "revenue_target":
        target = exact(agreement.revenue_target) * ratio
        for digits in (0, 2, 4, 6):
            yield _changed(agreement, {"revenue_target": _down(target, digits)})
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
            yield _changed(agreement, {"split": {source: float(part), other: float(1 - part)}})


def _by_rate(agreement: Agreement, source: Source, gives_way: Given, ratio: Fraction) -> Iterator[Agreement]:
    """The agreement with another rate or deal size, from round numbers to exact ones. Rounded up, nothing more is owed."""
    first = 0 if gives_way == "deal_size" else 2
    for digits in range(first, 16):

        def moved(value: float, digits: int = digits) -> float:
            return _up(exact(value) / ratio, digits)

        plan = getattr(agreement, source)
        values: dict[str, Any] = {source: plan.model_dump() | {gives_way: moved(getattr(plan, gives_way))}}
        if agreement.segments and getattr(agreement.segments, source):
            own = {
                name: part.model_dump(exclude_none=True)
                | ({gives_way: moved(value)} if (value := getattr(part, gives_way)) is not None else {})
                for name, part in getattr(agreement.segments, source).items()
            }
            values["segments"] = agreement.segments.model_dump(exclude_none=True) | {source: own}
        yield _changed(agreement, values)


def _first_that_meets(candidates: Iterator[Agreement], source: Source, figure: Figure, wanted: float) -> Agreement:
    try:
        for agreement in candidates:
            if _meets(agreement, source, figure, wanted):
                return agreement
    except AgreementError as error:
        raise SolveError(f"That cannot be agreed: {'; '.join(error.faults)}.") from error
    raise SolveError(f"No number is exact enough for {wanted:,.10g} {_unit(figure)}.")


def _meets(agreement: Agreement, source: Source, figure: Figure, wanted: float) -> bool:
    if figure == "mqls":
        return agreement.required_mqls == wanted
    found = sum((cell[figure] for cell in agreement.segment_cells[source].values()), Fraction(0))
    return abs(found - exact(float(wanted))) <= _NEAR


def _changed(agreement: Agreement, values: Mapping[str, Any]) -> Agreement:
    return Agreement.checked(agreement.model_dump() | dict(values))


def _values(agreement: Agreement, source: Source, name: Given) -> dict[str | None, Fraction]:
    """A rate or deal size as it holds in each segment, or for the whole under None."""
    whole = getattr(agreement, source)
    parts = getattr(agreement.segments, source) if agreement.segments else {}
    found = {segment: getattr(part, name) for segment, part in parts.items()} or {None: None}
    return {segment: exact(value if value is not None else getattr(whole, name)) for segment, value in found.items()}


def _up(value: Fraction, digits: int) -> float:
    return float(Fraction(math.ceil(value * 10**digits), 10**digits))


def _down(value: Fraction, digits: int) -> float:
    return float(Fraction(math.floor(value * 10**digits), 10**digits))


def _unit(figure: Figure) -> str:
    return "revenue" if figure == "revenue" else in_sentence(STAGE[figure])


def _given(name: Given) -> str:
    if name == "revenue_target" or name == "split":
        return name.replace("_", " ")
    return in_sentence(DRIVER[name]) + (" conversion" if "_to_" in name else "")


def _a(name: str) -> str:
    """An MQL, an SQL, a close rate."""
    return f"{'an' if name[0] in 'MS' and name[1:2].isupper() else 'a'} {name}"
