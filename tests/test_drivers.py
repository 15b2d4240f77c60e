"""From counts to bars: which stages become drivers, and that the bars add up whatever the counts."""

from math import fsum, isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Owners
from alignment_core.drivers import bridge_bars, chain, total
from alignment_core.results import Counts
from tests.support import all_orders, funnel_of

PLAN = funnel_of(164, 0.75, 0.50, 0.45, 30_000)
ACTUAL = funnel_of(150, 0.57, 0.52, 0.39, 33_000)


def bridge(plan, actual, source="marketing", method="shapley", owners=Owners()):
    """The bars of one source without segments, by driver."""
    bars, segment_bars = bridge_bars({source: {None: plan}}, {source: {None: actual}}, owners, method)
    assert segment_bars == ()
    return {bar.driver: bar for bar in bars}


def by_segment(plan, actual, source="marketing", method="shapley"):
    bars, parts = bridge_bars({source: plan}, {source: actual}, Owners(), method)
    return {bar.driver: bar for bar in bars}, {(bar.segment, bar.driver): bar for bar in parts}


def revenue_of(sides):
    return fsum(counts.revenue for cells in sides.values() for counts in cells.values())


def test_the_contracts_example_is_the_mean_over_all_120_orders():
    """164 × 75% × 50% × 45% × 30,000 = 830,250 against 150 × 57% × 52% × 39% × 33,000 = 572,200.20."""
    bars = bridge(PLAN, ACTUAL)
    names = ["mql_volume", "mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size"]
    assert list(bars) == names
    orders = all_orders([164, 0.75, 0.50, 0.45, 30_000], [150, 0.57, 0.52, 0.39, 33_000])
    for name, effects in zip(names, orders, strict=True):
        assert bars[name].effect == pytest.approx(sum(effects) / 120, abs=0.005)
        assert bars[name].order_low == pytest.approx(min(effects), abs=0.005)
        assert bars[name].order_high == pytest.approx(max(effects), abs=0.005)
    assert sum(bar.effect for bar in bars.values()) == pytest.approx(572_200.20 - 830_250, abs=0.005)
    assert [round(bars[name].actual, 9) for name in names] == [150, 0.57, 0.52, 0.39, 33_000]


def test_in_funnel_order_each_driver_moves_after_those_above_it():
    """By hand: −14 × .75 × .5 × .45 × 30,000 = −70,875; then 150 × −.18 × .5 × .45 × 30,000 = −182,250; …"""
    bars = bridge(PLAN, ACTUAL, method="sequential")
    effects = [round(bar.effect, 2) for bar in bars.values()]
    assert effects == [-70_875, -182_250, 23_085, -80_028, 52_018.2]


