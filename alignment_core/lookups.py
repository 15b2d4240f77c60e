"""What a record does not say of itself: from what is known of its owner or account."""

from ibis.expr import types as ir

from alignment_core.engine import Engine

__all__ = ["known_values", "looked_up"]

_LOOKUPS = (("owners", "owner"), ("accounts", "account"))


def looked_up(engine: Engine, table: ir.Table, name: str, field: str, at: str) -> tuple[ir.Table, str | None]:
    """A table and the name of its column for a field; None where nothing says it.

    Args:
        engine: holds the tables.
        table: the records, as they are to count.
        name: which table they are from.
        field: the field.
        at: the name that a column gets which is joined to them.
    """
    if engine.has(name, field):
        return table, field
    for lookup, key in _LOOKUPS:
        if field in engine.columns(lookup) and key in engine.columns(name):
            known = engine.table(lookup)
            known = known.group_by(key).aggregate(**{at: known[field].min()}).rename(**{f"{at}_key": key})
            return table.left_join(known, [(key, f"{at}_key")]), at
    return table, None


def known_values(engine: Engine, name: str, field: str) -> tuple[str, ...]:
    """The different values that `looked_up` may find, as text, sorted."""
    tables = (name, *(lookup for lookup, key in _LOOKUPS if key in engine.columns(name)))
    holder = next((each for each in tables if engine.has(each, field)), None)
    return tuple(sorted(map(str, engine.values(holder, field)))) if holder else ()
