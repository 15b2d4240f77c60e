"""The guard before a parser sees a workbook: what its archive really holds, measured and not believed.

Every part is unpacked once, in pieces, and looked at by its content, whatever it is called: parsers follow the
references inside a workbook and not the names. Nothing is written anywhere, and archives inside the archive stay shut.
"""

import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from alignment_core.imports.model import Limits, Refusal

__all__ = ["Part", "check_archive", "column_number", "why_not_ole"]

_PIECE = 2**20
#: Small parts may repeat themselves a thousandfold and harm nobody.
_HARMLESS = 16 * 2**20
#: Parts that say how sheets hang together are kept up to this size.
_KEPT = 2**20
#: So much of a sheet is looked at closely, cell by cell, before its quick measure counts.
_CLOSELY = 48 * 2**20
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^<>]*)>")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d*)["']""")
_FORMULA = re.compile(rb"<c\b([^<>]*)>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v\b[^<>]*>([^<]*)</v>)?\s*</c>")
_SHARED = re.compile(rb'<c\b[^<>]*\bt="s"[^<>]*>\s*<v>(\d{1,9})</v>')
_DDE = re.compile(rb"<ddeLink\b|<f\b[^<>]*>[^<]{0,200}\|[^<]{0,200}![^<]{0,200}</f>")

_SAVE = "Save it again in Excel as .xlsx, or export CSV."
_FAR = "Delete what lies far away, or export CSV."


@dataclass(frozen=True)
class Part:
    """What one part of an archive holds.

    Attributes:
        size: bytes, unpacked.
        rows, columns: the last row and column that a cell lies in, the first being 1; 0 without cells.
        first_column: the first that a cell lies in.
        formulas: cells with a formula; `uncached`: those of them without a stored value; `zeros`: those with the value 0.
        errors, booleans: cells that hold one.
        dde: formulas or links that would start a program.
        tail: what comes after the cells: merged ranges, references to tables.
        content: the whole part, where it is small and holds no cells.
    """

    size: int = 0
    rows: int = 0
    columns: int = 0
    first_column: int = 0
    formulas: int = 0
    uncached: int = 0
    zeros: int = 0
    errors: int = 0
    booleans: int = 0
    dde: int = 0
    tail: bytes = b""
    content: bytes = b""


def check_archive(path: Path, limits: Limits = Limits()) -> Mapping[str, Part]:
    """The parts of a workbook by name, after all of them were unpacked within the limits.

    Raises Refusal: the archive is damaged or protected, is no workbook, or asks for more than is allowed.
    """
    entries = _entries(path, limits)
    _check_kind({entry.filename for entry in entries})
    parts: dict[str, Part] = {}
    unpacked, cells = 0, 0
    lengths: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    shared = 0
    with path.open("rb") as file:
        for entry in entries:
            look = _Look(entry.filename, limits)
            for piece in _unpacked(file, entry, limits):
                unpacked += len(piece)
                if unpacked > 8 * limits.bytes:
                    raise Refusal(
                        f"The workbook unpacks to more than {8 * limits.bytes / 2**20:,.0f} MB. Export CSV instead."
                    )
                look.at(piece)
            part = look.done()
            if part.columns and _too_far(part, limits):
                part = _closely(file, entry, part, limits)
            _check_extent(part, limits)
            if "/worksheets/" in f"/{entry.filename}":
                cells += part.rows * max(0, part.columns - part.first_column + 1)
            if cells > limits.cells:
                raise Refusal(
                    f"The sheets have {cells:,} cells, empty ones included; at most {limits.cells:,} are read. {_FAR}"
                )
            shared += look.shared
            if look.lengths:
                lengths.append(np.asarray(look.lengths, dtype=np.int64))
            parts[entry.filename] = part
        if lengths and shared:
            _check_expansion(file, entries, np.concatenate(lengths), shared, limits)
    return parts


