"""Text → fiscal quarters, in every usual spelling, as `YYYY-Qn`.

A quarter must say that it is one: `2026-Q3`, `3Q26`, `FY2026 3`, `third quarter 2026`; also `2015 3`. `2026-3` and `2026/3`
may be March, and are not read.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.values.dates import FIRST_YEAR, LAST_SHORT_YEAR, LAST_YEAR
from alignment_core.imports.values.nothing import EMPTY, SPACE, blank
from alignment_core.imports.values.parsed import Parsed
from alignment_core.imports.values.words import parse_words

#: Stands between a quarter and its year in another column, and in no text.
_BETWEEN = "\x1f"
_SEP = r"[\s_.,/|:-]*"
_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "erstes": 1, "zweites": 2, "drittes": 3, "viertes": 4}
_Q = (
    r"(?:(?:f|c|fiscal|calendar)?\s*(?:quarter|quartal|trimestre|qtr|q|t)\.?[\s#-]*(?P<q1>[0-9]{1,2})(?![0-9])"
    r"|(?P<q2>[0-9])\s*(?:q(?:tr|uarter)?|t)\.?"
    r"|(?P<q3>[0-9])(?:st|nd|rd|th|\.)\s*(?:quarter|quartal|qtr\.?)"
    rf"|(?P<q4>{'|'.join(_WORDS)})\s+(?:fiscal\s+)?(?:quarter|quartal))"
)
_ERA = r"(?P<era>fy|cy|fiscal\s+year|fiscal|calendar\s+year|year)?\s*['’-]?\s*"
_YEAR = rf"{_ERA}(?P<year>[0-9]{{4}}|[0-9]{{2}})"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}{_SEP}{_Q}",
        rf"{_Q}(?:{_SEP}|\s+of\s+|\s*\()(?:{_YEAR})\)?",
        r"(?P<era>fy|fiscal\s+year|fiscal)\s*['’-]?\s*(?P<year>[0-9]{4}|[0-9]{2})[\s_/.-]+(?P<q1>[0-9])",
        r"(?P<era>)(?P<year>[0-9]{4})\s+(?P<q1>[0-9])",
    )
)
_BARE_QUARTER = re.compile(rf"(?:{_Q}|(?P<q5>[0-9]))", re.IGNORECASE)
_BARE_YEAR = re.compile(_YEAR, re.IGNORECASE)
_MONTH_OR_QUARTER = re.compile(r"[0-9]{4}[/.-][1-4]")


def parse_quarter(texts: pa.ChunkedArray, years: pa.ChunkedArray | None = None) -> Parsed:
    """Quarters, as `YYYY-Qn`.

    Args:
        texts: as written.
        years: a column of years, where the quarters have none. A quarter that has one too must agree with it.

    Whether a year is fiscal or calendar is not changed, and where some say "CY" a note tells so.
    """
    if years is None:
        parsed = parse_words(texts, lambda text: _quarter(text)[0], pa.string())
        return Parsed(parsed.values, parsed.failed, _calendar_note(texts))
    quarters, years = _text(texts), _text(years)
    both = pc.binary_join_element_wise(quarters, years, _BETWEEN, null_handling="replace", null_replacement="")
    nothing = pc.and_(pc.is_null(quarters), pc.is_null(years))
    parsed = parse_words(pc.if_else(nothing, pa.scalar(None, pa.string()), both), _of_both, pa.string())
    return Parsed(parsed.values, parsed.failed, _calendar_note(texts))


def parse_year(texts: pa.ChunkedArray) -> Parsed:
    """Fiscal years, as int64: `2026`, `FY26`, `FY2026`, `'26`."""
    return parse_words(texts, _year, pa.int64())


def parse_quarter_number(texts: pa.ChunkedArray) -> Parsed:
    """Numbers of quarters, as int64 from 1 to 4: `Q3`, `3`, `3rd quarter`."""
    return parse_words(texts, _number, pa.int64())


def why_no_quarter(text: str, year: str | None = None) -> str | None:
    """Why `parse_quarter` did not read a text, to be put behind it in a sentence; None if it reads it, or if nothing is there."""
    if year is not None:
        if _of_both(text + _BETWEEN + year) is not None or not (text.strip(SPACE) or year.strip(SPACE)):
            return None
        if _number(text) is None and _quarter(text)[0] is None:
            return _quarter(text)[1] if _quarter(text)[1] != "has no year" else "is no quarter"
        return (
            f"has the year {year!r} beside it, which is no year"
            if _year(year) is None
            else f"does not agree with the year {year!r} beside it"
        )
    return None if text.strip(SPACE) in EMPTY else _quarter(text)[1]


def quarter_in(text: str, year: str = "") -> str | None:
    """The quarter that a text is, as `YYYY-Qn`; `Qn` where neither it nor `year` names the year. None if it is none."""
    whole = _quarter(text)[0]
    number = _number(text) if whole is None and re.search("[A-Za-z]", text) else None
    if number is None:
        return whole
    full = _year(year) if year else None
    return f"{full}-Q{number}" if full else f"Q{number}"


def year_in(text: str) -> int | None:
    """The fiscal year that a text is: `2026`, `FY26`."""
    return _year(text)


def _quarter(text: str) -> tuple[str | None, str | None]:
    """A quarter, or why it is none."""
    text = text.strip(SPACE)
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            number, year = _digit(match), _full_year(match["year"])
            if number not in (1, 2, 3, 4):
                return None, f"has quarter {number}; there are four"
            if year is None:
                return None, f"has the year {match['year']}, which is not one from {FIRST_YEAR} to {LAST_YEAR}"
            return f"{year}-Q{number}", None
    if _MONTH_OR_QUARTER.fullmatch(text):
        return None, "may be a quarter or a month; write 2026-Q3"
    if match := _BARE_QUARTER.fullmatch(text):
        number = _digit(match)
        return None, "has no year" if number in (1, 2, 3, 4) else f"has quarter {number}; there are four"
    return None, "is no quarter"


def _of_both(text: str) -> str | None:
    quarter, year = text.split(_BETWEEN)[:2]
    whole, number, beside = _quarter(quarter)[0], _number(quarter), _year(year)
    if whole is not None:
        return whole if not year.strip(SPACE) or (beside is not None and whole.startswith(f"{beside}-")) else None
    return f"{beside}-Q{number}" if number is not None and beside is not None else None


def _number(text: str) -> int | None:
    match = _BARE_QUARTER.fullmatch(text.strip(SPACE).removesuffix(".0"))
    number = _digit(match) if match else None
    return number if number in (1, 2, 3, 4) else None


def _year(text: str) -> int | None:
    match = _BARE_YEAR.fullmatch(text.strip(SPACE).removesuffix(".0"))
    return _full_year(match["year"]) if match else None


def _digit(match: re.Match[str]) -> int:
    """The number of the quarter, in whichever way it was written."""
    written = next(text for name, text in match.groupdict().items() if text and re.fullmatch("q[0-9]", name))
    return _WORDS.get(written.lower()) or int(written)


def _full_year(text: str) -> int | None:
    year = int(text)
    if len(text) == 2:
        if LAST_SHORT_YEAR < year < FIRST_YEAR % 100:
            return None
        year += 1900 if year > LAST_SHORT_YEAR else 2000
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of strings, null where nothing stands."""
    texts = column.cast(pa.string())
    return pc.if_else(blank(texts), pa.scalar(None, pa.string()), texts)


def _calendar_note(texts: pa.ChunkedArray) -> tuple[str, ...]:
    said = [
        text
        for text in pc.unique(texts.cast(pa.string())).to_pylist()
        if text and re.search(r"\b(cy|calendar|cq)", text, re.IGNORECASE)
    ]
    if not said:
        return ()
    return (
        f"Quarters such as {said[0]!r} say that they are of the calendar year; they are taken as quarters of the agreement's fiscal year.",
    )
