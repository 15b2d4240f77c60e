"""Tables written as exports are: any dialect, container and locale. Knows nothing of the product that reads them.

A cell is what it means (`date`, `Decimal`, `bool`, `int`, `str`, None); a `Locale` says how it is spelled, and a
`Style` in what file it stands.
"""

import calendar
import csv
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

Cell = date | Decimal | bool | int | str | None

_GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()


def _milliseconds(day: date) -> str:
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000))


def _serial(day: date, *, is_1904: bool) -> int:
    return (day - (date(1904, 1, 1) if is_1904 else date(1899, 12, 30))).days


#: How a day may be written, by name. `us…` have the month first, `eu…` the day.
DATES = {
    "iso": date.isoformat,
    "iso time": lambda day: f"{day}T09:30:00",
    "iso zone": lambda day: f"{day}T09:30:00Z",
    "compact": lambda day: f"{day:%Y%m%d}",
    "us": lambda day: f"{day.month}/{day.day}/{day.year}",
    "us padded": lambda day: f"{day:%m/%d/%Y}",
    "us short": lambda day: f"{day.month}/{day.day}/{day:%y}",
    "us time": lambda day: f"{day.month}/{day.day}/{day.year} 3:05 PM",
    "eu": lambda day: f"{day:%d/%m/%Y}",
    "eu dotted": lambda day: f"{day:%d.%m.%Y}",
    "eu dotted short": lambda day: f"{day:%d.%m.%y}",
    "month name": lambda day: f"{day.day} {calendar.month_abbr[day.month]} {day.year}",
    "month first": lambda day: f"{calendar.month_name[day.month]} {day.day}, {day.year}",
    "german": lambda day: f"{day.day}. {_GERMAN[day.month - 1]} {day.year}",
    "milliseconds": _milliseconds,
}
#: Spellings that stand together in one column without leaving anything open.
MIXED = ("iso", "iso time", "compact", "month name", "month first", "eu dotted")
#: Signs between thousands, and before the decimals.
NUMBERS = {
    "plain": ("", "."), "english": (",", "."), "german": (".", ","), "french": (" ", ","), "narrow": ("\xa0", ","),
    "swiss": ("'", "."), "comma": ("", ","),
}  # fmt: skip
#: A currency before (or after, with the space of its own) an amount.
CURRENCIES = ("", "$|", "|" + " €", "€|", "R$ |", "USD |", "| EUR", "£|")
FLAGS = (
    ("TRUE", "FALSE"), ("true", "false"), ("1", "0"), ("Yes", "No"), ("yes", "no"), ("Ja", "Nein"), ("Won", "Lost"),
    ("Y", "N"), ("Oui", "Non"), ("✓", "✗"),
)  # fmt: skip
NOTHING = ("", "N/A", "-", "null", "--None--", "n/a", "Select")
QUARTERS = {
    "2026-Q3": "{year}-Q{number}", "2026Q3": "{year}Q{number}", "Q3 2026": "Q{number} {year}", "Q3 FY26": "Q{number} FY{short}",
    "FY2026 3": "FY{year} {number}", "2015 3": "{year} {number}", "26Q3": "{short}Q{number}", "3Q26": "{number}Q{short}",
    "FY2026-Q3": "FY{year}-Q{number}",
}  # fmt: skip


def quarter_name(spelling: str, year: int, number: int) -> str:
    return QUARTERS[spelling].format(year=year, short=f"{year % 100:02}", number=number)


@dataclass(frozen=True)
class Locale:
    """How cells are spelled.

    Attributes:
        dates: the spellings of days, taken in turn.
        numbers: which signs stand in numbers.
        currency: what stands beside an amount, a bar where the amount is.
        brackets: whether what is below zero stands in brackets.
        whole: whether amounts without cents are written without decimals.
        flags: the words for yes and no.
        nothing: what stands in an empty cell.
    """

    dates: tuple[str, ...] = ("iso",)
    numbers: str = "plain"
    currency: str = ""
    brackets: bool = False
    whole: bool = False
    flags: tuple[str, str] = ("TRUE", "FALSE")
    nothing: str = ""

    def text(self, cell: Cell, turn: int = 0) -> str:
        """A cell as it is written; `turn` says which of several spellings."""
        if cell is None:
            return self.nothing
        if isinstance(cell, bool):
            return self.flags[0] if cell else self.flags[1]
        if isinstance(cell, date):
            return DATES[self.dates[turn % len(self.dates)]](cell)
        if isinstance(cell, Decimal):
            return self._money(cell)
        return self._grouped(abs(cell), 0) if isinstance(cell, int) else cell

    def _money(self, amount: Decimal) -> str:
        whole = self.whole and amount == amount.to_integral_value()
        before, _, after = self.currency.partition("|")
        written = f"{before}{self._grouped(abs(amount), 0 if whole else 2)}{after}"
        if amount >= 0:
            return written
        return f"({written})" if self.brackets else f"-{written}"

    def _grouped(self, number: Decimal | int, decimals: int) -> str:
        group, point = NUMBERS[self.numbers]
        return f"{number:,.{decimals}f}".replace(".", "\0").replace(",", group).replace("\0", point)

    @property
    def answers(self) -> set[str]:
        """What is true of it, as lines of a mapping file."""
        first = "MDY" if any(name.startswith("us") for name in self.dates) else "DMY"
        return {f'date_order = "{first}"', f'decimal = "{NUMBERS[self.numbers][1]}"'}