def why_not_ole(path: Path) -> str:
    """Why a file of the old Office kind is not read, in a sentence."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return "The workbook is protected by a password. Save it in Excel without one, or export CSV."
        if any(content.find(name.encode("utf-16-le")) >= 0 for name in ("Workbook", "Book")):
            return "This is an old Excel file (.xls). Save it as .xlsx, or export CSV."
    return "This is an old Office file and no table. Export it as .xlsx or CSV."


def column_number(letters: str) -> int:
    """A column's place by its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _entries(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """What the archive's directory lists. How long it is, is looked at before it is read."""
    damaged = f"The workbook is damaged: {{}}. {_SAVE}"
    size = path.stat().st_size
    with path.open("rb") as file:
        start = max(0, size - 65_557)  # the longest comment, and the record before it
        file.seek(start)
        end = file.read()
        at = end.rfind(b"PK\x05\x06")
        if at < 0 or len(end) < at + 22:
            raise Refusal(damaged.format("its end is missing"))
        count, directory = struct.unpack_from("<HI", end, at + 10)
        locator = end[at - 20 : at] if at >= 20 else b""
        if locator.startswith(b"PK\x06\x07"):
            file.seek(min(size, struct.unpack_from("<Q", locator, 8)[0]))
            wide = file.read(56)
            if len(wide) == 56 and wide.startswith(b"PK\x06\x06"):
                count, directory = struct.unpack_from("<QQ", wide, 32)
    # A name has a few dozen characters; the directory's length counts where its own count lies.
    if count > limits.entries or directory > 512 * limits.entries:
        many = f"{count:,}" if count > limits.entries else f"more than {limits.entries:,}"
        raise Refusal(f"The archive has {many} parts; at most {limits.entries:,} are read. {_SAVE}")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error) as error:
        raise Refusal(damaged.format("its list of parts cannot be read")) from error
    if len(entries) != count:
        raise Refusal(damaged.format(f"it says that it has {count:,} parts and lists {len(entries):,}"))
    names = [entry.filename for entry in entries]
    for name in names:
        steps = name.replace("\\", "/").split("/")
        if ".." in steps or steps[0].endswith(":") or name.startswith(("/", "\\")) or "\x00" in name:
            raise Refusal(f"A part of the archive is named {name[:60]!r}, which leads out of it. {_SAVE}")
    if len({name.casefold() for name in names}) < len(names):
        raise Refusal(f"The archive has two parts of one name. {_SAVE}")
    return sorted(entries, key=lambda entry: entry.header_offset)


def _check_kind(names: set[str]) -> None:
    folded = {name.replace("\\", "/").casefold() for name in names}
    if "xl/workbook.bin" in folded:
        raise Refusal("This is a binary workbook (.xlsb). Save it as .xlsx, or export CSV.")
    if "mimetype" in folded and "content.xml" in folded:
        raise Refusal("This is an OpenDocument file (.ods). Save it as .xlsx, or export CSV.")
    if "[content_types].xml" not in folded or not any(name.startswith("xl/") for name in folded):
        raise Refusal("This is an archive and no workbook. Unpack it and load what is inside.")


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """The content of a part in pieces. The sizes that the archive claims must prove true. Raises Refusal."""
    name = entry.filename[:60]
    damaged = Refusal(f"The workbook is damaged: its part {name!r} cannot be unpacked. {_SAVE}")
    if entry.flag_bits & 1:
        raise Refusal("The archive is protected by a password. Save the workbook without one, or export CSV.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal(f"The part {name!r} is packed in a way that no spreadsheet program uses. {_SAVE}")
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise damaged
    file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
    stored = entry.compress_type == zipfile.ZIP_STORED
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left, size, crc = entry.compress_size, 0, 0
    packed = b""
    most = max(_HARMLESS, limits.ratio * entry.compress_size)
    while True:
        if not packed and left:
            packed = file.read(min(left, 2**18))
            if not packed:
                raise damaged
            left -= len(packed)
        if stored:
            piece, packed = packed, b""
        else:
            try:
                piece = inflater.decompress(packed, _PIECE)
            except zlib.error as error:
                raise damaged from error
            packed = inflater.unconsumed_tail
        size += len(piece)
        if size > most:
            raise Refusal(
                f"The part {name!r} of the workbook unpacks to more than {limits.ratio} times its size, as no real table does. {_SAVE}"
            )
        crc = zlib.crc32(piece, crc)
        if piece:
            yield piece
        elif not packed and not left:
            break
        if inflater.eof:
            if inflater.unused_data or left:
                raise Refusal(f"The workbook's part {name!r} has another size than the archive claims. {_SAVE}")
            break
    if not stored and not inflater.eof:
        raise damaged
    if size != entry.file_size:
        raise Refusal(
            f"The workbook's part {name!r} has {size:,} bytes and the archive claims {entry.file_size:,}. {_SAVE}"
        )
    if crc != entry.CRC:
        raise damaged


class _Look:
    """Looks at one part as it is unpacked."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name, self._limits = name, limits
        self._part = Part()
        self._rest = b""
        self._kept: list[bytes] = []
        self._tail: bytes | None = None
        self.shared = 0  # cells that point to a shared string
        self.lengths: list[int] = []  # of the shared strings

    def at(self, piece: bytes) -> None:
        size = self._part.size
        if not size:
            if piece.startswith((b"\xff\xfe<", b"\xfe\xff\x00<", b"<\x00", b"\x00<")):
                raise Refusal(f"The workbook's part {self._name[:60]!r} is not UTF-8. {_SAVE}")
            self._is_text = piece.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        self._part = replace(self._part, size=size + len(piece))
        if self._is_text:
            block = self._rest + piece
            # The block ends before a cell, so that no cell is cut; without one, before a tag.
            cut = max(block.rfind(b"<c "), block.rfind(b"<si>"), block.rfind(b"<row"), 0) or max(block.rfind(b"<"), 0)
            self._rest = block[cut:]
            if len(self._rest) > self._limits.cell_length + 2 * _PIECE:
                self._too_long()
            self._block(block[:cut])

    def done(self) -> Part:
        if self._rest:
            self._block(self._rest)
        kept = b"".join(self._kept) if self._part.size <= _KEPT and not self._part.columns else b""
        return replace(self._part, tail=self._tail or b"", content=kept)

    def _too_long(self) -> None:
        raise Refusal(
            f"A cell of the workbook has more than {self._limits.cell_length:,} characters. Delete its text, or export CSV."
        )

    def _block(self, block: bytes) -> None:
        # A single byte is looked for many times as fast as a word.
        if b"!" in block and (b"<!DOCTYPE" in block or b"<!ENTITY" in block):
            raise Refusal(
                "The workbook declares entities (a DTD), which none from a spreadsheet program does. It is not read."
            )
        if self._part.size <= _KEPT:
            self._kept.append(block)
        if self._tail is not None:
            if len(self._tail) <= 8 * _KEPT:
                self._tail += block
            return
        if "sharedStrings" in self._name and b"<si" in block:
            pieces = [len(each) for each in block.split(b"<si>")[1:]]
            if max(pieces, default=0) > self._limits.cell_length + 2**16:  # with its mark-up
                self._too_long()
            self.lengths += pieces
            return
        part = self._part
        dde = len(_DDE.findall(block)) if b"|" in block or part.size <= _KEPT else 0
        places = _places(block, part.rows)
        if places is None:
            self._part = replace(part, dde=part.dde + dde)
            return
        formulas = _FORMULA.findall(block) if b"<f" in block else []
        self.shared += places.shared
        self._part = replace(
            part,
            rows=max(part.rows, places.rows),
            columns=max(part.columns, places.last),
            first_column=min(part.first_column or _LAST_COLUMN, places.first) if places.last else part.first_column,
            formulas=part.formulas + len(formulas),
            uncached=part.uncached + sum(not value and b't="str"' not in about for about, value in formulas),
            zeros=part.zeros + sum(value == b"0" for _, value in formulas),
            errors=part.errors + places.errors,
            booleans=part.booleans + places.booleans,
            dde=part.dde + dde,
        )
        end = block.rfind(b"</sheetData>")
        if end >= 0:
            self._tail = block[end:]


