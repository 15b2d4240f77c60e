"""Which segments matter: of a conversion's move, what is mix and what is rate in each segment, and which stand out.

A segment stands out where its rate moved otherwise than that of all the others, or where it became a larger or a smaller part of
all, by more than chance. As every field and every pair of fields is looked at, false discoveries are controlled over all of them
(Benjamini & Hochberg 1995), and no more are named than a room can read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignment_core.agreement import Agreement
from alignment_core.bridge import mix_and_rate
from alignment_core.crossed import cross_classified
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.results import Bar, Review
from alignment_core.vocabulary import RATE_DRIVER, Basis
from alignment_core.why import every_step, worth

__all__ = ["MOST", "Found", "Segments", "by_fields", "segments_that_matter", "standing_out"]

Floats = NDArray[np.float64]
Kind = Literal["rate", "mix"]

#: What share of the segments that are named may be named by chance.
DISCOVERY = 0.1
#: A segment with fewer records than this, now or before, is not named.
FEWEST = 15
#: By so many standard errors two fields must tell more than one of them alone, to be named in its place.
_PARSIMONY = 1.0
#: No more segments than this are named.
MOST = 6
#: A field with more values than this is a list of names, not a segmentation; and no more fields are crossed than this.
_MOST_VALUES, _MOST_FIELDS = 40, 8
_STEP = {driver: step for step, driver in RATE_DRIVER.items()}
_COUNTS = ("before", "passed_before", "now", "passed_now")


@dataclass(frozen=True)
class Found:
    """A segment that stands out.

    Attributes:
        fields, values: which segment: one field and its value, or two.
        kind: whether its rate moved otherwise than the others', or its part of all did.
        effect: what that did to revenue, currency: the segment's rate effect, or its mix effect.
        before, now: its rate (0-1) or its share of all, as `kind` says.
        others_before, others_now: the same of all the others; for `mix` the rate of the segment and of all instead.
        records: how many records of the segment there are in the quarter.
        z: how many standard errors it is away from the others, or from its share before; 0 for a rate that moved less than theirs.
    """

    fields: tuple[str, ...]
    values: tuple[str, ...]
    kind: Kind
    effect: float
    before: float
    now: float
    others_before: float
    others_now: float
    records: float
    z: float


@dataclass(frozen=True, eq=False)
class Segments:
    """What stands out in a conversion.

    Attributes:
        found: the segments that stand out, the largest effect first.
        looked_at: how many segments were looked at.
        reversed: fields by which every segment moved one way and the whole the other (Simpson's paradox).
        fields: the fields that there are to look at.
        basis: whether the quarter's own demand was followed (cohort), or the events in the quarter were counted.
    """

    found: tuple[Found, ...] = ()
    looked_at: int = 0
    reversed: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    basis: Basis = "cohort"


def segments_that_matter(data: Data, agreement: Agreement, review: Review, bar: Bar) -> Segments:
    """The segments that stand out in a conversion, over every field and pair of fields. Nothing without an earlier quarter.

    On either basis the quarter's own demand is followed, where the data allow it: with records that entered in one quarter and passed
    in another, a segment's rate says too little. Fields that records only have once they passed are left out.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    basis: Basis = "cohort"
    try:
        counted = _counted(data, agreement, review, bar, basis)
    except DataError:
        basis = "period"
    if basis == "period" or counted["untold"].sum():  # what the open ones will bring cannot be said
        basis = "period"
        counted = _counted(data, agreement, review, bar, basis)
    if not counted["before"].sum() or not counted["now"].sum():
        return Segments()
    fields = [field for field in _fields(data) if 1 < counted[field].nunique() <= _MOST_VALUES]
    fields = [field for field in fields if basis == "period" or _is_known_before(_cells(counted, (field,)))]
    return standing_out(counted, tuple(fields[:_MOST_FIELDS]), worth(review, bar), basis)


def by_fields(data: Data, agreement: Agreement, review: Review, bar: Bar, fields: Sequence[str]) -> tuple[pd.DataFrame, tuple[float, ...]]:  # fmt: skip
    """A conversion's move by the segments of one field, or of two.

    Returns:
        One row a segment: the fields, `before` and `now` (how many entered), `rate_before` and `rate_now` (0-1; NaN without any), `mix` and
        `rate` (effects, currency). And the totals: of one field its mix and the rates; of two the mix by the first, by the second,
        and the rates (Das Gupta, see `crossed.cross_classified`). They sum to the move from the quarters before to now.

    Raises:
        DataError: nothing entered before, or now; or the tables cannot answer.
    """
    counted = _counted(data, agreement, review, bar, review.basis)
    cells = _cells(counted, tuple(fields))
    if not cells.before.sum() or not cells.now.sum():
        raise DataError(
            f"There is nothing to compare {review.quarter} with by {' and '.join(fields)}. Load earlier quarters."
        )
    value = worth(review, bar)
    mix, rate = _mix_and_rate(cells)
    named = dict(zip(fields, cells.values, strict=True))
    shown = pd.DataFrame(named).assign(
        before=cells.before, now=cells.now, rate_before=_over(cells.passed_before, cells.before),
        rate_now=_over(cells.passed_now, cells.now), mix=mix * value, rate=rate * value,
    )  # fmt: skip
    totals: tuple[float, ...] = (float(mix.sum() * value), float(rate.sum() * value))
    if len(fields) == 2:
        rated = pd.DataFrame(named).assign(
            before=cells.before, passed_before=np.where(cells.before > 0, cells.passed_before, 0.0),
            now=cells.now, passed_now=np.where(cells.now > 0, cells.passed_now, 0.0),
        )  # fmt: skip
        grids = rated.pivot_table(
            index=fields[0], columns=fields[1], values=list(_COUNTS), aggfunc="sum", fill_value=0.0
        )
        found = cross_classified(*(grids[name].to_numpy(float) for name in _COUNTS))
        totals = tuple(
            float(each * value) for each in (found.first, found.second, found.rate.sum() + _lone(cells).sum())
        )
    return shown.sort_values("now", ascending=False, ignore_index=True), totals


def standing_out(counted: pd.DataFrame, fields: tuple[str, ...], value: float, basis: Basis) -> Segments:
    """The segments that stand out, the surest first: each is taken out before the next is looked for, so that what is told by one is
    not told again by its parts, nor by the others that are left.

    Args:
        counted: rows with the fields' values, `before` and `now` (entered), `passed_before` and `passed_now`.
        fields: by which to look, each alone and two together.
        value: what a move of the whole rate by 1 is worth, currency.
    """
    crossed = [(field,) for field in fields] + list(combinations(fields, 2))
    whole = _Whole.of(counted)
    reversed_ = tuple(field for field in fields if _is_reversed(_cells(counted, (field,))))
    found: list[Found] = []
    looked_at = 0
    while len(found) < MOST:
        rows = [each for names in crossed for each in _looked_at(names, _cells(counted, names), whole, value, basis)]
        looked_at = looked_at or len(rows) // 2
        discovered = _discoveries(rows)
        if not discovered:
            break
        most = max(discovered, key=lambda each: (each.z - _PARSIMONY * (len(each.fields) - 1), abs(each.effect)))
        found.append(most)
        inside = np.all([counted[name] == each for name, each in zip(most.fields, most.values, strict=True)], axis=0)
        counted = counted[~inside]
    return Segments(tuple(sorted(found, key=lambda each: -abs(each.effect))), looked_at, reversed_, fields, basis)


class _Whole(NamedTuple):
    """The whole conversion: how many entered and passed, before and now."""

    before: float
    passed_before: float
    now: float
    passed_now: float

    @classmethod
    def of(cls, counted: pd.DataFrame) -> "_Whole":
        return cls(*(float(counted[name].sum()) for name in _COUNTS))

    @property
    def rate(self) -> float:
        """The mean of both rates."""
        return (self.passed_before / self.before + self.passed_now / self.now) / 2


class _Cells(NamedTuple):
    """Segments and their counts, one place of each array a segment.

    Attributes:
        values: which segment it is, by field.
    """

    values: tuple[NDArray[Any], ...]
    before: Floats
    passed_before: Floats
    now: Floats
    passed_now: Floats

    @property
    def counts(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.before, self.passed_before, self.now, self.passed_now


def _cells(counted: pd.DataFrame, fields: tuple[str, ...]) -> _Cells:
    """The counts of each segment that there is."""
    kinds = [pd.Categorical(counted[field]) for field in fields]
    sizes = [len(each.categories) for each in kinds]
    there, place = np.unique(np.ravel_multi_index([each.codes for each in kinds], sizes), return_inverse=True)
    codes = np.unravel_index(there, sizes)
    values = (each.categories.to_numpy(object)[code] for each, code in zip(kinds, codes, strict=True))
    weights = (counted[name].to_numpy(float) for name in _COUNTS)
    return _Cells(tuple(values), *(np.bincount(place, each, len(there)).astype(np.float64) for each in weights))


def _is_known_before(cells: _Cells) -> bool:
    """Whether no segment has more that passed than entered: else the field is only recorded on what passed."""
    before, passed_before, now, passed_now = cells.counts
    return bool(np.all((passed_before <= before + 1e-6) & (passed_now <= now + 1e-6)))


def _fields(data: Data) -> tuple[str, ...]:
    """Owners are people, and are looked at on the page Follow-up."""
    return tuple(field for field in data.segment_fields if field != "owner")


def _counted(data: Data, agreement: Agreement, review: Review, bar: Bar, basis: Basis) -> pd.DataFrame:
    """Entered and passed, before and now, by all fields at once. What is open counts as it is expected to pass; of what is `untold`
    nothing is expected, for earlier quarters say too little."""
    fields, counts = _fields(data), every_step(data, agreement, review, basis)
    before, after = _STEP[bar.driver]
    rows = counts[(counts["source"] == bar.source) & (counts["before"] == before) & (counts["after"] == after)]
    is_now = rows["quarter"] == review.quarter
    passed = rows["passed"] + rows["further"].fillna(0.0)
    # They are summed many times: by numbers, not by texts.
    return rows[list(fields)].astype("category").assign(
        before=rows["entered"].where(~is_now, 0.0), passed_before=passed.where(~is_now, 0.0),
        now=rows["entered"].where(is_now, 0.0), passed_now=passed.where(is_now, 0.0),
        untold=rows["open"].where(is_now & rows["further"].isna(), 0.0),
    )  # fmt: skip


def _over(part: Any, whole: Any) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(whole, float) > 0, np.asarray(part, float) / np.asarray(whole, float), np.nan)


def _mix_and_rate(cells: _Cells) -> tuple[Floats, Floats]:
    """Each segment's mix and rate effect on the whole rate."""
    before, passed_before, now, passed_now = cells.counts
    found = mix_and_rate(before / before.sum(), _over(passed_before, before), now / now.sum(), _over(passed_now, now))
    return found.mix, found.rate + _lone(cells)


def _lone(cells: _Cells) -> Floats:
    """What of the whole rate's move comes from segments that passed and did not enter (on period basis, in the same quarter): they have
    no rate, and count as if all of it were."""
    before, passed_before, now, passed_now = cells.counts
    return np.where(now > 0, 0.0, passed_now / now.sum()) - np.where(before > 0, 0.0, passed_before / before.sum())


def _looked_at(fields: tuple[str, ...], cells: _Cells, whole: _Whole, value: float, basis: Basis) -> list[Found]:
    """Every segment that is large enough, as if it stood out; with how far it does."""
    own = cells.counts
    sums = [each.sum() for each in own]
    left = [total - each for total, each in zip(sums, own, strict=True)]
    before, _, now, _ = own
    sides = [(_over(k, n), _spread(k, n, basis)) for n, k in (own[:2], own[2:], left[:2], left[2:])]
    rates = [rate for rate, _ in sides]
    parts = before / sums[0], now / sums[2]
    middle = (before + now) / (sums[0] + sums[2])
    both = [(own[0] + own[2], own[1] + own[3]), (left[0] + left[2], left[1] + left[3])]
    ratio = both[0][1] / np.maximum(both[0][0], 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (rates[1] - rates[0]) - (rates[3] - rates[2])
        z_rate = np.abs(apart) / np.sqrt(sum(spread for _, spread in sides))
        z_part = np.abs(parts[1] - parts[0]) / np.sqrt(middle * (1 - middle) * (1 / sums[0] + 1 / sums[2]))
        # That it became more or fewer moves the whole only where it converts otherwise than the others.
        z_level = np.abs(_over(*both[0][::-1]) - _over(*both[1][::-1])) / np.sqrt(
            sum(_spread(k, n, basis) for n, k in both)
        )
        z_mix = np.minimum(z_part, z_level)
        moved = rates[1] - rates[0]
    rate_effect = moved * (before / whole.before + now / whole.now) / 2 * value
    mix_effect = (now / whole.now - before / whole.before) * (ratio - whole.rate) * value
    enough = (np.minimum(before, now) >= FEWEST) & (np.minimum(left[0], left[2]) >= FEWEST)
    # It is held against those that are left, and told against all others.
    shares = before / whole.before, now / whole.now
    others = [_over(k - own_k, n - own_n) for n, k, own_n, own_k in ((*whole[:2], *own[:2]), (*whole[2:], *own[2:]))]
    # What moved less than the others, or not at all, is not what moved the whole.
    leads = apart * moved > 0
    found = []
    for row in np.flatnonzero(enough):
        values = tuple(str(each[row]) for each in cells.values)
        then, now_, others_then, others_now = (float(each[row]) for each in (*rates[:2], *others))
        z = float(z_rate[row]) if leads[row] else 0.0
        found.append(Found(fields, values, "rate", float(rate_effect[row]), then, now_, others_then, others_now, float(now[row]), z))  # fmt: skip
        then, now_ = (float(each[row]) for each in shares)
        found.append(Found(fields, values, "mix", float(mix_effect[row]), then, now_, float(ratio[row]), whole.rate, float(now[row]), float(z_mix[row])))  # fmt: skip
    return found


def _spread(passed: Floats, entered: Floats, basis: Basis) -> Floats:
    """The variance of a rate; drawn in by one half either way, so that none or all is not taken for certain."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (passed + 0.5) / (entered + 1)
        return np.asarray(
            rate * (1 - np.minimum(rate, 0.99)) / entered if basis == "cohort" else rate * (1 + rate) / entered
        )


def _discoveries(all_: Sequence[Found]) -> list[Found]:
    """Those that chance hardly brings, by Benjamini & Hochberg over all.

    How far a rate scatters is taken from the segment's own records: of few of them less is known of it, as Student's t has it.
    """
    from scipy.stats import norm, t

    z = np.array([each.z for each in all_])
    few = np.array([each.records if each.kind == "rate" else np.nan for each in all_])
    p = 2 * np.where(np.isnan(few), norm.sf(z), t.sf(z, np.maximum(few - 1, 1)))
    told = np.flatnonzero(~np.isnan(p))
    order = told[np.argsort(p[told], kind="stable")]
    limits = DISCOVERY * np.arange(1, len(order) + 1) / max(1, len(order))
    below = np.flatnonzero(p[order] <= limits)
    last = below[-1] + 1 if len(below) else 0
    return [all_[place] for place in order[:last]]


def _is_reversed(cells: _Cells) -> bool:
    """Whether every segment moved one way and the whole the other."""
    before, passed_before, now, passed_now = cells.counts
    some = (before >= FEWEST) & (now >= FEWEST)
    if some.sum() < 2 or now[some].sum() < 0.9 * now.sum():
        return False
    moves = _over(passed_now[some], now[some]) - _over(passed_before[some], before[some])
    whole = passed_now.sum() / now.sum() - passed_before.sum() / before.sum()
    return bool(np.all(moves * whole < 0))
