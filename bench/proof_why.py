"""How often each part of a conversion's move is found, by what was planted: `python -m bench.proof_why`.

The figures of docs/method.md. Each line is 1,000 simulated companies; seeded; half a minute.
"""

from alignment_core.why_parts import JUDGED
from tests.planted import PLANTED, blamed


def main() -> None:
    """Print how often each part is blamed, by what was planted, for quarters of different sizes."""
    companies = 1000
    print(f"{'planted':<44}{'MQLs':>6}  {'basis':<7}" + "".join(f"{part:>14}" for part in JUDGED))
    for planted in PLANTED:
        for n, basis in ((100, "cohort"), (200, "cohort"), (400, "cohort"), (400, "period"), (1000, "cohort")):
            share, _ = blamed(planted, n, basis, companies)
            print(f"{planted:<44}{n:>6}  {basis:<7}" + "".join(f"{share[part]:>13.1%} " for part in JUDGED))


if __name__ == "__main__":
    main()
