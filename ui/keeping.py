"""The server's one store, for all sessions: what is in force by it, and the reviews that were closed."""

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.quarters import Quarter
from alignment_core.store import Store, StoreError, Version, as_signed
from alignment_core.store.database import Database
from alignment_core.store.places import location
from alignment_core.store.reviews import ClosedReview
from ui.screen import reasons
from ui.session import use_agreement, workspace

__all__ = ["closed_quarters", "closed_review", "hold_in_force", "signed_for", "store", "versions"]


def store() -> Store:
    """The store of this server, opened once, made where there is none. Raises StoreError, in words, where it cannot be."""
    return _opened(location().render_as_string(hide_password=False))


@st.cache_resource(show_spinner=False)
def _opened(address: str) -> Store:
    return Store(Database.open(location(address)))


def versions(company: str, quarter: str) -> tuple[Version, ...]:
    """What both sides signed, in order; nothing is made where there is no store yet. Raises StoreError."""
    return store().versions(company, quarter) if Database.is_there(location()) else ()


def signed_for(data: Data) -> tuple[tuple[Signed, ...], ...]:
    """What both sides signed for a quarter that is in these tables, the latest quarters first; none where the store cannot be read."""
    try:
        places = store().signed() if Database.is_there(location()) else ()
        kept = [as_signed(versions(*place)) for place in places]
    except StoreError:  # said by `hold_in_force` already
        return ()
    return tuple(each for each in kept if each and _covers(data, each[-1].agreement))


def _covers(data: Data, agreement: Agreement) -> bool:
    try:
        return agreement.fiscal_quarter in data.funnel(agreement).quarters
    except DataError:  # its sourcing rule asks for what these files do not have
        return False


def closed_review(company: str, quarter: str) -> ClosedReview | None:
    """A quarter's review as it was last closed; None if it was not. Raises StoreError."""
    return store().closed(company, quarter) if Database.is_there(location()) else None


def closed_quarters(agreement: Agreement) -> tuple[Quarter, ...]:
    """The quarters whose review was closed, on an agreement's calendar; none where the store cannot be read."""
    try:
        names = store().closed_quarters(agreement.company) if Database.is_there(location()) else ()
    except StoreError:  # said by `hold_in_force` already
        return ()
    return tuple(agreement.fiscal_calendar.quarter(name) for name in names)


def hold_in_force() -> bool:
    """Hold the files against what both sides signed last, if they signed anything for this company and quarter.

    Returns whether that is news. Whoever signed it, in whatever session: a page that is opened or redrawn shows what is in force.
    """
    here = workspace()
    try:
        found = versions(here.agreement.company, here.agreement.quarter)
    except StoreError as error:
        reasons(error, "What was signed cannot be read, so this page shows what was loaded:")
        return False
    signed = as_signed(found)
    if not signed or signed == here.signed:
        return False
    use_agreement(signed[-1].agreement, signed)
    return True
