"""How a sheet is written: cells that know their address and what they read, and the colours that say what they are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from textwrap import wrap
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

__all__ = ["CENTS", "INK", "MONEY", "RATE", "SIGNED", "Book", "Cell", "Check", "Page", "count_format", "rows_needed"]

Value = float | str | bool

FONT = "Arial"  # on every machine, and with a free twin of the same widths
INK, FAINT, LINE, SHADE = "#1B2733", "#5C6B7A", "#9AA7B3", "#E9EFF5"
#: The banking convention, which the Method sheet states.
COLOUR = {"input": "#0000FF", "formula": "#000000", "link": "#00703C"}

MONEY, SIGNED, CENTS, RATE = "#,##0", "+#,##0;-#,##0;0", "#,##0.00", "0.0%"

#: The number of a paper, and the width and height in points between our margins.
_PAPER = {"A4": (9, (784.0, 515.0)), "Letter": (1, (734.0, 532.0))}
#: The height of a row and the width of a digit in points.
_ROW, _DIGIT = 15.0, 5.6
#: A column's width is counted in digits; letters are a little narrower.
_LETTERS = 1.12
#: A little less than Excel holds in one cell.
_LONGEST_TEXT = 32_000


@dataclass(frozen=True)
class Cell:
    """A cell that was written, and what it reads."""

    sheet: str
    row: int
    column: int
    value: Value

    @property
    def here(self) -> str:
        """Its address on its own sheet."""
        return str(xl_rowcol_to_cell(self.row, self.column))

    @property
    def there(self) -> str:
        """Its address from another sheet."""
        return f"{quote_sheetname(self.sheet)}!{self.here}"

    @property
    def number(self) -> float:
        """What it reads where a number is meant; text counts as nothing, as in Excel's SUM."""
        return float(self.value) if isinstance(self.value, int | float) else 0.0


@dataclass(frozen=True)
class Check:
    """Two cells that must read the same."""

    label: str
    one: Cell
    other: Cell

    @property
    def holds(self) -> bool:
        one, other = self.one.number, self.other.number
        return abs(one - other) < max(0.005, abs(one) * 1e-12)


def count_format(*values: float | None) -> str:
    """Whole counts whole; a plan's fractions with one decimal."""
    return "#,##0" if all(value is None or abs(value - round(value)) < 0.05 for value in values) else "#,##0.0"


def rows_needed(text: str, width: float) -> int:
    """How many lines a text takes in a column of this width (in characters)."""
    return sum(max(1, len(wrap(line, max(1, int(width * _LETTERS))))) for line in text.split("\n"))


