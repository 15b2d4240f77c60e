"""A sheet of text as a reader of files gives it, from rows written in a test."""

from collections.abc import Sequence

import pyarrow as pa

from alignment_core.imports.sheet import Aside, Sheet, TextColumns


def sheet_of_rows(
    headers: Sequence[str],
    *rows: Sequence[str],
    numbers: Sequence[int] = (),
    aside: Sequence[Aside] = (),
    name: str | None = None,
) -> Sheet:
    """A sheet whose records stand in these rows of its file; without `numbers` right under the header."""
    places = list(numbers) or list(range(2, len(rows) + 2))
    columns = {
        i: pa.chunked_array([pa.array([row[i] or None for row in rows], pa.string())]) for i in range(len(headers))
    }
    text = TextColumns(columns, len(rows), tuple(aside), lambda wanted: [places[place] for place in wanted])
    return Sheet(name, tuple(headers), tuple(map(tuple, rows)), lambda spots, dates=(): text)
