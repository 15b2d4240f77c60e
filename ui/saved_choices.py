"""How the files are read, kept for next quarter: saved under a name, as a file, and given again."""

import streamlit as st

from alignment_core.imports import Imported, MappingError, dump_mapping, parse_mapping
from alignment_core.imports.library import delete_mapping, save_mapping, saved_mappings
from alignment_core.imports.mapping import understood
from ui.loading import MAPPINGS, Loading, release
from ui.session import workspace_folder
from ui.text import plain


def saved_choices(imported: Imported, loading: Loading) -> None:
    """Draw what can be kept and what was kept before."""
    folder = workspace_folder() / MAPPINGS
    # What a popover holds is on the page only while it is open. In a closed expander, buttons have a size and no name.
    with st.popover("Save these choices for next quarter"):
        with st.form("save choices", border=False, clear_on_submit=True):
            name = st.text_input(
                "Save these choices as", placeholder="EMEA HubSpot", help="Files with the same headers are read like this next time."
            )  # fmt: skip
            asked = st.form_submit_button("Save")
        if asked:
            _save(name, imported, loading)
        saved, faults = saved_mappings(folder)
        for fault in faults:
            st.warning(plain(fault))
        for each in saved:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{plain(each.name)} :gray[saved on {each.saved_at.day} {each.saved_at:%b %Y}]", width="stretch"
                )
                st.download_button(
                    "Export", each.text, f"{each.name}.toml", "application/toml", on_click="ignore", key=f"export {each.name}"
                )  # fmt: skip
                st.button("Delete", key=f"delete {each.name}", on_click=_delete, args=(each.name,))
        st.download_button(
            "Download as a mapping file", lambda: dump_mapping(imported, loading.decided), "mapping.toml", "application/toml",
            on_click="ignore", key="mapping toml",
        )  # fmt: skip
        key = f"mapping file {loading.drops}"
        st.file_uploader("Use a mapping file", type="toml", key=key, on_change=_take, args=(key, loading))
        for fault in st.session_state.pop("mapping faults", ()):
            st.warning(plain(fault))


def _save(name: str, imported: Imported, loading: Loading) -> None:
    read = [report for report in imported.files if report.columns]
    try:
        saved = save_mapping(
            workspace_folder() / MAPPINGS,
            name,
            {report.name: understood(report, loading.decided.get(report.name)) for report in read},
            {report.name: [column.header for column in report.columns] for report in read},
        )
    except ValueError as error:
        st.warning(plain(error))
    except OSError:
        st.warning("The workspace's folder cannot be written. Download the choices as a mapping file instead.")
    else:
        st.success(f"Saved as “{plain(saved.name)}”. Files with the same headers are read like this from now on.")


def _delete(name: str) -> None:
    try:
        delete_mapping(workspace_folder() / MAPPINGS, name)
    except (ValueError, OSError):
        st.session_state["mapping faults"] = ("It could not be deleted: the workspace's folder cannot be written.",)


def _take(key: str, loading: Loading) -> None:
    """Use the choices of a mapping file for the files that it names."""
    given = st.session_state.get(key)
    if given is None:
        return
    try:
        chosen = parse_mapping(given.getvalue().decode("utf-8-sig", "replace"))
    except MappingError as error:
        st.session_state["mapping faults"] = error.faults
        chosen = {}
    for name, mapping in chosen.items():
        loading.forget(name)
        loading.decided[name] = mapping
    if chosen and not loading.files.keys() & chosen.keys():
        st.session_state["mapping faults"] = (f"It is for other files: {', '.join(chosen)}.",)
    release([given])
    loading.drops += 1
