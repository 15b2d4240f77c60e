"""A table of text, as it stands in a file: before anything is understood of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from alignment_core.imports.shapes import Reshaped


@dataclass(frozen=True)
class Aside:
    """A row that holds something and is no record. `row` is its number in the file, the first being 1."""

    row: int
    reason: str
    remedy: str


@dataclass(frozen=True)
class TextColumns:
    """Columns of text, of equal length; empty cells are null.

    Attributes:
        columns: by place in the header; `string` or `dictionary<int32, string>`, and where dates were asked for and
            every cell of a column is an ISO date within the years of a funnel, `timestamp[us]` with or without zone.
        length: how many rows.
        aside: rows left out of `columns`.
        row_numbers: the rows of the file, the first being 1, for places in the columns (0-based).
    """

    columns: Mapping[int, pa.ChunkedArray]
    length: int
    aside: tuple[Aside, ...]
    row_numbers: Callable[[Sequence[int]], list[int]]


class Reader(Protocol):
    """Reads columns of a sheet."""

    def __call__(self, spots: Sequence[int], dates: Collection[int] = (), /) -> TextColumns:
        """The columns at these places, of which some are to be dates; may raise Refusal."""


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    Attributes:
        name: the sheet's name in a workbook; None where the file is one table.
        headers: as written, unique, never empty.
        samples: the first records (at most 400), padded to the header's width; empty cells are "".
        read: the columns at these places.
        excel_epoch: 1900 or 1904 where numbers may be Excel's dates, else None.
        notes: what the reader of the report must know, in sentences.
        reshaped: how it came from the file's own table, where it is not that.
    """

    name: str | None
    headers: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    read: Reader
    excel_epoch: int | None = None
    notes: tuple[str, ...] = ()
    reshaped: "Reshaped | None" = None
