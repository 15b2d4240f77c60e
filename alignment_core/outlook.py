"""The odds of marketing's target by MQLs delivered: as agreed, with deals as uneven as they were, and as it ran.

*As agreed* every rate and every deal is as in the agreement, and only chance decides which MQLs win (`odds`). *Uneven
deals* are as large on average as agreed, and spread as the last quarters' wins were. *As it ran* takes rates and deals
from the track record, and is as unsure of the rates as the record is short.

Rates as they ran are independent Betas (Jeffreys), from what passed and entered; their product is taken for the Beta with the
same mean and variance, so that wins are Beta-binomial. The revenue of k wins is k amounts drawn from those that were
won: from 4,000 seeded runs the chance that k wins suffice, known to within 0.02 (two standard errors), and averaged over k.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from alignment_core.agreement import Agreement
from alignment_core.assumptions import agreed_value
from alignment_core.odds import CHANCES, chance_as_agreed, least
from alignment_core.track_record import ENOUGH, Evidence, TrackRecord
from alignment_core.vocabulary import RATE_DRIVERS
from alignment_core.wording import DRIVER, in_sentence, percent

__all__ = ["Curve", "Outlook", "outlook"]

_RUNS, _RATES, _SEED = 4000, 400, 20260702
#: Points of a curve.
_POINTS = 61
#: Wins beyond which uneven deals even out, and are not drawn any more.
_MANY = 5000
#: MQLs beyond this many times the promise are not asked for: no number of them is likely enough.
_TOO_MANY = 20

Kind = Literal["agreed", "uneven", "ran"]


@dataclass(frozen=True)
class Curve:
    """The probability of marketing's target by MQLs delivered.

    Attributes:
        kind: what it assumes, see the module.
        label: that in words: `as agreed, MQL → SQL at 75%`.
        mqls, probability: the points, 0-1, at even distances.
        promised: the probability with exactly the promised MQLs.
        mqls_for: the least MQLs for 0.7, 0.8 and 0.9; None where twenty times the promise would not do.
    """

    kind: Kind
    label: str
    mqls: tuple[int, ...]
    probability: tuple[float, ...]
    promised: float
    mqls_for: Mapping[float, int | None]


@dataclass(frozen=True)
class Outlook:
    """What chance makes of a promise, under each assumption.

    Attributes:
        mqls: the MQLs promised.
        agreed: as agreed.
        uneven: as agreed, with deals as uneven as they were; None without amounts deal by deal.
        ran: as it ran; None without a track record.
        missing: why a curve is missing, in words; empty where none is.
    """

    mqls: int
    agreed: Curve
    uneven: Curve | None = None
    ran: Curve | None = None
    missing: str = ""

    @property
    def curves(self) -> tuple[Curve, ...]:
        return tuple(curve for curve in (self.agreed, self.uneven, self.ran) if curve is not None)


def outlook(agreement: Agreement, record: TrackRecord | None = None) -> Outlook | None:
    """The odds by MQLs delivered; None where marketing owes nothing.

    Args:
        agreement: its rates, deal size and target.
        record: what the last quarters ran, of the whole source (without `by`).
    """
    fixed = chance_as_agreed(agreement)
    if fixed is None:
        return None
    promised, target = agreement.required_mqls, float(agreement.required["marketing"].revenue)
    evidence = [each for each in record.evidence if each.source == "marketing"] if record and record.by is None else []
    rates = [each for each in evidence if each.driver in RATE_DRIVERS]
    amounts = np.array(record.amounts.get(("marketing", None), ()) if record else (), dtype=np.float64)
    few_deals = len(amounts) < ENOUGH or not amounts.mean() > 0
    unknown = [each for each in rates if each.interval is None or (each.pooled or 0.0) > 1]
    size = next((each.pooled for each in evidence if each.driver == "deal_size"), None)

    belief = _belief(rates) if rates and not unknown else None
    rate, mean = (float(agreed_value(agreement, "marketing", driver) or 0) for driver in ("mql_to_win", "deal_size"))
    gap = rate * mean / (belief.mean * size) if belief and size else 1.0
    span = _span(promised, target / mean, gap)
    said = _labels(agreement, rates)
    curves: dict[Kind, Chance] = {"agreed": lambda mqls: np.array([fixed(int(each)) for each in mqls])}
    if not few_deals:
        curves["uneven"] = _chance(rate, None, amounts * mean / amounts.mean(), target)
    if belief is not None and size and size > 0:
        curves["ran"] = _chance(belief.mean, belief, np.array([size]) if few_deals else amounts, target)
    drawn = {kind: _curve(kind, said[kind], span, promised, chance) for kind, chance in curves.items()}
    missing = _missing(record, rates, unknown, few_deals)
    return Outlook(promised, drawn["agreed"], drawn.get("uneven"), drawn.get("ran"), missing)


#: The probability of the target for each of several numbers of MQLs.
Chance = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def _curve(kind: Kind, label: str, span: NDArray[np.int64], promised: int, chance: Chance) -> Curve:
    def one(mqls: int) -> float:
        return float(chance(np.array([mqls]))[0])

    ceiling = one(promised * _TOO_MANY)
    mqls_for = {each: least(one, each, promised) if ceiling >= each else None for each in CHANCES}
    return Curve(kind, label, tuple(span.tolist()), tuple(chance(span).tolist()), one(promised), mqls_for)


def _span(promised: int, wins: float, gap: float) -> NDArray[np.int64]:
    """MQLs from where the target is out of reach to where it is as good as certain, as agreed and as it ran.

    `gap` is how many times the promise it would take on average as it ran.
    """
    scatter = 2 / math.sqrt(max(wins, 1.0))
    low = promised * min(1.0, gap) * (1 - min(0.9, max(0.25, scatter)))
    high = promised * min(3.0, max(1.0, gap)) * (1 + max(0.35, scatter))
    return np.unique(np.linspace(max(1.0, low), max(2.0, high), _POINTS).round().astype(np.int64))


def _labels(agreement: Agreement, rates: Sequence[Evidence]) -> dict[Kind, str]:
    """What each curve assumes; where one rate is the main difference, that rate."""
    said: dict[Kind, str] = {
        "agreed": "as agreed",
        "uneven": "as agreed, deals as uneven as they were",
        "ran": "as it ran",
    }
    gaps = {}
    for each in rates:
        agreed = agreed_value(agreement, "marketing", each.driver)
        if agreed and each.pooled is not None:
            gap = abs(math.log(float(agreed) / each.pooled)) if each.pooled else math.inf
            gaps[gap] = (percent(float(agreed)), percent(each.pooled), in_sentence(DRIVER[each.driver]))
    if gaps and (values := gaps[max(gaps)])[0] != values[1]:
        said |= {"agreed": f"as agreed, {values[2]} at {values[0]}", "ran": f"as it ran, {values[2]} at {values[1]}"}
    return said


def _missing(
    record: TrackRecord | None, rates: Sequence[Evidence], unknown: Sequence[Evidence], few_deals: bool
) -> str:
    if record is None or not rates:
        return "There is no track record yet: load earlier quarters to see the odds as it ran."
    if unknown:
        names = " and ".join(DRIVER[each.driver] for each in unknown)
        why = (
            "more passed than entered"
            if any(each.pooled and each.pooled > 1 for each in unknown)
            else "too few records"
        )
        return f"No odds as it ran: {why} for {names}."
    return "The spread of deal size is left out: too few won deals with an amount." if few_deals else ""


@dataclass(frozen=True)
class _Belief:
    """How sure the share of MQLs that win is: a Beta distribution."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)


