"""Any one figure solved for: worked by hand, and for any agreement."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.solve import GIVES_WAY, Figure, Given, SolveError, gives_way_for, solve

SALES = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}


def agreed(**changes: Any) -> Agreement:
    values = {
        "company": "Northwind",
        "quarter": "2026-Q3",
        "revenue_target": 1_660_500,
        "split": {"marketing": 0.5, "sales": 0.5},
        "marketing": SALES | {"mql_to_sql": 0.75},
        "sales": SALES,
    }
    return Agreement.checked(values | changes)


def value_of(agreement: Agreement, source: str, name: str) -> float:
    if name == "revenue_target":
        return agreement.revenue_target
    return getattr(agreement.split, source) if name == "split" else getattr(getattr(agreement, source), name)


# 27.675 wins, 61.5 opportunities, 123 SQLs and 164 MQLs stand behind 830,250.
@pytest.mark.parametrize(
    ("source", "figure", "wanted", "gives_way", "value"),
    [
        ("marketing", "mqls", 150, "mql_to_sql", 0.82),  # 123 / 150
        ("marketing", "mqls", 216, "mql_to_sql", 0.57),  # 123 / 216 = 0.5694: 57% takes 215.8
        ("marketing", "mqls", 150, "sql_to_opportunity", 0.55),  # 61.5 / 112.5 = 0.5467: 55% takes 149.1
        ("marketing", "mqls", 150, "close_rate", 0.492),  # 27.675 / 56.25
        ("marketing", "mqls", 150, "deal_size", 32_800),  # 830,250 / (150 · 0.16875)
        ("marketing", "mqls", 200, "revenue_target", 2_025_000),  # 200 · 0.16875 · 30,000 / 0.5
        ("marketing", "mqls", 150, "split", 0.457),  # 150 · 5,062.5 / 1,660,500 = 0.45732: 45.7% takes 149.9
        ("marketing", "sqls", 100, "sql_to_opportunity", 0.615),  # 61.5 / 100
        ("marketing", "opportunities", 67.5, "close_rate", 0.41),  # 27.675 / 67.5
        ("marketing", "wins", 30, "deal_size", 27_675),  # 830,250 / 30
        ("marketing", "revenue", 900_000, "revenue_target", 1_800_000),
        ("sales", "sqls", 100, "split", 0.4065),  # 100 · 0.225 · 30,000 / 1,660,500 = 0.406504
        ("sales", "sqls", 100, "close_rate", 0.5535),  # 27.675 / 50
        ("sales", "wins", 30, "revenue_target", 1_800_000),
        ("sales", "revenue", 415_125, "split", 0.25),
    ],
)
def test_worked_by_hand(source: Any, figure: Figure, wanted: float, gives_way: Given, value: float) -> None:
    before = agreed()
    after = solve(before, source, figure, wanted, gives_way)
    assert value_of(after, source, gives_way) == value
    found = after.required_mqls if figure == "mqls" else getattr(after.required[source], figure)
    assert found == pytest.approx(wanted, abs=0.005)
    held = {name for name in GIVES_WAY if name != gives_way and (source, name) != ("sales", "mql_to_sql")}
    assert {name: value_of(after, source, name) for name in held} == {
        name: value_of(before, source, name) for name in held
    }


def test_what_stands_is_what_is_solved_for() -> None:
    for gives_way in GIVES_WAY:
        assert solve(agreed(), "marketing", "mqls", 164, gives_way) == agreed()


rates = st.integers(1, 10_000).map(lambda value: value / 10_000)
plans = st.fixed_dictionaries(
    {"sql_to_opportunity": rates, "close_rate": rates, "deal_size": st.integers(100, 200_000)}
)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    split = draw(st.integers(1, 99)) / 100
    changes: dict[str, Any] = {
        "revenue_target": draw(st.integers(10_000, 10_000_000)),
        "split": {"marketing": split, "sales": round(1 - split, 2)},
        "marketing": draw(plans) | {"mql_to_sql": draw(rates)},
        "sales": draw(plans),
    }
    if draw(st.booleans()):
        first = draw(st.integers(1, 99)) / 100
        own = {"share": first, "close_rate": draw(rates)}
        changes["segments"] = {
            "field": "region",
            "marketing": {
                "EMEA": own,
                "APAC": {"share": round(1 - first, 2), "deal_size": draw(st.integers(100, 90_000))},
            },
        }
    return agreed(**changes)


@given(agreements(), st.integers(1, 5_000), st.sampled_from(GIVES_WAY))
def test_exactly_the_wanted_mqls_are_owed_or_it_is_impossible(
    agreement: Agreement, wanted: int, gives_way: Given
) -> None:
    """Impossible is only what would take more than all: a rate or a share above 100%."""
    now = sum((cell["mqls"] for cell in agreement.segment_cells["marketing"].values()), Fraction(0))
    segments = agreement.segments.marketing.values() if agreement.segments else ()
    values = [value for part in segments if (value := getattr(part, gives_way, None)) is not None]
    if len(values) < len(segments) or not segments:
        values.append(value_of(agreement, "marketing", gives_way))
    ratio = Fraction(wanted) / now
    needed = [
        Fraction(str(value)) * (ratio if gives_way in ("split", "revenue_target") else 1 / ratio) for value in values
    ]
    after, refused = None, None
    try:
        after = solve(agreement, "marketing", "mqls", wanted, gives_way)
    except SolveError as error:
        refused = str(error)
    if after is None:
        limit = {"revenue_target": Fraction(10**15), "deal_size": Fraction(10**15)}.get(gives_way, Fraction(1))
        least = (
            {"split": Fraction(1, 100)}.get(gives_way, Fraction(1, 10**6))
            if gives_way not in ("revenue_target", "deal_size")
            else Fraction(1)
        )
        assert max(needed) > limit * Fraction(999, 1000) or min(needed) < least, refused
        return
    assert after.required_mqls == wanted
    if gives_way in ("split", "revenue_target"):
        untouched = {"split", "revenue_target", "marketing", "sales", "segments"} - {gives_way}
        assert all(getattr(after, name) == getattr(agreement, name) for name in untouched)
    assert after.split.marketing + after.split.sales == pytest.approx(1, abs=1e-12)


def test_segments_move_in_the_same_proportion() -> None:
    """EMEA 40%, APAC 20% of MQLs become SQLs: 153.75 and 307.5 MQLs; 369 in all take a quarter more."""
    segments = {
        "field": "region",
        "marketing": {"EMEA": {"share": 0.5, "mql_to_sql": 0.4}, "APAC": {"share": 0.5, "mql_to_sql": 0.2}},
    }
    before = agreed(segments=segments)
    assert before.required_mqls == math.ceil(153.75 + 307.5)
    after = solve(before, "marketing", "mqls", 369, "mql_to_sql")
    assert after.segments is not None
    assert {name: part.mql_to_sql for name, part in after.segments.marketing.items()} == {"EMEA": 0.5, "APAC": 0.25}


def test_a_rate_that_nothing_is_owed_by_does_not_stand_in_the_way() -> None:
    """1,000,000 ÷ 10,000 are 100 wins; at 30 and 40% for half each 291.67 opportunities. 200 take 200/291.67 ÷ of the rates:
    43.75% and 58.33%, whatever marketing's own rate is, and that of a segment without a share."""
    segments = {
        "field": "region",
        "marketing": {
            "A": {"share": 0.5, "close_rate": 0.3},
            "B": {"share": 0.5, "close_rate": 0.4},
            "C": {"share": 0, "close_rate": 0.95},
        },
    }
    plan = SALES | {"mql_to_sql": 0.5, "close_rate": 0.9, "deal_size": 10_000}
    before = agreed(revenue_target=1_000_000, split={"marketing": 1, "sales": 0}, marketing=plan, segments=segments)
    after = solve(before, "marketing", "opportunities", 200, "close_rate")
    assert after.segments is not None
    rates = {name: part.close_rate for name, part in after.segments.marketing.items()}
    assert rates == {"A": 0.4375, "B": pytest.approx(0.58333, abs=1e-5), "C": 0.95}
    assert after.marketing == before.marketing
    with pytest.raises(SolveError, match=r"of 133% in B\. Even 100% takes 116\.7 opportunities"):
        solve(before, "marketing", "opportunities", 87.5, "close_rate")


