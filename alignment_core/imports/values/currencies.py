"""Currencies as amounts are written with them. Data only.

Source of the codes: ISO 4217, the active currencies. A sign that several currencies share stands for itself.
"""

CODES: tuple[str, ...] = tuple(
    (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
        "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR "
        "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT "
        "MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD "
        "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES "
        "VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
    ).split()
)

#: Signs and words for currencies. Those that several share ($, kr, ¥) stand for themselves.
SIGNS: dict[str, str] = {
    "$": "$", "US$": "USD", "U$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "CAD$": "CAD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "SG$": "SGD", "NT$": "TWD", "MX$": "MXN", "R$": "BRL", "USD$": "USD", "AUD$": "AUD",
    "€": "EUR", "Euro": "EUR", "EURO": "EUR", "euro": "EUR", "eur": "EUR", "Eur": "EUR", "usd": "USD", "Usd": "USD", "gbp": "GBP", "chf": "CHF",
    "£": "GBP", "¥": "¥", "JP¥": "JPY", "CN¥": "CNY", "円": "JPY", "元": "CNY", "₹": "INR", "Rs": "Rs", "Rs.": "Rs", "₩": "KRW", "₪": "ILS",
    "₺": "TRY", "₽": "RUB", "₴": "UAH", "₦": "NGN", "₱": "PHP", "฿": "THB", "₫": "VND", "zł": "PLN", "zl": "PLN", "Kč": "CZK", "Ft": "HUF",
    "lei": "RON", "Fr.": "CHF", "SFr.": "CHF", "sFr.": "CHF", "kr": "kr", "kr.": "kr", "Kr": "kr", "Kr.": "kr", "R": "ZAR",
}  # fmt: skip

#: Currencies whose amounts are always grouped with a dot, so that R$ 100.000 is a hundred thousand.
GROUPED_BY_DOT = frozenset({"BRL"})
