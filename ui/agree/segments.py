"""Plans per region, product, lead type or another field."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.agreement import Agreement
from alignment_core.segment_plans import draft_segments
from alignment_core.wording import DRIVER, SOURCE, count
from ui.agree.form import field, show_segments
from ui.agreement_form import RATES, SIDES
from ui.session import workspace
from ui.text import field_name

state = st.session_state


def plans_per_segment() -> tuple[dict[str, pd.DataFrame], dict[str, DeltaGenerator]]:
    """Each side's plan by region, product or another field of the files, and the place for what follows from it."""
    known = dict.fromkeys(
        [*workspace().data.segment_fields, *([agreed.field] if (agreed := state["agree.base"].segments) else [])]
    )
    edited: dict[str, pd.DataFrame] = {}
    owed: dict[str, DeltaGenerator] = {}
    with st.expander("Plans per segment"):
        field(
            "segments.field",
            "Plan by",
            st.selectbox,
            [None, *known],
            format_func=lambda name: field_name(name or "the whole company"),
            on_change=segment_field_chosen,
            placeholder="the whole company",
            width=280,
        )
        if state["agree.segments.field"]:
            for side in SIDES:
                st.markdown(f"**{SOURCE[side]}**: shares sum to 100%; a blank rate or deal size is the side's own")
                edited[side] = st.data_editor(
                    state["agree.segments"][side], key=f"agree.segments.{side}.{state['agree.segments_revision']}", num_rows="dynamic", hide_index=True,
                    column_config=segment_columns(side), placeholder="side's own", alt=f"{SOURCE[side]} plan by segment",
                )  # fmt: skip
                owed[side] = st.empty()
    return edited, owed


def owed_by_segment(agreement: Agreement | None, side: str) -> str:
    """The first stage that a side owes in each segment."""
    if agreement is None or not agreement.segment_cells.get(side):
        return "–"
    if side == "marketing":
        cells = {segment: f"{mqls:,}" for segment, mqls in agreement.required_mqls_by_segment.items()}
    else:
        cells = {
            segment: count(agreement.required_in(segment, side).sqls)
            for segment in agreement.segment_cells[side]
            if segment
        }
    listed = " · ".join(f"{segment} {owed}" for segment, owed in cells.items() if segment)
    return f"{'MQLs' if side == 'marketing' else 'SQLs'} owed: {listed}" if listed else "No plan per segment."


def segment_columns(side: str) -> dict[str, Any]:
    currency = state["agree.currency"]
    rates = {
        rate: st.column_config.NumberColumn(f"{DRIVER[rate]}, %", min_value=0.0, max_value=100.0, format="%.4g")
        for rate in RATES[side]
    }
    return {
        "segment": st.column_config.TextColumn("Segment"),
        "share": st.column_config.NumberColumn("Share, %", min_value=0.0, max_value=100.0, format="%.4g"),
        **rates,
        "deal_size": st.column_config.NumberColumn(f"Deal size, {currency}", min_value=0.0, format="localized"),
    }


def segment_field_chosen() -> None:
    """Start a plan per segment from what the files show."""
    chosen = state["agree.segments.field"]
    agreed = state["agree.last"]
    if chosen:
        segments = (
            agreed.segments
            if agreed.segments and agreed.segments.field == chosen
            else draft_segments(workspace().data, agreed, chosen)
        )
        drafted = agreed.model_copy(update={"segments": segments})
        show_segments(drafted)
