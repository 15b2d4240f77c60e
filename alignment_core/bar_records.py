"""Down to the records: which leads and deals stand behind a bar of the bridge, so that whoever doubts it can count them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ibis.expr import types as ir

from alignment_core.agreement import Agreement
from alignment_core.compliance import UNKNOWN, compliance, followed_up, is_followed
from alignment_core.data import OWNER, Data
from alignment_core.drivers import chain, factors, total
from alignment_core.errors import DataError
from alignment_core.events import Events, deal_stages, end_of, record_stages
from alignment_core.funnel import counted_rows
from alignment_core.owner_labels import as_called, called, show_owners
from alignment_core.results import Bar, Counts, Review
from alignment_core.vocabulary import CHAIN, RATE_DRIVER, STAGES, VOLUME_STAGE, Driver, Source, Stage

__all__ = ["BarRecords", "Tie", "bar_records", "open_records", "stages_of"]

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
    """

    records: pd.DataFrame
    stages: tuple[Stage, ...]
    ties: tuple[Tie, ...]
    segments: tuple[str, ...] = ()


def stages_of(driver: Driver) -> tuple[Stage, ...]:
    """The stages that a driver is measured at."""
    if driver in VOLUME_STAGE:
        return (VOLUME_STAGE[driver],)
    return _STEP.get(driver, ("wins",))


def bar_records(data: Data, agreement: Agreement, review: Review, bar: Bar) -> BarRecords:
    """The records behind a bar of a review, or behind one of its segments' bars.

    The rows of files that hold one stage each stand alone: nothing says which of them are the same record.

    Raises:
        DataError: the counts come from a summary, which has no records, or the tables cannot answer.
    """
    data = as_called(data, agreement, review.by)
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
    counts = review.actual[bar.source]
    if segments is not None:
        found = found[found["segment"].isin(segments)]
        cells = review.segment_actual.get(bar.source, {})
        counts = total({segment: cells[segment] for segment in segments if segment in cells})
    is_money = bar.driver in ("deal_size", "unassigned")
    won = found[found["stage"] == "wins"]
    found = found.assign(counted=_worth(data, agreement, review, bar, won) if is_money else np.nan)
    records = _side_by_side(found, stages, fields, deal_stages(data.engine))
    records = _people_as_agreed(records, data, agreement)
    if stages[0] == "mqls" and bar.source == "marketing" and is_followed(data, agreement):
        records = _with_follow_up(records, data, agreement, review)
    ties = [Tie(stage, float(records[stage].notna().sum()), getattr(counts, stage) or 0.0) for stage in stages]
    if is_money:
        ties.append(Tie("revenue", float(records["counted"].sum()), counts.revenue))
    else:
        records = records.drop(columns="counted")
    return BarRecords(records, stages, tuple(ties), segments if segments and bar.segment is None else ())


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
    known = review.not_decided[source].open
    stages = tuple(stage for stage in CHAIN[source] if stage in known)
    found = _rows(data, agreement, review)
    if found is None:
        raise DataError("No records are loaded.")
    found = found[(found["source"] == source) & (found["status"] == "open") & found["stage"].isin(stages)]
    records = _side_by_side(found.assign(counted=np.nan), stages, data.segment_fields, deal_stages(data.engine))
    furthest = records[list(stages)].notna().iloc[:, ::-1].idxmax(axis=1)
    ties = tuple(Tie(stage, float(furthest.eq(stage).sum()), float(known[stage])) for stage in stages)
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
    events = Events(
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
        gone = (rows.ended < end).fill_null(False).ifelse("lost", "open")
        values = {field: rows[f"value_{place}"] for place, field in enumerate(data.segment_fields)}
        found = data.engine.run(
            rows.select(
                "stage", "at", "source", "segment", "lead_id", "deal_id", "record", **values,
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


def _worth(data: Data, agreement: Agreement, review: Review, bar: Bar, wins: pd.DataFrame) -> pd.Series:
    """What each win counts for, worked out from the wins and the choice, not from the revenue that it is to tie to.

    Without any amounts in the files that is the agreed deal size, of the win's segment where there is a plan by segment. Else a win
    without an amount counts zero, or as chosen the mean of the quarter's wins of its source; where none of them has one, of the quarter's; where none
    of those has, of all.
    """
    if not _has_amounts(data, agreement, review):
        return wins["segment"].map(lambda segment: _agreed_size(agreement, review, bar, segment)).astype(float)
    if data.choices.wins_without_amount != "at the average":
        return wins["amount"].fillna(0.0)
    if not wins["amount"].isna().any():
        return wins["amount"]
    every = _amounts(data, agreement, review)
    own = every[every["quarter"] == review.quarter.ordinal]
    wider = (own[own["source"] == bar.source], own, every)
    return wins["amount"].fillna(next(float(each["amount"].mean()) for each in wider if len(each)))


def _agreed_size(agreement: Agreement, review: Review, bar: Bar, segment: str | None) -> float:
    """The agreed deal size; of a segment without a plan, that of the whole."""
    cells = review.segment_plan.get(bar.source, {})
    owed = cells.get(segment) or review.plan.get(bar.source) or Counts()
    if owed.wins:
        return owed.revenue / owed.wins
    agreed = getattr(agreement, bar.source, None)
    return float(agreed.deal_size) if agreed else 0.0


def _amounts(data: Data, agreement: Agreement, review: Review) -> pd.DataFrame:
    """The known amounts of all wins that the funnel counts in any quarter: `quarter` (its ordinal), `source`, `amount`."""
    rows = _counted(data, agreement, review, None)
    won = rows.filter(rows.stage == "wins", rows.amount.notnull())
    return data.engine.run(won.select("quarter", "source", amount=won.amount.cast("float64")))


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
