"""How numbers are written: which marks group the digits, which one is the decimal point, and what they come to.

A number like `1,234` can be read in two ways. Both readings are given, and it is for the column to decide.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from alignment_core.imports.values.alike import Alike, Ints, Mask

Point = Literal[".", ","]
Span = tuple[int, int]

#: Amounts are whole numbers of ten-thousandths, of at most 18 digits.
SCALE, DIGITS = 4, 18
LARGEST = 10**DIGITS - 1

_SPACES = r" \u00a0\u2007\u2009\u202f"
#: Digits and what may stand between them.
BODY = rf"[.,]?[0-9](?:[0-9.,'’´{_SPACES}]*[0-9])?"


@dataclass(frozen=True)
class Digits:
    """Where the digits of a number stand in a text.

    Attributes:
        whole: runs of digits before the decimal point.
        decimals: the run after it; empty if there is none.
        grouped: whether the whole part is in groups, so that it cannot begin with a zero.
    """

    whole: tuple[Span, ...]
    decimals: Span
    grouped: bool


def _written(point: Point) -> re.Pattern[str]:
    group = "," if point == "." else "."
    ways = [rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+" for mark in (re.escape(group), "['’´]", f"[{_SPACES}]")]
    if point == ".":
        ways.append(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")  # as in India: 1,00,000
    return re.compile(rf"(?P<whole>{'|'.join(ways)}|[0-9]*)(?:{re.escape(point)}(?P<decimals>[0-9]+))?")


_WRITTEN: dict[Point, re.Pattern[str]] = {".": _written("."), ",": _written(",")}


@lru_cache(maxsize=4096)
def reading(body: str, point: Point) -> Digits | None:
    """A number as it is read with this decimal point; None where it cannot be."""
    match = _WRITTEN[point].fullmatch(body)
    if not match or not (match["whole"] or match["decimals"]):
        return None
    whole = tuple(run.span() for run in re.finditer("[0-9]+", match["whole"]))
    start = match.start("whole")
    return Digits(
        tuple((start + first, start + last) for first, last in whole),
        match.span("decimals") if match["decimals"] else (0, 0),
        len(whole) > 1,
    )


def is_ambiguous(body: str) -> bool:
    """Whether the decimal point decides what a number comes to, as in `1,234`; unless it begins with a zero."""
    both = [reading(body, point) for point in (".", ",")]
    return None not in both and both[0] != both[1]


def evaluate(group: Alike, start: int, digits: Digits, power: int, *, negative: bool) -> tuple[Ints, Mask]:
    """Ten-thousandths of the unit, and where they are right.

    What is smaller than a ten-thousandth is rounded, half away from zero. More digits than an amount has are not right.

    Args:
        group: texts that are written alike.
        start: where the number begins in them.
        digits: where its digits stand, counted from there.
        power: the number is multiplied by ten to this.
        negative: whether it is below zero.
    """
    spans = [*digits.whole, digits.decimals]
    places = [start + place for first, last in spans for place in range(first, last)]
    right = np.ones(len(group.rows), dtype=bool)
    if digits.grouped:
        right &= group.number(places[0], places[0] + 1) > 0
    shift = power + SCALE - (digits.decimals[1] - digits.decimals[0])
    kept = places if shift >= 0 else places[: max(0, len(places) + shift)]
    value = np.zeros(len(group.rows), dtype=np.int64)
    # Leading zeros, of which there may be any number, are no digits of an amount.
    room = 10 ** (DIGITS - max(shift, 0)) // 10 if shift < DIGITS else 0
    for place in kept:
        right &= value < max(room, 1)
        value = np.where(right, value, 0) * 10 + group.number(place, place + 1)
    if shift > 0:
        if shift >= DIGITS:
            right &= value == 0
        value = np.where(right, value, 0) * 10 ** min(shift, DIGITS)
    elif shift < 0 and len(places) + shift >= 0:
        value = value + (group.number(places[len(kept)], places[len(kept)] + 1) >= 5)
        right &= value <= LARGEST
    return (-value if negative else value), right
