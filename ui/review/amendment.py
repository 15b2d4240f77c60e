"""One amendment: what both sides owed before and after it, when and why they signed it, and each term it changed."""

import pandas as pd
import streamlit as st

from alignment_core.amendment_words import explain_amendment
from alignment_core.results import Amendment, Review
from alignment_core.wording import OWNER, money_short, signed
from ui.screen import show_table
from ui.text import field_name, plain

__all__ = ["look_into_amendment"]


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
                f"Owed before, {result.currency}": [round(each) for each in before],
                f"Owed after, {result.currency}": [round(each) for each in after],
                f"Effect, {result.currency}": [round(now - then) for then, now in zip(before, after, strict=True)],
            }
            table = pd.DataFrame(owed)
            numbers = {
                name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number")
            }
            show_table(table, column_config=numbers)
