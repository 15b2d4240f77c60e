"""A step's curves: of 10 earlier records 2 converted after a day and 3 after three days; of this quarter's 4, 1 so far."""

import altair as alt

from alignment_core.charts import Palette
from alignment_core.further import Step
from alignment_core.lags import Lags
from alignment_core.timing_charts import lag_curves

EARLIER = Lags.counted([1, 1, 3, 3, 3, 5, 5, 5, 5, 5], [1] * 5 + [-1] * 5)
OWN = Lags.counted([1, 2, 2, 2], [1, 0, 0, 0])
NOBODY = Lags.counted([], [])
LINES = ("earlier quarters", "this quarter so far")


def drawn(earlier=EARLIER, own=OWN):
    """The drawing's points and ends, and its words."""
    drawing, words = lag_curves(Step("mqls", "sqls", earlier, own), "MQL → SQL", Palette())
    points, ends, _ = (layer["data"]["values"] for layer in drawing["layer"])
    return points, ends, words


def line(points, name):
    return [(point["day"], round(point["share"], 12)) for point in points if point["line"] == name]


def test_a_curve_is_the_share_that_has_converted_by_each_day():
    """The axis ends 3 days after 1.15 of the longest lag: on day 7."""
    points, _, _ = drawn()
    shares = [0, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert line(points, LINES[0]) == [*enumerate(shares)]


def test_a_curve_of_open_records_ends_where_nobody_was_followed_further():
    points, _, _ = drawn()
    assert line(points, LINES[1]) == [(0, 0), (1, 0.25), (2, 0.25)]


def test_the_words_say_where_each_curve_ends_the_higher_first():
    _, ends, words = drawn()
    assert words == ("MQL → SQL, share by days since: earlier quarters 50% by day 7; this quarter so far 25% by day 2.")
    assert [(end["said"], end["up"]) for end in ends] == [
        ("earlier quarters 50%", True),
        ("this quarter so far 25%", False),
    ]
    all_at_once = Lags.counted([0, 0], [1, 1])
    assert [end["line"] for end in drawn(own=all_at_once)[1]] == list(reversed(LINES))


def test_a_curve_of_no_records_is_not_drawn():
    points, ends, words = drawn(own=NOBODY)
    assert {point["line"] for point in points} == {LINES[0]}
    assert (len(ends), words) == (1, "MQL → SQL, share by days since: earlier quarters 50% by day 7.")


def test_where_nothing_converted_yet_the_curve_lies_at_zero():
    points, _, _ = drawn(earlier=NOBODY, own=Lags.counted([4, 9], [0, 0]))
    assert line(points, LINES[1]) == [(0, 0), (1, 0), (2, 0), (3, 0)]


def test_the_drawing_is_valid_vega_lite_and_each_line_has_its_own_colour():
    drawing, _ = lag_curves(Step("mqls", "sqls", EARLIER, OWN), "MQL → SQL", Palette())
    alt.LayerChart.from_dict(drawing, validate=True)
    scale = drawing["layer"][0]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        LINES[0]: Palette().plan,
        LINES[1]: Palette().favourable,
    }