@pytest.mark.parametrize(
    ("source", "figure", "wanted", "gives_way", "said"),
    [
        ("marketing", "mqls", 100, "mql_to_sql", "100 MQLs would need an MQL → SQL conversion of 123%. Even 100% takes 123 MQLs; let something else give way."),
        ("marketing", "mqls", 164.5, "close_rate", "MQLs are promised as a whole number; 164.5 is not one."),
        ("marketing", "wins", 30, "close_rate", "The close rate does not change how many wins marketing owes. What can give way to it: revenue target, split, deal size."),
        ("marketing", "mqls", 0, "close_rate", "The MQLs owed must be more than 0; 0 is not."),
        ("marketing", "mqls", 400, "split", "That would be 122% of the target, more than all of it, with nothing left for sales. Let the revenue target give way."),
        ("sales", "sqls", 100, "mql_to_sql", "Sales-sourced demand begins at the SQL: it has no MQLs."),
    ],
)  # fmt: skip
def test_what_is_impossible_is_said(source: Any, figure: Figure, wanted: float, gives_way: Given, said: str) -> None:
    with pytest.raises(SolveError) as error:
        solve(agreed(), source, figure, wanted, gives_way)
    assert str(error.value) == said


def test_a_side_without_a_share_owes_nothing() -> None:
    alone = agreed(split={"marketing": 1, "sales": 0}, sales=None)
    with pytest.raises(SolveError, match="Sales owes nothing"):
        solve(alone, "sales", "wins", 3, "deal_size")
    with pytest.raises(SolveError, match="has no rates and deal size yet"):
        solve(alone, "marketing", "mqls", 100, "split")


def test_each_figure_depends_on_what_stands_before_it() -> None:
    assert gives_way_for("revenue") == ("revenue_target", "split")
    assert gives_way_for("opportunities") == ("revenue_target", "split", "deal_size", "close_rate")
    assert gives_way_for("mqls") == GIVES_WAY
