"""What the user decided about files and doubtful records, as a TOML file that next quarter's import takes again."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli_w

from alignment_core.choices import OPTIONS, Choices
from alignment_core.currencies import RATE_LIMIT
from alignment_core.imports.model import DATE_ORDERS, KINDS, FileMapping, Imported
from alignment_core.vocabulary import STAGES

_KEYS = ("kind", "stage", "date_order", "columns")


class MappingError(ValueError):
    """A mapping file that cannot be used. `faults` has every reason, each in words."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class Decisions:
    """What the user decided.

    Attributes:
        files: about each file, by its name.
        choices: how doubtful records count, and the rates of other currencies.
    """

    files: Mapping[str, FileMapping] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices)


def load_decisions(path: str | Path) -> Decisions:
    """Read a mapping file: a table for each file's name, `[choices]` and `[rates]`. Raises MappingError, OSError."""
    return parse_decisions(Path(path).read_text(encoding="utf-8-sig"))


def load_mapping(path: str | Path) -> dict[str, FileMapping]:
    """Read a mapping file: a table for each file's name. Raises MappingError, OSError."""
    return parse_mapping(Path(path).read_text(encoding="utf-8-sig"))


def parse_mapping(text: str) -> dict[str, FileMapping]:
    """Read the text of a mapping file. Raises MappingError with every fault."""
    return dict(parse_decisions(text).files)


def parse_decisions(text: str) -> Decisions:
    """Read the text of a mapping file with its choices and rates. Raises MappingError with every fault."""
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"not valid TOML: {error}") from error
    chosen, rates = values.pop("choices", {}), values.pop("rates", {})
    faults = [fault for name, said in values.items() for fault in _faults(name, said)]
    faults += [*_choice_faults(chosen), *_rate_faults(rates)]
    if faults:
        raise MappingError(*faults)
    files = {name: FileMapping(**said) for name, said in values.items()}
    return Decisions(files, Choices(**chosen, rates=tuple((name, Decimal(rate)) for name, rate in rates.items())))


def _choice_faults(chosen: Any) -> list[str]:
    if not isinstance(chosen, Mapping):
        return ['choices: write a table [choices] with a line for each, such as same_email = "count once"']
    faults = [f"choices.{name}: is not one of {', '.join(OPTIONS)}" for name in chosen if name not in OPTIONS]
    return faults + [
        f"choices.{name}: {option!r} is none of {', '.join(map(repr, OPTIONS[name]))}"
        for name, option in chosen.items()
        if name in OPTIONS and option not in OPTIONS[name]
    ]


def _rate_faults(rates: Any) -> list[str]:
    if not isinstance(rates, Mapping):
        return ["rates: write a table [rates] with a line for each currency, such as EUR = 1.08"]
    return [
        f"rates.{name}: write what one {name} is worth in the agreement's currency, a number above 0 with at most ten decimals, such as 1.08"
        for name, rate in rates.items()
        if not _is_rate(rate)
    ]


def _is_rate(rate: object) -> bool:
    if isinstance(rate, bool) or not isinstance(rate, int | Decimal):
        return False
    exact = Decimal(rate)
    return exact.is_finite() and 0 < exact < RATE_LIMIT and exact == round(exact, 10)


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


def dump_mapping(imported: Imported, choices: Choices = Choices()) -> str:
    """What was understood of each file and what was chosen, as a mapping file."""
    values: dict[str, Any] = {}
    for report in imported.files:
        said = {"kind": report.kind, "stage": report.stage, "date_order": report.date_order}
        columns = {column.field: column.header for column in report.columns if column.field}
        values[report.name] = {key: value for key, value in said.items() if value} | {"columns": columns}
    if choices.changed:
        values["choices"] = dict(choices.changed)
    if choices.rates:
        values["rates"] = dict(choices.rates)
    return tomli_w.dumps(values)
