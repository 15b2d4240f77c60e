"""A table somebody made by hand → its figures, each with what the labels around it say.

Quarters may stand across or down, stages down or across, sources in a column of their own, in the labels or as headings
over blocks. Whatever the layout, a figure is of one quarter, source and measure, and its row and column together say which.
A sheet of this kind has few cells, so they are walked one by one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from alignment_core.imports.headers import FIELDS, is_personal, normalise
from alignment_core.imports.labels import Label, Scenario, read_label
from alignment_core.imports.model import Refusal
from alignment_core.imports.sheet import Aside, Sheet
from alignment_core.imports.values.fiscal import quarter_in
from alignment_core.imports.values.nothing import EMPTY, SPACE

__all__ = ["Figure", "Grid", "Unread", "layout_of", "read_grid", "tells"]

#: A table made by hand is not larger than this.
_MOST_ROWS, _MOST_FIGURES, _MOST_COLUMNS, _MOST_LABELS = 2_000, 40_000, 400, 20
#: How many records show how a table is laid out.
_SAMPLES = 200
_FIGURE = re.compile(
    r"^\W*(?:[A-Z]{0,3}[$€£¥₹]|[A-Z]{3})?\W*\d[\d.,'’\s]*\W*(?:[kKmM]|bn|mn|Mio\.?)?\W*(?:[$€£¥₹]|[A-Z]{3})?\W*$"
)
_OF_GROUP = re.compile(r"^(.*\S)\s+(?:total|totals|gesamt|summe)$", re.IGNORECASE)
#: Headings that part a block's rows and say nothing about them.
_SECTIONS = frozenset(
    "volume volumes rate rates conversion conversions conversionrates funnel funnelcounts count counts stages stage revenue money metrics"
    " kpis bookings results efficiency leads pipeline financials".split()
)
_LABELS = {name for known in ("source", "lead_source", "owner", "currency") for name in FIELDS["funnel"][known]} | {
    name
    for segment in ("country", "region", "state", "industry", "product", "team", "manager", "lead_type", "deal_type", "campaign")
    for name in (normalise(segment), *FIELDS["funnel"][segment])
}  # fmt: skip
_SOURCES = frozenset(FIELDS["funnel"]["source"])

HEADING = "the row is a heading, and no record"
_EMPTY_ROW = "the row holds no figure"
_ONLY_SUMS = "it has figures only in columns that sum up quarters"
_AGAIN = "the row repeats the header"
_OF_YEARS = "the row sums up quarters"
NO_REMEDY = "Nothing needs to be done."


@dataclass(frozen=True)
class Figure:
    """One cell that holds something, and what the labels around it say.

    Attributes:
        place: its row among the sheet's records, from 0.
        column: its column.
        quarter: as written, with the year that stands elsewhere; "" where nothing says it.
        source: Marketing or Sales.
        labels: what the sheet's further columns say of it; see `Grid.labels`.
        field: what it counts; "" where that is not known.
        name: the words for that, as written.
    """

    place: int
    column: int
    text: str
    quarter: str
    source: str
    labels: tuple[str, ...]
    field: str
    name: str
    scenario: Scenario | None
    currency: str
    is_total: bool


@dataclass(frozen=True)
class Unread:
    """A row that holds no figure."""

    place: int
    value: str
    reason: str
    remedy: str = NO_REMEDY


@dataclass(frozen=True)
class Grid:
    """The figures of a sheet.

    Attributes:
        numbers: the rows of the file that the records stand in, by their place.
        totals: rows that the reader of the file has set aside.
        labels: the headers of columns that say more of a figure than its quarter, source and measure.
        sums: figures of columns that sum up quarters.
        headings: places of the rows whose words were taken for the rows under them.
        unread: rows that hold no figure.
        across: whether the quarters stand across.
        left: headers of columns that were not read.
        carried: places of rows with blank labels that were read as the ones above.
        bare_sales: labels such as "Sales revenue", which may be sales-sourced revenue or all of it.
    """

    numbers: tuple[int, ...]
    totals: tuple[Aside, ...]
    labels: tuple[str, ...]
    figures: tuple[Figure, ...]
    sums: tuple[Figure, ...]
    headings: frozenset[int]
    unread: tuple[Unread, ...]
    across: bool
    left: tuple[str, ...]
    carried: tuple[int, ...] = ()
    bare_sales: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Which columns hold figures, and what the others say.

    Attributes:
        heads: what each header says.
        values: columns of figures.
        sums: columns that sum up quarters.
        measure: the column that says what a row counts.
        said: columns that say a coordinate: quarter, year, source or scenario.
        labels: further columns of words.
        left: columns that are not read.
    """

    heads: tuple[Label, ...]
    values: tuple[int, ...]
    sums: tuple[int, ...]
    measure: int | None
    said: tuple[int, ...]
    labels: tuple[int, ...]
    left: tuple[int, ...]

    @property
    def across(self) -> bool:
        return any(self.heads[i].quarter for i in self.values)

    @property
    def words(self) -> tuple[int, ...]:
        """All columns of words, from left to right."""
        own = () if self.measure is None else (self.measure,)
        return tuple(sorted({*self.said, *self.labels, *own}))


