"""What is signed: the same bytes for the same agreement, today and after an upgrade."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, create_model

from alignment_core.agreement import Agreement
from alignment_core.store.canonical import agreement_of, as_json, canonical, content_hash, from_json, short
from tests.support import agreed

#: The contract's agreement as format 1 wrote it. A version of the product that writes other bytes for it breaks what was signed.
GOLDEN = (
    '{"company":"Northwind","currency":"USD","fiscal_year_start_month":1,'
    '"marketing":{"close_rate":0.45,"deal_size":30000,"mql_to_sql":0.75,"sql_to_opportunity":0.5},'
    '"owners":{"close_rate":"sales","deal_size":"shared","mql_to_sql":"sales","mql_volume":"marketing","sql_to_opportunity":"sales",'
    '"sql_volume":"sales"},"quarter":"2026-Q3","revenue_target":1660500,'
    '"sales":{"close_rate":0.45,"deal_size":30000,"sql_to_opportunity":0.5},'
    '"sourcing":{"marketing":["Webinar"],"otherwise":"unassigned","rule":"lead_source","sales":["Cold call"]},'
    '"split":{"marketing":0.5,"sales":0.5},"timezone":"UTC"}'
)
GOLDEN_HASH = "0ebca26305045c2cc069b397ac5948dfd73c4b0b60c69382ac96d75c9037769a"
SOURCING = {"marketing": ["Webinar"], "sales": ["Cold call"]}
SEGMENTS = {"field": "region", "marketing": {"EMEA": {"share": 0.5}, "Americas": {"share": 0.5, "close_rate": 0.4}}}


def test_the_contracts_agreement_has_the_bytes_and_the_hash_that_it_always_had():
    agreement = agreed(sourcing=SOURCING)
    assert canonical(agreement) == GOLDEN
    assert content_hash(agreement) == GOLDEN_HASH
    assert content_hash(agreement) == sha256(b"alignment agreement 1\n" + GOLDEN.encode()).hexdigest()


def test_an_optional_field_that_a_later_version_adds_changes_no_hash():
    later = create_model(
        "Agreement", __base__=Agreement, coverage=(float, 3.0), teams=(dict, Field(default_factory=dict))
    )
    assert content_hash(later.checked(agreed(sourcing=SOURCING).model_dump(exclude_none=True))) == GOLDEN_HASH


def test_a_built_in_list_that_a_later_version_changes_changes_no_agreement_that_was_signed():
    signed = canonical(agreed())
    listed = json.loads(signed)["sourcing"]
    assert (tuple(listed["marketing"]), tuple(listed["sales"])) == (
        agreed().sourcing.marketing,
        agreed().sourcing.sales,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sales": None, "split": {"marketing": 1, "sales": 0}},
        {"segments": SEGMENTS},
        {"calendar": {"weeks": "4-4-5", "month": 12, "weekday": "Saturday", "year_ends": "last"}},
        {"company": 'Ærø "& Søn" \n 株式会社 \\', "timezone": "America/New_York", "fiscal_year_start_month": 11},
        {"owners": {"deal_size": "sales"}, "sourcing": {"rule": "first_touch", "otherwise": "sales"}},
        {"revenue_target": 1234567.891},
    ],
    ids=lambda changes: ", ".join(changes) or "as it is",
)  # fmt: skip
def test_canonical_text_is_read_back_as_the_same_agreement(changes):
    agreement = agreed(**changes)
    again = agreement_of(canonical(agreement))
    assert again == agreement
    assert canonical(again) == canonical(agreement)
    assert content_hash(Agreement.from_text(agreement.to_toml())) == content_hash(agreement)


def test_segments_keep_their_order_because_ties_of_rounding_go_by_it():
    turned = SEGMENTS | {"marketing": dict(reversed(SEGMENTS["marketing"].items()))}
    one, other = agreed(segments=SEGMENTS), agreed(segments=turned)
    assert list(agreement_of(canonical(one)).segments.marketing) == ["EMEA", "Americas"]
    assert list(agreement_of(canonical(other)).segments.marketing) == ["Americas", "EMEA"]


@pytest.mark.parametrize(
    "changes",
    [
        {"revenue_target": 1_660_500.01},
        {"split": {"marketing": 0.500001, "sales": 0.499999}},
        {"owners": {"deal_size": "sales"}},
        {"timezone": "Europe/Copenhagen"},
        {"sourcing": {"marketing": ["Webinar"]}},
        {"company": "Northwind "},
    ],
    ids=str,
)
def test_any_change_of_what_was_agreed_is_another_hash(changes):
    assert content_hash(agreed(**changes)) != content_hash(agreed())


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates() | st.datetimes() | st.times()  # fmt: skip


@given(
    st.recursive(SCALARS, lambda of: st.lists(of) | st.dictionaries(st.text() | st.sampled_from(["$date", "$$x"]), of))
)
def test_whatever_a_file_can_hold_goes_to_json_and_back(value):
    assert from_json(as_json(value)) == value


def test_a_hash_is_shown_short():
    assert short("0123456789abcdef" * 4) == "0123 4567 89ab"
