"""Public holidays by country and part of it, as the library `holidays` has them."""

import re
from collections.abc import Mapping
from datetime import date

import holidays

__all__ = ["holiday_countries", "holiday_parts", "public_holidays"]


def public_holidays(place: str, first: int, last: int) -> Mapping[date, str]:
    """A country's (`US`) or its subdivision's (`DE-BY`) public holidays of some years, as the library `holidays` has them.

    A holiday that is moved to a working day is off on both. Raises ValueError where there is no such country or subdivision.
    """
    country, _, part = place.partition("-")
    try:
        return dict(holidays.country_holidays(country, subdiv=part or None, years=range(first, last + 1)))
    except (NotImplementedError, AttributeError) as error:
        raise ValueError(f"there are no holidays for {place!r}") from error


def holiday_countries() -> Mapping[str, str]:
    """The countries whose public holidays are known: their names by code."""
    codes = holidays.list_supported_countries(include_aliases=False)
    names = {entry[1]: _spaced(entry[0]) for entry in holidays.registry.COUNTRIES.values()}
    return dict(sorted(((code, names.get(code, code)) for code in codes), key=lambda each: each[1]))


def holiday_parts(country: str) -> Mapping[str, str]:
    """The parts of a country that have holidays of their own: their names by what `public_holidays` calls them."""
    names: Mapping[str, list[str]] = getattr(holidays.country_holidays(country), "get_subdivision_aliases", dict)()
    parts = holidays.list_supported_countries(include_aliases=False).get(country, [])
    return {f"{country}-{part}": next(iter(names.get(part, [])), part) for part in parts}


def _spaced(name: str) -> str:
    """UnitedStates → United States."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
