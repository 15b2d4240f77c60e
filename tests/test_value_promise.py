"""What an MQL of each kind counts for, as it is agreed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.value_promise import ValuePromise
from tests.support import CONTRACT

PROMISE = {"field": "lead_type", "otherwise": 3_000.0, "per_mql": {"Demo request": 6_000.0, "E-book": 2_000.0}}


def test_a_thousand_demos_are_worth_as_much_as_three_thousand_e_books():
    found = ValuePromise.model_validate(PROMISE)
    assert found.worth({"Demo request": 1_000}) == found.worth({"E-book": 3_000}) == 6_000_000


def test_a_kind_that_is_not_listed_counts_as_any_other():
    found = ValuePromise.model_validate(PROMISE)
    assert (found.counts_for("E-book"), found.counts_for("Fax"), found.worth({"Fax": 2, "E-book": 1})) == (
        2_000,
        3_000,
        8_000,
    )
    assert found.worth({}) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"field": "owner"}, "value.field: an MQL is not worth more for whose it is; promise by what it is, such as lead_type or region"),
        ({"per_mql": {}}, "value.per_mql: has no kinds; say what an MQL of at least one kind counts for"),
        ({"per_mql": {" ": 5.0}}, "value.per_mql: a kind has no name"),
        ({"per_mql": {"Demo": 0.0}, "otherwise": 0.0}, "value.per_mql: every amount is 0, so that no MQLs could keep the promise"),
        ({"per_mql": {"Demo": -1.0}}, "value.per_mql.Demo: -1 must be at least 0"),
        ({"otherwise": "3k"}, "value.otherwise: '3k' is not a number"),
    ],
)  # fmt: skip
def test_what_is_no_promise_is_refused_in_words(changes, said):
    with pytest.raises(AgreementError) as caught:
        Agreement.checked(CONTRACT | {"value": PROMISE | changes})
    assert said in caught.value.faults


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 10_000)), st.dictionaries(st.sampled_from("abc"), st.integers(1, 10**9), min_size=1), st.integers(0, 10**9))  # fmt: skip
def test_worth_is_exact_to_the_cent(mix, cents, otherwise):
    found = ValuePromise(
        field="kind", otherwise=otherwise / 100, per_mql={kind: each / 100 for kind, each in cents.items()}
    )
    assert found.worth(mix) == float(
        sum(Fraction(count * cents.get(kind, otherwise), 100) for kind, count in mix.items())
    )
