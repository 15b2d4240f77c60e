"""The quarter's review: plan against actual, and the bridge between them."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.drivers import Cells, bridge_bars, chain, total
from alignment_core.errors import DataError
from alignment_core.funnel import Funnel
from alignment_core.quarters import Quarter
from alignment_core.results import Counts, Note, Review
from alignment_core.vocabulary import CHAIN, SOURCES, Basis, Method, Source

__all__ = ["review"]


def review(
    data: Data,
    agreement: Agreement,
    quarter: Quarter | None = None,
    *,
    basis: Basis = "period",
    method: Method = "shapley",
    by: str | None = None,
    as_of: date | None = None,
) -> Review:
    """Hold a quarter against its agreement.

    Args:
        data: the loaded tables.
        agreement: what was agreed.
        quarter: the quarter to review; default the agreement's.
        basis: `period` counts what is dated in the quarter, `cohort` follows the quarter's MQLs.
        method: how the change is shared among the drivers.
        by: a segment field to break down by.
        as_of: the day up to which events count; default the latest in the data.

    Raises:
        DataError: the data cannot support the question, with every reason.
    """
    quarter = quarter or agreement.fiscal_quarter
    whole = data.funnel(agreement, basis, None, as_of)
    if quarter not in whole.quarters:
        raise DataError(_not_covered(quarter, whole))
    notes = [*_notes(agreement, quarter, whole)]

    plan: dict[Source, dict[str | None, Counts]] = {source: {None: c} for source, c in agreement.required.items()}
    actual = _actual(whole, quarter)
    valued = _valued(actual, agreement) if not whole.has_amounts else actual
    if not whole.has_amounts:
        notes.append(Note("no_amounts"))
    plan_totals = {source: total(cells) for source, cells in plan.items()}
    actual_totals = {source: total(cells) for source, cells in valued.items()}

    if by is not None:
        funnel = data.funnel(agreement, basis, by, as_of)
        segmented = _segment_plan(agreement, funnel, quarter, by)
        if segmented is None:
            notes.append(Note("no_segment_plan", {"field": by, "quarter": str(quarter.previous)}))
        else:
            if agreement.segments is None or agreement.segments.field != by:
                notes.append(Note("segment_plan_from_mix", {"field": by, "quarter": str(quarter.previous)}))
            plan = segmented
        by_segment = _actual(funnel, quarter)
        by_segment = _valued(by_segment, agreement) if not whole.has_amounts else by_segment
        valued = by_segment if segmented is not None else valued

    try:
        bars, segment_bars = bridge_bars(plan, valued, agreement.owners, method)
    except ValueError as error:
        raise DataError(f"{_METHOD[method]} cannot be used here: {error}. Use the Shapley method.") from error
    notes += _chain_notes(plan_totals, actual_totals)
    return Review(
        company=agreement.company,
        quarter=quarter,
        currency=agreement.currency,
        basis=basis,
        method=method,
        as_of=whole.as_of,
        plan=plan_totals,
        actual=actual_totals,
        bars=bars,
        by=by,
        segment_bars=segment_bars,
        segment_plan=plan if segment_bars else {},
        segment_actual=by_segment if by is not None else {},
        notes=tuple(notes),
        quality=data.quality,
    )


_METHOD: dict[Method, str] = {"shapley": "The Shapley method", "sequential": "The sequential method", "lmdi": "LMDI"}


def _not_covered(quarter: Quarter, funnel: Funnel) -> str:
    found = funnel.quarters
    covered = f"they cover {found[0]} to {found[-1]}" if found else "they have no dated event at all"
    return f"The files have nothing in {quarter}; {covered}. Choose one of those quarters or load its export."


def _actual(funnel: Funnel, quarter: Quarter) -> dict[Source, dict[str | None, Counts]]:
    """Actual counts by source. Unassigned demand is there only where there is any."""
    cells = {source: funnel.counts(quarter, source) for source in SOURCES}
    if not any(any(getattr(c, s) for s in CHAIN["marketing"]) or c.revenue > 0 for c in cells["unassigned"].values()):
        del cells["unassigned"]
    return cells


def _valued(actual: Cells, agreement: Agreement) -> dict[Source, dict[str | None, Counts]]:
    """Wins at the agreed deal size, where no amount was recorded: deal size is undefined then, not zero."""

    def worth(source: Source, counts: Counts) -> Counts:
        agreed = getattr(agreement, source, None)
        return replace(counts, revenue=(counts.wins or 0.0) * agreed.deal_size if agreed else 0.0)

    return {source: {name: worth(source, counts) for name, counts in cells.items()} for source, cells in actual.items()}


def _segment_plan(
    agreement: Agreement, funnel: Funnel, quarter: Quarter, by: str
) -> dict[Source, dict[str | None, Counts]] | None:
    """The plan by segment: as agreed, or else spread by the mix of the quarter before; None without either."""
    if agreement.segments is not None and agreement.segments.field == by:
        return {
            source: {
                segment: counts
                for segment in cells
                if segment is not None and (counts := agreement.required_in(segment, source)) is not None
            }
            or {None: agreement.required[source]}
            for source, cells in agreement.segment_cells.items()
        }
    spread: dict[Source, dict[str | None, Counts]] = {}
    for source, owed in agreement.required.items():
        before = funnel.counts(quarter.previous, source)
        first = chain(source, total(before))[0] if before else "wins"
        volume = {segment: getattr(counts, first) or 0.0 for segment, counts in before.items()}
        everything = math.fsum(volume.values())
        if not everything:
            return None
        spread[source] = {segment: _scaled(owed, part / everything) for segment, part in volume.items() if part}
    return spread


def _scaled(counts: Counts, share: float) -> Counts:
    stages = {stage: getattr(counts, stage) for stage in CHAIN["marketing"]}
    scaled = {stage: None if value is None else value * share for stage, value in stages.items()}
    return Counts(**scaled, revenue=counts.revenue * share)


def _notes(agreement: Agreement, quarter: Quarter, funnel: Funnel) -> list[Note]:
    notes = list(funnel.notes)
    if quarter != agreement.fiscal_quarter:
        notes.append(Note("other_quarter", {"agreed": agreement.quarter, "quarter": str(quarter)}))
    if funnel.as_of < quarter.end - timedelta(days=1):
        notes.append(Note("quarter_unfinished", {"quarter": str(quarter), "as_of": funnel.as_of.isoformat()}))
    return notes


def _chain_notes(plan: Mapping[Source, Counts], actual: Mapping[Source, Counts]) -> list[Note]:
    """Which stages the bridge had to leave out, and why."""
    notes = []
    for source, counts in actual.items():
        if source not in plan:
            continue
        used = chain(source, plan[source], counts)
        for stage in CHAIN[source]:
            if stage not in used:
                code = "stage_not_recorded" if getattr(counts, stage) is None else "stage_zero"
                notes.append(Note(code, {"source": source, "stage": stage}))
    return notes
