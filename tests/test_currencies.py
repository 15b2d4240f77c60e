"""Which currency a text means: a code, a sign or a name, and a shared sign only at home."""

import pytest

from alignment_core.currencies import _NAMES, _SHARED, code


@pytest.mark.parametrize(
    ("text", "home", "expected"),
    [
        ("usd ", "USD", "USD"), ("$", "USD", "USD"), ("$", "CAD", "CAD"), ("$", "EUR", "$"), ("€", "USD", "EUR"), ("US Dollar", "EUR", "USD"),
        ("¥", "JPY", "JPY"), ("¥", "USD", "¥"), ("kr", "SEK", "SEK"), ("R$", "USD", "BRL"), ("Rs.", "INR", "INR"), ("Rs", "USD", "RS"), ("$", "UYU", "UYU"), ("Thaler", "USD", "THALER"),
    ],
)  # fmt: skip
def test_a_sign_shared_by_several_currencies_is_the_own_one_or_unknown(text, home, expected):
    assert code(text, home) == expected


def test_what_nobody_knows_stays_as_it_is_in_capitals():
    assert code(" doubloons ", "USD") == "DOUBLOONS"
    assert code("", "USD") == ""


def test_a_sign_belongs_to_one_currency_or_is_shared_by_several():
    """Every meaning is a code of three capitals, and no sign is in both lists."""
    assert not _NAMES.keys() & _SHARED.keys()
    meant = {*_NAMES.values(), *(each for several in _SHARED.values() for each in several)}
    assert all(len(each) == 3 and each.isascii() and each.isupper() for each in meant)
    assert all(len(several) > 1 for several in _SHARED.values())
    assert all(name == name.upper().strip() for name in (*_NAMES, *_SHARED))


def test_every_shared_sign_means_each_of_its_currencies_at_home_and_is_unknown_elsewhere():
    for sign, several in _SHARED.items():
        assert {home: code(sign, home) for home in several} == {home: home for home in several}
        assert code(sign, "CHF") == sign
