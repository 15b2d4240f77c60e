"""Text → typed values, one SQL pass, with every cell that does not parse accounted for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.headers import HELPERS, STAGE_NAMES, TYPES, normalise
from alignment_core.imports.model import FileMapping, Kind, NeedsAnswer, Question, Refusal
from alignment_core.imports.text import TextTable, quoted
from alignment_core.results import Fault
from alignment_core.vocabulary import Stage

#: Texts that stand for nothing.
EMPTY = ("", "N/A", "n/a", "NA", "#N/A", "-", "--", "–", "null", "NULL", "None", "none", "000000000000000AAA")
_TRUE = ("true", "1", "yes", "y", "t", "ja", "won", "x")
_FALSE = ("false", "0", "no", "n", "f", "nein", "lost", "open")
_WON = ("closedwon", "won", "accepted", "wonclosed", "gewonnen")
_LOST = ("closedlost", "lost", "rejected", "lostclosed", "closed", "disqualified", "verloren", "canceled", "cancelled")
#: How many faults of a column are listed one by one.
_EXAMPLES = 100

_ISO = re.compile(r"^\s*\d{4}-\d{1,2}-\d{1,2}")
_ZONED = re.compile(r":\d{2}([.]\d+)?\s?(Z|UTC|[+-]\d{2}(:?\d{2})?)\s*$")
_SLASHED = re.compile(r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")
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
    "time": "is no date", "money": "is no amount", "number": "is no number", "flag": "is neither yes nor no", "quarter": "is no quarter", "quarter number": "is no quarter", "year": "is no year",
    "stage": "is no stage", "source": "is neither marketing nor sales",
}  # fmt: skip

_OTHER_CLOCK = "has a time zone, while the dates above it have none"


@dataclass(frozen=True)
class Parsed:
    """A typed table and what became of its rows."""

    table: pa.Table
    rows_read: int
    faults: tuple[Fault, ...]
    date_order: str | None


def parse(
    connection: duckdb.DuckDBPyConnection,
    text: TextTable,
    kind: Kind,
    fields: Mapping[str, int],
    mapping: FileMapping,
    *,
    name: str,
    stage: Stage | None,
) -> Parsed:
    """Parse the mapped columns of a table.

    Raises:
        NeedsAnswer: what only the user can decide, with the mapping lines that decide it.
        Refusal: the table cannot be read, in words.
    """
    if kind == "stage_events" and stage is None and "stage" not in fields:
        raise Refusal(
            "Nothing says which stage these records reached. Say whether it is mqls, sqls, opportunities or wins."
        )
    fields = _resolved(fields, text, kind)
    order = mapping.date_order or _date_order(connection, text, fields, name)
    zoned = _zoned(connection, text, fields)
    typed = {
        field: _Typed(field, spot, _type(field, fields), text, order, field in zoned) for field, spot in fields.items()
    }
    selected = {field: column.sql for field, column in typed.items() if field not in HELPERS}
    selected |= _derived(kind, typed, stage)
    checked = [column for column in typed.values() if column.checked]
    too_long = " OR ".join(f"{column} IS NOT NULL" for column in text.overflow) or "FALSE"
    bad = " OR ".join([too_long, *(column.fails for column in checked)])
    deleted = f"coalesce({typed['is_deleted'].sql}, FALSE)" if "is_deleted" in typed else "FALSE"
    listed = ", ".join(f'{sql} AS "{field}"' for field, sql in selected.items())
    present = "coalesce(" + ", ".join(f"c{spot}" for spot in fields.values()) + ", NULL) IS NOT NULL"
    suspect = " OR ".join([too_long, *(column.suspect for column in checked)])
    table = run(
        connection, text, f"SELECT {listed}, ({suspect}) AS set_aside, ({deleted}) AS deleted FROM rows WHERE {present}"
    )
    if pc.any(table["set_aside"]).as_py():
        # Looking closely costs as much as all the parsing, and most files need it nowhere.
        exact = run(connection, text, f"SELECT ({bad}) AS set_aside FROM rows WHERE {present}")
        table = table.set_column(table.column_names.index("set_aside"), "set_aside", exact["set_aside"])
    rejected = rejected_rows(connection)
    read = table.num_rows + len(rejected)
    places = _Places(connection, text, present, [row for row, _ in rejected])
    faults = _first([_row_fault(name, row, error) for row, error in rejected[:_EXAMPLES]], len(rejected))
    keep = pc.invert(pc.or_(table["set_aside"], table["deleted"]))
    if pc.any(table["set_aside"]).as_py():
        if text.overflow:
            found, count = places.where(too_long)
            faults += _first([_row_fault(name, row, "TOO MANY COLUMNS") for row, _ in found], count)
        for column in checked:
            found, count = places.where(column.fails, f"c{column.spot}")
            meant, remedy = _MEANT[column.type], _REMEDY[column.type]
            faults += _first(
                [
                    Fault(
                        name,
                        row,
                        column.header,
                        _shown(value),
                        _OTHER_CLOCK if column.refuses_zone(value) else meant,
                        remedy,
                    )
                    for row, value in found
                ],
                count,
            )
    if count := pc.sum(table["deleted"]).as_py():
        header = text.headers[fields["is_deleted"]]
        faults.append(
            Fault(
                name,
                None,
                header,
                "TRUE",
                "the record is deleted in the CRM",
                "Nothing, unless it should count: restore it there.",
                count,
            )
        )
    kept = f"NOT ({bad}) AND NOT ({deleted})"
    table = table.drop_columns(["set_aside", "deleted"])
    table = _clean(table if pc.all(keep).as_py() else table.filter(keep), text)
    if _has_id(kind, table):
        key = f"{kind[:-1]}_id"
        table, repeated = _once(table, key, text.headers[fields[key]], lambda: places.where(kept, most=None), name)
        faults += repeated
    return Parsed(table, read, tuple(faults), order)


class _Typed:
    """A column, and the SQL that parses it.

    `fails` is true where something stands there that does not parse; `suspect`, which costs next to nothing beside
    the value, wherever that may be so.
    """

    def __init__(self, field: str, spot: int, type_: str, text: TextTable, order: str | None, zoned: bool) -> None:
        self.field, self.spot, self.type, self.header = field, spot, type_, text.headers[spot]
        self.checked = type_ in _REMEDY
        self.zoned = zoned
        samples = [row[spot] for row in text.samples if spot < len(row) and row[spot].strip()]
        trimmed = f"trim(c{spot})"
        empty = f"{trimmed} IN {_in(EMPTY)}"
        parsers: dict[str, Callable[..., str]] = {"money": _money, "number": _number, "flag": _flag}
        parsers |= {
            "quarter": _quarter,
            "quarter number": _quarter_number,
            "year": _year,
            "stage": _stage,
            "source": _source,
        }
        # Text is trimmed afterwards, in Arrow, which does it ten times as fast.
        self.cell = f"c{spot}" if type_ in ("time", "text", "id") else f"CASE WHEN NOT ({empty}) THEN {trimmed} END"
        parser = parsers.get(type_)
        self.sql = self.cell if parser is None else parser(self.cell, samples, order, text.is_workbook)
        if type_ == "time":
            self.sql = _time(self.cell, samples, order, text.is_workbook, zoned)
        self.suspect = f"(c{spot} IS NOT NULL AND ({self.sql}) IS NULL)"
        self.fails = (
            f"CASE WHEN ({self.sql}) IS NULL THEN coalesce(c{spot} IS NOT NULL AND NOT ({empty}), FALSE) ELSE FALSE END"
        )

    def refuses_zone(self, value: str | None) -> bool:
        """Whether a cell is a date with a time zone in a column that has none."""
        return self.type == "time" and not self.zoned and bool(value and _ISO.match(value) and _ZONED.search(value))


def _type(field: str, fields: Mapping[str, int]) -> str:
    if field == "quarter" and "year" in fields:
        return "quarter number"
    return TYPES.get(field, "text")


def _zoned(connection: duckdb.DuckDBPyConnection, text: TextTable, fields: Mapping[str, int]) -> set[str]:
    """The columns of dates whose values carry a time zone.

    The first rows show it. A column that is empty there, in a file whose other dates have zones, is looked
    at as a whole: a zone that is overlooked would move events across a quarter's edge.
    """
    shown = {
        field: [row[spot] for row in text.samples if spot < len(row) and row[spot].strip()]
        for field, spot in fields.items()
        if _type(field, fields) == "time"
    }
    zoned = {field for field, cells in shown.items() if any(_ZONED.search(cell) and _ISO.match(cell) for cell in cells)}
    unseen = [field for field, cells in shown.items() if not cells]
    if zoned and unseen:
        pattern = quoted(_ZONED.pattern)
        looks = ", ".join(f"bool_or(regexp_matches(c{fields[field]}, {pattern}))" for field in unseen)
        (found,) = run(connection, text, f"SELECT {looks} FROM rows").to_pylist()
        zoned |= {field for field, has in zip(unseen, found.values(), strict=True) if has}
    return zoned


def _time(cell: str, samples: Sequence[str], order: str | None, is_workbook: bool, zoned: bool) -> str:
    """Dates in the usual spellings; the one that the samples have is tried first."""
    kind = "TIMESTAMPTZ" if zoned else "TIMESTAMP"
    iso = _iso(cell, zoned)
    day = ("d", "m") if order == "DMY" else ("m", "d")
    clocks = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
    four = ", ".join(f"'%{day[0]}/%{day[1]}/%Y{clock}'" for clock in clocks)
    two = ", ".join(f"'%{day[0]}/%{day[1]}/%y{clock}'" for clock in clocks)
    slashed = f"replace(replace(regexp_replace(trim({cell}), ',', ''), '.', '/'), '-', '/')"
    by_slash = (
        f"CASE WHEN regexp_matches({cell}, '^\\s*\\d{{1,2}}[/.-]\\d{{1,2}}[/.-]\\d{{4}}') THEN try_strptime({slashed}, [{four}]) "
        f"WHEN regexp_matches({cell}, '^\\s*\\d{{1,2}}[/.-]\\d{{1,2}}[/.-]\\d{{2}}(\\D|$)') THEN try_strptime({slashed}, [{two}]) END"
    )
    named = ", ".join(
        f"'{form}{clock}'"
        for form in (
            "%d %b %y",
            "%d-%b-%y",
            "%d %b %Y",
            "%d-%b-%Y",
            "%b %d %Y",
            "%d %B %y",
            "%d %B %Y",
            "%B %d %Y",
        )
        for clock in clocks[:3]
    )
    # Without the digits, `epoch` and `infinity` would be the first of January 1900.
    by_name = (
        f"CASE WHEN regexp_matches({cell}, '[0-9]') THEN try_strptime(replace(trim({cell}), ',', ''), [{named}]) END"
    )
    digits = (
        f"CASE WHEN regexp_matches({cell}, '^\\s*(19|20)\\d{{6}}\\s*$') THEN try_strptime(trim({cell}), '%Y%m%d') "
        f"WHEN regexp_matches({cell}, '^\\s*\\d{{13}}\\s*$') THEN make_timestamp(try_cast({cell} AS BIGINT) * 1000) "
        + (
            f"WHEN regexp_matches({cell}, '^\\s*\\d{{5}}(\\.\\d+)?\\s*$') THEN TIMESTAMP '1899-12-30' + to_microseconds(CAST(try_cast({cell} AS DOUBLE) * 86400000000 AS BIGINT)) "
            if is_workbook
            else ""
        )
        + "END"
    )
    trimmed = _iso(f"trim({cell})", zoned)
    ways = [iso, *(f"CAST({way} AS {kind})" for way in (by_slash, digits, by_name)), trimmed]
    if samples and _SLASHED.match(samples[0]):
        ways = [ways[1], ways[0], *ways[2:]]
    return f"CASE WHEN {cell} IS NOT NULL THEN coalesce({', '.join(ways)}) END"


def _iso(cell: str, zoned: bool) -> str:
    """Year first. DuckDB would also take `infinity`, the year 99999 and year 0, and drop a time zone where none is expected."""
    kind = "TIMESTAMPTZ" if zoned else "TIMESTAMP"
    proper = f"({cell} LIKE '____-_%' OR {cell} LIKE '____/_%') AND {cell} >= '0001' AND NOT suffix({cell}, ')')"
    if not zoned:
        proper += f" AND (strlen({cell}) = 10 OR {cell} LIKE '____-__-_____:__:__' OR NOT (suffix({cell}, 'Z') OR suffix({cell}, 'UTC') OR contains({cell}, '+') OR {cell} LIKE '%:%-%'))"
    return f"CASE WHEN {proper} THEN try_cast({cell} AS {kind}) END"


def _money(cell: str, samples: Sequence[str], _order: str | None, _workbook: bool) -> str:
    """Amounts with a currency, grouped by threes, negative by a sign or brackets; 12k and 1-2 are none."""
    european = any(re.search(r",\d{1,2}\D*$", sample) for sample in samples) and not any(
        re.search(r"\.\d{1,2}\D*$", sample) for sample in samples
    )
    group, point = (".", ",") if european else (",", ".")
    digits = rf"(\d{{1,3}}([{group}\s\x{{00A0}}\x{{202F}}]\d{{2,3}})*[{group}\s\x{{00A0}}\x{{202F}}]\d{{3}}|\d+)([{point}]\d*)?|[{point}]\d+"
    currency = r"([A-Za-z]{0,3}[$€£¥₹]|[A-Z]{3}|[Kk]r\.?)?"
    written = rf"^[(]?\s*[+−-]?\s*{currency}\s*[−-]?\s*({digits})\s*{currency}\s*[)]?$"
    bare = f"replace(regexp_replace({cell}, '[^0-9{point}]', '', 'g'), ',', '.')"
    sign = f"CASE WHEN regexp_matches({cell}, '[(−-]') THEN '-' ELSE '' END"
    tidy = f"CASE WHEN regexp_matches({cell}, '{written}') THEN try_cast({sign} || {bare} AS DECIMAL(18, 4)) END"
    return tidy if european else f"coalesce(try_cast({cell} AS DECIMAL(18, 4)), {tidy})"


def _number(cell: str, *_: object) -> str:
    return f"try_cast(replace({cell}, ',', '') AS DOUBLE)"


def _flag(cell: str, *_: object) -> str:
    return f"CASE WHEN lower({cell}) IN {_in(_TRUE)} THEN TRUE WHEN lower({cell}) IN {_in(_FALSE)} THEN FALSE END"


def _quarter(cell: str, *_: object) -> str:
    """A year of four digits, or of two beside FY, an apostrophe or nothing, and a quarter, in either order."""
    number, year = _quarter_number(cell), _year(f"regexp_replace(upper({cell}), 'Q\\s*[1-4]', ' ')")
    return f"CASE WHEN regexp_matches(upper({cell}), 'Q\\s*[1-4]') THEN {year} || '-Q' || {number} END"


def _quarter_number(cell: str, *_: object) -> str:
    return f"nullif(regexp_extract(upper({cell}), '(?:Q\\s*|^\\s*)([1-4])(?:\\D|$)', 1), '')"


def _year(cell: str, *_: object) -> str:
    year = f"regexp_extract(upper({cell}), '^\\W*(?:FY|CY)?\\W*((?:19|20)?\\d\\d)\\W*$', 1)"
    return f"CASE length({year}) WHEN 4 THEN {year} WHEN 2 THEN '20' || {year} END"


def _stage(cell: str, *_: object) -> str:
    whens = " ".join(f"WHEN '{name}' THEN '{stage}'" for name, stage in STAGE_NAMES.items())
    return f"CASE {_plain(cell)} {whens} END"


def _source(cell: str, *_: object) -> str:
    return f"CASE WHEN {_plain(cell)} LIKE 'marketing%' THEN 'marketing' WHEN {_plain(cell)} LIKE 'sales%' THEN 'sales' WHEN {_plain(cell)} = 'unassigned' THEN 'unassigned' END"


def _plain(cell: str) -> str:
    return f"regexp_replace(lower({cell}), '[^a-z]', '', 'g')"


def _in(values: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def _derived(kind: Kind, typed: Mapping[str, _Typed], stage: Stage | None) -> dict[str, str]:
    """Columns of the table that no column of the file has as such."""
    made: dict[str, str] = {}
    if kind == "deals":
        # A pipeline's stage may stand still while the status beside it says won.
        said = [_plain(typed[field].cell) for field in ("deal_stage", "deal_status") if field in typed]
        if "won_date" in typed:
            date = typed["won_date"].sql
            made["closed_at"] = f"coalesce({date}, {typed['closed_at'].sql})" if "closed_at" in typed else date
            if "is_won" not in typed and not said:
                made["is_won"] = f"({date}) IS NOT NULL"
        if said:
            for flag, words in (("is_won", _WON), ("is_closed", (*_WON, *_LOST))):
                if flag not in typed:
                    made[flag] = " OR ".join(f"coalesce({name} IN {_in(words)}, FALSE)" for name in said)
        elif "is_closed" not in typed and "closed_at" in typed and "is_won" in typed:
            made["is_closed"] = f"({typed['closed_at'].sql}) IS NOT NULL"
    if kind == "stage_events" and stage is not None:
        made["stage"] = f"'{stage}'"
    if kind == "funnel" and "year" in typed:
        made["quarter"] = f"({typed['year'].sql}) || '-Q' || ({typed['quarter'].sql})"
    return made


def _resolved(fields: Mapping[str, int], text: TextTable, kind: Kind) -> dict[str, int]:
    """`source` is marketing or sales; a column of that name with other values is a lead source."""
    found = dict(fields)
    if "source" in found:
        values = {normalise(row[found["source"]]) for row in text.samples if row[found["source"]].strip()}
        if not all(value.startswith(("marketing", "sales")) or value == "unassigned" for value in values):
            spot = found.pop("source")
            found.setdefault("lead_source", spot)
    return found


def _date_order(
    connection: duckdb.DuckDBPyConnection, text: TextTable, fields: Mapping[str, int], name: str
) -> str | None:
    """Whether the month or the day comes first in dates with slashes, by the evidence in the file."""
    spots = [
        spot
        for field, spot in fields.items()
        if TYPES.get(field) == "time" and any(_SLASHED.match(row[spot]) for row in text.samples if spot < len(row))
    ]
    if not spots:
        return None
    parts = r"'^\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}'"
    counts = ", ".join(
        f"count(*) FILTER (WHERE try_cast(regexp_extract(c{spot}, {parts}, {part}) AS INTEGER) > 12 "
        f"AND try_cast(regexp_extract(c{spot}, {parts}, {3 - part}) AS INTEGER) <= 12)"
        for spot in spots
        for part in (1, 2)
    )
    found = run(connection, text, f"SELECT {counts} FROM rows").to_pylist()[0]
    numbers = list(found.values())
    days_first, months_first = sum(numbers[::2]), sum(numbers[1::2])
    headers = ", ".join(repr(text.headers[spot]) for spot in spots)
    if days_first and months_first:
        raise Refusal(
            f"The dates in {headers} contradict each other: {days_first:,} can only have the day first, {months_first:,} only the month. "
            "Export them in one format, best as 2026-09-30."
        )
    if not days_first and not months_first:
        example = next(row[spots[0]] for row in text.samples if _SLASHED.match(row[spots[0]]))
        raise NeedsAnswer(
            Question(
                f'In {headers} nothing decides whether the day or the month comes first ({example}). Add to the mapping, under ["{name}"], one of:',
                ('date_order = "DMY"', 'date_order = "MDY"'),
            )
        )
    return "DMY" if days_first else "MDY"


def run(connection: duckdb.DuckDBPyConnection, text: TextTable, query: str) -> pa.Table:
    """Run a query over `rows`, by the first way of reading that works."""
    for place, source in enumerate(text.sources):
        try:
            return connection.execute(f"WITH rows AS ({source}) {query}").to_arrow_table()
        except duckdb.Error as error:
            if place == len(text.sources) - 1:
                said = str(error).strip().splitlines()[0][:160].rstrip(".")
                raise Refusal(f"The file cannot be read as a table: {said}.") from error
    raise AssertionError("a text table has at least one source")


class _Places:
    """Finds the rows of the file for which something holds."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, text: TextTable, present: str, rejected: Sequence[int]
    ) -> None:
        self._connection, self._text, self._present, self._rejected = connection, text, present, rejected

    def where(
        self, condition: str, value: str = "NULL", most: int | None = _EXAMPLES
    ) -> tuple[list[tuple[int, str | None]], int]:
        """The first rows, each with a value of it, and how many there are."""
        numbered = "SELECT row_number() OVER () AS number, * FROM rows"
        found = run(
            self._connection, self._text,
            f"SELECT number, left({value}, 80) AS value, count(*) OVER () AS everything FROM ({numbered}) "
            f"WHERE {self._present} AND ({condition}) ORDER BY number" + (f" LIMIT {most}" if most else ""),
        ).to_pydict()  # fmt: skip
        rows = self._text.rows_in_file(found["number"], self._rejected)
        return list(zip(rows, found["value"], strict=True)), (found["everything"] or [0])[0]


