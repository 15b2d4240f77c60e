"""The sheet "Scenario": values to type into, what they would bring, and the bridge from the plan to them as formulas."""

from collections.abc import Mapping, Sequence

from alignment_core.agreement import Agreement
from alignment_core.export.driver_rows import DriverCells, difference, driver_format, in_order_formula
from alignment_core.export.plan_and_actual import PlanAndActual
from alignment_core.export.sheets import MONEY, RATE, SIGNED, Book, Cell, Page
from alignment_core.results import Bar, Review
from alignment_core.scenarios import Lever, Scenario, play
from alignment_core.vocabulary import VOLUME_STAGE, Driver, Source
from alignment_core.wording import DRIVER, SOURCE, STAGE

__all__ = ["write_scenario"]

#: More than what floating point loses in such a product, less than what anybody could mean: 164 stays 164.
_SLACK = "1E-14"


def write_scenario(
    book: Book,
    page: Page,
    review: Review,
    agreement: Agreement,
    scenario: Scenario | None,
    in_order: Sequence[Bar],
    base: PlanAndActual,
) -> None:
    """Write the sheet; without a scenario it stands at the plan, to be typed into.

    Args:
        in_order: the bridge of the sources' totals; its drivers are the levers.
        base: the cells of the plan and the actual values.
    """
    given = [Lever(bar.source, bar.driver, bar.plan, bar.actual, None) for bar in in_order]
    values = (
        {f"{bar.source}.{bar.driver}": bar.actual for bar in scenario.bars if bar.actual is not None}
        if scenario
        else {}
    )
    agreed = agreement.split.marketing
    split = scenario.split if scenario else agreed
    played = play(
        given,
        values,
        target=agreement.revenue_target,
        plan_split=agreed,
        split=split,
        owners=agreement.owners,
        method="sequential",
    )
    page.title(
        "Scenario",
        ("The scenario as it was set when this workbook was made." if scenario else "It stands at the plan.")
        + f" Type into the blue cells: everything else follows. Amounts in {review.currency}.",
    )
    page.header(3, ("What both sides agreed", "Agreed", "Scenario"))
    page.text(4, 0, f"Revenue target, {review.currency}")
    target = page.link(4, 1, base.target, MONEY)
    shares: dict[Source, tuple[Cell, Cell]] = {}
    page.text(5, 0, "Marketing's share of it")
    shares["marketing"] = page.link(5, 1, base.split, RATE), page.input(5, 2, split, RATE)
    page.sheet.data_validation(
        5, 2, 5, 2,
        {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1, "error_title": "Marketing's share", "error_message": "A share lies between 0% and 100%."},
    )  # fmt: skip
    page.text(6, 0, "Sales' share of it")
    one, other = shares["marketing"]
    shares["sales"] = (
        page.formula(6, 1, f"1-{one.here}", 1 - agreed, RATE),
        page.formula(6, 2, f"1-{other.here}", 1 - split, RATE),
    )

    page.header(8, ("What it would bring", "Plan", "Scenario", "Variance"))
    outcome, row = 9, 9 + len(base.sources) + 2
    revenue: dict[Source, tuple[Cell, Cell]] = {}
    for source, cells in base.sources.items():
        bars = [bar for bar in played.bars if bar.source == source]
        owed = played.required.get(source)
        revenue[source], row = _source(
            book, page, row, source, bars, cells.drivers, shares.get(source), target, owed, scenario
        )
    for place, (source, (plan, brought)) in enumerate(revenue.items()):
        page.text(outcome + place, 0, SOURCE[source])
        _outcome(page, outcome + place, (plan.here, plan.number), (brought.here, brought.number))
    last = outcome + len(revenue)
    page.text(last, 0, f"Revenue, {review.currency}", bold=True, top=1)
    sides = [
        ("+".join(pair[side].here for pair in revenue.values()), sum(pair[side].number for pair in revenue.values()))
        for side in (0, 1)
    ]
    _outcome(page, last, sides[0], sides[1], bold=True, top=1)


