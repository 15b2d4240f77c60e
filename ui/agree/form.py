"""The form's fields and what they were filled from, kept in the session under keys that begin with `agree.`."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.wording import MEANING
from ui.agreement_form import SIDES, channel_frame, fields, segment_frame

state = st.session_state


def fill(agreement: Agreement) -> None:
    """Show an agreement in the form."""
    for name, value in fields(agreement).items():
        state[f"agree.{name}"] = value
    state["agree.base"] = state["agree.last"] = agreement
    show_segments(agreement)
    state["agree.channels_revision"] = state.get("agree.channels_revision", 0) + 1
    state["agree.channels"] = channel_frame(agreement)
    state["agree.channels.split"] = bool(agreement.sales_channels)
    show_value(agreement)
    for part in ("mql", "follow_up", "sourcing"):
        state[f"agree.{part}"] = getattr(agreement, part)
    state["agree.file_faults"] = ()
    state["agree.proposal"] = None


def show_segments(agreement: Agreement) -> None:
    """Show an agreement's plans per segment in the form."""
    # A table keeps its edits under its key: a new key is a table without edits.
    state["agree.segments_revision"] = state.get("agree.segments_revision", 0) + 1
    state["agree.segments"] = {side: segment_frame(agreement, side) for side in SIDES}


def show_value(agreement: Agreement) -> None:
    """Show an agreement's promise in value in the form."""
    state["agree.value.on"] = agreement.value is not None
    state["agree.value.otherwise"] = agreement.value.otherwise if agreement.value else None
    if agreement.value:
        state["agree.value.field"] = agreement.value.field
    restart_value()


def restart_value(amounts: Mapping[str, float] | None = None) -> None:
    """Begin the table of amounts anew: with these, or with those of the agreement that the form was filled from."""
    state["agree.value.amounts"], state["agree.value.table"] = amounts, None
    state["agree.value.revision"] = state.get("agree.value.revision", 0) + 1


def forget() -> None:
    """What was typed last, and could not be met or was met by something else, is no longer spoken of."""
    state.pop("agree.solved", None)


def field(name: str, label: str, widget: Callable[..., Any], *arguments: Any, **options: Any) -> None:
    """One field of the form; its value is in the session's state."""
    widget(label, *arguments, key=f"agree.{name}", **options)


def hint(driver: str) -> str:
    """What a driver means, as a sentence."""
    return MEANING[driver][0].upper() + MEANING[driver][1:] + "."