def rejected_rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """Rows that are no rows of the table, and why, as DuckDB noted them in its last reading.

    Raises:
        Refusal: a quotation mark that nothing closes has taken the rows after it with it.
    """
    try:
        found = connection.execute(
            "SELECT line, min(CAST(error_type AS VARCHAR)), bool_or(error_type = 'UNQUOTED VALUE' AND contains(csv_line, chr(10))) "
            "FROM reject_errors WHERE scan_id = (SELECT max(scan_id) FROM reject_errors) GROUP BY line ORDER BY line"
        ).fetchall()
    except duckdb.CatalogException:
        return []
    swallowed = [int(line) for line, _, many in found if many]
    if swallowed:
        raise Refusal(
            f"A quotation mark in row {swallowed[0]:,} is never closed, so that the rows after it cannot be told apart. "
            "Correct the record, or double the quotes inside its cells, and export again."
        )
    return [(int(line), str(error)) for line, error, _ in found]


def _row_fault(name: str, row: int, error: str) -> Fault:
    """A row that is not read at all. Its text is not shown: it may hold a name."""
    if error == "TOO MANY COLUMNS":
        reason, remedy = "the row has more cells than the header", "Put the cell that holds the delimiter in quotes."
    else:
        reason, remedy = "the row cannot be split into cells", "Double the quotes inside its cells."
    return Fault(name, row, None, None, reason, f"{remedy[:-1]}, or export again.")


