"""Files that were made to harm whoever reads them: small, and the same each time."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_START = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_SPREADSHEET}"><sheetData>'
_END = "</sheetData></worksheet>"


def workbook(rows: int = 3) -> bytes:
    """A harmless one: Lead ID, MQL Date, Amount."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.set_properties({"created": datetime(2026, 10, 1)})  # the same bytes each time
        sheet = book.add_worksheet("Leads")
        sheet.write_row(0, 0, ["Lead ID", "MQL Date", "Amount"])
        for row in range(1, rows):
            sheet.write_row(row, 0, [f"00Q{row}", "2026-07-01", row])
    return stream.getvalue()


def with_parts(parts: Mapping[str, str | bytes], base: bytes = b"") -> bytes:
    """A workbook with these parts in place of its own, or on top of them."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base or workbook())) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return stream.getvalue()


def sheet(cells: str) -> str:
    return _START + cells + _END


def text_cell(ref: str, text: str = "x") -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


def _with_streamed(name: str, start: bytes, piece: bytes, times: int, end: bytes) -> bytes:
    """A workbook one part of which is a piece many times over: packed once, for gigabytes would take their time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    body = first + packed * times + packer.compress(end) + packer.flush()
    crc = zlib.crc32(start)
    for _ in range(times):
        crc = zlib.crc32(piece, crc)
    crc, size = zlib.crc32(end, crc), len(start) + len(piece) * times + len(end)
    content = with_parts({name: "?"})
    # The part is put before the others, whose places move by its length.
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(body), size, len(name), 0)
    part = header + name.encode() + body
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start_of_directory = archive.start_dir
        kept = [entry for entry in archive.infolist() if entry.filename != name]
    directory = b""
    for entry in kept:
        place = content.index(b"PK\x01\x02", start_of_directory)
        while content[place + 46 : place + 46 + len(entry.filename)] != entry.filename.encode():
            place = content.index(b"PK\x01\x02", place + 4)
        line = bytearray(content[place : place + 46 + len(entry.filename)])
        struct.pack_into("<3H", line, 28, len(entry.filename), 0, 0)
        struct.pack_into("<L", line, 42, entry.header_offset + len(part))
        directory += bytes(line)
    directory += struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, crc, len(body), size, len(name), 0, 0, 0, 0, 0, 0
    ) + name.encode()  # fmt: skip
    others = content[:start_of_directory]
    end_of_archive = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, len(kept) + 1, len(kept) + 1, len(directory), len(part) + len(others), 0
    )
    return part + others + directory + end_of_archive


def _far_corners() -> bytes:
    return with_parts(
        {SHEET: sheet(f'<row r="1">{text_cell("A1")}</row><row r="1048576">{text_cell("XFD1048576")}</row>')}
    )


def _lying_dimension() -> bytes:
    """`<dimension>` says A1:B2; the cells lie elsewhere."""
    cells = f'<row r="1">{text_cell("A1")}</row><row r="1000000">{text_cell("CV1000000")}</row>'
    return with_parts({SHEET: sheet(cells).replace("<sheetData>", '<dimension ref="A1:B2"/><sheetData>')})


def _other_spellings() -> bytes:
    """Single quotes, spaces around "=", prefixes and line breaks are legal too."""
    cells = "<x:row r = '1'><x:c\nr = 'A1'><x:v>1</x:v></x:c><x:c r\t=\n'XFD1048576'><x:v>1</x:v></x:c></x:row>"
    return with_parts(
        {SHEET: f'<x:worksheet xmlns:x="{_SPREADSHEET}"><x:sheetData>{cells}</x:sheetData></x:worksheet>'}
    )


def _hidden_far_cell() -> bytes:
    """The far cell stands in the middle of a row, before nearer ones, behind a text that looks like a place."""
    row = text_cell("A1", 'r="ZZZZ9" r="A" ') + text_cell("B1") + text_cell("XFD900000") + text_cell("C1")
    return with_parts({SHEET: sheet(f'<row r="1">{row}</row>')})


def _bomb_of_rows() -> bytes:
    row = b"<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>"
    return _with_streamed(SHEET, _START.encode(), row * 20_000, 2_800, _END.encode())


def _bomb_of_spaces() -> bytes:
    return _with_streamed(SHEET, _START.encode(), b" " * 2**20, 3_000, _END.encode())


def _bomb_of_one_string() -> bytes:
    start = f'<sst xmlns="{_SPREADSHEET}" count="1" uniqueCount="1"><si><t>'.encode()
    return _with_streamed(STRINGS, start, b"A" * 2**20, 3_000, b"</t></si></sst>")


def _one_string_in_many_cells() -> bytes:
    """32 kB stored once and shown 120,000 times: 4 GB."""
    rows = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 120_001))
    strings = f'<sst xmlns="{_SPREADSHEET}"><si><t>{"A" * 32_767}</t></si></sst>'
    return with_parts({SHEET: sheet(rows), STRINGS: strings})


