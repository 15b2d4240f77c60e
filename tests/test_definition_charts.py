"""Volume against conversion: a point for each definition, the proposals named, and the line that nothing betters."""

import json

from alignment_core.charts import Palette
from alignment_core.definition_charts import frontier_chart
from alignment_core.frontier import Frontier, Point
from alignment_core.quarters import Quarter
from alignment_core.replay import Outcome
from tests.test_charts import HOSTILE, found, spec_of, tooltip_fields, without_data


def point(name, change, mqls, sqls, *, is_best=False):
    """A definition that brought so many MQLs in four quarters."""
    return Point(name, change, None, Outcome(mqls, sqls, None, 7, None, None, None), mqls / 4, is_best)


FOUND = Frontier(
    (Quarter(2026, 1),),
    (
        point("sales", "", 80, 60, is_best=True),
        point("CRM", "", 200, 80),
        point("sales", "without region", 240, 120, is_best=True),
        point("CRM", "only demos", 40, None),
    ),
)


def test_the_words_name_the_proposals_and_then_the_line_from_many_to_few():
    """80 in four quarters are 20 a quarter, of which 60 of 80 became SQLs."""
    _, words = frontier_chart(FOUND)
    assert words == (
        "MQLs a quarter against MQL → SQL. Proposals: sales 20 at 75%; CRM 50 at 40%. Nothing betters: 60 at 50%; 20 at 75%."
    )


def test_a_definition_without_a_rate_has_no_point_and_the_others_keep_their_places():
    """A click selects a point by its place among all."""
    spec = spec_of(frontier_chart(FOUND)[0])
    line, near, proposals, named = (layer["data"]["values"] for layer in spec["layer"])
    assert [value["place"] for value in near] == [2]
    assert [value["place"] for value in proposals] == [value["place"] for value in named] == [0, 1]
    assert [value["mqls"] for value in line] == [60, 20]
    assert spec["params"][0]["select"]["fields"] == ["place"]


def test_nothing_tried_is_said():
    _, words = frontier_chart(Frontier((), ()))
    assert words == "MQLs a quarter against MQL → SQL. Proposals: . Nothing betters: none."


def test_a_name_is_data_and_nothing_else():
    """It stands in the data as it is, and in no title, expression or field of the drawing."""
    hostile = Frontier((), (point(HOSTILE, "", 80, 60), point(HOSTILE, HOSTILE, 40, 30)))
    spec = spec_of(frontier_chart(hostile, Palette.dark())[0])
    assert HOSTILE in {value["name"] for values in found(spec, "values") for value in values}
    assert "http://x" not in json.dumps(without_data(spec))
    assert set(tooltip_fields(spec)) == {"name", "change", "mqls", "rate", "wins"}
