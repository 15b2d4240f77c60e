"""What the reading process answers: of each sheet what it holds, what was set aside, and nothing of anybody."""

import io

import pytest

from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.imports import FileMapping, InputFile, dump_mapping, parse_mapping, read_files
from alignment_core.imports.child import main
from alignment_core.imports.model import Refusal
from tests.imports.in_process import read_here, reading_here
from tests.imports.writers import workbook_of
from tests.support import agreed

FUNNEL = [("Source", "MQLs", "SQLs", "Wins", "Revenue")]


@pytest.fixture(autouse=True, scope="module")
def in_this_process():
    with reading_here():
        yield


def deals(*rows):
    return [("Opportunity ID", "Created Date", "Close Date", "Stage", "Amount"), *rows]


def deal(id_, amount=1_000):
    return id_, "2026-07-01", "2026-08-01", "Closed Won", amount


def read(path, mapping=None):
    return read_files([InputFile(path.name, path)], mapping)


def notes(report):
    return [fault.reason for fault in report.faults if not fault.sets_aside]


def test_each_sheet_with_a_table_is_read_and_the_rest_is_named(tmp_path):
    path = workbook_of(
        tmp_path / "book.xlsx",
        {
            "Read me": [("Prepared by", "Shown to"), ("RevOps", "the two VPs"), ("x", "y")],
            "July": deals(deal("D1"), deal("D2"), ("D3", "soon", "2026-08-01", "Closed Won", 5)),
            "August": deals(deal("D4")),
        },
    )
    imported = read(path)
    july, august = imported.files
    assert (july.name, july.file, july.rows_read, july.rows_used) == ("book.xlsx › July", "book.xlsx", 3, 2)
    assert (august.name, august.rows_read, august.rows_used) == ("book.xlsx › August", 1, 1)
    assert sorted(imported.tables["deals"]["deal_id"].to_pylist()) == ["D1", "D2", "D4"]
    (note,) = notes(july)
    assert note == "Sheet 'Read me' was not read: the headers don't tell what a row is ('Prepared by', 'Shown to')."
    (aside,) = [fault for fault in july.faults if fault.sets_aside]
    assert (aside.file, aside.sheet, aside.row, aside.column, aside.value) == (
        "book.xlsx",
        "July",
        4,
        "Created Date",
        "soon",
    )


def test_sheets_of_several_kinds_are_joined(tmp_path):
    path = workbook_of(
        tmp_path / "book.xlsx",
        {
            "Opps": [("Opportunity ID", "Close Date", "Stage", "Amount", "Opportunity Owner"), ("D1", "2026-08-01", "Closed Won", 9, "ann")],
            "Reps": [("Sales Agent", "Regional Office"), ("ann", "EMEA")],
        },
    )  # fmt: skip
    imported = read(path)
    assert [(report.kind, report.rows_used) for report in imported.files] == [("deals", 1), ("owners", 1)]


def test_where_no_sheet_is_understood_the_first_says_why(tmp_path):
    path = workbook_of(tmp_path / "book.xlsx", {"A": [("x", "y"), (1, 2)], "B": [("p", "q"), (3, 4)]})
    (report,) = read(path).files
    assert report.name == "book.xlsx › A"
    assert report.refused[0].startswith("The headers don't tell what a row is")


def test_a_sheet_is_chosen_taken_out_or_decided_about_by_itself(tmp_path):
    path = workbook_of(tmp_path / "b.xlsx", {"July": deals(deal("D1")), "August": deals(deal("D2", "2.000"))})
    (only,) = read(path, {"b.xlsx": FileMapping(sheet="July")}).files
    assert (only.name, only.rows_used) == ("b.xlsx", 1)
    (left,) = read(path, {"b.xlsx › August": FileMapping(skip=True)}).files
    assert (left.name, left.skipped) == ("b.xlsx › July", ("b.xlsx › August",))
    both = {f"b.xlsx › {name}": FileMapping(skip=True) for name in ("July", "August")}
    (none,) = read(path, both).files
    assert none.refused == ("All its sheets are taken out. Take one in again, or take the file out.",)
    imported = read(path, {"b.xlsx › August": FileMapping(decimal=",")})
    assert sorted(imported.tables["deals"]["amount"].to_pylist()) == [1_000, 2_000]


def test_decisions_about_sheets_come_back_from_their_file(tmp_path):
    path = workbook_of(tmp_path / "b.xlsx", {"July": deals(deal("D1")), "August": deals(deal("D2"))})
    decided = {"b.xlsx › August": FileMapping(values={"region": "EMEA", "quarter": "2026-Q3"})}
    text = dump_mapping(read(path, decided), decided)
    again = parse_mapping(text)
    assert again["b.xlsx › August"].values == {"region": "EMEA"}  # the quarter is another one next time
    assert again["b.xlsx › July"].columns == again["b.xlsx › August"].columns


