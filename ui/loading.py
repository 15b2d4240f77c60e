"""The files on their way in: held for this session while the user decides how they are read, and then let go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from alignment_core.data import Data
from alignment_core.imports import OF_BOOK, FileMapping, Imported, InputFile, read_files
from alignment_core.imports.library import SavedMapping, matching, saved_mappings
from ui.session import workspace_folder, workspace_key

MAPPINGS = "mappings"


@dataclass(frozen=True)
class Held:
    """A file that was dropped in: its bytes and their SHA-256."""

    content: bytes
    digest: str


@dataclass
class Loading:
    """What the page Load is working on. One for each session; gone once the quarter is reviewed.

    Attributes:
        files: what was dropped in, by name.
        decided: what is decided about a file, by hand or by a saved mapping.
        saved: the saved mapping that a file was recognised by.
        declined: files for which the user does not want a saved mapping.
        added: fields that the user wants to see for a file though no column is theirs.
        drops: how often files were dropped in; the uploader starts afresh after each.
    """

    files: dict[str, Held] = field(default_factory=dict)
    decided: dict[str, FileMapping] = field(default_factory=dict)
    saved: dict[str, SavedMapping] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)
    added: dict[str, tuple[str, ...]] = field(default_factory=dict)
    drops: int = 0
    _read: tuple[object, Imported] | None = None
    _data: tuple[Imported, Data] | None = None

    @property
    def uploader(self) -> str:
        """The key of the uploader, which is empty again once its files were taken."""
        return f"uploads {self.drops}"

    @property
    def digests(self) -> dict[str, str]:
        return {name: held.digest for name, held in self.files.items()}

    def take_in(self) -> None:
        """Take what was dropped in, and leave nothing of it with the uploader."""
        dropped = st.session_state.get(self.uploader) or []
        here: set[str] = set()
        for upload in dropped:
            content = upload.getvalue()
            held = Held(content, sha256(content).hexdigest())
            name = self._free_name(upload.name, held, here)
            if name in self.files and self.files[name] != held:
                st.toast("A file of the same name took the place of the one before.")
            here.add(name)
            self.files[name] = held
        release(dropped)
        self.drops += 1

    def take_out(self, name: str) -> None:
        """Take out a file, or a sheet of one, which stays out until it is taken in again."""
        if name not in self.files:
            self.decide(name, lambda mapping: replace(mapping, skip=True))
            return
        self.files.pop(name)
        for each in [each for each in {*self.decided, *self.saved, *self.added, *self.declined} if is_of(each, name)]:
            self.forget(each)
            self.declined.discard(each)

    def take_in_sheet(self, name: str) -> None:
        self.decide(name, lambda mapping: replace(mapping, skip=False))

    def forget(self, name: str) -> None:
        """Take back what is decided about a file."""
        for kept in (self.decided, self.saved, self.added):
            kept.pop(name, None)

    def decide(self, name: str, change: Callable[[FileMapping], FileMapping]) -> None:
        """Take the user's word about a file; it is read again."""
        self.decided[name] = change(self.decided.get(name, FileMapping()))

    def decline(self, name: str) -> None:
        """Read a file without the saved mapping that it was recognised by."""
        self.forget(name)
        self.declined.add(name)

    def imported(self) -> Imported:
        """The files as they are read with what is decided; read once for each set of bytes and choices."""
        if self._read is None or self._read[0] != self._key():
            with st.spinner("Reading the files…"):
                imported = self._reading()
                if self._recognised(imported):
                    imported = self._reading()
            self._read = self._key(), imported
        return self._read[1]

    def data(self) -> Data:
        """The engine over what was read: built once for each reading."""
        imported = self.imported()
        if self._data is None or self._data[0] is not imported:
            self._data = imported, Data(imported.tables, imported.quality)
        return self._data[1]

    def _reading(self) -> Imported:
        files = [InputFile(name, held.content) for name, held in self.files.items()]
        return read_files(files, self.decided, key=workspace_key())

    def _key(self) -> object:
        return tuple((name, held.digest) for name, held in self.files.items()), repr(sorted(self.decided.items()))

    def _recognised(self, imported: Imported) -> bool:
        """Whether saved mappings are for files that nothing is decided about; what they say is then decided."""
        known, _ = saved_mappings(workspace_folder() / MAPPINGS)
        found = False
        for report in imported.files:
            if report.name in self.decided or report.name in self.declined:
                continue
            match = matching(known, [column.header for column in report.columns])
            if match:
                self.saved[report.name], self.decided[report.name] = match
                found = True
        return found

    def _free_name(self, name: str, held: Held, here: set[str]) -> str:
        """A name for a file; two of one name that are dropped together both stay, unless they are the same."""
        number, free = 2, name
        while free in here and self.files[free] != held:
            free, number = f"{name} ({number})", number + 1
        return free


def is_of(name: str, file: str) -> bool:
    """Whether a report is about a file or a sheet of it."""
    return name == file or name.startswith(file + OF_BOOK)


def loading() -> Loading:
    """What this session is loading."""
    return st.session_state.setdefault("loading", Loading())


def done() -> None:
    """Let go of all that was held for loading."""
    st.session_state.pop("loading", None)


def release(uploads: Sequence[UploadedFile]) -> None:
    """Give back the memory in which the server keeps uploads; by itself it keeps them as long as the session."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for upload in uploads:
            context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)
