"""Leads on which the CRM and the definition differ, as a file: a row each, and nothing in it runs."""

import csv
from io import StringIO

from alignment_core.export.reconciled_csv import reconciled_csv
from alignment_core.quarters import Quarter
from alignment_core.reconcile import reconcile
from tests.support import agreed, records

AT = "2026-05-02T08:00"
LIVE = "=cmd|' /C calc'!A0"


def lead(number, **more):
    known = {"lead_source": "Web", "created_at": AT, "mql_at": AT, "won_at": None, "amount": None}
    return {"lead_id": f"L{number}"} | known | more


def written(*leads, field="country"):
    found = reconcile(records(*leads), agreed(mql={"fit": {"field": field, "is": "US"}}), Quarter(2026, 2))
    return list(csv.reader(StringIO(reconciled_csv(found).decode("utf-8-sig"), newline="")))


def test_there_is_a_row_for_each_lead_on_which_they_differ_and_why():
    rows = written(
        lead(0, country="US", won_at=AT, amount=5), lead(1, country="Peru"), lead(2, country="US", mql_at=None), lead(3, country=None)
    )  # fmt: skip
    assert rows[0] == ["lead_id", "differs", "why", "source", "date", "reached", "country"]
    assert sorted(row[:3] for row in rows[1:]) == [
        ["L1", "flagged only", "not: country is US"],
        ["L2", "meets only", "meets every rule, and the CRM never flagged it"],
        ["L3", "flagged only", "country is US: value is missing"],
    ]


def test_neither_a_lead_nor_a_field_brings_a_live_formula():
    rows = written(
        lead(0, **{"=cmd": "US"}, won_at=AT, amount=5), lead(1, **{"=cmd": LIVE}), lead(2, **{"=cmd": None}) | {"lead_id": "-2+3"}, field="=cmd"
    )  # fmt: skip
    assert rows[0][-1] == "'=cmd"
    assert {row[0] for row in rows[1:]} == {"L1", "'-2+3"}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_where_they_agree_the_file_has_names_only():
    assert len(written(lead(0, country="US", won_at=AT, amount=5))) == 1
