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


def read_here(path: Path, limits: Limits = Limits(), **said: Any) -> list[tuple[dict[str, Any], pa.Table | None]]:
    """What the reading process answers of each part of a file, and its table. Raises what ends the reading in words."""
    job = {
        "name": path.name,
        "open": False,
        "kind": None,
        "stage": None,
        "secret": "00" * 32,
        "mapping": {},
        "sheets": {},
    }
    with tempfile.TemporaryDirectory() as folder:
        answer = _read(job | said | {"path": str(path), "out": folder}, limits)
        return list(zip(answer["parts"], _tables(answer, folder), strict=True))


def _here(path: Path, job: Mapping[str, Any], limits: Limits) -> tuple[dict[str, Any], list[pa.Table | None]]:
    with tempfile.TemporaryDirectory(dir=process.memory_folder()) as folder:
        source = Path(folder) / "file"
        source.symlink_to(path.resolve())
        try:
            answer = _read({**job, "path": str(source), "out": folder}, limits)
        except Refusal as refusal:
            return {"refused": list(refusal.reasons)}, []
        except NeedsAnswer as needed:
            return {"question": asdict(needed.question)}, []
        return answer, _tables(answer, folder)


def _tables(answer: Mapping[str, Any], folder: str) -> list[pa.Table | None]:
    outs = [Path(folder) / f"{place}.arrow" for place in answer["places"]]
    return [pa.ipc.open_file(pa.py_buffer(out.read_bytes())).read_all() if out.exists() else None for out in outs]
