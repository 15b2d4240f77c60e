"""One bar of the bridge, opened: what was agreed, what it was, whose it is, how it was computed, and where it comes from."""

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.amendment_words import amendment_name
from alignment_core.breakdown_charts import breakdown
from alignment_core.data import Data
from alignment_core.findings import explain
from alignment_core.results import Amendment, Bar, Review
from alignment_core.wording import DRIVER, MEANING, OWNER, SOURCE, driver_value, signed
from ui.review.history import history
from ui.review.records import records_section
from ui.review.segments import segments_section
from ui.review.why import why_section
from ui.screen import palette
from ui.text import field_name, plain

__all__ = ["bar_name", "look_into"]


def bar_name(result: Review, bar: Bar | Amendment) -> str:
    """A bar's name as a choice: without its effect, which other choices move while the browser keeps what was chosen."""
    if isinstance(bar, Amendment):
        return amendment_name(bar, len(result.amendments))
    if bar.driver == "unassigned":
        return SOURCE["unassigned"]
    return f"{SOURCE[bar.source]} · {DRIVER[bar.driver]}"


def look_into(result: Review, bar: Bar, agreement: Agreement, data: Data | None) -> None:
    """One bar: what was agreed, what it was, whose it is, how it was computed, where it comes from, and whether it is new.

    `data`: the loaded tables; None for a review as it was closed.
    """
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
        why_section(data, agreement, result, bar)
        if data is not None:
            segments_section(data, agreement, result, bar)
            history(data, agreement, result, bar)
            records_section(data, agreement, result, bar)
