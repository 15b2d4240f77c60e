"""Contested deals: marketing's by one sourcing rule and sales' by another."""

from functools import reduce

import ibis
import pandas as pd

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.events import Events
from alignment_core.sourcing import Rule
from alignment_core.touches import carried_rules, rule_faults

__all__ = ["as_csv", "carried", "contested", "why_not"]


def carried(data: Data, agreement: Agreement) -> tuple[Rule, ...]:
    """The sourcing rules that the data can carry."""
    events = _events(data, agreement)
    return carried_rules(events.records, agreement.sourcing, agreement.fiscal_calendar)


def why_not(data: Data, agreement: Agreement, rule: Rule) -> tuple[str, ...]:
    """Why the data cannot carry a sourcing rule, in words that say what to load; empty if they can."""
    sourcing = agreement.sourcing.model_copy(update={"rule": rule})
    return tuple(rule_faults(_events(data, agreement).records, sourcing, agreement.fiscal_calendar))


def contested(data: Data, agreement: Agreement) -> pd.DataFrame:
    """The deals that both sides can claim, by the rules that the data carry, the largest first.

    Columns: `deal_id` (of a lead that became an opportunity without a deal, its own), the side under each rule that the data carry
    (`lead_source`, …), `counts_as` (by the agreement; None where its own rule cannot be carried), `amount` (the agreement's currency),
    `won`, and `quarter` (of the win, or of the opportunity's creation where it is not won; None where neither is dated).
    No other data of the files is in it.
    """
    events = _events(data, agreement)
    calendar = agreement.fiscal_calendar
    rules = carried_rules(events.records, agreement.sourcing, calendar)
    columns = ["deal_id", *rules, "counts_as", "amount", "won", "quarter"]
    disputed = events.contested() if rules and ("deals" in data.engine or "leads" in data.engine) else None
    if disputed is None:
        return pd.DataFrame(columns=columns)
    parts = [("counts_as", events)] if agreement.sourcing.rule in rules else []
    parts += [(rule, events.by_rule(rule)) for rule in rules]
    rows = reduce(
        lambda one, other: one.union(other),
        (
            each.opportunities()
            .semi_join(disputed, "deal_id")
            .select(
                "deal_id", "source",
                by=ibis.literal(name), amount=lambda row: row.amount.cast("float64"), won_at=lambda row: row.began_wins,
                at=lambda row: ibis.coalesce(row.began_wins, row.began_opportunities),
            )
            for name, each in parts
        ),
    )  # fmt: skip
    found = data.engine.run(rows)
    deals = found[found["by"] == parts[0][0]].drop_duplicates("deal_id").set_index("deal_id")
    sides = found.drop_duplicates(["deal_id", "by"]).pivot(index="deal_id", columns="by", values="source")
    frame = sides.reindex(columns=[*rules, "counts_as"]).astype(object)
    frame = frame.where(frame.notna(), None)
    frame["amount"], frame["won"] = deals["amount"], deals["won_at"].notna()
    frame["quarter"] = [
        None if pd.isna(at) else str(calendar.containing(at.date())) for at in deals["at"].reindex(frame.index)
    ]
    frame = frame.reset_index().sort_values(["amount", "deal_id"], ascending=[False, True], ignore_index=True)
    frame.columns.name = None
    return frame[columns]


def as_csv(frame: pd.DataFrame) -> str:
    """The list as a file for a spreadsheet: an id that would be a formula there is text."""
    ids = frame["deal_id"].astype(str)
    return str(frame.assign(deal_id=ids.where(~ids.str.match(r"[=+\-@\t\r]"), "'" + ids)).to_csv(index=False))


def _events(data: Data, agreement: Agreement) -> Events:
    return Events(data.engine, agreement.sourcing, agreement.fiscal_calendar, None, data.choices, agreement.currency)
