"""How a text file's bytes are characters: told from the bytes, or asked."""

import codecs
import io
import re
from itertools import islice
from pathlib import Path

from alignment_core.imports.model import NeedsAnswer, Question, Refusal

__all__ = ["as_utf8", "encoding_of", "legacy_encoding_of"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_EAST_ASIAN = ("gb18030", "shift_jis")
_SAMPLE = 1 << 20
#: Bytes above 127 in Western text stand alone or in pairs; in East Asian text they come in long runs.
_RUN = re.compile(rb"[\x80-\xff][\x40-\xff]*")


def encoding_of(path: Path) -> str:
    """The encoding of a text file, by its mark, or because only one fits its first megabyte.

    Raises NeedsAnswer where several fit and the bytes do not decide.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if b"\x00" in start[:400]:
        # Text of the ASCII range has a zero in each of its characters.
        for name, place in (("utf-16-le", 1), ("utf-16-be", 0)):
            half = start[place:400:2]
            if half.count(0) > len(half) * 0.4 and start[1 - place : 400 : 2].count(0) == 0:
                return name
        return "utf-8"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return legacy_encoding_of(path)
    return "utf-8"


def legacy_encoding_of(path: Path) -> str:
    """Which of the encodings from before Unicode a file is in: Western, Chinese or Japanese. Raises NeedsAnswer."""
    with path.open("rb") as file:
        lines = list(islice((line for line in file if not line.isascii()), 500))
    sample = b"\n".join(lines)
    fitting = [name for name in _EAST_ASIAN if _decodes(sample, name)]
    single = [run for run in _RUN.findall(sample) if sum(byte > 127 for byte in run) == 1]
    runs = [run for run in _RUN.findall(sample) if sum(byte > 127 for byte in run) > 1]
    western = (len(single) >= 3 * len(runs) and _decodes(sample, "cp1252")) or not fitting
    if western:
        return "cp1252"
    if "shift_jis" in fitting and _kana(sample.decode("shift_jis")) > 0.3:
        return "shift_jis"
    east = [name for name in fitting if _plausible(sample.decode(name), name)]
    if len(east) == 1 and len(runs) >= 3 * max(1, len(single)):
        return east[0]
    asked = [*dict.fromkeys((*east, *fitting, "cp1252"))]
    readings = "; ".join(f"{name}: {_shown(lines[0], name)}" for name in asked)
    raise NeedsAnswer(
        Question(
            f"The file is not UTF-8, and its bytes do not decide what it is ({readings}).",
            tuple(f'encoding = "{name}"' for name in asked),
        )
    )


def _decodes(sample: bytes, name: str) -> bool:
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _plausible(text: str, name: str) -> bool:
    """Whether what was decoded is what people write in that language: kana for Japanese, common characters for Chinese."""
    foreign = [letter for letter in text if ord(letter) > 127]
    kana = _kana(text) * len(foreign)
    half = sum("\uff61" <= letter <= "\uff9f" for letter in foreign)
    rare = sum("\ue000" <= letter <= "\uf8ff" or ord(letter) > 0xFFFF for letter in foreign)
    if not foreign or rare > len(foreign) * 0.02:
        return False
    if name == "shift_jis":
        return half <= len(foreign) * 0.1 and kana > 0
    common = sum("\u4e00" <= letter <= "\u9fa5" for letter in foreign)
    return common + kana > len(foreign) * 0.6 and kana < len(foreign) * 0.1


def _kana(text: str) -> float:
    """The share of kana among the foreign letters: only Japanese has them."""
    foreign = [letter for letter in text if ord(letter) > 127]
    return sum("\u3040" <= letter <= "\u30ff" for letter in foreign) / max(1, len(foreign))


def _shown(line: bytes, name: str) -> str:
    """The first foreign letters of a line: enough to see which reading makes sense, and too few for anybody's name."""
    found = re.search(rb"[^\x00-\x7f]+", line)
    return repr((found[0] if found else line)[:4].decode(name, "replace"))


def as_utf8(path: Path, encoding: str) -> Path:
    """A copy beside a file that is UTF-8 with one kind of line end. Raises Refusal naming where it cannot be."""
    copy = path.with_name(path.name + ".utf8")
    row = 1
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise Refusal(
            f"There is no encoding {encoding!r}. Write utf-8, utf-16, cp1252, gb18030 or shift_jis."
        ) from error
    with path.open("rb") as old, copy.open("w", encoding="utf-8", newline="") as new:
        lines = io.IncrementalNewlineDecoder(None, translate=True)
        done = False
        while not done:
            chunk = old.read(1 << 20)
            done = not chunk
            try:
                text = lines.decode(decoder.decode(chunk, final=done), final=done)
            except UnicodeDecodeError as error:
                row += error.object[: error.start].count(b"\n")
                byte = error.object[error.start]
                raise Refusal(
                    f"Row {row:,} has the byte {byte:02X}, which is no character of {encoding}. Export the file as CSV UTF-8."
                ) from error
            row += text.count("\n")
            new.write(text)
    return copy
