"""What a sheet promises holds whichever file it was read from."""

import csv
import io

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alignment_core.imports.model import Limits
from alignment_core.imports.opening import open_sheets
from alignment_core.imports.sheet import Sheet

HEADERS = ["Lead ID", "MQL Date", "Amount", "Amount"]
ROWS = [[f"00Q{place}", "2026-07-01" if place % 3 else "", f"{place}.5", "x" if place else ""] for place in range(450)]


def as_text():
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADERS, *ROWS])
    return stream.getvalue().encode()


def as_workbook():
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in (HEADERS, *ROWS):
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def as_page():
    rows = ("".join(f"<td>{cell}</td>" for cell in row) for row in (HEADERS, *ROWS))
    return ("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>").encode()


def as_parquet():
    stream = io.BytesIO()
    columns = [pa.array([cell or None for cell in column]) for column in zip(*ROWS, strict=True)]
    pq.write_table(pa.Table.from_arrays(columns, names=HEADERS), stream)
    return stream.getvalue()


FILES = {"text": as_text, "workbook": as_workbook, "page": as_page, "Parquet": as_parquet}


@pytest.fixture(params=FILES, scope="module")
def sheet(request, tmp_path_factory) -> Sheet:
    path = tmp_path_factory.mktemp("sheet") / "file"
    path.write_bytes(FILES[request.param]())
    (found,) = open_sheets(path, Limits())
    return found


def test_headers_are_unique_and_the_first_of_a_name_is_as_written(sheet):
    assert sheet.headers[:3] == ("Lead ID", "MQL Date", "Amount")
    assert len(set(sheet.headers)) == len(sheet.headers) == 4
    assert sheet.headers[3].startswith("Amount")


def test_samples_are_the_first_four_hundred_records_at_most_with_nothing_missing(sheet):
    assert 100 <= len(sheet.samples) <= 400
    assert [list(row) for row in sheet.samples] == ROWS[: len(sheet.samples)]


def test_the_columns_that_are_asked_for_have_every_record_and_null_where_nothing_stands(sheet):
    text = sheet.read([3, 1])
    assert {1, 3} <= text.columns.keys()
    assert text.length == len(text.columns[1]) == len(text.columns[3]) == 450
    for spot in (1, 3):
        assert text.columns[spot].cast(pa.string()).to_pylist() == [row[spot] or None for row in ROWS]
    assert text.aside == ()


def test_records_know_the_rows_of_the_file_that_they_stand_in(sheet):
    assert sheet.read([0]).row_numbers([0, 1, 449]) == [2, 3, 451]


def test_dates_may_be_read_at_once_and_are_the_same(sheet):
    """Whether a reader does so or leaves it to the parser."""
    (column,) = (sheet.read([1], [1]).columns[1],)
    shown = (
        column.cast(pa.date32()).cast(pa.string()) if pa.types.is_timestamp(column.type) else column.cast(pa.string())
    )
    assert shown.to_pylist() == [row[1] or None for row in ROWS]
