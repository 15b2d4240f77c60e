"""What solving takes: from round numbers to exact ones, never one more owed, and what gave way in a sentence."""

from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from alignment_core.solve_steps import (
    SolveError,
    a,
    by_rate,
    by_target,
    changed,
    first_that_meets,
    gave_way,
    given,
    owing,
    rounded,
    values_of,
)
from tests.support import CONTRACT, agreed


def test_a_target_is_tried_in_whole_units_first_and_rounded_down():
    """1,660,500 × 2/3 = 1,107,000; × 1/7 = 237,214.2857…"""
    targets = [each.revenue_target for each in by_target(agreed(), "marketing", "revenue_target", Fraction(2, 3))]
    assert targets == [1_107_000] * 4
    targets = [each.revenue_target for each in by_target(agreed(), "marketing", "revenue_target", Fraction(1, 7))]
    assert targets == [237_214, 237_214.28, 237_214.2857, 237_214.285714]


def test_a_split_takes_from_the_other_side_what_it_gives():
    splits = [each.split for each in islice(by_target(agreed(), "sales", "split", Fraction(2, 3)), 2)]
    assert [(each.sales, each.marketing) for each in splits] == [(0.33, 0.67), (0.333, 0.667)]
    with pytest.raises(
        SolveError, match="That would be 150% of the target, more than all of it, with nothing left for sales"
    ):
        next(by_target(agreed(), "marketing", "split", Fraction(3)))


def test_a_rate_is_rounded_up_in_every_segment_alike():
    """Twice as many owed: half the rate. 45% → 22.5%, in EMEA 30% → 15%; with two decimals 23% and 15%."""
    agreement = agreed(
        segments={"field": "region", "marketing": {"EMEA": {"share": 0.5, "close_rate": 0.3}, "APAC": {"share": 0.5}}}
    )
    first, second = islice(by_rate(agreement, "marketing", "close_rate", Fraction(2)), 2)
    assert (first.marketing.close_rate, first.segments.marketing["EMEA"].close_rate) == (0.23, 0.15)
    assert (second.marketing.close_rate, second.segments.marketing["APAC"].close_rate) == (0.225, None)
    assert values_of(second, "marketing", "close_rate") == {"EMEA": Fraction(15, 100), "APAC": Fraction(225, 1000)}
    assert values_of(agreed(), "sales", "close_rate") == {None: Fraction(45, 100)}


def test_what_nothing_is_owed_by_stays_as_it_is():
    """Each segment that owes has a rate of its own: twice that would be more than 100% of marketing's, and of LATAM's."""
    segments = {
        "EMEA": {"share": 0.5, "close_rate": 0.3},
        "APAC": {"share": 0.5, "close_rate": 0.4},
        "LATAM": {"share": 0, "close_rate": 0.9},
        "ANZ": {"share": 0},
    }
    plan = {**CONTRACT["marketing"], "close_rate": 0.9}
    agreement = agreed(marketing=plan, segments={"field": "region", "marketing": segments})
    found = next(by_rate(agreement, "marketing", "close_rate", Fraction(1, 2)))
    assert found.marketing == agreement.marketing
    rates = {name: part.close_rate for name, part in found.segments.marketing.items()}
    assert rates == {"EMEA": 0.6, "APAC": 0.8, "LATAM": 0.9, "ANZ": None}
    assert owing(agreement, "marketing") == ["EMEA", "APAC"]
    assert owing(agreement, "sales") == [None]


def test_the_first_that_meets_is_taken_and_where_none_does_it_is_said():
    candidates = [agreed(revenue_target=target) for target in (1_000, 2_000, 3_000)]
    found = first_that_meets(iter(candidates), lambda each: each.revenue_target > 1_500, "2,000 wins")
    assert found.revenue_target == 2_000
    with pytest.raises(SolveError, match=r"No number is exact enough for 2,000 wins\."):
        first_that_meets(iter(candidates), lambda each: False, "2,000 wins")
    with pytest.raises(SolveError, match="That cannot be agreed: revenue_target: "):
        first_that_meets((changed(agreed(), {"revenue_target": each}) for each in (-1.0,)), lambda each: True, "it")


def test_what_was_worked_out_is_not_told_how_to_be_written():
    plan = {**CONTRACT["marketing"], "close_rate": 1.32}
    with pytest.raises(SolveError) as error:
        first_that_meets((changed(agreed(), {"marketing": each}) for each in (plan,)), lambda each: True, "it")
    assert str(error.value) == "That cannot be agreed: marketing.close_rate: 1.32 must be at most 1."


@drawn(st.fractions(-1_000, 1_000), st.integers(0, 6))
def test_the_nearer_of_two_numbers_around_a_value_comes_first(value, digits):
    first, second = rounded(value, digits)
    assert min(first, second) <= value <= max(first, second)
    assert abs(first - value) <= abs(second - value)
    assert abs(first - second) in (0, Fraction(1, 10**digits))


def test_what_gave_way_is_said_of_whom_with_the_decimals_that_it_has():
    before = agreed(segments={"field": "region", "marketing": {name: {"share": 0.2} for name in "ABCDE"}})
    assert gave_way(before, before) == ""
    after = changed(before, {"revenue_target": 2_000_000.5, "split": {"marketing": 0.625, "sales": 0.375}})
    assert gave_way(before, after) == (
        "What gave way: revenue target 1,660,500 → 2,000,000.50; marketing's share of the target 50% → 62.5%."
    )
    plan = before.model_dump() | {"marketing": before.marketing.model_dump() | {"close_rate": 0.475}}
    assert gave_way(before, changed(before, plan)) == "What gave way: marketing-sourced close rate 45% → 47.5%."
    shares = {name: {"share": share} for name, share in zip("ABCDE", (0.31, 0.1, 0.24, 0.18, 0.17), strict=True)}
    moved = changed(before, {"segments": {"field": "region", "marketing": shares}})
    assert gave_way(before, moved) == (
        "What gave way: share of A 20% → 31%; share of B 20% → 10%; share of C 20% → 24%; share of E 20% → 17%; "
        "the shares of 1 more in proportion."
    )


def test_names_stand_in_sentences_with_their_article():
    names = ("mql_to_sql", "close_rate", "revenue_target", "share")
    assert [a(given(name)) for name in names] == [
        "an MQL → SQL conversion",
        "a close rate",
        "a revenue target",
        "a share",
    ]
