"""Charts: positions that are the amounts, specs that are valid, and data that stays data."""

import json
import re
from dataclasses import asdict
from math import isclose

import altair as alt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.breakdown_charts import breakdown, funnel_chart
from alignment_core.charts import Palette, describe, waterfall, waterfall_rows
from alignment_core.results import Bar, Counts
from tests.support import funnel_of, reviewed

PLAN = {"marketing": funnel_of(164, 0.75, 0.50, 0.45, 30_000), "sales": Counts(None, 123, 61.5, 27.675, 830_250)}
ACTUAL = {
    "marketing": funnel_of(150, 0.57, 0.52, 0.39, 33_000),
    "sales": Counts(None, 120, 60, 27, 810_000),
    "unassigned": Counts(2, 1, 1, 1, 9_000),
}
#: The only fields a tooltip may name. One called image or url would be loaded.
TOOLTIPS = {"label", "tip_plan", "tip_actual", "tip_effect", "tip_owner", "segment", "change", "effect", "stage", "actual", "plan"}  # fmt: skip
HOSTILE = "![x](http://x) <img src=http://x> datum.key 'a' \"b\""


def revenue(sides):
    return {source: counts.revenue for source, counts in sides.items()}


def rows_of(review):
    return waterfall_rows(review.bars, revenue(review.plan), revenue(review.actual))


@pytest.fixture(scope="module")
def review():
    return reviewed(PLAN, ACTUAL)


def found(spec, name):
    """Every value under a name, anywhere in a spec."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key == name:
                yield value
            yield from found(value, name)
    elif isinstance(spec, list):
        for value in spec:
            yield from found(value, name)


def spec_of(chart):
    """A chart as Vega-Lite, which Altair holds against its schema."""
    if not isinstance(chart, dict):
        return chart.to_dict(validate=True)
    alt.LayerChart.from_dict(chart, validate=True)
    return chart


def without_data(spec):
    """A spec with the data taken out of it."""
    if isinstance(spec, dict):
        return {key: without_data(value) for key, value in spec.items() if key not in ("data", "datasets")}
    return [without_data(value) for value in spec] if isinstance(spec, list) else spec


def tooltip_fields(spec):
    for tooltip in found(spec, "tooltip"):
        for each in tooltip if isinstance(tooltip, list) else [tooltip]:
            if isinstance(each, dict):
                yield each["field"]


def test_the_lines_are_plan_each_sides_drivers_and_actual(review):
    assert [(row.key, row.label, row.role) for row in rows_of(review)] == [
        ("", "Plan", "plan"),
        ("", "Marketing-sourced", "source"),
        ("marketing.mql_volume", "MQL volume", "unfavourable"),
        ("marketing.mql_to_sql", "MQL → SQL", "unfavourable"),
        ("marketing.sql_to_opportunity", "SQL → opportunity", "favourable"),
        ("marketing.close_rate", "Close rate", "unfavourable"),
        ("marketing.deal_size", "Deal size", "favourable"),
        ("", "Sales-sourced", "source"),
        ("sales.sql_volume", "SQL volume", "unfavourable"),
        ("sales.sql_to_opportunity", "SQL → opportunity", "none"),
        ("sales.close_rate", "Close rate", "none"),
        ("sales.deal_size", "Deal size", "none"),
        ("unassigned.unassigned", "Unassigned", "favourable"),
        ("", "Actual", "actual"),
    ]


def test_a_lines_words_are_the_bars(review):
    rows = {row.key: row for row in rows_of(review)}
    row = rows["marketing.mql_to_sql"]
    assert (row.change, row.text, row.owner) == ("75% → 57%", "▼ −190k", "sales")
    assert (row.tip_plan, row.tip_actual, row.tip_effect) == ("75%", "57%", "−190,445")
    assert rows["marketing.deal_size"].text == "▲ +67k"
    assert rows["sales.close_rate"].text == "0"
    assert (rows["unassigned.unassigned"].change, rows["unassigned.unassigned"].owner) == ("0 → 9.0k", "nobody yet")
    assert [row.text for row in rows_of(review) if row.role in ("plan", "actual")] == ["1.66M", "1.39M"]
    assert [row.change for row in rows_of(review) if row.role == "source"] == ["830k → 572k", "830k → 810k"]


EFFECTS = st.floats(-2e6, 2e6).map(lambda effect: round(effect, 2))


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 3e6).map(lambda amount: round(amount, 2)), st.lists(EFFECTS, min_size=1, max_size=5))
def test_positions_are_the_amounts_also_where_the_bridge_crosses_zero(plan, effects):
    """One straight line leads from currency to the chart's width, for the bridge and for the variances each."""
    names = ["mql_volume", "mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size"]
    bars = [
        Bar("marketing", name, "sales", 1, 2, effect, effect - 10, effect + 10)
        for name, effect in zip(names, effects, strict=False)
    ]
    actual = plan + sum(effects)
    rows = waterfall_rows(bars, {"marketing": plan}, {"marketing": actual})
    lines = {row.key: row for row in rows if row.key}
    zero, width = rows[0].from_, max(abs(plan), abs(actual), max(map(abs, effects)), 1.0)
    ends = [(rows[0].to, plan), (rows[-1].to, actual)]
    level = plan
    for bar in bars:
        row = lines[f"marketing.{bar.driver}"]
        ends += [(row.from_, level), (row.to, level + bar.effect)]
        level += bar.effect
    assert rows[-1].from_ == zero
    assert all(0 <= each <= 0.60 for each in (zero, *(position for position, _ in ends)))
    furthest, amount = max(ends, key=lambda end: abs(end[1]))
    if amount:
        unit = (furthest - zero) / amount
        assert unit > 0
        for position, amount in ends:
            assert isclose(position - zero, amount * unit, abs_tol=1e-9)
    # The variances beside it: from a zero of their own, with the range over all orders around each.
    aside = rows[0].zero
    assert {row.zero for row in rows} == {aside}
    spans = [(row.high - row.low) / 20 for row in lines.values()]
    assert all(isclose(span, spans[0], rel_tol=1e-6, abs_tol=1e-12) and span > 0 for span in spans)
    for bar in bars:
        row = lines[f"marketing.{bar.driver}"]
        assert isclose(row.variance_to - aside, bar.effect * spans[0], rel_tol=1e-6, abs_tol=1e-6 * spans[0] * width)
        assert 0.74 <= row.low <= row.variance_to <= row.high <= 1.0 + 1e-12


