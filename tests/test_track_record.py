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
from alignment_core.track_record import track_record
from alignment_core.vocabulary import Basis, Driver

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
    ran = record.of("marketing", "mql_to_sql")
    assert ran is not None
    assert {str(each.quarter): each.value for each in ran.quarters} == {
        "2025-Q3": 0.5, "2025-Q4": 0.6, "2026-Q1": 0.52, "2026-Q2": 34 / 60,
    }  # fmt: skip
    assert (ran.of, ran.pooled, ran.low, ran.high, ran.too_little) == (200, 110 / 200, 0.5, 0.6, "")
    size = record.of("marketing", "deal_size")
    assert size is not None
    assert [each.value for each in size.quarters] == [15_000, 30_000, 30_000, 10_000]
    assert (size.of, size.pooled) == (7, 160_000 / 7)
    assert sorted(record.amounts["marketing"]) == [10_000, 10_000, 20_000, 20_000, 30_000, 30_000, 40_000]
    volume = record.of("marketing", "mql_volume")
    assert volume is not None
    assert (volume.low, volume.high, volume.pooled) == (40, 60, 50)


def test_only_quarters_that_are_over_and_before_the_agreements_count() -> None:
    def quarters(agreement: Agreement, **options: Any) -> list[str]:
        return [str(each) for each in track_record(leads(QUARTERS, "2026-06-20"), agreement, **options).quarters]

    assert quarters(agreed("2027-Q1")) == ["2025-Q3", "2025-Q4", "2026-Q1"]  # 2026-Q2 has ten days to go
    assert quarters(agreed("2026-Q1")) == ["2025-Q3", "2025-Q4"]
    assert quarters(agreed("2026-Q2"), quarters=2) == ["2025-Q4", "2026-Q1"]


def interval(driver: Driver, basis: Basis) -> tuple[float, float]:
    found = track_record(leads(QUARTERS), agreed(), basis=basis).of("marketing", driver)
    assert found is not None
    assert found.interval is not None
    return found.interval


def test_a_cohorts_interval_is_jeffreys_and_a_periods_is_wider() -> None:
    """Against a million draws of the two posteriors: a share's, and the quotient of two Poisson rates'."""
    draw = np.random.default_rng(7)
    shares = draw.beta(110.5, 90.5, 10**6)
    assert interval("mql_to_sql", "cohort") == pytest.approx(np.quantile(shares, [0.025, 0.975]), abs=5e-4)
    rates = draw.gamma(110.5, size=10**6) / draw.gamma(200.5, size=10**6)
    assert interval("mql_to_sql", "period") == pytest.approx(np.quantile(rates, [0.025, 0.975]), abs=2e-3)


def test_a_deal_sizes_interval_is_the_bayesian_bootstrap() -> None:
    """Weights are a flat Dirichlet; the draws here are made another way."""
    amounts = track_record(leads(QUARTERS), agreed()).amounts["marketing"]
    means = np.random.default_rng(3).dirichlet(np.ones(len(amounts)), 200_000) @ np.array(amounts)
    assert interval("deal_size", "period") == pytest.approx(np.quantile(means, [0.025, 0.975]), rel=0.03)


def test_an_assumption_outside_everything_seen_is_said_with_what_it_costs() -> None:
    """At 55% it takes 123 / 0.55 = 223.6 MQLs. 150 wide of any quarter are 90 MQLs; 7 wins are too few for a size."""
    found = {each.evidence.driver: each for each in warnings(agreed(), track_record(leads(QUARTERS), agreed()))}
    said = found["mql_to_sql"]
    assert said.above
    assert (said.title, said.sentence) == (
        "Marketing-sourced MQL → SQL",
        "75% agreed; the last four quarters ran 50–60%.",
    )
    assert said.consequence == "At 55% marketing would owe 224 MQLs, not 164."
    assert "deal_size" not in found


@pytest.mark.parametrize("mql_to_sql", [0.5, 0.55, 0.6])
def test_an_assumption_inside_what_was_seen_is_left_alone(mql_to_sql: float) -> None:
    record = track_record(leads(QUARTERS), agreed())
    assert "mql_to_sql" not in {each.evidence.driver for each in warnings(agreed(mql_to_sql=mql_to_sql), record)}


def test_too_little_to_compare_with_is_said_and_warns_of_nothing() -> None:
    record = track_record(leads({"2026-Q2": (50, 27, 14, [10_000.0])}), agreed(mql_to_sql=0.99))
    assert warnings(agreed(mql_to_sql=0.99), record) == ()
    assert (
        beside(record.of("marketing", "mql_to_sql"))
        == "too little to compare with: only one quarter with at least 5 records"
    )


def test_what_stands_beside_a_figure() -> None:
    record = track_record(leads(QUARTERS), agreed())
    assert beside(record.of("marketing", "mql_to_sql")) == "ran 50–60% in 4 quarters (200 MQLs)"
    assert beside(None) == "not recorded in the loaded files"


def test_a_stage_that_nobody_recorded_merges_into_one_driver_which_is_held_against_the_product() -> None:
    """MQL → opportunity: 75% × 50% = 37.5% agreed, 25 to 26% ran."""
    whole = leads(QUARTERS).engine._tables["leads"]
    record = track_record(Data({"leads": whole.drop_columns(["sql_at"])}), agreed())
    assert record.of("marketing", "mql_to_sql") is None
    (said,) = (each for each in warnings(agreed(), record) if each.evidence.driver == "mql_to_opportunity")
    assert said.sentence == "38% agreed; the last four quarters ran 25–30%."
