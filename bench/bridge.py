"""How fast the bridge is, next to the two textbook ways of computing Shapley effects: `python -m bench.bridge`.

10,000 segments of 5 drivers. Each contestant runs in fresh processes, after all have been seen to give the same
numbers; the figure is the median over processes of the median call, and the ratio is to the bridge's own time.
"""

import json
import platform
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from itertools import permutations
from time import perf_counter

import numpy as np
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from alignment_core.bridge import decompose, order_range

DRIVERS, CELLS = 5, 10_000
PROCESSES, SECONDS = 5, 1.0

Floats = NDArray[np.float64]


def sides() -> tuple[Floats, Floats]:
    """Plan and actual: counts, three rates and a deal size."""
    rng = np.random.default_rng(2026)
    plan = np.stack(
        [
            rng.uniform(20, 2000, CELLS),
            *rng.uniform(0.1, 0.9, (DRIVERS - 2, CELLS)),
            rng.uniform(5_000, 50_000, CELLS),
        ]
    )
    return plan, plan * rng.uniform(0.6, 1.4, plan.shape)


def in_order(plan: Floats, actual: Floats, order: tuple[int, ...]) -> Floats:
    """One driver after the other, the running product kept up to date."""
    effects = np.empty_like(plan)
    now = list(plan)
    before = plan.prod(0)
    for driver in order:
        now[driver] = actual[driver]
        after = now[0].copy()
        for factor in now[1:]:
            after *= factor
        np.subtract(after, before, out=effects[driver])
        before = after
    return effects


def shapley_by_permutations(plan: Floats, actual: Floats) -> Floats:
    total = np.zeros_like(plan)
    orders = list(permutations(range(len(plan))))
    for order in orders:
        total += in_order(plan, actual, order)
    return total / len(orders)


def shapley_by_quadrature(plan: Floats, actual: Floats) -> Floats:
    """Gauss-Legendre along the straight line, with as few nodes as are exact."""
    step = actual - plan
    effects = np.zeros_like(plan)
    for node, weight in zip(*np.polynomial.legendre.leggauss((len(plan) + 1) // 2), strict=True):
        position = plan + (node + 1) / 2 * step
        others = np.full_like(plan, weight / 2)
        others[1:] *= np.multiply.accumulate(position[:-1])
        others[:-1] *= np.multiply.accumulate(position[:0:-1])[::-1]
        effects += others
    return effects * step


def everything(plan: Floats, actual: Floats) -> tuple[Floats, ...]:
    """All three methods, the range of each cell and that of the total."""
    return (
        decompose(plan, actual, "shapley"),
        decompose(plan, actual, "sequential"),
        decompose(plan, actual, "lmdi"),
        *order_range(plan, actual),
        *order_range(plan, actual, total=True),
    )


def everything_by_permutations(plan: Floats, actual: Floats) -> tuple[Floats, ...]:
    """The same from every order in turn, and the textbook formula of LMDI-I."""
    low, high = np.full_like(plan, np.inf), np.full_like(plan, -np.inf)
    total, sums = np.zeros_like(plan), []
    orders = list(permutations(range(len(plan))))
    for order in orders:
        effects = in_order(plan, actual, order)
        total += effects
        np.minimum(low, effects, out=low)
        np.maximum(high, effects, out=high)
        sums.append(effects.sum(1))
    before, after = plan.prod(0), actual.prod(0)
    lmdi = (after - before) / np.log(after / before) * np.log(actual / plan)
    sequential = in_order(plan, actual, tuple(range(len(plan))))
    return total / len(orders), sequential, lmdi, low, high, np.min(sums, 0), np.max(sums, 0)


Contestant = Callable[[Floats, Floats], Floats | tuple[Floats, ...]]

#: What is compared with what; the first of each is the bridge's own.
RACES: dict[str, dict[str, Contestant]] = {
    "Shapley": {
        "bridge": decompose,
        "quadrature": shapley_by_quadrature,
        "permutations": shapley_by_permutations,
    },
    "three methods and ranges": {
        "bridge": everything,
        "permutations": everything_by_permutations,
    },
}


def timed(contestant: Contestant) -> dict[str, float]:
    """The first call, the median call of about a second's worth, and the memory that a call takes at its peak."""
    plan, actual = sides()
    times: list[float] = []
    end = perf_counter() + SECONDS
    while perf_counter() < end or len(times) < 5:
        start = perf_counter()
        contestant(plan, actual)
        times.append(perf_counter() - start)
    tracemalloc.start()
    contestant(plan, actual)
    _, peak = tracemalloc.get_traced_memory()
    return {"ms": statistics.median(times) * 1e3, "first_ms": times[0] * 1e3, "mb": peak / 1e6}


def in_fresh_processes(race: str, name: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.bridge", race, name]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(PROCESSES)
    ]
    return {figure: statistics.median(run[figure] for run in runs) for figure in runs[0]}


def main() -> None:
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.system()} {platform.machine()}")
    print(f"{CELLS:,} cells of {DRIVERS} drivers; medians of {PROCESSES} fresh processes")
    for race, contestants in RACES.items():
        plan, actual = sides()
        own, *peers = (contestant(plan, actual) for contestant in contestants.values())
        scale = float(np.maximum(plan, actual).prod(0).sum())
        for peer in peers:
            for ours, theirs in zip(own, peer, strict=True):
                assert_allclose(ours, theirs, rtol=1e-9, atol=1e-13 * scale)
        print(f"\n{race} (results agree)\n{'':14}{'median ms':>10}{'first ms':>10}{'peak MB':>9}{'ratio':>8}")
        base = 0.0
        for name in contestants:
            found = in_fresh_processes(race, name)
            base = base or found["ms"]
            print(f"{name:14}{found['ms']:10.3f}{found['first_ms']:10.2f}{found['mb']:9.1f}{found['ms'] / base:8.1f}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(timed(RACES[sys.argv[1]][sys.argv[2]])))
    else:
        main()