def _long_cell() -> bytes:
    noise = zlib.compress(bytes(range(256)) * 40)  # not the same character again and again
    return with_parts({SHEET: sheet(f'<row r="1">{text_cell("A1", noise.hex() * 60_000)}</row>')})


def _entity_bomb() -> bytes:
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{levels}]>'
    return with_parts({STRINGS: f'{bomb}<sst xmlns="{_SPREADSHEET}"><si><t>&a9;</t></si></sst>'})


def _external_entity() -> bytes:
    """In a part that no name gives away, behind a long comment."""
    start = '<?xml version="1.0"?><!--' + " " * 2_000_000 + '--><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return with_parts({"docProps/custom.xml": f"{start}<x>&a;</x>"})


def _lying_sizes(factor: float) -> bytes:
    """The directory claims another size of the sheet than it has, and so does its own header."""
    content = bytearray(workbook(2_000))
    for magic, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = 0
        while (place := content.find(magic, place)) >= 0:
            (size,) = struct.unpack_from("<I", content, place + at)
            if size > 20_000:
                struct.pack_into("<I", content, place + at, int(size * factor))
            place += 4
    return bytes(content)


def _overlapping() -> bytes:
    """Two parts that are one and the same place in the file."""
    content = bytearray(with_parts({"xl/a.xml": "<a>" + "1" * 500 + "</a>", "xl/b.xml": "<a>" + "2" * 500 + "</a>"}))
    places = [i for i in range(len(content)) if content.startswith(b"PK\x01\x02", i)]
    struct.pack_into("<I", content, places[-1] + 42, struct.unpack_from("<I", content, places[-2] + 42)[0])
    return bytes(content)


def _many_entries(lies: bool) -> bytes:
    """200,000 parts; one that lies says in its end that there are three."""
    name = b"xl/%06d.xml"
    body = b"".join(
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 13, 0) + name % i for i in range(200_000)
    )
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, i * 43) + name % i
        for i in range(200_000)
    )
    count = 3 if lies else 0xFFFF
    wide = b""
    if not lies:
        wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 200_000, 200_000, len(directory), len(body))
        wide += struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body) + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + wide + end


def _wide() -> bytes:
    from alignment_core.imports.model import Limits

    assert Limits().columns < 16_384
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write_row(0, 0, [f"h{i}" for i in range(16_384)])
    return stream.getvalue()


def _duplicated_part() -> bytes:
    stream = io.BytesIO(workbook())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/worksheets/Sheet1.xml", sheet(""))
    return stream.getvalue()


def _corrupt() -> bytes:
    content = bytearray(workbook(500))
    place = content.find(b"sheet1.xml") + 300
    content[place : place + 40] = bytes(40)
    return bytes(content)


def _ole(stream_name: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000) + stream_name.encode("utf-16-le") + bytes(3_000)


def _archive_of(names: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _encrypted_entry() -> bytes:
    content = bytearray(workbook())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(magic) + at] |= 1
    return bytes(content)


