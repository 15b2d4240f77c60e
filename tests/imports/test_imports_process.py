"""The child process: what a hostile file can do, what is never kept, and what is left behind."""

import io
import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import xlsxwriter

from alignment_core.imports import InputFile, Limits, process, read_files


def report_of(content, limits=Limits(), name="file.csv"):
    (report,) = read_files([InputFile(name, content)], limits=limits).files
    return report


def workbook(rows=2):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Lead ID", "MQL Date"])
        for row in range(1, rows):
            sheet.write_row(row, 0, [str(row), "2026-07-01"])
    return stream.getvalue()


def with_sheet(xml):
    """A workbook whose only sheet is this XML."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, xml if entry == "xl/worksheets/sheet1.xml" else old.read(entry))
    return stream.getvalue()


def sheet_of(cells):
    body = "".join(
        f'<row r="{row}"><c r="{ref}{row}" t="inlineStr"><is><t>{text}</t></is></c></row>' for ref, row, text in cells
    )
    start = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    return f"{start}{body}</sheetData></worksheet>"


# One sentence each; every file in the same call must be answered, whatever the others do.
HOSTILE = {
    "far corner": (with_sheet(sheet_of([("A", 1, "Lead ID"), ("XFD", 1_048_576, "x")])), "column 16,384"),
    "far row": (with_sheet(sheet_of([("A", 1, "Lead ID"), ("CV", 1_000_000, "x")])), "nearly empty"),
    "entities": (with_sheet('<!DOCTYPE x [<!ENTITY a "b">]>' + sheet_of([("A", 1, "x")])), "entities"),
    "broken sheet": (with_sheet("<worksheet><sheetData><row"), "workbook"),
    "truncated workbook": (workbook(500)[:3000], "damaged"),
    "archive": (b"PK\x03\x04" + bytes(100), "damaged"),
    "noise": (np.random.default_rng(5).bytes(5000), "not text|cannot be read|don't tell|No header"),
    "empty": (b"", "empty"),
    "blank": (b"\n\n  \n", "No header"),
    "NULs": (b"Lead ID,MQL Date\n1,\x00\x00\n", "NUL"),
    "HTML": (b"<html><table><tr><td>Lead ID</td></tr></table></html>", "don't tell"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office file"),
    "PDF": (b"%PDF-1.7 ...", "not a table"),
    "damaged Parquet": (b"PAR1" + bytes(50) + b"PAR1", "Parquet file is damaged"),
    "numbers only": (b"1,2,3\n4,5,6\n", "No header"),
    "header only": (b"Lead ID,MQL Date\n", None),
}


@pytest.fixture(scope="module")
def answers():
    good = InputFile("good", b"Lead ID,MQL Date\n1,2026-07-01\n")
    files = [good, *(InputFile(name, content) for name, (content, _) in HOSTILE.items())]
    imported = read_files(files)
    return imported, {report.name: report for report in imported.files}


@pytest.mark.parametrize("name", [name for name, (_, reason) in HOSTILE.items() if reason])
def test_a_file_that_is_no_table_is_refused_in_a_sentence(answers, name):
    (reason,) = answers[1][name].refused
    assert re.search(HOSTILE[name][1], reason), reason
    assert reason.endswith(".")
    assert reason[0].isupper()
    assert "Traceback" not in reason
    assert "/tmp" not in reason  # noqa: S108 no path of the machine
    assert (answers[1][name].rows_read, answers[1][name].rows_used) == (0, 0)


def test_what_other_files_do_takes_nothing_from_a_good_one(answers):
    imported, reports = answers
    assert reports["good"].rows_used == 1
    assert imported.tables["leads"]["lead_id"].to_pylist() == ["1"]
    assert len(imported.refused) == sum(bool(reason) for _, reason in HOSTILE.values())


def test_a_table_without_rows_is_a_table(answers):
    report = answers[1]["header only"]
    assert (report.kind, report.rows_read, report.refused) == ("leads", 0, ())


def test_too_little_memory_is_a_sentence():
    rows = "Lead ID,MQL Date,Country\n" + "".join(f"{i},2026-07-01,{'x' * 60}\n" for i in range(400_000))
    report = report_of(rows.encode(), replace(Limits(), memory=400 * 2**20))
    (reason,) = report.refused
    assert "memory" in reason


def test_too_little_time_is_a_sentence():
    (reason,) = report_of(b"Lead ID,MQL Date\n1,2026-07-01\n", replace(Limits(), seconds=0.01)).refused
    assert reason == "Reading the file took longer than 0.01 seconds. Export fewer rows or columns."


def test_size_rows_and_columns_have_limits_that_are_named():
    text = b"Lead ID,MQL Date,Country\n" + b"1,2026-07-01,x\n" * 50
    small = Limits()
    assert "MB are read" in report_of(text, replace(small, bytes=100)).refused[0]
    assert "at most 20" in report_of(text, replace(small, rows=20)).refused[0]
    assert "at most 2" in report_of(text, replace(small, columns=2)).refused[0]


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "memory_folder", lambda: str(tmp_path))
    files = [
        InputFile("good.csv", "Lead ID,MQL Date,Stadt\n1,2026-07-01,Köln\n".encode("cp1252")),
        InputFile("bad.csv", b"\x00"),
        InputFile("book.xlsx", workbook()),
    ]
    imported = read_files(files)
    read_files(files[:1], limits=replace(Limits(), seconds=0.01))
    assert list(tmp_path.iterdir()) == []
    assert imported.tables["leads"].num_rows == 2  # what was read needs no file any more


PERSONAL = {
    "First Name": "Zaphodine", "Last Name": "Beeblebroxa", "Email": "zb@canary.example", "Phone": "+1 555 0199 4242",
    "Company": "Magrathea Canary Ltd", "Street": "Canary Lane 42", "Notes": "met at the canary fair", "Title of person": "Dr Canary",
}  # fmt: skip


def everything_said(imported):
    tables = " ".join(table.to_pandas().to_csv() for table in imported.tables.values())
    return tables + repr(imported.files)


def test_what_identifies_a_person_is_in_no_table_sample_or_fault():
    headers = ["Lead ID", "MQL Date", "Country", "Amount", *PERSONAL]
    cells = list(PERSONAL.values())
    rows = [
        ["1", "2026-07-01", "Spain", "5", *cells],
        ["2", "someday", "Spain", "5", *cells],
        ["3", "2026-07-01", "Spain", "zb@canary.example", *cells],  # in the wrong column
        ["4", "2026-07-01", "Spain", "5", *cells, "too", "long"],
        ["1", "2026-07-01", "Spain", "5", *cells],
    ]
    text = "\n".join(",".join(row) for row in (headers, *rows))
    imported = read_files([InputFile("leads.csv", text.encode())])
    assert imported.quality.rows_used == 1
    assert {fault.row for fault in imported.quality.faults} == {3, 4, 5, 6}
    said = everything_said(imported).casefold()
    for canary in (*PERSONAL.values(), "canary"):
        assert canary.casefold() not in said, canary
    assert {column.header for column in imported.files[0].columns if column.why == "personal, dropped"} == set(PERSONAL)


def test_ids_that_are_addresses_are_kept_as_codes_that_agree_across_files():
    leads = "Lead ID,MQL Date,Lead Owner\nAda@canary.example,2026-07-01,boss@canary.example\nbob@canary.example,2026-07-01,x\nbob@canary.example,2026-07-01,x\n7,2026-07-01,y\n"
    touches = "Lead ID,Touched At,Kind\nada@canary.example ,2026-07-02,call\n7,2026-07-02,call\n"
    files = [InputFile("leads.csv", leads.encode()), InputFile("touches.csv", touches.encode())]
    imported = read_files(files)
    assert "canary" not in everything_said(imported).casefold()
    ada, bob, seven = imported.tables["leads"]["lead_id"].to_pylist()
    assert imported.tables["touches"]["lead_id"].to_pylist() == [ada, seven]
    assert seven == "7"
    assert len({ada, bob, seven}) == 3
    again = read_files(files).tables["leads"]["lead_id"].to_pylist()
    assert again[0] != ada  # the next import's codes are others: they say nothing about anybody


def test_what_was_said_about_address_ids_sets_nothing_aside():
    report = report_of(b"Lead ID,MQL Date\na@canary.example,2026-07-01\n")
    (fault,) = report.faults
    assert (fault.rows, fault.sets_aside, report.rows_used) == (0, False, 1)
    assert "e-mail addresses" in fault.reason
