"""A sheet of text → a typed table, with every row and every cell that does not parse accounted for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.headers import HELPERS, STAGE_NAMES, TYPES, normalise
from alignment_core.imports.model import DateOrder, FileMapping, Kind, Limits, NeedsAnswer, Question, Refusal
from alignment_core.imports.sheet import Sheet, TextColumns
from alignment_core.imports.values import by_value, tidy
from alignment_core.imports.values.dates import date_evidence, parse_dates
from alignment_core.imports.values.fiscal import parse_quarter, parse_quarter_number, parse_year
from alignment_core.imports.values.money import money_evidence, parse_money
from alignment_core.imports.values.plain import parse_flag, parse_number
from alignment_core.results import Fault
from alignment_core.vocabulary import Stage

__all__ = ["Parsed", "parse"]

_WON = frozenset(("closedwon", "won", "accepted", "wonclosed", "gewonnen"))
_LOST = frozenset(
    ("closedlost", "lost", "rejected", "lostclosed", "closed", "disqualified", "verloren", "canceled", "cancelled")
)
#: How many faults of a column are listed one by one.
_EXAMPLES = 100
_REMEDY = {
    "time": "Write it as 2026-09-30, or correct the record and export again.",
    "money": "Write it as 1234.50, or correct the record and export again.",
    "number": "Write it as a plain number.",
    "flag": "Write TRUE or FALSE.",
    "quarter": "Write it as 2026-Q3.",
    "quarter number": "Write it as Q3.",
    "year": "Write it as 2026.",
    "stage": "Write mql, sql, opportunity or win.",
    "source": "Write marketing or sales.",
}
_MEANT = {
    "time": "is no date", "money": "is no amount", "number": "is no number", "flag": "is neither yes nor no",
    "quarter": "is no quarter", "quarter number": "is no quarter", "year": "is no year", "stage": "is no stage",
    "source": "is neither marketing nor sales",
}  # fmt: skip


@dataclass(frozen=True)
class Parsed:
    """A typed table and what became of its rows.

    Attributes:
        date_order: how ambiguous dates were read, if there were any.
        parses: by column, how many rows parse and how many have something.
    """

    table: pa.Table
    rows_read: int
    faults: tuple[Fault, ...]
    date_order: DateOrder | None
    parses: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Column:
    """A field's column: its text, what it became, and where it stands for nothing that can be read."""

    field: str
    spot: int
    header: str
    type: str
    texts: pa.ChunkedArray
    values: pa.ChunkedArray
    failed: pa.ChunkedArray | None = None
    why: Callable[[str], str] | None = None


def parse(
    sheet: Sheet,
    kind: Kind,
    fields: Mapping[str, int],
    mapping: FileMapping,
    limits: Limits,
    *,
    name: str,
    stage: Stage | None,
) -> Parsed:
    """Parse the mapped columns of a sheet.

    Raises:
        NeedsAnswer: what only the user can decide, with the mapping lines that decide it.
        Refusal: the table cannot be read, in words.
    """
    if kind == "stage_events" and stage is None and "stage" not in fields:
        raise Refusal(
            "Nothing says which stage these records reached. Say whether it is mqls, sqls, opportunities or wins."
        )
    text = sheet.read(sorted({*fields.values()}))
    if text.length + len(text.aside) > limits.rows:
        raise Refusal(f"The file has {text.length:,} rows; at most {limits.rows:,} are read. Export fewer.")
    texts = {spot: tidy(column) for spot, column in text.columns.items()}
    fields = _resolved(fields, texts)
    orders = _date_orders(sheet, texts, fields, mapping, name)
    columns = {
        field: _typed(field, spot, sheet, texts, fields, orders.get(spot), mapping, name)
        for field, spot in fields.items()
    }
    values = {field: column.values for field, column in columns.items() if field not in HELPERS}
    values |= _derived(kind, columns, stage, text.length)
    table = pa.table(values)

    faults = _Faults(name, sheet, text)
    bad = [column for column in columns.values() if column.failed is not None and pc.any(column.failed).as_py()]
    for column in bad:
        faults.cells(column)
    keep = pc.invert(reduce(pc.or_, (column.failed for column in bad))) if bad else None
    if "is_deleted" in columns and (deleted := pc.sum(columns["is_deleted"].values).as_py()):
        faults.deleted(columns["is_deleted"].header, deleted)
        alive = pc.invert(pc.fill_null(columns["is_deleted"].values, False))
        keep = alive if keep is None else pc.and_(keep, alive)
    places = None if keep is None else pc.indices_nonzero(keep)
    table = table if keep is None else table.filter(keep)
    key = f"{kind[:-1]}_id"
    if kind in ("leads", "deals") and key in table.column_names:
        table = _once(table, key, columns[key].header, places, faults)
    known = {order for order in orders.values() if order}
    return Parsed(
        table=table,
        rows_read=text.length + len(text.aside),
        faults=faults.all(),
        date_order=mapping.date_order or (known.pop() if len(known) == 1 else None),
        parses={
            column.spot: (
                (filled := text.length - column.texts.null_count)
                - (pc.sum(column.failed).as_py() or 0 if column.failed is not None else 0),
                filled,
            )
            for column in columns.values()
        },
    )


