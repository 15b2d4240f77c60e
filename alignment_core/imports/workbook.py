"""Excel workbooks → sheets. The archive is looked at before anything parses it."""

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.archive import Part, check_archive, column_number
from alignment_core.imports.layout import TOTAL, TOTAL_REMEDY, find_header, is_footer, padded, total_rows
from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.sheet import Aside, Sheet, TextColumns
from alignment_core.imports.values.nothing import EMPTY

__all__ = ["open_workbook", "sheet_of"]

_SAMPLES = 400
_RANGE = re.compile(r"^\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)$")
_MERGED = re.compile(rb'<mergeCell\b[^<>]*\bref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
_RECALCULATED = re.compile(rb'<calcPr\b[^<>]*\bfullCalcOnLoad="(?:1|true)"')


@dataclass(frozen=True)
class _Area:
    """A rectangle of cells, rows and columns from 0, the ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class _Table:
    """An Excel table: its name, where it lies, how many of its rows are headers and totals, and its headers."""

    name: str
    area: _Area
    headers: int
    totals: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Listed:
    """A sheet as the workbook lists it."""

    name: str
    is_hidden: bool
    part: Part
    tables: tuple[_Table, ...]


def open_workbook(path: Path, limits: Limits = Limits(), hidden: bool = False) -> list[Sheet]:
    """The sheets that hold a table, in the workbook's order.

    Args:
        path: the workbook.
        limits: how much it may ask for.
        hidden: whether hidden sheets are read too; else notes name them.

    Formulas count by the values stored beside them. Raises Refusal in words.
    """
    parts = check_archive(path, limits)
    book, listed = _listed(parts)
    shown = [sheet for sheet in listed if hidden or not sheet.is_hidden]
    notes = _notes(parts, [sheet.name for sheet in listed if sheet not in shown])
    epoch = 1904 if re.search(rb'<(?:\w+:)?workbookPr\b[^<>]*\bdate1904="(?:1|true)"', book.content) else 1900
    sheets, refused = list[Sheet](), list[str]()
    import fastexcel

    try:
        reader = fastexcel.read_excel(path)
        for sheet in shown:
            if not sheet.part.rows or sheet.name not in reader.sheet_names:
                continue
            loaded = reader.load_sheet(sheet.name, header_row=None, skip_rows=0, dtypes="string")
            table = pa.table(loaded.to_arrow())
            try:
                _check_formulas(sheet, bool(_RECALCULATED.search(book.content)))
                if table.num_rows > 1 or table.num_columns > 1:
                    sheets.append(_sheet(sheet, table, limits, epoch, notes))
            except Refusal as refusal:
                refused += [f"Sheet {sheet.name!r}: {reason}" for reason in refusal.reasons]
    except fastexcel.FastExcelError as error:
        raise Refusal(f"The workbook cannot be read: {_first_line(error)}. Save it again, or export CSV.") from error
    if not sheets:
        if refused:
            raise Refusal(*refused)
        aside = f" {notes[0]}" if any(sheet.is_hidden for sheet in listed) and not hidden else ""
        raise Refusal(f"The workbook has no sheet with a table in it.{aside}")
    # What could not be read is said beside what could.
    return [
        sheet if not refused else Sheet(
            sheet.name, sheet.headers, sheet.samples, sheet.read, sheet.excel_epoch, (*sheet.notes, *refused)
        )
        for sheet in sheets
    ]  # fmt: skip


def sheet_of(
    name: str | None,
    table: pa.Table,
    limits: Limits,
    notes: tuple[str, ...] = (),
    *,
    epoch: int | None = 1900,
    spans: Mapping[int, Sequence[tuple[int, int]]] | None = None,
    first_row: int = 0,
    is_exact: bool = False,
) -> Sheet:
    """A sheet from a table of text: its header is found, and its footers, totals and blank rows are left out.

    Args:
        name: of the sheet.
        table: all its rows; empty cells are null.
        limits: how much it may ask for.
        notes: what else must be said of it.
        epoch: of Excel's dates.
        spans: merged cells by row, each from one column to another (from 0), where known.
        first_row: how many rows of the file stand above the table.
        is_exact: the first row is the header and everything under it is the table's.
    """
    if table.num_rows > limits.rows + 100:
        raise Refusal(f"The sheet has {table.num_rows:,} rows; at most {limits.rows:,} are read. Export fewer.")
    if table.num_columns > limits.columns:
        raise Refusal(
            f"The sheet has {table.num_columns:,} columns; at most {limits.columns:,} are read. Export fewer."
        )
    _check_lengths(table, limits)
    # Blank columns, left of the table or within it, are none.
    used = [i for i in range(table.num_columns) if table.column(i).null_count < table.num_rows]
    spans = None if spans is None else _kept_spans(spans, used)
    table = table.select(used)
    top = _rows(table.slice(0, _SAMPLES + 60))
    header = find_header(top[:1] if is_exact else top, spans)
    first, width, end = header.place + header.depth, len(header.names), table.num_rows
    if not is_exact:
        end, later = _end(table, first, width)
        notes = (*notes, *later)
        record = next(iter(_rows(table.slice(first, 1))), [])
        for cells in reversed(_rows(table.slice(max(first, end - 30), max(0, end - max(first, end - 30))))):
            if any(cell.strip() for cell in cells) and not is_footer(cells, width, record):
                break
            end -= 1
    records = table.slice(first, max(0, end - first))
    names = [*header.names, *(f"column {i + 1}" for i in range(width, table.num_columns))]
    filled = [i for i in range(table.num_columns) if i < width or records.column(i).null_count < records.num_rows]
    records = records.select(filled)
    samples = tuple(
        padded(row, len(filled)) for row in _rows(records.slice(0, _SAMPLES)) if any(cell.strip() for cell in row)
    )
    kept, aside = _kept(records, first_row + first)

    def read(spots: Sequence[int], dates: Collection[int] = ()) -> TextColumns:
        chosen = records.select(list(dict.fromkeys(spots)))
        columns = chosen if kept is None else chosen.take(kept)

        def numbers(places: Sequence[int]) -> list[int]:
            return [first_row + first + 1 + (place if kept is None else kept[place].as_py()) for place in places]

        length = records.num_rows if kept is None else len(kept)
        by_place = dict(zip(dict.fromkeys(spots), columns.columns, strict=True))
        return TextColumns(by_place, length, aside, numbers)

    return Sheet(name, tuple(names[i] for i in filled), samples, read, epoch, (*header.notes, *notes))


def _listed(parts: Mapping[str, Part]) -> tuple[Part, list[_Listed]]:
    """The workbook's own part, and its sheets."""
    at = next((name for name in parts if name.casefold() == "xl/workbook.xml"), None)
    for relation, target in _relations(parts, ""):
        at = target if relation.endswith("/officeDocument") and target in parts else at
    if at is None:
        raise Refusal("The workbook is damaged: its list of sheets is missing. Save it again, or export CSV.")
    related = dict(_relations(parts, at, by_id=True))
    listed = []
    for element in _xml(parts[at]).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        id_ = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        target = related.get(id_, "")
        if target not in parts or "chartsheets/" in target:
            continue
        tables = [
            _table(parts[other])
            for kind, other in _relations(parts, target)
            if kind.endswith("/table") and other in parts
        ]
        hidden = element.get("state", "visible") != "visible"
        listed.append(_Listed(element.get("name", ""), hidden, parts[target], tuple(filter(None, tables))))
    return parts[at], listed


def _relations(parts: Mapping[str, Part], source: str, *, by_id: bool = False) -> list[tuple[str, str]]:
    """What a part refers to, as its type (or id) and the target's name."""
    folder, _, file = source.rpartition("/")
    part = parts.get(posixpath.join(folder, "_rels", f"{file}.rels"))
    if part is None:
        return []
    found = []
    for element in _xml(part):
        target = element.get("Target", "")
        if element.get("TargetMode") == "External":
            continue
        name = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found.append((element.get("Id" if by_id else "Type", ""), name))
    return found


def _xml(part: Part) -> ElementTree.Element:
    """A small part's elements. The guard has refused every DTD, without which there are no entities."""
    try:
        return ElementTree.fromstring(part.content)  # noqa: S314 see above
    except ElementTree.ParseError as error:
        raise Refusal("The workbook is damaged: a part of it is no XML. Save it again, or export CSV.") from error


def _table(part: Part) -> _Table | None:
    root = _xml(part)
    area = _area(root.get("ref", ""))
    if area is None:
        return None
    names = [element.get("name", "") for element in root.iter() if element.tag.endswith("}tableColumn")]
    headers, totals = root.get("headerRowCount", "1"), root.get("totalsRowCount", "0")
    return _Table(root.get("displayName", root.get("name", "")), area, int(headers), int(totals), tuple(names))


def _area(ref: str) -> _Area | None:
    found = _RANGE.match(ref)
    if not found:
        return None
    left, top, right, bottom = found.groups()
    return _Area(int(top) - 1, column_number(left) - 1, int(bottom) - 1, column_number(right) - 1)


def _notes(parts: Mapping[str, Part], unread: Sequence[str]) -> tuple[str, ...]:
    """What must be said of a workbook as a whole."""
    notes = []
    if unread:
        notes.append(
            f"Hidden in the workbook and not read: {_few(unread)}. Unhide what is to be read, and load the file again."
        )
    if any("externallinks/" in name.casefold() for name in parts):
        notes.append(
            "The workbook refers to other workbooks. Nothing was fetched: the values stored with it were read."
        )
    if dde := sum(part.dde for part in parts.values()):
        notes.append(f"{dde:,} {'formula or link' if dde == 1 else 'formulas or links'} would start a program (DDE). Nothing was run: the values stored with it were read.")  # fmt: skip
    return tuple(notes)


def _check_formulas(sheet: _Listed, is_recalculated: bool) -> None:
    """A formula that nobody calculated reads as nothing, or as 0: that must not pass for data."""
    part = sheet.part
    count = part.uncached
    if is_recalculated and part.formulas and part.zeros + part.uncached == part.formulas:
        count = part.formulas  # written by a program that does not calculate, and asks Excel to
    if count:
        raise Refusal(
            f"{count:,} of its formulas have no stored result, for the program that wrote the workbook did not calculate "
            "them. Open it in Excel, save it, and load it again."
        )


def _sheet(sheet: _Listed, table: pa.Table, limits: Limits, epoch: int, notes: tuple[str, ...]) -> Sheet:
    part, left = sheet.part, max(0, sheet.part.first_column - 1)
    if part.errors:
        errors = f"{part.errors:,} cells of the sheet hold an error of Excel (#N/A, #REF! …) and were read as empty."
        notes = (*notes, errors if part.errors > 1 else errors.replace("cells", "cell", 1).replace("hold", "holds").replace("were", "was"))  # fmt: skip
    if part.booleans:
        table = pa.table(
            [_booleans(column) for column in table.columns], names=[f"c{i}" for i in range(table.num_columns)]
        )
    if sheet.tables:
        found = _excel_table(sheet.tables, table, left)
        if found is not None:
            chosen, rows, notes_ = found
            return sheet_of(
                sheet.name, rows, limits, (*notes_, *notes), epoch=epoch, first_row=chosen.area.top, is_exact=True
            )
    # The columns of the parser begin with the first that holds something.
    spans: dict[int, list[tuple[int, int]]] = {}
    for ref in _MERGED.findall(part.tail[: 2**20]):
        area = _area(ref.decode())
        if area is not None and area.top == area.bottom < 60 and area.left >= left:
            spans.setdefault(area.top, []).append((area.left - left, area.right - left))
    is_shifted = part.columns - part.first_column + 1 != table.num_columns  # by cells with a format only
    return sheet_of(sheet.name, table, limits, notes, epoch=epoch, spans=None if is_shifted or not spans else spans)


def _excel_table(
    tables: Sequence[_Table], table: pa.Table, left: int
) -> tuple[_Table, pa.Table, tuple[str, ...]] | None:
    """The first Excel table that lies where it says; None where its headers do not stand there."""
    chosen = min(tables, key=lambda each: (each.area.top, each.area.left))
    area, width = chosen.area, chosen.area.right - chosen.area.left + 1
    if chosen.headers != 1 or area.top >= table.num_rows or len(chosen.names) != width:
        return None
    head = [cell.strip() for cell in _rows(table.slice(area.top, 1))[0]]
    names = [re.sub(r"_x000[aAdD]_", "\n", name).strip() for name in chosen.names]
    starts = [area.left - left, *range(table.num_columns - width + 1)]
    start = next((at for at in starts if at >= 0 and head[at : at + width] == names), None)
    if start is None:
        return None
    rows = area.bottom - area.top + 1 - chosen.totals
    inside = table.select(range(start, start + width)).slice(area.top, rows)
    notes = []
    others = [each.name for each in tables if each is not chosen]
    if others:
        notes.append(f"Of the sheet's Excel tables only {chosen.name!r} was read, and not {_few(others)}.")
    below = table.slice(area.bottom + 1)
    if any(column.null_count < below.num_rows for column in below.columns) and not others:
        notes.append(f"What stands under the Excel table {chosen.name!r} was not read.")
    return chosen, inside, tuple(notes)


def _booleans(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Booleans as Excel shows them."""
    for old, new in (("true", "TRUE"), ("false", "FALSE")):
        column = pc.if_else(pc.fill_null(pc.equal(column, old), False), new, column)
    return column


def _end(table: pa.Table, first: int, width: int) -> tuple[int, tuple[str, ...]]:
    """Where the first of several tables ends, one under the other: a blank row, then a row of names unlike the records.

    Only such a second header ends the first table; what else comes after a blank row belongs to it.
    """
    body = table.slice(first)
    blank = _blank(body)
    if blank is None:
        return table.num_rows, ()
    places = pc.indices_nonzero(blank).to_pylist()[:1000]
    for place in places:
        after = first + place + 1
        if place + 1 >= body.num_rows or blank[place + 1].as_py() or place == 0:
            continue
        rows = _rows(table.slice(after, 3))
        head = [cell.strip() for cell in rows[0]]
        if sum(map(bool, head)) < 2 or len(rows) < 2 or is_footer(rows[0], width):
            continue
        before = _rows(table.slice(max(first, after - 6), after - 1 - max(first, after - 6)))
        if _looks_like_header(head, rows[1], before):
            note = f"A second table begins in row {after + 1:,} of the sheet and was not read. Put it on a sheet of its own."
            return after, (note,)
    return table.num_rows, ()


def _looks_like_header(head: Sequence[str], under: Sequence[str], before: Sequence[Sequence[str]]) -> bool:
    """Words over a number or date, where the records before have a number or date in that column, or nothing."""
    if any(_is_value(cell) for cell in head if cell) or len({*filter(None, head)}) < sum(map(bool, head)):
        return False
    turns = 0
    for place, cell in enumerate(head):
        column = [row[place].strip() for row in before if row[place].strip()]
        if cell and cell in column:
            return False  # no name, but what records say
        if cell and cell not in EMPTY and _is_value(under[place]) and (not column or all(map(_is_value, column))):
            turns += 1
    return turns > 0


def _is_value(cell: str) -> bool:
    """Whether a cell is a number or a date rather than words."""
    return bool(re.match(r"^[\s$€£(+-]*\d[\d.,:/\sTZ%)-]*$", cell))


def _kept(records: pa.Table, above: int) -> tuple[pa.Array | None, tuple[Aside, ...]]:
    """The places of the rows that are records (None: all of them), and the totals among the others."""
    totals = total_rows(dict(enumerate(records.columns)))
    blank = _blank(records)
    if not totals and blank is None:
        return None, ()
    mask = np.zeros(records.num_rows, dtype=bool) if blank is None else blank.to_numpy(zero_copy_only=False).copy()
    mask[totals] = True
    aside = tuple(Aside(above + 1 + place, TOTAL, TOTAL_REMEDY) for place in totals)
    return pa.array(np.flatnonzero(~mask)), aside


def _blank(table: pa.Table) -> pa.BooleanArray | None:
    """Which rows hold nothing; None if all hold something."""
    blank: pa.BooleanArray | None = None
    for column in sorted(table.columns, key=lambda each: each.null_count):
        if column.null_count == 0:
            return None
        nulls = pc.is_null(column).combine_chunks()
        blank = nulls if blank is None else pc.and_(blank, nulls)
        if not pc.any(blank).as_py():
            return None
    return blank


def _check_lengths(table: pa.Table, limits: Limits) -> None:
    for column in table.columns:
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > limits.cell_length:
            raise Refusal(
                f"A cell of the sheet has {longest:,} bytes; at most {limits.cell_length:,} are read. Delete its text."
            )


def _kept_spans(
    spans: Mapping[int, Sequence[tuple[int, int]]], used: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    """Merged cells where blank columns are gone."""
    kept: dict[int, list[tuple[int, int]]] = {}
    for row, ranges in spans.items():
        for start, end in ranges:
            inside = [new for new, old in enumerate(used) if start <= old <= end]
            if inside:
                kept.setdefault(row, []).append((inside[0], inside[-1]))
    return kept


def _rows(table: pa.Table) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10:,} more" if len(names) > 10 else ""
    return ", ".join(repr(name[:60]) for name in names[:10]) + more


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["unknown fault"])[0][:160].rstrip(".")
