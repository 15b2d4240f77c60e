"""Where in a table of cells the header stands, and which rows are no records."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.model import DATE_ORDERS, Refusal
from alignment_core.imports.values import why_no_date

__all__ = [
    "TOTAL",
    "TOTAL_REMEDY",
    "Header",
    "find_header",
    "is_footer",
    "is_total",
    "padded",
    "total_rows",
    "trimmed",
    "unique_names",
]

#: Why a row that `total_rows` finds is no record, and what to do.
TOTAL = "the row is a total or a group's heading, and no record"
TOTAL_REMEDY = "Nothing needs to be done. To count it, write its name differently."

#: A header stands among the first rows.
_TOP = 60
_SUM = (
    r"(?:grand|sub|over ?all|running)?\s*-?\s*totals?|sum|totals? général|sous-?total|somme|gesamt(?:summe|ergebnis)?|summe|"
    r"zwischensumme|teilergebnis|endsumme|totaal|subtotaal|eindtotaal|suma|total general|totale(?: complessivo)?|totais?"
)
_COUNT = r"(?:\s*\(\s*[\d.,]+\s*(?:records?|rows?|items?|datensätze?|einträge?|zeilen)?\s*\))"
_TOTAL = re.compile(rf"^\s*(?:{_SUM})\s*:?\s*(?:(?:for|of|für|von|de|pour)\s+\S.*)?{_COUNT}?\s*:?\s*$", re.IGNORECASE)
#: What Excel writes under a group: the group's name and "Total".
_OF_GROUP = re.compile(r"^\s*(.*\S)\s+(?:total|count|sum|average|ergebnis|summe|gesamt)\s*$", re.IGNORECASE)
_GROUP = re.compile(r"^.{1,200}\(\s*[\d.,]+\s+(?:records?|datensätze?)\s*\)\s*$", re.IGNORECASE)
_FOOTER = re.compile(
    r"^\s*(confidential\b.*|vertraulich\b.*|copyright\b.*|\(c\)\s.*|©.*|generated (by|on|at)\b.*|report generated\b.*|"
    r"(created|exported|printed|downloaded|run) (by|on|from)\b.*|filtered by\b.*|filters?:.*|as of\b.*|stand:?\s+\d.*|source:.*|"
    r"quelle:.*|page \d+( of \d+)?|end of report.*|all rights reserved.*)\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[\s$€£+-]*\d[\d.,:/\s%-]*$")
_AMOUNT = re.compile(
    r"^\s*[-+(]?\s*(?:[A-Z]{0,3}[$€£¥]|[A-Z]{3})?\s*-?\d[\d.,'’\s\u00a0]*%?\s*(?:[$€£¥]|[A-Z]{3})?\s*\)?\s*$"
)
_YEAR = re.compile(r"^\s*(?:FY|CY|fiscal year)?\s*['’]?(?:19|20)?\d{2}\s*$", re.IGNORECASE)
_BARE_QUARTER = re.compile(r"^\s*(?:Q\s*[1-4]|[1-4]\s*Q)\s*$", re.IGNORECASE)
_DATE = re.compile(r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")


@dataclass(frozen=True)
class Header:
    """The header of a table.

    Attributes:
        place: the row it begins in (0-based).
        names: of the columns, unique and never empty; to the last that has one.
        depth: how many rows it has.
        notes: what was done to the names, in sentences.
    """

    place: int
    names: tuple[str, ...]
    depth: int = 1
    notes: tuple[str, ...] = ()


def find_header(rows: Sequence[Sequence[str]], spans: Mapping[int, Sequence[tuple[int, int]]] | None = None) -> Header:
    """The first row that has a cell for most columns, none of them a number or a date.

    Args:
        rows: the first rows, of any length each.
        spans: merged cells by row, each from one column to another, where the file says so. Otherwise a label above
            the names counts for the empty cells after it.

    A row of labels over groups of names ("Q1 2026" over "MQLs", "SQLs") is a part of the header where the row under it
    cannot be data. Raises Refusal where there is no header.
    """
    top = rows[:_TOP]
    filled = [sum(bool(cell.strip()) for cell in row) for row in top]
    widest = max(filled, default=0)
    for place, row in enumerate(top):
        cells = [cell for cell in row if cell.strip()]
        numbers = sum(bool(_NUMBER.match(cell)) for cell in cells)
        # A lone cell over a table of two columns is its title.
        is_beside = (
            widest == 2 and bool(row) and not row[0].strip()
        )  # over the figures of a list of labels without a name
        if cells and (is_beside or len(cells) >= max(min(widest, 2), widest * 0.5)) and numbers <= len(cells) * 0.2:
            if place + 1 < len(rows) and _is_over(rows, place, spans):
                return _header(rows, place, place + 1, spans)
            if place and _is_over(rows, place - 1, spans):
                return _header(rows, place - 1, place, spans)
            return _header(rows, place, place, spans)
    raise Refusal("No header row was found: the first rows have no names of columns. Add a first row that names them.")


def is_total(cells: Sequence[str], above: Sequence[str] = ()) -> bool:
    """Whether a row sums up others, or heads a group of them.

    Its first filled cell says so, and all its other cells are empty or amounts: a company named "Total" has an id, a
    date or a country beside it.

    Args:
        cells: the row.
        above: the record before it: "EMEA Total" is a total if "EMEA" stood above.
    """
    filled = [(place, cell.strip()) for place, cell in enumerate(cells) if cell.strip()]
    if not filled or not all(_AMOUNT.match(cell) and not _DATE.match(cell) for _, cell in filled[1:]):
        return False
    place, label = filled[0]
    if _TOTAL.match(label) or _GROUP.match(label):
        return True
    group = _OF_GROUP.match(label)
    return bool(group) and place < len(above) and above[place].strip() == group[1]  # type: ignore[index]


def is_footer(cells: Sequence[str], width: int, record: Sequence[str] = ()) -> bool:
    """Whether a row at the end is no record: a total, or a lone sentence.

    Args:
        cells: the row.
        width: how many columns the table has.
        record: one of its records: a lone date and time under another is a record of which nothing else is known.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return False
    if is_total(cells):
        return True
    if len(filled) > 1:
        return False
    is_sentence = width > 2 and bool(cells[0].strip()) and " " in filled[0]
    return bool(_FOOTER.match(filled[0])) or (
        is_sentence and not (record and _is_when(record[0]) and _is_when(cells[0]))
    )


