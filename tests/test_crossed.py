"""Where two things cross: the published case, worked cases, and what must hold of any counts."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alignment_core.bridge import BridgeError, mix_and_rate
from alignment_core.crossed import cross_classified, mix_within

# Das Gupta 1993 (US Census Bureau P23-186), example 5.3: death rates of the United States in 1970 and 1985 by race (rows)
# and age, population in thousands; results as in josiahpjking/DasGuptR, tests/testthat (race, age and rate effects).
SIZE_1970 = np.array([
    [2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315],
    [535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117],
], float)  # fmt: skip
SIZE_1985 = np.array([
    [3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472],
    [707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236],
], float)  # fmt: skip
RATE_1970 = np.array([
    [18.469, 0.751, 0.391, 1.146, 1.287, 2.672, 6.636, 15.691, 34.723, 79.763, 176.837],
    [36.993, 1.352, 0.541, 2.040, 3.523, 6.746, 12.967, 24.471, 45.091, 74.902, 123.205],
])  # fmt: skip
RATE_1985 = np.array([
    [9.163, 0.462, 0.248, 0.929, 1.084, 1.810, 4.715, 12.187, 27.728, 64.068, 157.570],
    [17.208, 0.738, 0.328, 1.103, 2.045, 3.724, 8.052, 17.812, 34.128, 68.276, 125.161],
])  # fmt: skip
PUBLISHED = (SIZE_1970, SIZE_1970 * RATE_1970, SIZE_1985, SIZE_1985 * RATE_1985)


def whole(entered, passed):
    return passed.sum() / entered.sum()


def test_published_two_fields_on_an_equal_footing():
    found = cross_classified(*PUBLISHED)
    assert found.first == pytest.approx(9.156 - 9.136, abs=1e-3)  # race
    assert found.second == pytest.approx(9.907 - 8.385, abs=1e-3)  # age
    assert found.rate.sum() == pytest.approx(8.030 - 10.258, abs=1e-3)


def test_a_flat_shapley_value_is_another_number():
    """Over the three factors of the same case; so the published one is nested."""
    sides = []
    for size, rate in ((SIZE_1970, RATE_1970), (SIZE_1985, RATE_1985)):
        rows, columns, everyone = size.sum(1, keepdims=True), size.sum(0, keepdims=True), size.sum()
        sides.append((np.sqrt(size / columns * rows / everyone), np.sqrt(size / rows * columns / everyone), rate))
    effects = np.zeros(3)
    for order in permutations(range(3)):
        now = list(sides[0])
        for factor in order:
            before = (now[0] * now[1] * now[2]).sum()
            now[factor] = sides[1][factor]
            effects[factor] += ((now[0] * now[1] * now[2]).sum() - before) / 6
    nested = cross_classified(*PUBLISHED)
    assert effects.sum() == pytest.approx(nested.first + nested.second + nested.rate.sum())
    assert abs(effects[2] - nested.rate.sum()) > 1e-4


COUNTS = arrays(np.int64, (3, 2), elements=st.integers(0, 60)).map(lambda each: each.astype(float))
SHARES = arrays(np.float64, (3, 2), elements=st.floats(0, 1))


@given(COUNTS, SHARES, COUNTS, SHARES)
def test_the_parts_sum_to_the_move(before, rate, now, other):
    before[0, 0] += 1
    now[0, 0] += 1
    sides = before, before * rate, now, now * other
    move = whole(now, now * other) - whole(before, before * rate)
    assert sum(each.sum() for each in mix_within(*sides)) == pytest.approx(move, abs=1e-9)
    assert sum(each.sum() for each in cross_classified(*sides)) == pytest.approx(move, abs=1e-9)
    back = mix_within(*sides[2:], *sides[:2])
    for one, other_way in zip(mix_within(*sides), back, strict=True):
        assert one == pytest.approx(-other_way, abs=1e-9)  # swapping before and now flips every sign


@given(COUNTS, SHARES, COUNTS, SHARES)
def test_the_mix_is_that_of_the_kinds_alone(before, rate, now, other):
    before += 1
    now += 1
    shares = [side.sum(1) / side.sum() for side in (before, now)]
    rates = [(side * each).sum(1) / side.sum(1) for side, each in ((before, rate), (now, other))]
    kinds = mix_and_rate(shares[0], rates[0], shares[1], rates[1])
    found = mix_within(before, before * rate, now, now * other)
    assert found.mix == pytest.approx(kinds.mix)
    assert found.within + found.remainder == pytest.approx(kinds.rate)


def test_more_of_a_kind_that_is_always_worked_first_is_mix_alone():
    """Demo requests are touched in time, e-books late, in both quarters; only how many there are of each changes."""
    rate = np.array([[0.8, 0.2], [0.5, 0.1]])
    before, now = np.array([[90.0, 10], [20, 80]]), np.array([[180.0, 20], [20, 80]])
    found = mix_within(before, before * rate, now, now * rate)
    assert found.within == pytest.approx([0, 0])
    assert found.remainder == pytest.approx([0, 0])
    assert found.mix.sum() == pytest.approx(whole(now, now * rate) - whole(before, before * rate))


def test_worked_by_hand():
    """One kind; in time falls from 80 to 50 of 100; rates stay 60% and 10%: −0.3 × (0.6 − 0.1) = −15 points of follow-up."""
    rate = np.array([[0.6, 0.1]])
    found = mix_within([[80, 20]], np.array([[80, 20]]) * rate, [[50, 50]], np.array([[50, 50]]) * rate)
    assert found.within == pytest.approx([-0.15])
    assert found.mix == pytest.approx([0])
    assert found.remainder == pytest.approx([0])


def test_a_new_kind_is_mix():
    found = mix_within([[100.0], [0]], [[50.0], [0]], [[50.0], [50]], [[25.0], [5]])
    assert found.mix.sum() == pytest.approx(0.3 - 0.5)
    assert found.within == pytest.approx([0, 0])
    assert found.remainder == pytest.approx([0, 0])


def test_what_passed_without_entering_is_refused():
    with pytest.raises(BridgeError):
        mix_within([[10.0], [0]], [[5.0], [2]], [[10.0], [10]], [[5.0], [5]])
