"""What-if: the same bridge from the plan to chosen values, the volume each side would owe, and how sliders show it."""

from fractions import Fraction
from math import ceil, fsum, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Owners
from alignment_core.results import Counts
from alignment_core.review import review
from alignment_core.scenarios import Lever, levers, play, slider_scale
from alignment_core.vocabulary import RATE_DRIVERS
from tests.support import CONTRACT, agreed, summary

NOW = (
    {"quarter": "2026-Q3", "source": "marketing", "mqls": 150, "sqls": 86, "opportunities": 44, "wins": 17, "revenue": 561_000},
    {"quarter": "2026-Q3", "source": "sales", "sqls": 120, "opportunities": 60, "wins": 27, "revenue": 810_000},
    {"quarter": "2026-Q3", "source": None, "wins": 1, "revenue": 9_000},
    {"quarter": "2026-Q2", "source": "marketing", "mqls": 140, "sqls": 90, "opportunities": 45, "wins": 20, "revenue": 640_000},
    {"quarter": "2026-Q2", "source": "sales", "sqls": 130, "opportunities": 65, "wins": 26, "revenue": 806_000},
)  # fmt: skip


@pytest.fixture(scope="module")
def reviewed_now():
    return review(summary(*NOW), agreed())


@pytest.fixture(scope="module")
def given_levers(reviewed_now):
    data, agreement = summary(*NOW), agreed()
    return levers(reviewed_now, review(data, agreement, agreement.fiscal_quarter.previous))


def played(given, values=(), split=0.5, plan_split=0.5, target=1_660_500, **options):
    return play(given, dict(values), target=target, plan_split=plan_split, split=split, owners=Owners(), **options)


def at(given, start):
    return {lever.name: lever.start(start) for lever in given}


def bars_of(scenario):
    return {f"{bar.source}.{bar.driver}": bar for bar in scenario.bars}


def test_levers_know_plan_actual_and_last_quarter(given_levers):
    found = {lever.name: (lever.plan, lever.actual, lever.last) for lever in given_levers}
    assert found["marketing.mql_volume"] == (164, 150, 140)
    assert found["sales.close_rate"] == (pytest.approx(0.45), 0.45, 0.4)
    assert found["marketing.deal_size"] == (30_000, 33_000, 32_000)
    assert found["unassigned.unassigned"] == (0, 9_000, None)


@pytest.mark.parametrize("method", ["shapley", "sequential", "lmdi"])
def test_at_the_plans_values_nothing_has_an_effect_and_revenue_is_the_target(given_levers, method):
    for values in ({}, at(given_levers, "plan")):
        scenario = played(given_levers, values, method=method)
        assert {bar.effect for bar in scenario.bars} == {0}
        assert scenario.actual_revenue == scenario.plan_revenue == pytest.approx(1_660_500, abs=0.005)
        assert scenario.required == {"marketing": 164, "sales": 123}


@pytest.mark.parametrize("method", ["shapley", "sequential", "lmdi"])
def test_at_the_actual_values_a_scenario_is_the_review(given_levers, method):
    result = review(summary(*NOW), agreed(), method=method)
    scenario = played(given_levers, at(given_levers, "actual"), method=method)
    assert scenario.actual_revenue == pytest.approx(result.actual_revenue, abs=0.005)
    for one, other in zip(scenario.bars, result.bars, strict=True):
        assert (one.source, one.driver, one.owner) == (other.source, other.driver, other.owner)
        assert (one.effect, one.order_low, one.order_high) == pytest.approx(
            (other.effect, other.order_low, other.order_high), abs=0.005
        )


def test_at_last_quarters_values_revenue_is_last_quarters(given_levers):
    scenario = played(given_levers, at(given_levers, "last quarter"))
    assert scenario.revenue["marketing"] == pytest.approx(640_000)
    assert scenario.revenue["sales"] == pytest.approx(806_000)


def test_a_split_divides_the_targets_volumes_anew(given_levers):
    """80% of 1,660,500 from marketing: 164 × 0.8 / 0.5 = 262.4 MQLs; sales keeps 123 × 0.2 / 0.5 = 49.2 SQLs."""
    scenario = played(given_levers, split=0.8)
    bars = bars_of(scenario)
    assert (bars["marketing.mql_volume"].plan, bars["sales.sql_volume"].plan) == pytest.approx((262.4, 49.2))
    assert bars["marketing.mql_to_sql"].plan == pytest.approx(0.75)
    assert scenario.plan == pytest.approx({"marketing": 1_328_400, "sales": 332_100, "unassigned": 0})
    assert scenario.required == {"marketing": 263, "sales": 50}
    assert bars["marketing.mql_volume"].effect == pytest.approx(830_250 - 1_328_400)


