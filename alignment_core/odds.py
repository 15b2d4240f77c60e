"""How likely the promised MQLs reach marketing's target if every agreed rate is right, and how many would be safer."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from heapq import heapify, heappop, heapreplace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alignment_core.agreement import Agreement

__all__ = ["CHANCES", "Odds", "as_json", "chance_as_agreed", "least", "odds"]

#: The probabilities (0-1) for which the MQLs are worked out.
CHANCES = (0.7, 0.8, 0.9)
#: Sums of deals of different sizes are told apart on a lattice of at most this many points.
_POINTS = 2**13


@dataclass(frozen=True)
class Odds:
    """What chance makes of a promise.

    Attributes:
        wins_needed: whole wins that marketing's share of the target takes; with deal sizes that differ by segment,
            at the plan's mix.
        probability: of reaching that share from exactly the promised MQLs (0-1).
        mqls_for: the least MQLs with which the probability is at least 0.7, 0.8 and 0.9. With more it never falls below.
    """

    wins_needed: int
    probability: float
    mqls_for: Mapping[float, int]


@dataclass(frozen=True)
class _Segment:
    """What an MQL of a segment can bring: a win with probability `rate`, worth `value`; and the segment's MQLs, exactly and as
    the whole number promised."""

    mqls: Fraction
    promised: int
    rate: float
    value: Fraction


def odds(agreement: Agreement) -> Odds | None:
    """The odds of marketing's target; None where marketing owes nothing.

    Each MQL wins or doesn't, independently, at the product of the agreed rates: an exact binomial. With plans
    per segment each segment's MQLs have its own rates and deal size: independent binomials, convolved.
    """
    chance = chance_as_agreed(agreement)
    if chance is None:
        return None
    needed, promised = _wins_needed(agreement), agreement.required_mqls
    return Odds(needed, chance(promised), {each: least(chance, each, promised) for each in CHANCES})


def chance_as_agreed(agreement: Agreement) -> Callable[[int], float] | None:
    """The probability of marketing's target by MQLs delivered, if every agreed rate and deal size holds; None where
    marketing owes nothing. MQLs are spread over the segments as the plan spreads them: as many as are promised, as promised
    for each, and of more (or fewer) no segment has fewer (or more). So one MQL more never lowers the probability."""
    cells = agreement.segment_cells.get("marketing", {})
    promised = agreement.required_mqls_by_segment
    parts = [
        _Segment(cell["mqls"], promised[name], float(cell["wins"] / cell["mqls"]), cell["revenue"] / cell["wins"])
        for name, cell in cells.items()
        if cell["wins"]
    ]
    if not parts:
        return None
    if len({(part.rate, part.value) for part in parts}) == 1:
        needed, rate = _wins_needed(agreement), parts[0].rate
        return lambda mqls: _at_least(needed, mqls, rate)
    target = sum((cell["revenue"] for cell in cells.values()), Fraction(0))
    return _remembered(lambda mqls: _segments_reach(parts, mqls, target))


def least(chance: Callable[[int], float], wanted: float, start: int) -> int:
    """The least MQLs whose chance is at least the wanted one. Chances never fall with MQLs: double, then halve."""
    short, enough = 0, max(1, start)
    while chance(enough) < wanted:
        short, enough = enough, enough * 2
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if chance(middle) >= wanted else (middle, enough)
    return enough


def as_json(agreement: Agreement) -> dict[str, Any]:
    """What follows from an agreement, as the command line prints it. MQLs are the whole number promised."""
    required = {
        source: {stage: _whole_as_int(value) for stage, value in asdict(counts).items() if value is not None}
        for source, counts in agreement.required.items()
    }
    if "marketing" in required:
        required["marketing"]["mqls"] = agreement.required_mqls
    found = odds(agreement)
    said = found and {
        "wins_needed": found.wins_needed,
        "probability": round(found.probability, 3),
        "mqls_for": {str(chance): mqls for chance, mqls in found.mqls_for.items()},
    }
    return {"required": required, "odds": {"marketing": said} if said else {}}


def _wins_needed(agreement: Agreement) -> int:
    cells = agreement.segment_cells["marketing"].values()
    return math.ceil(sum((cell["wins"] for cell in cells), Fraction(0)))


def _remembered(chance: Callable[[int], float]) -> Callable[[int], float]:
    known: dict[int, float] = {}

    def remembered(mqls: int) -> float:
        if mqls not in known:
            known[mqls] = chance(mqls)
        return known[mqls]

    return remembered


def _at_least(wins: int, mqls: int, rate: float) -> float:
    """P(X >= wins) for X ~ Binomial(mqls, rate): the regularised incomplete beta function I_rate(wins, mqls - wins + 1).

    Abramowitz & Stegun 1964, 26.5.24.
    """
    from scipy.special import betainc  # heavy to import, and the review does without it

    return float(betainc(float(wins), float(mqls - wins + 1), rate)) if mqls >= wins else 0.0


def _segments_reach(parts: Sequence[_Segment], mqls: int, target: Fraction) -> float:
    """P(sum of the segments' wins × their values >= target).

    On a lattice whose step is the values' greatest common divisor this is exact. Where that is too fine, the step is a
    32,768th of the target, and a sum between two points is divided among them in proportion, so that the mean stays.
    Where no deal is larger than a fiftieth of the standard deviation, the sum is as good as normal.
    """
    counts = _spread(parts, mqls)
    mean = math.fsum(count * part.rate * float(part.value) for part, count in zip(parts, counts, strict=True))
    spread = math.sqrt(
        math.fsum(
            n * part.rate * (1 - part.rate) * float(part.value) ** 2 for part, n in zip(parts, counts, strict=True)
        )
    )
    if max(float(part.value) for part in parts) * 50 < spread:
        return math.erfc((float(target) - mean) / spread / math.sqrt(2)) / 2
    common = math.lcm(*(part.value.denominator for part in parts))
    step = Fraction(math.gcd(*(int(part.value * common) for part in parts)), common)
    step = max(step, target / _POINTS)
    top = math.ceil(target / step)  # all that reaches the target is one point
    reached = np.zeros(top + 1)
    reached[0] = 1.0
    for part, count in zip(parts, counts, strict=True):
        reached = _added(reached, _sums(part, count, step, top), top)
    return float(min(1.0, max(0.0, reached[top])))


def _sums(part: _Segment, count: int, step: Fraction, top: int) -> NDArray[np.float64]:
    """The distribution of one segment's revenue in lattice steps; `top` holds all that is as much or more."""
    size = float(part.value / step)
    if size >= 1:
        wins = np.arange(min(count, math.ceil(top / size)) + 1)
        places = np.minimum(wins * size, top)
    else:  # more than one win to a step: those nearest to a point count there
        places = np.arange(top + 1.0)
        wins = np.append(0, np.ceil((places[1:] - 0.5) / size).astype(np.int64))
    tail = _tail(wins, count, part.rate)
    mass = tail - np.append(tail[1:], 0.0)  # the last one holds all that is beyond
    low = np.floor(places + 1e-9).astype(np.int64)
    share = np.maximum(places - low, 0.0)
    found = np.bincount(low, mass * (1 - share), minlength=top + 1)
    return np.asarray(found + np.bincount(np.minimum(low + 1, top), mass * share, minlength=top + 1))


def _tail(wins: NDArray[np.int64], count: int, rate: float) -> NDArray[np.float64]:
    """P(X >= wins) for X ~ Binomial(count, rate), for every one of `wins`, as `_at_least`."""
    from scipy.special import betainc

    inner = np.clip(wins, 1, max(1, count))
    return np.where(wins == 0, 1.0, np.where(wins > count, 0.0, betainc(inner, count - inner + 1.0, rate)))


def _added(one: NDArray[np.float64], other: NDArray[np.float64], top: int) -> NDArray[np.float64]:
    """The distribution of a sum, by the fast Fourier transform; what passes `top` is held there."""
    size = 1 << (2 * top).bit_length()  # a power of two transforms fastest
    both = np.fft.irfft(np.fft.rfft(one, size) * np.fft.rfft(other, size), size)
    return np.append(both[:top], both[top : 2 * top + 1].sum())


def _spread(parts: Sequence[_Segment], mqls: int) -> list[int]:
    """MQLs spread over the segments in proportion, so that of more MQLs no segment has fewer; as many as are promised are
    spread as promised.

    Webster's method (Balinski & Young 1982): the next MQL is that of the segment which comes first to the half of it. From
    the promise up no segment falls below what it promised, and below the promise none passes it.
    """
    more = mqls >= sum(part.promised for part in parts)
    total = sum((part.mqls for part in parts), Fraction(0))
    shares = [(share.numerator, share.denominator) for share in (part.mqls / total for part in parts)]
    limit = max if more else min

    def come(point: int) -> list[int]:
        """What each has when so many have come in proportion, a half and less not being one yet."""
        return [
            limit(part.promised, max(0, -((whole - 2 * point * share) // (2 * whole))))
            for part, (share, whole) in zip(parts, shares, strict=True)
        ]

    point, counts = mqls, come(mqls)
    while (over := sum(counts) - mqls) > 0:
        point -= over
        counts = come(point)
    queue = [
        ((2 * count + 1) / part.mqls, place)
        for place, (part, count) in enumerate(zip(parts, counts, strict=True))
        if more or count < part.promised
    ]
    heapify(queue)
    for _ in range(mqls - sum(counts)):
        place = queue[0][1]
        counts[place] += 1
        if more or counts[place] < parts[place].promised:
            heapreplace(queue, ((2 * counts[place] + 1) / parts[place].mqls, place))
        else:
            heappop(queue)
    return counts


def _whole_as_int(value: float) -> float:
    return int(value) if float(value).is_integer() else value
