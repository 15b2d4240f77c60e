"""Crafted files: each ends in one sentence within seconds and within bounds of memory, and harms nobody after it."""

import io
import json
import re
import subprocess
import sys
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.archive import check_archive, why_not_ole
from alignment_core.imports.html import open_html
from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.workbook import open_workbook
from tests.imports.hostile import OLE, SHEET, WORKBOOKS, sheet, text_cell, with_parts, workbook

SECONDS, MEMORY = 5.0, 2 * 2**30

# In one process for all, which a crash or too much memory would end for those after it.
_READ_ALL = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.workbook import open_workbook
for name in sys.argv[2:]:
    start = time.perf_counter()
    try:
        sheets = open_workbook(Path(name), Limits())
        said = "read: " + repr([sheet.headers[:5] for sheet in sheets])
    except Refusal as refusal:
        said = str(refusal)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps([said, time.perf_counter() - start, peak]), flush=True)
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What each file ends in: the sentence, seconds, and the greatest memory so far in bytes."""
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for number, (make, _) in enumerate(WORKBOOKS.values()):
        path = folder / f"{number}.xlsx"
        path.write_bytes(make())
        paths.append(str(path))
    done = subprocess.run(
        [sys.executable, "-c", _READ_ALL, str(MEMORY), *paths], capture_output=True, text=True, timeout=240, check=False
    )
    lines = done.stdout.splitlines()
    return {name: json.loads(line) for name, line in zip(WORKBOOKS, lines, strict=False)}, done.stderr


@pytest.mark.parametrize("name", WORKBOOKS)
def test_each_crafted_workbook_ends_in_a_sentence_in_time(answers, name):
    found, errors = answers
    assert name in found, f"the reader broke before it: {errors[-500:]}"
    said, seconds, peak = found[name]
    assert re.search(WORKBOOKS[name][1], said), said
    assert not said.startswith("read:")
    assert len(said) < 400
    assert seconds < SECONDS
    assert peak < MEMORY / 2


@pytest.mark.parametrize("name", OLE)
def test_old_office_files_are_told_apart(tmp_path, name):
    content, expected = OLE[name]
    path = tmp_path / "file.xls"
    path.write_bytes(content)
    assert re.search(expected, why_not_ole(path))


def test_formats_in_far_corners_are_no_cells(tmp_path):
    """Whoever colours a column to its end has a sheet as small as before."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page, bold = book.add_worksheet(), book.add_format({"bold": True})
        page.write_row(0, 0, ["Lead ID", "Country"])
        page.write_row(1, 0, ["00Q1", "DE"])
        page.write_blank(1_048_575, 16_383, None, bold)
    path = tmp_path / "file.xlsx"
    path.write_bytes(stream.getvalue())
    (found,) = open_workbook(path)
    assert found.headers == ("Lead ID", "Country")
    assert found.samples == (("00Q1", "DE"),)


def test_texts_that_look_like_far_places_are_texts(tmp_path):
    cells = text_cell("A1", 'see r="XFD1048576"') + text_cell("B1", "Country")
    path = tmp_path / "file.xlsx"
    path.write_bytes(with_parts({SHEET: sheet(f'<row r="1">{cells}</row><row r="2">{text_cell("B2", "DE")}</row>')}))
    (found,) = open_workbook(path)
    assert found.headers == ('see r="XFD1048576"', "Country")
    assert found.samples == (("", "DE"),)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(columns=2), "column 3; at most 2 columns"),
        (Limits(entries=3), r"parts; at most 3 are read"),
        (Limits(cells=5), r"at most 5 are read"),
        (Limits(bytes=100), "unpacks to more than"),
        (Limits(cell_length=3), r"at most 3 are read"),
    ],
)
def test_each_bound_can_be_set_and_is_named(tmp_path, limits, expected):
    path = tmp_path / "file.xlsx"
    path.write_bytes(workbook())
    with pytest.raises(Refusal, match=expected):
        open_workbook(path, limits)


def test_programs_and_other_workbooks_are_named_and_left_alone(tmp_path):
    formula = '<c r="A2" t="str"><f>cmd|\' /C calc\'!A0</f><v>stored</v></c>'
    head = f'<row r="1">{text_cell("A1", "Lead ID")}{text_cell("B1", "Country")}</row>'
    link = '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    parts = {SHEET: sheet(f'{head}<row r="2">{formula}</row>'), "xl/externalLinks/externalLink1.xml": link}
    path = tmp_path / "file.xlsx"
    path.write_bytes(with_parts(parts))
    (found,) = open_workbook(path)
    assert found.samples == (("stored", ""),)
    assert any("DDE" in note and "Nothing was run" in note for note in found.notes)
    assert any("other workbooks" in note and "Nothing was fetched" in note for note in found.notes)


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


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_read_whole_or_refused(tmp_path_factory, data):
    """Bytes changed anywhere: a sentence, or the very same cells."""
    whole = workbook(30)
    content = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    path = tmp_path_factory.mktemp("damaged") / "file.xlsx"
    path.write_bytes(bytes(content[: max(cut, 4)]) if data.draw(st.booleans()) else bytes(content))
    try:
        (found,) = open_workbook(path)
    except Refusal as refusal:
        assert all(reason.endswith(".") for reason in refusal.reasons)  # noqa: PT017 either outcome is right
    else:
        assert found.headers == ("Lead ID", "MQL Date", "Amount")
        assert found.read([0]).columns[0].to_pylist() == [f"00Q{row}" for row in range(1, 30)]


PAGES = {
    "a tag without an end": ("<table><tr><td " + "a" * 3_000_000, "tag without an end|without a table|No header"),
    "a cell of millions of characters": ("<table><tr><td>" + "a " * 1_000_000, "more than 1,048,576 characters"),
    "columns by span": ("<table><tr>" + "<td colspan=1000>x" * 40, "columns"),
    "no table": ("<html><body>Please sign in</body></html>", "without a table"),
    "rows without an end": ("<table>" + "<tr>" * 400, "No header"),
    "Excel 2003": (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "Excel 2003 file in XML"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_each_crafted_page_ends_in_a_sentence(tmp_path, name):
    content, expected = PAGES[name]
    path = tmp_path / "file.xls"
    path.write_text(content)
    with pytest.raises(Refusal, match=expected):
        open_html(path)


def test_a_workbook_that_zipfile_can_stream_is_read(tmp_path):
    """Sizes after the content (data descriptors), as Java programs write them, are no lies."""

    class OneWay(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise io.UnsupportedOperation

        def seek(self, *_):
            raise io.UnsupportedOperation

    stream = OneWay()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    path = tmp_path / "file.xlsx"
    path.write_bytes(stream.getvalue())
    assert open_workbook(path)[0].headers == ("Lead ID", "MQL Date", "Amount")
