"""A sheet of targets → its figures, to be proposed as an agreement. A plan is never counted as a result."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa

from alignment_core.imports.grid import Figure, Grid, Layout, layout_of, read_grid
from alignment_core.imports.headers import FIELDS, normalise
from alignment_core.imports.labels import COUNTS, read_label
from alignment_core.imports.model import FileMapping, Kind, PlanFigure, Question, Refusal
from alignment_core.imports.recognise import kind_by_headers, unrecognised
from alignment_core.imports.shapes import public
from alignment_core.imports.sheet import Sheet
from alignment_core.imports.values import (
    money_evidence,
    parse_money,
    parse_percent,
    percent_evidence,
    why_no_amount,
)
from alignment_core.imports.values.fiscal import quarter_in
from alignment_core.results import Fault
from alignment_core.vocabulary import RATE_DRIVER, Source

__all__ = ["NEVER_COUNTED", "plan_beside", "plan_in"]

NEVER_COUNTED = "it is a plan's, which is proposed as an agreement and never counted"
_RATES = frozenset(RATE_DRIVER.values())
_PLAN_WORD = re.compile(r"plan|target|quota|goal|budget|soll|ziel", re.IGNORECASE)
_CHOICE = ('kind = "plan"', 'kind = "funnel"')
_RECORDS = ("leads", "deals", "touches", "stage_events")


def plan_in(sheet: Sheet, mapping: FileMapping, job: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer about a sheet whose figures are a plan's; None where it is no plan.

    Args:
        sheet: a table.
        mapping: what the user decided.
        job: the file's name, and what the caller says that it holds.
    """
    kind: Kind | None = mapping.kind or job["kind"]
    if kind not in (None, "funnel", "plan") or (kind is None and kind_by_headers(sheet.headers) in _RECORDS):
        return None
    layout = layout_of(sheet)
    columns = [asdict(column) for column in unrecognised(sheet.headers)]
    if layout is None or not _has_quarters(sheet, layout):
        if kind != "plan":
            return None
        reason = "No figures of quarters were found in the plan. Write the quarters (2026-Q3) across or down, and what is planned beside them."
        return {"kind": "plan", "refused": [reason], "columns": columns}
    if kind != "plan" and not _may_be_plan(sheet, layout, job["name"]):
        return None
    try:
        grid = read_grid(sheet, layout)
        if kind != "plan":
            verdict = _verdict(grid, kind, job["name"], sheet.name)
            if isinstance(verdict, str):
                question = Question(f'{verdict} Add to the mapping, under ["{job["name"]}"], one of:', _CHOICE)
                return {"columns": columns, "question": asdict(question)}
            if not verdict:
                return None
        figures, faults = _figures(grid, sheet, mapping, job["name"])
    except Refusal as refusal:
        return {"kind": "plan", "refused": list(refusal.reasons), "columns": columns}
    aside = Fault(job["name"], None, None, None, NEVER_COUNTED, "Open it as a proposal in Agree, or on the command line: agreement --propose FILE.", len(grid.numbers))  # fmt: skip
    totals = [Fault(job["name"], each.row, None, None, each.reason, each.remedy) for each in grid.totals]
    return {
        "kind": "plan",
        "columns": columns,
        "rows_read": len(grid.numbers) + len(grid.totals),
        "rows_used": 0,
        "faults": [asdict(fault) for fault in (*([aside] if grid.numbers else []), *totals, *faults)],
        "plan": [asdict(figure) for figure in figures],
    }


def plan_beside(sheet: Sheet, mapping: FileMapping, name: str) -> list[dict[str, Any]]:
    """The targets that stand beside the results of a summary, which are not counted and can be proposed as well."""
    layout = layout_of(sheet)
    if layout is None or not _has_quarters(sheet, layout) or not _may_be_plan(sheet, layout, ""):
        return []
    try:
        grid = read_grid(sheet, layout)
        planned = tuple(figure for figure in grid.figures if figure.scenario == "plan")
        figures, _ = _figures(replace(grid, figures=planned), sheet, mapping, name)
    except Refusal:
        return []  # the summary itself says why, where it cannot be read
    return [asdict(figure) for figure in figures]


def _has_quarters(sheet: Sheet, layout: Layout) -> bool:
    known = {*FIELDS["funnel"]["quarter"], *FIELDS["funnel"]["year"]}
    return layout.across or any(
        normalise(sheet.headers[i]) in known or any(read_label(row[i]).quarter for row in sheet.samples)
        for i in layout.said
    )


