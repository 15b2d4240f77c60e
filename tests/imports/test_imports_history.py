"""Histories of stages give dates to records that have none, and to no other."""

import csv
from datetime import UTC, datetime
from itertools import groupby

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports import InputFile, read_files
from alignment_core.imports.history import filled
from tests.imports.in_process import read_here

SALESFORCE = """OpportunityId,StageName,Amount,CloseDate,CreatedDate,PrevForecastUpdate,IsDeleted
D1,Prospecting,100,2026-09-30,2026-07-01T09:00:00Z,,false
D1,Negotiation,100,2026-09-30,2026-07-20T09:00:00Z,,false
D1,Closed Won,120,2026-08-31,2026-08-15T16:30:00Z,,false
D2,Prospecting,50,2026-09-30,2026-07-05T09:00:00Z,,false
D3,Closed Won,10,2026-09-30,2026-07-06T09:00:00Z,,true
D9,Prospecting,10,2026-09-30,2026-07-06T09:00:00Z,,false
"""
DEALS = """Opportunity ID,Stage,Amount,Close Date,Created Date
D1,Closed Won,120,,
D2,Prospecting,50,,2026-07-04T00:00:00Z
D3,Closed Won,10,2026-08-01T00:00:00Z,2026-07-06T00:00:00Z
"""


def loaded(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return read_files([InputFile(f"{name}.csv", tmp_path / f"{name}.csv") for name in files])


def notes(report):
    return [fault.reason for fault in report.faults if not fault.sets_aside]


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_a_salesforce_opportunity_history_dates_what_the_deals_do_not(tmp_path):
    imported = loaded(tmp_path, deals=DEALS, history=SALESFORCE)
    _, history = imported.files
    assert (history.kind, history.system, history.rows_read, history.rows_used) == ("history", "Salesforce", 6, 5)
    assert "history" not in imported.tables
    rows = {row["deal_id"]: (row["created_at"], row["closed_at"]) for row in imported.tables["deals"].to_pylist()}
    assert rows == {
        "D1": (at(2026, 7, 1, 9), at(2026, 8, 15, 16, 30)),
        "D2": (at(2026, 7, 4), None),
        "D3": (at(2026, 7, 6), at(2026, 8, 1)),
    }
    assert notes(history) == [
        "1 of its deals are not among those that were loaded.",
        "It gave 1 date of creation, 1 date of win to deals that had none.",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Salesforce field history", "Lead ID,Field / Event,Old Value,New Value,Edit Date\n"
         "L1,Created.,,,2026-06-30\nL1,Lead Status,Open,MQL,2026-07-01\nL1,Lead Status,MQL,SQL,2026-07-08\n"
         "L1,Lead Status,SQL,MQL,2026-07-09\nL1,Lead Status,MQL,SQL,2026-07-20\nL2,Rating,Cold,Hot,2026-07-03\n"),
        ("Salesforce object", "LeadId,Field,OldValue,NewValue,CreatedDate\n"
         "L1,created,,,2026-06-30\nL1,Status,Open,MQL,2026-07-01\nL1,Status,MQL,SQL,2026-07-08\nL1,Status,SQL,MQL,2026-07-09\n"
         "L1,Status,MQL,SQL,2026-07-20\nL2,Rating,Cold,Hot,2026-07-03\n"),
        ("HubSpot property history", "contact_id,timestamp,source,name,value,source_id\n"
         "L1,2026-06-30,FORM,lifecyclestage,lead,1\nL1,2026-07-01,FORM,lifecyclestage,marketingqualifiedlead,1\n"
         "L1,2026-07-08,CRM,lifecyclestage,salesqualifiedlead,1\nL1,2026-07-09,CRM,lifecyclestage,marketingqualifiedlead,1\n"
         "L1,2026-07-20,CRM,lifecyclestage,salesqualifiedlead,1\nL2,2026-07-03,CRM,jobtitle,Chief,1\n"),
    ],
)  # fmt: skip
def test_a_history_of_fields_dates_the_stages_of_leads(tmp_path, name, text):
    """Each stage by its first time; changes of other fields are counted as set aside, and not shown."""
    leads = "Lead ID,MQL Date,SQL Date,Won Date\nL1,,2026-07-07,\nL2,2026-07-02,,\n"
    imported = loaded(tmp_path, leads=leads, history=text)
    first, second = imported.tables["leads"].sort_by("lead_id").to_pylist()
    assert (first["mql_at"], first["sql_at"]) == (datetime(2026, 7, 1), datetime(2026, 7, 7))
    assert (second["mql_at"], second["sql_at"]) == (datetime(2026, 7, 2), None)
    history = imported.files[1]
    (aside,) = [fault for fault in history.faults if fault.sets_aside]
    assert (aside.rows, aside.reason) == (1, "the change is of another field than the stage")
    assert (history.rows_read, history.rows_used) == (6, 5)
    assert notes(history) == ["It gave 1 date of MQL to leads that had none."]
    shown = {cell for column in history.columns for cell in column.samples}
    assert not shown & {"Hot", "Cold", "Chief"}  # what other fields were changed to may be anybody's


