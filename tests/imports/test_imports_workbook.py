"""Workbooks as people and programs make them, against what openpyxl and the writer say is in them."""

import datetime as dt

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.model import Refusal
from alignment_core.imports.workbook import open_workbook
from tests.imports.hostile import SHEET, text_cell, with_parts
from tests.imports.hostile import sheet as cells_of


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.xlsx"


def written(path, fill, **options):
    with xlsxwriter.Workbook(path, options) as book:
        fill(book)
    return open_workbook(path)


def table(sheet):
    """A sheet's cells by rows."""
    found = sheet.read(range(len(sheet.headers)))
    return [list(row) for row in zip(*(found.columns[i].to_pylist() for i in range(len(sheet.headers))), strict=True)]


def rows_of(rows, at=(0, 0), name=None):
    def fill(book):
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at[0] + place, at[1] + column, cell)

    return fill


def test_each_sheet_with_a_table_is_one_and_hidden_ones_are_named(path):
    def fill(book):
        for name in ("EMEA", "Notes to self", "APAC", "Secret", "Empty"):
            sheet = book.add_worksheet(name)
            if name != "Empty":
                sheet.write_column(0, 0, ["Lead ID", f"{name} 1"])
                sheet.write_column(0, 1, ["Amount", 5])
        book.get_worksheet_by_name("Notes to self").hide()
        book.get_worksheet_by_name("Secret").very_hidden()
        book.add_chartsheet("Chart")

    sheets = written(path, fill)
    assert [sheet.name for sheet in sheets] == ["EMEA", "APAC"]
    assert table(sheets[1]) == [["APAC 1", "5"]]
    assert any("'Notes to self', 'Secret'" in note for note in sheets[0].notes)
    assert [sheet.name for sheet in open_workbook(path, hidden=True)] == ["EMEA", "Notes to self", "APAC", "Secret"]


def test_title_rows_blank_rows_blank_columns_and_totals_are_no_records(path):
    rows = [
        ["Pipeline of Q3"], [], ["Lead ID", None, "Region", "Amount"], ["00Q1", None, "EMEA", 5], [], ["00Q2", None, "EMEA", 6],
        [None, None, "Subtotal", 11], ["00Q3", None, "APAC", 7], ["Grand Total", None, None, 18], [], ["Confidential information"],
    ]  # fmt: skip
    (sheet,) = written(path, rows_of(rows, at=(1, 2)))
    assert sheet.headers == ("Lead ID", "Region", "Amount")
    found = sheet.read([0, 2])
    assert found.columns[0].to_pylist() == ["00Q1", "00Q2", "00Q3"]
    assert found.row_numbers([0, 1, 2]) == [5, 7, 9]  # as Excel counts them
    assert [(aside.row, "total" in aside.reason) for aside in found.aside] == [(8, True)]


