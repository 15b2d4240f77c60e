"""What the parts of an agreement are made of: strict numbers, frozen tables, numbers as they are written."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alignment_core.agreement_parts import AgreementError, Money, Part, Rate, Share, Zone, exact


class Promise(Part):
    rate: Rate = 0.5
    share: Share = 0.5
    size: Money = 100.0
    zone: Zone = "UTC"


@pytest.mark.parametrize(
    ("key", "least", "most"), [("rate", 1e-6, 1.0), ("share", 0.0, 1.0), ("size", 1.0, 1e15)]
)  # fmt: skip
def test_numbers_stand_within_their_limits_and_not_beyond(key, least, most):
    assert [getattr(Promise(**{key: value}), key) for value in (least, most)] == [least, most]
    for value in (least - 1e-9, most * 1.001, float("nan"), float("inf"), "0.5", True):
        with pytest.raises(ValidationError):
            Promise(**{key: value})


def test_a_key_that_nobody_knows_is_a_mistake_and_a_part_cannot_be_changed():
    with pytest.raises(ValidationError, match="rat"):
        Promise.model_validate({"rat": 0.4})
    with pytest.raises(ValidationError, match="frozen"):
        Promise().rate = 0.4


def test_a_time_zone_is_one_that_is_known_here():
    assert Promise(zone="America/New_York").zone == "America/New_York"
    for unknown in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(ValidationError, match="is not a time zone; write it like America/New_York"):
            Promise(zone=unknown)


def test_a_number_is_what_is_written():
    assert exact(0.1) == Fraction(1, 10)
    assert exact(0.1) + exact(0.2) == exact(0.3)
    assert exact(1e-06) == Fraction(1, 10**6)


@given(st.decimals(0, 10**9, places=4))
def test_every_number_of_fifteen_digits_is_exactly_what_is_written(number):
    assert exact(float(number)) == Fraction(str(number))


def test_an_error_has_every_reason():
    error = AgreementError(("split: is missing", "quarter: is missing"))
    assert (error.faults, str(error)) == (
        ("split: is missing", "quarter: is missing"),
        "split: is missing\nquarter: is missing",
    )