UNRECORDED = [
    # source, stages nobody recorded, the drivers there are, plan's values
    ("marketing", ["sqls"], {"mql_volume": 164, "mql_to_opportunity": 0.375, "close_rate": 0.45, "deal_size": 30_000}),
    ("marketing", ["opportunities"], {"mql_volume": 164, "mql_to_sql": 0.75, "sql_to_win": 0.225, "deal_size": 30_000}),
    ("marketing", ["sqls", "opportunities"], {"mql_volume": 164, "mql_to_win": 0.16875, "deal_size": 30_000}),
    ("marketing", ["mqls"], {"sql_volume": 123, "sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}),
    ("marketing", ["mqls", "sqls"], {"opportunity_volume": 61.5, "close_rate": 0.45, "deal_size": 30_000}),
    ("marketing", ["mqls", "opportunities"], {"sql_volume": 123, "sql_to_win": 0.225, "deal_size": 30_000}),
    ("marketing", ["mqls", "sqls", "opportunities"], {"win_volume": 27.675, "deal_size": 30_000}),
    ("sales", ["opportunities"], {"sql_volume": 123, "sql_to_win": 0.225, "deal_size": 30_000}),
    ("sales", ["sqls"], {"opportunity_volume": 61.5, "close_rate": 0.45, "deal_size": 30_000}),
    ("sales", ["sqls", "opportunities"], {"win_volume": 27.675, "deal_size": 30_000}),
]


@pytest.mark.parametrize(("source", "missing", "expected"), UNRECORDED)
def test_a_stage_nobody_recorded_is_left_out_and_the_plans_rates_around_it_multiply(source, missing, expected):
    recorded = {
        stage: getattr(ACTUAL, stage) for stage in ("mqls", "sqls", "opportunities", "wins") if stage not in missing
    }
    bars = bridge(PLAN, Counts(**recorded, revenue=ACTUAL.revenue), source)
    assert {name: bar.plan for name, bar in bars.items()} == pytest.approx(expected)
    assert sum(bar.effect for bar in bars.values()) == pytest.approx(ACTUAL.revenue - PLAN.revenue, abs=0.005)
    assert not any(bar.undefined for bar in bars.values())


@pytest.mark.parametrize(("source", "missing", "expected"), UNRECORDED)
def test_a_stage_that_is_zero_while_a_later_one_is_not_is_left_out_in_the_same_way(source, missing, expected):
    zero = {
        stage: 0.0 if stage in missing else getattr(ACTUAL, stage)
        for stage in ("mqls", "sqls", "opportunities", "wins")
    }
    bars = bridge(PLAN, Counts(**zero, revenue=ACTUAL.revenue), source)
    assert {name: bar.plan for name, bar in bars.items()} == pytest.approx(expected)
    assert sum(bar.effect for bar in bars.values()) == pytest.approx(ACTUAL.revenue - PLAN.revenue, abs=0.005)


def test_the_first_real_zero_takes_the_whole_loss_and_what_follows_is_undefined():
    """No opportunity at all: SQL→opportunity is zero; close rate and deal size have nothing to be measured from."""
    bars = bridge(PLAN, Counts(164, 123, 0, 0, 0))
    assert bars["sql_to_opportunity"].effect == pytest.approx(-830_250, abs=0.005)
    for name in ("close_rate", "deal_size"):
        assert (bars[name].undefined, bars[name].actual, bars[name].effect) == (True, None, 0)
    assert [name for name, bar in bars.items() if bar.effect] == ["sql_to_opportunity"]


def test_no_wins_is_a_close_rate_of_zero_and_a_deal_size_that_is_undefined():
    bars = bridge(PLAN, Counts(150, 80, 40, 0, 0))
    assert (bars["close_rate"].actual, bars["close_rate"].undefined) == (0, False)
    assert (bars["deal_size"].plan, bars["deal_size"].actual, bars["deal_size"].undefined) == (30_000, None, True)
    assert bars["deal_size"].effect == 0
    assert sum(bar.effect for bar in bars.values()) == pytest.approx(-830_250, abs=0.005)


def test_without_any_demand_volume_takes_the_whole_loss():
    bars = bridge(PLAN, Counts(0, 0, 0, 0, 0))
    assert bars["mql_volume"].effect == pytest.approx(-830_250, abs=0.005)
    assert [bar.undefined for bar in bars.values()] == [False, True, True, True, True]


def test_demand_that_nobody_planned_is_all_volume():
    """A source with no part in the agreement: its rates are undefined on the plan's side."""
    bars, parts = bridge_bars({}, {"sales": {None: Counts(None, 10, 5, 2, 70_000)}}, Owners(), "shapley")
    assert [(bar.driver, bar.effect) for bar in bars if bar.effect] == [("sql_volume", pytest.approx(70_000))]
    assert [bar.plan for bar in bars] == [0, None, None, None]
    assert parts == ()


def test_a_rate_that_is_as_agreed_but_for_its_last_bit_did_not_move():
    """35% as 7 / 20 and as the plan's 27.675 / 79.07142857142857 differ in floating point; that is no move."""
    plan = Counts(164, 123, 79.07142857142857, 27.675, 830_250)
    assert plan.wins / plan.opportunities != 7 / 20
    bars = bridge(plan, Counts(160, 60, 20, 7, 210_000))
    assert (bars["close_rate"].actual, bars["close_rate"].effect) == (bars["close_rate"].plan, 0)
    assert (bars["close_rate"].order_low, bars["close_rate"].order_high) == (0, 0)


def test_unassigned_demand_is_one_row_with_plan_zero():
    unassigned = {"N": Counts(4, 2, 1, 1, 9_000), "S": Counts(1, 1, 1, 1, 500)}
    bars, parts = bridge_bars(
        {"marketing": {"N": PLAN}}, {"marketing": {"N": ACTUAL}, "unassigned": unassigned}, Owners(), "shapley"
    )
    (bar,) = (bar for bar in bars if bar.source == "unassigned")
    assert (bar.driver, bar.owner, bar.plan, bar.actual, bar.effect) == ("unassigned", "unassigned", 0, 9_500, 9_500)
    assert (bar.order_low, bar.order_high) == (9_500, 9_500)
    assert {part.segment: part.effect for part in parts if part.source == "unassigned"} == {"N": 9_000, "S": 500}


def test_a_new_segment_and_a_lost_one_take_everything_in_volume():
    bars, parts = by_segment({"Lost": PLAN, "Both": PLAN}, {"Both": ACTUAL, "New": ACTUAL})
    assert {segment: bar.status for (segment, driver), bar in parts.items() if driver == "mql_volume"} == {
        "Lost": "lost", "Both": None, "New": "new",
    }  # fmt: skip
    assert parts["Lost", "mql_volume"].effect == pytest.approx(-830_250, abs=0.005)
    assert parts["New", "mql_volume"].effect == pytest.approx(572_200.20, abs=0.005)
    for segment in ("Lost", "New"):
        others = [bar for (name, driver), bar in parts.items() if name == segment and driver != "mql_volume"]
        assert [(bar.effect, bar.undefined) for bar in others] == [(0, True)] * 4
    assert sum(bar.effect for bar in bars.values()) == pytest.approx(2 * (572_200.20 - 830_250), abs=0.005)


def test_a_lost_segment_brings_no_driver_that_nobody_recorded():
    """Where no SQL is recorded at all, the segment that brought nothing has no MQL → SQL bar either."""
    seen = Counts(100, None, 40, 15, 450_000)
    bars, parts = by_segment({"Lost": PLAN, "Both": PLAN}, {"Both": seen})
    assert list(bars) == ["mql_volume", "mql_to_opportunity", "close_rate", "deal_size"]
    assert {driver for _, driver in parts} == set(bars)


def test_an_empty_side_is_zero_and_not_unrecorded():
    bars, _ = by_segment({"N": PLAN}, {})
    assert bars["mql_volume"].actual == 0
    assert bars["mql_volume"].effect == pytest.approx(-830_250, abs=0.005)


def test_a_segment_whose_chain_is_broken_gets_drivers_of_its_own():
    """In S no opportunity was opened but one was won: its two rates are one there, and stay two in N."""
    bars, parts = by_segment({"N": PLAN, "S": PLAN}, {"N": ACTUAL, "S": Counts(100, 50, 0, 1, 30_000)})
    assert ("S", "sql_to_win") in parts
    assert ("S", "close_rate") not in parts
    assert ("N", "sql_to_win") not in parts
    assert bars["sql_to_win"].plan == pytest.approx(0.225)
    assert bars["sql_to_win"].actual == pytest.approx(1 / 50)
    assert sum(bar.effect for bar in bars.values()) == pytest.approx(572_200.20 + 30_000 - 2 * 830_250, abs=0.005)


def test_a_whole_sources_range_has_one_order_for_all_its_segments():
    """The range of a sum is narrower than the sum of the segments' ranges, as no order can suit each of them."""
    plan = {"N": (100, 0.5, 0.5, 0.5, 1_000), "S": (100, 0.5, 0.5, 0.5, 1_000)}
    actual = {"N": (150, 0.25, 0.5, 0.5, 1_000), "S": (50, 0.25, 0.5, 0.5, 1_000)}
    bars, parts = by_segment(*({name: funnel_of(*values) for name, values in side.items()} for side in (plan, actual)))
    cells = [all_orders(plan[name], actual[name]) for name in plan]
    for place, name in enumerate(["mql_volume", "mql_to_sql"]):
        together = [sum(effects) for effects in zip(*(cell[place] for cell in cells), strict=True)]
        assert (bars[name].order_low, bars[name].order_high) == pytest.approx((min(together), max(together)))
    # 50 MQLs more in N and less in S cancel in every order, though either alone is worth 3,125 to 6,250.
    assert (bars["mql_volume"].order_low, bars["mql_volume"].order_high) == (0, 0)
    assert (parts["N", "mql_volume"].order_low, parts["N", "mql_volume"].order_high) == (3_125, 6_250)


@pytest.mark.parametrize(
    ("source", "counts", "owners", "expected"),
    [
        ("marketing", Counts(9, None, 5, 2, 10), {}, {"mql_to_opportunity": "sales"}),
        ("marketing", Counts(9, None, 5, 2, 10), {"mql_to_sql": "marketing"}, {"mql_to_opportunity": "shared"}),
        ("marketing", Counts(9, None, None, 2, 10), {"close_rate": "shared"}, {"mql_to_win": "shared"}),
        ("marketing", Counts(9, 7, None, 2, 10), {}, {"sql_to_win": "sales", "mql_to_sql": "sales"}),
        ("marketing", Counts(None, 7, 5, 2, 10), {}, {"sql_volume": "shared"}),
        ("marketing", Counts(None, 7, 5, 2, 10), {"mql_to_sql": "marketing"}, {"sql_volume": "marketing"}),
        ("marketing", Counts(None, None, 5, 2, 10), {}, {"opportunity_volume": "shared", "deal_size": "shared"}),
        ("sales", Counts(None, None, 5, 2, 10), {}, {"opportunity_volume": "sales"}),
        ("sales", Counts(None, None, None, 2, 10), {"sql_volume": "shared"}, {"win_volume": "shared"}),
    ],
)  # fmt: skip
def test_a_merged_driver_belongs_to_whoever_owns_all_its_parts_and_else_to_both(source, counts, owners, expected):
    bars = bridge(PLAN, counts, source, owners=Owners(**owners))
    assert {driver: bars[driver].owner for driver in expected} == expected


def test_a_total_has_a_stage_that_any_segment_has():
    assert total({"N": Counts(1, None, 3, None, 5), "S": Counts(2, None, None, None, 7)}) == Counts(
        3, None, 3, None, 12
    )
    assert total({}) == Counts()


def test_the_chain_keeps_a_zero_that_nothing_follows():
    assert chain("marketing", Counts(5, 0, 0, 0, 0)) == ("mqls", "sqls", "opportunities", "wins")
    assert chain("marketing", Counts(5, 0, 0, 1, 9)) == ("mqls", "wins")


SEGMENTS = ("N", "S", "E")
STAGE_NAMES = ("mqls", "sqls", "opportunities", "wins")


@st.composite
def sides(draw, segments):
    """Counts by source and segment with zeros anywhere, and some stages that a side never recorded."""
    side = {}
    for source in draw(st.sets(st.sampled_from(["marketing", "sales", "unassigned"]))):
        recorded = draw(st.sets(st.sampled_from(STAGE_NAMES[:3])).map(lambda found: [*found, "wins"]))
        cells = {}
        for segment in draw(st.sets(st.sampled_from(segments), min_size=1)):
            stages = {stage: draw(st.integers(0, 3) | st.integers(0, 400)) for stage in recorded}
            size = draw(st.integers(0, 100) | st.integers(0, 10**8)) / 100
            cells[segment] = Counts(**stages, revenue=stages["wins"] * size)
        side[source] = cells
    return side


@st.composite
def two_sides(draw):
    segments = draw(st.sampled_from([(None,), SEGMENTS]))
    return draw(sides(segments)), draw(sides(segments))


@settings(max_examples=200, deadline=None)
@given(two_sides(), st.sampled_from(["shapley", "sequential", "lmdi"]))
def test_bars_sum_to_the_variance_and_segments_to_the_bars_to_the_cent(both, method):
    plan, actual = both
    bars, parts = bridge_bars(plan, actual, Owners(), method)
    variance = revenue_of(actual) - revenue_of(plan)
    assert fsum(bar.effect for bar in bars) == pytest.approx(variance, abs=0.005)
    for bar in bars:
        assert bar.undefined is False or bar.effect == 0
        assert bar.undefined == (bar.plan is None or bar.actual is None)
    if parts:
        for bar in bars:
            own = [part for part in parts if (part.source, part.driver) == (bar.source, bar.driver)]
            assert fsum(part.effect for part in own) == pytest.approx(bar.effect, abs=0.005)


@settings(max_examples=150, deadline=None)
@given(two_sides(), st.sampled_from(["shapley", "sequential"]))
def test_an_effect_lies_within_its_range_over_all_orders(both, method):
    for bars in bridge_bars(*both, Owners(), method):
        for bar in bars:
            dust = 1e-9 * max(1.0, abs(bar.order_low), abs(bar.order_high))
            assert bar.order_low - dust <= bar.effect <= bar.order_high + dust


@settings(max_examples=150, deadline=None)
@given(two_sides())
def test_swapping_plan_and_actual_flips_every_sign(both):
    plan, actual = both
    there, back = (bridge_bars(one, other, Owners(), "shapley")[0] for one, other in ((plan, actual), (actual, plan)))
    assert [(bar.source, bar.driver) for bar in there] == [(bar.source, bar.driver) for bar in back]
    for one, other in zip(there, back, strict=True):
        assert isclose(one.effect, -other.effect, rel_tol=1e-9, abs_tol=0.005)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), min_size=5, max_size=5))
