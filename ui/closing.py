"""A quarter's review closed and opened again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed
from alignment_core.export.workbook import SourceFile
from alignment_core.quarters import Quarter
from alignment_core.results import Review
from alignment_core.store import StoreError, as_signed
from alignment_core.store.reviews import ClosedReview
from alignment_core.wording import day, period
from ui.keeping import store, versions
from ui.session import Workspace
from ui.text import plain


@dataclass(frozen=True)
class Shown:
    """The review on the screen, what it is held against and what it was made from."""

    result: Review
    agreement: Agreement
    files: Sequence[SourceFile]
    signed: Sequence[Signed] = ()


def was_closed(kept: ClosedReview, *, is_loaded: bool) -> bool:
    """Whether to show a closed review as it was. Where its quarter's files are not loaded, there is nothing else to show."""
    if not is_loaded:
        return True
    return st.toggle(
        f"As it was closed on {day(kept.at.date())}",
        key="closed",
        help="The same numbers to the cent, whatever was loaded or changed since.",
    )


def held_against(here: Workspace, quarter: Quarter) -> Workspace:
    """The workspace with what a quarter is held against: its own signed versions, else the agreement at hand."""
    if str(quarter) == here.agreement.quarter:
        return here
    own = as_signed(versions(here.agreement.company, str(quarter)))
    return replace(here, agreement=own[-1].agreement, signed=own) if own else here


def close_this(here: Workspace, shown: Shown, kept: ClosedReview | None) -> None:
    """Keep the review as it is on the screen, so that it can be opened again to the cent."""
    name = period(shown.result.quarter)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Close the review of {name}" if kept is None else f"Close it again as it is now ({name})",
            on_click=keep, args=(here, shown), key="close", icon=":material/inventory_2:",
        )  # fmt: skip
        st.caption(
            "Keeps this review with its counts, files' digests and agreement: it opens again with the same numbers to the cent."
        )
    if said := st.session_state.pop("close.said", ""):
        st.error(said)


def keep(here: Workspace, shown: Shown) -> None:
    """Close the review; what hinders it is said in words."""
    try:
        store().close_review(shown.result, shown.agreement, here.data, shown.files, shown.signed)
    except StoreError as error:
        st.session_state["close.said"] = plain("; ".join(map(str, error.reasons)))
