"""Text → dates and times, in whatever mixture of spellings a column has them.

Nothing is guessed: whether 3/4/2026 is in March or in April is the caller's to say, from the evidence that is
counted here; a year of two digits is one between 1990 and 2046; a zone that is only a name ("EST") is no zone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from alignment_core.imports.model import DateOrder
from alignment_core.imports.values.alike import EDGE, Alike, Ints, Mask, alike, failures, flat, letters_of
from alignment_core.imports.values.month_names import MONTHS, WEEKDAYS
from alignment_core.imports.values.nothing import blank
from alignment_core.imports.values.parsed import Parsed

#: Records of a funnel are dated in these years; what lies outside is a slip, or a date that stands for "never".
FIRST_YEAR, LAST_YEAR = 1990, 2100
#: Years of two digits up to this one are of this century. 47 to 89 may be of either, and are not read.
LAST_SHORT_YEAR = 46

_DAY = 86_400_000_000  # microseconds
_MONTH_STARTS = np.array(
    [(date(year, month, 1) - date(1970, 1, 1)).days for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]
    + [(date(LAST_YEAR + 1, 1, 1) - date(1970, 1, 1)).days],
    dtype=np.int64,
)  # fmt: skip
_MONTH_DAYS = np.diff(_MONTH_STARTS)
_BEGIN, _END = int(_MONTH_STARTS[0]) * _DAY, int(_MONTH_STARTS[-1]) * _DAY

_ZONE = r"(?:\s?(?:(?P<utc>Z|UTC|GMT)|(?:UTC|GMT)?(?P<sign>[+−-])(?P<zh>[0-9]{1,2})(?::?(?P<zm>[0-9]{2}))?(?:\s?\([^()]*\))?|(?P<named>[A-Z]{2,5})))?"
_CLOCK = r"(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?"
_TIME = rf"(?:\s*,?\s+(?:(?:at|um|à|alle|a\s+las|às)\s+)?{_CLOCK}{_ZONE})?"
_WEEKDAY = rf"(?:(?:{'|'.join(WEEKDAYS)})\.?,?\s+)?"
_NAMED_DAY = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|º|\.)?"
_NAME = r"(?P<name>[^\W\d_]{3,10})\.?"
_YEAR = r"(?P<y>[0-9]{4}|['’]?[0-9]{2})"
_OF = r"(?:\s+(?:of|de|del)\s+|[\s/.-]+|)"

_PATTERNS = tuple(
    re.compile(f"{EDGE}{pattern}{EDGE}", re.IGNORECASE)
    for pattern in (
        # 2026-09-30, with a time behind T or a space
        rf"(?P<y>[0-9]{{4}})(?P<dash>[-/.])(?P<m>[0-9]{{1,2}})(?P=dash)(?P<d>[0-9]{{1,2}})"
        rf"(?:T{_CLOCK}{_ZONE})?",
        rf"(?P<y>[0-9]{{4}})(?P<dash>[-/.])(?P<m>[0-9]{{1,2}})(?P=dash)(?P<d>[0-9]{{1,2}}){_TIME}",
        rf"(?P<y>[0-9]{{4}})-(?P<m>[0-9]{{2}})-(?P<d>[0-9]{{2}})[T ](?P<H>[0-9]{{2}}){_ZONE}",
        # 30/9/2026 or 9/30/2026, also dotted and dashed
        rf"{_WEEKDAY}(?P<a>[0-9]{{1,2}})(?P<dash>\s?[-/.])\s?(?P<b>[0-9]{{1,2}})(?P=dash)\s?{_YEAR}{_TIME}",
        # 20260930, 20260930140506, 20260930T140506Z
        rf"(?P<y>[0-9]{{4}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})(?:T?(?P<H>[0-9]{{2}})(?P<M>[0-9]{{2}})(?P<S>[0-9]{{2}}){_ZONE})?",
        # 30 Sep 2026, Sept 30th, 2026, 2026-Sep-30
        rf"{_WEEKDAY}{_NAMED_DAY}{_OF}{_NAME}(?:,?\s+(?:(?:de|del)\s+)?|,|[/.-]){_YEAR}{_TIME}",
        rf"{_WEEKDAY}{_NAME}[\s-]*{_NAMED_DAY}(?:,?\s+|,|-){_YEAR}{_TIME}",
        rf"(?P<y>[0-9]{{4}})[\s/-]{_NAME}[\s/-](?P<d>[0-9]{{1,2}}){_TIME}",
        # Wed Sep 30 10:00:00 UTC 2026
        rf"{_WEEKDAY}{_NAME}\s+(?P<d>[0-9]{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<y>[0-9]{{4}})",
    )
)
#: What no date lacks, looked at first: it begins with a digit or a name, and has three digits at least.
_BEGINS = re.compile(
    rf"{EDGE}(?:[0-9]|(?:{'|'.join(sorted({*MONTHS, *WEEKDAYS}, key=len, reverse=True))})(?![^\W\d_]))", re.IGNORECASE
)
_SERIAL = re.compile(rf"{EDGE}(?P<days>[0-9]{{5}})(?:[.,](?P<part>[0-9]+))?{EDGE}")
_SINCE_1970 = re.compile(rf"{EDGE}(?P<count>[0-9]{{10}}|[0-9]{{13}}){EDGE}")
_NUMBER = re.compile(rf"{EDGE}[+-]?[0-9]+(?:[.,][0-9]+)?{EDGE}")

_MONTH_NAMES = "January February March April May June July August September October November December".split()
_Fault = Literal[
    "year", "short year", "month", "day", "hour", "minute", "second", "half", "zone", "zone name",
    "month first", "day first", "either", "contradicted",
]  # fmt: skip
_FAULTS: tuple[_Fault, ...] = get_args(_Fault)
_CODE: Mapping[_Fault, int] = {fault: code for code, fault in enumerate(_FAULTS, 1)}


@dataclass(frozen=True)
class DateEvidence:
    """What the dates of a column that have day and month as numbers, the year last, say about their order.

    Attributes:
        day_first, month_first: how many can only have the day (the month) first.
        either: how many may be both, as 3/4/2026.
        same: how many are the same both ways, as 3/3/2026.
        examples: one of each, by these names.
    """

    day_first: int = 0
    month_first: int = 0
    either: int = 0
    same: int = 0
    examples: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> DateOrder | None:
        """What the column decides by itself; None where nothing decides, or where it contradicts itself."""
        if bool(self.day_first) == bool(self.month_first):
            return None
        return "DMY" if self.day_first else "MDY"

    @property
    def contradicts(self) -> bool:
        return bool(self.day_first and self.month_first)

    @property
    def undecided(self) -> bool:
        """Whether there is a date that nothing in the column decides."""
        return bool(self.either) and not self.day_first and not self.month_first


@dataclass(frozen=True)
class ParsedDates(Parsed):
    """Dates and times: `timestamp[us, tz=UTC]` if a value has a time zone, else `timestamp[us]`.

    Attributes:
        unzoned: in a column with zones, true where a value has none; such a value is as written, taken as UTC.
        without_zone: how many these are.
    """

    unzoned: pa.ChunkedArray = field(default_factory=lambda: pa.chunked_array([], pa.bool_()))
    without_zone: int = 0


def date_evidence(texts: pa.ChunkedArray) -> DateEvidence:
    """Count what each value of a column says about the order of day and month."""
    column = flat(texts)
    candidates, places = _maybe_slashed(column.texts)
    counts = dict.fromkeys(("day_first", "month_first", "either", "same"), 0)
    examples: dict[str, str] = {}
    weights = column.counts[places] if len(places) else column.counts
    for group in alike(candidates):
        match = _match(group.text)
        if match is None or "a" not in match.re.groupindex:
            continue
        first, second = group.number(*match.span("a")), group.number(*match.span("b"))
        possible = (first >= 1) & (second >= 1)
        day_first = possible & (first > 12) & (first <= 31) & (second <= 12)
        month_first = possible & (second > 12) & (second <= 31) & (first <= 12)
        small = possible & (first <= 12) & (second <= 12)
        masks = {
            "day_first": day_first,
            "month_first": month_first,
            "either": small & (first != second),
            "same": small & (first == second),
        }
        for name, mask in masks.items():
            if mask.any():
                rows = group.rows[mask]
                counts[name] += int(weights[rows].sum())
                examples.setdefault(name, candidates[int(rows[0])].as_py())
    return DateEvidence(**counts, examples=examples)


def parse_dates(texts: pa.ChunkedArray, order: DateOrder | None = None, excel_epoch: int | None = None) -> ParsedDates:
    """Read a column of dates and times.

    Args:
        texts: as written.
        order: whether the day or the month comes first where both are numbers and the year is last. A value that
            can only be the other way fails. With None each value is read in the only way it can be, and fails where there
            are two ways; and where some can only have the day first and some only the month, all that are not the same
            both ways fail.
        excel_epoch: 1900 or 1904 where a number may be a day that Excel counts from there, else None.
    """
    if clean := parse_iso_dates(texts):
        return clean
    column = flat(texts)
    read = _read(column.texts, order, excel_epoch, order is None and date_evidence(texts).contradicts)
    failed = failures(column.texts, read.known & (read.fault == 0)) | (read.fault > 0)
    good = read.known & (read.fault == 0)
    any_zoned = bool((good & read.zoned).any())
    unzoned = good & ~read.zoned & any_zoned
    values = pa.array(read.at, pa.int64(), mask=~good).cast(pa.timestamp("us", "UTC" if any_zoned else None))
    return ParsedDates(
        values=column.spread(values),
        failed=_filled(column.spread(pa.array(failed))),
        unzoned=_filled(column.spread(pa.array(unzoned))),
        without_zone=int(column.counts[unzoned].sum()),
    )


def why_no_date(
    text: str, order: DateOrder | None = None, excel_epoch: int | None = None, *, contradicted: bool = False
) -> str | None:
    """Why `parse_dates` did not read a text, to be put behind it in a sentence; None if it reads it, or if nothing is there.

    Args:
        text: as written.
        order, excel_epoch: as for `parse_dates`.
        contradicted: whether the column's evidence contradicts itself.
    """
    texts = pa.array([text], pa.string())
    read = _read(texts, order, excel_epoch, contradicted and order is None)
    if not read.known[0]:
        if blank(texts)[0].as_py():
            return None
        return "is a number, and no date" if _NUMBER.fullmatch(text) else "is no date"
    if not read.fault[0]:
        return None
    fault = _FAULTS[read.fault[0] - 1]
    year, month, day = (int(part) for part in read.parts[:, 0])
    match fault:
        case "year":
            return (
                f"the year {year} is before {FIRST_YEAR}"
                if year < FIRST_YEAR
                else f"the year {year} is after {LAST_YEAR}"
            )
        case "short year":
            return f"the year {year:02} may be 19{year:02} or 20{year:02}"
        case "month":
            return f"has month {month}"
        case "day":
            return f"there is no {_ordinal(day)} of {_MONTH_NAMES[month - 1]}" + (f" {year}" if day == 29 else "")
        case "hour" | "minute" | "second":
            return f"has no possible time: the {fault} is too large"
        case "half":
            return "has no possible time: an hour before a.m. or p.m. is 1 to 12"
        case "zone":
            return "has a time zone that does not exist"
        case "zone name":
            return "has a time zone by a name that means several; write it as +02:00"
        case "month first":
            return "can only have the month first"
        case "day first":
            return "can only have the day first"
        case "either":
            return "may have the day or the month first, and nothing decides"
        case _:
            return "may have the day or the month first, and the column has dates of both kinds"


@dataclass
class _Read:
    """What was read of an array of texts, by row. `known` is true where the spelling is one of a date."""

    at: Ints
    known: Mask
    zoned: Mask
    fault: NDArray[np.uint8]
    parts: Ints  # year, month and day as written

    @classmethod
    def nothing(cls, length: int) -> "_Read":
        return cls(
            np.zeros(length, np.int64), np.zeros(length, bool), np.zeros(length, bool), np.zeros(length, np.uint8),
            np.zeros((3, length), np.int64),
        )  # fmt: skip


def parse_iso_dates(texts: pa.ChunkedArray) -> ParsedDates | None:
    """A column in which every value is an ISO date or time, all with a zone or all without: Arrow reads it at once.

    A column of such times already is passed on.
    """
    nowhere = pa.chunked_array([pa.array(np.zeros(len(texts), bool))])
    if pa.types.is_timestamp(texts.type):
        return ParsedDates(texts, nowhere, unzoned=nowhere)
    if not pa.types.is_string(texts.type) or not len(texts):
        return None
    # Arrow's cast takes long to fail at many values, so a few are tried first.
    few = texts.take(pa.array(np.linspace(0, len(texts) - 1, min(64, len(texts)), dtype=np.int64)))
    for kind in (pa.timestamp("us", "UTC"), pa.timestamp("us")):
        try:
            pc.cast(few, kind)
            values = pc.cast(texts, kind)
        except pa.ArrowInvalid:
            continue
        if values.null_count == len(values):
            values = values.cast(pa.timestamp("us"))  # nothing stands there, and so no zone
        return ParsedDates(values, nowhere, unzoned=nowhere) if in_funnel_years(values) else None
    return None


def in_funnel_years(values: pa.ChunkedArray) -> bool:
    """Whether all times of a column lie in the years in which records of a funnel are dated."""
    extent = pc.min_max(values.cast(pa.timestamp("us")).cast(pa.int64())).as_py()
    return extent["min"] is None or bool(extent["min"] >= _BEGIN and extent["max"] < _END)


def _maybe_slashed(texts: pa.Array) -> tuple[pa.Array, Ints]:
    """The texts that may have day and month as numbers and the year last, and their places; all, where most may.

    A cheap look that spares columns of ISO dates the closer one: such a text has no digit as its second or third byte.
    """
    raw, limits = letters_of(texts)
    if not len(raw):
        return texts.slice(0, 0), np.zeros(0, np.int64)
    second, third = (raw[np.minimum(limits[:-1] + place, len(raw) - 1)] for place in (1, 2))
    digits = (second - 48 < 10) & (third - 48 < 10)
    rows = np.flatnonzero(~digits & (np.diff(limits) > 5))
    if len(rows) * 2 > len(texts):
        return texts, np.arange(len(texts))
    return texts.take(pa.array(rows)), rows


def _match(text: str) -> re.Match[str] | None:
    """How a text is written, if it is a date; one without digits ("today", "infinity") is none."""
    if text.count("0") < 3 or not _BEGINS.match(text):
        return None
    for pattern in _PATTERNS:
        if (match := pattern.fullmatch(text)) and (
            "name" not in match.re.groupindex or match["name"].lower() in MONTHS
        ):
            return match
    return None


def _read(texts: pa.Array, order: DateOrder | None, excel_epoch: int | None, contradicted: bool) -> _Read:
    read = _Read.nothing(len(texts))
    for group in alike(texts):
        if match := _match(group.text):
            _read_parts(group, match, order, contradicted, read)
        elif match := _SINCE_1970.fullmatch(group.text):
            count = group.number(*match.span("count"))
            _keep_instant(group, read, count * (1_000_000 if len(match["count"]) == 10 else 1000), zoned=True)
        elif excel_epoch and (match := _SERIAL.fullmatch(group.text)):
            _keep_instant(group, read, _excel(group, match, excel_epoch), zoned=False)
    return read


def _excel(group: Alike, match: re.Match[str], epoch: int) -> Ints:
    """Excel's days, to the millisecond: its numbers hold no more. 1900 was no leap year, which matters only before March 1900."""
    origin = date(1899, 12, 30) if epoch == 1900 else date(1904, 1, 1)
    days = group.number(*match.span("days")) + (origin - date(1970, 1, 1)).days
    start, stop = match.span("part")
    stop = min(stop, start + 15)
    part = group.number(start, stop) / 10.0 ** (stop - start) if start >= 0 else np.zeros(len(days))
    return days * _DAY + np.rint(part * 86_400_000).astype(np.int64) * 1000


