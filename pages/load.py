"""Load: did the data go in right?"""

from dataclasses import replace
from hashlib import sha256

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.drafts import draft_agreement, last_quarter, unassigned_wins
from alignment_core.errors import DataError
from alignment_core.imports import (
    KINDS,
    FileMapping,
    FileReport,
    Imported,
    InputFile,
    MappingError,
    dump_mapping,
    fields_of,
    parse_mapping,
    read_files,
)  # fmt: skip
from alignment_core.wording import count, period
from ui.screen import answer, page, reasons, standing
from ui.session import Workspace, use_files, use_sample, workspace
from ui.text import plain

KIND_NAME = {
    "leads": "leads",
    "deals": "opportunities",
    "touches": "follow-up activities",
    "stage_events": "records that reached one stage",
    "funnel": "a summary of counts",
    "owners": "who works where",
    "accounts": "accounts",
}


def main() -> None:
    here = workspace()
    standing(here)
    top = st.container()
    uploads = st.file_uploader(
        "CRM exports: CSV, TSV, Excel or Parquet, several at once",
        accept_multiple_files=True,
        key="uploads",
        help="Leads or contacts, opportunities or deals, activities; or one file per stage; or a summary by quarter. "
        "Names, e-mail addresses, phone numbers and free text are dropped while reading and never stored.",
    )
    if not uploads:
        with top:
            what_is_loaded(here)
        where_to_export()
        for report in here.files:
            card(report)
        return
    contents = {upload.name: upload.getvalue() for upload in uploads}
    mapping = st.session_state.setdefault("mapping", {})
    imported = read(contents, mapping)
    with top:
        verdict(here, imported, contents)
    for report in imported.files:
        card(report)
    with st.expander("Keep these choices for next quarter"):
        st.download_button("Download the mapping", dump_mapping(imported), "mapping.toml", on_click="ignore")
        given = st.file_uploader("Use a mapping from before", type="toml", key="mapping_file")
        if given is not None:
            take_mapping(given.getvalue().decode("utf-8", "replace"))


def read(contents: dict[str, bytes], mapping: dict[str, FileMapping]) -> Imported:
    """Read the uploads once for each set of bytes and choices; what was read stays for this session only."""
    key = (
        tuple((name, sha256(content).hexdigest()) for name, content in contents.items()),
        repr(sorted(mapping.items())),
    )
    known = st.session_state.get("imported")
    if known is None or known[0] != key:
        with st.spinner("Reading the files…"):
            known = (key, read_files([InputFile(name, content) for name, content in contents.items()], mapping))
        st.session_state["imported"] = known
    return known[1]


def what_is_loaded(here: Workspace) -> None:
    """Nothing is being uploaded: say what the room looks at now."""
    quality = here.data.quality
    whose = "The sample company is loaded" if here.is_sample else f"{len(here.files)} files are loaded"
    answer(
        f"{whose}: {quality.rows_used:,} of {quality.rows_read:,} rows used.",
        "Drop your CRM's exports below, as they are, to review your own quarter.",
    )
    if not here.is_sample and st.button("Back to the sample company"):
        use_sample()
        st.rerun()


def verdict(here: Workspace, imported: Imported, contents: dict[str, bytes]) -> None:
    """Whether everything was understood, and the way on."""
    waiting = imported.refused
    quality = imported.quality
    if waiting:
        names = ", ".join(report.name for report in waiting)
        answer(
            f"{len(waiting)} of {len(imported.files)} files need you.",
            f"{names}: see below. Nothing is reviewed until each file is understood, or taken out.",
        )
        return
    answer(
        f"{len(imported.files)} {'file' if len(imported.files) == 1 else 'files'} understood: {quality.rows_used:,} of {quality.rows_read:,} rows used.",
        f"{quality.rows_set_aside:,} rows are set aside, with the reason of each below."
        if quality.rows_set_aside
        else "No row is set aside.",
    )
    data = loaded(imported)
    digests = tuple(sha256(content).hexdigest() for content in contents.values())
    try:
        latest = last_quarter(data, here.agreement)
    except DataError as error:
        reasons(error, "These files cannot be reviewed yet:")
        return
    choice = st.radio(
        "Hold them against",
        ["draft", "current"],
        format_func={
            "draft": f"a draft for {period(latest)}, made from what {period(latest.previous)} brought",
            "current": f"the agreement of {here.agreement.company} for {period(here.agreement.fiscal_quarter)}",
        }.__getitem__,
        index=0 if here.is_sample else 1,
        key="hold_against",
    )
    base = fresh_agreement(here)
    unassigned = unassigned_wins(data, base)
    otherwise = base.sourcing.otherwise
    if unassigned and choice == "draft":
        otherwise = st.radio(
            f"{count(unassigned)} wins have no lead source that is known to be marketing's or sales'. Count them as",
            ["marketing", "sales", "unassigned"],
            index=None,
            horizontal=True,
            key="otherwise",
            help="Single lead sources can be given to a side on the page Agree.",
        )
    if st.button("Review this quarter", type="primary", disabled=otherwise is None):
        agreement = here.agreement
        if choice == "draft":
            base = base.model_copy(update={"sourcing": base.sourcing.model_copy(update={"otherwise": otherwise})})
            try:
                agreement = draft_agreement(data, base, latest)
            except DataError as error:
                reasons(error, "No agreement could be drafted:")
                return
        use_files(data, imported.files, digests, agreement, is_draft=choice == "draft")
        st.session_state.pop("imported")
        st.session_state.pop("loaded")
        for key in ("quarter", "basis", "by", "bar"):
            st.session_state.pop(key, None)
        st.switch_page(page("review"))


