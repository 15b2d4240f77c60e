"""What ran beside what is agreed: positions on a driver's own scale, and the words that go with them."""

import json
import re

import altair as alt
import pytest

from alignment_core.charts import Palette
from alignment_core.evidence_strip import StripRow, evidence_strip, strip_rows
from alignment_core.track_record import track_record
from tests.support import RATES, agreed, summary
from tests.test_agree_charts import PALETTE, drawn, texts

QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def rows(**changes):
    known = [
        {"quarter": name, "source": "marketing", "mqls": 200, "sqls": sqls, "opportunities": sqls / 2, "wins": sqls / 4, "revenue": round(sqls * 7500)}
        for name, sqls in zip(QUARTERS, (104, 110, 116, 122), strict=True)
    ]  # fmt: skip
    agreement = agreed(**changes)
    return strip_rows(agreement, track_record(summary(*known), agreement), "marketing")


def test_the_strip_has_a_line_a_driver_from_the_deal_back_to_the_mqls() -> None:
    found = rows()
    assert [row.driver for row in found] == [
        "deal_size",
        "close_rate",
        "sql_to_opportunity",
        "mql_to_sql",
        "mql_volume",
    ]
    rate = found[3]
    assert (rate.ran, rate.agreed, rate.outside, rate.verdict) == ("52–61%", "75%", True, "above anything seen")
    assert [(quarter, value) for _, quarter, value in rate.ticks] == list(
        zip(QUARTERS, ("52%", "55%", "58%", "61%"), strict=True)
    )
    places = [place for place, _, _ in rate.ticks]
    assert places == sorted(places)
    assert (rate.low, rate.high) == (places[0], places[-1])
    assert 0 < places[0] < places[-1] < rate.diamond < 1
    # On one scale: 75% lies as far beyond 61% as 14 points are of the 9 between 52% and 61%.
    assert (rate.diamond - rate.high) / (rate.high - rate.low) == pytest.approx(14 / 9)
    assert found[0].ran == "30k"


def test_what_lies_inside_is_blue_and_without_a_verdict() -> None:
    inside = rows(marketing={"mql_to_sql": 0.57, **RATES})[3]
    assert (inside.outside, inside.verdict) == (False, "")
    chart, words = evidence_strip([inside], PALETTE)
    diamond = next(layer for layer in drawn(chart) if layer["mark"].get("shape") == "diamond")
    colours = dict(zip(*(diamond["encoding"]["color"]["scale"][key] for key in ("domain", "range")), strict=True))
    assert colours[diamond["values"][0]["outside"]] == PALETTE.favourable
    assert words == "What the last quarters ran, and what is agreed: MQL → SQL ran 52–61%, agreed 57%."


def test_the_strip_in_words_says_what_is_outside() -> None:
    chart, words = evidence_strip(rows(), PALETTE)
    assert "MQL → SQL ran 52–61%, agreed 75%, above anything seen" in words
    assert {"MQL → SQL", "52–61%", "above anything seen"} <= set(texts(chart))
    assert texts(evidence_strip(rows(), PALETTE, labels=False)[0]) == {}


def test_too_little_to_compare_with_is_said_in_the_strips_words() -> None:
    agreement = agreed()
    known = track_record(
        summary({"quarter": "2026-Q2", "source": "marketing", "mqls": 9, "wins": 1, "revenue": 5}), agreement
    )
    (size, *_) = strip_rows(agreement, known, "marketing")
    assert (size.low, size.outside) == (None, False)
    assert "Deal size agreed 30k, too little to compare with" in evidence_strip([size], PALETTE)[1]


def ran(*sqls):
    """The line of MQL → SQL where so many of 200 MQLs passed, quarter by quarter."""
    known = [
        {"quarter": name, "source": "marketing", "mqls": 200, "sqls": passed, "opportunities": 50, "wins": 20, "revenue": 600_000}
        for name, passed in zip(QUARTERS, sqls, strict=True)
    ]  # fmt: skip
    agreement = agreed()
    found = strip_rows(agreement, track_record(summary(*known), agreement), "marketing")
    return next(row for row in found if row.driver == "mql_to_sql")


def test_what_ran_steadily_is_one_value_and_looks_steady():
    """All four quarters lie on one point."""
    row = ran(140, 140, 140, 140)
    assert row.ran == "70%"
    assert row.low == row.high
    assert {place for place, _, _ in row.ticks} == {row.low}
    # 70% to 75% with 5 points of room on each side: a third and two thirds of the strip.
    assert (row.low, row.diamond) == pytest.approx((1 / 3, 2 / 3))


def test_a_value_below_everything_that_ran_is_said_too():
    row = ran(180, 184, 188, 192)
    assert (row.outside, row.verdict, row.ran) == (True, "below anything seen", "90–96%")


def test_nothing_known_is_drawn_nowhere():
    row = StripRow("close_rate", "Close rate", "nothing to compare with", "–", False, "", None, None, None, ())
    chart, words = evidence_strip([row], PALETTE)
    assert words.endswith("Close rate agreed –, nothing to compare with.")
    filters = {layer["transform"][0]["filter"] for layer in chart["layer"] if "transform" in layer}
    assert filters == {"datum.low !== null", "datum.diamond !== null"}


@pytest.mark.parametrize("palette", [Palette(), Palette.dark()])
def test_the_strip_is_valid_and_takes_its_colours_from_the_palette_alone(palette):
    chart, _ = evidence_strip(rows(), palette)
    alt.LayerChart.from_dict(chart, validate=True)
    known = {value.lower() for value in vars(palette).values()}
    assert {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}", json.dumps(chart))} <= known