def layout_of(sheet: Sheet) -> Layout | None:
    """How a sheet's figures are laid out, by its headers and first records; None where they are not of quarters and measures."""
    heads = tuple(read_label(header) for header in sheet.headers)
    if not any(head.quarter or head.field for head in heads):
        return None
    if len(heads) > _MOST_COLUMNS:
        return None
    cells = [
        [row[i].strip(SPACE) for row in sheet.samples[:_SAMPLES] if row[i].strip(SPACE)] for i in range(len(heads))
    ]
    figures = [_are_figures(column) for column in cells]
    values = [
        i
        for i, head in enumerate(heads)
        if head.is_clear and (head.quarter or head.field or head.scenario) and figures[i]
    ]
    across = any(heads[i].quarter for i in values)
    if across:
        values = [i for i in values if heads[i].quarter]
    elif any(heads[i].field for i in values):
        values = [i for i in values if heads[i].field or heads[i].scenario]
    if not values:
        return None
    words = [
        i
        for i, header in enumerate(sheet.headers)
        if i not in values
        and cells[i]
        and (not figures[i] or _says_when(header, cells[i]))
        and (i < values[-1] or normalise(header) in _LABELS)
    ]
    if len(words) > _MOST_LABELS:
        return None
    sums = tuple(i for i, head in enumerate(heads) if across and i not in words and head.is_only_total and figures[i])
    said = [i for i in words if _coordinate(sheet.headers[i], cells[i])]
    measure = None
    if not any(heads[i].field for i in values):
        hits = {i: sum(bool(read_label(cell).field) for cell in cells[i]) for i in words if i not in said}
        measure = max(hits, key=hits.__getitem__) if any(hits.values()) else None
    labels = tuple(i for i in words if i not in said and i != measure and not is_personal(sheet.headers[i]))
    read = {*values, *sums, *said, *labels, *([] if measure is None else [measure])}
    left = tuple(i for i in range(len(heads)) if i not in read)
    return Layout(heads, tuple(values), sums, measure, tuple(said), labels, left)


def read_grid(sheet: Sheet, layout: Layout) -> Grid:
    """The figures of a sheet.

    Raises Refusal where the sheet is too large for a table made by hand, or its labels contradict each other.
    """
    for i in layout.left:
        if layout.heads[i].quarter and layout.heads[i].rest.isdigit():  # a second one of the same name
            raise Refusal(
                f"Two columns are of {layout.heads[i].quarter}, and nothing tells them apart. Write whose each is, or what, beside the quarter."
            )
    text = sheet.read(range(len(sheet.headers)))
    if text.length > _MOST_ROWS or text.length * len(layout.values) > _MOST_FIGURES:
        raise Refusal(
            f"A table made by hand has at most {_MOST_ROWS:,} rows and {_MOST_FIGURES:,} cells of quarters; this has {text.length:,} rows. "
            "Write one row a quarter and source, with the columns quarter, source, mqls, sqls, opportunities, wins, revenue."
        )
    columns = [text.columns[i].to_pylist() for i in range(len(sheet.headers))]
    rows = [[(cell or "").strip(SPACE) for cell in row] for row in zip(*columns, strict=True)]
    numbers = text.row_numbers(range(text.length))
    return _Walk(sheet, layout, rows, numbers, text.aside).grid()


@dataclass
class _Context:
    """What the headings above a row say."""

    said: Label = field(default_factory=Label)
    source: str = ""
    outer: str = ""
    is_total: bool = False
    is_guess: bool = (
        False  # a total that was set aside above may have been a heading; a row with labels of its own is not under it
    )


