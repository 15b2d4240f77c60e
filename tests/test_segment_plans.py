"""A first plan per segment follows where the revenue came from."""

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa

from alignment_core.agreement import Agreement, SegmentPlan
from alignment_core.data import Data
from alignment_core.segment_plans import draft_segments

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
