"""A driver's control chart in a sentence."""

import numpy as np
import pytest

from alignment_core.control_charts import ControlChart, Signal
from alignment_core.driver_history import DriverHistory
from alignment_core.history_words import against_words, history_sentence
from alignment_core.quarters import Quarter

BEFORE = (0.55, 0.61, 0.57, 0.59)
QUARTERS = tuple(Quarter(2025 + place // 4, place % 4 + 1) for place in range(2, 7))


def history(now, *rules, values=BEFORE, driver="mql_to_sql", low=0.46, high=0.7, centre=0.58, **more):
    chart = ControlChart(
        np.array([*values, now]), centre, np.full(5, low), np.full(5, high), tuple(Signal(rule, 4) for rule in rules)
    )
    return DriverHistory("marketing", driver, QUARTERS, 0.6, chart, **more)


def said(now, *rules, **more):
    return history_sentence(history(now, *rules, **more))


@pytest.mark.parametrize(
    ("now", "rules", "sentence"),
    [
        (0.6, (), "Marketing-sourced MQL → SQL ran 55% to 61% for four quarters, then 60%: within the limits (46% to 70%), like the quarters before."),
        (0.39, ("beyond",), "Marketing-sourced MQL → SQL ran 55% to 61% for four quarters, then 39%: below the limits (46% to 70%), unlike the quarters before."),
        (0.75, ("beyond", "trend"), "Marketing-sourced MQL → SQL ran 55% to 61% for four quarters, then 75%: above the limits (46% to 70%), unlike the quarters before."),
        (0.5, ("side", "trend"), "Marketing-sourced MQL → SQL ran 55% to 61% for four quarters, then 50%: within the limits (46% to 70%), but the eighth quarter in a row on the same side of the average and the sixth quarter in a row of one trend."),
        (float("nan"), (), "Marketing-sourced MQL → SQL ran 55% to 61% for four quarters; in 2026-Q3 it is undefined."),
    ],
)  # fmt: skip
def test_what_it_ran_what_it_ran_then_and_whether_that_is_like_before(now, rules, sentence):
    assert said(now, *rules) == sentence


def test_a_quarter_without_a_value_is_not_counted_among_those_before_and_the_same_value_is_said_once():
    assert said(
        210.4, values=(200.0, np.nan, 200.2, 199.9), driver="mql_volume", low=150.2, high=250.7, centre=200.0
    ) == (
        "Marketing-sourced MQL volume ran 200 for three quarters, then 210: within the limits (150 to 251), like the quarters before."
    )


def test_where_there_is_no_chart_it_says_why():
    found = DriverHistory("sales", "close_rate", QUARTERS[:2], 0.4, None, too_little="Load earlier quarters.")
    assert history_sentence(found) == "Load earlier quarters."


def test_a_count_of_a_quarter_that_runs_is_held_against_nothing():
    assert said(19.0, values=(175.0, 203.0, 190.0, 180.0), driver="mql_volume", low=150.0, is_running=True) == (
        "Marketing-sourced MQL volume ran 175 to 203 for four quarters; it is 19 so far, and the quarter is not over."
    )


@pytest.mark.parametrize(("number", "verb"), [(17, "17 of 19 MQLs are"), (1, "1 of 19 MQLs is")])
def test_a_rate_of_which_most_is_open_is_not_decided(number, verb):
    assert said(0.11, open=number, records=(1.0, 1.0, 1.0, 1.0, 19.0)) == (
        "Marketing-sourced MQL → SQL ran 55% to 61% for four quarters; it is 11% so far, which is not decided yet: "
        f"{verb} still open."
    )


NOISE = "That it is within chance is held against the agreement, this against the quarters before."
REAL = "That it is more than chance is held against the agreement, this against the quarters before."


@pytest.mark.parametrize(
    ("now", "rules", "verdict", "words"),
    [
        (0.75, ("beyond",), "noise", NOISE),
        (0.57, (), "noise", ""),
        (0.57, ("side",), "noise", ""),
        (0.57, (), "real", REAL),
        (0.57, ("side",), "real", ""),
        (0.39, ("beyond",), "real", ""),
        (0.59, ("beyond",), "real", REAL),  # above the quarters before, below the 60% agreed
        (0.39, ("beyond",), "undecided", ""),
        (0.39, ("beyond",), None, ""),
        (float("nan"), (), "real", ""),
    ],
)
def test_where_the_two_seem_to_say_otherwise_each_says_what_it_is_held_against(now, rules, verdict, words):
    assert against_words(history(now, *rules), verdict) == words


def test_what_is_held_against_nothing_says_nothing_against_the_verdict():
    assert against_words(history(0.57, is_running=True), "real") == ""
    assert against_words(history(0.57, open=3), "real") == ""
    assert against_words(DriverHistory("sales", "close_rate", QUARTERS, 0.4, None), "real") == ""
