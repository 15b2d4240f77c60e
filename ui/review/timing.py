"""What is not decided yet, or on period basis what came from other quarters: sentences, a table, and how long steps take."""

import pandas as pd
import streamlit as st

from alignment_core.results import Review
from alignment_core.timing import Timing
from alignment_core.timing_charts import lag_curves
from alignment_core.timing_words import (
    carried_rows,
    carried_words,
    horizon_words,
    not_decided_words,
    open_rows,
    step_name,
)
from alignment_core.vocabulary import Source, Stage
from alignment_core.wording import SOURCE, STAGE, in_sentence, money, period
from ui.screen import palette, show_table
from ui.text import plain

__all__ = ["timing_section"]


def timing_section(result: Review, known: Timing | None = None) -> None:
    """Draw the section; nothing where the review knows nothing of it.

    Args:
        known: the lags behind a review on cohort basis; without them there is no curve.
    """
    if result.not_decided:
        st.subheader("What is not decided yet", anchor=False)
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in not_decided_words(result)))
        if any(any(decided.open.values()) for decided in result.not_decided.values()):
            _table(_open_table(result))
            if beyond := horizon_words(result):
                st.caption(plain(" ".join(beyond)))
            if known is not None:
                _curves(known)
    elif result.carried:
        st.subheader("What came from other quarters, and what goes to them", anchor=False)
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in carried_words(result)))
        with st.expander("The table behind it"):
            _table(_carried_table(result))


def _table(rows: pd.DataFrame) -> None:
    numbers = {name: st.column_config.TextColumn(alignment="right") for name in rows.columns[1:]}
    show_table(rows, column_config=numbers)


def _name(source: Source, stage: Stage | None, currency: str) -> str:
    return f"{SOURCE[source]} {in_sentence(STAGE[stage]) if stage else f'revenue, {currency}'}"


def _open_table(result: Review) -> pd.DataFrame:
    """Text, so that counts and money stand in one column; what cannot be said is a dash."""
    rows = []
    for source, decided in result.not_decided.items():
        for row in open_rows(result.actual[source], decided):
            rows.append(
                {
                    "": _name(source, row.stage, result.currency),
                    "Still open": "" if row.open is None else f"{row.open:,}",
                    "Counted so far": money(row.counted),
                    "Further": _tenths(row.further, whole=row.stage is None),
                    "Least (9 of 10)": money(row.low),
                    "Most (9 of 10)": money(row.high),
                    "In the end": _tenths(row.expected, whole=row.stage is None),
                }
            )
    return pd.DataFrame(rows)


def _tenths(value: float | None, *, whole: bool) -> str:
    """A count with one decimal, unless it is a whole number."""
    return money(value, 0 if whole or value is None or float(value).is_integer() else 1)


def _carried_table(result: Review) -> pd.DataFrame:
    rows = []
    for source, carried in result.carried.items():
        for row in carried_rows(result.actual[source], carried):
            began = None if row.counted is None or row.carried_in is None else row.counted - row.carried_in
            rows.append(
                {
                    "": _name(source, row.stage, result.currency),
                    f"Counted in {period(result.quarter)}": money(row.counted),
                    "Began in an earlier quarter": money(row.carried_in),
                    "Began in the quarter": money(began),
                    "Its own, open at its end": "" if row.carried_out is None else f"{row.carried_out:,}",
                }
            )
    return pd.DataFrame(rows)


def _curves(known: Timing) -> None:
    """One step's curve, chosen by name."""
    steps = {
        f"{SOURCE[source]} {step_name(step.before, step.after)}": step
        for source, own in known.steps.items()
        for step in own
        if step.earlier.longest is not None
    }
    if not steps:
        return
    with st.expander("How long each step takes"):
        chosen = st.selectbox("Step", list(steps), key="review.timing.step", width=380)
        drawing, words = lag_curves(steps[chosen], chosen, palette())
        st.vega_lite_chart(drawing, alt=words)
        st.caption(
            "Share that has taken the step, by days since the one before. What was lost counts as not converting; what is "
            "open counts only for the days it was followed (Aalen–Johansen). A line that lies lower at once converts less; "
            "one that only rises later is slower."
        )
