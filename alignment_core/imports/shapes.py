"""A summary made by hand in any layout → the same counts with a row for each quarter and source.

What comes out is an ordinary sheet under the names that its maker gave, so that everything after it (recognising,
mapping by hand, parsing) is the same as for a long one; `as_written` then says what became of the rows of the file itself.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from alignment_core.imports.grid import (
    NO_REMEDY,
    Figure,
    Grid,
    Layout,
    Unread,
    layout_of,
    read_grid,
    tells,
)
from alignment_core.imports.headers import FIELDS, is_personal, normalise
from alignment_core.imports.labels import COUNTS
from alignment_core.imports.layout import TOTAL, TOTAL_REMEDY
from alignment_core.imports.model import Kind, Refusal
from alignment_core.imports.parse import Parsed
from alignment_core.imports.privacy import is_personal_content
from alignment_core.imports.recognise import kind_by_headers
from alignment_core.imports.sheet import Aside, Sheet, TextColumns
from alignment_core.imports.values.fiscal import quarter_in
from alignment_core.results import Fault
from alignment_core.vocabulary import RATE_DRIVER

__all__ = ["Reshaped", "as_long", "as_written", "number_in", "public"]

_CALLED = {"mqls": "MQLs", "sqls": "SQLs", "opportunities": "Opportunities", "wins": "Wins", "revenue": "Revenue"}
#: What files of records hold, whose columns may be named after quarters all the same.
_RECORDS = ("leads", "deals", "touches", "stage_events")
_NO_RESULT = {
    "plan": "it is a plan's figure, and no result",
    "forecast": "it is a forecast's figure, and no result",
    "earlier": "it is an earlier period's figure, under a quarter that it is not of",
}
_NOT_REACHED = ("plan", "forecast", "earlier")
_RATES = frozenset({*RATE_DRIVER.values(), "deal_size"})
_PLAIN = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


@dataclass(frozen=True)
class Reshaped:
    """How a long sheet came from the one in the file.

    Attributes:
        headers: of the file.
        numbers: the rows of the file by place.
        records: for each row of the long sheet, the figure in each of its columns.
        headings: places of rows that gave their words to the rows under them.
        unread: rows of which nothing is in the long sheet.
        totals: rows that the reader of the file had set aside.
        names: what the measure of a row is called, by place.
    """

    headers: tuple[str, ...]
    numbers: tuple[int, ...]
    records: tuple[Mapping[int, Figure], ...]
    headings: frozenset[int]
    unread: Mapping[int, Unread]
    totals: tuple[Aside, ...]
    names: Mapping[int, tuple[str, str]]


def as_long(sheet: Sheet, kind: Kind | None = None, chosen: Collection[str] = ()) -> Sheet:
    """A summary with quarters across, or with sources beside the stages in its headers, as a long sheet; any other unchanged.

    Args:
        sheet: a table.
        kind: what the user or caller says that it holds.
        chosen: headers that the user has mapped by hand.

    Where its labels contradict each other, reading the sheet raises Refusal in words.
    """
    if kind not in (None, "funnel"):
        return sheet
    if kind is None and kind_by_headers(sheet.headers) in _RECORDS:
        return sheet
    layout = layout_of(sheet)
    if layout is None or not _is_wide(sheet, layout, kind):
        return sheet
    try:
        return _long(sheet, read_grid(sheet, layout), chosen)
    except Refusal as refusal:
        return _unreadable(sheet, refusal)


def as_written(sheet: Sheet, parsed: Parsed, fields: Mapping[str, int], name: str) -> Parsed:
    """What became of the rows of the file, where the sheet that was parsed is not the file's own.

    Args:
        sheet: what was parsed.
        parsed: its table and faults, by rows of `sheet`.
        fields: the column of each field.
        name: of the file.

    A row of the file is used if one of its figures is in the table. Raises Refusal where its figures are none.
    """
    origin = sheet.reshaped
    if origin is None:
        return parsed
    found: list[Fault] = [Fault(name, aside.row, None, None, aside.reason, aside.remedy) for aside in origin.totals]
    failed: dict[int, Fault] = {}
    of_place: dict[int, int] = {}
    for fault in parsed.faults:
        if fault.row is None or fault.rows > 1:
            raise Refusal(
                f"More than a hundred cells of {fault.column!r} are no figures ({fault.value!r} {fault.reason.removesuffix(', and so on')}). "
                "Correct them and load the file again."
            )
        record = origin.records[fault.row - 1]
        figure = record.get(sheet.headers.index(fault.column or ""), next(iter(record.values())))
        failed.setdefault(fault.row - 1, fault)
        of_place.setdefault(figure.place, len(found))
        source = f", {figure.source}" if figure.source else ""
        found.append(
            replace(
                fault,
                row=origin.numbers[figure.place],
                column=origin.headers[figure.column],
                rows=0,
                sets_aside=False,
                reason=f"{fault.reason}; what the sheet says of {figure.quarter}{source} is left out",
            )
        )
    taken = set(fields.values())
    used = set(origin.headings)
    lost: set[int] = set()
    for place, record in enumerate(origin.records):
        places = {figure.place for spot, figure in record.items() if spot in taken}
        (lost if place in failed else used).update(places)
    for place, number in enumerate(origin.numbers):
        if place in used:
            continue
        if place in of_place:
            spot = of_place[place]
            found[spot] = replace(found[spot], rows=1, sets_aside=True)
            continue
        said, remedy, value = _why(origin, place, place in lost)
        found.append(Fault(name, number, None, public(value) or None, said, remedy))
    return replace(
        parsed,
        rows_read=len(origin.numbers) + len(origin.totals),
        rows_used=len(used),
        faults=tuple(sorted(found, key=lambda fault: fault.row or 0)),
    )


def number_in(text: str) -> float | None:
    """A plainly written number; None where there is room for doubt."""
    bare = re.sub(r"[\s$€£¥₹]|[A-Z]{3}", "", text)
    is_plain = _PLAIN.fullmatch(bare) and not re.search(r"\.\d{3}$", bare)  # 1.234 may be more than a thousand
    return float(bare.replace(",", "")) if is_plain else None


def _is_wide(sheet: Sheet, layout: Layout, kind: Kind | None) -> bool:
    values = [layout.heads[i] for i in layout.values]
    measured = layout.measure is not None or any(head.field for head in values)
    if layout.across:
        return measured and not all(head.scenario == "plan" for head in values)
    # Stages across are a long sheet, unless their headers also say whose they are.
    if (kind or kind_by_headers(sheet.headers)) not in (None, "funnel"):
        return False
    if measured and layout.said and any(tells(row[i]) for row in sheet.samples for i in layout.words):
        return True  # what was planned must not be counted with what was reached
    both = [head for head in values if head.field in COUNTS and (head.source or head.is_total)]
    has_quarters = any(normalise(sheet.headers[i]) in FIELDS["funnel"]["quarter"] for i in layout.said) or bool(
        layout.said
    )
    return (
        len({(head.field, head.source.casefold()) for head in both}) > 1
        and any(head.source for head in both)
        and has_quarters
    )


def _long(sheet: Sheet, grid: Grid, chosen: Collection[str]) -> Sheet:
    numbers = grid.numbers
    unread = {each.place: each for each in grid.unread}
    figures = [figure for figure in grid.figures if figure.scenario not in _NOT_REACHED]
    for figure in grid.figures:
        if figure.scenario in _NOT_REACHED:
            unread.setdefault(
                figure.place,
                Unread(
                    figure.place,
                    figure.name,
                    _NO_RESULT[figure.scenario or ""],
                    "A plan can be proposed as an agreement." if figure.scenario == "plan" else NO_REMEDY,
                ),
            )
    for figure in figures:
        if not figure.quarter:
            unread.setdefault(
                figure.place,
                Unread(figure.place, figure.name, "nothing says which quarter it is of", "Write it as 2026-Q3."),
            )
    notes = [*sheet.notes]
    if len(figures) < len(grid.figures):
        notes.append(
            f"{len(grid.figures) - len(figures):,} cells are a plan's, a forecast's or an earlier year's, by their labels, and were not counted."
        )
    figures = [figure for figure in figures if figure.quarter]
    _check_labels(grid, figures)
    figures, sums, totals = _without_totals(figures, numbers)
    for whole in totals:
        unread.setdefault(whole.place, Unread(whole.place, whole.name, TOTAL, TOTAL_REMEDY))
    notes += sums
    notes += _sums_of_quarters(sheet, grid, numbers)
    headers, keys, records = _records(grid, figures, numbers, chosen)
    shown_as = tuple(
        (*key, *(record[spot].text if spot in record else "" for spot in range(len(key), len(headers))))
        for key, record in zip(keys, records, strict=True)
    )
    notes += _said(sheet, grid, figures, len(records), numbers)
    names = {figure.place: (figure.field, figure.name) for figure in (*totals, *figures)}

    def read(spots: Sequence[int], dates: Collection[int] = ()) -> TextColumns:
        columns = {
            spot: pa.chunked_array([pa.array([row[spot] or None for row in shown_as], pa.string())]) for spot in spots
        }
        return TextColumns(columns, len(shown_as), (), lambda places: [place + 1 for place in places])

    origin = Reshaped(
        sheet.headers, numbers, records, grid.headings, unread, grid.totals, names,
    )  # fmt: skip
    return replace(sheet, headers=headers, samples=shown_as[:400], read=read, notes=tuple(notes), reshaped=origin)


def _unreadable(sheet: Sheet, refusal: Refusal) -> Sheet:
    """A sheet that is a summary and cannot be read: the reason comes where it is read."""

    def read(spots: Sequence[int], dates: Collection[int] = ()) -> TextColumns:
        raise refusal

    origin = Reshaped(sheet.headers, (), (), frozenset(), {}, (), {})
    return replace(sheet, headers=("Quarter", *_CALLED.values()), samples=(), read=read, reshaped=origin)


def _check_labels(grid: Grid, figures: Sequence[Figure]) -> None:
    """Refuse what its labels leave open."""
    bare = [figure for figure in figures if (quarter_in(figure.quarter) or "").startswith("Q")]
    if bare:
        listed = ", ".join(dict.fromkeys(figure.quarter for figure in bare))
        raise Refusal(f"The quarters {listed} have no year. Write them as 2026-Q1, or add a column Year.")
    has_marketing = any(figure.source.casefold().startswith("marketing") for figure in grid.figures)
    if grid.bare_sales and not has_marketing:
        label = grid.bare_sales[0]
        raise Refusal(
            f"{label!r} may be what sales sourced or all of it, for nothing in the sheet is marketing's. "
            f"Write {label.lower().replace('sales', 'Sales-sourced', 1)!r}, or leave the word 'sales' out."
        )


def _without_totals(figures: Sequence[Figure], numbers: Sequence[int]) -> tuple[list[Figure], list[str], list[Figure]]:
    """Figures without those that sum up others of them; sentences on sums that do not fit; the sums."""
    parts: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        if not figure.is_total and figure.field:
            parts.setdefault((figure.field, _quarter(figure)), []).append(figure)
    whose = {key: sourced for key, own in parts.items() if (sourced := [part for part in own if _whose(part)])}
    kept, sums, notes = list[Figure](), list[Figure](), list[str]()
    for figure in figures:
        own = parts.get((figure.field, _quarter(figure)), [])
        sourced = [] if figure.is_total or _whose(figure) else whose.get((figure.field, _quarter(figure)), [])
        if figure.is_total and own:
            sums.append(figure)
            notes += _unlike(figure, own, numbers)
        elif figure.field in COUNTS and sourced:
            # Beside figures with a source, one without may be their total; only the figures can tell.
            if _adds_up(figure, sourced):
                sums.append(figure)
                continue
            raise Refusal(
                f"Row {numbers[figure.place]}: nothing says whose {figure.name!r} of {figure.quarter} are, while other rows say marketing or "
                f"sales, and they do not add up to {figure.text}. Write 'Total', 'Marketing', 'Sales' or 'Unassigned' before it."
            )
        else:
            kept.append(figure)
    return kept, notes[:20], sums


def _whose(figure: Figure) -> str:
    return figure.source or "".join(figure.labels)


def _adds_up(figure: Figure, parts: Sequence[Figure]) -> bool:
    whole, values = number_in(figure.text), [number_in(part.text) for part in parts]
    return whole is not None and None not in values and abs(sum(filter(None, values)) - whole) < 0.005


def _unlike(figure: Figure, parts: Sequence[Figure], numbers: Sequence[int]) -> list[str]:
    """A sentence where a total is not the sum of its parts, beyond what rounding them can do."""
    whole, values = number_in(figure.text), [number_in(part.text) for part in parts]
    if whole is None or None in values or figure.field not in COUNTS or _whose(figure):
        return []
    total = sum(filter(None, values))
    if abs(total - whole) <= 0.5 * len(parts):
        return []
    return [
        f"Row {numbers[figure.place]}: the total of {figure.name} in {figure.quarter} is {figure.text}, while its parts sum to {total:,.10g}. "
        "The parts were counted."
    ]


def _sums_of_quarters(sheet: Sheet, grid: Grid, numbers: Sequence[int]) -> list[str]:
    """What columns that sum up quarters say, held against the quarters; and that they were not counted."""
    if not grid.sums:
        return []
    notes = []
    listed = ", ".join(repr(sheet.headers[i]) for i in dict.fromkeys(figure.column for figure in grid.sums))
    notes.append(f"Set aside as sums of quarters: {listed}.")
    years = {(quarter_in(figure.quarter) or "")[:4] for figure in grid.figures}
    by_place: dict[int, list[Figure]] = {}
    for figure in grid.figures:
        by_place.setdefault(figure.place, []).append(figure)
    for whole in grid.sums:
        own = [figure for figure in by_place.get(whole.place, ()) if figure.scenario == whole.scenario]
        year = re.search(r"\d\d$", sheet.headers[whole.column])
        if year:
            own = [figure for figure in own if (quarter_in(figure.quarter) or "")[2:4] == year[0]]
            if len({quarter_in(figure.quarter) for figure in own}) != 4:
                continue
        elif len(years) > 1 and normalise(sheet.headers[whole.column]) not in (
            "total",
            "grandtotal",
            "sum",
        ):
            continue
        said, values = number_in(whole.text), [number_in(figure.text) for figure in own]
        if whole.field not in COUNTS or said is None or None in values or not own:
            continue
        total = sum(filter(None, values))
        if abs(total - said) > 0.5 * len(own):
            notes.append(
                f"Row {numbers[whole.place]}: {sheet.headers[whole.column]!r} says {whole.text}, while the quarters sum to {total:,.10g}. "
                "The quarters were counted."
            )
    return notes[:20]


def _records(
    grid: Grid, figures: Sequence[Figure], numbers: Sequence[int], chosen: Collection[str]
) -> tuple[tuple[str, ...], list[tuple[str, ...]], tuple[dict[int, Figure], ...]]:
    """The header, and for each record what its first columns say and the figures in the others."""
    labels = [i for i in range(len(grid.labels)) if any(figure.labels[i] for figure in figures)]
    sourced = any(figure.source for figure in figures)
    first = ["Quarter", *(["Source"] if sourced else [])]
    for i in labels:
        is_source = sourced and normalise(grid.labels[i]) in FIELDS["funnel"]["source"]
        first.append(_free("Lead source" if is_source else grid.labels[i], first))
    spots: dict[tuple[str, str], int] = {}
    headers = list(first)
    records: dict[tuple[str, ...], dict[int, Figure]] = {}
    collide = _colliding(figures)
    for figure in figures:
        measure = (figure.field, normalise(figure.name) if figure.field in collide or not figure.field else "")
        if measure not in spots:
            spots[measure] = len(headers)
            headers.append(_free(_header(figure, numbers), headers))
        key = (figure.quarter, *([figure.source] if sourced else []), *(figure.labels[i] for i in labels))
        record = records.setdefault(key, {})
        before = record.setdefault(spots[measure], figure)
        if before is not figure and figure.field in COUNTS:
            raise Refusal(
                f"Row {numbers[figure.place]}: {figure.name!r} of {figure.quarter} stands there a second time (first in row "
                f"{numbers[before.place]}), and nothing tells the two apart. Say whose each is, in a column Source, or delete one."
            )
    # What is none of a summary's counts makes no record, unless the user says that it is one.
    counted = {
        key: record
        for key, record in records.items()
        if any(figure.field in COUNTS or headers[spot] in chosen for spot, figure in record.items())
    }
    if not counted:
        raise Refusal("The summary holds no figures that could be counted. Export it with its counts.")
    return tuple(headers), list(counted), tuple(counted.values())


def _colliding(figures: Sequence[Figure]) -> set[str]:
    """Counts that one record has under two names ("Wins" and "Customers"): those stay two columns, of which one is read."""
    seen: dict[tuple[object, ...], str] = {}
    found = set()
    for figure in figures:
        key = (figure.field, figure.quarter, figure.source, figure.labels)
        if figure.field and seen.setdefault(key, normalise(figure.name)) != normalise(figure.name):
            found.add(figure.field)
    return found


def _header(figure: Figure, numbers: Sequence[int]) -> str:
    """What a measure's column is called: as its maker calls it."""
    if figure.field in COUNTS:
        known = {figure.field, *FIELDS["funnel"][figure.field]}
        return figure.name if normalise(figure.name) in known else _CALLED[figure.field]
    return public(figure.name) or f"row {numbers[figure.place]}"


