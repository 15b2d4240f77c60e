"""Texts grouped by how they are written, so that a million of them are read as fast as a few.

Texts that differ only in their digits are alike: `03/11/2024` and `12/31/2025` are both `00/00/0000`. What such
a text means is found once for all that are alike, by regular expressions; then the numbers come out of all of them
at once, by the places of their digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from alignment_core.imports.values.nothing import blank

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: White space, and marks without width, at either end of a text.
EDGE = r"[\s\u200b\u200e\u200f\u2060\ufeff]*"

#: Longer texts are no date, amount or number.
LONGEST = 80

_AS_ZERO = np.arange(256, dtype=np.uint8)
_AS_ZERO[ord("0") : ord("9") + 1] = ord("0")

_WIDE = {0xFF01 + place: 0x21 + place for place in range(94)} | {0xFFE5: 0xA5, 0xFFE1: 0xA3}
_FIRST_BYTE_OF_WIDE = 0xEF


@dataclass(frozen=True)
class Alike:
    """Texts that differ only in their digits.

    Attributes:
        text: how they are written, with 0 for each digit.
        rows: their places in the array.
    """

    text: str
    rows: Ints
    _bytes: NDArray[np.uint8]
    _starts: NDArray[np.int32]

    def number(self, start: int, stop: int) -> Ints:
        """The whole number that the digits from `start` to `stop` in the text make, of each; at most 18 digits."""
        first = len(self.text[:start].encode())
        value = np.zeros(len(self.rows), dtype=np.int64)
        for place in range(first, first + stop - start):
            value *= 10
            value += self._bytes[self._starts + np.int32(place)] - np.int64(48)
        return value

    def where(self, mask: Mask) -> "Alike":
        """Those of them for which something holds."""
        return Alike(self.text, self.rows[mask], self._bytes, self._starts[mask])


def letters_of(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The bytes of all texts, and where each text begins in them; the last place is where the last one ends."""
    _, ends, data = texts.buffers()
    raw = np.zeros(0, dtype=np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    if ends is None or not ends.size:
        return raw, np.zeros(1, dtype=np.int32)
    return raw, np.frombuffer(ends, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]


def alike(texts: pa.Array) -> Iterator[Alike]:
    """The texts in groups; nulls, and texts too long to be a value, are in none."""
    texts = _narrow(texts)
    if len(texts) == texts.null_count:
        return
    validity, ends, _ = texts.buffers()
    raw, limits = letters_of(texts)
    starts = limits[:-1]
    shapes = pa.StringArray.from_buffers(
        len(texts), ends, pa.py_buffer(_AS_ZERO[raw]), validity, texts.null_count, texts.offset
    ).dictionary_encode()
    codes = shapes.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    written = shapes.dictionary.to_pylist()
    if len(written) == 1 and not texts.null_count:
        if len(written[0]) <= LONGEST:
            yield Alike(written[0], np.arange(len(texts)), raw, starts)
        return
    if len(written) < np.iinfo(np.int16).max:
        codes = codes.astype(np.int16)  # sorted by radix, several times as fast
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(len(written) + 1))
    for code, text in enumerate(written):
        if len(text) <= LONGEST:
            rows = order[edges[code] : edges[code + 1]]
            yield Alike(text, rows, raw, starts[rows])


@dataclass(frozen=True)
class Flat:
    """A column as one array of texts; of a dictionary, each distinct text once.

    Attributes:
        texts: an array of `string`; null where nothing is, and where a dictionary has a text that no row has.
    """

    texts: pa.Array
    _indices: pa.Array | None

    @property
    def counts(self) -> Ints:
        """In how many rows each of the texts stands."""
        if self._indices is None:
            return np.ones(len(self.texts), dtype=np.int64)
        return np.bincount(self._indices.drop_null().to_numpy(), minlength=len(self.texts))

    def spread(self, values: pa.Array) -> pa.ChunkedArray:
        """Values for the texts → a column of values for the rows."""
        return pa.chunked_array([values if self._indices is None else values.take(self._indices)])


def flat(column: pa.ChunkedArray) -> Flat:
    """One array of a column of `string` or `dictionary<…, string>`."""
    if not pa.types.is_dictionary(column.type):
        texts = column.combine_chunks()
        if isinstance(texts, pa.ChunkedArray):  # so it is where there are no chunks
            texts = pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], column.type)
        return Flat(texts.cast(pa.string()), None)
    encoded = column.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        return Flat(pa.array([], pa.string()), None)
    words = encoded.dictionary.cast(pa.string())
    used = np.bincount(encoded.indices.drop_null().to_numpy(), minlength=len(words)) > 0
    if not used.all():
        words = pc.if_else(pa.array(used), words, pa.scalar(None, pa.string()))
    return Flat(words, encoded.indices)


def failures(texts: pa.Array, read: Mask) -> Mask:
    """Where a text stands that was not read, and that does not stand for nothing."""
    left = np.flatnonzero(~read)
    failed = np.zeros(len(texts), dtype=bool)
    if len(left):
        failed[left] = ~np.asarray(blank(texts.take(pa.array(left))))
    return failed


def _narrow(texts: pa.Array) -> pa.Array:
    """Digits and signs of full width, as Japanese and Chinese systems write them, in the usual width."""
    if not (letters_of(texts)[0] == _FIRST_BYTE_OF_WIDE).any():
        return texts
    words = texts.dictionary_encode()
    narrow = [word if word is None else word.translate(_WIDE) for word in words.dictionary.to_pylist()]
    return pa.array(narrow, pa.string()).take(words.indices)
