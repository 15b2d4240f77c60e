"""What rules can be made of: the fields that the leads carry, with how many have which value."""

from datetime import datetime

import pyarrow as pa

from alignment_core.data import Data
from alignment_core.field_offers import field_offers, offer
from alignment_core.quarters import Quarter
from alignment_core.reconcile import reconcile
from tests.support import agreed, records

AT = "2026-05-02T08:00"


def lead(number, source="Web", **more):
    return {"lead_id": f"L{number}", "lead_source": source, "created_at": AT, "mql_at": AT, "won_at": AT if not number else None,
            "amount": 5 if not number else None, **more}  # fmt: skip


def test_usual_fields_come_first_and_those_of_a_person_last():
    data = records(
        lead(
            0,
            job_title="CFO",
            zebra="x",
            owner="O1",
            country="US",
            employees="5",
            score="3",
            email_key="k",
            account="A",
        )
    )
    assert field_offers(data) == ("country", "employees", "score", "lead_source", "zebra", "job_title")


def test_values_are_counted_among_marketings_leads_the_most_frequent_first():
    data = records(
        *(lead(n, country=c) for n, c in enumerate(["Peru", "US", "US", None])), lead(9, "Cold call", country="Chad")
    )
    found = offer(data, agreed(), "country")
    assert found.values == (("US", 2), ("Peru", 1))
    assert (found.filled, found.leads, found.is_number) == (3, 4, False)
    assert offer(data, agreed(), "country") is found, "counted once"


def test_numbers_and_bands_of_them_are_compared_as_numbers():
    sizes = ["51-200", "1,000", "10,001+", "5", "unknown"]
    data = records(*(lead(n, employees=size) for n, size in enumerate(sizes)))
    assert offer(data, agreed(), "employees").is_number
    assert not offer(data, agreed(), "lead_source").is_number


def test_a_field_that_nobody_loaded_has_no_values():
    found = offer(records(lead(0)), agreed(), "employees")
    assert (found.values, found.leads, found.is_number) == ((), 0, True)


def test_what_the_account_knows_is_offered_and_can_be_ruled_on():
    leads = {name: [f"{name}{n}" for n in range(3)] for name in ("lead_id", "account")} | {"lead_source": ["Web"] * 3}
    at = pa.array([datetime.fromisoformat(AT)] * 3, pa.timestamp("us"))
    accounts = {"account": ["account0", "account1"], "industry": ["Retail", "Mining"]}
    data = Data(
        {"leads": pa.table({**leads, "created_at": at, "mql_at": at, "won_at": at}), "accounts": pa.table(accounts)}
    )
    assert offer(data, agreed(), "industry").values == (("Mining", 1), ("Retail", 1))
    found = reconcile(data, agreed(mql={"fit": {"field": "industry", "is": "retail"}}), Quarter(2026, 2))
    assert (found.both, found.flagged_only) == (1, 2)
    assert found.reasons == {
        "not: industry is retail": 1,
        "industry is retail: value is missing": 1,
    }
