"""The signs and codes of currencies: they agree with each other, and each is read beside an amount."""

import pyarrow as pa
import pytest

from alignment_core.currencies import SHARED
from alignment_core.imports.values import parse_money
from alignment_core.imports.values.currencies import CODES, GROUPED_BY_DOT, SIGNS

#: What each sign and each code stands for.
MEANT = {**SIGNS, **{code: code for code in CODES}}


def currencies(*texts, decimal="."):
    found = parse_money(pa.chunked_array([pa.array(texts)]), decimal)
    assert not any(found.failed.to_pylist())
    return found.currency.to_pylist()


def test_codes_are_three_capitals_each_listed_once():
    assert [code for code in CODES if not (len(code) == 3 and code.isascii() and code.isupper())] == []
    assert len(set(CODES)) == len(CODES)
    assert {"USD", "EUR", "GBP", "JPY", "CHF", "INR", "BRL", "CNY"} <= set(CODES)


def test_a_sign_stands_for_a_currency_or_is_shared_by_several_and_stands_for_itself():
    assert {meant for meant in SIGNS.values() if meant not in CODES} == set(SHARED)
    assert all(SIGNS[sign] == sign for sign in SHARED)
    assert not SIGNS.keys() & set(CODES)


def test_what_shares_a_sign_are_several_currencies():
    for sign, shared in SHARED.items():
        assert len(set(shared)) == len(shared) > 1, sign
        assert set(shared) <= set(CODES), sign
    assert set(CODES) >= GROUPED_BY_DOT


@pytest.mark.parametrize("form", ["{} 5", "5 {}", "{}5", "5{}", "-{}5", "({} 5)"])
def test_every_sign_and_code_is_read_on_either_side_of_an_amount(form):
    assert currencies(*(form.format(name) for name in MEANT)) == list(MEANT.values())


def test_a_shared_sign_beside_one_of_its_codes_is_that_currency():
    pairs = [(sign, code) for sign, shared in SHARED.items() for code in shared]
    assert currencies(*(f"{sign}5 {code}" for sign, code in pairs)) == [code for _, code in pairs]


def test_a_currency_grouped_by_dots_needs_no_decimal_point_to_be_told():
    (amount,) = parse_money(pa.chunked_array([["R$ 100.000"]]), None).values.to_pylist()
    assert amount == 100_000
