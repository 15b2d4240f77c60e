"""What each channel of sales owes: SDR outbound, the field, and the accounts that takes."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.pipeline import channel_promises
from alignment_core.wording import count
from ui.text import plain

state = st.session_state

_START = {"SDR outbound": 60.0, "Field": 40.0}
_COLUMNS = {"channel": "string", "share": "float64", "accounts_to_sql": "float64"}


def channel_frame(agreement: Agreement) -> pd.DataFrame:
    """The agreed channels as a table in percent."""
    rows = [
        {
            "channel": name,
            "share": round(channel.share * 100, 10),
            "accounts_to_sql": None if channel.accounts_to_sql is None else round(channel.accounts_to_sql * 100, 10),
        }
        for name, channel in agreement.sales_channels.items()
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def read_channels(frame: pd.DataFrame) -> tuple[dict[str, dict[str, float]], list[str]]:
    """What a table of channels says, as an agreement has it, and what is wrong with it in words."""
    channels: dict[str, dict[str, float]] = {}
    faults = []
    for row in frame.dropna(how="all").to_dict("records"):
        name = "" if pd.isna(row["channel"]) else str(row["channel"]).strip()
        if not name or name in channels:
            faults.append(f"Channels of sales: {f'{name} is there twice' if name else 'a row has no name'}")
            continue
        values = {key: round(row[key] / 100, 6) for key in ("share", "accounts_to_sql") if not pd.isna(row[key])}
        if "share" not in values:
            faults.append(f"Channels of sales: {name} has no share")
            continue
        channels[name] = values
    return channels, faults


def channels() -> tuple[Mapping[str, Any], list[str]]:
    """The table of channels; what it says, and what is wrong with it."""
    st.caption("Shares sum to 100%. With the share of worked accounts that become SQLs, the accounts to work follow.")
    if not len(state["agree.channels"]) and st.button(
        "Split what sales owes between SDR outbound and the field", key="agree.channels.start"
    ):
        rows = [{"channel": name, "share": share, "accounts_to_sql": None} for name, share in _START.items()]
        state["agree.channels"] = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
        state["agree.channels_revision"] += 1
    edited = st.data_editor(
        state["agree.channels"], key=f"agree.channels.{state['agree.channels_revision']}", num_rows="dynamic", hide_index=True,
        column_config={
            "channel": st.column_config.TextColumn("Channel of sales"),
            "share": st.column_config.NumberColumn("Share of sales' SQLs, %", min_value=0.0, max_value=100.0, format="%.4g"),
            "accounts_to_sql": st.column_config.NumberColumn("Accounts worked → SQL, %", min_value=0.0, max_value=100.0, format="%.4g"),
        },
        alt="Channels of sales and their shares",
    )  # fmt: skip
    return read_channels(edited)


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