def _is_when(cell: str) -> bool:
    return bool(cell.strip()) and any(why_no_date(cell, order) is None for order in DATE_ORDERS)


def total_rows(columns: Mapping[int, pa.ChunkedArray]) -> list[int]:
    """The places of rows that are totals, subtotals or headings of groups, wherever they stand; ascending.

    Looks closely only at rows in which every other column of words or dates is empty, which needs no look at texts.
    """
    ordered = [columns[place] for place in sorted(columns)]
    if not ordered or not len(ordered[0]):
        return []
    wordy = [_is_wordy(column) for column in ordered]
    blank = [None if column.null_count == 0 else pc.is_null(column).combine_chunks() for column in ordered]
    found: set[int] = set()
    before: pa.BooleanArray | None = None  # all columns before are empty
    for label, column in enumerate(ordered):
        masks = [] if before is None else [before]
        others = [blank[i] for i in range(label + 1, len(ordered)) if wordy[i]]
        if None not in others and not pa.types.is_timestamp(column.type):
            found |= _totals_in(column, ordered, label, [*masks, *others])
        if blank[label] is None:
            break
        before = blank[label] if before is None else pc.and_(before, blank[label])
        if not pc.any(before).as_py():
            break
    return sorted(found)


def padded(row: Sequence[str], width: int) -> tuple[str, ...]:
    """A row with just this many cells."""
    return tuple((*row, *[""] * width)[:width])


