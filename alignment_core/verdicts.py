"""Bars of a review → the same bars with an interval and a verdict: more than chance, within chance, or undecided."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignment_core.bridge import decompose
from alignment_core.drivers import Cells, chain, factors, total
from alignment_core.noise import FAMILY, FEWEST_WINS, SEGMENT_FAMILY, Amounts, Judged, PValues, holm, rate, size, volume
from alignment_core.noise_draws import draws_for, effect_draws, intervals
from alignment_core.results import Bar, Counts
from alignment_core.vocabulary import (
    CHAIN,
    RATE_DRIVER,
    RATE_DRIVERS,
    VOLUME_STAGE,
    Basis,
    Driver,
    Method,
    Source,
    Stage,
    Undecided,
    Verdict,
)

__all__ = ["Further", "inseparable", "judged_bars", "withheld"]

Floats = NDArray[np.float64]

#: Draws of what a cohort's open records still bring, by source: rows mqls, sqls, opportunities, wins, revenue.
Further = Mapping[Source, Floats]

#: A verdict is called open where what is still to come turns it in more than this share of the draws.
_TURNS = 0.1
#: Tests, bars times draws of what is open, that a moment's patience has room for.
_TESTS = 100_000
#: How far, as a share of its width, an interval may be drawn in or out so that it says what the exact test says.
_NEAR = 0.1
#: The least that is not nothing, currency: 0 is outside the interval of what is real.
_LEAST = 0.01
_STEP = {driver: step for step, driver in RATE_DRIVER.items()}
_ROW: dict[str, int] = {stage: row for row, stage in enumerate((*CHAIN["marketing"], "revenue"))}


@dataclass(frozen=True)
class _Side:
    """One source, or one segment of it: what was agreed, what came, and the amounts of its wins.

    `share` is its part of what its source still expects.
    """

    source: Source
    plan: Counts
    actual: Counts
    amounts: Floats
    share: float = 1.0
    is_new: bool = False

    @property
    def stages(self) -> tuple[Stage, ...]:
        return chain(self.source, self.plan, self.actual)

    def has(self, driver: Driver) -> bool:
        """Whether it is a factor of this source's own product; with a breakdown some segments may have others."""
        return driver in factors(self.stages, self.plan)


_Key = tuple[Source, str | None]


def judged_bars(
    bars: Sequence[Bar],
    segment_bars: Sequence[Bar],
    plan: Cells,
    actual: Cells,
    amounts: pd.DataFrame,
    *,
    basis: Basis,
    method: Method,
    further: Further | None = None,
) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """Give every bar its interval and its verdict.

    The bars of whole sources are judged together, and so are those of segments; see `noise.FAMILY`. What nobody owns
    has no plan and no verdict.

    Args:
        bars, segment_bars: as `drivers.bridge_bars` made them from `plan` and `actual`.
        amounts: the won amounts: `source`, `segment`, `amount`; empty where they are not known.
        further: on cohort basis, what the open records are expected to bring. A bar is then real, or noise, only if it is
            so as counted and in nine of ten draws of what is expected.
    """
    whole: dict[_Key, _Side] = {
        (source, None): _Side(source, total(plan[source]), total(actual[source]), _of(amounts, source))
        for source in plan
        if source in actual and CHAIN[source]
    }
    expected = further or {}
    judged = _judged(bars, whole, FAMILY, basis, method, expected)
    if not segment_bars:
        return judged, ()
    parts = {
        (source, segment): side
        for (source, _), whole_side in whole.items()
        for segment, side in _segments(source, whole_side, plan[source], actual[source], amounts)
    }
    return judged, _judged(segment_bars, parts, SEGMENT_FAMILY, basis, method, expected)


def withheld(bars: Sequence[Bar], silent: Collection[Source], *, is_unfinished: bool) -> tuple[Bar, ...]:
    """Bars without the verdicts that nobody can give yet.

    Of a side of which the files say nothing none is given: that it brought nothing is not known. Of a quarter that is not
    over it is not known that less came than was agreed; what is more than agreed already stays so. And none is called real that
    cannot be told apart from another: it was tested as if it stood alone.
    """
    mirrored = {id(bar) for each in inseparable(bars) if len(each) > 1 for bar in each}

    def reason(bar: Bar) -> Undecided | None:
        if bar.source in silent:
            return "absent"
        if early(bar):
            return "unfinished"
        return "together" if bar.verdict == "real" and id(bar) in mirrored else None

    def early(bar: Bar) -> bool:
        return is_unfinished and bar.driver in VOLUME_STAGE and bar.effect < 0

    return tuple(
        replace(bar, verdict="undecided", interval=None, undecided=why) if bar.verdict and (why := reason(bar)) else bar
        for bar in bars
    )


