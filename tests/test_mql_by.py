"""A review on the CRM's MQLs, and on those that the agreement defines: which it was, and what differs."""

from datetime import date

import pytest

from alignment_core.errors import DataError
from alignment_core.export.as_json import review_as_json
from alignment_core.quarters import Quarter
from alignment_core.review import review
from alignment_core.wording import note
from tests.support import agreed, records, summary

LARGE = {"fit": {"field": "employees", "at_least": 100}}
DAY = "2026-07-10"


def lead(number, employees, mql=None, sql=None, won=None, source="Web", **more):
    return {
        "lead_id": f"L{number}", "lead_source": source, "employees": employees, "created_at": f"{DAY}T08:00", "mql_at": mql,
        "sql_at": sql, "opportunity_at": sql, "won_at": won, "amount": 100 if won else None, **more,
    }  # fmt: skip


LEADS = (
    lead(1, "250", "2026-07-11", "2026-07-20", "2026-08-01"),
    lead(2, "50", "2026-07-11", "2026-07-21", "2026-08-01"),  # flagged, and too small: its win stays a win
    lead(3, "300"),  # large, and never flagged
    lead(4, "51-200", "2026-07-12"),  # a band across the limit is not known to meet it
    lead(5, "1,000+", "2026-07-12"),
    lead(6, None, "2026-07-12"),
    lead(7, "20"),
    lead(8, "900", None, "2026-07-22", None, "Cold call"),
)


def counts(**options):
    result = review(records(*LEADS), agreed(mql=LARGE), **options)
    marketing = result.actual["marketing"]
    return (marketing.mqls, marketing.sqls, marketing.wins, marketing.revenue), result


def test_by_default_mqls_are_those_that_the_crm_flagged_and_the_review_says_so():
    found, result = counts()
    assert found == (5, 2, 2, 200)
    assert result.mql == "crm"
    assert "mql" not in review_as_json(result), "what others rely on stays as it is"
    assert "MQLs are here those that the CRM flagged, not those that meet the agreed definition." in map(
        note, result.notes
    )


def test_by_the_agreement_they_are_those_that_meet_it_and_the_review_says_so():
    """Leads 1, 3 and 5: the third was made on 10 July. What was sold to others is sold all the same."""
    found, result = counts(mql="agreed")
    assert found == (3, 2, 2, 200)
    assert result.mql == review_as_json(result)["mql"] == "agreed"
    assert note(result.notes[0]) == "An MQL is here what the agreement says: companies with at least 100 employees."


def test_a_cohort_by_the_agreement_follows_its_own_mqls_only():
    found, result = counts(mql="agreed", basis="cohort")
    assert found == (3, 1, 1, 100)
    said = [note(each) for each in result.notes if each.code == "outside_definition"]
    assert said[-1].startswith("Marketing-sourced wins of leads that don't meet the definition of an MQL")
    assert said[-1].endswith(": 1.")


def test_sales_own_demand_has_no_mqls_by_either():
    _, by_crm = counts()
    _, by_agreement = counts(mql="agreed")
    assert by_crm.actual["sales"] == by_agreement.actual["sales"]


def test_without_flags_the_agreement_still_says_who_is_an_mql():
    """The date is that of the lead's creation, on the company's clock."""
    leads = [{name: value for name, value in each.items() if name != "mql_at"} for each in LEADS]
    assert review(records(*leads), agreed(mql=LARGE), mql="agreed").actual["marketing"].mqls == 3
    assert review(records(*leads), agreed(mql=LARGE)).actual["marketing"].mqls is None


def test_a_lead_that_skipped_the_date_and_does_not_meet_the_definition_has_passed_no_stage():
    data = records(*LEADS)
    passed = data.with_choices(data.choices.but("skipped_stages", "counted as passed"))
    assert review(passed, agreed(mql=LARGE), mql="agreed").actual["marketing"].mqls == 3


def test_text_is_compared_without_case_and_spacing_and_a_lead_without_a_value_is_none_of_the_list():
    leads = [
        lead(n, "1", DAY, won=DAY, country=country) for n, country in enumerate(["us", " US ", "U S", None, "Peru"])
    ]
    for rule, expected in (({"is": ["US"]}, 2), ({"is_not": ["us", "peru"]}, 2), ({"is_filled": True}, 4)):
        agreement = agreed(mql={"fit": {"field": "country", **rule}})
        assert review(records(*leads), agreement, mql="agreed").actual["marketing"].mqls == expected, rule


def test_what_cannot_be_judged_is_said_all_at_once():
    definition = {"fit": {"all": [{"field": "shoe_size", "at_least": 4}, {"field": "mood", "is": "good"}]}}
    with pytest.raises(DataError) as refused:
        review(records(*LEADS), agreed(mql=definition), mql="agreed")
    assert [reason.split(", which")[0] for reason in refused.value.reasons] == [
        "The definition of an MQL has a rule on 'shoe_size'",
        "The definition of an MQL has a rule on 'mood'",
    ]
    assert "there is lead_source, employees." in refused.value.reasons[0]


def test_without_a_definition_or_without_leads_there_is_no_such_review():
    with pytest.raises(DataError, match="no definition"):
        review(records(*LEADS), agreed(), mql="agreed")
    counted = summary({"quarter": "2026-Q3", "source": "marketing", "mqls": 5.0, "wins": 1.0, "revenue": 9})
    with pytest.raises(DataError, match="no file of leads"):
        review(counted, agreed(mql=LARGE), mql="agreed")
    assert review(counted, agreed(mql=LARGE), Quarter(2026, 3)).as_of >= date(2026, 9, 30)