def test_a_history_without_its_records_gives_nothing_and_says_so(tmp_path):
    imported = loaded(tmp_path, history=SALESFORCE)
    assert imported.tables == {}
    assert notes(imported.files[0]) == ["It tells of deals, of which none were loaded; nothing was taken from it."]


def test_whether_a_deal_was_won_is_where_it_stood_last(tmp_path):
    """Two files of deals, of which one does not say how its deals ended."""
    history = "Opportunity ID,From Stage,To Stage,Last Modified\nD1,A,Closed Won,2026-07-01\nD2,A,Closed Won,2026-07-01\nD2,Closed Won,Closed Lost,2026-07-02\n"
    deals = "Opportunity ID,Close Date,Amount\nD1,2026-07-01,5\nD2,2026-07-02,5\nD3,2026-07-02,5\n"
    imported = loaded(tmp_path, deals=deals, history=history)
    assert {row["deal_id"]: row["is_won"] for row in imported.tables["deals"].to_pylist()} == {"D1": True, "D2": False, "D3": None}  # fmt: skip


def test_histories_of_a_warehouse_connector_are_read(tmp_path, shared_data):
    """Salesforce's table of versions, and HubSpot's histories, whose names of properties are scrambled."""
    path = shared_data / "fivetran_salesforce_seeds" / "sf_opportunity_history_data.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    alive = [row for row in rows if row["is_deleted"] != "true"]
    ((answer, table),) = read_here_copy(tmp_path, path)
    assert (answer["kind"], answer["rows_read"], answer["rows_used"]) == ("history", len(rows), len(alive))
    by_id = {row["id"]: min(other["_fivetran_start"] for other in alive if other["id"] == row["id"]) for row in alive}
    found = {}
    for row in table.to_pylist():
        found[row["deal_id"]] = min(found.get(row["deal_id"], row["at"]), row["at"])
    assert {key: str(value)[:19] for key, value in found.items()} == {key: value[:19] for key, value in by_id.items()}
    path = shared_data / "fivetran_hubspot_seeds" / "deal_property_history_data.csv"
    ((answer, _),) = read_here_copy(tmp_path, path)
    assert (answer["kind"], answer["rows_used"]) == ("history", 0)


def read_here_copy(tmp_path, path):
    link = tmp_path / path.name
    link.symlink_to(path)
    return read_here(link)


STAGE_WORDS = {"MQL": "mql_at", "SQL": "sql_at", "Opportunity": "opportunity_at", "Customer": "won_at", "Nurture": None}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(STAGE_WORDS)), st.integers(1, 28)), max_size=25),
    st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from(["mql_at", "won_at"])), st.integers(1, 28)),
)
def test_every_date_is_the_records_own_or_the_first_of_its_history(events, own):
    day = datetime(2026, 7, 1)
    columns = ("mql_at", "won_at")
    leads = pa.table(
        {"lead_id": ["a", "b"]}
        | {
            column: pa.array(
                [day.replace(day=own[key, column]) if (key, column) in own else None for key in "ab"],
                pa.timestamp("us"),
            )
            for column in columns
        }
    )
    history = pa.table(
        {
            "lead_id": pa.array([event[0] for event in events], pa.string()),
            "reached": pa.chunked_array([[event[1] for event in events]], pa.string()),
            "at": pa.array([day.replace(day=event[2]) for event in events], pa.timestamp("us")),
        }
    )
    tables, _ = filled({"leads": leads}, [history])
    firsts = {
        key: min(event[2] for event in same)
        for key, same in groupby(sorted(events, key=lambda event: event[:2]), key=lambda event: event[:2])
    }
    for row in tables["leads"].to_pylist():
        for word, column in STAGE_WORDS.items():
            expected = own.get((row["lead_id"], column)) or firsts.get((row["lead_id"], word)) if column else None
            assert column is None or (row.get(column) and row[column].day) == expected
