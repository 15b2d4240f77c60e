"""Tables → one kind of row: a record reaching a stage.

Leads say when they became MQL and SQL; deals, where there are any, say when an opportunity was made and
won, so that wins tie to bookings. A deal takes its source and segment from the lead it came from.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import combinations

import ibis
from ibis.expr import types as ir

from alignment_core.agreement import Sourcing
from alignment_core.choices import Choices
from alignment_core.clock import local
from alignment_core.definition import MqlDefinition
from alignment_core.engine import ROW, Engine
from alignment_core.lookups import looked_up
from alignment_core.meets import FLAGGED, Candidates, judged
from alignment_core.quarters import Calendar
from alignment_core.records import MQL_DATES, Records
from alignment_core.results import Note
from alignment_core.sourcing import Rule, normalise, normalised
from alignment_core.touches import BY_TOUCH, Touches, carried_rules
from alignment_core.vocabulary import SOURCES, STAGES, Source, Stage

__all__ = [
    "DATE_OF",
    "NOT_RECORDED",
    "Events",
    "backwards",
    "banded",
    "closed",
    "deal_stages",
    "end_of",
    "local",
    "record_stages",
]

_IDS = ("lead_id", "deal_id")
_OF_RECORD = (*_IDS, "lost", "ended", "record")
#: What a record counts as whose segment field is empty.
NOT_RECORDED = "(not recorded)"

DATE_OF: dict[Stage, str] = {"mqls": "mql_at", "sqls": "sql_at", "opportunities": "opportunity_at", "wins": "won_at"}
_BANDS: dict[str, tuple[tuple[float, str], ...]] = {
    "employees": ((10, "1 to 10"), (50, "11 to 50"), (200, "51 to 200"), (1000, "201 to 1,000"), (float("inf"), "over 1,000")),
    "annual_revenue": ((1e6, "up to 1M"), (1e7, "1M to 10M"), (1e8, "10M to 100M"), (float("inf"), "over 100M")),
}  # fmt: skip


def _deal_dates(engine: Engine) -> dict[Stage, str]:
    """The stages that the deals themselves tell, and in which column; other stages are the leads' own."""
    dates: dict[Stage, str] = {}
    if engine.has("deals", "created_at"):
        dates["opportunities"] = "created_at"
    if engine.has("deals", "closed_at") and engine.has("deals", "is_won"):
        dates["wins"] = "closed_at"
    return dates


def deal_stages(engine: Engine) -> frozenset[Stage]:
    """The stages that deals tell themselves, where they are loaded; the others are the leads' own."""
    return frozenset(_deal_dates(engine))


def lead_stages(engine: Engine, *, by_rules: bool = False) -> set[Stage]:
    """The stages that leads have dates for. `by_rules`: whether rules say who is an MQL, whom the CRM need not flag."""
    found = {stage for stage, column in DATE_OF.items() if engine.has("leads", column)}
    return found | {"mqls"} if by_rules and engine.has("leads", "created_at") else found


def record_stages(engine: Engine, *, by_rules: bool = False) -> set[Stage]:
    return lead_stages(engine, by_rules=by_rules) | set(_deal_dates(engine))


