"""The rooms and the way between them."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # as a script, this file's own folder is on the path instead
    sys.path.insert(0, str(ROOT))


def open_rooms() -> None:
    """Page set-up and navigation."""
    st.set_page_config(page_title="Quarter review", page_icon=str(ROOT / "assets" / "icon.png"), layout="wide")
    pages = ROOT / "pages"
    st.navigation(
        [
            st.Page(pages / "review.py", title="Review", default=True),
            st.Page(pages / "agree.py", title="Agree", url_path="agree"),
            st.Page(pages / "load.py", title="Load", url_path="load"),
            st.Page(pages / "follow_up.py", title="Follow-up", url_path="follow-up"),
            st.Page(pages / "scenarios.py", title="What if", url_path="what-if"),
        ],
        position="top",
    ).run()


if __name__ == "__main__":
    open_rooms()
