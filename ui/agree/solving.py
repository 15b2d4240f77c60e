"""Figures that follow and can be typed all the same: something gives way to them, and the screen says what."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.solve_steps import GAVE_WAY, SolveError, gave_way
from ui.agree.form import fill, forget
from ui.text import plain

__all__ = ["follows", "solved_for", "what_gave_way"]

state = st.session_state


def follows(
    key: str, label: str, value: float | None, on_typed: Callable[..., None], *args: Any, step: float = 1.0, shown: str = "%g",
    disabled: bool = False, width: Any = "stretch",
) -> None:  # fmt: skip
    """A figure that follows from the agreement, in a field.

    Args:
        key: of the field, in the session.
        label: data in it is escaped already.
        value: the figure; None where nothing follows yet, or nothing was agreed.
        on_typed: called with `args` when somebody types another.
        disabled: whether nothing can be typed.
    """
    state[key] = None if value is None else float(value)
    st.number_input(
        label, min_value=0.0, step=step, format=shown, key=key, disabled=disabled, on_change=on_typed, args=args,
        placeholder="–", width=width,
    )  # fmt: skip


def solved_for(where: str, key: str, solve: Callable[[float], Agreement]) -> None:
    """Somebody typed a figure: show the agreement that meets it, or keep what cannot be met to be said.

    Args:
        where: the part of the page that says what came of it.
        key: of the field that was typed in.
        solve: the agreement for a figure. Raises SolveError.
    """
    forget()
    before = state["agree.last"]
    try:
        solved = solve(state[key] or 0.0)
    except SolveError as error:
        state["agree.solved"] = where, str(error), before
        return
    proposed = state["agree.proposal"]
    fill(solved)
    state["agree.proposal"] = proposed
    state["agree.solved"] = where, gave_way(before, solved), solved


def what_gave_way(where: str) -> None:
    """Say what gave way to the figure that was typed last in this part of the page, or why nothing can; until something else
    changes."""
    said_where, said, agreement = state.get("agree.solved", ("", "", None))
    if said and said_where == where and agreement == state["agree.last"]:
        (st.caption if said.startswith(GAVE_WAY) else st.warning)(plain(said))
