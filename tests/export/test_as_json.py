"""The JSON of a review is the contract's: its keys, its nulls, its whole numbers."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.export.as_json import number, review_as_json
from alignment_core.results import Counts, Fault, Note, Quality
from tests.support import funnel_of, reviewed

PLAN = {"marketing": Counts(164, 123, 61.5, 27.675, 830_250), "sales": Counts(None, 123, 61.5, 27.675, 830_250)}
ACTUAL = {
    "marketing": Counts(150, None, 44, 17, 561_000),
    "sales": Counts(None, 120, 60, 27, 810_000.25),
    "unassigned": Counts(2, 1, 1, 1, 9_000),
}
#: The keys that the design's contract promises, and those that say more.
TOP = {"quarter", "currency", "basis", "method", "plan", "actual", "variance", "bridge", "why", "quality"}
MORE = {"company", "as_of", "by", "notes", "not_decided", "carried"}
BAR = {"source", "driver", "owner", "plan", "actual", "effect", "order_low", "order_high", "interval", "verdict", "undefined"}  # fmt: skip
STAGES = {"mqls", "sqls", "opportunities", "wins", "revenue"}


def written(review):
    """As the file has it: through JSON and back, refusing what JSON cannot say."""
    return json.loads(json.dumps(review_as_json(review), allow_nan=False))


def test_a_review_has_exactly_the_contracts_shape():
    said = written(reviewed(PLAN, ACTUAL))
    assert said.keys() == TOP | MORE
    assert all(bar.keys() == BAR for bar in said["bridge"])
    for side in ("plan", "actual"):
        assert said[side].keys() >= {"revenue", "marketing", "sales"}
        assert said[side]["marketing"].keys() == STAGES
        assert said[side]["sales"].keys() == STAGES - {"mqls"}
    assert said["quality"].keys() == {"rows_read", "rows_used", "rows_set_aside", "faults"}
    assert (said["quarter"], said["currency"], said["basis"], said["method"]) == ("2026-Q3", "USD", "period", "shapley")
    assert (said["company"], said["as_of"], said["by"], said["why"]) == ("Northwind", "2026-10-09", None, None)


def test_whole_numbers_are_integers_and_fractions_stay():
    text = json.dumps(review_as_json(reviewed(PLAN, ACTUAL)))
    assert (
        '"plan": {"revenue": 1660500, "marketing": {"mqls": 164, "sqls": 123, "opportunities": 61.5, "wins": 27.675, "revenue": 830250}'
        in text
    )
    assert '"actual": {"revenue": 1380000.25,' in text
    assert '"variance": -280499.75' in text


@pytest.mark.parametrize(
    ("value", "expected"), [(164.0, "164"), (61.5, "61.5"), (-0.0, "0"), (None, "null"), (1e15, "1000000000000000")]
)
def test_numbers_are_written_as_they_are_meant(value, expected):
    assert json.dumps(number(value)) == expected


def test_a_stage_that_nobody_recorded_is_null_in_actual():
    said = written(reviewed(PLAN, ACTUAL))
    assert said["actual"]["marketing"] == {
        "mqls": 150,
        "sqls": None,
        "opportunities": 44,
        "wins": 17,
        "revenue": 561_000,
    }
    assert said["actual"]["unassigned"] == {"mqls": 2, "sqls": 1, "opportunities": 1, "wins": 1, "revenue": 9_000}
    assert "unassigned" not in said["plan"]


def test_the_bridge_is_the_bars_in_order_and_sums_to_the_variance():
    review = reviewed(PLAN, ACTUAL)
    said = written(review)
    assert [(bar["source"], bar["driver"], bar["owner"], bar["effect"]) for bar in said["bridge"]] == [
        (bar.source, bar.driver, bar.owner, bar.effect) for bar in review.bars
    ]
    assert said["bridge"][0] | {"effect": 0, "order_low": 0, "order_high": 0} == {
        "source": "marketing", "driver": "mql_volume", "owner": "marketing", "plan": 164, "actual": 150,
        "effect": 0, "order_low": 0, "order_high": 0, "interval": None, "verdict": None, "undefined": False,
    }  # fmt: skip
    assert sum(bar["effect"] for bar in said["bridge"]) == pytest.approx(said["variance"], abs=0.005)


def test_what_is_undefined_is_null_and_marked():
    said = written(reviewed(PLAN, {"marketing": Counts(0, 0, 0, 0, 0)}))
    marketing = [bar for bar in said["bridge"] if bar["source"] == "marketing"]
    assert [(bar["actual"], bar["undefined"], bar["effect"] == 0) for bar in marketing] == [
        (0, False, False), (None, True, True), (None, True, True), (None, True, True), (None, True, True),
    ]  # fmt: skip


def test_a_source_without_a_part_is_an_empty_object():
    said = written(reviewed({"sales": PLAN["sales"]}, {"sales": ACTUAL["sales"]}))
    assert (said["plan"]["marketing"], said["actual"]["marketing"]) == ({}, {})


def test_by_segment_each_bar_says_whose_it_is_and_whether_it_is_new():
    one = funnel_of(164, 0.75, 0.5, 0.45, 30_000)
    review = reviewed({"marketing": {"EMEA": one}}, {"marketing": {"EMEA": one, "APAC": one}}, by="region")
    said = written(review)
    assert said["by"] == "region"
    assert all(bar.keys() == BAR | {"segment", "status"} for bar in said["bridge"])
    assert {(bar["segment"], bar["status"]) for bar in said["bridge"]} == {("EMEA", None), ("APAC", "new")}
    assert sum(bar["effect"] for bar in said["bridge"]) == pytest.approx(said["variance"], abs=0.005)


def test_intervals_and_verdicts_are_there_once_they_are_known():
    review = reviewed(PLAN, ACTUAL)
    judged = replace(review.bars[0], interval=(-90_000.0, -30_000.0), verdict="real")
    said = written(replace(review, bars=(judged, *review.bars[1:])))
    assert (said["bridge"][0]["interval"], said["bridge"][0]["verdict"]) == ([-90_000, -30_000], "real")


def test_quality_says_every_fault_and_notes_are_sentences():
    fault = Fault("leads.csv", 7, "MQL Date", "32/13/2026", "is not a date", "correct the export")
    review = replace(
        reviewed(PLAN, ACTUAL, notes=(Note("no_amounts"),)), quality=Quality(rows_read=10, rows_used=9, faults=(fault,))
    )
    said = written(review)
    assert said["quality"] == {
        "rows_read": 10, "rows_used": 9, "rows_set_aside": 1,
        "faults": [{
            "file": "leads.csv", "row": 7, "column": "MQL Date", "value": "32/13/2026", "reason": "is not a date",
            "remedy": "correct the export", "rows": 1, "sets_aside": True, "sheet": None,
        }],
    }  # fmt: skip
    assert said["notes"] == [
        "No win has an amount, so wins are valued at the agreed deal size, and deal size has no effect of its own."
    ]


maybe_counts = st.lists(st.none() | st.integers(0, 5), min_size=3, max_size=3)


@settings(max_examples=100, deadline=None)
@given(maybe_counts, st.integers(0, 5), st.sampled_from(["shapley", "sequential", "lmdi"]))
def test_whatever_the_counts_it_is_json(stages, wins, method):
    """No NaN or infinity in it, whatever is zero or was never recorded."""
    actual = Counts(*stages, wins, wins * 1_000.0)
    said = written(reviewed(PLAN, {"marketing": actual, "sales": replace(actual, mqls=None)}, method=method))
    assert sum(bar["effect"] for bar in said["bridge"]) == pytest.approx(said["variance"], abs=0.005)
    for bar in said["bridge"]:
        assert bar["undefined"] == (bar["plan"] is None or bar["actual"] is None)
