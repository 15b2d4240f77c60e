"""`python -m alignment_core review`: a quarter held against its agreement, without a screen."""

import argparse
import hashlib
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.amendment_words import amended_to, amendment_name, explain_amendment
from alignment_core.amendments import Signed
from alignment_core.command_line import a_day, a_quarter, all_there, write_json
from alignment_core.data import Data
from alignment_core.doubts import SAID_BY_DOUBTS, doubts
from alignment_core.errors import DataError
from alignment_core.export.as_json import review_as_json
from alignment_core.export.workbook import SourceFile, write_workbook
from alignment_core.finding_sentences import finding_sentences
from alignment_core.findings import headline
from alignment_core.imports import FileReport, Imported, InputFile
from alignment_core.loading import read_inputs
from alignment_core.proposals import planned_quarters
from alignment_core.results import Bar, Doubt, Fault, Review
from alignment_core.review import review
from alignment_core.timing_words import carried_words, horizon_words, not_decided_words
from alignment_core.value_words import value_words
from alignment_core.verdict_words import verdict_word
from alignment_core.vocabulary import BASES, METHODS, MQL_BY, STAGES, Stage
from alignment_core.why import WhyMoved, why, with_why
from alignment_core.why_words import why_headline, why_sentences
from alignment_core.wording import DRIVER, OWNER, SOURCE, change, doubt, note, signed

__all__ = ["Loaded", "add_review", "add_review_options", "load_review"]

#: How many faults the terminal lists.
_MOST_FAULTS = 20
_EVENT_STAGES: dict[str, Stage] = dict(zip(("mql", "sql", "opportunity", "win"), STAGES, strict=True))


@dataclass(frozen=True, eq=False)
class Loaded:
    """What the options of a review come to.

    Attributes:
        known: the files whose mapping is that of a file with the same headers.
        digests: SHA-256 of each file, in the order in which they were given.
    """

    data: Data
    agreement: Agreement
    review: Review
    imported: Imported
    known: Collection[str]
    digests: tuple[str, ...]


def add_review(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    one = commands.add_parser("review", help="hold a quarter against its agreement")
    one.set_defaults(run=_review, wrong_usage=one.error)
    add_review_options(one)
    one.add_argument("--workbook", type=Path, metavar="OUT.xlsx", help="write the Excel workbook")
    one.add_argument("--json", metavar="OUT|-", help="write the review as JSON; - is standard output")


def add_review_options(one: argparse.ArgumentParser) -> None:
    """What says which review: the agreement, the quarter, the files and how they are counted."""
    one.add_argument("--agreement", type=Path, required=True, metavar="FILE", help="the agreement (TOML)")
    one.add_argument("--amended-from", type=Path, action="append", default=[], metavar="FILE",
                     help="a version of the agreement that was signed before it; give the first signed one first")  # fmt: skip
    one.add_argument("--amended-on", type=a_day, action="append", default=[], metavar="DATE",
                     help="when both sides had signed what took the place of it; once for each --amended-from")  # fmt: skip
    one.add_argument(
        "--quarter", type=a_quarter, required=True, metavar="YEAR-Qn", help="the fiscal quarter, for example 2026-Q3"
    )
    for kind in ("leads", "deals", "touches", "funnel"):
        one.add_argument(
            f"--{kind}",
            type=Path,
            action="append",
            default=[],
            metavar="F",
            help=f"a file of {kind}; may be given again",
        )
    one.add_argument("--events", type=_event, action="append", default=[], metavar="STAGE=F",
                     help="a file whose rows reached one stage (mql, sql, opportunity, win); may be given again")  # fmt: skip
    one.add_argument("--lookup", type=Path, action="append", default=[], metavar="F",
                     help="a file that says more of owners or accounts (a region of each, say), or when records reached their stages; may be given again")  # fmt: skip
    one.add_argument("--mapping", type=Path, metavar="F", help="which column is what, where headers don't tell (TOML)")
    one.add_argument(
        "--basis", choices=BASES, default="period", help="events in the quarter, or the quarter's own MQLs followed up"
    )
    one.add_argument(
        "--as-of", type=a_day, metavar="DATE", help="count nothing after this day; default the latest date in the files"
    )
    one.add_argument(
        "--method", choices=METHODS, default="shapley", help="how the variance is shared among the drivers"
    )
    one.add_argument(
        "--mql", choices=MQL_BY, default="crm", help="MQLs as the CRM flagged them, or as the agreement defines them"
    )
    one.add_argument("--by", metavar="FIELD", help="a segment field to break down by")


def _event(text: str) -> tuple[Stage, Path]:
    stage, _, file = text.partition("=")
    if stage not in _EVENT_STAGES or not file:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not written as STAGE=FILE with STAGE one of {', '.join(_EVENT_STAGES)}"
        )
    return _EVENT_STAGES[stage], Path(file)


