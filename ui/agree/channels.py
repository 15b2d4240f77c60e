"""What each channel of sales owes: SDR outbound, the field, and the accounts that takes."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.pipeline import channel_promises
from alignment_core.wording import count
from ui.agreement_form import CHANNEL_COLUMNS, read_channels
from ui.text import plain

state = st.session_state

_START = {"SDR outbound": 60.0, "Field": 40.0}


def channels() -> tuple[Mapping[str, Any], list[str]]:
    """The table of channels; what it says, and what is wrong with it."""
    if not st.toggle(
        "Sales' SQLs are split by channel", key="agree.channels.split", on_change=start, persist_state="session"
    ):
        return {}, []
    st.caption("Shares sum to 100%. With the share of worked accounts that become SQLs, the accounts to work follow.")
    edited = st.data_editor(
        state["agree.channels"], key=f"agree.channels.{state['agree.channels_revision']}", num_rows="dynamic", hide_index=True,
        column_config={
            "channel": st.column_config.TextColumn("Channel of sales"),
            "share": st.column_config.NumberColumn("Share of sales' SQLs, %", min_value=0.0, max_value=100.0, format="%.4g"),
            "accounts_to_sql": st.column_config.NumberColumn("Accounts worked → SQL, %", min_value=0.0, max_value=100.0, format="%.4g"),
        },
        alt="Channels of sales and their shares",
    )  # fmt: skip
    return read_channels(edited, state["agree.base"].sales_channels)


def start() -> None:
    """Begin with the two channels that most have, where none were agreed."""
    if state["agree.channels.split"] and not len(state["agree.channels"]):
        rows = [{"channel": name, "share": share, "accounts_to_sql": None} for name, share in _START.items()]
        state["agree.channels"] = pd.DataFrame(rows, columns=list(CHANNEL_COLUMNS)).astype(CHANNEL_COLUMNS)
        state["agree.channels_revision"] += 1


def owed_by_channel(agreement: Agreement | None) -> str:
    """The SQLs that each channel owes, and the accounts they take."""
    promised = channel_promises(agreement) if agreement else ()
    if not promised:
        return "Not split by channel."
    said = [
        f"{each.name} {count(each.sqls)} SQLs"
        + (f" from {count(each.accounts)} accounts worked" if each.accounts else "")
        for each in promised
    ]
    return plain("Owed: " + " · ".join(said))
