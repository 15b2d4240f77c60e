"""Bars of a review with their verdicts: the sample company's story, and words that follow the evidence."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.findings import explain, headline
from alignment_core.noise_draws import effect_draws, intervals
from alignment_core.results import Bar, Counts, NotDecided
from alignment_core.review import review
from alignment_core.verdict_words import verdict_sentence, verdict_word
from alignment_core.verdicts import inseparable, judged_bars, withheld
from tests.support import agreed, funnel_of, reviewed, sample, summary

NO_AMOUNTS = pd.DataFrame(columns=["source", "segment", "amount"])


def amounts(*values, source="marketing", segment=None):
    return pd.DataFrame({"source": source, "segment": segment, "amount": values})


def judged(plan, actual, won=NO_AMOUNTS, *, basis="period", by=None, further=None, method="shapley"):
    """A review by hand with its verdicts."""
    result = reviewed(plan, actual, basis=basis, by=by, method=method)
    sides = [side if by else {source: {None: counts} for source, counts in side.items()} for side in (plan, actual)]
    bars, parts = judged_bars(
        result.bars, result.segment_bars, *sides, won, basis=basis, method=method, further=further
    )
    return replace(result, bars=bars, segment_bars=parts)


def bar_of(result, driver, source="marketing"):
    return next(bar for bar in result.bars if (bar.source, bar.driver) == (source, driver))


@pytest.mark.parametrize("basis", ["period", "cohort"])
def test_the_sample_companys_collapse_is_real_and_nothing_else_is(basis):
    result = review(*sample(), basis=basis)
    assert {(bar.source, bar.driver) for bar in result.bars if bar.verdict == "real"} == {("marketing", "mql_to_sql")}
    assert "it is more than chance" in headline(result).title or basis == "cohort"


def test_the_same_review_always_has_the_same_intervals():
    data, agreement = sample()
    assert review(data, agreement, by="region") == review(data, agreement, by="region")


def test_where_earlier_quarters_say_nothing_of_what_is_open_no_later_bar_is_called_chance():
    plan, actual = (
        {"marketing": funnel_of(123, 0.57, 0.5, 0.45, 30_000)},
        {"marketing": funnel_of(123, 0.56, 0.5, 0.45, 30_000)},
    )
    further = {"marketing": np.array([[0.0], [np.nan], [np.nan], [np.nan], [np.nan]]).repeat(200, axis=1)}
    as_counted, with_open = (judged(plan, actual, basis="cohort", further=each) for each in (None, further))
    said = {bar.driver: (bar.verdict, bar.undecided) for bar in with_open.bars}
    assert bar_of(as_counted, "mql_to_sql").verdict == "noise"
    assert said["mql_volume"] == ("noise", None)
    assert said["mql_to_sql"] == said["close_rate"] == ("undecided", "open")


def test_a_breakdown_changes_nothing_in_what_is_said_of_the_whole():
    data, agreement = sample()
    whole = {(bar.source, bar.driver): bar.verdict for bar in review(data, agreement).bars}
    by = {(bar.source, bar.driver): bar.verdict for bar in review(data, agreement, by="region").bars}
    assert by == whole


@pytest.mark.parametrize(
    ("mqls", "sqls", "verdict", "words"),
    [
        (28, 11, "noise", "That is within chance: it could be anything between"),
        (123, 48, "real", "That is more than chance: allowing for chance, the effect lies between"),
    ],
)
def test_39_percent_against_57_reads_as_its_number_of_mqls_allows(mqls, sqls, verdict, words):
    """On cohort basis; all else as agreed."""
    plan = {"marketing": funnel_of(mqls, 0.57, 0.5, 0.45, 30_000)}
    actual = {"marketing": Counts(mqls, sqls, sqls * 0.5, sqls * 0.225, sqls * 0.225 * 30_000)}
    bar = bar_of(result := judged(plan, actual, basis="cohort"), "mql_to_sql")
    assert bar.verdict == verdict
    assert words in explain(result, bar)


def test_the_largest_cause_that_is_chance_is_said_to_be():
    plan, actual = (funnel_of(28, rate, 0.5, 0.45, 30_000) for rate in (0.57, 0.393))
    result = judged({"marketing": plan}, {"marketing": actual}, basis="cohort")
    assert "No cause is more than chance; the largest is MQL → SQL conversion" in headline(result).title


def test_what_is_open_makes_it_too_early_to_say():
    """48 of 123 is real as counted; if the 31 open MQLs bring 22 SQLs more, 70 of 123 are 57%."""
    plan = {"marketing": funnel_of(123, 0.57, 0.5, 0.45, 30_000)}
    actual = {"marketing": Counts(123, 48, 24, 11, 330_000)}
    further = np.repeat(np.array([[0.0], [22.0], [11.0], [5.0], [150_000.0]]), 200, axis=1)
    result = judged(plan, actual, basis="cohort", further={"marketing": further})
    bar = bar_of(result, "mql_to_sql")
    assert (bar.verdict, bar.undecided) == ("undecided", "open")
    nothing = Counts(0, 0, 0, 0, 0)
    told = replace(result, not_decided={"marketing": NotDecided({"mqls": 31}, nothing, nothing, nothing)})
    assert verdict_sentence(told, bar) == "Too early to say: 31 of 123 MQLs are still open."
    assert verdict_word(bar) == "too early"
    assert "too early to say: 31 of 123 MQLs are still open" in headline(told).title
    assert (
        bar_of(judged(plan, actual, basis="cohort", further={"marketing": further * 0}), "mql_to_sql").verdict == "real"
    )


def test_a_summary_cannot_say_whether_deal_size_is_real():
    data = summary(
        {"quarter": "2026-Q3", "source": "marketing", "mqls": 164, "sqls": 120, "opportunities": 60, "wins": 27, "revenue": 700_000},
        {"quarter": "2026-Q3", "source": "sales", "sqls": 120, "opportunities": 60, "wins": 27, "revenue": 800_000},
    )  # fmt: skip
    bar = bar_of(result := review(data, agreed()), "deal_size")
    assert (bar.verdict, bar.undecided) == ("undecided", "amounts")
    assert "an export of deals" in verdict_sentence(result, bar)
    assert bar_of(result, "mql_to_sql").verdict == "noise"


def test_deal_size_is_judged_by_the_wins_amounts():
    plan = {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}
    won = np.random.default_rng(1).lognormal(np.log(50_000), 0.3, 28)
    actual = {"marketing": Counts(164, 123, 61, 28, won.sum())}
    bar = bar_of(judged(plan, actual, amounts(*won)), "deal_size")
    assert bar.verdict == "real"
    assert bar.interval[0] > 0
    few = {"marketing": Counts(164, 123, 61, 4, won[:4].sum())}
    assert bar_of(judged(plan, few, amounts(*won[:4])), "deal_size").undecided == "few"
    for silent in ([0.0] * 5 + list(won[:20]), [30_000.0] * 25):
        said = bar_of(judged(plan, few, amounts(*silent)), "deal_size")
        assert (said.verdict, said.undecided) == ("undecided", "scatter")


def test_a_segment_that_nobody_planned_for_is_held_against_nothing():
    plan = {"marketing": {"EMEA": funnel_of(100, 0.6, 0.5, 0.45, 30_000)}}
    actual = {"marketing": {"EMEA": funnel_of(100, 0.6, 0.5, 0.45, 30_000), "APAC": Counts(9, 5, 2, 1, 30_000)}}
    result = judged(plan, actual, by="region")
    volume = next(bar for bar in result.segment_bars if (bar.segment, bar.driver) == ("APAC", "mql_volume"))
    assert (volume.verdict, volume.undecided) == ("undecided", "unplanned")
    assert "9 came" in verdict_sentence(result, volume)


COUNTS = st.tuples(st.integers(0, 400), *[st.floats(0, 1)] * 3).map(
    lambda each: (each[0], round(each[0] * each[1]), round(round(each[0] * each[1]) * each[2]), each[3])
)


@settings(max_examples=60, deadline=None)
@given(
    COUNTS,
    st.sampled_from(["period", "cohort"]),
    st.sampled_from(["shapley", "sequential", "lmdi"]),
    st.integers(0, 99),
)
def test_an_interval_never_says_otherwise_than_the_verdict(counts, basis, method, seed):
    mqls, sqls, opportunities, closed = counts
    wins = round(opportunities * closed)
    won = np.random.default_rng(seed).lognormal(10, 0.6, wins)
    actual = {"marketing": Counts(mqls, sqls, opportunities, wins, float(won.sum()))}
    result = judged(
        {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}, actual, amounts(*won), basis=basis, method=method
    )
    for bar in result.bars:
        assert bar.verdict is not None
        assert (bar.verdict == "undecided") == (bar.undecided is not None)
        if bar.interval is not None:
            low, high = bar.interval
            assert low <= bar.effect <= high
            if bar.verdict == "real":
                assert (high <= 0) if bar.effect < 0 else (low >= 0)
            if bar.verdict == "noise":
                assert low <= 0 <= high
        else:
            assert bar.verdict == "undecided"


def test_what_lmdi_gives_nothing_to_because_nothing_was_won_convicts_nobody():
    """75 MQLs of 164 agreed are fewer than chance brings; but where nothing was won, LMDI gives the whole to the close rate."""
    plan = {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}
    result = judged(plan, {"marketing": Counts(75, 56, 28, 0, 0.0)}, method="lmdi")
    bar = bar_of(result, "mql_volume")
    assert (bar.effect, bar.verdict, bar.interval, bar.undecided) == (0.0, "undecided", None, "mix")
    assert bar_of(judged(plan, {"marketing": Counts(75, 56, 28, 0, 0.0)}), "mql_volume").verdict == "real"


@pytest.mark.parametrize("method", ["shapley", "sequential", "lmdi"])
def test_an_interval_is_that_of_many_simulated_outcomes(method):
    """Against a loop of its own draws through one product after the other."""
    from alignment_core.bridge import decompose

    rng = np.random.default_rng(9)
    counts, plan = np.array([196.0, 77, 39, 18]), np.array([205, 0.6, 0.5, 0.45, 30_000.0])
    won = rng.lognormal(10.2, 0.5, 18)
    size = np.array([won.mean()])
    effects = effect_draws(plan[:, None], counts[:, None], [won], size, "cohort", method, 40_000, 0.1)[:, 0]
    low, high = intervals(effects, np.full(5, 0.1))
    volume = rng.gamma(196.5, size=20_000)
    rates = [rng.beta(k + 0.5, n - k + 0.5, 20_000) for n, k in ((196, 77), (77, 39), (39, 18))]
    weights = rng.dirichlet(np.ones(18), 20_000)
    around = won.mean() + (weights @ won - won.mean()) * np.sqrt(19 / 17) * 1.7396 / 1.6449
    drawn = np.array([volume, *rates, around])
    expected = np.array([decompose(plan, each, method) for each in drawn.T[:6_000]]).T
    for row in range(5):
        wide = np.quantile(expected[row], 0.95) - np.quantile(expected[row], 0.05)
        assert low[row] == pytest.approx(np.quantile(expected[row], 0.05), abs=0.06 * wide)
        assert high[row] == pytest.approx(np.quantile(expected[row], 0.95), abs=0.06 * wide)


def test_the_ends_of_an_interval_are_numpys_quantiles():
    draws = np.random.default_rng(0).normal(size=(3, 501))
    level = np.array([0.1, 0.003, 0.5])
    low, high = intervals(draws, level)
    for row in range(3):
        assert (low[row], high[row]) == pytest.approx(
            tuple(np.quantile(draws[row], [level[row] / 2, 1 - level[row] / 2]))
        )


def test_what_nobody_owns_is_not_judged():
    result = judged({"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}, {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000), "unassigned": Counts(1, 1, 1, 1, 9_000)})  # fmt: skip
    bar = bar_of(result, "unassigned", "unassigned")
    assert isinstance(bar, Bar)
    assert (bar.verdict, bar.interval, verdict_word(bar), verdict_sentence(result, bar)) == (None, None, "", "")


def test_who_needs_the_variance_only_gets_the_same_bars_without_verdicts():
    data, agreement = sample()
    quick, whole = review(data, agreement, judged=False), review(data, agreement)
    assert {bar.verdict for bar in quick.bars} == {None}
    assert quick.bars == tuple(replace(bar, verdict=None, interval=None, undecided=None) for bar in whole.bars)


def test_with_a_breakdown_the_interval_is_laid_around_the_sum_of_the_segments():
    data, agreement = sample()
    whole, by = (bar_of(review(data, agreement, by=field), "mql_volume") for field in (None, "lead_type"))
    moved = by.effect - whole.effect
    assert abs(moved) > 10_000
    assert by.interval == pytest.approx((whole.interval[0] + moved, whole.interval[1] + moved), abs=1)


def test_a_driver_that_only_some_segments_have_is_not_judged_as_one_and_takes_nothing_from_the_others():
    data, agreement = sample()
    whole, by = (review(data, agreement, by=field) for field in (None, "country"))
    odd = [bar for bar in by.bars if bar.driver == "mql_to_opportunity"]
    assert [(bar.verdict, bar.undecided, bar.interval) for bar in odd] == [("undecided", "mix", None)]
    assert {(bar.source, bar.driver): bar.verdict for bar in by.bars if bar not in odd} == {
        (bar.source, bar.driver): bar.verdict for bar in whole.bars
    }


@pytest.mark.parametrize(("share", "verdict"), [(0.1, "real"), (1.0, "undecided")])
def test_a_segment_expects_its_share_of_what_is_open(share, verdict):
    """40 of 123 is real; two SQLs more leave it so, 22 more don't."""
    rest = 123 / share - 123
    plan = {
        "marketing": {"A": funnel_of(123, 0.57, 0.5, 0.45, 30_000), "B": funnel_of(rest or 1, 0.57, 0.5, 0.45, 30_000)}
    }
    actual = {"marketing": {"A": Counts(123, 40, 20, 9, 270_000), "B": Counts(rest, round(rest * 0.57), 0, 0, 0)}}
    further = {"marketing": np.repeat(np.array([[0.0], [22.0], [0.0], [0.0], [0.0]]), 50, axis=1)}
    result = judged(plan, actual, basis="cohort", by="region", further=further)
    bar = next(bar for bar in result.segment_bars if (bar.segment, bar.driver) == ("A", "mql_to_sql"))
    assert bar.verdict == verdict


