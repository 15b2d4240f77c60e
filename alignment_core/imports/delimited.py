"""Delimited text (CSV, TSV and their relatives) → a sheet.

A file whose rows all have the same number of cells is read by Arrow at once. Any other is read row by row by Python's
own csv module, which splits text in exactly the same way (a test holds the two against each other), so that every row
that is no record is known by its number.
"""

import csv
import io
import mmap
import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median_low
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from alignment_core.imports.layout import (
    TOTAL,
    TOTAL_REMEDY,
    find_header,
    is_footer,
    is_total,
    padded,
    total_rows,
    trimmed,
)
from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.sheet import Aside, Sheet, TextColumns
from alignment_core.imports.values.dates import in_funnel_years, parse_iso_dates

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_HEAD = 256 * 1024
_TAIL = 16 * 1024
#: Arrow reads a file in blocks; a row must fit into one.
_BLOCK = 4 * 2**20
#: A file of one line a record is read in pieces of this size.
_PIECE = 4 * 2**20
_BATCH = 20_000
_QUOTE = ord('"')
_SAMPLES = 400
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|$)")
_LONGEST_LINE = 16 * 2**20
#: A column whose first cells repeat themselves is kept as a dictionary: parsed once a value, and small.
_REPEATS = 0.5
#: A cell of white space is empty.
_SPACES = (" ", "  ", "   ", "\t", "\u00a0", "\n", "\r\n", "\r")
_UNCLOSED = (
    "A quotation mark in row {} is never closed, so that the rows after it cannot be told apart. "
    "Correct the record, or double the quotes inside its cells, and export again."
)
TOO_MANY = "the row has more cells than the header"
_TOO_MANY_REMEDY = "Put the cell that holds the delimiter in quotes, or export again."


@dataclass(frozen=True)
class _Body:
    """The records of a file, and how they are written.

    Attributes:
        content: the bytes between the header and the footers.
        let_go: says that a part of them was read, so that it takes no memory until it is asked for again.
        first_row: the row of the file that `content` begins with.
        width: how many columns have a name.
        header: how many cells the header has: what stands under its empty ones is in no column, and no fault.
        cells: how many cells rows usually have.
        repeating: columns whose values repeat themselves.
        dates: columns whose first cells are ISO dates, and of which type.
        labels: columns that a total's name may stand in: those up to the first that every record fills.
        nothing: cells with these texts are empty.
    """

    content: pa.Buffer
    let_go: Callable[[int, int], None]
    delimiter: str
    first_row: int
    width: int
    header: int
    cells: int
    repeating: frozenset[int]
    dates: Mapping[int, pa.DataType]
    labels: tuple[int, ...]
    nothing: tuple[str, ...]
    limits: Limits

    def rows(self, errors: str = "strict") -> Iterator[list[str]]:
        """Every row, a blank line being one without cells."""
        csv.field_size_limit(self.limits.cell_length)
        text = io.TextIOWrapper(io.BufferedReader(_Stream(self.content)), "utf-8", errors, newline="")
        number = self.first_row - 1
        try:
            for row in csv.reader(_lines(text), delimiter=self.delimiter):
                number += 1
                yield row
        except UnicodeDecodeError as error:
            raise NotUtf8 from error
        except csv.Error as error:
            raise Refusal(
                f"A cell in row {number + 1:,} has more than {self.limits.cell_length:,} characters, or a quotation mark "
                "before it is never closed. Correct the record and export again."
            ) from error


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for line in text:
        if len(line) > _LONGEST_LINE:
            raise Refusal(f"A line has more than {_LONGEST_LINE:,} characters, as no table has. Export it again.")
        yield line


