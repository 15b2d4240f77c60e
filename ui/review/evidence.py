"""What stands behind the answer: notes, the funnel against plan, the table behind the bars, and how it was computed."""

import pandas as pd
import streamlit as st

from alignment_core.amendment_words import amended_to, amendment_name
from alignment_core.breakdown_charts import funnel_chart
from alignment_core.results import Review
from alignment_core.verdict_words import verdict_word
from alignment_core.wording import BASIS, DRIVER, METHOD, METHOD_MEANING, OWNER, SOURCE, change, note
from ui.screen import palette, show_table
from ui.text import field_name, plain

__all__ = ["evidence"]


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
        bars = table(result)
        numbers = {name: st.column_config.NumberColumn(format="localized") for name in bars.select_dtypes("number")}
        show_table(bars, column_config=numbers)
    with st.expander("How this was computed"):
        st.markdown(
            plain(
                f"{METHOD[result.method]}: {METHOD_MEANING[result.method]}. The bars add up to the variance to the cent. "
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
                f"{quality.rows_used:,} of {quality.rows_read:,} rows read are used; {quality.rows_set_aside:,} {'is' if quality.rows_set_aside == 1 else 'are'} set aside."
            )
        )


def table(result: Review) -> pd.DataFrame:
    """The bars as a table: effects in whole units of money, values in their units; the workbook has the cents. Amendments stand before them."""
    bars, amended = result.segment_bars or result.bars, result.amendments
    effects = [round(each.effect) for each in amended]
    columns = {
        "Source": [amendment_name(each, len(amended)) for each in amended] + [SOURCE[bar.source] for bar in bars],
        "Driver": ["" for _ in amended] + [DRIVER[bar.driver] for bar in bars],
        "Owner": [OWNER["shared"] for _ in amended] + [OWNER[bar.owner] for bar in bars],
        "Agreed → actual": [amended_to(each) for each in amended] + [change(bar) for bar in bars],
        f"Effect, {result.currency}": effects + [round(bar.effect) for bar in bars],
        "Least, any order": effects + [round(bar.order_low) for bar in bars],
        "Most, any order": effects + [round(bar.order_high) for bar in bars],
    }
    if any(bar.verdict for bar in bars):
        blank = [None for _ in amended]
        columns |= {
            "Is it real?": ["" for _ in amended] + [verdict_word(bar) for bar in bars],
            "Least, by chance": blank + [bar.interval and round(bar.interval[0]) for bar in bars],
            "Most, by chance": blank + [bar.interval and round(bar.interval[1]) for bar in bars],
        }
    if result.segment_bars:
        named = [*("" for _ in amended), *(bar.segment for bar in bars)]
        columns = {field_name(result.by or "").capitalize(): named} | columns
    return pd.DataFrame(columns)