def _type(field: str, fields: Mapping[str, int]) -> str:
    if field == "quarter" and "year" in fields:
        return "quarter number"
    return TYPES.get(field, "text")


def _resolved(fields: Mapping[str, int], texts: Mapping[int, pa.ChunkedArray]) -> dict[str, int]:
    """`source` is marketing or sales; a column of that name with other values is a lead source."""
    found = dict(fields)
    if "source" in found:
        values = {normalise(value) for value in pc.unique(texts[found["source"]]).to_pylist() if value}
        if not all(_side(value) for value in values):
            spot = found.pop("source")
            found.setdefault("lead_source", spot)
    return found


def _date_orders(
    sheet: Sheet, texts: Mapping[int, pa.ChunkedArray], fields: Mapping[str, int], mapping: FileMapping, name: str
) -> dict[int, DateOrder | None]:
    """Whether the day or the month comes first, by column; None where no value leaves that open."""
    orders: dict[int, DateOrder | None] = {}
    open_: list[tuple[str, str]] = []
    torn: list[tuple[str, int, int]] = []
    for field, spot in fields.items():
        if _type(field, fields) != "time":
            continue
        header = sheet.headers[spot]
        said = mapping.date_orders.get(header) or mapping.date_order
        found = date_evidence(texts[spot])
        if said:
            orders[spot] = said
        elif found.day_first and found.month_first:
            torn.append((header, found.day_first, found.month_first))
        elif found.day_first or found.month_first:
            orders[spot] = "DMY" if found.day_first else "MDY"
        elif found.either:
            open_.append((header, found.example))
    answers = ('date_order = "DMY"', 'date_order = "MDY"')
    if torn:
        said = " ".join(
            f"In {header!r} {days:,} dates can only have the day first and {months:,} only the month: read day first, "
            f"{months:,} rows are set aside; read month first, {days:,}."
            for header, days, months in torn
        )
        raise NeedsAnswer(
            Question(f'{said} Export them in one format, or add to the mapping, under ["{name}"], one of:', answers)
        )
    if open_:
        listed = ", ".join(repr(header) for header, _ in open_)
        raise NeedsAnswer(
            Question(
                f'In {listed} nothing decides whether the day or the month comes first ({open_[0][1]}). Add to the mapping, under ["{name}"], one of:',
                answers,
            )
        )
    return orders


