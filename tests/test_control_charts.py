"""Control charts against the published worked examples, and the run rules case by case."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.control_charts import Signal, p_chart, run_rules, xmr_chart

#: Nonconforming cans of orange juice concentrate in 30 samples of 50: Montgomery, Statistical Quality Control, example 7.1.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
#: Flow rates: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def test_montgomerys_cans():
    """p̄ = 347/1500 = 0.2313, limits 0.0524 and 0.4102; samples 15 and 23 are outside."""
    chart = p_chart(CANS, [50] * 30, laney=False)
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    assert chart.low == pytest.approx(np.full(30, 0.0524), abs=1e-4)
    assert chart.high == pytest.approx(np.full(30, 0.4102), abs=1e-4)
    assert [signal.place + 1 for signal in chart.signals if signal.rule == "beyond"] == [15, 23]


def test_montgomerys_cans_without_the_two_samples_that_have_a_cause():
    """p̄ = 301/1400 = 0.2150, limits 0.0407 and 0.3893."""
    rest = [number for place, number in enumerate(CANS, 1) if place not in (15, 23)]
    chart = p_chart(rest, [50] * 28, laney=False)
    assert (chart.centre, chart.low[0], chart.high[0]) == pytest.approx((0.2150, 0.0407, 0.3893), abs=1e-4)


def test_nists_flow_rates():
    """Mean 50.81, mean moving range 1.8778, limits 45.8159 and 55.8041; nothing is out of control."""
    chart = xmr_chart(FLOW)
    assert chart.centre == pytest.approx(50.81)
    assert (chart.low[0], chart.high[0]) == pytest.approx((45.8159, 55.8041), abs=2e-3)
    assert chart.range_limit == pytest.approx(3.267 * 1.8778, abs=1e-3)
    assert chart.signals == ()


def test_limits_follow_each_quarters_number_and_the_baseline_alone():
    """Four quarters at 50%: ± 3 × 0.5/√n; the fifth does not move them."""
    chart = p_chart([50, 50, 200, 50, 10], [100, 100, 400, 100, 100], 4)
    assert chart.centre == 0.5
    assert chart.low == pytest.approx([0.35, 0.35, 0.425, 0.35, 0.35])
    assert chart.high == pytest.approx([0.65, 0.65, 0.575, 0.65, 0.65])
    assert chart.signals == (Signal("beyond", 4),)
    assert chart.at(-1) == ("beyond",)
    assert chart.at(3) == ()


def test_laneys_factor_is_the_scores_moving_range():
    """Quarters of 100 at 40, 60, 40, 60: scores ∓2, moving ranges 4, so sigma is widened by 4/1.128."""
    chart = p_chart([40, 60, 40, 60], [100] * 4)
    assert chart.widened == pytest.approx(4 / 1.128)
    assert chart.low[0] == 0
    assert chart.high[0] == 1
    assert p_chart([50, 50, 50, 50], [100] * 4).widened == 1, "limits are never narrowed"


def test_a_rate_above_one_keeps_limits_above_one():
    chart = p_chart([120, 110, 130, 118, 60], [100] * 5, 4)
    assert chart.high[0] > chart.centre > 1
    assert chart.at(-1) == ("beyond",)


RULES = [
    ([0, 0, 0, 3.1], {"beyond": [3]}),
    ([0, 0, 0, 3.0], {}),
    ([1, -1, -3.2, 1], {"beyond": [2]}),
    ([0.5, 0.4] * 4, {"side": [7]}),
    ([0.5, 0.4] * 3 + [0.5, -0.4], {}),
    ([-0.5, -0.4] * 4 + [-0.5], {"side": [7, 8]}),
    ([2.1, 0, 2.1], {"two_of_three": [2]}),
    ([2.1, 2.2, 0], {"two_of_three": [1]}),
    ([2.1, 0, -2.1], {}),
    ([2.1, 0, 0, 2.1], {}),
    ([-1.5, -1, -0.5, 0.5, 1, 1.5], {"trend": [5]}),
    ([1.5, 1, 0.5, -0.5, -1, -1.5], {"trend": [5]}),
    ([-1, -0.5, 0.5, 1, 1.5, 1.5], {}),
    ([0.5] * 7 + [np.nan, 0.5], {}),
    ([np.nan, 3.5], {"beyond": [1]}),
    ([3.5], {"beyond": [0]}),
]


@pytest.mark.parametrize(("values", "expected"), RULES)
def test_the_run_rules(values, expected):
    found = run_rules(values, 0.0, 1.0)
    assert {(signal.rule, signal.place) for signal in found} == {
        (rule, place) for rule, places in expected.items() for place in places
    }


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=30))
def test_a_rise_is_seen_like_a_fall(values):
    assert run_rules(values, 0.0, 1.0) == run_rules(np.negative(values), 0.0, 1.0)


@given(st.lists(st.floats(-4, 4).map(lambda value: round(value, 3)), min_size=1, max_size=30))
def test_the_rules_are_those_of_a_loop(values):
    expected = set()
    for end in range(len(values)):
        eight, six, three = (values[max(0, end - size + 1) : end + 1] for size in (8, 6, 3))
        if abs(values[end]) > 3:
            expected.add(("beyond", end))
        if len(eight) == 8 and (min(eight) > 0 or max(eight) < 0):
            expected.add(("side", end))
        steps = [b - a for a, b in pairwise(six)]
        if len(six) == 6 and (min(steps) > 0 or max(steps) < 0):
            expected.add(("trend", end))
        for sign in (1, -1):
            if sign * values[end] > 2 and sum(sign * value > 2 for value in three) >= 2:
                expected.add(("two_of_three", end))
    assert {(signal.rule, signal.place) for signal in run_rules(values, 0.0, 1.0)} == expected


def test_what_cannot_be_charted_says_why():
    with pytest.raises(ValueError, match="nothing entered"):
        p_chart([0, 0, 3], [0, 0, 5], 2)
    with pytest.raises(ValueError, match="fewer than two quarters"):
        xmr_chart([1.0, np.nan, 3.0], 2)
    with pytest.raises(ValueError, match="3 counts that passed and 2 that entered"):
        p_chart([1, 2, 3], [4, 5])


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        # Mean 2, mean moving range 2: 2 ± 5.32, and nothing counted is below 0.
        ([1, 3, 1, 3], 0.0, 7.32),
        # As far apart around −24: where values are below 0, so is their limit.
        ([-25, -23, -25, -23], -29.32, -18.68),
        # One of the quarters before is below 0: mean 1, mean moving range 3.
        ([-1, 3, 1], 1 - 2.66 * 3, 1 + 2.66 * 3),
    ],
)
def test_a_lower_limit_ends_at_0_only_where_nothing_is_below_it(values, low, high):
    chart = xmr_chart(values)
    assert (chart.low[-1], chart.high[-1]) == pytest.approx((low, high))
    assert (chart.low <= chart.high).all()


def test_the_quarter_that_is_looked_at_says_too_that_values_can_be_below_0():
    """Mean 2 ± 5.32: −3 is within −3.32 to 7.32, and not within 0 to 7.32."""
    chart = xmr_chart([1, 3, 1, 3, -3], 4)
    assert chart.low[-1] == pytest.approx(-3.32)
    assert "beyond" not in chart.at(-1)
