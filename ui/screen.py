"""Pieces of screen that several pages draw."""

import logging
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from alignment_core.charts import Palette
from alignment_core.errors import DataError
from alignment_core.wording import period
from ui.session import Workspace
from ui.text import plain


def palette() -> Palette:
    """Colours for the background that the visitor's theme has."""
    return Palette.dark() if st.context.theme.type == "dark" else Palette()


def standing(workspace: Workspace, *more: str) -> None:
    """The small line at the top: whose quarter this is, and how firm its agreement."""
    agreement = workspace.agreement
    signed = (
        f"agreement, version {len(workspace.signed)}, signed by both sides"
        if workspace.signed
        else "agreement, not signed"
    )
    firmness = "drafted from the quarter before, agreed by nobody yet" if workspace.is_draft else signed
    parts = [agreement.company, f"{period(agreement.fiscal_quarter)} {firmness}", *more]
    if workspace.is_sample:
        parts.insert(1, "a made-up company to look around with")
    st.caption(" · ".join(plain(part) for part in parts))


def answer(title: str, detail: str) -> None:
    """The page's answer, first thing seen."""
    st.title(plain(title), anchor=False)
    st.markdown(f":gray[{plain(detail)}]" if detail else "")


def reasons(error: DataError, heading: str) -> None:
    """Why a question cannot be answered, and what would allow it."""
    st.warning(plain(heading) + "\n" + "\n".join(f"- {plain(reason)}" for reason in error.reasons))


def figure(label: str, value: str, difference: str, sign: float, against: str) -> None:
    """One figure with its distance from what was agreed. Orange is unfavourable, blue favourable."""
    colour = "gray" if not sign else "orange" if sign < 0 else "blue"
    st.metric(
        label,
        value,
        f"{difference} against {against}",
        delta_color=colour,
        delta_arrow="off" if not sign else "down" if sign < 0 else "up",
        border=True,
    )


def show_table(frame: pd.DataFrame, **look: Any) -> None:
    """A table as wide as its place; what is not known is a dash. `look`: further options of Streamlit's."""
    st.dataframe(frame, hide_index=True, placeholder="–", **look)


def apologise(error: Exception) -> bool:
    """Say that something went wrong, in words, in place of a traceback; the log has it whole."""
    logging.getLogger("alignment").error("A page failed", exc_info=error)
    st.error(
        "This page met a fault of ours, not of your data. What you loaded is kept: reload the page, or take another way there."
    )
    return True


def page(name: str) -> Path:
    """A page's script, for links to it."""
    return Path(__file__).resolve().parent.parent / "pages" / f"{name}.py"
