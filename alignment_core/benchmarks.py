"""What others publish about funnels: dated, with its source, and labelled as the weak evidence that it is."""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from alignment_core.agreement_parts import Part, Rate
from alignment_core.vocabulary import RATE_DRIVERS, Driver

__all__ = ["CAUTION", "Benchmark", "benchmarks"]

#: To be said wherever one is shown.
CAUTION = (
    "Weak evidence: whose funnels these were nobody says, and an MQL is whatever each firm calls one. "
    "Your own quarters outweigh them."
)


class Benchmark(Part):
    """One published figure.

    Attributes:
        driver: the rate it is about.
        low, high: the figure (0-1); the same where it is one number.
        publisher, title, year, url: where it stands, and the year it is of.
        definition: what it counts, in its own terms.
        method: how it came about, as far as that is said.
    """

    driver: Driver
    low: Rate
    high: Rate
    publisher: Annotated[str, Field(min_length=1)]
    title: Annotated[str, Field(min_length=1)]
    year: int = Field(ge=1990, le=2100)
    url: str = Field(pattern=r"^https?://\S+$")
    definition: Annotated[str, Field(min_length=1)]
    method: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _is_a_rate(self) -> "Benchmark":
        if self.driver not in RATE_DRIVERS:
            raise ValueError(f"{self.driver} is no rate")
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self

    @property
    def span(self) -> str:
        """The figure as percent, with all the digits that were published: 13–22%, 0.5–1.6%."""
        low, high = (f"{(Decimal(str(rate)) * 100).normalize():f}" for rate in (self.low, self.high))
        return f"{high}%" if low == high else f"{low}–{high}%"


def benchmarks(driver: Driver | None = None) -> tuple[Benchmark, ...]:
    """The published figures, of one driver or all, the latest first."""
    return tuple(each for each in _all() if driver in (None, each.driver))


@cache
def _all() -> tuple[Benchmark, ...]:
    text = Path(__file__).with_name("benchmarks.toml").read_text(encoding="utf-8")
    found = [Benchmark.model_validate(each) for each in tomllib.loads(text).get("benchmark", [])]
    return tuple(sorted(found, key=lambda each: -each.year))
