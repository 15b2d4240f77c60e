"""Opens the door: `streamlit run app.py` serves `ui/rooms.py`, with the sample company ready before the first visitor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from alignment_core.imports import keep_one_ready
from ui.rooms import open_rooms
from ui.screen import apologise
from ui.session import sample

ROOT = Path(__file__).resolve().parent


@asynccontextmanager
async def ready(_: st.App) -> AsyncIterator[None]:
    """Read the sample company while the server starts, and have a reader wait for the first visitor's file."""
    keep_one_ready()
    warm_up = asyncio.create_task(asyncio.to_thread(sample))
    yield
    await warm_up


# The script is in `ui/` because Streamlit takes a folder `pages/` beside it for a navigation of its own, and a
# link to a page that is opened before any other would find that one.
app = st.App(ROOT / "ui" / "rooms.py", lifespan=ready, on_script_error=apologise)

if get_script_run_ctx() is not None:  # run as a script, as tests do
    open_rooms()