def inseparable(bars: Sequence[Bar]) -> tuple[tuple[Bar, ...], ...]:
    """The bars of a bridge in its order, each alone or with those that it cannot be told apart from.

    A rate above 100% stands with what it is measured from: more passed than entered, so the one is too high by as much as the
    other is too low.
    """
    found: list[tuple[Bar, ...]] = []
    for bar in bars:
        above = bar.driver in RATE_DRIVERS and bar.actual is not None and bar.actual > 1
        before = found[-1][-1] if found else None
        if above and before and (before.source, before.segment) == (bar.source, bar.segment):
            found[-1] = (*found[-1], bar)
        else:
            found.append((bar,))
    return tuple(found)


def _segments(
    source: Source,
    whole: _Side,
    plan: Mapping[str | None, Counts],
    actual: Mapping[str | None, Counts],
    amounts: pd.DataFrame,
) -> Iterator[tuple[str | None, _Side]]:
    first = whole.stages[0]
    volume_of_all = getattr(whole.actual, first) or 1.0
    for segment in dict.fromkeys([*plan, *actual]):
        owed, came = plan.get(segment) or _nothing(whole.plan), actual.get(segment) or _nothing(whole.actual)
        yield (
            segment,
            _Side(
                source,
                owed,
                came,
                _of(amounts, source, segment),
                share=(getattr(came, first) or 0.0) / volume_of_all,
                is_new=not any(getattr(owed, stage) for stage in CHAIN[source]),
            ),
        )


def _nothing(known: Counts) -> Counts:
    stages = {stage: None if getattr(known, stage) is None else 0.0 for stage in CHAIN["marketing"]}
    return Counts(**stages, revenue=0.0)


def _of(amounts: pd.DataFrame, source: Source, segment: str | None = None) -> Floats:
    own = amounts[amounts["source"] == source]
    if segment is not None:
        own = own[own["segment"] == segment]
    return np.sort(own["amount"].to_numpy(dtype=np.float64))


