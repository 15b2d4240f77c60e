"""The quarter's review: plan against actual, and the bridge between them."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed, amendments, steps
from alignment_core.carried import carried
from alignment_core.choices import Choices
from alignment_core.data import Data
from alignment_core.definition_words import preview
from alignment_core.drivers import Cells, bridge_bars, chain, factors, total
from alignment_core.errors import DataError
from alignment_core.events import NOT_RECORDED
from alignment_core.funnel import Funnel
from alignment_core.owner_labels import as_called
from alignment_core.quarters import Quarter
from alignment_core.results import Amendment, Bar, Counts, Note, Review
from alignment_core.timing import timing
from alignment_core.value_kept import value_kept
from alignment_core.verdicts import judged_bars, withheld
from alignment_core.vocabulary import CHAIN, RATE_DRIVERS, SOURCES, Basis, Method, MqlBy, Source

__all__ = ["review"]


def review(
    data: Data,
    agreement: Agreement,
    quarter: Quarter | None = None,
    *,
    signed: Sequence[Signed] = (),
    basis: Basis = "period",
    method: Method = "shapley",
    by: str | None = None,
    as_of: date | None = None,
    mql: MqlBy = "crm",
    judged: bool = True,
) -> Review:
    """Hold a quarter against its agreement.

    Args:
        data: the loaded tables.
        agreement: what was agreed: the version in force.
        quarter: the quarter to review; default the agreement's.
        signed: every version that was signed for the agreement's quarter, oldest first; the last is `agreement`
            itself. What they changed on the way stands before the bars. They say nothing of another quarter.
        basis: `period` counts what is dated in the quarter, `cohort` follows the quarter's MQLs.
        method: how the change is shared among the drivers.
        by: a segment field to break down by.
        as_of: the day up to which events count; default the latest in the data.
        mql: whether an MQL is what the CRM flagged, or what the agreement's definition says.
        judged: whether it is asked how sure the bars are (intervals, verdicts) and what is open or was carried; who needs
            the variance only saves the time.

    Raises:
        DataError: the data cannot support the question, with every reason.
        ValueError: the last version that was signed is not the agreement.
    """
    if signed and signed[-1].agreement != agreement:
        raise ValueError("the last version that was signed is not the agreement that the quarter is held against")
    data = as_called(data, agreement, by)
    quarter = quarter or agreement.fiscal_quarter
    whole = data.funnel(agreement, basis, None, as_of, mql)
    if quarter not in whole.quarters:
        raise DataError(_not_covered(quarter, whole))
    notes = [*_notes(agreement, quarter, whole, data.choices)]
    if mql == "agreed":
        notes.insert(0, Note("mql_agreed", {"agreed": preview(agreement.mql)}))
    elif agreement.mql is not None and not agreement.mql.is_empty and "mqls" in whole.recorded["marketing"]:
        notes.append(Note("mql_summary" if whole.is_summary else "mql_crm"))
    amended = amendments(signed) if quarter == agreement.fiscal_quarter else ()

    owing = [source for source, counts in agreement.required.items() if counts.revenue]
    actual: Cells = _actual(whole, quarter, owing)
    owed = {source: counts for source, counts in agreement.required.items() if source in actual}
    plan: Cells = {source: {None: counts} for source, counts in owed.items()}
    totals = {source: total(cells) for source, cells in actual.items()}
    by_segment: Cells = {}
    if by is not None:
        funnel = data.funnel(agreement, basis, by, as_of, mql)
        by_segment = _actual(funnel, quarter, owing)
        segmented, said = _segment_plan(agreement, funnel, quarter, by)
        notes += said
        if segmented is not None:
            plan, actual = segmented, by_segment
            amended = _amended_by_segment(amended, signed, funnel, quarter, by)
    if not whole.has_amounts:
        notes.append(Note("no_amounts"))
        actual, by_segment = _valued(actual, plan, agreement), _valued(by_segment, plan, agreement)
        totals = {source: replace(counts, revenue=total(actual[source]).revenue) for source, counts in totals.items()}

    try:
        bars, segment_bars = bridge_bars(plan, actual, agreement.owners, method)
    except ValueError as error:
        raise DataError(f"{_METHOD[method]} cannot be used here: {error}. Use the Shapley method.") from error
    if not whole.has_amounts:
        bars, segment_bars = _without_deal_size(bars), _without_deal_size(segment_bars)
    open_ = timing(data, agreement, quarter, as_of=whole.as_of, mql=mql) if judged and basis == "cohort" else None
    from_before = carried(data, agreement, quarter, as_of=whole.as_of, mql=mql) if judged and basis == "period" else {}
    if judged:
        won = data.amounts_won(agreement, quarter, basis, by, whole.as_of, mql)
        further = open_.further if open_ else None
        bars, segment_bars = judged_bars(
            bars, segment_bars, plan, actual, won, basis=basis, method=method, further=further
        )
    # Who meets the agreed definition is not known of what the files don't have; that nobody meets it is.
    silent = [source for source in owed if whole.is_silent(quarter, source) and (mql == "crm" or source == "sales")]
    notes += [Note("silent", {"source": source}) for source in silent]
    notes += _chain_notes({source: cells for source, cells in plan.items() if source not in silent}, actual)
    notes += _above_one(totals)
    notes += open_.notes if open_ else ()
    found = Review(
        company=agreement.company,
        quarter=quarter,
        currency=agreement.currency,
        basis=basis,
        method=method,
        as_of=whole.as_of,
        plan=owed,
        actual=totals,
        amendments=tuple(_of_sources(each, actual) for each in amended),
        bars=bars,
        by=by,
        segment_bars=segment_bars,
        segment_plan=plan if segment_bars else {},
        segment_actual=by_segment,
        notes=tuple(notes),
        quality=data.quality,
        mql=mql,
        not_decided=open_.decided if open_ else {},
        carried=from_before,
        value=value_kept(data, agreement, quarter, basis, whole.as_of, mql) if judged else None,
    )
    if not judged:
        return found
    return replace(
        found,
        bars=withheld(bars, silent, is_unfinished=found.is_unfinished),
        segment_bars=withheld(segment_bars, silent, is_unfinished=found.is_unfinished),
    )


_METHOD: dict[Method, str] = {"shapley": "The Shapley method", "sequential": "The sequential method", "lmdi": "LMDI"}


def _not_covered(quarter: Quarter, funnel: Funnel) -> str:
    found = funnel.quarters
    if not found:
        return f"The files have nothing in {quarter}: no record in them had reached a stage by {funnel.as_of}. Load its export, or count up to a later day."
    has_gap = found[-1].ordinal - found[0].ordinal >= len(found)
    covered = ", ".join(map(str, found)) if has_gap else f"{found[0]} to {found[-1]}"
    return (
        f"The files have nothing in {quarter}; they cover {covered}. Choose one of those quarters or load its export."
    )


def _actual(funnel: Funnel, quarter: Quarter, owing: Collection[Source]) -> dict[Source, dict[str | None, Counts]]:
    """Actual counts by source. What owes nothing, as unassigned demand does, is there only where there is any of it."""
    cells = {source: funnel.counts(quarter, source) for source in SOURCES}
    return {source: counts for source, counts in cells.items() if source in owing or _any(counts)}


def _any(cells: Mapping[str | None, Counts]) -> bool:
    return any(any(getattr(c, stage) for stage in CHAIN["marketing"]) or c.revenue > 0 for c in cells.values())


def _valued(actual: Cells, plan: Cells, agreement: Agreement) -> Cells:
    """Wins at the agreed deal size, where no amount was recorded."""

    def worth(source: Source, segment: str | None, counts: Counts) -> Counts:
        cells = plan.get(source, {})
        owed = cells.get(segment) or total(cells)
        agreed = getattr(agreement, source, None)
        size = owed.revenue / owed.wins if owed.wins else agreed.deal_size if agreed else 0.0
        return replace(counts, revenue=(counts.wins or 0.0) * size)

    return {
        source: {segment: worth(source, segment, counts) for segment, counts in cells.items()}
        for source, cells in actual.items()
    }


def _without_deal_size(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """Where no amount was recorded, deal size is undefined: not as agreed."""
    return tuple(replace(bar, actual=None, undefined=True) if bar.driver == "deal_size" else bar for bar in bars)


def _segment_plan(
    agreement: Agreement, funnel: Funnel, quarter: Quarter, by: str
) -> tuple[Cells | None, Sequence[Note]]:
    """The plan by segment: as agreed, or else spread by the mix of the quarter before; None without either.

    The notes say which, and why not.
    """
    plan: dict[Source, Mapping[str | None, Counts]] = {}
    notes: list[Note] = []
    agreed = agreement.segments is not None and agreement.segments.field == by
    spread = Note("segment_plan_from_mix", {"field": by, "quarter": str(quarter.previous)})
    for source, owed in agreement.required.items():
        cells = agreement.segment_cells[source]
        if agreed and None not in cells:
            found = {segment: agreement.required_in(segment, source) for segment in cells if segment is not None}
            plan[source] = {segment: counts for segment, counts in found.items() if counts is not None}
        elif owed.revenue:
            before = funnel.counts(quarter.previous, source)
            first = chain(source, total(before))[0]
            volume = {segment: part for segment, counts in before.items() if (part := getattr(counts, first))}
            if not volume:
                return None, [Note("no_segment_plan", {"field": by, "quarter": str(quarter.previous)})]
            if set(volume) == {NOT_RECORDED}:
                return None, [Note("segment_not_at_start", {"field": by, "source": source, "stage": first})]
            everything = math.fsum(volume.values())
            plan[source] = {segment: _scaled(owed, part / everything) for segment, part in volume.items()}
            notes = [spread]
    return plan, notes


def _of_sources(amendment: Amendment, actual: Collection[Source]) -> Amendment:
    """Without the sources that owe nothing and brought nothing, as in the plan."""

    def there(side: Mapping[Source, Counts]) -> dict[Source, Counts]:
        return {source: counts for source, counts in side.items() if counts.revenue or source in actual}

    return replace(amendment, before=there(amendment.before), after=there(amendment.after))


def _amended_by_segment(
    amended: Sequence[Amendment], signed: Sequence[Signed], funnel: Funnel, quarter: Quarter, by: str
) -> tuple[Amendment, ...]:
    """The amendments with what they moved in each segment; as they are where a version has no plan by segment."""
    found = []
    for amendment, versions in zip(amended, steps(signed), strict=True):
        before, after = (_owed_by_segment(version.agreement, funnel, quarter, by) for version in versions)
        if before is not None and after is not None:
            amendment = replace(amendment, segments_before=before, segments_after=after)
        found.append(amendment)
    return tuple(found)


def _owed_by_segment(
    agreement: Agreement, funnel: Funnel, quarter: Quarter, by: str
) -> Mapping[str | None, float] | None:
    """The revenue that all sources owe in each segment; None without a plan by segment."""
    plan, _ = _segment_plan(agreement, funnel, quarter, by)
    if plan is None:
        return None
    owed: dict[str | None, float] = defaultdict(float)
    for cells in plan.values():
        for segment, counts in cells.items():
            owed[segment] += counts.revenue
    return dict(owed)


def _scaled(counts: Counts, share: float) -> Counts:
    stages = {stage: getattr(counts, stage) for stage in CHAIN["marketing"]}
    scaled = {stage: None if value is None else value * share for stage, value in stages.items()}
    return Counts(**scaled, revenue=counts.revenue * share)


def _notes(agreement: Agreement, quarter: Quarter, funnel: Funnel, choices: Choices) -> list[Note]:
    notes = list(funnel.notes)
    notes += [Note("chosen", {"choice": name, "option": option}) for name, option in choices.changed.items()]
    if quarter != agreement.fiscal_quarter:
        notes.append(Note("other_quarter", {"agreed": agreement.quarter, "quarter": str(quarter)}))
    if quarter.end - quarter.start == timedelta(weeks=14):
        notes.append(Note("fourteen_weeks", {"quarter": str(quarter)}))
    if funnel.as_of < quarter.end - timedelta(days=1):
        notes.append(Note("quarter_unfinished", {"quarter": str(quarter), "as_of": funnel.as_of.isoformat()}))
    return notes


def _chain_notes(plan: Cells, actual: Cells) -> list[Note]:
    """Which stages the bridge had to leave out, and why: of a whole source, or of some of its segments."""
    notes = []
    for source in plan:
        if not actual.get(source):
            continue
        whole = total(plan[source]), total(actual[source])
        used = chain(source, *whole)
        for place, stage in enumerate(CHAIN[source]):
            said: dict[str, object] = {"source": source, "stage": stage}
            if stage not in used:
                why = "not_recorded" if getattr(whole[1], stage) is None else "zero"
                at_start = place < CHAIN[source].index(used[0])
                notes.append(
                    Note(f"start_{why}", said | {"first": used[0]}) if at_start else Note(f"stage_{why}", said)
                )
                continue
            segments = [
                segment
                for segment in plan[source].keys() & actual[source].keys() - {None}
                if stage not in chain(source, plan[source][segment], actual[source][segment])
            ]
            if segments:
                notes.append(Note("stage_zero_in", said | {"segments": tuple(sorted(map(str, segments)))}))
    return notes


def _above_one(actual: Mapping[Source, Counts]) -> list[Note]:
    """On period basis more can pass a stage than entered it: some of it entered in an earlier quarter."""
    return [
        Note("rate_above_one", {"source": source, "driver": driver})
        for source, counts in actual.items()
        if CHAIN[source]
        for driver, value in factors(chain(source, counts), counts).items()
        if driver in RATE_DRIVERS and value > 1
    ]