def _shown(value: str | None) -> str | None:
    """A value as a report may show it: an e-mail address is somebody's."""
    return "(an e-mail address)" if value is not None and "@" in value else value


def _first(faults: list[Fault], count: int) -> list[Fault]:
    """Examples, the last of which stands for all that are not among them."""
    if count > len(faults):
        faults[-1] = _more(faults[-1], count - len(faults) + 1)
    return faults


def _more(fault: Fault, rows: int) -> Fault:
    """The last example stands for all that are not listed."""
    return Fault(fault.file, fault.row, fault.column, fault.value, f"{fault.reason}, and so on", fault.remedy, rows)


def _clean(table: pa.Table, text: TextTable) -> pa.Table:
    """Text without white space around it, and without the words that stand for nothing."""
    for place, column in enumerate(table.columns):
        if not pa.types.is_string(column.type):
            continue
        trimmed = pc.utf8_trim_whitespace(column)
        if not text.is_without_empties or _characters(trimmed) != _characters(column):
            nothing = pc.is_in(trimmed, value_set=pa.array(EMPTY))
            trimmed = pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed)
            table = table.set_column(place, table.column_names[place], trimmed)
    return table


def _characters(column: pa.ChunkedArray) -> int:
    return pc.sum(pc.binary_length(column)).as_py() or 0


def _has_id(kind: Kind, table: pa.Table) -> bool:
    return kind in ("leads", "deals") and f"{kind[:-1]}_id" in table.column_names


def _once(
    table: pa.Table, key: str, header: str, find: Callable[[], tuple[list[tuple[int, str | None]], int]], name: str
) -> tuple[pa.Table, list[Fault]]:
    """Each record once: later rows with the same id are set aside."""
    ids = table[key]
    if pc.count_distinct(ids).as_py() == len(ids) - ids.null_count:
        return table, []
    first: dict[str, int] = {}
    keep, faults = [], []
    for (row, _), value in zip(find()[0], ids.to_pylist(), strict=True):
        known = first.setdefault(value, row) if value is not None else row
        keep.append(known == row)
        if known != row:
            reason = f"the same {key.replace('_', ' ')} as row {known}"
            remedy = "Export each record once; the first row counts."
            faults.append(Fault(name, row, header, _shown(value[:80]), reason, remedy))
    return table.filter(pa.array(keep)), _first(faults[:_EXAMPLES], len(faults))
