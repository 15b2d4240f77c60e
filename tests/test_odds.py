"""The odds of marketing's target: exact binomials, against an oracle in rational arithmetic."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.odds import CHANCES, as_json, odds

SALES = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}
DESIGN = {
    "company": "Northwind",
    "quarter": "2026-Q3",
    "revenue_target": 1_660_500,
    "split": {"marketing": 0.5, "sales": 0.5},
    "marketing": {"mql_to_sql": 0.75, **SALES},
    "sales": SALES,
}


def at_least(wins: int, mqls: int, rate: Fraction) -> Fraction:
    """P(X >= wins), X ~ Binomial(mqls, rate), summed term by term in rational numbers."""
    return 1 - sum((comb(mqls, k) * rate**k * (1 - rate) ** (mqls - k) for k in range(wins)), Fraction(0))


def agreed(**changes: object) -> Agreement:
    return Agreement.checked(DESIGN | changes)


def test_the_design_example() -> None:
    """164 MQLs at 75/50/45 bring 28 or more wins with probability 0.505; 180, 189 and 204 bring them at 70, 80 and 90%."""
    found = odds(agreed())
    assert found is not None
    assert found.wins_needed == 28
    assert found.probability == pytest.approx(0.505, abs=0.0005)
    assert found.mqls_for == {0.7: 180, 0.8: 189, 0.9: 204}


def test_the_design_example_against_exact_arithmetic() -> None:
    found = odds(agreed())
    assert found is not None
    rate = Fraction(75 * 50 * 45, 100**3)
    assert found.probability == pytest.approx(float(at_least(28, 164, rate)), abs=1e-12)
    for chance, mqls in found.mqls_for.items():
        assert at_least(28, mqls - 1, rate) < Fraction(str(chance)) <= at_least(28, mqls, rate)


percents = st.integers(1, 100)


@settings(max_examples=60, deadline=None)
@given(percents, percents, percents, st.integers(1, 40), st.integers(0, 99))
def test_any_agreement_against_exact_arithmetic(one: int, two: int, three: int, wins: int, more: int) -> None:
    rate = Fraction(one * two * three, 100**3)
    if wins / rate > 1500:  # the oracle sums every term
        return
    rates = {"mql_to_sql": one / 100, "sql_to_opportunity": two / 100, "close_rate": three / 100}
    found = odds(
        agreed(
            revenue_target=wins * 1000 + more * 10,
            split={"marketing": 1, "sales": 0},
            marketing=rates | {"deal_size": 1000},
        )
    )
    assert found is not None
    assert found.wins_needed == wins + (more > 0)
    required = -(-(Fraction(wins * 1000 + more * 10, 1000) / rate) // 1)
    assert found.probability == pytest.approx(float(at_least(found.wins_needed, int(required), rate)), abs=1e-9)
    for chance, mqls in found.mqls_for.items():
        assert float(at_least(found.wins_needed, mqls, rate)) >= chance - 1e-9
        assert mqls == found.wins_needed or float(at_least(found.wins_needed, mqls - 1, rate)) < chance + 1e-9


def test_a_certain_chain_needs_no_spare_mqls() -> None:
    """Where every rate is 1, as many MQLs as wins are needed are certain."""
    found = odds(agreed(marketing={"mql_to_sql": 1, "sql_to_opportunity": 1, "close_rate": 1, "deal_size": 30_000}))
    assert found is not None
    assert (found.probability, found.mqls_for) == (1.0, dict.fromkeys(CHANCES, 28))


def test_marketing_that_owes_nothing_has_no_odds() -> None:
    assert odds(agreed(split={"marketing": 0, "sales": 1})) is None
    without = Agreement.checked(
        {name: value for name, value in DESIGN.items() if name != "marketing"} | {"split": {"marketing": 0, "sales": 1}}
    )
    assert odds(without) is None
    assert as_json(without)["odds"] == {}


def test_with_plans_per_segment_the_rate_is_the_plans_wins_per_mql() -> None:
    """Two segments of half the revenue at 75 and 37.5% MQL→SQL: 82 + 164 MQLs for 27.675 wins, 1 win per 8.88…"""
    halves = {"A": {"share": 0.5}, "B": {"share": 0.5, "mql_to_sql": 0.375}}
    found = odds(agreed(segments={"field": "region", "marketing": halves}))
    assert found is not None
    assert found.wins_needed == 28
    assert found.probability == pytest.approx(float(at_least(28, 246, Fraction("27.675") / 246)), abs=1e-12)


@pytest.mark.parametrize("rate", [1e-6, 0.5, 1])
def test_the_largest_agreement_still_has_odds(rate: float) -> None:
    plan = {"mql_to_sql": rate, "sql_to_opportunity": rate, "close_rate": rate, "deal_size": 1}
    found = odds(agreed(revenue_target=1e15, split={"marketing": 1, "sales": 0}, marketing=plan))
    assert found is not None
    assert 0.49 < found.probability <= 1
    assert found.mqls_for[0.7] <= found.mqls_for[0.8] <= found.mqls_for[0.9]


def test_json_is_the_contracts() -> None:
    """The design's example of `python -m alignment_core agreement`, whole numbers as integers."""
    said = as_json(agreed())
    assert said == {
        "required": {
            "marketing": {"mqls": 164, "sqls": 123, "opportunities": 61.5, "wins": 27.675, "revenue": 830250},
            "sales": {"sqls": 123, "opportunities": 61.5, "wins": 27.675, "revenue": 830250},
        },
        "odds": {
            "marketing": {"wins_needed": 28, "probability": 0.505, "mqls_for": {"0.7": 180, "0.8": 189, "0.9": 204}}
        },
    }
    whole = said["required"]["marketing"]
    assert [type(whole[name]) for name in ("mqls", "sqls", "revenue", "wins")] == [int, int, int, float]
