"""Lags: the curve against an independent estimate, exact fractions and published numbers; draws against their moments."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from alignment_core.lags import Lags, chances, incidence, sum_draws

RECORDS = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([1, -1, 0])), min_size=1, max_size=40)


def lags(records):
    return Lags.counted(*map(list, zip(*records, strict=True)))


def product_limit(records):
    """The textbook's sums, one day after the other, in exact fractions."""
    converted, waiting, curve = Fraction(0), Fraction(1), []
    for day in range(max(day for day, _ in records) + 1):
        at_risk = sum(each >= day for each, _ in records)
        won, lost = (sum(each == (day, what) for each in records) for what in (1, -1))
        converted += waiting * Fraction(won, at_risk)
        waiting *= 1 - Fraction(won + lost, at_risk)
        curve.append((converted, waiting))
    return curve


@given(RECORDS)
def test_the_curve_is_the_textbooks(records):
    curve = lags(records).incidence
    expected = product_limit(records)
    np.testing.assert_allclose(curve.converted, [float(each) for each, _ in expected], atol=1e-12)
    np.testing.assert_allclose(curve.waiting, [float(each) for _, each in expected], atol=1e-12)


@given(RECORDS)
def test_the_curve_is_that_of_weighting_by_the_chance_of_being_followed(records):
    """Another way to the same estimate (Satten & Datta 2001): each conversion counts one over the chance, by scipy's
    Kaplan-Meier of the following itself, that it was followed so long."""
    days, what = (np.array(each) for each in zip(*records, strict=True))
    ended = np.where(what == 0, days + 0.5, days)  # who was open at a day's end was followed through that day
    followed = (
        stats.ecdf(stats.CensoredData(uncensored=ended[what == 0], right=ended[what != 0]))
        if (what == 0).any()
        else None
    )
    chance = followed.sf.evaluate(ended - 0.25) if followed else np.ones(len(days))
    for day, share in enumerate(lags(records).incidence.converted):
        assert share == pytest.approx(np.sum(((what == 1) & (days <= day)) / chance) / len(days), abs=1e-9)


@given(RECORDS)
def test_without_losses_it_is_kaplan_and_meiers_as_scipy_has_it(records):
    days, what = (np.array(each) for each in zip(*((day, abs(each)) for day, each in records), strict=True))
    if not what.any():
        return
    curve = Lags.counted(days, what).incidence
    theirs = stats.ecdf(stats.CensoredData(uncensored=days[what == 1], right=days[what == 0]))
    np.testing.assert_allclose(1 - curve.converted, theirs.sf.evaluate(np.arange(len(curve.converted))), atol=1e-12)
    np.testing.assert_allclose(curve.waiting, 1 - curve.converted, atol=1e-12)


def test_the_published_remission_times_give_the_published_curve():
    """Freireich et al. (1963), 6-MP arm, as in every textbook: S(6) = 0.857, S(10) = 0.753, S(23) = 0.448."""
    relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    still = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = Lags.counted(relapsed + still, [1] * 9 + [0] * 12).incidence
    assert curve.waiting[[6, 10, 23, 35]].round(3).tolist() == [0.857, 0.753, 0.448, 0.448]


@given(RECORDS, st.integers(0, 20))
def test_the_chance_of_one_who_waited_is_what_is_left_of_the_curve(records, age):
    curve = product_limit(records)
    converted, waiting = curve[min(age, len(curve) - 1)]
    expected = float((curve[-1][0] - converted) / waiting) if waiting else 0.0
    assert chances(lags(records).incidence, [age])[0] == pytest.approx(expected, abs=1e-9)


def test_what_was_never_seen_is_not_expected():
    """Of ten that converted within five days and ten that are followed for 90, none converts after the fifth."""
    found = Lags.counted([5] * 10 + [90] * 10, [1] * 10 + [0] * 10)
    assert chances(found.incidence, [0, 4, 5, 90, 400]).tolist() == [0.5, 0.5, 0.0, 0.0, 0.0]
    assert (found.longest, found.followed, found.entered) == (5, 90, 20)
    assert Lags.counted([3], [0]).longest is None


def test_drawn_curves_scatter_as_the_share_of_so_many_records_does():
    """Without open records the last day's share is a Beta: mean 30/40, with 30 and 10 as its parameters (Rubin 1981)."""
    found = Lags.counted([1, 2, 9] * 10 + [4] * 10, [1] * 30 + [-1] * 10)
    drawn = found.drawn(4000, np.random.default_rng(1)).converted[-1]
    assert stats.kstest(drawn, stats.beta(30, 10).cdf).pvalue > 0.01
    assert found.incidence.converted[-1] == pytest.approx(0.75)


def test_a_draw_of_counts_is_that_of_the_records_themselves():
    """Weights drawn for each record and added up by day and outcome give the same scatter as weights drawn for counts."""
    rng = np.random.default_rng(2)
    days, what = rng.integers(0, 6, 60), rng.choice([1, -1, 0], 60)
    found = Lags.counted(days, what)
    weights = rng.standard_exponential((60, 4000))
    sums = [np.stack([weights[(days == day) & (what == each)].sum(axis=0) for day in range(6)]) for each in (1, -1, 0)]
    one, other = incidence(*sums), found.drawn(4000, rng)
    for day in (1, 3, 5):
        assert stats.ks_2samp(one.converted[day], other.converted[day]).pvalue > 0.01


@pytest.mark.parametrize("many", [40, 5000])
def test_sums_of_amounts_have_the_mean_and_the_spread_of_both_chances(many):
    rng = np.random.default_rng(3)
    amounts = rng.lognormal(10, 0.6, many)
    counts = np.full(20_000, 9)
    sums = sum_draws(counts, amounts, rng)
    assert sums.mean() == pytest.approx(9 * amounts.mean(), rel=0.01)
    variance = 9 * amounts.var() + 81 * amounts.var() / (many + 1)
    assert sums.std() == pytest.approx(np.sqrt(variance), rel=0.03)
    assert sum_draws(np.array([0, 2]), [0.0, 0.0], rng).tolist() == [0.0, 0.0]
