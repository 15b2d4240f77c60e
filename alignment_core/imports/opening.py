"""A file → its sheets, by what is in it and not by what it is called."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.sheet import Sheet, TextColumns

__all__ = ["open_sheets"]


def open_sheets(path: Path, limits: Limits, encoding: str | None = None, nothing: Sequence[str] = ("",)) -> list[Sheet]:
    """Open a file.

    Args:
        path: the file; a decoded twin may be written beside it.
        limits: how much it may ask for.
        encoding: of a text file, where the user has said so.
        nothing: texts that stand for an empty cell.

    Raises:
        Refusal: it cannot be read, in words.
        NeedsAnswer: what only the user can decide.
    """
    size = path.stat().st_size
    if size == 0:
        raise Refusal("The file is empty. Export it again.")
    if size > limits.bytes:
        raise Refusal(
            f"The file has {size / 2**20:,.0f} MB; at most {limits.bytes / 2**20:,.0f} MB are read. Export fewer columns or rows."
        )
    with path.open("rb") as file:
        magic = file.read(400)
    # Each kind of file loads its own parser, and none of the others'.
    if magic.startswith(b"PK\x03\x04"):
        from alignment_core.imports.workbook import open_workbook

        return open_workbook(path, limits)
    if magic.startswith(b"PAR1"):
        from alignment_core.imports.parquet import open_parquet

        return [open_parquet(path, limits)]
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        from alignment_core.imports.archive import why_not_ole

        raise Refusal(why_not_ole(path))
    if magic.startswith((b"%PDF", b"\x89PNG", b"\x1f\x8b", b"BZh", b"7z", b"Rar!")):
        raise Refusal("This is not a table: export it as CSV or Excel.")
    if b"<" in magic:  # perhaps a web page
        from alignment_core.imports.html import html_encoding, open_html

        page = html_encoding(path)
        if page is not None:
            return [open_html(path, limits, encoding or page)]
    return [_open_text(path, limits, encoding, nothing)]


def _open_text(path: Path, limits: Limits, encoding: str | None, nothing: Sequence[str]) -> Sheet:
    from alignment_core.imports.delimited import NotUtf8, open_delimited
    from alignment_core.imports.encoding import as_utf8, encoding_of, legacy_encoding_of

    said = encoding
    encoding = encoding or encoding_of(path)
    if encoding not in ("utf-8", "utf-8-sig"):
        return open_delimited(as_utf8(path, encoding), limits, nothing)
    sheet = open_delimited(path, limits, nothing)

    def read(spots: Sequence[int], dates: Collection[int] = ()) -> TextColumns:
        """What the first megabyte did not show: text that is not UTF-8 comes later."""
        try:
            return sheet.read(spots, dates)
        except NotUtf8:
            other = "utf-8" if said else legacy_encoding_of(path)
            return open_delimited(as_utf8(path, other), limits, nothing).read(spots, dates)

    return replace(sheet, read=read)
