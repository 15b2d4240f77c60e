"""Where the CRM's flags and the agreed definition part, lead by lead and by reason."""

import csv
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import MqlDefinition
from alignment_core.errors import DataError
from alignment_core.imports import InputFile, read_files
from alignment_core.quarters import Quarter
from alignment_core.reconcile import NOT_MARKETINGS, reconcile
from tests.definition_oracle import lead_meets
from tests.support import agreed, records

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"
Q2 = Quarter(2026, 2)
RULES = {
    "fit": {"all": [{"field": "employees", "at_least": 100}, {"field": "country", "is": ["US", "CA"]}]},
    "engagement": {"any": [{"field": "lead_type", "is": ["Demo"]}, {"field": "score", "at_least": 50}]},
}


def lead(
    number,
    employees,
    country,
    lead_type="Demo",
    score=None,
    mql="2026-05-02",
    source="Web",
    created="2026-05-01",
    **more,
):
    return {"lead_id": f"L{number}", "lead_source": source, "employees": employees, "country": country, "lead_type": lead_type,
            "score": score, "created_at": created, "mql_at": mql, "sql_at": None, "won_at": None, "amount": None, **more}  # fmt: skip


LEADS = (
    lead(1, "500", "us", won_at="2026-06-01", amount=9),
    lead(2, "50", "US", sql_at="2026-05-09"),
    lead(3, None, "Peru", "E-book"),
    lead(4, "500", "CA", "E-book", "60", mql=None),
    lead(5, "500", "US", source="Cold call"),
    lead(6, "500", "US", source="Cold call", mql=None),
    lead(7, "500", "CA", mql=None, created="2026-03-31"),  # of the quarter before
    lead(8, "5", "US", mql=None),
    lead(9, "500", "CA", "E-book", "49"),
)


def test_every_lead_on_which_the_two_differ_is_listed_with_why():
    found = reconcile(records(*LEADS), agreed(mql=RULES), Q2)
    assert (found.both, found.flagged_only, found.meeting_only, found.agree) == (1, 4, 1, False)
    assert list(zip(found.leads["lead_id"], found.leads["differs"], found.leads["reached"], strict=True)) == [
        ("L4", "meets only", ""), ("L2", "flagged only", "SQL"), ("L3", "flagged only", ""), ("L5", "flagged only", ""), ("L9", "flagged only", ""),
    ]  # fmt: skip
    why = dict(zip(found.leads["lead_id"], found.leads["why"], strict=True))
    assert why == {
        "L2": "not: employees is at least 100",
        "L3": "employees is at least 100: value is missing; not: country is US or CA; not: lead type is Demo or score is at least 50",
        "L4": "meets every rule, and the CRM never flagged it",
        "L5": NOT_MARKETINGS,
        "L9": "not: lead type is Demo or score is at least 50",
    }
    assert found.reasons == {
        "not: lead type is Demo or score is at least 50": 2,
        "not: employees is at least 100": 1,
        "employees is at least 100: value is missing": 1,
        "not: country is US or CA": 1,
        NOT_MARKETINGS: 1,
    }


def test_only_ids_and_fields_of_the_definition_are_listed():
    found = reconcile(records(*LEADS), agreed(mql=RULES), Q2)
    assert list(found.leads.columns) == ["lead_id", "differs", "why", "source", "date", "reached", "employees", "country", "lead_type", "score"]  # fmt: skip


def test_where_both_say_the_same_nothing_is_listed():
    found = reconcile(records(LEADS[0] | {"score": "7"}), agreed(mql=RULES), Q2)
    assert found.agree
    assert found.leads.empty
    assert found.reasons == {}


def test_another_definition_than_the_agreements_can_be_held_against_the_flags():
    small = MqlDefinition.checked({"fit": {"field": "employees", "at_most": 99}})
    found = reconcile(records(*LEADS), agreed(mql=RULES), Q2, small)
    assert (found.both, found.flagged_only, found.meeting_only) == (1, 4, 1)


def test_the_samples_file_counted_once_more_by_hand():
    names = ("salesforce_leads.csv", "salesforce_opportunities.csv")
    imported = read_files([InputFile(name, SAMPLE / name) for name in names])
    agreement = Agreement.from_toml(SAMPLE / "agreement.toml")
    found = reconcile(Data(imported.tables), agreement, Quarter(2026, 3))
    rows = csv.DictReader((SAMPLE / names[0]).read_text(encoding="utf-8").splitlines())
    flagged_only, meeting_only = set(), set()
    for row in rows:
        at = datetime.fromisoformat((row["MQL_Date__c"] or row["CreatedDate"])[:19])
        if not datetime(2026, 7, 1) <= at < datetime(2026, 10, 1):
            continue
        meets = row["LeadSource"] in agreement.sourcing.marketing and lead_meets(
            {"employees": row["NumberOfEmployees"], "lead_type": row["Lead_Type__c"]}, agreement.mql
        )
        if meets != bool(row["MQL_Date__c"]):
            (meeting_only if meets else flagged_only).add(row["Id"])
    listed = found.leads.groupby("differs")["lead_id"].agg(set)
    assert flagged_only
    assert meeting_only
    pd.testing.assert_series_equal(
        listed,
        pd.Series({"flagged only": flagged_only, "meets only": meeting_only}),
        check_names=False,
        check_index_type=False,
    )
    assert (found.flagged_only, found.meeting_only) == (len(flagged_only), len(meeting_only))


@pytest.mark.parametrize(
    ("leads", "mql", "said"),
    [
        (LEADS, None, "no definition"),
        (LEADS, {"fit": {"field": "mood", "is": "good"}}, "'mood'"),
        (
            [{name: value for name, value in each.items() if name != "mql_at"} for each in LEADS],
            RULES,
            "nowhere which of them",
        ),
    ],
    ids=["none", "unknown field", "no flags"],
)
def test_what_cannot_be_reconciled_is_said(leads, mql, said):
    with pytest.raises(DataError, match=said):
        reconcile(records(*leads), agreed(mql=mql), Q2)
