"""Down to the records: which leads and deals stand behind a bar of the bridge, so that whoever doubts it can count them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr import types as ir

from alignment_core.agreement import Agreement
from alignment_core.carried import began_before
from alignment_core.compliance import UNKNOWN, compliance, followed_up, is_followed
from alignment_core.data import OWNER, Data
from alignment_core.drivers import chain, factors, total
from alignment_core.errors import DataError
from alignment_core.events import deal_stages, end_of, record_stages
from alignment_core.funnel import counted_rows
from alignment_core.kept_events import KeptEvents
from alignment_core.owner_labels import as_called, called, show_owners
from alignment_core.results import Bar, Counts, Review
from alignment_core.step_counts import step_counts
from alignment_core.vocabulary import CHAIN, RATE_DRIVER, STAGES, VOLUME_STAGE, Driver, Source, Stage

__all__ = ["BarRecords", "Tie", "Way", "bar_records", "carried_records", "open_records", "stages_of"]

#: Carried into a quarter from an earlier one, or out of it into a later one.
Way = Literal["carried_in", "carried_out"]

_STEP = {driver: step for step, driver in RATE_DRIVER.items()}


@dataclass(frozen=True)
class Tie:
    """A count, or a sum, of the records beside what the review counts.

    Attributes:
        what: a stage, or `revenue` (currency).
        records: how many of the records reached that stage in the quarter, or the sum of what they count for.
        counted: what the review has for it.
    """

    what: str
    records: float
    counted: float

    @property
    def holds(self) -> bool:
        """To the cent."""
        return abs(self.records - self.counted) < 0.005


@dataclass(frozen=True, eq=False)
class BarRecords:
    """The records behind a bar.

    Attributes:
        records: one row a lead or deal: `lead_id`, `deal_id` (None where there is none); a column for each stage of the driver with the
            time on the company's clock at which it counts there in this quarter (NaT where it does not); `status` on the as-of day (`won`,
            `lost` or `open`; None in a file of one stage, which does not say it); `amount` of a win (the agreement's currency; NaN unknown)
            and, where revenue is counted, `counted` (what the review counts it for); of MQLs, where a follow-up was agreed, `first_touch` (NaT without) and
            `follow_up`, whether that was in time; then each field that a review can be broken down by. Nothing personal is in it; owners are called as the
            agreement says.
        stages: the driver's stages, in the order of the funnel.
        ties: that they are the bar's.
        segments: the segments that the bar is of where the others passed other stages; empty where it is of all.
        where: the fields and values that were asked for; empty where the records are the whole bar's.
    """

    records: pd.DataFrame
    stages: tuple[Stage, ...]
    ties: tuple[Tie, ...]
    segments: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)


def stages_of(driver: Driver) -> tuple[Stage, ...]:
    """The stages that a driver is measured at."""
    if driver in VOLUME_STAGE:
        return (VOLUME_STAGE[driver],)
    return _STEP.get(driver, ("wins",))


def bar_records(
    data: Data, agreement: Agreement, review: Review, bar: Bar, where: Mapping[str, str] | None = None
) -> BarRecords:
    """The records behind a bar of a review, or behind one of its segments' bars.

    The rows of files that hold one stage each stand alone: nothing says which of them are the same record.

    Args:
        where: only the records that have these values in these fields, named as segments are. Their ties are to the counts of
            that segment, and to its revenue where it is of one field.

    Raises:
        DataError: the counts come from a summary, which has no records; there is no such field or value; or the tables cannot
            answer.
    """
    where = dict(where or {})
    if where:
        if bar.segment is not None and review.by is not None:
            where = {review.by: bar.segment, **where}
        bar, review = replace(bar, segment=None), _as_a_whole(review)
    data = as_called(data, agreement, OWNER if OWNER in where else review.by)
    stages, fields = stages_of(bar.driver), data.segment_fields
    everything = _rows(data, agreement, review)
    if everything is None or any(data.engine.has("funnel", stage) for stage in stages):
        raise DataError(
            "These counts come from a summary, which does not say which records they are. Load the records themselves."
        )
    everything = everything[everything["source"] == bar.source]
    if bar.driver == "unassigned":  # whatever came of it: who assigns it needs all of it
        stages = tuple(stage for stage in STAGES if stage in {*everything["stage"], "wins"})
    found = everything[everything["stage"].isin(stages)]
    segments = _segments(review, bar)
    counts = review.actual.get(bar.source, Counts())
    if where:
        found = _part(found, where, data, agreement)
        counts = _counts_of(data, agreement, review, bar.source, where)
    elif segments is not None:
        found = found[found["segment"].isin(segments)]
        cells = review.segment_actual.get(bar.source, {})
        counts = total({segment: cells[segment] for segment in segments if segment in cells})
    is_money = bar.driver in ("deal_size", "unassigned")
    won = found[found["stage"] == "wins"]
    found = found.assign(counted=_worth(data, agreement, review, bar.source, won) if is_money else np.nan)
    records = _side_by_side(found, stages, fields, deal_stages(data.engine))
    records = _people_as_agreed(records, data, agreement)
    if stages[0] == "mqls" and bar.source == "marketing" and is_followed(data, agreement):
        records = _with_follow_up(records, data, agreement, review)
    known = [stage for stage in stages if not where or getattr(counts, stage) is not None]
    ties = [Tie(stage, float(records[stage].notna().sum()), getattr(counts, stage) or 0.0) for stage in known]
    if is_money and not np.isnan(counts.revenue):
        ties.append(Tie("revenue", float(records["counted"].sum()), counts.revenue))
    if not is_money:
        records = records.drop(columns="counted")
    told = segments if segments and bar.segment is None else ()
    return BarRecords(records, stages, tuple(ties), told, where)


def _as_a_whole(review: Review) -> Review:
    """A review that is not broken down."""
    return replace(review, by=None, segment_bars=(), segment_plan={}, segment_actual={})


def _part(found: pd.DataFrame, where: Mapping[str, str], data: Data, agreement: Agreement) -> pd.DataFrame:
    """The rows of one segment."""
    hidden = show_owners(agreement) == "hidden"
    fields = [name for name in data.segment_fields if name != OWNER or not hidden]
    unknown = [name for name in where if name not in fields]
    if unknown:
        raise DataError(f"There is no field {unknown[0]!r} here; there is {', '.join(fields) or 'none'}.")
    for name, value in where.items():
        there = sorted(found[name].dropna().astype(str).unique())
        found = found[found[name] == value]
        if found.empty:
            more = f" and {len(there) - 20} more" if len(there) > 20 else ""
            raise DataError(f"No record here has {name} {value!r}; there is {', '.join(there[:20])}{more}.")
    return found


def _counts_of(data: Data, agreement: Agreement, review: Review, source: Source, where: Mapping[str, str]) -> Counts:
    """What the funnel counts of a segment. Of two fields it is counted step by step, and revenue is not (NaN)."""
    if len(where) == 1:
        ((name, value),) = where.items()
        funnel = data.funnel(agreement, review.basis, name, review.as_of, review.mql)
        counts = funnel.counts(review.quarter, source).get(value, Counts())
        return counts if funnel.has_amounts else replace(counts, revenue=float("nan"))
    steps = step_counts(
        data, agreement, review.quarter, tuple(where), quarters=0, basis=review.basis, as_of=review.as_of, mql=review.mql
    )  # fmt: skip
    own = steps[(steps["source"] == source) & np.all([steps[name] == value for name, value in where.items()], axis=0)]
    sums = own.groupby(["before", "after"])[["entered", "passed"]].sum()
    found: dict[Stage, float] = {}
    for (before, after), row in sums.iterrows():
        found |= {before: float(row["entered"]), after: float(row["passed"])}
    return Counts(**found, revenue=float("nan"))


def open_records(data: Data, agreement: Agreement, review: Review, source: Source) -> BarRecords:
    """On cohort basis the records behind what is not decided yet: of the quarter's own demand, what is neither won nor given up.

    Its ties are of how many have come as far as each stage.

    Raises:
        DataError: nothing is known to be open, or the tables cannot answer.
    """
    if source not in review.not_decided:
        raise DataError(
            "What is open is told of the quarter's own demand, followed up (basis cohort), where records of it are loaded."
        )
    data = as_called(data, agreement, review.by)
    return _open(data, agreement, review, source, review.not_decided[source].open)


def carried_records(
    data: Data, agreement: Agreement, review: Review, source: Source, way: Way, stage: Stage | None = None
) -> BarRecords:
    """On period basis the records behind what came from earlier quarters, or behind what goes to later ones.

    Carried in are those that a stage counts in the quarter and that began before it, with what a win counts for; the ties are of
    each stage and of revenue. Carried out are the quarter's own that were open at its end, by the furthest stage.

    Args:
        stage: only those of one stage.

    Raises:
        DataError: nothing is known to be carried, or the tables cannot answer.
    """
    if source not in review.carried:
        raise DataError(
            "What is carried in and out is told of the events in the quarter (basis period), where records of it are loaded."
        )
    data, review = as_called(data, agreement, review.by), _as_a_whole(review)
    carried = review.carried[source]
    if way == "carried_out":
        last = min(review.as_of, review.quarter.end - timedelta(days=1))
        at_end = replace(review, basis="cohort", as_of=last)
        return _open(data, agreement, at_end, source, carried.carried_out, stage)
    found = _rows(data, agreement, review)
    if found is None:
        raise DataError("No records are loaded.")
    known: dict[Stage, float] = {
        each: getattr(carried.carried_in, each)
        for each in CHAIN[source]
        if (each == stage or stage is None) and getattr(carried.carried_in, each) is not None
    }
    stages = tuple(known)
    found = found[(found["source"] == source) & found["early"] & found["stage"].isin(stages)]
    found = found.assign(counted=_worth(data, agreement, review, source, found[found["stage"] == "wins"]))
    records = _people_as_agreed(
        _side_by_side(found, stages, data.segment_fields, deal_stages(data.engine)), data, agreement
    )
    ties = [Tie(each, float(records[each].notna().sum()), number) for each, number in known.items()]
    if "wins" in stages:
        ties.append(Tie("revenue", float(records["counted"].sum()), carried.carried_in.revenue))
    else:
        records = records.drop(columns="counted")
    return BarRecords(records, stages, tuple(ties))


def _open(
    data: Data,
    agreement: Agreement,
    review: Review,
    source: Source,
    known: Mapping[Stage, int],
    only: Stage | None = None,
) -> BarRecords:
    """The records of a cohort that are open on the as-of day, or those of them that came as far as one stage."""
    stages = tuple(stage for stage in CHAIN[source] if stage in known)
    found = _rows(data, agreement, review)
    if found is None:
        raise DataError("No records are loaded.")
    found = found[(found["source"] == source) & (found["status"] == "open") & found["stage"].isin(stages)]
    records = _side_by_side(found.assign(counted=np.nan), stages, data.segment_fields, deal_stages(data.engine))
    furthest = records[list(stages)].notna().iloc[:, ::-1].idxmax(axis=1)
    if only is not None:
        records, furthest = records[furthest == only].reset_index(drop=True), furthest[furthest == only]
    told = stages if only is None else (only,)
    ties = tuple(Tie(stage, float(furthest.eq(stage).sum()), float(known[stage])) for stage in told)
    records = _people_as_agreed(records.drop(columns=["counted", "amount", "status"]), data, agreement)
    return BarRecords(records, stages, ties)


def _people_as_agreed(records: pd.DataFrame, data: Data, agreement: Agreement) -> pd.DataFrame:
    if OWNER in records and show_owners(agreement) == "hidden":
        return records.drop(columns=OWNER)
    if OWNER in records and data.owners:
        return records.assign(**{OWNER: records[OWNER].map(called(data, agreement))})
    return records


def _with_follow_up(records: pd.DataFrame, data: Data, agreement: Agreement, review: Review) -> pd.DataFrame:
    """With `first_touch`, when sales first touched each lead (the company's clock), and `follow_up`, whether that was in time."""
    found = compliance(data, agreement, as_of=review.as_of, mql=review.mql)
    ids, own = (pa.array(each["lead_id"], pa.string()) for each in (found, records))
    found = found[pc.is_in(ids, value_set=own).to_numpy(zero_copy_only=False)]
    at = found["first_touch_at"].dt.tz_convert(agreement.timezone).dt.tz_localize(None)
    found = found.assign(first_touch=at, follow_up=followed_up(found)).drop_duplicates("lead_id")
    known = found.assign(lead_id=found["lead_id"].astype(str)).set_index("lead_id")[["first_touch", "follow_up"]]
    joined = records[["lead_id"]].join(known, on="lead_id")
    place = records.columns.get_loc("status")
    records.insert(place, "first_touch", joined["first_touch"])
    records.insert(place + 1, "follow_up", joined["follow_up"].fillna(UNKNOWN))
    return records


def _segments(review: Review, bar: Bar) -> tuple[str, ...] | None:
    """The segments that a bar is of; None where it is of its whole source."""
    if bar.segment is not None:
        return (bar.segment,)
    plan, actual = (total(side.get(bar.source, {})) for side in (review.segment_plan, review.segment_actual))
    if not review.segment_bars or not CHAIN[bar.source] or bar.driver in factors(chain(bar.source, plan, actual), plan):
        return None
    parts = (each for each in review.segment_bars if (each.source, each.driver) == (bar.source, bar.driver))
    return tuple(each.segment for each in parts if each.segment is not None)


def _counted(data: Data, agreement: Agreement, review: Review, by: str | None) -> ir.Table:
    """The rows that a review's funnel counts, of every quarter."""
    rules = agreement.mql if review.mql == "agreed" else None
    funnel = data.funnel(agreement, review.basis, by, review.as_of, review.mql)
    events = KeptEvents(
        data.engine, agreement.sourcing, agreement.fiscal_calendar, by, data.choices, agreement.currency, rules
    )
    return counted_rows(events, funnel, data.segment_fields)


def _rows(data: Data, agreement: Agreement, review: Review) -> pd.DataFrame | None:
    """All that a review counts in its quarter, one row for each record that reached a stage; None without records.

    Worked out once for all bars."""
    rules = agreement.mql if review.mql == "agreed" else None
    if not record_stages(data.engine, by_rules=rules is not None) and "stage_events" not in data.engine:
        return None
    by = review.by if review.segment_bars else None

    def answer() -> pd.DataFrame:
        rows, end = _counted(data, agreement, review, by), end_of(review.as_of)
        rows = rows.filter(rows.quarter == review.quarter.ordinal)
        funnel = data.funnel(agreement, review.basis, by, review.as_of, review.mql)
        gone = (rows.ended < end).fill_null(False).ifelse("lost", "open")
        values = {field: rows[f"value_{place}"] for place, field in enumerate(data.segment_fields)}
        found = data.engine.run(
            rows.select(
                "stage", "at", "source", "segment", "lead_id", "deal_id", "record", **values,
                early=began_before(rows, funnel, review.quarter),
                amount=rows.amount.cast("float64"), status=(rows.began_wins < end).fill_null(False).ifelse("won", gone),
            )
        )  # fmt: skip
        # A file of one stage does not say what became of its records.
        found["status"] = found["status"].astype(object).mask(found["record"].str.startswith("event "), None)
        found.loc[found["stage"] == "wins", "status"] = "won"
        if data.choices.wins_without_amount == "left out" and _has_amounts(data, agreement, review):
            found = found[(found["stage"] != "wins") | found["amount"].notna()]
        return found

    asked = ("records", agreement.sourcing, agreement.fiscal_calendar, agreement.currency, review.quarter, review.basis, by, review.as_of, rules)  # fmt: skip
    return data.kept(asked, answer)


def _has_amounts(data: Data, agreement: Agreement, review: Review) -> bool:
    return data.funnel(agreement, review.basis, None, review.as_of, review.mql).has_amounts


def _worth(data: Data, agreement: Agreement, review: Review, source: Source, wins: pd.DataFrame) -> pd.Series:
    """What each win counts for, worked out from the wins and the choice, not from the revenue that it is to tie to.

    Without any amounts in the files that is the agreed deal size, of the win's segment where there is a plan by segment. Else a win
    without an amount counts zero, or as chosen the mean of the quarter's wins of its source; where none of them has one, of the quarter's; where none
    of those has, of all.
    """
    if not _has_amounts(data, agreement, review):
        return wins["segment"].map(lambda segment: _agreed_size(agreement, review, source, segment)).astype(float)
    if data.choices.wins_without_amount != "at the average":
        return wins["amount"].fillna(0.0)
    if not wins["amount"].isna().any():
        return wins["amount"]
    every = _amounts(data, agreement, review)
    own = every[every["quarter"] == review.quarter.ordinal]
    wider = (own[own["source"] == source], own, every)
    return wins["amount"].fillna(next(float(each["amount"].mean()) for each in wider if len(each)))


def _agreed_size(agreement: Agreement, review: Review, source: Source, segment: str | None) -> float:
    """The agreed deal size; of a segment without a plan, that of the whole."""
    cells = review.segment_plan.get(source, {})
    owed = cells.get(segment) or review.plan.get(source) or Counts()
    if owed.wins:
        return owed.revenue / owed.wins
    agreed = getattr(agreement, source, None)
    return float(agreed.deal_size) if agreed else 0.0


def _amounts(data: Data, agreement: Agreement, review: Review) -> pd.DataFrame:
    """The known amounts of all wins that the funnel counts in any quarter: `quarter` (its ordinal), `source`, `amount`."""

    def answer() -> pd.DataFrame:
        rows = _counted(data, agreement, review, None)
        won = rows.filter(rows.stage == "wins", rows.amount.notnull())
        return data.engine.run(won.select("quarter", "source", amount=won.amount.cast("float64")))

    rules = agreement.mql if review.mql == "agreed" else None
    asked = ("won amounts of all", agreement.sourcing, agreement.fiscal_calendar, agreement.currency, review.basis, review.as_of, rules)  # fmt: skip
    return data.kept(asked, answer)


def _side_by_side(
    found: pd.DataFrame, stages: Sequence[Stage], fields: Sequence[str], of_deals: Collection[Stage]
) -> pd.DataFrame:
    """One row a record, with a column for each of the stages. A lead with several deals has a row for each of them."""
    # Stages of one table are told by the same row of it; a lead stands beside its deals by its id, without one by theirs.
    key = found["record"]
    if any(stage in of_deals for stage in stages) and not set(stages) <= set(of_deals):
        key = found["lead_id"].fillna("deal " + found["deal_id"]).fillna(key)
    found = found.assign(key=key)
    found["nth"] = found.groupby(["stage", "key"]).cumcount()
    first = found.sort_values("stage", key=lambda each: each.map(list(stages).index)).groupby(
        ["key", "nth"], sort=False
    )
    known = first[["lead_id", "deal_id", "amount", "counted", *fields]].first()  # the first that is not empty
    times = found.pivot(index=["key", "nth"], columns="stage", values="at").reindex(columns=list(stages))
    records = known.join(times).join(first["status"].last())
    ids = records[["lead_id", "deal_id"]].astype(object)
    records[["lead_id", "deal_id"]] = ids.where(ids.notna(), None)
    records = records.sort_values(["lead_id", "deal_id", *stages]).reset_index(drop=True)
    return records[["lead_id", "deal_id", *stages, "status", "amount", "counted", *fields]]
