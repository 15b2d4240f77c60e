"""The frozen answers that the core gives and that pages, charts and exports draw."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import fsum

from alignment_core.quarters import Quarter
from alignment_core.vocabulary import Basis, Driver, Method, MqlBy, Owner, Part, Source, Stage, Undecided, Verdict

_WEEK = 7
#: Less than this nobody is short of: half a cent.
_CENT = 0.005


@dataclass(frozen=True)
class Counts:
    """What one source brought, or was planned to bring, in one quarter.

    A stage that nobody recorded is None, which is not zero. Plan counts may be fractional.
    """

    mqls: float | None = None
    sqls: float | None = None
    opportunities: float | None = None
    wins: float | None = None
    revenue: float = 0.0


@dataclass(frozen=True)
class Bar:
    """One step of the bridge from plan to actual.

    Attributes:
        source: whose demand it is.
        driver: the factor of revenue that moved.
        owner: who answers for that driver, as agreed.
        plan: the driver's agreed value (count, rate 0-1 or currency); None where undefined.
        actual: the driver's actual value; None where undefined.
        effect: what the move did to revenue, currency; positive is favourable.
        order_low, order_high: the least and the largest effect over all orders of the drivers.
        undefined: the driver has no value on one side (nothing to divide by): it takes the other
            side's value and has no effect.
        segment: the segment the bar is of; None for the whole source.
        status: `new` or `lost` for a segment that exists on one side only.
        interval: effects that chance allows, at the level at which the bar was judged: 0 is outside where the verdict
            is `real` and inside where it is `noise`. None where the data cannot carry it.
        verdict: whether the effect is more than chance; None for what is not judged.
        undecided: why the verdict is `undecided`.
    """

    source: Source
    driver: Driver
    owner: Owner
    plan: float | None
    actual: float | None
    effect: float
    order_low: float
    order_high: float
    undefined: bool = False
    segment: str | None = None
    status: str | None = None
    interval: tuple[float, float] | None = None
    verdict: Verdict | None = None
    undecided: Undecided | None = None


@dataclass(frozen=True)
class Note:
    """Something the reader of a result must know. `wording.note` says it in a sentence.

    Attributes:
        code: which message.
        values: the numbers and names in it.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """What another option of a choice would change.

    Attributes:
        option: the other option.
        variance: what the review's variance would be, currency.
        difference: by how much that is more than now, currency.
        counts: how many more records would have reached each stage, of all sources; only stages that change.
    """

    option: str
    variance: float
    difference: float
    counts: Mapping[Stage, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Doubt:
    """Records of the reviewed quarter that systems count in different ways. `wording.doubt` says it in sentences.

    Attributes:
        code: which situation: the name of the choice that decides it, or of one that nothing decides.
        records: how many records are in it.
        option: what was chosen; None where there is nothing to choose.
        effects: what each other option would change, counted anew by it.
    """

    code: str
    records: int
    option: str | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input, where it is, and what to do about it.

    Attributes:
        file: the file's name, without its folder.
        row: the row in the file, the header being row 1; None if it is not about one row.
        column: the column's header; None if it is not about one column.
        value: the text found there, shortened.
        reason: what is wrong, in words.
        remedy: what to do.
        rows: how many rows of the file share this fault.
        sets_aside: whether those rows are left out of the counts.
        sheet: the sheet of the workbook; None where the file is one table.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    reason: str
    remedy: str
    rows: int = 1
    sets_aside: bool = True
    sheet: str | None = None


@dataclass(frozen=True)
class Quality:
    """What became of the rows that were read: every row is used or set aside."""

    rows_read: int = 0
    rows_used: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def rows_set_aside(self) -> int:
        return self.rows_read - self.rows_used


@dataclass(frozen=True)
class Change:
    """One term of an agreement that an amendment changed. `wording.amended_term` says it.

    Attributes:
        term: `revenue_target`, `split` (marketing's share), `mqls` or `sqls` (what is owed), a driver, `owner`, or the
            name of any other part of the agreement.
        before, after: its values; None where that part has no one value, or was not there.
        source: whose plan it is a term of; None where it is nobody's alone.
        driver: the driver whose owner changed.
    """

    term: str
    before: float | str | None = None
    after: float | str | None = None
    source: Source | None = None
    driver: Driver | None = None


@dataclass(frozen=True)
class Amendment:
    """What both sides signed in place of what they had signed before.

    Attributes:
        number: 1 for the first amendment of the quarter.
        before, after: what each source owed under the version before, and under this one.
        changes: the terms that changed; there is at least one.
        agreed_on: the day on which both had signed it, or None where that is not known.
        reason: why, in the words of those who signed; it may be empty.
        segments_before, segments_after: with a breakdown, the revenue that all sources owe in each segment. Empty
            without one, or where a version has no plan by segment.
    """

    number: int
    before: Mapping[Source, Counts]
    after: Mapping[Source, Counts]
    changes: tuple[Change, ...]
    agreed_on: date | None = None
    reason: str = ""
    segments_before: Mapping[str | None, float] = field(default_factory=dict)
    segments_after: Mapping[str | None, float] = field(default_factory=dict)

    @property
    def revenue_before(self) -> float:
        return sum(counts.revenue for counts in self.before.values())

    @property
    def revenue_after(self) -> float:
        return sum(counts.revenue for counts in self.after.values())

    @property
    def effect(self) -> float:
        """By how much it moved the revenue that both sides owe together, currency."""
        return self.revenue_after - self.revenue_before


@dataclass(frozen=True)
class Why:
    """One part of what moved a conversion. The parts of a bar sum to its effect.

    Attributes:
        source, driver: of which bar.
        part: `planning_gap`: the agreed rate against what had run; `lead_mix`: other leads than before; `follow_up`: followed
            up otherwise than before; `remainder`: like leads with like follow-up; `not_decided`: what is still open.
        effect: what it did to revenue, currency; positive is favourable.
        interval: effects that chance allows, or None where the data cannot carry it.
        verdict: whether it is more than chance, or None.
        evidence: the numbers it rests on, for `wording`.
    """

    source: Source
    driver: Driver
    part: Part
    effect: float
    interval: tuple[float, float] | None = None
    verdict: Verdict | None = None
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class NotDecided:
    """What a cohort's open records are still expected to bring, beyond what is counted already.

    Attributes:
        open: how many records have come as far as each stage, and are neither further nor given up.
        further: further counts and revenue that are expected; the first stage's is 0.
            A stage that earlier cohorts say too little of is None, and revenue is NaN then.
        low, high: the ends of the 90% interval of each of them.
        longest: by stage, the most days after which an earlier record still moved on; later than that none is expected to.
        followed: by stage, the most days that an earlier record was followed: of what comes later, nothing is known.
    """

    open: Mapping[Stage, int]
    further: Counts
    low: Counts
    high: Counts
    longest: Mapping[Stage, int] = field(default_factory=dict)
    followed: Mapping[Stage, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Carried:
    """Period basis: what a quarter's counts owe to other quarters.

    Attributes:
        carried_in: of what is counted in the quarter, what began in an earlier one. The first stage's is 0.
        carried_out: the quarter's own records that are open at its end, by the stage they had come to.
    """

    carried_in: Counts
    carried_out: Mapping[Stage, int]


@dataclass(frozen=True)
class KindWorth:
    """MQLs of one kind, and what they count for.

    Attributes:
        kind: as the files name it.
        mqls: how many came.
        per_mql: what one counts for, as agreed; currency.
        is_listed: whether the agreement lists the kind. Otherwise it counts as any other.
    """

    kind: str
    mqls: float
    per_mql: float
    is_listed: bool

    @property
    def worth(self) -> float:
        return self.mqls * self.per_mql


@dataclass(frozen=True)
class ValueKept:
    """Marketing's promise in number and in value, and what came. `value_words.value_words` says it.

    Attributes:
        field: by which MQLs differ in value.
        promised_mqls: how many are owed.
        promised: what they are to be worth together, currency.
        kinds: what came, the most worth first.
        untold: why what came cannot be told (`no_field`: the files do not have it of these MQLs; `no_mqls`: they do not
            count MQLs; `silent`: they say nothing of marketing in the quarter); empty where it can.
    """

    field: str
    promised_mqls: int
    promised: float
    kinds: tuple[KindWorth, ...] = ()
    untold: str = ""

    @property
    def mqls(self) -> float:
        return sum(each.mqls for each in self.kinds)

    @property
    def worth(self) -> float:
        return fsum(each.worth for each in self.kinds)

    @property
    def short_mqls(self) -> float:
        """How many MQLs fewer came than are owed; 0 where the promise is kept in number."""
        return max(0.0, self.promised_mqls - self.mqls)

    @property
    def short_value(self) -> float:
        """How much less what came is worth than was promised; 0 where the promise is kept in value, to the cent."""
        short = self.promised - self.worth
        return short if short >= _CENT else 0.0


@dataclass(frozen=True)
class Review:
    """A quarter's plan, actual and the bridge between them.

    Attributes:
        plan, actual: counts by source. `unassigned` is in `actual` only where there is any. The plan is that of the
            agreement in force.
        amendments: what led from the plan that was first signed to the one in force, oldest first. First plan
            + amendments + bars = actual.
        bars: the bridge, in the order of the waterfall (marketing's drivers, sales' drivers,
            unassigned). With `by`, each bar is the sum over the segments.
        segment_bars: with `by`, the bars of each segment; they sum to `bars`. None without a plan by segment.
        segment_plan, segment_actual: with `by`, the counts by source and segment.
        by: the segment field the bridge was computed by, or None.
        as_of: the day up to which events count.
        mql: whether MQLs are those that the CRM flagged, or those that meet the agreement's definition.
        why: what moved each conversion, for the bars whose data say it.
        not_decided: cohort basis, by source: what is still open, and what it is expected to bring after `actual`.
        carried: period basis, by source: what was carried in from earlier quarters, and what is carried out.
        value: what marketing's MQLs are worth against what was promised; None where the agreement promises no value.
    """

    company: str
    quarter: Quarter
    currency: str
    basis: Basis
    method: Method
    as_of: date
    plan: Mapping[Source, Counts]
    actual: Mapping[Source, Counts]
    bars: tuple[Bar, ...]
    by: str | None = None
    segment_bars: tuple[Bar, ...] = ()
    segment_plan: Mapping[Source, Mapping[str | None, Counts]] = field(default_factory=dict)
    segment_actual: Mapping[Source, Mapping[str | None, Counts]] = field(default_factory=dict)
    amendments: tuple[Amendment, ...] = ()
    notes: tuple[Note, ...] = ()
    quality: Quality = Quality()
    mql: MqlBy = "crm"
    why: tuple[Why, ...] = ()
    not_decided: Mapping[Source, NotDecided] = field(default_factory=dict)
    carried: Mapping[Source, Carried] = field(default_factory=dict)
    value: ValueKept | None = None

    @property
    def days_left(self) -> int:
        """How many days of the quarter come after the as-of date."""
        return max(0, (self.quarter.end - self.as_of).days - 1)

    @property
    def is_unfinished(self) -> bool:
        """Whether a week or more of the quarter is still to come: less than planned is then no miss yet."""
        return self.days_left >= _WEEK

    @property
    def silent(self) -> tuple[Source, ...]:
        """The sides with a plan of which the files say nothing."""
        return tuple(dict.fromkeys(bar.source for bar in self.bars if bar.undecided == "absent"))

    @property
    def plan_revenue(self) -> float:
        return sum(counts.revenue for counts in self.plan.values())

    @property
    def actual_revenue(self) -> float:
        return sum(counts.revenue for counts in self.actual.values())

    @property
    def variance(self) -> float:
        """Actual minus the plan in force; positive is favourable."""
        return self.actual_revenue - self.plan_revenue

    @property
    def first_plan(self) -> Mapping[Source, Counts]:
        """The plan as it was first signed; the plan in force where nothing was amended."""
        return self.amendments[0].before if self.amendments else self.plan

    @property
    def first_revenue(self) -> float:
        """The revenue of the plan that was first signed."""
        return sum(counts.revenue for counts in self.first_plan.values())

    @property
    def first_variance(self) -> float:
        """Actual minus the plan that was first signed: the amendments and the bars together."""
        return self.actual_revenue - self.first_revenue
