"""The lead sources in the files: how many records each has, and whose demand it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import ibis

from alignment_core.agreement import Sourcing
from alignment_core.engine import Engine
from alignment_core.sourcing import normalise, normalised
from alignment_core.vocabulary import Source

__all__ = ["LeadSource", "lead_sources", "listed_side", "reassigned"]

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
    tables = [name for name in _TABLES if engine.has(name, "lead_source")]
    if not tables:
        return ()
    counted = engine.run(reduce(lambda one, other: one.union(other), (_counted(engine, name) for name in tables)))
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


def _counted(engine: Engine, name: str) -> ibis.Table:
    table = engine.table(name)
    return table.group_by(value=table["lead_source"]).aggregate(rows=table.count()).mutate(table=ibis.literal(name))


def listed_side(sourcing: Sourcing, value: str) -> Source:
    """The list that a lead source is on; `unassigned` if on neither, whatever that then counts as."""
    if normalise(value) in normalised(sourcing.marketing):
        return "marketing"
    return "sales" if normalise(value) in normalised(sourcing.sales) else "unassigned"


def reassigned(sourcing: Sourcing, sides: Mapping[str, Source]) -> Sourcing:
    """The same sourcing with some lead sources put on another list (or on neither); the others stay as they are."""
    moved = {value: side for value, side in sides.items() if listed_side(sourcing, value) != side}
    if not moved:
        return sourcing
    gone = normalised(moved)
    lists = {
        side: [value for value in getattr(sourcing, side) if normalise(value) not in gone]
        + [value for value, to in moved.items() if to == side]
        for side in ("marketing", "sales")
    }
    return sourcing.model_copy(update={side: tuple(values) for side, values in lists.items()})
