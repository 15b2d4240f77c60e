"""The lead sources and kinds of touches in the files: how many records each has, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import ibis

from alignment_core.agreement import Sourcing
from alignment_core.engine import Engine
from alignment_core.sourcing import TouchKinds, normalise, normalised
from alignment_core.vocabulary import Source

__all__ = ["LeadSource", "lead_sources", "listed_side", "reassigned", "reassigned_touches", "touch_kinds"]

_TABLES = ("leads", "deals", "stage_events", "funnel", "touches")


@dataclass(frozen=True)
class LeadSource:
    """One lead source, in its commonest spelling.

    Attributes:
        value: as the files have it; None for the records that have none.
        records: how many rows of each table have it (`leads`, `deals`, `stage_events`, `funnel`, `touches`).
    """

    value: str | None
    records: Mapping[str, int]


def lead_sources(engine: Engine) -> tuple[LeadSource, ...]:
    """The lead sources in the tables, the commonest first, the empty one last."""
    return _found(engine, "lead_source", tuple(name for name in _TABLES if engine.has(name, "lead_source")))


def touch_kinds(engine: Engine) -> tuple[LeadSource, ...]:
    """The kinds of touches, in the same way."""
    return _found(engine, "kind", ("touches",) if engine.has("touches", "kind") else ())


def _found(engine: Engine, column: str, tables: tuple[str, ...]) -> tuple[LeadSource, ...]:
    if not tables:
        return ()
    counted = engine.run(
        reduce(lambda one, other: one.union(other), (_counted(engine, name, column) for name in tables))
    )
    spellings: dict[str | None, dict[str | None, int]] = {}
    records: dict[str | None, dict[str, int]] = {}
    for row in counted.sort_values("value").itertuples():
        value = row.value if isinstance(row.value, str) and normalise(row.value) else None
        key = value and normalise(value)
        spelling, table = spellings.setdefault(key, {}), records.setdefault(key, dict.fromkeys(tables, 0))
        spelling[value] = spelling.get(value, 0) + row.rows
        table[row.table] += row.rows
    found = [LeadSource(max(spelling, key=spelling.__getitem__), records[key]) for key, spelling in spellings.items()]
    return tuple(sorted(found, key=lambda each: (each.value is None, -sum(each.records.values()))))


def _counted(engine: Engine, name: str, column: str) -> ibis.Table:
    table = engine.table(name)
    return table.group_by(value=table[column]).aggregate(rows=table.count()).mutate(table=ibis.literal(name))


def listed_side(sourcing: Sourcing | TouchKinds, value: str) -> Source:
    """The list that a lead source or a kind of touch is on; `unassigned` if on neither, whatever that then counts as."""
    if normalise(value) in normalised(sourcing.marketing):
        return "marketing"
    return "sales" if normalise(value) in normalised(sourcing.sales) else "unassigned"


def reassigned(sourcing: Sourcing, sides: Mapping[str, Source]) -> Sourcing:
    """The same sourcing with some lead sources put on another list (or on neither); the others stay as they are."""
    lists = _moved(sourcing, sides)
    return sourcing.model_copy(update=lists) if lists else sourcing


def reassigned_touches(sourcing: Sourcing, sides: Mapping[str, Source]) -> Sourcing:
    """The same for kinds of touches."""
    lists = _moved(sourcing.touches, sides)
    return sourcing.model_copy(update={"touches": sourcing.touches.model_copy(update=lists)}) if lists else sourcing


def _moved(sourcing: Sourcing | TouchKinds, sides: Mapping[str, Source]) -> dict[str, tuple[str, ...]]:
    """Both lists, some of their values moved; nothing where all stay."""
    moved = {value: side for value, side in sides.items() if listed_side(sourcing, value) != side}
    if not moved:
        return {}
    gone = normalised(moved)
    lists = {
        side: [value for value in getattr(sourcing, side) if normalise(value) not in gone]
        + [value for value, to in moved.items() if to == side]
        for side in ("marketing", "sales")
    }
    return {side: tuple(values) for side, values in lists.items()}