def test_a_beat_is_credited_in_the_words_that_a_miss_is_charged_in():
    """A half more, or fewer, of 500 MQLs."""
    plan = {"marketing": funnel_of(500, 0.5, 0.5, 0.45, 30_000)}
    miss, beat = (
        judged(plan, {"marketing": funnel_of(500, rate, 0.5, 0.45, 30_000)}, basis="cohort") for rate in (0.35, 0.65)
    )
    titles = [headline(each).title for each in (miss, beat)]
    assert titles[0].endswith("which sales owns; it is more than chance.")
    assert titles[1].endswith("which sales owns; it is more than chance.")
    down, up = (bar_of(each, "mql_to_sql") for each in (miss, beat))
    assert (down.verdict, up.verdict) == ("real", "real")
    assert down.effect == pytest.approx(-up.effect)
    assert (down.interval[0], down.interval[1]) == pytest.approx((-up.interval[1], -up.interval[0]), rel=0.25)


def test_a_rate_above_100_percent_and_what_it_is_measured_from_are_not_called_real_by_themselves():
    """100 opportunities agreed, 45% of them won; 40 came and 44 were won, for 10,000 each as agreed."""
    bars = [
        Bar("sales", "opportunity_volume", "sales", 100, 40, -400_000, -600_000, -270_000, interval=(-500_000, -300_000), verdict="real"),
        Bar("sales", "close_rate", "sales", 0.45, 1.1, 390_000, 260_000, 650_000, interval=(200_000, 500_000), verdict="real"),
        Bar("sales", "deal_size", "shared", 10_000, 10_000, 0.0, 0.0, 0.0, interval=(-10_000, 10_000), verdict="noise"),
    ]  # fmt: skip
    told = withheld(bars, [], is_unfinished=False)
    assert [(each.verdict, each.undecided, each.interval is None) for each in told] == [
        ("undecided", "together", True),
        ("undecided", "together", True),
        ("noise", None, False),
    ]
    assert verdict_word(told[0]) == "not alone"
    assert withheld([replace(bars[1], actual=1.0)], [], is_unfinished=False)[0].verdict == "real"


def test_rates_above_100_percent_stand_with_their_neighbours_of_the_same_side_and_segment():
    def bar(driver, actual, source="sales", segment=None):
        return Bar(source, driver, "sales", 0.5, actual, 0.0, 0.0, 0.0, segment=segment)

    marketing, volume, above, size = (
        bar("deal_size", 9.0, "marketing"), bar("opportunity_volume", 40.0), bar("close_rate", 1.1), bar("deal_size", 9.0),
    )  # fmt: skip
    assert inseparable([marketing, volume, above, size]) == ((marketing,), (volume, above), (size,))
    assert inseparable([marketing, above]) == ((marketing,), (above,))
    in_emea, in_apac = replace(volume, segment="EMEA"), replace(above, segment="APAC")
    assert inseparable([in_emea, in_apac]) == ((in_emea,), (in_apac,))
