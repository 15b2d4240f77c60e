"""A driver's control chart as it is drawn: its quarters, limits and signals are those of the history."""

from dataclasses import replace

import numpy as np
import pytest

from alignment_core.charts import Palette
from alignment_core.control_charts import ControlChart, Signal
from alignment_core.driver_history import DriverHistory
from alignment_core.history_charts import history_chart
from alignment_core.history_words import history_sentence
from alignment_core.quarters import Quarter
from tests.test_charts import spec_of

NAN = float("nan")
CHART = ControlChart(
    values=np.array([0.56, NAN, 0.58, 0.39]),
    centre=0.57,
    low=np.array([0.46, NAN, 0.47, 0.46]),
    high=np.array([0.67, NAN, 0.66, 0.67]),
    signals=(Signal("beyond", 3),),
)
HISTORY = DriverHistory(
    "marketing", "mql_to_sql", (Quarter(2025, 4), Quarter(2026, 1), Quarter(2026, 2), Quarter(2026, 3)), 0.75, CHART
)


def rows_of(history):
    spec = spec_of(history_chart(history, Palette())[0])
    return next(layer["data"]["values"] for layer in spec["layer"] if len(layer["data"]["values"]) == 4)


def test_each_quarter_has_its_value_its_limits_and_what_is_said_of_them():
    first, undefined, _, last = rows_of(HISTORY)
    assert first == {
        "quarter": "2025-Q4", "value": 0.56, "low": 0.46, "high": 0.67, "said": "56%", "limits": "46% to 67%",
        "signal": False, "role": "as before", "now": False,
    }  # fmt: skip
    assert (last["signal"], last["role"], last["now"]) == (True, "worse", True)
    assert (undefined["value"], undefined["low"], undefined["limits"], undefined["role"]) == (
        None,
        None,
        "–",
        "as before",
    )


def test_a_signal_above_the_centre_is_better():
    higher = replace(CHART, values=np.array([0.56, NAN, 0.58, 0.80]))
    assert rows_of(replace(HISTORY, chart=higher))[-1]["role"] == "better"


@pytest.mark.parametrize(("agreed", "ran_above", "agreed_below"), [(0.75, 15, -8), (0.40, -14, 11)])
def test_what_ran_and_what_was_agreed_are_labelled_on_opposite_sides(agreed, ran_above, agreed_below):
    layers = spec_of(history_chart(replace(HISTORY, agreed=agreed), Palette())[0])["layer"]
    shifts = {
        layer["encoding"]["text"]["field"]: layer["mark"]["dy"] for layer in layers if "text" in layer["encoding"]
    }
    assert shifts == {"said": ran_above, "words": agreed_below}


def test_without_an_agreed_value_there_is_no_dashed_line():
    dashed = [
        [layer for layer in spec_of(history_chart(each, Palette())[0])["layer"] if "strokeDash" in layer["mark"]]
        for each in (HISTORY, replace(HISTORY, agreed=None))
    ]
    assert [len(each) for each in dashed] == [1, 0]
    assert dashed[0][0]["data"]["values"] == [{"agreed": 0.75, "words": "agreed 75%"}]


def test_the_words_are_the_quarters_and_the_historys_sentence():
    _, words = history_chart(HISTORY, Palette())
    assert words.startswith("Control chart. 2025-Q4 56%; 2026-Q1 ")
    assert words.endswith(f"; 2026-Q3 39%. {history_sentence(HISTORY)}")


def test_too_few_quarters_have_no_chart():
    assert history_chart(replace(HISTORY, chart=None, too_little="too few"), Palette()) is None
