"""Review: why did we miss, or beat, the plan?"""

import streamlit as st

from alignment_core.charts import describe, waterfall, waterfall_rows
from alignment_core.data import OWNER
from alignment_core.errors import DataError
from alignment_core.export.workbook import write_workbook
from alignment_core.finding_sentences import finding_sentences
from alignment_core.findings import first_to_open, headline
from alignment_core.owner_labels import show_owners
from alignment_core.results import Amendment, Bar, Review
from alignment_core.review import review
from alignment_core.store import StoreError
from alignment_core.store.reviews import ClosedReview
from alignment_core.timing import timing
from alignment_core.vocabulary import AMENDMENT, BASES, METHODS
from alignment_core.why import why, with_why
from alignment_core.wording import (
    BASIS,
    DRIVER,
    METHOD,
    SOURCE,
    day,
    driver_value,
    money_short,
    note,
    signed_short,
)
from ui.closing import Shown, close_this, held_against, was_closed
from ui.keeping import closed_quarters, closed_review, hold_in_force
from ui.mql_choice import choose_mqls
from ui.review.amendment import look_into_amendment
from ui.review.bar import bar_name, look_into
from ui.review.evidence import evidence
from ui.review.records import carried_records_section, open_records_section
from ui.review.robustness import robustness_section
from ui.review.timing import timing_section
from ui.review.value import value_section
from ui.screen import answer, figure, page, palette, reasons, standing
from ui.session import Workspace, source_files, workspace
from ui.text import field_name, plain

#: Why a field to break down by changes no bar.
NOT_BROKEN_DOWN = ("no_segment_plan", "segment_not_at_start")


def main() -> None:
    hold_in_force()
    here = workspace()
    try:
        quarters = here.data.funnel(here.agreement).quarters
    except DataError as error:
        standing(here)
        reasons(error, "This quarter cannot be reviewed yet:")
        st.page_link(page("load"), label="Load other files")
        return
    room(here, quarters)


@st.fragment
def room(here: Workspace, quarters: tuple) -> None:
    """Everything that a choice on this page changes, so that it changes together."""
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = sorted({*quarters, *closed_quarters(here.agreement)})
        names = [str(quarter) for quarter in known]
        agreed = here.agreement.quarter
        chosen = st.selectbox(
            "Quarter",
            names[::-1],
            index=names[::-1].index(agreed) if agreed in names else 0,
            key="quarter",
            bind="query-params",
            width=150,
        )
        basis = st.selectbox("Count", BASES, format_func=BASIS.__getitem__, key="basis", bind="query-params", width=230)
        by = st.selectbox(
            "Break down by",
            ["whole company", *shown_fields(here)],
            format_func=field_name,
            key="by",
            bind="query-params",
            width=190,
        )
        mql = choose_mqls(here)
        method = st.selectbox(
            "Method", METHODS, format_func=METHOD.__getitem__, key="method", bind="query-params", width=160
        )
        ranges = st.toggle("Range over all orders", key="ranges", bind="query-params")
    quarter = here.agreement.fiscal_calendar.quarter(chosen)
    kept = None
    try:
        kept = closed_review(here.agreement.company, chosen)
    except StoreError as error:
        reasons(error, "The review that was closed cannot be opened, so this is computed from the files:")
    try:
        as_closed = kept if kept and was_closed(kept, is_loaded=quarter in quarters) else None
        if as_closed:
            shown = Shown(as_closed.review, as_closed.agreement, as_closed.files)
        else:
            held = held_against(here, quarter)
            result = review(
                here.data,
                held.agreement,
                quarter,
                signed=held.signed,
                basis=basis,
                method=method,
                by=None if by == "whole company" else by,
                mql=mql,
            )
            result = with_why(result, why(here.data, held.agreement, result))
            shown = Shown(result, held.agreement, source_files(here), held.signed)
    except DataError as error:
        with top:
            standing(here)
        reasons(error, "With these choices there is no answer:")
        return
    result = shown.result
    with top:
        first_seen(here, shown, as_closed)
        value_section(result)
    bars: dict[str, Bar | Amendment] = {f"{AMENDMENT}.{each.number}": each for each in result.amendments}
    bars |= {f"{bar.source}.{bar.driver}": bar for bar in result.bars}
    if not as_closed:
        for each in result.notes:
            if each.code in NOT_BROKEN_DOWN:
                st.caption(plain(f"The bars stay whole. {note(each)}"))
    bridge = st.container()
    opened = choose_bar(result, bars)
    with bridge:
        draw_bridge(result, ranges, opened)
        st.markdown("\n\n".join(plain(sentence) for sentence in finding_sentences(result)))
    chosen = bars[opened]
    if isinstance(chosen, Amendment):
        look_into_amendment(result, chosen)
    else:
        look_into(result, chosen, shown.agreement, None if as_closed else here.data)
    asked = {"as_of": result.as_of, "mql": mql}
    known = timing(here.data, shown.agreement, quarter, **asked) if result.not_decided and not as_closed else None
    timing_section(result, known)
    if not as_closed:
        open_records_section(here.data, shown.agreement, result)
        carried_records_section(here.data, shown.agreement, result)
    evidence(result)
    if not as_closed:
        robustness_section(here.data, shown.agreement, result)
        close_this(here, shown, kept)