#: By name: how to make it, and a word of the sentence that it must end in.
WORKBOOKS: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "two far corners": (_far_corners, r"column 16,384"),
    "a dimension that lies": (_lying_dimension, r"row 1,000,000 and column 100 but is nearly empty"),
    "other spellings of places": (_other_spellings, r"column 16,384"),
    "a far cell between near ones": (_hidden_far_cell, r"column 16,384"),
    "a row beyond the sheet": (
        lambda: with_parts({SHEET: sheet(f'<row r="99999999">{text_cell("A99999999")}</row>')}), r"beyond what a sheet can hold"),
    "a row number with zeros before it": (
        lambda: with_parts({SHEET: sheet(f'<row r="1">{text_cell("A1")}{text_cell("B0099999999")}</row>')}), r"beyond what a sheet"),
    "a column beyond the sheet": (
        lambda: with_parts({SHEET: sheet(f'<row r="1">{text_cell("A1")}{text_cell("ZZZZ1")}</row>')}), r"column 475,254"),
    "16,384 columns": (_wide, r"column 16,384; at most 2,000"),
    "3 GB of rows": (_bomb_of_rows, r"unpacks to more than 100 times its size"),
    "3 GB of spaces": (_bomb_of_spaces, r"unpacks to more than 100 times its size|more than 1,048,576 characters"),
    "3 GB of one string": (_bomb_of_one_string, r"unpacks to more than 100 times its size|more than 1,048,576 characters"),
    "one string in many cells": (_one_string_in_many_cells, r"repeated in many cells"),
    "a cell of millions of characters": (_long_cell, r"unpacks to more|more than 1,048,576 characters"),
    "entity bomb": (_entity_bomb, r"declares entities"),
    "external entity": (_external_entity, r"declares entities"),
    "sizes that claim less": (lambda: _lying_sizes(0.5), r"the archive claims|another size"),
    "sizes that claim more": (lambda: _lying_sizes(2.0), r"the archive claims"),
    "parts that overlap": (_overlapping, r"damaged|claims"),
    "200,000 entries": (lambda: _many_entries(False), r"200,000 parts"),
    "200,000 entries that lie": (lambda: _many_entries(True), r"more than 10,000 parts"),
    "two parts of one name": (_duplicated_part, r"two parts of one name"),
    "a name that leads out": (lambda: with_parts({"../../etc/cron.d/x": "x"}), r"leads out of it"),
    "a name with a drive": (lambda: with_parts({"C:\\x.xml": "x"}), r"leads out of it"),
    "a name from the root": (lambda: with_parts({"/etc/passwd": "x"}), r"leads out of it"),
    "truncated": (lambda: workbook(500)[:3_000], r"its end is missing"),
    "corrupt": (_corrupt, r"damaged"),
    "three bytes": (lambda: b"PK\x03", r"its end is missing"),
    "nothing but an end": (lambda: b"PK\x05\x06" + bytes(18), r"no workbook"),
    "an archive of archives": (lambda: _archive_of({"a.zip": _archive_of({"b.xlsx": workbook()})}), r"archive and no workbook"),
    "OpenDocument": (
        lambda: _archive_of({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}), r"\.ods"),
    "binary workbook": (lambda: _archive_of({"[Content_Types].xml": "<x/>", "xl/workbook.bin": b"\x83\x01"}), r"\.xlsb"),
    "a protected part": (_encrypted_entry, r"password"),
    "a sheet in UTF-16": (lambda: with_parts({SHEET: sheet(text_cell("A1")).encode("utf-16")}), r"not UTF-8"),
    "a broken sheet": (lambda: with_parts({SHEET: "<worksheet><sheetData><row"}), r"workbook"),
    "a list of sheets that is no XML": (lambda: with_parts({"xl/workbook.xml": "<workbook"}), r"no XML"),
    "tags without an end": (lambda: with_parts({SHEET: sheet("<c " * 400_000)}), r"\."),
}  # fmt: skip

#: Old Office files, told apart by the names of the streams in them.
OLE: Mapping[str, tuple[bytes, str]] = {
    "password": (_ole("EncryptedPackage"), r"protected by a password"),
    "old Excel": (_ole("Workbook"), r"old Excel file \(\.xls\)"),
    "another": (_ole("WordDocument"), r"no table"),
}


def _parquet_of_one_text() -> bytes:
    """A text of 900 kB that is stored once and stands in 5,000 rows: 4.5 GB from 13 kB."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 5_000
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["A" * 900_000]))
    stream = io.BytesIO()
    ids = pa.array([str(row) for row in range(rows)])
    pq.write_table(pa.table({"Lead ID": ids, "Country": text}), stream, compression="zstd", store_schema=False)
    return stream.getvalue()


_HEAD = b"Lead ID,MQL Date,Country,Amount\n"
_ROW = b"1,2026-07-01,DE,5\n"

#: Files of text and others that are no workbooks, by name: how to make them, and a word of the sentence that they end in.
TEXTS: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "a line of 200 MB": (lambda: _HEAD + b"x" * 200 * 2**20, r"A line has more than 16,777,216 characters"),
    "nothing but a line of 200 MB": (lambda: b"x" * 200 * 2**20, r"The first line has more than 262,144"),
    "a cell of 50 million line breaks": (lambda: _HEAD + b'1,"' + b"\n" * 50_000_000 + b'"\n', r"A cell in row 2 has more than 1,048,576"),
    "50 million commas": (lambda: _HEAD + b"," * 50_000_000, r"A line has more than"),
    "6 million rows": (lambda: b"Lead ID,MQL Date\n" + b"1,2026-07-01\n" * 6_000_000, r"6,000,000 rows; at most 5,000,000"),
    "16,384 columns": (lambda: ",".join(f"h{i}" for i in range(16_384)).encode() + b"\n", r"16,384 columns; at most 2,000"),
    "NULs": (lambda: _HEAD + _ROW + bytes(10_000_000), r"NUL characters"),
    "a lone quote at the start of a cell": (lambda: _HEAD + b'1,"2026-07-01,DE,5\n' + _ROW * 3_000, r"quotation mark in row 2 is never closed"),
    "a lone quote in the last row": (lambda: _HEAD + _ROW * 3_000 + b'2,2026-07-01,"DE,5\n', r"quotation mark in row 3,002 is never closed"),
    "a page of tags without an end": (lambda: b"<table><tr><td " + b"a" * 3_000_000, r"without a table|without an end|No header"),
    "Parquet that unfolds to 4.5 GB": (_parquet_of_one_text, r"a few long ones are repeated|needs more memory"),
    "Parquet without its middle": (lambda: b"PAR1" + bytes(500) + b"PAR1", r"Parquet file is damaged"),
}  # fmt: skip
