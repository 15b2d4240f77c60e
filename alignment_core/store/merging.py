"""Two people's changes to one draft, brought together field by field.

A field is a key of the agreement's file, written as its path: `marketing.mql_to_sql`. What only makes sense as a whole is
one field: the split, the calendar, the plans per segment, and every list. A table that is there and empty is one too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Change", "Merge", "difference", "flat", "merge", "nested"]

#: Tables that are one field: their keys only stand together.
_WHOLE = frozenset({"split", "calendar", "segments"})

#: A value that a field has; None where the agreement does not have the field.
Value = Any


@dataclass(frozen=True)
class Change:
    """What became of one field.

    Attributes:
        field: its path in the agreement's file.
        before, after: its values; None where it was or is not there.
    """

    field: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Merge:
    """What two changed versions of one text give together.

    Attributes:
        fields: every field on which they agree, or that only one of them changed.
        overlapping: the fields that both changed, to different values, in the order of the file.
    """

    fields: Mapping[str, Value]
    overlapping: tuple[str, ...]


def flat(values: Mapping[str, Value]) -> dict[str, Value]:
    """An agreement's plain values as its fields."""
    fields: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value and name not in _WHOLE:
            fields |= {f"{name}.{key}": each for key, each in value.items()}
        else:
            fields[name] = value
    return fields


def nested(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The inverse of `flat`; a field whose value is None is left out."""
    values: dict[str, Value] = {}
    for field, value in fields.items():
        table, dot, key = field.partition(".")
        if value is None:
            continue
        if dot:
            values.setdefault(table, {})[key] = value
        elif _is_empty_table(value):  # unless there is something in it
            values.setdefault(table, {})
        else:
            values[table] = value
    return values


def difference(before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[Change, ...]:
    """The fields in which two agreements, given as their fields, differ. That a table is no longer empty, or is now, is no change
    of its own beside those of its keys."""
    tables = [{field.partition(".")[0] for field in fields if "." in field} for fields in (before, after)]
    return tuple(
        Change(field, before.get(field), after.get(field))
        for field in {**before, **after}
        if before.get(field) != after.get(field)
        and not (_is_empty_table(before.get(field)) and field in tables[1])
        and not (_is_empty_table(after.get(field)) and field in tables[0])
    )


def merge(base: Mapping[str, Value], theirs: Mapping[str, Value], mine: Mapping[str, Value]) -> Merge:
    """Three-way merge: what only one side changed since `base` is taken, what both changed alike too."""
    fields: dict[str, Value] = {}
    overlapping = []
    for field in {**base, **theirs, **mine}:
        was, their, own = base.get(field), theirs.get(field), mine.get(field)
        if their == own or own == was:
            fields[field] = their
        elif their == was:
            fields[field] = own
        else:
            overlapping.append(field)
    return Merge(fields, tuple(overlapping))


def _is_empty_table(value: Value) -> bool:
    return isinstance(value, Mapping) and not value
