"""Does the verdict depend on how you count? The review under every other rule, basis, method and definition, side by side."""

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.contested import carried, contested, with_touches
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.results import Review
from alignment_core.robustness import robustness
from alignment_core.robustness_words import (
    RULE,
    missing_sentences,
    robustness_headline,
    robustness_table,
    shares_table,
)
from alignment_core.wording import day_short
from ui.download import download_csv
from ui.screen import show_table
from ui.text import plain

__all__ = ["robustness_section"]

_SIDE = {"marketing": "marketing", "sales": "sales", "unassigned": "nobody"}


def robustness_section(data: Data, agreement: Agreement, review: Review) -> None:
    """Draw it; it is counted only where somebody asks."""
    st.subheader("Does the verdict depend on how you count?", anchor=False)
    if not st.toggle("Count it in every other way", key="review.robustness.show"):
        st.caption(
            "The same quarter by every sourcing rule, on the other basis, by the other methods and definition of an MQL."
        )
        return
    try:
        found = robustness(data, agreement, review)
    except DataError as error:
        st.caption(plain(str(error)))
        return
    st.markdown(f"**{plain(robustness_headline(found))}**")
    if found.bars:
        show_table(robustness_table(found))
    if missing := missing_sentences(found):
        with st.expander("What the files cannot tell"):
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in missing))
    st.markdown("**Whose revenue it is, by each rule**")
    show_table(shares_table(found), width="content")
    _contested(data, agreement, review)


def _contested(data: Data, agreement: Agreement, review: Review) -> None:
    """The quarter's deals that both sides can claim, with the touches that make them so."""
    found = contested(data, agreement)
    found = found[found["quarter"] == str(review.quarter)]
    rules = carried(data, agreement)
    if found.empty:
        st.caption(f"No deal of {review.quarter} is marketing's by one rule and sales' by another.")
        return
    found = with_touches(data, agreement, found)
    deals = "deal is" if len(found) == 1 else "deals are"
    st.markdown(f"**{len(found):,} {deals} marketing's by one rule and sales' by another**")
    shown = {"Opportunity ID": found["deal_id"], f"Amount, {review.currency}": found["amount"], "Won": found["won"].map({True: "yes", False: "no"})}  # fmt: skip
    shown |= {f"By {RULE[rule]}": found[rule].map(_SIDE) for rule in rules}
    if found["first_touch_at"].notna().any():
        shown |= {
            name: [_touch(*each) for each in found[[f"{which}_at", f"{which}_kind", f"{which}_side"]].to_numpy(object)]
            for which, name in (("first_touch", "First touch"), ("last_touch", "Last touch before the opportunity"))
        }
    show_table(pd.DataFrame(shown))
    download_csv(found, f"contested-deals-{review.quarter}.csv", key="review.robustness.file")


def _touch(at: object, kind: object, side: object) -> str:
    if pd.isna(at):  # type: ignore[call-overload]
        return "none"
    when = pd.Timestamp(at)  # type: ignore[arg-type]
    return (
        f"{day_short(when)} {when.year}, {kind if isinstance(kind, str) else 'no kind'} ({_SIDE.get(str(side), side)})"
    )
