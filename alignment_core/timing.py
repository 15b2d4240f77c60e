"""What is not decided yet: what the open records of a quarter's cohort are still expected to bring.

Only cohorts that began before the quarter say how long a step takes and how many pass it, and only what was known of them
on the as-of day: built again as of a past day, the answer is the one that could have been given then.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.events import deal_stages
from alignment_core.further import Step, drawn, expected, interval
from alignment_core.journeys import deal_journeys, lead_journeys
from alignment_core.lags import Lags
from alignment_core.quarters import Quarter
from alignment_core.results import Counts, NotDecided, Note
from alignment_core.vocabulary import STAGES, MqlBy, Source, Stage

__all__ = ["DRAWS", "Timing", "agreed_sizes", "further", "not_decided", "steps", "timing", "timing_of", "with_further"]

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

#: How many draws the intervals rest on.
DRAWS = 1000
_SEED = 261


@dataclass(frozen=True, eq=False)
class Timing:
    """A cohort's open records.

    Attributes:
        decided: by source, what is open and what it is expected to bring. Not there for a source without any records.
        further: the draws that its intervals come from, shape (5, draws): further `vocabulary.STAGES`, and revenue.
            NaN where earlier cohorts say too little.
        steps: the transitions with their lags, in the order of the funnel.
        amounts: what each win of earlier cohorts brought, currency.
        notes: what cannot be said, and what would allow it.
    """

    decided: Mapping[Source, NotDecided]
    further: Mapping[Source, Floats]
    steps: Mapping[Source, tuple[Step, ...]]
    amounts: Mapping[Source, Floats]
    notes: tuple[Note, ...] = ()


def timing(
    data: Data, agreement: Agreement, quarter: Quarter, *, as_of: date | None = None, mql: MqlBy = "crm"
) -> Timing:
    """What is not decided yet of the demand that began in a quarter. Worked out once for the same question; seeded.

    Args:
        as_of: the day up to which anything is known; default the latest in the data.
        mql: whether an MQL is what the CRM flagged, or what the agreement's definition says.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    sizes = agreed_sizes(agreement)
    rules = agreement.mql if mql == "agreed" else None
    calendar = agreement.fiscal_calendar
    asked = ("timing", agreement.sourcing, calendar, agreement.currency, quarter, as_of, rules, tuple(sizes.items()))

    def answer() -> Timing:
        funnel = data.funnel(agreement, "cohort", None, as_of, mql)
        found = steps(data, agreement, quarter, as_of=funnel.as_of, mql=mql)
        if not funnel.has_amounts:
            return timing_of(found, {source: np.array([sizes[source]] if source in sizes else []) for source in found})
        frame = _frames(data, agreement, funnel.as_of, mql)["wins" in deal_stages(data.engine)]
        return timing_of(
            found, {source: _amounts(data, frame, source, own[0].before, quarter) for source, own in found.items()}
        )

    return data.kept(asked, answer)


def not_decided(
    data: Data, agreement: Agreement, quarter: Quarter, *, as_of: date | None = None, mql: MqlBy = "crm"
) -> Mapping[Source, NotDecided]:
    """By source: what is open and what it is expected to bring, see `timing`."""
    return timing(data, agreement, quarter, as_of=as_of, mql=mql).decided


def further(
    data: Data, agreement: Agreement, quarter: Quarter, *, as_of: date | None = None, mql: MqlBy = "crm"
) -> Mapping[Source, Floats]:
    """By source: draws of further MQLs (0), SQLs, opportunities, wins and revenue, shape (5, draws), see `timing`."""
    return timing(data, agreement, quarter, as_of=as_of, mql=mql).further


def with_further(counts: Counts, decided: NotDecided) -> Counts:
    """Counts as they are expected to end up. What cannot be expected stays as it was counted."""

    def both(stage: Stage) -> float | None:
        now, more = getattr(counts, stage), getattr(decided.further, stage)
        return now if now is None or more is None else float(now + more)

    more = decided.further.revenue
    return Counts(
        **{stage: both(stage) for stage in STAGES}, revenue=counts.revenue + (0.0 if np.isnan(more) else more)
    )


def steps(
    data: Data,
    agreement: Agreement,
    quarter: Quarter,
    *,
    as_of: date | None = None,
    mql: MqlBy = "crm",
    seen: date | None = None,
) -> Mapping[Source, tuple[Step, ...]]:
    """The transitions of each source's funnel: lags of earlier cohorts, and of the quarter's own. Worked out once for the same question.

    Args:
        seen: an earlier day than `as_of` up to which anything is known.
    """
    as_of = data.funnel(agreement, "cohort", None, as_of, mql).as_of
    rules = agreement.mql if mql == "agreed" else None
    asked = ("steps", agreement.sourcing, agreement.fiscal_calendar, agreement.currency, quarter, as_of, rules, seen)
    return data.kept(asked, lambda: _steps(data, agreement, quarter, as_of, mql, seen))


