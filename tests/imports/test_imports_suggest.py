"""What columns may be is suggested from their words and values together, and never from a likeness of names alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.imports.headers import FIELDS, is_personal
from alignment_core.imports.model import KINDS
from alignment_core.imports.suggest import suggest

DATES = ("2026-07-01", "2026-08-15", "2026-09-30")
MONEY = ("$1,200.00", "900", "15,000")
IDS = ("A-1001", "A-1002", "A-1003")


def one(kind, header, values, taken=()):
    found = suggest([header], [(value,) for value in values], kind, dict.fromkeys(taken, 99))
    return found[0].field if found else None


@pytest.mark.parametrize(
    ("kind", "header", "values", "field"),
    [
        ("leads", "Qualified as SQL since", DATES, "sql_at"),
        ("leads", "sqlReachedOn", DATES, "sql_at"),
        ("leads", "SQL_Stamp__c", ("30.09.2026", "1.8.2026", "15.08.26"), "sql_at"),
        ("leads", "Sales qualified since", ("Sep 30, 2026", "Aug 1, 2026"), "sql_at"),
        ("leads", "MQL stamp", ("30 Sep 2026", "1 August 2026"), "mql_at"),
        ("leads", "Turned marketing-qualified", DATES, "mql_at"),
        ("leads", "Opp opened", DATES, "opportunity_at"),
        ("leads", "First won on", DATES, "won_at"),
        ("leads", "Contact key", IDS, "lead_id"),
        ("leads", "Contact key", ("a@b.example", "c@d.example"), "lead_id"),
        ("leads", "Reference", ("00Q5f00000AbCdE", "00Q5f00000AbCdF"), "lead_id"),
        ("leads", "How they came: channel", ("Webinar", "Website", "Webinar", "Event"), "lead_source"),
        ("leads", "Whose demand", ("marketing", "sales", "Marketing"), "source"),
        ("leads", "Industries", ("Retail", "Retail", "Banking", "Retail"), "industry"),
        ("deals", "Contract value", MONEY, "amount"),
        ("deals", "ACV (EUR)", ("1.200,50 €", "900,00 €"), "amount"),
        ("deals", "Size of the deal", MONEY, "amount"),
        ("deals", "Account in question", ("Acme", "Globex", "Acme"), "account"),
        ("deals", "Signed on", DATES, "closed_at"),
        ("deals", "Where it stands", ("Proposal", "Closed Won", "Closed Lost", "Proposal"), "deal_stage"),
        ("deals", "Has been won", ("yes", "no", "yes"), "is_won"),
        ("funnel", "MQLs brought", ("120", "1,204"), "mqls"),
        ("leads", "SQL owner of it", ("Kim", "Lee", "Kim"), "owner"),
        ("funnel", "Fiscal quarters", ("Q3 FY26", "Q4 FY26"), "quarter"),
        ("stage_events", "What they reached", ("MQL", "SQL", "MQL"), "stage"),
    ],
)  # fmt: skip
def test_words_and_values_together_suggest_a_field(kind, header, values, field):
    assert one(kind, header, values) == field


@pytest.mark.parametrize(
    ("kind", "header", "values", "why_not"),
    [
        ("deals", "has_company", ("True", "False", "True"), "whether there is one is not which"),
        ("leads", "Has owner", ("yes", "no", "yes"), "whether there is one is not which"),
        ("deals", "declared_product_catalog_size", ("100.0", "35.0", "1.0"), "a count"),
        ("deals", "Team size", ("4", "12", "7"), "a count"),
        ("deals", "declared_monthly_revenue", ("0.0", "150000.0"), "the customer's own"),
        ("leads", "Last Activity Date", DATES, "another date"),
        ("leads", "Last SQL check", DATES, "not the day it became one"),
        ("leads", "Next SQL call", DATES, "not the day it became one"),
        ("leads", "SQL modified on", DATES, "not the day it became one"),
        ("leads", "Sales accepted on", DATES, "accepted is not qualified"),
        ("leads", "SQL date of acceptance", ("soon", "later", "2026-07-01"), "values that are no dates"),
        ("leads", "Was MQL", ("yes", "no"), "no dates"),
        ("leads", "Some date", DATES, "no stage is named"),
        ("leads", "MQL since", ("", "", ""), "nothing to see"),
        ("leads", "E-mail of the lead id", ("a@b.example",), "personal"),
        ("deals", "Weighted value", MONEY, "not what was sold"),
        ("deals", "Win value share", ("45%", "30%"), "percent"),
        ("deals", "Value since", DATES, "dates"),
        ("deals", "Expected closing", DATES, "not when it closed"),
        ("touches", "Next contact", DATES, "has not happened"),
        ("leads", "Stage", ("Disqualified", "Converted", "Disqualified"), "a stage is no state"),
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_not_suggested(kind, header, values, why_not):
    assert one(kind, header, values) is None, why_not


def test_a_field_or_a_column_that_is_taken_is_not_suggested_again():
    assert one("leads", "SQL since", DATES, taken=["sql_at"]) != "sql_at"
    assert suggest(["SQL since"], [(value,) for value in DATES], "leads", {"country": 0}) == {}


def test_two_columns_that_are_as_likely_are_both_offered():
    rows = [("2026-07-01", "2026-07-02")] * 3
    found = suggest(["SQL since (UTC)", "SQL since (CET)"], rows, "leads", {})
    assert [each.field for each in found.values()] == ["sql_at", "sql_at"]


def test_the_reason_says_what_was_seen():
    found = suggest(["SQL since"], [("2026-07-01",)] * 9 + [("soon",)], "leads", {})
    assert found[0].why == "9 of 10 values seen are dates, and its name says so"


@given(
    st.sampled_from(KINDS),
    st.lists(st.text(max_size=30), min_size=1, max_size=6),
    st.lists(st.lists(st.text(max_size=20), max_size=6), max_size=8),
)
def test_whatever_the_file_a_suggestion_is_a_free_field_of_its_kind_for_no_personal_column(kind, headers, rows):
    taken = {"amount": 0}
    for place, found in suggest(headers, rows, kind, taken).items():
        assert found.field in FIELDS[kind]
        assert found.field not in taken
        assert place > 0
        assert not is_personal(headers[place])
        assert 0 < found.score <= 100
        assert any(place < len(row) and row[place].strip() for row in rows)
