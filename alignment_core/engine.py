"""Where the tables live: DuckDB in this process, unable to touch anything outside it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import count
from threading import RLock
from typing import Any, cast
from weakref import WeakValueDictionary, finalize

import duckdb
import ibis
import ibis.backends.duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr import operations as ops
from ibis.expr.types import StringColumn

from alignment_core.imports.model import ONCE, Kind

__all__ = ["ROW", "Engine"]

# Selects within selects are one to DuckDB; to make them one takes Ibis as long as DuckDB takes for many an answer.
ibis.options.sql.fuse_selects = False

#: The column that numbers the rows of a table in which records may be found twice.
ROW = "row_of_table"


class Engine:
    """Typed tables, and the place where Ibis expressions over them are run.

    The database is in memory and locked down: it reads and writes no file, loads no extension, sees no
    Python variable, and its configuration can no longer be changed.

    Args:
        tables: Arrow tables by name (`leads`, `deals`, ... as in the design). Engine keeps them; they are
            not copied.
    """

    def __init__(self, tables: Mapping[Kind, pa.Table]) -> None:
        connection = duckdb.connect(":memory:", config={"autoload_known_extensions": False})
        self._connection = connection
        self._expressions: dict[str, ibis.Table] = {}
        self._kept: dict[str, ibis.Table] = {}
        self._given: WeakValueDictionary[bytes, ops.DatabaseTable] = WeakValueDictionary()
        self._unasked: list[str] = []  # tables of rows that no expression asks for any more
        self._numbers = count()
        self._values: dict[tuple[str, str], frozenset[Any]] = {}
        self._extents: dict[tuple[str, str], tuple[datetime | None, datetime | None]] = {}
        self._lock = RLock()  # sessions share the sample company's engine, and a connection serves one at a time
        self._backend = ibis.duckdb.from_connection(connection)
        loaded = {name: table for name, table in tables.items() if table.num_rows}
        self._repeats = {name for name, key in _KEYS.items() if name in loaded and _repeated(loaded[name], key)}
        self._tables: dict[str, pa.Table] = {
            name: _in_batches(_numbered(table) if self._needs_numbers(name, table) else table)
            for name, table in loaded.items()
        }
        for name, table in self._tables.items():
            connection.register(name, table)
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")

    def _needs_numbers(self, name: str, table: pa.Table) -> bool:
        """Whether ids don't tell the rows of records apart, or which of them came first matters."""
        key = _KEYS.get(name)
        if key is not None and (key not in table.column_names or table[key].null_count):
            return True
        return name in (*self._repeats, "stage_events") or "email_key" in table.column_names

    def __contains__(self, name: str) -> bool:
        return name in self._tables

    def columns(self, name: str) -> tuple[str, ...]:
        """The column names of a table; none if there is no such table."""
        return tuple(self._tables[name].column_names) if name in self else ()

    def has(self, name: str, column: str) -> bool:
        """Whether a table has a column with at least one value in it."""
        return column in self.columns(name) and self._tables[name][column].null_count < self._tables[name].num_rows

    def values(self, name: str, column: str) -> frozenset[Any]:
        """The different values of a column; none if there is no such column. Looked up once."""
        asked = name, column
        if asked not in self._values:
            chunks = self._tables[name][column].chunks if column in self.columns(name) else []
            found = (value.as_py() for chunk in chunks for value in chunk.unique() if value.is_valid)
            self._values[asked] = frozenset(found)
        return self._values[asked]

    def earliest(self, name: str, column: str) -> datetime | None:
        """The earliest time in a column."""
        return self._extent(name, column)[0]

    def latest(self, name: str, column: str) -> datetime | None:
        """The latest time in a column."""
        return self._extent(name, column)[1]

    def _extent(self, name: str, column: str) -> tuple[datetime | None, datetime | None]:
        asked = name, column
        if asked not in self._extents:
            found = pc.min_max(self._tables[name][column]).as_py()
            self._extents[asked] = found["min"], found["max"]
        return self._extents[asked]

    def repeats(self, name: str) -> bool:
        """Whether an id stands in several rows of a table."""
        return name in self._repeats

    def table(self, name: str) -> ibis.Table:
        """A table as an expression. Its columns are asked of the database once: no table ever changes."""
        with self._lock:
            if name not in self._expressions:
                self._expressions[name] = self._backend.table(name)
            return self._expressions[name]

    def listed(self, texts: Sequence[str]) -> StringColumn:
        """Texts as the column of a table, for `isin`: what a file holds is compared as data and is never a part of SQL."""
        return cast(StringColumn, self.given(pa.table({"text": pa.array(texts, pa.string())}))["text"])

    def given(self, rows: pa.Table) -> ibis.Table:
        """Rows that were worked out elsewhere, as a table to join with; the same rows are the same table."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as stream:
            stream.write_table(rows)
        known = sha256(sink.getvalue()).digest()
        with self._lock:
            table = self._given.get(known)
            if table is None:
                table = self._given[known] = self._registered(rows, ibis.schema(rows.schema))
            return table.to_expr()

    def kept(self, question: str, expression: Callable[[], ibis.Table]) -> ibis.Table:
        """The rows that answer a question, looked up once and then a table; those not asked for longest are forgotten.

        Forgotten rows stay for as long as an expression asks for them: another session may be about to run it.
        """
        with self._lock:
            table = self._kept.pop(question, None)
            if table is None:
                rows = expression()
                # Of the types that the expression has: asked of the database, times have digits, and every column would be cast.
                table = self._registered(_in_batches(self.arrow(rows)), rows.schema()).to_expr()
                while len(self._kept) >= _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
            self._kept[question] = table
            return table

    def _registered(self, rows: pa.Table, schema: ibis.Schema) -> ops.DatabaseTable:
        """The rows as a table of the database, until no expression asks for it."""
        while self._unasked:
            self._connection.unregister(self._unasked.pop())
        name = f"rows_{next(self._numbers)}"
        self._connection.register(name, rows)
        table = ops.DatabaseTable(name, schema, source=self._backend)
        finalize(table, self._unasked.append, name)
        return table

    def run(self, expression: ibis.Expr) -> pd.DataFrame:
        """Run an expression and return its result, which should be small."""
        with self._lock:
            return cast(pd.DataFrame, expression.as_table().to_pandas())

    def arrow(self, expression: ibis.Expr) -> pa.Table:
        """Run an expression whose result is long, and return it as Arrow has it: nothing is made into Python objects."""
        with self._lock:
            return cast(pa.Table, expression.as_table().to_pyarrow())


#: As long as the tables themselves, so few: those of two reviews side by side, by two choices each.
_MOST_KEPT = 8
_KEYS = {"leads": "lead_id", "deals": "deal_id"}


def _repeated(table: pa.Table, key: str) -> bool:
    if key not in table.column_names or ONCE in (table.schema.metadata or {}):
        return False
    ids = table[key]
    return bool(pc.count_distinct(ids).as_py() < len(ids) - ids.null_count)


def _numbered(table: pa.Table) -> pa.Table:
    return table.append_column(ROW, pa.array(np.arange(table.num_rows)))


def _in_batches(table: pa.Table) -> pa.Table:
    """The same table in pieces of DuckDB's own size: it scans a piece with one thread, and several at once."""
    return pa.Table.from_batches(table.to_batches(max_chunksize=122_880), table.schema)
