"""Amendments: what they changed, the bar of their own in the review, and that first plan + amendments + drivers = actual."""

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.amendment_words import amended_term, amended_to, amendment_name, explain_amendment
from alignment_core.amendments import Signed, amendments, changes
from alignment_core.charts import describe, waterfall_rows
from alignment_core.errors import DataError
from alignment_core.export.as_json import review_as_json
from alignment_core.findings import headline
from alignment_core.quarters import Quarter
from alignment_core.results import Review
from alignment_core.review import review
from tests.support import RATES, agreed, summary

MARKETING = {"quarter": "2026-Q3", "source": "marketing", "mqls": 150, "sqls": 86, "opportunities": 44, "wins": 17, "revenue": 561_000}  # fmt: skip
SALES = {"quarter": "2026-Q3", "source": "sales", "sqls": 120, "opportunities": 60, "wins": 27, "revenue": 810_000}
DATA = summary(MARKETING, SALES)
BY_REGION = summary(
    *(MARKETING | {"region": region, "quarter": quarter} for region in ("East", "West") for quarter in ("2026-Q2", "2026-Q3")),
    *(SALES | {"region": region, "quarter": quarter} for region in ("East", "West") for quarter in ("2026-Q2", "2026-Q3")),
)  # fmt: skip
FIRST = agreed()
LOWER = agreed(revenue_target=1_460_500)
AUGUST = date(2026, 8, 14)


def amended(*versions: Agreement, data=DATA, on=AUGUST, **options) -> Review:
    """The review of the last version, which the others led to."""
    signed = [Signed(version, on if place else None) for place, version in enumerate(versions)]
    return review(data, versions[-1], signed=signed, **options)


def said(result: Review) -> str:
    return headline(result).title


# What changed


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({}, []),
        (
            {"revenue_target": 1_460_500},
            # 730,250 / (30,000 × 0.45 × 0.5) = 108.2 SQLs; / 0.75 = 144.2 MQLs, so 145 are promised.
            ["revenue target 1.66M → 1.46M", "MQLs owed 164 → 145", "SQLs owed by sales 123 → 108.2"],
        ),
        (
            {"marketing": {"mql_to_sql": 0.82, **RATES}},
            ["MQLs owed 164 → 150", "marketing-sourced MQL → SQL 75% → 82%"],
        ),
        (
            {"split": {"marketing": 0.4, "sales": 0.6}},
            ["marketing's share of the target 50% → 40%", "MQLs owed 164 → 132", "SQLs owed by sales 123 → 147.6"],
        ),
        (
            {"sales": RATES | {"close_rate": 0.451}},
            ["SQLs owed by sales 123 → 122.7", "sales-sourced close rate 45.0% → 45.1%"],
        ),
        ({"sales": None, "split": {"marketing": 1.0, "sales": 0.0}}, [
            "marketing's share of the target 50% → 100%", "MQLs owed 164 → 328", "SQLs owed by sales 123 → –",
            "sales-sourced SQL → opportunity 50% → –", "sales-sourced close rate 45% → –", "sales-sourced deal size 30k → –"]),
        ({"owners": {"close_rate": "shared"}}, ["owner of close rate sales → both"]),
        ({"sourcing": {"rule": "deal_source"}}, ["whose demand a lead source is changed"]),
        ({"timezone": "Europe/Berlin", "company": "N"}, ["the company's name changed", "the time zone changed"]),
    ],
)  # fmt: skip
def test_each_term_that_changed_is_told_and_no_other(after, expected):
    assert [amended_term(each) for each in changes(FIRST, agreed(**after))] == expected


values = st.fixed_dictionaries(
    {
        "revenue_target": st.sampled_from([1_660_500, 1_460_500.01, 900_000]),
        "share": st.sampled_from([0.0, 0.4, 0.5, 1.0]),
        "mql_to_sql": st.sampled_from([0.75, 0.6]),
        "deal_size": st.sampled_from([30_000, 28_000.5]),
        "close_rate": st.sampled_from([0.45, 0.3]),
        "owners": st.sampled_from([{}, {"deal_size": "sales"}]),
    }
)


