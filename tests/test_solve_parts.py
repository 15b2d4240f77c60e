"""A part of what a side owes solved for: worked by hand, read back for any agreement, and refused in words."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.pipeline import channel_promises, pipeline
from alignment_core.solve_parts import (
    PIPELINE_GIVES_WAY,
    segment_gives_way,
    solve_accounts,
    solve_channel,
    solve_coverage,
    solve_pipeline,
    solve_segment,
)
from alignment_core.solve_steps import SolveError, gave_way
from tests.test_solve import agreed, agreements

#: EMEA at 60%, the others at marketing's 75%: of 830,250 half is 102.5 MQLs, 30% 49.2 and 20% 32.8; 184.5 are 185.
REGIONS = {
    "field": "region",
    "marketing": {
        "EMEA": {"share": 0.5, "mql_to_sql": 0.6},
        "APAC": {"share": 0.3},
        "Americas": {"share": 0.2},
    },
    "sales": {"EMEA": {"share": 0.4}, "APAC": {"share": 0.6}},
}
CHANNELS = {
    "SDR outbound": {"share": 0.6, "accounts_to_sql": 0.04},
    "Field": {"share": 0.3},
    "Partners": {"share": 0.1},
}


def regions(**changes: Any) -> Agreement:
    return agreed(**({"segments": REGIONS} | changes))


def shares(agreement: Agreement, side: str = "marketing") -> dict[str, float]:
    return {name: part.share for name, part in getattr(agreement.segments, side).items()}


def channels(agreement: Agreement) -> dict[str, tuple[float, int, int | None]]:
    return {each.name: (each.share, each.sqls, each.accounts) for each in channel_promises(agreement)}


# Segments


def test_a_segments_mqls_change_its_share_and_the_others_keep_their_proportions() -> None:
    """82 MQLs of EMEA's take 82 ÷ 205 = 40% of the revenue; 60% stay for the others, three to two as before."""
    found = solve_segment(regions(), "marketing", "EMEA", 82)
    assert shares(found) == {"EMEA": 0.4, "APAC": 0.36, "Americas": 0.24}
    assert found.required_mqls_by_segment["EMEA"] == 82
    assert gave_way(regions(), found) == "What gave way: share of EMEA 50% → 40%; share of APAC 30% → 36%; share of Americas 20% → 24%."  # fmt: skip


@pytest.mark.parametrize(
    ("gives_way", "value"),
    [
        ("mql_to_sql", 0.75),  # 61.5 SQLs ÷ 82
        ("sql_to_opportunity", 0.625),  # 50% · 102.5 ÷ 82
        ("close_rate", 0.57),  # 45% · 1.25 = 56.25%, and 57% owes 80.9: 82 beside 49.2 and 32.8, of 163 in all
        ("deal_size", 37_500),  # 30,000 · 1.25
    ],
)
def test_or_a_rate_of_its_own_gives_way_and_everything_else_is_held(gives_way: Any, value: float) -> None:
    found = solve_segment(regions(), "marketing", "EMEA", 82, gives_way)
    assert found.required_mqls_by_segment["EMEA"] == 82
    held = regions().model_dump()
    held["segments"]["marketing"]["EMEA"][gives_way] = getattr(found.segments.marketing["EMEA"], gives_way)
    assert found.model_dump() == held
    assert getattr(found.segments.marketing["EMEA"], gives_way) == pytest.approx(value, rel=0.015)


def test_sales_owes_sqls_in_a_segment() -> None:
    """123 SQLs, 40% of them in EMEA: 49.2. 61.5 are half."""
    found = solve_segment(regions(), "sales", "EMEA", 61.5)
    assert shares(found, "sales") == {"EMEA": 0.5, "APAC": 0.5}
    assert shares(found) == shares(regions())


