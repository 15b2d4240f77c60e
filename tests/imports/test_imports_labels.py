"""What the labels of a hand-made table say, and that a word which is not known leaves them unclear."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.imports.labels import COUNTS, Label, read_label
from alignment_core.vocabulary import RATE_DRIVER, STAGES


def said(text):
    """What a label says, without what it does not say."""
    return {name: value for name, value in asdict(read_label(text)).items() if value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q1 2026 Target", {"quarter": "Q1 2026", "scenario": "plan"}),
        ("Q3 FY26 (actual)", {"quarter": "Q3 FY26", "scenario": "actual"}),
        ("Prior year Q3 2026", {"quarter": "Q3 2026", "scenario": "earlier"}),
        ("quarter 3 2026", {"quarter": "quarter 3 2026"}),
        ("FY2026", {"year": "FY2026"}),
        ("Total FY26", {"year": "FY26", "is_total": True}),
        ("SQLs (marketing)", {"field": "sqls", "name": "SQLs", "source": "Marketing"}),
        ("Marketing-sourced MQLs", {"field": "mqls", "name": "MQLs", "source": "Marketing"}),
        ("# of wins", {"field": "wins", "name": "wins"}),
        ("Total revenue", {"field": "revenue", "name": "revenue", "is_total": True}),
        ("Bookings €", {"field": "revenue", "name": "Bookings", "currency": "€"}),
        ("Avg deal size (USD)", {"field": "deal_size", "name": "Avg deal size", "currency": "USD"}),
        ("Sales", {"source": "Sales"}),
        ("All sources", {"is_total": True}),
        ("H1", {"is_total": True}),
        ("", {}),
    ],
)
def test_a_label_says_each_thing_in_its_place(text, expected):
    assert said(text) == expected
    assert read_label(text).is_clear == bool(expected)


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("MQL → SQL", "mql_to_sql"),
        ("MQL to SQL conversion rate", "mql_to_sql"),
        ("SQL/Opp %", "sql_to_opportunity"),
        ("Marketing qualified lead to sales qualified lead", "mql_to_sql"),
        ("Marketing Qualified Leads to Sales Qualified Leads conversion rate", "mql_to_sql"),
        ("MQL to win rate", "mql_to_win"),
        ("Opportunity-to-win rate", "close_rate"),
        ("Win rate", "close_rate"),
        ("Win %", "close_rate"),
        ("Abschlussquote", "close_rate"),
    ],
)
def test_two_stages_with_a_word_between_them_are_a_rate(text, driver):
    label = read_label(text)
    assert (label.field, label.name, label.is_clear) == (driver, text, True)
    assert driver in RATE_DRIVER.values()


@pytest.mark.parametrize("text", ["SQL to MQL rate", "MQL SQL", "Opp to Opp", "MQL to"])
def test_stages_against_the_order_of_the_funnel_or_with_nothing_between_are_no_rate(text):
    label = read_label(text)
    assert label.field not in RATE_DRIVER.values()
    assert not label.is_clear or label.field in STAGES


def test_win_alone_is_a_count_and_with_a_percent_sign_a_rate():
    assert [read_label(text).field for text in ("Win", "Won", "Win %", "Win ratio")] == [
        "wins",
        "wins",
        "close_rate",
        "close_rate",
    ]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("MQLs per rep", "rep"),
        ("MQLs Q3 2026 EMEA", "EMEA"),
        ("Q1 2026 vs Q1 2025", "vs Q1 2025"),
        ("Marketing and sales", "and sales"),
        ("% of target", "%"),
        ("26", "26"),  # a year needs its century, or an FY
        ("Salesforce MQLs", "Salesforce"),
    ],
)
def test_what_is_not_understood_is_kept_and_makes_a_label_unclear(text, rest):
    assert read_label(text).rest == rest
    assert not read_label(text).is_clear


def test_only_what_sums_up_and_says_nothing_else_is_only_a_total():
    assert all(
        read_label(text).is_only_total for text in ("Total", "FY26", "2026", "Full year", "YTD", "H2", "Grand total")
    )
    assert not any(
        read_label(text).is_only_total
        for text in ("Total revenue", "Q1 2026 total", "Total marketing", "Total EMEA", "MQLs", "")
    )


def test_a_label_is_read_to_its_two_hundredth_character():
    assert read_label("MQLs" + " " * 197 + "per rep") == read_label("MQLs")


def test_every_count_is_read_by_the_products_own_name():
    assert COUNTS == ("mqls", "sqls", "opportunities", "wins", "revenue")
    assert [read_label(name) for name in COUNTS] == [Label(field=name, name=name) for name in COUNTS]


@given(
    st.permutations(
        [
            ("quarter", ["Q3 2026", "FY26-Q3", "2026 Q3"]),
            ("scenario", ["Target", "Actual", "Forecast", "Ist"]),
            ("source", ["Marketing", "Sales-sourced", "marketing-generated"]),
            ("field", ["MQLs", "Opps", "Bookings", "Win rate", "ASP"]),
            ("currency", ["USD", "€"]),
        ]
    ),
    st.data(),
)
def test_in_whatever_order_a_label_says_it_it_says_the_same(parts, data):
    """Each part read alone says what it says beside the others."""
    drawn = {name: data.draw(st.sampled_from(words)) for name, words in parts}
    label = read_label(", ".join(drawn.values()))
    assert label.is_clear
    assert {name: getattr(label, name) for name in drawn} == {
        name: getattr(read_label(text), name) for name, text in drawn.items()
    }
