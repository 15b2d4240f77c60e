"""The odds of marketing's target: exact binomials, against an oracle in rational arithmetic."""

from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.odds import CHANCES, as_json, chance_as_agreed, odds

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


def pmf(mqls: int, rate: Fraction) -> list[Fraction]:
    return [comb(mqls, k) * rate**k * (1 - rate) ** (mqls - k) for k in range(mqls + 1)]


def segments_reach(parts: list[tuple[int, Fraction, Fraction]], target: Fraction) -> Fraction:
    """P(sum of wins × value >= target) for segments (MQLs, rate, value): every combination, in rational numbers."""
    sums = {Fraction(0): Fraction(1)}
    for mqls, rate, worth in parts:
        grown: dict[Fraction, Fraction] = {}
        for k, mass in enumerate(pmf(mqls, rate)):
            for sum_, chance in sums.items():
                grown[sum_ + k * worth] = grown.get(sum_ + k * worth, Fraction(0)) + mass * chance
        sums = grown
    return sum((chance for sum_, chance in sums.items() if sum_ >= target), Fraction(0))


HALVES = {"A": {"share": 0.5}, "B": {"share": 0.5, "mql_to_sql": 0.375}}


def test_with_plans_per_segment_each_has_its_own_rate() -> None:
    """Two segments of half the revenue at 75 and 37.5% MQL→SQL: 82 + 164 MQLs for 27.675 wins of 30,000."""
    found = odds(agreed(segments={"field": "region", "marketing": HALVES}))
    assert found is not None
    assert found.wins_needed == 28
    rate, worth = Fraction("0.16875"), Fraction(30_000)
    exactly = segments_reach([(82, rate, worth), (164, rate / 2, worth)], Fraction(830_250))
    assert found.probability == pytest.approx(float(exactly), abs=1e-10)


@pytest.mark.parametrize(
    ("small", "large", "within"),
    [
        (20_000, 45_000, 1e-9),  # a lattice of 5,000 is exact
        (19_999, 44_987.5, 2e-4),  # no common step worth having: held to an 8,192nd of the target
        (500, 60_000, 1e-9),
    ],
)
def test_with_deal_sizes_per_segment_the_revenue_counts_not_the_wins(small: float, large: float, within: float) -> None:
    plan = {"mql_to_sql": 0.8, "sql_to_opportunity": 0.5, "close_rate": 0.5, "deal_size": small}
    segments = {"field": "region", "marketing": {"A": {"share": 0.3}, "B": {"share": 0.7, "deal_size": large}}}
    agreement = agreed(revenue_target=600_000, split={"marketing": 1, "sales": 0}, marketing=plan, segments=segments)
    found = odds(agreement)
    assert found is not None
    mqls = agreement.required_mqls_by_segment
    parts = [(mqls["A"], Fraction("0.2"), Fraction(str(small))), (mqls["B"], Fraction("0.2"), Fraction(str(large)))]
    assert found.probability == pytest.approx(float(segments_reach(parts, Fraction(600_000))), abs=within)


def test_segments_against_simulation() -> None:
    """Three segments with all of their own; 200,000 quarters drawn."""
    segments = {"field": "region", "marketing": {
        "A": {"share": 0.5, "close_rate": 0.3}, "B": {"share": 0.3, "deal_size": 71_234}, "C": {"share": 0.2, "mql_to_sql": 0.4},
    }}  # fmt: skip
    agreement = agreed(segments=segments)
    found = odds(agreement)
    assert found is not None
    draw = np.random.default_rng(1)
    mqls = agreement.required_mqls_by_segment
    revenue = sum(
        draw.binomial(mqls[name], 0.5 * first * close, 200_000) * size
        for name, first, close, size in (("A", 0.75, 0.3, 30_000), ("B", 0.75, 0.45, 71_234), ("C", 0.4, 0.45, 30_000))
    )
    assert found.probability == pytest.approx(float((revenue >= 830_250).mean()), abs=0.004)
    assert list(found.mqls_for.values()) == sorted(found.mqls_for.values())


def plans(shares: tuple[float, ...], own: tuple[dict[str, float], ...]) -> Agreement:
    """All of 200,000 is marketing's: at 50% throughout and 20,000 a deal, or what a segment has of its own."""
    named = {f"S{place}": {"share": share, **each} for place, (share, each) in enumerate(zip(shares, own, strict=True))}
    return agreed(
        revenue_target=200_000,
        split={"marketing": 1, "sales": 0},
        marketing={"mql_to_sql": 0.5, "sql_to_opportunity": 0.5, "close_rate": 0.5, "deal_size": 20_000},
        segments={"field": "region", "marketing": named},
    )


OWN = st.fixed_dictionaries(
    {"close_rate": st.sampled_from([0.2, 0.5, 1.0]), "deal_size": st.sampled_from([15_000, 25_000, 40_000])}
)
SHARES = st.sampled_from([(0.5, 0.3, 0.2), (0.42, 0.55, 0.03), (0.9, 0.07, 0.03), (0.34, 0.33, 0.33)])


@settings(max_examples=25, deadline=None)
@given(SHARES, st.tuples(OWN, OWN, OWN))
def test_the_odds_are_of_exactly_the_mqls_that_each_segment_promises(
    shares: tuple[float, ...], own: tuple[dict[str, float], ...]
) -> None:
    agreement = plans(shares, own)
    parts = [
        (agreement.required_mqls_by_segment[f"S{place}"], Fraction(str(each["close_rate"])) / 4, Fraction(each["deal_size"]))
        for place, each in enumerate(own)
    ]  # fmt: skip
    found = odds(agreement)
    assert found is not None
    assert found.probability == pytest.approx(lattice_reach(parts, 200_000), abs=1e-9)


