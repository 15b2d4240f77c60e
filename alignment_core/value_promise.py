"""The promise in value: what an MQL of each kind counts for, so that many of one kind and few of another are the same promise."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from alignment_core.agreement_parts import Part, exact

__all__ = ["ValuePromise"]

#: What an MQL counts for, in the agreement's currency. A kind that never brings anything can be agreed to count for nothing.
Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False, strict=True)]


class ValuePromise(Part):
    """What MQLs count for; together they are to be worth marketing's revenue.

    Attributes:
        field: by which MQLs differ in value, such as `lead_type`.
        otherwise: what an MQL counts for whose kind is not listed, or not recorded; in the agreement's currency.
        per_mql: what an MQL of each kind counts for.
    """

    field: str = Field(min_length=1)
    otherwise: Amount
    per_mql: dict[str, Amount]

    @field_validator("field")
    @classmethod
    def _is_no_person(cls, value: str) -> str:
        if value == "owner":
            raise ValueError(
                "an MQL is not worth more for whose it is; promise by what it is, such as lead_type or region"
            )
        return value

    @field_validator("per_mql")
    @classmethod
    def _says_something(cls, value: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        if not value:
            raise ValueError("has no kinds; say what an MQL of at least one kind counts for")
        if any(not kind.strip() for kind in value):
            raise ValueError("a kind has no name")
        if not any(value.values()) and not info.data.get("otherwise", 1):
            raise ValueError("every amount is 0, so that no MQLs could keep the promise")
        return value

    def counts_for(self, kind: str) -> float:
        """What one MQL of a kind counts for."""
        return self.per_mql.get(kind, self.otherwise)

    def worth(self, mix: Mapping[str, float]) -> float:
        """What MQLs, counted by kind, are worth together."""
        return float(
            sum((exact(float(count)) * exact(self.counts_for(kind)) for kind, count in mix.items()), Fraction(0))
        )
