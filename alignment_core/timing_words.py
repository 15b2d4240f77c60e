"""What is open and what was carried, in sentences and as rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from alignment_core.results import Carried, Counts, NotDecided, Review
from alignment_core.vocabulary import CHAIN, SOURCES, Source, Stage
from alignment_core.wording import SOURCE, STAGE, count, in_sentence, money_short, period

__all__ = [
    "CarriedRow",
    "OpenRow",
    "carried_rows",
    "carried_words",
    "horizon_words",
    "many",
    "not_decided_words",
    "open_rows",
    "step_name",
    "the_one",
]

_ONE: Mapping[Stage, str] = {"mqls": "MQL", "sqls": "SQL", "opportunities": "opportunity", "wins": "win"}
_STILL = "The ranges hold the outcome in nine of ten cases, if the open records go on as earlier quarters' did."


@dataclass(frozen=True)
class OpenRow:
    """One stage, or revenue (`stage` None), of a source's cohort. None is not known or not recorded."""

    stage: Stage | None
    open: int | None
    counted: float | None
    further: float | None
    low: float | None
    high: float | None

    @property
    def expected(self) -> float | None:
        return None if self.counted is None or self.further is None else self.counted + self.further


@dataclass(frozen=True)
class CarriedRow:
    """One stage, or revenue (`stage` None), of a source's quarter: what is counted, and what of it began before."""

    stage: Stage | None
    counted: float | None
    carried_in: float | None
    carried_out: int | None


def open_rows(counted: Counts, decided: NotDecided) -> tuple[OpenRow, ...]:
    """The stages that were recorded, in order, and revenue."""
    rows = [
        OpenRow(
            stage,
            decided.open.get(stage),
            getattr(counted, stage),
            getattr(decided.further, stage),
            getattr(decided.low, stage),
            getattr(decided.high, stage),
        )
        for stage in CHAIN["marketing"]
        if stage in decided.open or (stage == "wins" and counted.wins is not None)
    ]
    amounts = (counted.revenue, decided.further.revenue, decided.low.revenue, decided.high.revenue)
    return (*rows, OpenRow(None, None, *(None if isnan(amount) else amount for amount in amounts)))


def carried_rows(counted: Counts, carried: Carried) -> tuple[CarriedRow, ...]:
    """The stages that were recorded, in order, and revenue."""
    rows = [
        CarriedRow(stage, getattr(counted, stage), getattr(carried.carried_in, stage), carried.carried_out.get(stage))
        for stage in CHAIN["marketing"]
        if getattr(carried.carried_in, stage) is not None
    ]
    return (*rows, CarriedRow(None, counted.revenue, carried.carried_in.revenue, None))


def not_decided_words(review: Review) -> tuple[str, ...]:
    """What is open and what it is expected to bring, a sentence for each source.

    Empty where nothing is known of it: on period basis, and in reviews without records.
    """
    there = [source for source in SOURCES if source in review.not_decided]
    return tuple(_open(review, source, review.not_decided[source]) for source in there)


def horizon_words(review: Review) -> tuple[str, ...]:
    """What `not_decided_words` rests on, and how far it reaches; empty where nothing is expected."""
    there = review.not_decided.items()
    latest = [words for source, decided in there if (words := _latest(source, decided))]
    return (*([_STILL] if latest else []), *latest)


def _open(review: Review, source: Source, decided: NotDecided) -> str:
    first, *later = decided.open
    name, volume = SOURCE[source], getattr(review.actual[source], first)
    if not any(decided.open.values()):
        return f"{name}: nothing that began in {period(review.quarter)} is open; what is counted is final."
    waiting = _listed([many(decided.open[stage], stage) for stage in later if decided.open[stage]])
    opening = f"{name}: {waiting} {'is' if sum(decided.open.values()) == 1 else 'are'} still open"
    if decided.open[first]:
        are = "is" if decided.open[first] == 1 else "are"
        one = the_one(volume, first)
        waiters = f"the quarter's {one}" if one else f"{decided.open[first]:,} of the quarter's {many(volume, first)}"
        opening = f"{name}: {waiters} {are} still open"
        so = "so is" if sum(decided.open[stage] for stage in later) == 1 else "so are"
        opening += f", and {so} {waiting}" if waiting else ""
    rows = [row for row in open_rows(review.actual[source], decided) if row.stage != first]
    more = [_more(row.stage, row.further, row.low or 0.0, row.high or 0.0) for row in rows if row.stage and row.further]
    if not more and any(row.further is None for row in rows):
        they = "it" if sum(decided.open.values()) == 1 else "they"
        return f"{opening}; earlier quarters say too little of what {they} will bring."
    if not more:
        return f"{opening}; in earlier quarters those that had waited as long brought nothing further."
    money = _amount(review.currency, rows[-1])
    return f"{opening}; earlier quarters say that {_listed(more)} will still come{money}."


