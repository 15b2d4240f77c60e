"""Touches → whose demand a lead or a deal is, by the first or the last of them; and which sourcing rules the tables can carry."""

import ibis
from ibis.expr import types as ir

from alignment_core.clock import local
from alignment_core.quarters import Calendar
from alignment_core.records import Records
from alignment_core.sourcing import RULES, Rule, Sourcing, normalise, normalised
from alignment_core.vocabulary import SOURCES

__all__ = ["BY_TOUCH", "Touches", "carried_rules", "rule_faults"]

#: The rules by which a touch decides.
BY_TOUCH: tuple[Rule, ...] = ("first_touch", "last_touch")
#: Of touches at the same moment marketing's is taken for the first and sales' for the last; one that is nobody's for neither.
_PLACE = {"first_touch": {"marketing": 0, "sales": 1, "unassigned": 2}, "last_touch": {"unassigned": 0, "marketing": 1, "sales": 2}}  # fmt: skip


class Touches:
    """The touches of each lead and each deal, and whose they are.

    A touch belongs to the lead and to the deal that it names. A deal has the touches of all its leads as well, and the
    lead that a deal takes its source from has all of the deal's: so both are the same side's.
    """

    def __init__(self, records: Records, sourcing: Sourcing, calendar: Calendar) -> None:
        self.engine, self.records, self.sourcing, self.calendar = records.engine, records, sourcing, calendar

    def of_leads(self) -> ir.Table:
        """`id` of the lead, `at`, `side` and `kind`."""
        own = self._named("lead_id")
        links = self.records.links()
        if links is None:
            return own
        links = links.rename(linked="deal_id")
        return own.union(_joined(self.of_deals(), links, "lead_id"))

    def of_deals(self) -> ir.Table:
        """`id` of the deal, `at`, `side` and `kind`."""
        own = self._named("deal_id")
        pairs = self.records.pairs()
        if pairs is None:
            return own
        return own.union(_joined(self._named("lead_id"), pairs.rename(linked="lead_id").distinct(), "deal_id"))

    def decided(self, key: str, rows: ir.Table) -> ir.Table:
        """The side of each row of leads (`key` is lead_id) or deals (deal_id): `id`, `side`; none where nothing touched it.

        `rows` say in `began_opportunities` when their opportunity was created.
        """
        touches = self.of_leads() if key == "lead_id" else self.of_deals()
        rule = self.sourcing.rule
        if rule == "last_touch":
            created = rows.group_by(key).aggregate(created=rows.began_opportunities.min()).rename(created_of=key)
            touches = touches.inner_join(created, [("id", "created_of")])
            touches = touches.filter((touches["at"] <= touches.created).fill_null(True))
        # The moment and the side in one number: its least or greatest is the first or the last touch, whatever the order.
        place = ibis.cases(*((touches.side == side, number) for side, number in _PLACE[rule].items()))
        packed = _microseconds(touches["at"]) * 4 + place
        found = touches.group_by("id").aggregate(packed=packed.min() if rule == "first_touch" else packed.max())
        sides = ((found.packed % 4 == number, side) for side, number in _PLACE[rule].items())
        return found.select("id", side=ibis.cases(*sides))

    def by_sales(self) -> ir.Table:
        """`id` of the lead, `at` and `personalised` (or null) of what sales did: each touch once, a deal's under the deal's lead.

        A touch that says nothing of its kind is taken for sales': it comes from an export of people's activities.
        """
        table, sided = self.engine.table("touches"), self._sided()
        unsaid = table.kind.isnull() if "kind" in table.columns else ibis.literal(True)
        touches = self._sided(personalised=_flag(table), unsaid=unsaid)
        touches = touches.filter((touches.side == "sales") | (touches.unsaid & (touches.side != "marketing")))
        lead = touches.lead_id if "lead_id" in sided.columns else ibis.null("string")
        touches = touches.mutate(id=lead.cast("string"))
        if (kept := self.records.kept_leads()) is not None:
            touches = touches.left_join(kept, [("id", "known")])
            touches = touches.mutate(id=ibis.coalesce(touches.kept, touches.id))
        if "deal_id" in sided.columns and (links := self.records.links()) is not None:
            touches = touches.left_join(links.rename(linked="deal_id", of_deal="lead_id"), [("deal_id", "linked")])
            touches = touches.mutate(id=ibis.coalesce(touches.id, touches.of_deal))
        return touches.filter(touches.id.notnull()).select("id", "at", "personalised")

    def counts(self) -> dict[str, int]:
        """How many touches are whose."""
        counted = self.engine.run(self._sided().group_by("side").aggregate(count=lambda table: table.count()))
        return {side: int(counted.loc[counted["side"] == side, "count"].sum()) for side in SOURCES}

    def _named(self, key: str) -> ir.Table:
        touches = self._sided()
        if key not in touches.columns:
            nothing = touches.select(id=ibis.null("string"), at=touches["at"], side=touches.side, kind=touches.kind)
            return nothing.filter(ibis.literal(False))
        touches = touches.filter(touches[key].notnull())
        kept = self.records.kept_leads() if key == "lead_id" else None
        if kept is None:
            return touches.select(id=touches[key], at=touches["at"], side=touches.side, kind=touches.kind)
        touches = touches.left_join(kept, [("lead_id", "known")])
        id_ = ibis.coalesce(touches.kept, touches.lead_id)
        return touches.select(id=id_, at=touches["at"], side=touches.side, kind=touches.kind)

    def _sided(self, **more: ir.Value) -> ir.Table:
        """The dated touches: by what they say themselves, else by their lead source, else by their kind. `more`: further columns."""
        table = self.engine.table("touches")
        branches = [(table.source.isin(SOURCES[:2]), table.source)] if "source" in table.columns else []
        for column, lists in (("lead_source", self.sourcing), ("kind", self.sourcing.touches)):
            for side in SOURCES[:2]:
                listed = normalised(getattr(lists, side))
                values = sorted(each for each in self.engine.values("touches", column) if normalise(each) in listed)
                if values:
                    branches.append((table[column].isin(self.engine.listed(values)), ibis.literal(side)))
        side = ibis.cases(*branches, else_="unassigned") if branches else ibis.literal("unassigned")
        keys = [key for key in ("lead_id", "deal_id") if key in table.columns]
        kind = table.kind if "kind" in table.columns else ibis.null("string")
        return table.select(*keys, at=local(table["at"], self.calendar), side=side, kind=kind, **more).filter(
            lambda row: row["at"].notnull()
        )


