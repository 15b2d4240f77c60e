"""Opens the door: page set-up and navigation."""

from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent

st.set_page_config(page_title="Quarter review", page_icon=str(ROOT / "assets" / "icon.png"), layout="wide")
st.navigation(
    [
        st.Page("pages/review.py", title="Review", default=True),
        st.Page("pages/agree.py", title="Agree", url_path="agree"),
        st.Page("pages/load.py", title="Load", url_path="load"),
        st.Page("pages/scenarios.py", title="What if", url_path="what-if"),
    ],
    position="top",
).run()
