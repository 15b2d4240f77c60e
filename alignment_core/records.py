"""The leads and deals as they are to count: each record once, by what was chosen, money in one currency."""

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from typing import cast

import ibis
from ibis.expr import types as ir

from alignment_core.choices import Choices
from alignment_core.currencies import code
from alignment_core.engine import ROW, Engine
from alignment_core.results import Note

__all__ = ["DATED", "MQL_DATES", "Records"]

#: A lead's own dates, of which the earliest counts where several rows have one.
DATED = ("mql_at", "sql_at", "opportunity_at", "won_at", "lost_at", "created_at")
#: The columns that may say when a lead became an MQL; the last is made where rows are put together.
MQL_DATES = ("mql_at", "mql_latest_at", "mql_last_at")
_MONEY = {"leads": "amount", "deals": "amount", "stage_events": "amount", "funnel": "revenue"}


class Records:
    """The tables, rewritten by choices. What is chosen by default costs nothing where nothing is doubtful.

    Args:
        engine: holds the tables.
        choices: how doubtful records count.
        currency: the agreement's; None leaves amounts as they are.
    """

    def __init__(self, engine: Engine, choices: Choices = Choices(), currency: str | None = None) -> None:
        self.engine, self.choices, self.currency = engine, choices, currency
        found = (
            {}
            if currency is None
            else {name: self._currencies(name) for name in _MONEY if engine.has(name, "currency")}
        )
        self._written: Mapping[str, Mapping[str | None, tuple[int, int]]] = found

    @property
    def emails_merged(self) -> bool:
        return self.choices.same_email == "count once" and self.engine.has("leads", "email_key")

    def table(self, name: str, *, unique: bool = False) -> ir.Table:
        """A table by what was chosen. `unique`: each lead once, even where each of its rows counts."""
        table = self._converted(name, self.engine.table(name))
        once = unique or self.choices.same_record == "count once"
        if name == "leads":
            if once and self.engine.repeats("leads"):
                table = _merged(table, "lead_id")
            if self.emails_merged:
                table = _merged(table, "email_key")
        elif name == "deals":
            if once and self.engine.repeats("deals"):
                table = _furthest(table)
            if self.choices.several_deals == "once" and (links := self.links()) is not None:
                table = table.anti_join(_later_deals(table, links), "deal_id")
        return table

    def pairs(self) -> ir.Table | None:
        """Which leads each deal came from, as leads and deals say; None where neither does."""
        pairs = []
        for name in ("leads", "deals"):
            if self.engine.has(name, "lead_id") and self.engine.has(name, "deal_id"):
                table = self.engine.table(name)
                pairs.append(
                    table.select("deal_id", "lead_id").filter(table.deal_id.notnull(), table.lead_id.notnull())
                )
        if not pairs:
            return None
        both = reduce(lambda one, other: one.union(other), pairs)
        if (kept := self.kept_leads()) is not None:
            both = both.left_join(kept, [("lead_id", "known")])
            both = both.select("deal_id", lead_id=ibis.coalesce(both.kept, both.lead_id))
        return both

    def kept_leads(self) -> ir.Table | None:
        """Which lead's row counts for each lead (`known` → `kept`), where leads that share an address are put together."""
        if not self.emails_merged or not self.engine.has("leads", "lead_id"):
            return None
        leads = self.engine.table("leads")
        leads = leads.filter(leads.email_key.notnull(), leads.lead_id.notnull())
        kept = leads.group_by("email_key").aggregate(kept=leads.lead_id.first(order_by=leads[ROW]))
        return leads.inner_join(kept, "email_key").select("lead_id", "kept").distinct().rename(known="lead_id")

    def links(self) -> ir.Table | None:
        """The lead of each deal: one lead a deal, so that a win with several contacts counts once."""
        both = self.pairs()
        return None if both is None else cast(ir.Table, both.group_by("deal_id").aggregate(lead_id=both.lead_id.min()))

    def faults(self) -> list[str]:
        """Why amounts cannot be brought into the agreement's currency."""
        missing: dict[str, int] = {}
        for found in self._written.values():
            for written, (_, counted) in found.items():
                if written is not None and counted and self._rate(written) is None:
                    name = code(written, str(self.currency))
                    missing[name] = missing.get(name, 0) + counted
        if not missing:
            return []
        told = ", ".join(f"{name} ({count:,})" for name, count in sorted(missing.items()))
        lines = " ".join(f"{_key(name)} = …" for name in sorted(missing))
        return [
            f"Won amounts are in other currencies than the agreement's {self.currency}: {told}. "
            f"Say in the mapping, under [rates], what one unit is worth in {self.currency}: {lines}"
        ]

    def notes(self) -> list[Note]:
        """The rates that were used, and whose currency was taken for granted."""
        used: dict[str, tuple[Decimal, int]] = {}
        unsaid = 0
        for found in self._written.values():
            for written, (rows, _) in found.items():
                if written is None:
                    unsaid += rows
                elif (rate := self._rate(written)) is not None and (
                    name := code(written, str(self.currency))
                ) != self.currency:
                    used[name] = rate, used.get(name, (rate, 0))[1] + rows
        notes = [
            Note("rate_used", {"currency": name, "rate": f"{rate.normalize():f}", "home": self.currency, "count": rows})
            for name, (rate, rows) in sorted(used.items())
        ]
        if unsaid:
            notes.append(Note("currency_assumed", {"home": self.currency, "count": unsaid}))
        return notes

    def _rate(self, written: str) -> Decimal | None:
        home = str(self.currency)
        name = code(written, home)
        if name == home:
            return Decimal(1)
        return {code(currency, home): rate for currency, rate in self.choices.rates}.get(name)

    def _currencies(self, name: str) -> Mapping[str | None, tuple[int, int]]:
        """As written in a table: how many amounts are in each currency, and how many of those count as won."""
        if not self.engine.has(name, _MONEY[name]):
            return {}
        table = self.engine.table(name)
        table = table.filter(table[_MONEY[name]].notnull())
        amount = table[_MONEY[name]]
        won = amount.notnull()
        if name == "stage_events":
            won = table.stage == "wins"
        elif name == "leads":
            won = table.won_at.notnull() if "won_at" in table.columns else ~won
        elif name == "deals":
            won = table.is_won.fill_null(False) if "is_won" in table.columns else ~won
        counted = self.engine.run(table.group_by("currency").aggregate(rows=table.count(), won=won.sum()))
        return {
            (row.currency if isinstance(row.currency, str) and row.currency.strip() else None): (
                int(row.rows),
                int(row.won),
            )
            for row in counted.itertuples()
        }

    def _converted(self, name: str, table: ir.Table) -> ir.Table:
        """Amounts in the agreement's currency, exact, and rounded once to four places."""
        found = self._written.get(name, {})
        rates: dict[Decimal, list[str]] = {}
        for written in found:
            if written is not None and (rate := self._rate(written)) is not None and rate != 1:
                rates.setdefault(rate, []).append(written)
        if not rates:
            return table
        amount = table[_MONEY[name]]
        branches = [
            (
                table.currency.isin(self.engine.listed(written)),
                (amount * ibis.literal(rate, "decimal(18, 10)")).round(4).cast("decimal(18, 4)"),
            )
            for rate, written in rates.items()
        ]
        return table.mutate(**{_MONEY[name]: ibis.cases(*branches, else_=amount)})


