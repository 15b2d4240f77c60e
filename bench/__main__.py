"""Every benchmark, one after the other: `python -m bench`, or by name, as in `python -m bench xlsx slider`."""

import sys
from collections.abc import Callable

from bench import answers, bridge, csv_funnel, imports, slider, xlsx
from bench.harness import heading


def bridge_main() -> None:
    heading("Bridge: Shapley within 1 ms, all three methods and the ranges within 20 ms", "numpy")
    bridge.main()


ALL: dict[str, Callable[[], None]] = {
    "answers": answers.main,
    "csv_funnel": csv_funnel.main,
    "imports": imports.main,
    "slider": slider.main,
    "xlsx": xlsx.main,
    "bridge": bridge_main,
}


if __name__ == "__main__":
    unknown = sys.argv[1:] and set(sys.argv[1:]) - set(ALL)
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there is {', '.join(ALL)}.")
    for name in sys.argv[1:] or ALL:
        ALL[name]()
