"""Which parts of a conversion's move are found: in simulated companies with planted causes, and in those with none."""

import numpy as np
import pytest

from alignment_core.why_parts import FAMILY, JUDGED, Cells, interval_ends, judge, pooled, split
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