def of(drawn) -> Agreement:
    rates = RATES | {"deal_size": drawn["deal_size"], "close_rate": drawn["close_rate"]}
    return agreed(
        revenue_target=drawn["revenue_target"], owners=drawn["owners"], sales=rates,
        split={"marketing": drawn["share"], "sales": 1 - drawn["share"]}, marketing={"mql_to_sql": drawn["mql_to_sql"], **rates},
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(values, values)
def test_something_changed_if_and_only_if_the_versions_differ(one, other):
    before, after = of(one), of(other)
    assert bool(changes(before, after)) == (before != after)
    assert [(each.term, each.before) for each in changes(after, before)] == [
        (each.term, each.after) for each in changes(before, after)
    ]


def test_versions_of_other_quarters_or_currencies_are_no_amendments_and_all_are_named():
    with pytest.raises(DataError) as refused:
        amendments([Signed(FIRST), Signed(agreed(quarter="2026-Q4")), Signed(agreed(currency="EUR"))])
    assert [str(reason).split(".")[0] for reason in refused.value.reasons] == [
        "Version 2 of the agreement is for 2026-Q4 and the first signed one for 2026-Q3",
        "Version 3 of the agreement is in EUR and the first signed one in USD",
    ]


# The bar of its own


def test_the_bridge_is_first_plan_then_amendment_then_drivers_from_the_amended_plan():
    """By hand: 1,660,500 − 200,000 = 1,460,500; actual 1,371,000 is 89,500 under it and 289,500 under the first."""
    result = amended(FIRST, LOWER)
    (only,) = result.amendments
    assert (only.revenue_before, only.effect, only.revenue_after) == (1_660_500, -200_000, 1_460_500)
    assert (result.first_revenue, result.plan_revenue, result.actual_revenue) == (1_660_500, 1_460_500, 1_371_000)
    assert (result.variance, result.first_variance) == (-89_500, -289_500)
    assert result.bars == review(DATA, LOWER).bars
    assert [result.bars[0].plan, result.bars[5].plan] == pytest.approx([144.2469, 108.1852], abs=1e-4)
    assert fsum(bar.effect for bar in result.bars) == pytest.approx(-89_500, abs=0.005)


def test_a_side_that_owes_nothing_any_more_and_brought_nothing_is_still_in_the_first_plan():
    alone = agreed(split={"marketing": 1.0, "sales": 0.0}, sales=None)
    result = amended(FIRST, alone, data=summary(MARKETING))
    assert result.first_plan.keys() == {"marketing", "sales"}
    assert (result.first_revenue, result.plan.keys()) == (1_660_500, {"marketing"})
    assert result.first_revenue + fsum(bar.effect for bar in result.bars) == pytest.approx(561_000)


def test_several_amendments_are_a_bar_each():
    """1,660,500 → 1,460,500 → 1,560,500."""
    result = amended(FIRST, LOWER, agreed(revenue_target=1_560_500))
    assert [(each.number, each.effect) for each in result.amendments] == [(1, -200_000), (2, 100_000)]
    assert [amendment_name(each, 2) for each in result.amendments] == ["Amendment 1", "Amendment 2"]
    assert "after 2 amendments of −100k together, the last agreed on 14 August 2026." in said(result)


def test_rates_that_change_while_the_target_stays_are_a_bar_of_zero_that_says_what_moved():
    result = amended(FIRST, agreed(marketing={"mql_to_sql": 0.82, **RATES}))
    (only,) = result.amendments
    assert (only.effect, amended_to(only)) == (0, "MQLs 164 → 150")
    assert said(result).startswith(
        "Q3 2026 came in USD 290k under plan, after an amendment agreed on 14 August 2026 that left revenue as it was (MQLs 164 → 150)."
    )
    assert explain_amendment(result, only) == (
        "Amendment: both sides signed it on 14 August 2026.",
        "The revenue that both sides owe together stayed at USD 1,660,500, so this bar is 0.",
        "What changed: MQLs owed 164 → 150; marketing-sourced MQL → SQL 75% → 82%.",
    )


def test_a_split_that_moves_cancels_in_the_sum_and_is_told_by_side():
    """40% of 1,660,500 is 664,200: 166,050 less from marketing, as much more from sales."""
    result = amended(FIRST, agreed(split={"marketing": 0.4, "sales": 0.6}))
    (only,) = result.amendments
    assert only.effect == pytest.approx(0, abs=0.005)
    assert amended_to(only) == "share 50% → 40%"
    assert (
        "By side: marketing 830,250 → 664,200 (−166,050), sales 830,250 → 996,300 (+166,050)"
        in explain_amendment(result, only)[1]
    )
    sides = {source: result.actual[source].revenue - result.plan[source].revenue for source in result.plan}
    assert sides == pytest.approx({"marketing": 561_000 - 664_200, "sales": 810_000 - 996_300})


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (AUGUST, "after an amendment of −200k agreed on 14 August 2026."),
        (date(2026, 7, 1), "agreed on 1 July 2026."),
        (date(2026, 6, 30), "agreed on 30 June 2026, before the quarter began."),
        (date(2026, 9, 30), "agreed on 30 September 2026."),
        (date(2026, 10, 1), "agreed on 1 October 2026, when the quarter was over."),
        (None, "under plan, after an amendment of −200k. No cause"),
    ],
)
def test_the_headline_says_when_it_was_amended_and_by_how_much(on, expected):
    result = amended(FIRST, LOWER, on=on)
    assert said(result).startswith("Q3 2026 came in USD 90k under plan, after an amendment of −200k")
    assert expected in said(result)
    assert headline(result).detail.endswith("Against the plan that was first signed it is USD 290k under.")


