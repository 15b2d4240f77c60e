"""Agree: what do we owe each other?"""

from collections.abc import Callable
from typing import Any, get_args

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.agreement import WEEKDAYS, Agreement, AgreementError, Owners, Sourcing, Weeks
from alignment_core.lead_sources import lead_sources, listed_side, reassigned
from alignment_core.odds import odds
from alignment_core.promise import promise, share_of_target
from alignment_core.quarters import Calendar, Quarter
from alignment_core.results import Counts
from alignment_core.segment_plans import draft_segments
from alignment_core.vocabulary import Source
from alignment_core.wording import DRIVER, MEANING, OWNER, SOURCE, count, money_short, percent, period
from ui.agreement_form import RATES, SIDES, ZONES, changed, fields, months, read_form, segment_frame
from ui.plan_proposal import OPENED, opened
from ui.screen import answer, standing
from ui.session import use_agreement, workspace
from ui.text import field_name, plain

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
RULE = {
    "lead_source": "the lead's source",
    "deal_source": "the deal's own source",
    "first_touch": "the first touch",
    "last_touch": "the last touch before the deal",
}
#: Whose demand a lead source is, as the table has it.
LISTED: dict[str, Source] = {"Marketing": "marketing", "Sales": "sales", "Neither": "unassigned"}
COUNTED: dict[Source, str] = {"unassigned": "nobody's (unassigned)", "marketing": "marketing's", "sales": "sales'"}
#: An agreement is a few hundred lines.
LARGEST_FILE = 2**20


def main() -> None:
    here = workspace()
    if state.get("agree.workspace") is not here:
        fill(here.agreement)
        state["agree.workspace"] = here
    elif "agree.company" not in state:
        proposed = state["agree.proposal"]
        fill(state["agree.last"])  # Streamlit forgets the fields of a page that was left
        state["agree.proposal"] = proposed
    if OPENED in state:
        proposal, file = state.pop(OPENED)
        fill(proposal.agreement)
        state["agree.proposal"] = proposal, file
    room()


def fill(agreement: Agreement) -> None:
    """Show an agreement in the form."""
    for name, value in fields(agreement).items():
        state[f"agree.{name}"] = value
    state["agree.base"] = state["agree.last"] = agreement
    # A table keeps its edits under its key: a new key is a table without edits.
    state["agree.sources_revision"] = state.get("agree.sources_revision", 0) + 1
    state["agree.sources"] = lead_sources(workspace().data.engine)
    show_segments(agreement)
    state["agree.file_faults"] = ()
    state["agree.proposal"] = None


def show_segments(agreement: Agreement) -> None:
    """Show an agreement's plans per segment in the form."""
    state["agree.segments_revision"] = state.get("agree.segments_revision", 0) + 1
    state["agree.segments"] = {side: segment_frame(agreement, side) for side in SIDES}


@st.fragment
def room() -> None:
    """The form and what follows from it, redrawn together."""
    top = st.container()
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
            "Sourced by marketing",
            st.slider,
            min_value=0.0,
            max_value=100.0,
            step=1.0,
            format="%.4g%%",
            width=420,
        )
    boxes = {}
    for column, side in zip(st.columns(2, gap="medium"), SIDES, strict=True):
        with column, st.container(border=True, height="stretch"):
            boxes[side] = chain(side)
    with st.expander(
        f"Company and calendar: {plain(state['agree.company'])}, {quarter_name(state['agree.quarter'], fiscal_calendar())}"
    ):
        calendar()
    with st.expander("Who answers for which driver"):
        owners()
    sourcing = whose_demand()
    segments, owed = plans_per_segment()
    try:
        agreement = read_form(
            {name: state[f"agree.{name}"] for name in fields(state["agree.base"])},
            state["agree.base"],
            sourcing,
            segments,
        )
    except AgreementError as error:
        agreement, faults = None, error.faults
    else:
        state["agree.last"], faults = agreement, ()
    for show in boxes.values():
        show(agreement)
    for side, place in owed.items():
        place.caption(plain(owed_by_segment(agreement, side)))
    with top:
        first_seen(agreement, faults)