def open_delimited(path: Path, limits: Limits = Limits(), nothing: Sequence[str] = ("",)) -> Sheet:
    """Find the delimiter, the header and the footers of a text file in UTF-8.

    Args:
        path: the file.
        limits: how much it may ask for.
        nothing: texts that stand for an empty cell.

    Raises Refusal in words. Columns are read only when they are asked for.
    """
    content, let_go = _mapped(path)
    head: bytes = content.slice(0, min(_HEAD, content.size)).to_pybytes()
    if content.size > _HEAD:
        complete = max(head.rfind(b"\n"), head.rfind(b"\r"))
        if complete < 0:
            raise Refusal(f"The first line has more than {_HEAD:,} characters: this is no table. Export it as CSV.")
        head = head[: complete + 1]
    text = head.decode("utf-8-sig", "replace")
    if _holds(_bytes(content), 0):
        raise Refusal("The file has NUL characters: it is not text. Export it as CSV or Excel.")
    if text.lstrip()[:5].lower() == "<?xml":
        raise Refusal("This is XML and no table. Export it as CSV or save it as .xlsx.")
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    header = find_header(rows)
    if len(header.names) > limits.columns:
        raise Refusal(
            f"The file has {len(header.names):,} columns; at most {limits.columns:,} are read. Export fewer columns."
        )
    first = header.place + header.depth
    records = [row for row in rows[first:] if any(cell.strip() for cell in row)]
    # Cells under the header's empty ones are a column without a name if most rows have them, else a fault of those rows.
    usual = median_low([len(trimmed(row)) for row in records]) if records else 0
    width = max(len(header.names), min(usual, len(rows[header.place])))
    record = next((row for row in records if len(trimmed(row)) > 1), records[0] if records else [])
    while records and is_footer(records[-1], width, record):
        records.pop()
    names = (*header.names, *(f"column {i + 1}" for i in range(len(header.names), width)))
    samples = tuple(padded(row, width) for row in _without_totals(records) if len(trimmed(row)) <= width)[:_SAMPLES]
    start, end = _offset(head, delimiter, first), _footers(content, delimiter, width, record)
    body = _Body(
        content=content.slice(start, max(0, end - start)),
        let_go=lambda first, after: let_go(start + first, start + after),
        delimiter=delimiter,
        first_row=first + 1,
        width=width,
        header=max(width, len(rows[header.place])),
        cells=Counter(map(len, records)).most_common(1)[0][0] if records else width,
        repeating=frozenset(i for i in range(width) if _repeats([row[i] for row in samples])),
        dates=_dates(samples),
        labels=_labels(samples),
        nothing=(*nothing, *_SPACES),
        limits=limits,
    )
    return Sheet(None, names, samples, lambda spots, dates=(): _read(body, spots, dates), None, header.notes)


