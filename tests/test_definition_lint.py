"""What speaks against a definition: the rule it is about, the reason in words, and the leads that show it."""

import csv
from ast import literal_eval
from datetime import datetime
from pathlib import Path

import pytest

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import MqlDefinition
from alignment_core.definition_findings import warned
from alignment_core.definition_lint import lint, of_a_person
from alignment_core.imports import InputFile, read_files
from tests.support import agreed, records, summary

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"
AT = "2026-05-02T08:00"


def definition(*fit, engagement=None):
    """Fit from texts such as 'employees at_least 100'."""
    parts = (each.split(" ", 2) for each in fit)
    terms = [{"field": field, how: literal_eval(value)} for field, how, value in parts]
    return MqlDefinition.checked({"fit": {"all": terms}} | ({"engagement": engagement} if engagement else {}))


def lead(number, title, employees="500", amount=None, **more):
    won = AT if amount else None
    return {"lead_id": f"L{number}", "lead_source": "Web", "created_at": AT, "mql_at": AT, "sql_at": won, "won_at": won, "amount": amount,
            "job_title": title, "employees": employees, **more}  # fmt: skip


def codes(found):
    return [(each.code, each.rule.field if each.rule else None) for each in found]


@pytest.mark.parametrize(
    ("field", "code"),
    {"job_title": "of_a_person", "title": "of_a_person", "contact_role": "of_a_person", "seniority": "of_a_person",
     "department": "of_a_person", "budget": "of_a_talk", "has_budget": "of_a_talk", "authority": "of_a_talk",
     "purchase_timing": "of_a_talk", "need": "of_a_talk", "employees": None, "industry": None, "needle_size": None,
     "decision_maker": "of_a_talk", "is_decision_maker": "of_a_talk", "job_level": "of_a_person",
     "management_level": "of_a_person", "job_function": "of_a_person", "entitled": None, "lead_type": None, "score": None}.items(),
)  # fmt: skip
def test_a_rule_on_a_person_or_on_bant_is_known_by_its_field(field, code):
    assert of_a_person(field) == code


def test_a_title_rule_shows_what_it_would_have_cost():
    """Of six large companies' leads two are no directors, one of them won 30,000; the small company does not fit anyway,
    the lead without a known title is not counted against the rule."""
    data = records(
        lead(1, "Director", amount=1_000),
        lead(2, "Analyst", amount=30_000),
        lead(3, "analyst"),
        lead(4, None),
        lead(5, "Analyst", employees="5"),
        lead(6, "Analyst") | {"lead_source": "Cold call"},
        lead(7, "Director"),
    )
    rules = definition("employees at_least 100", "job_title is ['director']")
    (said,) = lint(rules, data, agreed())
    assert (said.code, dict(said.values)) == (
        "of_a_person",
        {"excluded": 2, "wins": 1, "revenue": 30_000, "perfect_fit": True},
    )
    text = warned(said, "USD")
    assert text.startswith("“job title is director”: what somebody is")
    assert text.endswith(
        "would have excluded 2 leads from perfect-fit companies (they meet every other fit rule), of which 1 became wins worth USD 30k."
    )


def test_without_such_a_field_the_reason_stands_and_no_evidence_is_claimed():
    said = lint(definition("seniority is ['C-level']", "budget at_least 5"), records(lead(1, None, amount=5)), agreed())
    assert codes(said) == [("of_a_person", "seniority"), ("of_a_talk", "budget")]
    assert all(
        warned(each, "USD").endswith("No such field is loaded, so your own data cannot show what it would cost.")
        for each in said
    )
    assert codes(lint(definition("seniority is ['C-level']"))) == [("of_a_person", "seniority")]
    counted = summary({"quarter": "2026-Q2", "source": "marketing", "mqls": 5.0, "wins": 1.0, "revenue": 9})
    assert codes(lint(definition("seniority is ['C-level']"), counted, agreed())) == [("of_a_person", "seniority")]


