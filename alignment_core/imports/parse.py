"""A sheet of text → a typed table, with every row and every cell that does not parse accounted for."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports import values as read
from alignment_core.imports.headers import HELPERS, LOST, STAGE_FIELDS, TYPES, WON, normalise
from alignment_core.imports.model import DateOrder, Decimal, FileMapping, Kind, Limits, NeedsAnswer, Question, Refusal
from alignment_core.imports.privacy import shown
from alignment_core.imports.sheet import Sheet, TextColumns
from alignment_core.imports.values.plain import letters
from alignment_core.imports.values.texts import by_value, tidy
from alignment_core.results import Fault
from alignment_core.vocabulary import Stage

__all__ = ["Parsed", "parse"]

#: How many faults of a column are listed one by one.
_EXAMPLES = 100
_REMEDY = {
    "time": "Write it as 2026-09-30, or correct the record and export again.",
    "money": "Write it as 1234.50, or correct the record and export again.",
    "number": "Write the count as a plain number.",
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


#: The place of a column, and what makes a column of the table of it: its name and values.
Extra = tuple[int, Callable[[pa.ChunkedArray], tuple[str, pa.ChunkedArray]]]


@dataclass(frozen=True)
class Parsed:
    """A typed table and what became of its rows.

    Attributes:
        date_order: how ambiguous dates were read, if there were any.
        parses: by column, how many rows parse and how many have something.
        notes: what the reader of the report must know, in sentences.
        rows_used: how many rows of the file are in the table, where a row of it is not one of the table's.
    """

    table: pa.Table
    rows_read: int
    faults: tuple[Fault, ...]
    date_order: DateOrder | None
    parses: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    rows_used: int | None = None


_OTHER_CLOCK = "has a time zone, while the dates above it have none"


@dataclass(frozen=True)
class _Column:
    """A field's column: its text, what it became, where something stands that does not parse and why; and further
    columns that came with it."""

    spot: int
    header: str
    type: str
    texts: pa.ChunkedArray
    values: pa.ChunkedArray
    failed: pa.ChunkedArray | None = None
    why: Callable[[str], str | None] | None = None
    notes: tuple[str, ...] = ()
    also: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)


def parse(
    sheet: Sheet,
    kind: Kind,
    fields: Mapping[str, int],
    mapping: FileMapping,
    limits: Limits,
    *,
    name: str,
    stage: Stage | None,
    extras: Sequence[Extra] = (),
) -> Parsed:
    """Parse the mapped columns of a sheet.

    Args:
        sheet: the table of text.
        kind, fields: what it holds, and the column of each field.
        mapping: what the user decided.
        limits: how much it may ask for.
        name: the file's.
        stage: the stage that its rows reached, for a file of one stage.
        extras: columns that are no fields, and what is kept of each.

    Raises:
        NeedsAnswer: what only the user can decide, with the mapping lines that decide it.
        Refusal: the table cannot be read, in words.
    """
    if kind == "stage_events" and stage is None and "stage" not in fields:
        raise Refusal(
            "Nothing says which stage these records reached. Say whether it is mqls, sqls, opportunities or wins."
        )
    wanted = sorted({*fields.values(), *(spot for spot, _ in extras)})
    text = sheet.read(wanted, _of_dates(fields))
    if text.length + len(text.aside) > limits.rows:
        raise Refusal(f"The file has {text.length:,} rows; at most {limits.rows:,} are read. Export fewer.")
    said_of_sides = _sides(fields, text.columns)
    fields = _resolved(fields, text.columns, sheet.headers)
    with ThreadPoolExecutor(2) as pool:  # Arrow lets other threads work while it does
        iso = dict(pool.map(lambda each: (each, read.parse_iso_dates(text.columns[each])), _of_dates(fields)))
        orders = _date_orders(sheet, text.columns, [spot for spot in iso if iso[spot] is None], mapping, name)
        decimal = _decimal_of_counts(fields, text.columns, mapping)

        def typed(field: str, spot: int) -> _Column:
            if _type(field, fields) == "number":
                return _counts(spot, sheet, text.columns[spot], decimal, name)
            return _typed(
                field, spot, sheet, text.columns[spot], fields, iso.get(spot), orders.get(spot), mapping, name
            )

        columns = dict(zip(fields, pool.map(typed, fields, fields.values()), strict=True))
    values = {field: column.values for field, column in columns.items() if field not in HELPERS}
    for column in columns.values():
        values |= {other: cells for other, cells in column.also.items() if other not in fields}
    if said_of_sides is not None and "source" not in fields:
        values["source"] = said_of_sides
    values |= _derived(kind, columns, stage, text.length)
    for spot, keep_of in extras:
        made, cells = keep_of(text.columns[spot])
        values[made] = cells
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
    if "about" in columns:
        said = by_value(columns["about"].texts, lambda name: normalise(name) in STAGE_FIELDS, pa.bool_())
        of_stages = pc.fill_null(said, False)
        others = pc.invert(of_stages) if keep is None else pc.and_not(keep, of_stages)
        faults.elsewhere(columns["about"].header, pc.sum(others).as_py() or 0)
        keep = of_stages if keep is None else pc.and_(keep, of_stages)
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
        parses={column.spot: _counted(column) for column in columns.values()},
        notes=tuple(note for column in columns.values() for note in column.notes),
    )


def _counted(column: _Column) -> tuple[int, int]:
    """How many cells parse, and how many hold something."""
    parse = len(column.values) - column.values.null_count
    return parse, parse + (0 if column.failed is None else pc.sum(column.failed).as_py() or 0)


def _type(field: str, fields: Mapping[str, int]) -> str:
    if field == "quarter" and "year" in fields:
        return "quarter number"
    return TYPES.get(field, "text")


def _resolved(
    fields: Mapping[str, int], texts: Mapping[int, pa.ChunkedArray], headers: Sequence[str]
) -> dict[str, int]:
    """`source` is marketing or sales; a column of that name with other values, but for a header that is repeated among
    the records, is a lead source."""
    found = dict(fields)
    if "source" in found:
        spot = found["source"]
        failed = read.parse_source(texts[spot]).failed
        if pc.any(failed).as_py():
            is_header = pc.fill_null(pc.equal(texts[spot].cast(pa.string()), headers[spot]), False)
            if pc.any(pc.and_not(failed, is_header)).as_py():
                del found["source"]
                found.setdefault("lead_source", spot)
    return found


def _sides(fields: Mapping[str, int], texts: Mapping[int, pa.ChunkedArray]) -> pa.ChunkedArray | None:
    """Whose each row says it is, where most rows of the column `source` say marketing or sales; the others name a lead source."""
    if "source" not in fields:
        return None
    said = read.parse_source(texts[fields["source"]])
    others = pc.sum(said.failed).as_py() or 0
    return said.values if len(said.values) - said.values.null_count > others else None


def _of_dates(fields: Mapping[str, int]) -> list[int]:
    return [spot for each, spot in fields.items() if _type(each, fields) == "time"]


def _date_orders(
    sheet: Sheet, texts: Mapping[int, pa.ChunkedArray], spots: Sequence[int], mapping: FileMapping, name: str
) -> dict[int, DateOrder | None]:
    """Whether the day or the month comes first, by column; None where no value leaves that open.

    A column whose own dates do not decide is read as the file's other columns are, which the same system wrote.
    """
    orders: dict[int, DateOrder | None] = {}
    undecided: dict[int, str] = {}
    torn: list[str] = []
    for spot in spots:
        header = sheet.headers[spot]
        said = mapping.date_orders.get(header) or mapping.date_order
        found = read.date_evidence(texts[spot])
        if said or found.order:
            orders[spot] = said or found.order
        elif found.contradicts:
            torn.append(
                f"In {header!r} {found.day_first:,} dates can only have the day first and {found.month_first:,} only the "
                f"month: read day first, {found.month_first:,} rows are set aside; read month first, {found.day_first:,}."
            )
        elif found.undecided:
            undecided[spot] = found.examples.get("either", "")
    answers = ('date_order = "DMY"', 'date_order = "MDY"')
    if torn:
        raise NeedsAnswer(
            Question(
                f'{" ".join(torn)} Export them in one format, or say which is meant. Add to the mapping, under ["{name}"], one of:',
                answers,
            )
        )
    decided = {order for order in orders.values() if order}
    if undecided and len(decided) != 1:
        listed = ", ".join(repr(sheet.headers[spot]) for spot in undecided)
        example = next(iter(undecided.values()))
        raise NeedsAnswer(
            Question(
                f'In {listed} nothing decides whether the day or the month comes first ({example}). Add to the mapping, under ["{name}"], one of:',
                answers,
            )
        )
    return orders | dict.fromkeys(undecided, next(iter(decided), None))


def _typed(
    field: str,
    spot: int,
    sheet: Sheet,
    texts: pa.ChunkedArray,
    fields: Mapping[str, int],
    iso: read.ParsedDates | None,
    order: DateOrder | None,
    mapping: FileMapping,
    name: str,
) -> _Column:
    """One column as what it is."""
    type_, header = _type(field, fields), sheet.headers[spot]
    if iso is not None:
        return _Column(spot, header, type_, texts, iso.values)
    if type_ == "time":
        return _dates(spot, header, texts, order, sheet.excel_epoch)
    if type_ == "money":
        return _amounts(field, spot, header, texts, mapping, name)
    parser = _PARSERS.get(type_)
    if parser is None:
        kept = tidy(texts)
        return _Column(spot, header, type_, kept, kept)
    found = parser(texts)
    why = read.why_no_quarter if type_ == "quarter" else None
    return _Column(spot, header, type_, texts, found.values, found.failed, why, found.notes)


_PARSERS: Mapping[str, Callable[[pa.ChunkedArray], read.Parsed]] = {
    "flag": read.parse_flag, "quarter": read.parse_quarter,
    "quarter number": read.parse_quarter_number, "year": read.parse_year, "stage": read.parse_stage,
    "source": read.parse_source,
}  # fmt: skip


def _dates(spot: int, header: str, texts: pa.ChunkedArray, order: DateOrder | None, excel_epoch: int | None) -> _Column:
    """Dates. Of two clocks in one column the rarer is not trusted: a zone that some of the dates have can decide the
    quarter, so those are set aside; where only few have none, they are taken as UTC, and that is said."""
    found = read.parse_dates(texts, order, excel_epoch)

    def why(text: str) -> str | None:
        return read.why_no_date(text, order, excel_epoch) or _OTHER_CLOCK

    count = len(found.values) - found.values.null_count
    if not found.without_zone:
        return _Column(spot, header, "time", texts, found.values, found.failed, why)
    if found.without_zone * 2 < count:
        note = f"{found.without_zone:,} dates in {header!r} have no time zone, while the others have one; they are read as UTC."
        return _Column(spot, header, "time", texts, found.values, found.failed, why, (note,))
    has_zone = pc.and_(pc.is_valid(found.values), pc.invert(found.unzoned))
    plain = found.values.cast(pa.timestamp("us"))
    values = pc.if_else(has_zone, pa.scalar(None, pa.timestamp("us")), plain)
    return _Column(spot, header, "time", texts, values, pc.or_(found.failed, has_zone), why)


def _amounts(field: str, spot: int, header: str, texts: pa.ChunkedArray, mapping: FileMapping, name: str) -> _Column:
    """Amounts of money, and the currencies that stand beside them."""
    if mapping.decimal != "," and (plain := read.parse_plain_money(texts)) is not None:
        return _Column(spot, header, "money", texts, plain.values)
    evidence = read.money_evidence(texts)
    decimal = mapping.decimal or evidence.decimal
    if decimal is None and evidence.contradicts:
        raise NeedsAnswer(
            Question(
                f"In {header!r} {evidence.point:,} amounts can only have a decimal point and {evidence.comma:,} only a decimal comma. "
                f'Export them in one format, or say which is meant. Add to the mapping, under ["{name}"], one of:',
                _POINTS,
            )
        )
    if decimal is None and evidence.undecided:
        raise _thousand_or_decimals(header, evidence, name)
    found = read.parse_money(texts, decimal)
    has_currency = found.currency.null_count < len(found.currency)
    also = {"currency": found.currency} if has_currency and field == "amount" else {}
    return _Column(
        spot, header, "money", texts, found.values, found.failed,
        lambda text: read.why_no_amount(text, decimal), found.notes, also,
    )  # fmt: skip


_POINTS = ('decimal = "."', 'decimal = ","')


def _thousand_or_decimals(header: str, evidence: read.MoneyEvidence, name: str) -> NeedsAnswer:
    example = evidence.examples.get("either", "")
    return NeedsAnswer(
        Question(
            f"In {header!r} nothing decides whether {example} is more than a thousand or has decimals. "
            f'Add to the mapping, under ["{name}"], one of:',
            _POINTS,
        )
    )


def _decimal_of_counts(
    fields: Mapping[str, int], texts: Mapping[int, pa.ChunkedArray], mapping: FileMapping
) -> Decimal | None:
    """The sign before decimals on which a summary's counts and amounts agree; None where none of them shows it."""
    types = {spot: _type(field, fields) for field, spot in fields.items()}
    if "number" not in types.values():
        return mapping.decimal
    found = [read.money_evidence(texts[spot]) for spot, type_ in types.items() if type_ in ("number", "money")]
    told = {each.decimal for each in found if each.point or each.comma}
    return mapping.decimal or (told.pop() if len(told) == 1 else None)


