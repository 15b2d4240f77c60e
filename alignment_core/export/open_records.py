"""What is not decided yet, or what came from other quarters, in the workbook: under the plan and the actual counts."""

from collections.abc import Sequence

from alignment_core.export.plan_and_actual import PlanAndActual
from alignment_core.export.sheets import MONEY, Cell, Page
from alignment_core.results import Review
from alignment_core.timing_words import carried_rows, carried_words, horizon_words, not_decided_words, open_rows
from alignment_core.vocabulary import Source, Stage
from alignment_core.wording import SOURCE, STAGE, in_sentence, period

__all__ = ["write_timing"]

_TENTHS = "#,##0.0"


def write_timing(page: Page, review: Review, totals: PlanAndActual) -> None:
    """Write it below what is on the sheet already; nothing where the review knows nothing of it."""
    row = page.sheet.dim_rowmax + 3
    if review.not_decided:
        _open(page, row, review, totals)
    elif review.carried:
        _carried(page, row, review, totals)


def _open(page: Page, row: int, review: Review, totals: PlanAndActual) -> None:
    page.heading(row, "What is not decided yet")
    row = _told(page, row + 1, (*not_decided_words(review), *horizon_words(review)))
    page.header(
        row, ("Stage", "Still open", "Counted so far", "Further", "Least (9 of 10)", "Most (9 of 10)", "In the end")
    )
    for source, decided in review.not_decided.items():
        for line in open_rows(review.actual[source], decided):
            row += 1
            number = MONEY if line.stage is None else _TENTHS
            page.text(row, 0, _name(source, line.stage, review.currency))
            if line.open is not None:
                page.input(row, 1, line.open, "#,##0")
            counted = _counted(page, row, 2, source, line.stage, line.counted, totals)
            for column, value in ((3, line.further), (4, line.low), (5, line.high)):
                if value is None:
                    page.text(row, column, "–", align="right")
                else:
                    page.input(row, column, value, number if column == 3 else MONEY)
            if counted is not None and line.further is not None:
                further = Cell(page.name, row, 3, line.further)
                end = counted.number + line.further
                page.formula(row, 6, f"{counted.here}+{further.here}", end, number)


def _carried(page: Page, row: int, review: Review, totals: PlanAndActual) -> None:
    page.heading(row, "What came from other quarters, and what goes to them")
    row = _told(page, row + 1, carried_words(review))
    names = (f"Counted in {period(review.quarter)}", "Began earlier", "Began in the quarter", "Open at its end")
    page.header(row, ("Stage", *names))
    for source, each in review.carried.items():
        for line in carried_rows(review.actual[source], each):
            row += 1
            page.text(row, 0, _name(source, line.stage, review.currency))
            counted = _counted(page, row, 1, source, line.stage, line.counted, totals)
            if line.carried_in is not None:
                early = page.input(row, 2, line.carried_in, MONEY)
                if counted is not None:
                    rest = counted.number - line.carried_in
                    page.formula(row, 3, f"{counted.here}-{early.here}", rest, MONEY)
            if line.carried_out is not None:
                page.input(row, 4, line.carried_out, "#,##0")


def _told(page: Page, row: int, sentences: Sequence[str]) -> int:
    for sentence in sentences:
        page.wide(row, 0, len(page.widths) - 1, sentence)
        row += 1
    return row


def _name(source: Source, stage: Stage | None, currency: str) -> str:
    return f"{SOURCE[source]} {in_sentence(STAGE[stage]) if stage else f'revenue, {currency}'}"


def _counted(
    page: Page, row: int, column: int, source: Source, stage: Stage | None, value: float | None, totals: PlanAndActual
) -> Cell | None:
    """What is counted: a formula on the cell above where there is one, so that typing there moves it."""
    if value is None:
        return None
    cells = totals.sources.get(source)
    above = cells.actual.get(stage or "revenue") if cells else None
    return page.formula(row, column, above.here, value, MONEY) if above else page.input(row, column, value, MONEY)
