"""The odds by MQLs delivered: as agreed, with uneven deals, and as it ran; against simulation and scipy."""

import time

import numpy as np
import pytest
from scipy import stats

from alignment_core.odds import odds
from alignment_core.outlook import outlook
from alignment_core.quarters import Quarter
from alignment_core.track_record import Evidence, Ran, TrackRecord
from tests.support import RATES, agreed

MQL_TO_SQL, SQL_TO_OPPORTUNITY, CLOSE = (760, 1330), (375, 760), (165, 375)
AMOUNTS = tuple(np.random.default_rng(11).lognormal(10.2, 0.45, 165))


def evidence(driver: str, passed: float, of: float, interval: tuple[float, float] | None = (0.1, 0.9)) -> Evidence:
    """One quarter's worth; of the interval only whether there is one counts here."""
    ran = Ran(Quarter(2026, 2), passed / of, of, passed)
    return Evidence("marketing", driver, None, (ran,), None, None, passed / of, interval, of)


def record(amounts=AMOUNTS, rates=(MQL_TO_SQL, SQL_TO_OPPORTUNITY, CLOSE), **changes) -> TrackRecord:
    drivers = ("mql_to_sql", "sql_to_opportunity", "close_rate")
    known = [evidence(driver, *counts, **changes) for driver, counts in zip(drivers, rates, strict=True)]
    known.append(evidence("deal_size", 165 * float(np.mean(amounts or (30_000,))), 165))
    return TrackRecord((Quarter(2026, 2),), "period", None, tuple(known), {("marketing", None): tuple(amounts)})


def test_as_agreed_is_the_exact_binomial() -> None:
    found = outlook(agreed())
    exact = odds(agreed())
    assert found.agreed.promised == exact.probability
    assert found.agreed.mqls_for == exact.mqls_for
    assert (found.uneven, found.ran) == (None, None)
    assert found.missing == "There is no track record yet: load earlier quarters to see the odds as it ran."
    points = dict(zip(found.agreed.mqls, found.agreed.probability, strict=True))
    for mqls, chance in points.items():
        assert chance == pytest.approx(stats.binom.sf(27, mqls, 0.16875), abs=1e-12)
    assert min(points) < 130
    assert max(points) > 204


@pytest.mark.parametrize("rates", [(MQL_TO_SQL, SQL_TO_OPPORTUNITY, CLOSE), ((24, 40), (11, 24), (5, 11))])
def test_as_it_ran_is_what_simulation_of_each_rate_says(rates) -> None:
    """A million quarters: each rate from its own Beta, then wins, all of one size. Also where the record is short."""
    found = outlook(agreed(), record((30_000.0,) * 20, rates))
    draw = np.random.default_rng(5)
    rate = np.prod([draw.beta(passed + 0.5, of - passed + 0.5, 1_000_000) for passed, of in rates], axis=0)
    for mqls in (164, 240, 300):
        simulated = (draw.binomial(mqls, rate) >= 28).mean()
        assert np.interp(mqls, found.ran.mqls, found.ran.probability) == pytest.approx(simulated, abs=0.006)


def test_uneven_deals_are_what_simulation_of_each_deal_says() -> None:
    """200,000 quarters: wins at the agreed rates, each deal drawn, scaled to the agreed mean."""
    found = outlook(agreed(), record())
    draw = np.random.default_rng(6)
    amounts = np.array(AMOUNTS) * 30_000 / np.mean(AMOUNTS)
    for mqls in (164, 189, 220):
        wins = draw.binomial(mqls, 0.16875, 200_000)
        sums = np.append(0.0, np.cumsum(draw.choice(amounts, wins.sum())))
        ends = np.cumsum(wins)
        revenue = sums[ends] - sums[ends - wins]
        at = np.interp(mqls, found.uneven.mqls, found.uneven.probability)
        assert at == pytest.approx((revenue >= 830_250).mean(), abs=0.02)


def test_one_size_of_deal_is_the_exact_binomial_again() -> None:
    found = outlook(agreed(), record((17.0,) * 50))
    assert found.uneven.probability == pytest.approx(found.agreed.probability, abs=1e-9)
    assert found.uneven.mqls_for == found.agreed.mqls_for


