"""Company and calendar, and who answers for which driver."""

from typing import get_args

import streamlit as st

from alignment_core.agreement import WEEKDAYS, Owners, Weeks
from alignment_core.quarters import Calendar, Quarter
from alignment_core.wording import DRIVER, OWNER, period
from ui.agree.form import field, hint
from ui.agreement_form import ZONES, months

state = st.session_state

YEAR_ENDS = {"last": "last one in a month", "nearest": "one nearest a month's end"}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def fiscal_calendar() -> Calendar:
    """Where the quarters lie by what the form says."""
    weeks = state["agree.calendar.weeks"]
    said = Weeks(**{name: state[f"agree.calendar.{name}"] for name in Weeks.model_fields}) if weeks else None
    return Calendar(state["agree.timezone"], state["agree.fiscal_year_start_month"], said.bounds if said else None)


def quarter_name(name: str, fiscal: Calendar) -> str:
    """A quarter and its months or days."""
    quarter = fiscal.quarter(name)
    return f"{period(quarter)}, {months(quarter)}"


def calendar() -> None:
    agreed = Quarter.parse(state["agree.base"].quarter).ordinal
    quarters = [str(Quarter.from_ordinal(agreed + step)) for step in range(-8, 9)]
    zones = sorted({*ZONES, state["agree.timezone"]})
    with st.container(horizontal=True):
        field("company", "Company", st.text_input, max_chars=200, width=280)
        fiscal = fiscal_calendar()
        named = {name: quarter_name(name, fiscal) for name in quarters}
        field("quarter", "Quarter", st.selectbox, quarters, format_func=lambda name: named.get(name, name), width=320)
        field(
            "currency",
            "Currency",
            st.text_input,
            max_chars=3,
            width=110,
            help="The three letters of its code, such as USD.",
        )
        field("timezone", "Time zone", st.selectbox, zones, width=220, help="Where a quarter begins and ends.")
    with st.container(horizontal=True):
        field(
            "calendar.weeks",
            "Quarters are of",
            st.selectbox,
            (None, *get_args(Weeks.model_fields["weeks"].annotation)),
            format_func=lambda weeks: f"13 weeks, {weeks}" if weeks else "calendar months",
            placeholder="calendar months",
            width=200,
            help="Whole weeks, so that each quarter has as many Saturdays as the same one last year. "
            "4-4-5, 4-5-4 and 5-4-4 differ in their months only; the quarters are the same.",
        )
        if state["agree.calendar.weeks"] is None:
            field(
                "fiscal_year_start_month",
                "Fiscal year starts in",
                st.selectbox,
                range(1, 13),
                format_func=lambda month: MONTHS[month - 1],
                width=180,
                persist_state="page",
            )
            return
        field("calendar.year_ends", "The year ends on the", st.selectbox, tuple(YEAR_ENDS), format_func=YEAR_ENDS.__getitem__, width=180, persist_state="page")  # fmt: skip
        field("calendar.weekday", "Weekday", st.selectbox, WEEKDAYS, width=150, persist_state="page")
        field("calendar.month", "End of", st.selectbox, range(1, 13), format_func=lambda month: MONTHS[month - 1], width=150, persist_state="page")  # fmt: skip
        field("calendar.named_by", "A year is named by where it", st.selectbox, ("end", "start"), format_func={"end": "ends", "start": "begins"}.__getitem__, width=200, persist_state="page")  # fmt: skip


def owners() -> None:
    with st.container(horizontal=True):
        for driver in Owners.model_fields:
            field(
                f"owners.{driver}",
                DRIVER[driver],
                st.selectbox,
                ("marketing", "sales", "shared"),
                format_func=OWNER.__getitem__,
                width=180,
                help=hint(driver),
            )
