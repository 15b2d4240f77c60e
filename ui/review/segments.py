"""Which segments matter in a conversion: those that stand out, and any field or pair of fields in full."""

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.results import Bar, Review
from alignment_core.segment_words import (
    OPEN_COUNT,
    looked_at_sentences,
    reversed_sentences,
    segment_sentence,
    segments_headline,
    segments_table,
    totals_sentence,
)
from alignment_core.segments import by_fields, segments_that_matter
from alignment_core.vocabulary import RATE_DRIVERS
from ui.review.records import segment_records_section
from ui.screen import show_table
from ui.text import field_name, plain

__all__ = ["segments_section"]

_NONE = "nothing else"


def segments_section(data: Data, agreement: Agreement, review: Review, bar: Bar) -> None:
    """Draw it; nothing for what is no conversion, or where no field tells segments apart."""
    if bar.driver not in RATE_DRIVERS or bar.undefined:
        return
    try:
        found = segments_that_matter(data, agreement, review, bar)
    except DataError as error:
        st.caption(plain(str(error)))
        return
    if not found.fields:
        return
    st.markdown("**Which segments matter?**")
    lines = [segments_headline(bar, found)] + [f"- {segment_sentence(review, bar, each)}" for each in found.found]
    st.markdown("\n".join(plain(line) if not line.startswith("- ") else f"- {plain(line[2:])}" for line in lines))
    for sentence in reversed_sentences(found):
        st.warning(plain(sentence))
    if found.found:
        st.caption(plain(looked_at_sentences(found)))
    segment_records_section(data, agreement, review, bar, found)
    with st.expander("Mix and rate by any field"):
        with st.container(horizontal=True):
            field = st.selectbox("Field", found.fields, format_func=field_name, key="review.segments.field", width=220)
            rest = [_NONE, *(name for name in found.fields if name != field)]
            second = st.selectbox("and", rest, format_func=lambda name: name if name == _NONE else field_name(name), key="review.segments.second", width=220)  # fmt: skip
        fields = [field] if second == _NONE else [field, second]
        try:
            rows, totals = by_fields(data, agreement, review, bar, fields)
        except DataError as error:
            st.caption(plain(str(error)))
            return
        st.markdown(plain(totals_sentence([field_name(name) for name in fields], totals, review.currency)))
        table = segments_table(rows, bar, review.currency)
        numbers = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[len(fields) :]}
        show_table(table, column_config=numbers)
        st.caption(
            "Mix: a segment became a larger or smaller part of all, at its rate less the whole's. Rate: its own rate moved. Both together are "
            "what moved the conversion since the quarters before."
            + (f" {OPEN_COUNT}" if review.basis == "cohort" else "")
        )
