"""A first plan per segment follows where the revenue came from, and what each segment ran."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa

from alignment_core.agreement import Agreement, SegmentPlan
from alignment_core.data import Data
from alignment_core.segment_plans import draft_segments, plan_fields
from alignment_core.track_record import track_record
from tests.support import agreed, summary

PLAN = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}
AGREEMENT = Agreement.checked(
    {
        "company": "Northwind",
        "quarter": "2026-Q3",
        "revenue_target": 1_660_500,
        "split": {"marketing": 0.5, "sales": 0.5},
        "marketing": {"mql_to_sql": 0.75, **PLAN},
        "sales": PLAN,
    }
)


def deals(*rows: tuple[str, str | None, int | None]) -> Data:
    """Won deals: lead source, region, amount."""
    sources, regions, amounts = zip(*rows, strict=True)
    at = pa.array([datetime(2026, 5, 1, tzinfo=UTC)] * len(rows), pa.timestamp("us", "UTC"))
    decimals = pa.array([None if amount is None else Decimal(amount) for amount in amounts], pa.decimal128(18, 4))
    columns = {
        "deal_id": pa.array([str(place) for place in range(len(rows))]),
        "lead_source": pa.array(sources, pa.string()),
        "region": pa.array(regions, pa.string()),
        "created_at": at,
        "closed_at": at,
        "is_won": pa.array([True] * len(rows)),
        "amount": decimals,
    }
    return Data({"deals": pa.table(columns)})


def test_shares_are_each_sides_revenue_by_segment_in_tenths_of_a_percent() -> None:
    """1/3 and 2/3 are 33.3% and 66.7%: the largest remainder takes what rounding leaves."""
    data = deals(("Webinar", "EMEA", 10), ("Webinar", "APAC", 20), ("Cold call", "EMEA", 7), ("Partner", "EMEA", 1000))
    drafted = draft_segments(data, AGREEMENT, "region")
    assert drafted.marketing == {"APAC": SegmentPlan(share=0.667), "EMEA": SegmentPlan(share=0.333)}
    assert drafted.sales == {"EMEA": SegmentPlan(share=1)}


def test_without_amounts_the_wins_are_spread() -> None:
    data = deals(
        ("Webinar", "EMEA", None), ("Webinar", "EMEA", None), ("Webinar", "EMEA", None), ("Webinar", "APAC", None)
    )
    assert draft_segments(data, AGREEMENT, "region").marketing == {
        "EMEA": SegmentPlan(share=0.75),
        "APAC": SegmentPlan(share=0.25),
    }


def test_what_has_no_segment_is_planned_as_not_recorded() -> None:
    data = deals(("Webinar", "EMEA", 10), ("Webinar", None, 10))
    assert set(draft_segments(data, AGREEMENT, "region").marketing) == {"EMEA", "(not recorded)"}


def test_where_the_tables_cannot_answer_the_plan_is_empty() -> None:
    drafted = draft_segments(Data({}), AGREEMENT, "region")
    assert (drafted.field, drafted.marketing, drafted.sales) == ("region", {}, {})


QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def cells(region: str, *rows: tuple[float, float, float, float, float], source: str = "marketing") -> list[dict]:
    """A segment's MQLs, SQLs, opportunities, wins and revenue, a row a quarter; the last row stands for all that follow."""
    names = ("mqls", "sqls", "opportunities", "wins", "revenue")
    rows = (*rows, *[rows[-1]] * (len(QUARTERS) - len(rows)))
    return [
        {"quarter": name, "source": source, "region": region, **dict(zip(names, row, strict=True))}
        for name, row in zip(QUARTERS, rows, strict=True)
    ]


def drafted(*rows: dict, field: str = "region"):
    data = summary(*rows)
    return draft_segments(data, AGREEMENT, field, track_record(data, AGREEMENT, by=field).evidence)


