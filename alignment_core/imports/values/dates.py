"""Dates and times, in the spellings that CRMs, spreadsheets and people use."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.model import DateOrder
from alignment_core.imports.values import by_value, distinct, texts_null_count

__all__ = ["DateEvidence", "Dates", "date_evidence", "parse_dates", "read_date"]

#: Years outside are slips of the pen (1020 for 2020) or stand for "never" (9999).
FIRST_YEAR, LAST_YEAR = 1970, 2100
_EPOCH = datetime(1970, 1, 1)
_MONTHS = {
    name[:3]: month
    for month, name in enumerate(
        ("january february march april may june july august september october november december").split(), 1
    )
}
_MONTH_NAMES = {
    **{name: month for month, name in enumerate(
        "january february march april may june july august september october november december".split(), 1)},
    **{name: month for month, name in enumerate(
        "januar februar märz april mai juni juli august september oktober november dezember".split(), 1)},
    **{name: month for month, name in enumerate(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(), 1)},
    **{name: month for month, name in enumerate(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(), 1)},
    **_MONTHS, "sept": 9, "mrz": 3, "mär": 3, "maerz": 3, "okt": 10, "dez": 12,
}  # fmt: skip
_TIME = re.compile(
    r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?(?:(?<=[ap])m|(?<=[ap]\.)m)?\.?\s*(z|utc|gmt|(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?)?$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_NUMBERS = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$")
_NAMED = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*([^\W\d_]+)\.?[\s,-]*(\d{4}|\d{2})$")
_NAMED_FIRST = re.compile(r"^([^\W\d_]+)\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?[\s,-]+(\d{4}|\d{2})$")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[,\s]\s*", re.IGNORECASE)
_UNIX_DATE = re.compile(
    r"^([a-z]{3}) +(\d{1,2}) (\d{1,2}:\d{2}:\d{2}) (?:(utc|gmt|z) )?(\d{4})$", re.IGNORECASE
)
_SPLIT = re.compile(r"^(.*?\d)(?:\s*[T,]\s*|\s+)(\d{1,2}:\d{2}.*)$", re.IGNORECASE)
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")
_SLASHED = re.compile(r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})(?!\d)")

#: Microseconds since 1970, and whether the text carried a zone; or why it is no date, in words.
Found = tuple[int, bool] | str


@dataclass(frozen=True)
class DateEvidence:
    """What a column's values say about whether the day or the month comes first: how many can only be the one, the
    other, or either; and an example of the last."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0
    example: str = ""


@dataclass(frozen=True)
class Dates:
    """A column of dates.

    Attributes:
        values: timestamps; with a zone (UTC) where most of the texts have one.
        failed: where something stands that is no date; None if nowhere.
        why: what is wrong with a text.
        without_zone: texts without a zone in a column of texts with one: they are read as UTC.
    """

    values: pa.ChunkedArray
    failed: pa.ChunkedArray | None
    why: Callable[[str], str]
    without_zone: int = 0


def date_evidence(texts: pa.ChunkedArray) -> DateEvidence:
    """What all values of a column say about their order."""
    if _quick(texts) is not None:
        return DateEvidence()
    days = months = either = 0
    example = ""
    counted = pc.value_counts(texts)
    for each in counted:
        text, count = each["values"].as_py(), each["counts"].as_py()
        found = _SLASHED.match(text) if text else None
        if not found:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            days += count
        elif second > 12 >= first:
            months += count
        elif first != second and max(first, second) <= 12:
            either += count
            example = example or text
    return DateEvidence(days, months, either, example)


def parse_dates(texts: pa.ChunkedArray, order: DateOrder | None, excel_epoch: int | None) -> Dates:
    """Read a column of dates.

    Args:
        texts: without white space around them; null is nothing.
        order: what comes first in 3/4/2026; None where it does not matter.
        excel_epoch: 1900 or 1904 where numbers may be Excel's dates.
    """
    quick = _quick(texts)
    if quick is not None:
        return Dates(quick, None, str)
    known = {text: read_date(text, order, excel_epoch) for text in distinct(texts)}
    counts = {each["values"].as_py(): each["counts"].as_py() for each in pc.value_counts(texts)}
    zoned = sum(counts[text] for text, found in known.items() if not isinstance(found, str) and found[1])
    unzoned = sum(counts[text] for text, found in known.items() if not isinstance(found, str) and not found[1])
    has_zone = zoned > unzoned
    other_clock = "has a time zone, while the dates around it have none"

    def value(text: str) -> int | None:
        found = known[text]
        return None if isinstance(found, str) or (found[1] and not has_zone) else found[0]

    def why(text: str) -> str:
        found = known.get(text, "is no date")
        return found if isinstance(found, str) else other_clock

    values = by_value(texts, value, pa.timestamp("us", "UTC" if has_zone else None))
    failed = None
    if values.null_count > texts_null_count(texts):
        failed = pc.and_(pc.is_valid(texts), pc.is_null(values))
    return Dates(values, failed, why, unzoned if has_zone else 0)


