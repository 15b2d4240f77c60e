"""How many records entered and passed each step, by kind and follow-up: counted by hand."""

from datetime import date, datetime, timedelta
from math import isnan

import pyarrow as pa
import pytest

from alignment_core.choices import Choices
from alignment_core.compliance import IN_TIME, LATE, UNKNOWN
from alignment_core.data import Data
from alignment_core.quarters import Quarter
from alignment_core.step_counts import step_counts
from tests.support import agreed, records, summary

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
LAST = date(2026, 9, 30)


def lead(name, mql, sql=None, won=None, lost=None, region="EMEA"):
    return {
        "lead_id": name, "lead_source": "Webinar", "region": region, "mql_at": mql, "sql_at": sql, "won_at": won, "lost_at": lost,
        "amount": 100 if won else None,
    }  # fmt: skip


LEADS = (
    lead("A", "2026-07-01", "2026-07-05"),
    lead("B", "2026-07-02", lost="2026-07-20"),
    lead("C", "2026-09-27", region="APAC"),  # waits 3 days
    lead("D", "2026-06-20", "2026-07-03", region="APAC"),  # of the quarter before, an SQL in this one
    lead("E", "2026-07-03", "2026-07-10", "2026-08-01"),
)


def counted(data, fields=("region",), **options):
    """Of each quarter and step, by its fields: entered, passed, open."""
    frame = step_counts(data, agreed(**options.pop("agreement", {})), Q3, fields, as_of=LAST, **options)
    keys = ["quarter", "before", "after", *fields, "follow_up"]
    return {
        (str(row.pop("quarter")), *(row[name] for name in keys[1:])): (row["entered"], row["passed"], row["open"])
        for row in frame[frame["source"] == "marketing"].to_dict("records")
    }


def test_on_period_basis_both_are_counted_in_the_quarter_past_any_stage_and_nothing_is_open():
    assert counted(records(*LEADS)) == {
        ("2026-Q3", "mqls", "sqls", "EMEA", UNKNOWN): (3, 2, 0),
        ("2026-Q3", "mqls", "sqls", "APAC", UNKNOWN): (1, 1, 0),
        ("2026-Q3", "mqls", "wins", "EMEA", UNKNOWN): (3, 1, 0),
        ("2026-Q3", "mqls", "wins", "APAC", UNKNOWN): (1, 0, 0),
        ("2026-Q3", "sqls", "wins", "EMEA", UNKNOWN): (2, 1, 0),
        ("2026-Q3", "sqls", "wins", "APAC", UNKNOWN): (1, 0, 0),
        ("2026-Q2", "mqls", "sqls", "APAC", UNKNOWN): (1, 0, 0),
        ("2026-Q2", "mqls", "wins", "APAC", UNKNOWN): (1, 0, 0),
    }


def test_on_cohort_basis_each_quarters_own_demand_is_followed_and_what_waits_is_open():
    """B was given up, C, A and D wait; only steps that follow each other are counted."""
    assert counted(records(*LEADS), basis="cohort") == {
        ("2026-Q3", "mqls", "sqls", "EMEA", UNKNOWN): (3, 2, 0),
        ("2026-Q3", "mqls", "sqls", "APAC", UNKNOWN): (1, 0, 1),
        ("2026-Q3", "sqls", "wins", "EMEA", UNKNOWN): (2, 1, 1),
        ("2026-Q2", "mqls", "sqls", "APAC", UNKNOWN): (1, 1, 0),
        ("2026-Q2", "sqls", "wins", "APAC", UNKNOWN): (1, 0, 1),
    }


def test_only_so_many_quarters_before_are_counted():
    assert {key[0] for key in counted(records(*LEADS), quarters=0)} == {"2026-Q3"}


def test_without_fields_a_step_is_one_row_and_with_two_they_add_up_to_it():
    whole = step_counts(records(*LEADS), agreed(), Q3, as_of=LAST)
    parts = step_counts(records(*LEADS), agreed(), Q3, ["region", "lead_source"], as_of=LAST)
    keys = ["quarter", "source", "before", "after"]
    assert not whole.duplicated(keys).any()
    for name in ("entered", "passed", "open"):
        assert parts.groupby(keys)[name].sum().to_dict() == whole.groupby(keys)[name].sum().to_dict()


def test_a_field_that_nobody_recorded_is_a_kind_of_its_own():
    rows = [row | {"region": None} if row["lead_id"] == "B" else row for row in LEADS]
    regions = {key[3]: value for key, value in counted(records(*rows)).items() if key[:3] == ("2026-Q3", "mqls", "sqls")}  # fmt: skip
    assert regions == {"EMEA": (2, 2, 0), "APAC": (1, 1, 0), "(not recorded)": (1, 0, 0)}