def test_a_plan_that_was_lowered_to_the_actual_is_on_plan_and_says_how():
    result = amended(FIRST, agreed(revenue_target=1_371_000))
    assert said(result).startswith("Q3 2026 came in on plan, after an amendment of −290k agreed on 14 August 2026.")


def test_a_cohort_says_it_too():
    result = replace(amended(FIRST, LOWER), basis="cohort")
    assert "so far, 90k short of plan, after an amendment of −200k agreed on 14 August 2026." in said(result)


def test_the_reason_is_told_in_one_line():
    signed = [Signed(FIRST), Signed(LOWER, AUGUST, "EMEA hiring\n  froze")]
    result = review(DATA, LOWER, signed=signed)
    assert explain_amendment(result, result.amendments[0])[0].endswith("Their reason: EMEA hiring froze")


def test_the_version_in_force_is_the_one_reviewed():
    with pytest.raises(ValueError, match="not the agreement"):
        review(DATA, FIRST, signed=[Signed(FIRST), Signed(LOWER)])


def test_another_quarter_has_no_amendments():
    data = summary(MARKETING | {"quarter": "2026-Q2"}, MARKETING)
    assert amended(FIRST, LOWER, data=data, quarter=Quarter(2026, 2)).amendments == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=4), st.sampled_from(["shapley", "sequential"]))
def test_first_plan_and_amendments_and_drivers_are_actual_to_the_cent(drawn, method):
    versions = [of(each) for each in drawn]
    result = amended(*versions, method=method)
    plain = review(DATA, versions[-1], method=method)
    assert (result.bars, result.plan, result.variance) == (plain.bars, plain.plan, plain.variance)
    total = (
        result.first_revenue + fsum(each.effect for each in result.amendments) + fsum(bar.effect for bar in result.bars)
    )
    assert total == pytest.approx(result.actual_revenue, abs=0.005)
    assert result.first_revenue == pytest.approx(versions[0].revenue_target, abs=0.005)
    assert len(result.amendments) == sum(one != other for one, other in pairwise(versions))
    if not result.amendments:
        assert result == plain
        assert (json.dumps(review_as_json(result)), headline(result)) == (
            json.dumps(review_as_json(plain)),
            headline(plain),
        )


# By segment

REGIONS = {"field": "region", "marketing": {"East": {"share": 0.5}, "West": {"share": 0.5}}, "sales": {"East": {"share": 0.5}, "West": {"share": 0.5}}}  # fmt: skip


def moved(result: Review) -> dict[str | None, float]:
    (only,) = result.amendments
    return {segment: only.segments_after[segment] - owed for segment, owed in only.segments_before.items()}


def test_a_plan_that_moves_between_regions_shows_where():
    """East gives a quarter of 1,660,500 × marketing's half to West: 207,562.50; the whole is as it was."""
    shifted = REGIONS | {"marketing": {"East": {"share": 0.25}, "West": {"share": 0.75}}}
    result = amended(agreed(segments=REGIONS), agreed(segments=shifted), data=BY_REGION, by="region")
    assert moved(result) == pytest.approx({"East": -207_562.50, "West": 207_562.50})
    assert (amended_to(result.amendments[0]), result.amendments[0].effect) == ("1 term changed", 0)