def _typed(
    field: str,
    spot: int,
    sheet: Sheet,
    texts: Mapping[int, pa.ChunkedArray],
    fields: Mapping[str, int],
    order: DateOrder | None,
    mapping: FileMapping,
    name: str,
) -> _Column:
    """One column as what it is."""
    cells, type_, header = texts[spot], _type(field, fields), sheet.headers[spot]
    if type_ == "time":
        dates = parse_dates(cells, order, sheet.excel_epoch)
        return _Column(field, spot, header, type_, cells, dates.values, dates.failed, dates.why)
    if type_ == "money":
        point = mapping.decimal
        found = money_evidence(cells)
        if point is None and found.undecided:
            raise NeedsAnswer(
                Question(
                    f'In {header!r} nothing decides whether {found.example} is more than a thousand or has decimals. Add to the mapping, under ["{name}"], one of:',
                    ('decimal = "."', 'decimal = ","'),
                )
            )
        money = parse_money(cells, point or found.decimal)
        return _Column(field, spot, header, type_, cells, money.values, money.failed)
    if type_ in ("number", "flag", "quarter", "quarter number", "year"):
        ways = {
            "number": parse_number, "flag": parse_flag, "quarter": parse_quarter,
            "quarter number": parse_quarter_number, "year": parse_year,
        }  # fmt: skip
        plain = ways[type_](cells)
        return _Column(field, spot, header, type_, cells, plain.values, plain.failed)
    if type_ in ("stage", "source"):
        word = _stage if type_ == "stage" else _side
        values = by_value(cells, lambda value: word(normalise(value)), pa.string())
        failed = pc.and_(pc.is_valid(cells), pc.is_null(values))
        return _Column(field, spot, header, type_, cells, values, failed)
    return _Column(field, spot, header, type_, cells, cells)


def _stage(value: str) -> str | None:
    return STAGE_NAMES.get(value)


def _side(value: str) -> str | None:
    for side in ("marketing", "sales"):
        if value.startswith(side):
            return side
    return "unassigned" if value == "unassigned" else None


def _derived(
    kind: Kind, columns: Mapping[str, _Column], stage: Stage | None, length: int
) -> dict[str, pa.ChunkedArray | pa.Array]:
    """Columns of the table that no column of the file has as such."""
    made: dict[str, pa.ChunkedArray | pa.Array] = {}
    if kind == "deals":
        # A pipeline's stage may stand still while the status beside it says won.
        said = [columns[field].texts for field in ("deal_stage", "deal_status") if field in columns]
        if "won_date" in columns:
            won = columns["won_date"].values
            made["closed_at"] = pc.coalesce(won, columns["closed_at"].values) if "closed_at" in columns else won
            if "is_won" not in columns and not said:
                made["is_won"] = pc.is_valid(won)
        if said:
            for flag, words in (("is_won", _WON), ("is_closed", _WON | _LOST)):
                if flag not in columns:
                    made[flag] = reduce(pc.or_, (_says(texts, words) for texts in said))
        elif "is_closed" not in columns and "closed_at" in columns and "is_won" in columns:
            made["is_closed"] = pc.is_valid(columns["closed_at"].values)
    if kind == "stage_events" and stage is not None:
        made["stage"] = pa.array([stage] * length, pa.string())
    if kind == "funnel" and "year" in columns:
        made["quarter"] = pc.binary_join_element_wise(columns["year"].values, columns["quarter"].values, "-Q")
    return made


def _says(texts: pa.ChunkedArray, words: frozenset[str]) -> pa.ChunkedArray:
    """Whether a cell is one of some words."""
    return pc.fill_null(by_value(texts, lambda value: _letters(value) in words, pa.bool_()), False)


def _letters(value: str) -> str:
    return "".join(letter for letter in value.casefold() if "a" <= letter <= "z")


def _once(table: pa.Table, key: str, header: str, places: pa.Array | None, faults: "_Faults") -> pa.Table:
    """Each record once: later rows with the same id are set aside."""
    ids = table[key]
    if _rises(ids) or pc.count_distinct(ids).as_py() == len(ids) - ids.null_count:
        return table
    where = range(len(ids)) if places is None else places.to_pylist()
    first: dict[str, int] = {}
    keep, repeated = [], []
    for place, value in zip(where, ids.to_pylist(), strict=True):
        known = first.setdefault(value, place) if value is not None else place
        keep.append(known == place)
        if known != place:
            repeated.append((place, known, value))
    faults.repeated(key, header, repeated)
    return table.filter(pa.array(keep))