def signed_by(options: argparse.Namespace, agreement: Agreement) -> list[Signed]:
    """The versions of the agreement, oldest first, from the files of those that came before it."""
    days: list[date] = options.amended_on
    if days and len(days) != len(options.amended_from):
        options.wrong_usage(
            f"--amended-on is given {len(days)} times and --amended-from {len(options.amended_from)} times; give both as often"
        )
    versions = []
    for path in options.amended_from:
        try:
            versions.append(Agreement.from_toml(path))
        except AgreementError as error:
            raise DataError(*(f"{path}: {fault}" for fault in error.faults)) from error
    names = [*options.amended_from, options.agreement]
    for (name, one), (other_name, other) in pairwise(zip(names, [*versions, agreement], strict=True)):
        if one == other:
            raise DataError(f"{name} and {other_name} are the same agreement: nothing was amended between them.")
    dates: list[date | None] = [None for _ in range(len(versions) + 1)]
    dates[1:] = days or dates[1:]
    return [Signed(version, on) for version, on in zip([*versions, agreement], dates, strict=True)] if versions else []


def load_review(options: argparse.Namespace) -> Loaded:
    """Read the files that were given, and hold the quarter against its agreement.

    Raises:
        AgreementError, MappingError, DataError, OSError: with every reason.
    """
    inputs = [
        InputFile(path.name, path, kind)
        for kind in ("leads", "deals", "touches", "funnel")
        for path in getattr(options, kind)
    ]
    inputs += [InputFile(path.name, path, "stage_events", stage) for stage, path in options.events]
    inputs += [InputFile(path.name, path) for path in options.lookup]
    if not inputs:
        raise DataError("No file was given. Give at least one of --leads, --deals, --funnel or --events.")
    files = [each.content for each in inputs if isinstance(each.content, Path)]
    all_there([options.agreement, *options.amended_from, options.mapping, *files])
    agreement = Agreement.from_toml(options.agreement)
    signed_versions = signed_by(options, agreement)
    imported, decided, known = read_inputs(inputs, options.mapping)
    if not imported.tables and any(report.kind == "plan" for report in imported.files):
        raise DataError(*(_is_plan(report) for report in imported.files if report.kind == "plan"))
    quarter = agreement.fiscal_calendar.quarter(str(options.quarter))
    if signed_versions and quarter != agreement.fiscal_quarter:
        raise DataError(
            f"--amended-from tells how the plan for {agreement.quarter} was amended, and the review is of {quarter}: "
            "leave it out, or review the agreement's quarter."
        )
    data = Data(imported.tables, imported.quality, decided.choices)
    result = review(
        data,
        agreement,
        quarter,
        signed=signed_versions,
        basis=options.basis,
        method=options.method,
        by=options.by,
        as_of=options.as_of,
        mql=options.mql,
    )
    return Loaded(data, agreement, result, imported, known, tuple(map(_digest, files)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _review(options: argparse.Namespace) -> None:
    loaded = load_review(options)
    data, agreement, result = loaded.data, loaded.agreement, loaded.review
    moved = why(data, agreement, result)
    result = with_why(result, moved)
    if options.workbook:
        options.workbook.write_bytes(write_workbook(result, agreement, files=_sources(loaded.digests, loaded.imported)))
    if options.json:
        write_json(review_as_json(result), options.json)
    if options.json != "-":
        found = doubts(data, agreement, result.quarter, basis=options.basis, as_of=options.as_of, mql=options.mql)
        sys.stdout.write(_summary(result, loaded.imported, found, loaded.known, moved))


def _is_plan(report: FileReport) -> str:
    listed = ", ".join(planned_quarters(report.plan))
    return (
        f"{report.name}: a plan for {listed}, not counted. See what it proposes: "
        f"python -m alignment_core agreement --propose {report.name}"
    )


def _sources(digests: Sequence[str], imported: Imported) -> list[SourceFile]:
    return [
        SourceFile(report.name, digests[report.place], report.kind or "", report.rows_read, report.rows_used)
        for report in imported.files
    ]


def _summary(
    result: Review, imported: Imported, found: Sequence[Doubt], known: Collection[str], moved: Sequence[WhyMoved]
) -> str:
    said = headline(result)
    lines = [said.title, said.detail, ""]
    for each in result.amendments:
        name = amendment_name(each, len(result.amendments))
        lines.append(
            f"{name:<38} {amended_to(each):<22} {signed(each.effect):>14} {result.currency}  {OWNER['shared']}"
        )
        lines += [f"  {sentence}" for sentence in explain_amendment(result, each)]
    for bar in result.bars:
        name = f"{SOURCE[bar.source]} {DRIVER[bar.driver]}" if bar.driver != "unassigned" else DRIVER[bar.driver]
        lines.append(_line(name, bar, result.currency))
        parts = [each for each in result.segment_bars if (each.source, each.driver) == (bar.source, bar.driver)]
        lines += [_line(f"  {each.segment}"[:38], each, result.currency) for each in parts]
    lines += ["", *finding_sentences(result), *value_words(result)]
    for opened in moved:
        if opened.bar.verdict != "noise" and opened.parts:
            name = f"{SOURCE[opened.bar.source]} {DRIVER[opened.bar.driver]}"
            lines += ["", f"{name}: {why_headline(result, opened)}"]
            lines += [f"  {sentence}" for sentence in why_sentences(result, opened)]
    lines += ["", *not_decided_words(result), *horizon_words(result), *carried_words(result), ""]
    for report in imported.files:
        if report.kind == "plan":
            lines.append(_is_plan(report))
            continue
        again = ", by the mapping of a file with the same headers" if report.name in known else ""
        lines.append(f"{report.name}: {report.kind}, {report.rows_used:,} of {report.rows_read:,} rows used{again}")
    faults = result.quality.faults
    lines += [_fault(fault) for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        lines.append(f"… and {len(faults) - _MOST_FAULTS:,} more: the workbook and the JSON have them all.")
    lines += [note(each) for each in result.notes if each.code not in SAID_BY_DOUBTS]
    lines += [doubt(each) for each in found]
    return "\n".join(lines) + "\n"


def _line(name: str, bar: Bar, currency: str) -> str:
    """A bar as a row of the table."""
    line = f"{name:<38} {change(bar):<22} {signed(bar.effect):>14} {currency}  {OWNER[bar.owner]:<10}"
    chance = f"{signed(bar.interval[0])} to {signed(bar.interval[1])}" if bar.interval else ""
    return f"{line} {verdict_word(bar):<9} {chance}".rstrip()


def _fault(fault: Fault) -> str:
    """Where something is wrong, and what."""
    row = None if fault.row is None else f"row {fault.row:,}"
    where = ", ".join(filter(None, (fault.file, fault.sheet, row, fault.column)))
    value = "" if fault.value is None else f" ({fault.value})"
    return f"{where}: {fault.reason}{value}"
