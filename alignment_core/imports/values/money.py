"""Text → exact amounts of money, with the currency that stands beside them.

Nothing is guessed: whether 1.234 is a thousand or one and a bit is the column's to decide, and where it decides nothing,
the caller's. No amount passes through a floating-point number.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.currencies import SHARED
from alignment_core.imports.values.alike import EDGE, Alike, Ints, Mask, alike, failures, flat
from alignment_core.imports.values.amounts import BODY, DIGITS, SCALE, Digits, Point, evaluate, is_ambiguous, reading
from alignment_core.imports.values.currencies import CODES, GROUPED_BY_DOT, SIGNS
from alignment_core.imports.values.nothing import blank
from alignment_core.imports.values.parsed import Parsed

MONEY = pa.decimal128(DIGITS, SCALE)

#: Letters and words behind an amount, and how many zeros they stand for.
UNITS: Mapping[str, int] = {
    "k": 3, "thousand": 3, "tsd": 3, "tsd.": 3, "t": 3,
    "m": 6, "mm": 6, "mn": 6, "mio": 6, "mio.": 6, "mill": 6, "mill.": 6, "million": 6, "millions": 6, "millionen": 6,
    "b": 9, "bn": 9, "mrd": 9, "mrd.": 9, "md": 9, "billion": 9, "billions": 9,
    "lakh": 5, "lakhs": 5, "lac": 5, "crore": 7, "crores": 7, "cr": 7,
}  # fmt: skip

_MINUS = r"\-−–\ufe63\uff0d"
_CURRENCY = "|".join(re.escape(name) for name in sorted({*SIGNS, *CODES}, key=len, reverse=True))
# T is a thousand only in TEUR and T€: by itself it may be a trillion.
_UNIT = (
    r"(?i:"
    + "|".join(sorted((re.escape(unit) for unit in UNITS if unit != "t"), key=len, reverse=True))
    + r")|T(?=€|EUR)"
)
_AMOUNT = re.compile(
    rf"{EDGE}(?P<first>[+{_MINUS}])?\s*(?P<open>\()?\s*(?P<before>{_CURRENCY})?\s*(?P<inner>\()?\s*(?P<second>[+{_MINUS}])?\s*"
    rf"(?P<number>{BODY})(?P<power>[eE][+-]?[0-9]{{1,2}})?(?:[.,][-–—]{{1,2}}|[.,])?"
    rf"\s*(?P<unit>{_UNIT})?(?P<last>[{_MINUS}])?\s*(?P<close>\))?\s*(?P<after>{_CURRENCY})?\s*(?P<outer>\))?{EDGE}"
)


@dataclass(frozen=True)
class MoneyEvidence:
    """What the amounts of a column say about their decimal point.

    Attributes:
        point: how many can only have a dot as their decimal point, as 1,234.50 and 12.5.
        comma: how many can only have a comma.
        either: how many come to something else by the one and the other, as 1.234.
        neither: how many come to the same by both, as 950.
        examples: one of each, by these names.
    """

    point: int = 0
    comma: int = 0
    either: int = 0
    neither: int = 0
    examples: Mapping[str, str] = field(default_factory=dict)

    @property
    def decimal(self) -> Point | None:
        """The decimal point, where the column decides it or it does not matter; None where it is unknown."""
        if self.contradicts or self.undecided:
            return None
        return "," if self.comma else "."

    @property
    def contradicts(self) -> bool:
        return bool(self.point and self.comma)

    @property
    def undecided(self) -> bool:
        """Whether there is an amount that nothing in the column decides."""
        return bool(self.either) and not self.point and not self.comma


@dataclass(frozen=True)
class ParsedMoney(Parsed):
    """Amounts, as `decimal128(18, 4)`.

    Attributes:
        currency: what stands beside each, as `dictionary<int32, string>`: an ISO 4217 code, or a sign that
            several currencies share ($, kr, ¥, Rs); null where nothing does.
    """

    currency: pa.ChunkedArray = field(
        default_factory=lambda: pa.chunked_array([], pa.dictionary(pa.int32(), pa.string()))
    )


def money_evidence(texts: pa.ChunkedArray) -> MoneyEvidence:
    """Count what each amount of a column says about the decimal point."""
    column = flat(texts)
    weights = column.counts
    counts = dict.fromkeys(("point", "comma", "either", "neither"), 0)
    examples: dict[str, str] = {}
    for group, amount in _amounts(column.texts):
        for name, mask in _leanings(group, amount):
            if mask.any():
                rows = group.rows[mask]
                counts[name] += int(weights[rows].sum())
                examples.setdefault(name, column.texts[int(rows[0])].as_py())
    return MoneyEvidence(**counts, examples=examples)


def parse_money(texts: pa.ChunkedArray, decimal: Point | None = None) -> ParsedMoney:
    """Read a column of amounts.

    Args:
        texts: as written.
        decimal: the decimal point. With None an amount is read where its point does not matter or where the amount itself
            decides it; else it fails.

    What is smaller than a ten-thousandth is rounded; an amount of more than 14 digits before the point fails.
    """
    column = flat(texts)
    values, read, codes, names = _read(column.texts, decimal)
    unscaled = np.empty((len(values), 2), dtype=np.int64)
    unscaled[:, 0], unscaled[:, 1] = values, values >> 63  # the two halves of an integer of 128 bits
    validity = pa.array(read).buffers()[1] if not read.all() else None
    amounts = pa.Array.from_buffers(MONEY, len(values), [validity, pa.py_buffer(unscaled)])
    currency = pa.DictionaryArray.from_arrays(
        pa.array(codes, pa.int32(), mask=codes < 0), pa.array(names, pa.string())
    )  # fmt: skip
    failed = column.spread(pa.array(failures(column.texts, read)))
    return ParsedMoney(
        values=column.spread(amounts),
        failed=failed.fill_null(False) if failed.null_count else failed,
        currency=column.spread(currency),
    )


def parse_plain_money(texts: pa.ChunkedArray) -> Parsed | None:
    """A column of nothing but plain numbers with a decimal point, as Arrow reads them; else None.

    None as well where one of them ends in a point and three digits: it may be more than a thousand.
    """
    if pa.types.is_dictionary(texts.type):
        return None
    try:
        values = texts.cast(MONEY)
    except pa.ArrowInvalid:
        return None
    if pc.any(pc.match_substring_regex(texts.drop_null(), r"\.\d{3}$")).as_py():
        return None
    return Parsed(values, pa.chunked_array([pa.array(np.zeros(len(texts), bool))]))


def why_no_amount(text: str, decimal: Point | None = None) -> str | None:
    """Why `parse_money` did not read a text, to be put behind it in a sentence; None if it reads it, or if nothing is there."""
    texts = pa.array([text], pa.string())
    _, read, _, _ = _read(texts, decimal)
    if read[0] or blank(texts)[0].as_py():
        return None
    if re.fullmatch(rf".*[0-9]\s*%{EDGE}", text):
        return "is a percentage, and no amount"
    for group, amount in _amounts(texts):
        readings = [reading(amount.body, point) for point in (".", ",")]
        if decimal is None and None not in readings and readings[0] != readings[1]:
            return "may have a decimal point or groups of thousands, and nothing decides"
        if decimal is not None and reading(amount.body, decimal) is None:
            return f"cannot have {'a dot' if decimal == '.' else 'a comma'} as its decimal point"
        if len(re.findall("[0-9]", group.text)) + amount.power + SCALE > DIGITS:
            return "has more digits than an amount can have"
    return "is no amount"


@dataclass(frozen=True)
class _Amount:
    """How amounts that are alike are written."""

    start: int
    body: str
    power: int
    exponent: tuple[int, int] | None
    exponent_sign: int
    negative: bool
    currency: str | None


def _amounts(texts: pa.Array) -> Iterator[tuple[Alike, _Amount]]:
    for group in alike(texts):
        if amount := _amount(group.text):
            yield group, amount


def _amount(text: str) -> _Amount | None:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    opened = [name for name in ("open", "inner") if match[name]]
    closed = [name for name in ("close", "outer") if match[name]]
    signs = [match[name] for name in ("first", "second", "last") if match[name]]
    if len(opened) != len(closed) or len(opened) > 1 or len(signs) > 1 or (opened and signs):
        return None
    known, currency = _currency(match["before"], match["after"])
    if not known or (match["power"] and match["unit"]):
        return None
    if reading(match["number"], ".") is None and reading(match["number"], ",") is None:
        return None
    power = match["power"]
    return _Amount(
        start=match.start("number"),
        body=match["number"],
        power=UNITS[match["unit"].lower()] if match["unit"] else 0,
        exponent=(match.start("power") + len(power.rstrip("0123456789")), match.end("power")) if power else None,
        exponent_sign=-1 if power and "-" in power else 1,
        negative=bool(opened) or bool(signs and signs[0] != "+"),
        currency=currency,
    )


def _currency(before: str | None, after: str | None) -> tuple[bool, str | None]:
    """Whether the currencies on both sides agree, and which it is."""
    found = [SIGNS.get(name, name) for name in (before, after) if name]
    if len(found) < 2 or found[0] == found[1]:
        return True, found[0] if found else None
    for sign, code in (found, found[::-1]):
        if code in SHARED.get(sign, ()):
            return True, code
    return False, None


def _leanings(group: Alike, amount: _Amount) -> list[tuple[str, Mask]]:
    """Which of texts that are alike say what about the decimal point."""
    everything = np.ones(len(group.rows), dtype=bool)
    if not is_ambiguous(amount.body):
        by_point, by_comma = reading(amount.body, "."), reading(amount.body, ",")
        name = "neither" if by_point == by_comma else "point" if by_point else "comma"
        return [(name, everything)]
    dot = "." in amount.body
    if amount.currency in GROUPED_BY_DOT and dot:
        return [("comma", everything)]
    zero = group.number(amount.start, amount.start + 1) == 0  # 0.125 is in no groups
    return [("point" if dot else "comma", zero), ("either", ~zero)]


def _read(texts: pa.Array, decimal: Point | None) -> tuple[Ints, Mask, Ints, list[str]]:
    """Ten-thousandths, where they are read, the places of their currencies and these."""
    values = np.zeros(len(texts), dtype=np.int64)
    read = np.zeros(len(texts), dtype=bool)
    codes = np.full(len(texts), -1, dtype=np.int64)
    names: list[str] = []
    for group, amount in _amounts(texts):
        for part, digits in _decided(group, amount, decimal):
            for alike_, power in _powers(part, amount):
                worth, right = evaluate(alike_, amount.start, digits, power, negative=amount.negative)
                rows = alike_.rows
                values[rows], read[rows] = np.where(right, worth, 0), right
        if amount.currency:
            if amount.currency not in names:
                names.append(amount.currency)
            codes[group.rows] = np.where(read[group.rows], names.index(amount.currency), -1)
    return values, read, codes, names


def _decided(group: Alike, amount: _Amount, decimal: Point | None) -> Iterator[tuple[Alike, Digits]]:
    """The texts of which it is known how their digits are to be read."""
    if decimal is not None:
        ways: list[tuple[str, Mask]] = [("point" if decimal == "." else "comma", np.ones(len(group.rows), dtype=bool))]
    else:
        ways = _leanings(group, amount)
    for name, mask in ways:
        digits = reading(amount.body, "," if name == "comma" else ".") if name != "either" else None
        if digits is not None and mask.any():
            yield (group if mask.all() else group.where(mask)), digits


def _powers(group: Alike, amount: _Amount) -> Iterator[tuple[Alike, int]]:
    """The texts by the power of ten that they are multiplied by; Excel writes 1.2E+05."""
    if amount.exponent is None:
        yield group, amount.power
        return
    exponents = group.number(*amount.exponent)
    for exponent in np.unique(exponents):
        yield group.where(exponents == exponent), amount.exponent_sign * int(exponent)
