"""What an archive really holds is measured before a parser sees it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.archive import check_archive, column_number, why_not_ole
from alignment_core.imports.model import Limits, Refusal
from tests.imports.hostile import OLE, SHEET, sheet, text_cell, with_parts


@pytest.mark.parametrize("name", OLE)
def test_old_office_files_are_told_apart(tmp_path, name):
    content, expected = OLE[name]
    path = tmp_path / "file.xls"
    path.write_bytes(content)
    assert re.search(expected, why_not_ole(path))


places = st.tuples(st.integers(1, 1_400), st.integers(1, 700))


@settings(max_examples=60, deadline=None)
@given(st.lists(places, min_size=1, max_size=40), st.sampled_from(['r="{}"', "r='{}'", 'r = "{}"', "r =\t'{}'"]))
def test_the_extent_is_that_of_the_cells_wherever_and_however_they_are_written(tmp_path_factory, at, spelling):
    """Against openpyxl's letters; the order of the cells and the spelling of their places do not matter."""
    from openpyxl.utils import get_column_letter

    cells = "".join(
        f'<row r="{row}"><c {spelling.format(get_column_letter(column) + str(row))}><v>1</v></c></row>'
        for row, column in at
    )
    path = tmp_path_factory.mktemp("extent") / "file.xlsx"
    path.write_bytes(with_parts({SHEET: sheet(cells)}))
    part = check_archive(path, Limits(cells=2_000_000))[SHEET]
    assert (part.rows, part.columns) == (max(row for row, _ in at), max(column for _, column in at))
    assert part.first_column == min(column for _, column in at)


def checked(tmp_path, parts=None, content=b"", **limits):
    path = tmp_path / "file.xlsx"
    path.write_bytes(content or with_parts(parts or {}))
    return check_archive(path, Limits(**limits))


def test_the_cells_of_a_sheet_are_counted_by_what_they_hold(tmp_path):
    cells = (
        '<row r="2"><c r="B2"><f>1+1</f><v>2</v></c><c r="C2"><f>A1</f></c><c r="D2"><f>A1</f><v>0</v></c></row>'
        '<row r="5"><c r="B5" t="b"><v>1</v></c><c r="C5" t="e"><v>#REF!</v></c><c r="F5" t="b"><v>0</v></c></row>'
    )
    part = checked(tmp_path, {SHEET: sheet(cells)})[SHEET]
    assert (part.rows, part.first_column, part.columns) == (5, 2, 6)
    assert (part.formulas, part.uncached, part.zeros) == (3, 1, 1)
    assert (part.booleans, part.errors, part.dde) == (2, 1, 0)


def test_what_stands_after_the_cells_and_small_parts_without_cells_are_kept(tmp_path):
    merged = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    parts = {
        SHEET: sheet(text_cell("A1")).replace("</sheetData>", "</sheetData>" + merged),
        "xl/tables/table1.xml": "<table/>",
    }
    found = checked(tmp_path, parts)
    assert merged.encode() in found[SHEET].tail
    assert found[SHEET].content == b""
    assert (found["xl/tables/table1.xml"].content, found["xl/tables/table1.xml"].size) == (b"<table/>", 8)


def test_a_formula_that_would_start_a_program_is_seen_in_a_cell_and_as_a_link(tmp_path):
    cell = '<row r="1"><c r="A1"><f>cmd|\' /C calc\'!A0</f><v>1</v></c></row>'
    link = '<externalLink><ddeLink ddeService="cmd" ddeTopic="/C calc"/></externalLink>'
    found = checked(tmp_path, {SHEET: sheet(cell), "xl/externalLinks/externalLink1.xml": link})
    assert (found[SHEET].dde, found["xl/externalLinks/externalLink1.xml"].dde) == (1, 1)


def test_the_sheets_together_have_no_more_cells_than_are_read(tmp_path):
    """2 × 3 cells on each of two sheets, of which the empty ones between the corners count."""
    corners = sheet(f'<row r="1">{text_cell("A1")}</row><row r="2">{text_cell("C2")}</row>')
    parts = {SHEET: corners, "xl/worksheets/sheet2.xml": corners}
    assert checked(tmp_path, parts, cells=12)[SHEET].columns == 3
    with pytest.raises(Refusal, match="The sheets have 12 cells, empty ones included; at most 11 are read"):
        checked(tmp_path, parts, cells=11)


def test_rows_that_are_only_formatted_are_not_counted(tmp_path):
    """A column coloured to its end: the last row that holds something counts."""
    cells = f'<row r="1">{text_cell("A1")}</row><row r="1048576"><c r="A1048576" s="1"/></row>'
    part = checked(tmp_path, {SHEET: sheet(cells)})[SHEET]
    assert (part.rows, part.columns) == (1, 1)


def test_letters_of_columns_are_numbers_to_the_last_that_excel_has():
    from openpyxl.utils import get_column_letter

    assert [column_number(get_column_letter(number)) for number in range(1, 16_385)] == list(range(1, 16_385))
    assert column_number("xfd") == 16_384
