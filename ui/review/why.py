"""One conversion opened: what moved it, part by part, and the kinds of leads behind that."""

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.breakdown_charts import effects_chart
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.results import Bar, Review
from alignment_core.vocabulary import RATE_DRIVERS
from alignment_core.why import WhyMoved, why
from alignment_core.why_words import CAVEAT, PART, part_change, why_headline, why_sentences, why_table
from alignment_core.wording import DRIVER, signed
from ui.screen import palette, show_table
from ui.text import field_name, plain

__all__ = ["why_section"]


def why_section(data: Data | None, agreement: Agreement, review: Review, bar: Bar) -> None:
    """Draw it; nothing for what is no conversion, nor for a review that was closed without it.

    `data`: the loaded tables; None for a review as it was closed, which kept the parts but not the leads.
    """
    if bar.driver not in RATE_DRIVERS:
        return
    kept = tuple(part for part in review.why if (part.source, part.driver) == (bar.source, bar.driver))
    if data is None and not kept:
        return
    st.markdown("**Why did it move?**")
    try:
        found = (
            WhyMoved(bar, kept)
            if data is None
            else next(each for each in why(data, agreement, review) if each.bar == bar)
        )
    except DataError as error:
        st.caption(plain(str(error)))
        return
    if not found.parts:
        st.caption(plain(found.missing))
        return
    st.markdown(plain(why_headline(review, found)))
    rows = [(PART[part.part], part_change(found, part), part.effect) for part in found.parts]
    st.altair_chart(
        effects_chart(rows, palette(), currency=review.currency, field="part", moved="before → now", row_height=32),
        alt=f"What moved {DRIVER[bar.driver]}: " + "; ".join(f"{name} {signed(effect)}" for name, _, effect in rows),
        key="review.why.chart",
    )
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in why_sentences(review, found)))
    st.caption(plain(f"The parts add up to the bar. {CAVEAT}"))
    if found.field is not None and found.kinds is not None and len(found.kinds) > 1:
        name = field_name(found.field)
        with st.expander(f"By {name}"):
            table = why_table(found, name.capitalize(), review.currency)
            numbers = {column: st.column_config.TextColumn(alignment="right") for column in table.columns[1:]}
            show_table(table, column_config=numbers)
