"""What the last quarters ran: ranges, pooled rates and their intervals."""

import numpy as np
import pytest
from scipy import stats

from alignment_core.choices import Choices
from alignment_core.data import Data
from alignment_core.track_record import mean_draws, mean_interval, track_record
from tests.support import agreed, records, summary

QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def quarter(name: str, mqls: float, sqls: float, opportunities: float, wins: float, size: float = 30_000, **more):
    counts = {"mqls": mqls, "sqls": sqls, "opportunities": opportunities, "wins": wins, "revenue": wins * size}
    return {"quarter": name, "source": "marketing", **counts, **more}


def four(**last) -> Data:
    """MQL→SQL 50, 55, 60 and 52.5%; SQL→opportunity 50%; close rate 40%; 30,000, 31,000, 29,000 and 30,000."""
    return summary(
        quarter("2025-Q3", 200, 100, 50, 20),
        quarter("2025-Q4", 200, 110, 55, 22, 31_000),
        quarter("2026-Q1", 200, 120, 60, 24, 29_000),
        quarter("2026-Q2", 200, 105, 50, 20) | last,
    )


def test_each_driver_by_hand() -> None:
    found = track_record(four(), agreed())
    assert tuple(map(str, found.quarters)) == QUARTERS
    rate = found.of("marketing", "mql_to_sql")
    assert [each.value for each in rate.quarters] == [0.5, 0.55, 0.6, 0.525]
    assert (rate.low, rate.high, rate.pooled, rate.of) == (0.5, 0.6, 435 / 800, 800)
    size = found.of("marketing", "deal_size")
    assert (size.low, size.high, size.of) == (29_000, 31_000, 86)
    assert size.pooled == (20 * 30 + 22 * 31 + 24 * 29 + 20 * 30) * 1000 / 86
    volume = found.of("marketing", "mql_volume")
    assert (volume.low, volume.high, volume.pooled, volume.interval) == (200, 200, 200, None)


def test_the_interval_of_a_rate_is_jeffreys() -> None:
    """Against scipy's Beta: 435 of 800."""
    interval = track_record(four(), agreed()).of("marketing", "mql_to_sql").interval
    assert interval == pytest.approx(stats.beta(435.5, 365.5).interval(0.95), abs=1e-12)


def test_only_complete_quarters_before_the_agreements_own_count() -> None:
    data = four()
    assert track_record(data, agreed(quarter="2026-Q2")).quarters == track_record(data, agreed()).quarters[:3]
    assert tuple(map(str, track_record(data, agreed(), quarters=2).quarters)) == QUARTERS[2:]
    assert track_record(data, agreed(quarter="2025-Q3")).evidence == ()
    # Records that end on 29 June leave the second quarter open.
    lead = {"lead_source": "Webinar", "won_at": "2026-01-20", "amount": 5, "lead_id": "1", "mql_at": "2026-01-10"}
    for last, quarters in (("2026-06-29", ["2026-Q1"]), ("2026-06-30", ["2026-Q1", "2026-Q2"])):
        ends = {"lead_source": "Webinar", "lead_id": "2", "mql_at": last, "won_at": None, "amount": None}
        assert [str(each) for each in track_record(records(lead, ends), agreed()).quarters] == quarters


def test_a_quarter_within_which_the_files_begin_is_left_out() -> None:
    """From 20 November on: the fourth quarter would look like a third of one. From 12 October on it counts."""
    for first, quarters, words in (
        ("2025-11-20", ["2026-Q1", "2026-Q2"], "2025-Q4 is left out: the files begin within it, on 20 November 2025."),
        ("2025-10-12", ["2025-Q4", "2026-Q1", "2026-Q2"], ""),
    ):
        days = (first, "2026-01-20", "2026-04-20", "2026-07-01")
        leads = [{"lead_id": day, "lead_source": "Webinar", "mql_at": day, "won_at": day, "amount": 5} for day in days]
        found = track_record(records(*leads), agreed())
        assert [str(each) for each in found.quarters] == quarters
        assert found.left_out == words


def test_more_that_passed_than_entered_has_a_range_and_no_interval() -> None:
    found = track_record(four(sqls=700), agreed()).of("marketing", "mql_to_sql")
    assert found.quarters[-1].value == 3.5
    assert found.pooled == (100 + 110 + 120 + 700) / 800
    assert found.interval is None


def test_thin_quarters_are_no_range() -> None:
    """Four wins in a quarter say nothing of its deal size; two quarters are no range."""
    thin = summary(*(quarter(name, 200, 100, 8, 4) for name in QUARTERS))
    size = track_record(thin, agreed()).of("marketing", "deal_size")
    assert (size.low, size.high) == (None, None)
    assert size.too_little == "too little to compare with: no quarter with at least 5 records"
    two = track_record(four(), agreed(), quarters=2).of("marketing", "mql_to_sql")
    assert (two.low, two.pooled) == (None, 225 / 400)
    assert two.too_little == "too little to compare with: only 2 quarters with at least 5 records"