def _belief(rates: Sequence[Evidence]) -> _Belief:
    """The Beta with the mean and the variance of the product of independent Betas, one for each rate."""
    first = second = 1.0
    for each in rates:
        passed = math.fsum(ran.passed for ran in each.quarters)
        a, b = passed + 0.5, each.of - passed + 0.5
        first *= a / (a + b)
        second *= a * (a + 1) / ((a + b) * (a + b + 1))
    size = (first - second) / (second - first**2)
    return _Belief(first * size, (1 - first) * size)


def _chance(rate: float, belief: _Belief | None, amounts: NDArray[np.float64], target: float) -> Chance:
    """The probability that the wins from some MQLs bring the target, with wins (Beta-)binomial."""
    about = target / float(amounts.mean())
    if about > _MANY or not amounts.std():
        needed = math.ceil(about * (1 - 1e-12))
        return lambda mqls: _reaches(needed, mqls, rate, belief)
    enough = _enough(amounts, target)
    return lambda mqls: np.clip(1.0 - _wins(len(enough), mqls, rate, belief) @ (1.0 - enough), 0.0, 1.0)


def _enough(amounts: NDArray[np.float64], target: float) -> NDArray[np.float64]:
    """The chance that k wins bring the target, by k, as far as it is not certain: sums of amounts drawn from those won."""
    about, spread = target / float(amounts.mean()), float(amounts.std() / amounts.mean())
    most = math.ceil(about + 8 * (1 + spread) * math.sqrt(about) + 8 * spread**2)
    runs = min(_RUNS, max(400, 2_000_000 // most))
    sums = np.cumsum(np.random.default_rng(_SEED).choice(amounts, (runs, most)), axis=1)
    return np.append(0.0, (sums >= target * (1 - 1e-12)).mean(axis=0))


def _wins(most: int, mqls: NDArray[np.int64], rate: float, belief: _Belief | None) -> NDArray[np.float64]:
    """P(k wins) for k below `most` (columns) from each number of MQLs (rows), each from the one before it."""
    from scipy.special import betaln  # heavy to import, and the review does without it

    n, k = mqls.astype(np.float64)[:, None], np.arange(most, dtype=np.float64)
    steps = np.log(np.maximum(n - k, 1e-300)) - np.log(k + 1)
    if belief is None:
        rate = min(rate, 1 - 1e-15)
        none, steps = n * math.log1p(-rate), steps + math.log(rate) - math.log1p(-rate)
    else:
        a, b = belief.a, belief.b
        none = betaln(a, n + b) - betaln(a, b)
        steps = steps + np.log(a + k) - np.log(np.maximum(n - k - 1 + b, 1e-300))
    logs = none + np.concatenate([np.zeros_like(n), np.cumsum(steps, axis=1)[:, :-1]], axis=1)
    return np.where(k <= n, np.exp(logs), 0.0)


def _reaches(needed: int, mqls: NDArray[np.int64], rate: float, belief: _Belief | None) -> NDArray[np.float64]:
    """P(at least so many wins): the mean over 400 equally likely rates (error below 0.002)."""
    from scipy.special import betainc, betaincinv

    rates = np.array([rate]) if belief is None else betaincinv(belief.a, belief.b, (np.arange(_RATES) + 0.5) / _RATES)
    n = np.maximum(mqls, needed).astype(np.float64)[:, None]
    return np.asarray(np.where(mqls >= needed, betainc(float(needed), n - needed + 1, rates).mean(axis=1), 0.0))
