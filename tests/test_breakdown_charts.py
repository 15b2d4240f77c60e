"""Effects below each other and a source's funnel: what is drawn is the amounts, and the words say every number."""

import pytest

from alignment_core.breakdown_charts import breakdown, effects_chart, funnel_chart
from alignment_core.charts import Palette
from alignment_core.results import Counts
from alignment_core.vocabulary import CHAIN
from tests.test_charts import HOSTILE, PLAN, by_hostile_segment, found


def test_a_breakdown_shows_each_segment_with_its_status_and_signed_effect():
    bars = [bar for bar in by_hostile_segment().segment_bars if bar.driver == "mql_volume"]
    spec = breakdown(bars, Palette(), currency="USD", field="region").to_dict()
    shown = next(values for values in found(spec, "values") if len(values) == 3)
    assert [(each["segment"], each["text"], each["role"]) for each in shown] == [
        (HOSTILE, "−62k", "unfavourable"),
        ("EMEA (lost)", "−830k", "unfavourable"),
        ("APAC (new)", "+572k", "favourable"),
    ]


def test_a_funnel_shows_each_stage_against_its_plan_and_passes_over_what_nobody_recorded():
    """150 MQLs, SQLs unrecorded, 40 opportunities: 40 / 150 = 27% against 37.5% agreed."""
    plan = PLAN["marketing"]
    chart, words = funnel_chart(plan, Counts(150, None, 40, 18, 590_000), "marketing", Palette())
    assert words == (
        "Marketing-sourced funnel, actual of plan: MQLs 150 of 164; SQLs not recorded; "
        "Opportunities 40 of 61.5, 27% (38% agreed); Wins 18 of 27.7, 45% (45% agreed)."
    )
    values = next(found(chart.to_dict(), "values"))
    assert [value["actual"] for value in values] == [150, 0, 40, 18]


def test_a_funnel_without_a_plan_has_no_plan_to_show():
    _, words = funnel_chart(None, Counts(None, 10, 5, 2, 70_000), "sales", Palette())
    assert words == "Sales-sourced funnel: SQLs 10; Opportunities 5, 50%; Wins 2, 40%."
    assert len(CHAIN["sales"]) == words.count(";") + 1


def test_a_funnel_of_nothing_divides_by_nothing():
    _, words = funnel_chart(PLAN["marketing"], Counts(0, 0, 0, 0, 0), "marketing", Palette())
    assert (
        words
        == "Marketing-sourced funnel, actual of plan: MQLs 0 of 164; SQLs 0 of 123; Opportunities 0 of 61.5; Wins 0 of 27.7."
    )


def effects(*rows):
    return effects_chart(rows, Palette(), currency="EUR", field="cause", moved="agreed → actual").to_dict()


def test_effects_are_drawn_from_a_common_zero_with_room_for_their_labels():
    """From −100 to 50, with 18% of those 150 on either side."""
    spec = effects(("Price", "30k → 25k", -100.0), ("Luck", "", 50.0), ("Nothing", "", 0.0))
    assert [-127, 77] in list(found(spec, "domain"))
    shown = next(values for values in found(spec, "values") if len(values) == 3)
    assert [(each["segment"], each["text"], each["change"]) for each in shown] == [
        ("Price", "−100", "30k → 25k"),
        ("Luck", "+50", ""),
        ("Nothing", "0", ""),
    ]
    assert "effect, EUR" in set(found(spec, "title"))


@pytest.mark.parametrize("rows", [(), (("Nothing", "", 0.0),)])
def test_nothing_that_moved_still_has_a_chart(rows):
    """Without any width of its own zero gets one of 1."""
    assert [-0.18, 0.18] in list(found(effects(*rows), "domain"))


def test_what_was_planned_and_never_recorded_counts_for_the_width():
    """Of 164 planned MQLs only wins are known: the bars share one scale up to 164."""
    chart, _ = funnel_chart(PLAN["marketing"], Counts(None, None, None, 5, 100_000), "marketing", Palette())
    assert [0, pytest.approx(164)] in list(found(chart.to_dict(), "domain"))