def _rises(ids: pa.ChunkedArray) -> bool:
    """Whether each id is greater than the one before, as in most exports: then none is there twice, and that is seen
    in a tenth of the time."""
    if not pa.types.is_string(ids.type) or ids.null_count:
        return False
    last = None
    for chunk in ids.chunks:
        if not len(chunk):
            continue
        if last is not None and not last < chunk[0].as_py():
            return False
        if len(chunk) > 1 and not pc.all(pc.less(chunk[:-1], chunk[1:])).as_py():
            return False
        last = chunk[-1].as_py()
    return True


class _Faults:
    """Collects what is wrong, by its place; the rows of the file are looked up once, at the end."""

    def __init__(self, name: str, sheet: Sheet, text: TextColumns) -> None:
        self._name, self._sheet, self._text = name, sheet, text
        self._found: list[tuple[int | None, int | None, Fault]] = []

    def cells(self, column: _Column) -> None:
        """Cells that do not parse."""
        places = pc.indices_nonzero(column.failed)
        texts = column.texts.take(places[:_EXAMPLES]).to_pylist()
        faults = []
        for value in texts:
            reason = column.why(value) if column.why else _MEANT[column.type]
            faults.append(Fault(self._name, None, column.header, shown(value), reason, _REMEDY[column.type]))
        self._add(places[:_EXAMPLES].to_pylist(), faults, len(places))

    def deleted(self, header: str, rows: int) -> None:
        fault = Fault(
            self._name, None, header, "TRUE", "the record is deleted in the CRM",
            "Nothing, unless it should count: restore it there.", rows,
        )  # fmt: skip
        self._found.append((None, None, fault))

    def repeated(self, key: str, header: str, rows: Sequence[tuple[int, int, str]]) -> None:
        """Records whose id came before: (place, place of the first, id)."""
        remedy = "Export each record once; the first row counts."
        reason = f"the same {key.replace('_', ' ')} as row"
        faults = [Fault(self._name, None, header, shown(value), reason, remedy) for _, _, value in rows[:_EXAMPLES]]
        self._add([place for place, _, _ in rows[:_EXAMPLES]], faults, len(rows), [known for _, known, _ in rows])

    def all(self) -> tuple[Fault, ...]:
        """Every fault with the row it is in: first the rows that were not split, then cells, then records."""
        aside = [
            Fault(self._name, row.row, None, None, row.reason, row.remedy) for row in self._text.aside
        ]
        found: list[Fault] = []
        for reason in dict.fromkeys(fault.reason for fault in aside):
            alike = [fault for fault in aside if fault.reason == reason]
            found += _first(alike[:_EXAMPLES], len(alike))
        places = sorted({place for two in self._found for place in two[:2] if place is not None})
        rows = dict(zip(places, self._text.row_numbers(places), strict=True)) if places else {}
        for place, other, fault in self._found:
            reason = fault.reason if other is None else f"{fault.reason} {rows[other]}"
            if other is not None and fault.reason.endswith(", and so on"):
                reason = f"{fault.reason.removesuffix(', and so on')} {rows[other]}, and so on"
            found.append(
                Fault(
                    fault.file, None if place is None else rows[place], fault.column, fault.value, reason, fault.remedy,
                    fault.rows, fault.sets_aside,
                )  # fmt: skip
            )
        return tuple(found)

    def _add(self, places: Sequence[int], faults: list[Fault], count: int, others: Sequence[int] = ()) -> None:
        faults = _first(faults, count)
        for i, (place, fault) in enumerate(zip(places, faults, strict=True)):
            self._found.append((place, others[i] if others else None, fault))


def shown(value: str | None) -> str | None:
    """A value as a report may show it: short, and no e-mail address, which is somebody's."""
    if value is None:
        return None
    return "(an e-mail address)" if "@" in value else value[:80]


def _first(faults: list[Fault], count: int) -> list[Fault]:
    """Examples, the last of which stands for all that are not among them."""
    if count > len(faults):
        last = faults[-1]
        faults[-1] = Fault(
            last.file, last.row, last.column, last.value, f"{last.reason}, and so on", last.remedy,
            count - len(faults) + 1,
        )  # fmt: skip
    return faults
