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
from alignment_core.imports.headers import is_email, is_personal
from alignment_core.imports.model import Column, FileMapping, Kind, Limits, NeedsAnswer, Refusal
from alignment_core.imports.opening import open_sheets
from alignment_core.imports.parse import Parsed, parse
from alignment_core.imports.plan_sheet import plan_beside, plan_in
from alignment_core.imports.privacy import email_keys, hide_addresses, hide_ids, is_personal_content
from alignment_core.imports.recognise import (
    kind_by_headers,
    recognise,
    stage_columns,
    stage_of,
    unrecognised,
    with_samples,
)
from alignment_core.imports.shapes import as_long, as_written
from alignment_core.imports.sheet import Sheet
from alignment_core.imports.suggest import with_suggestions
from alignment_core.imports.values.texts import NOTHING

_NO_MEMORY = "The file needs more memory than is allowed to read. Export fewer rows or columns."


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
    plan = plan_in(sheet, mapping, job)
    if plan is not None:
        return plan
    written, sheet = sheet, as_long(sheet, mapping.kind or job["kind"], mapping.columns.values())
    kind: Kind | None = job["kind"] or ("funnel" if sheet.reshaped else None)
    stage = job["stage"] or mapping.stage
    if kind is None:
        is_of_stages, stage_in_name = stage_of(job["name"], sheet.headers, sheet.samples)
        kind, stage = ("stage_events", stage or stage_in_name) if is_of_stages else (None, stage)
    examples = [_examples(sheet, i) for i in range(len(sheet.headers))]
    said: dict[str, Any] = {}
    try:
        if kind == "stage_events":
            mapping = stage_columns(sheet.headers, sheet.samples, mapping)
        understood = recognise(sheet.headers, mapping, kind)
        columns = with_samples(_without_persons(understood.columns, sheet), examples)
        columns = with_suggestions(columns, sheet.samples[:100], understood.kind)
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
        parsed = as_written(sheet, parsed, understood.fields, job["name"])
    except Refusal as refusal:
        return (said or _guessed(sheet, mapping, kind, examples)) | {"refused": list(refusal.reasons)}
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
        "rows_used": table.num_rows if parsed.rows_used is None else parsed.rows_used,
        "faults": [asdict(fault) for fault in parsed.faults] + [noted | {"reason": note} for note in notes],
        "date_order": parsed.date_order,
        "plan": plan_beside(written, mapping, job["name"]) if understood.kind == "funnel" else [],
    }


def _guessed(sheet: Sheet, mapping: FileMapping, kind: Any, examples: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """What can be said of a sheet that was not understood, so that its columns can be mapped by hand."""
    likely = mapping.kind or kind or kind_by_headers(sheet.headers)
    found = with_samples(_without_persons(unrecognised(sheet.headers), sheet), examples)
    if likely:
        found = with_suggestions(found, sheet.samples[:100], likely)
    return {"kind": likely, "columns": [asdict(column) for column in found]}


def _without_persons(columns: Sequence[Column], sheet: Sheet) -> tuple[Column, ...]:
    """Columns that nothing uses and whose values are somebody's are personal, whatever they are called."""
    return tuple(
        replace(column, why="personal, dropped", samples=())
        if column.field is None and column.why == "not used" and is_personal_content([row[i] for row in sheet.samples])
        else column
        for i, column in enumerate(columns)
    )


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


def _examples(sheet: Sheet, place: int) -> tuple[str, ...]:
    """A few different values of a column, shortened; no e-mail addresses."""
    cells = (row[place].strip() for row in sheet.samples)
    values = dict.fromkeys(cell[:40] for cell in cells if cell and "@" not in cell)
    return tuple(list(values)[:3])


def _write(table: pa.Table, out: str) -> None:
    table = table.unify_dictionaries()
    with pa.OSFile(out, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


if __name__ == "__main__":
    sys.exit(main())
