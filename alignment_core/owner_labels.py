"""How people are called on the screen: by name, by initials, by a number, or not at all."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from alignment_core.events import NOT_RECORDED
from alignment_core.follow_up import ShowOwners

__all__ = ["owner_labels"]

_NAME = re.compile(r"[^\W\d_]+(?:[\s.'-]+[^\W\d_]+)+")


def owner_labels(owners: Iterable[object], show: ShowOwners) -> Mapping[str, str]:
    """What each owner is called. Numbers go by the order of the names, so that they stay while the same people own leads.

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
