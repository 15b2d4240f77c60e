"""Tables → stage counts and revenue by quarter, source and segment.

Everything is first turned into one kind of row, *a record reaching a stage* (`stage`, `at`, `source`,
`segment`, `amount`), whatever tables it came from; then it is counted once. On `period` basis a row
counts in the quarter of its own date, on `cohort` basis in the quarter in which its journey began.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pandas as pd
from ibis.expr import types as ir

from alignment_core.agreement import Sourcing
from alignment_core.choices import Choices
from alignment_core.definition import MqlDefinition
from alignment_core.engine import Engine
from alignment_core.errors import DataError
from alignment_core.events import DATE_OF, Events, closed, end_of, local, record_stages
from alignment_core.kept_events import KeptEvents
from alignment_core.meets import Candidates
from alignment_core.quarters import Calendar, Quarter
from alignment_core.record_fields import definition_fields, segment_fields
from alignment_core.results import Counts, Note
from alignment_core.touches import rule_faults
from alignment_core.vocabulary import CHAIN, SOURCES, STAGES, Basis, Source, Stage

__all__ = [
    "Funnel",
    "count_funnel",
    "counted_rows",
    "in_quarter",
    "latest_date",
    "quarter_ordinal",
]


@dataclass(frozen=True)
class Funnel:
    """Counts by quarter × source × segment.

    Attributes:
        frame: columns `quarter` (Quarter), `source`, `segment` (text; None without `by`), `mqls`, `sqls`,
            `opportunities`, `wins` (counts; NaN where the source never recorded that stage) and `revenue`
            (currency; NaN where no amount was recorded), one row a cell.
        recorded: the stages that each source's data has at all.
        is_summary: whether the counts were made by somebody else, so that a row that is not there is not a zero.
        notes: what the reader of the counts must know.
    """

    frame: pd.DataFrame
    basis: Basis
    by: str | None
    as_of: date
    recorded: Mapping[Source, tuple[Stage, ...]]
    has_amounts: bool
    notes: tuple[Note, ...] = ()
    is_summary: bool = False

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters with any events, in order."""
        return tuple(sorted(set(self.frame["quarter"])))

    def counts(self, quarter: Quarter, source: Source) -> dict[str | None, Counts]:
        """A source's counts in a quarter, by segment (the only key is None without `by`)."""
        cells = self._cells.get((quarter, source), {})
        return dict(cells) or ({} if self.by else {None: self._cell(source, {})})

    @cached_property
    def _cells(self) -> Mapping[tuple[Quarter, Source], Mapping[str | None, Counts]]:
        found: dict[tuple[Quarter, Source], dict[str | None, Counts]] = {}
        for row in self.frame.to_dict("records"):
            source = row["source"]
            found.setdefault((row["quarter"], source), {})[row["segment"]] = self._cell(source, row)
        return found

    def is_silent(self, quarter: Quarter, source: Source) -> bool:
        """Whether the files say nothing of a source, not even that there was none: no record of it in any quarter, or no row of
        a summary in this one."""
        own = self.frame[self.frame["source"] == source]
        return own.empty or (self.is_summary and quarter not in set(own["quarter"]))

    def _cell(self, source: Source, row: Mapping[Any, Any]) -> Counts:
        stages = {stage: float(row.get(stage, 0.0)) for stage in self.recorded[source]}
        revenue = float(row.get("revenue", 0.0)) if self.has_amounts else float("nan")
        return Counts(**stages, revenue=revenue)


def latest_date(engine: Engine, calendar: Calendar) -> date:
    """The last day on which anything in the tables happened. Expected close dates of open deals don't count.

    Raises DataError where there is no date at all.
    """
    latest = [
        engine.latest(name, column)
        for name in ("leads", "deals", "touches", "stage_events")
        for column in (*DATE_OF.values(), "lost_at", "created_at", "at")
        if engine.has(name, column)
    ]
    days = [_day(at, calendar) for at in latest if at is not None]
    if engine.has("deals", "closed_at"):
        deals = engine.table("deals")
        ends = deals.filter(closed(deals)).aggregate(at=local(deals.closed_at.max(), calendar))
        days += [at.date() for at in engine.run(ends)["at"].dropna()]
    days += [quarter.end - timedelta(days=1) for quarter in _summary_quarters(engine, calendar)]
    if not days:
        raise DataError("No date was found in the files. Map the columns that say when a record reached a stage.")
    return max(days)