def shown_fields(here: Workspace) -> list[str]:
    """The fields to break down by; owners where they are shown."""
    hidden = show_owners(here.agreement) == "hidden"
    return [field for field in here.data.segment_fields if field != OWNER or not hidden]


def choose_bar(result: Review, bars: dict[str, Bar | Amendment]) -> str:
    """Which bar is open: the headline's, until another is chosen that this review has too."""
    if st.session_state.get("bar", "") not in bars:
        st.session_state.pop("bar", None)
    cause, names = first_to_open(result), list(bars)
    first = names.index(f"{cause.source}.{cause.driver}") if cause else 0
    return st.selectbox(
        "Look into",
        names,
        index=first,
        format_func=lambda key: bar_name(result, bars[key]),
        key="bar",
        bind="query-params",
        width=380,
    )


def first_seen(here: Workspace, shown: Shown, kept: ClosedReview | None) -> None:
    """The sentence and the figures."""
    result = shown.result
    closed = [f"closed on {day(kept.at.date())}"] if kept else []
    said = headline(result)
    words, export = st.columns([9, 2], vertical_alignment="center")
    with words:
        standing(here, f"as of {day(result.as_of)}", *closed)
        answer(said.title, said.detail)
    with export:
        st.download_button(
            "Excel",
            data=lambda: write_workbook(result, shown.agreement, files=shown.files),
            file_name=f"review-{result.quarter}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
            width="stretch",
        )
        if here.is_sample:
            st.page_link(page("load"), label="Load your quarter")
    silent = [SOURCE[source] for source in result.silent]
    rows = [("Revenue", result.actual_revenue, result.plan_revenue)]
    rows += [
        (SOURCE[source], counts.revenue, result.plan[source].revenue if source in result.plan else 0.0)
        for source, counts in result.actual.items()
        if source != "unassigned"
    ]
    columns = st.columns(len(rows) + 1)
    for column, (name, actual, plan) in zip(columns, rows, strict=False):
        with column:
            if name in silent:  # what it brought is not known, so it is no miss
                against = f"nothing of it is in the files, {money_short(plan)} agreed"
                st.metric(
                    f"{name}, {result.currency}", "–", against, delta_color="gray", delta_arrow="off", border=True
                )
                continue
            figure(
                f"{name}, {result.currency}",
                money_short(actual),
                signed_short(actual - plan),
                actual - plan,
                money_short(plan),
            )
    volume = next((bar for bar in result.bars if bar.source not in result.silent), None)
    if volume and volume.plan is not None and volume.actual is not None:
        with columns[-1]:
            moved = volume.actual - volume.plan
            figure(
                DRIVER[volume.driver],
                driver_value(volume.driver, volume.actual),
                f"{moved:+,.0f}".replace("-", "−"),
                moved,
                driver_value(volume.driver, volume.plan),
            )


def draw_bridge(result: Review, ranges: bool, opened: str) -> None:
    """The waterfall; a click on a line opens it below."""
    plan = {source: counts.revenue for source, counts in result.plan.items()}
    actual = {source: counts.revenue for source, counts in result.actual.items()}
    rows = waterfall_rows(result.bars, plan, actual, amendments=result.amendments, not_decided=result.not_decided)
    st.vega_lite_chart(
        waterfall(rows, palette(), currency=result.currency, ranges=ranges, selected=opened),
        key="waterfall",
        on_select=open_bar,
        selection_mode="bar",
        alt=describe(
            result.bars,
            result.plan_revenue,
            result.actual_revenue,
            result.currency,
            amendments=result.amendments,
            not_decided=result.not_decided,
        ),
    )


def open_bar() -> None:
    """Carry a click on the waterfall over to the choice below it."""
    picked = st.session_state["waterfall"].selection.get("bar", [])
    if picked and picked[0].get("key"):
        st.session_state["bar"] = picked[0]["key"]


main()
