"""Why a conversion moved: the agreed rate against what had run, other leads, other follow-up, and what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignment_core.agreement import Agreement
from alignment_core.bridge import decompose
from alignment_core.compliance import IN_TIME, LATE, UNKNOWN, is_followed
from alignment_core.data import Data
from alignment_core.drivers import chain, factors
from alignment_core.follow_up import FollowUp
from alignment_core.lookups import known_values
from alignment_core.owner_labels import as_called
from alignment_core.quarters import Quarter
from alignment_core.results import Bar, Counts, Review, Why
from alignment_core.step_counts import step_counts
from alignment_core.vocabulary import PARTS, RATE_DRIVER, Basis, Method, Verdict
from alignment_core.why_parts import FEWEST, JUDGED, Cells, errors, interval_ends, judge, pooled, split

__all__ = ["OTHERS", "WhyMoved", "every_step", "kind_field", "why", "with_why", "worth"]

Floats = NDArray[np.float64]

#: How many quarters before the one that is reviewed are its baseline.
QUARTERS = 4
#: What several small kinds are called together.
OTHERS = "(others)"
#: What tells one kind of lead from another, where the agreement's follow-up names no field that the leads carry.
_KINDS = ("lead_type", "lead_source", "product", "industry", "country", "region")
_GROUPS = (IN_TIME, LATE, UNKNOWN)
_STEP = {driver: step for step, driver in RATE_DRIVER.items()}


@dataclass(frozen=True, eq=False)
class WhyMoved:
    """What moved one conversion.

    Attributes:
        bar: the bar of the review.
        parts: they sum to the bar's effect; empty where `missing` says why.
        field: what tells one kind of lead from another; None where nothing does.
        baseline: the quarters that it is compared with, oldest first.
        kinds: one row a kind: `kind`, `before` and `now` (how many entered), `rate_before` and `rate_now`, `in_time_before` and
            `in_time_now` (shares of those of whom it is known; NaN without), and `lead_mix`, `follow_up`, `remainder`, its effects
            in currency. With a breakdown the effects of the segments are added up.
        missing: why it cannot be said, in words.
    """

    bar: Bar
    parts: tuple[Why, ...] = ()
    field: str | None = None
    baseline: tuple[Quarter, ...] = ()
    kinds: pd.DataFrame | None = None
    missing: str = ""


def kind_field(data: Data, agreement: Agreement) -> str | None:
    """The field that tells one kind of lead from another: that of the agreed follow-up, or else the first of those that there are.

    Where leads are loaded it is one of theirs: what only deals have says nothing of leads that never had one.
    """
    agreed = agreement.follow_up or FollowUp.model_validate({})
    table = "leads" if "leads" in data.engine else "deals"
    named = (field for field in (agreed.field, *_KINDS) if field in data.segment_fields)
    return next((field for field in named if len(known_values(data.engine, table, field)) > 1), None)


def why(data: Data, agreement: Agreement, review: Review) -> tuple[WhyMoved, ...]:
    """What moved each conversion of a review, in the order of its bars; worked out once for the same review. Association, not causation.

    Follow-up is a part of the conversions that begin with an MQL, for that is what was promised.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    data = as_called(data, agreement, review.by)
    asked = ("why", agreement.model_dump_json(), review.quarter, review.basis, review.method, review.by, review.as_of, review.mql)  # fmt: skip
    return data.kept((*asked, review.bars, review.segment_bars), lambda: _why(data, agreement, review))


def _why(data: Data, agreement: Agreement, review: Review) -> tuple[WhyMoved, ...]:
    field = kind_field(data, agreement)
    counted = every_step(data, agreement, review, review.basis)
    told_by = [each for each in dict.fromkeys((field, review.by)) if each is not None]
    cells = ["quarter", "source", "before", "after", *told_by, "follow_up"]
    # What cannot be said of a part of them cannot be said of all.
    counted = counted.groupby(cells, as_index=False)[["entered", "passed", "open", "further"]].sum(skipna=False)
    opened = [_opened(review, bar, counted, field) for bar in review.bars if bar.driver in _STEP]
    told = [each for each in opened if isinstance(each, _Opened)]
    if not told:
        return tuple(each for each in opened if isinstance(each, WhyMoved))
    effects = np.stack([each.effects[: len(JUDGED)] for each in told])
    spreads = np.stack([each.spreads(review.basis) for each in told])
    judged = judge(effects, spreads, np.stack([each.is_told for each in told]))
    ends = np.moveaxis(interval_ends(effects, spreads, judged), 1, 0)
    said = iter(zip(judged.real, ends, strict=True))
    return tuple(each if isinstance(each, WhyMoved) else each.moved(*next(said)) for each in opened)


