"""Files of every make → a table of text: header found, footers gone, every row accounted for."""

import csv
import io

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment_core.imports import InputFile, Refusal, open_table, read_files
from tests.imports.in_process import reading_here

HEADER = "Lead ID,MQL Date,Country,Amount\n"
ROWS = [["00012", "2026-07-01", "Germany", "5"], ["00013", "2026-07-02", "Spain", "6.50"]]


@pytest.fixture(autouse=True, scope="module")
def in_this_process():
    with reading_here():
        yield


def read(**contents):
    """Reports by name; the names of the files are the keyword's, with .csv."""
    files = [
        InputFile(f"{name}.csv", text if isinstance(text, bytes) else text.encode()) for name, text in contents.items()
    ]
    return {report.name.removesuffix(".csv"): report for report in read_files(files).files}


def opened(tmp_path, content, name="file.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(path)


def workbook(rows, *, start=0):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Leads")
        for place, row in enumerate(rows):
            sheet.write_row(start + place, 0, row)
    return stream.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_told_from_the_file(tmp_path, delimiter):
    lines = [["Lead ID", "MQL Date", "Country", "Amount"], *ROWS]
    frame = opened(tmp_path, "\r\n".join(delimiter.join(line) for line in lines))
    assert list(frame.columns) == lines[0]
    assert frame.to_numpy().tolist() == ROWS  # ids keep their zeros, numbers their spelling


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_each_encoding_is_told_from_the_bytes(tmp_path, encoding):
    frame = opened(tmp_path, "Lead ID,Stadt,Preis\n1,Köln,5 €\n2,Orléans,6 €\n".encode(encoding))
    assert list(frame.columns) == ["Lead ID", "Stadt", "Preis"]
    assert frame.to_numpy().tolist() == [["1", "Köln", "5 €"], ["2", "Orléans", "6 €"]]


def test_quoted_cells_keep_delimiters_quotes_and_line_breaks(tmp_path):
    frame = opened(tmp_path, 'Lead ID,Note,Country\n1,"a, ""b""\nc","x"\n2,,y\n')
    assert frame.to_numpy().tolist()[0] == ["1", 'a, "b"\nc', "x"]
    assert frame["Note"].isna().tolist() == [False, True]


def test_a_header_with_a_line_break_loses_no_row(tmp_path):
    frame = opened(tmp_path, '"Lead\nID",Country\n1,x\n2,y\n')
    assert frame.to_numpy().tolist() == [["1", "x"], ["2", "y"]]


def test_title_rows_blank_rows_and_footers_are_no_records(tmp_path):
    text = (
        "Leads of the quarter\nFiltered by: everything\n\n"
        "Lead ID,MQL Date,Country,Amount\n1,2026-07-01,DE,5\n\n2,2026-07-02,ES,6\n,,,\n\n"
        'Grand Totals (2 records),,,11\n\n"Confidential information - do not distribute"\nCopyright (c) 2026 Northwind\n'
    )
    frame = opened(tmp_path, text)
    assert list(frame.columns) == ["Lead ID", "MQL Date", "Country", "Amount"]
    assert frame["Lead ID"].tolist() == ["1", "2"]


def test_a_record_that_begins_like_a_footer_stays(tmp_path):
    """The last row's lone cell is no reason to lose the records that begin with the same."""
    frame = opened(tmp_path, "Region,Lead ID,Country\nSouth West,1,x\nNorth,2,y\nSouth West\n")
    assert frame["Lead ID"].tolist() == ["1", "2"]
    frame = opened(tmp_path, "Lead ID,Country,Amount\n1,x,5\n2\n")
    assert frame["Lead ID"].tolist() == ["1", "2"]  # short, but a record


def test_short_rows_are_padded_and_trailing_delimiters_add_no_column(tmp_path):
    frame = opened(tmp_path, "Lead ID,Country,Amount,,\n1,x,5,,\n2,y\n3,z,6,,\n")
    assert list(frame.columns) == ["Lead ID", "Country", "Amount"]
    assert frame["Lead ID"].tolist() == ["1", "2", "3"]
    assert frame["Amount"].isna().tolist() == [False, True, False]


def test_a_row_with_too_many_cells_is_set_aside_by_its_number_and_the_rest_is_read():
    """1,234 without quotes must not be read as 1."""
    far = HEADER + "".join(f"{i},2026-07-01,DE,5\n" for i in range(500)) + "x,2026-07-01,DE,1,234\ny,2026-07-01,DE,7\n"
    reports = read(
        near=HEADER + "1,2026-07-01,DE,5\n2,2026-07-01,DE,1,234\n3,2026-07-01,DE,6\n",
        titled="A title\n\n" + HEADER + '1,2026-07-01,"D\nE",5\n\n2,2026-07-01,DE,1,234\n3,2026-07-01,DE,6\n',
        far=far,
    )
    for name, row, rows in (("near", 3, 3), ("titled", 6, 3), ("far", 502, 502)):
        report = reports[name]
        assert (report.rows_read, report.rows_used) == (rows, rows - 1), name
        assert [(fault.row, fault.reason) for fault in report.faults] == [
            (row, "the row has more cells than the header")
        ], name


def test_row_numbers_count_what_a_spreadsheet_shows():
    """Title rows, blank rows, rows of empty cells and rows that were not read count; a line break in quotes does not."""
    text = f'Title\n\n{HEADER}1,2026-07-01,"D\nE",5\n\n,,,\n9,2026-07-01,DE,1,2\n2,someday,DE,5\n1,2026-07-01,DE,5\n'
    (report,) = read(file=text).values()
    assert sorted((fault.row, fault.column) for fault in report.faults if fault.column) == [
        (8, "MQL Date"),
        (9, "Lead ID"),
    ]
    assert [fault.row for fault in report.faults if not fault.column] == [7]
    assert (report.rows_read, report.rows_used) == (4, 1)


def test_row_numbers_hold_in_a_large_file_with_quoted_line_breaks():
    lines = [f'{i},2026-07-01,"D\nE",5' for i in range(30_000)]
    lines[20_000] = "x,2026-07-01,DE,5,6,7"
    lines[25_000] = "y,someday,DE,5"
    (report,) = read(file=HEADER + "\n".join(lines)).values()
    assert {(fault.row, fault.column) for fault in report.faults} == {(20_002, None), (25_002, "MQL Date")}
    assert (report.rows_read, report.rows_used) == (30_000, 29_998)


def test_row_numbers_of_a_workbook_count_its_blank_first_rows():
    rows = [["Lead ID", "MQL Date", "Country", "Amount"], *ROWS, [], ["3", "someday", "Spain", 7]]
    reports = read(at_top=workbook(rows), lower=workbook([["Leads of Q3"], [], *rows], start=3))
    assert [fault.row for fault in reports["at_top"].faults] == [5]
    assert [fault.row for fault in reports["lower"].faults] == [10]
    assert reports["lower"].rows_read == 3


def test_open_table_refuses_in_words_and_leaves_a_missing_file_to_the_system(tmp_path):
    with pytest.raises(Refusal, match="empty"):
        opened(tmp_path, "")
    with pytest.raises(FileNotFoundError):
        open_table(tmp_path / "absent.csv")


# Ambiguous by nature, so left out: a header that looks like numbers; a row without any cell; a last row that reads
# like a footer; text with no second column to show the delimiter; NUL and lone carriage returns; unquoted white space.
_WORD = st.text(alphabet="abcxyzÄéß ,;|\t\"'\n0123456789-€", max_size=12).filter(
    lambda text: text == text.strip() and not text.startswith("'")
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(_WORD, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_in_any_dialect_is_read_back(tmp_path, rows, delimiter, ending, quoting, encoding):
    rows = [[f"id{place}", *row, "end"] for place, row in enumerate(rows)]
    header = ["Lead ID", "Country", "Region", "Industry", "Last"]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerows([header, *rows])
    frame = opened(tmp_path, stream.getvalue().encode(encoding))
    assert list(frame.columns) == header
    assert frame.astype(object).where(frame.notna(), "").to_numpy().tolist() == rows