def many(number: float | None, stage: Stage) -> str:
    """How many of a stage: 22 opportunities, or 1 opportunity."""
    return f"{count(number)} {_name(number, stage)}"


def the_one(number: float | None, stage: Stage) -> str:
    """A whole that is a single record, of which no part is taken: one win. Empty where it is none, or more."""
    return f"one {_ONE[stage]}" if number == 1 else ""


def _name(number: float | None, stage: Stage) -> str:
    return _ONE[stage] if number == 1 else in_sentence(STAGE[stage])


def _more(stage: Stage, further: float, low: float, high: float) -> str:
    """How many more: 4 more SQLs (1 to 8)."""
    about, least, most = round(further), int(low), int(high)
    if about:
        return f"{about:,} more {_name(about, stage)} ({least:,} to {most:,})"
    return f"at most {most:,} more {_name(most, stage)}" if most else f"hardly any more {_name(0, stage)}"


def _amount(currency: str, row: OpenRow) -> str:
    if row.further is None or row.low is None or row.high is None or money_short(row.further) == "0":
        return ""
    return f", worth about {currency} {money_short(row.further)} ({money_short(row.low)} to {money_short(row.high)})"


def _latest(source: Source, decided: NotDecided) -> str:
    """How far the history reaches: later than that nothing is expected."""
    stages = list(decided.open)
    steps = zip(stages, [*stages[1:], "wins"], strict=True)
    parts = [
        f"no {_ONE[before]} {'became an' if after != 'wins' else 'was'} {_ONE[after] if after != 'wins' else 'won'} after more than {decided.longest[before]:,} {'day' if decided.longest[before] == 1 else 'days'}"
        for before, after in steps
        if before in decided.longest and decided.open[before]
    ]
    return f"{SOURCE[source]}, in earlier quarters: {_listed(parts)}." if parts else ""


def carried_words(review: Review) -> tuple[str, ...]:
    """What was carried in and what is carried out, a sentence for each source; empty on cohort basis."""
    return tuple(_carried(review, source, review.carried[source]) for source in SOURCES if source in review.carried)


def _carried(review: Review, source: Source, carried: Carried) -> str:
    counted, quarter = review.actual.get(source, Counts()), period(review.quarter)
    rows = [row for row in carried_rows(counted, carried) if row.stage is not None][1:]
    parts = [
        f"the {one}"
        if (one := the_one(row.counted, row.stage))
        else f"{count(row.carried_in)} of {many(row.counted, row.stage)}"
        for row in rows
        if row.stage and row.carried_in
    ]
    came = carried.carried_in.revenue
    worth = (
        f", {review.currency} {money_short(came)} of {money_short(counted.revenue)}" if came and not isnan(came) else ""
    )
    began = (
        f"{_listed(parts)} counted in {quarter} began in an earlier quarter{worth}"
        if parts
        else f"nothing counted in {quarter} began in an earlier quarter"
    )
    out = [many(number, stage) for stage, number in carried.carried_out.items() if number]
    were = "was" if sum(carried.carried_out.values()) == 1 else "were"
    left = f"{_listed(out)} of its own {were} open at its end" if out else "nothing of its own was open at its end"
    return f"{SOURCE[source]}: {began}; {left}."


def step_name(before: Stage, after: Stage) -> str:
    """A transition's name: MQL → SQL."""
    return f"{_ONE[before]} → {_ONE[after]}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
