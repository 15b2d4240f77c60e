"""What the user decided about files and doubtful records, as a TOML file that next quarter's import takes again."""

import codecs
import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli_w

from alignment_core.choices import OPTIONS, Choices
from alignment_core.currencies import RATE_LIMIT
from alignment_core.imports.headers import normalise
from alignment_core.imports.model import DATE_ORDERS, DECIMALS, KINDS, FileMapping, FileReport, Imported
from alignment_core.vocabulary import STAGES

_KEYS = tuple(each.name for each in fields(FileMapping))
_CHOICES = (("kind", KINDS), ("stage", STAGES), ("date_order", DATE_ORDERS), ("decimal", DECIMALS))
#: What has an entry for each of several columns or fields, so that two mappings are united in it.
_TABLES = ("columns", "date_orders", "values")


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
    return parse_decisions(_text(path))


def load_mapping(path: str | Path) -> dict[str, FileMapping]:
    """Read a mapping file: a table for each file's name. Raises MappingError, OSError."""
    return parse_mapping(_text(path))


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(f"the file is not UTF-8 text: {error.reason} at byte {error.start}") from error


def parse_mapping(text: str) -> dict[str, FileMapping]:
    """Read the text of a mapping file. Raises MappingError with every fault."""
    return dict(parse_decisions(text).files)


def parse_decisions(text: str) -> Decisions:
    """Read the text of a mapping file with its choices and rates. Raises MappingError with every fault."""
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # also of a number with thousands of digits
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


def dump_mapping(
    imported: Imported, decided: Mapping[str, FileMapping] | None = None, choices: Choices = Choices()
) -> str:
    """What was understood of each file, what the user decided about it, and what was chosen, as a mapping file."""
    return write_mapping(
        {report.name: understood(report, (decided or {}).get(report.name)) for report in imported.files}, choices
    )


def write_mapping(files: Mapping[str, FileMapping], choices: Choices = Choices()) -> str:
    """Mappings by file name, and choices, as the text of a mapping file, which `parse_decisions` reads."""
    values: dict[str, Any] = {}
    for name, mapping in files.items():
        said = {key: getattr(mapping, key) for key in _KEYS if key not in _TABLES}
        tables = {key: dict(getattr(mapping, key)) for key in _TABLES}
        values[name] = {key: value for key, value in (said | tables).items() if value}
    if choices.changed:
        values["choices"] = dict(choices.changed)
    if choices.rates:
        values["rates"] = dict(choices.rates)
    return tomli_w.dumps(values)


def fingerprint(headers: Iterable[str]) -> str:
    """A short code of a file's headers that their order, case, spaces and punctuation do not change."""
    names = sorted({normalise(header) or header.strip() for header in headers})
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]


def by_headers(files: Mapping[str, FileMapping], headers: Sequence[str]) -> FileMapping | None:
    """The first of the mappings that was made for a file with these headers, however it was called."""
    code = fingerprint(headers)
    return next((said for said in files.values() if said.fingerprint == code), None)


def known_again(reports: Iterable[FileReport], files: Mapping[str, FileMapping]) -> dict[str, FileMapping]:
    """For each file that no mapping names, the one that was made for a file with its headers."""
    found = {}
    for report in reports:
        if report.name in files or report.file in files or not report.columns:
            continue
        if said := by_headers(files, [column.header for column in report.columns]):
            found[report.name] = said
    return found


def understood(report: FileReport, decided: FileMapping | None = None) -> FileMapping:
    """All that a file was read with, so that the next one like it is read the same.

    Args:
        report: what was understood of the file.
        decided: what the user decided about it.
    """
    chosen = decided or FileMapping()
    found = {column.field: column.header for column in report.columns if column.field}
    left_out = {field: "" for field, header in chosen.columns.items() if not header}
    return replace(
        chosen,
        fingerprint=fingerprint([column.header for column in report.columns]) if report.columns else chosen.fingerprint,
        kind=report.kind or chosen.kind,
        stage=report.stage or chosen.stage,
        date_order=report.date_order or chosen.date_order,
        columns=(found or dict(chosen.columns)) | left_out,
        values={field: value for field, value in chosen.values.items() if field != "quarter"},  # another one next time
    )


def answered(mapping: FileMapping, answer: str) -> FileMapping:
    """A mapping with the line of a mapping file (an answer of a `Question`) added to it. Raises MappingError."""
    said = parse_mapping(f'["file"]\n{answer}')["file"]
    added = {key: getattr(said, key) for key in _KEYS if getattr(said, key)}
    return replace(
        mapping,
        **{key: dict(getattr(mapping, key)) | value if key in _TABLES else value for key, value in added.items()},
    )


def _faults(name: str, said: Any) -> list[str]:
    if not isinstance(said, Mapping):
        return [f'{name}: a file\'s choices stand under ["{name}"]']
    faults = [f"{name}.{key}: is not one of {', '.join(_KEYS)}" for key in said if key not in _KEYS]
    for key, allowed in _CHOICES:
        if key in said and said[key] not in allowed:
            faults.append(f"{name}.{key}: {said[key]!r} is none of {', '.join(allowed)}")
    if "encoding" in said and not _is_encoding(said["encoding"]):
        faults.append(
            f"{name}.encoding: {said['encoding']!r} is no encoding; write utf-8, cp1252, gb18030 or another by its name"
        )
    faults += [
        f"{name}.{key}: write it in quotes"
        for key in ("sheet", "fingerprint")
        if not isinstance(said.get(key, ""), str)
    ]
    if not _is_table(said.get("columns", {}), lambda header: isinstance(header, str)):
        faults.append(f'{name}.columns: write field = "Header" for each column, and "" for a field that has none')
    if not _is_table(said.get("values", {}), lambda value: isinstance(value, str)):
        faults.append(f'{name}.values: write field = "Value" for what all its rows have, and "" for nothing')
    if not isinstance(said.get("skip", False), bool):
        faults.append(f"{name}.skip: write true or false")
    if not _is_table(said.get("date_orders", {}), lambda order: order in DATE_ORDERS):
        faults.append(f'{name}.date_orders: write "Header" = "DMY" or "MDY" for each column of dates')
    return faults


def _is_table(value: Any, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, Mapping) and all(holds(item) for item in value.values())


def _is_encoding(name: Any) -> bool:
    """Whether it names a way to read bytes as text; Python's codecs that turn text into text are none."""
    try:
        return isinstance(name, str) and bool(getattr(codecs.lookup(name), "_is_text_encoding", True))
    except (LookupError, ValueError):
        return False
