"""How many records entered and passed each step of the funnel, by what kind of record they are and how they were followed up.

The same records as the funnel counts, so that whatever is said of parts of them adds up to its rates.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations, pairwise

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from ibis.expr import types as ir

from alignment_core.agreement import Agreement
from alignment_core.compliance import IN_TIME, LATE, UNKNOWN, compliance, followed_up
from alignment_core.data import Data
from alignment_core.events import end_of, record_stages
from alignment_core.funnel import Funnel, counted_rows
from alignment_core.kept_events import KeptEvents
from alignment_core.lags import chances
from alignment_core.quarters import Quarter
from alignment_core.timing import steps
from alignment_core.vocabulary import Basis, MqlBy, Source, Stage

__all__ = ["step_counts"]

Floats = npt.NDArray[np.float64]

_SOURCES: tuple[Source, ...] = ("marketing", "sales")
_COLUMNS = ("quarter", "source", "before", "after")
_COUNTS = ("entered", "passed", "open", "further")


def step_counts(
    data: Data,
    agreement: Agreement,
    quarter: Quarter,
    fields: Sequence[str] = (),
    *,
    quarters: int = 4,
    basis: Basis = "period",
    as_of: date | None = None,
    mql: MqlBy = "crm",
    follow_up: bool = False,
) -> pd.DataFrame:
    """Every step of the funnel in a quarter and in those before it. Worked out once for the same question.

    Columns: `quarter` (Quarter), `source`, `before` and `after` (the step's stages), each of `fields` under its name, `follow_up`
    (IN_TIME, LATE, UNKNOWN); then counts: `entered` and `passed` (as the funnel counts them: on period basis both in the quarter, on
    cohort basis of the demand that began in it), `open` (entered, neither passed nor given up) and `further` (how many of these
    are expected to pass still, by the lags of earlier cohorts; NaN where those say too little). On period basis nothing is open.

    Empty where nothing but a summary or stage-by-stage files without records was loaded.

    Args:
        fields: fields to count by, see `Data.segment_fields`.
        quarters: how many quarters before this one.
        follow_up: whether to count by how a lead was followed up; else all is UNKNOWN.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    rules = agreement.mql if mql == "agreed" else None
    promise = repr(agreement.follow_up) if follow_up else None
    asked = ("step counts", agreement.sourcing, agreement.fiscal_calendar, agreement.currency, agreement.timezone, promise, quarter, tuple(fields), quarters, basis, as_of, rules)  # fmt: skip
    return data.kept(
        asked, lambda: _step_counts(data, agreement, quarter, tuple(fields), quarters, basis, as_of, mql, follow_up)
    )


def _step_counts(
    data: Data,
    agreement: Agreement,
    quarter: Quarter,
    fields: tuple[str, ...],
    quarters: int,
    basis: Basis,
    as_of: date | None,
    mql: MqlBy,
    follow_up: bool,
) -> pd.DataFrame:
    funnel = data.funnel(agreement, basis, None, as_of, mql)
    rules = agreement.mql if mql == "agreed" else None
    nothing = pd.DataFrame(columns=[*_COLUMNS, *fields, "follow_up", *_COUNTS])
    walked = [(source, *pair) for source in _SOURCES for pair in _pairs(funnel, source)]
    if not walked or not record_stages(data.engine, by_rules=rules is not None):
        return nothing
    calendar = agreement.fiscal_calendar
    events = KeptEvents(data.engine, agreement.sourcing, calendar, None, data.choices, agreement.currency, rules)
    rows = counted_rows(events, funnel, fields)
    rows = rows.filter(rows.quarter.between(quarter.ordinal - quarters, quarter.ordinal))
    values = {field: rows[f"value_{place}"] for place, field in enumerate(fields)}
    said = ibis.literal(UNKNOWN)
    if follow_up:
        rows = rows.left_join(_followed_up(data, agreement, funnel, mql), [("lead_id", "followed")])
        said = rows.how.fill_null(UNKNOWN)
    rows = rows.select(
        "quarter", "source", "stage", **values, follow_up=said,
        age=_waited(rows, funnel) if basis == "cohort" else ibis.null("int64"),
    )  # fmt: skip
    keys = ["quarter", "source", "stage", *fields, "follow_up", "age"]
    counted = data.engine.run(rows.group_by(*keys).aggregate(count=rows.count()))
    named = {ordinal: calendar.from_ordinal(int(ordinal)) for ordinal in counted["quarter"].unique()}
    counted["quarter"] = counted["quarter"].map(named)
    curves = _curves(data, agreement, quarter, funnel, mql) if basis == "cohort" else {}
    # Each cell gets a number once, so that adding up a step costs the same however many fields there are.
    cells = ["quarter", *fields, "follow_up"]
    counted["cell"] = counted.groupby(cells, sort=False).ngroup()
    known = counted.drop_duplicates("cell").set_index("cell")[cells].sort_index()
    parts = [
        _step(counted[counted["source"] == source], known, source, before, after, curves.get((source, before)))
        for source, before, after in walked
    ]
    return pd.concat(parts, ignore_index=True)


def _pairs(funnel: Funnel, source: Source) -> Iterable[tuple[Stage, Stage]]:
    """On period basis a stage may be zero while a later one is not, and a driver lead past it."""
    stages = funnel.recorded[source]
    return combinations(stages, 2) if funnel.basis == "period" else pairwise(stages)


def _step(
    counted: pd.DataFrame,
    cells: pd.DataFrame,
    source: Source,
    before: Stage,
    after: Stage,
    chance: Floats | None,
) -> pd.DataFrame:
    """One step's rows: the cells of which any record entered or passed."""

    def summed(rows: pd.DataFrame, weight: Floats | None = None) -> Floats:
        each = rows["count"].to_numpy(dtype=np.float64)
        sums = np.bincount(rows["cell"], each if weight is None else each * weight, minlength=len(cells))
        return sums.astype(np.float64)

    entered = counted[counted["stage"] == before]
    waiting = entered[entered["age"].notna()]
    ages = waiting["age"].to_numpy(dtype=np.int64)
    likely = np.full(len(ages), np.nan) if chance is None else chance[np.minimum(ages, len(chance) - 1)]
    counts = {
        "entered": summed(entered),
        "passed": summed(counted[counted["stage"] == after]),
        "open": summed(waiting),
        "further": summed(waiting, likely),
    }
    some = (counts["entered"] > 0) | (counts["passed"] > 0)
    some_counts = {name: each[some] for name, each in counts.items()}
    frame = cells[some].assign(source=source, before=before, after=after, **some_counts)
    return frame[[*_COLUMNS, *(name for name in cells if name != "quarter"), *_COUNTS]]


def _waited(rows: ir.Table, funnel: Funnel) -> ir.Value:
    """For how many whole days a record has waited at its stage; null where it moved on, or was given up."""
    end = end_of(funnel.as_of)

    def by_then(at: ir.Value) -> ir.Value:
        return (at < end).fill_null(False)

    branches = []
    for source in _SOURCES:
        stages = funnel.recorded[source]
        for before, after in pairwise(stages):
            later = stages[stages.index(after) :]
            gone_on = ibis.or_(*(by_then(rows[f"began_{stage}"]) for stage in later))
            branches.append(((rows.source == source) & (rows.stage == before), ~gone_on & ~by_then(rows.lost)))
    is_open = ibis.cases(*branches, else_=False)
    days = -rows.at.cast("date").delta(ibis.literal(funnel.as_of), unit="day")
    return is_open.ifelse(ibis.greatest(days, 0), ibis.null("int64"))


def _curves(
    data: Data, agreement: Agreement, quarter: Quarter, funnel: Funnel, mql: MqlBy
) -> dict[tuple[Source, Stage], Floats]:
    """By source and stage, how likely a record still moves on that has waited for so many days."""
    found = {}
    for source, own in steps(data, agreement, quarter, as_of=funnel.as_of, mql=mql).items():
        for step in own:
            if step.is_known:
                curve = step.earlier.incidence
                found[source, step.before] = chances(curve, np.arange(len(curve.converted) + 1))
    return found


def _followed_up(data: Data, agreement: Agreement, funnel: Funnel, mql: MqlBy) -> ir.Table:
    """The leads of which it is known: `followed`, their id, and `how`, IN_TIME or LATE. An id of several leads is in time where one was."""
    found = compliance(data, agreement, as_of=funnel.as_of, mql=mql)
    how = followed_up(found).to_numpy()
    known = how != UNKNOWN
    leads, how = found["lead_id"].to_numpy(object)[known], how[known]
    rows = data.engine.given(pa.table({"followed": pa.array(leads, pa.string()), "late": pa.array(how == LATE)}))
    each = rows.group_by("followed").aggregate(late=rows.late.all())
    return each.select("followed", how=each.late.ifelse(LATE, IN_TIME))
