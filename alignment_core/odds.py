"""How likely the promised MQLs reach marketing's target if every agreed rate is right, and how many would be safer."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from alignment_core.agreement import Agreement

__all__ = ["CHANCES", "Odds", "as_json", "odds"]

#: The probabilities (0-1) for which the MQLs are worked out.
CHANCES = (0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Odds:
    """What chance makes of a promise.

    Attributes:
        wins_needed: whole wins that marketing's share of the target takes.
        probability: of at least that many wins from exactly the promised MQLs (0-1).
        mqls_for: the least MQLs with which the probability is at least 0.7, 0.8 and 0.9.
    """

    wins_needed: int
    probability: float
    mqls_for: Mapping[float, int]


def odds(agreement: Agreement) -> Odds | None:
    """The odds of marketing's target; None where marketing owes nothing.

    Each MQL wins or doesn't, independently, at the product of the agreed rates: an exact binomial. With plans
    per segment that product is the plan's wins per MQL over all segments, and a win is worth the plan's average.
    """
    cells = agreement.segment_cells.get("marketing", {}).values()
    wins, mqls = (sum((cell[stage] for cell in cells), Fraction(0)) for stage in ("wins", "mqls"))
    if not wins:
        return None
    needed, rate, promised = math.ceil(wins), float(wins / mqls), agreement.required_mqls
    return Odds(
        wins_needed=needed,
        probability=_at_least(needed, promised, rate),
        mqls_for={chance: _least_mqls(needed, rate, chance, promised) for chance in CHANCES},
    )


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


def _at_least(wins: int, mqls: int, rate: float) -> float:
    """P(X >= wins) for X ~ Binomial(mqls, rate): the regularised incomplete beta function I_rate(wins, mqls - wins + 1).

    Abramowitz & Stegun 1964, 26.5.24.
    """
    from scipy.special import betainc  # heavy to import, and the review does without it

    return float(betainc(float(wins), float(mqls - wins + 1), rate)) if mqls >= wins else 0.0


def _least_mqls(wins: int, rate: float, chance: float, promised: int) -> int:
    """The least MQLs for which `_at_least` is at least `chance`. It rises with the MQLs: double, then halve."""
    short, enough = wins - 1, max(wins, promised)
    while _at_least(wins, enough, rate) < chance:
        short, enough = enough, enough * 2
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if _at_least(wins, middle, rate) >= chance else (middle, enough)
    return enough


def _whole_as_int(value: float) -> float:
    return int(value) if float(value).is_integer() else value
