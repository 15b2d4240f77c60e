"""By which fields counts are broken down, and on which a definition of an MQL can have rules."""

import pyarrow as pa

from alignment_core.engine import Engine
from alignment_core.imports.headers import OF_A_PERSON
from alignment_core.record_fields import definition_fields, segment_fields


def engine(**tables):
    return Engine(
        {name: pa.table({column: pa.array(values) for column, values in own.items()}) for name, own in tables.items()}
    )


def test_what_says_when_whose_or_how_much_is_no_segment_nor_is_an_empty_column():
    found = engine(
        leads={"lead_id": ["a"], "lead_source": ["Website"], "region": ["EMEA"], "industry": pa.nulls(1, pa.string()), "owner": ["Rep 1"]},
        deals={"deal_id": ["d"], "product": ["Basic"], "is_won": [True], "region": ["EMEA"]},
    )  # fmt: skip
    assert segment_fields(found) == ("lead_source", "region", "owner", "product")
    assert definition_fields(found) == ("lead_source", "region", "owner")


def test_what_somebody_is_and_the_score_can_be_in_a_rule_and_are_no_segments():
    person = sorted(OF_A_PERSON)[0]
    found = engine(leads={"lead_id": ["a"], "score": ["55"], person: ["CFO"], "country": ["US"]})
    assert segment_fields(found) == ("country",)
    assert definition_fields(found) == ("score", person, "country")


def test_fields_of_owners_and_accounts_count_for_leads_only_where_leads_name_them():
    accounts = {"account": ["Northwind"], "employees": ["120"]}
    named = engine(leads={"lead_id": ["a"], "account": ["Northwind"]}, accounts=accounts)
    unnamed = engine(leads={"lead_id": ["a"], "country": ["US"]}, accounts=accounts)
    assert (segment_fields(named), definition_fields(named)) == (("employees",), ("employees",))
    assert definition_fields(unnamed) == ("country",)


def test_without_records_there_are_none():
    assert segment_fields(engine(leads={"lead_id": ["a"]})) == definition_fields(engine(leads={"lead_id": ["a"]})) == ()