def field(name: str, label: str, widget: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    """One field of the form; its value is in the session's state."""
    widget(label, *arguments, key=f"agree.{name}", **options)


def first_seen(agreement: Agreement | None, faults: tuple[str, ...]) -> None:
    """The promise in a sentence, and whether it is in use."""
    here = workspace()
    differs = changed(agreement, here.agreement) if agreement else ()
    standing(here)
    if agreement:
        said = promise(agreement)
        answer(said.title, said.detail)
    else:
        answer("This cannot be agreed yet.", faults[0] if len(faults) == 1 else "")
        if len(faults) > 1:
            st.markdown("\n".join(f"- {plain(fault)}" for fault in faults))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Use this agreement", type="primary", key="agree.use", on_click=use, args=(agreement,),
            disabled=agreement is None or not (differs or here.is_draft),
        )  # fmt: skip
        st.button(
            "Back to what was agreed",
            key="agree.back",
            on_click=fill,
            args=(here.agreement,),
            disabled=not (differs or faults),
        )
        with st.popover("As a file"):
            files(agreement)
        st.caption(plain(firmness(differs, bool(faults), here.is_draft)))
    if state["agree.proposal"]:
        opened(*state["agree.proposal"])
    if state["agree.file_faults"]:
        st.warning(
            "The file cannot be used:\n" + "\n".join(f"- {plain(fault)}" for fault in state["agree.file_faults"])
        )


def firmness(differs: tuple[str, ...], faulty: bool, draft: bool) -> str:
    """Whether what is on the screen is in use."""
    if faulty:
        return "Not used yet: the review runs on what was agreed before."
    if differs:
        more = f" and {len(differs) - 3} more" if len(differs) > 3 else ""
        return f"Not used yet. Changed: {', '.join(differs[:3])}{more}."
    return "A draft: nobody has agreed it yet." if draft else "In use: the review runs on this agreement."


def use(agreement: Agreement) -> None:
    use_agreement(agreement)
    fill(agreement)
    state["agree.workspace"] = workspace()


def chain(side: str) -> Callable[[Agreement | None], None]:
    """One side's fields, from the deal size back to the first stage. Returns what draws the figures beside them."""
    heading = st.empty()
    places = {}
    steps = {"deal_size": "wins", "close_rate": "opportunities", "sql_to_opportunity": "sqls", "mql_to_sql": "mqls"}
    for name in ("deal_size", *RATES[side]):
        left, right = st.columns([3, 2], vertical_alignment="top")
        places[steps[name]] = right.empty()
        with left:
            if name == "deal_size":
                field(
                    f"{side}.{name}",
                    f"Deal size, {plain(state['agree.currency'])}",
                    st.number_input,
                    min_value=0.0,
                    step=1_000.0,
                    format="%g",
                    help=hint(name),
                )
            else:
                field(
                    f"{side}.{name}",
                    f"{DRIVER[name]}, %",
                    st.number_input,
                    min_value=0.0,
                    max_value=100.0,
                    step=1.0,
                    format="%.4g",
                    help=hint(name),
                )
    foot = st.empty()

    def show(agreement: Agreement | None) -> None:
        counts = agreement.required.get(side, Counts()) if agreement else Counts()
        share = getattr(agreement.split, side) if agreement else None
        amount = (
            f": {share_of_target(share)} the target, {agreement.currency} {money_short(counts.revenue)}"
            if agreement
            else ""
        )
        heading.markdown(f"**{SOURCE[side]}**{plain(amount)}")
        for stage, place in places.items():
            value = getattr(counts, stage)
            label = {"wins": "Wins", "opportunities": "Opportunities", "sqls": "SQLs", "mqls": "MQLs"}[stage]
            owed = stage == ("mqls" if side == "marketing" else "sqls")
            if stage == "mqls" and agreement and value is not None:
                value = agreement.required_mqls
            place.metric(f"**{label} owed**" if owed else label, count(value))
        foot.caption(plain(certainty(agreement) if side == "marketing" else "Sales-sourced demand begins at the SQL."))

    return show


def hint(driver: str) -> str:
    return MEANING[driver][0].upper() + MEANING[driver][1:] + "."


def certainty(agreement: Agreement | None) -> str:
    """The MQLs that make the target likelier."""
    found = odds(agreement) if agreement else None
    if found is None:
        return "–"
    return "MQLs for better odds: " + " · ".join(
        f"{mqls:,} for {percent(chance)}" for chance, mqls in found.mqls_for.items()
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


def files(agreement: Agreement | None) -> None:
    """The agreement as a file, in and out."""
    st.download_button(
        "Download (TOML)", data=agreement.to_toml() if agreement else "", file_name=f"agreement-{state['agree.quarter']}.toml",
        mime="application/toml", on_click="ignore", disabled=agreement is None, icon=":material/download:", width="stretch",
    )  # fmt: skip
    st.file_uploader(
        "Upload an agreement (TOML)", type="toml", key="agree.file", max_upload_size=1, on_change=take_file
    )


def take_file() -> None:
    """Show an uploaded agreement in the form, or say all that is wrong with it."""
    file = state["agree.file"]
    if file is None:
        state["agree.file_faults"] = ()
    elif file.size > LARGEST_FILE:
        state["agree.file_faults"] = ("it is larger than 1 MB; an agreement is a few hundred lines",)
    else:
        try:
            fill(Agreement.from_bytes(file.getvalue()))
        except AgreementError as error:
            state["agree.file_faults"] = error.faults


main()