def _counts(spot: int, sheet: Sheet, texts: pa.ChunkedArray, decimal: Decimal | None, name: str) -> _Column:
    """Counts. A comma before three digits groups thousands where nothing says otherwise; whether a dot does is asked."""
    evidence, header = read.money_evidence(texts), sheet.headers[spot]
    if decimal is None and evidence.undecided and "." in evidence.examples["either"]:
        raise _thousand_or_decimals(header, evidence, name)
    found = read.parse_number(texts, decimal or ".")
    below = pc.fill_null(pc.less(found.values, 0), False)
    values = pc.if_else(below, pa.scalar(None, found.values.type), found.values)

    def why(text: str) -> str | None:
        parsed = read.parse_number(pa.chunked_array([[text]]), decimal or ".").values[0].as_py()
        return None if parsed is None else "is below zero, and a count cannot be"

    return _Column(spot, header, "number", texts, values, pc.or_(found.failed, below), why)


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
            for flag, words in (("is_won", WON), ("is_closed", WON | LOST)):
                if flag not in columns:
                    made[flag] = reduce(pc.or_, (_says(texts, words) for texts in said))
        elif "is_closed" not in columns and "closed_at" in columns and "is_won" in columns:
            made["is_closed"] = pc.is_valid(columns["closed_at"].values)
    if kind == "stage_events" and stage is not None:
        made["stage"] = pa.array([stage] * length, pa.string())
    if kind == "funnel" and "year" in columns:
        years, numbers = (columns[name].values.cast(pa.string()) for name in ("year", "quarter"))
        made["quarter"] = pc.binary_join_element_wise(years, numbers, "-Q")
    return made


