"""`python -m alignment_core replay`: definitions of an MQL over past quarters, without a screen."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.command_line import a_day, a_quarter, all_there
from alignment_core.data import Data
from alignment_core.definition import MqlDefinition
from alignment_core.definition_findings import OWED_MEANING, caveats, warned
from alignment_core.definition_lint import Warned, lint
from alignment_core.definition_words import preview
from alignment_core.errors import DataError
from alignment_core.export.replay_as_json import replay_as_json
from alignment_core.frontier import frontier
from alignment_core.imports import InputFile
from alignment_core.loading import read_inputs
from alignment_core.replay import Replay, replay
from alignment_core.wording import count, money_short, percent

__all__ = ["add_replay"]

#: The rows that are always there: what the CRM flagged, and what is agreed.
CRM, AGREED = "CRM", "agreed"


def add_replay(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    one = commands.add_parser("replay", help="run definitions of an MQL over past quarters")
    one.set_defaults(run=_replay)
    one.add_argument("--agreement", type=Path, required=True, metavar="FILE", help="the agreement (TOML)")
    for kind in ("leads", "deals"):
        one.add_argument(
            f"--{kind}", type=Path, action="append", default=[], required=kind == "leads", metavar="F",
            help=f"a file of {kind}; may be given again",
        )  # fmt: skip
    one.add_argument("--lookup", type=Path, action="append", default=[], metavar="F",
                     help="a file that says more of owners or accounts; may be given again")  # fmt: skip
    one.add_argument("--mapping", type=Path, metavar="F", help="which column is what, where headers don't tell (TOML)")
    one.add_argument("--definition", type=_named, action="append", default=[], metavar="[NAME=]F",
                     help="a definition (TOML with fit and engagement, or an agreement); may be given again")  # fmt: skip
    one.add_argument("--quarters", type=a_quarter, nargs="+", metavar="YEAR-Qn",
                     help="the quarters to look back on; default the last four before the agreement's")  # fmt: skip
    one.add_argument("--as-of", type=a_day, metavar="DATE", help="follow the leads up to this day; default the latest in the files")  # fmt: skip
    one.add_argument("--json", metavar="OUT|-", default="-", help="where to; - is standard output")


def _named(text: str) -> tuple[str, Path]:
    name, sign, file = text.partition("=")
    if sign and (not name or not file):
        raise argparse.ArgumentTypeError(f"{text!r} is not written as NAME=FILE")
    return (name, Path(file)) if sign else (Path(text).stem, Path(text))


def _replay(options: argparse.Namespace) -> None:
    inputs = [InputFile(path.name, path, kind) for kind in ("leads", "deals") for path in getattr(options, kind)]
    inputs += [InputFile(path.name, path) for path in options.lookup]
    given = [*options.leads, *options.deals, *options.lookup, *(path for _, path in options.definition)]
    all_there([options.agreement, options.mapping, *given])
    agreement = Agreement.from_toml(options.agreement)
    definitions = _definitions(options, agreement)
    imported, decided, _ = read_inputs(inputs, options.mapping)
    data = Data(imported.tables, imported.quality, decided.choices)
    calendar = agreement.fiscal_calendar
    quarters = [calendar.quarter(str(each)) for each in dict.fromkeys(options.quarters)] if options.quarters else None
    try:
        found = replay(data, agreement, definitions, quarters, options.as_of)
    except DataError as error:  # what speaks against a rule is said also where the leads lack its field
        against = [f"{name}: {warned(each, agreement.currency)}" for name, each in _against(definitions)]
        raise DataError(*error.reasons, *against) from error
    near = frontier(data, agreement, definitions, quarters, options.as_of)
    warnings = {
        name: lint(definition, data, agreement) for name, definition in definitions.items() if definition is not None
    }
    text = json.dumps(replay_as_json(found, near, warnings, agreement), ensure_ascii=False, indent=1, allow_nan=False)
    if options.json == "-":
        sys.stdout.write(text + "\n")
        return
    Path(options.json).write_text(text + "\n", encoding="utf-8")
    said = [f"{name}: {warned(each, agreement.currency)}" for name, some in warnings.items() for each in some]
    sys.stdout.write("\n".join([*_table(found, agreement), "", *said, *caveats(found), OWED_MEANING]) + "\n")


def _definitions(options: argparse.Namespace, agreement: Agreement) -> Mapping[str, MqlDefinition | None]:
    """What is compared, by name. Raises DataError with every fault of every file."""
    found: dict[str, MqlDefinition | None] = {CRM: None}
    if agreement.mql is not None and not agreement.mql.is_empty:
        found[AGREED] = agreement.mql
    faults = []
    for name, path in options.definition:
        if name in found:
            faults.append(f"{path}: another definition is called {name!r} already. Give it a name: NAME={path}")
            continue
        try:
            found[name] = MqlDefinition.from_toml(path)
        except AgreementError as error:
            faults += [f"{path}: {fault}" for fault in error.faults]
    if faults:
        raise DataError(*faults)
    return found


def _against(definitions: Mapping[str, MqlDefinition | None]) -> Iterator[tuple[str, Warned]]:
    """What speaks against rules by themselves, without any leads."""
    for name, definition in definitions.items():
        yield from ((name, each) for each in (lint(definition) if definition else ()))


def _table(found: Replay, agreement: Agreement) -> list[str]:
    lines = [f"Over {', '.join(map(str, found.quarters))}, as of {found.as_of}:"]
    lines += [f"{row.name}: {preview(row.definition)}" for row in found.rows]
    lines += [
        "",
        f"{'':<16}{'MQLs a quarter':>15}{'MQL→SQL':>9}{'MQL→win':>9}{'of wins':>9}{'per MQL':>10}{'owed':>7}{'by rates':>10}",
    ]
    for row in found.rows:
        whole = row.whole
        owed, by_rates = (count(each) if each is not None else "–" for each in (row.owed_by_value, row.owed_by_rates))
        lines.append(
            f"{row.name[:15]:<16}{count(row.mqls_per_quarter):>15}{percent(whole.mql_to_sql):>9}{percent(whole.mql_to_win):>9}"
            f"{percent(row.share_of_wins):>9}{money_short(whole.value_per_mql):>10}{owed:>7}{by_rates:>10}"
        )
    return lines