def _judged(
    bars: Sequence[Bar], sides: Mapping[_Key, _Side], family: float, basis: Basis, method: Method, further: Further
) -> tuple[Bar, ...]:
    """Judge the bars of one family together."""
    places = [place for place, bar in enumerate(bars) if (bar.source, bar.segment) in sides]
    if not places:
        return tuple(bars)
    judged = [bars[place] for place in places]
    own = [sides[bar.source, bar.segment] for bar in judged]
    found = _together(judged, own, basis, {}, family)
    turned = np.zeros(len(judged), dtype=bool)
    if further:
        some = slice(max(200, _TESTS // len(judged)))  # nine in ten is told by a few hundred draws as well
        further = {source: draws[:, some] for source, draws in further.items()}
        turned = (_together(judged, own, basis, further, family).real != found.real[:, None]).mean(axis=1) > _TURNS
        turned |= [_is_unknown(bar, further) for bar in judged]
    drawn = _drawn(judged, sides, found.level, family, basis, method)
    said = list(bars)
    for row, place in enumerate(places):
        reason = _reason(judged[row], own[row]) if found.too_few[row] else None
        said[place] = _said(judged[row], drawn.get(row), bool(found.real[row]), "open" if turned[row] else reason)
    return tuple(said)


def _is_unknown(bar: Bar, further: Further) -> bool:
    """Whether earlier quarters say too little of what the open records will bring to this driver."""
    names = [VOLUME_STAGE[bar.driver]] if bar.driver in VOLUME_STAGE else _STEP.get(bar.driver, ("wins", "revenue"))
    return bar.source in further and bool(np.isnan(further[bar.source][[_ROW[name] for name in names]]).any())


def _reason(bar: Bar, side: _Side) -> Undecided:
    """Why there was too little to test."""
    if side.is_new:
        return "unplanned"
    if not side.has(bar.driver):
        return "mix"
    if bar.driver != "deal_size" or not side.actual.wins:
        return "few"
    if not len(side.amounts):
        return "amounts"
    return "few" if len(side.amounts) < FEWEST_WINS else "scatter"


def _said(bar: Bar, drawn: "_Drawn | None", is_real: bool, reason: Undecided | None) -> Bar:
    """A bar with its verdict, and an interval that says the same."""
    if drawn is None:
        return replace(bar, verdict="undecided", undecided=reason or "mix")
    if is_real and abs(drawn.effect) < _LEAST:  # LMDI gives nothing to what moved where another driver is zero
        is_real, reason = False, reason or "mix"
    # Where nothing came, or everything, what was counted is the very end of what is drawn around it.
    low, high = min(drawn.low, drawn.effect), max(drawn.high, drawn.effect)
    if is_real:
        low, high = (low, min(high, -_LEAST)) if drawn.effect < 0 else (max(low, _LEAST), high)
    else:
        # The tests are exact and a little stricter than the draws.
        low, high = min(low, 0.0), max(high, 0.0)
    # With a breakdown the bar is the sum of its segments, which mix can move away from what the whole did.
    away = bar.effect - drawn.effect
    low, high = low + away, high + away
    beyond = max(0.0, high if bar.effect < 0 else -low) if is_real else max(0.0, low, -high)
    if reason is None and (beyond > _NEAR * (high - low) or (is_real and drawn.effect * bar.effect < 0)):
        reason = "mix"
    elif is_real and bar.effect < 0:
        high = min(high, -_LEAST)
    elif is_real:
        low = max(low, _LEAST)
    else:
        low, high = min(low, 0.0), max(high, 0.0)
    if reason and reason != "open":  # so few records put no bounds to anything
        return replace(bar, verdict="undecided", undecided=reason)
    verdict: Verdict = "undecided" if reason else "real" if is_real else "noise"
    return replace(bar, interval=(low, high), verdict=verdict, undecided=reason)


def _together(bars: Sequence[Bar], sides: Sequence[_Side], basis: Basis, further: Further, family: float) -> Judged:
    """The tests of all bars; with `further`, in each of its draws."""
    tests = [_test(bar, side, basis, further.get(side.source)) for bar, side in zip(bars, sides, strict=True)]
    p, best = (np.stack(np.broadcast_arrays(*each)) for each in zip(*tests, strict=True))
    found = holm(PValues(p, best), family)
    return found if further else Judged(found.real[:, 0], found.too_few[:, 0], found.level[:, 0])


def _test(bar: Bar, side: _Side, basis: Basis, further: Floats | None) -> PValues:
    """One driver's own value against the agreed one."""

    def count(name: str) -> Floats:
        known = np.full(1, getattr(side.actual, name) or 0.0)
        return known if further is None else known + side.share * further[_ROW[name]]

    nothing = PValues(np.full(1, np.nan), np.full(1, np.nan))
    if bar.undefined or bar.plan is None or side.is_new or not side.has(bar.driver):
        return nothing
    if bar.driver in VOLUME_STAGE:
        return volume(count(VOLUME_STAGE[bar.driver]), bar.plan)
    if bar.driver in _STEP:
        before, after = _STEP[bar.driver]
        return rate(count(after), count(before), bar.plan, basis)
    if not len(side.amounts):
        return nothing
    known = Amounts.of(side.amounts)
    if further is not None and bar.actual:
        # The open deals' amounts are not known one by one: they scatter as those that were won, and move their mean.
        wins = count("wins")
        mean = np.divide(count("revenue"), wins, out=np.full_like(wins, bar.actual), where=wins > 0) / bar.actual
        known = known._replace(
            mean=known.mean * mean, spread=known.spread * mean, log_mean=known.log_mean + np.log(mean)
        )
    return size(known, bar.plan)


class _Drawn(NamedTuple):
    """A driver's effect as counted, and where chance could have brought it."""

    effect: float
    low: float
    high: float


def _drawn(
    bars: Sequence[Bar], sides: Mapping[_Key, _Side], level: Floats, family: float, basis: Basis, method: Method
) -> dict[int, _Drawn]:
    """By the bars' places; without those that are undefined, or that their own counts do not have."""
    groups: dict[tuple[Source, tuple[Stage, ...]], list[_Side]] = defaultdict(list)
    at: dict[_Key, tuple[tuple[Source, tuple[Stage, ...]], int]] = {}
    for key, side in sides.items():
        group = side.source, side.stages
        at[key] = group, len(groups[group])
        groups[group].append(side)
    draws = draws_for(len(bars))
    effects = {
        group: _effects(group[1], own, basis, method, draws, family / len(bars)) for group, own in groups.items()
    }
    names = {group: tuple(factors(group[1], own[0].plan)) for group, own in groups.items()}
    places, rows, counted = [], [], []
    for place, bar in enumerate(bars):
        group, cell = at[bar.source, bar.segment]
        if bar.driver in names[group] and not bar.undefined:
            row = names[group].index(bar.driver)
            places.append(place)
            counted.append(float(effects[group][0][row, cell]))
            rows.append(effects[group][1][row, cell])
    if not places:
        return {}
    low, high = intervals(np.stack(rows), level[places])
    return {
        place: _Drawn(*each)
        for place, each in zip(places, zip(counted, low.tolist(), high.tolist(), strict=True), strict=True)
    }


def _effects(
    stages: Sequence[Stage], sides: Sequence[_Side], basis: Basis, method: Method, draws: int, level: float
) -> tuple[Floats, Floats]:
    """The drivers' effects in every cell, as counted and in every draw."""
    agreed, came = (
        np.array([list(factors(stages, counts).values()) for counts in each]).T
        for each in ([side.plan for side in sides], [side.actual for side in sides])
    )
    counts = np.array([[getattr(side.actual, stage) for side in sides] for stage in stages], dtype=np.float64)
    drawn = effect_draws(agreed, counts, [side.amounts for side in sides], came[-1], basis, method, draws, level)
    return decompose(agreed, came, method), drawn
