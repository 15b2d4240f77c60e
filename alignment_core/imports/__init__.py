"""Files → tables: read in a child process, headers recognised, values parsed, personal data dropped at the door."""

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from alignment_core.imports import process
from alignment_core.imports.mapping import (
    Decisions,
    MappingError,
    dump_mapping,
    load_decisions,
    load_mapping,
    parse_decisions,
    parse_mapping,
)
from alignment_core.imports.model import (
    KINDS,
    ONCE,
    Column,
    DateOrder,
    FileMapping,
    FileReport,
    Imported,
    InputFile,
    Kind,
    Limits,
    PlanFigure,
    Question,
    Refusal,
    Why,
)  # fmt: skip
from alignment_core.imports.process import keep_one_ready
from alignment_core.imports.recognise import fields_of
from alignment_core.results import Fault

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "KINDS", "Column", "DateOrder", "Decisions", "FileMapping", "FileReport", "Imported", "InputFile", "Kind", "Limits", "MappingError", "PlanFigure", "Question",
    "Refusal", "Why", "dump_mapping", "fields_of", "keep_one_ready", "load_decisions", "load_mapping", "open_table", "parse_decisions", "parse_mapping", "read_files",
]  # fmt: skip


def open_table(path: str | Path, limits: Limits = Limits()) -> "pd.DataFrame":
    """The first table of a file as text: header found, footers gone, before any mapping. Empty cells are None.

    Raises Refusal (a ValueError) with the reasons in words, OSError where the file cannot be opened.
    """
    with Path(path).open("rb"):
        pass
    answer, table = process.in_process(Path(path), {"name": Path(path).name, "open": True}, limits)
    if table is None:
        raise Refusal(*answer["refused"])
    frame = cast("pd.DataFrame", table.to_pandas())
    frame.columns = [name.split(":", 1)[1] for name in table.column_names]
    return frame


def read_files(
    files: Sequence[InputFile],
    mapping: Mapping[str, FileMapping] | None = None,
    limits: Limits = Limits(),
    key: bytes | None = None,
) -> Imported:
    """Read files into the design's tables.

    Args:
        files: what to read. Files of one kind are stacked.
        mapping: what the user decided, by file name.
        limits: how much a file may ask for.
        key: the workspace's, by which ids that are somebody's become codes; without one they agree within this import only.

    Nothing is raised for a file that is not understood: its report says why.
    """
    secret = (key or secrets.token_bytes(32)).hex()

    def one(file: InputFile) -> tuple[FileReport, "pa.Table | None"]:
        return _read_one(file, (mapping or {}).get(file.name, FileMapping()), secret, limits)

    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(one, files))
    tables: dict[Kind, list[pa.Table]] = {}
    for report, table in results:
        if table is not None and report.kind is not None:
            tables.setdefault(report.kind, []).append(table)
    return Imported({kind: _stacked(parts) for kind, parts in tables.items()}, tuple(report for report, _ in results))


def _read_one(
    file: InputFile, mapping: FileMapping, secret: str, limits: Limits
) -> tuple[FileReport, "pa.Table | None"]:
    job = {
        "name": file.name, "open": False, "kind": mapping.kind or file.kind, "stage": file.stage, "secret": secret,
        "mapping": asdict(replace(mapping, columns=dict(mapping.columns), date_orders=dict(mapping.date_orders))),
    }  # fmt: skip
    if isinstance(file.content, bytes):
        if len(file.content) > limits.bytes:
            too_big = f"The file has {len(file.content) / 2**20:,.0f} MB; at most {limits.bytes / 2**20:,.0f} MB are read. Export less."
            return FileReport(file.name, refused=(too_big,)), None
        with tempfile.TemporaryDirectory(dir=process.memory_folder()) as folder:
            path = Path(folder) / "upload"
            path.write_bytes(file.content)
            answer, table = process.in_process(path, job, limits)
    else:
        answer, table = process.in_process(file.content, job, limits)
    question = answer.get("question")
    report = FileReport(
        name=file.name,
        kind=answer.get("kind"),
        stage=answer.get("stage", file.stage or mapping.stage),
        system=answer.get("system", "unknown"),
        columns=tuple(_column(column) for column in answer.get("columns", ())),
        rows_read=answer.get("rows_read", 0),
        rows_used=answer.get("rows_used", 0),
        faults=tuple(Fault(**fault) for fault in answer.get("faults", ())),
        refused=tuple(answer.get("refused", ())),
        question=Question(question["text"], tuple(question["answers"])) if question else None,
        date_order=answer.get("date_order"),
        plan=tuple(PlanFigure(**figure) for figure in answer.get("plan", ())),
    )
    return report, table


def _column(said: Mapping[str, Any]) -> Column:
    parses = said.get("parses")
    return Column(**dict(said) | {"samples": tuple(said["samples"]), "parses": tuple(parses) if parses else None})


def _stacked(parts: Sequence["pa.Table"]) -> "pa.Table":
    """Tables one above the other. Where one file's times carry a zone and another's don't, the latter are taken as UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(parts) == 1:
        return parts[0].replace_schema_metadata({ONCE: b""})
    zoned = {
        field.name for part in parts for field in part.schema if pa.types.is_timestamp(field.type) and field.type.tz
    }
    unified = []
    for part in parts:
        # Whether a column is kept as a dictionary depends on its own values; both are text.
        for place, field in enumerate(part.schema):
            if pa.types.is_dictionary(field.type):
                part = part.set_column(place, field.name, part.column(place).cast(pa.string()))
        for name in zoned.intersection(part.column_names):
            if part.schema.field(name).type.tz is None:
                part = part.set_column(part.column_names.index(name), name, pc.assume_timezone(part[name], "UTC"))
        unified.append(part)
    return pa.concat_tables(unified, promote_options="permissive")