def test_any_full_funnel_equals_the_mean_over_all_orders(numbers):
    plan, actual = ([pair[side] for pair in numbers] for side in (0, 1))
    counts = [Counts(*side[:4], revenue=side[3] * side[4]) for side in (plan, actual)]
    factors = [
        [
            side.mqls,
            side.sqls / side.mqls,
            side.opportunities / side.sqls,
            side.wins / side.opportunities,
            side.revenue / side.wins,
        ]
        for side in counts
    ]
    for bar, effects in zip(bridge(*counts).values(), all_orders(*factors), strict=True):
        assert bar.effect == pytest.approx(sum(effects) / 120, abs=0.005, rel=1e-9)


def test_a_driver_that_only_some_segments_have_is_that_of_all_of_them():
    """In B and C no opportunity was recorded between SQLs and wins, in B no MQL either: SQL to win is of both, 12 of 40."""
    plan = {segment: funnel_of(100, 0.5, 0.5, 0.4, 1000) for segment in "ABC"}
    actual = {
        "A": funnel_of(100, 0.5, 0.5, 0.4, 1000),
        "B": Counts(mqls=0.0, sqls=10.0, opportunities=0.0, wins=2.0, revenue=2000.0),
        "C": Counts(mqls=80.0, sqls=30.0, opportunities=0.0, wins=10.0, revenue=10_000.0),
    }
    bars, _ = bridge_bars({"marketing": plan}, {"marketing": actual}, Owners(), "shapley")
    found = next(bar for bar in bars if bar.driver == "sql_to_win")
    assert (found.plan, found.actual) == (pytest.approx(0.2), pytest.approx(12 / 40))
