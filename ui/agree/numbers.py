"""The target, the split, and each side's chain from the deal size back to the first stage: every figure can be typed."""

from collections.abc import Callable
from typing import get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.agreement import Agreement
from alignment_core.assumptions import beside, warnings
from alignment_core.promise import share_of_target
from alignment_core.results import Counts
from alignment_core.solve import Figure, Given, gives_way_for, solve
from alignment_core.track_record import TrackRecord
from alignment_core.wording import DRIVER, SOURCE, STAGE, money_short
from ui.agree.form import field, forget, hint
from ui.agree.solving import follows, solved_for, what_gave_way
from ui.agreement_form import RATES
from ui.text import plain

state = st.session_state

#: The figure that a rate or the deal size leads to, which stands beside it.
LEADS_TO: dict[str, Figure] = {
    "deal_size": "wins",
    "close_rate": "opportunities",
    "sql_to_opportunity": "sqls",
    "mql_to_sql": "mqls",
}
BESIDE = "beside"
_GIVES_WAY = {BESIDE: "the figure on its left", "revenue_target": "the revenue target", "split": "the split", "deal_size": "the deal size", **{
    rate: DRIVER[rate] for rate in ("close_rate", "sql_to_opportunity", "mql_to_sql")
}}  # fmt: skip


def target_and_split() -> None:
    """What is to be reached, and by whom."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        field(
            "revenue_target",
            f"Revenue target, {plain(state['agree.currency'])}",
            st.number_input,
            min_value=0.0,
            step=10_000.0,
            format="%g",
            width=220,
        )
        field(
            "split",
            "Sourced by marketing, %",
            st.number_input,
            min_value=0.0,
            max_value=100.0,
            step=1.0,
            format="%.4g",
            width=220,
        )


def chain(side: str, record: TrackRecord) -> Callable[[Agreement | None], None]:
    """One side's fields, from the deal size back to the first stage. Returns what draws the figures that follow."""
    heading = st.empty()
    places: dict[Figure, DeltaGenerator] = {"revenue": st.empty()}
    remarks: dict[str, DeltaGenerator] = {}
    for name in ("deal_size", *RATES[side]):
        left, right = st.columns(2, vertical_alignment="top")
        places[LEADS_TO[name]] = right.empty()
        with left:
            assumption(side, name)
        remarks[name] = st.empty()
    refused = st.empty()
    field(
        f"{side}.gives_way",
        "When a figure on the right is typed, this changes",
        st.selectbox,
        tuple(name for name in _GIVES_WAY if name != "mql_to_sql" or side == "marketing"),
        format_func=_GIVES_WAY.__getitem__,
        width=330,
        persist_state="session",
    )
    foot = st.empty()

    def show(agreement: Agreement | None) -> None:
        counts = agreement.required.get(side, Counts()) if agreement else Counts()
        share = f": {share_of_target(getattr(agreement.split, side))} the target, {agreement.currency} {money_short(counts.revenue)}" if agreement else ""  # fmt: skip
        heading.markdown(f"**{SOURCE[side]}**{plain(share)}")
        for figure, place in places.items():
            value = getattr(counts, figure)
            if figure == "mqls" and agreement and value is not None:
                value = agreement.required_mqls
            elif figure == "sqls" and side == "sales" and agreement and value is not None:
                value = agreement.required_sqls
            with place:
                follows_from_left(side, figure, value)
        for name, place in remarks.items():
            place.caption(remark(side, name, agreement, record))
        with refused:
            what_gave_way(side)
        foot.caption("Sales-sourced demand begins at the SQL." if side == "sales" else "")

    return show


def assumption(side: str, name: str) -> None:
    """A rate or the deal size, which both must believe."""
    label, step, most, shown = f"{DRIVER[name]}, %", 1.0, 100.0, "%.4g"
    if name == "deal_size":
        label, step, most, shown = f"Deal size, {plain(state['agree.currency'])}", 1_000.0, None, "%g"
    field(
        f"{side}.{name}", label, st.number_input, min_value=0.0, max_value=most, step=step, format=shown,
        help=hint(name), on_change=forget,
    )  # fmt: skip


def follows_from_left(side: str, figure: Figure, value: float | None) -> None:
    """A figure that follows from the assumptions. Typed, it is met by the one figure that gives way."""
    owed = figure == ("mqls" if side == "marketing" else "sqls")
    money = figure == "revenue"
    label = (
        f"Revenue, {plain(state['agree.currency'])}" if money else f"{STAGE[figure]} owed" if owed else STAGE[figure]
    )
    shown = None if value is None else round(float(value), 2 if money else 1)
    follows(
        f"agree.{side}.owed.{figure}", label, shown, typed, side, figure,
        step=10_000.0 if money else 1.0, shown="%.2f" if money else "%g", disabled=value is None,
    )  # fmt: skip


def typed(side: str, figure: Figure) -> None:
    """Somebody typed what a side is to owe: let the chosen figure give way."""
    chosen = state[f"agree.{side}.gives_way"]
    on_its_left = next((name for name in get_args(Given) if LEADS_TO.get(name) == figure), "split")
    gives_way: Given = on_its_left if chosen == BESIDE else chosen
    if gives_way not in gives_way_for(figure):  # no rate changes how much revenue a side owes
        gives_way = "split"
    solved_for(
        side, f"agree.{side}.owed.{figure}", lambda wanted: solve(state["agree.last"], side, figure, wanted, gives_way)
    )


def remark(side: str, name: str, agreement: Agreement | None, record: TrackRecord) -> str:
    """What really ran, and whether what is agreed lies outside of it."""
    if not record.quarters:
        return "no earlier quarter is loaded to compare with"
    said = plain(beside(record.of(side, name)))
    for each in warnings(agreement, record) if agreement else ():
        if (each.evidence.source, each.evidence.driver) == (side, name):
            return f":orange[**{'▲ above' if each.above else '▼ below'} anything seen**] · {said}"
    return said