def _source(
    book: Book, page: Page, row: int, source: Source, bars: Sequence[Bar], known: Mapping[Driver, DriverCells],
    share: tuple[Cell, Cell] | None, target: Cell, owed: int | None, scenario: Scenario | None,
) -> tuple[tuple[Cell, Cell], int]:  # fmt: skip
    """One source's levers. Returns its revenue as planned and in the scenario, and the next free row."""
    page.heading(row, SOURCE[source])
    page.header(row + 1, ("Lever", "Agreed", "Actual", "Plan at this split", "Scenario", "Effect in funnel order"))
    top = row + 2
    plan, chosen, effects = [], [], []
    for place, bar in enumerate(bars):
        row = top + place
        page.text(row, 0, DRIVER[bar.driver])
        linked = known[bar.driver].plan, known[bar.driver].actual
        agreed, actual = (
            page.link(row, column, cell, driver_format(bar.driver, cell.number))
            for column, cell in enumerate(linked, 1)
        )
        start = f"IF(ISNUMBER({agreed.here}),{agreed.here},IF(ISNUMBER({actual.here}),{actual.here},0))"
        if share and not place:
            worth = f"PRODUCT({_below(page, top, len(bars), 3)})"
            anew = f"IF({worth}<=0,0,{target.here}*{share[1].here}/{worth})"
            start = f"IF({share[1].here}={share[0].here},{start},{anew})"
        plan.append(page.formula(row, 3, start, bar.plan or 0.0, driver_format(bar.driver, bar.plan)))
        chosen.append(page.input(row, 4, bar.actual or 0.0, driver_format(bar.driver, bar.actual)))
    for place, bar in enumerate(bars):
        formula = in_order_formula(place, difference(plan[place], chosen[place]), plan, chosen)
        effects.append(page.formula(top + place, 5, formula, bar.effect, SIGNED))

    row = top + len(bars)
    page.text(row, 0, "Revenue, and the sum of the effects", bold=True, top=1)
    for column in (1, 2):
        page.text(row, column, "", top=1)
    look = {"bold": True, "top": 1}
    revenue = [
        page.formula(row, column, f"PRODUCT({cells[0].here}:{cells[-1].here})", _product(cells), MONEY, **look)
        for column, cells in ((3, plan), (4, chosen))
    ]
    summed = page.total(row, 5, effects, SIGNED, **look)
    page.text(row + 1, 0, "Scenario − plan")
    moved = page.formula(
        row + 1, 5, f"{revenue[1].here}-{revenue[0].here}", revenue[1].number - revenue[0].number, SIGNED
    )
    book.check(f"Scenario, {SOURCE[source].lower()}: the effects add up to scenario − plan", summed, moved)
    row += 2
    if share:
        first = STAGE[VOLUME_STAGE[bars[0].driver]]
        page.text(row, 0, f"{first} {source} owes for its share of the target")
        worth = f"PRODUCT({_below(page, top, len(bars), 4)})"
        formula = f'IF({worth}<=0,"not possible",ROUNDUP({target.here}*{share[1].here}/{worth}*(1-{_SLACK}),0))'
        page.formula(row, 4, formula, "not possible" if owed is None else owed, MONEY, bold=True)
        row += 1
    return (revenue[0], revenue[1]), row + 1


def _below(page: Page, top: int, levers: int, column: int) -> str:
    """The levers under the first one: the rates and the deal size."""
    first, last = (Cell(page.name, row, column, "").here for row in (top + 1, top + levers - 1))
    return f"{first}:{last}"


def _outcome(page: Page, row: int, plan: tuple[str, float], brought: tuple[str, float], **look: object) -> None:
    one = page.formula(row, 1, plan[0], plan[1], MONEY, **look)
    other = page.formula(row, 2, brought[0], brought[1], MONEY, **look)
    page.formula(row, 3, f"{other.here}-{one.here}", other.number - one.number, SIGNED, **look)


def _product(cells: Sequence[Cell]) -> float:
    product = 1.0
    for cell in cells:
        product *= cell.number
    return product
