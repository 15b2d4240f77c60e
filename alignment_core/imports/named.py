"""What the name of a file or sheet says of all its rows: their quarter, their region, whose demand they are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from alignment_core.imports.headers import STAGE_NAMES
from alignment_core.imports.model import OF_BOOK, FileMapping, FileReport, Refusal
from alignment_core.imports.values import parse_quarter, parse_source
from alignment_core.results import Fault

__all__ = ["Part", "quarter_of_name", "told_apart", "with_values"]

#: A file, or a sheet of one: what is said of it, and the table that it became.
Part = tuple[FileReport, "pa.Table | None"]

_REGIONS = frozenset(
    "emea apac amer amers americas america latam noram na namer anz mea meta dach benelux nordics nordic cee uk uki us usa eu europe "
    "asia africa oceania pacific iberia gcc sea asean sam cala north south east west central northeast northwest southeast southwest "
    "midwest global international domestic row canada mexico brazil argentina chile colombia germany austria switzerland france spain "
    "portugal italy ireland netherlands belgium luxembourg denmark sweden norway finland poland czechia hungary romania greece turkey "
    "israel uae india china japan korea singapore australia indonesia malaysia thailand vietnam philippines "
    "deutschland frankreich spanien italien schweiz österreich nord süd ost mitte".split()
)
_REGIONS_OF_WORDS = frozenset(
    ("north america", "south america", "latin america", "middle east", "asia pacific", "united states", "united kingdom", "new zealand",
     "western europe", "eastern europe", "northern europe", "southern europe", "south korea", "south africa", "hong kong", "rest of world")
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
#: A quarter as names have it: a year and a Q beside each other.
_QUARTER = re.compile(
    r"(?<![^\W_])(?:(?:fy[\s_-]?)?(?:20)?\d\d[\s_-]?q[1-4]|q[1-4][\s_-]?(?:fy[\s_-]?)?(?:20)?\d\d|[1-4]q[\s_-]?(?:20)?\d\d)(?![^\W_])",
    re.IGNORECASE,
)


def quarter_of_name(name: str) -> str | None:
    """The quarter that a name has in it (`funnel_2026-Q3`, `Q3 FY26`), as `YYYY-Qn`; None if it has none, or several."""
    texts = [match[0].replace("_", " ") for match in _QUARTER.finditer(name)]
    found = set(parse_quarter(pa.chunked_array([texts], pa.string())).values.to_pylist())
    return found.pop() if len(found) == 1 else None


def with_values(table: pa.Table, values: Mapping[str, str]) -> pa.Table:
    """A table with columns that have one value in all rows. Raises Refusal for what cannot be one."""
    for field, said in values.items():
        if not said or field in table.column_names:
            continue
        text = pa.chunked_array([[said]], pa.string())
        if field in ("quarter", "source"):
            text = (parse_quarter if field == "quarter" else parse_source)(text).values
            if text.null_count:
                meant = "a quarter such as 2026-Q3" if field == "quarter" else "marketing or sales"
                raise Refusal(f"The {field} of all rows is to be {said!r}, which is not {meant}.")
        table = table.append_column(field, pa.chunked_array([[text[0].as_py()] * table.num_rows], pa.string()))
    return table


def told_apart(parts: Sequence[Part], decided: Mapping[str, FileMapping]) -> list[Part]:
    """Tables of one kind, whose names tell them apart by their regions or as marketing's and sales', get that as a column.

    Only where no column of theirs says it, and the name of each says one; it stands in the report of each, and the
    user can take it back.
    """
    told = list(parts)
    for kind in dict.fromkeys(report.kind for report, table in parts if table is not None):
        same = {
            place: (report, table)
            for place, (report, table) in enumerate(parts)
            if table is not None and report.kind == kind
        }
        if len(same) < 2 or kind in ("touches", "owners", "accounts"):
            continue
        for field, meant in (("region", _region), ("source", _side)):
            has = {"source", "lead_source"} if field == "source" else {field}
            if any(has & {*table.column_names, *_said(report, decided)} for report, table in same.values()):
                continue
            values = [meant(label) for label in _labels([report for report, _ in same.values()])]
            if None in values or len(set(values)) < 2:
                continue
            for (place, (report, table)), value in zip(same.items(), values, strict=True):
                told[place] = _named(report, table, field, str(value))
    return told


def _said(report: FileReport, decided: Mapping[str, FileMapping]) -> Mapping[str, str]:
    return decided.get(report.name, decided.get(report.file, FileMapping())).values


def _named(report: FileReport, table: pa.Table, field: str, value: str) -> Part:
    note = Fault(
        report.file, None, field, value, f"All rows are of the {field} {value!r}, by the name of the {'sheet' if OF_BOOK in report.name else 'file'}.",
        "", 0, sets_aside=False,
    )  # fmt: skip
    said = replace(report, values={**report.values, field: value}, faults=(*report.faults, note))
    return said, with_values(table, {field: value})


def _labels(reports: Sequence[FileReport]) -> list[str]:
    """What tells files or sheets apart: the words of their names that not all have, and that are no quarter or stage."""
    names = [
        report.name.split(OF_BOOK)[1] if OF_BOOK in report.name else report.name.rpartition(".")[0]
        for report in reports
    ]
    words = [
        [word for word in _WORD.findall(_QUARTER.sub(" ", name)) if word.casefold() not in STAGE_NAMES]
        for name in names
    ]
    common = set[str].intersection(*({word.casefold() for word in each} for each in words))
    return [" ".join(word for word in each if word.casefold() not in common) for each in words]


def _region(label: str) -> str | None:
    name = label.casefold()
    return label if name in _REGIONS or name in _REGIONS_OF_WORDS else None


def _side(label: str) -> str | None:
    return label.casefold() if label.casefold() in ("marketing", "sales") else None
