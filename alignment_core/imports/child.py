"""The process that reads one file: `python -m alignment_core.imports.child` with a job as JSON on standard input.

It loads what it needs, waits for its job, and limits itself before it opens the file, so that whatever the file does
to a parser ends here.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

# What nearly every file needs is loaded before the job comes: a reader that waits costs nobody any time.
import pyarrow as pa
import pyarrow.csv

from alignment_core.imports import delimited, encoding  # noqa: F401
from alignment_core.imports.headers import TYPES, is_email, is_personal
from alignment_core.imports.model import Column, FileMapping, Kind, Limits, NeedsAnswer, Refusal
from alignment_core.imports.opening import open_sheets
from alignment_core.imports.parse import Parsed, parse
from alignment_core.imports.privacy import (
    email_keys,
    examples,
    hide_addresses,
    hide_ids,
    is_personal_content,
    is_personal_though_known,
    is_somebodys,
)
from alignment_core.imports.recognise import (
    Understanding,
    kind_by_headers,
    recognise,
    stage_columns,
    stage_of,
    unrecognised,
    with_samples,
)
from alignment_core.imports.sheet import Sheet
from alignment_core.imports.suggest import with_suggestions
from alignment_core.imports.values.texts import NOTHING

_NO_MEMORY = "The file needs more memory than is allowed to read. Export fewer rows or columns."


_NO_HEADER = (
    "The first row holds somebody's data (an address or a number to call), so it is a record and no header. "
    "Add a first row that names the columns, and load the file again."
)


def main() -> int:
    """Read the job, answer with a report on standard output and a table in the job's folder."""
    said = sys.stdin.read()
    if not said:
        return 0  # whoever started this reader has no job for it any more
    job = json.loads(said)
    limits = Limits(**job["limits"])
    _limit(limits)
    try:
        answer = _read(job, limits)
    except Refusal as refusal:
        answer = {"refused": list(refusal.reasons)}
    except NeedsAnswer as needed:
        answer = {"question": asdict(needed.question)}
    except MemoryError:
        answer = {"refused": [_NO_MEMORY]}
    except Exception as error:  # whatever a parser does with a hostile file must end in a sentence
        out_of_memory = "memory" in str(error).casefold() or "allocat" in str(error).casefold()
        reason = f"The file could not be read ({type(error).__name__}). Export it again, best as CSV UTF-8."
        answer = {"refused": [_NO_MEMORY if out_of_memory else reason]}
    json.dump(answer, sys.stdout)
    return 0