def test_as_many_as_promised_are_spread_as_promised_and_not_once_more() -> None:
    """720, 48 and 19.2 MQLs are 788, spread as 720, 48 and 20. Scaled to 788 they would round to 721, 48 and 19."""
    plan = {"mql_to_sql": 0.5, "sql_to_opportunity": 0.5, "close_rate": 0.5, "deal_size": 20_000}
    segments = {"field": "region", "marketing": {
        "A": {"share": 0.6, "close_rate": 0.1}, "B": {"share": 0.2}, "C": {"share": 0.2, "deal_size": 50_000},
    }}  # fmt: skip
    agreement = agreed(revenue_target=600_000, split={"marketing": 1, "sales": 0}, marketing=plan, segments=segments)
    assert agreement.required_mqls_by_segment == {"A": 720, "B": 48, "C": 20}
    parts = [
        (720, Fraction(1, 40), Fraction(20_000)),
        (48, Fraction(1, 8), Fraction(20_000)),
        (20, Fraction(1, 8), Fraction(50_000)),
    ]
    found = odds(agreement)
    assert found is not None
    assert found.probability == pytest.approx(lattice_reach(parts, 600_000), abs=1e-9)


def lattice_reach(parts: list[tuple[int, Fraction, Fraction]], target: int) -> float:
    """As `segments_reach`, in steps of 5,000 and floating point."""
    sums = np.ones(1)
    for mqls, rate, worth in parts:
        own = np.zeros(mqls * int(worth) // 5_000 + 1)
        own[:: int(worth) // 5_000] = [float(mass) for mass in pmf(mqls, rate)]
        sums = np.convolve(sums, own)
    return float(sums[target // 5_000 :].sum())


@settings(max_examples=25, deadline=None)
@given(SHARES, st.tuples(OWN, OWN, OWN))
def test_one_mql_more_never_makes_it_less_likely(shares: tuple[float, ...], own: tuple[dict[str, float], ...]) -> None:
    agreement = plans(shares, own)
    chance = chance_as_agreed(agreement)
    found = odds(agreement)
    assert chance is not None
    assert found is not None
    chances = [chance(mqls) for mqls in range(2 * agreement.required_mqls)]
    assert all(more >= one - 1e-12 for one, more in pairwise(chances))
    for wanted, mqls in found.mqls_for.items():
        assert chance(mqls - 1) < wanted <= chance(mqls)


def test_spread_by_largest_remainder_it_would_have_been_less_likely_with_one_more() -> None:
    """By largest remainder 73 MQLs reached the target with 0.904, 74 with 0.887 and 75 with 0.909: none was the least for 90%."""
    segments = {"field": "region", "marketing": {
        "R0": {"share": 0.06, "close_rate": 0.07}, "R1": {"share": 0.53, "deal_size": 39_000},
        "R2": {"share": 0.41, "close_rate": 0.7, "deal_size": 71_000},
    }}  # fmt: skip
    plan = {"mql_to_sql": 0.86, "sql_to_opportunity": 0.32, "close_rate": 0.18, "deal_size": 17_000}
    agreement = agreed(revenue_target=109_000, split={"marketing": 0.42, "sales": 0.58}, marketing=plan, segments=segments)  # fmt: skip
    chance = chance_as_agreed(agreement)
    found = odds(agreement)
    assert chance is not None
    assert found is not None
    assert found.mqls_for == {0.7: 43, 0.8: 57, 0.9: 74}
    assert [round(chance(mqls), 3) for mqls in (72, 73, 74, 75)] == [0.881, 0.882, 0.905, 0.908]


def test_many_segments_have_odds_for_any_number_of_mqls() -> None:
    """200 segments, each with a rate and a deal size of its own, of 7.7 million MQLs."""
    own = {
        f"S{place}": {"share": 0.005, "close_rate": 0.1 + 0.0037 * place, "deal_size": 1_000.37 + 7 * place}
        for place in range(200)
    }
    found = odds(agreed(revenue_target=1e9, split={"marketing": 1, "sales": 0}, segments={"field": "region", "marketing": own}))  # fmt: skip
    assert found is not None
    assert found.probability == pytest.approx(0.5, abs=0.001)
    assert list(found.mqls_for.values()) == sorted(found.mqls_for.values())


def test_a_plan_of_many_small_deals_is_as_good_as_normal() -> None:
    """The same rates, deal sizes 10 and 11: 8.3 million wins. No lattice holds them, and no chance is left but a half."""
    segments = {"field": "region", "marketing": {"A": {"share": 0.5}, "B": {"share": 0.5, "deal_size": 11}}}
    found = odds(
        agreed(marketing={"mql_to_sql": 0.5, **SALES, "deal_size": 10}, revenue_target=1.7e8, segments=segments)
    )
    assert found is not None
    assert found.probability == pytest.approx(0.5, abs=0.001)
    # The MQLs for 90%, with as many of each kind as the plan has, in 200,000 quarters drawn.
    draw, per_mql = np.random.default_rng(2), 0.5 * 0.5 * 0.45
    one, other = (round(found.mqls_for[0.9] * share / (1 / 10 + 1 / 11)) for share in (1 / 10, 1 / 11))
    revenue = draw.binomial(one, per_mql, 200_000) * 10 + draw.binomial(other, per_mql, 200_000) * 11
    assert (revenue >= 8.5e7).mean() == pytest.approx(0.9, abs=0.003)


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
