"""Arrow and Python's csv split text alike, so that which of them reads a file changes nothing but its speed."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports import InputFile, delimited, read_files
from alignment_core.imports.delimited import open_delimited
from alignment_core.imports.model import Limits, Refusal
from tests.imports.in_process import read_here

PIECES = st.lists(st.sampled_from(["a", "b", '"', '""', ",", "\n", "\r\n", "\r", " ", "é"]), max_size=40).map("".join)


def cells(sheet):
    columns = sheet.read(range(len(sheet.headers)))
    listed = [columns.columns[i].to_pylist() for i in range(len(sheet.headers))]
    return [tuple(cell or "" for cell in row) for row in zip(*listed, strict=True)], columns


def by_csv(text, width):
    rows = csv.reader(io.StringIO(text, newline=""))
    next(rows)
    return [
        tuple("" if cell in delimited._SPACES else cell for cell in (*row, *[""] * width)[:width])
        for row in rows
        if any(cell and cell not in delimited._SPACES for cell in row)
    ]


@settings(max_examples=300, deadline=None)
@given(PIECES)
def test_whatever_is_quoted_the_cells_are_those_of_pythons_csv(tmp_path_factory, text):
    """Rows with more than two cells are set aside, and a quote that swallows rows is refused: in both ways of reading alike."""
    path = tmp_path_factory.mktemp("t") / "file.csv"
    whole = f"first name of it,second\nx,y\n{text}"
    path.write_bytes(whole.encode())
    found = {}
    for way in ("either", "row by row"):
        with pytest.MonkeyPatch.context() as patch:
            if way == "row by row":
                patch.setattr(delimited, "_at_once", lambda *_: None)
            try:
                rows, columns = cells(open_delimited(path))
                found[way] = rows, len(columns.aside), columns.row_numbers(range(len(rows)))
            except Refusal as refusal:
                found[way] = refusal.reasons
    assert found["either"] == found["row by row"]
    is_closed = list(csv.reader(io.StringIO(whole + "\nend,end", newline="")))[-1] == ["end", "end"]
    if is_closed and len(found["either"]) == 3 and not found["either"][1]:
        expected = by_csv(whole, 2)
        assert found["either"][0] == expected[: len(found["either"][0])]
        assert len(expected) - len(found["either"][0]) <= text.count("\n") + text.count("\r") + 1  # footers at the end


def test_blocks_do_not_cut_a_cell_with_line_breaks(tmp_path, monkeypatch):
    """Many blocks, most of which begin inside a quoted cell."""
    rows = [(str(i), "line one\nline, two\r\n" * (i % 5), "é" * (i % 7)) for i in range(4_000)]
    path = tmp_path / "file.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("Id", "Note", "Name"), *rows])
    monkeypatch.setattr(delimited, "_BLOCK", 4_096)
    found, columns = cells(open_delimited(path))
    assert found == rows
    assert columns.row_numbers([0, 3_999]) == [2, 4_001]


def test_a_row_that_is_unlike_the_others_is_named_and_the_rest_read(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Id,Name\n" + "".join(f"{i},x\n" for i in range(30_000)) + "odd,1,2\n7,y\n")
    rows, columns = cells(open_delimited(path))
    assert len(rows) == 30_001
    assert [aside.row for aside in columns.aside] == [30_002]
    assert columns.row_numbers([30_000]) == [30_003]


def test_a_cell_longer_than_allowed_is_named(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Id,Name\n" + "1,x\n" * 500 + "2," + "y" * 6_000_000 + "\n")
    with pytest.raises(Refusal, match="row 502 has more than 1,000"):
        open_delimited(path, Limits(cell_length=1_000)).read([0, 1])


def test_subtotals_and_totals_are_set_aside_wherever_they_stand(tmp_path):
    """As a grouped report writes them; a company called Total stays, and so does one whose group never stood above."""
    path = tmp_path / "report.csv"
    path.write_text(
        "Region,Deal ID,Account,Amount\n"
        "EMEA,D1,Total,10\n,D2,North,5\nSubtotal,,,15\n"
        "APAC,D3,Subtotal Inc,7\nAPAC Total,,,7\nTotal,D4,West,1\n"
        "Grand Totals (4 records),,,23\n"
    )
    for spots in ([0, 1, 2, 3], [1, 3]):  # whether or not the column that says so is read
        text = open_delimited(path).read(spots)
        assert text.columns[1].to_pylist() == ["D1", "D2", "D3", "D4"]
        assert [(row.row, "total" in row.reason) for row in text.aside] == [(4, True), (6, True)]
        assert text.row_numbers([0, 1, 2, 3]) == [2, 3, 5, 7]


def test_a_subtotal_adds_nothing_to_revenue():
    rows = "Deal ID,Amount,Close Date,Stage\nD1,10,2026-07-01,Won\nSubtotal,10,,\nD2,5,2026-07-02,Won\n"
    imported = read_files([InputFile("deals.csv", rows.encode())])
    assert [float(amount) for amount in imported.tables["deals"]["amount"].to_pylist()] == [10, 5]
    assert (imported.quality.rows_read, imported.quality.rows_used) == (3, 2)
    assert [fault.row for fault in imported.quality.faults] == [3]


def test_a_nul_far_below_the_first_rows_is_refused(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Id,Name\n" + "1,x\n" * 200_000 + "2,\x00\n")
    with pytest.raises(Refusal, match="NUL"):
        open_delimited(path)


DAYS = [f"{2020 + i % 7}-{1 + i % 12:02}-{1 + i % 28:02}T{i % 24:02}:{i % 60:02}:05Z" for i in range(3_000)]


@pytest.mark.parametrize(
    ("change", "quick"),
    [
        ({}, True),
        ({17: "", 2_999: "N/A"}, True),
        ({2_500: "30 Sep 2026"}, False),
        ({2_500: "2026-09-30"}, False),  # no zone, where all others have one
        ({2_500: "1026-09-30T10:00:00Z"}, False),
        ({2_500: "2026-02-30T10:00:00Z"}, False),
        ({10: "x"}, False),
    ],
)
def test_dates_are_read_while_the_text_is_split_or_looked_at_one_by_one(tmp_path, change, quick):
    """Which way is taken changes nothing but speed: the same dates, and the same cells that are none."""
    written = [change.get(i, day) for i, day in enumerate(DAYS)]
    path = tmp_path / "leads.csv"
    path.write_text("Lead ID,MQL Date\n" + "".join(f"00Q{i},{day}\n" for i, day in enumerate(written)))
    column = open_delimited(path, nothing=("", "N/A")).read([0, 1], [1]).columns[1]
    assert pa.types.is_timestamp(column.type) == quick
    ((report, table),) = read_here(path)
    expected = {}
    for i, day in enumerate(written):
        with suppress(ValueError):
            said = datetime.fromisoformat(day.replace("Z", "+00:00")) if day not in ("", "N/A") else None
            if said is None or 1990 <= said.year <= 2100:
                expected[f"00Q{i}"] = said.replace(tzinfo=UTC) if said else None
    expected |= {"00Q2500": datetime(2026, 9, 30, tzinfo=UTC)} if change.get(2_500) == "30 Sep 2026" else {}
    assert dict(zip(table["lead_id"].to_pylist(), table["mql_at"].to_pylist(), strict=True)) == expected
    assert report["rows_read"] - report["rows_used"] == 3_000 - len(expected)


@pytest.mark.parametrize(
    "record",
    ['{i},z,"x\n1,2,3"\n', '{i},5" x 6" pipe,"x\n1,2,3"\n', '{i},z,x\n', '{i},"a ""b""",x\r\n', '{i},"a\n\n",c\n', '{i},,\n\n'],
)  # fmt: skip
def test_wherever_a_file_is_cut_its_cells_are_those_of_pythons_csv(tmp_path, monkeypatch, record):
    """Line breaks in cells that read like records of their own, wherever a piece ends."""
    text = "first,second,third\n" + "".join(record.format(i=i) for i in range(25))
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode())
    expected = by_csv(text, 3)
    for size in (*range(1, 60), 100, 250, 1_000):
        monkeypatch.setattr(delimited, "_PIECE", size)
        assert cells(open_delimited(path))[0] == expected, size


def test_most_files_are_read_in_pieces(tmp_path, monkeypatch):
    """The quick way is the usual one: a file that it takes is never split as a whole."""
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + "".join(f'{i},"x, ""y"""\n' for i in range(1_000)))
    monkeypatch.setattr(delimited, "_PIECE", 1_000)
    calls = []
    split = delimited._split
    monkeypatch.setattr(delimited, "_split", lambda *a, **k: calls.append(k) or split(*a, **k))
    assert len(cells(open_delimited(path))[0]) == 1_000
    assert len(calls) > 10
    assert all(call == {"use_threads": False} for call in calls)
