"""The process that reads a file: started by the parent, limited, given one job, and gone.

A reader is started ahead of its job where somebody asked for one (`keep_one_ready`), so that a visitor does not wait
for Python and Arrow to load. Each reads a single file: whatever a file does to it ends with it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock, Thread, Timer
from typing import IO, TYPE_CHECKING, Any, cast

from alignment_core.imports.model import Limits

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["in_process", "keep_one_ready", "memory_folder"]

_PACKAGE = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "alignment_core.imports.child")
#: What a reader may know of the world around it: nothing that is anybody's secret.
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME")

#: Seconds that the processors are left to whoever asked for a file, before the next reader is started.
_PAUSE = 3.0

_lock = Lock()
_spare: "subprocess.Popen[bytes] | None" = None
_keeps_one = False


def keep_one_ready() -> None:
    """From now on a reader waits for the next file. It ends with this process."""
    global _keeps_one, _spare
    with _lock:
        _keeps_one = True
        if _spare is None:
            _spare = _start()


def in_process(path: Path, job: Mapping[str, Any], limits: Limits) -> tuple[dict[str, Any], list["pa.Table | None"]]:
    """Let a process of its own read a file: its answer, and the table that each of its parts became.

    Raises OSError where no process can be started. A file that takes too much is answered with `refused`.
    """
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        # A decoded twin of the file lands beside it, so the reader works on a link in a folder of its own.
        source = Path(folder) / "file"
        try:
            source.symlink_to(path.resolve())
        except OSError:
            source = path
        said = dict(job) | {"path": str(source), "out": folder, "limits": asdict(limits)}
        reader = _take()
        clock = Timer(limits.seconds, reader.kill)
        clock.start()
        try:
            answer, errors = _talk(reader, json.dumps(said))
        finally:
            in_time = clock.is_alive()
            clock.cancel()
            Thread(target=_end, args=(reader,)).start()  # nobody waits until it has given its memory back
            Timer(_PAUSE, _refill).start()
        if not answer and not in_time:
            reason = f"Reading the file took longer than {limits.seconds:g} seconds. Export fewer rows or columns."
            return {"refused": [reason]}, []
        if not answer:
            if b"ModuleNotFoundError" in errors or b"ImportError" in errors:
                raise OSError(f"the reading process could not start: {errors.decode(errors='replace')[-200:].strip()}")
            reason = f"Reading the file needed more than is allowed ({limits.memory / 2**30:g} GB of memory, {limits.seconds:g} seconds) or broke its parser."
            return {"refused": [f"{reason} Export fewer rows or columns, best as CSV."]}, []
        said = json.loads(answer)
        outs = [Path(folder) / f"{place}.arrow" for place in said.get("places", ())]
        return said, [_table(out) if out.exists() else None for out in outs]


def memory_folder() -> str | None:
    """A folder that is in memory, where the system has one: uploads never touch a disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 private folders are made in it


def _take() -> "subprocess.Popen[bytes]":
    """The waiting reader, if there is one and it lives, else a new one."""
    global _spare
    with _lock:
        taken, _spare = _spare, None
    return taken if taken is not None and taken.poll() is None else _start()


def _refill() -> None:
    """Another reader in the place of the one that was taken: once that is done, so that it takes nothing from it."""
    global _spare
    with _lock:
        if _keeps_one and _spare is None:
            _spare = _start()


def _start() -> "subprocess.Popen[bytes]":
    known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # What the parent can import, the reader can, wherever either was started.
    known["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_PACKAGE), os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(  # noqa: S603 our own module
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=known,
        cwd=tempfile.gettempdir(),
    )  # fmt: skip


def _talk(reader: "subprocess.Popen[bytes]", job: str) -> tuple[bytes, bytes]:
    """Give a reader its job, and hear it out: its answer, and what it complained about."""
    job_in, answer, complaints = (cast("IO[bytes]", pipe) for pipe in (reader.stdin, reader.stdout, reader.stderr))
    with suppress(BrokenPipeError):  # it is gone, and its complaints say why
        job_in.write(job.encode())
        job_in.close()
    return answer.read(), complaints.read()


def _end(reader: "subprocess.Popen[bytes]") -> None:
    reader.kill()
    reader.wait()
    for pipe in (reader.stdin, reader.stdout, reader.stderr):
        with suppress(BrokenPipeError):
            if pipe is not None:
                pipe.close()


def _table(path: Path) -> "pa.Table":
    import pyarrow as pa

    if os.name == "nt":  # a mapped file cannot be removed there
        return pa.ipc.open_file(pa.py_buffer(path.read_bytes())).read_all()
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
