"""Follow-up's charts: bars of as many leads as there are, and how often leads became SQLs with what chance allows."""

import altair as alt
import pytest

from alignment_core.charts import Palette
from alignment_core.follow_up_charts import converted_chart, tally_chart
from alignment_core.follow_up_review import Converted, Tally
from tests.test_charts import HOSTILE, found

GROUPS = (Tally("EMEA", met=60, missed=30, not_due=8, untold=2), Tally("APAC", missed=10))


def layers(chart):
    return [layer["data"]["values"] for layer in chart["layer"]]


def test_a_bar_is_its_leads_by_verdict_one_part_after_the_other():
    chart, _ = tally_chart(GROUPS)
    parts, *_ = layers(chart)
    assert [(part["group"], part["start"], part["end"], part["leads"]) for part in parts] == [
        ("EMEA", 0, 60, 60),
        ("EMEA", 60, 90, 30),
        ("EMEA", 90, 98, 8),
        ("EMEA", 98, 100, 2),
        ("APAC", 0, 10, 10),
    ]


def test_a_part_has_its_number_where_it_fits_its_sign_where_that_does_and_else_nothing():
    """Of 100 leads 8 are wide enough for a number; 3 for a sign, and 2 for neither."""
    parts, *_ = layers(tally_chart((Tally("EMEA", met=85, missed=10, not_due=3, untold=2),))[0])
    assert [part["label"] for part in parts] == ["✓ 85", "✗ 10", "…", ""]


def test_the_share_of_what_was_due_stands_beside_the_bar():
    """60 of the 90 that were due; without shares, how many leads there are."""
    assert [end["label"] for end in layers(tally_chart(GROUPS)[0])[-1]] == ["67% (60 of 90)", "0% (0 of 10)"]
    assert [end["label"] for end in layers(tally_chart(GROUPS, with_share=False)[0])[-1]] == ["100", "10"]


def test_the_words_have_every_group_and_every_verdict_that_it_has():
    assert tally_chart(GROUPS)[1] == (
        "Leads by verdict. EMEA: 60 as agreed, 30 not as agreed, 8 not due yet, 2 cannot be told; APAC: 10 not as agreed."
    )


@pytest.mark.parametrize("groups", [(), (Tally("EMEA"),)])
def test_no_leads_have_no_parts(groups):
    assert layers(tally_chart(groups)[0])[0] == []


CONVERTED = (Converted("Demo request", "within 2 hours", 40, 30), Converted("E-book", "later", 20, 0))


def test_a_point_is_the_share_with_its_interval():
    """Wilson's 95% interval of 30 of 40 is 59.8% to 85.8%; that of none of 20 reaches 16.1%."""
    chart, words = converted_chart(CONVERTED)
    spans, points, labels = layers(chart)
    assert spans == points == labels
    assert [(row["row"], row["rate"], row["label"]) for row in points] == [
        ("Demo request · within 2 hours", 0.75, "75% of 40"),
        ("E-book · later", 0.0, "0% of 20"),
    ]
    assert [row[end] for row in points for end in ("low", "high")] == pytest.approx([0.598, 0.858, 0, 0.161], abs=5e-4)
    assert words == (
        "Share that became SQLs by lead type and speed. Demo request, within 2 hours: 75% of 40; E-book, later: 0% of 20."
    )


@pytest.mark.parametrize("palette", [Palette(), Palette.dark()])
def test_the_charts_are_valid_and_a_groups_name_stands_in_no_field_or_expression(palette):
    charts = (
        tally_chart((Tally(HOSTILE, met=1),), palette)[0],
        converted_chart((Converted(HOSTILE, "", 2, 1),), palette)[0],
    )
    for chart in charts:
        alt.LayerChart.from_dict(chart, validate=True)
        assert not [
            each
            for key in ("field", "filter", "expr", "title")
            for each in found(chart, key)
            if "http://x" in str(each)
        ]
        assert all(str(row.get("row", row.get("group"))).startswith(HOSTILE) for rows in layers(chart) for row in rows)


def test_the_points_stand_clear_of_the_labels_and_each_label_at_its_own_row():
    """A point of 90 square pixels at 0% reaches 5.4 pixels to the left of the axis."""
    chart, _ = converted_chart(CONVERTED)
    rows = [layer["encoding"]["y"]["axis"] for layer in chart["layer"]]
    assert all(each["labelPadding"] > (90 / 3.14159) ** 0.5 + 4 for each in rows)
    assert not any(each["labelFlush"] for each in rows)
