"""The bridge against published decompositions: the printed inputs give the printed answers.

Each case names where its numbers were published; agreement is to the digits printed there.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from alignment_core.bridge import decompose, mix_and_rate

NAN = math.nan


@pytest.mark.parametrize(
    ("plan", "actual", "effects", "digits"),
    [
        pytest.param([0.6, 0.5], [0.3, 0.45], [-0.1425, -0.0225], 4, id="DasGuptR, README, two factors"),
        pytest.param([10930, 0.717892], [16591, 0.825974], [4369.913, 1487.262], 3, id="table 2.1, earnings"),
        pytest.param(
            [51.78746, 0.45919, 0.52638],
            [84.90502, 0.75756, 0.51065],
            [10.4340333, 10.5608476, -0.6670084],
            7,
            id="table 2.2, crude birth rates",
        ),
        pytest.param(
            [25.3, 0.214, 0.279, 0.949],
            [32.7, 0.290, 0.473, 0.986],
            [0.6889411, 0.8125381, 1.3829055, 0.1047547],
            7,
            id="table 2.3, non-marital births",
        ),
        pytest.param(
            [0.58, 0.76, 0.84, 0.66, 16.573],
            [0.72, 0.97, 0.97, 0.56, 16.158],
            [1.0909785, 1.2298438, 0.7278399, -0.8398707, -0.1290187],
            7,
            id="table 2.4, total fertility",
        ),
    ],
)
def test_das_gupta(plan: list[float], actual: list[float], effects: list[float], digits: int) -> None:
    """P. Das Gupta, Standardization and Decomposition of Rates, US Census Bureau P23-186, 1993, chapter 2.

    Effects to more digits than the book has are those that the R package DasGuptR prints for its tables.
    """
    assert_allclose(decompose(plan, actual, "shapley"), effects, rtol=0, atol=0.51 * 10**-digits)


def test_das_gupta_mix_and_rate() -> None:
    """Das Gupta 1993, table 5.1: 13 groups in 1970 and 1985; shares and rates in percent."""
    share_1970 = [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9]
    share_1985 = [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5]
    rate_1970 = [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8]
    rate_1985 = [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2]
    mix, rate = mix_and_rate(share_1970, rate_1970, share_1985, rate_1985)
    assert_allclose([mix.sum() / 100, rate.sum() / 100], [1.2269, 1.7403], rtol=0, atol=0.000051)
    assert (mix.sum() + rate.sum()) / 100 == pytest.approx(47.6940 - 44.7268, abs=0.000051)


def test_halford_funnel() -> None:
    """M. Halford, maxhalford.github.io/blog/funnel-decomposition: a revenue funnel in funnel order.

    Two months (rows: January's and February's groups A, B, C), a year apart.
    """
    counts_2018 = np.array(
        [
            [1000, 150, 120, 8600],
            [2000, 150, 150, 9400],
            [2500, 250, 125, 10750],
            [50, 20, 10, 500],
            [2000, 300, 150, 11400],
            [2500, 250, 125, 8750],
        ]
    )
    counts_2019 = np.array(
        [
            [1000, 120, 160, 9055],
            [2150, 200, 145, 8739],
            [2000, 400, 166, 10147],
            [2500, 1000, 500, 50000],
            [2150, 323, 145, 10739],
            [2000, 320, 166, 12147],
        ]
    )
    sides = [np.vstack([each[:, 0], (each[:, 1:] / each[:, :-1]).T]) for each in (counts_2018, counts_2019)]
    effects = decompose(*sides, method="sequential")
    expected = [
        [0, -1720, 4586.67, -2411.67],
        [705, 2428.33, -3446.67, -347.67],
        [-2150, 8600, -2924, -4129],
        [24500, 0, 0, 25000],
        [855, 19, -1254, -281],
        [-1750, 4200, 420, 527],
    ]
    assert_allclose(effects.T, expected, rtol=0, atol=0.0051)
    assert effects.sum() == pytest.approx(100_827 - 49_400)


def test_horngren_sales_mix_and_quantity() -> None:
    """Horngren et al., Cost Accounting, 13th edition, 2009: sales-mix and sales-quantity variances.

    Kola, Limor and Orlem as total units x mix x contribution margin: quantity at the budgeted mix, then mix at
    the actual quantity, both at the budgeted margin.
    """
    budget, actual = np.array([400e3, 600e3, 1500e3]), np.array([480e3, 900e3, 1620e3])
    margin = np.array([2, 1.2, 2.5])
    plan_factors, actual_factors = (
        np.stack([np.full(3, units.sum()), units / units.sum(), margin]) for units in (budget, actual)
    )
    quantity, mix, price = decompose(plan_factors, actual_factors, "sequential")
    assert_allclose(quantity, [160_000, 144_000, 750_000])
    assert_allclose(mix, [0, 216_000, -450_000], atol=1e-6)
    assert_allclose(quantity + mix, [160_000, 360_000, 300_000])
    assert not price.any()
    assert_allclose([quantity.sum(), mix.sum()], [1_054_000, -234_000])


# Mean claim and number of claims of dentists, general physicians, physiotherapists and psychiatrists:
# carbonfact/icanexplain, the tests of sums and means.
CLAIMS = {
    2021: ([122.713333, 99.073333, 133.63, 187.7], [9, 6, 6, 7]),
    2022: ([103.746667, 83.231111, 113.15, 147.41], [6, 9, 3, 8]),
    2023: ([160.11, 118.025714, 174.858333, 215.4275], [9, 7, 6, 4]),
}


@pytest.mark.parametrize(
    ("year", "by_mean", "by_count"),
    [
        (2022, [-170.7, -95.053333, -122.88, -282.03], [-311.24, 249.693333, -339.45, 147.41]),
        (2023, [338.18, 313.151429, 185.125, 544.14], [480.33, -236.051429, 524.575, -861.71]),
    ],
)
def test_icanexplain_sums(year: int, by_mean: list[float], by_count: list[float]) -> None:
    """The mean moves first, at the old count; then the count, at the new mean."""
    effects = decompose(CLAIMS[year - 1], CLAIMS[year], "sequential")
    assert_allclose(effects, [by_mean, by_count], rtol=0, atol=1e-5)


def test_icanexplain_groups_on_one_side_only() -> None:
    """Dentists without 2021, physiotherapists without 2022.

    The tool gives a missing group a mean of 0, so a new group is all count and a lost one all mean. Here a mean
    of nothing is undefined: it takes the other side's value, and new and lost alike are all count. The totals
    are the same.
    """
    before, after = np.array(CLAIMS[2021]), np.array(CLAIMS[2022])
    before[:, 0] = 0
    after[:, 2] = 0
    as_the_tool = decompose(before, after, "sequential")
    gaps = [[0, -95.053333, -801.78, -282.03], [622.48, 249.693333, 0, 147.41]]
    assert_allclose(as_the_tool, gaps, rtol=0, atol=1e-5)
    assert as_the_tool.sum() == pytest.approx(-159.28, abs=1e-5)

    before[0, 0] = after[0, 2] = NAN
    ours = decompose(before, after, "sequential")
    assert_allclose(ours, [[0, -95.053333, 0, -282.03], [622.48, 249.693333, -801.78, 147.41]], rtol=0, atol=1e-5)
    assert ours.sum() == pytest.approx(-159.28, abs=1e-5)


def test_lmdi_of_two_cells_over_three_years() -> None:
    """M. Heun, R package LMDIR, the worked example in its tests; method of Ang 2005, 10.1016/j.enpol.2003.10.010."""
    years = [
        [[1, 10, 2], [4, 5, 3]],
        [[4, 5, 3], [5, 6, 4]],
        [[8, 2, 4], [5, 7, 5]],
        [[10, 1, 5], [6, 8, 6]],
    ]
    expected = [
        [[50.47438029, -25.23719014, 14.76280986], [19.31568569, 15.78206435, 24.90224996]],
        [[42.96021467, -56.79031473, 17.83010006], [0, 22.47128816, 32.52871184]],
        [[12.6549815, -39.30996299, 12.6549815], [41.35566084, 30.28867832, 41.35566084]],
    ]
    totals = [
        [69.79006598, -9.455125793, 39.66505981],
        [42.96021467, -34.31902656, 50.3588119],
        [54.01064234, -9.021284671, 54.01064234],
    ]
    for (before, after), cells, total in zip(pairwise(years), expected, totals, strict=True):
        effects = decompose(np.transpose(before), np.transpose(after), "lmdi")
        assert_allclose(effects.T, cells, rtol=0, atol=1e-8)
        assert_allclose(effects.sum(1), total, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            [[0, 10, 2], [4, 5, 3]],
            [[4, 5, 3], [5, 6, 4]],
            [[60, 0, 0], [19.31568569, 15.78206435, 24.90224996]],
        ),
        (
            [[1, 10, 2], [4, 5, 3]],
            [[4, 5, 3], [5, 6, 0]],
            [[50.47438029, -25.23719014, 14.76280986], [0, 0, -60]],
        ),
    ],
    ids=["zero before", "zero after"],
)
def test_lmdi_with_a_zero(before: list[list[int]], after: list[list[int]], expected: list[list[float]]) -> None:
    """LMDIR's tests of the analytical limits: the driver that is zero takes the cell's whole change."""
    assert_allclose(decompose(np.transpose(before), np.transpose(after), "lmdi").T, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("driver", "rest", "effect"),
    [
        pytest.param([0, 2], [3, 5], 10, id="1: driver and product appear"),
        pytest.param([2, 0], [3, 5], -6, id="2: driver and product vanish"),
        pytest.param([2, 3], [0, 5], 0, id="3: the product appears with another driver"),
        pytest.param([2, 3], [5, 0], 0, id="4: the product vanishes with another driver"),
        pytest.param([2, 3], [0, 0], 0, id="5: no product on either side"),
        pytest.param([0, 0], [3, 5], 0, id="6: driver and product zero throughout"),
        pytest.param([2, 0], [0, 5], 0, id="7: the driver vanishes, the product is zero throughout"),
        pytest.param([0, 2], [5, 0], 0, id="8: the driver appears, the product is zero throughout"),
    ],
)
def test_lmdi_limits(driver: list[float], rest: list[float], effect: float) -> None:
    """B.W. Ang, F.Q. Zhang, K.-H. Choi, Energy 23 (6), 1998, 489-495, table 2: the eight cases of zeros."""
    before, after = zip(driver, rest, strict=True)
    assert decompose(before, after, "lmdi")[0] == effect