@dataclass(frozen=True)
class _Places:
    """Where the cells of a block of XML say that they lie, and how many are of which type."""

    first: int
    last: int
    rows: int
    shared: int
    errors: int
    booleans: int


def _places(block: bytes, rows: int) -> _Places | None:
    """All places (r="B12") in a block; None without any.

    May name more than there is (a text may hold the like), and never less. Rows up to `rows` need not be told.
    """
    if b"'" in block:  # seldom, and legal
        block = re.sub(rb"""\b([rt])\s*=\s*'([^'"<>]*)'""", rb'\1="\2"', block)
    view = np.frombuffer(block + bytes(24), dtype=np.uint8)
    quotes = np.flatnonzero(view[: len(block)] == 34)
    quotes = quotes[quotes > 2]
    before, second = view[quotes - 1], view[quotes - 2]
    if (((before <= 32) & ((second == 61) | (second <= 32))) | ((before == 61) & (second <= 32))).any():
        block = re.sub(rb"""\b([rt])\s*=\s*"([^"<>]*)\"""", rb'\1="\2"', block)
        view = np.frombuffer(block + bytes(24), dtype=np.uint8)
        quotes = np.flatnonzero(view[: len(block)] == 34)
        quotes = quotes[quotes > 2]
        before, second = view[quotes - 1], view[quotes - 2]
    opening = before == 61
    at = quotes[opening & (second == 114)]
    at = at[view[at - 3] <= 32] + 1
    if not len(at):
        return None
    types = quotes[opening & (second == 116)]
    kinds = np.bincount(view[types[view[types + 2] == 34] + 1], minlength=128)
    letters = view[at] & 0xDF
    is_cell = (letters >= 65) & (letters <= 90)
    cells = at[is_cell]
    columns = letters[is_cell].astype(np.int64) - 64
    starts = cells + 1
    left = np.arange(len(cells))
    for _ in range(3):  # a fourth letter leads beyond every sheet
        letter = view[starts[left]] & 0xDF
        more = (letter >= 65) & (letter <= 90)
        if not more.any():
            break
        left = left[more]
        columns[left] = columns[left] * 26 + letter[more] - 64
        starts[left] += 1
    # Eight characters at once as one number: digits of equal length sort like what they mean.
    digits = np.concatenate((starts, at[~is_cell]))
    eight = np.ndarray((len(view) - 8,), dtype=">u8", buffer=view, strides=(1,))[digits].astype(np.uint64)
    high, low, six = (int.from_bytes(bytes([byte] * 8), "big") for byte in (0xF0, 0x30, 0x06))
    for length in range(len(str(rows)), 9):
        shift = 64 - 8 * length
        top = eight >> np.uint64(shift)
        nibbles, threes = np.uint64(high >> shift), np.uint64(low >> shift)
        is_long = ((top & nibbles) == threes) & (((top + np.uint64(six >> shift)) & nibbles) == threes)
        if not is_long.any():
            break
        eight = eight[is_long]
        # Eight digits, be the first of them zeros, lie beyond every sheet.
        found = 10_000_000 if length == 8 else int(int(top[is_long].max()).to_bytes(length, "big"))
        rows = max(rows, found)
    first, last_column = (int(columns.min()), int(columns.max())) if len(columns) else (_LAST_COLUMN, 0)
    return _Places(first, last_column, rows, int(kinds[ord("s")]), int(kinds[ord("e")]), int(kinds[ord("b")]))


