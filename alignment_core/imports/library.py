"""Mappings kept under a name in a folder, and known again by a file's headers: file names change every quarter."""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from alignment_core.imports.mapping import MappingError, by_headers, fingerprint, parse_mapping, write_mapping
from alignment_core.imports.model import FileMapping

__all__ = ["SavedMapping", "delete_mapping", "fingerprint", "matching", "save_mapping", "saved_mappings"]

#: Letters, digits and a few signs: what is a file's name on every system.
_NAME = re.compile(r"[^\W_](?:[\w .,()&+-]{0,58}[\w)])?")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LARGEST = 2**20


@dataclass(frozen=True)
class SavedMapping:
    """Choices that were saved under a name.

    Attributes:
        name: what the user called them.
        saved_at: when, in the system's time zone.
        files: the choices for each file, by the name that it had then.
    """

    name: str
    saved_at: datetime
    files: Mapping[str, FileMapping]

    @property
    def text(self) -> str:
        """As a mapping file."""
        return write_mapping(self.files)


def saved_mappings(folder: Path) -> tuple[tuple[SavedMapping, ...], tuple[str, ...]]:
    """The mappings in a folder, the latest first; and a sentence for each file that is none."""
    saved, faults = [], []
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                raise MappingError("it is too large")
            files = parse_mapping(content.decode("utf-8-sig"))
            saved.append(SavedMapping(path.stem, datetime.fromtimestamp(path.stat().st_mtime).astimezone(), files))
        except MappingError as error:
            faults.append(f"The saved mapping {path.name!r} cannot be used: {'; '.join(error.faults)}.")
        except (OSError, UnicodeDecodeError):
            faults.append(f"The saved mapping {path.name!r} cannot be read. Delete it, or save it again.")
    return tuple(sorted(saved, key=lambda each: each.saved_at, reverse=True)), tuple(faults)


def save_mapping(
    folder: Path, name: str, files: Mapping[str, FileMapping], headers: Mapping[str, Sequence[str]]
) -> SavedMapping:
    """Save choices under a name; what was saved under it before is replaced, in one step.

    Args:
        folder: where; made if it is not there.
        name: what the user calls them.
        files: the choices for each file.
        headers: the headers of each file, by which the next one like it is known.

    Raises:
        ValueError: the name cannot be one, in words.
        OSError: the folder cannot be written.
    """
    path = _path(folder, name)
    known = {file: replace(said, fingerprint=fingerprint(headers[file])) for file, said in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(write_mapping(known))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        Path(part).unlink(missing_ok=True)  # nothing is left there where it was put in its place
    return SavedMapping(path.stem, datetime.fromtimestamp(path.stat().st_mtime).astimezone(), known)


def delete_mapping(folder: Path, name: str) -> None:
    """Delete what was saved under a name; nothing where there is nothing. Raises ValueError, OSError."""
    _path(folder, name).unlink(missing_ok=True)


def matching(saved: Iterable[SavedMapping], headers: Sequence[str]) -> tuple[SavedMapping, FileMapping] | None:
    """The first of the saved mappings that was made for a file with these headers, and its choices for it."""
    return next(((each, said) for each in saved if (said := by_headers(each.files, headers))), None)


def _path(folder: Path, name: str) -> Path:
    name = " ".join(name.split())
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        raise ValueError(
            "Give it a name of at most 60 letters, digits, spaces and . , ( ) & + - that begins with a letter or digit."
        )
    return folder / f"{name}.toml"
