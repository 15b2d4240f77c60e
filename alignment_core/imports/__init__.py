"""Files → tables: read in a child process, headers recognised, values parsed, personal data dropped at the door."""

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from alignment_core.imports import process
from alignment_core.imports.mapping import (
    Decisions,
    MappingError,
    dump_mapping,
    known_again,
    load_decisions,
    load_mapping,
    parse_decisions,
    parse_mapping,
)
from alignment_core.imports.model import (
    KINDS,
    OF_BOOK,
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
from alignment_core.imports.named import Part, told_apart
from alignment_core.imports.process import keep_one_ready
from alignment_core.imports.recognise import fields_of
from alignment_core.results import Fault

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "KINDS", "OF_BOOK", "Column", "DateOrder", "Decisions", "FileMapping", "FileReport", "Imported", "InputFile", "Kind", "Limits", "MappingError",
    "PlanFigure", "Question",
    "Refusal", "Why", "dump_mapping", "fields_of", "keep_one_ready", "known_again", "load_decisions", "load_mapping", "open_table", "parse_decisions", "parse_mapping", "read_files",
]  # fmt: skip


def open_table(path: str | Path, limits: Limits = Limits()) -> "pd.DataFrame":
    """The first table of a file as text: header found, footers gone, before any mapping. Empty cells are None.

    Raises Refusal (a ValueError) with the reasons in words, OSError where the file cannot be opened.
    """
    with Path(path).open("rb"):
        pass
    answer, tables = process.in_process(Path(path), {"name": Path(path).name, "open": True}, limits)
    if not tables or (table := tables[0]) is None:
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

    def one(place: int, file: InputFile) -> list[Part]:
        parts = _read_one(file, mapping or {}, secret, limits)
        return [(replace(report, place=place), table) for report, table in parts]

    with ThreadPoolExecutor(max_workers=2) as pool:
        parts = [part for found in pool.map(one, range(len(files)), files) for part in found]
    parts = told_apart(parts, mapping or {})
    tables: dict[Kind, list[pa.Table]] = {}
    for report, table in parts:
        if table is not None and report.kind is not None:
            tables.setdefault(report.kind, []).append(table)
    histories = tables.pop("history", [])
    stacked = {kind: _stacked(same) for kind, same in tables.items()}
    reports = [report for report, _ in parts]
    if histories:
        stacked, reports = _with_histories(stacked, parts)
    return Imported(stacked, tuple(reports))


def _with_histories(
    tables: "dict[Kind, pa.Table]", parts: "Sequence[Part]"
) -> "tuple[dict[Kind, pa.Table], list[FileReport]]":
    """Records with the dates that they lack, as far as their histories know them; the reports say how many."""
    from alignment_core.imports.history import filled

    places = [place for place, (report, table) in enumerate(parts) if report.kind == "history" and table is not None]
    tables, said = filled(tables, [table for place in places if (table := parts[place][1]) is not None])
    reports = [report for report, _ in parts]
    for place, sentences in zip(places, said, strict=True):
        report = reports[place]
        notes = (Fault(report.file, None, None, None, each, "", 0, sets_aside=False) for each in sentences)
        reports[place] = replace(report, faults=(*report.faults, *notes))
    return tables, reports


def _read_one(file: InputFile, decided: Mapping[str, FileMapping], secret: str, limits: Limits) -> "list[Part]":
    """A file's table and report; of a workbook, those of each sheet that holds something for a review."""
    mapping = decided.get(file.name, FileMapping())
    book = file.name + OF_BOOK
    sheets = {name.removeprefix(book): said for name, said in decided.items() if name.startswith(book)}
    job = {
        "name": file.name, "open": False, "kind": file.kind, "stage": file.stage, "secret": secret, "mapping": _plain(mapping),
        "sheets": {name: _plain(said) for name, said in sheets.items()},
    }  # fmt: skip
    if isinstance(file.content, bytes):
        if len(file.content) > limits.bytes:
            too_big = f"The file has {len(file.content) / 2**20:,.0f} MB; at most {limits.bytes / 2**20:,.0f} MB are read. Export less."
            return [(FileReport(file.name, file.name, refused=(too_big,)), None)]
        with tempfile.TemporaryDirectory(dir=process.memory_folder()) as folder:
            path = Path(folder) / "upload"
            path.write_bytes(file.content)
            answer, tables = process.in_process(path, job, limits)
    else:
        answer, tables = process.in_process(file.content, job, limits)
    parts = answer.get("parts") or [answer]
    skipped = answer.get("skipped", ())
    return [(_report(file, part, skipped), table) for part, table in zip(parts, tables or [None], strict=True)]


def _plain(mapping: FileMapping) -> dict[str, Any]:
    return {each.name: getattr(mapping, each.name) for each in fields(mapping)} | {
        name: dict(getattr(mapping, name)) for name in ("columns", "date_orders", "values")
    }


def _report(file: InputFile, said: Mapping[str, Any], skipped: Sequence[str]) -> FileReport:
    question = said.get("question")
    return FileReport(
        name=said.get("name", file.name),
        file=file.name,
        kind=said.get("kind"),
        stage=said.get("stage", file.stage),
        system=said.get("system", "unknown"),
        columns=tuple(_column(column) for column in said.get("columns", ())),
        rows_read=said.get("rows_read", 0),
        rows_used=said.get("rows_used", 0),
        faults=tuple(Fault(**fault) for fault in said.get("faults", ())),
        refused=tuple(said.get("refused", ())),
        question=Question(question["text"], tuple(question["answers"])) if question else None,
        date_order=said.get("date_order"),
        values=said.get("values", {}),
        skipped=tuple(skipped),
        plan=tuple(PlanFigure(**figure) for figure in said.get("plan", ())),
    )


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
