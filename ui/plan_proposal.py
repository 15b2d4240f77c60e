"""A plan sheet on the page Load, and the agreement that it proposes on the page Agree."""

from contextlib import suppress

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.drafts import draft_agreement
from alignment_core.errors import DataError
from alignment_core.imports import FileReport
from alignment_core.proposals import Proposal, figures_in_words, planned_quarters, propose
from alignment_core.wording import period
from ui.agreement_form import field_of
from ui.loading import Loading
from ui.screen import page, show_table
from ui.session import Workspace, workspace
from ui.text import plain

#: Where the page Agree finds what was opened, and the file's name.
OPENED = "agree.opened"


def fresh_agreement(here: Workspace) -> Agreement:
    """What a draft starts from: the room's own agreement, but nothing of the sample company's."""
    if not here.is_sample:
        return here.agreement
    plan = here.agreement.model_dump(include={"quarter", "revenue_target", "split", "marketing", "sales"})
    return Agreement.checked(plan | {"company": "Your company"})


def plan_card(report: FileReport, loading: Loading | None) -> None:
    """What a plan says of each quarter, and the way to propose it. It is never counted."""
    here = workspace()
    calendar = here.agreement.fiscal_calendar
    for quarter in planned_quarters(report.plan):
        words = f"{'This is' if report.kind == 'plan' else 'It also holds'} a plan for {period(calendar.quarter(quarter))}: {figures_in_words(report.plan, quarter)}."
        left, right = st.columns([5, 2], vertical_alignment="center")
        left.markdown(plain(words))
        if right.button("Open as a proposal in Agree", key=f"propose {report.name} {quarter}", width="stretch"):
            proposal = proposal_of(report, quarter, here, loading)
            if proposal.agreement is None:
                st.warning("\n".join(f"- {plain(sentence)}" for sentence in proposal.missing))
            else:
                st.session_state[OPENED] = proposal, report.name
                st.switch_page(page("agree"))
    st.caption("A plan is never counted as a result. Nothing is in effect until you use it on the page Agree.")


def proposal_of(report: FileReport, quarter: str, here: Workspace, loading: Loading | None) -> Proposal:
    """What a plan proposes; where it does not say, what the quarter before brought holds, or the agreement in use."""
    base, before = fresh_agreement(here), "the agreement in use"
    if here.is_sample:
        before = "the sample company's agreement, to be replaced"
    data = _data(here, loading)
    if data is not None:
        wanted = base.fiscal_calendar.quarter(quarter)
        with suppress(DataError):  # the files have no quarter before: the agreement in use it is
            base, before = draft_agreement(data, base, wanted), f"what {period(wanted.previous)} brought"
    return propose(report.plan, quarter, base, before)


def opened(proposal: Proposal, file: str) -> None:
    """Where each figure of an opened proposal came from, and what in the sheet does not fit."""
    st.info(plain(f"A proposal from {file} for {proposal.quarter}. Nothing is in effect until you use it."))
    if proposal.contradictions:
        st.warning(
            "The sheet contradicts itself:\n" + "\n".join(f"- {plain(each)}" for each in proposal.contradictions)
        )
    for note in proposal.notes:
        st.caption(plain(note))
    with st.expander("Where each figure came from", expanded=True):
        assert proposal.agreement is not None  # noqa: S101 only what can be agreed is opened
        values = proposal.agreement.model_dump()
        rows = [(*field_of(path, values), origin) for path, origin in proposal.origins.items()]
        frame = pd.DataFrame(rows, columns=["Figure", "Proposed", "Came from"])
        show_table(frame)


def _data(here: Workspace, loading: Loading | None) -> Data | None:
    """The user's own records, if there are any."""
    if loading is not None:
        imported = loading.imported()
        if imported.tables and not imported.refused:
            return loading.data()
    return None if here.is_sample else here.data
