"""Review: why did we miss, or beat, the plan?"""

import pandas as pd
import streamlit as st

from alignment_core.amendment_words import amended_to, amendment_name, explain_amendment
from alignment_core.charts import breakdown, describe, funnel_chart, waterfall, waterfall_rows
from alignment_core.errors import DataError
from alignment_core.export.workbook import write_workbook
from alignment_core.findings import explain, headline, largest_cause
from alignment_core.results import Amendment, Bar, Review
from alignment_core.review import review
from alignment_core.store import StoreError
from alignment_core.store.reviews import ClosedReview
from alignment_core.verdict_words import verdict_word
from alignment_core.vocabulary import AMENDMENT, BASES, METHODS, MQL_BY, MqlBy
from alignment_core.wording import (
    BASIS,
    DRIVER,
    MEANING,
    METHOD,
    METHOD_MEANING,
    MQL_SAID_BY,
    OWNER,
    SOURCE,
    change,
    day,
    driver_value,
    money_short,
    note,
    signed,
    signed_short,
)  # fmt: skip
from ui.closing import Shown, close_this, held_against, was_closed
from ui.keeping import closed_quarters, closed_review, hold_in_force
from ui.screen import answer, figure, page, palette, reasons, standing
from ui.session import Workspace, source_files, workspace
from ui.text import field_name, plain


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
            ["whole company", *here.data.segment_fields],
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
            shown = Shown(result, held.agreement, source_files(here), held.signed)
    except DataError as error:
        with top:
            standing(here)
        reasons(error, "With these choices there is no answer:")
        return
    result = shown.result
    with top:
        first_seen(here, shown, as_closed)
    bars: dict[str, Bar | Amendment] = {f"{AMENDMENT}.{each.number}": each for each in result.amendments}
    bars |= {f"{bar.source}.{bar.driver}": bar for bar in result.bars}
    cause = largest_cause(result.bars, result.variance)
    if st.session_state.get("bar") not in bars:
        st.session_state["bar"] = f"{cause.source}.{cause.driver}" if cause else next(iter(bars))
    draw_bridge(result, ranges)
    st.selectbox("Look into", list(bars), format_func=lambda key: bar_name(result, bars[key]), key="bar", width=380)
    chosen = bars[st.session_state["bar"]]
    if isinstance(chosen, Amendment):
        look_into_amendment(result, chosen)
    else:
        look_into(result, chosen)
    evidence(result)
    if not as_closed:
        close_this(here, shown, kept)


def choose_mqls(here: Workspace) -> MqlBy:
    """Whose MQLs are counted; a choice only where the agreement has a definition that leads can be held against."""
    definition = here.agreement.mql
    if definition is None or definition.is_empty or "leads" not in here.data.engine:
        return "crm"
    return st.selectbox("MQLs", MQL_BY, format_func=MQL_SAID_BY.__getitem__, key="mql", bind="query-params", width=190)


def first_seen(here: Workspace, shown: Shown, kept: ClosedReview | None) -> None:
    """The sentence and the figures."""
    result = shown.result
    closed = [f"closed on {day(kept.at.date())}"] if kept else []
    said = headline(result)
    words, export = st.columns([5, 1], vertical_alignment="center")
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
    rows = [("Revenue", result.actual_revenue, result.plan_revenue)]
    rows += [
        (SOURCE[source], counts.revenue, result.plan[source].revenue if source in result.plan else 0.0)
        for source, counts in result.actual.items()
        if source != "unassigned"
    ]
    columns = st.columns(len(rows) + 1)
    for column, (name, actual, plan) in zip(columns, rows, strict=False):
        with column:
            figure(
                f"{name}, {result.currency}",
                money_short(actual),
                signed_short(actual - plan),
                actual - plan,
                money_short(plan),
            )
    volume = result.bars[0]
    if volume.plan is not None and volume.actual is not None:
        with columns[-1]:
            moved = volume.actual - volume.plan
            figure(
                DRIVER[volume.driver],
                driver_value(volume.driver, volume.actual),
                f"{moved:+,.0f}".replace("-", "−"),
                moved,
                driver_value(volume.driver, volume.plan),
            )


def draw_bridge(result: Review, ranges: bool) -> None:
    """The waterfall; a click on a line opens it below."""
    plan = {source: counts.revenue for source, counts in result.plan.items()}
    actual = {source: counts.revenue for source, counts in result.actual.items()}
    rows = waterfall_rows(result.bars, plan, actual, amendments=result.amendments)
    st.vega_lite_chart(
        waterfall(rows, palette(), currency=result.currency, ranges=ranges, selected=st.session_state["bar"]),
        key="waterfall",
        on_select=open_bar,
        selection_mode="bar",
        alt=describe(
            result.bars,
            result.plan_revenue,
            result.actual_revenue,
            result.currency,
            amendments=result.amendments,
        ),
    )


def open_bar() -> None:
    """Carry a click on the waterfall over to the choice below it."""
    picked = st.session_state["waterfall"].selection.get("bar", [])
    if picked and picked[0].get("key"):
        st.session_state["bar"] = picked[0]["key"]


def bar_name(result: Review, bar: Bar | Amendment) -> str:
    if isinstance(bar, Amendment):
        return f"{amendment_name(bar, len(result.amendments))} ({signed_short(bar.effect)})"
    if bar.driver == "unassigned":
        return f"Unassigned ({signed_short(bar.effect)})"
    return f"{SOURCE[bar.source]} · {DRIVER[bar.driver]} ({signed_short(bar.effect)})"