def test_the_wins_of_uneven_deals_are_summed_as_scipy_has_them() -> None:
    """The recursion of the (Beta-)binomial against scipy's own."""
    from alignment_core.outlook import _Belief, _wins

    n = np.array([1, 40, 164, 5000])
    for rate, belief, oracle in (
        (0.16875, None, stats.binom(n[:, None], 0.16875)),
        (1.0, None, stats.binom(n[:, None], 1.0)),
        (0.2, _Belief(3.5, 14.0), stats.betabinom(n[:, None], 3.5, 14.0)),
    ):
        assert _wins(200, n, rate, belief) == pytest.approx(oracle.pmf(np.arange(200)), abs=1e-10)


def test_as_it_ran_says_so_with_the_rate_that_differs_most() -> None:
    found = outlook(agreed(), record())
    assert (found.agreed.label, found.ran.label) == ("as agreed, MQL → SQL at 75%", "as it ran, MQL → SQL at 57%")
    alike = agreed(marketing={"mql_to_sql": 0.571, **RATES, "sql_to_opportunity": 0.493, "close_rate": 0.44})
    assert outlook(alike, record()).ran.label == "as it ran"


def test_more_mqls_are_likelier_and_a_worse_record_needs_more() -> None:
    found = outlook(agreed(), record())
    for curve in found.curves:
        assert list(curve.probability) == sorted(curve.probability)
        assert list(curve.mqls) == sorted(set(curve.mqls))
    for chance in (0.7, 0.8, 0.9):
        assert found.agreed.mqls_for[chance] <= found.uneven.mqls_for[chance] < found.ran.mqls_for[chance]
    assert found.ran.promised < found.agreed.promised


def test_a_hopeless_record_names_no_number() -> None:
    found = outlook(agreed(), record(rates=(MQL_TO_SQL, SQL_TO_OPPORTUNITY, (0, 375))))
    assert found.ran.mqls_for == {0.7: None, 0.8: None, 0.9: None}
    assert found.ran.promised < 0.001


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (record(interval=None, rates=((1400, 1330), SQL_TO_OPPORTUNITY, CLOSE)), "No odds as it ran: more passed than entered for MQL → SQL"),
        (record(interval=None, rates=((2, 3), (1, 2), (1, 1))), "No odds as it ran: too few records for MQL → SQL and SQL → opportunity and Close rate."),
        (record(amounts=()), "The spread of deal size is left out: too few won deals with an amount."),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(known: TrackRecord, words: str) -> None:
    found = outlook(agreed(), known)
    assert words in found.missing
    assert (found.ran is None) == ("No odds" in words)


def test_a_record_without_amounts_takes_the_average_deal() -> None:
    found = outlook(agreed(), record(amounts=()))
    assert found.uneven is None
    assert found.ran.promised == pytest.approx(outlook(agreed(), record((30_000.0,) * 20)).ran.promised, abs=0.003)


def test_marketing_that_owes_nothing_has_no_outlook() -> None:
    assert outlook(agreed(split={"marketing": 0, "sales": 1}), record()) is None


def test_the_largest_and_the_smallest_promise_stand() -> None:
    huge = {"mql_to_sql": 0.5, "sql_to_opportunity": 0.5, "close_rate": 0.5, "deal_size": 1}
    found = outlook(agreed(revenue_target=1e14, split={"marketing": 1, "sales": 0}, marketing=huge), record())
    assert 0.49 < found.uneven.promised < 0.51
    tiny = {"mql_to_sql": 1, "sql_to_opportunity": 1, "close_rate": 1, "deal_size": 830_250}
    small = outlook(agreed(marketing=tiny), record((830_250.0,) * 9))
    assert small.mqls == 1
    assert small.agreed.promised == small.uneven.promised == 1


def test_it_is_quick_and_the_same_every_time() -> None:
    first = outlook(agreed(), record())
    took = []
    for _ in range(5):
        begun = time.process_time()
        assert outlook(agreed(), record()) == first
        took.append(time.process_time() - begun)
    assert min(took) < 0.1
