"""The frozen answers: what follows from their numbers, worked by hand."""

from dataclasses import FrozenInstanceError, replace
from datetime import date

import pytest

from alignment_core.results import Amendment, Change, Counts, KindWorth, Quality, ValueKept
from tests.support import reviewed

PLAN = {"marketing": Counts(100, 50, 20, 10, 1_000), "sales": Counts(None, 50, 20, 10, 500)}
ACTUAL = {
    "marketing": Counts(120, 48, 24, 6, 900),
    "sales": Counts(None, 60, 24, 12, 650),
    "unassigned": Counts(revenue=40),
}
REVIEW = reviewed(PLAN, ACTUAL)


def amended(number, before, after):
    return Amendment(number, before, after, (Change("revenue_target", 1, 2),))


def test_a_review_adds_up_its_sources():
    """1,000 + 500 were planned, 900 + 650 + 40 came."""
    assert (REVIEW.plan_revenue, REVIEW.actual_revenue, REVIEW.variance) == (1_500, 1_590, 90)
    assert sum(bar.effect for bar in REVIEW.bars) == pytest.approx(90)


def test_without_an_amendment_the_first_plan_is_the_one_in_force():
    assert (REVIEW.first_plan, REVIEW.first_variance) == (REVIEW.plan, REVIEW.variance)


def test_first_plan_amendments_and_bars_are_the_actual():
    """1,800 were signed first, then 1,200, then the 1,500 in force: −600, +300, and 90 over them."""
    first = {"marketing": Counts(revenue=1_800)}
    second = {"marketing": Counts(revenue=700), "sales": Counts(revenue=500)}
    found = replace(REVIEW, amendments=(amended(1, first, second), amended(2, second, PLAN)))
    assert [each.effect for each in found.amendments] == [-600, 300]
    assert (found.first_revenue, found.first_variance) == (1_800, -210)
    bars = sum(bar.effect for bar in found.bars)
    assert found.first_revenue + sum(each.effect for each in found.amendments) + bars == pytest.approx(1_590)


@pytest.mark.parametrize(
    ("as_of", "left", "unfinished"),
    [
        (date(2026, 6, 30), 92, True),
        (date(2026, 9, 23), 7, True),
        (date(2026, 9, 24), 6, False),
        (date(2026, 9, 30), 0, False),
        (date(2026, 10, 9), 0, False),
    ],
)
def test_a_quarter_is_unfinished_while_a_week_of_it_is_to_come(as_of, left, unfinished):
    """July to September 2026: 92 days, of which the 30th is the last."""
    found = replace(REVIEW, as_of=as_of)
    assert (found.days_left, found.is_unfinished) == (left, unfinished)


def test_a_side_of_which_the_files_say_nothing_is_named_once():
    bars = tuple(replace(bar, undecided="absent" if bar.source == "sales" else None) for bar in REVIEW.bars)
    assert replace(REVIEW, bars=bars).silent == ("sales",)
    assert REVIEW.silent == ()


def test_every_row_is_used_or_set_aside():
    assert Quality(100, 93).rows_set_aside == 7


DEMO, OTHER = KindWorth("Demo", 40, 200.0, True), KindWorth("Fax", 20, 50.0, False)


def test_what_came_is_worth_the_sum_of_its_kinds():
    """40 · 200 + 20 · 50 = 9,000, of 10,000 promised; 60 MQLs of 50."""
    kept = ValueKept("lead_type", 50, 10_000, (DEMO, OTHER))
    assert (DEMO.worth, kept.mqls, kept.worth) == (8_000, 60, 9_000)
    assert (kept.short_mqls, kept.short_value) == (0, 1_000)


@pytest.mark.parametrize(("promised", "short"), [(9_000.004, 0), (9_000.006, 0.006), (8_000, 0)])
def test_nobody_is_short_of_less_than_half_a_cent(promised, short):
    assert ValueKept("lead_type", 100, promised, (DEMO, OTHER)).short_value == pytest.approx(short, abs=1e-9)


def test_fewer_mqls_are_short_whatever_they_are_worth():
    assert ValueKept("lead_type", 70, 1, (DEMO, OTHER)).short_mqls == 10


def test_an_answer_does_not_change():
    with pytest.raises(FrozenInstanceError):
        REVIEW.company = "Another"
