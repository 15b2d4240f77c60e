"""Which currency a text means, and what the amounts in it are worth in the agreement's."""

from collections.abc import Mapping
from decimal import Decimal

__all__ = ["RATE_LIMIT", "code"]

#: Rates lie below this, and have at most ten decimals: with them a product is still exact.
RATE_LIMIT = Decimal(10) ** 8

#: What only one currency is called.
_NAMES: Mapping[str, str] = {
    "€": "EUR", "£": "GBP", "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "S$": "SGD", "HK$": "HKD",
    "R$": "BRL", "₹": "INR", "₩": "KRW", "₪": "ILS", "US DOLLAR": "USD", "U.S. DOLLAR": "USD", "EURO": "EUR", "POUND STERLING": "GBP",
    "BRITISH POUND": "GBP", "SWISS FRANC": "CHF", "CANADIAN DOLLAR": "CAD", "AUSTRALIAN DOLLAR": "AUD", "JAPANESE YEN": "JPY",
    "INDIAN RUPEE": "INR", "BRAZILIAN REAL": "BRL",
}  # fmt: skip

#: What several are called: at home it is the own one.
_SHARED: Mapping[str, frozenset[str]] = {
    "$": frozenset("USD CAD AUD NZD SGD HKD MXN TWD ARS CLP COP".split()),
    "¥": frozenset(("JPY", "CNY")),
    "KR": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "KR.": frozenset(("SEK", "NOK", "DKK", "ISK")),
}


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
