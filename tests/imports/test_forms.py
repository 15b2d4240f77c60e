"""Each dialect and each spelling of a value that is promised, in the smallest file that has it."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter

from alignment_core.imports import FileMapping, InputFile, read_files
from alignment_core.imports.values import parse_percent
from tests.imports.in_process import reading_here
from tests.imports.writers import Locale, Style, Table, written

HEADERS = ("Lead ID", "MQL Date", "Country", "Amount")
#: What each file of a dialect must give: the ids keep their zeros.
LEADS = (
    ("00012", date(2026, 7, 1), "Köln", Decimal("5.00")),
    ("00013", date(2026, 7, 2), "Orléans", Decimal("1206.50")),
)
TABLE = Table(HEADERS, LEADS)


def rows_of(file, mapping=None):
    """The leads of a file, as they were meant."""
    imported = read_files([file], {file.name: mapping or FileMapping()})
    (report,) = imported.files
    assert not report.reasons, report.reasons
    return tuple(
        (row["lead_id"], row["mql_at"].date(), row["country"], row["amount"])
        for row in imported.tables["leads"].to_pylist()
    )


def places(*countries):
    """The same leads in other places."""
    return replace(TABLE, rows=tuple((*row[:2], place, row[3]) for row, place in zip(LEADS, countries, strict=True)))


def text(table=TABLE, name="leads.csv", **style):
    return table, InputFile(name, written(table, Locale(), Style(**style)))


def book(name="leads.xlsx", table=TABLE, **style):
    return table, InputFile(name, written(table, Locale(), Style("xlsx", **style)))


def page(name):
    return TABLE, InputFile(name, written(TABLE, Locale(), Style("html")))


def lines(*more, header=HEADERS, before=()):
    """CSV with lines besides those of the leads: `more` stands below them."""
    stream = io.StringIO()
    rows = [(id_, day.isoformat(), place, amount) for id_, day, place, amount in LEADS]
    csv.writer(stream).writerows([*before, header, *rows, *more])
    return TABLE, InputFile("leads.csv", stream.getvalue().encode())


def made(fill):
    """A workbook by XlsxWriter."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        fill(workbook)
    return TABLE, InputFile("leads.xlsx", stream.getvalue())


def cells(sheet, at=0):
    sheet.write_row(at, 0, HEADERS)
    for place, (id_, day, country, amount) in enumerate(LEADS, at + 1):
        sheet.write_row(place, 0, [id_, day.isoformat(), country, float(amount)])


def merged(workbook):
    sheet = workbook.add_worksheet()
    sheet.merge_range(0, 1, 0, 2, "Of the lead")
    sheet.write_row(0, 0, ["Lead ID"])
    sheet.write(0, 3, "Amount")
    sheet.write_row(1, 1, HEADERS[1:3])
    for place, (id_, day, country, amount) in enumerate(LEADS, 2):
        sheet.write_row(place, 0, [id_, day.isoformat(), country, float(amount)])


def several(workbook):
    workbook.add_worksheet("Read me").write(0, 0, "Leads of the quarter")
    cells(workbook.add_worksheet("Leads"))
    workbook.add_worksheet("Other").write_row(0, 0, ["Lead ID", "MQL Date"])


def excel_table(workbook):
    sheet = workbook.add_worksheet()
    sheet.write(0, 0, "Not of the table")
    sheet.add_table(3, 1, 5, 4, {
        "columns": [{"header": header} for header in HEADERS],
        "data": [[id_, day.isoformat(), place, float(amount)] for id_, day, place, amount in LEADS],
    })  # fmt: skip


def formulas(workbook):
    sheet = workbook.add_worksheet()
    cells(sheet)
    for place, (_, _, _, amount) in enumerate(LEADS, 1):
        sheet.write_formula(place, 3, "=1+1", None, float(amount))