def _key(name: str) -> str:
    """A currency as the key of a TOML line."""
    return name if name.isascii() and name.isalnum() else f'"{name}"'


def _merged(leads: ir.Table, key: str) -> ir.Table:
    """One row for each value of `key`: the earliest date of each stage, and otherwise what the first row knows.

    The latest MQL date is kept beside the earliest, as `mql_last_at`. Rows without the key stay as they are.
    """
    leads = leads.mutate(lone=leads[key].isnull().ifelse(leads[ROW], -1))
    first = {
        name: leads[name].min() if name in DATED else leads[name].first(order_by=leads[ROW])
        for name in leads.columns
        if name not in ("lone", key, "mql_last_at", "mql_latest_at")
    }
    for name, kept in (("mql_at", "mql_last_at"), ("mql_latest_at", "mql_latest_at")):
        if name in leads.columns:
            first[kept] = leads["mql_last_at" if name == "mql_at" and "mql_last_at" in leads.columns else name].max()
    return leads.group_by(key, "lone").aggregate(**first).drop("lone")


def _furthest(deals: ir.Table) -> ir.Table:
    """One row a deal: the one that knows it won, else closed, else the first; what it lacks, from the others."""
    deals = deals.mutate(lone=deals.deal_id.isnull().ifelse(deals[ROW], -1))
    flags = [deals[flag].fill_null(False).desc() for flag in ("is_won", "is_closed") if flag in deals.columns]
    known = {
        name: deals[name].first(order_by=[*flags, deals[ROW]])
        for name in deals.columns
        if name not in ("lone", "deal_id")
    }
    return deals.group_by("deal_id", "lone").aggregate(**known).drop("lone")


def _later_deals(deals: ir.Table, links: ir.Table) -> ir.Table:
    """Every deal of a lead but the one that was won first, or else was made first."""
    linked = deals.inner_join(links.rename(linked_deal="deal_id", linked_lead="lead_id"), [("deal_id", "linked_deal")])
    order = []
    if "is_won" in linked.columns:
        won = linked.is_won.fill_null(False)
        order.append(won.desc())
        if "closed_at" in linked.columns:
            order.append(won.ifelse(linked.closed_at, ibis.null(linked.closed_at.type())))
    order += [linked[name] for name in ("created_at", "deal_id") if name in linked.columns]
    place = ibis.row_number().over(group_by=linked.linked_lead, order_by=order)
    return linked.mutate(place=place).filter(lambda row: row.place > 0).select("deal_id")
