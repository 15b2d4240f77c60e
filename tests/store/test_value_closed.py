"""A closed review holds marketing to its promise in value as it did when it was closed, and what is signed has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.amendment_words import amended_term
from alignment_core.amendments import changes
from alignment_core.review import review
from alignment_core.store import Author
from alignment_core.store.canonical import agreement_of, canonical, content_hash, values_of
from alignment_core.store.merging import difference, flat
from tests.store.test_canonical import GOLDEN_HASH, SOURCING
from tests.support import agreed, summary

VALUE = {"field": "lead_type", "otherwise": 5062.5, "per_mql": {"demo": 10_125, "ebook": 3_375}}


def test_without_a_promise_in_value_the_hash_is_what_it_always_was_and_with_one_it_is_another():
    assert content_hash(agreed(sourcing=SOURCING)) == GOLDEN_HASH
    hashes = {content_hash(agreed(sourcing=SOURCING, value=each)) for each in (
        VALUE, VALUE | {"otherwise": 5062}, VALUE | {"field": "region"}, VALUE | {"per_mql": {"demo": 10_125, "ebook": 3_376}},
    )}  # fmt: skip
    assert len(hashes | {GOLDEN_HASH}) == 5


AMOUNTS = st.floats(0, 1e15, allow_nan=False) | st.integers(0, 10**15)


@given(st.dictionaries(st.text(min_size=1).filter(str.strip), AMOUNTS, min_size=1), st.floats(0.01, 1e15))
def test_whatever_is_promised_in_value_goes_to_toml_and_canonical_text_and_back(per_mql, otherwise):
    kept = {kind: amount for kind, amount in per_mql.items() if kind.isprintable()} or {"demo": 1}
    agreement = agreed(value={"field": "lead_type", "otherwise": otherwise, "per_mql": kept})
    assert Agreement.from_text(agreement.to_toml()) == agreement
    assert agreement_of(canonical(agreement)) == agreement
    assert content_hash(Agreement.from_text(agreement.to_toml())) == content_hash(agreement)


def test_two_who_change_different_terms_of_it_are_merged_and_the_same_term_is_to_be_decided(store):
    ada, sol = Author("Ada", "marketing"), Author("Sol", "sales")
    base = store.save_draft(agreed(value=VALUE), ada, 0).draft
    store.save_draft(agreed(value=VALUE | {"otherwise": 4_000}), ada, base.revision)
    mine = agreed(value=VALUE | {"per_mql": {"demo": 9_000, "ebook": 3_000}})
    merged = store.save_draft(mine, sol, base.revision).draft.agreement
    assert merged.value.model_dump() == {"field": "lead_type", "otherwise": 4_000, "per_mql": {"demo": 9_000, "ebook": 3_000}}  # fmt: skip
    conflict = store.save_draft(agreed(value=VALUE | {"otherwise": 6_000}), sol, base.revision)
    assert [each.field for each in conflict.disagreements] == ["value.otherwise"]


def test_a_difference_between_versions_names_what_changed_of_it():
    before, after = (flat(values_of(agreed(value=each))) for each in (VALUE, VALUE | {"otherwise": 4_000}))
    assert [(each.field, each.before, each.after) for each in difference(before, after)] == [
        ("value.otherwise", 5062.5, 4_000)
    ]
    (changed,) = changes(agreed(value=VALUE), agreed(value=VALUE | {"otherwise": 4_000}))
    assert amended_term(changed) == "the promise in value changed"


@pytest.mark.parametrize("by", [None, "lead_type", "region"])
def test_a_closed_review_is_held_to_the_same_value_when_it_is_computed_again(store, by):
    rows = [
        {"quarter": "2026-Q3", "source": "marketing", "lead_type": kind, "region": "EMEA", "mqls": mqls, "wins": 9, "revenue": 270_000}
        for kind, mqls in (("demo", 50), ("ebook", 122))
    ]  # fmt: skip
    data, agreement = summary(*rows), agreed(value=VALUE)
    answer = review(data, agreement, by=by)
    assert answer.value.worth == 918_000
    store.close_review(answer, agreement, data, ())
    again = store.closed(agreement.company, agreement.quarter)
    assert again.review == answer
    assert again.computed_again() == answer
    assert again.json["value"]["worth"] == 918_000