def history():
    """20 MQLs of the quarter before: ten are SQLs after 4 days, the others are given up after 8."""
    days = [date(2026, 4, 1) + timedelta(days=place) for place in range(20)]
    return [
        lead(f"h{place}", str(at), str(at + timedelta(days=4)) if place < 10 else None, lost=None if place < 10 else str(at + timedelta(days=8)))
        for place, at in enumerate(days)
    ]  # fmt: skip


def test_what_is_open_is_expected_to_pass_as_earlier_ones_did_that_had_waited_as_long():
    """C has waited 3 days: of 21 earlier ones 11 passed later. F has waited 6, as 11 had: only D passed so late."""
    rows = [*history(), *LEADS, lead("F", "2026-09-24", region="NA")]
    frame = step_counts(records(*rows), agreed(), Q3, ["region"], basis="cohort", as_of=LAST)
    frame = frame[(frame["quarter"] == Q3) & (frame["before"] == "mqls")].set_index("region")
    assert frame["open"].to_dict() == {"EMEA": 0, "APAC": 1, "NA": 1}
    assert frame["further"].to_dict() == pytest.approx({"EMEA": 0, "APAC": 11 / 21, "NA": 1 / 11})


def test_too_few_earlier_ones_say_nothing_of_what_is_open():
    frame = step_counts(records(*LEADS), agreed(), Q3, ["region"], basis="cohort", as_of=LAST)
    frame = frame[(frame["quarter"] == Q3) & (frame["before"] == "mqls")].set_index("region")
    assert isnan(frame["further"]["APAC"])
    assert frame["further"]["EMEA"] == 0  # nothing of it is open


def test_leads_are_told_apart_by_whether_their_first_touch_came_in_time():
    """A was called on the day, B and D too late; C is not due, and of E's acceptance nothing says when it was called."""
    at = [datetime(2026, 7, 1, 12), datetime(2026, 7, 9, 12), datetime(2026, 9, 29, 12)]
    touches = pa.table({"lead_id": ["A", "B", "D"], "at": pa.array(at, pa.timestamp("us")), "kind": ["Call"] * 3})
    data = Data({"leads": records(*LEADS).engine._tables["leads"], "touches": touches})
    options = {"agreement": {"follow_up": {"first_touch": "2 days"}}}
    found = counted(data, (), follow_up=True, **options)
    step = {key[3]: value for key, value in found.items() if key[:3] == ("2026-Q3", "mqls", "sqls")}
    assert step == {IN_TIME: (1, 1, 0), LATE: (1, 1, 0), UNKNOWN: (2, 1, 0)}
    assert {key[3] for key in counted(data, (), **options)} == {UNKNOWN}  # unless it was asked


def test_an_id_of_several_leads_was_followed_up_in_time_where_one_of_them_was():
    rows = [
        lead("A", "2026-07-01", region="EMEA"),
        lead("A", "2026-07-06", region="APAC"),
        lead("B", "2026-07-01"),
        LEADS[4],
    ]
    touches = pa.table(
        {
            "lead_id": ["A", "B"],
            "at": pa.array([datetime(2026, 7, 7, 12), datetime(2026, 7, 7, 12)], pa.timestamp("us")),
            "kind": ["Call"] * 2,
        }
    )
    data = Data(
        {"leads": records(*rows)._tables["leads"], "touches": touches}, choices=Choices(same_record="count each")
    )
    found = counted(data, (), follow_up=True, agreement={"follow_up": {"first_touch": "2 days"}})
    step = {key[3]: value for key, value in found.items() if key[:3] == ("2026-Q3", "mqls", "sqls")}
    assert step == {IN_TIME: (2, 0, 0), LATE: (1, 0, 0), UNKNOWN: (1, 1, 0)}


def test_counts_alone_say_nothing_of_records():
    row = {"quarter": "2026-Q3", "source": "marketing", "mqls": 10.0, "sqls": 5.0, "opportunities": 2.0, "wins": 1.0}
    frame = step_counts(summary(row), agreed(), Q3, ["region"])
    assert frame.empty
    assert list(frame.columns) == [
        "quarter", "source", "before", "after", "region", "follow_up", "entered", "passed", "open", "further",
    ]  # fmt: skip


def test_the_same_question_is_worked_out_once():
    data = records(*LEADS)
    first = step_counts(data, agreed(), Q3, ["region"], as_of=LAST)
    assert step_counts(data, agreed(), Q3, ["region"], as_of=LAST) is first
    assert step_counts(data, agreed(), Q2, ["region"], as_of=LAST) is not first
