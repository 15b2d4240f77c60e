"""Any one figure of an agreement solved for when the others are held: 150 MQLs, so what must the close rate be?

What a source owes at a stage is `target · share / (deal size · rates up to the stage)`. It rises with the target and
the share and falls with every rate and the deal size, so each of them can give way to a figure that somebody types.
Where there are plans per segment, all of them move in the same proportion.
"""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from alignment_core.agreement import Agreement
from alignment_core.agreement_parts import exact
from alignment_core.solve_steps import (
    GIVES_WAY,
    NEAR,
    Given,
    SolveError,
    a,
    by_rate,
    by_target,
    first_that_meets,
    given,
    owing,
    values_of,
)
from alignment_core.vocabulary import Source
from alignment_core.wording import STAGE, count, in_sentence, percent

__all__ = ["GIVES_WAY", "Figure", "Given", "SolveError", "gives_way_for", "solve"]

#: What a source owes, from its revenue back to its first stage.
Figure = Literal["revenue", "wins", "opportunities", "sqls", "mqls"]
#: How many of what can give way each figure depends on.
_DEPENDS: Mapping[Figure, int] = {"revenue": 2, "wins": 3, "opportunities": 4, "sqls": 5, "mqls": 6}


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
        candidates = by_target(agreement, source, gives_way, ratio)
    else:
        _check_rates(agreement, source, figure, wanted, gives_way, ratio)
        candidates = by_rate(agreement, source, gives_way, ratio)
    wish = f"{wanted:,.10g} {_unit(figure)}"
    return first_that_meets(candidates, lambda found: _meets(found, source, figure, wanted), wish)


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
        can = ", ".join(given(each) for each in gives_way_for(figure))
        raise SolveError(f"The {given(gives_way)} does not change {what}. What can give way to it: {can}.")


def _check_rates(
    agreement: Agreement, source: Source, figure: Figure, wanted: float, gives_way: Given, ratio: Fraction
) -> None:
    """A rate can be at most 100%, in every segment that owes anything."""
    if gives_way == "deal_size":
        return
    all_values = values_of(agreement, source, gives_way)
    values = {segment: all_values[segment] for segment in owing(agreement, source)}
    for segment, value in values.items():
        if value / ratio > 1:
            most = max(values.values())
            least = exact(float(wanted)) / ratio * most  # what is owed with 100%
            owed = count(float(math.ceil(least) if figure == "mqls" else least))
            where = f" in {segment}" if segment else ""
            raise SolveError(
                f"{count(wanted)} {_unit(figure)} would need {a(given(gives_way))} of {percent(float(value / ratio))}{where}. "
                f"Even 100% takes {owed} {_unit(figure)}; let something else give way."
            )


def _meets(agreement: Agreement, source: Source, figure: Figure, wanted: float) -> bool:
    if figure == "mqls":
        return agreement.required_mqls == wanted
    found = sum((cell[figure] for cell in agreement.segment_cells[source].values()), Fraction(0))
    return abs(found - exact(float(wanted))) <= NEAR


def _unit(figure: Figure) -> str:
    return "revenue" if figure == "revenue" else in_sentence(STAGE[figure])
