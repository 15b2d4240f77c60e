"""Every lead held against all rules at once: any definition made of them is then a sum."""

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from alignment_core.data import Data
from alignment_core.definition import MqlDefinition, Rule
from alignment_core.errors import DataError
from alignment_core.judged import judge
from alignment_core.quarters import Quarter
from tests.support import agreed, records, summary

US, BIG = Rule.of("country", "is", ["US"]), Rule.of("employees", "at_least", 100)
SUMMER, AUTUMN = Quarter(2026, 3), Quarter(2026, 4)


def lead(created, country=None, employees=None, **more):
    return {"created_at": created, "country": country, "employees": employees, "lead_source": "Website", "mql_at": None, "sql_at": None, "won_at": None, "amount": None, "lost_at": None} | more  # fmt: skip


@pytest.fixture
def data():
    return records(
        lead("2026-07-01", "US", "500", mql_at="2026-07-05", sql_at="2026-07-09", won_at="2026-09-01", amount=40_000),
        lead("2026-07-02", "US", "20", lost_at="2026-08-01"),
        lead("2026-07-03", "DE", "500"),
        lead("2026-10-04", "US", "500", mql_at="2026-10-05"),
        lead("2026-07-04", "US", "500", lead_source="Cold call"),  # sales' own
        lead(None, "US", "500"),
    )


def test_any_definition_is_a_sum_over_what_was_judged_once(data):
    found = judge(data, agreed(), [US, BIG, US])
    assert found.rules == (US, BIG)
    for definition, summer in (({"all": [{"field": "country", "is": ["US"]}]}, 2), ({"any": [{"field": "country", "is": ["US"]}, {"field": "employees", "at_least": 100}]}, 3), ({"all": [{"field": "country", "is": ["US"]}, {"field": "employees", "at_least": 100}]}, 1)):  # fmt: skip
        rows = found.meets(MqlDefinition.model_validate({"fit": definition})) & found.within([SUMMER])
        assert found.total("mqls", rows) == summer
    assert found.total("revenue", found.met[:, 1]) == 40_000
    assert found.undated == 1


def test_without_a_definition_it_is_whom_the_crm_flagged(data):
    found = judge(data, agreed(), [US])
    flagged = found.meets(None)
    assert [found.total("mqls", flagged & found.within([each])) for each in (SUMMER, AUTUMN)] == [1, 1]
    assert found.meets(MqlDefinition.model_validate({})).tolist() == flagged.tolist()


def test_what_may_still_come_is_neither_passed_nor_given_up(data):
    """In the summer three of marketing's: one won, one given up, one open; up to the end of August the first has not won yet."""
    found = judge(data, agreed(), [US])
    in_summer = found.within([SUMMER])
    assert (found.total("open_sql", in_summer), found.total("open_win", in_summer)) == (1, 1)
    before = judge(data, agreed(), [US], date(2026, 8, 31))
    assert (before.total("wins", in_summer[: len(before.quarters)]), before.as_of) == (0, date(2026, 8, 31))
    assert before.total("open_win", before.within([SUMMER])) == 2


def test_what_nobody_recorded_is_not_known():
    found = judge(
        records({"created_at": "2026-07-01", "country": "US", "lead_source": "Website", "won_at": "2026-08-01"}),
        agreed(),
        [US],
    )
    assert np.isnan(found.total("open_sql", found.within([SUMMER])))
    assert (found.recorded("wins"), found.recorded("sqls")) == (True, False)


def test_counts_without_leads_cannot_be_judged():
    row = {"quarter": "2026-Q3", "source": "marketing", "mqls": 10, "wins": 1, "revenue": 5}
    with pytest.raises(DataError, match="No file of leads with a date of creation"):
        judge(summary(row), agreed(), [US])


def test_a_lead_with_deals_is_open_while_one_of_them_is_whatever_the_lead_says():
    """Of a the one deal is open though the lead was given up; of b both are lost though nobody gave the lead up."""
    days = {"a": datetime(2026, 7, 20), "b": None}
    leads = {
        "lead_id": list(days), "lead_source": ["Website"] * 2, "country": ["US", "DE"],
        "created_at": pa.array([datetime(2026, 7, 1)] * 2, pa.timestamp("us")), "lost_at": pa.array(days.values(), pa.timestamp("us")),
    }  # fmt: skip
    closed = [None, datetime(2026, 8, 1), datetime(2026, 8, 2)]
    deals = {
        "deal_id": ["x", "y", "z"], "lead_id": ["a", "b", "b"], "is_won": [False] * 3, "is_closed": [False, True, True],
        "created_at": pa.array([datetime(2026, 7, 5)] * 3, pa.timestamp("us")), "closed_at": pa.array(closed, pa.timestamp("us")),
    }  # fmt: skip
    found = judge(Data({"leads": pa.table(leads), "deals": pa.table(deals)}), agreed(), [US])
    in_summer = found.within([SUMMER])
    assert (found.total("mqls", in_summer), found.total("opportunities", in_summer)) == (2, 3)
    assert found.total("open_sql", in_summer) == 0
    in_us = found.met[:, 0]
    assert [found.total("open_win", in_summer & which) for which in (in_us, ~in_us)] == [1, 0]
