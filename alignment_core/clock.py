"""Timestamps as the company's clock shows them."""

import ibis
from ibis.expr import types as ir

from alignment_core.quarters import Calendar

__all__ = ["local"]


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))
def _at_zone(zone, at):  # type: ignore[no-untyped-def]
    """DuckDB's and Postgres' own: an instant as the wall clock of a time zone shows it."""


@ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp('UTC')",), "int64"))
def _microseconds(at):  # type: ignore[no-untyped-def]
    """An instant as a number."""


@ibis.udf.scalar.builtin(name="make_timestamp", signature=(("int64",), "timestamp"))
def _at_utc(microseconds):  # type: ignore[no-untyped-def]
    """What a clock in UTC shows."""


def local(at: ir.Value, calendar: Calendar) -> ir.Value:
    """A timestamp on the company's clock. One without a zone is on that clock already."""
    if not at.type().timezone:
        return at.cast("timestamp")
    if calendar.timezone == "UTC":  # the same as below, in a twentieth of the time
        return _at_utc(_microseconds(at))
    return _at_zone(calendar.timezone, at)
