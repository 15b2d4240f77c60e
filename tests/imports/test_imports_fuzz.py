"""Bytes at random and valid files gone wrong: a table, a question or a refusal in words, and never anything else.

In this process and not in the child, whose last resort (a sentence for whatever a parser raises) would hide our faults.
"""

import csv
import html
import io
import random
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment_core.imports.model import Limits, NeedsAnswer, Refusal
from tests.imports.hostile import workbook
from tests.imports.in_process import read_here

#: The same examples each time: a parser of another's that gives up must not do so on one machine only.
fuzzed = settings(
    derandomize=True, deadline=None, database=None, max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
LIMITS = Limits(rows=2_000, columns=200, cells=200_000, cell_length=5_000)


def read(folder: Path, content: bytes, name: str = "leads.csv", kind: str | None = None) -> dict | None:
    """A file read to its end as the child does; None where it is refused or asked about in words."""
    path, table = folder / "file", None
    path.write_bytes(content)
    try:
        answer, table = read_here(path, LIMITS, name=name, kind=kind)[0]
    except (Refusal, NeedsAnswer) as ended:
        sentences = ended.reasons if isinstance(ended, Refusal) else (ended.question.text,)
        answer = {"refused": sentences}
    for sentence in answer.get("refused", ()):
        assert sentence.endswith((".", "?", ":")), sentence
        assert str(folder) not in sentence
    if answer.get("refused") or answer.get("question"):
        return None
    if table is None:  # a plan, which is in no table
        assert answer["kind"] == "plan"
        return answer
    table.validate(full=True)
    assert answer["rows_used"] == table.num_rows
    assert answer["rows_read"] == answer["rows_used"] + aside(answer)
    return answer | {"table": table}


def aside(answer: dict) -> int:
    """How many rows the faults set aside: a row may have several; those of a last line that stands for more are counted."""
    faults = [fault for fault in answer["faults"] if fault["sets_aside"]]
    many = sum(fault["rows"] - 1 for fault in faults if fault["rows"] > 1)
    return len({fault["row"] for fault in faults}) + many


LINES = [
    "Lead ID;MQL Date;Country;Amount",
    "00Q1;2026-07-01;Köln;1.234,50 €",
    '00Q2;02.07.2026;"a ""b""; c";-5',
    "00Q3;2026-07-03;;12k",
    "Total;;;9",
]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252")


def mutated(data: st.DataObject, content: bytes) -> bytes:
    """Bytes changed, put in, cut out, doubled and cut off."""
    found = bytearray(content)
    for _ in range(data.draw(st.integers(1, 5))):
        at, length = data.draw(st.integers(0, len(found))), data.draw(st.integers(1, 12))
        piece = data.draw(st.sampled_from((b"", b'"', b"\n", b"\r", b";", b",", b"\0", b"\xff\xfe", b"<", b"&#0;", b"9" * 30, b"\xc3"))) or data.draw(st.binary(max_size=8))  # fmt: skip
        match data.draw(st.sampled_from(("change", "insert", "delete", "double", "cut"))):
            case "change":
                found[at : at + len(piece)] = piece
            case "insert":
                found[at:at] = piece
            case "delete":
                del found[at : at + length]
            case "double":
                found[at:at] = found[at : at + length * 20]
            case "cut":
                del found[max(at, 1) :]
    return bytes(found)


@fuzzed
@given(st.binary(max_size=300) | st.text(',;\t|"\n\r aé9./-=<>&\0\ufeff', max_size=200).map(str.encode))
def test_bytes_at_random_end_in_a_table_or_a_sentence(tmp_path, content):
    read(tmp_path, content)


@fuzzed
@given(st.data(), st.sampled_from(ENCODINGS))
def test_text_gone_wrong_ends_in_a_table_or_a_sentence(tmp_path, data, encoding):
    read(tmp_path, mutated(data, "\r\n".join(LINES).encode(encoding)))


@fuzzed
@given(st.data())
def test_a_page_gone_wrong_ends_in_a_table_or_a_sentence(tmp_path, data):
    rows = "".join(
        "<tr>" + "".join(f"<td colspan=1>{html.escape(cell)}</td>" for cell in line.split(";")) + "</tr>"
        for line in LINES
    )
    page = f"<!DOCTYPE html><html><body><table border=1>{rows}</table></body></html>"
    read(tmp_path, mutated(data, page.encode()), "report.xls")


@fuzzed
@given(st.data())
def test_a_part_of_a_workbook_gone_wrong_ends_in_a_table_or_a_sentence(tmp_path, data):
    """The archive is whole, so that the parser gets to see it."""
    whole = workbook(6)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from([name for name in parts if "theme" not in name and "docProps" not in name]))
    parts[name] = mutated(data, parts[name])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    read(tmp_path, stream.getvalue(), "book.xlsx")


