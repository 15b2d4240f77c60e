"""Reading in this process: starting the one that reads takes longer than all the rest of a small test."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa

from alignment_core.imports import process
from alignment_core.imports.child import _read
from alignment_core.imports.model import Limits, NeedsAnswer, Refusal


@contextmanager
def reading_here() -> Iterator[None]:
    """`read_files` as ever, but without a process of its own for each file, and so without its limits."""
    with mock.patch.object(process, "in_process", _here):
        yield


def _here(path: Path, job: Mapping[str, Any], limits: Limits) -> tuple[dict[str, Any], pa.Table | None]:
    with tempfile.TemporaryDirectory(dir=process.memory_folder()) as folder:
        source, out = Path(folder) / "file", Path(folder) / "table.arrow"
        source.symlink_to(path.resolve())
        try:
            answer = _read({**job, "path": str(source), "out": str(out)}, limits)
        except Refusal as refusal:
            return {"refused": list(refusal.reasons)}, None
        except NeedsAnswer as needed:
            return {"question": asdict(needed.question)}, None
        return answer, pa.ipc.open_file(pa.py_buffer(out.read_bytes())).read_all() if out.exists() else None
