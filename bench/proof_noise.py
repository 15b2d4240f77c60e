"""How often quarters that ran on plan blame anybody, and how large a drop is found: `python -m bench.proof_noise`.

The figures of docs/method.md. Seeded; about a minute.
"""

import numpy as np

from alignment_core.noise import FAMILY, SEGMENT_FAMILY, PValues, holm
from tests.quarters import RATES, all_tests, quarters

SIZES = (20, 50, 100, 200, 500, 1_000, 2_000)
QUARTERS = 10_000
BASES = ("period", "cohort")


def blamed(mqls: int, basis: str, spread: float) -> tuple[float, float]:
    """The share of quarters on plan that blame any of 5 drivers, and any of 5 and of 45 more in nine segments."""
    drawn = quarters(np.random.default_rng([1, mqls]), mqls, 9, basis, QUARTERS, spread=spread)
    whole = holm(all_tests(drawn.of_all, basis), FAMILY).real.any(0)
    parts = PValues(*(each.reshape(-1, QUARTERS) for each in all_tests(drawn, basis)))
    return float(whole.mean()), float((whole | holm(parts, SEGMENT_FAMILY).real.any(0)).mean())


def found(mqls: int, basis: str, driver: int, at: float) -> float:
    """How often one driver at a share of its agreed value is called real, the others running as agreed."""
    rates = [rate * at if driver == place else rate for place, rate in enumerate(RATES, 1)]
    options = {"volume_at": at if driver == 0 else 1.0, "size_at": at if driver == 4 else 1.0}
    drawn = quarters(np.random.default_rng([2, mqls]), mqls, 1, basis, 4_000, rates=rates, **options)
    return float(holm(all_tests(drawn.of_all, basis), FAMILY).real[driver].mean())


def main() -> None:
    print("Quarters on plan that blame any driver (spread of deal sizes 0.6; 0.3 and 1.0 in brackets)")
    for basis in BASES:
        for mqls in SIZES:
            one, *others = (blamed(mqls, basis, spread) for spread in (0.6, 0.3, 1.0))
            aside = ", ".join(f"{each[1]:.1%}" for each in others)
            print(f"  {basis:<7} {mqls:>5} MQLs   5 bars {one[0]:.1%}   5 + 45 bars {one[1]:.1%} ({aside})")
    print("Found, with 5 bars: volume, MQL→SQL, SQL→opportunity, close rate, deal size at a share of the agreed")
    for basis in BASES:
        for at in (0.9, 0.8, 0.7, 0.5):
            for mqls in SIZES:
                shares = "  ".join(f"{found(mqls, basis, driver, at):>4.0%}" for driver in range(5))
                print(f"  {basis:<7} {at:.0%} of agreed {mqls:>5} MQLs   {shares}")


if __name__ == "__main__":
    main()
