"""Any one figure solved for while the others are held."""

import math
import re
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.agreement_parts import exact
from alignment_core.solve import gives_way, solve
from tests.support import CONTRACT, RATES, agreed

MQLS = ("mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size", "split", "revenue_target")


def value(agreement: Agreement, source: str, name: str) -> float:
    if name == "split":
        return getattr(agreement.split, source)
    return agreement.revenue_target if name == "revenue_target" else getattr(getattr(agreement, source), name)


# 164 MQLs × 75% × 50% × 45% = 27.675 wins × 30,000 = 830,250, half of 1,660,500. Each by hand:
@pytest.mark.parametrize(
    ("unknown", "held", "solved"),
    [
        ("mql_to_sql", {"mqls": 150}, 0.82),  # 123 SQLs ÷ 150
        ("sql_to_opportunity", {"mqls": 164, "mql_to_sql": 0.6}, 0.625),  # 61.5 ÷ 98.4
        ("sql_to_opportunity", {"mqls": 150}, 0.547),  # 61.5 ÷ 112.5 = 54.67%: 54.7% owes 149.9, so 150
        ("close_rate", {"mqls": 150}, 0.492),  # 27.675 ÷ 56.25
        ("deal_size", {"mqls": 150}, 32_800),  # 830,250 ÷ 25.3125
        ("deal_size", {"wins": 30}, 27_675),  # 830,250 ÷ 30
        ("deal_size", {"opportunities": 60}, 30_750),  # 830,250 ÷ 27
        ("split", {"mqls": 82}, 0.25),  # half the MQLs, half the share
        ("split", {"wins": 27.675, "deal_size": 24_000}, 0.4),  # 664,200 ÷ 1,660,500
        ("split", {"revenue": 415_125}, 0.25),
        ("revenue_target", {"mqls": 328}, 3_321_000),  # twice
        ("revenue_target", {"revenue": 1_000_000}, 2_000_000),
        ("close_rate", {"sqls": 120}, 0.46125),  # 27.675 ÷ 60
        (
            "close_rate",
            {"mql_to_sql": 0.6},
            0.563,
        ),  # the 164 MQLs stay promised: 45% × 75 ÷ 60 = 56.25%; 56.3% owes 163.9
    ],
)
def test_marketings_figures_by_hand(unknown: str, held: dict[str, float], solved: float) -> None:
    found = solve(agreed(), "marketing", unknown, **held)
    assert value(found, "marketing", unknown) == pytest.approx(solved, rel=1e-3)
    if "mqls" in held or not {"wins", "opportunities", "sqls", "revenue"} & set(held):
        assert found.required_mqls == held.get("mqls", 164)
    if unknown != "split":
        assert value(found, "marketing", unknown) == solved


@pytest.mark.parametrize(
    ("unknown", "held", "solved"),
    [
        ("sql_to_opportunity", {"sqls": 100}, 0.615),  # 61.5 ÷ 100
        ("close_rate", {"sqls": 82}, 0.675),  # 27.675 ÷ 41
        ("deal_size", {"sqls": 150}, 24_600),  # 830,250 ÷ 33.75
        ("split", {"sqls": 246}, 1.0),
        ("revenue_target", {"sqls": 246}, 3_321_000),
    ],
)
def test_sales_figures_by_hand(unknown: str, held: dict[str, float], solved: float) -> None:
    found = solve(agreed(), "sales", unknown, **held)
    assert value(found, "sales", unknown) == solved
    assert found.required["sales"].sqls == pytest.approx(held["sqls"], abs=0.01)


def test_the_other_sides_share_is_what_is_left() -> None:
    found = solve(agreed(), "marketing", "split", mqls=150)
    assert (found.split.marketing, found.split.sales) == (0.457, 0.543)
    assert found.required_mqls == 150


def test_volumes_follow_when_only_inputs_are_held() -> None:
    assert solve(agreed(), "marketing", "mqls", mql_to_sql=0.57).required_mqls == 216
    assert solve(agreed(), "sales", "sqls", split=1.0).split.marketing == 0


def test_what_is_already_met_moves_nothing() -> None:
    """163.4 MQLs are promised as 164; asking for 164 is no reason to change 50.15%."""
    base = agreed(marketing={"mql_to_sql": 0.7528, **RATES})
    assert base.required_mqls == 164
    assert solve(base, "marketing", "mql_to_sql", mqls=164) == base