def every_step(data: Data, agreement: Agreement, review: Review, basis: Basis) -> pd.DataFrame:
    """A review's steps by all fields of its records and by how they were followed up, see `step_counts`: looked up once for
    all that is asked of them, without a first quarter that the files begin within, nor those before anybody recorded what passed.
    Owners are people; they are asked for only where the review is broken down by them."""
    asked = ("every step", agreement.model_dump_json(), review.quarter, basis, review.by == "owner", review.as_of, review.mql)  # fmt: skip
    return data.kept(asked, lambda: _every_step(data, agreement, review, basis))


def _every_step(data: Data, agreement: Agreement, review: Review, basis: Basis) -> pd.DataFrame:
    fields = tuple(field for field in data.segment_fields if field != "owner" or review.by == "owner")
    found = step_counts(
        data, agreement, review.quarter, fields,
        quarters=QUARTERS, basis=basis, as_of=review.as_of, mql=review.mql,
        follow_up=is_followed(data, agreement),
    )  # fmt: skip
    earliest = found["quarter"].min()
    begins_late = len(found) > 0 and earliest != review.quarter and data.begins_within(earliest)
    found = found[found["quarter"] != earliest] if begins_late else found
    return found[~_unrecorded(found, review.quarter)]


def _unrecorded(found: pd.DataFrame, now: Quarter) -> NDArray[np.bool_]:
    """Which rows are of earlier quarters in which a step cannot be seen: enough entered and nothing passed, and then it did. In the first
    quarter in which it did, recording began somewhere."""
    step = ["source", "before", "after"]
    before = found[(found["quarter"] != now).to_numpy(bool)]
    sums = before.groupby([*step, "quarter"], as_index=False)[["entered", "passed"]].sum()
    unseen: set[tuple[object, ...]] = set()
    for _, own in sums.groupby(step):
        nothing = ((own["entered"] >= FEWEST) & (own["passed"] == 0)).to_numpy(bool)
        leading = int(np.logical_and.accumulate(nothing).sum())
        if 0 < leading < len(own):
            unseen |= set(own[[*step, "quarter"]].iloc[: leading + 1].itertuples(index=False, name=None))
    if not unseen:
        return np.zeros(len(found), dtype=bool)
    return np.array([each in unseen for each in found[[*step, "quarter"]].itertuples(index=False, name=None)])


def with_why(review: Review, found: Sequence[WhyMoved]) -> Review:
    """A review that says why."""
    return replace(review, why=tuple(part for each in found for part in each.parts))


@dataclass(frozen=True, eq=False)
class _Segment:
    """One segment of a bar (or the whole of it): its records, and what a move of its rate by 1 is worth.

    `kinds` names the rows of `all_cells`; `cells` are these with small kinds together, of which `place` says where each went.
    """

    bar: Bar
    worth: float
    kinds: tuple[str, ...]
    all_cells: Cells
    cells: Cells
    place: NDArray[np.int64]
    still: float

    @property
    def parts(self) -> Floats:
        """Lead mix, follow-up and remainder of each of the kinds that are told apart, currency; shape (3, kinds)."""
        if not self.cells.is_enough:
            return np.zeros((3, len(self.cells.before)))
        return self.worth * np.stack(split(self.cells))

    @property
    def effects(self) -> Floats:
        """Of planning gap, lead mix, follow-up, remainder and what is not decided, currency. They sum to the bar's."""
        open_ = -self.still * self.worth
        gap = 0.0
        if self.cells.before.sum() > 0 and self.bar.plan is not None:
            gap = (self.cells.passed_before.sum() / self.cells.before.sum() - self.bar.plan) * self.worth
        mix, follow, _ = self.parts.sum(1)
        return np.array([gap, mix, follow, self.bar.effect - gap - mix - follow - open_, open_])