@dataclass(frozen=True)
class Style:
    """In what file a table stands.

    Attributes:
        container: csv, xlsx, html or parquet.
        typed: whether a workbook or Parquet file holds numbers, dates and flags, or their spelling as text.
        serials: whether a workbook's dates are plain numbers without a date's format.
        titles, footers: lines above the header and below the rows.
        blank_rows: whether blank rows stand under the titles and among the rows.
        totals: whether a row of sums ends the table.
        trailing: delimiters too many at the end of each line.
        across: empty columns of a workbook before the table.
    """

    container: str = "csv"
    delimiter: str = ","
    ending: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    encoding: str = "utf-8"
    typed: bool = False
    serials: bool = False
    is_1904: bool = False
    hidden: bool = False
    titles: tuple[str, ...] = ()
    footers: tuple[str, ...] = ()
    blank_rows: bool = False
    totals: str = ""
    trailing: int = 0
    across: int = 0

    @property
    def suffix(self) -> str:
        return {"csv": "tsv" if self.delimiter == "\t" else "csv", "html": "xls"}.get(self.container, self.container)


@dataclass(frozen=True)
class Table:
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def sums(self) -> tuple[Cell, ...]:
        """The sums of its numbers."""
        numbers = [[cell for cell in column if type(cell) in (int, Decimal)] for column in zip(*self.rows, strict=True)]
        return tuple(sum(cells[1:], cells[0]) if cells else None for cells in numbers)


def written(table: Table, locale: Locale, style: Style) -> bytes:
    """A table as the bytes of a file. Raises UnicodeEncodeError where the encoding lacks a letter."""
    return {"csv": _csv, "xlsx": _xlsx, "html": _html, "parquet": _parquet}[style.container](table, locale, style)


def _text_rows(table: Table, locale: Locale, style: Style) -> list[list[str]]:
    rows = [[locale.text(cell, turn + i) for i, cell in enumerate(row)] for turn, row in enumerate(table.rows)]
    if style.totals:
        sums = ["" if cell is None else locale.text(cell) for cell in table.sums]
        rows.append([style.totals, *sums[1:]])
    return rows


def _csv(table: Table, locale: Locale, style: Style) -> bytes:
    stream = io.StringIO(newline="")
    out = csv.writer(stream, delimiter=style.delimiter, quoting=style.quoting, lineterminator=style.ending)
    for title in style.titles:
        out.writerow([title])
    if style.blank_rows and style.titles:
        stream.write(style.ending)
    rest = [""] * style.trailing
    out.writerow([*table.headers, *rest])
    for place, row in enumerate(_text_rows(table, locale, style)):
        if style.blank_rows and place % 3 == 2:
            stream.write(style.delimiter * (len(row) - 1) + style.ending)
        out.writerow([*row, *rest])
    for footer in style.footers:
        out.writerow([footer])
    return stream.getvalue().encode(style.encoding)


def _html(table: Table, locale: Locale, style: Style) -> bytes:
    def line(cells: Sequence[str], tag: str = "td") -> str:
        return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"

    lines = [line([title]) for title in style.titles]
    lines.append(line(table.headers, "th"))
    lines += [line(row) for row in _text_rows(table, locale, style)]
    lines += [line([footer]) for footer in style.footers]
    head = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>'
    return f"{head}<table>{style.ending.join(lines)}</table></body></html>".encode()


def _xlsx(table: Table, locale: Locale, style: Style) -> bytes:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904 if style.is_1904 else CALENDAR_WINDOWS_1900
    sheet = book.active
    if style.hidden:  # last quarter's rows, which are not meant
        sheet.append(table.headers)
        sheet.append(["Old"] * len(table.headers))
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("Report")
        book.active = sheet
    number = 1

    def line(cells: Sequence[object]) -> None:
        nonlocal number
        for place, cell in enumerate(cells, style.across + 1):
            if cell not in (None, ""):
                spot = sheet.cell(number, place)
                spot.value = cell
                if isinstance(cell, str):
                    spot.data_type = "s"  # a text that begins with = is no formula
        number += 1

    for title in style.titles:
        line([title])
    if style.blank_rows and style.titles:
        number += 1
    line(table.headers)
    rows = [[_native(cell, style) for cell in row] for row in table.rows] if style.typed else None
    for place, row in enumerate(rows if rows is not None else _text_rows(table, locale, style)):
        number += style.blank_rows and place % 3 == 2
        line(row)
    if style.typed and style.totals:
        line([style.totals, *(_native(cell, style) for cell in table.sums[1:])])
    for footer in style.footers:
        line([footer])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _native(cell: Cell, style: Style) -> object:
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, date) and style.serials:
        return _serial(cell, is_1904=style.is_1904)
    return datetime(cell.year, cell.month, cell.day) + timedelta(hours=9) if isinstance(cell, date) else cell


def _parquet(table: Table, locale: Locale, style: Style) -> bytes:
    rows = table.rows if style.typed else _text_rows(table, locale, style)
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=list(table.headers)), stream)
    return stream.getvalue()


def workbook_of(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A workbook of these sheets, by their names."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