def _keep_instant(group: Alike, read: _Read, at: Ints, *, zoned: bool) -> None:
    """Take what is a number of days or seconds, not a date with parts."""
    rows = group.rows
    read.known[rows], read.at[rows], read.zoned[rows] = True, at, zoned
    read.parts[0, rows] = at.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    read.fault[rows] = np.where((at < _BEGIN) | (at >= _END), _CODE["year"], 0)


def _read_parts(group: Alike, match: re.Match[str], order: DateOrder | None, contradicted: bool, read: _Read) -> None:
    """Put together what the parts of a date say, and find what is impossible about them."""
    groups, rows = match.re.groupindex, group.rows
    none = np.zeros(len(rows), dtype=np.int64)
    fault = np.zeros(len(rows), dtype=np.uint8)

    def part(name: str) -> Ints:
        return group.number(*match.span(name)) if name in groups and match[name] is not None else none

    def complain(what: _Fault, where: Mask | np.bool_) -> None:
        np.copyto(fault, _CODE[what], where=np.logical_and(where, fault == 0))

    start, stop = match.span("y")
    short = stop - start < 4
    year = group.number(max(start, stop - 2), stop) if short else group.number(start, stop)
    written = year
    if short:
        complain("short year", (year > LAST_SHORT_YEAR) & (year < FIRST_YEAR % 100))
        year = np.where(year > LAST_SHORT_YEAR, 1900 + year, 2000 + year)
        written = np.where(fault > 0, written, year)
    complain("year", (year < FIRST_YEAR) | (year > LAST_YEAR))

    if "a" in groups:
        first, second = part("a"), part("b")
        only_day, only_month = (first > 12) & (second <= 12), (second > 12) & (first <= 12)
        if order is None:
            if contradicted:
                complain("contradicted", (first != second) & ((first <= 12) | (second <= 12)))
            complain("either", (first != second) & (first <= 12) & (second <= 12))
        complain("month first", only_month & (order == "DMY"))
        complain("day first", only_day & (order == "MDY"))
        swapped = np.full(len(rows), order == "MDY") if order else only_month
        day, month = np.where(swapped, second, first), np.where(swapped, first, second)
    else:
        day = part("d")
        month = part("m") if "m" in groups else none + MONTHS[match["name"].lower()]
    complain("month", (month < 1) | (month > 12))
    place = np.clip((year - FIRST_YEAR) * 12 + month - 1, 0, len(_MONTH_DAYS) - 1)
    complain("day", (day < 1) | (day > _MONTH_DAYS[place]))

    hour, minute, second_ = part("H"), part("M"), part("S")
    if half := groups.get("half") and match["half"]:
        complain("half", (hour < 1) | (hour > 12))
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    complain("hour", hour > 23)
    complain("minute", minute > 59)
    complain("second", second_ > 59)
    offset, zoned = none, False
    if "sign" in groups:
        zoned = bool(match["utc"] or match["sign"])
        offset = part("zh") * 60 + part("zm")
        complain("zone", (offset > 14 * 60) | (part("zm") > 59))
        offset = offset if match["sign"] == "+" else -offset
        complain("zone name", np.bool_(match["named"] is not None))
    fraction = part("f") if "f" in groups else none
    if "f" in groups and match["f"]:
        digits = len(match["f"])
        fraction = fraction * 10 ** (6 - digits) if digits <= 6 else fraction // 10 ** (digits - 6)

    seconds = (hour * 60 + minute - offset) * 60 + second_
    read.at[rows] = (_MONTH_STARTS[place] + day - 1) * _DAY + seconds * 1_000_000 + fraction
    read.known[rows], read.zoned[rows], read.fault[rows] = True, zoned, fault
    read.parts[:, rows] = written, month, day


def _filled(mask: pa.ChunkedArray) -> pa.ChunkedArray:
    return mask.fill_null(False) if mask.null_count else mask


def _ordinal(number: int) -> str:
    ending = "th" if number // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
