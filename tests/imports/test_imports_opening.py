"""A file is what is in it, whatever it is called."""

import gzip
import io

import pandas as pd
import pytest

from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.opening import open_sheets
from tests.imports.writers import workbook_of

HEADER = ["Lead ID", "MQL Date", "Country"]
ROWS = [["00012", "2026-07-01", "Germany"], ["00013", "2026-07-02", None]]
TEXT = "Lead ID,MQL Date,Country\n00012,2026-07-01,Germany\n00013,2026-07-02,\n"


def rows_of(sheet):
    columns = sheet.read(range(len(sheet.headers))).columns
    return [list(row) for row in zip(*(columns[i].to_pylist() for i in range(len(columns))), strict=True)]


def parquet():
    stream = io.BytesIO()
    pd.DataFrame(ROWS, columns=HEADER).to_parquet(stream)
    return stream.getvalue()


def page():
    rows = [HEADER, *ROWS]
    return "<table>" + "".join("<tr>" + "".join(f"<td>{cell or ''}" for cell in row) for row in rows) + "</table>"


CONTENTS = {
    "text": TEXT.encode(),
    "text in UTF-16": TEXT.encode("utf-16"),
    "a page": page().encode(),
    "a page in UTF-16": page().encode("utf-16"),
    "Parquet": parquet(),
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", ["leads.csv", "leads.xlsx", "leads"])
def test_the_same_table_comes_out_of_each_kind_of_file_under_any_name(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(CONTENTS[content])
    (sheet,) = open_sheets(path, Limits())
    assert sheet.name is None
    assert list(sheet.headers) == HEADER
    assert rows_of(sheet) == ROWS


def test_a_workbook_is_told_by_its_bytes_whatever_its_name(tmp_path):
    sheets = open_sheets(
        workbook_of(tmp_path / "leads.xlsx", {"July": [HEADER, *ROWS]}).rename(tmp_path / "a.csv"), Limits()
    )
    assert [sheet.name for sheet in sheets] == ["July"]
    assert rows_of(sheets[0]) == ROWS


NO_TABLES = {
    "PDF": b"%PDF-1.7 Lead ID,Country",
    "picture": b"\x89PNG\r\n\x1a\n",
    "packed": gzip.compress(TEXT.encode()),
    "bz2": b"BZh91AY",
    "7z": b"7z\xbc\xaf",
    "rar": b"Rar!\x1a",
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_is_refused_by_its_first_bytes(tmp_path, name):
    path = tmp_path / "leads.csv"
    path.write_bytes(NO_TABLES[name])
    with pytest.raises(Refusal, match="This is not a table: export it as CSV or Excel"):
        open_sheets(path, Limits())


def test_an_old_workbook_is_refused_as_what_it_is(tmp_path):
    path = tmp_path / "leads.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"))
    with pytest.raises(Refusal, match=r"old Excel file \(\.xls\)"):
        open_sheets(path, Limits())


def test_an_empty_file_and_one_of_a_byte_too_many_are_refused(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes(b"")
    with pytest.raises(Refusal, match="The file is empty"):
        open_sheets(path, Limits())
    size = path.write_text(TEXT + ("00014,2026-07-03," + "x" * 2**20 + "\n") * 3)
    assert len(rows_of(open_sheets(path, Limits(bytes=size))[0])) == 5
    with pytest.raises(Refusal, match="The file has 3 MB; at most 3 MB are read"):
        open_sheets(path, Limits(bytes=size - 1))


def test_text_that_turns_out_not_to_be_utf8_below_its_first_megabyte_is_read_in_its_encoding(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes(
        TEXT.encode() + b"00014,2026-07-03,Spain\n" * 60_000 + "00015,2026-07-04,Österreich\n".encode("cp1252")
    )
    (sheet,) = open_sheets(path, Limits())
    assert sheet.read([2]).columns[2][-1].as_py() == "Österreich"


def test_the_users_word_goes_before_what_the_bytes_look_like(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes("Lead ID,Country\n1,Ελλάδα\n".encode("cp1253"))
    assert rows_of(open_sheets(path, Limits(), "cp1253")[0]) == [["1", "Ελλάδα"]]


def test_words_for_nothing_can_be_left_out_while_text_is_read(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text("Lead ID,Country\n1,N/A\n2,Spain\n")
    assert rows_of(open_sheets(path, Limits())[0]) == [["1", "N/A"], ["2", "Spain"]]
    assert rows_of(open_sheets(path, Limits(), nothing=("", "N/A"))[0]) == [["1", None], ["2", "Spain"]]
