"""The first part of the sales side's promise: the follow-up rules and the business calendar."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.follow_up import FollowUp, Within
from alignment_core.follow_up_words import calendar_sentence, due_sentence, holiday_name, promise_sentences
from alignment_core.vocabulary import WEEKDAYS
from ui.agree.follow_up_form import (
    ALL,
    OFFERED,
    choices,
    day_frame,
    fields,
    holiday_options,
    place_frame,
    read,
    reason_frame,
    rule_frame,
    values_of,
)
from ui.agreement_form import ZONES
from ui.text import field_name, plain

if TYPE_CHECKING:
    from ui.agree.sales_promise import Form

state = st.session_state
_KEY = "agree.sales_promise"
SHOWN_OWNERS = {"number": "a number (Rep 3)", "initials": "initials", "name": "name", "hidden": "not at all"}
HALF_HOURS = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in range(0, 24 * 60 + 1, 30)]


def fill_follow_up(form: "Form") -> None:
    """Show a promise in the fields and tables."""
    promise = form.base[0]
    for name, value in fields(promise).items():
        state[f"{_KEY}.{name}"] = value
    form.tables |= {"rules": rule_frame(promise), "reasons": reason_frame(promise), "places": place_frame(promise), "days_off": day_frame(promise)}  # fmt: skip


def draw_follow_up(agreement: Agreement, form: "Form") -> tuple[FollowUp | None, tuple[str, ...]]:
    """Draw the part; returns the promise, and every reason why there can be none."""
    st.markdown("**Follow-up: what sales owes each MQL**")
    said = st.container()
    st.toggle("Sales promises a follow-up", key=f"{_KEY}.promised")
    if not state[f"{_KEY}.promised"]:
        said.caption("Nothing is promised yet: the review cannot say whether leads were followed up as agreed.")
        _keep()
        return None, ()
    with st.expander("Follow-up rules"):
        rules, reasons = _rules(form)
    with st.expander("Business calendar: when business hours and days pass"):
        places, days_off = _calendar(agreement, form)
    filled = {name: state[f"{_KEY}.{name}"] for name in fields(None)}
    promise, faults = read(filled, rules, reasons, places, days_off, form.base[0])
    with said:
        if faults:
            st.warning("This cannot be promised yet:\n" + "\n".join(f"- {plain(fault)}" for fault in faults))
        elif promise:
            _preview(promise, agreement)
    return promise, faults


def _keep() -> None:
    """What is not drawn is forgotten by Streamlit, unless it is set again."""
    for name in fields(None):
        if name != "promised":
            state[f"{_KEY}.{name}"] = state[f"{_KEY}.{name}"]


def _preview(promise: FollowUp, agreement: Agreement) -> None:
    """The promise in sentences, and what the calendar means for one lead."""
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in promise_sentences(promise)))
    hours = promise.calendar
    st.caption(f"Business calendar: {plain(calendar_sentence(hours, agreement.timezone))}")
    for name in (*promise.rules, None):
        if within := promise.rule_for(name).first_touch:
            st.caption(plain(f"For example{f' ({name})' if name else ''}: {example(within, promise, agreement)}."))
            break
    if promise.unread:
        listed = ", ".join(map(repr, promise.unread))
        st.caption(plain(f"Kept in the file, and counted for nothing by this version: {listed}."))


def example(within: Within, promise: FollowUp, agreement: Agreement) -> str:
    """What a time means for a lead that comes in half an hour after closing on the quarter's first Friday."""
    hours = promise.calendar
    working = hours.time(agreement.timezone).default
    friday = agreement.fiscal_quarter.start
    friday += timedelta(days=(4 - friday.weekday()) % 7)
    closing = min(working.closes + 30, 23 * 60 + 30)
    arrives = datetime.combine(friday, time()) + timedelta(minutes=closing)
    at = pd.Timestamp(arrives).tz_localize(working.timezone, ambiguous=True, nonexistent="shift_forward")
    return due_sentence(within, working, at)


