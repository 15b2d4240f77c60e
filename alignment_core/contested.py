"""Contested deals: marketing's by one sourcing rule and sales' by another."""

from functools import reduce

import ibis
import pandas as pd

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.events import Events
from alignment_core.sourcing import Rule
from alignment_core.touches import Touches, carried_rules, rule_faults

__all__ = ["carried", "contested", "why_not", "with_touches"]


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


def with_touches(data: Data, agreement: Agreement, deals: pd.DataFrame) -> pd.DataFrame:
    """The contested deals with the touches that make them so.

    Columns, after those of `contested`: of the first touch, and of the last one before the opportunity was created, when it was on
    the company's clock (`first_touch_at`, `last_touch_at`; NaT where there is none), its `_kind` and whose it is (`_side`).
    """
    columns = [f"{which}_{name}" for which in ("first_touch", "last_touch") for name in ("at", "kind", "side")]
    if "touches" not in data.engine or deals.empty:
        return deals.reindex(columns=[*deals.columns, *columns])
    events = _events(data, agreement)
    listed = data.engine.listed(sorted(deals["deal_id"].astype(str)))
    touches = Touches(events.records, agreement.sourcing, agreement.fiscal_calendar)
    rows = touches.of_deals() if "deals" in data.engine else touches.of_leads()
    found = data.engine.run(rows.filter(rows.id.isin(listed)).select("id", "at", "kind", "side").distinct())
    opened = events.opportunities()
    created = data.engine.run(
        opened.filter(opened.deal_id.isin(listed)).select("deal_id", created="began_opportunities")
    )
    found = found.merge(created.drop_duplicates("deal_id"), left_on="id", right_on="deal_id")
    place = found["side"].map({"marketing": 0, "sales": 1, "unassigned": 2})
    first = found.assign(place=place).sort_values(["at", "place"]).groupby("id").first()
    before = found[found["created"].isna() | (found["at"] <= found["created"])]
    place = before["side"].map({"unassigned": 0, "marketing": 1, "sales": 2})
    last = before.assign(place=place).sort_values(["at", "place"]).groupby("id").last()
    for which, each in (("first_touch", first), ("last_touch", last)):
        deals = deals.join(each[["at", "kind", "side"]].add_prefix(f"{which}_"), on="deal_id")
    return deals


def _events(data: Data, agreement: Agreement) -> Events:
    return Events(data.engine, agreement.sourcing, agreement.fiscal_calendar, None, data.choices, agreement.currency)
