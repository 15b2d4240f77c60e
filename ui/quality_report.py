"""What became of the rows: read = used + set aside, by reason, and each fault with its place and remedy."""

import pandas as pd
import streamlit as st

from alignment_core.export.quality import HEADERS, by_reason, quality_csv, quality_xlsx
from alignment_core.results import Quality
from ui.screen import show_table


def quality_report(quality: Quality) -> None:
    """Draw the report, with its downloads."""
    st.subheader("Quality report", anchor=False)
    st.markdown(
        f"**{quality.rows_read:,}** rows read = **{quality.rows_used:,}** used + **{quality.rows_set_aside:,}** set aside"
    )
    if not quality.faults:
        return
    reasons = pd.DataFrame(by_reason(quality.faults), columns=["Reason", "Rows", "Set aside"])
    reasons["Set aside"] = reasons["Set aside"].map({True: "yes", False: "no"})
    show_table(reasons)
    with st.expander(f"Each of them, with its place and what to do ({len(quality.faults):,})"):
        rows = [
            (fault.file, fault.sheet, fault.row, fault.column, fault.value, fault.reason, fault.remedy, fault.rows, "yes" if fault.sets_aside else "no")
            for fault in quality.faults
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=[name.capitalize() for name in HEADERS])
        frame["Row"] = frame["Row"].astype("Int64")
        show_table(frame.dropna(axis="columns", how="all"))
    with st.container(horizontal=True):
        st.download_button(
            "CSV", lambda: quality_csv(quality), "quality.csv", "text/csv", on_click="ignore", key="quality csv"
        )
        st.download_button(
            "Excel", lambda: quality_xlsx(quality), "quality.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", on_click="ignore", key="quality xlsx",
        )  # fmt: skip
