"""What the user decided about files, as a TOML file that next quarter's import takes again."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from alignment_core.imports.model import DATE_ORDERS, KINDS, FileMapping, Imported
from alignment_core.vocabulary import STAGES

_KEYS = ("kind", "stage", "date_order", "columns")


class MappingError(ValueError):
    """A mapping file that cannot be used. `faults` has every reason, each in words."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def load_mapping(path: str | Path) -> dict[str, FileMapping]:
    """Read a mapping file: a table for each file's name. Raises MappingError, OSError."""
    return parse_mapping(Path(path).read_text(encoding="utf-8-sig"))


def parse_mapping(text: str) -> dict[str, FileMapping]:
    """Read the text of a mapping file. Raises MappingError with every fault."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"not valid TOML: {error}") from error
    faults = [fault for name, said in values.items() for fault in _faults(name, said)]
    if faults:
        raise MappingError(*faults)
    return {name: FileMapping(**said) for name, said in values.items()}


def _faults(name: str, said: Any) -> list[str]:
    if not isinstance(said, Mapping):
        return [f'{name}: a file\'s choices stand under ["{name}"]']
    faults = [f"{name}.{key}: is not one of {', '.join(_KEYS)}" for key in said if key not in _KEYS]
    for key, allowed in (("kind", KINDS), ("stage", STAGES), ("date_order", DATE_ORDERS)):
        if key in said and said[key] not in allowed:
            faults.append(f"{name}.{key}: {said[key]!r} is none of {', '.join(allowed)}")
    columns = said.get("columns", {})
    if not isinstance(columns, Mapping) or not all(isinstance(header, str) for header in columns.values()):
        faults.append(f'{name}.columns: write field = "Header" for each column, and "" for a field that has none')
    return faults


def dump_mapping(imported: Imported) -> str:
    """What was understood of each file, as a mapping file."""
    values: dict[str, Any] = {}
    for report in imported.files:
        said = {"kind": report.kind, "stage": report.stage, "date_order": report.date_order}
        columns = {column.field: column.header for column in report.columns if column.field}
        values[report.name] = {key: value for key, value in said.items() if value} | {"columns": columns}
    return tomli_w.dumps(values)
