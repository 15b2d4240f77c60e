"""What amendments changed: from the version of an agreement that was first signed to the one in force."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from alignment_core.agreement import Agreement, Owners
from alignment_core.errors import DataError
from alignment_core.results import Amendment, Change
from alignment_core.vocabulary import DRIVERS, Source

__all__ = ["Signed", "amendments", "changes", "steps"]


@dataclass(frozen=True)
class Signed:
    """A version of a quarter's agreement that both sides signed.

    Attributes:
        agreement: what they signed.
        on: the day on which both had signed it, or None where that is not known.
        reason: why it took the place of the version before, in their words.
    """

    agreement: Agreement
    on: date | None = None
    reason: str = ""


def amendments(signed: Sequence[Signed]) -> tuple[Amendment, ...]:
    """The steps between the versions of one quarter's agreement. A version that changes no term is no amendment.

    Args:
        signed: the versions that were in force one after the other, oldest first.

    Raises:
        DataError: the versions are of different quarters or in different currencies, so that no bar leads from one
            to the other.
    """
    _comparable(signed)
    return tuple(
        Amendment(
            number=number,
            before=before.agreement.required,
            after=after.agreement.required,
            changes=changes(before.agreement, after.agreement),
            agreed_on=after.on,
            reason=after.reason,
        )
        for number, (before, after) in enumerate(steps(signed), 1)
    )


def steps(signed: Sequence[Signed]) -> tuple[tuple[Signed, Signed], ...]:
    """The version before each amendment, and the one that it brought."""
    return tuple((before, after) for before, after in pairwise(signed) if before.agreement != after.agreement)


def _comparable(signed: Sequence[Signed]) -> None:
    if not signed:
        return
    first, reasons = signed[0].agreement, []
    for place, version in enumerate(signed[1:], 2):
        other = version.agreement
        if other.fiscal_quarter != first.fiscal_quarter:
            same_name = " (its fiscal year begins on another day)" if other.quarter == first.quarter else ""
            reasons.append(
                f"Version {place} of the agreement is for {other.quarter}{same_name} and the first signed one for "
                f"{first.quarter}. Only versions for one quarter amend each other."
            )
        if other.currency != first.currency:
            reasons.append(
                f"Version {place} of the agreement is in {other.currency} and the first signed one in {first.currency}. "
                "No bar leads from one currency to another: sign the first version in the same currency."
            )
    if reasons:
        raise DataError(*reasons)


def changes(before: Agreement, after: Agreement) -> tuple[Change, ...]:
    """The terms that differ, the weightiest first: target, split, what is owed, rates and deal sizes, then the rest."""
    return tuple(_changes(before, after))


#: The parts of an agreement whose numbers are compared one by one.
_BY_NUMBER = ("revenue_target", "split", "marketing", "sales", "owners")


def _changes(before: Agreement, after: Agreement) -> Iterator[Change]:
    yield from _if_other(Change("revenue_target", before.revenue_target, after.revenue_target))
    if before.split != after.split:
        yield Change("split", before.split.marketing, after.split.marketing)
    yield from _if_other(Change("mqls", before.required_mqls, after.required_mqls, "marketing"))
    then, now = (version.required.get("sales") for version in (before, after))
    yield from _if_other(Change("sqls", then.sqls if then else None, now.sqls if now else None, "sales"))
    sides: tuple[Source, ...] = ("marketing", "sales")
    for source in sides:
        plans = getattr(before, source), getattr(after, source)
        fields = {name for plan in plans if plan for name in type(plan).model_fields}
        for name in sorted(fields, key=lambda name: DRIVERS.index(name) if name in DRIVERS else len(DRIVERS)):
            one, other = (getattr(plan, name, None) for plan in plans)
            yield from _if_other(Change(name, one, other, source))
    for driver in DRIVERS:
        if driver in Owners.model_fields:
            one, other = (getattr(version.owners, driver) for version in (before, after))
            yield from _if_other(Change("owner", one, other, driver=driver))
    for name in type(after).model_fields:
        if name not in _BY_NUMBER and getattr(before, name) != getattr(after, name):
            yield Change(name)


def _if_other(change: Change) -> list[Change]:
    return [] if change.before == change.after else [change]