DIALECTS = {
    "comma": lambda: text(delimiter=","),
    "semicolon": lambda: text(delimiter=";"),
    "tab": lambda: text(delimiter="\t"),
    "pipe": lambda: text(delimiter="|"),
    "quotes": lambda: text(places('Say "Cheese"', "a, b; c"), quoting=csv.QUOTE_ALL),
    "embedded newlines": lambda: text(places("two\nlines", "three\nmore\nlines")),
    "UTF-8 without BOM": lambda: text(encoding="utf-8"),
    "UTF-8 with BOM": lambda: text(encoding="utf-8-sig"),
    "UTF-16": lambda: text(encoding="utf-16"),
    "cp1252": lambda: text(encoding="cp1252"),
    "GB18030": lambda: text(places("中国上海", "北京市"), encoding="gb18030"),
    "Shift-JIS": lambda: text(places("ドイツ", "スペイン"), encoding="shift_jis"),
    "header not on the first row": lambda: lines(before=[[], []]),
    "title rows": lambda: text(titles=("Leads of Q3", "As of 2026-09-30")),
    "blank rows": lambda: text(blank_rows=True, titles=("Leads of Q3",)),
    "blank columns": lambda: book(across=2),
    "merged header cells": lambda: made(merged),
    "totals": lambda: text(totals="Total"),
    "subtotals": lambda: lines(("Subtotal", "", "", "1211.50")),
    "footer “Grand Totals”": lambda: lines(("Grand Totals (2 records)", "", "", "1211.50")),
    "footer “Confidential information”": lambda: text(footers=("Confidential Information - Do Not Distribute",)),
    "footer “Copyright (c) …”": lambda: text(footers=("Copyright (c) 2000-2026 example.com, inc. All rights reserved.",)),
    "duplicate header names": lambda: text(Table((*HEADERS, "Score", "Score"), tuple((*row, 7, 8) for row in LEADS))),
    "trailing delimiters": lambda: text(trailing=3),
    "`.csv` that is XLSX": lambda: book("leads.csv"),
    "`.csv` that is HTML": lambda: page("leads.csv"),
    "`.xlsx` that is CSV": lambda: text(name="leads.xlsx"),
    "`.xls` that is HTML": lambda: page("leads.xls"),
    "several sheets": lambda: made(several),
    "hidden sheets": lambda: book(hidden=True),
    "Excel tables": lambda: made(excel_table),
    "formulas (their cached values)": lambda: made(formulas),
    "Excel 1904 dates": lambda: book(typed=True, is_1904=True),
}  # fmt: skip


@pytest.mark.parametrize("form", DIALECTS)
def test_a_dialect_gives_the_same_records(form):
    table, file = DIALECTS[form]()
    mapping = {
        "merged header cells": FileMapping(
            kind="leads", columns={"mql_at": "Of the lead MQL Date", "country": "Of the lead Country"}
        ),
        "several sheets": FileMapping(sheet="Leads"),
        "GB18030": FileMapping(encoding="gb18030"),  # two short words do not decide it
    }
    with reading_here():
        assert rows_of(file, mapping.get(form)) == tuple(row[:4] for row in table.rows)


def test_a_workbook_of_1904_has_other_numbers_for_the_same_days():
    """Else the test above would show nothing."""
    numbers = []
    for is_1904 in (False, True):
        _, file = book(typed=True, is_1904=is_1904, serials=True)
        sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
        numbers.append(sheet.cell(2, 2).value)
    assert numbers[0] - numbers[1] == 1462


#: The file that a field's cells stand in: its other columns, with a value for each row, and its header.
FIELDS = {
    "amount": ("deals", {"Deal ID": "D{}", "Close Date": "2026-07-01", "Won": "yes"}, "Amount"),
    "is_won": ("deals", {"Deal ID": "D{}", "Close Date": "2026-07-01"}, "Won"),
    "mql_at": ("leads", {"Lead ID": "L{}"}, "MQL Date"),
    "country": ("leads", {"Lead ID": "L{}", "MQL Date": "2026-07-01"}, "Country"),
    "deal_id": ("leads", {"Lead ID": "L{}", "MQL Date": "2026-07-01"}, "Converted Opportunity ID"),
    "currency": ("deals", {"Deal ID": "D{}", "Close Date": "2026-07-01", "Won": "yes", "Amount": "5"}, "Currency"),
    "quarter": ("funnel", {"MQLs": "5", "Wins": "1"}, "Quarter"),
}  # fmt: skip


