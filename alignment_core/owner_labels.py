"""How people are called on the screen: by name, by initials, by a number, or not at all."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from alignment_core.agreement import Agreement
from alignment_core.data import OWNER, Data
from alignment_core.errors import DataError
from alignment_core.events import NOT_RECORDED
from alignment_core.follow_up import FollowUp, ShowOwners

__all__ = ["as_called", "called", "owner_labels", "show_owners"]

_NAME = re.compile(r"[^\W\d_]+(?:[\s.'-]+[^\W\d_]+)+")


def show_owners(agreement: Agreement) -> ShowOwners:
    """How people are shown, as agreed; where nobody agreed on it, by a number."""
    return (agreement.follow_up or FollowUp.model_validate({})).show_owners


def called(data: Data, agreement: Agreement) -> Mapping[str, str]:
    """What each owner in the tables is called: the same on every page and in every list."""
    return owner_labels(data.owners, show_owners(agreement))


def as_called(data: Data, agreement: Agreement, by: str | None) -> Data:
    """The tables for a breakdown: by owner, people in them are called as the agreement says.

    Raises:
        DataError: the breakdown is by owner, and the agreement says that owners are not shown.
    """
    if by != OWNER or not data.owners or (agreement.segments is not None and agreement.segments.field == OWNER):
        return data  # plans by owner name them in the agreement itself
    show = show_owners(agreement)
    if show == "hidden":
        raise DataError("Owners are not shown: that is what was agreed. Break down by another field.")
    return data if show == "name" else data.kept(("owners", show), lambda: data.with_owners(called(data, agreement)))


def owner_labels(owners: Iterable[object], show: ShowOwners) -> Mapping[str, str]:
    """What each owner is called. Numbers go by the order of the names, so that they stay while the same people are loaded.

    By initials, two people with the same ones get a number each; an id that is no name has none and gets a number.
    """
    names = sorted({str(owner) for owner in owners} - {NOT_RECORDED})
    numbered = {name: f"Rep {place}" for place, name in enumerate(names, 1)}
    unowned = {NOT_RECORDED: "no owner"}
    if show == "name":
        return unowned | {name: name for name in names}
    if show != "initials":
        return unowned | numbered
    initials = {name: _initials(name) or numbered[name] for name in names}
    shared = Counter(initials.values())
    return unowned | {
        name: each if shared[each] == 1 else f"{each} ({numbered[name].removeprefix('Rep ')})"
        for name, each in initials.items()
    }


def _initials(name: str) -> str:
    if not _NAME.fullmatch(name.strip()):
        return ""
    return "".join(part[0].upper() for part in re.split(r"[\s.'-]+", name.strip()) if part)
