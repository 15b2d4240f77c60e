"""The process that reads one file: `python -m alignment_core.imports.child` with a job as JSON on standard input.

It limits itself before it opens the file, so that whatever the file does to a parser ends here.
"""

import hashlib
import hmac
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from alignment_core.imports.model import FileMapping, Limits, NeedsAnswer, Refusal

_NO_MEMORY = "The file needs more memory than is allowed to read. Export fewer rows or columns."


def main() -> int:
    """Read the job, answer with a report on standard output and a table in the job's folder."""
    job = json.load(sys.stdin)
    limits = Limits(**job["limits"])
    _limit(limits)
    try:
        answer = _read(job, limits)
    except Refusal as refusal:
        answer = {"refused": list(refusal.reasons)} | getattr(refusal, "said", {})
    except NeedsAnswer as needed:
        answer = {"question": asdict(needed.question)} | getattr(needed, "said", {})
    except MemoryError:
        answer = {"refused": [_NO_MEMORY]}
    except Exception as error:  # whatever a parser does with a hostile file must end in a sentence
        out_of_memory = "memory" in str(error).casefold() or "allocat" in str(error).casefold()
        kind = type(error).__name__
        answer = {
            "refused": [
                _NO_MEMORY
                if out_of_memory
                else f"The file could not be read ({kind}). Export it again, best as CSV UTF-8."
            ]
        }
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
    import duckdb

    from alignment_core.imports.parse import EMPTY, parse, rejected_rows, run
    from alignment_core.imports.recognise import (
        kind_by_headers,
        recognise,
        stage_columns,
        stage_of,
        unrecognised,
        with_samples,
    )
    from alignment_core.imports.suggest import with_suggestions
    from alignment_core.imports.text import open_text, quoted

    connection = duckdb.connect(
        config={"memory_limit": f"{limits.memory // 2**20 * 6 // 10}MB", "autoload_known_extensions": False}
    )
    connection.execute("SET TimeZone = 'UTC'")
    # The database sees the file and its decoded twin, and nothing else.
    path = Path(job["path"])
    connection.execute(f"SET allowed_paths = [{quoted(path)}, {quoted(path.resolve())}]")
    connection.execute(f"SET allowed_directories = [{quoted(path.parent)}]")
    connection.execute("SET temp_directory = ''")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    text = open_text(connection, Path(job["path"]), limits, ("",) if job["open"] else EMPTY)
    if job["open"]:
        listed = ", ".join(f"c{i}" for i in range(len(text.headers)))
        fits = " AND ".join(f"{column} IS NULL" for column in text.overflow) or "TRUE"
        table = run(
            connection, text, f"SELECT {listed} FROM rows WHERE coalesce({listed}, NULL) IS NOT NULL AND {fits}"
        )
        rejected_rows(connection)
        _write(table.rename_columns([f"{i}:{header}" for i, header in enumerate(text.headers)]), job["out"])
        return {}
    mapping = FileMapping(**job["mapping"])
    kind, stage = job["kind"], job["stage"] or mapping.stage
    if kind is None:
        is_of_stages, stage_in_name = stage_of(job["name"], text.headers, text.samples)
        kind, stage = ("stage_events", stage or stage_in_name) if is_of_stages else (None, stage)
    examples = [_examples(text, i) for i in range(len(text.headers))]
    likely = mapping.kind or kind or kind_by_headers(text.headers)
    found = with_samples(unrecognised(text.headers), examples)
    if likely:
        found = with_suggestions(found, text.samples, likely)
    said: dict[str, Any] = {"kind": likely, "columns": [asdict(column) for column in found]}
    try:
        if kind == "stage_events":
            mapping = stage_columns(text.headers, text.samples, mapping)
        understood = recognise(text.headers, mapping, kind)
        columns = with_suggestions(with_samples(understood.columns, examples), text.samples, understood.kind)
        said = {
            "kind": understood.kind,
            "stage": stage if understood.kind == "stage_events" else None,
            "system": understood.system,
            "columns": [asdict(column) for column in columns],
        }
        parsed = parse(
            connection,
            text,
            understood.kind,
            understood.fields,
            mapping,
            name=job["name"],
            stage=stage,
        )
    except (Refusal, NeedsAnswer) as error:
        error.said = said  # type: ignore[union-attr]  # what was understood is shown beside what was not
        raise
    table, hidden = _hide_addresses(parsed.table, bytes.fromhex(job["secret"]))
    if parsed.rows_read > limits.rows:
        raise Refusal(f"The file has {parsed.rows_read:,} rows; at most {limits.rows:,} are read. Export fewer.")
    faults = [asdict(fault) for fault in parsed.faults]
    notes = [f"The ids in {name!r} are e-mail addresses; they are kept only as codes." for name in hidden] + list(
        text.notes
    )
    faults += [
        {
            "file": job["name"],
            "row": None,
            "column": None,
            "value": None,
            "reason": note,
            "remedy": "",
            "rows": 0,
            "sets_aside": False,
        }
        for note in notes
    ]
    _write(table, job["out"])
    used = table.num_rows
    return said | {"rows_read": parsed.rows_read, "rows_used": used, "faults": faults, "date_order": parsed.date_order}


def _examples(text: Any, place: int) -> tuple[str, ...]:
    """A few different values of a column, shortened; no e-mail addresses."""
    cells = (row[place].strip() for row in text.samples)
    values = dict.fromkeys(cell[:40] for cell in cells if cell and "@" not in cell)
    return tuple(list(values)[:3])


def _hide_addresses(table: Any, secret: bytes) -> tuple[Any, list[str]]:
    """Ids that are e-mail addresses become codes; equal addresses stay equal within one import."""
    import pyarrow as pa
    import pyarrow.compute as pc

    hidden = []
    for name in ("lead_id", "deal_id", "account", "owner"):
        if name in table.column_names and pc.any(pc.match_substring(table[name], "@")).as_py():
            codes = [
                hmac.new(secret, value.strip().casefold().encode(), hashlib.sha256).hexdigest()[:32]
                if value is not None and "@" in value
                else value
                for value in table[name].to_pylist()
            ]
            table = table.set_column(table.column_names.index(name), name, pa.array(codes, pa.string()))
            hidden.append(name)
    return table, hidden


def _write(table: Any, out: str) -> None:
    import pyarrow as pa

    with pa.OSFile(out, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


if __name__ == "__main__":
    sys.exit(main())