class _Walk:
    """Goes down the rows of a sheet."""

    def __init__(
        self,
        sheet: Sheet,
        layout: Layout,
        rows: Sequence[Sequence[str]],
        numbers: Sequence[int],
        totals: tuple[Aside, ...],
    ) -> None:
        self._sheet, self._layout, self._rows = sheet, layout, rows
        self._numbers, self._aside = numbers, totals
        self._totals = {aside.row for aside in totals}
        self._above: dict[int, str] = {}
        self._context = _Context()
        self._figures: list[Figure] = []
        self._sums: list[Figure] = []
        self._headings: set[int] = set()
        self._unread: list[Unread] = []
        self._carried: list[int] = []
        self._bare_sales = [
            header for header, head in zip(sheet.headers, layout.heads, strict=True) if _is_bare_sales(header, head)
        ]
        self._groups: dict[int, set[str]] = {i: {row[i] for row in rows} for i in layout.words}

    def grid(self) -> Grid:
        for place in range(len(self._rows)):
            self._row(place)
        layout, headers = self._layout, self._sheet.headers
        return Grid(
            numbers=tuple(self._numbers),
            totals=self._aside,
            labels=(*(headers[i] for i in layout.labels), "Heading", "Group"),
            figures=tuple(self._figures),
            sums=tuple(self._sums),
            headings=frozenset(self._headings),
            unread=tuple(self._unread),
            across=layout.across,
            left=tuple(headers[i] for i in layout.left),
            carried=tuple(self._carried),
            bare_sales=tuple(dict.fromkeys(self._bare_sales)),
        )

    def _row(self, place: int) -> None:
        row, layout = self._rows[place], self._layout
        self._look_up(place)
        held = [i for i in (*layout.values, *layout.sums) if row[i]]
        words = {i: row[i] for i in layout.words if row[i]}
        if held and all(row[i] == self._sheet.headers[i] for i in held):
            self._unread.append(Unread(place, "", _AGAIN))
            return
        if not held:
            self._heading(place, words)
            return
        if len(words) < len(layout.words):
            words = self._carry(place, words)
        self._above = words
        self._read(place, words)

    def _look_up(self, place: int) -> None:
        """What stands between this row and the one before: a total's row ends a block, a blank row what is carried down."""
        between = range(self._numbers[place - 1] + 1 if place else 1, self._numbers[place])
        if place and any(number in self._totals for number in between):
            # A row that only says "Total" may be the heading of the block under it.
            self._context = _Context(is_total=True, is_guess=True)
            self._above = {}
        elif place and any(number not in self._totals for number in between) and (place - 1) not in self._headings:
            self._above = {}

    def _heading(self, place: int, words: Mapping[int, str]) -> None:
        """A row without figures: the heading of those under it, or nothing."""
        text = next(iter(words.values()), "")
        said = read_label(text)
        if len(words) != 1 or said.field:
            self._above |= words
            self._unread.append(Unread(place, text, _EMPTY_ROW if said.field or not words else HEADING))
            return
        if normalise(text) in _SECTIONS:
            self._unread.append(Unread(place, text, HEADING))
            return
        following = self._rows[place + 1] if place + 1 < len(self._rows) else []
        is_outer = bool(following) and not any(following[i] for i in (*self._layout.values, *self._layout.sums))
        context = self._context
        if said.is_clear and not said.source and not said.is_total:  # a quarter, a year or a scenario
            merged = {
                name: getattr(said, name) or getattr(context.said, name) for name in ("quarter", "year", "scenario")
            }
            self._context = replace(context, said=Label(**merged))
        elif said.is_clear or _is_total(text):
            self._context = replace(
                context, source=said.source, is_total=said.is_total or _is_total(text), is_guess=False
            )
        elif is_outer:
            next_ = read_label(next((following[i] for i in self._layout.words if following[i]), ""))
            self._context = _Context(outer=text) if next_.is_clear else context
            if not next_.is_clear:
                self._unread.append(Unread(place, text, HEADING))
                return
        else:
            self._context = replace(context, source=text, is_total=False, is_guess=False)
        self._above |= words
        self._headings.add(place)

    def _carry(self, place: int, words: dict[int, str]) -> dict[int, str]:
        """Blank labels read as the ones above, from the left, until the row has one of its own."""
        filled = dict(words)
        for i in self._layout.words:
            if i in words:
                # What stands further right belongs to the group above only if this label continues it.
                if self._above.get(i) != words[i]:
                    break
                continue
            if i in self._above:
                filled[i] = self._above[i]
                if place not in self._carried:
                    self._carried.append(place)
        return filled

    def _read(self, place: int, words: Mapping[int, str]) -> None:
        layout, context = self._layout, self._context
        said: dict[str, str] = {
            "quarter": context.said.quarter, "year": context.said.year, "source": context.source, "field": "", "name": "", "currency": "",
        }  # fmt: skip
        has_own = any(words.get(i) for i in (*layout.said, *layout.labels))
        scenario, is_total = context.said.scenario, context.is_total and not (context.is_guess and has_own)
        if layout.measure is not None:
            text = words.get(layout.measure, "")
            label = read_label(text)
            if label.rest or not label.field:
                label = Label(name=text, is_total=_is_total(text))
            said |= {key: value for key in said if (value := getattr(label, key))}
            if _is_bare_sales(text, label):
                self._bare_sales.append(text)
            scenario, is_total = label.scenario or scenario, label.is_total or is_total
            if label.source:
                is_total = label.is_total
        for i in layout.said:
            text = words.get(i, "")
            label = Label(quarter=f"Q{text}") if re.fullmatch("[1-4]", text) else read_label(text)
            said |= {key: value for key in ("quarter", "year", "source") if (value := getattr(label, key))}
            scenario = label.scenario or scenario
            is_total = is_total or label.is_total
            if label.is_only_total and any(read_label(cell).quarter for cell in self._groups[i]):
                self._unread.append(Unread(place, text, _OF_YEARS))
                return
        labels = []
        for i in layout.labels:
            text = words.get(i, "")
            if tells(text):
                scenario, text = tells(text), ""
            group = _OF_GROUP.match(text)
            if _is_total(text) or (group and group[1] in self._groups[i]):
                is_total, text = True, ""
            labels.append(text)
        held = [i for i in (*layout.values, *layout.sums) if self._rows[place][i] not in EMPTY]
        if not any(i in layout.values for i in held):
            reason = _ONLY_SUMS if held else _EMPTY_ROW
            self._unread.append(Unread(place, said["name"], reason))
        for i in held:
            text = self._rows[place][i]
            figure = self._figure(place, i, text, said, scenario, is_total, (*labels, "", context.outer))
            (self._sums if i in layout.sums else self._figures).append(figure)

    def _figure(
        self, place: int, column: int, text: str, row: Mapping[str, str], scenario: Scenario | None, is_total: bool,
        labels: tuple[str, ...],
    ) -> Figure:  # fmt: skip
        head = self._layout.heads[column]
        for key, name in (("source", "source"), ("field", "measure"), ("quarter", "quarter")):
            mine, its = getattr(head, key), row[key]
            if mine and its and _alike(mine) != _alike(its):
                raise Refusal(
                    f"Row {self._numbers[place]}, column {self._sheet.headers[column][:60]!r}: the row's {name} is {its!r} and the column's "
                    f"{mine!r}, yet the cell holds {text[:40]!r}. Correct the label or empty the cell."
                )
        quarter, year = head.quarter or row["quarter"], head.year or row["year"]
        if quarter and year and (bare := quarter_in(quarter)) and bare.startswith("Q"):
            quarter = quarter_in(quarter, year) or quarter
        source = head.source or row["source"]
        if source and not read_label(source).source:  # a heading that is neither marketing nor sales
            labels = (*labels[:-2], source, labels[-1])
            source = ""
        return Figure(
            place, column, text, quarter, source, labels, head.field or row["field"], head.name or row["name"],
            head.scenario or scenario, head.currency or row["currency"], is_total or (head.is_total and column not in self._layout.sums),
        )  # fmt: skip


