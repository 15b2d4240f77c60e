"""Did sales do its part in a quarter? The whole answer of the page Follow-up, worked out once."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from alignment_core.agreement import Agreement
from alignment_core.compliance import MET, MISSED, NOT_DUE, compliance
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.follow_up import FollowUp
from alignment_core.like_leads import Difference, standardised_difference, wilson
from alignment_core.owner_labels import called, show_owners
from alignment_core.quarters import Quarter
from alignment_core.sales_touches import told_until
from alignment_core.vocabulary import MqlBy

__all__ = [
    "BANDS",
    "Converted",
    "Delay",
    "FollowUpReview",
    "Group",
    "Grouping",
    "Tally",
    "follow_up_by",
    "follow_up_review",
]

#: How long a first touch took: until how many working days, and what that is called. The first three in hours.
BANDS: tuple[tuple[float, str], ...] = (
    (1 / 8, "within 1 hour"), (2 / 8, "1 to 2 hours"), (4 / 8, "2 to 4 hours"), (1, "4 hours to 1 day"),
    (2, "1 to 2 days"), (5, "2 to 5 days"), (np.inf, "later"),
)  # fmt: skip
_DAY_BANDS: tuple[tuple[float, str], ...] = (
    (0, "same day"), (1, "next day"), (2, "after 2 days"), (5, "3 to 5 days"), (np.inf, "later"),
)  # fmt: skip
NEVER = "not touched"
#: Times that are put together where leads are few: when conversion is told by kind and time.
_COARSE = {
    "within 1 hour": "within 2 hours", "1 to 2 hours": "within 2 hours", "2 to 4 hours": "2 hours to 1 day",
    "4 hours to 1 day": "2 hours to 1 day", "1 to 2 days": "1 to 5 days", "2 to 5 days": "1 to 5 days",
}  # fmt: skip
#: By what the leads of a quarter can be told apart, and where that stands.
Grouping = Literal["kind", "week", "place", "owner"]
_COLUMN: dict[Grouping, str] = {"kind": "kind", "week": "week", "place": "place", "owner": "owner_label"}
Problem = Literal["no_promise", "nothing_agreed", "no_touches", "no_ids", "dates_only", "no_kind"]
#: How many quarters' leads show how conversion goes with speed.
_QUARTERS = 4


@dataclass(frozen=True)
class Tally:
    """How many leads of a group were followed up as agreed.

    Attributes:
        name: of the group.
        met, missed, not_due: counts.
        untold: of how many it cannot be told.
    """

    name: str
    met: int = 0
    missed: int = 0
    not_due: int = 0
    untold: int = 0

    @property
    def judged(self) -> int:
        return self.met + self.missed

    @property
    def leads(self) -> int:
        return self.judged + self.not_due + self.untold

    @property
    def share(self) -> float | None:
        """The share (0-1) of what was due that was met; None where nothing was due."""
        return self.met / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95% interval of the share."""
        if not self.judged:
            return None
        low, high = wilson(self.met, self.judged)
        return float(low), float(high)


@dataclass(frozen=True)
class Delay:
    """How long the first touch took, of leads that were touched or should have been.

    Attributes:
        median, most: half, and nine of ten, were touched within it; None where fewer were touched at all.
        hours_median, hours_most: the same in plain hours, nights and weekends included.
        system, person: median business minutes until somebody had the lead, and from then on; None where no file says it.
        unit: of median and most: business minutes, or business days where there are no times of day.
        touched, untouched: how many leads.
    """

    median: float | None
    most: float | None
    hours_median: float | None
    hours_most: float | None
    system: float | None
    person: float | None
    unit: Literal["minutes", "days"]
    touched: int
    untouched: int


@dataclass(frozen=True)
class Converted:
    """How many leads of a kind that were touched within a time became SQLs."""

    kind: str
    band: str
    leads: int
    converted: int

    @property
    def rate(self) -> float:
        return self.converted / self.leads

    @property
    def interval(self) -> tuple[float, float]:
        low, high = wilson(self.converted, self.leads)
        return float(low), float(high)


@dataclass(frozen=True)
class Group:
    """Each part of the promise for one group of leads: how soon, how often and how personally they were followed up."""

    name: str
    leads: int
    delay: Delay
    first_touch: Tally
    attempts: Tally
    personal: Tally


