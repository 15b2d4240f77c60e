"""A definition of an MQL in plain language."""

import pytest

from alignment_core.definition import MqlDefinition, Rule
from alignment_core.definition_words import preview, rule_words, shown_number

US_OR_CA = {"field": "country", "is": ["US", "CA"]}
SIZE = {"field": "employees", "between": [200, 5_000]}


def said(**parts):
    return preview(MqlDefinition.model_validate(parts))


def test_a_whole_definition_is_one_phrase():
    assert said(
        fit={"all": [US_OR_CA, SIZE, {"field": "industry", "is": ["Manufacturing"]}]},
        engagement={"any": [{"field": "lead_type", "is": ["Demo request", "Guide"]}]},
    ) == "companies in US or CA with 200–5,000 employees in Manufacturing, that requested a demo or downloaded a guide"  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "whatever the CRM flagged as an MQL"),
        ({"fit": {"all": [{"field": "region", "is_not": ["APAC"]}]}}, "companies not in APAC"),
        ({"fit": {"any": [US_OR_CA, SIZE]}}, "companies that are in US or CA or have 200–5,000 employees"),
        ({"fit": {"all": [{"field": "annual_revenue", "at_least": 1e6}]}}, "companies whose annual revenue is at least 1,000,000"),
        ({"engagement": {"any": [{"field": "score", "at_least": 50}, {"field": "form", "is": ["Contact"]}]}}, "leads that scored at least 50 or filled in the form Contact"),
        ({"engagement": {"all": [{"field": "lead_type", "is_not": ["Demo"]}]}}, "leads whose lead type is not Demo"),
        ({"fit": {"all": [US_OR_CA]}, "engagement": {"any": [{"field": "lead_type", "is_not": ["Demo"]}, {"field": "score", "at_least": 50}]}}, "companies in US or CA, that scored at least 50 or whose lead type is not Demo"),
        ({"engagement": {"all": [{"field": "lead_source", "is_not": ["Fax"]}, {"any": [{"field": "score", "at_least": 50}, {"field": "lead_type", "is": ["Fax"]}]}]}}, "leads that did not come through Fax, and (scored at least 50 or came as Fax)"),
    ],
)  # fmt: skip
def test_any_and_all_groups_read_as_what_they_mean(parts, words):
    assert said(**parts) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (("country", "is_not", ["US"]), "country is not US"),
        (("country", "is", ["A", "B", "C"]), "country is A, B or C"),
        (("country", "is", list("ABCDEFGH")), "country is A, B, C, D, E or 3 others"),
        (("annual_revenue", "at_most", 2.5), "annual revenue is at most 2.5"),
        (("industry", "is_filled", False), "industry is not known"),
    ],
)
def test_a_rule_is_said_by_itself(rule, words):
    assert rule_words(Rule.of(*rule)) == words


def test_numbers_are_written_as_they_are_read():
    assert [shown_number(each) for each in (5000, 2.5, 1e6)] == ["5,000", "2.5", "1,000,000"]


def test_what_is_not_wanted_is_said_so_and_two_types_of_one_kind_are_said_once():
    assert (
        said(engagement={"any": [{"field": "lead_type", "is": ["Demo", "demo-request"]}]})
        == "leads that requested a demo"
    )
    assert (
        said(engagement={"any": [{"field": "form", "is_not": ["Jobs"]}]}) == "leads that did not fill in the form Jobs"
    )
