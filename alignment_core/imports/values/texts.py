"""Columns that stay text: without white space around it, and without the words that stand for nothing."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.values.nothing import EMPTY, SPACE

__all__ = ["NOTHING", "by_value", "tidy"]

#: `NA` is also North America, and Namibia.
NOTHING = tuple(word for word in EMPTY if word != "NA")


def by_value(texts: pa.ChunkedArray, read: Callable[[str], Any], type_: pa.DataType) -> pa.ChunkedArray:
    """A function of each text, called once for each different one; null stays null."""
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    known: dict[str | None, Any] = {None: None}
    chunks = []
    for chunk in encoded.chunks:
        values = chunk.dictionary.to_pylist()
        for value in values:
            if value not in known:
                known[value] = read(value)
        chunks.append(pa.array([known[value] for value in values], type_).take(chunk.indices))
    return pa.chunked_array(chunks, type_)


def tidy(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text, trimmed, with null where it stands for nothing."""
    if pa.types.is_dictionary(texts.type):
        return pa.chunked_array([_tidy_dictionary(chunk) for chunk in texts.chunks], texts.type)
    # Ids are letters and digits as a rule: nothing to trim, which is seen in a third of the time that trimming takes.
    is_bare = pc.all(pc.ascii_is_alnum(texts)).as_py() is not False
    trimmed = texts if is_bare else pc.utf8_trim(texts, characters=SPACE)
    lengths = pc.min_max(pc.binary_length(trimmed))
    shortest, longest = lengths["min"].as_py(), lengths["max"].as_py()
    if shortest is None:
        return trimmed
    # Ids are longer than any word for nothing, so that most large columns need not be looked through.
    words = [word for word in NOTHING if shortest <= len(word.encode()) <= longest]
    nothing = pc.is_in(trimmed, value_set=pa.array(words, pa.string())) if words else None
    if nothing is not None and pc.any(nothing).as_py():
        return pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed)
    return trimmed


def _tidy_dictionary(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    values = chunk.dictionary.to_pylist()
    kept = [_text(value) for value in values]
    if kept == values:
        return chunk
    meant = list(dict.fromkeys(value for value in kept if value is not None))
    places = {value: place for place, value in enumerate(meant)}
    moved = pa.array([None if value is None else places[value] for value in kept], pa.int32())
    return pa.DictionaryArray.from_arrays(moved.take(chunk.indices), pa.array(meant, pa.string()))


def _text(value: str | None) -> str | None:
    trimmed = (value or "").strip(SPACE)
    return None if trimmed in NOTHING else trimmed
