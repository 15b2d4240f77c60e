"""The session's state: one frozen workspace, replaced as a whole."""

import gc
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed
from alignment_core.choices import Choices
from alignment_core.data import Data
from alignment_core.export.workbook import SourceFile
from alignment_core.imports import FileReport, InputFile, read_files
from alignment_core.review import review
from alignment_core.store.places import workspace_folder

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_data"
SAMPLE_FILES = ("salesforce_leads.csv", "salesforce_opportunities.csv", "salesforce_tasks.csv")


@dataclass(frozen=True)
class Workspace:
    """What the room is looking at.

    Attributes:
        agreement: what was agreed.
        data: the loaded tables.
        files: what was understood of each file.
        digests: the SHA-256 of each file by its name, for the workbook's record of its sources.
        is_sample: the sample company's, not the visitor's own.
        is_draft: the agreement was drafted from the quarter before; nobody agreed it yet.
        signed: every version of the agreement that both sides signed, oldest first; the last is `agreement`. Empty
            where no versions are kept.
    """

    agreement: Agreement
    data: Data
    files: tuple[FileReport, ...]
    digests: Mapping[str, str] = field(default_factory=dict)
    is_sample: bool = False
    is_draft: bool = False
    signed: tuple[Signed, ...] = ()


@st.cache_resource(show_spinner=False)
def settle(what: str) -> None:
    """Say once a server that all there is by now stays, with what was just loaded or drawn for the first time.

    Streamlit collects garbage after every run, and need not walk all of it each time.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner="Opening the sample company…")
def sample() -> Workspace:
    """The sample company's quarter, read by the same code as anybody's files, once for all sessions."""
    imported = read_files([InputFile(name, SAMPLE / name) for name in SAMPLE_FILES])
    agreement = Agreement.from_toml(SAMPLE / "agreement.toml")
    data = Data(imported.tables, imported.quality)
    review(data, agreement)
    settle("the sample company")
    digests = {name: sha256((SAMPLE / name).read_bytes()).hexdigest() for name in SAMPLE_FILES}
    return Workspace(agreement, data, imported.files, digests, is_sample=True)


def workspace() -> Workspace:
    """The session's workspace; the sample company's until something is loaded."""
    if "workspace" not in st.session_state:
        st.session_state["workspace"] = sample()
    return st.session_state["workspace"]


def use_files(
    data: Data, files: tuple[FileReport, ...], digests: Mapping[str, str], agreement: Agreement, *, is_draft: bool
) -> None:
    """Look at newly loaded files from now on."""
    st.session_state["workspace"] = Workspace(agreement, data, files, digests, is_draft=is_draft)


def source_files(workspace: Workspace) -> list[SourceFile]:
    """What the workbook says of the files it was made from."""
    return [
        SourceFile(report.name, workspace.digests[report.file], report.kind or "", report.rows_read, report.rows_used)
        for report in workspace.files
    ]


def use_agreement(agreement: Agreement, signed: tuple[Signed, ...] = ()) -> None:
    """Hold the loaded files against another agreement from now on; `signed` are its signed versions, itself the last."""
    st.session_state["workspace"] = replace(workspace(), agreement=agreement, is_draft=False, signed=signed)


def use_choices(choices: Choices) -> None:
    """Count doubtful records another way from now on."""
    here = workspace()
    st.session_state["workspace"] = replace(here, data=here.data.with_choices(choices))


def workspace_key() -> bytes | None:
    """The secret by which ids that are somebody's address become codes, the same ones in every quarter.

    None where the workspace's folder cannot be written: then the codes agree within one import.
    """
    path = workspace_folder() / "key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made by one process only, whoever else starts at the same time.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError:
        return None
    try:
        return bytes.fromhex(path.read_text(encoding="ascii")) or None
    except (OSError, ValueError):
        return None


def use_sample() -> None:
    """Go back to the sample company."""
    st.session_state["workspace"] = sample()
