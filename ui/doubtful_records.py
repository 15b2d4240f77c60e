"""Records that systems count in different ways: what each option would change, and the choice."""

import streamlit as st

from alignment_core.choices import OPTIONS
from alignment_core.doubts import doubts
from alignment_core.errors import DataError
from alignment_core.results import Doubt
from alignment_core.wording import CHOICE, doubt
from ui.session import Workspace, use_choices
from ui.text import plain


def doubtful_records(here: Workspace) -> None:
    """Each doubt of the agreement's quarter in a sentence with its counts, and a box to decide it."""
    found = _found(here)
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


def _found(here: Workspace) -> tuple[Doubt, ...]:
    """Counting them looks through the tables, so it is done once for what is loaded, agreed and chosen."""
    known = st.session_state.get("doubts")
    if known is None or known[0] is not here.data or known[1] is not here.agreement:
        try:
            found = doubts(here.data, here.agreement)
        except DataError:
            found = ()  # the page Review says why there is nothing to count
        st.session_state["doubts"] = known = here.data, here.agreement, found
    return known[2]


def _box(here: Workspace, name: str) -> None:
    now = getattr(here.data.choices, name)
    options = list(OPTIONS[name])
    picked = st.selectbox(CHOICE[name], options, index=options.index(now), key=f"choice {name}", width=520)
    if picked != now:
        use_choices(here.data.choices.but(name, picked))
        st.rerun()
