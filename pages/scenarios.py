"""What if: what would it take?"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.agreement import Agreement
from alignment_core.charts import describe, waterfall, waterfall_rows
from alignment_core.errors import DataError
from alignment_core.export.workbook import write_workbook
from alignment_core.findings import scenario_headline
from alignment_core.results import Review
from alignment_core.review import review
from alignment_core.scenarios import Lever, Scenario, SliderScale, Start, levers, play, slider_scale
from alignment_core.vocabulary import RATE_DRIVERS, VOLUME_DRIVERS, VOLUME_STAGE, Source
from alignment_core.wording import DRIVER, SOURCE, STAGE, count, driver_value, money_short, period, signed_short
from ui.keeping import hold_in_force
from ui.screen import answer, figure, page, palette, reasons, standing
from ui.session import Workspace, settle, source_files, workspace
from ui.text import plain

STARTS: tuple[Start, ...] = ("plan", "actual", "last quarter")


def main() -> None:
    hold_in_force()
    here = workspace()
    try:
        result, given = reviewed(here)
    except DataError as error:
        standing(here)
        reasons(error, "There is nothing to start a scenario from:")
        st.page_link(page("load"), label="Load other files")
        return
    standing(here, "a scenario held against the plan")
    # What a slider does not change stands outside the fragment: a move draws only what it changes, each in its place.
    top = st.container()
    bar = st.container(horizontal=True, vertical_alignment="bottom")
    controls, drawing = st.columns([1, 2.4], gap="medium")
    shown = Shown(top, drawing)
    with bar:
        back = (given, here.agreement.split.marketing)
        start = st.segmented_control(
            "Start from", STARTS, default="actual", required=True, key="start", bind="query-params",
            on_change=back_to_start, args=back,
        )  # fmt: skip
        st.button(
            "Reset",
            icon=":material/undo:",
            on_click=back_to_start,
            args=back,
            help="Put every slider back to the start",
        )
        st.download_button(
            "Excel",
            data=lambda: write_workbook(result, here.agreement, shown.scenario, source_files(here)),
            file_name=f"scenario-{result.quarter}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/download:",
            on_click="ignore",
        )
    with controls:
        if any(lever.source == "marketing" for lever in given):
            st.caption(SOURCE["marketing"])
        room(
            here.agreement,
            given,
            own_sliders(given, here.agreement.currency),
            start,
            shown,
            starts_empty(result, start),
        )
    settle("what if")


@dataclass
class Shown:
    """What every move replaces: the scenario, and what is drawn of it in two places outside the fragment."""

    top: DeltaGenerator
    drawing: DeltaGenerator
    scenario: Scenario | None = None


@dataclass(frozen=True)
class Slider:
    """One lever on the screen, in the unit that people speak in."""

    lever: Lever
    label: str
    scale: SliderScale

    def read(self, start: Start) -> float:
        """Draw it and say its value in the core's unit; an unmoved one keeps its exact value."""
        value, scale = self.lever.start(start), self.scale
        shown = scale.shown(value)
        moved = st.slider(
            self.label,
            scale.low,
            scale.high,
            shown,
            scale.step,
            format=scale.format,
            key=self.lever.name,
            bind="query-params",
        )
        return value if moved == shown else scale.value(moved)


def reviewed(here: Workspace) -> tuple[Review, tuple[Lever, ...]]:
    """The quarter's review, and the drivers of its bridge with last quarter's values where there are any."""
    now = review(here.data, here.agreement, judged=False)
    before = now.quarter.previous
    known = here.data.funnel(here.agreement).quarters
    return now, levers(now, review(here.data, here.agreement, before, judged=False) if before in known else None)


def starts_empty(result: Review, start: Start) -> str:
    """That a side of which the files say nothing starts at nothing; empty where it starts as agreed, or there is none."""
    silent = [SOURCE[note.values["source"]].lower() for note in result.notes if note.code == "silent"]
    if start == "plan" or not silent:
        return ""
    return f"Nothing of {' or '.join(silent)} demand is in the files, so it starts here at 0."


