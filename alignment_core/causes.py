"""What moved a quarter, as far as it can be told apart: a bar, or bars that can only be read together.

Where more passed a stage than entered it in the quarter, a rate is above 100% and what it is measured from is too low by as
much: deals opened before the quarter were won in it. Each of the two bars is then the other's mirror, and neither is a cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_core.results import Bar, Review
from alignment_core.verdicts import inseparable
from alignment_core.vocabulary import RATE_DRIVER, Owner, Undecided, Verdict
from alignment_core.wording import STAGE, count, driver_name, in_sentence

__all__ = ["Cause", "cause_name", "cause_of", "causes", "why_together"]

_STEP = {driver: step for step, driver in RATE_DRIVER.items()}


@dataclass(frozen=True)
class Cause:
    """One bar, or neighbouring bars of one source of which every one but the first is a rate above 100%."""

    bars: tuple[Bar, ...]

    @property
    def effect(self) -> float:
        """What they did to revenue together, currency."""
        return sum(bar.effect for bar in self.bars)

    @property
    def is_joint(self) -> bool:
        return len(self.bars) > 1

    @property
    def owner(self) -> Owner:
        """Whose it is; of both sides where the bars have different owners."""
        owners = {bar.owner for bar in self.bars}
        return owners.pop() if len(owners) == 1 else "shared"

    @property
    def verdict(self) -> Verdict | None:
        """The bar's own. Several are never called real, see `verdicts.withheld`."""
        if not self.is_joint:
            return self.bars[0].verdict
        return "undecided" if self.undecided else "noise" if {bar.verdict for bar in self.bars} == {"noise"} else None

    @property
    def undecided(self) -> Undecided | None:
        """Why it is not decided, for more than that its bars cannot be told apart."""
        return next((bar.undecided for bar in self.bars if bar.undecided not in (None, "together")), None)


def causes(bars: Sequence[Bar]) -> tuple[Cause, ...]:
    """The bars of a bridge, in its order, those that cannot be told apart together."""
    return tuple(map(Cause, inseparable(bars)))


def cause_of(bars: Sequence[Bar], bar: Bar) -> Cause:
    """The cause that one of the bars belongs to; of a segment's bar, that bar alone."""
    return next((each for each in causes(bars) if bar in each.bars), Cause((bar,)))


def cause_name(cause: Cause, *, with_source: bool = False) -> str:
    """Its name inside a sentence: opportunity volume and close rate together."""
    first, *others = cause.bars
    names = [driver_name(first, with_source=with_source), *map(driver_name, others)]
    return f"{', '.join(names[:-1])} and {names[-1]} together" if others else names[0]


def why_together(review: Review, cause: Cause) -> str:
    """Why bars cannot be told apart, and how they could be; the middle of a sentence."""
    steps = [_STEP[bar.driver] for bar in cause.bars[1:]]
    counted, carried = review.actual[cause.bars[0].source], review.carried.get(cause.bars[0].source)
    reasons = []
    for before, after in steps:
        came, entered = getattr(counted, after) or 0.0, getattr(counted, before) or 0.0
        earlier = getattr(carried.carried_in, after) if carried else None
        name = in_sentence(STAGE[after])
        reasons.append(
            f"{count(earlier)} of the {count(came)} {name} began in an earlier quarter"
            if earlier
            else f"there are {count(came)} {name} on {count(entered)} {in_sentence(STAGE[before])}"
        )
    they = "the two" if len(cause.bars) == 2 else f"the {len(cause.bars)}"
    apart = f"{' and '.join(reasons)}, so by the events in the quarter {they} cannot be told apart"
    return f"{apart}; followed from where they began (Count) they can" if carried else apart
