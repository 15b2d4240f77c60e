"""Numbers, shares, flags, stages and sources."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.values.plain import (
    parse_flag,
    parse_number,
    parse_percent,
    parse_source,
    parse_stage,
    percent_evidence,
)


def column(*texts):
    return pa.chunked_array([pa.array(texts, pa.string())])


def read(parse, *texts, encode=False):
    """The values; where one fails it stands as `...`."""
    texts = column(*texts)
    parsed = parse(texts.dictionary_encode() if encode else texts)
    assert len(parsed.values) == len(parsed.failed) == len(texts)
    pairs = zip(parsed.values.to_pylist(), parsed.failed.to_pylist(), strict=True)
    return [... if failed else value for value, failed in pairs]


ENCODED = pytest.mark.parametrize("encode", [False, True])


@ENCODED
def test_numbers(encode):
    texts = [
        "12",
        "1,234",
        "1,234,567",
        "0.5",
        "-3",
        "1.5k",
        "1E3",
        " 7 ",
        "",
        "N/A",
        None,
        "$5",
        "5 EUR",
        "many",
        "12-13",
        "nan",
        "inf",
        "1,23",
    ]
    expected = [12, 1234, 1234567, 0.5, -3, 1500, 1000, 7, None, None, None, ..., ..., ..., ..., None, ..., ...]
    assert read(parse_number, *texts, encode=encode) == expected


def test_numbers_with_a_decimal_comma():
    assert read(lambda texts: parse_number(texts, ","), "1.234", "12,5", "1234") == [1234, 12.5, 1234]


@ENCODED
@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("percent", [0.45, 0.455, 0.45, 0.45, 0.0045, 0.01, 0, ..., ..., ..., None]),
        ("fraction", [0.45, 0.455, 0.45, 45, 0.45, 1, 0, ..., ..., ..., None]),
        (None, [0.45, 0.455, 0.45, ..., ..., ..., 0, ..., ..., ..., None]),
    ],
)
def test_shares(unit, expected, encode):
    texts = ["45%", "45,5 %", " 45.0% ", "45", "0.45", "1", "0", "45%%", "$5", "half", "-"]
    found = read(lambda texts: parse_percent(texts, unit), *texts, encode=encode)
    assert found == [pytest.approx(value) if isinstance(value, float) else value for value in expected]


@ENCODED
@pytest.mark.parametrize(
    ("texts", "unit", "undecided", "contradicts"),
    [
        (["45", "12,5", "100"], "percent", False, False),
        (["45", "1"], "percent", False, False),
        (["0.45", "0,5", "1"], "fraction", False, False),
        (["45%", "50%"], "fraction", False, False),
        (["1", "1", "0"], None, True, False),
        (["45", "0.45"], None, False, True),
        (["0", None, "x"], "fraction", False, False),
    ],
)
def test_what_shares_say_about_their_unit(texts, unit, undecided, contradicts, encode):
    found = percent_evidence(column(*texts).dictionary_encode() if encode else column(*texts))
    assert (found.unit, found.undecided, found.contradicts) == (unit, undecided, contradicts)


def test_shares_are_counted_by_what_they_say():
    found = percent_evidence(column("45%", "45", "45", "0.45", "1", "0", None, "x", "5%%"))
    assert (found.signed, found.above, found.below, found.ones, found.zeros) == (1, 2, 1, 1, 1)
    assert dict(found.examples) == {"signed": "45%", "above": "45", "below": "0.45", "ones": "1", "zeros": "0"}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["{:.2f}%", "{:.2f} %", "{:.2f}"]), st.booleans())
def test_a_share_drawn_and_written_reads_back(hundredths, form, comma):
    text = form.format(hundredths / 100)
    (value,) = read(lambda texts: parse_percent(texts, "percent"), text.replace(".", ",") if comma else text)
    assert value == pytest.approx(hundredths / 10_000, abs=1e-12)


@ENCODED
def test_flags(encode):
    true = [
        "TRUE",
        "true",
        "1",
        "1.0",
        "Yes",
        "y",
        "X",
        "ja",
        "oui",
        "sí",
        "Won",
        "Closed Won",
        "checked",
        "✓",
        "WAHR",
        " yes\u00a0",
    ]
    false = ["FALSE", "0", "0.0", "no", "N", "nein", "non", "não", "Lost", "Closed Lost", "open", "unchecked", "FALSCH"]
    assert read(parse_flag, *true, *false, encode=encode) == [True] * len(true) + [False] * len(false)
    assert read(parse_flag, "perhaps", "2", "-", "", None, "ja nein", encode=encode) == [
        ...,
        ...,
        None,
        None,
        None,
        ...,
    ]


@ENCODED
def test_stages(encode):
    names = [
        "MQL",
        "Marketing Qualified Lead",
        "sqls",
        "Sales-qualified lead",
        "Opportunity",
        "Opps",
        "Closed Won",
        "customer",
        "SAL",
        "",
        None,
    ]
    assert read(parse_stage, *names, encode=encode) == [
        "mqls", "mqls", "sqls", "sqls", "opportunities", "opportunities", "wins", "wins", ..., None, None,
    ]  # fmt: skip


@ENCODED
def test_sources(encode):
    names = ["Marketing", "marketing-sourced", "sales-sourced", "SALES", "Unassigned", "Webinar", "N/A"]
    for other in ("Salesforce import", "marketing excluded", "marketing2b", "Sales assisted by partner"):
        assert read(parse_source, other, encode=encode) == [...]
    assert read(parse_source, *names, encode=encode) == [
        "marketing",
        "marketing",
        "sales",
        "sales",
        "unassigned",
        ...,
        None,
    ]
