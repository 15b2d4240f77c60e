"""The agreement as a sheet: its chain recalculates to the core's numbers, on one page with lines to sign."""

from io import BytesIO

import openpyxl
import pytest
from pypdf import PdfReader

from alignment_core.export.agreement_sheet import write_agreement_sheet
from tests.export.printed_agreements import CASES, HASH, TERMS, VALUE_TOLD
from tests.export.test_workbook import cells, formulas, row_of, same, stored, typed_into
from tests.office import converted

every_case = pytest.mark.parametrize("name", CASES)
STAGES = {"Wins": "wins", "Opportunities": "opportunities", "SQLs": "sqls"}


@pytest.fixture(scope="module")
def written():
    return {name: write_agreement_sheet(*case) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def recalculated(written, tmp_path_factory):
    typed = {"typed": typed_into(written["plain"], {("Agreement", "Revenue target, USD"): [(3, 2_000_000)], ("Agreement", "MQL → SQL"): [(3, 0.6)]})}  # fmt: skip
    paths = converted(written | typed, tmp_path_factory.mktemp("sheets"), of="xlsx", to="xlsx")
    return {name: openpyxl.load_workbook(path, data_only=True) for name, path in paths.items()}


@pytest.fixture(scope="module")
def printed(written, tmp_path_factory):
    paths = converted(written, tmp_path_factory.mktemp("prints"), of="xlsx", to="pdf")
    return {name: [page.extract_text() for page in PdfReader(path).pages] for name, path in paths.items()}


@every_case
def test_every_formula_recalculates_to_the_value_beside_it(name, written, recalculated):
    now, then = recalculated[name], stored(written[name])
    found = 0
    for where, cell in cells(formulas(written[name])):
        if cell.data_type == "f":
            found += 1
            before, after = (book[cell.parent.title][cell.coordinate].value for book in (then, now))
            assert same(before, after), f"{where}: {before!r} is stored, {cell.value} gives {after!r}"
    assert found >= 6


@every_case
def test_the_chain_is_what_the_agreement_requires(name, recalculated):
    agreement, sheet = CASES[name][0], recalculated[name]["Agreement"]
    for column, source in ((3, "marketing"), (4, "sales")):
        required = agreement.required.get(source)
        for label, stage in STAGES.items():
            value = sheet.cell(row_of(sheet, label), column).value
            assert same(value, getattr(required, stage)) if required else value == "–"
        revenue = sheet.cell(row_of(sheet, f"Revenue, {agreement.currency}"), column).value
        assert same(revenue, required.revenue) if required else revenue == "–"
    owed = sheet.cell(row_of(sheet, "MQLs owed"), 3).value
    assert owed == (agreement.required_mqls if agreement.marketing else "–")


def test_another_target_and_rate_typed_in_give_what_the_core_gives(recalculated):
    """1,000,000 ÷ 30,000 ÷ 0.45 ÷ 0.5 ÷ 0.6 = 246.9, so 247 MQLs; the pipeline is 1,000,000 ÷ 0.45."""
    sheet = recalculated["typed"]["Agreement"]
    assert sheet.cell(row_of(sheet, "MQLs owed"), 3).value == 247
    assert same(sheet.cell(row_of(sheet, "Pipeline (opportunities × deal size), USD"), 3).value, 1_000_000 / 0.45)


def test_plans_per_segment_add_up_to_the_sides(recalculated):
    sheet = recalculated["regions"]["Segments"]
    row = row_of(sheet, "APAC")
    names = {cell.value: cell.column for cell in sheet[row_of(sheet, "Sales region")]}
    assert same(sheet.cell(row, names["MQLs, unrounded"]).value, 102.5)
    assert same(sheet.cell(row_of(sheet, "All"), names["MQLs, unrounded"]).value, 184.5)


@every_case
def test_the_sheet_to_sign_is_one_page_with_both_lines(name, printed):
    first, *others = printed[name]
    assert first.count("Name, signature, date") == 2
    assert all("Name, signature, date" not in page for page in others)
    assert "MQLs owed" in first
    if name in ("plain", "draft"):
        assert not others


def test_terms_signatures_and_hash_stand_on_it(written):
    sheet = formulas(written["plain"])["Agreement"]
    assert sheet.cell(row_of(sheet, "What is an MQL"), 2).value == " ".join(TERMS.mql)
    assert sheet.cell(row_of(sheet, "The same in value"), 2).value == VALUE_TOLD
    assert sheet.cell(row_of(sheet, "For marketing") + 1, 1).value == "Ada Byron, 28 June 2026"
    assert HASH in sheet.oddFooter.left.text
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("portrait", 1)


@every_case
def test_no_text_is_a_formula_and_no_number_is_too_wide(name, written):
    book = formulas(written[name])
    for where, cell in cells(book):
        if cell.data_type == "f":
            assert "HYPERLINK" not in cell.value, where
            assert "@" not in cell.value, where
    assert not any(sheet._hyperlinks for sheet in book.worksheets)


def test_inputs_are_blue_and_what_follows_is_not(written):
    for name in ("plain", "regions"):
        for where, cell in cells(formulas(written[name])):
            if cell.data_type == "n":
                assert cell.font.color.rgb == "FF0000FF", where
            elif cell.data_type == "f":
                assert cell.font.color.rgb != "FF0000FF", where


def test_the_annex_has_what_was_shortened_in_full(written):
    terms = CASES["hostile"][1]
    texts = [
        str(cell.value)
        for where, cell in cells(openpyxl.load_workbook(BytesIO(written["hostile"])))
        if where.startswith("Annex")
    ]
    assert any("Rule 79 =HYPERLINK" in text for text in texts)
    assert any("Kind 79 =HYPERLINK" in text for text in texts)
    assert any(terms.follow_up[0] in text for text in texts)
    assert any(" ".join(["W" * 45] * 9) in text for text in texts)
