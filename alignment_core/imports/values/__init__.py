"""Text → values, one module for each type of value.

Each type has one function that reads a single text, in Python, and says in words why it cannot; columns are read by
Arrow where all of their texts are of the usual form, else by that function, once for each different text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["NOTHING", "Parsed", "by_value", "distinct", "tidy"]

#: Texts that stand for nothing.
NOTHING = (
    "", "N/A", "n/a", "NA", "#N/A", "-", "--", "–", "—", "null", "NULL", "None", "none", "(none)", "(blank)", "nil",
    "Select", "--None--", "-- Select --", "--Select--", "Please select", "Please Select", "000000000000000AAA",
    "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!",
)  # fmt: skip


@dataclass(frozen=True)
class Parsed:
    """A column's values.

    Attributes:
        values: typed; null where nothing stands, or what stands there does not parse.
        failed: where a text stands that does not parse; None if there is none.
    """

    values: pa.ChunkedArray
    failed: pa.ChunkedArray | None = None


def distinct(texts: pa.ChunkedArray) -> list[str]:
    """The different texts of a column."""
    return [value for value in pc.unique(texts).to_pylist() if value is not None]


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
        found = pa.array([known[value] for value in values], type_)
        chunks.append(found.take(chunk.indices))
    return pa.chunked_array(chunks, type_)


def parsed(texts: pa.ChunkedArray, read: Callable[[str], Any], type_: pa.DataType) -> Parsed:
    """A column by a function that gives None for what it cannot read."""
    values = by_value(texts, read, type_)
    if values.null_count == texts_null_count(texts):
        return Parsed(values)
    return Parsed(values, pc.and_(pc.is_valid(texts), pc.is_null(values)))


def texts_null_count(texts: pa.ChunkedArray) -> int:
    """How many cells are empty; a dictionary may hold the empty cell among its values."""
    if pa.types.is_dictionary(texts.type):
        return int(pc.sum(pc.is_null(texts)).as_py() or 0)
    return int(texts.null_count)


def tidy(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text without white space around it, and null where it stands for nothing."""
    if pa.types.is_dictionary(texts.type):
        return pa.chunked_array([_tidy_dictionary(chunk) for chunk in texts.chunks], texts.type)
    trimmed = pc.utf8_trim_whitespace(texts)
    lengths = pc.min_max(pc.binary_length(trimmed))
    shortest, longest = lengths["min"].as_py(), lengths["max"].as_py()
    if shortest is None:
        return texts
    words = [word for word in NOTHING if shortest <= len(word.encode()) <= longest]
    if words:
        nothing = pc.is_in(trimmed, value_set=pa.array(words))
        if pc.any(nothing).as_py():
            return pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed)
    return trimmed


def _tidy_dictionary(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    values: Sequence[str | None] = chunk.dictionary.to_pylist()
    kept = [_text(value) for value in values]
    if kept == values:
        return chunk
    meant = list(dict.fromkeys(value for value in kept if value is not None))
    places = {value: place for place, value in enumerate(meant)}
    moved = pa.array([None if value is None else places[value] for value in kept], pa.int32())
    return pa.DictionaryArray.from_arrays(moved.take(chunk.indices), pa.array(meant, pa.string()))


def _text(value: str | None) -> str | None:
    trimmed = (value or "").strip()
    return None if trimmed in NOTHING else trimmed
