"""The same work without a screen: `python -m alignment_core review | agreement | replay | verify`.

Exit status: 0 done; 1 the data cannot support the question (the reasons on stderr, all of them); 2 wrong usage.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Collection, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.amendment_words import amended_to, amendment_name, explain_amendment
from alignment_core.amendments import Signed
from alignment_core.data import Data
from alignment_core.doubts import SAID_BY_DOUBTS, doubts
from alignment_core.errors import DataError
from alignment_core.export.as_json import review_as_json
from alignment_core.export.workbook import SourceFile, write_workbook
from alignment_core.findings import headline
from alignment_core.imports import (
    Decisions,
    FileReport,
    Imported,
    InputFile,
    MappingError,
    load_decisions,
    read_files,
)
from alignment_core.loading import read_inputs
from alignment_core.odds import as_json as agreement_as_json
from alignment_core.proposals import planned_quarters, propose
from alignment_core.quarters import Quarter
from alignment_core.replay_command import add_replay
from alignment_core.results import Doubt, Review
from alignment_core.review import review
from alignment_core.store.command import add_verify
from alignment_core.timing_words import carried_words, horizon_words, not_decided_words
from alignment_core.verdict_words import verdict_word
from alignment_core.vocabulary import BASES, METHODS, MQL_BY, STAGES, Stage
from alignment_core.wording import DRIVER, OWNER, SOURCE, change, doubt, note, signed

_EVENT_STAGES: dict[str, Stage] = dict(zip(("mql", "sql", "opportunity", "win"), STAGES, strict=True))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except AgreementError as error:
        return _refuse(error.faults, f"{options.agreement}: ")
    except MappingError as error:
        return _refuse(error.faults, f"{options.mapping}: ")
    except DataError as error:
        return _refuse(error.reasons)
    except OSError as error:
        return _refuse([f"{error.filename}: {error.strerror}" if error.filename else str(error)])
    except Exception as error:  # a fault of ours must not end in a traceback; with -X dev it does
        if sys.flags.dev_mode:
            raise
        return _refuse([f"A fault of ours, not of your data: {type(error).__name__}. `python -X dev` shows where."])
    return 0


def _refuse(reasons: Sequence[object], prefix: str = "") -> int:
    for reason in reasons:
        sys.stderr.write(f"{prefix}{reason}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m alignment_core", description="The quarter's review without a screen."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("review", help="hold a quarter against its agreement")
    one.set_defaults(run=_review, wrong_usage=one.error)
    one.add_argument("--agreement", type=Path, required=True, metavar="FILE", help="the agreement (TOML)")
    one.add_argument("--amended-from", type=Path, action="append", default=[], metavar="FILE",
                     help="a version of the agreement that was signed before it; give the first signed one first")  # fmt: skip
    one.add_argument("--amended-on", type=_day, action="append", default=[], metavar="DATE",
                     help="when both sides had signed what took the place of it; once for each --amended-from")  # fmt: skip
    one.add_argument(
        "--quarter", type=_quarter, required=True, metavar="YEAR-Qn", help="the fiscal quarter, for example 2026-Q3"
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
        "--as-of", type=_day, metavar="DATE", help="count nothing after this day; default the latest date in the files"
    )
    one.add_argument(
        "--method", choices=METHODS, default="shapley", help="how the variance is shared among the drivers"
    )
    one.add_argument(
        "--mql", choices=MQL_BY, default="crm", help="MQLs as the CRM flagged them, or as the agreement defines them"
    )
    one.add_argument("--by", metavar="FIELD", help="a segment field to break down by")
    one.add_argument("--workbook", type=Path, metavar="OUT.xlsx", help="write the Excel workbook")
    one.add_argument("--json", metavar="OUT|-", help="write the review as JSON; - is standard output")

    other = commands.add_parser("agreement", help="what follows from an agreement")
    other.set_defaults(run=_agreement, wrong_usage=other.error)
    other.add_argument(
        "--agreement", type=Path, metavar="FILE", help="the agreement (TOML); with --propose the one before"
    )
    other.add_argument("--json", metavar="OUT|-", default="-", help="where to; - is standard output")
    other.add_argument(
        "--propose", type=Path, metavar="FILE", help="a plan sheet: print the agreement that it proposes (TOML)"
    )
    other.add_argument(
        "--quarter", type=_quarter, metavar="YEAR-Qn", help="of the proposal, where the plan has several"
    )
    other.add_argument(
        "--mapping", type=Path, metavar="F", help="what the plan sheet holds, where its labels don't tell (TOML)"
    )
    add_verify(commands)
    add_replay(commands)
    return parser


def _quarter(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date written as YEAR-MONTH-DAY, for example 2026-10-09"
        ) from error


def _event(text: str) -> tuple[Stage, Path]:
    stage, _, file = text.partition("=")
    if stage not in _EVENT_STAGES or not file:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not written as STAGE=FILE with STAGE one of {', '.join(_EVENT_STAGES)}"
        )
    return _EVENT_STAGES[stage], Path(file)


def _signed(options: argparse.Namespace, agreement: Agreement) -> list[Signed]:
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


def _review(options: argparse.Namespace) -> None:
    agreement = Agreement.from_toml(options.agreement)
    signed_versions = _signed(options, agreement)
    inputs = [
        InputFile(path.name, path, kind)
        for kind in ("leads", "deals", "touches", "funnel")
        for path in getattr(options, kind)
    ]
    inputs += [InputFile(path.name, path, "stage_events", stage) for stage, path in options.events]
    inputs += [InputFile(path.name, path) for path in options.lookup]
    if not inputs:
        raise DataError("No file was given. Give at least one of --leads, --deals, --funnel or --events.")
    # A file that is not there is named before anything is read.
    digests = [
        hashlib.sha256(each.content.read_bytes()).hexdigest() for each in inputs if isinstance(each.content, Path)
    ]
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
    if options.workbook:
        options.workbook.write_bytes(write_workbook(result, agreement, files=_sources(digests, imported)))
    if options.json:
        _write_json(review_as_json(result), options.json)
    if options.json != "-":
        found = doubts(data, agreement, quarter, basis=options.basis, as_of=options.as_of, mql=options.mql)
        sys.stdout.write(_summary(result, imported, found, known))


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


def _agreement(options: argparse.Namespace) -> None:
    if options.propose:
        _propose(options)
        return
    if not options.agreement:
        options.wrong_usage("give the agreement with --agreement FILE, or a plan sheet with --propose FILE")
    _write_json(agreement_as_json(Agreement.from_toml(options.agreement)), options.json)


def _propose(options: argparse.Namespace) -> None:
    """Print what a plan sheet proposes; what is missing is an error all the same."""
    base = Agreement.from_toml(options.agreement) if options.agreement else None
    decided = load_decisions(options.mapping) if options.mapping else Decisions()
    path: Path = options.propose
    path.open("rb").close()  # a file that is not there is named before anything is read
    (report,) = read_files([InputFile(path.name, path)], decided.files).files
    if report.reasons:
        raise DataError(*report.reasons)
    if not report.plan:
        raise DataError(
            f"{path.name}: this is no plan, by its labels: it holds {report.kind}. Where it is one all the same, say so in a mapping file, "
            f'under ["{path.name}"]: kind = "plan".'
        )
    quarters = planned_quarters(report.plan)
    if options.quarter is None and len(quarters) > 1:
        raise DataError(f"{path.name}: the plan has several quarters; choose one: --quarter {' | '.join(quarters)}.")
    proposal = propose(report.plan, str(options.quarter or quarters[0]), base)
    sys.stdout.write(proposal.to_toml())
    if proposal.missing:
        raise DataError(*(f"{path.name}: {sentence}" for sentence in proposal.missing))


def _write_json(value: dict[str, Any], target: str) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")


def _summary(result: Review, imported: Imported, found: Sequence[Doubt], known: Collection[str]) -> str:
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
        line = f"{name:<38} {change(bar):<22} {signed(bar.effect):>14} {result.currency}  {OWNER[bar.owner]:<10}"
        chance = f"{signed(bar.interval[0])} to {signed(bar.interval[1])}" if bar.interval else ""
        lines.append(f"{line} {verdict_word(bar):<9} {chance}".rstrip())
    lines += ["", *not_decided_words(result), *horizon_words(result), *carried_words(result), ""]
    for report in imported.files:
        if report.kind == "plan":
            lines.append(_is_plan(report))
            continue
        again = ", by the mapping of a file with the same headers" if report.name in known else ""
        lines.append(f"{report.name}: {report.kind}, {report.rows_used:,} of {report.rows_read:,} rows used{again}")
    lines += [f"{fault.file}, row {fault.row}, {fault.column}: {fault.reason}" for fault in result.quality.faults[:20]]
    lines += [note(each) for each in result.notes if each.code not in SAID_BY_DOUBTS]
    lines += [doubt(each) for each in found]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
