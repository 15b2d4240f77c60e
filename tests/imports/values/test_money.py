"""Text → amounts: a table of spellings in both conventions, round trips against Python's decimal, and what is never read."""

import re
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.values.money import money_evidence, parse_money, why_no_amount


def column(*texts):
    return pa.chunked_array([pa.array(texts, pa.string())])


def read(*texts, decimal=None):
    """The values; where one fails it stands as `...`, and the reason is told exactly there."""
    parsed = parse_money(column(*texts), decimal)
    assert parsed.values.type == pa.decimal128(18, 4)
    for text, failed in zip(texts, parsed.failed.to_pylist(), strict=True):
        assert ((text is not None and why_no_amount(text, decimal)) is not None) == failed or text is None
    pairs = zip(parsed.values.to_pylist(), parsed.failed.to_pylist(), strict=True)
    return [... if failed else value for value, failed in pairs]


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1234", "1234", "1234"), ("0", "0", "0"), ("-3", "-3", "-3"), ("+3", "3", "3"), ("007", "7", "7"), (" 5\u00a0", "5", "5"), ("5.", "5", "5"),
        ("1234.5", "1234.5", None), ("1234,5", None, "1234.5"), ("12,5", None, "12.5"), (".5", "0.5", None), (",5", None, "0.5"),
        ("1,234.50", "1234.5", None), ("1.234,50", None, "1234.5"), ("1,234,567", "1234567", None), ("1.000.000,00", None, "1000000"),
        ("1,234", "1234", "1.234"), ("1.234", "1.234", "1234"), ("0.125", "0.125", None), ("0,125", None, "0.125"), ("1234.567", "1234.567", None),
        ("$1,234.50 ", "1234.5", None), ("1.234,50 €", None, "1234.5"), ("R$ 100.000", "100", "100000"), ("€1.234,50", None, "1234.5"),
        ("(1,200)", "-1200", "-1.2"), ("($5.25)", "-5.25", None), ("$(5.25)", "-5.25", None), ("(5)", "-5", "-5"), ("(5 €)", "-5", "-5"),
        ("-$5", "-5", "-5"), ("$-5", "-5", "-5"), ("−5", "-5", "-5"), ("–5", "-5", "-5"), ("1,200-", "-1200", "-1.2"), ("1.234,50- €", None, "-1234.5"),
        ("1.2M", "1200000", None), ("1,2 Mio €", None, "1200000"), ("3 Mio. €", "3000000", "3000000"), ("12k", "12000", "12000"), ("12K", "12000", "12000"),
        ("1.5bn", "1500000000", None), ("2 Mrd", "2000000000", "2000000000"), ("€1.5M", "1500000", None), ("5 TEUR", "5000", "5000"), ("3 lakh", "300000", "300000"),
        ("2 crore", "20000000", "20000000"), ("1,234k", "1234000", "1234"), ("2 million", "2000000", "2000000"), ("1.23456789M", "1234567.89", None),
        ("1'234.50", "1234.5", None), ("1’234’567", "1234567", "1234567"), ("CHF 500.-", "500", "500"), ("500,--", "500", "500"), ("CHF 1'000.–", "1000", "1000"),
        ("1,00,000", "100000", None), ("12,34,567.89", "1234567.89", None), ("₹1,00,000", "100000", None),
        ("1 234,56", None, "1234.56"), ("1\u202f234,56 €", None, "1234.56"), ("1\u00a0234\u00a0567", "1234567", "1234567"), ("12 345", "12345", "12345"),
        ("1.2E+05", "120000", None), ("1,2E+05", None, "120000"), ("5E3", "5000", "5000"), ("1E-02", "0.01", "0.01"), ("1.5e-3", "0.0015", None), ("0E99", "0", "0"),
        ("１２３４.５０", "1234.5", None), ("（５）", "-5", "-5"),
        ("USD 1,000.00", "1000", None), ("1000 USD", "1000", "1000"), ("US$ 5", "5", "5"), ("$5 USD", "5", "5"), ("kr 5", "5", "5"), ("5 zł", "5", "5"), ("5MXN", "5", "5"),
        ("99999999999999", "99999999999999", "99999999999999"), ("99999999999999.9999", "99999999999999.9999", None), ("000000000000000000005", "5", "5"),
        ("33333.333333333336", "33333.3333", None), ("1.00005", "1.0001", None), ("-1.00005", "-1.0001", None), ("1.00004999", "1", None), ("0.00004", "0", None),
        ("99999999999999.99994", "99999999999999.9999", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_by_its_decimal_point(text, point, comma):
    expected = [... if worth is None else Decimal(worth) for worth in (point, comma)]
    assert [*read(text, decimal="."), *read(text, decimal=",")] == expected
    found = money_evidence(column(text))
    assert read(text, decimal=found.decimal) == [
        ... if found.decimal is None else expected[found.decimal == ","]
    ]  # fmt: skip
    grouped_by_dot = text.startswith("R$")
    assert (found.decimal is None) == (None not in (point, comma) and point != comma and not grouped_by_dot)


@pytest.mark.parametrize(
    "text",
    [
        "12-13", "1-2", "1.2.3", "1,2,3", "TBD", "12abcd", "5e", "about 5", "5 5", "12 34", "--5", "-(5)", "(-5)", "(5", "5)", "((5))", "1'23", "1,23,45",
        "€5 USD", "5 ABC", "XYZ 5", "inf", "Infinity", "0x10", "1_000", "5 k k", "5kM", "1.2E5M", "$", "k", "(", "€", ".", "1..5", "1.,5", "5 €€", "٥",
        "1.234,567.89", "1,234.567,89", "5²", "½", "2026-09-30", "30.09.2026", "=1+1",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_told(text):
    assert read(text, "5", decimal=".") == [..., 5]
    assert read(text, "5", decimal=",") == [..., 5]
    assert why_no_amount(text, None) == "is no amount"


@pytest.mark.parametrize(
    ("text", "decimal", "reason"),
    [
        ("10%", None, "is a percentage, and no amount"),
        ("1.234", None, "may have a decimal point or groups of thousands, and nothing decides"),
        ("1.234,50", ".", "cannot have a dot as its decimal point"),
        ("12.50", ",", "cannot have a comma as its decimal point"),
        ("999999999999999", None, "has more digits than an amount can have"),
        ("99999999999999.99995", None, "has more digits than an amount can have"),
        ("123456789012345678901234567890", ".", "has more digits than an amount can have"),
        ("999999999 bn", ".", "has more digits than an amount can have"),
    ],
)
def test_the_reason_says_what_is_the_matter(text, decimal, reason):
    assert why_no_amount(text, decimal) == reason


def test_the_old_readings_of_money():
    """As they were before amounts were read by their spelling."""
    us = ["$1,234.50", "(1,200)", "1234.5", "-3", "USD 1,000", "($5.25)", "1,234,567", "0"]
    assert read(*us, decimal=money_evidence(column(*us)).decimal) == [
        Decimal(worth) for worth in ["1234.5", "-1200", "1234.5", "-3", "1000", "-5.25", "1234567", "0"]
    ]
    eu = ["1.234,50 €", "12,5", "1.000.000,00", "-3,25", "EUR 7"]
    assert read(*eu, decimal=money_evidence(column(*eu)).decimal) == [
        Decimal(worth) for worth in ["1234.5", "12.5", "1000000", "-3.25", "7"]
    ]


def test_words_for_nothing_are_no_amount_and_no_failure():
    assert read("", " ", "-", "--", "N/A", "null", "--None--", "(blank)", None, "5") == [None] * 9 + [5]


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("5", None), ("$5", "$"), ("5 €", "EUR"), ("EUR 5", "EUR"), ("£5", "GBP"), ("¥5", "¥"), ("R$ 5", "BRL"), ("5 kr", "kr"), ("CHF 5", "CHF"), ("5 zł", "PLN"),
        ("₹5", "INR"), ("USD 5", "USD"), ("US$5", "USD"), ("A$5", "AUD"), ("C$5", "CAD"), ("CA$5", "CAD"), ("$5 CAD", "CAD"), ("SEK 5 kr", "SEK"), ("NZ$5", "NZD"),
        ("5 Euro", "EUR"), ("5 Kč", "CZK"), ("R 5", "ZAR"), ("5 TEUR", "EUR"), ("5 M€", "EUR"), ("eur 5", "EUR"), ("￥５", "¥"),
    ],
)  # fmt: skip
def test_the_currency_beside_an_amount_is_kept(text, currency):
    parsed = parse_money(column(text, None, "7", "TBD", "7 GBP"), ".")
    assert parsed.currency.to_pylist() == [currency, None, None, None, "GBP"]
    assert parsed.values.to_pylist()[0] % 5 == 0
    assert parsed.currency.type == pa.dictionary(pa.int32(), pa.string())


def test_an_amount_that_fails_has_no_currency():
    assert parse_money(column("$1.234", "$5"), None).currency.to_pylist() == [None, "$"]


@pytest.mark.parametrize("encode", [False, True])
def test_evidence_counts_every_amount_of_the_column(encode):
    texts = column("1,234.50", "1.234,50", "12,5", "1.234", "1.234", "950", "0.125", None, "TBD", "1,2", "R$ 100.000")
    found = money_evidence(texts.dictionary_encode() if encode else texts)
    assert (found.point, found.comma, found.either, found.neither) == (2, 4, 2, 1)
    assert dict(found.examples) == {"point": "1,234.50", "comma": "1.234,50", "either": "1.234", "neither": "950"}
    assert (found.contradicts, found.decimal) == (True, None)


@pytest.mark.parametrize(
    ("texts", "decimal", "undecided"),
    [
        (["1.234", "5.678"], None, True),
        (["1,234", "950"], None, True),
        (["1.234", "5.67"], ".", False),
        (["1.234", "5,67"], ",", False),
        (["1,234", "1,234,567"], ".", False),
        (["950", "12k"], ".", False),
        ([None, "TBD"], ".", False),
        (["R$ 100.000"], ",", False),
    ],
)
def test_evidence_decides_or_does_not(texts, decimal, undecided):
    found = money_evidence(column(*texts))
    assert (found.decimal, found.undecided) == (decimal, undecided)


def grouped(whole, mark, style):
    """Digits in groups, by Python's own formatting; in India the groups before the last three have two."""
    if style == "plain" or len(whole) <= 3:
        return whole
    if style == "indian":
        pairs = re.findall(r"\d{1,2}", whole[-4::-1])
        return ",".join([pair[::-1] for pair in pairs[::-1]] + [whole[-3:]])
    return f"{int(whole):,}".replace(",", mark)


@settings(max_examples=300, deadline=None)
@given(
    st.decimals(min_value=-(10**13), max_value=10**13, places=2),
    st.sampled_from(
        [
            (".", ",", "threes"),
            (",", ".", "threes"),
            (".", ",", "indian"),
            (".", "'", "threes"),
            (",", "\u202f", "threes"),
            (".", "", "plain"),
        ]
    ),
    st.sampled_from(["minus", "unicode", "brackets", "trailing"]),
    st.sampled_from(["{}", "${}", "{} €", "USD {}", " {} ", "{} kr"]),
    st.booleans(),
)
def test_an_amount_drawn_and_written_in_any_way_reads_back(amount, convention, sign, currency, encode):
    """Python's own formatting and decimals are the oracle."""
    point, mark, style = convention
    whole, cents = f"{abs(amount):.2f}".split(".")
    number = grouped(whole, mark, style) + point + cents
    if amount < 0:
        number = {"minus": "-{}", "unicode": "−{}", "brackets": "({})", "trailing": "{}-"}[sign].format(number)
    texts = column(currency.format(number), None)
    parsed = parse_money(texts.dictionary_encode() if encode else texts, point)
    assert parsed.values.to_pylist() == [amount, None], texts
    assert parsed.failed.to_pylist() == [False, False]


@settings(max_examples=300, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18))
def test_every_decimal_as_python_writes_it_is_read_exactly_or_fails(number):
    text = f"{number:f}"
    (value,) = read(text, decimal=".")
    rounded = number.quantize(Decimal("0.0001"), ROUND_HALF_UP, None) if abs(number) < 10**15 else None
    if rounded is not None and abs(rounded) < 10**14:
        assert value == rounded
    else:
        assert value is ...


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.text(max_size=20),
        st.from_regex(r"[ 0-9.,'()$€kKmM+-]{1,20}", fullmatch=True),
        st.from_regex(r"(USD |\$|€)?[0-9]{1,3}([.,' ][0-9]{2,3}){0,3}([.,][0-9]{0,6})?(E[+-]?[0-9]{1,2}|k|M|bn)?( ?€| kr)?", fullmatch=True),
    ),
    st.sampled_from([".", ",", None]),
)  # fmt: skip
def test_no_text_reads_as_an_amount_of_other_digits(text, decimal):
    """The digits of what is read are those that were written, but for leading and trailing zeros."""
    (value,) = read(text, decimal=decimal)
    if not isinstance(value, Decimal):
        return
    wide = text.translate({0xFF10 + place: 48 + place for place in range(10)})
    mantissa = re.sub(r"[eE]\s*[+-]?\d{1,2}", "", wide)
    written = re.sub("[^0-9]", "", mantissa)
    got = re.sub("[^0-9]", "", f"{value:f}")
    rounded = re.search(r"[eE]-\d", wide)  # 5E-5 is half of the smallest amount
    if (len(written.strip("0")) <= 4 and not rounded) or value == value.to_integral_value():
        assert got.strip("0") == written.strip("0")[: len(got.strip("0"))]
    assert (value < 0) == bool(re.search(r"[-−–(（]", re.sub(r"[eE]-|[.,][-–—]{1,2}", "", wide))) or value == 0


def test_a_column_of_a_dictionary_does_not_tell_of_texts_that_no_row_has():
    texts = pa.chunked_array(
        [pa.DictionaryArray.from_arrays(pa.array([0, None, 0], pa.int32()), pa.array(["5", "1.234", "TBD"]))]
    )
    assert parse_money(texts).values.to_pylist() == [5, None, 5]
    assert money_evidence(texts).either == 0


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_column_without_rows_is_one_of_amounts(kind):
    parsed = parse_money(pa.chunked_array([], kind))
    assert (len(parsed.values), len(parsed.failed), len(parsed.currency)) == (0, 0, 0)
