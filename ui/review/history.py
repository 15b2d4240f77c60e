"""One bar's driver over the quarters, on a control chart: is this new?"""

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.causes import cause_of
from alignment_core.data import Data
from alignment_core.driver_history import driver_history
from alignment_core.errors import DataError
from alignment_core.history_charts import history_chart
from alignment_core.history_words import LIMITS_MEANING, against_words, history_sentence
from alignment_core.results import Bar, Review
from alignment_core.verdict_words import is_final, open_records
from ui.screen import palette
from ui.text import plain


def history(data: Data, agreement: Agreement, review: Review, bar: Bar) -> None:
    """Draw it; say why, where the files do not reach far enough back."""
    if bar.driver == "unassigned":
        return
    st.markdown("**Is this new?**")
    try:
        found = driver_history(
            data,
            agreement,
            review.quarter,
            bar.source,
            bar.driver,
            bar.plan,
            basis=review.basis,
            mql=review.mql,
            as_of=review.as_of,
            is_unfinished=review.is_unfinished,
            still_open=open_records(review, bar),
        )
    except DataError as error:
        st.caption(plain(str(error)))
        return
    drawn = history_chart(found, palette())
    # How sure a bar is by itself is not said of one that cannot be told apart from its neighbour.
    said = "" if cause_of(review.bars, bar).is_joint else against_words(found, bar.verdict)
    st.markdown(plain(f"{history_sentence(found)} {said}".strip()))
    if drawn is not None:
        chart, words = drawn
        st.altair_chart(chart, alt=words, key="review.history.chart")
        is_open = review.basis == "cohort" and not is_final(review, bar.source)
        still = " Of the latest quarters' records some are still open." if is_open else ""
        st.caption(plain(f"Shaded: {LIMITS_MEANING}.{still}"))
