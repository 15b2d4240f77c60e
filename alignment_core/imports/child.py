"""The process that reads one file: `python -m alignment_core.imports.child` with a job as JSON on standard input.

It loads what it needs, waits for its job, and limits itself before it opens the file, so that whatever the file does
to a parser ends here.
"""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

# What nearly every file needs is loaded before the job comes: a reader that waits costs nobody any time.
import pyarrow as pa
import pyarrow.csv

from alignment_core.imports import delimited, encoding  # noqa: F401
from alignment_core.imports.headers import (
    CAMPAIGN_MEMBERS,
    OF_A_PERSON,
    STAGE_FIELDS,
    TYPES,
    is_email,
    is_personal,
    normalise,
)
from alignment_core.imports.model import OF_BOOK, Column, FileMapping, Kind, Limits, NeedsAnswer, Refusal, sheet_name
from alignment_core.imports.named import quarter_of_name, with_values
from alignment_core.imports.opening import open_sheets
from alignment_core.imports.parse import Extra, Parsed, parse
from alignment_core.imports.plan_sheet import plan_beside, plan_in
from alignment_core.imports.privacy import (
    SHARED_BY,
    email_keys,
    examples,
    hide_addresses,
    hide_ids,
    is_personal_content,
    is_personal_though_known,
    is_somebodys,
    shared,
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
from alignment_core.imports.shapes import as_long, as_written
from alignment_core.imports.sheet import Sheet
from alignment_core.imports.suggest import with_suggestions
from alignment_core.imports.values.texts import NOTHING
from alignment_core.results import Fault
from alignment_core.vocabulary import Stage

_ALL_OUT = "All its sheets are taken out. Take one in again, or take the file out."
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
    sys.stdout.flush()
    # The parent goes on while this process gives its memory back, which takes as long as a small file takes to read.
    os.close(1)
    os.close(2)
    os._exit(0)


def _limit(limits: Limits) -> None:
    with suppress(NotImplementedError):  # not on this platform
        pa.set_memory_pool(pa.jemalloc_memory_pool())  # holds a tenth less than Arrow's own choice, in the same time
    try:
        import resource
    except ImportError:  # not on this platform: the parent's clock is what remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    seconds = max(1, round(limits.seconds * 2))  # two processors
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    out = Path(job["out"])
    if job["open"]:
        (sheet, *_) = open_sheets(Path(job["path"]), limits)
        _write(_as_text(sheet), out / "0.arrow")
        return {"parts": [{}], "places": [0]}
    mapping = FileMapping(**job["mapping"])
    sheets = _chosen(open_sheets(Path(job["path"]), limits, mapping.encoding, NOTHING), mapping)
    own = {name: FileMapping(**said) for name, said in job["sheets"].items()}
    decided = [own.get(sheet.name or "", mapping) for sheet in sheets]
    names = [job["name"] if len(sheets) == 1 else sheet_name(job["name"], sheet.name or "") for sheet in sheets]
    parts = [
        _read_sheet(sheet, job | {"name": name}, said, limits, out / f"{place}.arrow")
        | {"name": name, "sheet": sheet.name, "place": place}
        for place, (sheet, name, said) in enumerate(zip(sheets, names, decided, strict=True))
        if not said.skip
    ]
    read: list[dict[str, Any]] = _understood(parts) if parts else [{"refused": [_ALL_OUT], "place": 0}]
    for part in read:
        for fault in part.get("faults", ()):
            fault |= {"file": job["name"], "sheet": part["sheet"]}
    skipped = [name for name, said in zip(names, decided, strict=True) if said.skip]
    return {"parts": read, "places": [part["place"] for part in read], "skipped": skipped}


def _chosen(sheets: Sequence[Sheet], mapping: FileMapping) -> list[Sheet]:
    chosen = [sheet for sheet in sheets if mapping.sheet in (None, sheet.name)]
    if not chosen:
        listed = ", ".join(repr(sheet.name) for sheet in sheets)
        raise Refusal(f"There is no sheet {mapping.sheet!r} with a table in it; there is {listed}.")
    return chosen


def _understood(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sheets that hold something for a review, and those that seem to and are refused: the user must see to them.

    Others, such as notes, are named in the report of the first of these; where there is none, the first sheet says why
    it is not understood.
    """
    meant = [part for part in parts if not part.get("refused") or part.get("kind")]
    if not any(not part.get("refused") for part in parts):
        return meant[:1] or [parts[0]]
    read = [part for part in meant if not part.get("refused")] + [part for part in meant if part.get("refused")]
    for part in parts:
        if part in meant:
            continue
        why = part["refused"][0].split(". ")[0].rstrip(".")
        note = _noted(f"Sheet {part['sheet']!r} was not read: {why[:1].lower()}{why[1:]}.")
        read[0].setdefault("faults", []).append(note)
    return read


def _as_text(sheet: Sheet) -> pa.Table:
    """Every cell of a sheet as text, without the rows in which none has any."""
    spots = range(len(sheet.headers))
    columns = sheet.read(spots).columns
    return pa.table(
        [columns[i].cast(pa.string()) for i in spots], names=[f"{i}:{header}" for i, header in enumerate(sheet.headers)]
    )


def _read_sheet(sheet: Sheet, job: dict[str, Any], mapping: FileMapping, limits: Limits, out: Path) -> dict[str, Any]:
    """Understand a sheet, parse it, and write what it became."""
    if any(map(is_somebodys, sheet.headers)):
        return {"refused": [_NO_HEADER]}  # and nothing is said of its columns, whose names are somebody's
    plan = plan_in(sheet, mapping, job)
    if plan is not None:
        return plan
    written, sheet = sheet, as_long(sheet, mapping.kind or job["kind"], mapping.columns.values())
    kind: Kind | None = mapping.kind or job["kind"] or ("funnel" if sheet.reshaped else None)
    stage: Stage | None = mapping.stage or job["stage"]
    if kind is None:
        named = (stage_of(name, sheet.headers, sheet.samples) for name in (sheet.name or "", job["name"]))
        is_of_stages, stage_in_name = max(named, key=lambda found: (found[0], found[1] is not None))
        kind, stage = ("stage_events", stage or stage_in_name) if is_of_stages else (None, stage)
    said: dict[str, Any] = {}
    try:
        if kind == "stage_events":
            mapping = stage_columns(sheet.headers, sheet.samples, mapping)
        mapping = _with_kind(_with_quarter(mapping, sheet, job["name"], kind), sheet, kind)
        understood = recognise(sheet.headers, mapping, kind)
        if understood.kind == "history" and "about" in understood.fields:
            # What other fields were changed to may be anybody's: no example is taken from there.
            about = understood.fields["about"]
            sheet = replace(sheet, samples=tuple(row for row in sheet.samples if normalise(row[about]) in STAGE_FIELDS))
        understood = _impersonal(understood, sheet)
        columns = _described(understood.columns, sheet, understood.kind)
        said = {
            "kind": understood.kind,
            "stage": stage if understood.kind == "stage_events" else None,
            "system": understood.system,
            "columns": [asdict(column) for column in columns],
        }
        parsed = parse(
            sheet, understood.kind, understood.fields, mapping, limits, name=job["name"], stage=stage,
            extras=_extras(sheet, understood, bytes.fromhex(job["secret"])),
        )  # fmt: skip
        parsed = as_written(sheet, parsed, understood.fields, job["name"])
    except Refusal as refusal:
        return (said or _guessed(sheet, mapping, kind)) | {"refused": list(refusal.reasons)}
    except NeedsAnswer as needed:
        return said | {"question": asdict(needed.question)}
    table, notes = _private(parsed, sheet, bytes.fromhex(job["secret"]))
    table = with_values(table, mapping.values)
    _write(table, out)
    placed = {header: parsed.parses.get(i) for i, header in enumerate(sheet.headers)}
    said["columns"] = [asdict(replace(column, parses=placed[column.header])) for column in columns]
    return said | {
        "rows_read": parsed.rows_read,
        "rows_used": table.num_rows if parsed.rows_used is None else parsed.rows_used,
        "faults": [asdict(fault) for fault in parsed.faults] + [_noted(note) for note in notes],
        "date_order": parsed.date_order,
        "values": {field: value for field, value in mapping.values.items() if value},
        "plan": plan_beside(written, mapping, job["name"]) if understood.kind == "funnel" else [],
    }


def _noted(note: str) -> dict[str, Any]:
    """What the reader of the report must know, as a fault that sets nothing aside."""
    return asdict(Fault("", None, None, None, note, "", 0, sets_aside=False))


def _with_kind(mapping: FileMapping, sheet: Sheet, kind: Kind | None) -> FileMapping:
    """Campaign members have no column that says what kind of touch they are: each that responded is a campaign's response."""
    is_members = CAMPAIGN_MEMBERS.issubset(map(normalise, sheet.headers))
    if (
        not is_members
        or (mapping.kind or kind or "touches") != "touches"
        or "kind" in {*mapping.columns, *mapping.values}
    ):
        return mapping
    return replace(mapping, values={**mapping.values, "kind": "Campaign response"})


def _with_quarter(mapping: FileMapping, sheet: Sheet, name: str, kind: Kind | None) -> FileMapping:
    """Counts without a column for their quarter may have it in their sheet's or file's name."""
    if "quarter" in mapping.values or (kind or kind_by_headers(sheet.headers)) != "funnel":
        return mapping
    if {"quarter", "year"} & recognise(
        sheet.headers, replace(mapping, values={"quarter": "?"}), "funnel"
    ).fields.keys():
        return mapping
    found = quarter_of_name(sheet.name or "") or quarter_of_name(Path(name.split(OF_BOOK)[0]).stem)
    return replace(mapping, values={**mapping.values, "quarter": found}) if found else mapping


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


def _extras(sheet: Sheet, understood: Understanding, secret: bytes) -> list[Extra]:
    """What is kept of a leads file's personal columns: a code of each one's address, so that the same person twice is
    seen, and of job titles and the like what many share. The columns themselves go."""
    if understood.kind != "leads":
        return []
    extras: list[Extra] = []
    spot = next((i for i, header in enumerate(sheet.headers) if is_personal(header) and is_email(header)), None)
    if spot is not None:
        extras.append((spot, lambda texts: ("email_key", email_keys(texts, secret))))
    names = [normalise(header) for header in sheet.headers]
    free = set(range(len(names))) - set(understood.fields.values())
    for field, known in OF_A_PERSON.items():
        place = next((names.index(name) for name in known if name in names and names.index(name) in free), None)
        if place is not None:
            extras.append((place, partial(_shared, field)))
    return extras


def _shared(field: str, texts: pa.ChunkedArray) -> tuple[str, pa.ChunkedArray]:
    return field, shared(texts)


def _kept_of_persons(table: pa.Table) -> list[str]:
    """What is said of columns of which only what many share is kept."""
    kept = [field.replace("_", " ") for field in OF_A_PERSON if field in table.column_names]
    if not kept:
        return []
    return [
        f"Of each lead's {', '.join(kept)} only what at least {SHARED_BY} leads share is kept, to show what a rule on it would cost."
    ]


def _private(parsed: Parsed, sheet: Sheet, secret: bytes) -> tuple[pa.Table, list[str]]:
    """The table without anybody's data, and what was done about it."""
    table, ids = hide_ids(parsed.table, secret)
    table, others = hide_addresses(table)
    notes = [f"The ids in {name!r} are e-mail addresses or phone numbers; they are kept only as codes." for name in ids]
    notes += [f"E-mail addresses in {name!r} were taken out." for name in others]
    notes += _kept_of_persons(table)
    return table, notes + list(sheet.notes) + list(parsed.notes)


def _write(table: pa.Table, out: Path) -> None:
    table = table.unify_dictionaries()
    with pa.OSFile(str(out), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


if __name__ == "__main__":
    sys.exit(main())
