"""What each channel of sales owes: SDR outbound, the field, and the accounts that takes."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.pipeline import channel_promises
from alignment_core.solve_parts import solve_accounts, solve_channel
from ui.agree.solving import follows, solved_for, what_gave_way
from ui.agreement_form import CHANNEL_COLUMNS, read_channels
from ui.text import plain

state = st.session_state

#: A longer name is shortened on its fields.
LONG = 24
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


def owed_by_channel(agreement: Agreement | None) -> None:
    """The SQLs that each channel owes and the accounts they take, each to be typed: then the shares, or the rate, give way."""
    promised = channel_promises(agreement or state["agree.last"])
    if not promised:
        st.caption("Not split by channel.")
        return
    for each in promised:
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            name, known = (
                plain(each.name if len(each.name) <= LONG else f"{each.name[: LONG - 1]}…"),
                agreement is not None,
            )
            follows(
                f"agree.channel.sqls.{each.name}", f"SQLs owed, {name}", each.sqls if known else None, typed_sqls, each.name,
                disabled=not known, width=290,
            )  # fmt: skip
            follows(
                f"agree.channel.accounts.{each.name}", f"Accounts to work, {name}", each.accounts if known else None,
                typed_accounts, each.name, disabled=not (known and each.sqls), width=290,
            )  # fmt: skip
    st.caption(
        "Typed SQLs change the channel's share, and the others' in proportion; typed accounts change the share of them that become SQLs."
    )
    what_gave_way("channels")


def typed_sqls(channel: str) -> None:
    """Somebody typed what a channel is to owe."""
    key = f"agree.channel.sqls.{channel}"
    solved_for("channels", key, lambda wanted: solve_channel(state["agree.last"], channel, wanted))


def typed_accounts(channel: str) -> None:
    """Somebody typed how many accounts a channel is to work."""
    key = f"agree.channel.accounts.{channel}"
    solved_for("channels", key, lambda wanted: solve_accounts(state["agree.last"], channel, wanted))