def test_a_segment_can_be_given_nothing_and_another_takes_its_part() -> None:
    found = solve_segment(regions(), "marketing", "Americas", 0)
    assert shares(found) == pytest.approx({"EMEA": 0.625, "APAC": 0.375, "Americas": 0})
    assert found.required_mqls_by_segment["Americas"] == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("marketing", "EMEA", 300), "300 MQLs in EMEA would take 146% of marketing's revenue: all of it takes 205 MQLs there. Let a rate, the deal size or the revenue target give way."),
        (("marketing", "EMEA", 50, "mql_to_sql"), "50 MQLs in EMEA would need an MQL → SQL conversion of 123%. Even 100% takes 62 MQLs; let something else give way."),
        (("marketing", "EMEA", 82.5), "MQLs are promised as a whole number; 82.5 is not one."),
        (("marketing", "EMEA", 0, "close_rate"), "The MQLs must be more than 0; 0 is not."),
        (("marketing", "Mars", 5), "Marketing has no plan for Mars."),
        (("sales", "EMEA", 5, "mql_to_sql"), "Sales-sourced demand begins at the SQL: it has no MQLs."),
        (("sales", "EMEA", -5), "The SQLs must be 0 or more; -5 is not."),
    ],
)  # fmt: skip
def test_a_segments_impossible_wish_is_said(asked: tuple[Any, ...], said: str) -> None:
    with pytest.raises(SolveError) as error:
        solve_segment(regions(), *asked)
    assert str(error.value) == said


def test_where_nobody_can_take_the_rest_that_is_said() -> None:
    alone = agreed(segments={"field": "region", "marketing": {"EMEA": {"share": 1}}})
    with pytest.raises(SolveError, match="EMEA is the only segment: it has all of marketing's revenue"):
        solve_segment(alone, "marketing", "EMEA", 100)
    whole = agreed(segments={"field": "region", "marketing": {"EMEA": {"share": 1}, "APAC": {"share": 0}}})
    with pytest.raises(SolveError, match="give another segment a share first, which can take the rest"):
        solve_segment(whole, "marketing", "EMEA", 100)
    with pytest.raises(SolveError, match="APAC owes nothing: its share is 0"):
        solve_segment(whole, "marketing", "APAC", 100, "deal_size")


@settings(deadline=None)
@given(agreements(), st.data())
def test_exactly_the_wanted_mqls_are_owed_in_the_segment_or_it_is_impossible(agreement: Agreement, draw: Any) -> None:
    if agreement.segments is None:
        return
    gives_way = draw.draw(st.sampled_from(segment_gives_way("marketing")))
    owed = agreement.required_mqls_by_segment["EMEA"]
    wanted = draw.draw(st.integers(1, max(2, min(2 * owed, 10**6))))
    cell = agreement.segment_cells["marketing"]["EMEA"]["mqls"]
    try:
        found = solve_segment(agreement, "marketing", "EMEA", wanted, gives_way)
    except SolveError as refused:
        said = str(refused)
        part = agreement.segments.marketing["EMEA"]
        now = Fraction(str(getattr(part, gives_way) or getattr(agreement.marketing, gives_way)))
        needed = now * wanted / cell if gives_way == "share" else now * cell / wanted
        limit = 10**15 if gives_way == "deal_size" else 1
        assert needed > limit * Fraction(999, 1000) or needed < Fraction(1, 10**5), said
        return
    assert found.required_mqls_by_segment["EMEA"] == wanted
    assert sum(Fraction(str(part.share)) for part in found.segments.marketing.values()) == 1
    if gives_way != "share":
        assert shares(found) == shares(agreement)


# Channels


def test_a_channels_sqls_change_its_share_and_the_others_keep_their_proportions() -> None:
    """61 of 123 SQLs are 49.6%; the other 50.4% are three to one as before. 61 SQLs at 4% take 1,525 accounts."""
    before = agreed(sales_channels=CHANNELS)
    assert channels(before) == {"SDR outbound": (0.6, 74, 1850), "Field": (0.3, 37, None), "Partners": (0.1, 12, None)}
    found = solve_channel(before, "SDR outbound", 61)
    assert channels(found) == {
        "SDR outbound": (0.496, 61, 1525),
        "Field": (0.378, 46, None),
        "Partners": (0.126, 16, None),
    }
    assert channels(solve_channel(before, "Partners", 0))["Partners"] == (0, 0, None)
    assert channels(solve_channel(before, "Field", 123)) == {"SDR outbound": (0, 0, 0), "Field": (1, 123, None), "Partners": (0, 0, None)}  # fmt: skip


