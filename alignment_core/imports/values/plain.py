"""Numbers, percentages and yes or no."""

import re
from typing import Any

import pyarrow as pa

from alignment_core.imports.values import Parsed, distinct, parsed

__all__ = ["parse_flag", "parse_number", "parse_percent", "read_flag", "read_number"]

_TRUE = frozenset("true 1 1.0 yes y t x won on wahr ja oui si sí sim checked ✓ ✔".split()) | {"closed won"}
_FALSE = frozenset("false 0 0.0 no n f lost off open falsch nein non não unchecked".split()) | {"closed lost"}
_NUMBER = re.compile(r"^[+-]?(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?(?:[eE][+-]?\d{1,2})?$")


def read_flag(text: str) -> bool | None:
    """Yes or no; None where it is neither."""
    word = text.casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def read_number(text: str) -> float | None:
    """A plain number, grouped by threes or not; None where it is none."""
    found = _NUMBER.match(text)
    return float(text.replace(",", "")) if found and (found[1] or len(found[2] or "") > 1) else None


def parse_flag(texts: pa.ChunkedArray) -> Parsed:
    """A column of yes and no."""
    return parsed(texts, read_flag, pa.bool_())


def parse_number(texts: pa.ChunkedArray) -> Parsed:
    """A column of numbers."""
    return parsed(texts, read_number, pa.float64())


def parse_percent(texts: pa.ChunkedArray) -> Parsed:
    """A column of shares, as 0-1: 45%, 0.45, and 45 where any bare number of the column is above 1."""
    bare = [value for text in distinct(texts) if "%" not in text and (value := read_number(text)) is not None]
    unit = 100.0 if any(abs(value) > 1 for value in bare) else 1.0

    def share(text: str) -> Any:
        value = read_number(text.removesuffix("%").strip())
        return None if value is None else value / (100.0 if text.endswith("%") else unit)

    return parsed(texts, share, pa.float64())