def _steps(
    data: Data, agreement: Agreement, quarter: Quarter, as_of: date, mql: MqlBy, seen: date | None
) -> Mapping[Source, tuple[Step, ...]]:
    funnel = data.funnel(agreement, "cohort", None, as_of, mql)
    last = min(as_of, seen or as_of)
    frames = _frames(data, agreement, as_of, mql)
    told = deal_stages(data.engine)
    found: dict[Source, tuple[Step, ...]] = {}
    for source in ("marketing", "sales"):
        stages = funnel.recorded[source]
        own = [frame.loc[frame["source"] == source, [*STAGES, "lost"]] for frame in frames]
        made = tuple(
            _step(own[{before, after} <= told], stages, before, after, quarter, last, data.choices.skipped_stages)
            for before, after in pairwise(stages)
        )
        if made and made[0].own.entered:
            found[source] = made
    return found


def agreed_sizes(agreement: Agreement) -> dict[Source, float]:
    """Where no amount was recorded a win is worth what was agreed, as in the review."""
    owed = agreement.required.items()
    return {source: counts.revenue / counts.wins for source, counts in owed if counts.wins}


def timing_of(found: Mapping[Source, tuple[Step, ...]], amounts: Mapping[Source, Floats]) -> Timing:
    """The answer from lags and won amounts: the same for the same, to the last draw."""

    def of(source: Source) -> Floats:
        return drawn(found[source], amounts[source], DRAWS, np.random.default_rng(_SEED))

    with ThreadPoolExecutor() as side_by_side:  # NumPy draws without Python's lock
        draws = dict(zip(found, side_by_side.map(of, found), strict=True))
    decided = {}
    for source, own in found.items():
        low, high = interval(draws[source], [own[0].before, *(step.after for step in own)])
        decided[source] = NotDecided(
            open={step.before: step.open for step in own},
            further=expected(own, amounts[source]),
            low=low,
            high=high,
            longest={step.before: step.earlier.longest for step in own if step.earlier.longest is not None},
            followed={step.before: step.earlier.followed for step in own if step.earlier.entered},
        )
    notes = [note for source, own in found.items() for note in _notes(source, own)]
    return Timing(decided, draws, found, amounts, tuple(notes))


def _notes(source: Source, own: Sequence[Step]) -> list[Note]:
    """What cannot be said of the records that are open."""
    notes: list[Note] = []
    for step in own:
        said: dict[str, object] = {"source": source, "stage": step.before, "later": step.after, "count": step.open}
        if step.open and not step.is_known:
            # What comes after it cannot be said either.
            return [*notes, Note("further_unknown", said | {"known": step.earlier.entered})]
        if step.open and not step.earlier.lost.any():
            notes.append(Note("never_lost", said))
    return notes


def _frames(data: Data, agreement: Agreement, as_of: date, mql: MqlBy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leads' and deals' journeys, without what was chosen to be left out."""
    frames = (
        lead_journeys(data, agreement, as_of=as_of, mql=mql),
        deal_journeys(data, agreement, as_of=as_of, mql=mql),
    )
    return frames if data.choices.out_of_order == "as dated" else (_in_order(frames[0]), _in_order(frames[1]))


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    days = np.stack([_days(frame, stage) for stage in STAGES])
    backwards = np.zeros(len(frame), dtype=bool)
    for place in range(1, len(STAGES)):
        backwards |= (days[:place] > days[place]).any(axis=0)
    return frame[~backwards]


def _days(frame: pd.DataFrame, name: str) -> Days:
    return np.asarray(frame[name].to_numpy(dtype="datetime64[D]"))


def _amounts(data: Data, frame: pd.DataFrame, source: Source, first: Stage, quarter: Quarter) -> Floats:
    """What each win of earlier cohorts brought."""
    frame = frame[(frame["source"] == source) & frame["wins"].notna()]
    won = frame["amount"][_days(frame, first) < np.datetime64(quarter.start)].to_numpy(dtype=np.float64)
    if data.choices.wins_without_amount == "at zero":
        won = np.nan_to_num(won)
    if data.choices.zero_or_negative_amounts == "left out":
        won = won[won > 0]
    return np.asarray(np.sort(won[~np.isnan(won)]))


def _step(
    frame: pd.DataFrame,
    stages: Sequence[Stage],
    before: Stage,
    after: Stage,
    quarter: Quarter,
    last: date,
    skipped: str,
) -> Step:
    """One transition's records: those of earlier cohorts, and the quarter's own."""
    end = np.datetime64(last)

    def seen(name: str) -> Days:
        days = _days(frame, name)
        return np.where(days <= end, days, np.datetime64("NaT"))

    def reached(stage: Stage) -> Days:
        """On cohort basis a later stage's day stands in for one that was skipped, as in the funnel."""
        days = seen(stage)
        for later in stages[stages.index(stage) + 1 :] if skipped != "not counted" else ():
            days = np.where(np.isnat(days), seen(later), days)
        return days

    began, entered, passed, lost = seen(stages[0]), reached(before), reached(after), seen("lost")
    converted = ~np.isnat(passed)
    gone = ~converted & (lost >= entered)
    until = np.where(converted, passed, np.where(gone, lost, end))
    days = np.maximum((until - entered).astype(np.int64), 0)
    outcome = np.where(converted, 1, np.where(gone, -1, 0))
    there = ~np.isnat(entered)
    earlier = there & (began < np.datetime64(quarter.start))
    own = there & (began >= np.datetime64(quarter.start)) & (began < np.datetime64(quarter.end))
    return Step(before, after, *(Lags.counted(days[rows], outcome[rows]) for rows in (earlier, own)))