def test_a_side_that_owed_nothing_can_be_given_a_share():
    """Its plan has no volume to scale, so it follows from its share: 166,050 / (50% × 45% × 30,000) = 24.6 SQLs."""
    given = levers(review(summary(*NOW), agreed(split={"marketing": 1.0, "sales": 0.0})))
    scenario = played(given, split=0.9, plan_split=1.0)
    assert scenario.plan_revenue == pytest.approx(1_660_500)
    assert scenario.required["sales"] == ceil(Fraction(166_050) / (Fraction(1, 2) * Fraction(9, 20) * 30_000))


def test_the_last_bit_of_a_share_never_adds_one():
    """1 − 0.7 is 0.30000000000000004 in floating point; 30% of 1,000,000 / (50% × 50% × 30,000) is exactly 40."""
    rates = {"sql_to_opportunity": 0.5, "close_rate": 0.5, "deal_size": 30_000}
    given = levers(
        review(summary(*NOW), agreed(revenue_target=1_000_000, split={"marketing": 0.7, "sales": 0.3}, sales=rates))
    )
    scenario = played(given, split=0.7, plan_split=0.7, target=1_000_000)
    assert scenario.required["sales"] == 40


PERCENT = st.integers(1, 100).map(lambda points: Fraction(points, 100))


@settings(max_examples=150, deadline=None)
@given(
    share=st.integers(0, 100).map(lambda points: Fraction(points, 100)),
    rates=st.tuples(PERCENT, PERCENT, PERCENT),
    size=st.integers(1, 900).map(lambda hundreds: Fraction(hundreds * 100)),
    target=st.integers(1, 2_000).map(lambda thousands: Fraction(thousands * 1_000)),
)
def test_what_a_side_owes_is_exact_and_rounded_up_once(share, rates, size, target):
    """Against rational numbers: target × share / (rates × deal size)."""
    names = ("mql_volume", "mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size")
    given = [Lever("marketing", name, 1.0, 1.0, None) for name in names]
    values = {f"marketing.{name}": float(value) for name, value in zip(names[1:], (*rates, size), strict=True)}
    scenario = played(given, values, split=float(share), plan_split=0.5, target=float(target))
    assert scenario.required == {"marketing": ceil(target * share / (prod(rates) * size))}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=4, max_size=4).map(lambda found: sorted(found, reverse=True)))
def test_what_is_owed_at_a_real_funnels_rates_is_exactly_its_own_volume(stages):
    """Rates like 11 / 28 have no finite decimals; a target equal to the funnel's own revenue still needs its volume."""
    mqls, sqls, opportunities, wins = stages
    actual = (float(mqls), sqls / mqls, opportunities / sqls, wins / opportunities, 30_000.0)
    names = ("mql_volume", "mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size")
    given = [Lever("marketing", name, value, value, None) for name, value in zip(names, actual, strict=True)]
    assert played(given, split=1.0, plan_split=1.0, target=wins * 30_000.0).required == {"marketing": mqls}


def test_a_rate_of_zero_makes_what_is_owed_impossible(given_levers):
    scenario = played(given_levers, {"marketing.close_rate": 0.0})
    assert scenario.required == {"marketing": None, "sales": 123}
    assert scenario.revenue["marketing"] == 0
    assert bars_of(scenario)["marketing.close_rate"].effect == pytest.approx(-830_250)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_bars_sum_to_the_scenarios_variance(given_levers, data):
    values = {
        lever.name: data.draw(st.floats(0, 1) if lever.driver in RATE_DRIVERS else st.floats(0, 1e5))
        for lever in given_levers
    }
    scenario = played(given_levers, values, split=data.draw(st.floats(0, 1)))
    assert fsum(bar.effect for bar in scenario.bars) == pytest.approx(scenario.variance, abs=0.005, rel=1e-9)


