"""The agreement's charts: what they draw is what the core worked out, and their words say it."""

import json
import re
from datetime import timedelta

import pytest

from alignment_core.agree_charts import odds_chart, pace_chart
from alignment_core.charts import Palette
from alignment_core.outlook import outlook
from alignment_core.pace import pace
from tests.support import RATES, agreed, records
from tests.test_outlook import record

PALETTE = Palette()


def drawn(chart) -> list[dict]:
    """The layers with the values that they draw."""
    return [{**layer, "values": layer["data"]["values"]} for layer in chart["layer"]]


def texts(chart) -> dict[str, dict]:
    """Every label that is written beside its point, by its words."""
    found = {}
    for layer in drawn(chart):
        field = layer["encoding"].get("text", {}).get("field")
        found |= {value[field]: layer for value in layer["values"] if field and value.get(field)}
    return found


def test_the_odds_chart_marks_the_promise_and_the_safe_promise() -> None:
    found = outlook(agreed(), record())
    chart, words = odds_chart(found, PALETTE)
    assert {"164 → 51%", "189 → 80%", "as agreed\nMQL → SQL at 75%", "as it ran\nMQL → SQL at 57%"} == set(texts(chart))
    (line,) = (layer for layer in drawn(chart) if layer["mark"]["type"] == "line")
    for colour, curve in ((PALETTE.favourable, found.agreed), (PALETTE.unfavourable, found.ran)):
        points = [(value["mqls"], value["chance"]) for value in line["values"] if value["colour"] == colour]
        assert points == list(zip(curve.mqls, curve.probability, strict=True))
    assert words.startswith(
        "Probability of marketing's target by MQLs delivered. As agreed, MQL → SQL at 75%: 51% with the 164 promised, 189 MQLs for 80%."
    )
    assert "As it ran, MQL → SQL at 57%: " in words


def test_without_a_track_record_there_is_one_curve() -> None:
    chart, words = odds_chart(outlook(agreed()), PALETTE)
    (line,) = (layer for layer in drawn(chart) if layer["mark"]["type"] == "line")
    assert {value["assuming"] for value in line["values"]} == {"as agreed"}
    assert "as agreed" in texts(chart)
    assert "as it ran" not in words


def test_a_promise_that_is_safe_already_marks_only_itself() -> None:
    certain = {"mql_to_sql": 1, "sql_to_opportunity": 1, "close_rate": 1, "deal_size": 10_000}
    chart, words = odds_chart(outlook(agreed(marketing=certain)), PALETTE)
    assert "84 → 100%" in texts(chart)
    assert not any("→ 80%" in text for text in texts(chart))
    assert "100% with the 84 promised" in words


def test_hopeless_odds_are_said_without_a_number() -> None:
    hopeless = record(rates=((760, 1330), (375, 760), (0, 375)))
    _, words = odds_chart(outlook(agreed(), hopeless), PALETTE)
    assert "As it ran, close rate at 0%: under 1%" in words
    assert "no number of MQLs is likely enough for 80%" in words


def test_the_pace_is_drawn_to_the_day_that_is_known() -> None:
    """19 MQLs by Thursday of the second week: 1 + 2/7 weeks."""
    lead = {"lead_source": "Webinar", "won_at": None}
    start = agreed().fiscal_quarter.start
    leads = [{"lead_id": str(place), "mql_at": str(start + timedelta(days=place % 9)), **lead} for place in range(19)]
    won = {"lead_id": "w", "lead_source": "Webinar", "mql_at": "2026-01-01", "won_at": "2026-01-02"}
    chart, words = pace_chart(pace(agreed(), records(won, *leads)), PALETTE)
    ideal, actual = (layer["values"] for layer in drawn(chart) if layer["mark"]["type"] == "line")
    assert [value["total"] for value in ideal][::13] == [0, 164]
    assert [(value["week"], value["total"]) for value in actual] == [(0, 0), (1, 15), (1 + 2 / 7, 19)]
    assert {"164 promised", "19 so far"} == set(texts(chart))
    assert words == (
        "Cumulative MQLs by week against the promise of 164, spread evenly. "
        "By 9 July 2026 16 were due and 19 came; 145 are still owed."
    )


def test_before_the_quarter_there_is_only_the_ideal_line() -> None:
    chart, words = pace_chart(pace(agreed()), PALETTE)
    assert set(texts(chart)) == {"164 promised"}
    assert words == "Cumulative MQLs by week against the promise of 164, spread evenly."


def test_a_chart_is_written_once_and_filled_each_time() -> None:
    """The second chart has its own values, and leaves the first one as it was."""
    first, _ = odds_chart(outlook(agreed()), PALETTE)
    second, _ = odds_chart(outlook(agreed(marketing={"mql_to_sql": 0.57, **RATES})), PALETTE)
    assert "164 → 51%" in texts(first)
    assert {text for text in texts(second) if text.startswith("216 → ")}
    assert json.loads(json.dumps(first)) == first


@pytest.mark.parametrize("palette", [Palette(), Palette.dark()])
def test_the_charts_take_their_colours_from_the_palette_alone(palette: Palette) -> None:
    charts = (
        odds_chart(outlook(agreed(), record()), palette)[0],
        pace_chart(pace(agreed()), palette)[0],
    )
    known = {value.lower() for value in vars(palette).values()}
    for chart in charts:
        used = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}", json.dumps(chart))}
        assert used <= known
