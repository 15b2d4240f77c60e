"""How long the server takes from a slider's move to the redrawn waterfall: `python -m bench.slider`.

A client speaks Streamlit's own protocol over a real websocket to two servers in turn: the product's "What if"
page, and a page with the same sliders that draws the same chart from a constant. What that page shows is
recorded from the product's, so it is the least that any page with these sliders and this chart can cost.
"""

import contextlib
import json
import logging
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.harness import ROOT, Run, Stopwatch, fresh, heading, verdict

SERVERS, MOVES, WARM_UP = 3, 60, 10
BOUND, BOUND_MS = 1.5, 1.0

#: The peer. It freezes what is loaded, as the product does, so that neither page pays for garbage collection.
CONSTANT = """
import gc, json
from pathlib import Path
import streamlit as st

@st.cache_resource
def recorded():
    return json.loads(Path(__file__).with_suffix(".json").read_text())

@st.cache_resource
def warm():
    gc.freeze()

@st.fragment
def room():
    found = recorded()
    controls, drawing = st.columns([1, 2.4], gap="medium")
    with controls:
        for slider in found["sliders"]:
            st.slider(**slider, bind="query-params")
    with drawing:
        st.vega_lite_chart(found["chart"], key="chart")

st.set_page_config(layout="wide")
room()
warm()
"""


class PromptSocket(socket.socket):
    """Acknowledges whatever arrives at once, where the system allows it.

    Streamlit's server leaves Nagle's algorithm on: a small message waits until the one before is acknowledged, and
    by default that may take 40 ms on an idle machine. It hits either page at random; it is no work of the server's.
    """

    def recv(self, size: int, flags: int = 0) -> bytes:
        found = super().recv(size, flags)
        if hasattr(socket, "TCP_QUICKACK"):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return found


