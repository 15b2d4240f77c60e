"""The same work without a screen: `python -m alignment_core review | records | agreement | replay | verify`.

Exit status: 0 done; 1 the data cannot support the question (the reasons on stderr, all of them); 2 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.command_line import a_quarter, all_there, write_json
from alignment_core.errors import DataError
from alignment_core.imports import Decisions, InputFile, MappingError, load_decisions, read_files
from alignment_core.odds import as_json as agreement_as_json
from alignment_core.proposals import planned_quarters, propose
from alignment_core.records_command import add_records
from alignment_core.replay_command import add_replay
from alignment_core.review_command import add_review
from alignment_core.store.command import add_verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # whatever the system's own encoding lacks, → and − are written
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
    except KeyboardInterrupt:
        _refuse(["Stopped."])
        return 130
    except AgreementError as error:
        return _refuse(error.faults, f"{options.agreement}: ")
    except MappingError as error:
        return _refuse(error.faults, f"{options.mapping}: ")
    except DataError as error:
        return _refuse(error.reasons)
    except OSError as error:
        return _refuse([f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)])
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

    add_review(commands)
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
        "--quarter", type=a_quarter, metavar="YEAR-Qn", help="of the proposal, where the plan has several"
    )
    other.add_argument(
        "--mapping", type=Path, metavar="F", help="what the plan sheet holds, where its labels don't tell (TOML)"
    )
    add_records(commands)
    add_verify(commands)
    add_replay(commands)
    return parser


def _agreement(options: argparse.Namespace) -> None:
    if options.propose:
        _propose(options)
        return
    if not options.agreement:
        options.wrong_usage("give the agreement with --agreement FILE, or a plan sheet with --propose FILE")
    write_json(agreement_as_json(Agreement.from_toml(options.agreement)), options.json)


def _propose(options: argparse.Namespace) -> None:
    """Print what a plan sheet proposes; what is missing is an error all the same."""
    base = Agreement.from_toml(options.agreement) if options.agreement else None
    decided = load_decisions(options.mapping) if options.mapping else Decisions()
    path: Path = options.propose
    all_there([path])
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


if __name__ == "__main__":
    sys.exit(main())
