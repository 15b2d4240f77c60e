"""What the parts of an agreement are made of: strict numbers, frozen tables, and one error with all that is wrong."""

from fractions import Fraction
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["AgreementError", "Money", "Part", "Rate", "Share", "Zone", "exact"]

# Strict: text or true in a number's place is a mistake, not a number. The limits keep everything that follows
# within what floating point can hold.
Rate = Annotated[float, Field(ge=1e-6, le=1, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Money = Annotated[float, Field(ge=1, le=1e15, allow_inf_nan=False, strict=True)]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is not a time zone; write it like America/New_York") from error
    return value


#: The name of a time zone that is known here.
Zone = Annotated[str, AfterValidator(_zone)]


class AgreementError(ValueError):
    """An agreement that cannot stand. `faults` has every reason, each in words."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class Part(BaseModel):
    """A table of the agreement file: frozen, and a key that it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


def exact(value: float) -> Fraction:
    """The number as it is written: 0.1 is a tenth, not the nearest binary fraction."""
    return Fraction(str(value))
