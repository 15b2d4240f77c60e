"""No cell of an upload, and no name in it, comes out of any download as a formula; numbers stay numbers."""

import csv
import tomllib
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from unittest.mock import patch

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.agreement import Agreement
from alignment_core.segment_plans import draft_segments
from tests.screens import downloads

ROOT = Path(__file__).resolve().parents[2]
#: With what a spreadsheet's formula begins, or what hides such a beginning.
SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    "|",
    "%",
    "＝",
    "＋",
    "－",
    "＠",
    " =",
    "\u00a0=",
    "=cmd|' /C calc'!",
    "x;=",
    'x"\n=',
)
#: Each value has this in it, by which it is found again wherever it went.
MARK = "ZQX"
LIVE = [f"{sign}{MARK}{place}" for place, sign in enumerate(SIGNS)]


def _csv(rows):
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _files():
    """Deals whose regions, sources, owners and headers are live, with a row that is set aside for each sign."""
    header = [
        "Opportunity ID",
        "Created Date",
        "Close Date",
        "Won",
        "Amount",
        "Lead Source",
        "Region",
        "Owner",
        f"={MARK}h",
        f"@{MARK}h",
    ]
    rows = []
    for place, live in enumerate(LIVE * 2):
        month = 4 if place < len(LIVE) else 7
        rows.append(
            [
                f"={MARK}id{place}",
                f"2026-0{month}-01",
                f"2026-0{month + 1}-11",
                "TRUE",
                f"{place + 1}000.25",
                live,
                live,
                live,
                live,
                "1",
            ]
        )
    rows += [
        [f"{MARK}b{place}", "2026-07-01", live, "TRUE", "-5", "Website", "North", "x", live, "1"]
        for place, live in enumerate(LIVE)
    ]
    yield f"={MARK}deals.csv", _csv([header, *rows])
    # A header that is live and named in each fault of its column.
    yield f"+{MARK}.csv", _csv([["Lead ID", f"={MARK}mql", "Country"], ["00Q1", "2026-07-01", "x"], ["00Q2", f"@{MARK}", "x"], ["00Q3", "-7", "x"]])  # fmt: skip


@pytest.fixture(scope="module")
def offered(tmp_path_factory):
    """Every download of every page, with such files loaded and such names agreed on."""
    with pytest.MonkeyPatch.context() as patched, downloads() as found:
        patched.setenv("ALIGNMENT_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        page = AppTest.from_file(str(ROOT / "pages" / "load.py"), default_timeout=60).run()
        page.file_uploader[0].set_value([(name, content, "text/csv") for name, content in _files()]).run()
        lead_file = f"+{MARK}.csv"
        page.selectbox(key=f"kind {lead_file}").set_value("leads").run()
        page.selectbox(key=f"column {lead_file} mql_at").set_value(f"={MARK}mql").run()
        page.radio(key="otherwise").set_value("marketing").run()
        with patch("streamlit.switch_page"):
            next(each for each in page.button if each.label == "Review this quarter").click().run()
        assert not page.exception
        here = page.session_state["workspace"]
        named = here.agreement.model_copy(update={"company": f"={MARK}company"})
        named = named.model_copy(update={"segments": draft_segments(here.data, named, "region")})
        here = replace(here, agreement=Agreement.from_text(named.to_toml()))
        for room, by in (
            ("review", "region"),
            ("review", "lead_source"),
            ("scenarios", None),
            ("load", None),
            ("agree", None),
        ):
            page = AppTest.from_file(str(ROOT / "pages" / f"{room}.py"), default_timeout=60)
            page.session_state["workspace"] = here
            if by:
                page.session_state["by"] = by
            page.run()
            assert not page.exception
    return found


def test_every_kind_of_download_is_looked_at_and_the_values_are_in_them(offered):
    names = {name for name, _ in offered}
    assert {
        "quality.csv",
        "quality.xlsx",
        "mapping.toml",
        "review-2026-Q3.xlsx",
        "scenario-2026-Q3.xlsx",
        "agreement-2026-Q3.toml",
    } <= names
    review = max((content for name, content in offered if name.startswith("review")), key=len)
    texts = {cell.value for _, cell in cells(review) if cell.data_type == "s"}
    assert {f"={MARK}deals.csv", f"={MARK}0", f"＠{MARK}12"} <= texts
    assert any(f"={MARK}company" in text for text in texts)


def cells(content):
    book = openpyxl.load_workbook(BytesIO(content))
    for sheet in book:
        assert not sheet._hyperlinks
        assert not any(
            validation.formula1 and MARK in validation.formula1 for validation in sheet.data_validations.dataValidation
        )
        yield from (
            (f"{sheet.title}!{cell.coordinate}", cell)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        )
    assert not any(MARK in str(name.value) for name in book.defined_names.values())


def test_no_cell_of_a_workbook_is_a_formula_from_the_files(offered):
    numbers = 0
    for name, content in offered:
        if not name.endswith(".xlsx"):
            continue
        for where, cell in cells(content):
            if MARK in str(cell.value):
                assert cell.data_type == "s", (name, where, cell.value)
                assert cell.hyperlink is None
            numbers += cell.data_type == "n"
    assert numbers > 200


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_of_a_csv_looks_like_a_formula_by_whatever_delimiter_it_is_read(offered, delimiter):
    """A spreadsheet of another country splits the same file elsewhere."""
    live = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠", "\0")
    found = 0
    for name, content in offered:
        if not name.endswith(".csv"):
            continue
        for row in csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter):
            for cell in row:
                found += MARK in cell
                lines = [cell] if delimiter == "," else cell.replace('"', "").splitlines()
                for line in lines:
                    assert not line.lstrip().startswith(live) or line.strip().lstrip("+-").isdigit(), (name, cell)
                    assert not line.startswith(("\t", "\r", "\n"))
    assert found > len(LIVE)


def test_an_amount_below_zero_stays_a_number(offered):
    """Set aside for its date, -7 is shown as what it is."""
    (content,) = {content for name, content in offered if name == "quality.csv" and f"={MARK}mql".encode() in content}
    rows = list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["value"] for row in rows if row["row"] == "4" and row["file"] == f"'+{MARK}.csv"] == ["-7"]


def test_files_of_choices_are_read_again_as_what_was_chosen(offered):
    """TOML is no spreadsheet's; what is live there is quoted."""
    for name, content in offered:
        if name.endswith(".toml"):
            assert tomllib.loads(content if isinstance(content, str) else content.decode())


def test_tables_on_the_pages_have_no_export_of_their_own():
    """Streamlit's would carry cells as they are."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["client"]["disableDataExport"] is True