def _day(at: datetime, calendar: Calendar) -> date:
    """The day on the company's clock, as `local`."""
    return (at.astimezone(ZoneInfo(calendar.timezone)) if at.tzinfo else at).date()


def count_funnel(
    engine: Engine,
    sourcing: Sourcing,
    calendar: Calendar = Calendar(),
    basis: Basis = "period",
    by: str | None = None,
    as_of: date | None = None,
    choices: Choices = Choices(),
    currency: str | None = None,
    mql: MqlDefinition | Candidates | None = None,
) -> Funnel:
    """Count the funnel.

    Args:
        engine: holds the tables.
        sourcing: whose demand a lead source is.
        calendar: where quarters begin and end.
        basis: `period` counts events by their own date; `cohort` follows the journeys that began in the
            quarter up to `as_of`. On cohort basis a record that reached a later stage has passed the earlier.
        by: a segment field, see `segment_fields`.
        as_of: events after this day don't count; default the latest date in the tables.
        choices: how doubtful records count.
        currency: the agreement's, into which amounts are converted; None leaves them as they are.
        mql: what makes a lead an MQL, see `Events`; None where the CRM's flag does.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    # What follows the review of a cohort asks for its leads and deals anyway; they are asked once, and here first.
    is_kept = basis == "cohort" and not isinstance(mql, Candidates)
    events: Events = (KeptEvents if is_kept else Events)(engine, sourcing, calendar, by, choices, currency, mql)
    _check(events, basis)
    as_of = as_of or latest_date(engine, calendar)
    counted = _EMPTY

    def rows(passed: bool) -> ir.Table:
        return events.rows(passed=passed, fields=() if is_kept else None).filter(lambda row: row.at < end_of(as_of))

    if events.any:
        found = rows(passed=False)
        counted = engine.run(_grouped(found, quarter_ordinal(found.at, calendar, engine)))
    counted = _with_summary(counted, engine, events, calendar, as_of)
    recorded = _recorded(counted)
    notes = []
    if basis == "cohort":
        found = rows(passed=choices.skipped_stages != "not counted")
        counted = engine.run(_grouped(found, quarter_ordinal(_began(found, recorded), calendar, engine)))
        counted, outside = counted[counted["quarter"].notna()], counted[counted["quarter"].isna()]
        notes += [
            Note(
                "outside_cohort" if mql is None else "outside_definition",
                {"source": source, "stage": stage, "count": int(group["count"].sum()), "first": recorded[source][0]},
            )
            for (source, stage), group in outside.groupby(["source", "stage"])
        ]
    elif choices.skipped_stages == "counted as passed" and events.any:
        found = rows(passed=True)
        counted = engine.run(_grouped(found, quarter_ordinal(found.at, calendar, engine)))
        counted = _with_summary(counted, engine, events, calendar, as_of)
    notes += events.notes(as_of)
    has_amounts = bool((counted["valued"] > 0).any())
    if has_amounts:
        counted = _unvalued(counted, choices)
    return Funnel(
        _pivot(counted, recorded, calendar), basis, by, as_of, recorded, has_amounts, tuple(notes), not events.any
    )


_EMPTY = pd.DataFrame(columns=["quarter", "source", "segment", "stage", "count", "revenue", "valued"])


def _check(events: Events, basis: Basis) -> None:
    """Raise DataError with every reason why the tables cannot answer."""
    engine, by = events.engine, events.by
    reasons = events.records.faults()
    reasons += rule_faults(events.records, events.sourcing, events.calendar)
    if by is not None and by not in segment_fields(engine):
        reasons.append(
            f"There is no field {by!r} to break down by; there is {', '.join(segment_fields(engine)) or 'none'}."
        )
    reasons += _unjudged(events)
    given: dict[str, Collection[str]] = {
        "records": record_stages(engine, by_rules=events.mql is not None),
        "stage-by-stage files": _event_stages(engine),
        "the summary": _summary_stages(engine),
    }
    for stage in STAGES:
        holders = [holder for holder, stages in given.items() if stage in stages]
        if len(holders) > 1:
            reasons.append(
                f"The {stage} are counted in {' and in '.join(holders)}; load only one of them, or they count twice."
            )
    if not any("wins" in stages for stages in given.values()):
        reasons.append(
            "No file says which deals were won and when: no won date, and no closed-won deal with a close date."
        )
    if basis == "cohort" and (given["stage-by-stage files"] or given["the summary"]):
        reasons.append(
            "Cohorts cannot be followed through stage-by-stage files or a summary: their rows are not the same records. Use basis period."
        )
    if reasons:
        raise DataError(*reasons)


def _unjudged(events: Events) -> list[str]:
    """Why rules cannot say who is an MQL."""
    if events.mql is None:
        return []
    if "leads" not in events.engine:
        return [
            "Whether a lead meets the definition of an MQL can only be told of leads, and no file of leads is loaded."
        ]
    there = definition_fields(events.engine)
    return [
        f"The definition of an MQL has a rule on {field!r}, which the leads don't carry; there is {', '.join(there) or 'none'}."
        for field in events.mql.fields
        if field not in there
    ]


def _unvalued(counted: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Wins without an amount, as chosen. Their average is that of the other wins of the same quarter and source;
    where there are none, of the quarter; where there are none either, of all."""
    if choices.wins_without_amount == "at zero":
        return counted
    wins = counted["stage"] == "wins"
    if choices.wins_without_amount == "left out":
        left = counted.assign(count=counted["count"].where(~wins, counted["valued"]))
        return left[~wins | (left["count"] > 0)]
    average = pd.Series(float("nan"), index=counted.index)
    known = counted[wins & (counted["valued"] > 0)]
    for keys in (["quarter", "source"], ["quarter"], ["stage"]):
        sums = known.groupby(keys)[["revenue", "valued"]].sum()
        means = counted[keys].merge((sums["revenue"] / sums["valued"]).rename("mean"), on=keys, how="left")["mean"]
        average = average.fillna(pd.Series(means.to_numpy(), index=counted.index))
    missing = (counted["count"] - counted["valued"]).where(wins, 0)
    revenue = counted["revenue"].astype(float)
    return counted.assign(revenue=revenue.where(missing <= 0, revenue.fillna(0) + missing * average))