@dataclass(frozen=True)
class FollowUpReview:
    """The answer.

    Attributes:
        quarter, as_of, until: the quarter of the MQLs, the day they were followed to, and the last touch in the files.
        total: all of them. `first_touch`, `attempts`: each half of the promise by itself. `personal`: first messages that
            were personal (met) and not (missed).
        personal_agreed: the share of personal first messages that is agreed for all leads.
        by_kind, by_week, by_place, by_owner: the groups; weeks in order, the others with the lowest share first.
        kind_field, place_field: which fields those are.
        delay: how long it took. `bands`: first touches by that time, in time or not; `day_minutes`: the business minutes of a day.
        converted: by kind and time, over the leads of `converted_quarters`. `difference`: touched
            in time against late or never, over like leads.
        breaches: leads whose promise is broken and that are still open; `untouched`: those past due that nobody touched;
            `missed`: all that were not followed up as agreed.
        problems: what cannot be told.
    """

    quarter: Quarter
    as_of: date
    until: pd.Timestamp | None
    total: Tally
    first_touch: Tally
    attempts: Tally
    personal: Tally
    personal_agreed: float | None
    by_kind: tuple[Tally, ...]
    by_week: tuple[Tally, ...]
    by_place: tuple[Tally, ...]
    by_owner: tuple[Tally, ...]
    kind_field: str
    place_field: str
    delay: Delay
    bands: tuple[Tally, ...]
    day_minutes: float
    converted: tuple[Converted, ...]
    converted_quarters: int
    difference: Difference | None
    problems: frozenset[Problem]
    breaches: pd.DataFrame = field(compare=False)
    untouched: pd.DataFrame = field(compare=False)
    missed: pd.DataFrame = field(compare=False)


def follow_up_review(
    data: Data, agreement: Agreement, quarter: Quarter, *, as_of: date | None = None, mql: MqlBy = "crm"
) -> FollowUpReview:
    """How the MQLs of a quarter were followed up. Worked out once for the same question.

    Raises:
        DataError: no lead of marketing's became an MQL in that quarter, or the tables cannot answer at all.
    """
    asked = ("follow-up review", agreement.to_toml(), quarter, as_of, mql)
    return data.kept(asked, lambda: _review(data, agreement, quarter, as_of, mql))


def follow_up_by(
    data: Data, agreement: Agreement, quarter: Quarter, by: Grouping, *, as_of: date | None = None, mql: MqlBy = "crm"
) -> tuple[Group, ...]:
    """Speed, attempts and personal messages of each group of a quarter's MQLs; weeks in order, the others with the most leads first.
    Empty where owners are not shown.

    Raises:
        DataError: as `follow_up_review`.
    """
    whole = follow_up_review(data, agreement, quarter, as_of=as_of, mql=mql)
    if by == "owner" and show_owners(agreement) == "hidden":
        return ()

    def answer() -> tuple[Group, ...]:
        found = _of_quarter(compliance(data, agreement, as_of=whole.as_of, mql=mql), data, agreement, quarter)
        groups = [
            Group(
                str(name),
                len(rows),
                _delay(rows, whole.delay.unit),
                _tally("first touch", rows["first_touch"]),
                _tally("attempts", rows["attempts_kept"]),
                _personal(rows),
            )
            for name, rows in found.groupby(_COLUMN[by])
        ]
        return tuple(groups if by == "week" else sorted(groups, key=lambda each: (-each.leads, each.name)))

    return data.kept(("follow-up by", by, agreement.to_toml(), quarter, whole.as_of, mql), answer)


def _of_quarter(everything: pd.DataFrame, data: Data, agreement: Agreement, quarter: Quarter) -> pd.DataFrame:
    """The MQLs of a quarter, with `owner_label` and the `week` in which they became MQLs."""
    day = _days(everything, agreement)
    found = everything[(day >= np.datetime64(quarter.start)) & (day < np.datetime64(quarter.end))]
    return found.assign(owner_label=found["owner"].map(called(data, agreement)), week=_weeks(_days(found, agreement)))


def _personal(found: pd.DataFrame) -> Tally:
    return Tally("personal", int(found["is_personal"].eq(True).sum()), int(found["is_personal"].eq(False).sum()))