def column(field, *cells):
    """A field as it is read from a file in which its column has these cells."""
    kind, others, header = FIELDS[field]
    stream = io.StringIO()
    out = csv.writer(stream, quoting=csv.QUOTE_ALL)
    out.writerow([*others, header])
    out.writerows([*(value.format(place) for value in others.values()), cell] for place, cell in enumerate(cells))
    imported = read_files([InputFile("file.csv", stream.getvalue().encode())])
    assert not imported.refused, imported.refused
    return imported.tables[kind][field].to_pylist()


def days(*cells):
    return [day and day.date().isoformat() for day in column("mql_at", *cells)]


def serials():
    _, file = book(typed=True, serials=True)
    return [day.isoformat() for _, day, _, _ in rows_of(file)]


def shares(*cells, unit=None):
    return parse_percent(pa.chunked_array([pa.array(cells)]), unit).values.to_pylist()


DAY = ["2026-09-30"]
VALUES = {
    "`$1,234.50 `": lambda: column("amount", "$1,234.50 ") == [Decimal("1234.50")],
    "`1.234,50 €`": lambda: column("amount", "1.234,50 €") == [Decimal("1234.50")],
    "`R$ 100.000`": lambda: column("amount", "R$ 100.000") == [Decimal(100_000)],
    "`(1,200)`": lambda: column("amount", "(1,200)", "1,234.50") == [Decimal(-1200), Decimal("1234.50")],
    "`1.2M`": lambda: column("amount", "1.2M") == [Decimal(1_200_000)],
    "currency columns": lambda: column("currency", "EUR", "USD", "") == ["EUR", "USD", None],
    "45%": lambda: shares("45%") == [0.45],
    "0.45": lambda: shares("0.45", unit="fraction") == [0.45],
    "45": lambda: shares("45", unit="percent") == [0.45],
    "1/0": lambda: column("is_won", "1", "0") == [True, False],
    "TRUE": lambda: column("is_won", "TRUE", "FALSE") == [True, False],
    "yes": lambda: column("is_won", "yes", "no") == [True, False],
    "Won": lambda: column("is_won", "Won", "Lost") == [True, False],
    "empty": lambda: column("mql_at", "", "2026-09-30")[0] is None,
    "`N/A`": lambda: column("amount", "N/A", "5") == [None, Decimal(5)],
    "`-`": lambda: column("amount", "-", "5") == [None, Decimal(5)],
    "`Select`": lambda: column("country", "Select", "DE") == [None, "DE"],
    "`000000000000000AAA`": lambda: column("deal_id", "000000000000000AAA", "006q000000HddohAAB") == [None, "006q000000HddohAAB"],
    "ISO dates": lambda: days("2026-09-30") == DAY,
    "US dates": lambda: days("9/30/2026", "4/3/2026") == [*DAY, "2026-04-03"],
    "EU dates": lambda: days("30/9/2026", "4/3/2026") == [*DAY, "2026-03-04"],
    "dotted dates": lambda: days("30.09.2026", "04.03.2026") == [*DAY, "2026-03-04"],
    "two-digit years": lambda: days("30.09.26", "9/30/26".replace("9/30", "30/9")) == DAY * 2,
    "month names": lambda: days("30 Sep 2026", "Sept 30th, 2026", "30. September 2026") == DAY * 3,
    "Excel serials": lambda: serials() == ["2026-07-01", "2026-07-02"],
    "epoch milliseconds": lambda: days("1790726400000") == DAY,
    "with zone": lambda: days("2026-10-01T01:30:00+02:00") == DAY,
    "without zone": lambda: days("2026-09-30T23:30:00") == DAY,
    "several formats in one column": lambda: days("2026-09-30", "30.09.2026", "Sep 30, 2026", "20260930") == DAY * 4,
    "`2026-Q3`": lambda: column("quarter", "2026-Q3") == ["2026-Q3"],
    "`Q3 FY26`": lambda: column("quarter", "Q3 FY26") == ["2026-Q3"],
    "`FY2026 3`": lambda: column("quarter", "FY2026 3") == ["2026-Q3"],
    "`2015 3`": lambda: column("quarter", "2015 3") == ["2015-Q3"],
    "`26Q3`": lambda: column("quarter", "26Q3") == ["2026-Q3"],
}  # fmt: skip


@pytest.mark.parametrize("form", VALUES)
def test_a_value_is_read_in_its_spelling(form):
    with reading_here():
        assert VALUES[form]()