def fresh_agreement(here: Workspace) -> Agreement:
    """What a draft starts from: the room's own agreement, but nothing of the sample company's."""
    if not here.is_sample:
        return here.agreement
    plan = here.agreement.model_dump(include={"quarter", "revenue_target", "split", "marketing", "sales"})
    return Agreement.checked(plan | {"company": "Your company"})


def loaded(imported: Imported) -> Data:
    """The engine over what was read: built once for each reading."""
    known = st.session_state.get("loaded")
    if known is None or known[0] is not imported:
        known = (imported, Data(imported.tables, imported.quality))
        st.session_state["loaded"] = known
    return known[1]


def card(report: FileReport) -> None:
    """One file: what it was understood as, what became of its rows, and the way to change it."""
    with st.container(border=True):
        st.markdown(f"**{plain(report.name)}**")
        if report.refused:
            st.warning("\n".join(f"- {plain(reason)}" for reason in report.refused))
        elif report.question:
            ask(report)
        else:
            kind = KIND_NAME[report.kind or "leads"]
            aside = report.rows_read - report.rows_used
            origin = f" from {report.system}" if report.system != "unknown" else ""
            st.markdown(
                plain(f"{kind.capitalize()}{origin}: {report.rows_used:,} of {report.rows_read:,} rows used")
                + (plain(f", {aside:,} set aside.") if aside else plain("."))
            )
        if report.columns:
            columns(report)
        if report.faults:
            with st.expander(f"What was set aside or doubtful ({len(report.faults):,})"):
                st.dataframe(
                    pd.DataFrame([vars(fault) for fault in report.faults]).drop(columns="file"), hide_index=True
                )


def ask(report: FileReport) -> None:
    """The one question that must be answered before a file is read."""
    st.info(plain(report.question.text))
    if "date_order" in report.question.answers[0]:
        for column, (order, label) in zip(
            st.columns(2), [("DMY", "Day first: 3/4 is 3 April"), ("MDY", "Month first: 3/4 is March 4")], strict=True
        ):
            if column.button(label, key=f"{report.name} {order}", width="stretch"):
                decide(report, date_order=order)


def where_to_export() -> None:
    """Where to click to get the files."""
    with st.expander("Where to get the exports"):
        st.markdown(
            "**Salesforce**: Reports → New report → *Leads* (Created Date, Lead Source, the dates a lead became MQL and SQL, "
            "Converted Date, Converted Opportunity ID) and *Opportunities* (Opportunity ID, Created Date, Close Date, Stage or Won, "
            "Amount, Lead Source) → Export → Details only. Or Setup → Data Export, and take Lead, Opportunity and Task.\n\n"
            "**HubSpot**: Contacts → Export with *Became a Marketing Qualified Lead Date* and the other lifecycle dates; "
            "Deals → Export with *Create Date, Close Date, Deal Stage, Amount*.\n\n"
            "**A spreadsheet**: one row a quarter and source, with the columns quarter, source, mqls, sqls, opportunities, wins, revenue."
        )


def take_mapping(text: str) -> None:
    """Use the choices of a mapping file."""
    try:
        given = parse_mapping(text)
    except MappingError as error:
        st.warning("\n".join(f"- {plain(fault)}" for fault in error.faults))
        return
    if given != st.session_state["mapping"] and st.session_state.get("mapping_taken") != text:
        st.session_state["mapping_taken"] = text
        st.session_state["mapping"] = given
        st.rerun()


def columns(report: FileReport) -> None:
    """Each column and the field it became; a change is taken at once."""
    used = sum(column.field is not None for column in report.columns)
    personal = sum(column.why == "personal, dropped" for column in report.columns)
    title = f"{used} of {len(report.columns)} columns used" + (
        f", {personal} with personal data dropped" if personal else ""
    )
    with st.expander(title):
        editable = st.session_state.get("uploads")
        frame = pd.DataFrame(
            {
                "Column": [column.header for column in report.columns],
                "Read as": [column.field or "" for column in report.columns],
                "Why": [column.why for column in report.columns],
                "For example": [", ".join(column.samples[:3]) for column in report.columns],
            }
        )
        if not editable:
            st.dataframe(frame, hide_index=True, width="stretch")
            return
        kind = st.selectbox(
            "This file holds",
            KINDS,
            index=KINDS.index(report.kind) if report.kind else None,
            format_func=KIND_NAME.__getitem__,
            key=f"kind {report.name}",
            width=320,
        )
        edited = st.data_editor(
            frame,
            hide_index=True,
            width="stretch",
            disabled=["Column", "Why", "For example"],
            column_config={
                "Read as": st.column_config.SelectboxColumn(options=["", *fields_of(kind)] if kind else None)
            },
            key=f"columns {report.name} {kind}",
        )
        if st.button("Read it like this", key=f"apply {report.name}"):
            chosen = {field: header for header, field in zip(edited["Column"], edited["Read as"], strict=True) if field}
            dropped = {column.field: "" for column in report.columns if column.field and column.field not in chosen}
            decide(report, kind=kind, columns=chosen | dropped)


def decide(report: FileReport, **choices: object) -> None:
    """Take the user's word about a file, and read again."""
    mapping = st.session_state["mapping"]
    st.session_state["mapping"] = mapping | {report.name: replace(mapping.get(report.name, FileMapping()), **choices)}
    st.rerun()


main()
