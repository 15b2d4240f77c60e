"""What really ran: counted by hand, intervals against simulation, and the sentence about an assumption."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from alignment_core.agreement import Agreement
from alignment_core.assumptions import beside, warnings
from alignment_core.data import Data
from alignment_core.quarters import Quarter
from alignment_core.track_record import Ran, track_record

RATES = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}


def agreed(quarter: str = "2026-Q3", mql_to_sql: float = 0.75, **changes: Any) -> Agreement:
    values = {
        "company": "Northwind",
        "quarter": quarter,
        "revenue_target": 1_660_500,
        "split": {"marketing": 0.5, "sales": 0.5},
        "marketing": RATES | {"mql_to_sql": mql_to_sql},
        "sales": RATES,
    }
    return Agreement.checked(values | changes)


def leads(quarters: dict[str, tuple[int, int, int, list[float]]], last: str = "2026-07-01") -> Data:
    """Marketing's leads: MQLs, SQLs, opportunities and the amounts of its wins in each quarter, all in its second month."""
    rows: list[dict[str, Any]] = [{"created_at": datetime.fromisoformat(last)}]
    for name, (mqls, sqls, opportunities, amounts) in quarters.items():
        day = datetime.combine(Quarter.parse(name).start, datetime.min.time()) + timedelta(days=40)
        for place in range(mqls):
            won = amounts[place] if place < len(amounts) else None
            rows.append({
                "created_at": day,
                "mql_at": day,
                "sql_at": day if place < sqls else None,
                "opportunity_at": day if place < opportunities else None,
                "won_at": None if won is None else day,
                "amount": won,
                "lead_source": "Webinar",
            })  # fmt: skip
    columns = ("created_at", "mql_at", "sql_at", "opportunity_at", "won_at")
    at = pa.timestamp("us", "UTC")
    table = {name: pa.array([row.get(name) for row in rows], at) for name in columns}
    table["amount"] = pa.array([row.get("amount") for row in rows], pa.float64()).cast(pa.decimal128(18, 4))
    table["lead_source"] = pa.array([row.get("lead_source") for row in rows], pa.string())
    return Data({"leads": pa.table(table)})


QUARTERS = {
    "2025-Q3": (40, 20, 10, [10_000.0, 20_000.0]),
    "2025-Q4": (50, 30, 15, [30_000.0]),
    "2026-Q1": (50, 26, 13, [20_000.0, 40_000.0, 30_000.0]),
    "2026-Q2": (60, 34, 17, [10_000.0]),
}


def test_each_quarter_and_all_together_by_hand() -> None:
    record = track_record(leads(QUARTERS), agreed())
    assert [str(quarter) for quarter in record.quarters] == list(QUARTERS)
    ran = record.ran["marketing", "mql_to_sql"]
    assert {str(quarter): value for quarter, value in ran.by_quarter.items()} == {
        "2025-Q3": 0.5, "2025-Q4": 0.6, "2026-Q1": 0.52, "2026-Q2": pytest.approx(34 / 60),
    }  # fmt: skip
    assert (ran.sample, ran.pooled, ran.low, ran.high) == (200, 110 / 200, 0.5, 0.6)
    size = record.ran["marketing", "deal_size"]
    assert list(size.by_quarter.values()) == [15_000, 30_000, 30_000, 10_000]
    assert (size.sample, size.pooled) == (7, 160_000 / 7)
    assert sorted(record.amounts["marketing"]) == [10_000, 10_000, 20_000, 20_000, 30_000, 30_000, 40_000]
    assert ("sales", "close_rate") not in record.ran


def test_only_quarters_that_are_over_and_before_the_agreements_count() -> None:
    def quarters(agreement: Agreement, **options: Any) -> list[str]:
        return [str(each) for each in track_record(leads(QUARTERS, "2026-06-20"), agreement, **options).quarters]

    assert quarters(agreed("2027-Q1")) == ["2025-Q3", "2025-Q4", "2026-Q1"]  # 2026-Q2 has ten days to go
    assert quarters(agreed("2026-Q1")) == ["2025-Q3", "2025-Q4"]
    assert quarters(agreed("2026-Q2"), quarters=2) == ["2025-Q4", "2026-Q1"]