def _too_far(part: Part, limits: Limits) -> bool:
    return (
        part.rows > min(_LAST_ROW, limits.rows + 100)
        or part.columns > limits.columns
        or part.rows * part.columns > min(limits.cells, 20 * part.size + 1_000_000)
    )


def _closely(file: BinaryIO, entry: zipfile.ZipInfo, part: Part, limits: Limits) -> Part:
    """Only cells that hold something count: formats alone often reach to a sheet's last row."""
    rows = columns = row = column = seen = 0
    first = _LAST_COLUMN
    rest = b""
    for piece in _unpacked(file, entry, limits):
        seen += len(piece)
        if seen > _CLOSELY:
            return part
        block = rest + piece
        cut = max(block.rfind(b"<"), 0)
        block, rest = block[:cut], block[cut:]
        for tag in _TAG.finditer(block):
            name, about = tag.groups()
            place = _PLACE.search(about)
            letters, number = place.groups() if place else (b"", b"")
            if name == b"row":
                row, column = int(number or row + 1), 0
                continue
            column = column_number(letters.decode()) if letters else column + 1
            row = int(number) if letters and number else row
            if not about.rstrip().endswith(b"/"):
                rows, columns, first = max(rows, row), max(columns, column), min(first, column)
    return replace(part, rows=rows, columns=columns, first_column=min(first, max(columns, 1)))


def _check_extent(part: Part, limits: Limits) -> None:
    """Two cells in far corners make a parser ask for all the cells between them."""
    # Where no cell has a letter, `r` may well be the right edge of a picture's gradient.
    if part.rows > (min(_LAST_ROW, limits.rows + 100) if part.columns else _LAST_ROW):
        raise Refusal(f"A cell lies in row {part.rows:,}, beyond what a sheet can hold or is read. {_FAR}")
    if part.columns > limits.columns:
        raise Refusal(f"A cell lies in column {part.columns:,}; at most {limits.columns:,} columns are read. {_FAR}")
    if part.rows * part.columns > min(limits.cells, 20 * part.size + 1_000_000):
        if part.rows * part.columns > 20 * part.size:
            raise Refusal(
                f"The sheet reaches to row {part.rows:,} and column {part.columns:,} but is nearly empty. {_FAR}"
            )
        raise Refusal(
            f"The sheet reaches to row {part.rows:,} and column {part.columns:,}, {part.rows * part.columns:,} cells with "
            f"the empty ones; at most {limits.cells:,} are read. {_FAR}"
        )


def _check_expansion(
    file: BinaryIO,
    entries: list[zipfile.ZipInfo],
    lengths: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    shared: int,
    limits: Limits,
) -> None:
    """A long text that is stored once may stand in many cells, and becomes as many copies."""
    most = limits.memory // 4
    if int(lengths.max()) * shared <= most:
        return
    total = 0
    for entry in entries:
        rest = b""
        for piece in _unpacked(file, entry, limits):
            block = rest + piece
            cut = max(block.rfind(b"<c "), 0)
            block, rest = block[:cut], block[cut:]
            total += _expanded(block, lengths)
        total += _expanded(rest, lengths)
        if total > most:
            raise Refusal(
                f"The texts of the workbook's cells take more than {most / 2**20:,.0f} MB, for a few long ones are "
                "repeated in many cells. Leave out the column with long texts, or export CSV."
            )


def _expanded(block: bytes, lengths: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> int:
    if b't="s"' not in block:
        return 0
    places = np.array(_SHARED.findall(block), dtype=np.bytes_).astype(np.int64)
    return int(lengths[places[places < len(lengths)]].sum())
