"""One bar's driver over the quarters, on a control chart: is this new?"""

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.driver_history import driver_history
from alignment_core.errors import DataError
from alignment_core.history_charts import history_chart
from alignment_core.history_words import LIMITS_MEANING, history_sentence
from alignment_core.results import Bar, Review
from ui.screen import palette
from ui.text import plain


def history(data: Data, agreement: Agreement, review: Review, bar: Bar) -> None:
    """Draw it; say why, where the files do not reach far enough back."""
    if bar.driver == "unassigned":
        return
    st.markdown("**Is this new?**")
    try:
        found = driver_history(
            data, agreement, review.quarter, bar.source, bar.driver, bar.plan, basis=review.basis, mql=review.mql
        )
    except DataError as error:
        st.caption(plain(str(error)))
        return
    drawn = history_chart(found, palette())
    st.markdown(plain(history_sentence(found)))
    if drawn is not None:
        chart, words = drawn
        st.altair_chart(chart, alt=words, key="review.history.chart")
        still = " Of the latest quarters' records some are still open." if review.basis == "cohort" else ""
        st.caption(plain(f"Shaded: {LIMITS_MEANING}.{still}"))