def test_a_cohorts_interval_is_jeffreys_and_a_periods_is_wider() -> None:
    """Against a million draws of the two posteriors."""
    draw = np.random.default_rng(7)
    cohort = track_record(leads(QUARTERS), agreed(), basis="cohort").ran["marketing", "mql_to_sql"]
    assert cohort.interval == pytest.approx(np.quantile(draw.beta(110.5, 90.5, 10**6), [0.05, 0.95]), abs=5e-4)
    period = track_record(leads(QUARTERS), agreed()).ran["marketing", "mql_to_sql"]
    rates = draw.gamma(110.5, size=10**6) / draw.gamma(200.5, size=10**6)
    assert period.interval == pytest.approx(np.quantile(rates, [0.05, 0.95]), abs=1e-3)


def test_a_deal_sizes_interval_is_the_bayesian_bootstrap() -> None:
    """Weights are a flat Dirichlet; the draws here are made another way."""
    record = track_record(leads(QUARTERS), agreed())
    amounts = record.amounts["marketing"]
    means = np.random.default_rng(3).dirichlet(np.ones(len(amounts)), 200_000) @ amounts
    assert record.ran["marketing", "deal_size"].interval == pytest.approx(np.quantile(means, [0.05, 0.95]), rel=0.03)


def test_an_assumption_outside_everything_seen_is_said_with_what_it_costs() -> None:
    """At 55% it takes 123 / 0.55 = 223.6 MQLs."""
    record = track_record(leads(QUARTERS), agreed())
    furthest, warned = warnings(agreed(mql_to_sql=0.75), record)
    assert warned.sentence == "75% marketing-sourced MQL → SQL agreed; the last four quarters ran 50–60%."
    assert warned.instead == "At 55% marketing would owe 224 MQLs."
    assert furthest.driver == "close_rate"  # 45% agreed, 7 of 55 ran; 7 wins are too few for a size


@pytest.mark.parametrize("mql_to_sql", [0.5, 0.55, 0.6])
def test_an_assumption_inside_what_was_seen_is_left_alone(mql_to_sql: float) -> None:
    record = track_record(leads(QUARTERS), agreed())
    assert "mql_to_sql" not in {each.driver for each in warnings(agreed(mql_to_sql=mql_to_sql), record)}


def test_few_quarters_warn_only_beyond_chance_and_few_records_never() -> None:
    """27 of 50 in one quarter: 90% of chance reaches from 42% to 66% as shares, from 39% to 75% as counts of events."""
    record = track_record(leads({"2026-Q2": (50, 27, 14, [10_000.0])}), agreed())
    assert not record.ran["marketing", "mql_to_sql"].is_outside(0.7)
    assert record.ran["marketing", "mql_to_sql"].is_outside(0.9)
    assert (
        not track_record(leads({"2026-Q2": (12, 3, 1, [10_000.0])}), agreed())
        .ran["marketing", "mql_to_sql"]
        .is_outside(0.9)
    )


def test_what_stands_beside_a_figure() -> None:
    record = track_record(leads(QUARTERS), agreed())
    assert beside(record.ran["marketing", "mql_to_sql"]) == "50–60% in 4 quarters (200 MQLs)"
    assert beside(record.ran["marketing", "deal_size"]) == "10–30k in 4 quarters (7 wins, too few to say)"
    assert beside(record.ran.get(("sales", "close_rate"))) == "not recorded in the loaded files"


def test_a_value_just_outside_is_written_finer_than_the_range() -> None:
    ran = Ran(
        "marketing", "close_rate", {Quarter(2025, each): 0.4 + each / 100 for each in (1, 2, 3, 4)}, 400, 0.42, None
    )
    assert ran.is_outside(0.443)
    assert not ran.is_outside(0.44)
