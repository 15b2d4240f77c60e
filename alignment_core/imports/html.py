"""Web pages under the name of a table → a sheet: what "Export to Excel" writes in Salesforce and elsewhere."""

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa

from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.sheet import Sheet
from alignment_core.imports.workbook import sheet_of

__all__ = ["html_encoding", "is_html", "open_html"]

_PIECE = 2**18
_START = re.compile(r"^\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|div|style)\b", re.I | re.S)  # fmt: skip
_SPREADSHEET_XML = re.compile(r"urn:schemas-microsoft-com:office:spreadsheet", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]{2,30})", re.IGNORECASE)
_SKIPPED = frozenset({"script", "style", "template", "title"})
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"}
)
_SPAN = 1_000


def is_html(head: str) -> bool:
    """Whether a text begins as a web page does, or as a spreadsheet of Excel 2003 in XML."""
    return bool(_START.match(head[:4_000]) or (head.lstrip().startswith("<?xml") and _SPREADSHEET_XML.search(head)))


def html_encoding(path: Path) -> str | None:
    """The encoding of a web page: by its mark, as it says itself, or UTF-8; None where the file is no page.

    What browsers do: a page that says Latin-1 is in Windows-1252.
    """
    with path.open("rb") as file:
        head = file.read(4_000)
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    marked = next((name for mark, name in marks if head.startswith(mark)), None)
    if not is_html(head.decode(marked or "latin-1", "ignore")):
        return None
    said = _CHARSET.search(head)
    name = marked or (said[1].decode().lower() if said else "utf-8")
    try:
        codecs.lookup(name)
    except LookupError:
        return "utf-8"
    return "cp1252" if name in ("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii") else name


def open_html(path: Path, limits: Limits = Limits(), encoding: str = "utf-8") -> Sheet:
    """The largest table of a page. Nothing that the page refers to is fetched, and nothing in it is run.

    Args:
        path: the file.
        limits: how much it may ask for.
        encoding: of the file.

    Raises Refusal in words.
    """
    reader = _Tables(limits)
    try:
        with path.open(encoding=encoding, newline="") as file:
            head = file.read(_PIECE)
            if _SPREADSHEET_XML.search(head) and "<workbook" in head.lower():
                raise Refusal("This is an Excel 2003 file in XML. Save it as .xlsx, or export CSV.")
            reader.feed(head)
            while piece := file.read(_PIECE):
                reader.feed(piece)
                if len(reader.rawdata) > limits.cell_length + 2 * _PIECE:
                    raise Refusal("The web page has a tag without an end. Export it as CSV or save it as .xlsx.")
        reader.close()
    except UnicodeError as error:
        raise Refusal(f"The web page is not {encoding}. Export it as CSV UTF-8 or save it as .xlsx.") from error
    tables = [table for table in reader.tables if table]
    if not tables:
        raise Refusal("This is a web page without a table. Export it as CSV or save it as .xlsx.")
    rows = max(tables, key=lambda table: sum(map(len, table)))
    width = max(map(len, rows))
    if width * len(rows) > limits.cells or width > limits.columns:
        raise Refusal(
            f"The page's table has {len(rows):,} rows and {width:,} columns; at most {limits.columns:,} columns and "
            f"{limits.cells:,} cells are read. Export fewer."
        )
    columns = [pa.array([row[i] or None if i < len(row) else None for row in rows], pa.string()) for i in range(width)]
    more = len([table for table in tables if len(table) > 1]) - 1
    notes = ["The file is a web page (HTML) under the name of a table."]
    if more > 0 and len(rows) > 1:
        notes.append(f"Of its {more + 1:,} tables the largest was read.")
    table = pa.table(columns, names=[f"c{i}" for i in range(width)])
    return sheet_of(None, table, limits, tuple(notes), epoch=None)


class _Tables(HTMLParser):
    """The texts of the cells of all tables, each cell where its row and the cells that span it put it."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._limits = limits
        self._cell: list[str] | None = None
        self._length = self._cells = self._depth = 0
        self._hidden: list[str] = []  # elements that a browser does not show, the outermost first
        self._spans: tuple[int, int] = (1, 1)
        self._below: dict[int, int] = {}  # columns that a cell above reaches down into, and how many rows on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        is_cell = tag in ("td", "th", "tr", "table")
        if self._hidden and not is_cell:
            self._hidden += [tag] if tag == self._hidden[0] else []
        elif tag in _SKIPPED or (tag not in _VOID and not is_cell and _INVISIBLE.search(said.get("style") or "")):
            self._hidden.append(tag)
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:  # a table within a cell is a part of its text
                self.tables.append([])
                self._below = {}
        elif self._depth > 1:
            pass
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].append([])
            self._reach_down()
            if len(self.tables[-1]) > self._limits.rows + 100:
                raise Refusal(f"The page's table has more than {self._limits.rows:,} rows. Export fewer.")
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._end_cell()
            self._cell, self._length = [], 0
            self._spans = (_span(said.get("colspan")), _span(said.get("rowspan")))
        elif tag in ("br", "p") and self._cell is not None:
            self._cell.append("\n")

        if self._depth > self._limits.nesting or len(self._hidden) > self._limits.nesting:
            raise Refusal(
                f"Elements of the page are nested more than {self._limits.nesting:,} deep, as in no table. Export it as CSV or save it as .xlsx."
            )

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()
        elif tag == "table":
            if self._depth == 1:
                self._end_cell()
            self._depth = max(0, self._depth - 1)
        elif tag in ("td", "th", "tr") and self._depth <= 1:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is None or self._hidden:
            return
        self._length += len(data)
        if self._length > self._limits.cell_length:
            raise Refusal(f"A cell of the page has more than {self._limits.cell_length:,} characters. Delete its text.")
        self._cell.append(data)

    def _reach_down(self) -> None:
        row = self.tables[-1][-1]
        while self._below.get(len(row), 0) > 0:
            self._below[len(row)] -= 1
            row.append("")

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        row, (across, down) = self.tables[-1][-1], self._spans
        text = "\n".join(_lines("".join(self._cell)))
        self._cell = None
        self._hidden.clear()  # nothing stays hidden beyond its cell, be it never closed
        self._cells += across
        if self._cells > self._limits.cells or len(row) + across > self._limits.columns + _SPAN:
            raise Refusal(
                f"The page's tables have more than {self._limits.cells:,} cells or {self._limits.columns:,} columns. Export fewer."
            )
        for i in range(across):
            if down > 1:
                self._below[len(row)] = down - 1
            row.append(text if i == 0 else "")
        self._reach_down()


def _lines(text: str) -> Iterator[str]:
    """The lines of a cell as a browser shows them."""
    for line in text.replace("\xa0", " ").split("\n"):
        if shown := " ".join(line.split()):
            yield shown


def _span(said: str | None) -> int:
    return min(max(int(said), 1), _SPAN) if said and said.strip().isdecimal() and len(said) < 9 else 1