def test_merged_drivers_are_levers_too():
    """Without SQLs the lever is MQL → opportunity, planned at 37.5%; what is owed stays 164."""
    rows = [{name: value for name, value in row.items() if name != "sqls"} for row in NOW]
    given = levers(review(summary(*rows), agreed()))
    assert [lever.name for lever in given][:3] == [
        "marketing.mql_volume",
        "marketing.mql_to_opportunity",
        "marketing.close_rate",
    ]
    assert played(given).required == {"marketing": 164, "sales": 62}
    assert played(given).plan_revenue == pytest.approx(CONTRACT["revenue_target"])


def test_an_undefined_lever_starts_as_agreed():
    result = review(summary(NOW[0] | {"wins": 0, "revenue": 0}, *NOW[1:]), agreed())
    size = next(lever for lever in levers(result) if lever.name == "marketing.deal_size")
    assert (size.plan, size.actual, size.start("actual"), size.start("last quarter")) == (30_000, None, 30_000, 30_000)


def test_a_lever_without_any_value_stands_at_zero():
    assert Lever("sales", "deal_size", None, None, None).start("actual") == 0


@pytest.mark.parametrize(
    ("lever", "low", "high", "step"),
    [
        (Lever("marketing", "mql_to_sql", 0.75, 0.57, None), 0, 100, 0.1),
        (Lever("marketing", "mql_to_sql", 0.75, 1.333, None), 0, 134, 0.1),
        (Lever("marketing", "mql_volume", 164.0, 150, 140), 0, 328, 1),
        (Lever("marketing", "mql_volume", 163.98, None, None), 0, 328, 1),
        (Lever("marketing", "deal_size", 30_000, 32_958.94, None), 0, 66_000, 100),
        (Lever("marketing", "deal_size", 30_000, -5_000, None), -10_000, 60_000, 100),
        (Lever("marketing", "deal_size", None, None, None), 0, 2, 1),
    ],
)
def test_a_slider_leaves_room_around_what_is_known(lever, low, high, step):
    scale = slider_scale(lever)
    assert (scale.low, scale.high, scale.step) == (low, high, step)


known = st.none() | st.floats(0, 1e7)
rate = st.none() | st.floats(0, 1) | st.floats(0, 3)


@settings(max_examples=300, deadline=None)
@given(
    st.builds(Lever, st.just("marketing"), st.sampled_from(["mql_volume", "deal_size"]), known, known, known)
    | st.builds(Lever, st.just("marketing"), st.just("close_rate"), rate, rate, rate),
    st.sampled_from(["plan", "actual", "last quarter"]),
)
def test_every_start_is_on_the_slider_and_comes_back_within_half_a_step(lever, start):
    scale, value = slider_scale(lever), lever.start(start)
    shown = scale.shown(value)
    assert scale.low <= shown <= scale.high
    steps = (shown - scale.low) / scale.step
    assert steps == pytest.approx(round(steps), abs=1e-6)
    assert abs(scale.value(shown) - value) <= scale.step * scale.unit / 2 + 1e-6
    assert scale.shown(scale.value(shown)) == shown


def test_a_slider_speaks_percent_and_the_core_gets_rates():
    scale = slider_scale(Lever("marketing", "mql_to_sql", 0.75, 77 / 196, None))
    assert (scale.shown(77 / 196), scale.value(39.3), scale.format) == (39.3, 0.393, "%.1f%%")


def test_counts_of_a_source_nobody_planned_are_levers_from_zero():
    """The agreement has no part for sales: its plan is no volume at whatever rates it had."""
    agreement = agreed(split={"marketing": 1.0, "sales": 0.0}, sales=None)
    result = review(summary(*NOW), agreement)
    given = levers(result)
    scenario = played(given, at(given, "actual"), split=1.0, plan_split=1.0)
    assert result.actual["sales"] == Counts(None, 120, 60, 27, 810_000)
    assert scenario.revenue["sales"] == pytest.approx(810_000)
    assert bars_of(scenario)["sales.sql_volume"].effect == pytest.approx(810_000)
    assert scenario.required["sales"] == 0


@pytest.mark.parametrize("rate", [0.0, 0.45, 1.0, 1.03, 2.5])
def test_a_rate_above_one_still_has_a_scale_of_one_kind_of_number(rate):
    """On period basis more can be won than was opened; a slider takes either whole numbers or floats, not both."""
    scale = slider_scale(Lever("sales", "close_rate", 0.45, rate, None))
    assert {type(value) for value in (scale.low, scale.high, scale.step, scale.shown(rate))} == {float}
    assert scale.low <= scale.shown(rate) <= scale.high