def test_each_segment_gets_what_it_ran_all_quarters_together() -> None:
    """EMEA: 400 of 1,200 MQLs, 225 of 400 SQLs, 100 of 225 opportunities, 3,000,050 over 100 wins.
    APAC: 240 of 400, 120 of 240, 40 of 120 and 1,000,000 over 40. Revenue 3,000,050 to 1,000,000: 75.0% to 25.0%."""
    emea = cells("EMEA", (300, 70, 50, 20, 600_050), (300, 110, 55, 20, 600_000), (300, 110, 60, 30, 900_000))
    apac = cells("APAC", (100, 60, 30, 10, 250_000))
    assert drafted(*emea, *apac).marketing == {
        "EMEA": SegmentPlan(share=0.75, mql_to_sql=0.333, sql_to_opportunity=0.562, close_rate=0.444, deal_size=30_000),
        "APAC": SegmentPlan(share=0.25, mql_to_sql=0.6, sql_to_opportunity=0.5, close_rate=0.333, deal_size=25_000),
    }


def test_what_too_few_records_say_stays_blank() -> None:
    """APAC's 20 MQLs and 5 wins are just enough, its 12 SQLs and 9 opportunities are not; LATAM's 19 MQLs and 4 wins are
    neither."""
    emea = cells("EMEA", (100, 50, 40, 20, 600_000))
    apac = cells("APAC", (5, 3, 3, 2, 20_001), (5, 3, 2, 1, 10_000))
    latam = cells("LATAM", (4, 3, 2, 1, 10_000), (5, 3, 2, 1, 10_000))
    plans = drafted(*emea, *apac, *latam).marketing
    assert plans["APAC"] == SegmentPlan(share=plans["APAC"].share, mql_to_sql=0.6, deal_size=10_000)
    assert plans["LATAM"] == SegmentPlan(share=plans["LATAM"].share)
    assert sum(Fraction(str(plan.share)) for plan in plans.values()) == 1


def test_more_than_all_is_all_and_nothing_is_no_rate() -> None:
    """440 SQLs of 400 MQLs cannot be agreed as 110%; no opportunity of 440 SQLs cannot be agreed as 0%."""
    (plan,) = drafted(*cells("EMEA", (100, 110, 0, 20, 600_000))).marketing.values()
    assert plan == SegmentPlan(share=1, mql_to_sql=1, deal_size=30_000)


def test_a_stage_that_nobody_recorded_leaves_the_rates_around_it_blank() -> None:
    rows = cells("EMEA", (100, 50, 40, 20, 600_000))
    (plan,) = drafted(
        *({name: value for name, value in row.items() if name != "sqls"} for row in rows)
    ).marketing.values()
    assert plan == SegmentPlan(share=1, close_rate=0.5, deal_size=30_000)


def test_sales_has_its_own_rates_and_none_before_the_sql() -> None:
    """Sales: 48 of 80 SQLs, 12 of 48 opportunities, 480,000 over 12 wins; the same region of marketing differs."""
    sales = cells("EMEA", (50, 20, 12, 3, 120_000), source="sales")
    found = drafted(*cells("EMEA", (100, 50, 40, 20, 600_000)), *sales)
    assert found.sales == {"EMEA": SegmentPlan(share=1, sql_to_opportunity=0.6, close_rate=0.25, deal_size=40_000)}
    assert found.marketing["EMEA"].close_rate == 0.5


def test_a_draft_can_be_agreed_as_it_is() -> None:
    segments = drafted(*cells("EMEA", (300, 100, 50, 20, 600_050)), *cells("APAC", (4, 3, 2, 1, 10_000)))
    agreement = agreed(segments=segments.model_dump(exclude_none=True))
    assert agreement.segments == segments


def test_owners_who_are_hidden_are_nothing_to_plan_by() -> None:
    data = summary(*({**row, "owner": "Ann Lee"} for row in cells("EMEA", (100, 50, 40, 20, 600_000))))
    assert set(plan_fields(data, agreed())) == {"region", "owner"}
    assert plan_fields(data, agreed(follow_up={"show_owners": "hidden"})) == ("region",)
