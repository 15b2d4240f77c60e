"""A plain sentence where an agreement assumes what never ran."""

from fractions import Fraction

import pytest

from alignment_core.assumptions import agreed_value, beside, warnings
from alignment_core.drafts import draft_agreement
from alignment_core.quarters import Quarter
from alignment_core.track_record import track_record
from tests.support import RATES, agreed, summary

NAMES = ("2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def ran(
    *sqls: float, opportunities: float = 0.5, close: float = 0.45, size: float = 30_000, mqls: float = 1000, **more
):
    rows = []
    for name, count in zip(NAMES, sqls, strict=False):
        opps = count * opportunities
        counts = {
            "mqls": mqls,
            "sqls": count,
            "opportunities": opps,
            "wins": opps * close,
            "revenue": round(opps * close * size),
        }
        rows.append({"quarter": name, "source": "marketing", **counts, **more})
    return rows


EIGHT = (520, 550, 560, 570, 575, 580, 590, 610)


def said(agreement, rows, **options) -> list[tuple[str, str, str]]:
    found = warnings(agreement, track_record(summary(*rows), agreement, **options))
    return [(each.title, each.sentence, each.consequence) for each in found if each.evidence.driver != "mql_volume"]


def test_the_designs_sentence() -> None:
    """75% against 52–61%, 57% together (4,555 of 8,000): 27.675 ÷ (57% × 50% × 45%) = 215.8."""
    assert said(agreed(), ran(*EIGHT)) == [
        (
            "Marketing-sourced MQL → SQL",
            "75% agreed; the last eight quarters ran 52–61%.",
            "At 57% marketing would owe 216 MQLs, not 164.",
        )
    ]


def test_what_ran_before_is_no_warning() -> None:
    assert said(agreed(marketing={"mql_to_sql": 0.57, **RATES}), ran(*EIGHT)) == []
    assert said(agreed(marketing={"mql_to_sql": 0.61, **RATES}), ran(*EIGHT)) == []


def test_what_chance_still_allows_is_no_warning() -> None:
    """Three quarters of 20 MQLs at 50, 55 and 60%: 64% is above them all, and well within what 60 MQLs can tell."""
    few = ran(10, 11, 12, mqls=20, opportunities=1, close=1)
    plan = {"mql_to_sql": 0.64, "sql_to_opportunity": 1, "close_rate": 1, "deal_size": 30_000}
    assert said(agreed(marketing=plan), few) == []
    assert len(said(agreed(marketing=plan | {"mql_to_sql": 0.74}), few)) == 1


def test_below_all_that_ran_is_said_too() -> None:
    ((_, sentence, consequence),) = said(agreed(marketing={"mql_to_sql": 0.4, **RATES}), ran(*EIGHT))
    assert sentence == "40% agreed; the last eight quarters ran 52–61%."
    assert consequence == "At 57% marketing would owe 216 MQLs, not 308."


def test_too_little_data_is_no_warning() -> None:
    assert said(agreed(), ran(520, 550)) == []


def test_deal_sizes_are_in_money() -> None:
    ((title, sentence, consequence),) = said(
        agreed(marketing={"mql_to_sql": 0.57, **RATES, "deal_size": 45_000}), ran(*EIGHT)
    )
    assert title == "Marketing-sourced deal size"
    assert sentence == "45k agreed; the last eight quarters ran 30k."
    assert consequence == "At 30k marketing would owe 216 MQLs, not 144."


def test_volumes_have_no_consequence() -> None:
    data = summary(*ran(*EIGHT))
    (found,) = (
        each for each in warnings(agreed(), track_record(data, agreed())) if each.evidence.driver == "mql_volume"
    )
    assert (found.sentence, found.consequence) == ("164 MQLs owed; the last eight quarters brought 1,000.", "")
    assert not found.above


def test_rates_that_round_alike_are_told_apart() -> None:
    plan = {"mql_to_sql": 0.614, **RATES}
    ((_, sentence, _),) = said(agreed(marketing=plan), ran(*(each * 100 for each in EIGHT), mqls=100_000))
    assert sentence == "61.4% agreed; the last eight quarters ran 52.0–61.0%."