def test_an_agreement_without_segments_changes_in_nothing_else() -> None:
    base = agreed(mql={"regions": ["EMEA"]}, follow_up={"attempts": 4}, owners={"deal_size": "sales"})
    found = solve(base, "marketing", "close_rate", mqls=150)
    assert found.model_copy(update={"marketing": base.marketing}) == base


SEGMENTS = {
    "field": "region",
    "marketing": {"EMEA": {"share": 0.4, "close_rate": 0.3}, "APAC": {"share": 0.6, "deal_size": 20_000}},
}


@pytest.mark.parametrize("unknown", MQLS)
@pytest.mark.parametrize("mqls", [200, 300, 333])
def test_with_plans_per_segment_all_segments_move_alike(unknown: str, mqls: int) -> None:
    base = agreed(segments=SEGMENTS)
    try:
        found = solve(base, "marketing", unknown, mqls=mqls)
    except AgreementError as error:
        assert "100%" in str(error)  # noqa: PT017
        return
    assert found.required_mqls == mqls
    if unknown == "close_rate":
        own, part = (each.segments.marketing["EMEA"].close_rate for each in (base, found))
        assert part / own == pytest.approx(found.marketing.close_rate / base.marketing.close_rate, abs=0.005)
        assert found.segments.marketing["APAC"].close_rate is None
    assert [each.share for each in found.segments.marketing.values()] == [0.4, 0.6]


@pytest.mark.parametrize(
    ("source", "unknown", "held", "words"),
    [
        (
            "marketing", "close_rate", {"mqls": 60},
            "60 MQLs would need a close rate of 123% (75% × 50%, 30,000 a deal, 830,250 to bring); it cannot be above 100%. At least 74 MQLs can be asked.",
        ),
        ("marketing", "mql_to_sql", {"mqls": 100}, "an MQL → SQL rate of 123%"),
        ("marketing", "split", {"mqls": 400}, "At most 328 MQLs can be asked."),
        ("marketing", "deal_size", {"mqls": 10_000_000}, "a deal size of 0 (75% × 50% × 45%, 830,250 to bring); it cannot be below 1. At most 4,920,000 MQLs can be asked."),
        ("sales", "sql_to_opportunity", {"sqls": 50}, "50 SQLs would need an SQL → opportunity rate of 123%"),
        ("marketing", "mql_to_sql", {"wins": 30}, "wins do not depend on the MQL → SQL rate: let the deal size, the share of the split or the revenue target give way"),
        ("marketing", "mqls", {"wins": 30}, "MQLs follow from the rest: name an input to give way for wins"),
        ("marketing", "close_rate", {"wins": 30, "mqls": 150}, "cannot all be held"),
        ("marketing", "close_rate", {"close_rate": 0.5, "mqls": 150}, "close rate is what gives way; it cannot be held too"),
        ("marketing", "close_rate", {"mqls": 150.5}, "MQLs are promised as a whole number; 150.5 is none"),
        ("marketing", "close_rate", {"mqls": 0}, "MQLs: 0 is not a number above 0"),
        ("marketing", "close_rate", {"mqls": math.nan}, "MQLs: nan is not a number above 0"),
        ("marketing", "close_rate", {"mqls": 150, "mql_to_sql": 1.5}, "marketing.mql_to_sql: 1.5 must be at most 1"),
        ("sales", "mql_to_sql", {"sqls": 150}, "mql_to_sql is no figure of sales's side"),
    ],
)  # fmt: skip
def test_the_impossible_is_refused_in_words(source: str, unknown: str, held: dict[str, float], words: str) -> None:
    with pytest.raises(AgreementError) as refused:
        solve(agreed(), source, unknown, **held)
    assert words in str(refused.value)


def test_the_named_limit_can_really_be_asked() -> None:
    assert solve(agreed(), "marketing", "close_rate", mqls=74).required_mqls == 74
    assert solve(agreed(), "marketing", "split", mqls=328).split.marketing == 1
    for beyond in ({"close_rate": 73}, {"split": 329}):
        ((unknown, mqls),) = beyond.items()
        with pytest.raises(AgreementError):
            solve(agreed(), "marketing", unknown, mqls=mqls)


def test_a_side_without_a_plan_or_a_share_is_said() -> None:
    without = Agreement.checked({**CONTRACT, "marketing": None, "split": {"marketing": 0, "sales": 1}})
    with pytest.raises(AgreementError, match="marketing has no plan"):
        solve(without, "marketing", "close_rate", mqls=150)
    no_share = agreed(split={"marketing": 0, "sales": 1})
    with pytest.raises(AgreementError, match="share of the split is 0"):
        solve(no_share, "marketing", "close_rate", mqls=150)
    assert solve(no_share, "marketing", "split", mqls=164).required_mqls == 164