class Events:
    """The rows to count: one for each record that reached a stage."""

    def __init__(
        self,
        engine: Engine,
        sourcing: Sourcing,
        calendar: Calendar,
        by: str | None,
        choices: Choices = Choices(),
        currency: str | None = None,
        mql: MqlDefinition | Candidates | None = None,
    ) -> None:
        """`mql`: what makes a lead an MQL, in the place of the CRM's flag. Its date is the CRM's where there is one,
        else that of its creation. With `Candidates` each lead may be one, and its segment is which rules it meets."""
        self.engine, self.sourcing, self.calendar, self.by = engine, sourcing, calendar, by
        self.mql = mql
        self.choices = choices
        self.records = Records(engine, choices, currency)
        self._side = _sides(engine, sourcing)

    @property
    def any(self) -> bool:
        return bool(record_stages(self.engine)) or "stage_events" in self.engine

    def rows(
        self, *, passed: bool, fields: Sequence[str] | None = None, stages: Collection[Stage] = STAGES
    ) -> ir.Table:
        """`stage`, `at` (the company's clock), `source`, `segment`, `amount` and `began_*` (when the journey
        reached each stage). With `passed`, a later stage's date stands in for one that was skipped. With `fields`, also
        `lead_id` (of a deal, that of its lead), `deal_id`, `lost` (when it was given up), `ended` (the same, or when the last of
        its deals was), `record` (which row of which table it is, where ids say nothing), and each field as `value_` and its place,
        as segments are named. Rows are only of the given `stages`, at least one of which is recorded."""
        parts: list[ir.Table] = []
        told_by_deals = [stage for stage in _deal_dates(self.engine) if stage in stages]
        own = [stage for stage in self.own_stages if stage in stages]
        of_leads = own or self.choices.converted_without_deal == "as the lead says"
        if "leads" in self.engine and of_leads:
            needed = (
                passed
                or fields is not None
                or self.sourcing.rule in ("deal_source", "last_touch")
                or self.choices.out_of_order == "left out"
            )
            leads = _named(self._in_order(self.leads(with_deals=needed, fields=fields or ())), fields or ())
            parts += [self._reached(leads, stage, passed, fields) for stage in own]
            if self.choices.converted_without_deal == "as the lead says" and self.records.links() is not None:
                unlinked = _named(self._in_order(self.leads(with_deals=True, fields=fields or ())), fields or ())
                unlinked = unlinked.filter(~unlinked.has_deal)
                also = [stage for stage in told_by_deals if self.engine.has("leads", DATE_OF[stage])]
                parts += [self._reached(unlinked, stage, passed, fields) for stage in also]
        if told_by_deals:
            deals = self._in_order(self.deals(fields=fields or ()))
            if (
                self.choices.deals_without_lead == "left out"
                and "leads" in self.engine
                and self.records.links() is not None
            ):
                deals = deals.filter(deals.has_lead)
            parts += [self._reached(deals, stage, passed, fields) for stage in told_by_deals]
        if "stage_events" in self.engine:
            parts.append(self._stage_events(fields).filter(lambda row: row.stage.isin(list(stages))))
        rows = reduce(lambda one, other: one.union(other), parts)
        if self.choices.zero_or_negative_amounts == "left out":
            rows = rows.filter((rows.stage != "wins") | rows.amount.isnull() | (rows.amount > 0))
        return self._named(rows)

    @property
    def own_stages(self) -> list[Stage]:
        """The stages that the leads tell."""
        told = _deal_dates(self.engine)
        own = lead_stages(self.engine, by_rules=self.mql is not None)
        return [stage for stage in STAGES if stage in own and stage not in told]

    def _in_order(self, records: ir.Table) -> ir.Table:
        return records if self.choices.out_of_order == "as dated" else records.filter(~backwards(records))

    def _named(self, table: ir.Table) -> ir.Table:
        """What has no value in the segment field is a segment of its own."""
        return table if self.by is None else table.mutate(segment=ibis.coalesce(table.segment, NOT_RECORDED))

    def _reached(self, records: ir.Table, stage: Stage, passed: bool, fields: Sequence[str] | None = None) -> ir.Table:
        if stage == "mqls" and self.mql is not None:
            records = records.filter(records.qualified)
        at = records[f"began_{stage}"]
        if passed:
            at = ibis.coalesce(at, *(records[f"began_{later}"] for later in STAGES[STAGES.index(stage) + 1 :]))
        return records.select(
            stage=ibis.literal(stage),
            at=at,
            source=records.source,
            segment=records.segment,
            amount=records.amount if stage == "wins" else ibis.null("decimal(18, 4)"),
            **{f"began_{each}": records[f"began_{each}"] for each in STAGES},
            **({} if fields is None else {name: records[name] for name in (*_OF_RECORD, *_values(fields))}),
        ).filter(lambda row: row.at.notnull())

    def leads(self, *, with_deals: bool, fields: Sequence[str] = ()) -> ir.Table:
        """One row a lead; `with_deals`, stages that it reached only through its deals are dated by them.

        `has_deal` says whether one of them was loaded, `deal_open` whether one is not closed yet, `again` when the lead became an MQL the last time, `lost` when
        it was given up, `ended` the same or, where it has deals, when the last of them was lost, `record` which row it is, `flagged` whether the CRM calls it an MQL, `qualified` whether it is one here. `fields`: further
        columns, as `value_` and their place.
        """
        leads = self._valued(self._segmented("leads"), "leads", fields)
        began = self._own_dates(leads)
        source, lead_source = _get(leads, "source", "string"), _get(leads, "lead_source", "string")
        has_deal: ir.Value = ibis.literal(False)
        deal_open: ir.Value = ibis.literal(False)
        lost = ended = local(_get(leads, "lost_at", "timestamp"), self.calendar)
        told = _deal_dates(self.engine)
        if with_deals and "deals" in self.engine and (links := self.records.links()) is not None:
            deals = self.records.table("deals").inner_join(
                links.rename(linked_deal="deal_id", linked_lead="lead_id"), [("deal_id", "linked_deal")]
            )
            deals = deals.mutate(is_open=~closed(deals), lost=self._deal_lost(deals))
            firsts = deals.group_by("linked_lead").aggregate(
                **{f"deal_{stage}": self._deal_date(deals, stage).min() for stage in told},
                deal_open=deals.is_open.any(),
                deal_ended=deals.lost.max(),
                **{f"deal_{name}": deals[name].min() for name in ("source", "lead_source") if name in deals.columns},
            )
            leads = leads.left_join(firsts, [("lead_id", "linked_lead")])
            has_deal = leads.linked_lead.notnull()
            deal_open = leads.deal_open.fill_null(False)
            lost = local(_get(leads, "lost_at", "timestamp"), self.calendar)
            of_deals = deal_open.ifelse(ibis.null("timestamp"), leads.deal_ended)
            ended = has_deal.ifelse(of_deals, lost)
            own = self._own_dates(leads)
            began = own | {stage: leads[f"deal_{stage}"] for stage in told}
            if self.choices.converted_without_deal == "as the lead says":
                began |= {stage: has_deal.ifelse(leads[f"deal_{stage}"], own[stage]) for stage in told}
            if self.sourcing.rule == "deal_source":
                of_deal = _get(leads, "deal_source", "string"), _get(leads, "deal_lead_source", "string")
                source, lead_source = _first_said(of_deal, (source, lead_source))
        rows = leads.select(
            source=self._source(source, lead_source),
            segment=leads.segment,
            amount=_get(leads, "amount", "decimal(18, 4)"),
            has_deal=has_deal,
            deal_open=deal_open,
            lead_id=_get(leads, "lead_id", "string"),
            deal_id=_get(leads, "deal_id", "string"),
            email_key=_get(leads, "email_key", "string"),
            again=self._mql_date(leads, latest=True),
            lost=lost,
            ended=ended,
            record=_row(leads, "lead"),
            flagged=self._flagged(leads, latest=False).notnull(),
            qualified=leads.qualified if self.mql is not None else ibis.literal(True),
            **{value: leads[value] for value in _values(fields)},
            **{f"began_{stage}": at for stage, at in began.items()},
            **{f"said_{stage}": local(_get(leads, DATE_OF[stage], "timestamp"), self.calendar) for stage in told},
        )
        return self._decided(rows, "lead_id")

    def _own_dates(self, leads: ir.Table) -> dict[Stage, ir.Value]:
        """When a lead reached each stage, by its own columns."""
        dates = {stage: local(_get(leads, column, "timestamp"), self.calendar) for stage, column in DATE_OF.items()}
        return dates | {"mqls": self._mql_date(leads, latest=self.choices.repeated_mql == "latest")}

    def _mql_date(self, leads: ir.Table, *, latest: bool) -> ir.Value:
        """When a lead became an MQL: as the CRM says, or as the rules that are asked for say."""
        flagged = self._flagged(leads, latest=latest)
        if self.mql is None:
            return flagged
        at = ibis.coalesce(flagged, local(_get(leads, "created_at", "timestamp"), self.calendar))
        return leads.qualified.ifelse(at, ibis.null("timestamp"))

    def _flagged(self, leads: ir.Table, *, latest: bool) -> ir.Value:
        """The earliest or the latest of the days on which the CRM flagged a lead as an MQL."""
        known = [local(leads[name], self.calendar) for name in MQL_DATES if name in leads.columns]
        if len(known) < 2:
            return known[0] if known else ibis.null("timestamp")
        # A day that one column lacks is no reason to have none: what is missing takes the others' place in turn.
        filled = [ibis.coalesce(*known[place:], *known[:place]) for place in range(len(known))]
        return ibis.greatest(*filled) if latest else ibis.least(*filled)

    def deals(self, fields: Sequence[str] = ()) -> ir.Table:
        """One row a deal, with the dates, source and segment of the lead it came from. `has_lead` says whether one did.

        `fields`: further columns as `value_` and their place, of its lead or else its own, named as segments are.
        """
        deals = _banded(self._valued(self._segmented("deals"), "deals", fields), fields)
        values = {value: deals[value] for value in _values(fields)}
        began = {stage: self._deal_date(deals, stage) for stage in _deal_dates(self.engine)}
        source, lead_source, segment = (
            _get(deals, "source", "string"),
            _get(deals, "lead_source", "string"),
            deals.segment,
        )
        from_lead: ir.Value = ibis.null("string")
        if "leads" in self.engine and (links := self.records.links()) is not None:
            leads = _banded(self._valued(self._segmented("leads", unique=True), "leads", fields), fields)
            leads = leads.select(
                **{f"from_{value}": leads[value] for value in values},
                from_lead=leads.lead_id,
                from_source=_get(leads, "source", "string"),
                from_lead_source=_get(leads, "lead_source", "string"),
                from_segment=leads.segment,
                **{f"from_{stage}": at for stage, at in self._own_dates(leads).items()},
            )
            deals = deals.left_join(
                links.rename(linked_deal="deal_id", linked_lead="lead_id"), [("deal_id", "linked_deal")]
            )
            deals = deals.left_join(leads, [("linked_lead", "from_lead")])
            began = {stage: began.get(stage, deals[f"from_{stage}"]) for stage in STAGES}
            segment = ibis.coalesce(deals.from_segment, segment)
            values = {value: ibis.coalesce(deals[f"from_{value}"], deals[value]) for value in values}
            if self.sourcing.rule == "deal_source":
                of_lead = deals.from_source, deals.from_lead_source
                source, lead_source = _first_said((source, lead_source), of_lead)
            else:
                source = ibis.coalesce(deals.from_source, source)
                lead_source = ibis.coalesce(deals.from_lead_source, lead_source)
            from_lead = deals.from_lead
        rows = deals.select(
            source=self._source(source, lead_source),
            segment=segment,
            amount=_get(deals, "amount", "decimal(18, 4)"),
            has_lead=from_lead.notnull(),
            lead_id=from_lead,
            deal_id=_get(deals, "deal_id", "string"),
            lost=self._deal_lost(deals),
            ended=self._deal_lost(deals),
            record=_row(deals, "deal"),
            **{value: ibis.coalesce(own, NOT_RECORDED) for value, own in values.items()},
            **{f"began_{stage}": began.get(stage, ibis.null("timestamp")) for stage in STAGES},
        )
        return self._decided(rows, "deal_id")

    def opportunities(self) -> ir.Table:
        """One row an opportunity: the deals, or where there are none the leads that became one.

        `deal_id` (of a lead without one, its own id), `lead_id`, `source`, `amount`, `began_*`.
        """
        columns = ("lead_id", "source", "amount", *(f"began_{stage}" for stage in STAGES))
        if "deals" in self.engine:
            return self.deals().select("deal_id", *columns)
        leads = self.leads(with_deals=False)
        leads = leads.filter(leads.began_opportunities.notnull() | leads.began_wins.notnull())
        return leads.select(*columns, deal_id=ibis.coalesce(leads.deal_id, leads.lead_id))

    def contested(self) -> ir.Table | None:
        """`deal_id` of the opportunities that are marketing's by one rule and sales' by another.

        A value that is on neither list claims nothing, whatever it counts as. None where the tables carry one rule only.
        """
        rules = carried_rules(self.records, self.sourcing, self.calendar)
        if len(rules) < 2:
            return None
        rows = reduce(
            lambda one, other: one.union(other),
            (self.by_rule(rule).opportunities().select("deal_id", "source") for rule in rules),
        )
        sides = rows.group_by("deal_id").aggregate(
            marketing=(rows.source == "marketing").any(), sales=(rows.source == "sales").any()
        )
        return sides.filter(sides.marketing & sides.sales & sides.deal_id.notnull()).select("deal_id")

    def by_rule(self, rule: Rule) -> "Events":
        """The same records by another sourcing rule alone: nothing is decided for what no list names, or for what is contested."""
        alone: dict[str, object] = {"rule": rule, "contested": "rule", "otherwise": "unassigned"}
        sourcing = self.sourcing.model_copy(update=alone)
        return Events(self.engine, sourcing, self.calendar, None, self.choices, self.records.currency)

    def _decided(self, rows: ir.Table, key: str) -> ir.Table:
        """Leads or deals with the source that touches give them, and with what was agreed for contested deals."""
        columns = rows.columns
        if self.sourcing.rule not in BY_TOUCH and self.sourcing.contested == "rule":
            return rows
        if self.sourcing.rule in BY_TOUCH:
            sides = Touches(self.records, self.sourcing, self.calendar).decided(key, rows)
            rows = rows.left_join(sides.rename(touched="id"), [(key, "touched")])
            rows = rows.mutate(source=ibis.coalesce(rows.side.nullif("unassigned"), self.sourcing.otherwise))
        if self.sourcing.contested != "rule" and (deals := self._contested_ids(key)) is not None:
            rows = rows.left_join(deals, [(key, "disputed")])
            rows = rows.mutate(source=rows.disputed.notnull().ifelse(self.sourcing.contested, rows.source))
        return rows.select(*columns)

    def _contested_ids(self, key: str) -> ir.Table | None:
        """The contested deals, or the leads that they take their source from."""
        found = self.contested()
        if found is None or key == "deal_id":
            return None if found is None else found.rename(disputed="deal_id")
        if "deals" not in self.engine:
            leads = self.engine.table("leads")
            own = ibis.coalesce(_get(leads, "deal_id", "string"), leads.lead_id)
            leads = leads.select(disputed=leads.lead_id, own=own)
            return leads.semi_join(found, [("own", "deal_id")]).select("disputed").distinct()
        links = self.records.links()
        if links is None:
            return None
        return links.semi_join(found, "deal_id").select(disputed="lead_id").distinct()

    def _stage_events(self, fields: Sequence[str] | None = None) -> ir.Table:
        events = _named(self._valued(self._segmented("stage_events"), "stage_events", fields or ()), fields or ())
        of_record: dict[str, ir.Value] = {name: ibis.null("string") for name in _IDS}
        of_record |= {name: ibis.null("timestamp") for name in ("lost", "ended")}
        of_record["record"] = _row(events, "event")
        return events.select(
            stage=events.stage,
            at=local(events["at"], self.calendar),
            source=self._source(_get(events, "source", "string"), _get(events, "lead_source", "string")),
            segment=events.segment,
            amount=(events.stage == "wins").ifelse(
                _get(events, "amount", "decimal(18, 4)"), ibis.null("decimal(18, 4)")
            ),
            **{f"began_{stage}": ibis.null("timestamp") for stage in STAGES},
            **({} if fields is None else of_record),
            **{value: events[value] for value in _values(fields or ())},
        ).filter(lambda row: row["at"].notnull())

    def summary(self) -> ir.Table:
        """The summary's counts with source and segment."""
        table = self._segmented("funnel")
        counted = table.select(
            "quarter",
            source=self._source(_get(table, "source", "string"), _get(table, "lead_source", "string")),
            segment=table.segment,
            **{stage: _get(table, stage, "float64") for stage in STAGES},
            revenue=_get(table, "revenue", "decimal(18, 4)").cast("float64"),
        )
        return self._named(counted)

    def notes(self, as_of: date) -> list[Note]:
        """What the counts leave out or take on trust."""
        notes = self.records.notes()
        if "deals" in self.engine and "wins" in _deal_dates(self.engine):
            deals = self.records.table("deals")
            won = deals.filter(deals.is_won.fill_null(False))
            found = (
                self.engine.run(
                    won.aggregate(
                        undated=won["closed_at"].isnull().sum(),
                        unvalued=(_get(won, "amount", "decimal(18, 4)").isnull() & won["closed_at"].notnull()).sum(),
                        later=(local(won["closed_at"], self.calendar) >= end_of(as_of)).sum(),
                    )
                )
                .fillna(0)
                .iloc[0]
            )
            valued = {"at zero": "unvalued", "at the average": "at_average", "left out": "left_out"}
            codes = {"unvalued": valued[self.choices.wins_without_amount]}
            notes += [
                Note(f"wins_{codes.get(what, what)}", {"count": int(found[what])})
                for what in found.index
                if found[what]
            ]
        return notes

    def _deal_date(self, deals: ir.Table, stage: Stage) -> ir.Value:
        at = local(deals[_deal_dates(self.engine)[stage]], self.calendar)
        return at if stage == "opportunities" else deals.is_won.fill_null(False).ifelse(at, ibis.null("timestamp"))

    def _deal_lost(self, deals: ir.Table) -> ir.Value:
        """When a deal was closed without a win."""
        at = local(_get(deals, "closed_at", "timestamp"), self.calendar)
        won = _get(deals, "is_won", "boolean").fill_null(False)
        return (closed(deals) & ~won).ifelse(at, ibis.null("timestamp"))

    def _segmented(self, name: str, *, unique: bool = False) -> ir.Table:
        """A table with a column `segment`; leads also with `qualified` where rules say who is an MQL."""
        table, by = self.records.table(name, unique=unique), self.by
        segment: ir.Value = ibis.null("string")
        if by is not None:
            table, column = looked_up(self.engine, table, name, by, "known_value")
            segment = segment if column is None else banded(by, table[column].cast("string"))
        table = table.mutate(segment=segment)
        if name != "leads" or self.mql is None:
            return table
        table = judged(self.engine, table, self.mql)
        if isinstance(self.mql, Candidates):
            flagged = self._flagged(table, latest=False).notnull().ifelse(FLAGGED, "")
            table = table.mutate(segment=table.segment + flagged)
        return table

    def _valued(self, table: ir.Table, name: str, fields: Sequence[str]) -> ir.Table:
        """A table with each field as `value_` and its place, as text; null where nothing says it."""
        for place, (field, value) in enumerate(zip(fields, _values(fields), strict=True)):
            table, column = looked_up(self.engine, table, name, field, f"field_{place}")
            table = table.mutate(**{value: table[column].cast("string") if column else ibis.null("string")})
        return table

    def _source(self, explicit: ir.Value, lead_source: ir.Value) -> ir.Value:
        branches = [(explicit.isin(SOURCES[:2]), explicit)]
        branches += [
            (lead_source.isin(self.engine.listed(values)), ibis.literal(side))
            for side, values in self._side.items()
            if values
        ]
        return ibis.cases(*branches, else_=self.sourcing.otherwise)


