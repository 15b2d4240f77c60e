"""How often the intervals of what is not decided yet hold what then came: `python -m bench.proof_timing`.

The figures of docs/method.md. Each line is 1,000 companies of one kind on their quarter's last day; seeded; three minutes.
"""

import numpy as np

from alignment_core.further import drawn, expected, interval
from bench.harness import heading
from tests.waiting import Company, run

COMPANIES, DRAWS = 1_000, 400
NAMES = ("sqls", "opportunities", "wins", "revenue")
KINDS = {
    "150 MQLs a quarter, six quarters before": Company(),
    "40 MQLs": Company(mqls=40),
    "800 MQLs": Company(mqls=800),
    "two quarters before": Company(earlier=2),
    "two quarters before, 40 MQLs": Company(earlier=2, mqls=40),
    "nobody is given up": Company(lost=0.0),
    "exponential lags, half given up": Company(shape="exponential", lost=0.5),
    "long lags (15, 30, 60 days), eight quarters": Company(medians=(15, 30, 60), shape="exponential", earlier=8),
    "long lags (15, 30, 60 days), two quarters": Company(medians=(15, 30, 60), shape="exponential", earlier=2),
    "all MQLs in the last two weeks": Company(last_days=14),
}


def held(company: Company) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The share of intervals that hold what came, and the means of what was expected and of what came."""
    hits, said, was = [], [], []
    for seed in range(COMPANIES):
        rng = np.random.default_rng([1, seed])
        steps, amounts, _, came, revenue = run(company, rng)
        low, high = interval(drawn(steps, amounts, DRAWS, rng), ["sqls", "opportunities", "wins"])
        mean, then = expected(steps, amounts), np.array([*came, revenue], dtype=float)
        ends = [[getattr(side, name) for name in NAMES] for side in (low, high)]
        # What earlier cohorts say too little of has no interval: it counts neither way.
        low_, high_, more = (np.array(each, dtype=float) for each in (*ends, [getattr(mean, name) for name in NAMES]))
        hits.append(np.where(np.isnan(low_), np.nan, (low_ <= then) & (then <= high_)))
        said.append(more)
        was.append(np.where(np.isnan(more), np.nan, then))
    return np.nanmean(hits, axis=0), np.nanmean(said, axis=0), np.nanmean(was, axis=0)


def main() -> None:
    heading("What is not decided yet: 90% intervals against what came")
    print("| companies | SQLs | opportunities | wins | revenue | further wins: expected / came |")
    print("|---|---|---|---|---|---|")
    for name, company in KINDS.items():
        hits, said, was = held(company)
        shares = " | ".join(f"{share:.1%}" for share in hits)
        print(f"| {name} | {shares} | {said[2]:.1f} / {was[2]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