def _rules(form: "Form") -> tuple[pd.DataFrame, pd.DataFrame]:
    offered = choices([*form.data.segment_fields, "lead_type"], state[f"{_KEY}.field"])
    st.selectbox("Rules differ by", offered, key=f"{_KEY}.field", format_func=field_name, width=260)
    named = [name for name in form.tables["rules"]["Leads"] if name != ALL]
    kinds = choices([ALL, *values_of(form.data, state[f"{_KEY}.field"])], *named)
    promise = form.base[0]
    times = [str(rule[name]) for rule in [*form.tables["rules"].to_dict("records")] for name in ("First touch within", "Attempts within") if not pd.isna(rule[name])]  # fmt: skip
    spans = choices(OFFERED, *times)
    st.caption(
        "A blank cell is as for all other leads. Personal: the share of leads whose first message is written to them."
    )
    rules = _table(
        form,
        "rules",
        {
            "Leads": st.column_config.SelectboxColumn(options=kinds, required=True, width=160),
            "First touch within": st.column_config.SelectboxColumn(options=spans, width=155),
            "Attempts": st.column_config.NumberColumn(min_value=1, max_value=1000, step=1, width=105),
            "Attempts within": st.column_config.SelectboxColumn(options=spans, width=155),
            "Personal, %": st.column_config.NumberColumn(min_value=0.0, max_value=100.0, format="%.4g", width=120),
        },
        "Follow-up rules: the first touch, attempts and personal share of each kind of lead",
    )
    back = promise.reject.within if promise and promise.reject else None
    st.selectbox(
        "Sales may hand a lead back within",
        ["", *choices(OFFERED, str(back) if back else None)],
        key=f"{_KEY}.reject",
        format_func=lambda span: span or "not agreed",
        width=260,
    )
    st.selectbox(
        "Owners are shown by",
        SHOWN_OWNERS,
        key=f"{_KEY}.show_owners",
        format_func=SHOWN_OWNERS.__getitem__,
        width=260,
        help="On the page Follow-up and in its lists. A number stays with the same person.",
    )
    reasons = form.tables["reasons"]
    if state[f"{_KEY}.reject"]:
        reasons = _table(
            form,
            "reasons",
            {
                "Code": st.column_config.TextColumn(width=170, required=True),
                "What it means": st.column_config.TextColumn(width=420),
            },
            "The reasons for which a lead may be handed back",
        )
    return rules, reasons


def _calendar(agreement: Agreement, form: "Form") -> tuple[pd.DataFrame, pd.DataFrame]:
    st.pills("Working days", WEEKDAYS, selection_mode="multi", key=f"{_KEY}.days", format_func=lambda day: day[:3])
    with st.container(horizontal=True):
        for name, label in (("opens", "Opens"), ("closes", "Closes")):
            offered = sorted(choices(HALF_HOURS, state[f"{_KEY}.{name}"]))
            st.selectbox(label, offered, key=f"{_KEY}.{name}", width=120)
        st.selectbox(
            "Whose clock",
            ["", *choices(ZONES, state[f"{_KEY}.timezone"])],
            key=f"{_KEY}.timezone",
            format_func=lambda zone: zone or f"the agreement's ({agreement.timezone})",
            width=280,
        )
    chosen = state[f"{_KEY}.holidays"]
    st.multiselect(
        "Public holidays of",
        holiday_options(chosen),
        key=f"{_KEY}.holidays",
        format_func=holiday_name,
        placeholder="no country: public holidays are working days",
        help="Choose a country, and its states appear below it.",
    )
    days_off = _table(
        form,
        "days_off",
        {"Day off": st.column_config.DateColumn("Further days off", format="YYYY-MM-DD", width=200)},
        "Further days off",
    )
    places = form.tables["places"]
    offered = choices(form.data.segment_fields, state[f"{_KEY}.place_field"])
    st.selectbox(
        "Clock and holidays differ by",
        ["", *offered],
        key=f"{_KEY}.place_field",
        format_func=lambda name: field_name(name or "nothing: one calendar for all"),
        width=280,
    )
    if state[f"{_KEY}.place_field"]:
        of_place = [each for found in places["Holidays"] if found for each in found]
        codes = holiday_options([*chosen, *of_place])
        st.caption("A blank cell is as for all. Whose clock: where the lead is worked.")
        places = _table(
            form,
            "places",
            {
                "Place": st.column_config.SelectboxColumn(
                    options=choices(values_of(form.data, state[f"{_KEY}.place_field"]), *places["Place"]),
                    required=True,
                    width=180,
                ),
                "Time zone": st.column_config.SelectboxColumn(
                    options=choices(ZONES, *places["Time zone"].dropna()), width=200
                ),
                "Holidays": st.column_config.MultiselectColumn(options=codes, format_func=holiday_name, width=300),
            },
            "The clock and the public holidays of each place",
        )
    return places, days_off


def _table(form: "Form", name: str, columns: dict[str, Any], alt: str) -> pd.DataFrame:
    return st.data_editor(
        form.tables[name],
        key=f"{_KEY}.{name}.{form.revision}",
        num_rows="dynamic",
        hide_index=True,
        column_config=columns,
        placeholder="",
        width="content",
        alt=alt,
    )
