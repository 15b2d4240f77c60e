"""The sheet "Scenario": levers to type into, what they would bring, and what each side would owe, as live formulas."""

import pytest

from alignment_core.export.plan_and_actual import write_plan_and_actual
from alignment_core.export.what_if import write_scenario
from alignment_core.scenarios import levers, play
from tests.export.pages import a_book, funnel_order, read
from tests.export.test_plan_and_actual import AGREED, REVIEW

AGREED_SHARE = 0.5


def scenario(split=AGREED_SHARE, **moved):
    return play(
        levers(REVIEW), {name.replace("__", "."): value for name, value in moved.items()}, target=2_000,
        plan_split=AGREED_SHARE, split=split, owners=AGREED.owners, method="sequential",
    )  # fmt: skip


def sheet(played=None):
    """The sheet, and the checks that it promises."""
    book = a_book()
    base = write_plan_and_actual(book, book.page("Plan and Actual", [30] * 8), REVIEW, AGREED, funnel_order(REVIEW))
    before = len(book.checks)
    write_scenario(book, book.page("Scenario", [30] * 6), REVIEW, AGREED, played, funnel_order(REVIEW), base)
    checks = book.checks[before:]
    return read(book)["Scenario"], checks


def below(page, source, label):
    """What stands behind a lever, under its source's heading."""
    return page.shown(label, start=page.row(source, start=page.row("Revenue, USD")))


def test_without_a_scenario_it_stands_at_the_plan():
    page, checks = sheet()
    assert page.shown("Marketing-sourced") == [1_000, 1_000, 0]
    assert page.shown("Revenue, USD") == [2_000, 2_000, 0]
    assert below(page, "Marketing-sourced", "Close rate") == [0.5, 0.25, 0.5, 0.5, 0]
    assert below(page, "Marketing-sourced", "MQLs marketing owes for its share of the target")[-1] == 100
    assert all(check.holds for check in checks)


def test_a_moved_lever_has_its_effect_and_changes_what_is_owed():
    """At a close rate of 40% the 1,000 become 800, and 1,000 ÷ 100 ÷ 40% ÷ 40% ÷ 50% = 125 MQLs are owed."""
    page, checks = sheet(scenario(marketing__close_rate=0.4))
    assert page.shown("Marketing-sourced") == pytest.approx([1_000, 800, -200])
    assert below(page, "Marketing-sourced", "Close rate") == pytest.approx([0.5, 0.25, 0.5, 0.4, -200])
    assert below(page, "Marketing-sourced", "MQLs marketing owes for its share of the target")[-1] == 125
    assert [(round(check.one.number), round(check.other.number)) for check in checks] == [(-200, -200), (0, 0)]


def test_another_split_plans_anew_for_each_side():
    """60% of 2,000 are 1,200: 120 MQLs at the agreed rates; sales' 800 are 40 SQLs."""
    page, _ = sheet(scenario(split=0.6))
    assert page.shown("Sales' share of it") == pytest.approx([0.5, 0.4])
    assert below(page, "Marketing-sourced", "MQL volume")[2] == pytest.approx(120)
    assert below(page, "Sales-sourced", "SQL volume")[2] == pytest.approx(40)
    assert page.shown("Revenue, USD")[0] == pytest.approx(2_000)


def test_a_rate_of_zero_makes_the_target_impossible():
    page, _ = sheet(scenario(marketing__close_rate=0))
    assert below(page, "Marketing-sourced", "MQLs marketing owes for its share of the target")[-1] == "not possible"


def test_what_is_typed_into_is_a_number_and_what_follows_a_formula():
    page, _ = sheet()
    row = page.row("Close rate")
    of_row = [page.formulas.cell(row, column).value for column in range(2, 7)]
    assert of_row[3] == 0.5
    assert [str(value)[0] for place, value in enumerate(of_row) if place != 3] == ["="] * 4
    assert of_row[4] == (
        f"=PRODUCT(E{row - 3}:E{row - 1})*IF(ABS(E{row}-D{row})<=4E-15*ABS(D{row}),0,E{row}-D{row})*PRODUCT(D{row + 1}:D{row + 1})"
    )
    owed = page.row("MQLs marketing owes for its share of the target")
    top = page.row("MQL → SQL")
    assert page.formulas.cell(owed, 5).value == (
        f'=IF(PRODUCT(E{top}:E{top + 3})<=0,"not possible",ROUNDUP(B5*C6/PRODUCT(E{top}:E{top + 3})*(1-1E-14),0))'
    )


def test_a_share_is_typed_between_nothing_and_all():
    page, _ = sheet()
    (rule,) = page.formulas.data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1, rule.formula2) == ("C6", "0", "1")
