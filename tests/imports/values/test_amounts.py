"""Which marks of a number group its digits, which is the decimal point, and what it comes to."""

from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.values.alike import alike
from alignment_core.imports.values.amounts import DIGITS, LARGEST, SCALE, Digits, evaluate, is_ambiguous, reading


def ten_thousandths(*texts, point=".", power=0, negative=False):
    """What each of some texts, all written alike, comes to; None where it is not right."""
    (group,) = alike(pa.array(texts))
    digits = reading(group.text, point)
    assert digits is not None
    values, right = evaluate(group, 0, digits, power, negative=negative)
    return [value if is_right else None for value, is_right in zip(values.tolist(), right.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("body", "point", "whole", "decimals"),
    [
        ("1234.50", ".", ["1234"], "50"),
        ("1,234", ".", ["1", "234"], ""),
        ("1,234", ",", ["1"], "234"),
        ("1.234.567,8", ",", ["1", "234", "567"], "8"),
        ("1'234.50", ".", ["1", "234"], "50"),
        ("1 234,50", ",", ["1", "234"], "50"),
        ("1\u202f234,50", ",", ["1", "234"], "50"),
        ("12,34,567", ".", ["12", "34", "567"], ""),  # as in India
        (".5", ".", [], "5"),
    ],
)
def test_the_decimal_point_says_which_digits_are_whole(body, point, whole, decimals):
    found = reading(body, point)
    assert [body[first:last] for first, last in found.whole] == whole
    assert body[slice(*found.decimals)] == decimals
    assert found.grouped == (len(whole) > 1)


@pytest.mark.parametrize(
    ("body", "point"),
    [
        ("1,23", "."),  # no group has two digits at the end
        ("1234,567", "."),  # nor four at the beginning
        ("12.34.567", ","),  # grouped as in India, but by a dot
        ("1.2.3", "."),
        ("1,234'567", "."),  # two marks
        ("5.", "."),
        (".", "."),
    ],
)
def test_what_cannot_be_read_by_a_decimal_point_has_no_reading(body, point):
    assert reading(body, point) is None


def test_only_one_mark_before_three_digits_leaves_the_point_open():
    """A shape has 0 for each digit."""
    assert [body for body in ("0,000", "00.000", "000,000") if not is_ambiguous(body)] == []
    told = ("0,00", "0,0000", "0000,000", "0,000,000", "0,000.00", "0.000,00", "0'000", "000", "0,0,0")
    assert [body for body in told if is_ambiguous(body)] == []


def test_an_amount_is_of_ten_thousandths():
    assert ten_thousandths("1234.50", "0000.07") == [12_345_000, 700]
    assert ten_thousandths("1.234,5", point=",") == [12_345_000]
    assert ten_thousandths("1.5", power=6) == [15_000_000_000]
    assert ten_thousandths("45", power=-2, negative=True) == [-4_500]


def test_half_of_a_ten_thousandth_is_rounded_away_from_zero():
    assert ten_thousandths("1.23454", "1.23455", "1.99995") == [12_345, 12_346, 20_000]
    assert ten_thousandths("1.23455", negative=True) == [-12_346]
    assert ten_thousandths("0.00005", "0.00004") == [1, 0]
    assert ten_thousandths("0.000009") == [0]


def test_groups_cannot_begin_with_a_zero():
    assert ten_thousandths("0,123", "1,023") == [None, 10_230_000]
    assert ten_thousandths("0,123", point=",") == [1_230]


def test_more_digits_than_an_amount_has_are_not_right():
    assert (10**DIGITS - 1, SCALE) == (LARGEST, 4)
    assert ten_thousandths("99999999999999.9999") == [LARGEST]
    assert ten_thousandths("99999999999999.99995") == [None]  # rounds up to one digit more
    assert ten_thousandths("100000000000000", "099999999999999") == [None, LARGEST - 9_999]
    assert ten_thousandths("9", power=18) == [None]


def test_zeros_before_a_number_are_no_digits_of_it():
    assert ten_thousandths("0" * 40 + "7.5") == [75_000]


@settings(max_examples=150, deadline=None)
@given(
    whole=st.integers(0, 10**15),
    decimals=st.text("0123456789", max_size=7),
    power=st.sampled_from([-2, 0, 3, 6]),
    negative=st.booleans(),
)
def test_whatever_the_digits_the_value_is_that_of_pythons_decimal(whole, decimals, power, negative):
    text = f"{whole}.{decimals}" if decimals else str(whole)
    exact = Decimal(text).scaleb(power + SCALE).quantize(Decimal(1), ROUND_HALF_UP)
    (found,) = ten_thousandths(text, power=power, negative=negative)
    if exact <= LARGEST:
        assert found == (-int(exact) if negative else int(exact))
    else:
        assert found is None


def test_readings_are_equal_where_the_digits_stand_alike():
    assert reading("1,234", ".") == reading("9,999", ".") == Digits(((0, 1), (2, 5)), (0, 0), True)
