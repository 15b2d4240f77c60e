"""A list on the screen, taken away as a file."""

import pandas as pd
import streamlit as st

from alignment_core.export.table_csv import table_csv

__all__ = ["download_csv"]


def download_csv(table: pd.DataFrame, file_name: str, *, key: str | None = None) -> None:
    """A button that says how many rows it hands over; the file is written when it is pressed."""
    st.download_button(
        f"Download {len(table):,} as CSV",
        data=lambda: table_csv(table),
        file_name=file_name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=key,
    )