def _event_stages(engine: Engine) -> set[str]:
    if "stage_events" not in engine:
        return set()
    return set(engine.run(engine.table("stage_events").select("stage").distinct())["stage"])


def _summary_stages(engine: Engine) -> set[Stage]:
    return {stage for stage in STAGES if engine.has("funnel", stage)}


def quarter_ordinal(at: ir.Value, calendar: Calendar, engine: Engine) -> ir.Value:
    """`Quarter.ordinal` of a timestamp."""
    if calendar.weeks is None:
        return (at.year() * 12 + at.month() - calendar.start_month) // 3
    first, last = (calendar.containing(day).ordinal for day in _extent(engine))
    quarters = [calendar.from_ordinal(ordinal) for ordinal in range(first, last + 1)]
    before_end = ((at < end_of(quarter.end - timedelta(days=1)), quarter.ordinal) for quarter in quarters)
    return at.isnull().ifelse(ibis.null("int64"), ibis.cases(*before_end, else_=last))


def _extent(engine: Engine) -> tuple[date, date]:
    """Days before and after everything that is dated, whatever the time zone."""
    found = [
        day
        for name in ("leads", "deals", "stage_events")
        for column in (*DATE_OF.values(), "created_at", "closed_at", "at")
        if engine.has(name, column)
        for day in (engine.earliest(name, column), engine.latest(name, column))
        if day is not None
    ]
    days = [at.date() for at in found] or [date(2000, 1, 1)]
    return min(days) - timedelta(days=2), max(days) + timedelta(days=2)


def _began(rows: ir.Table, recorded: Mapping[Source, Sequence[Stage]]) -> ir.Value:
    """When the journey of each row began: at the first stage that its source records; of what is unassigned, at the first that it
    has, for nobody's leads may have been found by either side."""

    def first(source: Source, stages: Sequence[Stage]) -> ir.Value:
        return ibis.coalesce(*(rows[f"began_{stage}"] for stage in (stages[:1] if CHAIN[source] else stages)))

    firsts = ((rows.source == source, first(source, stages)) for source, stages in recorded.items() if stages)
    return ibis.cases(*firsts, else_=rows.at)


def in_quarter(rows: ir.Table, funnel: Funnel, quarter: Quarter) -> ir.Value:
    """Whether rows that reached a stage are among those that a funnel counts in a quarter."""
    at = rows.at if funnel.basis == "period" else _began(rows, funnel.recorded)
    first, end = (ibis.literal(datetime.combine(day, time()), type="timestamp") for day in (quarter.start, quarter.end))
    return ((at >= first) & (at < end)).fill_null(False)


