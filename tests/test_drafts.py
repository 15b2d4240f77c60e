"""A first draft of an agreement: the quarter before, said as a plan."""

from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.drafts import draft_agreement, last_quarter, unassigned_wins
from alignment_core.errors import DataError
from alignment_core.quarters import Quarter
from alignment_core.review import review
from tests.support import agreed, records, summary

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
MARKETING = {"quarter": "2026-Q2", "source": "marketing", "mqls": 200, "sqls": 100, "opportunities": 50, "wins": 20, "revenue": 600_000}  # fmt: skip
SALES = {"quarter": "2026-Q2", "source": "sales", "sqls": 125, "opportunities": 50, "wins": 10, "revenue": 400_000}
NOW = {"quarter": "2026-Q3", "source": "marketing", "mqls": 1, "sqls": 1, "opportunities": 1, "wins": 1, "revenue": 1}


def drafted(*rows, quarter=Q3):
    return draft_agreement(summary(*rows), agreed(), quarter)


def without(row, *stages):
    return {name: value for name, value in row.items() if name not in stages}


def plan_of(agreement, side="marketing"):
    return getattr(agreement, side).model_dump()


def test_a_draft_is_the_quarter_before_as_a_plan():
    """By hand: 100 / 200, 50 / 100, 20 / 50 and 600,000 / 20; sales 50 / 125, 10 / 50 and 400,000 / 10."""
    draft = drafted(MARKETING, SALES, NOW)
    assert (draft.quarter, draft.revenue_target) == ("2026-Q3", 1_000_000)
    assert (draft.split.marketing, draft.split.sales) == (0.6, 0.4)
    assert plan_of(draft) == {"mql_to_sql": 0.5, "sql_to_opportunity": 0.5, "close_rate": 0.4, "deal_size": 30_000}
    assert plan_of(draft, "sales") == {"sql_to_opportunity": 0.4, "close_rate": 0.2, "deal_size": 40_000}
    assert (draft.required_mqls, draft.required["sales"].sqls) == (200, 125)


def test_a_draft_keeps_what_was_agreed_apart_from_the_plan():
    base = agreed(
        owners={"mql_to_sql": "shared"}, currency="EUR", sourcing={"marketing": ["Web"]}, follow_up={"attempts": 4}
    )
    draft = draft_agreement(summary(MARKETING, SALES), base, Q3)
    for name in ("company", "currency", "owners", "sourcing", "follow_up", "timezone", "fiscal_year_start_month"):
        assert getattr(draft, name) == getattr(base, name)
    assert draft.segments is None


def test_the_quarter_before_held_against_its_own_draft_is_on_plan():
    data = summary(MARKETING, SALES, NOW)
    draft = draft_agreement(data, agreed(), Q3)
    result = review(data, draft, Q2)
    assert result.variance == pytest.approx(0, abs=0.005)
    assert [bar.effect for bar in result.bars] == pytest.approx([0] * 9, abs=0.005)


counts = st.lists(st.integers(1, 900), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None)
@given(counts, st.integers(1_000, 90_000), counts, st.integers(1_000, 90_000))
def test_a_draft_multiplies_to_the_revenue_it_was_drafted_from(marketing, size, sales, other_size):
    """Also where more passed a stage than entered it in the quarter: such a rate is capped at 1, and volume follows."""
    names = ("mqls", "sqls", "opportunities", "wins")
    rows = [
        {
            "quarter": "2026-Q2",
            "source": "marketing",
            **dict(zip(names, marketing, strict=True)),
            "revenue": marketing[3] * size,
        },
        {
            "quarter": "2026-Q2",
            "source": "sales",
            **dict(zip(names[1:], sales[1:], strict=True)),
            "revenue": sales[3] * other_size,
        },
    ]
    draft = drafted(*rows)
    revenue = sum(row["revenue"] for row in rows)
    assert draft.revenue_target == revenue
    assert sum(owed.revenue for owed in draft.required.values()) == pytest.approx(revenue, abs=0.005)
    owed, plan = draft.required["marketing"], plan_of(draft)
    assert owed.mqls * prod(plan.values()) == pytest.approx(owed.revenue)
    assert all(0 < plan[name] <= 1 for name in ("mql_to_sql", "sql_to_opportunity", "close_rate"))
    # Shares are drafted to a millionth, rates to four figures.
    assert owed.revenue == pytest.approx(rows[0]["revenue"], abs=revenue / 1e6)
    if sorted(marketing, reverse=True) == marketing:
        dust = 0.005 + revenue / 1e6 / rows[0]["revenue"]
        assert owed.mqls == pytest.approx(marketing[0], rel=dust)