@fuzzed
@given(st.data())
def test_parquet_gone_wrong_ends_in_a_table_or_a_sentence(tmp_path, data):
    read(tmp_path, mutated(data, _parquet()), "leads.parquet")


def _parquet() -> bytes:
    stream = io.BytesIO()
    frame = pd.DataFrame({"Lead ID": ["00Q1", "00Q2", None], "MQL Date": pd.to_datetime(["2026-07-01"] * 3), "Amount": [1.5, None, 3], "Country": ["DE", "DE", "ES"]})  # fmt: skip
    frame.to_parquet(stream)
    return stream.getvalue()


HEADER = "Lead ID,MQL Date,Country,Amount,Lead Source,Region"
#: Records that are no part of a header and no footer, so that what stands between them is neither.
FIRST = "first,2026-07-01,ES,5,Website,North"
LAST = "last,2026-07-01,ES,5,Website,North"
cells = st.sampled_from(
    ["", " ", "a", "b", "7", "2026-07-01", "someday", "-5", '"x"', '"x, y"', '"two\nlines"', '"a ""b"""', 'in"side', '"', "Total", "é", "Copyright (c) 2026", "ES"]
)  # fmt: skip
rows = st.lists(st.lists(cells, max_size=9).map(",".join), max_size=12)


@settings(fuzzed, max_examples=200)
@given(rows, st.sampled_from(("\n", "\r\n", "\r")), st.booleans())
def test_every_row_that_pythons_csv_sees_is_read_or_set_aside(tmp_path, rows, newline, ends):
    """Independently of how the file is read: the rows with something in them, by Python's own csv, all of them."""
    text = newline.join((HEADER, FIRST, *rows, LAST)) + (newline if ends else "")
    seen = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text, newline="")), 1) if number > 1]
    filled = {number: row for number, row in seen if any(cell.strip() for cell in row)}
    answer = read(tmp_path, text.encode(), kind="leads")
    if answer is None:  # only for a quotation mark can nothing of this be read
        assert '"' in text
        return
    assert answer["rows_read"] == len(filled)
    set_aside = {fault["row"] for fault in answer["faults"] if fault["sets_aside"]}
    assert set_aside <= filled.keys()
    kept = [row for number, row in filled.items() if number not in set_aside]
    for place, name in enumerate(("lead_id", None, "country")):
        if name is not None and name in answer["table"].column_names:
            expected = [row[place].strip() or None if place < len(row) else None for row in kept]
            assert answer["table"][name].to_pylist() == expected


@pytest.mark.parametrize("seed", range(3))
def test_a_large_file_is_accounted_for_as_well(tmp_path, seed):
    """Over several blocks, read at once or row by row."""
    draw = random.Random(seed)
    lines = [
        f'{i},2026-07-01,"a{"" if draw.random() < 0.9 else chr(10)}",5,x,y'
        + (",z" if seed and draw.random() < 0.01 else "")
        for i in range(1_500)
    ]
    text = "\n".join((HEADER, *lines, LAST)) + "\n"
    answer = read(tmp_path, text.encode())
    wide = sum(line.endswith(",z") for line in lines)
    assert answer is not None
    assert (answer["rows_read"], answer["rows_used"]) == (1_501, 1_501 - wide)
