"""Amounts of money, in the spellings of many countries. Exact decimals throughout; nothing goes through a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.values import by_value, distinct, parsed, texts_null_count

__all__ = ["Amount", "DecimalSign", "Money", "MoneyEvidence", "money_evidence", "parse_money", "read_money"]

DecimalSign = Literal[".", ","]
AMOUNT = pa.decimal128(18, 4)
_CURRENCIES = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "r$": "BRL",
    "us$": "USD", "$us": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "s$": "SGD",
    "hk$": "HKD", "mx$": "MXN", "zł": "PLN", "kč": "CZK", "kr": "kr", "kr.": "kr", "$": "$", "fr": "CHF", "fr.": "CHF", "sfr": "CHF",
}  # fmt: skip
_SCALES = {"k": 3, "tsd": 3, "m": 6, "mio": 6, "mm": 6, "mn": 6, "bn": 9, "b": 9, "mrd": 9}
_PARTS = re.compile(
    r"^(?P<open>\()?\s*(?P<sign>[+\-−–])?\s*(?P<before>[^\d\s.,()+\-−–]{1,4})?\s*(?P<sign2>[\-−–])?\s*"
    r"(?P<number>[\d.,'’\s\u00a0\u202f]*\d[.,]?)(?:[eE](?P<power>[+-]?\d{1,2}))?\s*(?P<scale>k|tsd|mio|mrd|mm|mn|bn|m|b)?\.?\s*"
    r"(?P<after>[^\d\s.,()+\-−–]{1,4}\.?)?\s*(?P<sign3>[\-−–])?\s*(?P<close>\))?$",
    re.IGNORECASE,
)
_GROUPED = {
    sign: re.compile(rf"^\d{{1,3}}(?:[{group}'’\s\u00a0\u202f]\d{{2,3}})*[{group}'’\s\u00a0\u202f]\d{{3}}(?:[{sign}]\d*)?$|^\d+(?:[{sign}]\d*)?$|^[{sign}]\d+$")
    for sign, group in ((".", ","), (",", "."))
}  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """An amount, and the currency that stood beside it (a code, or `$` and `kr`, which are several countries')."""

    value: Decimal
    currency: str | None


@dataclass(frozen=True)
class Money:
    """A column of amounts; `currency` is None where no cell names one."""

    values: pa.ChunkedArray
    failed: pa.ChunkedArray | None
    currency: pa.ChunkedArray | None


@dataclass(frozen=True)
class MoneyEvidence:
    """What a column says about its decimal sign.

    Attributes:
        decimal: the sign, where the values decide it.
        undecided: values with a single sign before just three digits, which is either, and nothing decides.
        example: one of them.
    """

    decimal: DecimalSign | None = None
    undecided: int = 0
    example: str = ""


def money_evidence(texts: pa.ChunkedArray) -> MoneyEvidence:
    """Whether the point or the comma begins the decimals, by every value of a column."""
    points = commas = either = 0
    example = ""
    for text in distinct(texts):
        found = _PARTS.match(text)
        if not found:
            continue
        number = found["number"]
        marks = [mark for mark in number if mark in ".,"]
        if not marks:
            continue
        last = marks[-1]
        after = len(number) - number.rindex(last) - 1
        if marks.count(last) > 1 or (after == 3 and len(set(marks)) == 1 and (len(marks) > 1)):
            points, commas = points + (last == ","), commas + (last == ".")  # it groups, so the other begins decimals
        elif len(set(marks)) == 2 or after != 3 or number.lstrip("0").startswith(last) or len(number) > 7:
            points, commas = points + (last == "."), commas + (last == ",")
        else:
            either += 1
            example = example or text
    if points or commas:
        return MoneyEvidence("." if points >= commas else ",", 0, example)
    return MoneyEvidence(None, either, example)


def parse_money(texts: pa.ChunkedArray, decimal: DecimalSign | None) -> Money:
    """Read a column of amounts.

    Args:
        texts: without white space around them; null is nothing.
        decimal: the sign before the decimals; None where no value has any.
    """
    sign = decimal or "."
    if sign == "." and not pa.types.is_dictionary(texts.type):
        try:
            return Money(texts.cast(AMOUNT), None, None)
        except pa.ArrowInvalid:
            pass
    found = {text: read_money(text, sign) for text in distinct(texts)}

    def value(text: str) -> Decimal | None:
        amount = found[text]
        return amount.value if amount else None

    amounts = parsed(texts, value, AMOUNT)
    if not any(amount and amount.currency for amount in found.values()):
        return Money(amounts.values, amounts.failed, None)
    currency = by_value(texts, lambda text: amount.currency if (amount := found[text]) else None, pa.string())
    return Money(amounts.values, amounts.failed, currency)


def read_money(text: str, decimal: DecimalSign = ".") -> Amount | None:
    """Read one amount; None where it is none. 10%, 1-2 and 1.2.3 are none."""
    found = _PARTS.match(text)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [sign for sign in (found["sign"], found["sign2"], found["sign3"]) if sign]
    if len(signs) > 1 or (signs and found["open"]):
        return None
    number = found["number"].strip().replace("\u00a0", " ").replace("\u202f", " ")
    if not _GROUPED[decimal].match(number):
        return None
    currencies = [_currency(each) for each in (found["before"], found["after"]) if each]
    if None in currencies or len(currencies) > 1:
        return None
    digits = re.sub(rf"[^\d{decimal}]", "", number).replace(",", ".")
    power = int(found["power"] or 0) + _SCALES.get((found["scale"] or "").casefold(), 0)
    value = Decimal(digits or "0").scaleb(power)
    value = -value if found["open"] or any(sign != "+" for sign in signs) else value
    exact = value.quantize(Decimal("0.0001")) if abs(value) < Decimal(10) ** 14 else None
    return None if exact is None else Amount(exact, currencies[0] if currencies else None)


def _currency(text: str) -> str | None:
    """The code for what stands beside a number."""
    known = _CURRENCIES.get(text.casefold())
    if known:
        return known
    return text.upper() if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper() else None