def _mapped(path: Path) -> tuple[pa.Buffer, Callable[[int, int], None]]:
    """The bytes of a file, which take memory as they are read, and a way to give that of some of them back."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return pa.py_buffer(b""), lambda first, after: None
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def let_go(first: int, after: int) -> None:
        start = -(-first // mmap.PAGESIZE) * mmap.PAGESIZE
        pages = (after - start) // mmap.PAGESIZE
        if pages > 0 and hasattr(mmap, "MADV_DONTNEED"):  # a mapped file is read again where it is asked for again
            mapped.madvise(mmap.MADV_DONTNEED, start, pages * mmap.PAGESIZE)

    return pa.py_buffer(mapped), let_go


def _read(body: _Body, spots: Sequence[int], dates: Collection[int]) -> TextColumns:
    _check_end(body)
    wanted = tuple(dict.fromkeys((*spots, *body.labels)))
    found = _at_once(body, wanted, {i: body.dates[i] for i in {*dates} & {*body.dates} - {*body.labels}})
    text = _row_by_row(body, wanted) if found is None else found
    # What looks like a total in these columns must be one in all of them.
    likely = total_rows(text.columns)
    numbers = dict(zip(text.row_numbers(likely), likely, strict=True)) if likely else {}
    totals = {number: numbers[number] for number in _totals(body, numbers.keys())} if numbers else {}
    columns = {i: text.columns[i] for i in spots}
    if not totals:
        return TextColumns(columns, text.length, text.aside, text.row_numbers)
    mask = np.ones(text.length, dtype=bool)
    mask[list(totals.values())] = False
    kept = np.flatnonzero(mask)
    aside = sorted((*text.aside, *(Aside(number, TOTAL, TOTAL_REMEDY) for number in totals)), key=lambda each: each.row)
    return TextColumns(
        {i: column.take(pa.array(kept)) for i, column in columns.items()},
        len(kept), tuple(aside), lambda places: text.row_numbers([int(kept[place]) for place in places]),
    )  # fmt: skip


def _totals(body: _Body, likely: Collection[int]) -> Iterator[int]:
    """Which of these rows of the file are totals, looked at with all their cells."""
    above: list[str] = []
    for number, row in enumerate(body.rows("replace"), body.first_row):
        if number in likely and is_total(row, above):
            yield number
        elif any(cell.strip() for cell in row):
            above = row


def _without_totals(rows: Sequence[list[str]]) -> Iterator[list[str]]:
    above: list[str] = []
    for row in rows:
        if not is_total(row, above):
            above = row
            yield row


def _dates(samples: Sequence[tuple[str, ...]]) -> dict[int, pa.DataType]:
    """The columns whose cells are ISO dates as far as is seen, and the type that holds them."""
    types = dict[int, pa.DataType]()
    for i, cells in enumerate(zip(*samples, strict=True)):
        filled = pa.chunked_array([[cell for cell in cells if cell]], pa.string())
        if len(filled) and (dates := parse_iso_dates(filled)):
            types[i] = dates.values.type
    return types


def _labels(samples: Sequence[tuple[str, ...]]) -> tuple[int, ...]:
    width = len(samples[0]) if samples else 0
    filled = (i for i in range(width) if all(row[i].strip() for row in samples))
    return tuple(range(min(next(filled, 0) + 1, 4))) if width else ()


def _at_once(body: _Body, spots: Sequence[int], dates: Mapping[int, pa.DataType]) -> TextColumns | None:
    """All rows as Arrow reads them; None where one is unlike the others and must be looked at by itself.

    Columns that seem to be nothing but ISO dates become dates while they are split, in half the time and space that
    it takes as text first.
    """
    beyond = range(body.header, body.cells)
    wanted = [i for i in dict.fromkeys((*spots, *beyond)) if i < body.cells]
    if body.cells < body.width or not wanted or not body.content.size:
        return None
    types = {f"c{i}": dates.get(i) or _type(i in body.repeating or i in beyond) for i in wanted}
    try:
        table = _in_pieces(body, types)
        is_one_line_each = table is not None
        if table is None:
            table = _split(body, body.content, types)
            is_one_line_each = table.num_rows == _line_count(body.content)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise NotUtf8 from error
        return _at_once(body, spots, {}) if dates and "conversion error" in str(error) else None
    if any(not in_funnel_years(table[f"c{i}"]) for i in dates):
        return _at_once(body, spots, {})
    columns = {i: table[f"c{i}"] for i in wanted}
    if any(columns[i].null_count < table.num_rows for i in beyond) or _has_blank_row(list(columns.values())):
        return None
    if any(_longest(column) > body.limits.cell_length for column in columns.values()):
        return None
    if not is_one_line_each and _holds(_bytes(body.content), _QUOTE):
        for number, row in enumerate(body.rows("replace"), body.first_row):
            _check_quotes(body, row, number)
    return TextColumns({i: columns[i] for i in spots}, table.num_rows, (), lambda places: _numbers(body, places))


def _in_pieces(body: _Body, types: Mapping[str, pa.DataType]) -> pa.Table | None:
    """The columns of a file in which each line is a record, as these types, in two thirds of the time of `_split`.

    It is cut at line ends. None where a line end may be within a cell:
    where a piece has more lines than records, or ends in an open quotation mark. Raises pa.ArrowInvalid.
    """
    content, cuts = memoryview(body.content), [0]
    while cuts[-1] < len(content):
        end = cuts[-1] + _PIECE
        line = content[end : end + _BLOCK].tobytes().find(b"\n") if end < len(content) else -1
        cuts.append(end + line + 1 if line >= 0 else len(content))

    def piece(start: int, end: int) -> pa.Table | None:
        part = body.content.slice(start, end - start)
        try:
            table = _split(body, part, types, use_threads=False)
        except pa.ArrowInvalid as error:
            if "conversion error" in str(error) or "UTF8" in str(error):
                raise
            return None
        is_whole = table.num_rows == _line_count(part) and _is_closed(part, body.delimiter)
        body.let_go(start, end)
        return table if is_whole else None

    with ThreadPoolExecutor(2) as pool:  # Arrow lets the other thread work while it does
        found = [pool.submit(piece, start, end) for start, end in pairwise(cuts)]
        try:
            tables = [each.result() for each in found]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return None if None in tables else pa.concat_tables(tables)


def _split(body: _Body, content: pa.Buffer, types: Mapping[str, pa.DataType], *, use_threads: bool = True) -> pa.Table:
    """The columns of some records, as these types. Raises pa.ArrowInvalid."""
    return arrow_csv.read_csv(
        pa.BufferReader(content),
        read_options=arrow_csv.ReadOptions(
            column_names=[f"c{i}" for i in range(body.cells)],
            block_size=_BLOCK if use_threads else len(content) + 1, use_threads=use_threads,
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=body.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types, include_columns=list(types), strings_can_be_null=True, null_values=body.nothing
        ),
    )  # fmt: skip


def _row_by_row(body: _Body, spots: Sequence[int]) -> TextColumns:
    """Each row by itself: short ones are padded, blank ones skipped, longer ones set aside."""
    nothing, width = frozenset(body.nothing), body.width
    numbers, aside = array("q"), list[Aside]()
    batches: dict[int, list[pa.Array]] = {i: [] for i in spots}
    batch: list[list[str]] = []

    def flush() -> None:
        for i in spots:
            cells = [None if row[i] in nothing else row[i] for row in batch]
            batches[i].append(_array(cells, i in body.repeating))
        batch.clear()

    for number, row in enumerate(body.rows(), body.first_row):
        if number - body.first_row >= body.limits.rows + _BATCH:
            raise Refusal(
                f"The file has more than {body.limits.rows:,} rows, the blank ones included; more are not read. Export fewer."
            )
        _check_quotes(body, row, number)
        if len(row) != width:
            if any(cell.strip() for cell in row[body.header :]):
                aside.append(Aside(number, TOO_MANY, _TOO_MANY_REMEDY))
                continue
            row = [*row, *[""] * width][:width]
        if any(cell not in nothing and not cell.isspace() for cell in row):
            batch.append(row)
            numbers.append(number)
            if len(batch) == _BATCH:
                flush()
    flush()
    return TextColumns(
        {i: pa.chunked_array(batches[i]) for i in spots},
        len(numbers), tuple(aside), lambda places: [numbers[place] for place in places],
    )  # fmt: skip


def _type(repeats: bool) -> pa.DataType:
    return pa.dictionary(pa.int32(), pa.string()) if repeats else pa.string()


def _array(cells: list[str | None], repeats: bool) -> pa.Array:
    found = pa.array(cells, pa.string())
    return found.dictionary_encode() if repeats else found


def _has_blank_row(columns: Sequence[pa.ChunkedArray]) -> bool:
    """Whether in some row none of the columns has a value."""
    blank = None
    for column in sorted(columns, key=lambda each: each.null_count):
        if column.null_count == 0:
            return False
        nulls = pc.is_null(column)
        blank = nulls if blank is None else pc.and_(blank, nulls)
        if not pc.any(blank).as_py():
            return False
    return blank is not None


def _longest(column: pa.ChunkedArray) -> int:
    """Bytes of a column's longest cell."""
    if pa.types.is_timestamp(column.type):
        return 0
    chunks = [chunk.dictionary for chunk in column.chunks] if pa.types.is_dictionary(column.type) else column.chunks
    return max((pc.max(pc.binary_length(chunk)).as_py() or 0 for chunk in chunks), default=0)


