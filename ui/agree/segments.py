"""Plans per region, product, lead type or another field, and what really ran in each segment."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.agreement import Agreement
from alignment_core.assumptions import Outside
from alignment_core.segment_plans import draft_segments, enough, plan_fields
from alignment_core.solve_parts import segment_gives_way, solve_segment
from alignment_core.track_record import Evidence, TrackRecord, track_record
from alignment_core.vocabulary import RATE_DRIVER, RATE_DRIVERS
from alignment_core.wording import DRIVER, SOURCE, STAGE, count, driver_value, in_sentence
from ui.agree.form import field, show_segments
from ui.agree.solving import follows, solved_for, what_gave_way
from ui.agreement_form import RATES, SIDES
from ui.screen import show_table
from ui.session import workspace
from ui.text import field_name, plain

state = st.session_state

#: How many warnings are said in full for a side; the table marks all.
SAID = 3
#: More segments than this are typed in one by one, and a longer name is shortened on its field.
FIELDS, LONG = 12, 18
_ENTERED = {driver: before for (before, _), driver in RATE_DRIVER.items()} | {"deal_size": "wins"}


def plans_per_segment() -> tuple[dict[str, pd.DataFrame], dict[str, DeltaGenerator]]:
    """Each side's plan by region, product or another field of the files, and the place for what follows from it."""
    # What was agreed already stays to be seen: a plan by owner names them in the agreement itself.
    agreed = state["agree.base"].segments
    known = dict.fromkeys([*plan_fields(workspace().data, state["agree.last"]), *([agreed.field] if agreed else [])])
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


def owed_by_segment(agreement: Agreement | None, side: str) -> None:
    """What a side owes in each segment, each to be typed: then the segment's share gives way, or what is chosen."""
    shown = agreement or state["agree.last"]
    segments = [segment for segment in shown.segment_cells.get(side, {}) if segment]
    if not segments:
        st.caption("No plan per segment.")
        return
    owed = "MQLs" if side == "marketing" else "SQLs"
    if len(segments) > FIELDS:
        st.caption(plain(f"{owed} owed: {' · '.join(f'{each} {_owed(shown, side, each):,g}' for each in segments)}"))
        chosen = st.selectbox(
            f"{owed} owed in", segments, format_func=plain, key=f"agree.segments.{side}.typed", width=330
        )
        segments = [chosen]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for segment in segments:
            name = segment if len(segment) <= LONG else f"{segment[: LONG - 1].rstrip()}…"
            follows(
                f"agree.{side}.owed_in.{segment}", f"{owed}, {plain(name)}",
                _owed(agreement, side, segment) if agreement else None, typed_in_segment, side, segment,
                disabled=agreement is None, width=190,
            )  # fmt: skip
        st.selectbox(
            "When one is typed, this changes", segment_gives_way(side), format_func=lambda name: _gives_way(name),
            key=f"agree.segments.{side}.gives_way", width=290, persist_state="session",
        )  # fmt: skip
    what_gave_way(f"segments.{side}")


def _owed(agreement: Agreement, side: str, segment: str) -> float:
    """What a side owes in a segment: whole MQLs, or SQLs to a tenth."""
    if side == "marketing":
        return float(agreement.required_mqls_by_segment[segment])
    return round(agreement.required_in(segment, side).sqls, 1)


def _gives_way(name: str) -> str:
    return "its share; the others in proportion" if name == "share" else f"its own {in_sentence(DRIVER[name])}"


def typed_in_segment(side: str, segment: str) -> None:
    """Somebody typed what a side is to owe in a segment."""
    gives_way = state[f"agree.segments.{side}.gives_way"]
    solved_for(
        f"segments.{side}",
        f"agree.{side}.owed_in.{segment}",
        lambda wanted: solve_segment(state["agree.last"], side, segment, wanted, gives_way),
    )


def ran_by_segment() -> TrackRecord:
    """What really ran in each segment of the chosen field; nothing where owners are hidden, or it cannot be counted."""
    by, data, agreement = state["agree.segments.field"], workspace().data, state["agree.last"]
    if by not in plan_fields(data, agreement):
        return TrackRecord((), "period", by, (), {})
    asked = (agreement.fiscal_quarter, agreement.fiscal_calendar, agreement.sourcing, agreement.currency, by)
    return data.kept(("track record by", *asked), lambda: track_record(data, agreement, by=by))


def follows_by_segment(
    side: str, agreement: Agreement | None, planned: pd.DataFrame, record: TrackRecord, outside: Sequence[Outside]
) -> None:
    """What a side's segments owe, which of their rates never ran, and what ran.

    `planned` is the side's table as it was edited; `outside` is what lies outside the record, the furthest first.
    """
    owed_by_segment(agreement, side)
    own = [each for each in outside if each.evidence.source == side]
    for each in own[:SAID]:
        st.markdown(f":orange[{arrow(each)}] {plain(f'{each.title}: {each.sentence} {each.consequence}')}")
    ran = ran_frame(side, planned, record, own)
    if ran.empty:
        if not planned.empty:
            st.caption("No earlier quarter is shown by this field to compare with.")
        return
    marks = " ▲ agreed above anything seen, ▼ below." if own else ""
    first, last = record.quarters[0], record.quarters[-1]
    st.caption(f"What ran by quarter, {plain(first)} to {plain(last)}; a dash where too few records tell.{marks}")
    show_table(ran, alt=f"{SOURCE[side]}: what ran by segment")


def ran_frame(side: str, planned: pd.DataFrame, record: TrackRecord, outside: Sequence[Outside]) -> pd.DataFrame:
    """What ran in each planned segment: a row a segment, a column a rate, from the win back, and the deal size."""
    known = dict.fromkeys(each.driver for each in record.evidence if each.source == side)
    drivers = [each for each in reversed(known) if each in RATE_DRIVERS]
    drivers += [each for each in known if each == "deal_size"]
    marked = {(each.evidence.driver, each.evidence.segment): f"{arrow(each)} " for each in outside}
    segments = dict.fromkeys(str(name).strip() for name in planned["segment"].dropna()) if drivers else {}
    rows = [
        {"Segment": segment}
        | {
            DRIVER[driver]: marked.get((driver, segment), "") + ran_in_words(record.of(side, driver, segment))
            for driver in drivers
        }
        for segment in segments
        if segment
    ]
    return pd.DataFrame(rows)


def arrow(outside: Outside) -> str:
    """Whether what is agreed lies above or below what ran."""
    return "▲" if outside.above else "▼"


def ran_in_words(evidence: Evidence | None) -> str:
    """The range over the quarters and of how many records: `52–62% (210 MQLs)`.

    Where only all quarters together have enough, their value: `29k over 14 wins`. A dash where they have not.
    """
    if evidence is None:
        return "–"
    counted = f"{count(evidence.of)} {in_sentence(STAGE[_ENTERED[evidence.driver]])}"
    if evidence.low is not None and evidence.high is not None:
        low, high = (driver_value(evidence.driver, value) for value in (evidence.low, evidence.high))
        unit = high[-1] if high[-1] == low[-1] and not high[-1].isdigit() else ""
        return f"{high if low == high else f'{low.removesuffix(unit)}–{high}'} ({counted})"
    if enough(evidence):
        joined = "of" if evidence.driver in RATE_DRIVERS else "over"
        return f"{driver_value(evidence.driver, evidence.pooled)} {joined} {counted}"
    return f"– (too few: {count(evidence.of)})"


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
            else draft_segments(workspace().data, agreed, chosen, ran_by_segment().evidence)
        )
        drafted = agreed.model_copy(update={"segments": segments})
        show_segments(drafted)
