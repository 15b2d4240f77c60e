"""Histories of stages → the dates that records lack.

A CRM keeps when a record came to which stage (Salesforce's opportunity history and field history, HubSpot's property
history). They are no records: they give a date to those that have none, the earliest where a stage was reached twice.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.headers import STAGE_NAMES, WON, normalise
from alignment_core.imports.model import Kind
from alignment_core.imports.values.texts import by_value

__all__ = ["filled"]

#: The date of each stage that a lead's and a deal's history tells.
_OF_LEADS = {"mqls": "mql_at", "sqls": "sql_at", "opportunities": "opportunity_at", "wins": "won_at"}
_OF_DEALS = {"any": "created_at", "wins": "closed_at"}
_WORDS = {
    "mql_at": "MQL",
    "sql_at": "SQL",
    "opportunity_at": "opportunity",
    "won_at": "win",
    "created_at": "creation",
    "closed_at": "win",
}


def filled(
    tables: Mapping[Kind, pa.Table], histories: Sequence[pa.Table]
) -> tuple[dict[Kind, pa.Table], list[list[str]]]:
    """Records with the dates that histories know of, and for each history what it gave, in sentences.

    Args:
        tables: the records, by kind.
        histories: columns `lead_id` or `deal_id`, `at`, and `reached`, a stage as it is called in its system.
    """
    found, said = dict(tables), []
    for history in histories:
        notes: list[str] = []
        ids: tuple[tuple[Kind, str, Mapping[str, str]], ...] = (
            ("leads", "lead_id", _OF_LEADS),
            ("deals", "deal_id", _OF_DEALS),
        )
        for kind, key, dates in ids:
            if key not in history.column_names or history[key].null_count == len(history):
                continue
            if kind not in found:
                notes.append(f"It tells of {kind}, of which none were loaded; nothing was taken from it.")
                continue
            known = history.filter(pc.and_(pc.is_valid(history[key]), pc.is_valid(history["at"])))
            if strangers := pc.sum(
                pc.invert(pc.is_in(pc.unique(_texts(known[key])), pc.unique(_texts(found[kind][key]))))
            ).as_py():
                notes.append(f"{strangers:,} of its {kind} are not among those that were loaded.")
            found[kind], gave = _with_dates(found[kind], known, key, dates)
            notes.append(
                f"It gave {', '.join(gave)} to {kind} that had none."
                if gave
                else f"All dates of {kind} were known without it."
            )
        said.append(notes)
    return found, said


def _with_dates(records: pa.Table, history: pa.Table, key: str, dates: Mapping[str, str]) -> tuple[pa.Table, list[str]]:
    stages = pc.fill_null(by_value(history["reached"], _stage, pa.string()), "another")
    events = pa.table({"id": _texts(history[key]), "stage": stages, "at": history["at"]})
    gave = []
    if key == "deal_id":
        records = _with_outcome(records, events)
    for stage, column in dates.items():
        of_stage = events if stage == "any" else events.filter(pc.equal(stages, stage))
        if column == "closed_at":
            won = records.filter(pc.fill_null(records["is_won"], False))["deal_id"]
            of_stage = of_stage.filter(pc.is_in(of_stage["id"], pc.unique(_texts(won))))
        first = of_stage.group_by("id").aggregate([("at", "min")])
        place = pc.index_in(_texts(records[key]), first["id"].combine_chunks())
        there = first["at_min"].combine_chunks().take(place)
        records, count = _coalesced(records, column, there)
        if count:
            gave.append(f"{count:,} dates of {_WORDS[column]}" if count > 1 else f"1 date of {_WORDS[column]}")
    return records, gave


def _with_outcome(deals: pa.Table, events: pa.Table) -> pa.Table:
    """Whether deals were won, where they do not say so themselves: by the stage that they came to last."""
    last = events.sort_by("at").group_by("id", use_threads=False).aggregate([("stage", "last")])
    place = pc.index_in(_texts(deals["deal_id"]), last["id"].combine_chunks())
    won = pc.equal(last["stage_last"].combine_chunks(), "wins").take(place)
    if "is_won" not in deals.column_names:
        return deals.append_column("is_won", won)
    return deals.set_column(deals.column_names.index("is_won"), "is_won", pc.coalesce(deals["is_won"], won))


def _coalesced(records: pa.Table, column: str, times: pa.Array) -> tuple[pa.Table, int]:
    """Records with times in the place of those that a column lacks, and how many these are."""
    if column not in records.column_names:
        return records.append_column(column, times), len(times) - times.null_count
    own = records[column]
    if own.type != times.type:  # of a time with a zone and one without, the latter is taken as UTC
        own, times = (each if each.type.tz else pc.assume_timezone(each, "UTC") for each in (own, times))
    both = pc.coalesce(own, times)
    return records.set_column(records.column_names.index(column), column, both), own.null_count - both.null_count


def _stage(reached: str) -> str | None:
    name = normalise(reached)
    return "wins" if name in WON else STAGE_NAMES.get(name)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string())