def _line_count(content: pa.Buffer) -> int:
    """How many lines there are; where there are as many records, no cell holds a line break."""
    view = _bytes(content)
    # In pieces that stay in the processor's cache: several times as fast as all at once.
    lines = sum(int(np.count_nonzero(view[i : i + 2**20] == 10)) for i in range(0, len(view), 2**20))
    return lines + int(view[-1] != 10)


def _is_closed(content: pa.Buffer, delimiter: str) -> bool:
    """Whether the last line ends outside quotation marks."""
    tail = content.slice(max(0, content.size - _TAIL)).to_pybytes().rstrip(b"\r\n")
    above, _, last = tail.rpartition(b"\n")
    if b'"' not in last:
        return bool(above) or content.size <= _TAIL
    try:
        list(csv.reader([last.decode("utf-8", "replace")], delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _bytes(content: pa.Buffer) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    return np.frombuffer(content, dtype=np.uint8)


def _holds(view: "np.ndarray[tuple[int], np.dtype[np.uint8]]", byte: int) -> bool:
    return any(bool((view[i : i + 2**20] == byte).any()) for i in range(0, len(view), 2**20))


def _check_quotes(body: _Body, row: Sequence[str], number: int) -> None:
    """A quotation mark that nothing closes takes the rows after it into its cell. Raises Refusal naming its row."""
    for cell in row:
        if "\n" not in cell and "\r" not in cell:
            continue
        if not any(line.count(body.delimiter) >= max(1, body.width - 1) for line in cell.splitlines()[1:]):
            continue
        # A line of a narrow table may well be a sentence with a comma.
        if body.width >= 4 or body.content.to_pybytes().count(b'"') % 2:
            raise Refusal(_UNCLOSED.format(f"{number:,}"))


def _check_end(body: _Body) -> None:
    """A quotation mark in the last row that nothing closes takes the rest of the row into its cell. Raises Refusal.

    Only where quotation marks are odd in number can there be one.
    """
    view = np.frombuffer(body.content, dtype=np.uint8) if body.content.size else np.empty(0, dtype=np.uint8)
    if not sum(int(np.count_nonzero(view[i : i + 2**20] == 34)) for i in range(0, len(view), 2**20)) % 2:
        return
    text = io.TextIOWrapper(io.BufferedReader(_Stream(body.content)), "utf-8", "replace", newline="")
    last: list[str] = []

    def kept() -> Iterator[str]:
        for line in text:
            last.append(line)
            yield line

    csv.field_size_limit(body.limits.cell_length)
    number = body.first_row - 1
    try:
        for _ in csv.reader(kept(), delimiter=body.delimiter):
            number, ended = number + 1, list(last)
            last.clear()
        list(csv.reader(ended, delimiter=body.delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise Refusal(_UNCLOSED.format(f"{number:,}")) from error


def _numbers(body: _Body, places: Sequence[int]) -> list[int]:
    """The rows of the file for places among the rows that are not blank."""
    if not places:
        return []
    wanted, found = set(places), {}
    numbers = (number for number, row in enumerate(body.rows("replace"), body.first_row) if row)
    for place, number in enumerate(islice(numbers, max(wanted) + 1)):
        if place in wanted:
            found[place] = number
    return [found[place] for place in places]


def _repeats(cells: Sequence[str]) -> bool:
    """Whether a column's values repeat themselves, so far as its first cells tell."""
    filled = [cell for cell in cells if cell]
    return len(set(filled)) <= len(filled) * _REPEATS


def _delimiter(text: str) -> str:
    """The delimiter that splits most of the first rows into the same number of cells."""

    def score(delimiter: str) -> tuple[float, int]:
        # Titles and footers are lines of one cell, of which a short report may have more than records.
        widths = Counter(len(row) for row in _rows(text, delimiter, most=100) if len(row) > 1)
        return max(((often * min(width - 1, 50), width) for width, often in widths.items()), default=(0, 0))

    return max(",;\t|", key=score)


def _rows(text: str, delimiter: str, most: int = _SAMPLES + 60) -> list[list[str]]:
    """The first rows; a blank line is a row without cells."""
    csv.field_size_limit(1 << 24)
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), most))
    except csv.Error as error:
        raise Refusal(f"The text cannot be read as a table: {error}.") from error


def _offset(head: bytes, delimiter: str, rows: int) -> int:
    """How many bytes the first rows take."""
    reader = csv.reader(io.StringIO(head.decode("utf-8-sig", "replace"), newline=""), delimiter=delimiter)
    for _ in islice(reader, rows):
        pass
    lines = islice(_LINE.finditer(head), reader.line_num)
    return max((line.end() for line in lines), default=0)


def _footers(content: pa.Buffer, delimiter: str, width: int, record: Sequence[str]) -> int:
    """Where the records end: blank lines and what a report writes under them come after."""
    size: int = content.size
    tail = content.slice(max(0, size - _TAIL)).to_pybytes()
    end = size
    for line in reversed([line for line in _LINE.findall(tail) if line]):
        cells = next(csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter), [])
        is_blank = not any(cell.strip() for cell in cells)
        # A line with one quotation mark too many may be the end of a cell that begins above.
        is_end = b'"' in line if is_blank else line.count(b'"') % 2
        if is_end or (not is_blank and not is_footer(cells, width, record)):
            break
        end -= len(line)
    else:
        return size if size > _TAIL else end
    return end


class NotUtf8(ValueError):
    """Below the first rows stands text that is not UTF-8."""


class _Stream(io.RawIOBase):
    """A buffer as a stream, without a copy."""

    def __init__(self, buffer: pa.Buffer) -> None:
        self._source = pa.BufferReader(buffer)

    def readable(self) -> bool:
        return True

    def readinto(self, target: "Buffer") -> int:
        view = memoryview(target).cast("B")
        found: bytes = self._source.read(len(view))
        view[: len(found)] = found
        return len(found)