def look_into_amendment(result: Review, amendment: Amendment) -> None:
    """One amendment: what both sides owed before and after it, when and why they signed it, and each term it changed."""
    with st.container(border=True):
        for column, (label, value) in zip(
            st.columns(4),
            [
                (f"Owed before, {result.currency}", money_short(amendment.revenue_before)),
                (f"Owed after, {result.currency}", money_short(amendment.revenue_after)),
                (f"Effect on the plan, {result.currency}", signed(amendment.effect)),
                ("Owner", OWNER["shared"]),
            ],
            strict=True,
        ):
            column.metric(label, value)
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in explain_amendment(result, amendment)))
        segments = dict.fromkeys([*amendment.segments_before, *amendment.segments_after])
        if segments:
            before, after = (
                [side.get(segment, 0.0) for segment in segments]
                for side in (amendment.segments_before, amendment.segments_after)
            )
            owed = {
                field_name(result.by or "").capitalize(): list(segments),
                f"Owed before, {result.currency}": before,
                f"Owed after, {result.currency}": after,
                f"Effect, {result.currency}": [round(now - then, 2) for then, now in zip(before, after, strict=True)],
            }
            st.dataframe(pd.DataFrame(owed), hide_index=True, width="stretch")


def look_into(result: Review, bar: Bar) -> None:
    """One bar: what was agreed, what it was, whose it is, how it was computed, and where it comes from."""
    with st.container(border=True):
        for column, (label, value) in zip(
            st.columns(4),
            [
                ("Agreed", driver_value(bar.driver, bar.plan, finer=True)),
                ("Actual", driver_value(bar.driver, bar.actual, finer=True)),
                (f"Effect on revenue, {result.currency}", signed(bar.effect)),
                ("Owner", OWNER[bar.owner]),
            ],
            strict=True,
        ):
            column.metric(label, value)
        st.markdown(plain(explain(result, bar)))
        st.caption(plain(f"{DRIVER[bar.driver]}: {MEANING[bar.driver]}."))
        parts = [part for part in result.segment_bars if (part.source, part.driver) == (bar.source, bar.driver)]
        if parts:
            parts.sort(key=lambda part: abs(part.effect), reverse=True)
            st.altair_chart(
                breakdown(parts[:12], palette(), currency=result.currency, field=field_name(result.by or "")),
                alt=f"{DRIVER[bar.driver]} by {field_name(result.by or '')}: "
                + "; ".join(f"{part.segment} {signed(part.effect)}" for part in parts[:12]),
            )
            if len(parts) > 12:
                st.caption(f"The 12 largest of {len(parts)}; all are in the table below.")


def evidence(result: Review) -> None:
    """What stands behind the answer."""
    if result.notes:
        st.info("\n".join(f"- {plain(note(said))}" for said in result.notes))
    st.subheader("The funnel, actual against plan", anchor=False)
    sides = [source for source in ("marketing", "sales") if source in result.actual]
    for column, source in zip(st.columns(max(2, len(sides))), sides, strict=False):
        with column:
            chart, words = funnel_chart(result.plan.get(source), result.actual[source], source, palette())
            st.markdown(f"**{SOURCE[source]}**")
            st.altair_chart(chart, alt=words)
    with st.expander("The table behind the bars"):
        st.dataframe(table(result), hide_index=True, width="stretch")
    with st.expander("How this was computed"):
        st.markdown(
            plain(
                f"{METHOD[result.method]}: {METHOD_MEANING[result.method]}. The bars add up to the variance to the cent. "
            )
            + plain(
                f"Counted are {BASIS[result.basis]}: "
                + (
                    "whatever quarter they started in, so wins tie to bookings."
                    if result.basis == "period"
                    else f"followed up to {result.as_of}."
                )
            )
        )
        st.markdown(
            plain(
                "Variance is actual minus plan; positive is favourable. Revenue of each side is volume × rates × deal size."
            )
        )
        quality = result.quality
        st.markdown(
            plain(
                f"{quality.rows_used:,} of {quality.rows_read:,} rows read are used; {quality.rows_set_aside:,} are set aside."
            )
        )


def table(result: Review) -> pd.DataFrame:
    """The bars as a table: exact effects, values in their units. Amendments stand before them."""
    bars, amended = result.segment_bars or result.bars, result.amendments
    effects = [round(each.effect, 2) for each in amended]
    columns = {
        "Source": [amendment_name(each, len(amended)) for each in amended] + [SOURCE[bar.source] for bar in bars],
        "Driver": ["" for _ in amended] + [DRIVER[bar.driver] for bar in bars],
        "Owner": [OWNER["shared"] for _ in amended] + [OWNER[bar.owner] for bar in bars],
        "Agreed → actual": [amended_to(each) for each in amended] + [change(bar) for bar in bars],
        f"Effect, {result.currency}": effects + [round(bar.effect, 2) for bar in bars],
        "Least, any order": effects + [round(bar.order_low, 2) for bar in bars],
        "Most, any order": effects + [round(bar.order_high, 2) for bar in bars],
    }
    if any(bar.verdict for bar in bars):
        blank = [None for _ in amended]
        columns |= {
            "Is it real?": ["" for _ in amended] + [verdict_word(bar) for bar in bars],
            "Least, by chance": blank + [bar.interval and round(bar.interval[0], 2) for bar in bars],
            "Most, by chance": blank + [bar.interval and round(bar.interval[1], 2) for bar in bars],
        }
    if result.segment_bars:
        named = [*("" for _ in amended), *(bar.segment for bar in bars)]
        columns = {field_name(result.by or "").capitalize(): named} | columns
    return pd.DataFrame(columns)


main()
