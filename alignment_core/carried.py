"""Period basis: how much of what a quarter counts began in earlier quarters, and what it leaves open for later ones."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis.expr import types as ir

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.events import Events, end_of
from alignment_core.funnel import Funnel, in_quarter
from alignment_core.quarters import Quarter
from alignment_core.results import Carried, Counts
from alignment_core.timing import agreed_sizes, steps
from alignment_core.vocabulary import SOURCES, MqlBy, Source

__all__ = ["began_before", "carried"]


def carried(
    data: Data, agreement: Agreement, quarter: Quarter, *, as_of: date | None = None, mql: MqlBy = "crm"
) -> Mapping[Source, Carried]:
    """What a quarter's counts on period basis owe to other quarters, by source. Worked out once for the same question.

    A record began at the first stage that it has a date for; what has no other date than its own began with it.
    Empty where files of counts or of single stages were loaded: nobody knows where their rows began.

    Args:
        as_of: the day up to which events count; default the latest in the data.
        mql: whether an MQL is what the CRM flagged, or what the agreement's definition says.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    sizes = agreed_sizes(agreement)
    rules = agreement.mql if mql == "agreed" else None
    calendar = agreement.fiscal_calendar
    asked = ("carried", agreement.sourcing, calendar, agreement.currency, quarter, as_of, rules, tuple(sizes.items()))

    def answer() -> Mapping[Source, Carried]:
        if "funnel" in data.engine or "stage_events" in data.engine:
            return {}
        funnel = data.funnel(agreement, "period", None, as_of, mql)
        rows = _rows(data, agreement, funnel, quarter, mql)
        at_end = steps(data, agreement, quarter, as_of=funnel.as_of, mql=mql, seen=quarter.end - timedelta(days=1))
        found: dict[Source, Carried] = {}
        for source in ("marketing", "sales"):
            own = rows[rows["source"] == source]
            if len(own) or source in at_end:
                counts = _carried_in(own, source, funnel, quarter, {} if funnel.has_amounts else sizes)
                found[source] = Carried(counts, {step.before: step.open for step in at_end.get(source, ())})
        return found

    return data.kept(asked, answer)


def _rows(data: Data, agreement: Agreement, funnel: Funnel, quarter: Quarter, mql: MqlBy) -> pd.DataFrame:
    """The very rows that the funnel counts in the quarter, by source, stage and whether they began before it."""
    rules = agreement.mql if mql == "agreed" else None
    calendar, currency = agreement.fiscal_calendar, agreement.currency
    events = Events(data.engine, agreement.sourcing, calendar, None, data.choices, currency, rules)
    rows = events.rows(passed=data.choices.skipped_stages == "counted as passed")
    rows = rows.filter(rows.at < end_of(funnel.as_of))
    rows = rows.filter(in_quarter(rows, funnel, quarter))
    grouped = rows.mutate(early=began_before(rows, funnel, quarter)).group_by("source", "stage", "early")
    counted = grouped.aggregate(
        count=lambda row: row.count(),
        revenue=lambda row: row.amount.sum().cast("float64"),
        valued=lambda row: row.amount.count(),
    )
    found = data.engine.run(counted)
    if data.choices.wins_without_amount == "left out" and funnel.has_amounts:
        found["count"] = found["count"].where(found["stage"] != "wins", found["valued"])
    return found.fillna({"revenue": 0.0})


def began_before(rows: ir.Table, funnel: Funnel, quarter: Quarter) -> ir.Value:
    """Whether a row's record began, at the first stage that it has a date for, before a quarter."""
    first = ibis.literal(datetime.combine(quarter.start, time()), type="timestamp")
    began = ibis.cases(
        *(
            (rows.source == source, ibis.coalesce(*(rows[f"began_{stage}"] for stage in funnel.recorded[source])))
            for source in SOURCES
        )
    )
    return (began < first).fill_null(False)


def _carried_in(
    rows: pd.DataFrame, source: Source, funnel: Funnel, quarter: Quarter, sizes: Mapping[Source, float]
) -> Counts:
    """What began earlier, in the funnel's own measure: its revenue is shared as the wins' amounts are."""
    early = rows[rows["early"]].set_index("stage")["count"]
    stages = {stage: float(early.get(stage, 0)) for stage in funnel.recorded[source]}
    if source in sizes:
        return Counts(**stages, revenue=stages["wins"] * sizes[source])
    wins = rows[rows["stage"] == "wins"]
    whole = funnel.counts(quarter, source)[None].revenue
    missing = wins["count"] - wins["valued"]
    # What the funnel counts beyond the amounts themselves is what it makes of wins that have none.
    each = (whole - wins["revenue"].sum()) / missing.sum() if missing.sum() else 0.0
    value = wins["revenue"] + missing * each
    return Counts(**stages, revenue=float(np.sum(value[wins["early"]])))