def counted_rows(events: Events, funnel: Funnel, fields: Sequence[str] = ()) -> ir.Table:
    """The rows that a funnel counts, one for each record that reached a stage (see `Events.rows`), with `quarter`: the ordinal
    of the quarter in which it counts them. A summary has no rows."""
    skipped = events.choices.skipped_stages
    passed = skipped == "counted as passed" if funnel.basis == "period" else skipped != "not counted"
    rows = events.rows(passed=passed, fields=fields).filter(lambda row: row.at < end_of(funnel.as_of))
    at = rows.at if funnel.basis == "period" else _began(rows, funnel.recorded)
    return rows.mutate(quarter=quarter_ordinal(at, events.calendar, events.engine)).filter(
        lambda row: row.quarter.notnull()
    )


def _grouped(rows: ir.Table, quarter: ir.Value) -> ir.Table:
    rows = rows.mutate(quarter=quarter)
    return rows.group_by("quarter", "source", "segment", "stage").aggregate(
        count=rows.count(), revenue=rows.amount.sum().cast("float64"), valued=rows.amount.count()
    )


def _summary_quarters(engine: Engine, calendar: Calendar) -> list[Quarter]:
    if "funnel" not in engine:
        return []
    names = engine.run(engine.table("funnel").select("quarter").distinct())["quarter"].dropna()
    return [calendar.quarter(name) for name in names]


def _with_summary(
    counted: pd.DataFrame, engine: Engine, events: Events, calendar: Calendar, as_of: date
) -> pd.DataFrame:
    """Add the counts that someone already made, in the shape of the counts made here."""
    if "funnel" not in engine:
        return counted
    summary = engine.run(events.summary())
    summary["quarter"] = [calendar.quarter(name) for name in summary["quarter"]]
    summary = summary[[quarter.start <= as_of for quarter in summary["quarter"]]]
    impossible = summary[(summary["wins"].fillna(0) == 0) & (summary["revenue"].fillna(0) != 0)]
    if len(impossible):
        raise DataError(
            *(
                f"{row.quarter} {row.source}: revenue {row.revenue:,.2f} without a win. Correct the summary."
                for row in impossible.itertuples()
            )
        )
    summary["quarter"] = [quarter.ordinal for quarter in summary["quarter"]]
    parts = [counted] if len(counted) else []
    for stage in sorted(_summary_stages(engine), key=STAGES.index):
        part = summary[summary[stage].notna()]
        part = part.assign(stage=stage, count=part[stage], revenue=part["revenue"] if stage == "wins" else float("nan"))
        parts.append(part.assign(valued=part["revenue"].notna() * part["count"])[list(_EMPTY.columns)])
    both = pd.concat(parts, ignore_index=True)
    keys = ["quarter", "source", "segment", "stage"]
    return both.groupby(keys, dropna=False, as_index=False).agg({"count": "sum", "revenue": "sum", "valued": "sum"})


def _recorded(counted: pd.DataFrame) -> dict[Source, tuple[Stage, ...]]:
    """The stages that each source's data has. A source without any data has what the others have: zero is known."""
    everyone = set(counted["stage"])
    found: dict[Source, tuple[Stage, ...]] = {}
    for source in SOURCES:
        own = set(counted.loc[counted["source"] == source, "stage"]) if CHAIN[source] else everyone
        own = own or everyone
        found[source] = tuple(stage for stage in (CHAIN[source] or STAGES) if stage in own | {"wins"})
    return found


def _pivot(counted: pd.DataFrame, recorded: Mapping[Source, Sequence[Stage]], calendar: Calendar) -> pd.DataFrame:
    """One row a quarter × source × segment, one column a stage."""
    keys = ["quarter", "source", "segment"]
    counted = counted.assign(segment=counted["segment"].astype(object).where(counted["segment"].notna(), ""))
    wide = counted.pivot_table(index=keys, columns="stage", values="count", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=list(STAGES)).astype(float)
    wide["revenue"] = counted[counted["stage"] == "wins"].groupby(keys)["revenue"].sum()
    wide = wide.fillna({"revenue": 0.0}).reset_index()
    for source, stages in recorded.items():
        rows = wide["source"] == source
        wide.loc[rows, [stage for stage in STAGES if stage not in stages]] = float("nan")
        wide.loc[rows, list(stages)] = wide.loc[rows, list(stages)].fillna(0.0)
    wide["quarter"] = [calendar.from_ordinal(int(ordinal)) for ordinal in wide["quarter"]]
    wide["segment"] = wide["segment"].astype(object).where(wide["segment"] != "", None)
    wide.columns.name = None
    return wide.sort_values(["quarter", "source", "segment"], na_position="first", ignore_index=True)