class Page:
    """A browser's side of the conversation with one page, without drawing anything."""

    def __init__(self, connection: Any, name: str) -> None:
        self._socket = connection
        self._name = name
        self._hash = ""
        self.query = ""
        self.sliders: dict[str, Any] = {}
        self.charts: list[dict[str, Any]] = []
        self._values: dict[str, float] = {}
        self._fragment = ""
        self._run(whole=True)

    def move(self, key: str, value: float) -> float:
        """Seconds until the fragment has been redrawn with a slider at another value."""
        self._values[key] = value
        return self._run(whole=False)

    def _run(self, *, whole: bool) -> float:
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self._hash
        if whole:
            state.page_name = self._name
        else:
            state.fragment_id = self._fragment
        for key, slider in self.sliders.items():
            value = self._values.get(key, slider.default[0])
            state.widget_states.widgets.add(id=slider.id).double_array_value.data.append(value)
        self.charts = []
        answers = []
        start = perf_counter()
        self._socket.send(message.SerializeToString())
        while not answers or answers[-1].WhichOneof("type") != "script_finished":
            answers.append(ForwardMsg.FromString(self._socket.recv(timeout=60)))
        elapsed = perf_counter() - start
        assert answers[-1].script_finished in (0, 3), answers[-1]
        for received in answers:
            kind = received.WhichOneof("type")
            if kind == "new_session":
                self._hash = received.new_session.page_script_hash
            elif kind == "page_info_changed":
                self.query = received.page_info_changed.query_string
            elif kind == "delta" and received.delta.WhichOneof("type") == "new_element":
                self._see(received.delta)
        return elapsed

    def _see(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        assert kind != "exception", element
        if kind == "slider":
            self.sliders[element.slider.query_param_key] = element.slider
            self._fragment = delta.fragment_id
        elif kind == "vega_lite_chart":
            self.charts.append(drawing(element.vega_lite_chart))


def drawing(chart: Any) -> dict[str, Any]:
    """A chart as one specification. Streamlit sends data at its top level apart from it, as Arrow."""
    import pyarrow as pa

    spec: dict[str, Any] = json.loads(chart.spec)
    if chart.data.data:
        spec["data"] = {"values": pa.ipc.open_stream(chart.data.data).read_all().to_pylist()}
    return spec


@contextlib.contextmanager
def served(script: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server on a free port, with the product's own settings."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    server = subprocess.Popen(
        [*command, "--server.headless", "true", "--server.fileWatcherType", "none"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
                break
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)
        yield port, server
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def opened(script: Path, name: str = "") -> Iterator[tuple[Page, subprocess.Popen[bytes]]]:
    """A page of a fresh server."""
    from websockets.sync.client import connect

    with served(script) as (port, server):
        line = PromptSocket(socket.AF_INET)
        line.connect(("127.0.0.1", port))
        address = f"ws://localhost:{port}/_stcore/stream"
        with connect(address, sock=line, subprotocols=["streamlit"], max_size=None) as connection:
            yield Page(connection, name), server


def peak_mb(server: subprocess.Popen[bytes]) -> float:
    """A running server's peak memory, where the system tells (Linux)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return float("nan")


def recording(page: Page) -> dict[str, Any]:
    """What the constant page must show: the product's sliders and its chart as they stand."""
    sliders = [
        {
            "label": slider.label, "min_value": slider.min, "max_value": slider.max, "value": slider.default[0],
            "step": slider.step, "format": slider.format, "key": key,
        }
        for key, slider in page.sliders.items()
    ]  # fmt: skip
    for slider in sliders:
        if slider["format"] == "%d":  # the protocol carries whole numbers as floats
            slider |= {name: int(slider[name]) for name in ("min_value", "max_value", "value", "step")}
    return {"sliders": sliders, "chart": page.charts[0]}


def moves(page: Page) -> Iterator[tuple[str, float]]:
    """Every slider in turn, to a new place each time."""
    for turn in range(WARM_UP + MOVES):
        slider = list(page.sliders.values())[turn % len(page.sliders)]
        steps = (slider.max - slider.min) / slider.step
        yield slider.query_param_key, slider.min + slider.step * round(steps * (0.2 + 0.6 * ((turn * 37) % 100) / 100))


def round_of_moves(folder: Path) -> dict[str, tuple[float, float]]:
    """Fresh servers, moves in alternation; by page the median milliseconds and the server's peak memory."""
    with opened(ROOT / "app.py", "what-if") as (page, ours):
        recorded = recording(page)
        (folder / "constant.json").write_text(json.dumps(recorded))
        with opened(folder / "constant.py") as (peer, theirs):
            assert peer.charts == [recorded["chart"]]
            assert list(peer.sliders) == list(page.sliders)
            times: dict[Page, list[float]] = {page: [], peer: []}
            drawn = set()
            for key, value in moves(page):
                for each in (page, peer):
                    times[each].append(each.move(key, value))
                    assert len(each.charts) == 1
                drawn.add(json.dumps(page.charts[0]))
                assert peer.charts[0] == recorded["chart"]
            assert len(drawn) == WARM_UP + MOVES, "every move must redraw the product's chart"
            own, other = (statistics.median(times[each][WARM_UP:]) * 1e3 for each in (page, peer))
            return {"product": (own, peak_mb(ours)), "constant": (other, peak_mb(theirs))}


def arithmetic() -> None:
    """In a process of its own: what the page computes for a move, between reading the sliders and drawing."""
    logging.disable(logging.WARNING)  # Streamlit's, that this is no page
    from alignment_core.charts import waterfall_rows
    from alignment_core.review import review
    from alignment_core.scenarios import levers, play
    from ui.session import sample

    here = sample()
    given = levers(review(here.data, here.agreement))
    agreement = here.agreement
    watch = Stopwatch()
    played, laid_out = [], []
    for turn in range(2_000):
        values = {lever.name: lever.start("actual") * (1 + turn % 50 / 100) for lever in given}
        start = perf_counter()
        scenario = play(
            given,
            values,
            target=agreement.revenue_target,
            plan_split=agreement.split.marketing,
            split=0.4 + turn % 20 / 100,
            owners=agreement.owners,
        )
        middle = perf_counter()
        waterfall_rows(scenario.bars, scenario.plan, scenario.revenue, actual_label="Scenario")
        played.append(middle - start)
        laid_out.append(perf_counter() - middle)
    watch.finish({"play": statistics.median(played) * 1e3, "rows": statistics.median(laid_out) * 1e3})


def main() -> None:
    heading("Slider to redrawn waterfall, over a websocket", "streamlit", "altair", "numpy", "websockets")
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "constant.py").write_text(CONSTANT)
        found = [round_of_moves(folder) for _ in range(SERVERS)]
    print(f"{SERVERS} pairs of fresh servers, {MOVES} moves in each\n{'':34}{'median ms':>10}{'peak MB':>9}")
    medians = {}
    for page in found[0]:
        medians[page] = statistics.median(each[page][0] for each in found)
        print(f"{page:34}{medians[page]:10.1f}{statistics.median(each[page][1] for each in found):9.0f}")
    verdict("against the constant page", medians["product"] / medians["constant"], BOUND)
    runs: list[Run] = [fresh("bench.slider", "arithmetic") for _ in range(SERVERS)]
    parts = {name: statistics.median(run.answer[name] for run in runs) for name in ("play", "rows")}
    print(f"\nscenario {parts['play']:.2f} ms, lines of the waterfall {parts['rows']:.2f} ms")
    verdict("arithmetic of a move", sum(parts.values()), BOUND_MS, " ms")


if __name__ == "__main__":
    arithmetic() if sys.argv[1:] == ["arithmetic"] else main()