def _says(texts: pa.ChunkedArray, words: frozenset[str]) -> pa.ChunkedArray:
    """Whether a cell is one of some words."""
    return pc.fill_null(by_value(texts, lambda value: letters(value) in words, pa.bool_()), False)


def _once(table: pa.Table, key: str, header: str, places: pa.Array | None, faults: "_Faults") -> pa.Table:
    """Each record once: later rows with the same id are set aside."""
    ids = table[key]
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(pa.string())
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
            reason = (column.why(value) if column.why else None) or _MEANT[column.type]
            faults.append(Fault(self._name, None, column.header, shown(value), reason, _REMEDY[column.type]))
        self._add(places[:_EXAMPLES].to_pylist(), faults, len(places))

    def deleted(self, header: str, rows: int) -> None:
        fault = Fault(
            self._name, None, header, "TRUE", "the record is deleted in the CRM",
            "Nothing, unless it should count: restore it there.", rows,
        )  # fmt: skip
        self._found.append((None, None, fault))

    def elsewhere(self, header: str, rows: int) -> None:
        """Rows of a history that are about something else than the stage."""
        if rows:
            reason = "the change is of another field than the stage"
            self._found.append((None, None, Fault(self._name, None, header, None, reason, "Nothing.", rows)))

    def repeated(self, key: str, header: str, rows: Sequence[tuple[int, int, str]]) -> None:
        """Records whose id came before: (place, place of the first, id)."""
        remedy = "Export each record once; the first row counts."
        reason = f"the same {key.replace('_', ' ')} as row"
        faults = [Fault(self._name, None, header, shown(value), reason, remedy) for _, _, value in rows[:_EXAMPLES]]
        self._add([place for place, _, _ in rows[:_EXAMPLES]], faults, len(rows), [known for _, known, _ in rows])

    def all(self) -> tuple[Fault, ...]:
        """Every fault with the row it is in: first the rows that were not split, then cells, then records."""
        aside = [Fault(self._name, row.row, None, None, row.reason, row.remedy) for row in self._text.aside]
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
            found.append(replace(fault, row=None if place is None else rows[place], reason=reason))
        return tuple(found)

    def _add(self, places: Sequence[int], faults: list[Fault], count: int, others: Sequence[int] = ()) -> None:
        faults = _first(faults, count)
        for i, (place, fault) in enumerate(zip(places, faults, strict=True)):
            self._found.append((place, others[i] if others else None, fault))


def _first(faults: list[Fault], count: int) -> list[Fault]:
    """Examples, the last of which stands for all that are not among them."""
    if count > len(faults):
        last = faults[-1]
        faults[-1] = Fault(
            last.file, last.row, last.column, last.value, f"{last.reason}, and so on", last.remedy,
            count - len(faults) + 1,
        )  # fmt: skip
    return faults
