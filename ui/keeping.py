"""The server's one store, for all sessions, and what is in force by it."""

import streamlit as st

from alignment_core.store import Store, Version
from alignment_core.store.database import Database
from alignment_core.store.places import location

__all__ = ["in_force", "store"]


def store() -> Store:
    """The store that `ALIGNMENT_STORE` names, opened once. Raises StoreError, in words, where it cannot be."""
    return _opened(location().render_as_string(hide_password=False))


@st.cache_resource(show_spinner=False)
def _opened(address: str) -> Store:
    return Store(Database.open(location(address)))


def in_force(company: str, quarter: str) -> Version | None:
    """The latest version that both sides signed; None where none is. Raises StoreError."""
    return store().in_force(company, quarter)