class Book:
    """A workbook while it is written: its formats, its pages and the checks that they add up."""

    def __init__(
        self, *, title: str, subject: str, created: datetime, footer: str, paper: Literal["A4", "Letter"]
    ) -> None:
        self._bytes = BytesIO()
        self._book = xlsxwriter.Workbook(
            self._bytes,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": FONT, "font_size": 10},
            },
        )
        self._book.set_properties({"title": title, "subject": subject, "created": created, "author": "Alignment"})
        self._book.set_calc_mode("auto")
        self._footer = footer[:60].replace("&", "&&")
        self._paper, self.printable = _PAPER[paper]
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self.checks: list[Check] = []

    def page(self, name: str, widths: Sequence[float], *, one_page: bool = False) -> "Page":
        """A new sheet, printed landscape and one page wide; with `one_page` also one page high."""
        sheet = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, self.format())
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(self._paper)
        sheet.fit_to_pages(1, int(one_page))
        sheet.center_horizontally()
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(f"&L {self._footer}&C&A&RPage &P of &N")  # the space: a name's digits are not a font size
        return Page(self, sheet, name, tuple(widths))

    def format(self, **look: object) -> Any:
        """The format with these properties; made once."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(
                {"font_name": FONT, "font_size": 10, "valign": "top", "top_color": FAINT} | look
            )
        return self._formats[key]

    def chart(self, kind: str, subtype: str | None = None) -> Any:
        return self._book.add_chart({"type": kind} | ({"subtype": subtype} if subtype else {}))

    def check(self, label: str, one: Cell, other: Cell) -> None:
        """Promise that two cells read the same, to the cent."""
        self.checks.append(Check(label, one, other))

    def close(self) -> bytes:
        self._book.close()
        return self._bytes.getvalue()


class Page:
    """One sheet. Text is always text: nothing that comes from data becomes a formula or a link."""

    def __init__(self, book: Book, sheet: Any, name: str, widths: tuple[float, ...]) -> None:
        self.book, self.sheet, self.name, self.widths = book, sheet, name, widths
        self._heights: dict[int, float] = {}

    def text(self, row: int, column: int, text: object, **look: object) -> None:
        self.sheet.write_string(row, column, _clean(text), self.book.format(**{"font_color": INK} | look))

    def wide(self, row: int, first: int, last: int, text: str, **look: Any) -> None:
        """Text over several columns, wrapped in a row of the height it needs."""
        width = sum(self.widths[first : last + 1])
        size = look.get("font_size", 10)
        lines = rows_needed(_clean(text), width * 10 / size * (0.92 if look.get("bold") else 1))
        self.sheet.merge_range(
            row, first, row, last, "", self.book.format(**{"font_color": INK, "text_wrap": True} | look)
        )
        self.text(row, first, text, text_wrap=True, **look)
        self.height(row, lines, size)

    def height(self, row: int, lines: float, size: float = 10) -> None:
        """Make a row high enough for lines of text; Excel has no row higher than 409 points."""
        self._heights[row] = min(409.0, max(_ROW, lines * size * 1.3 + 3))
        self.sheet.set_row(row, self._heights[row])

    def break_before(self, row: int, *, fit_above: bool) -> None:
        """Begin a new page of paper at a row; with `fit_above`, what is above it fits on one.

        A page break counts only on a sheet that is scaled, not on one that is fitted to pages.
        """
        width = sum((width + 0.72) * _DIGIT for width in self.widths)
        height = sum(self._heights.get(above, _ROW) for above in range(row))
        across, down = self.book.printable
        scale = min(across / width, down / height) if fit_above else across / width
        self.sheet.set_print_scale(max(10, min(100, int(97 * scale))))
        self.sheet.set_h_pagebreaks([row])

    def title(self, text: str, under: str) -> None:
        """The first two rows: what the sheet is, and how to read it. The first stays in view."""
        self.text(0, 0, text, bold=True, font_size=16)
        self.height(0, 1, 16)
        self.wide(1, 0, len(self.widths) - 1, under)
        self.sheet.freeze_panes(1, 0)

    def heading(self, row: int, text: str) -> None:
        self.text(row, 0, text, bold=True, font_size=12)
        self.height(row, 1, 13)

    def header(self, row: int, names: Sequence[str], first: int = 0, text_columns: int = 1) -> None:
        """A table's header: names of numbers stand right, as the numbers do. An empty name leaves a gap."""
        lines = 1
        for column, name in enumerate(names, first):
            align = "left" if column < first + text_columns else "right"
            self.text(
                row, column, name, bold=True, bg_color=SHADE, bottom=1, bottom_color=LINE, text_wrap=True, align=align
            )
            lines = max(lines, rows_needed(name, self.widths[column] * 0.88))
        self.height(row, lines)

    def input(self, row: int, column: int, value: float, number: str, **look: object) -> Cell:
        """A number that comes from outside this workbook."""
        self.sheet.write_number(row, column, value, self._number("input", number, look))
        return Cell(self.name, row, column, value)

    def formula(self, row: int, column: int, formula: str, value: Value, number: str, **look: object) -> Cell:
        """A live formula, with the value that the core has for it."""
        self.sheet.write_formula(row, column, f"={formula}", self._number("formula", number, look), value)
        return Cell(self.name, row, column, value)

    def link(self, row: int, column: int, cell: Cell, number: str, **look: object) -> Cell:
        """What a cell of another sheet reads."""
        self.sheet.write_formula(row, column, f"={cell.there}", self._number("link", number, look), cell.value)
        return Cell(self.name, row, column, cell.value)

    def total(self, row: int, column: int, cells: Sequence[Cell], number: str, **look: object) -> Cell:
        """The sum of the cells above, which stand together in one column."""
        value = math.fsum(cell.number for cell in cells)
        return self.formula(row, column, f"SUM({cells[0].here}:{cells[-1].here})", value, number, **look)

    def _number(self, role: str, number: str, look: dict[str, object]) -> Any:
        return self.book.format(**({"font_color": COLOUR[role], "num_format": number, "align": "right"} | look))


def _clean(text: object) -> str:
    """What a cell can hold: no half characters, and not more than Excel takes."""
    return str(text).encode("utf-8", "replace").decode()[:_LONGEST_TEXT]