def test_a_stage_that_nobody_recorded_is_merged_as_in_the_review() -> None:
    data = summary(
        *({key: value for key, value in quarter(name, 200, 1, 50, 20).items() if key != "sqls"} for name in QUARTERS)
    )
    found = track_record(data, agreed())
    assert [each.driver for each in found.evidence if each.source == "marketing"] == [
        "mql_volume", "mql_to_opportunity", "close_rate", "deal_size",
    ]  # fmt: skip
    assert found.of("marketing", "mql_to_opportunity").pooled == 0.25


def test_per_segment_each_has_its_own_record() -> None:
    rows = [
        quarter(name, 100, sqls, 30, 12, region=region)
        for name in QUARTERS
        for region, sqls in (("EMEA", 40), ("APAC", 60))
    ]
    found = track_record(summary(*rows), agreed(), by="region")
    assert found.of("marketing", "mql_to_sql", "EMEA").pooled == 0.4
    assert found.of("marketing", "mql_to_sql", "APAC").pooled == 0.6
    assert found.of("marketing", "mql_to_sql") is None


def test_files_that_cannot_answer_have_no_record() -> None:
    assert track_record(Data({}), agreed()).quarters == ()
    assert track_record(four(), agreed(), by="planet").evidence == ()


def won(*amounts: float) -> Data:
    """Wins of one amount each, spread over the four quarters."""
    days = ("2025-07-10", "2025-11-01", "2026-02-01", "2026-05-01")
    leads = [
        {"lead_id": str(place), "lead_source": "Webinar", "mql_at": days[place % 4], "won_at": days[place % 4], "amount": amount}
        for place, amount in enumerate(amounts)
    ]  # fmt: skip
    return records(
        *leads, {"lead_id": "end", "lead_source": "Webinar", "mql_at": "2026-07-01", "won_at": None, "amount": None}
    )


def test_deal_size_is_bootstrapped_from_the_amounts_of_the_wins() -> None:
    amounts = [10_000 + 500 * place for place in range(40)]
    found = track_record(won(*amounts), agreed())
    size = found.of("marketing", "deal_size")
    assert sorted(found.amounts["marketing", None]) == amounts
    assert size.pooled == np.mean(amounts)
    assert size.interval == mean_interval(np.array(found.amounts["marketing", None]))
    assert size.interval[0] < size.pooled < size.interval[1]


def test_the_bootstraps_mean_and_variance_are_the_known_ones() -> None:
    """Dirichlet(1, …, 1) weights: mean of the amounts, variance of the amounts / (n + 1) (Rubin 1981)."""
    amounts = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    draws = mean_draws(amounts, 40_000)
    assert draws.mean() == pytest.approx(amounts.mean(), abs=4 * draws.std() / 200)
    assert draws.var() == pytest.approx(amounts.var() / 7, rel=0.03)


def test_many_amounts_take_the_closed_form_to_the_same_end() -> None:
    amounts = np.random.default_rng(3).lognormal(10, 0.5, 2001)
    assert mean_interval(amounts) == pytest.approx(np.quantile(mean_draws(amounts, 4000), [0.025, 0.975]), rel=0.004)


def test_the_same_data_give_the_same_record() -> None:
    assert track_record(won(*range(1000, 1040)), agreed()) == track_record(won(*range(1000, 1040)), agreed())


def test_a_record_is_worked_out_anew_only_for_what_it_depends_on() -> None:
    """Editing rates or the target asks nothing of the tables; another quarter, sourcing or choice does."""
    data = won(*range(1000, 1040))
    known = track_record(data, agreed())
    assert track_record(data, agreed(revenue_target=5, split={"marketing": 1, "sales": 0})) is known
    assert track_record(data, agreed(quarter="2026-Q2")).quarters == known.quarters[:-1]
    assert track_record(data, agreed(sourcing={"marketing": ["Fax"], "sales": ["Cold call"]})).evidence == ()
    assert track_record(data, agreed(), quarters=1).quarters == known.quarters[-1:]
    assert track_record(data, agreed(), by="lead_source").by == "lead_source"
    dearer = data.with_choices(Choices(wins_without_amount="left out", zero_or_negative_amounts="left out"))
    assert track_record(dearer, agreed()) is not known


def test_wins_without_an_amount_add_nothing_to_the_spread() -> None:
    found = track_record(won(*[5] * 8, *[None] * 8), agreed())
    # By choice "at zero" (the default) they count 0 in the quarter's deal size, and so they do here.
    assert sorted(found.amounts["marketing", None]) == [0] * 8 + [5] * 8
    assert found.of("marketing", "deal_size").pooled == 2.5
