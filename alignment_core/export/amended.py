"""The amendments in the workbook: what each side owed under each version, and the sentences about what changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from alignment_core.amendment_words import amendment_name, explain_amendment
from alignment_core.export.plan_and_actual import PlanAndActual
from alignment_core.export.sheets import MONEY, SIGNED, Book, Cell, Page, rows_needed
from alignment_core.results import Amendment, Review
from alignment_core.vocabulary import SOURCES
from alignment_core.wording import SOURCE

__all__ = ["AmendedPlan", "tell_amendments", "write_amended_segments", "write_amendments"]


@dataclass(frozen=True)
class AmendedPlan:
    """What was written: the plan that was first signed, what each amendment did to it, and actual minus first plan."""

    first: Cell
    effects: tuple[Cell, ...]
    variance: Cell


def write_amendments(book: Book, page: Page, row: int, review: Review, totals: PlanAndActual) -> AmendedPlan:
    """The versions of the plan, one row each, under what is on the sheet already.

    What was owed before is an input; what is owed now is the plan above, so that typing there moves the last amendment.
    """
    sources = [source for source in SOURCES if any(source in side for side in _sides(review))]
    page.heading(row, "From the plan that was first signed to the plan in force")
    page.header(row + 1, ("Version", *(SOURCE[source] for source in sources), "Both", "Effect on the plan"))
    row += 2
    owed: list[Cell] = []
    effects: list[Cell] = []
    for place, side in enumerate(_sides(review)):
        name = (
            "First signed"
            if not place
            else f"After {amendment_name(review.amendments[place - 1], len(review.amendments)).lower()}"
        )
        page.text(row, 0, name)
        cells = []
        for column, source in enumerate(sources, 1):
            written = totals.sources.get(source)
            if place == len(review.amendments) and written is not None and "revenue" in written.plan:
                cells.append(page.formula(row, column, written.plan["revenue"].here, side.get(source, 0.0), MONEY))
            else:
                cells.append(page.input(row, column, side.get(source, 0.0), MONEY))
        owed.append(page.total(row, len(sources) + 1, cells, MONEY, bold=True))
        if place:
            moved = owed[-1].number - owed[-2].number
            effects.append(page.formula(row, len(sources) + 2, f"{owed[-1].here}-{owed[-2].here}", moved, SIGNED))
        row += 1
    page.text(row, 0, "Actual, and its variance from what was first signed", bold=True, top=1, text_wrap=True)
    page.height(row, rows_needed("Actual, and its variance from what was first signed", page.widths[0]))
    for column in range(1, len(sources) + 1):
        page.text(row, column, "", top=1)
    actual = page.formula(row, len(sources) + 1, totals.actual.here, totals.actual.number, MONEY, bold=True, top=1)
    variance = page.formula(
        row,
        len(sources) + 2,
        f"{actual.here}-{owed[0].here}",
        actual.number - owed[0].number,
        SIGNED,
        bold=True,
        top=1,
    )
    book.check("Amendments: the last version is the plan in force", owed[-1], totals.plan)
    return AmendedPlan(owed[0], tuple(effects), variance)


def _sides(review: Review) -> list[Mapping[str, float]]:
    """The revenue that each source owed under each version, oldest first."""
    versions = [review.amendments[0].before, *(each.after for each in review.amendments)]
    return [{source: counts.revenue for source, counts in version.items()} for version in versions]


def tell_amendments(page: Page, row: int, review: Review) -> int:
    """What the amendments changed, in sentences. Returns the next free row."""
    page.heading(row, "What was amended")
    for amendment in review.amendments:
        for sentence in explain_amendment(review, amendment):
            row += 1
            page.wide(row, 0, len(page.widths) - 1, sentence)
    return row + 1


def write_amended_segments(
    book: Book, page: Page, review: Review, amendment: Amendment, field: str, effect: Cell
) -> None:
    """What an amendment moved in each segment, under what is on the sheet already.

    Args:
        effect: what it did to the whole plan, which the segments must add up to.
    """
    segments = dict.fromkeys([*amendment.segments_before, *amendment.segments_after])
    name = amendment_name(amendment, len(review.amendments))
    row = page.sheet.dim_rowmax + 3
    page.heading(row, f"{name} by {field}, {review.currency}")
    page.header(row + 1, ("", field.capitalize(), "", "Owed before", "Owed after", "Effect"), text_columns=3)
    row += 2
    effects = []
    for segment in segments:
        label = "(not split)" if segment is None else segment or "(empty)"
        page.text(row, 1, label, text_wrap=True)
        page.height(row, rows_needed(label, page.widths[1]))
        before = page.input(row, 3, amendment.segments_before.get(segment, 0.0), MONEY)
        after = page.input(row, 4, amendment.segments_after.get(segment, 0.0), MONEY)
        effects.append(page.formula(row, 5, f"{after.here}-{before.here}", after.number - before.number, SIGNED))
        row += 1
    for column in range(5):
        page.text(row, column, "" if column != 1 else "All", bold=True, top=1)
    added = page.total(row, 5, effects, SIGNED, bold=True, top=1)
    book.check(f"{name}: the effects by {field} add up to the whole", added, effect)