def tells(text: str) -> Scenario | None:
    """Whether figures were planned or reached, where a label says that and nothing else."""
    label = read_label(text)
    return label.scenario if label.is_clear and label == Label(scenario=label.scenario) else None


def _is_bare_sales(text: str, label: Label) -> bool:
    says_how = re.search(r"sourced|generated|led\b|driven|originated", text, re.IGNORECASE)
    return bool(label.field) and label.source == "Sales" and not says_how


def _alike(text: str) -> str:
    return quarter_in(text) or normalise(text)[:5]


def _is_total(text: str) -> bool:
    """Whether a label says that it sums up others, whatever else it says."""
    return bool(
        re.match(r"(grand |over ?all )?totals?\b|all\b|overall\b|combined\b|gesamt|summe\b", text, re.IGNORECASE)
    )


def _are_figures(cells: Sequence[str]) -> bool:
    """Whether most cells of a column are figures; an empty column may be one of figures to come."""
    held = [cell for cell in cells if cell not in EMPTY]
    return not held or sum(bool(_FIGURE.match(cell)) for cell in held) >= len(held) * 0.5


def _says_when(header: str, cells: Sequence[str]) -> bool:
    """Whether a column of numbers says the year or the quarter."""
    name = normalise(header)
    if name in FIELDS["funnel"]["year"]:
        return all(read_label(cell).year for cell in cells)
    return name in FIELDS["funnel"]["quarter"] and all(re.fullmatch("[1-4]", cell) for cell in cells)


def _coordinate(header: str, cells: Sequence[str]) -> bool:
    """Whether a column says nothing but quarters, years, sources or scenarios (and totals)."""
    if _says_when(header, cells):
        return True
    if not all((label := read_label(cell)).is_clear and not label.field for cell in cells):
        return False
    labels = [read_label(cell) for cell in cells]
    own = [label for label in labels if not label.is_only_total or label.year]
    if not own:
        return False
    return any(
        all(getattr(label, name) for label in own if name == "year" or not label.is_only_total)
        for name in ("quarter", "year", "source", "scenario")
    ) and any(getattr(label, name) for label in own for name in ("quarter", "year", "source", "scenario"))
