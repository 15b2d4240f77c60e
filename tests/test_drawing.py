"""A drawing is made once and filled each time: every layer with its own data, and the drawing as it was."""

import copy

import altair as alt
import pytest

from alignment_core.charts import Palette
from alignment_core.drawing import SILENT, axis, filled, written

PADDING = {"left": 4, "top": 4, "right": 4, "bottom": 4}


def drawing():
    points, ends = (alt.Chart(alt.NamedData(name)).encode(x="day:Q") for name in ("points", "ends"))
    return written(points.mark_line(), ends.mark_text(**SILENT).encode(text="said:N"), height=120, padding=PADDING)


DATA = {"points": ({"day": 1}, {"day": 2}), "ends": [{"day": 2, "said": "50%"}]}


def test_every_layer_has_the_rows_that_it_names():
    spec = filled(drawing(), DATA)
    assert [layer["data"] for layer in spec["layer"]] == [
        {"values": [{"day": 1}, {"day": 2}]},
        {"values": [{"day": 2, "said": "50%"}]},
    ]
    assert not {"data", "datasets"} & set(spec)
    alt.LayerChart.from_dict(spec, validate=True)


def test_filling_leaves_the_drawing_for_the_next_time():
    made = drawing()
    before = copy.deepcopy(made)
    first, second = filled(made, DATA), filled(made, DATA | {"points": []})
    assert made == before
    assert [len(spec["layer"][0]["data"]["values"]) for spec in (first, second)] == [2, 0]


def test_a_layer_whose_data_is_not_given_is_no_empty_layer():
    with pytest.raises(KeyError, match="ends"):
        filled(drawing(), {"points": []})


def test_a_silent_mark_stops_neither_pointer_nor_screen_reader():
    mark = drawing()["layer"][1]["mark"]
    assert (mark["aria"], mark["tooltip"]) == (False, None)


def test_height_and_padding_are_the_whole_charts():
    made = drawing()
    assert (made["height"], made["padding"]) == (120, PADDING)


def test_an_axis_has_the_palettes_colours_unless_it_is_given_others():
    dark = Palette.dark()
    plain, other = axis(dark).to_dict(), axis(dark, labelColor="#123456", title=None).to_dict()
    assert (plain["labelColor"], plain["gridColor"], plain["ticks"]) == (dark.faint, dark.line, False)
    assert (other["labelColor"], other["title"], other["gridColor"]) == ("#123456", None, dark.line)