@st.fragment
def room(
    agreement: Agreement,
    given: tuple[Lever, ...],
    sliders: Mapping[Source, Sequence[Slider]],
    start: Start,
    shown: Shown,
    caveat: str,
) -> None:
    """The sliders, and what they bring: redrawn together, without touching the tables."""
    values, split = read_sliders(sliders, start, agreement.split.marketing)
    values |= {lever.name: lever.start(start) for lever in given if lever.source == "unassigned"}
    scenario = play(
        given,
        values,
        target=agreement.revenue_target,
        plan_split=agreement.split.marketing,
        split=split,
        owners=agreement.owners,
    )
    shown.scenario = scenario
    said = scenario_headline(scenario, agreement.currency, period(agreement.fiscal_quarter))
    with shown.top:
        answer(said.title, f"{said.detail} {caveat}".strip())
        with st.container(horizontal=True):
            outcome(scenario, given, agreement.currency)
    with shown.drawing:
        draw(scenario, agreement.currency)


def own_sliders(given: tuple[Lever, ...], currency: str) -> dict[Source, list[Slider]]:
    """Each source's sliders, which say what was agreed and what it was. Nobody moves what is unassigned."""
    sliders: dict[Source, list[Slider]] = {}
    for lever in given:
        if lever.source != "unassigned":
            unit = "" if lever.driver in RATE_DRIVERS or lever.driver in VOLUME_DRIVERS else f", {currency}"
            agreed, was = driver_value(lever.driver, lever.plan), driver_value(lever.driver, lever.actual)
            label = plain(f"{DRIVER[lever.driver]}{unit} · agreed {agreed}, was {was}")
            sliders.setdefault(lever.source, []).append(Slider(lever, label, slider_scale(lever)))
    return sliders


def read_sliders(
    sliders: Mapping[Source, Sequence[Slider]], start: Start, split: float
) -> tuple[dict[str, float], float]:
    """The scenario's values in the core's units, and marketing's share of the target; `split` is the agreed one."""
    values: dict[str, float] = {}
    if 0 < split < 1:
        shown = round(split * 100)
        moved = st.slider("Marketing's share of the target, %", 0, 100, shown, key="split", bind="query-params")
        split = split if moved == shown else moved / 100
    for source, own in sliders.items():
        with nullcontext() if source == "marketing" or len(sliders) == 1 else st.expander(f"{SOURCE[source]} levers"):
            values |= {each.lever.name: each.read(start) for each in own}
    return values, split


def back_to_start(given: tuple[Lever, ...], split: float) -> None:
    """Put every slider where the chosen start has it."""
    start: Start = st.session_state["start"]
    for lever in given:
        if lever.source != "unassigned":
            st.session_state[lever.name] = slider_scale(lever).shown(lever.start(start))
    st.session_state["split"] = round(split * 100)


def outcome(scenario: Scenario, given: tuple[Lever, ...], currency: str) -> None:
    """What the scenario brings, and what each side would owe for its share of the target at these rates."""
    difference, against = signed_short(scenario.variance), money_short(scenario.plan_revenue)
    figure(f"Revenue, {currency}", money_short(scenario.actual_revenue), difference, scenario.variance, against)
    for source, owed in scenario.required.items():
        first = next(lever for lever in given if lever.source == source)
        bar = next(bar for bar in scenario.bars if (bar.source, bar.driver) == (first.source, first.driver))
        st.metric(
            f"{STAGE[VOLUME_STAGE[first.driver]]} {source} owes",
            "not possible" if owed is None else count(owed),
            "a rate is zero" if owed is None else f"{count(bar.actual)} in this scenario",
            delta_color="orange" if owed is None else "gray",
            delta_arrow="off",
            border=True,
        )


def draw(scenario: Scenario, currency: str) -> None:
    """The bridge from plan to scenario."""
    rows = waterfall_rows(scenario.bars, scenario.plan, scenario.revenue, actual_label="Scenario")
    st.vega_lite_chart(
        waterfall(rows, palette(), currency=currency, values=False),
        key="scenario_waterfall",
        alt=describe(scenario.bars, scenario.plan_revenue, scenario.actual_revenue, currency, "Scenario"),
    )


main()