rates = st.integers(1, 1000).map(lambda tenths: tenths / 1000)


@settings(max_examples=150, deadline=None)
@given(rates, rates, rates, st.integers(500, 90_000), st.integers(10_000, 50_000_000), st.integers(1, 99),
       st.sampled_from(MQLS), st.integers(1, 5000))  # fmt: skip
def test_any_wish_is_met_exactly_or_refused_beyond_its_limit(
    one: float, two: float, three: float, size: int, target: int, share: int, unknown: str, mqls: int
) -> None:
    """Oracle: the exact solution in fractions. Met wishes require exactly the MQLs that were typed."""
    base = agreed(
        revenue_target=target,
        split={"marketing": share / 100, "sales": 1 - share / 100},
        marketing={"mql_to_sql": one, "sql_to_opportunity": two, "close_rate": three, "deal_size": size},
    )
    product = exact(one) * exact(two) * exact(three) * size
    worth = {"split": product / target, "revenue_target": product * 100 / share}
    own = exact(value(base, "marketing", unknown))
    ideal = worth[unknown] * mqls if unknown in worth else own * Fraction(target * share, 100) / product / mqls
    low, high = (1, 10**15) if unknown in ("deal_size", "revenue_target") else (Fraction(1, 10**6), 1)
    met = math.ceil(Fraction(target * share, 100) / product) == mqls
    try:
        found = solve(base, "marketing", unknown, mqls=mqls)
    except AgreementError:
        assert not met
        assert not low <= ideal <= high
        return
    assert found.required_mqls == mqls
    assert met or low <= ideal <= high
    if not met:
        assert value(found, "marketing", unknown) == pytest.approx(float(ideal), rel=1.01 / mqls + 1e-3)


maybe = st.one_of(st.none(), rates)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(maybe, maybe, maybe, st.one_of(st.none(), st.integers(500, 90_000))), min_size=2, max_size=4),
       st.sampled_from(MQLS), st.integers(1, 3000))  # fmt: skip
def test_segments_meet_the_wish_exactly_or_name_what_can_be_asked(
    parts: list[tuple[float | None, ...]], unknown: str, mqls: int
) -> None:
    """Whatever limit a refusal names can be asked, and one beyond it cannot."""
    names = ("mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size")
    plans = {
        f"S{place}": {"share": [1 / 2, 1 / 4, 1 / 8, 1 / 8][place]} | {name: value for name, value in zip(names, part, strict=True) if value}
        for place, part in enumerate(parts)
    }  # fmt: skip
    plans["S0"]["share"] += 1 - sum(plan["share"] for plan in plans.values())
    base = agreed(segments={"field": "region", "marketing": plans})
    try:
        assert solve(base, "marketing", unknown, mqls=mqls).required_mqls == mqls
    except AgreementError as error:
        (bound, said) = re.search(r"At (least|most) ([\d,]+) MQLs?", str(error)).groups()
        limit = int(said.replace(",", ""))
        assert (mqls < limit) if bound == "least" else (mqls > limit)
        assert limit == 0 or solve(base, "marketing", unknown, mqls=limit).required_mqls == limit
        beyond = limit + (-1 if bound == "least" else 1)
        if beyond > 0:
            with pytest.raises(AgreementError):
                solve(base, "marketing", unknown, mqls=beyond)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MQLS[:4]), rates, st.integers(1, 2000))
def test_going_and_coming_back_asks_for_the_same(unknown: str, rate: float, mqls: int) -> None:
    """Solve for a rate from MQLs, then for the target from the same MQLs: nothing has to give way any more."""
    base = agreed(marketing={"mql_to_sql": rate, **RATES})
    try:
        there = solve(base, "marketing", unknown, mqls=mqls)
    except AgreementError:
        assume(False)
    assert solve(there, "marketing", "revenue_target", mqls=mqls) == there


def test_what_can_give_way_is_what_a_figure_depends_on() -> None:
    assert gives_way("marketing", "mqls") == MQLS
    assert gives_way("marketing", "wins") == ("deal_size", "split", "revenue_target")
    assert gives_way("sales", "sqls") == MQLS[1:]
    assert gives_way("sales", "revenue") == ("split", "revenue_target")
