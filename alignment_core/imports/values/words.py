"""Columns of words from a closed set: each distinct text is looked at once."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from alignment_core.imports.values.alike import failures, flat
from alignment_core.imports.values.parsed import Parsed


def parse_words(texts: pa.ChunkedArray, read: Callable[[str], object], kind: pa.DataType) -> Parsed:
    """Read each text by a function that gives None for what it does not know."""
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    column = flat(encoded)
    values = [None if text is None else read(text) for text in column.texts.to_pylist()]
    failed = failures(column.texts, np.array([value is not None for value in values], dtype=bool))
    nowhere = column.spread(pa.array(failed))
    return Parsed(column.spread(pa.array(values, kind)), nowhere.fill_null(False) if nowhere.null_count else nowhere)
