"""Whose demand each lead source is."""

import pandas as pd
import streamlit as st

from alignment_core.agreement import Sourcing
from alignment_core.lead_sources import listed_side, reassigned
from alignment_core.vocabulary import Source
from ui.agree.form import field
from ui.text import plain

state = st.session_state

RULE = {
    "lead_source": "the lead's source",
    "deal_source": "the deal's own source",
    "first_touch": "the first touch",
    "last_touch": "the last touch before the deal",
}
#: Whose demand a lead source is, as the table has it.
LISTED: dict[str, Source] = {"Marketing": "marketing", "Sales": "sales", "Neither": "unassigned"}
COUNTED: dict[Source, str] = {"unassigned": "nobody's (unassigned)", "marketing": "marketing's", "sales": "sales'"}


def whose_demand() -> Sourcing:
    """Which lead sources are marketing's and which are sales'."""
    base: Sourcing = state["agree.base"].sourcing
    found = [source for source in state["agree.sources"] if source.value is not None]
    none = [source for source in state["agree.sources"] if source.value is None]
    tables = list(state["agree.sources"][0].records) if state["agree.sources"] else []
    names = {
        "leads": "Leads",
        "deals": "Deals",
        "stage_events": "Stage records",
        "funnel": "Summary rows",
        "touches": "Touches",
    }
    label_of = {side: label for label, side in LISTED.items()}
    frame = pd.DataFrame(
        {
            "Lead source": [source.value for source in found],
            **{names[table]: [source.records[table] for source in found] for table in tables},
            "Counts as": [label_of[listed_side(base, source.value)] for source in found],
        }
    )
    with st.expander("Whose demand each lead source is"):
        if found:
            edited = st.data_editor(
                frame, key=f"agree.sources.{state['agree.sources_revision']}", hide_index=True, disabled=list(frame.columns[:-1]),
                column_config={"Counts as": st.column_config.SelectboxColumn(options=list(LISTED), required=True)},
                width=720, alt="Lead sources in the files, how many records have each, and whose demand it is",
            )  # fmt: skip
        else:
            st.caption(
                "The loaded files carry no lead sources."
                if not none
                else "No record in the loaded files has a lead source."
            )
        with st.container(horizontal=True):
            empty = ", ".join(
                f"{rows:,} {names[table].lower()}" for source in none for table, rows in source.records.items() if rows
            )
            field(
                "sourcing.otherwise",
                "Neither, or empty, counts as",
                st.selectbox,
                tuple(COUNTED),
                format_func=COUNTED.__getitem__,
                width=260,
            )
            field(
                "sourcing.rule",
                "A deal's demand is decided by",
                st.selectbox,
                tuple(RULE),
                format_func=RULE.__getitem__,
                width=280,
            )
        if empty:
            st.caption(plain(f"Without a lead source: {empty}."))
    if not found:
        return base
    return reassigned(
        base, {value: LISTED[label] for value, label in zip(edited["Lead source"], edited["Counts as"], strict=True)}
    )