def _values(fields: Sequence[str]) -> list[str]:
    """What the columns of fields are called in rows."""
    return [f"value_{place}" for place in range(len(fields))]


def _banded(rows: ir.Table, fields: Sequence[str]) -> ir.Table:
    bands = {value: banded(field, rows[value]) for field, value in zip(fields, _values(fields), strict=True)}
    return rows.mutate(**bands) if bands else rows


def _named(rows: ir.Table, fields: Sequence[str]) -> ir.Table:
    """Rows whose fields are named as segments are."""
    rows = _banded(rows, fields)
    names = {value: ibis.coalesce(rows[value], NOT_RECORDED) for value in _values(fields)}
    return rows.mutate(**names) if names else rows


def _sides(engine: Engine, sourcing: Sourcing) -> dict[Source, list[str]]:
    """The lead-source values in the tables, as they are written there, by whose demand they are."""
    values = {
        value for name in ("leads", "deals", "stage_events", "funnel") for value in engine.values(name, "lead_source")
    }
    lists: dict[Source, frozenset[str]] = {
        "marketing": normalised(sourcing.marketing),
        "sales": normalised(sourcing.sales),
    }
    return {side: sorted(value for value in values if normalise(value) in listed) for side, listed in lists.items()}


def backwards(records: ir.Table) -> ir.Value:
    """Whether a record reached a later stage on an earlier day. Hours don't count: many exports have none."""
    days = [records[f"began_{stage}"].date() for stage in STAGES]
    return reduce(lambda one, other: one | other, ((a > b).fill_null(False) for a, b in combinations(days, 2)))