def public(name: str) -> str:
    """A label as it may be shown; "" where it may be somebody's."""
    return "" if is_personal(name) or "@" in name or is_personal_content([name]) else name[:80]


def _free(name: str, taken: Sequence[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def _said(sheet: Sheet, grid: Grid, figures: Sequence[Figure], records: int, numbers: Sequence[int]) -> list[str]:
    """How the sheet was read, in sentences."""
    quarters = sorted({_quarter(figure) for figure in figures})
    span = quarters[0] if len(quarters) == 1 else f"{quarters[0]} … {quarters[-1]}"
    how = "quarters across" if grid.across else "quarters down"
    names = [name for i, name in enumerate(grid.labels) if any(figure.labels[i] for figure in figures)]
    dimensions = [
        "quarter",
        *(["source"] if any(figure.source for figure in figures) else []),
        *(name[:40] for name in names),
    ]
    each = " and ".join(filter(None, (", ".join(dimensions[:-1]), dimensions[-1])))
    notes = [
        f"Read as a summary with {how}: {span} became {records:,} {'row' if records == 1 else 'rows'}, one for each {each}."
    ]
    sourced = {figure.field for figure in figures if _whose(figure)}
    unsourced = {figure.field: figure.name for figure in figures if figure.field in {*COUNTS} - sourced}
    if unsourced and sourced:
        listed = ", ".join(map(repr, unsourced.values()))
        notes.append(
            f"Nothing says whose {listed} are: they are unassigned. Write 'Marketing' or 'Sales' before them if they are one side's."
        )
    if grid.carried:
        rows = ", ".join(str(numbers[place]) for place in grid.carried[:10]) + (" …" if len(grid.carried) > 10 else "")
        notes.append(f"Blank labels were read as the ones above them, in row {rows}.")
    left = [header for header in grid.left if not is_personal(header)]
    if left:
        listed = ", ".join(repr(header[:60]) for header in left[:10])
        notes.append(f"Columns that are of no quarter were not read: {listed}{' …' if len(left) > 10 else ''}.")
    return notes


def _quarter(figure: Figure) -> str:
    return quarter_in(figure.quarter) or figure.quarter


def _why(origin: Reshaped, place: int, is_lost: bool) -> tuple[str, str, str]:
    """Why nothing of a row was counted, what to do, and what the row is called."""
    field, name = origin.names.get(place, ("", ""))
    if is_lost:
        return "all its quarters are left out, for another cell of each is no figure", "Correct that cell.", name
    if place in origin.unread:
        each = origin.unread[place]
        return each.reason, each.remedy, each.value
    if field in _RATES:
        return "rates and deal sizes follow from the counts", NO_REMEDY, name
    if field:
        return "another row says the same under another name", NO_REMEDY, name
    reason = "it is none of the counts that a summary has" if name else "nothing says what the row counts"
    return reason, "If it is one, map it by hand: mqls, sqls, opportunities, wins or revenue.", name