def test_an_excel_table_is_the_sheets_table(path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Deals, as of yesterday")
        columns = [
            {"header": "Deal ID", "total_string": "Total"},
            {"header": "Won", "total_function": "sum", "total_value": 3},
        ]
        sheet.add_table(
            3, 1, 6, 2, {"name": "Deals", "columns": columns, "total_row": True, "data": [["D1", 1], ["D2", 2]]}
        )
        sheet.write(9, 1, "Do not touch")

    (sheet,) = written(path, fill)
    assert sheet.headers == ("Deal ID", "Won")
    assert table(sheet) == [["D1", "1"], ["D2", "2"]]
    assert sheet.read([0]).row_numbers([0, 1]) == [5, 6]
    assert any("'Deals'" in note for note in sheet.notes)


def test_merged_labels_over_names_become_one_header(path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 4, "Summary")
        sheet.merge_range(2, 1, 2, 2, "Q1 2026")
        sheet.merge_range(2, 3, 2, 4, "Q2 2026")
        sheet.write_row(3, 0, ["Region", "MQLs", "SQLs", "MQLs", "SQLs"])
        sheet.write_row(4, 0, ["EMEA", 1, 2, 3, 4])

    (sheet,) = written(path, fill)
    assert sheet.headers == ("Region", "Q1 2026 MQLs", "Q1 2026 SQLs", "Q2 2026 MQLs", "Q2 2026 SQLs")
    assert table(sheet) == [["EMEA", "1", "2", "3", "4"]]


def test_a_second_table_below_is_named_and_not_mixed_in(path):
    rows = [["Lead ID", "Amount"], ["00Q1", 5], ["00Q2", 6], [], ["Region", "Quota"], ["EMEA", 500]]
    (sheet,) = written(path, rows_of(rows))
    assert table(sheet) == [["00Q1", "5"], ["00Q2", "6"]]
    assert any("second table begins in row 5" in note for note in sheet.notes)


@pytest.mark.parametrize("after", [["00Q2", "Web", "N/A"], ["00Q2", "Call", "-"], ["00Q2", "Web", "unknown"]])
def test_a_record_of_words_after_a_blank_row_is_no_second_table(path, after):
    rows = [["Lead ID", "Source", "Amount"], ["00Q1", "Web", 5], [], after, ["00Q3", "Call", 7]]
    (sheet,) = written(path, rows_of(rows))
    assert [row[0] for row in table(sheet)] == ["00Q1", "00Q2", "00Q3"]


@pytest.mark.parametrize(("value", "shown"), [
    (0.1 + 0.2, "0.3"), (1e15, "1000000000000000"), (1e-7, "0.0000001"), (-5.5, "-5.5"), (True, "TRUE"), (False, "FALSE"),
    ("00012", "00012"), (79.23999999999999, "79.24"), ("true", "TRUE"), ("a\nb", "a\nb"),
    (dt.datetime(2026, 7, 1, 13, 45, 10), "2026-07-01 13:45:10"), (dt.date(2026, 7, 1), "2026-07-01 00:00:00"),
])  # fmt: skip
@pytest.mark.parametrize("is_1904", [False, True])
def test_values_are_as_excel_shows_them(path, value, shown, is_1904):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Lead ID", "Value", "Flag"])
        sheet.write_row(1, 0, ["00Q1", value, True])

    (sheet,) = written(path, fill, date_1904=is_1904, default_date_format="dd/mm/yyyy hh:mm")
    assert table(sheet) == [["00Q1", shown, "TRUE"]]
    assert sheet.excel_epoch == (1904 if is_1904 else 1900)


def test_formulas_count_by_their_stored_values(path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Lead ID", "Amount", "Error"])
        sheet.write(1, 0, "00Q1")
        sheet.write_formula(1, 1, "=2+3", value=5)
        sheet.write_formula(1, 2, "=NA()", value="#N/A")

    (sheet,) = written(path, fill)
    assert table(sheet)[0][:3] == ["00Q1", "5", None]
    assert any("1 cell of the sheet holds an error" in note for note in sheet.notes)


def test_a_formula_whose_stored_value_is_an_empty_text_is_calculated(path):
    head = text_cell("A1", "Lead ID") + text_cell("B1", "Country")
    empty = '<c r="B2" t="str"><f>""</f><v></v></c>'
    cells = f'<row r="1">{head}</row><row r="2">{text_cell("A2", "00Q1")}{empty}</row>'
    path.write_bytes(with_parts({SHEET: cells_of(cells)}))
    (sheet,) = open_workbook(path)
    assert sheet.samples == (("00Q1", ""),)


def test_formulas_that_nobody_calculated_are_not_read_as_nothing(path):
    book = openpyxl.Workbook()
    for row in (["Lead ID", "Amount"], ["00Q1", "=2+3"], ["00Q2", "=A2&1"]):
        book.active.append(row)
    book.save(path)
    with pytest.raises(Refusal, match=r"2 of its formulas have no stored result.*Open it in Excel"):
        open_workbook(path)


def test_formulas_that_a_program_left_at_zero_are_not_read_as_zero(path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Lead ID", "Amount"])
        sheet.write(1, 0, "00Q1")
        sheet.write_formula(1, 1, "=2+3")

    with pytest.raises(Refusal, match="1 of its formulas have no stored result"):
        written(path, fill)


cells = st.one_of(
    st.integers(-(10**9), 10**9),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(str.strip),
    st.just(None),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9999), cells, cells), min_size=1, max_size=15),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_openpyxl_reads_the_same_cells(tmp_path_factory, rows, down, across):
    """Written anywhere in a sheet; ids are words, so that no row is a total."""
    path = tmp_path_factory.mktemp("oracle") / "file.xlsx"
    book = openpyxl.Workbook()
    for place, row in enumerate([("Lead ID", "Country", "Industry"), *((f"L{i}", a, b) for i, a, b in rows)]):
        for column, value in enumerate(row):
            if value is not None:
                found = book.active.cell(down + place + 1, across + column + 1)
                found.value = value
                if isinstance(value, str):
                    found.data_type = "s"  # and never a formula
    book.save(path)
    (sheet,) = open_workbook(path)
    oracle = openpyxl.load_workbook(path).active.iter_rows(
        min_row=down + 2, min_col=across + 1, max_col=across + 3, values_only=True
    )
    expected = [[None if value is None else str(value) for value in row] for row in oracle]
    assert sheet.headers == ("Lead ID", "Country", "Industry")
    assert table(sheet) == expected
    assert sheet.read([0]).row_numbers([0]) == [down + 2]
