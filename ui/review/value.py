"""Whether marketing kept its promise in value: a line, and what came by kind."""

import streamlit as st

from alignment_core.results import Review
from alignment_core.value_words import value_table, value_words
from ui.screen import show_table
from ui.text import plain

__all__ = ["value_section"]


def value_section(result: Review) -> None:
    """Draw it; nothing where the agreement promises no value."""
    said = value_words(result)
    if not said:
        return
    rows = value_table(result)
    st.markdown(plain(" ".join(said)))
    if rows.empty:
        return
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in rows.select_dtypes("number")}
    with st.popover(f"What the MQLs are worth, by {rows.columns[0].lower()}"):
        show_table(rows, column_config=numbers, width=600)
