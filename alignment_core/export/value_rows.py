"""The promise in value in the workbook: what MQLs of each kind are worth, under the plan and the actual counts."""

from alignment_core.export.plan_and_actual import PlanAndActual
from alignment_core.export.sheets import MONEY, SIGNED, Book, Cell, Page, count_format
from alignment_core.results import Review, ValueKept
from alignment_core.value_words import value_words

__all__ = ["write_value"]

#: More than what floating point loses in the chain, less than what anybody could mean: 164 stays 164.
_SLACK = "1E-12"


def write_value(book: Book, page: Page, review: Review, totals: PlanAndActual) -> None:
    """Write it below what is on the sheet already; nothing where the agreement promises no value.

    The amounts are inputs; what they come to are formulas over them, beside the plan's own cells.
    """
    kept = review.value
    if kept is None:
        return
    row = page.sheet.dim_rowmax + 3
    page.heading(row, "The promise in value")
    for sentence in value_words(review):
        row += 1
        page.wide(row, 0, len(page.widths) - 1, sentence)
    if not kept.untold:
        _table(book, page, row + 1, review, kept, totals)


def _table(book: Book, page: Page, row: int, review: Review, kept: ValueKept, totals: PlanAndActual) -> None:
    """A row a kind, what they come to, what was promised and how far that is."""
    name = kept.field.replace("_", " ").capitalize()
    page.header(row, (name, "MQLs", f"Counts for, {review.currency}", f"Worth, {review.currency}"))
    counted: list[Cell] = []
    worth: list[Cell] = []
    for each in kept.kinds:
        row += 1
        page.text(row, 0, each.kind if each.is_listed else f"{each.kind} (as any other)", text_wrap=True)
        mqls = page.input(row, 1, each.mqls, count_format(each.mqls))
        amount = page.input(row, 2, each.per_mql, MONEY if float(each.per_mql).is_integer() else "#,##0.00")
        counted.append(mqls)
        worth.append(page.formula(row, 3, f"{mqls.here}*{amount.here}", each.worth, MONEY))
    row += 1
    look = {"bold": True, "top": 1}
    for column, text in enumerate(("Delivered", "", "", "")):
        page.text(row, column, text, **look)
    if not counted:
        counted, worth = [page.input(row, 1, 0, MONEY, **look)], [page.input(row, 3, 0, MONEY, **look)]
        came = counted[0], worth[0]
    else:
        came = page.total(row, 1, counted, count_format(kept.mqls), **look), page.total(row, 3, worth, MONEY, **look)
    plan, actual = totals.sources["marketing"].plan, totals.sources["marketing"].actual
    row += 1
    page.text(row, 0, "Promised")
    promised = page.formula(row, 3, plan["revenue"].here, kept.promised, MONEY)
    if "mqls" in plan:
        owed = page.formula(row, 1, f"ROUNDUP({plan['mqls'].here}*(1-{_SLACK}),0)", kept.promised_mqls, MONEY)
        page.formula(row + 1, 1, f"{came[0].here}-{owed.here}", kept.mqls - kept.promised_mqls, SIGNED)
    page.text(row + 1, 0, "Difference")
    page.formula(row + 1, 3, f"{came[1].here}-{promised.here}", kept.worth - kept.promised, SIGNED)
    if "mqls" in actual:
        book.check("Value: the MQLs of all kinds are marketing's MQLs", came[0], actual["mqls"])
