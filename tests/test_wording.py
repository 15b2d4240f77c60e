"""What things are called and how numbers are written."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core import wording
from alignment_core.quarters import Quarter
from alignment_core.results import Bar, Note
from alignment_core.vocabulary import BASES, DRIVERS, METHODS, RATE_DRIVERS, SOURCES, STAGES
from alignment_core.wording import (
    agreed_and_actual,
    change,
    count,
    driver_name,
    driver_value,
    money,
    money_short,
    note,
    percent,
    period,
    signed,
    signed_short,
)


@pytest.mark.parametrize(
    ("amount", "spoken"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.4, "0"),
        (-0.4, "0"),
        (1, "1"),
        (999, "999"),
        (999.4, "999"),
        (999.6, "1.0k"),
        (1_000, "1.0k"),
        (1_049, "1.0k"),
        (9_949, "9.9k"),
        (9_950, "10k"),
        (10_499, "10k"),
        (258_400, "258k"),
        (999_499, "999k"),
        (999_500, "1.00M"),
        (1_660_500, "1.66M"),
        (999_499_999, "999.50M"),
        (999_500_000, "1.00B"),
        (1e9, "1.00B"),
        (2.5e12, "2500.00B"),
        (-258_400, "−258k"),
        (-999.6, "−1.0k"),
        (-999_500, "−1.00M"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_amounts_as_they_are_spoken(amount, spoken):
    assert money_short(amount) == spoken


@given(st.floats(-1e12, 1e12) | st.floats(-20_000, 20_000))
def test_a_spoken_amount_is_off_by_half_of_its_last_digit_at_most(amount):
    text = money_short(amount).replace("−", "-")
    figures = text.rstrip("kMB")
    scale = {"k": 1e3, "M": 1e6, "B": 1e9}.get(text[-1], 1)
    last_digit = scale / 10 ** len(figures.partition(".")[2])
    assert abs(float(figures) * scale - amount) <= last_digit / 2 * (1 + 1e-9)
    assert last_digit <= max(1, abs(amount) / 9.4)


@pytest.mark.parametrize(
    ("amount", "decimals", "text", "with_sign"),
    [
        (1_234_567.891, 0, "1,234,568", "+1,234,568"),
        (-1_234.5, 2, "−1,234.50", "−1,234.50"),
        (0.004, 2, "0.00", "0.00"),
        (-0.004, 2, "0.00", "0.00"),
        (-0.4, 0, "0", "0"),
        (0.6, 0, "1", "+1"),
        (-10, 0, "−10", "−10"),
    ],
)
def test_amounts_in_full_have_a_true_minus_and_zero_has_no_sign(amount, decimals, text, with_sign):
    assert (money(amount, decimals), signed(amount, decimals)) == (text, with_sign)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(258_400, "+258k"), (-258_400, "−258k"), (0.3, "0"), (-0.3, "0"), (0, "0"), (float("nan"), "–")],
)
def test_a_sign_is_shown_unless_there_is_nothing_to_sign(amount, text):
    assert signed_short(amount) == text


@pytest.mark.parametrize(
    ("rate", "decimals", "text"),
    [
        (0.39285, 0, "39%"),
        (0.39285, 1, "39.3%"),
        (1.2, 0, "120%"),
        (-0.0001, 0, "0%"),
        (-0.25, 0, "−25%"),
        (None, 0, "–"),
    ],
)
def test_rates_are_percent_on_screens(rate, decimals, text):
    assert percent(rate, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (164, "164"),
        (163.98, "164"),
        (61.5, "61.5"),
        (27.675, "27.7"),
        (12_345, "12,345"),
        (0.0, "0"),
        (-3, "−3"),
        (None, "–"),
    ],
)
def test_counts_are_whole_where_they_are_whole(value, text):
    assert count(value) == text


def bar(driver, plan, actual, source="marketing"):
    return Bar(source, driver, "sales", plan, actual, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("driver", "plan", "actual", "text"),
    [
        ("mql_to_sql", 0.75, 0.57, "75% → 57%"),
        ("mql_to_sql", 0.602, 0.598, "60.2% → 59.8%"),
        ("mql_to_sql", 0.6002, 0.5998, "60.02% → 59.98%"),
        ("mql_to_sql", 0.6, 0.6, "60% → 60%"),
        ("mql_to_sql", 0.6, None, "60% → –"),
        ("mql_volume", 164, 150, "164 → 150"),
        ("mql_volume", 163.98, 164, "163.98 → 164.00"),
        ("deal_size", 30_000, 33_000, "30k → 33k"),
        ("deal_size", 30_100, 30_400, "30,100 → 30,400"),
        ("deal_size", 30_000.1, 30_000.4, "30,000.1 → 30,000.4"),
        ("deal_size", None, 30_000, "– → 30k"),
    ],
)
def test_a_change_is_written_as_finely_as_it_takes_to_see_it(driver, plan, actual, text):
    assert change(bar(driver, plan, actual)) == text


def test_finer_values_start_where_the_spoken_ones_end():
    assert agreed_and_actual(bar("mql_to_sql", 0.6, 77 / 196), finer=True) == ("60.0%", "39.3%")
    assert agreed_and_actual(bar("deal_size", 30_000, 32_958.94), finer=True) == ("30,000", "32,959")
    assert driver_value("deal_size", 32_958.94) == "33k"


@pytest.mark.parametrize(
    ("driver", "source", "alone", "with_source"),
    [
        ("mql_to_sql", "marketing", "MQL → SQL conversion", "marketing-sourced MQL → SQL conversion"),
        ("sql_to_win", "sales", "SQL → win conversion", "sales-sourced SQL → win conversion"),
        ("close_rate", "sales", "close rate", "sales-sourced close rate"),
        ("deal_size", "marketing", "deal size", "marketing-sourced deal size"),
        ("mql_volume", "marketing", "MQL volume", "marketing-sourced MQL volume"),
        ("opportunity_volume", "sales", "opportunity volume", "sales-sourced opportunity volume"),
        ("unassigned", "unassigned", "revenue that is assigned to neither side", "revenue that is assigned to neither side"),
    ],
)  # fmt: skip
def test_drivers_are_named_as_they_stand_in_a_sentence(driver, source, alone, with_source):
    assert driver_name(bar(driver, 1, 1, source)) == alone
    assert driver_name(bar(driver, 1, 1, source), with_source=True) == with_source


def test_quarters_as_they_are_spoken():
    assert (period(Quarter(2026, 3)), period(Quarter(2026, 3, 11))) == ("Q3 2026", "Q3 FY2026")


NOTES = [
    (Note("outside_cohort", {"source": "marketing", "stage": "wins", "first": "mqls", "count": 1}),
     "Marketing-sourced wins whose MQLs have no date belong to no quarter's cohort and are not in this view: 1."),
    (Note("outside_cohort", {"source": "sales", "stage": "sqls", "first": "opportunities", "count": 1_200}),
     "Sales-sourced SQLs whose opportunities have no date belong to no quarter's cohort and are not in this view: 1,200."),
    (Note("wins_undated", {"count": 1}), "Won deals without a close date are not counted: 1."),
    (Note("wins_unvalued", {"count": 3}), "Won deals without an amount count as wins with revenue 0, which lowers deal size: 3."),
    (Note("wins_later", {"count": 2}), "Won deals dated after the as-of date are not counted: 2."),
    (Note("no_segment_plan", {"field": "lead_type", "quarter": "2026-Q2"}),
     "No plan by lead type: nothing was agreed per lead type, and 2026-Q2 has no data to spread the plan by. Actuals only."),
    (Note("stage_zero", {"source": "sales", "stage": "opportunities"}),
     "Sales-sourced opportunities are zero while a later stage is not: the two rates around that stage are one driver."),
    (Note("start_zero", {"source": "marketing", "stage": "mqls", "first": "wins"}),
     "Marketing-sourced MQLs are zero while a later stage is not: the bridge begins with wins."),
    (Note("rate_above_one", {"source": "sales", "driver": "close_rate"}),
     "Sales-sourced close rate is above 100%: part of what passed in the quarter had entered before it. What began in the quarter can be followed instead (Count)."),
    (Note("stage_zero_in", {"source": "marketing", "stage": "sqls", "segments": tuple("ABCDEFG")}),
     "In A, B, C, D, E and 2 more, marketing-sourced SQLs are zero while a later stage is not: there, the drivers around that stage are one."),
]  # fmt: skip


@pytest.mark.parametrize(("said", "sentence"), NOTES)
def test_notes_are_sentences(said, sentence):
    assert note(said) == sentence


def test_a_notes_data_may_hold_braces():
    """A segment's name comes from a file; it is filled in and not read as a pattern."""
    said = Note("stage_zero_in", {"source": "marketing", "stage": "sqls", "segments": ("{count}", "{0.real}")})
    assert note(said).startswith("In {count}, {0.real}, marketing-sourced SQLs")


def test_every_word_of_the_vocabulary_has_a_name():
    assert set(wording.DRIVER) == set(wording.MEANING) == set(DRIVERS)
    assert set(wording.SOURCE) == set(SOURCES)
    assert set(wording.STAGE) == set(STAGES)
    assert set(wording.METHOD) == set(wording.METHOD_MEANING) == set(METHODS)
    assert set(wording.BASIS) == set(BASES)
    assert {driver for driver in DRIVERS if "→" in wording.DRIVER[driver]} == RATE_DRIVERS - {"close_rate"}


def test_every_note_asks_only_for_what_notes_carry():
    carried = {"source", "stage", "first", "count", "field", "quarter", "agreed", "as_of", "segments", "driver"}
    carried |= {"choice", "option", "currency", "home", "rate", "later", "known"}
    for template in wording._NOTES.values():
        assert {name for _, name, _, _ in string.Formatter().parse(template) if name} <= carried