def _review(data: Data, agreement: Agreement, quarter: Quarter, as_of: date | None, mql: MqlBy) -> FollowUpReview:
    if "leads" not in data.engine:
        raise DataError(
            "Follow-up is seen lead by lead, and no leads are loaded. Load an export of leads or contacts with "
            "their MQL date, and one of activities."
        )
    as_of = as_of or data.latest_day(agreement, mql)
    everything = compliance(data, agreement, as_of=as_of, mql=mql)
    day = _days(everything, agreement)
    found = _of_quarter(everything, data, agreement, quarter)
    if found.empty:
        if everything.empty:
            raise DataError(
                "The files have no lead of marketing's that became an MQL on any day. Load leads with the date on which they became MQLs, "
                "or say on the page Load which column it is."
            )
        raise DataError(
            f"No lead of marketing's became an MQL in {quarter}. Choose another quarter, or load its leads."
        )
    promise = agreement.follow_up or FollowUp.model_validate({})
    hours = promise.calendar
    length = float(hours.time(agreement.timezone).default.closes - hours.time(agreement.timezone).default.opens)
    before = everything[(day < np.datetime64(quarter.end)) & (day >= np.datetime64(_first(agreement, quarter).start))]
    unit: Literal["minutes", "days"] = "minutes" if _are_timed(found) else "days"
    settled = before[before["accepted_at"].notna() | before["rejected_at"].notna()] if before["rejected_at"].notna().any() else before  # fmt: skip
    past = found[found["verdict"].eq(MISSED)]
    return FollowUpReview(
        quarter=quarter,
        as_of=as_of,
        until=told_until(data, agreement, as_of),
        total=_tally("all", found["verdict"]),
        first_touch=_tally("first touch", found["first_touch"]),
        attempts=_tally("attempts", found["attempts_kept"]),
        personal=_personal(found),
        personal_agreed=promise.rule_for(None).personalised if agreement.follow_up else None,
        by_kind=_worst_first(found, "kind"),
        by_week=tuple(_tallies(found["verdict"], found["week"])),
        by_place=_worst_first(found, "place"),
        by_owner=() if promise.show_owners == "hidden" else _worst_first(found, "owner_label"),
        kind_field=promise.field,
        place_field=hours.place_field,
        delay=_delay(found, unit),
        bands=_bands(found, unit, length),
        day_minutes=length,
        converted=_converted(settled, unit, length),
        converted_quarters=_quarters(_days(before, agreement), agreement),
        difference=_difference(settled),
        problems=frozenset(_problems(data, agreement, found)),
        breaches=_listed(past[past["accepted_at"].isna() & past["rejected_at"].isna()], promise),
        untouched=_listed(past[past["touches"].eq(0) & past["accepted_at"].isna()], promise),
        missed=_listed(past, promise),
    )


def _problems(data: Data, agreement: Agreement, found: pd.DataFrame) -> list[Problem]:
    promise = agreement.follow_up
    problems: list[Problem] = []
    if promise is None:
        problems.append("no_promise")
    elif found[["first_touch", "attempts_kept"]].isna().all(axis=None):
        problems.append("nothing_agreed")
    if "touches" not in data.engine:
        problems.append("no_touches")
    elif not found["touches"].any() and not found["first_touch"].isin([MET, MISSED, NOT_DUE]).any():
        problems.append("no_ids")
    if not _are_timed(found):
        problems.append("dates_only")
    if promise is not None and promise.rules and not data.engine.has("leads", promise.field):
        problems.append("no_kind")
    return problems


def _are_timed(found: pd.DataFrame) -> bool:
    return bool(found["timed"].mean() >= 0.5)


def _tally(name: str, words: pd.Series) -> Tally:
    met, missed, not_due = (int(words.eq(word).sum()) for word in (MET, MISSED, NOT_DUE))
    return Tally(name, met, missed, not_due, len(words) - met - missed - not_due)


def _tallies(words: pd.Series, names: pd.Series) -> list[Tally]:
    """A tally of the words of each name, in the names' order."""
    said = pd.DataFrame({word: words.eq(word) for word in (MET, MISSED, NOT_DUE)})
    said["leads"] = True
    sums = said.groupby(names, observed=False).sum()
    return [
        Tally(str(name), met, missed, not_due, leads - met - missed - not_due)
        for name, met, missed, not_due, leads in zip(
            sums.index, *(sums[column].tolist() for column in sums), strict=True
        )
    ]


def _worst_first(found: pd.DataFrame, column: str) -> tuple[Tally, ...]:
    tallies = _tallies(found["verdict"], found[column])
    return tuple(sorted(tallies, key=lambda each: (2.0 if each.share is None else each.share, -each.leads, each.name)))


def _days(found: pd.DataFrame, agreement: Agreement) -> npt.NDArray[Any]:
    local = pd.DatetimeIndex(found["mql_at"]).tz_convert(agreement.timezone).tz_localize(None)
    return cast("npt.NDArray[Any]", local.to_numpy("M8[D]"))


def _weeks(days: npt.NDArray[Any]) -> list[str]:
    """The Monday of each day's week."""
    return [str(each) for each in days - (days.astype("M8[D]").astype(int) + 3) % 7]


def _first(agreement: Agreement, quarter: Quarter) -> Quarter:
    return agreement.fiscal_calendar.from_ordinal(quarter.ordinal - _QUARTERS + 1)


def _quarters(days: npt.NDArray[Any], agreement: Agreement) -> int:
    return len({agreement.fiscal_calendar.containing(each) for each in np.unique(days).tolist()})


def _delay(found: pd.DataFrame, unit: Literal["minutes", "days"]) -> Delay:
    touched = found["first_touch_at"].notna()
    owed = found[touched | found["first_touch"].eq(MISSED)]
    person = found["person_minutes"].median()
    return Delay(
        *_quantiles(owed[unit]),
        *_quantiles(owed["hours"]),
        system=None if pd.isna(person) else float(found["system_minutes"].median()),
        person=None if pd.isna(person) else float(person),
        unit=unit,
        touched=int(touched.sum()),
        untouched=int((~touched & found["first_touch"].eq(MISSED)).sum()),
    )


