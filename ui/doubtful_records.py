"""Records that systems count in different ways: what each option would change, and the choice."""

import streamlit as st

from alignment_core.choices import OPTIONS
from alignment_core.doubts import doubts
from alignment_core.errors import DataError
from alignment_core.wording import CHOICE, doubt
from ui.session import Workspace, use_choices
from ui.text import plain


def doubtful_records(here: Workspace) -> None:
    """Each doubt of the agreement's quarter in a sentence with its counts, and a box to decide it."""
    try:
        found = doubts(here.data, here.agreement)
    except DataError:
        return  # the page Review says why there is nothing to count
    chosen = dict(here.data.choices.changed)
    if not found and not chosen:
        return
    st.subheader("Doubtful records", anchor=False)
    st.caption(
        "Systems count these in different ways. What you choose here holds for every page, and is said in the workbook."
    )
    for each in found:
        st.markdown(plain(doubt(each)))
        if each.option is not None:
            _box(here, each.code)
    for name in chosen.keys() - {each.code for each in found}:
        _box(here, name)


def _box(here: Workspace, name: str) -> None:
    now = getattr(here.data.choices, name)
    options = list(OPTIONS[name])
    picked = st.selectbox(CHOICE[name], options, index=options.index(now), key=f"choice {name}", width=520)
    if picked != now:
        use_choices(here.data.choices.but(name, picked))
        st.rerun()
