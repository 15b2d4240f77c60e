"""What sales promises in return, and whose demand a deal is."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.follow_up import FollowUp
from alignment_core.sourcing import Sourcing
from ui.agree.follow_up_rules import draw_follow_up, fill_follow_up
from ui.agree.sourcing_rule import draw_sourcing, fill_sourcing

__all__ = ["sales_promise_faults", "sales_promise_section"]

state = st.session_state
_KEY = "agree.sales_promise"


@dataclass
class Form:
    """What the section was filled from, and what it said last.

    Attributes:
        base: the promise and sourcing that it was filled from.
        last: what it returned last; what an agreement says that is neither was changed elsewhere, and is filled in.
        data: the tables that its values were offered from.
        revision: a table keeps its edits under its key; a new number is a table without edits.
        tables: the tables as they were filled.
        faults: why what stands there cannot be agreed.
    """

    base: tuple[FollowUp | None, Sourcing]
    last: tuple[FollowUp | None, Sourcing]
    data: Data
    revision: int = 0
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def sales_promise_section(agreement: Agreement, data: Data) -> tuple[FollowUp | None, Sourcing]:
    """Draw the section where it is called; returns what it says: the follow-up promise (None for none), and the sourcing.

    Args:
        agreement: what to show. The section is filled anew where its promise or sourcing is neither what was shown
            nor what the section itself returned.
        data: what values are offered from, and contested deals counted in.

    Where what stands there cannot be agreed, it says so, `sales_promise_faults` has the reasons, and the last promise that
    could is returned.
    """
    given = (agreement.follow_up, agreement.sourcing)
    form: Form | None = state.get(f"{_KEY}.form")
    if form is None or given not in (form.base, form.last) or form.data is not data:
        form = _filled(given, data, form)
    elif f"{_KEY}.promised" not in state:
        form = _filled(form.last, data, form)  # Streamlit forgets the fields of a page that was left
    promise, faults = draw_follow_up(agreement, form)
    form.faults = faults
    sourcing = draw_sourcing(agreement, form)
    form.last = (form.last[0] if faults else promise, sourcing)
    return form.last


def sales_promise_faults() -> tuple[str, ...]:
    """Why what stands in the section cannot be agreed, in words; empty if it can."""
    form: Form | None = state.get(f"{_KEY}.form")
    return form.faults if form else ()


def _filled(given: tuple[FollowUp | None, Sourcing], data: Data, before: Form | None) -> Form:
    known = before.known if before and before.data is data else {}
    form = Form(given, given, data, before.revision + 1 if before else 0, known=known)
    fill_follow_up(form)
    fill_sourcing(form)
    state[f"{_KEY}.form"] = form
    return form