def test_a_bridge_below_zero_has_zero_inside_its_width():
    """Plan 100, −300, +250 → 50: the chart runs from −200 to 100 and zero is at two thirds."""
    bars = [
        Bar("marketing", "mql_volume", "marketing", 1, 0, -300.0, -300.0, -300.0),
        Bar("marketing", "deal_size", "shared", 1, 2, 250.0, 250.0, 250.0),
    ]
    rows = waterfall_rows(bars, {"marketing": 100.0}, {"marketing": 50.0})
    width = rows[0].to
    assert rows[0].from_ == pytest.approx(width * 2 / 3)
    assert (rows[2].from_, rows[2].to) == (pytest.approx(width), pytest.approx(0))
    assert (rows[3].from_, rows[3].to) == (pytest.approx(0), pytest.approx(width * 5 / 6))


def test_nothing_planned_and_nothing_done_still_has_a_chart():
    rows = waterfall_rows([], {}, {})
    assert [(row.from_, row.to) for row in rows] == [(0, 0), (0, 0)]


CHARTS = {
    "waterfall": lambda review: waterfall(
        rows_of(review), Palette(), currency="USD", ranges=True, selected="sales.close_rate"
    ),
    "beside sliders": lambda review: waterfall(rows_of(review), Palette.dark(), currency="USD", values=False),
    "breakdown": lambda review: breakdown(review.segment_bars, Palette(), currency="USD", field="region"),
    "funnel": lambda review: funnel_chart(review.plan["marketing"], review.actual["marketing"], "marketing", Palette())[
        0
    ],
}


def by_hostile_segment():
    plan = {"marketing": {HOSTILE: PLAN["marketing"], "EMEA": PLAN["marketing"]}}
    actual = {"marketing": {HOSTILE: ACTUAL["marketing"], "APAC": ACTUAL["marketing"]}}
    return reviewed(plan, actual, by="region")


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_valid_vega_lite_and_its_tooltips_name_known_fields(chart):
    """Altair holds the spec against Vega-Lite's schema; what is inside must be plain JSON."""
    spec = spec_of(CHARTS[chart](by_hostile_segment()))
    json.dumps(spec, allow_nan=False)
    fields = set(tooltip_fields(spec))
    assert fields
    assert fields <= TOOLTIPS
    assert not set(found(spec, "type")) & {"image"}
    assert not [*found(spec, "url"), *found(spec, "href")]


def test_a_segments_name_is_data_and_nothing_else():
    """It stands in the data as it is, and in no title, expression or field of the spec."""
    spec = breakdown(by_hostile_segment().segment_bars[:5], Palette(), currency="USD", field="region").to_dict()
    assert {value["segment"] for values in found(spec, "values") for value in values if "segment" in value} == {HOSTILE}
    assert "http://x" not in json.dumps(without_data(spec))


def test_every_field_that_is_drawn_is_in_the_data(review):
    for chart in CHARTS.values():
        spec = spec_of(chart(by_hostile_segment()))
        columns = {
            key
            for values in found(spec, "values")
            if isinstance(values, list)
            for value in values
            if isinstance(value, dict)
            for key in value
        }
        columns |= set(found(spec, "as"))
        drawn = {field.replace("\\", "") for field in found(spec, "field") if isinstance(field, str)}
        assert drawn <= columns
        expressions = re.findall(r"datum\.(\w+)", json.dumps(without_data(spec)))
        assert set(expressions) <= columns


def test_the_waterfalls_data_are_its_rows(review):
    rows = rows_of(review)
    spec = waterfall(rows, Palette(), currency="USD")
    assert [asdict(row) for row in rows] in [values for values in found(spec, "values") if len(values) == len(rows)]


def test_ranges_are_drawn_on_demand(review):
    def marks(**options):
        spec = waterfall(rows_of(review), Palette(), currency="USD", **options)
        return [field for field in found(spec, "field") if field in ("low", "high")]

    assert (marks(), sorted(set(marks(ranges=True)))) == ([], ["high", "low"])


def test_the_text_alternative_has_every_bar_in_order(review):
    said = describe(review.bars, review.plan_revenue, review.actual_revenue, "USD")
    assert said == (
        "Waterfall in USD. Plan 1,660,500; marketing-sourced MQL volume −62,277; marketing-sourced MQL → SQL conversion −190,445; "
        "marketing-sourced SQL → opportunity conversion +27,482; marketing-sourced close rate −99,708; "
        "marketing-sourced deal size +66,898; sales-sourced SQL volume −20,250; sales-sourced SQL → opportunity conversion 0; "
        "sales-sourced close rate 0; sales-sourced deal size 0; revenue that is assigned to neither side +9,000; actual 1,391,200."
    )
