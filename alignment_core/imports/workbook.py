"""Excel workbooks → sheets. The archive is looked at before anything parses it."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from alignment_core.imports.layout import find_header, is_footer
from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.sheet import Sheet, TextColumns

_REF = re.compile(rb'<(?:c|row)\b[^>]*?\br="([A-Z]{0,3})(\d{1,9})"')
_SAMPLES = 400


def open_workbook(path: Path, limits: Limits = Limits()) -> list[Sheet]:
    """The sheets that hold a table. Raises Refusal in words."""
    _check_archive(path, limits)
    import fastexcel

    try:
        reader = fastexcel.read_excel(path)
        for place, name in enumerate(reader.sheet_names):
            table = pa.table(reader.load_sheet(place, header_row=None, skip_rows=0, dtypes="string").to_arrow())
            if table.num_rows > 1 or table.num_columns > 1:
                rest = [other for other in reader.sheet_names if other != name]
                notes = (f"Only the sheet {name!r} was read; {', '.join(map(repr, rest))} was not.",) if rest else ()
                return [sheet_of(name, table, limits, notes)]
    except fastexcel.FastExcelError as error:
        raise Refusal(f"The workbook cannot be read: {_first_line(error)}. Save it again, or export CSV.") from error
    raise Refusal("The workbook has no sheet with a table in it.")


def sheet_of(name: str | None, table: pa.Table, limits: Limits, notes: tuple[str, ...] = ()) -> Sheet:
    """A table of text whose first row is the file's first: its header is found, and its footers are left out."""
    if table.num_rows > limits.rows:
        raise Refusal(f"The sheet has {table.num_rows:,} rows; at most {limits.rows:,} are read.")
    top = _rows(table.slice(0, _SAMPLES + 60))
    header = find_header(top)
    first, width = header.place + header.depth, len(header.names)
    end = table.num_rows
    for cells in reversed(_rows(table.slice(max(first, end - 30)))):
        if any(cell.strip() for cell in cells) and not is_footer(cells, width):
            break
        end -= 1
    records = table.slice(first, max(0, end - first))
    samples = tuple(tuple(row[:width]) for row in top[first:] if any(row))[:_SAMPLES]
    return Sheet(name, header.names, samples, lambda spots: _read(records, first, spots), 1900, (*header.notes, *notes))


def _read(records: pa.Table, first: int, spots: Sequence[int]) -> TextColumns:
    """Columns without the blank rows."""
    import pyarrow.compute as pc

    filled = None
    for column in records.columns:
        has = pc.is_valid(column)
        filled = has if filled is None else pc.or_(filled, has)
        if column.null_count == 0:
            filled = None
            break
    kept = None if filled is None or pc.all(filled).as_py() else pc.indices_nonzero(filled)
    table = records if kept is None else records.take(kept)

    def numbers(places: Sequence[int]) -> list[int]:
        return [first + 1 + (place if kept is None else kept[place].as_py()) for place in places]

    return TextColumns({i: table.column(i) for i in spots}, table.num_rows, (), numbers)


def _rows(table: pa.Table) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


def _check_archive(path: Path, limits: Limits) -> None:
    """Refuse a workbook that would unpack to more than is allowed, before anything parses it."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if "[Content_Types].xml" not in archive.namelist() or not any(
                entry.filename.startswith("xl/") for entry in entries
            ):
                raise Refusal("This is an archive and no workbook. Unpack it and load what is inside.")
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > 8 * limits.bytes or len(entries) > 10_000:
                raise Refusal(
                    f"The workbook unpacks to {unpacked / 2**20:,.0f} MB in {len(entries):,} parts, more than is read. Export CSV instead."
                )
            for entry in entries:
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    _check_extent(archive, entry, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refusal(
            f"The workbook is damaged or protected: {_first_line(error)}. Save it again without a password."
        ) from error


def _check_extent(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> None:
    """Two cells in far corners make a parser ask for the whole sheet: look where the real cells are."""
    last_row = last_column = read = 0
    rest = b""
    with archive.open(entry) as sheet:
        while chunk := sheet.read(1 << 20):
            read += len(chunk)
            if read > 8 * limits.bytes:
                raise Refusal("A sheet unpacks to more than is read. Export CSV instead.")
            if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
                raise Refusal(
                    "The workbook declares entities, which none from a spreadsheet program does. It is not read."
                )
            found = _REF.findall(rest + chunk)
            last_row = max([last_row, *map(int, {number for _, number in found})])
            last_column = max([last_column, *map(_column_number, {letters for letters, _ in found})])
            rest = chunk[-64:]
    if last_row > 1_048_576 or last_row > limits.rows + 100:
        raise Refusal(
            f"A cell lies in row {last_row:,}, beyond what a sheet can hold. Save the workbook again, or export CSV."
        )
    if last_column > limits.columns:
        raise Refusal(
            f"A cell lies in column {last_column:,}; at most {limits.columns:,} columns are read. Delete what lies far right, or export CSV."
        )
    if last_row * max(last_column, 1) > 20 * read + 1_000_000:
        raise Refusal(
            f"The sheet reaches to row {last_row:,} and column {last_column:,} but is nearly empty. Delete the cells far away, or export CSV."
        )


def _column_number(letters: bytes) -> int:
    """A column's place by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["unknown fault"])[0][:160].rstrip(".")
