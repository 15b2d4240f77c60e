"""The promise: of quarters that ran exactly on plan, at most one in twenty blames anybody. And each test's own oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from alignment_core.noise import FAMILY, FEWEST_WINS, SEGMENT_FAMILY, Amounts, PValues, holm, rate, size, volume
from alignment_core.noise_draws import effect_draws, intervals
from tests.quarters import all_tests, quarters

QUARTERS = 10_000
SIZES = (20, 50, 123, 500, 2_000)


def blamed(seed, mqls, basis, segments, spread):
    """In which quarters any bar is called real: of the whole, and of the segments."""
    drawn = quarters(np.random.default_rng(seed), mqls, segments, basis, QUARTERS, spread=spread)
    whole = holm(all_tests(drawn.of_all, basis), FAMILY).real
    parts = all_tests(drawn, basis)
    joined = PValues(*(each.reshape(-1, QUARTERS) for each in parts))
    assert len(whole) == 5
    assert len(joined.p) == 5 * segments
    return whole.any(0), holm(joined, SEGMENT_FAMILY).real.any(0)


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("mqls", SIZES)
def test_of_quarters_that_ran_on_plan_at_most_one_in_twenty_blames_any_driver(mqls, basis):
    """With 5 bars; and with 45 bars of nine segments besides. 10,000 quarters tell 5% to within 0.5 points."""
    whole, segments = blamed(20260930 + mqls, mqls, basis, 9, spread=0.6)
    assert whole.mean() <= 0.05
    assert (whole | segments).mean() <= 0.05
    assert whole.mean() >= 0.01, "it may not hold because nothing is ever found"


@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_the_promise_holds_where_deal_sizes_scatter_little_and_much(spread):
    whole, segments = blamed(7, 123, "cohort", 9, spread)
    assert (whole | segments).mean() <= 0.05


@pytest.mark.parametrize("wins", [5, 8, 18, 60])
@pytest.mark.parametrize("spread", [0.3, 0.6, 1.0])
def test_deal_size_is_not_blamed_more_often_than_its_share_where_resampling_would(wins, spread):
    """At 5% and at 0.5%, a bar's share of the promise. The bootstrap and Student's test fail this by far."""
    rng = np.random.default_rng(wins)
    amounts = rng.lognormal(-(spread**2) / 2, spread, (wins, 40_000))
    p = size(Amounts.of(amounts), 1.0).p
    for share, room in ((0.05, 0.006), (0.005, 0.002)):
        assert (p <= share).mean() <= share + room
    if (wins, spread) == (18, 1.0):
        assert (stats.ttest_1samp(amounts, 1.0, axis=0).pvalue <= 0.005).mean() > 0.03


@pytest.mark.parametrize("plan", [0.3, 2.0, 20.0, 205.0])
def test_volume_is_the_exact_poisson_test(plan):
    counts = np.arange(0, 300)
    expected = np.minimum(1, 2 * np.minimum(stats.poisson.cdf(counts, plan), stats.poisson.sf(counts - 1, plan)))
    tested = volume(counts, plan)
    assert tested.p == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert tested.best[0] == pytest.approx(min(1, 2 * np.exp(-plan)))


@pytest.mark.parametrize("entered", [1, 28, 123])
@pytest.mark.parametrize("agreed", [0.05, 0.57, 0.9, 1.0])
def test_a_cohorts_rate_is_the_exact_binomial_test(entered, agreed):
    passed = np.arange(entered + 1)
    lower, upper = stats.binom.cdf(passed, entered, agreed), stats.binom.sf(passed - 1, entered, agreed)
    tested = rate(passed, entered, agreed, "cohort")
    assert tested.p == pytest.approx(np.minimum(1, 2 * np.minimum(lower, upper)), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("passed", "entered", "agreed"), [(77, 196, 0.6), (3, 9, 0.57), (30, 20, 1.2), (0, 8, 0.5)])
def test_a_periods_rate_is_the_conditional_test_of_two_poisson_counts(passed, entered, agreed):
    """Given their sum, the first of two Poisson counts is binomial: Przyborowski & Wilenski 1940."""
    share = agreed / (1 + agreed)
    less = stats.binomtest(passed, passed + entered, share, "less").pvalue
    more = stats.binomtest(passed, passed + entered, share, "greater").pvalue
    assert rate(passed, entered, agreed, "period").p == pytest.approx(min(1, 2 * min(less, more)), rel=1e-9)


@pytest.mark.parametrize(("wins", "mean", "deviation"), [(5, 0.2, 0.6), (18, -0.3, 0.4), (200, 0.05, 1.0)])
def test_deal_size_is_the_generalised_pivot_of_a_lognormal_mean(wins, mean, deviation):
    """Against a million draws of the pivot itself: mean of the logarithms + half their variance."""
    rng = np.random.default_rng(3)
    variance = (wins - 1) * deviation**2 / rng.chisquare(wins - 1, 1_000_000)
    pivot = mean + rng.standard_normal(1_000_000) * np.sqrt(variance / wins) + variance / 2
    many = Amounts(*(np.array(each) for each in (wins, np.exp(pivot.mean()), 1e-9, mean, deviation)))
    for agreed in np.exp(np.quantile(pivot, [0.001, 0.02, 0.3, 0.9, 0.999])):
        share = (pivot <= np.log(agreed)).mean()
        # Without Student's part, which a spread of next to nothing leaves out wherever it agrees on the side.
        found = float(size(many, agreed).p)
        assert found == pytest.approx(2 * min(share, 1 - share), rel=0.06) or found > 2 * min(share, 1 - share)


def test_deal_size_is_never_surer_than_students_test():
    """Where amounts are not lognormal, many of them are held to the test that needs no shape."""
    amounts = np.random.default_rng(2).gamma(1.0, 1.0, (300, 4_000))
    p = size(Amounts.of(amounts), 1.0).p
    assert (p >= stats.ttest_1samp(amounts, 1.0, axis=0).pvalue - 1e-9).all()
    assert (p <= 0.01).mean() <= 0.015


@pytest.mark.parametrize(
    ("amounts", "why"),
    [
        ([30_000.0] * 12, "amounts that are all the same don't say how much they scatter"),
        ([1.0, 2.0, 3.0, 4.0], "four amounts are too few"),
        ([1.0, 2.0, 0.0, 4.0, 5.0, 6.0], "one in six for nothing"),
        ([], "there is none"),
    ],
)
def test_deal_size_is_not_tested_where_its_scatter_is_not_known(amounts, why):
    assert np.isnan(size(Amounts.of(np.array(amounts)), 10_000.0).p), why
    assert FEWEST_WINS == 5


@pytest.mark.parametrize(("wins", "worth"), [(20, 0.0), (50, -0.3), (200, 0.0)])
def test_a_few_wins_for_nothing_or_less_do_not_make_chance_look_real(wins, worth):
    """One in twenty, beside lognormal amounts: at a level of 0.8% at most so many are blamed, give or take chance."""
    rng, companies = np.random.default_rng(5), 8_000
    drawn = np.exp(rng.normal(0, 0.6, (wins, companies)))
    amounts = np.where(rng.random(drawn.shape) < 0.05, worth * drawn, drawn)
    p = size(Amounts.of(amounts), (0.95 + 0.05 * worth) * np.exp(0.18)).p
    tested = ~np.isnan(p)
    assert tested.mean() > 0.9
    assert (p[tested] <= 0.008).mean() <= 0.008 + 3 * np.sqrt(0.008 / companies)


def test_a_mean_far_off_is_found_although_some_wins_were_for_nothing():
    amounts = np.concatenate([np.random.default_rng(6).lognormal(8, 0.5, 190), np.zeros(6)])
    assert size(Amounts.of(amounts), amounts.mean() * 1.4).p < 1e-4
    assert size(Amounts.of(amounts), amounts.mean() * 0.7).p < 1e-4
    assert size(Amounts.of(amounts), amounts.mean()).p > 0.9


def test_amounts_are_summed_up_as_numpy_does():
    amounts = np.array([[1.0, 2.0], [4.0, 5.0], [9.0, np.nan]])
    found = Amounts.of(amounts)
    assert found.wins.tolist() == [3, 2]
    assert found.mean == pytest.approx([14 / 3, 3.5])
    assert found.spread == pytest.approx([np.std([1, 4, 9], ddof=1), np.std([2, 5], ddof=1)])
    assert found.log_spread == pytest.approx([np.std(np.log([1, 4, 9]), ddof=1), np.std(np.log([2, 5]), ddof=1)])


def test_a_beat_is_held_to_the_same_evidence_as_a_miss():
    """11 of 20 passed where 55% fail is as likely as 9 of 20 where 55% pass, and doubled deals as halved ones."""
    for entered in (5, 28, 123):
        passed = np.arange(entered + 1)
        down, up = rate(passed, entered, 0.3, "cohort"), rate(entered - passed, entered, 0.7, "cohort")
        assert down.p == pytest.approx(up.p)
        assert down.best == pytest.approx(up.best)
    logs = np.random.default_rng(4).normal(0, 0.001, 40)
    logs -= logs.mean()
    down, up = (float(size(Amounts.of(np.exp(logs + shift)), 1.0).p) for shift in (-0.0004, 0.0004))
    assert down == pytest.approx(up, rel=0.02)


P = st.floats(0.0, 1.0)


@settings(max_examples=200, deadline=None)
@given(st.lists(P, min_size=1, max_size=12), st.floats(0.001, 0.2))
def test_holm_is_the_step_down_and_each_level_says_the_same_as_the_verdict(p, family):
    tested = PValues(np.array(p), np.zeros(len(p)))
    judged = holm(tested, family)
    expected = np.zeros(len(p), dtype=bool)
    for step, place in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if p[place] > family / (len(p) - step):
            break
        expected[place] = True
    assert judged.real.tolist() == expected.tolist()
    assert (judged.real == (tested.p <= judged.level)).all(), (
        "an interval at that level leaves out the agreed value, or not"
    )


def test_holm_leaves_out_what_has_no_test_and_judges_each_quarter_by_itself():
    p = np.array([[0.02, 0.02], [np.nan, 0.9], [0.024, 0.9]])
    judged = holm(PValues(p, np.zeros_like(p)), 0.04)
    assert judged.real.tolist() == [[True, False], [False, False], [True, False]]
    assert judged.too_few.tolist() == [[False, False], [True, False], [False, False]]


@pytest.mark.parametrize(
    ("passed", "entered", "real"),
    [(11, 28, False), (48, 123, True)],
)
def test_39_percent_against_57_is_chance_with_28_mqls_and_real_with_123(passed, entered, real):
    tested = rate(passed, entered, 0.57, "cohort")
    others = [0.5] * 4
    judged = holm(PValues(np.array([float(tested.p), *others]), np.zeros(5)), FAMILY)
    assert bool(judged.real[0]) is real
    assert not judged.too_few[0]


def test_too_few_is_said_where_no_outcome_could_have_been_real():
    """Of 3 expected even none at all comes by chance in one quarter of 20; of 8 opportunities at 45% all could be lost."""
    tested = [volume(1, 3.0), volume(5, 20.0), rate(1, 8, 0.45, "cohort"), rate(1, 12, 0.45, "cohort")]
    judged = holm(PValues(*(np.array([float(each) for each in side]) for side in zip(*tested, strict=True))), FAMILY)
    assert judged.real.tolist() == [False, True, False, False]
    assert judged.too_few.tolist() == [True, False, True, False]


def test_what_two_amounts_leave_open_of_deal_size_says_nothing_of_the_other_drivers():
    """Student's quantile for two wins is 836 times the normal's at a segment's level: it is deal size's own."""
    plan = np.array([[100.0], [0.5], [0.4], [30_000.0]])
    counts = np.array([[100.0], [50.0], [2.0]])
    level = 0.01 / 27
    drawn = effect_draws(
        plan, counts, [np.array([29_000.0, 31_000.0])], np.array([30_000.0]), "period", "shapley", 4_000, level
    )
    low, high = intervals(drawn[:, 0], np.full(4, level))
    assert ((high - low)[:3] < 2 * 100 * 0.5 * 0.4 * 30_000).all()
    assert (high - low)[3] > 10 * (high - low)[:3].max()