def _quick(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column of nothing but ISO dates, all with a zone or all without, as Arrow reads them."""
    cells = texts.cast(pa.string()) if pa.types.is_dictionary(texts.type) else texts
    for type_ in (pa.timestamp("us", "UTC"), pa.timestamp("us")):
        try:
            values = cells.cast(type_)
        except pa.ArrowInvalid:
            continue
        edges = pc.min_max(values)
        first, last = edges["min"].as_py(), edges["max"].as_py()
        if first is None or (first.year >= FIRST_YEAR and last.year <= LAST_YEAR):
            return values
    return None


def read_date(text: str, order: DateOrder | None = None, excel_epoch: int | None = None) -> Found:
    """Read one date: microseconds since 1970 and whether it has a zone, or why it is none.

    `order` decides only what a date leaves open; a date that cannot be in that order is none.
    """
    split = _SPLIT.match(text)
    day, clock = (split[1], split[2]) if split else (text, "")
    unix = None if split is None and text[:1].isdigit() else _UNIX_DATE.match(_WEEKDAY.sub("", text))
    if unix:
        day, clock = f"{unix[2]} {unix[1]} {unix[5]}", f"{unix[3]}{unix[4] or ''}"
    found = _day(day.strip().rstrip(","), order)
    if isinstance(found, str):
        number = _as_number(text, excel_epoch) if text[:1].isdigit() else None
        return found if number is None else number
    time = _clock(clock.strip()) if clock else (0, None)
    if time is None:
        return f"has an impossible time ({clock[:20]})"
    since, offset = time
    return found + since - (offset or 0), offset is not None


@lru_cache(100_000)
def _day(text: str, order: DateOrder | None) -> int | str:
    """Microseconds from 1970 to a day, or why it is none."""
    if found := _YEAR_FIRST.match(text):
        return _microseconds(int(found[1]), int(found[2]), int(found[3]))
    if len(text) == 8 and text.isascii() and text.isdigit() and text[:2] in ("19", "20"):
        return _microseconds(int(text[:4]), int(text[4:6]), int(text[6:]))
    if found := _NUMBERS.match(text):
        first, second, year = int(found[1]), int(found[2]), _full(found[3])
        if order == "DMY":
            day, month = first, second
        elif order == "MDY" or second > 12:
            month, day = first, second
        elif first > 12 or first == second:
            day, month = first, second
        else:
            return "leaves open whether the day or the month comes first"
        if month > 12 >= day and order:
            return f"can only have the {'month' if order == 'DMY' else 'day'} first"
        return _microseconds(year, month, day)
    bare = _WEEKDAY.sub("", text)
    for pattern, places in ((_NAMED, (1, 2)), (_NAMED_FIRST, (2, 1))):
        if found := pattern.match(bare):
            name = _MONTH_NAMES.get(found[places[1]].casefold())
            if name:
                return _microseconds(_full(found[3]), name, int(found[places[0]]))
    return "is no date"


def _microseconds(year: int, month: int, day: int) -> int | str:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return f"has the year {year}"
    try:
        return (date(year, month, day) - _EPOCH.date()).days * 86_400_000_000
    except ValueError:
        return f"has no such month ({month})" if not 1 <= month <= 12 else f"is a day that month {month} of {year} does not have"


def _full(year: str) -> int:
    """Two digits are the year nearest to now, as POSIX has it: 69 to 99 are of the last century."""
    number = int(year)
    return number if len(year) == 4 else number + (1900 if number >= 69 else 2000)


@lru_cache(200_000)
def _clock(text: str) -> tuple[int, int | None] | None:
    """Microseconds into the day, and the zone's distance from UTC, or None where the text has none."""
    found = _TIME.match(text)
    if not found:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (found[5] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    part = int((found[4] or "").ljust(6, "0")[:6] or 0)
    since = ((hour * 60 + minute) * 60 + second) * 1_000_000 + part
    zone = (found[6] or "").casefold().removeprefix("utc").removeprefix("gmt")
    if not found[6]:
        return since, None
    digits = zone.lstrip("+-z").replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > 18 * 60:
        return None
    return since, (-minutes if zone.startswith("-") else minutes) * 60_000_000


def _as_number(text: str, excel_epoch: int | None) -> Found | None:
    """Milliseconds or seconds since 1970, or a day number of Excel's."""
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        micros = int(text) * (1_000_000 if len(text) == 10 else 1_000)
        year = (_EPOCH + timedelta(microseconds=micros)).year
        return (micros, True) if FIRST_YEAR <= year <= LAST_YEAR else f"has the year {year}"
    if excel_epoch and _SERIAL.match(text):
        first = date(1899, 12, 30) if excel_epoch == 1900 else date(1904, 1, 1)
        days = (first - _EPOCH.date()).days
        whole, _, rest = text.partition(".")
        seconds = round(float(f"0.{rest or 0}") * 86_400)
        return (days + int(whole)) * 86_400_000_000 + seconds * 1_000_000, False
    return None