def test_leads_and_a_summary_of_them_are_not_counted_both(tmp_path):
    path = workbook_of(
        tmp_path / "book.xlsx",
        {
            "Leads": [
                ("Lead ID", "MQL Date", "SQL Date", "Won Date"),
                ("L1", "2026-07-01", "2026-07-09", "2026-08-01"),
            ],
            "Summary": [("Quarter", *FUNNEL[0]), ("2026-Q3", "marketing", 1, 1, 1, 10)],
        },
    )
    imported = read(path)
    data = Data(imported.tables, imported.quality)
    with pytest.raises(DataError, match="The mqls are counted in records and in the summary; load only one"):
        data.funnel(agreed())


def test_a_sheet_that_seems_to_be_data_and_cannot_be_read_is_not_passed_over(tmp_path):
    """A summary without a quarter anywhere, beside deals: the user gives it one, or takes it out."""
    path = workbook_of(
        tmp_path / "book.xlsx",
        {
            "Summary": [*FUNNEL, ("marketing", 1, 1, 1, 1)],
            "Deals": deals(deal("D1")),
            "Notes": [("a", "b"), ("c", "d")],
        },
    )
    imported = read(path)
    assert [(report.name, bool(report.refused)) for report in imported.files] == [
        ("book.xlsx › Deals", False),
        ("book.xlsx › Summary", True),
    ]
    assert "No column says quarter" in imported.files[1].refused[0]
    assert notes(imported.files[0]) == ["Sheet 'Notes' was not read: the headers don't tell what a row is ('a', 'b')."]
    left = read(path, {"book.xlsx › Summary": FileMapping(skip=True)})
    assert not left.refused


def answered(tmp_path, text, name="leads.csv", **said):
    """What the reading process answers of a file of one table."""
    path = tmp_path / name
    path.write_text(text)
    ((answer, table),) = read_here(path, **said)
    return answer, table


def test_a_first_row_that_is_a_record_is_no_header_and_nothing_of_it_is_said(tmp_path):
    answer, table = answered(tmp_path, "00Q1,mary@muster.example,Spain\n00Q2,john@muster.example,Germany\n")
    assert table is None
    assert answer["refused"] == [
        "The first row holds somebody's data (an address or a number to call), so it is a record and no header. "
        "Add a first row that names the columns, and load the file again."
    ]
    assert "columns" not in answer


def test_columns_say_what_became_of_them_and_show_nothing_of_anybody(tmp_path):
    """A field, an address by its header, people by their names though the header says nothing, and a number to call
    in a column of regions."""
    answer, table = answered(
        tmp_path,
        "Lead ID,MQL Date,Email,Met,Region,Size\n"
        "1,2026-07-01,mary@muster.example,Mary Muster,+49 170 1234567,40\n"
        "2,someday,john@muster.example,John Muster,+49 170 1234568,50\n",
    )
    assert [(column["header"], column["why"], column["samples"]) for column in answer["columns"]] == [
        ("Lead ID", "own name", ("1", "2")),
        ("MQL Date", "known name", ("2026-07-01", "someday")),
        ("Email", "personal, dropped", ()),
        ("Met", "personal, dropped", ()),
        ("Region", "personal, dropped", ()),
        ("Size", "not used", ("40", "50")),
    ]
    assert [column["parses"] for column in answer["columns"][:2]] == [(2, 2), (1, 2)]
    assert set(table.column_names) == {"lead_id", "mql_at", "email_key"}


def test_one_address_is_one_code_in_a_workspace_and_another_elsewhere(tmp_path):
    text = (
        "Lead ID,MQL Date,Email\n1,2026-07-01,mary@muster.example\n2,2026-07-01, MARY@muster.example\n3,2026-07-01,\n"
    )
    keys = [answered(tmp_path, text, secret=secret * 32)[1]["email_key"].to_pylist() for secret in ("00", "01")]
    for first, second, none in keys:
        assert first == second
        assert "muster" not in first
        assert none is None
    assert keys[0][0] != keys[1][0]


def test_campaign_members_are_responses_to_a_campaign_unless_the_user_says_otherwise(tmp_path):
    text = "LeadId,CampaignId,HasResponded,FirstRespondedDate\n00Q1,701,TRUE,2026-07-01\n"
    _, table = answered(tmp_path, text)
    assert table["kind"].to_pylist() == ["Campaign response"]
    _, table = answered(tmp_path, text, mapping={"values": {"kind": "Webinar"}})
    assert table["kind"].to_pylist() == ["Webinar"]


def test_a_file_that_is_not_understood_still_shows_its_columns_to_be_mapped_by_hand(tmp_path):
    answer, table = answered(tmp_path, "Colour,Weight\nred,5\nred,6\nred,7\n", name="x.csv")
    assert table is None
    assert answer["kind"] is None
    assert "don't tell what a row is" in answer["refused"][0]
    assert [column["header"] for column in answer["columns"]] == ["Colour", "Weight"]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    path = workbook_of(tmp_path / "b.xlsx", {"July": deals(deal("D1")), "August": deals(deal("D2"))})
    with pytest.raises(Refusal, match=r"There is no sheet 'Juli' with a table in it; there is 'July', 'August'\."):
        read_here(path, mapping={"sheet": "Juli"})


def test_a_reader_that_nobody_has_a_job_for_ends_without_a_word(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main() == 0
    assert capsys.readouterr().out == ""
