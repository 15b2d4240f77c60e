"""What if: what would it take?"""

from contextlib import nullcontext
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.charts import describe, waterfall, waterfall_rows
from alignment_core.errors import DataError
from alignment_core.export.workbook import write_workbook
from alignment_core.findings import scenario_headline
from alignment_core.results import Review
from alignment_core.review import review
from alignment_core.scenarios import Lever, Scenario, Start, levers, play, slider_scale
from alignment_core.vocabulary import RATE_DRIVERS, VOLUME_DRIVERS, VOLUME_STAGE
from alignment_core.wording import DRIVER, SOURCE, STAGE, count, driver_value, money_short, period, signed_short
from ui.screen import answer, figure, page, palette, reasons, standing
from ui.session import Workspace, source_files, workspace
from ui.text import plain

STARTS: tuple[Start, ...] = ("plan", "actual", "last quarter")


def main() -> None:
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
    shown = Shown()
    with st.container(horizontal=True, vertical_alignment="bottom"):
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
    controls, drawing = st.columns([1, 2.4], gap="medium")
    with controls:
        room(here, given, start, top, drawing, shown)


@dataclass
class Shown:
    """The scenario on the screen, which every move replaces."""

    scenario: Scenario | None = None


def reviewed(here: Workspace) -> tuple[Review, tuple[Lever, ...]]:
    """The quarter's review, and the drivers of its bridge with last quarter's values where there are any."""
    now = review(here.data, here.agreement)
    before = now.quarter.previous
    known = here.data.funnel(here.agreement).quarters
    return now, levers(now, review(here.data, here.agreement, before) if before in known else None)


@st.fragment
def room(
    here: Workspace, given: tuple[Lever, ...], start: Start, top: DeltaGenerator, drawing: DeltaGenerator, shown: Shown
) -> None:
    """Sliders on the left, what they bring above and on the right: redrawn together, without touching the tables."""
    agreement = here.agreement
    values, split = sliders(here, given, start)
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
    with top:
        answer(said.title, said.detail)
        with st.container(horizontal=True):
            outcome(scenario, given, agreement.currency)
    with drawing:
        draw(scenario, agreement.currency)


def sliders(here: Workspace, given: tuple[Lever, ...], start: Start) -> tuple[dict[str, float], float]:
    """The scenario's values in the core's units, and marketing's share of the target."""
    values: dict[str, float] = {}
    split = here.agreement.split.marketing
    if 0 < split < 1:
        shown = round(split * 100)
        moved = st.slider("Marketing's share of the target, %", 0, 100, shown, key="split", bind="query-params")
        split = split if moved == shown else moved / 100
    for source in dict.fromkeys(lever.source for lever in given):
        own = [lever for lever in given if lever.source == source]
        if source == "unassigned":
            values |= {lever.name: lever.start(start) for lever in own}
            continue
        first = source == "marketing" or "marketing" not in {lever.source for lever in given}
        with nullcontext() if first else st.expander(f"{SOURCE[source]} levers"):
            if source == "marketing":
                st.caption(SOURCE[source])
            values |= {lever.name: slider(lever, start, here.agreement.currency) for lever in own}
    return values, split


def slider(lever: Lever, start: Start, currency: str) -> float:
    """One lever, in the unit that people speak in; an unmoved one keeps its exact value."""
    name = DRIVER[lever.driver] + (
        "" if lever.driver in RATE_DRIVERS or lever.driver in VOLUME_DRIVERS else f", {currency}"
    )
    label = f"{name} · agreed {driver_value(lever.driver, lever.plan)}, was {driver_value(lever.driver, lever.actual)}"
    scale = slider_scale(lever)
    shown = scale.shown(lever.start(start))
    moved = st.slider(
        plain(label), scale.low, scale.high, shown, scale.step, format=scale.format, key=lever.name, bind="query-params"
    )
    return lever.start(start) if moved == shown else scale.value(moved)


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
