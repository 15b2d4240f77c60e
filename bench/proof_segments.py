"""How often a segment is named, by what was planted: `python -m bench.proof_segments`.

The figures of docs/method.md: companies of three fields (3, 4 and 3 values, 43 segments with their pairs); seeded; some minutes.
"""

from tests.test_segments import found_in

#: With nothing planted there are more, for what is promised of them is close to what happens.
COMPANIES, WITH_NOTHING = 300, 1_000


def share(named: list[bool]) -> str:
    return f"{sum(named) / len(named):.1%}"


def main() -> None:
    """Print a line for each kind of company."""
    nothing = [bool(found_in(seed).found) for seed in range(WITH_NOTHING)]
    print(f"nothing planted: anything named in {share(nothing)}")
    for mqls, factor in ((200, 0.5), (400, 0.7), (400, 0.5)):
        found = [found_in(seed, mqls=mqls, planted=({"region": "EMEA"}, factor)).found for seed in range(COMPANIES)]
        first = [bool(each) and each[0].values == ("EMEA",) for each in found]
        others = [any("EMEA" not in one.values for one in each) for each in found]
        print(f"{mqls} MQLs, EMEA × {factor}: named first {share(first)}, anything else as well {share(others)}")
    mixed = [found_in(seed, shares=[0.1, 0.25, 0.25, 0.4]).found for seed in range(COMPANIES)]
    kinds = [any(one.kind == "mix" and one.values in (("E-book",), ("Demo",)) for one in each) for each in mixed]
    print(f"400 MQLs, demos 25% to 10%, e-books 25% to 40%: the mix named {share(kinds)}")


if __name__ == "__main__":
    main()