def _limit(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # not on this platform: the parent's clock is what remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    seconds = max(1, round(limits.seconds * 2))  # two processors
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    if job["open"]:
        (sheet, *_) = open_sheets(Path(job["path"]), limits)
        _write(_as_text(sheet), job["out"])
        return {}
    mapping = FileMapping(**job["mapping"])
    sheets = open_sheets(Path(job["path"]), limits, mapping.encoding, NOTHING)
    return _read_sheet(_chosen(sheets, mapping), job, mapping, limits)


def _chosen(sheets: Sequence[Sheet], mapping: FileMapping) -> Sheet:
    if mapping.sheet is None:
        return sheets[0]
    for sheet in sheets:
        if sheet.name == mapping.sheet:
            return sheet
    listed = ", ".join(repr(sheet.name) for sheet in sheets)
    raise Refusal(f"There is no sheet {mapping.sheet!r} with a table in it; there is {listed}.")


def _as_text(sheet: Sheet) -> pa.Table:
    """Every cell of a sheet as text, without the rows in which none has any."""
    spots = range(len(sheet.headers))
    columns = sheet.read(spots).columns
    return pa.table(
        [columns[i].cast(pa.string()) for i in spots], names=[f"{i}:{header}" for i, header in enumerate(sheet.headers)]
    )


def _read_sheet(sheet: Sheet, job: dict[str, Any], mapping: FileMapping, limits: Limits) -> dict[str, Any]:
    """Understand a sheet, parse it, and write what it became."""
    if any(map(is_somebodys, sheet.headers)):
        raise Refusal(_NO_HEADER)
    kind, stage = job["kind"], job["stage"] or mapping.stage
    if kind is None:
        is_of_stages, stage_in_name = stage_of(job["name"], sheet.headers, sheet.samples)
        kind, stage = ("stage_events", stage or stage_in_name) if is_of_stages else (None, stage)
    said: dict[str, Any] = {}
    try:
        if kind == "stage_events":
            mapping = stage_columns(sheet.headers, sheet.samples, mapping)
        understood = _impersonal(recognise(sheet.headers, mapping, kind), sheet)
        columns = _described(understood.columns, sheet, understood.kind)
        said = {
            "kind": understood.kind,
            "stage": stage if understood.kind == "stage_events" else None,
            "system": understood.system,
            "columns": [asdict(column) for column in columns],
        }
        parsed = parse(
            sheet, understood.kind, understood.fields, mapping, limits, name=job["name"], stage=stage,
            extra=_emails(sheet, understood.kind, bytes.fromhex(job["secret"])),
        )  # fmt: skip
    except Refusal as refusal:
        return (said or _guessed(sheet, mapping, kind)) | {"refused": list(refusal.reasons)}
    except NeedsAnswer as needed:
        return said | {"question": asdict(needed.question)}
    table, notes = _private(parsed, sheet, bytes.fromhex(job["secret"]))
    _write(table, job["out"])
    placed = {header: parsed.parses.get(i) for i, header in enumerate(sheet.headers)}
    said["columns"] = [asdict(replace(column, parses=placed[column.header])) for column in columns]
    noted = {
        "file": job["name"],
        "row": None,
        "column": None,
        "value": None,
        "remedy": "",
        "rows": 0,
        "sets_aside": False,
    }
    return said | {
        "rows_read": parsed.rows_read,
        "rows_used": table.num_rows,
        "faults": [asdict(fault) for fault in parsed.faults] + [noted | {"reason": note} for note in notes],
        "date_order": parsed.date_order,
    }


def _guessed(sheet: Sheet, mapping: FileMapping, kind: Any) -> dict[str, Any]:
    """What can be said of a sheet that was not understood, so that its columns can be mapped by hand."""
    likely = mapping.kind or kind or kind_by_headers(sheet.headers)
    found = _described(unrecognised(sheet.headers), sheet, likely)
    return {"kind": likely, "columns": [asdict(column) for column in found]}


def _impersonal(understood: Understanding, sheet: Sheet) -> Understanding:
    """Without the fields of text that turn out to be somebody's data: a region is no telephone number."""
    dropped = {
        field: spot
        for field, spot in understood.fields.items()
        if field not in (*TYPES, "employees", "annual_revenue")
        and is_personal_though_known([row[spot] for row in sheet.samples])
    }
    columns = tuple(
        Column(column.header, None, "personal, dropped") if place in dropped.values() else column
        for place, column in enumerate(understood.columns)
    )
    fields = {field: spot for field, spot in understood.fields.items() if field not in dropped}
    return replace(understood, fields=fields, columns=columns)


def _described(columns: Sequence[Column], sheet: Sheet, kind: Kind | None) -> tuple[Column, ...]:
    """Columns with what they may be and a few of their values. Those that nothing uses and whose values are
    somebody's are personal, whatever they are called."""
    cells = [[row[place] for row in sheet.samples] for place in range(len(columns))]
    columns = [
        replace(column, why="personal, dropped") if column.why == "not used" and is_personal_content(values) else column
        for column, values in zip(columns, cells, strict=True)
    ]
    if kind:
        columns = with_suggestions(columns, sheet.samples[:100], kind)
    shown = [
        examples(values, is_used=bool(column.field or column.suggestion))
        for column, values in zip(columns, cells, strict=True)
    ]
    return with_samples(columns, shown)


def _emails(sheet: Sheet, kind: str, secret: bytes) -> Any:
    """For leads, a code of each one's address, so that the same person twice is seen; the address itself goes."""
    if kind != "leads":
        return None
    spot = next((i for i, header in enumerate(sheet.headers) if is_personal(header) and is_email(header)), None)
    if spot is None:
        return None
    return spot, lambda texts: ("email_key", email_keys(texts, secret))


def _private(parsed: Parsed, sheet: Sheet, secret: bytes) -> tuple[pa.Table, list[str]]:
    """The table without anybody's data, and what was done about it."""
    table, ids = hide_ids(parsed.table, secret)
    table, others = hide_addresses(table)
    notes = [f"The ids in {name!r} are e-mail addresses or phone numbers; they are kept only as codes." for name in ids]
    notes += [f"E-mail addresses in {name!r} were taken out." for name in others]
    return table, notes + list(sheet.notes) + list(parsed.notes)


def _write(table: pa.Table, out: str) -> None:
    table = table.unify_dictionaries()
    with pa.OSFile(out, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


if __name__ == "__main__":
    sys.exit(main())