Said = tuple[ir.Value, ir.Value]


def _first_said(first: Said, second: Said) -> Said:
    """Whose and which lead source by the first that says anything: where it has a lead source, the second's side is not asked."""
    return (
        ibis.coalesce(first[0], first[1].isnull().ifelse(second[0], ibis.null("string"))),
        ibis.coalesce(first[1], second[1]),
    )


def closed(deals: ir.Table) -> ir.Value:
    flags = [deals[flag].fill_null(False) for flag in ("is_closed", "is_won") if flag in deals.columns]
    return reduce(lambda one, other: one | other, flags, ibis.literal(False))


def _get(table: ir.Table, name: str, type_: str) -> ir.Value:
    """A column, or nulls where the table has none of that name."""
    return table[name] if name in table.columns else ibis.null(type_)


def _row(table: ir.Table, name: str) -> ir.Value:
    """Which row of a table it is: by its id, or by its number where ids don't tell."""
    return ibis.literal(f"{name} ") + table[ROW if ROW in table.columns else f"{name}_id"].cast("string")


def banded(by: str, value: ir.Value) -> ir.Value:
    """Sizes as bands, so that there are few segments; anything else as it is."""
    if by in _BANDS:
        number = value.replace(",", "").try_cast("float64")
        value = ibis.cases(*((number <= limit, name) for limit, name in _BANDS[by]), else_=ibis.null("string"))
    return value


def end_of(day: date) -> ir.Scalar:
    return ibis.literal(datetime.combine(day + timedelta(days=1), time()), type="timestamp")
