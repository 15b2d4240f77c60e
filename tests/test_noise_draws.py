"""What else chance could have brought: as many draws as a promise needs, and effects that stay as they were on average."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.bridge import decompose
from alignment_core.noise_draws import draws_for, effect_draws, intervals

PLAN = np.array([[200.0], [0.6], [0.5], [0.4], [30_000.0]])
COUNTS = np.array([[180.0], [70.0], [40.0], [16.0]])
WON = np.linspace(20_000, 44_000, 16)


def drawn(*, basis="period", counts=COUNTS, amounts=WON, size=32_000.0, draws=4_000, level=0.05):
    return effect_draws(PLAN, counts, [amounts], np.array([size]), basis, "shapley", draws, level)[:, 0]


def test_the_more_bars_are_judged_together_the_more_draws_there_are_within_what_there_is_room_for():
    assert [draws_for(bars) for bars in (1, 10, 25, 50, 100, 400, 5_000)] == [
        4_000, 4_000, 10_000, 20_000, 20_000, 5_000, 2_000,
    ]  # fmt: skip


def test_the_same_counts_always_give_the_same_draws():
    assert np.array_equal(drawn(), drawn())


@pytest.mark.parametrize("basis", ["period", "cohort"])
def test_every_draw_adds_up_and_their_middle_is_what_was_counted(basis):
    """180 MQLs, 70 SQLs, 40 opportunities, 16 wins at 32,000: 512,000 against 200 × 60% × 50% × 40% × 30,000 = 720,000."""
    effects = drawn(basis=basis)
    rates = COUNTS[1:] / COUNTS[:-1]
    counted = decompose(PLAN[:, 0], np.array([180.0, *rates[:, 0], 32_000.0]))
    assert counted.sum() == pytest.approx(512_000 - 720_000)
    spread = effects.std(axis=1)
    assert (np.abs(np.median(effects, axis=1) - counted) < 0.25 * spread).all()
    assert (effects.sum(axis=0) > -720_000).all()


def test_a_cohorts_rates_never_pass_more_than_entered_and_a_quarters_may():
    few = np.array([[180.0], [3.0], [3.0], [3.0]])
    cohort, period = (drawn(basis=basis, counts=few) for basis in ("cohort", "period"))
    # From 50% agreed to 100% at most: the largest effect of a rate is bounded, and on period basis it is not.
    assert cohort[2].max() < period[2].max()


def test_without_amounts_the_deal_size_stays_and_without_wins_before_a_rate_it_is_undefined():
    alone = drawn(amounts=np.array([]), size=30_000.0)
    assert np.array_equal(alone[-1], np.zeros(4_000))
    nothing = np.array([[180.0], [0.0], [0.0], [0.0]])
    effects = drawn(counts=nothing, amounts=np.array([]), size=float("nan"))
    assert np.allclose(effects[2:], 0.0)  # nothing entered, so what they would have been takes the agreed value
    assert (effects[1] < 0).all()


def test_few_amounts_are_drawn_wider_than_their_own_spread_and_many_are_normal():
    """Of millions of records nothing but the deal size is uncertain: its effect is 12 million wins times its move.

    The mean of 29,000 and 31,000 with random weights is uniform between them: 577 either way, × √3 × 12.706 / 1.960 (Student's and
    the normal's quantile at 5%). The mean of 600 such amounts is normal: 1,000 / √601.
    """
    plan, counts = PLAN.copy(), np.array([[1e8], [6e7], [3e7], [1.2e7]])
    plan[0] = 1e8
    for amounts, expected in (
        (np.array([29_000.0, 31_000.0]), 577.35 * 3**0.5 * 12.7062 / 1.95996),
        (np.tile([29_000.0, 31_000.0], 300), 1_000 / 601**0.5),
    ):
        effects = effect_draws(plan, counts, [amounts], np.array([30_000.0]), "period", "shapley", 20_000, 0.05)[-1, 0]
        assert effects.std() / 1.2e7 == pytest.approx(expected, rel=0.03)


@given(st.integers(2, 400), st.floats(0.001, 0.5), st.integers(0, 2**31))
def test_ends_are_numpys_quantiles(draws, level, seed):
    effects = np.random.default_rng(seed).normal(size=(3, draws))
    low, high = intervals(effects, np.full(3, level))
    assert np.allclose(low, np.quantile(effects, level / 2, axis=1))
    assert np.allclose(high, np.quantile(effects, 1 - level / 2, axis=1))


def test_one_amount_says_nothing_of_how_far_deal_sizes_lie_apart():
    one, none = (drawn(amounts=np.array(amounts)) for amounts in ([32_000.0], []))
    assert np.array_equal(one, none)
    assert np.isfinite(one).all()


def test_few_amounts_widen_the_deal_size_and_no_other_driver():
    """The level says how far two amounts are widened; volume and rates move by the plain draws at any level."""
    strict, lax = (
        effect_draws(
            PLAN, COUNTS, [np.array([20_000.0, 44_000.0])], np.array([32_000.0]), "period", "shapley", 4_000, level
        )[:, 0]
        for level in (0.001, 0.2)
    )
    assert np.array_equal(strict[:-1], lax[:-1])
    assert strict[-1].std() > 2 * lax[-1].std()
