"""The agreement as a file, in and out."""

import streamlit as st

from alignment_core.agreement import Agreement, AgreementError
from ui.agree.form import fill

state = st.session_state

#: An agreement is a few hundred lines.
LARGEST_FILE = 2**20


def files(agreement: Agreement | None) -> None:
    """The agreement as a file, in and out."""
    st.download_button(
        "Download (TOML)", data=agreement.to_toml() if agreement else "", file_name=f"agreement-{state['agree.quarter']}.toml",
        mime="application/toml", on_click="ignore", disabled=agreement is None, icon=":material/download:", width="stretch",
    )  # fmt: skip
    st.file_uploader(
        "Upload an agreement (TOML)", type="toml", key="agree.file", max_upload_size=1, on_change=take_file
    )


def take_file() -> None:
    """Show an uploaded agreement in the form, or say all that is wrong with it."""
    file = state["agree.file"]
    if file is None:
        state["agree.file_faults"] = ()
    elif file.size > LARGEST_FILE:
        state["agree.file_faults"] = ("it is larger than 1 MB; an agreement is a few hundred lines",)
    else:
        try:
            fill(Agreement.from_bytes(file.getvalue()))
        except AgreementError as error:
            state["agree.file_faults"] = error.faults
