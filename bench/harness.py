"""What the benchmarks share: fresh processes in alternation, medians, peak memory, and a verdict on a bound."""

import json
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5


@dataclass(frozen=True)
class Run:
    """One measured process.

    Attributes:
        seconds: by phase, in order; the parts of the whole.
        mb: its peak memory and, added to it, that of the largest process it started.
        answer: what it found out, to be compared with what the others found.
    """

    seconds: Mapping[str, float]
    mb: float
    answer: Any = None

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


class Stopwatch:
    """Times the phases of a run inside its own process."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self._seconds[name] = perf_counter() - start

    def finish(self, answer: Any = None) -> None:
        """Hand the run over to the process that asked for it. Memory is asked for first, before the hand-over."""
        unit = 2**20 if sys.platform == "darwin" else 2**10
        who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        mb = sum(resource.getrusage(each).ru_maxrss for each in who) / unit
        print(json.dumps({"seconds": self._seconds, "mb": mb, "answer": answer}))


def fresh(module: str, *arguments: object) -> Run:
    """Run `python -m module arguments` to its end; it must finish a stopwatch."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def alternate(module: str, names: Sequence[str], *arguments: object, runs: int = RUNS) -> dict[str, list[Run]]:
    """Each contestant in turn, again and again (A B A B), so that a drift of the machine meets all of them."""
    found: dict[str, list[Run]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            found[name].append(fresh(module, name, *arguments))
    return found


def median(runs: Sequence[Run]) -> float:
    """Seconds of the whole."""
    return statistics.median(run.total for run in runs)


def peak(runs: Sequence[Run]) -> float:
    """Megabytes."""
    return statistics.median(run.mb for run in runs)


def phases(runs: Sequence[Run]) -> str:
    """Where the time went."""
    return ", ".join(f"{name} {statistics.median(run.seconds[name] for run in runs):.2f}" for name in runs[0].seconds)


def versions(*packages: str) -> str:
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])


def heading(title: str, *packages: str) -> None:
    print(f"\n## {title}\n{versions(*packages)}; {cpu_count()} cores\n", flush=True)


def table(found: Mapping[str, Sequence[Run]]) -> None:
    """Medians of each contestant; the first is the product."""
    own = median(next(iter(found.values())))
    print(f"{'':34}{'seconds':>8}{'least':>8}{'most':>8}{'peak MB':>9}{'ratio':>7}   phases")
    for name, runs in found.items():
        totals = [run.total for run in runs]
        print(
            f"{name:34}{median(runs):8.2f}{min(totals):8.2f}{max(totals):8.2f}{peak(runs):9.0f}"
            f"{own / median(runs):7.2f}   {phases(runs)}"
        )


def verdict(what: str, value: float, bound: float, unit: str = "x", *, at_least: bool = False) -> None:
    """Say whether a bound is met."""
    met = value >= bound if at_least else value <= bound
    wanted = f"at {'least' if at_least else 'most'} {bound:g}{unit}"
    print(f"{'met   ' if met else 'MISSED'}  {what}: {value:.2f}{unit} ({wanted})", flush=True)
