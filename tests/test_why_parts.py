"""Which parts of a conversion's move are found: in simulated companies with planted causes, and in those with none."""

import numpy as np
import pytest

from alignment_core.why_parts import FAMILY, JUDGED, Cells, errors, interval_ends, judge, pooled, split
from tests.planted import FOUND, PLANTED, blamed


@pytest.mark.parametrize("planted", list(PLANTED))
def test_finds_what_was_planted_and_nothing_else(planted):
    """300 companies with 400 MQLs in the quarter. What was not planted is blamed in at most 5% of them, give or take chance."""
    share, _ = blamed(planted, 400, "cohort", 300)
    for part in JUDGED:
        if part in FOUND[planted]:
            assert share[part] >= 0.8, (part, share)
        else:
            assert share[part] <= FAMILY + 0.025, (part, share)


@pytest.mark.parametrize(("n", "basis"), [(60, "cohort"), (200, "cohort"), (200, "period")])
def test_where_nothing_was_planted_hardly_anything_is_blamed(n, basis):
    _, anything = blamed("nothing", n, basis, 400, seed=2)
    assert anything <= FAMILY + 3 * np.sqrt(FAMILY * (1 - FAMILY) / 400)


def test_an_interval_says_what_the_verdict_says():
    rng = np.random.default_rng(3)
    effects, spreads = rng.normal(0, 3, (50, 4)), rng.uniform(0.5, 1.5, (50, 4))
    judged = judge(effects, spreads, np.ones((50, 4), bool))
    low, high = interval_ends(effects, spreads, judged)
    assert judged.real.any()
    assert not judged.real.all()
    assert ((low <= 0) & (high >= 0) == ~judged.real).all()
    assert ((low <= effects) & (effects <= high)).all()


def test_small_kinds_are_taken_together_until_they_have_a_rate():
    """Nothing of the third kind entered before, but three passed: it needs a kind that entered."""
    before, now = np.array([[50.0, 0], [30, 0], [0, 0]]), np.array([[50.0, 0], [40, 0], [4, 0]])
    cells = Cells(before, np.array([[20.0, 0], [10, 0], [3, 0]]), now, np.array([[20.0, 0], [10, 0], [2, 0]]))
    found, place = pooled(cells)
    assert place.tolist() == [0, 1, 1]
    assert found.before.tolist() == [[50, 0], [30, 0]]
    assert found.passed_before.tolist() == [[20, 0], [13, 0]]
    assert sum(each.sum() for each in split(found)) == pytest.approx(32 / 94 - 33 / 80)


def test_a_group_without_a_rate_of_its_own_is_not_split_off():
    """On period basis more can have passed late than entered late: that kind has no follow-up effect, and still adds up."""
    cells = Cells(*(np.array([each], float) for each in ([40, 0, 0], [20, 2, 0], [30, 10, 0], [12, 1, 0])))
    found, _ = pooled(cells)
    parts = split(found)
    assert parts.within.sum() == 0
    assert sum(each.sum() for each in parts) == pytest.approx(13 / 40 - 22 / 40)


def test_what_passed_of_those_who_never_entered_and_of_whom_nothing_is_known_does_not_hide_the_follow_up():
    """Ten SQLs of MQLs of an earlier quarter, of whose follow-up nothing is known: 300 MQLs are still told apart. The ten are
    shared as 80 and 20 passed; 90% were in time before, 50% are now."""
    cells = Cells(*(np.array([each], float) for each in ([270, 30, 0], [160, 40, 10], [150, 150, 0], [90, 15, 0])))
    found, _ = pooled(cells)
    assert found.passed_before.tolist() == [[168, 42, 0]]
    assert found.passed_now.tolist() == [[90, 15, 0]]
    parts = split(found)
    rate_in_time, rate_late = (168 / 270 + 90 / 150) / 2, (42 / 30 + 15 / 150) / 2
    assert parts.within.sum() == pytest.approx((0.5 - 0.9) * (rate_in_time - rate_late))
    assert sum(each.sum() for each in parts) == pytest.approx(105 / 300 - 210 / 300)


def test_they_are_shared_by_who_entered_where_none_of_the_others_passed():
    cells = Cells(*(np.array([each], float) for each in ([30, 10, 0], [0, 0, 4], [20, 20, 0], [5, 5, 0])))
    assert pooled(cells)[0].passed_before.tolist() == [[3, 1, 0]]


@pytest.mark.parametrize("basis", ["cohort", "period"])
@pytest.mark.parametrize("passed", [0.0, 54.0])
def test_none_or_all_of_54_is_not_certain(basis, passed):
    """The standard error of the rate that ran is about that of half a record more or less in 54 (Jeffreys: 1.3 points), and what
    runs 45 points off the agreed rate is more than chance."""
    ran, now = np.array([[0.0, 0, 54]]), np.array([[0.0, 0, 30]])
    cells = Cells(ran, ran * passed / 54, now, now * passed / 54)
    spread = errors([cells], [1.0], basis)[0]
    if basis == "cohort" or not passed:
        assert 0.008 < spread < 0.02
    gap = np.array([passed / 54 - 0.45, 0, 0, 0])
    judged = judge(gap, np.full(4, spread), np.array([True, False, False, False]))
    assert judged.real[0]
