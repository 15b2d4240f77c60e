"""Which currency a text means, and what the amounts in it are worth in the agreement's."""

from collections.abc import Mapping
from decimal import Decimal

__all__ = ["RATE_LIMIT", "SHARED", "code"]

#: Rates lie below this, and have at most ten decimals: with them a product is still exact.
RATE_LIMIT = Decimal(10) ** 8

#: What only one currency is called.
_NAMES: Mapping[str, str] = {
    "€": "EUR", "£": "GBP", "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "S$": "SGD", "HK$": "HKD",
    "R$": "BRL", "₹": "INR", "₩": "KRW", "₪": "ILS", "US DOLLAR": "USD", "U.S. DOLLAR": "USD", "EURO": "EUR", "POUND STERLING": "GBP",
    "BRITISH POUND": "GBP", "SWISS FRANC": "CHF", "CANADIAN DOLLAR": "CAD", "AUSTRALIAN DOLLAR": "AUD", "JAPANESE YEN": "JPY",
    "INDIAN RUPEE": "INR", "BRAZILIAN REAL": "BRL",
}  # fmt: skip

#: Signs that stand for several currencies, and for which.
SHARED: Mapping[str, tuple[str, ...]] = {
    "$": ("USD", "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "BMD", "BSD", "BBD", "JMD", "TTD", "DOP"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "¥": ("JPY", "CNY"),
    "Rs": ("INR", "PKR", "LKR", "NPR", "MUR"),
}  # fmt: skip
#: In capitals and with the dot that they may have: at home such a sign is the own currency.
_SHARED = {sign.upper() + dot: shared for sign, shared in SHARED.items() for dot in ("", ".")}


def code(text: str, home: str) -> str:
    """The currency that a text means, in capitals; the text itself where that is not known.

    Args:
        text: a code, a sign or a name.
        home: the agreement's currency, which a shared sign such as $ means if it is one of its currencies.
    """
    name = text.strip().upper()
    if home in _SHARED.get(name, ()):
        return home
    return _NAMES.get(name, name)
