"""Rules held against leads: texts as texts, numbers as numbers, bands by their ends."""

import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.definition import MqlDefinition, Rule
from alignment_core.engine import Engine
from alignment_core.meets import FLAGGED, Candidates, decode, judged, known_as, range_of, signature


def leads(*values, field="employees"):
    ids = [str(place) for place in range(len(values))]
    return Engine({"leads": pa.table({"lead_id": ids, field: pa.array(values, pa.string())})})


def meeting(engine, *rules):
    """Which leads meet each rule, by their place."""
    candidates = Candidates(tuple(rules))
    frame = engine.run(judged(engine, engine.table("leads"), candidates).order_by("lead_id"))
    told = [decode(text, len(rules)) for text in frame["segment"]]
    return [[place for place, met in enumerate(told) if met[rule]] for rule in range(len(rules))]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("51-200", (51, 200)), ("10,001+", (10_001, math.inf)), ("up to 50", (-math.inf, 50)), ("$1M", (1e6, 1e6)),
        ("1.5M - 10M", (1.5e6, 1e7)), ("more than 1k", (1000, math.inf)), ("<5", (-math.inf, 5)), ("UP TO 50", (-math.inf, 50)), ("More than 5", (5, math.inf)), ("200 to 51", (51, 200)),
        ("none", None), ("1-2-3", None),
    ],
)  # fmt: skip
def test_what_a_text_with_numbers_may_mean(text, ends):
    assert range_of(text) == ends


def test_texts_are_compared_without_case_and_spacing():
    engine = leads(" united  states", "US", None, "Canada", field="country")
    us = Rule.of("country", "is", ["United States"])
    assert known_as(" United\tStates ") == "united states"
    assert meeting(engine, us, Rule.of("country", "is_not", ["united states"])) == [[0], [1, 2, 3]]


def test_numbers_are_compared_as_numbers_and_a_band_only_where_all_of_it_lies_within():
    engine = leads("9", "1,200", "51-200", "201-500", "1001+", "many", None, "nan")
    assert meeting(
        engine,
        Rule.of("employees", "at_least", 100),
        Rule.of("employees", "at_most", 500),
        Rule.of("employees", "between", [51, 200]),
    ) == [[1, 3, 4], [0, 2, 3], [2]]


def test_whether_there_is_any_value():
    engine = leads("x", None, field="industry")
    assert meeting(engine, Rule.of("industry", "is_filled", True), Rule.of("industry", "is_filled", False)) == [
        [0],
        [1],
    ]


def test_a_field_that_nobody_recorded_is_empty_and_a_definition_is_all_of_its_groups():
    engine = leads("9", "1,200")
    size, there = {"field": "employees", "at_least": 100}, {"field": "industry", "is_filled": True}
    for match, expected in (("any", [False, True]), ("all", [False, False])):
        definition = MqlDefinition.model_validate({"fit": {match: [size, there]}})
        frame = engine.run(judged(engine, engine.table("leads"), definition).order_by("lead_id"))
        assert frame["qualified"].tolist() == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=130), st.booleans())
def test_a_signature_reads_back_as_it_was_written(met, flagged):
    import ibis

    engine = leads("x")
    text = engine.run(signature([ibis.literal(each) for each in met]).name("text"))["text"].iloc[0]
    assert decode(text + FLAGGED * flagged, len(met)) == met