@dataclass(frozen=True, eq=False)
class _Opened:
    """A bar with the records behind it."""

    bar: Bar
    field: str | None
    segments: tuple[_Segment, ...]
    baseline: tuple[Quarter, ...]
    open: float
    is_open_told: bool

    @property
    def effects(self) -> Floats:
        return np.asarray(np.sum([each.effects for each in self.segments], axis=0))

    @property
    def has_follow_up(self) -> bool:
        """Whether it is known of some, then and now, how they were followed up."""
        known = [[side[:, :2].any() for side in (each.cells.before, each.cells.now)] for each in self.segments]
        return _STEP[self.bar.driver][0] == "mqls" and any(before and now for before, now in known)

    @property
    def is_mixed(self) -> bool:
        """Whether there is more than one kind."""
        return any(len(each.cells.before) > 1 for each in self.segments)

    @property
    def is_told(self) -> NDArray[np.bool_]:
        """Which parts there are enough records to judge."""
        before, now = (sum(float(each.cells[side].sum()) for each in self.segments) for side in (0, 2))
        enough = min(before, now) >= FEWEST
        return np.array([before >= FEWEST, enough and self.is_mixed, enough and self.has_follow_up, enough])

    def spreads(self, basis: Basis) -> Floats:
        some = [each for each in self.segments if each.cells.is_enough]
        return (
            errors([each.cells for each in some], [each.worth for each in some], basis)
            if some
            else np.zeros(len(JUDGED))
        )

    def moved(self, real: NDArray[np.bool_], ends: Floats) -> WhyMoved:
        effects, told, evidence = self.effects, self.is_told, self._evidence()
        parts: list[Why] = []
        for place, part in enumerate(PARTS):
            absent = {"lead_mix": not self.is_mixed, "follow_up": not self.has_follow_up, "not_decided": not self.open}.get(part, False)  # fmt: skip
            if absent and not effects[place]:
                continue
            known = part != "not_decided" and bool(told[place])
            verdict: Verdict | None = None
            if part != "not_decided":
                # What is open may turn any part of what came; not the gap, which is the past's.
                waits = self.bar.undecided == "open" and part != "planning_gap"
                verdict = "undecided" if waits or not known else "real" if real[place] else "noise"
            interval = (float(ends[0, place]), float(ends[1, place])) if known else None
            parts.append(Why(self.bar.source, self.bar.driver, part, float(effects[place]), interval, verdict, evidence[part]))  # fmt: skip
        return WhyMoved(self.bar, tuple(parts), self.field, self.baseline, self._kinds())

    def _evidence(self) -> dict[str, Mapping[str, float]]:
        all_ = [each.all_cells for each in self.segments]
        before, passed_before, now, passed_now = (
            np.sum([side.sum(0) for side in sides], axis=0) for sides in zip(*all_, strict=True)
        )
        then, records = (
            float(passed_before.sum() / before.sum()),
            {"before": float(before.sum()), "now": float(now.sum())},
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = (passed_before + passed_now) / (before + now)
            in_time = [side[0] / side[:2].sum() for side in (before, now)]
        still = sum(each.still * float(each.all_cells.now.sum()) for each in self.segments)
        further = {"further": still} if self.is_open_told else {}
        follow = {"in_time_before": in_time[0], "in_time_now": in_time[1], "rate_in_time": rates[0], "rate_late": rates[1]}  # fmt: skip
        return {
            "planning_gap": {"agreed": float(self.bar.plan or 0.0), "baseline": then, "records": records["before"]},
            "lead_mix": records,
            "follow_up": {name: float(value) for name, value in follow.items() if np.isfinite(value)},
            "remainder": records,
            "not_decided": {"open": self.open, **further},
        }

    def _kinds(self) -> pd.DataFrame:
        rows = []
        for own in self.segments:
            parts = own.parts
            for row in range(len(own.cells.before)):
                names = [kind for kind, at in zip(own.kinds, own.place, strict=True) if at == row]
                before, passed_before, now, passed_now = (side[row] for side in own.cells)
                rows.append(
                    {
                        "kind": names[0] if len(names) == 1 else OTHERS,
                        "before": before.sum(), "passed_before": passed_before.sum(), "now": now.sum(), "passed_now": passed_now.sum(),
                        "timed_before": before[0], "known_before": before[:2].sum(), "timed_now": now[0], "known_now": now[:2].sum(),
                        "lead_mix": parts[0, row], "follow_up": parts[1, row], "remainder": parts[2, row],
                    }
                )  # fmt: skip
        sums = pd.DataFrame(rows).groupby("kind", as_index=False, sort=False).sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = {
                "rate_before": sums["passed_before"] / sums["before"],
                "rate_now": sums["passed_now"] / sums["now"],
                "in_time_before": sums["timed_before"] / sums["known_before"],
                "in_time_now": sums["timed_now"] / sums["known_now"],
            }
        found = sums.assign(**shares).sort_values("now", ascending=False, ignore_index=True)
        return found[["kind", "before", "now", *shares, "lead_mix", "follow_up", "remainder"]]


def _opened(review: Review, bar: Bar, counted: pd.DataFrame, field: str | None) -> _Opened | WhyMoved:
    if bar.undefined or bar.plan is None or bar.actual is None:
        return WhyMoved(bar, field=field, missing="It has no value on one side, so there is nothing to open.")
    if bar.undecided == "together":
        both = "It and the bar beside it are one: more passed in the quarter than entered. Followed from where they began (Count) it can be opened."
        return WhyMoved(bar, field=field, missing=both)
    before, after = _STEP[bar.driver]
    rows = counted[(counted["source"] == bar.source) & (counted["before"] == before) & (counted["after"] == after)]
    is_now = rows["quarter"] == review.quarter
    if not rows.loc[is_now, "entered"].sum():
        return WhyMoved(
            bar, field=field, missing="No records were loaded for it, and counts do not say which they were."
        )
    entered = rows[~is_now & (rows["entered"] > 0)]
    if entered.empty:
        told = f"The files have nothing before {review.quarter} to compare with. Load earlier quarters to see why it moved."
        return WhyMoved(bar, field=field, missing=told)
    parts = [each for each in review.segment_bars if (each.source, each.driver) == (bar.source, bar.driver)]
    own = (
        [_segment(review, each, rows[rows[review.by] == each.segment], field) for each in parts]
        if parts
        else [_segment(review, bar, rows, field)]
    )
    quarters = tuple(sorted(set(entered["quarter"])))
    is_told = bool(rows.loc[is_now & (rows["open"] > 0), "further"].notna().all())
    return _Opened(bar, field, tuple(own), quarters, float(rows.loc[is_now, "open"].sum()), is_told)


def _segment(review: Review, bar: Bar, rows: pd.DataFrame, field: str | None) -> _Segment:
    kinds = rows[field].astype(str) if field else pd.Series("", index=rows.index)
    names = tuple(sorted(set(kinds))) or ("",)
    is_now = (rows["quarter"] == review.quarter).to_numpy(bool)
    place = pd.Index(names).get_indexer(kinds) * len(_GROUPS) + pd.Index(_GROUPS).get_indexer(rows["follow_up"])
    further = rows["further"].fillna(0.0)

    def side(of: NDArray[np.bool_], counts: pd.Series) -> Floats:
        sums = np.bincount(place[of], counts.to_numpy(float)[of], minlength=len(names) * len(_GROUPS))
        return np.asarray(sums.reshape(len(names), len(_GROUPS)))

    passed = rows["passed"] + further
    cells = Cells(*(side(of, counts) for of in (~is_now, is_now) for counts in (rows["entered"], passed)))
    if _STEP[bar.driver][0] != "mqls":  # what was promised is about MQLs
        cells = Cells(*(np.pad(each.sum(1, keepdims=True), ((0, 0), (2, 0))) for each in cells))
    together, of_kind = pooled(cells)
    entered = rows.loc[is_now, "entered"].sum()
    still = float(further[is_now].sum() / entered) if entered else 0.0
    return _Segment(bar, worth(review, bar), names, cells, together, of_kind, still)


def worth(review: Review, bar: Bar) -> float:
    """What a move of the bar's rate by 1 does to revenue, currency: the effect is that times the move."""
    if bar.undefined or bar.plan is None or bar.actual is None:
        return 0.0
    if abs(bar.actual - bar.plan) > 1e-9:
        return bar.effect / (bar.actual - bar.plan)
    sides = [_counts(review, bar, actual=actual) for actual in (False, True)]
    stages = chain(bar.source, *sides)
    agreed, came = (
        {**factors(stages, counts), bar.driver: rate} for counts, rate in zip(sides, (0.0, 1.0), strict=True)
    )
    if bar.driver not in factors(stages, sides[0]):
        return 0.0
    method: Method = (
        "sequential" if review.method == "sequential" else "shapley"
    )  # LMDI's own limit, where nothing moved
    effects = decompose([[value] for value in agreed.values()], [[value] for value in came.values()], method)
    return float(effects[list(agreed).index(bar.driver), 0])


def _counts(review: Review, bar: Bar, *, actual: bool) -> Counts:
    if bar.segment is None:
        return (review.actual if actual else review.plan)[bar.source]
    cells = (review.segment_actual if actual else review.segment_plan)[bar.source]
    return cells.get(bar.segment, Counts())