def _quantiles(took: pd.Series) -> tuple[float | None, float | None]:
    """Within which time half and nine of ten were touched; what never came comes last."""
    if took.empty or took.isna().all():
        return None, None
    values = np.quantile(took.fillna(np.inf), [0.5, 0.9], method="inverted_cdf")
    median, most = (float(each) if np.isfinite(each) else None for each in values)
    return median, most


def _banded(found: pd.DataFrame, unit: Literal["minutes", "days"], length: float) -> pd.Series:
    """The time that each first touch took, as the name of a band; those without a touch as such."""
    bands = _DAY_BANDS if unit == "days" else BANDS
    bands = tuple(band for band in bands if unit == "days" or band[0] >= 1 or band[0] * 480 < length)
    limits = [limit if unit == "days" else limit * 480 if limit < 1 else limit * length for limit, _ in bands]
    took = found[unit].to_numpy(float)
    names = [name for _, name in bands] + [NEVER]
    place = np.where(found["first_touch_at"].isna(), len(bands), np.searchsorted(limits, took, "left"))
    known = ~(found["first_touch_at"].notna() & np.isnan(took))
    codes = np.where(known, np.minimum(place, len(bands)), -1)
    return pd.Series(pd.Categorical.from_codes(codes, names, ordered=True), index=found.index)


def _bands(found: pd.DataFrame, unit: Literal["minutes", "days"], length: float) -> tuple[Tally, ...]:
    return tuple(_tallies(found["first_touch"], _banded(found, unit, length)))


def _converted(settled: pd.DataFrame, unit: Literal["minutes", "days"], length: float) -> tuple[Converted, ...]:
    band = _banded(settled, unit, length)
    order = list(
        dict.fromkeys([*(_COARSE.get(name, name) for _, name in BANDS), *(name for _, name in _DAY_BANDS), NEVER])
    )
    coarse = [order.index(_COARSE.get(name, name)) for name in band.cat.categories] + [-1]  # the last: not known
    rows = settled[["kind"]].assign(
        band=pd.Categorical.from_codes(np.array(coarse)[band.cat.codes], order, ordered=True), won=settled["accepted_at"].notna()
    )  # fmt: skip
    kinds = rows["kind"].value_counts().index[:5]
    grouped = rows[rows["kind"].isin(kinds)].groupby(["kind", "band"], observed=True)["won"].agg(["size", "sum"])
    return tuple(Converted(str(kind), str(band), int(row["size"]), int(row["sum"])) for (kind, band), row in grouped.iterrows())  # fmt: skip


def _difference(settled: pd.DataFrame) -> Difference | None:
    """Touched in time against late or never. By the touch alone: that a lead was accepted excuses attempts, so the whole
    verdict would be credited with what it is to explain."""
    touched, due = settled["first_touch_at"], settled["due_at"]
    judged = settled[settled["first_touch"].isin([MET, MISSED]) & (touched.notna() | settled["first_touch"].eq(MISSED))]
    in_time = (judged["first_touch_at"].notna() & (touched <= due).loc[judged.index]).to_numpy(bool)
    won = judged["accepted_at"].notna().to_numpy(bool)
    return standardised_difference(judged["kind"].to_numpy(object), in_time, won)


def _listed(rows: pd.DataFrame, promise: FollowUp) -> pd.DataFrame:
    """Leads as a list to work through: ids and fields that are no person's; the longest overdue first."""
    rows = rows.sort_values("due_at")
    needed = {name: promise.rule_for(name).attempts for name in map(str, rows["kind"].unique())}
    attempts = [f"{done} of {needed[str(kind)]}" if needed[str(kind)] else str(done) for kind, done in zip(rows["kind"], rows["attempts"], strict=True)]  # fmt: skip
    late = np.where(rows["touches"].eq(0), "never touched", np.where(rows["first_touch"].eq(MISSED), "touched late", "too few attempts"))  # fmt: skip
    listed = {
        "lead_id": rows["lead_id"].astype(object),
        promise.field: rows["kind"].astype(object),
        promise.calendar.place_field: rows["place"].astype(object),
        "owner": rows["owner_label"].astype(object),
        "mql_at": rows["mql_at"].dt.floor("min"),
        "first_touch_due": rows["due_at"].dt.floor("min"),
        "first_touch": rows["first_touch_at"].dt.floor("min"),
        "attempts_in_time": attempts,
        "what_is_missing": late,
    }
    if promise.show_owners == "hidden":
        del listed["owner"]
    return pd.DataFrame(listed).reset_index(drop=True)
