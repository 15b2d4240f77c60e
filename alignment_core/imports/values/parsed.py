"""What becomes of a column of text that is parsed."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Parsed:
    """A typed column, as long as the column of text.

    Attributes:
        values: typed; null where nothing stands there, or something that does not parse.
        failed: true where a text stands there that does not parse; never null.
        notes: what a reader of the report should know of how it was read, in sentences.
    """

    values: pa.ChunkedArray
    failed: pa.ChunkedArray
    notes: tuple[str, ...] = ()