def rule_faults(records: Records, sourcing: Sourcing, calendar: Calendar) -> list[str]:
    """Why the tables cannot carry the sourcing rule, in words that say what to load; none if they can."""
    engine, rule = records.engine, sourcing.rule
    of_records = "leads" in engine or "deals" in engine
    if (
        rule == "deal_source"
        and of_records
        and not any(engine.has("deals", name) for name in ("lead_source", "source"))
    ):
        return [_said(rule, "the lead source of each deal", "Load an export of deals that has it")]
    if rule not in BY_TOUCH:
        return []
    if "touches" not in engine:
        return [_said(rule, "touches with dates (calls, e-mails, campaign responses, form fills)", "Load exports of both sides' activities")]  # fmt: skip
    if not of_records or "stage_events" in engine or "funnel" in engine:
        return [_said(rule, "leads or deals that touches can be joined to; counts and stage-by-stage files name none", "Load the records themselves")]  # fmt: skip
    faults = []
    if rule == "last_touch" and not (engine.has("deals", "created_at") or engine.has("leads", "opportunity_at")):
        faults.append(
            _said(rule, "the day on which each opportunity was created", "Load deals with their created date")
        )
    if "deals" in engine and not engine.has("touches", "deal_id") and records.pairs() is None:
        faults.append(_said(rule, "the lead that each deal came from, for touches name leads only", "Load deals with the id of their lead, or leads with that of their deal"))  # fmt: skip
    counts = Touches(records, sourcing, calendar).counts()
    faults += [
        _said(rule, f"touches of both sides, and none of the {sum(counts.values()):,} in the files is {whose}", load)
        for side, whose, load in (
            ("marketing", "marketing's", "Load campaign responses or form fills"),
            ("sales", "sales'", "Load calls and e-mails"),
        )
        if not counts[side]
    ]
    return faults


def carried_rules(records: Records, sourcing: Sourcing, calendar: Calendar) -> tuple[Rule, ...]:
    """The sourcing rules that the tables can carry."""
    return tuple(
        rule for rule in RULES if not rule_faults(records, sourcing.model_copy(update={"rule": rule}), calendar)
    )


def _said(rule: Rule, needed: str, remedy: str) -> str:
    other = (
        " or say in the agreement's [sourcing.touches] whose each kind of touch is" if "both sides" in needed else ""
    )
    return f"The agreement's sourcing rule {rule!r} needs {needed}. {remedy},{other or ' or agree on another rule'}."


def _joined(touches: ir.Table, pairs: ir.Table, key: str) -> ir.Table:
    """The touches of what is linked, under the id that it is linked to."""
    found = touches.inner_join(pairs, [("id", "linked")])
    return found.select(id=found[key], at=found["at"], side=found.side, kind=found.kind)


def _flag(table: ir.Table) -> ir.Value:
    return table.personalised if "personalised" in table.columns else ibis.null("boolean")


@ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp",), "int64"))
def _microseconds(at):  # type: ignore[no-untyped-def]
    """A clock's time as a number."""