def test_the_samples_titles_give_the_numbers_that_its_file_holds():
    """Imported like anybody's file, and counted once more from the CSV."""
    names = ("salesforce_leads.csv", "salesforce_opportunities.csv")
    imported = read_files([InputFile(name, SAMPLE / name) for name in names])
    agreement = Agreement.from_toml(SAMPLE / "agreement.toml")
    rules = definition("employees at_least 100", "job_title is_not ['Working student', 'Data Engineer']")
    (said,) = lint(rules, Data(imported.tables), agreement)

    leads, deals = (list(csv.DictReader((SAMPLE / name).read_text(encoding="utf-8").splitlines())) for name in names)
    won = {deal["Lead_Id__c"]: int(deal["Amount"]) for deal in deals if deal["StageName"] == "Closed Won"}
    out = [
        each["Id"]
        for each in leads
        if each["LeadSource"] in agreement.sourcing.marketing
        and each["Title"] in ("Working student", "Data Engineer")
        and int(each["NumberOfEmployees"]) >= 100
        and datetime(2025, 7, 1)
        <= datetime.fromisoformat((each["MQL_Date__c"] or each["CreatedDate"])[:19])
        < datetime(2026, 7, 1)
    ]
    assert said.values["excluded"] == len(out) > 50
    assert said.values["wins"] == sum(each in won for each in out) > 5
    assert said.values["revenue"] == sum(won.get(each, 0) for each in out)


CONTRADICTIONS = {
    ("employees at_least 200", "employees at_most 100"): True,
    ("employees between (1, 50)", "employees at_least 51"): True,
    ("employees between (1, 50)", "employees at_least 50"): False,
    ("country is ['US']", "country is ['us ', 'CA']"): False,
    ("country is ['US']", "country is ['CA']"): True,
    ("country is ['US']", "country is_not ['us']"): True,
    ("country is ['US', 'CA']", "country is_not ['US']"): False,
    ("country is_filled False", "country is ['US']"): True,
    ("country is_filled False", "country is_not ['US']"): False,
    ("country is_filled False", "country is_filled True"): True,
    ("employees at_least 5", "score at_most 4"): False,
}


@pytest.mark.parametrize(("rules", "expected"), CONTRADICTIONS.items(), ids=range(len(CONTRADICTIONS)))
def test_two_rules_that_nothing_can_meet_are_found(rules, expected):
    found = [each for each in lint(definition(*rules)) if each.code == "contradiction"]
    assert bool(found) is expected
    both = MqlDefinition.checked({"fit": {"any": definition(*rules).as_written()["fit"]["all"]}})
    assert not lint(both), "either will do"
    if expected:
        assert "nothing can meet both" in warned(found[0], "USD")


def test_a_contradiction_between_fit_and_engagement_is_one_too():
    rules = definition("score at_least 50", engagement={"field": "score", "at_most": 10})
    assert codes(lint(rules)) == [("contradiction", "score")]


def test_rules_that_decide_nothing_and_fields_that_most_lack_are_found_in_the_data():
    data = records(
        *(lead(n, None, "500", amount=9 if not n else None, country="US" if n < 2 else None) for n in range(5))
    )
    rules = definition("employees at_least 100", "country is ['us']", "country is ['Chad', 'Peru']", "shoe is ['x']")
    said = {(each.code, each.rule.value if each.rule else None): each for each in lint(rules, data, agreed())}
    assert set(said) == {
        ("contradiction", ("us",)),
        ("everybody", 100.0),
        ("mostly_missing", ("us",)),
        ("nobody", ("Chad", "Peru")),
        ("mostly_missing", ("Chad", "Peru")),
        ("not_loaded", ("x",)),
    }
    assert "each of the 5 leads" in warned(said["everybody", 100.0], "USD")
    assert "60% of the last year's leads have no value" in warned(said["mostly_missing", ("us",)], "USD")
    assert "none of the 5 leads" in warned(said["nobody", ("Chad", "Peru")], "USD")
    assert "They carry lead source" in warned(said["not_loaded", ("x",)], "USD")


def test_what_is_no_rule_is_named():
    (said,) = lint(MqlDefinition(regions=["EMEA"]))
    assert "also has regions" in warned(said, "USD")