def test_a_rate_above_one_is_capped():
    """120 SQLs of 100 MQLs, as some became MQL the quarter before."""
    draft = drafted(MARKETING | {"mqls": 100, "sqls": 120}, SALES)
    assert draft.marketing.mql_to_sql == 1
    assert draft.required["marketing"].revenue == pytest.approx(600_000)


@pytest.mark.parametrize(
    ("missing", "rates"),
    [
        (["sqls"], (1, 0.25, 0.4)),
        (["opportunities"], (0.5, 1, 0.2)),
        (["sqls", "opportunities"], (1, 1, 0.1)),
        (["mqls"], (1, 0.5, 0.4)),
        (["mqls", "sqls"], (1, 1, 0.4)),
    ],
)
def test_a_stage_that_nobody_recorded_is_passed_at_rate_one(missing, rates):
    draft = drafted(without(MARKETING, *missing))
    plan = draft.marketing
    assert (plan.mql_to_sql, plan.sql_to_opportunity, plan.close_rate) == rates
    assert draft.required["marketing"].wins == pytest.approx(20)


def test_a_tiny_rate_stays_tiny():
    """Where every lead counts as MQL, one in 25,000 may become a win: that is 0.004%, not 100%."""
    draft = drafted({"quarter": "2026-Q2", "source": "marketing", "mqls": 500_000, "wins": 20, "revenue": 600_000})
    assert draft.marketing.close_rate == 0.00004
    assert draft.required_mqls == 500_000


def test_a_side_without_revenue_has_no_part_in_the_draft():
    draft = drafted(MARKETING)
    assert (draft.split.marketing, draft.split.sales, draft.sales) == (1, 0, None)
    assert drafted(SALES).marketing is None


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([NOW], "The files have nothing in 2026-Q2 to draft an agreement for 2026-Q3 from"),
        ([without(MARKETING, "revenue"), without(SALES, "revenue")], "The files have no amounts, so no revenue to draft"),
        ([MARKETING | {"source": None}], "2026-Q2 has no revenue whose lead source is on marketing's or sales' list, so nothing to draft"),
    ],
)  # fmt: skip
def test_with_nothing_to_draft_from_it_says_what_is_missing(rows, reason):
    with pytest.raises(DataError) as caught:
        drafted(*rows)
    (said,) = caught.value.reasons
    assert said.startswith(reason)
    assert said.endswith("Load what is missing, or write the agreement yourself on the page Agree.")


def lead(day):
    return {"lead_source": "Web", "mql_at": day, "won_at": day, "amount": 100}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # The third quarter is over on its last day, and has one before it to draft from.
        (["2026-05-01", "2026-08-01", "2026-09-30"], "2026-Q3"),
        # It is not over yet: the second is reviewed, as there is a first before it.
        (["2026-02-01", "2026-05-01", "2026-09-29"], "2026-Q2"),
        # The second is over and has none before it to be held against; the third has.
        (["2026-05-01", "2026-08-01"], "2026-Q3"),
        (["2026-08-01"], "2026-Q3"),
    ],
)
def test_the_quarter_to_look_at_is_the_latest_that_is_over_and_has_one_before_it(days, expected):
    data = records(*({"lead_id": str(number), **lead(day)} for number, day in enumerate(days)))
    assert str(last_quarter(data, agreed())) == expected


def test_wins_that_nobody_is_assigned_are_counted_even_where_they_count_as_somebodys():
    rows = [
        {"lead_id": "1", **lead("2026-08-01")},
        {"lead_id": "2", **lead("2026-08-01"), "lead_source": "Mystery"},
        {"lead_id": "3", **lead("2026-08-01"), "lead_source": None},
    ]
    assert unassigned_wins(records(*rows), agreed(sourcing={"otherwise": "sales"})) == 2
