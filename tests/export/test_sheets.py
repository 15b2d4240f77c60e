"""How a sheet is written: addresses, what a cell reads beside its formula, text that stays text, and paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from alignment_core.export.sheets import MONEY, Cell, Check, count_format, rows_needed
from tests.export.pages import a_book, read, written


@given(st.integers(0, 9_999), st.integers(0, 500))
def test_an_address_is_the_columns_letters_and_the_row_from_one(row, column):
    assert Cell("Page", row, column, 1).here == f"{get_column_letter(column + 1)}{row + 1}"


@pytest.mark.parametrize(
    ("sheet", "there"), [("Checks", "Checks!B1"), ("Plan and Actual", "'Plan and Actual'!B1"), ("It's", "'It''s'!B1")]
)
def test_from_another_sheet_an_address_names_its_own(sheet, there):
    assert Cell(sheet, 0, 1, 1).there == there


@pytest.mark.parametrize(("value", "number"), [(2.5, 2.5), (7, 7), ("undefined", 0), ("12", 0)])
def test_text_counts_as_nothing_where_a_number_is_meant(value, number):
    assert Cell("Page", 0, 0, value).number == number


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [(100, 100.004, True), (100, 100.006, False), (-0.004, 0, True), (8e12, 8e12 + 7, True), (8e12, 8e12 + 9, False)],
)
def test_a_check_is_to_the_cent_or_to_the_last_digit_that_such_an_amount_has(one, other, holds):
    assert Check("", Cell("P", 0, 0, one), Cell("P", 1, 0, other)).holds is holds


@pytest.mark.parametrize(
    ("values", "number"), [((164, 150.0), "#,##0"), ((61.5, 60), "#,##0.0"), ((None, 3), "#,##0"), ((3.04,), "#,##0")]
)
def test_counts_have_a_decimal_where_one_would_be_seen(values, number):
    assert count_format(*values) == number


@pytest.mark.parametrize(
    ("text", "lines"), [("", 1), ("eleven char", 1), ("eleven char and more", 2), ("a\n\nb", 3), ("x" * 25, 3)]
)
def test_a_text_takes_as_many_lines_as_its_column_breaks_it_into(text, lines):
    """A column of 10 digits holds 11 letters."""
    assert rows_needed(text, 10) == lines


def test_a_cell_stores_its_formula_and_what_the_core_has_for_it():
    book = a_book()
    inputs, linked = book.page("In puts", [10]), book.page("Linked", [10])
    one, other = inputs.input(0, 0, 1.25, MONEY), inputs.input(1, 0, 2.5, MONEY)
    added = inputs.total(2, 0, [one, other], MONEY)
    linked.link(0, 0, added, MONEY)
    assert added.number == 3.75
    sheets = read(book)
    assert [sheets["In puts"].formulas.cell(row, 1).value for row in (1, 2, 3)] == [1.25, 2.5, "=SUM(A1:A2)"]
    assert sheets["In puts"].values["A3"].value == 3.75
    assert (sheets["Linked"].formulas["A1"].value, sheets["Linked"].values["A1"].value) == ("='In puts'!A3", 3.75)


def test_inputs_formulas_and_links_have_the_colours_of_the_convention():
    def write(book, page):
        page.formula(0, 1, page.input(0, 0, 1, "0").here, 1, "0")
        page.link(0, 2, Cell("Page", 0, 0, 1), "0")
        page.formula(0, 3, "A1", 1, "0", font_color="#FF0000")

    (row,) = written(write).formulas.iter_rows()
    assert [cell.font.color.rgb for cell in row] == ["FF0000FF", "FF000000", "FF00703C", "FFFF0000"]


HOSTILE = ["=1+1", "@SUM(A1)", "http://example.com", "mailto:a@example.com", "12", "{=A1}", "TRUE"]


def test_text_is_text_whatever_it_looks_like():
    page = written(lambda book, page: [page.text(row, 0, text) for row, text in enumerate(HOSTILE)])
    assert [cell.value for cell in page.formulas["A"]] == HOSTILE
    assert {cell.data_type for cell in page.formulas["A"]} == {"s"}
    assert not page.formulas._hyperlinks


def test_a_text_that_no_cell_can_hold_is_cut_and_half_a_character_replaced():
    page = written(lambda book, page: (page.text(0, 0, "x" * 40_000), page.text(1, 0, "a\ud800b")))
    assert [len(page.values["A1"].value), page.values["A2"].value] == [32_000, "a?b"]


def test_a_text_over_several_columns_is_as_high_as_it_needs_and_never_higher_than_excel_allows():
    def write(book, page):
        page.wide(0, 0, 1, "short")
        page.wide(1, 0, 1, "word " * 20)
        page.wide(2, 0, 1, "word " * 5_000)

    page = written(write, columns=3)
    assert {str(merged) for merged in page.formulas.merged_cells.ranges} == {"A1:B1", "A2:B2", "A3:B3"}
    # 100 characters in 40 digits, which hold 44 letters: 3 lines of 13 points and 3 points between rows; Excel counts in steps of 0.75.
    assert [page.formulas.row_dimensions[row].height for row in (1, 2, 3)] == pytest.approx([16, 42, 409], abs=0.75)


def test_names_of_numbers_stand_right_and_those_of_texts_left():
    page = written(lambda book, page: page.header(0, ("Source", "Driver", "Plan"), text_columns=2))
    assert [page.formulas.cell(1, column).alignment.horizontal for column in (1, 2, 3)] == ["left", "left", "right"]


def test_above_a_page_break_everything_is_scaled_to_one_sheet_of_paper():
    """60 rows of 15 points are 900 of the 515 that A4 has lying: 97% of 515 ÷ 900 is 55%."""

    def write(book, page):
        page.break_before(60, fit_above=True)

    page = written(write, columns=3).formulas
    assert page.page_setup.scale == 55
    assert [each.id for each in page.row_breaks.brk] == [60]


def test_a_wide_sheet_is_scaled_to_the_width_of_the_paper():
    """12 columns of 20 digits, each 0.72 wider than it says, are 1392.4 points of 784: 97% of their ratio is 54%."""
    assert written(lambda book, page: page.break_before(60, fit_above=False)).formulas.page_setup.scale == 54


@pytest.mark.parametrize(("paper", "number"), [("A4", 9), ("Letter", 1)])
def test_every_page_lies_on_its_paper_and_says_whose_it_is(paper, number):
    book = a_book(paper=paper, footer="Müller & Söhne")
    book.page("Page", [10])
    sheet = read(book)["Page"].formulas
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (number, "landscape")
    assert sheet.oddFooter.left.text == " Müller && Söhne"


def test_a_page_is_one_sheet_wide_and_as_many_long_as_it_takes_unless_it_is_to_be_one():
    book = a_book()
    book.page("Long", [10])
    book.page("One", [10], one_page=True)
    sheets = read(book)
    setups = [sheets[name].formulas.page_setup for name in ("Long", "One")]
    # None is what Excel takes as one page.
    assert [(setup.fitToWidth, setup.fitToHeight) for setup in setups] == [(None, 0), (None, None)]


def test_a_format_is_made_once():
    """Excel holds 64,000 of them."""
    book = a_book()
    assert book.format(bold=True, top=1) is book.format(top=1, bold=True)
    assert book.format(bold=True) is not book.format()