def test_typed_accounts_change_the_share_of_them_that_become_sqls() -> None:
    """74 SQLs from 1,000 accounts are 7.4%; where no rate was agreed, one is."""
    before = agreed(sales_channels=CHANNELS)
    found = solve_accounts(before, "SDR outbound", 1_000)
    assert found.sales_channels["SDR outbound"].accounts_to_sql == 0.074
    assert channels(found)["SDR outbound"] == (0.6, 74, 1000)
    assert gave_way(before, found) == "What gave way: accounts worked → SQL of SDR outbound 4% → 7.4%."
    assert solve_accounts(before, "Field", 370).sales_channels["Field"].accounts_to_sql == 0.1


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (lambda: solve_channel(agreed(sales_channels=CHANNELS), "Field", 124), "124 SQLs from Field would be more than all: sales owes 123 SQLs. To have it owe more, type its SQLs above."),
        (lambda: solve_channel(agreed(sales_channels=CHANNELS), "Field", 3.5), "SQLs are promised as a whole number; 3.5 is not one."),
        (lambda: solve_channel(agreed(sales_channels={"Field": {"share": 1}}), "Field", 3), "Field is the only channel: it has all of sales' 123 SQLs. Let something else give way."),
        (lambda: solve_channel(agreed(), "Field", 3), "Sales has no channel Field."),
        (lambda: solve_channel(agreed(sales_channels=CHANNELS, split={"marketing": 1, "sales": 0}), "Field", 3), "Sales owes nothing: its share of the split is 0. Give it a share first."),
        (lambda: solve_accounts(agreed(sales_channels=CHANNELS), "SDR outbound", 70), "SDR outbound owes 74 SQLs: even if every account became one, it would take as many accounts, not 70."),
        (lambda: solve_accounts(agreed(sales_channels=CHANNELS), "SDR outbound", 0), "The accounts to work must be more than 0; 0 is not."),
        (lambda: solve_accounts(agreed(sales_channels={"A": {"share": 0}, "B": {"share": 1}}), "A", 5), "A owes no SQLs, so it has no accounts to work for them."),
    ],
)  # fmt: skip
def test_a_channels_impossible_wish_is_said(wish: Any, said: str) -> None:
    with pytest.raises(SolveError) as error:
        wish()
    assert str(error.value) == said


parts = st.lists(st.integers(1, 1000), min_size=2, max_size=6).map(
    lambda sizes: {f"channel {place}": size for place, size in enumerate(sizes)}
)


@settings(deadline=None)
@given(parts, st.integers(200_000, 900_000_000), st.data())
def test_any_number_up_to_all_is_owed_by_a_channel_and_any_from_its_sqls_up_are_its_accounts(
    sizes: dict[str, int], target: int, draw: Any
) -> None:
    whole = sum(sizes.values())
    split = {name: {"share": size / whole, "accounts_to_sql": 0.05} for name, size in sizes.items()}
    before = agreed(revenue_target=target, sales_channels=split)
    wanted = draw.draw(st.integers(0, before.required_sqls))
    found = solve_channel(before, "channel 0", wanted)
    assert channels(found)["channel 0"][1] == wanted
    assert sum(sqls for _, sqls, _ in channels(found).values()) == before.required_sqls
    others = [(sizes[name] / (whole - sizes["channel 0"]), share) for name, (share, *_) in channels(found).items() if name != "channel 0"]  # fmt: skip
    rest = 1 - channels(found)["channel 0"][0]
    assert all(abs(share - rest * part) < 0.00101 for part, share in others)
    if wanted:
        accounts = draw.draw(st.integers(wanted, 50 * wanted))
        assert channels(solve_accounts(found, "channel 0", accounts))["channel 0"][2] == accounts


# Pipeline and coverage


@pytest.mark.parametrize(
    ("gives_way", "value"),
    [
        ("close_rate", 0.415125),  # 830,250 ÷ 2,000,000
        ("revenue_target", 1_800_000),  # 2,000,000 · 45% ÷ 50%
        ("split", 0.5420054),  # 900,000 ÷ 1,660,500 = 0.54200542
    ],
)
def test_a_sides_pipeline_is_met_by_what_gives_way(gives_way: Any, value: float) -> None:
    found = solve_pipeline(agreed(), "marketing", 2_000_000, gives_way)
    assert round(pipeline(found).sides["marketing"].value) == 2_000_000
    values = {"close_rate": found.marketing.close_rate, "revenue_target": found.revenue_target, "split": found.split.marketing}  # fmt: skip
    assert values[gives_way] == pytest.approx(value, abs=1e-7)
    assert found.sales == agreed().sales


