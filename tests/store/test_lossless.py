"""Frozen results as plain values and back: to the last digit, and by the types that they declare."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.choices import Choices
from alignment_core.results import Counts, Note, Review
from alignment_core.store.canonical import as_json, from_json
from alignment_core.store.lossless import plain, restored
from tests.support import reviewed

NUMBERS = st.none() | st.floats(allow_nan=False) | st.integers(-(10**12), 10**12)
COUNTS = st.builds(Counts, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.floats(allow_nan=False))


@given(
    st.dictionaries(st.none() | st.text(), COUNTS),
    st.dictionaries(st.text(), NUMBERS | st.text() | st.dates() | st.tuples(st.text(), st.text())),
)
def test_whatever_a_result_holds_comes_back_from_text(cells, values):
    plan = {"marketing": Counts(1.5, 1, 1, 1, 0.1 + 0.2)}
    result = replace(reviewed(plan, plan, notes=(Note("code", values),)), segment_plan={"marketing": cells})
    assert restored(Review, from_json(as_json(plain(result)))) == result


def test_what_a_later_version_adds_takes_its_default_and_what_it_does_not_know_is_refused():
    @dataclass(frozen=True)
    class Later:
        mqls: float
        cost: float = 7.0
        parts: tuple[Counts, ...] = field(default=())

    assert restored(Later, {"mqls": 1}) == Later(1)
    with pytest.raises(ValueError, match="Later has sqls, which this version does not know"):
        restored(Later, {"mqls": 1, "sqls": 2})
    with pytest.raises(ValueError, match="Later lacks mqls"):
        restored(Later, {"cost": 2})


def test_choices_with_exchange_rates_come_back():
    choices = Choices(same_email="count once", rates=(("EUR", Decimal("1.0850")),))
    assert restored(Choices, from_json(as_json(plain(choices)))) == choices


@dataclass(frozen=True)
class Kept:
    day: date | None = None
    amount: Decimal = Decimal(0)
    by_place: Mapping[tuple[str, int], tuple[float, ...]] = field(default_factory=dict)
    pair: tuple[str, Counts] | None = None
    share: float = 0.5


def test_each_kind_of_value_is_written_as_its_docs_say():
    kept = Kept(date(2026, 7, 1), Decimal("1.10"), {("EMEA", 2): (0.1,)}, ("a", Counts(1, None, 2, 3, 4.0)), nan)
    written = plain(kept)
    assert written == {
        "day": {"$date": "2026-07-01"},
        "amount": {"$decimal": "1.10"},
        "by_place": [[["EMEA", 2], [0.1]]],
        "pair": ["a", {"mqls": 1, "sqls": None, "opportunities": 2, "wins": 3, "revenue": 4.0}],
        "share": {"$float": "nan"},
    }
    again = restored(Kept, json.loads(json.dumps(written)))
    assert isnan(again.share)
    assert replace(again, share=0.5) == replace(kept, share=0.5)
    assert str(again.amount) == "1.10"


@pytest.mark.parametrize("share", [inf, -inf])
def test_what_is_no_number_in_json_comes_back(share):
    assert restored(Kept, json.loads(json.dumps(plain(Kept(share=share)), allow_nan=False))).share == share


def test_numbers_of_numpy_are_stored_as_pythons():
    written = plain((np.int64(3), np.float64(0.1), np.float32(0.5)))
    assert written == [3, 0.1, 0.5]
    assert [type(each) for each in written] == [int, float, float]


@pytest.mark.parametrize(
    "value", [datetime(2026, 7, 1, 12), {1, 2}, b"x", Kept, object()], ids=lambda value: type(value).__name__
)
def test_what_nothing_can_be_stored_of_is_refused_rather_than_stored_as_something_else(value):
    with pytest.raises(TypeError, match="cannot be stored"):
        plain((value,))


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ([1, 2], "Kept is not a table"),
        ({"day": {"$colour": "red"}}, r"\$colour is nothing that is stored"),
        ({"pair": ["a"]}, "argument"),  # one of the two is missing
        ({"pair": ["a", {"cost": 1}]}, "Counts has cost"),
    ],
)
def test_what_is_not_of_the_kind_is_refused(stored, said):
    with pytest.raises(ValueError, match=said):
        restored(Kept, stored)
