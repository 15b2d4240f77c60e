"""Fiscal quarters, in every usual spelling: 2026-Q3, Q3 FY26, FY2026 3, 2015 3, 26Q3, 3Q26."""

import re

import pyarrow as pa

from alignment_core.imports.values import Parsed, parsed

__all__ = ["parse_quarter", "parse_quarter_number", "parse_year", "read_quarter", "read_quarter_number", "read_year"]

_WORDS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4"}
_YEAR = r"(?P<year>(?:19|20)\d\d|\d\d)"
_FISCAL = r"(?:FY|CY|F|C)?\s*['’]?\s*"
_QUARTER = re.compile(
    rf"^(?:{_FISCAL}{_YEAR}[\s/.,_-]*(?:F?Q(?:TR|UARTER)?\.?\s*)(?P<a>[1-4])"
    rf"|F?Q(?:TR|UARTER)?\.?\s*(?P<b>[1-4])[\s/.,_-]*(?:OF\s+)?{_FISCAL}{_YEAR.replace('year', 'year2')}"
    rf"|(?P<c>[1-4])\s*Q(?:TR|UARTER)?\.?[\s/.,_-]*(?:OF\s+)?{_FISCAL}{_YEAR.replace('year', 'year3')}"
    rf"|(?:FY|CY)\s*{_YEAR.replace('year', 'year4')}[\s/.,_-]+(?P<d>[1-4])"
    rf"|(?P<year5>(?:19|20)\d\d)\s+(?P<e>[1-4]))$"
)


def read_quarter(text: str) -> str | None:
    """A quarter as 2026-Q3; None where the text is none, or leaves the year open."""
    found = _QUARTER.match(_plain(text))
    if not found:
        return None
    named = {name: value for name, value in found.groupdict().items() if value}
    year = next(value for name, value in named.items() if name.startswith("year"))
    number = next(value for name, value in named.items() if not name.startswith("year"))
    return f"{_four(year)}-Q{number}"


def read_quarter_number(text: str) -> str | None:
    """The number of a quarter whose year stands in another column."""
    found = re.match(r"^(?:F?Q(?:TR|UARTER)?\.?\s*)?([1-4])(?:Q(?:TR|UARTER)?\.?)?(?:\.0)?(?:\D.*)?$", _plain(text))
    return found[1] if found else None


def read_year(text: str) -> str | None:
    """A fiscal year by itself."""
    found = re.match(rf"^{_FISCAL}{_YEAR}(?:\.0)?$", _plain(text))
    return _four(found["year"]) if found else None


def parse_quarter(texts: pa.ChunkedArray) -> Parsed:
    """A column of quarters with their years."""
    return parsed(texts, read_quarter, pa.string())


def parse_quarter_number(texts: pa.ChunkedArray) -> Parsed:
    """A column of quarters without years."""
    return parsed(texts, read_quarter_number, pa.string())


def parse_year(texts: pa.ChunkedArray) -> Parsed:
    """A column of years."""
    return parsed(texts, read_year, pa.string())


def _plain(text: str) -> str:
    spelled = re.sub(r"\b(first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter\b", lambda found: f"Q{_WORDS[found[1].casefold()]}", text, flags=re.IGNORECASE)  # fmt: skip
    return spelled.strip().upper()


def _four(year: str) -> str:
    return year if len(year) == 4 else f"20{year}"
