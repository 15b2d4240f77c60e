"""Which leads count as MQLs: a choice that Review and Follow-up share."""

import streamlit as st

from alignment_core.vocabulary import MQL_BY, MqlBy
from alignment_core.wording import MQL_SAID_BY
from ui.session import Workspace

__all__ = ["choose_mqls"]


def choose_mqls(here: Workspace) -> MqlBy:
    """Whose MQLs are counted; a choice only where the agreement has a definition that leads can be held against."""
    definition = here.agreement.mql
    if definition is None or definition.is_empty or "leads" not in here.data.engine:
        return "crm"
    return st.selectbox("MQLs", MQL_BY, format_func=MQL_SAID_BY.__getitem__, key="mql", bind="query-params", width=190)