def test_a_pipeline_is_met_whatever_the_rates_that_nothing_is_owed_by() -> None:
    """1,660,500 × 50% at 30% are 2,767,500 of pipeline; 1,383,750 take 60%."""
    segments = {"field": "region", "marketing": {"EMEA": {"share": 1, "close_rate": 0.3}, "APAC": {"share": 0, "close_rate": 0.9}}}  # fmt: skip
    found = solve_pipeline(agreed(segments=segments), "marketing", 1_383_750)
    assert {name: part.close_rate for name, part in found.segments.marketing.items()} == {"EMEA": 0.6, "APAC": 0.9}
    with pytest.raises(SolveError, match=r"close rate of 104% in EMEA\. Even 100% takes 830,250"):
        solve_pipeline(agreed(segments=segments), "marketing", 800_000)


def test_coverage_is_met_by_the_close_rate() -> None:
    """2.5 of pipeline for each 1 to be won is a close rate of 40%."""
    found = solve_coverage(agreed(), "sales", 2.5)
    assert found.sales.close_rate == 0.4
    assert pipeline(found).sides["sales"].coverage == 2.5
    assert found.marketing == agreed().marketing
    assert gave_way(agreed(), found) == "What gave way: sales-sourced close rate 45% → 40%."


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (lambda: solve_pipeline(agreed(), "marketing", 700_000), "A pipeline of 700,000 would need a close rate of 119%. Even 100% takes 830,250; let something else give way."),
        (lambda: solve_pipeline(agreed(), "marketing", 2e6, "deal_size"), "The deal size does not change how much pipeline marketing owes. What can give way to it: close rate, revenue target, split."),
        (lambda: solve_pipeline(agreed(), "marketing", 0), "The pipeline owed must be more than 0; 0 is not."),
        (lambda: solve_pipeline(agreed(), "marketing", 4e6, "split"), "That would be 108% of the target, more than all of it, with nothing left for sales. Let the revenue target give way."),
        (lambda: solve_coverage(agreed(), "marketing", 0.9), "A coverage of 0.9 would take more wins than opportunities: even a close rate of 100% needs 1."),
        (lambda: solve_coverage(agreed(split={"marketing": 1, "sales": 0}), "sales", 2), "Sales owes nothing: its share of the split is 0. Give it a share first."),
    ],
)  # fmt: skip
def test_an_impossible_pipeline_is_said(wish: Any, said: str) -> None:
    with pytest.raises(SolveError) as error:
        wish()
    assert str(error.value) == said


@settings(deadline=None)
@given(agreements(), st.floats(0.2, 5), st.sampled_from(PIPELINE_GIVES_WAY))
def test_any_pipeline_is_owed_to_the_unit_or_it_is_impossible(
    agreement: Agreement, times: float, gives_way: Any
) -> None:
    now = pipeline(agreement).sides["marketing"]
    wanted = float(max(1, round(now.value * times)))
    try:
        found = solve_pipeline(agreement, "marketing", wanted, gives_way)
    except SolveError as error:
        said = str(error)
        assert "Even 100% takes" in said or "more than all of it" in said or "That cannot be agreed" in said, said
        return
    assert pipeline(found).sides["marketing"].value == pytest.approx(wanted, abs=0.51, rel=1e-12)
    revenue = found.required["marketing"].revenue
    assert (revenue == now.revenue) == (gives_way == "close_rate" or found == agreement)


@settings(deadline=None)
@given(agreements(), st.integers(100, 10_000))
def test_any_coverage_is_met_to_its_second_decimal_or_it_is_impossible(agreement: Agreement, hundredths: int) -> None:
    try:
        found = solve_coverage(agreement, "marketing", hundredths / 100)
    except SolveError as error:
        said = str(error)
        assert "Even 100% takes" in said or "must be at least 0.000001" in said or "must be more than 0" in said, said
        return
    assert pipeline(found).sides["marketing"].coverage == pytest.approx(hundredths / 100, abs=0.0051)


def test_of_many_shares_that_move_the_largest_are_named() -> None:
    many = {"field": "region", "marketing": {f"R{place}": {"share": 0.1} for place in range(10)}}
    before = agreed(segments=many)
    found = solve_segment(before, "marketing", "R3", 82)
    assert shares(found)["R3"] == 0.5
    said = gave_way(before, found)
    assert said.startswith("What gave way: share of R3 10% → 50%; share of R")
    assert said.endswith("; the shares of 6 more in proportion.")
    assert gave_way(before, before) == ""
