"""The quality report as a file: every fault with its place, its reason and what to do about it.

What stood in a cell of an export is shown as text. A spreadsheet that opens the report runs none of it.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO

from alignment_core.export.sheets import Book
from alignment_core.results import Fault, Quality

__all__ = ["HEADERS", "by_reason", "harmless", "quality_csv", "quality_xlsx"]

HEADERS = ("file", "sheet", "row", "column", "value", "reason", "what to do", "rows", "set aside")
_WIDTHS = (24, 14, 9, 20, 24, 36, 44, 9, 11)

#: With what a text begins that a spreadsheet takes for a formula, or that hides such a beginning.
_LIVE = tuple("=+-@\t\r\n\0|%＝＋－＠｜％")
#: Where a cell begins if a spreadsheet takes another sign for the delimiter, as Excel does in half of Europe.
_SPLIT = re.compile(r"([;\t\r\n]\s*)(?=[=+\-@|%＝＋－＠｜％])")
#: A number is not a formula, whatever its sign.
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")
#: Control characters are shown by their signs: no sheet can hold them.
_SIGNS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"}

Row = tuple[str, str, int | None, str, str, str, str, int, str]


def quality_csv(quality: Quality) -> bytes:
    """The faults as CSV in UTF-8, with the mark by which Excel knows it. Live text begins with an apostrophe."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    writer.writerows(
        [harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in _rows(quality.faults)
    )
    return text.getvalue().encode("utf-8-sig")


def quality_xlsx(quality: Quality) -> bytes:
    """The faults as a workbook: what became of the rows, by reason; then each fault. All text is text, numbers are numbers."""
    book = Book(
        title="Quality report", subject="Import", created=datetime.now(UTC), footer="Quality report", paper="A4"
    )
    summary = book.page("Summary", (60, 12, 12))
    summary.title("What became of the rows", "Rows read = rows used + rows set aside.")
    totals = (
        ("Rows read", quality.rows_read),
        ("Rows used", quality.rows_used),
        ("Rows set aside", quality.rows_set_aside),
    )
    for row, (name, number) in enumerate(totals, 3):
        summary.text(row, 0, name)
        summary.input(row, 1, number, "#,##0")
    reasons = by_reason(quality.faults)
    if reasons:
        summary.header(7, ("Reason", "Rows", "Set aside"))
    for row, (reason, rows, aside) in enumerate(reasons, 8):
        summary.text(row, 0, reason, text_wrap=True)
        summary.input(row, 1, rows, "#,##0")
        summary.text(row, 2, "yes" if aside else "no", align="right")
    page = book.page("Faults", _WIDTHS)
    page.header(0, HEADERS, text_columns=len(HEADERS))
    page.sheet.freeze_panes(1, 0)
    for place, cells in enumerate(_rows(quality.faults), 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                page.input(place, column, cell, "0")
            elif cell:
                page.text(place, column, cell.translate(_SIGNS).replace("\r\n", "\n").replace("\r", "\n"))
    return book.close()


def by_reason(faults: Sequence[Fault]) -> list[tuple[str, int, bool]]:
    """Each reason, how many rows it has, and whether they are set aside; the most frequent first.

    A row may have several reasons, so that the rows of all reasons may be more than the rows set aside.
    """
    rows: Counter[tuple[str, bool]] = Counter()
    for fault in faults:
        rows[(fault.reason if fault.column is None else f"{fault.column}: {fault.reason}", fault.sets_aside)] += (
            fault.rows
        )
    return [
        (reason, count, aside)
        for (reason, aside), count in sorted(rows.items(), key=lambda item: (not item[0][1], -item[1]))
    ]


def _rows(faults: Sequence[Fault]) -> list[Row]:
    return [
        (
            _shown(fault.file), _shown(fault.sheet), fault.row, _shown(fault.column), _shown(fault.value), _shown(fault.reason),
            _shown(fault.remedy), fault.rows, "yes" if fault.sets_aside else "no",
        )
        for fault in faults
    ]  # fmt: skip


def _shown(text: str | None) -> str:
    return text or ""


def harmless(text: str) -> str:
    """A text that no spreadsheet runs, also where it cuts off spaces first, or splits the file at other signs than ours."""
    if _NUMBER.fullmatch(text):
        return text
    is_live = text.startswith(_LIVE) or text.lstrip().startswith(_LIVE)
    shown = _SPLIT.sub(r"\1'", text).translate(_SIGNS)
    return f"'{shown}" if is_live else shown
