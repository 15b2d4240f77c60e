"""A workbook of one page to write to, and what was written: formulas as text, and the values stored beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from alignment_core.agreement import Owners
from alignment_core.drivers import bridge_bars
from alignment_core.export.sheets import Book, Page
from alignment_core.results import Bar, Review


def a_book(**changes: object) -> Book:
    return Book(
        **{"title": "T", "subject": "S", "created": datetime(2026, 10, 9), "footer": "F", "paper": "A4"} | changes
    )


@dataclass(frozen=True)
class Read:
    """A sheet as it was stored: its formulas, and what viewers that do not calculate show."""

    formulas: Worksheet
    values: Worksheet

    def row(self, *texts: str, start: int = 1) -> int:
        """The first row that begins with these texts."""
        for row in range(start, self.values.max_row + 1):
            if tuple(self.values.cell(row, column).value for column in range(1, len(texts) + 1)) == texts:
                return row
        raise AssertionError(f"no row begins with {texts}")

    def shown(self, *texts: str, start: int = 1) -> list[object]:
        """What stands behind the texts in their row, as far as it goes."""
        cells = [cell.value for cell in self.values[self.row(*texts, start=start)]][len(texts) :]
        while cells and cells[-1] is None:
            cells.pop()
        return cells

    def texts(self) -> list[str]:
        return [cell.value for row in self.values.iter_rows() for cell in row if isinstance(cell.value, str)]


def read(book: Book) -> Mapping[str, Read]:
    """Close a workbook and read its sheets."""
    content = book.close()
    formulas, values = (openpyxl.load_workbook(BytesIO(content), data_only=only) for only in (False, True))
    return {name: Read(formulas[name], values[name]) for name in formulas.sheetnames}


def written(write: Callable[[Book, Page], object], *, columns: int = 12) -> Read:
    """One page, as a function writes it."""
    book = a_book()
    write(book, book.page("Page", [20.0] * columns))
    return read(book)["Page"]


def funnel_order(review: Review) -> tuple[Bar, ...]:
    """The bridge of the sources' totals in funnel order."""
    plan, actual = (
        {source: {None: counts} for source, counts in side.items()} for side in (review.plan, review.actual)
    )
    return bridge_bars(plan, actual, Owners(), "sequential")[0]