def test_a_plan_that_is_spread_by_the_mix_of_the_quarter_before_is_spread_in_each_version():
    result = amended(FIRST, LOWER, data=BY_REGION, by="region")
    assert moved(result) == pytest.approx({"East": -100_000, "West": -100_000})
    effects = fsum(bar.effect for bar in result.segment_bars)
    assert result.first_revenue - 200_000 + effects == pytest.approx(result.actual_revenue, abs=0.005)


# Drawn and written


def lines(result: Review):
    plan, actual = ({s: c.revenue for s, c in side.items()} for side in (result.plan, result.actual))
    return waterfall_rows(result.bars, plan, actual, amendments=result.amendments)


def test_the_waterfall_begins_at_the_first_plan_and_each_line_begins_where_the_last_ended():
    result = amended(FIRST, LOWER, agreed(revenue_target=1_560_500))
    rows = lines(result)
    assert [(row.key, row.label, row.change, row.role, row.text, row.owner) for row in rows[:5]] == [
        ("", "Plan, first signed", "", "plan", "1.66M", ""),
        ("amendment.1", "Amendment 1", "1.66M → 1.46M", "none", "−200k", "both"),
        ("amendment.2", "Amendment 2", "1.46M → 1.56M", "none", "+100k", "both"),
        ("", "Plan in force", "", "plan", "1.56M", ""),
        ("", "Marketing-sourced", "780k → 561k", "source", "", ""),
    ]
    unit = (rows[0].to - rows[0].from_) / 1_660_500
    zero = rows[0].from_
    ends = [(row.from_ - zero) / unit for row in rows[1:4]] + [(row.to - zero) / unit for row in rows[1:4]]
    assert ends == pytest.approx([1_660_500, 1_460_500, 0, 1_460_500, 1_560_500, 1_560_500])
    assert (rows[-1].label, rows[-1].to) == ("Actual", pytest.approx(zero + 1_371_000 * unit))


def test_without_amendments_the_waterfall_is_what_it_was():
    result = review(DATA, FIRST)
    assert [row.label for row in lines(result)][:2] == ["Plan", "Marketing-sourced"]


def test_the_text_alternative_has_the_amendments():
    result = amended(FIRST, LOWER)
    text = describe(result.bars, result.plan_revenue, result.actual_revenue, "USD", amendments=result.amendments)
    assert text.startswith(
        "Waterfall in USD. Plan as first signed 1,660,500; Amendment −200,000; plan in force 1,460,500; marketing-sourced MQL volume"
    )


def test_json_has_one_more_row_and_plan_and_bridge_are_actual():
    result = amended(FIRST, LOWER)
    written = json.loads(json.dumps(review_as_json(result), allow_nan=False))
    plain = json.loads(json.dumps(review_as_json(review(DATA, LOWER))))
    assert written["bridge"][0] == {
        "source": "amendment", "driver": "amendment", "owner": "shared", "plan": 1_660_500, "actual": 1_460_500, "effect": -200_000,
        "order_low": -200_000, "order_high": -200_000, "interval": None, "verdict": None, "undefined": False,
    }  # fmt: skip
    assert written["bridge"][1:] == plain["bridge"]
    assert (written["plan"]["revenue"], written["plan"]["marketing"]["mqls"]) == (1_660_500, 164)
    assert written["plan_in_force"] == plain["plan"]
    assert written["variance"] == -289_500 == written["actual"]["revenue"] - written["plan"]["revenue"]
    assert fsum(row["effect"] for row in written["bridge"]) == pytest.approx(written["variance"], abs=0.005)
    assert written["amendments"][0]["agreed_on"] == "2026-08-14"
    assert written["amendments"][0]["changes"][0] == "revenue target 1.66M → 1.46M"
    assert not {"plan_in_force", "amendments"} & plain.keys()


def test_json_by_segment_has_the_amendments_rows_by_segment():
    written = review_as_json(amended(FIRST, LOWER, data=BY_REGION, by="region"))
    rows = [row for row in written["bridge"] if row["source"] == "amendment"]
    assert [(row["segment"], row["status"], round(row["effect"], 2)) for row in rows] == [
        ("East", None, -100_000),
        ("West", None, -100_000),
    ]
    assert fsum(row["effect"] for row in written["bridge"]) == pytest.approx(written["variance"], abs=0.005)