@pytest.mark.parametrize(
    ("plan", "warned"),
    [
        ({"mql_to_sql": 0.61004}, False),
        ({"mql_to_sql": 0.61006}, True),
        ({"mql_to_sql": 0.57, "deal_size": 30_000.4}, False),
        ({"mql_to_sql": 0.57, "deal_size": 30_001}, True),
        ({"mql_to_sql": 0.57, "deal_size": 29_999}, True),
    ],
)
def test_what_is_written_alike_is_not_outside(plan: dict, warned: bool) -> None:
    """61.00% and 61.004% are one agreed rate; 30,000 and 30,000.40 one amount. More is told apart."""
    rows = ran(*(each * 100 for each in EIGHT), mqls=100_000)
    assert bool(said(agreed(marketing=RATES | plan), rows)) == warned


@pytest.mark.parametrize("wins", [(100, 486, 40), (1, 7, 486), (1001, 2001, 2007)])
def test_a_draft_of_the_last_quarter_is_not_outside_of_it(wins: tuple[int, ...]) -> None:
    """486 of 3,343 are 14.5379%, agreed as 14.54%; 7 of 3,343 are 0.2094%."""
    names = ("2025-Q4", "2026-Q1", "2026-Q2")
    for last in range(3):
        won = [*wins[last:], *wins[:last]]
        counts = [{"quarter": name, "source": "marketing", "mqls": 3343, "wins": each, "revenue": each * 1_001} for name, each in zip(names, won, strict=True)]  # fmt: skip
        data = summary(*counts)
        draft = draft_agreement(data, agreed(), Quarter.parse("2026-Q3"))
        found = warnings(draft, track_record(data, draft))
        assert not [each.sentence for each in found if each.evidence.driver != "mql_volume"]


def test_segments_are_held_against_plans_per_segment_only() -> None:
    rows = [*ran(*EIGHT, region="EMEA"), *ran(*EIGHT, region="APAC")]
    plan = {"mql_to_sql": 0.57, **RATES}
    assert said(agreed(), rows, by="region") == []
    segments = {"field": "region", "marketing": {"EMEA": {"share": 0.5, "mql_to_sql": 0.75}, "APAC": {"share": 0.5}}}
    ((title, sentence, consequence),) = said(agreed(marketing=plan, segments=segments), rows, by="region")
    assert title == "Marketing-sourced MQL → SQL, EMEA"
    assert sentence == "75% agreed; the last eight quarters ran 52–61%."
    # 82 MQLs of EMEA would be 107.9, as APAC's are.
    assert consequence == "At 57% marketing would owe 216 MQLs, not 190."


@pytest.mark.parametrize(
    ("driver", "value"),
    [
        ("mql_volume", Fraction(164)),
        ("mql_to_sql", Fraction(3, 4)),
        ("mql_to_opportunity", Fraction(3, 8)),
        ("mql_to_win", Fraction(27, 160)),
        ("sql_to_win", Fraction(9, 40)),
        ("deal_size", Fraction(30_000)),
    ],
)
def test_merged_drivers_are_products_of_what_was_agreed(driver: str, value: Fraction) -> None:
    assert agreed_value(agreed(), "marketing", driver) == value


def test_a_side_that_owes_nothing_assumes_nothing() -> None:
    nothing = agreed(split={"marketing": 0, "sales": 1})
    assert agreed_value(nothing, "marketing", "mql_to_sql") is None
    assert said(nothing, ran(*EIGHT)) == []


def test_what_stands_beside_a_figure() -> None:
    record = track_record(summary(*ran(520, 550, 610)), agreed())
    assert (
        beside(record.of("marketing", "mql_to_sql")) == "ran 52–61% in 3 quarters; 56% of 3,000 MQLs, 95% range 54–58%"
    )
    assert beside(record.of("sales", "mql_to_sql")) == "not recorded in the loaded files"
    thin = track_record(summary(*ran(520)), agreed())
    assert (
        beside(thin.of("marketing", "mql_to_sql"))
        == "too little to compare with: only one quarter with at least 5 records"
    )