def _may_be_plan(sheet: Sheet, layout: Layout, name: str) -> bool:
    """Whether anything on the sheet, or its name, speaks of a plan: only then is it read as one."""
    texts = [*sheet.headers, *(row[i] for row in sheet.samples for i in layout.words)]
    spoken = [text for text in texts if _PLAN_WORD.search(text)]
    return (
        any(read_label(text).scenario == "plan" for text in spoken)
        or _names_plan(name)
        or _names_plan(sheet.name or "")
    )


def _names_plan(name: str) -> bool:
    return bool(re.search(r"(?<![a-z])(plan|plans|target|targets|quotas?|goals?|budget)(?![a-z])", name.casefold()))


def _verdict(grid: Grid, kind: Kind | None, name: str, sheet: str | None) -> bool | str:
    """Whether a sheet is a plan by its labels; what to ask where they leave it open."""
    planned = {figure.field for figure in grid.figures if figure.scenario == "plan"}
    unsaid = {figure.field for figure in grid.figures if not figure.scenario and figure.field}
    if any(figure.scenario == "actual" for figure in grid.figures):
        return False  # results, beside which a plan may stand
    if not planned:
        if kind is not None or not unsaid:
            return False
        named = name if _names_plan(name) else sheet
        return f"The name {named!r} speaks of a plan, and the labels don't say whether the figures were planned or reached."
    counts = unsaid.intersection(COUNTS)
    if not counts:
        return True
    if counts & planned or kind is not None:
        return False
    listed = ", ".join(
        dict.fromkeys(figure.name for figure in grid.figures if figure.field in counts and not figure.scenario)
    )
    return (
        f"Some of its labels speak of a plan, others ({listed}) don't say whether the figures were planned or reached."
    )


def _figures(grid: Grid, sheet: Sheet, mapping: FileMapping, name: str) -> tuple[list[PlanFigure], list[Fault]]:
    """The figures with their values, and what is no value."""
    planned = {figure.field for figure in grid.figures if figure.scenario == "plan"}
    kept = [
        figure
        for figure in grid.figures
        if figure.scenario == "plan" or (figure.scenario is None and figure.field not in planned)
    ]
    bare = [figure.quarter for figure in kept if (quarter_in(figure.quarter) or "Q").startswith("Q")]
    if bare:
        listed = ", ".join(dict.fromkeys(filter(None, bare))) or "of its figures"
        raise Refusal(f"The quarters {listed} have no year. Write them as 2026-Q1, or add a column Year.")
    rates = [figure for figure in kept if figure.field in _RATES]
    amounts = [figure for figure in kept if figure.field not in _RATES]
    values: dict[Figure, float | None] = {}
    faults = []
    texts = _column(rates)
    unit = percent_evidence(texts).unit if rates else None
    values |= zip(rates, parse_percent(texts, unit).values.to_pylist(), strict=True) if rates else ()
    texts = _column(amounts)
    # 300,000 alone could have decimals; a proposal may take it for what it mostly is, for somebody will look at it.
    decimal = mapping.decimal or (money_evidence(texts).decimal if amounts else None) or _thousands(amounts)
    if amounts:
        found = parse_money(texts, decimal).values.to_pylist()
        values |= zip(amounts, (None if value is None else float(value) for value in found), strict=True)
    figures = []
    for figure in kept:
        value, row = values[figure], grid.numbers[figure.place]
        if value is None:
            is_rate = figure.field in _RATES and any(letter.isdigit() for letter in figure.text)
            why = "may be percent or a share of 1" if is_rate else why_no_amount(figure.text, decimal) or "is no figure"
            reason = f"{why}; the plan is read without it"
            faults.append(Fault(name, row, sheet.headers[figure.column], public(figure.text) or None, reason, "Write it as 1234.50, or as 45%.", 0, sets_aside=False))  # fmt: skip
            continue
        # Somebody's part is still one: without a name of its own it would be taken for the whole.
        segment = " · ".join(public(label) or f"row {row}" for label in figure.labels if label)
        source: Source | None = "marketing" if figure.source == "Marketing" else "sales" if figure.source else None
        figures.append(
            PlanFigure(
                str(quarter_in(figure.quarter)),
                source,
                "" if figure.is_total else segment,
                figure.field,
                public(figure.name) or sheet.headers[figure.column][:80],
                value,
                figure.text[:40],
                row,
                sheet.headers[figure.column][:80],
                figure.currency,
            )
        )
    if not figures:
        raise Refusal("The plan holds no figures. Fill them in, and load the file again.")
    return figures, faults


def _column(figures: Sequence[Figure]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([figure.text for figure in figures], pa.string())])


def _thousands(figures: Sequence[Figure]) -> Any:
    """The decimal sign where every amount reads like 300,000 or 300.000: the other one."""
    return "," if any(re.search(r"\d\.\d{3}(?!\d)", figure.text) for figure in figures) else "."
