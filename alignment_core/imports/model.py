"""What goes into an import and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from alignment_core.results import Fault, Quality
from alignment_core.vocabulary import Source, Stage

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["leads", "deals", "touches", "stage_events", "funnel", "plan", "history", "owners", "accounts"]
DateOrder = Literal["DMY", "MDY"]
Decimal = Literal[".", ","]
Why = Literal["own name", "known name", "chosen by hand", "personal, dropped", "not used"]

#: A mark in a table's metadata: it comes from one file, whose every id the import has seen once.
ONCE = b"each id once"

#: Stands between a workbook's name and that of its sheet.
OF_BOOK = " \u203a "

KINDS: tuple[Kind, ...] = get_args(Kind)
DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
DECIMALS: tuple[Decimal, ...] = get_args(Decimal)


@dataclass(frozen=True)
class Limits:
    """How much one file may ask for before it is refused.

    Attributes:
        bytes: size of the file; for a workbook also the size of what it unpacks to, times 8.
        rows, columns: size of the table in it.
        cells: of the sheets of a workbook together, the empty ones between others included.
        cell_length: characters of one cell.
        entries: parts of a workbook's archive.
        ratio: how many times its packed size a part of an archive may unpack to, from 16 MB on.
        nesting: tables, or elements that are not shown, inside each other on a web page.
        memory: bytes that the process which reads the file may use.
        seconds: time that reading the file may take.
    """

    bytes: int = 500 * 2**20
    rows: int = 5_000_000
    columns: int = 2_000
    cells: int = 30_000_000
    cell_length: int = 2**20
    entries: int = 10_000
    ratio: int = 100
    nesting: int = 250
    memory: int = 4 * 2**30
    seconds: float = 120.0


@dataclass(frozen=True)
class InputFile:
    """A file to read.

    Attributes:
        name: what the user calls it.
        content: where it is, or its bytes.
        kind: what it holds, where the user has said so.
        stage: the stage its rows reached, for a stage-by-stage file.
    """

    name: str
    content: Path | bytes
    kind: Kind | None = None
    stage: Stage | None = None


@dataclass(frozen=True)
class FileMapping:
    """What the user has decided about a file. Whatever is not decided is recognised.

    Attributes:
        kind, stage: what the file holds.
        date_order: whether 3/4/2026 is the 3rd of April (DMY) or March the 4th (MDY).
        columns: the header of the column for a field; "" leaves the field without one.
        encoding: how the file's bytes are characters, by a name that Python knows (cp1252, gb18030, …).
        decimal: the sign before the decimals of an amount.
        sheet: the only sheet of a workbook that is read; by default each that holds a table.
        date_orders: `date_order` of single columns, by header; where none is given, the file's counts.
        fingerprint: the headers it was made for (`library.fingerprint`), by which a file of another name
            is known again.
        values: what all its rows have, by field, where no column says it (the region of a file of one region, say);
            "" where what its name says is not to be taken.
        skip: nothing is read of it.
    """

    kind: Kind | None = None
    stage: Stage | None = None
    date_order: DateOrder | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    decimal: Decimal | None = None
    sheet: str | None = None
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)
    fingerprint: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    skip: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a file and the field it became. A personal column shows no samples.

    Attributes:
        suggestion: the field that a column without one may be; never taken without the user's word.
        suggested_because: what speaks for the suggestion, in words.
        parses: of the rows that hold something, how many parse, and how many there are; None where not counted.
    """

    header: str
    field: str | None
    why: Why
    samples: tuple[str, ...] = ()
    suggestion: str | None = None
    suggested_because: str = ""
    parses: tuple[int, int] | None = None


@dataclass(frozen=True)
class Question:
    """What only the user can decide, and the lines of a mapping file that would decide it either way."""

    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class PlanFigure:
    """One figure of a plan sheet. It is proposed for an agreement, and never counted.

    Attributes:
        quarter: YYYY-Qn.
        source: marketing or sales; None where the sheet does not say.
        segment: what else it is of, such as a region; its row where that is a person; "" for all.
        field: a stage, `revenue`, a rate's driver or `deal_size`; "" where the sheet does not say what it counts.
        name: the words of the sheet for that.
        value: a count, an amount, or a rate from 0 to 1.
        text: as written.
        row, column: where it stands in the file.
        currency: a code or sign, where the sheet says one.
    """

    quarter: str
    source: Source | None
    segment: str
    field: str
    name: str
    value: float
    text: str
    row: int
    column: str
    currency: str = ""


@dataclass(frozen=True)
class FileReport:
    """What was understood of a file, and what became of its rows.

    Attributes:
        name: the file's; of a workbook's sheet, where several are read, `sheet_name` of both.
        file, place: the file that it is, or is part of: its name, and where it stood among those given (two may be called alike).
        system: which system wrote it, by its headers.
        refused: why nothing was taken from it, in sentences; empty if it was understood.
        question: what must be answered before it can be read.
        date_order: how its dates with slashes were read.
        values: what all its rows have, by field, as its name or the user says.
        skipped: sheets of the workbook that the user took out.
        plan: the figures of a plan, which are in no table.
    """

    name: str
    file: str = ""
    place: int = 0
    kind: Kind | None = None
    stage: Stage | None = None
    system: str = "unknown"
    columns: tuple[Column, ...] = ()
    rows_read: int = 0
    rows_used: int = 0
    faults: tuple[Fault, ...] = ()
    refused: tuple[str, ...] = ()
    question: Question | None = None
    date_order: DateOrder | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    plan: tuple[PlanFigure, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why nothing was taken from it, each beginning with the file's name; the question's answers in it."""
        asked = (f"{self.question.text} " + " | ".join(self.question.answers),) if self.question else ()
        return tuple(f"{self.name}: {reason}" for reason in (*self.refused, *asked))


@dataclass(frozen=True)
class Imported:
    """The tables that the files became, and a report on each file."""

    tables: Mapping[Kind, "pa.Table"]
    files: tuple[FileReport, ...]

    @property
    def quality(self) -> Quality:
        return Quality(
            rows_read=sum(report.rows_read for report in self.files),
            rows_used=sum(report.rows_used for report in self.files),
            faults=tuple(fault for report in self.files for fault in report.faults),
        )

    @property
    def refused(self) -> tuple[FileReport, ...]:
        """The files that nothing was taken from."""
        return tuple(report for report in self.files if report.refused or report.question)


def sheet_name(file: str, sheet: str) -> str:
    """What a sheet of a workbook of several is called."""
    return f"{file}{OF_BOOK}{sheet}"


class Refusal(ValueError):
    """A file that nothing can be taken from. `reasons` are sentences that say why and what to do."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


class NeedsAnswer(ValueError):
    """A file that cannot be read until the user has answered a question."""

    def __init__(self, question: Question) -> None:
        self.question = question
        super().__init__(question.text)