def trimmed(row: Sequence[str]) -> tuple[str, ...]:
    """Cells without the empty ones that trailing delimiters make."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _totals_in(
    column: pa.ChunkedArray, ordered: Sequence[pa.ChunkedArray], label: int, masks: Sequence[pa.BooleanArray]
) -> set[int]:
    """Of the rows where all masks hold, those whose cell in `column` says that they are totals."""
    mask: pa.BooleanArray | None = None
    for each in masks:
        mask = each if mask is None else pc.and_(mask, each)
    pattern = f"(?i)(?:{_TOTAL.pattern})|(?:{_GROUP.pattern})|(?:{_OF_GROUP.pattern})"
    if pa.types.is_dictionary(column.type):
        parts = [
            pc.fill_null(pc.take(pc.match_substring_regex(chunk.dictionary, pattern), chunk.indices), False)
            for chunk in column.chunks
        ]
        says = pa.chunked_array(parts, pa.bool_()).combine_chunks()
        places = np.flatnonzero((says if mask is None else pc.and_(says, mask)).to_numpy(zero_copy_only=False))
    else:
        few = None if mask is None else pc.indices_nonzero(mask)
        cells = column if few is None else column.take(few)
        says = pc.fill_null(pc.match_substring_regex(cells, pattern), False)
        inner = pc.indices_nonzero(says)
        places = (inner if few is None else few.take(inner)).to_numpy()
    totals: set[int] = set()
    for place in places.tolist():
        above = place - 1
        while above in totals:  # the totals of several levels follow each other
            above -= 1
        if is_total(_row(ordered, place), _row(ordered[: label + 1], above) if above >= 0 else ()):
            totals.add(place)
    return totals


def _row(columns: Sequence[pa.ChunkedArray], place: int) -> list[str]:
    return [str(column[place].as_py() or "") for column in columns]


def _is_wordy(column: pa.ChunkedArray) -> bool:
    """Whether a column holds words or dates, so far as its first cells tell."""
    if pa.types.is_timestamp(column.type):
        return True
    cells = [cell for cell in column.slice(0, 200).to_pylist() if cell and cell.strip()]
    words = sum(not _AMOUNT.match(cell) or bool(_DATE.match(cell)) for cell in cells)
    return words > len(cells) * 0.5


def _is_over(rows: Sequence[Sequence[str]], place: int, spans: Mapping[int, Sequence[tuple[int, int]]] | None) -> bool:
    """Whether a row holds labels over groups of names in the row under it, which cannot be data."""
    labels, names = trimmed(rows[place]), trimmed(rows[place + 1])
    said = [cell for cell in labels if cell]
    if not said or len(names) < 2 or (len(said) < 2 and not _is_year_of_quarters(said[0], names)):
        return False
    gaps = [i for i, name in enumerate(names) if name and not (i < len(labels) and labels[i])]
    if not gaps or any(_NUMBER.match(name) for name in names if name):
        return False
    first = next(i for i, name in enumerate(names) if name or (i < len(labels) and labels[i]))
    if any(not name and not (i < len(labels) and labels[i]) for i, name in enumerate(names) if i > first):
        return False  # a column with neither; left of them all it may be one of labels without a name
    if any(i < len(labels) and labels[i] and not names[i] for i in (gap - 1 for gap in gaps) if i >= 0):
        return False  # a label that stands over several names stands over one at its own place as well
    if spans is not None and not any(end > start for start, end in spans.get(place, ())):
        return False
    # Names stand over other things than names: a column of numbers or dates whose head is a word.
    under = [row for row in rows[place + 2 : place + 22] if any(cell.strip() for cell in row)]
    for i in (i for i, name in enumerate(names) if name):
        cells = [row[i] for row in under if i < len(row) and row[i].strip()]
        if cells and sum(bool(_NUMBER.match(cell) or _AMOUNT.match(cell)) for cell in cells) > len(cells) * 0.5:
            return True
    return False


def _is_year_of_quarters(label: str, names: Sequence[str]) -> bool:
    """Whether the only label of a row is the year of the bare quarters under it."""
    return bool(_YEAR.match(label)) and sum(bool(_BARE_QUARTER.match(name)) for name in names) > 1


def _header(
    rows: Sequence[Sequence[str]], first: int, last: int, spans: Mapping[int, Sequence[tuple[int, int]]] | None
) -> Header:
    names = list(trimmed(rows[last]))
    if last > first:
        labels = trimmed(rows[first])
        names = [*names, *[""] * (len(labels) - len(names))]
        names = [" ".join(filter(None, pair)) for pair in zip(_spread(labels, names, first, spans), names, strict=True)]
    notes = []
    unnamed = [i for i, name in enumerate(names) if not name]
    holding = [i for i in unnamed if any(i < len(row) and row[i].strip() for row in rows[last + 1 :])]
    if holding:
        said = ", ".join(str(i + 1) for i in holding[:10])
        notes.append(f"Without a name in the header: column {said}{' and others' if len(holding) > 10 else ''}.")
    unique = unique_names([name or f"column {i + 1}" for i, name in enumerate(names)])
    twice = [f"{name[:60]!r} → {new[:70]!r}" for name, new in zip(names, unique, strict=True) if name and name != new]
    if twice:
        notes.append(
            f"Columns that share a name were told apart: {', '.join(twice[:5])}{' …' if len(twice) > 5 else ''}."
        )
    return Header(first, unique, last - first + 1, tuple(notes))


def _spread(
    labels: Sequence[str], names: Sequence[str], row: int, spans: Mapping[int, Sequence[tuple[int, int]]] | None
) -> list[str]:
    """For each name the label that it stands under."""
    spread = [labels[i] if i < len(labels) else "" for i in range(len(names))]
    if spans is not None:
        for start, end in spans.get(row, ()):
            for i in range(start, min(end + 1, len(names))):
                spread[i] = spread[start]
        return spread
    said = ""
    for i, name in enumerate(names):
        said = spread[i] or said
        # A name that has a column to itself stands under no label but its own.
        spread[i] = said if name else spread[i]
    return spread


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of which none is there twice: the second of a name gets a number."""
    taken, found = set(names), list[str]()
    seen: set[str] = set()
    for name in names:
        number, unique = 2, name
        while unique in seen or (unique != name and unique in taken):
            unique, number = _numbered(name, number), number + 1
        seen.add(unique)
        found.append(unique)
    return tuple(found)


def _numbered(name: str, number: int) -> str:
    return f"{name} ({number})"
