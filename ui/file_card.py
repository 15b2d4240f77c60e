"""One file on the page Load: what it was understood as, what is asked about it, and the column of each field."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from alignment_core.imports import KINDS, OF_BOOK, Column, FileMapping, FileReport, MappingError, fields_of
from alignment_core.imports.mapping import answered
from ui.field_words import ESSENTIAL, KIND_NAME, answer_words, field_words, shortened
from ui.loading import Loading
from ui.plan_proposal import plan_card
from ui.screen import show_table
from ui.text import plain


def card(report: FileReport, loading: Loading | None = None) -> None:
    """Draw a file's card; with `loading`, it can be changed."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{plain(shortened(report.name))}**  \n{plain(_outcome(report))}", width="content")
            if loading:
                st.button("Take out", key=f"out {report.name}", on_click=loading.take_out, args=(report.name,))
        _of_all_rows(report, loading)
        if loading:
            _skipped(report, loading)
            _recognised(report, loading)
        if report.plan:
            plan_card(report, loading)
        _notes(report)
        if report.refused:
            st.warning("\n".join(f"- {plain(shortened(reason, 600))}" for reason in report.refused))
        elif report.question and loading:
            _ask(report, loading)
        if loading:
            _suggestions(report, loading)
        if report.columns:
            _columns(report, loading)


def _outcome(report: FileReport) -> str:
    """What a file holds and what became of its rows, in a sentence."""
    if report.refused:
        return "Not read yet."
    origin = f" from {report.system}" if report.system != "unknown" else ""
    kind = f"{KIND_NAME[report.kind].capitalize()}{origin}" if report.kind else "Not read yet"
    if report.question:
        return f"{kind}; one question."
    if report.kind == "plan":
        return f"{kind}: {len(report.plan):,} figures in {report.rows_read:,} rows, proposed and not counted."
    aside = report.rows_read - report.rows_used
    rest = f", {aside:,} set aside" if aside else ""
    return f"{kind}: {report.rows_used:,} of {report.rows_read:,} rows used{rest}."


def _notes(report: FileReport) -> None:
    """How the file was read, as far as that does not go without saying."""
    said = [
        fault.reason
        for fault in report.faults
        if fault.row is None and not fault.rows and fault.column not in report.values
    ]
    if said:
        more = f" {len(said) - 4:,} more notes are in the quality report." if len(said) > 4 else ""
        st.caption(plain(shortened(" ".join(said[:4]), 800) + more))


def _recognised(report: FileReport, loading: Loading) -> None:
    """Which saved mapping was made for a file with these headers, and the way to read it without."""
    saved = loading.saved.get(report.name)
    if saved is None:
        return
    words, button = st.columns([6, 1], vertical_alignment="center")
    when = f"{saved.saved_at.day} {saved.saved_at:%b %Y}"
    words.caption(f"Read as “{plain(saved.name)}”, saved on {when}: the headers are the same.")
    button.button("Don't use it", key=f"decline {report.name}", on_click=loading.decline, args=(report.name,))


def _of_all_rows(report: FileReport, loading: Loading | None) -> None:
    """What its name, or the user, says of all rows, and the way to take that back."""
    if not report.values:
        return
    said = ", ".join(f"{field_words(field).lower()} {value}" for field, value in report.values.items())
    by_hand = loading and report.name in loading.decided and loading.decided[report.name].values == report.values
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        why = "as you said" if by_hand else f"by the name of the {'sheet' if OF_BOOK in report.name else 'file'}"
        st.caption(f"All rows are of {plain(shortened(said, 200))}, {why}.", width="content")
        if loading:
            none = dict.fromkeys(report.values, "")
            st.button(
                "Not so",
                key=f"values {report.name}",
                on_click=loading.decide,
                args=(report.name, lambda mapping: replace(mapping, values={**mapping.values, **none})),
            )


def _skipped(report: FileReport, loading: Loading) -> None:
    """Sheets of the workbook that were taken out, each with the way to take it in again."""
    for name in report.skipped:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(f"{plain(shortened(name))} was taken out.", width="content")
            st.button("Read it", key=f"in {report.name} {name}", on_click=loading.take_in_sheet, args=(name,))


def _ask(report: FileReport, loading: Loading) -> None:
    """The one question that must be answered before a file is read, with a button for each answer."""
    if report.question is None:
        return
    # What follows is for who writes the mapping file; here the buttons answer.
    st.info(plain(shortened(report.question.text.split(" Add to the mapping")[0], 600)))
    with st.container(horizontal=True):
        for line in report.question.answers:
            try:
                label = answer_words(answered(FileMapping(), line), line)
            except MappingError:  # an answer that is not about this file alone: it can only be written down
                st.code(line, language="toml")
                continue
            st.button(
                plain(label),
                key=f"answer {report.name} {line}",
                on_click=loading.decide,
                args=(report.name, lambda mapping, line=line: answered(mapping, line)),
            )


def _suggestions(report: FileReport, loading: Loading) -> None:
    """What columns without a field may be: taken by a click, never by itself."""
    for column in report.columns:
        field = column.suggestion
        if field is None or column.header in loading.decided.get(report.name, FileMapping()).columns.values():
            continue
        words, button = st.columns([6, 1], vertical_alignment="center")
        seen = f" For example {shortened(column.samples[0], 40)}." if column.samples else ""
        words.markdown(
            f"**{plain(shortened(column.header, 60))}** may be **{plain(field_words(field))}**  \n"
            f":gray[{plain(column.suggested_because[:1].upper() + column.suggested_because[1:] + '.' + seen)}]"
        )
        button.button(
            "Use",
            key=f"use {report.name} {column.header}",
            help=plain(f"Read {shortened(column.header, 60)} as {field_words(field)}"),
            on_click=_map,
            args=(loading, report.name, field, column.header),
        )


def _columns(report: FileReport, loading: Loading | None) -> None:
    """Each field and its column, then the columns without a field."""
    used = sum(column.field is not None for column in report.columns)
    with st.expander(f"{used:,} of {len(report.columns):,} columns used", expanded=bool(loading and report.refused)):
        if loading:
            _kind(report, loading)
            if report.kind:
                _fields(report, loading)
        else:
            _table([column for column in report.columns if column.field], with_field=True)
        unused = [column for column in report.columns if column.why == "not used"]
        personal = [column.header for column in report.columns if column.why == "personal, dropped"]
        if unused:
            st.caption(f"Not used ({len(unused):,})")
            _table(unused)
        if personal:
            st.caption(f"Personal data, dropped while reading ({len(personal):,})")
            st.text(shortened(", ".join(personal), 1_000))


def _kind(report: FileReport, loading: Loading) -> None:
    """What the file holds; another choice begins its mapping afresh."""
    key = f"kind {report.name}"
    st.session_state[key] = report.kind

    def change() -> None:
        chosen = st.session_state[key]
        loading.decide(report.name, lambda mapping: replace(mapping, kind=chosen, columns={}))

    st.selectbox(
        "This file holds", KINDS, index=None, format_func=KIND_NAME.__getitem__, key=key, on_change=change, width=320,
        placeholder="Choose",
    )  # fmt: skip


def _fields(report: FileReport, loading: Loading) -> None:
    """A row for each field: its column, to be changed by a click, why it was chosen, and what is in it."""
    assert report.kind is not None  # noqa: S101 the caller looked
    decided = loading.decided.get(report.name, FileMapping())
    by_field = {column.field: column for column in report.columns if column.field}
    chosen = {field: column.header for field, column in by_field.items()} | dict(decided.columns)
    extra = (*chosen, *loading.added.get(report.name, ()))
    every = fields_of(report.kind)
    shown = [field for field in every if field in ESSENTIAL[report.kind] or field in extra]
    headers = ["", *(column.header for column in report.columns if column.why != "personal, dropped")]
    saved = report.name in loading.saved
    for field in shown:
        name, choice, evidence = st.columns([2, 3, 4], vertical_alignment="center")
        name.markdown(plain(field_words(field)))
        key = f"column {report.name} {field}"
        header = chosen.get(field, "")
        st.session_state[key] = header if header in headers else ""

        def change(field: str = field, key: str = key) -> None:
            _map(loading, report.name, field, st.session_state[key])

        choice.selectbox(
            field_words(field), headers, format_func=lambda header: shortened(header, 60) or "no column", key=key,
            on_change=change, label_visibility="collapsed",
        )  # fmt: skip
        column = by_field.get(field)
        if column:
            with evidence.container(gap=None):
                st.caption(plain(_why(column, saved)))
                st.text(shortened(" · ".join(column.samples[:3]), 60) or "nothing in the first rows")
    rest = [field for field in every if field not in shown]
    key = f"add {report.name}"

    def add() -> None:
        if st.session_state[key]:
            loading.added[report.name] = (*loading.added.get(report.name, ()), st.session_state[key])
            st.session_state[key] = None

    if rest:
        st.selectbox(
            "Another field", rest, index=None, format_func=field_words, key=key, on_change=add, width=320, placeholder="Choose"
        )  # fmt: skip


def _why(column: Column, is_saved: bool) -> str:
    """Why a column was chosen, and how many of its cells parse."""
    why = "as saved" if is_saved and column.why == "chosen by hand" else column.why
    if column.parses is None:
        return why
    good, something = column.parses
    return f"{why} · {good:,} of {something:,} parse"


def _map(loading: Loading, name: str, field: str, header: str) -> None:
    """Give a field a column, which no other field has then; "" leaves it without one."""

    def change(mapping: FileMapping) -> FileMapping:
        others = {other: taken for other, taken in mapping.columns.items() if not header or taken != header}
        return replace(mapping, columns=others | {field: header})

    loading.decide(name, change)


def _table(columns: Sequence[Column], *, with_field: bool = False) -> None:
    frame = pd.DataFrame(
        {
            **({"Field": [field_words(column.field or "") for column in columns]} if with_field else {}),
            "Column": [column.header for column in columns],
            **({"Why": [column.why for column in columns]} if with_field else {}),
            "For example": [" · ".join(column.samples[:3]) for column in columns],
        }
    )
    show_table(frame, height="auto" if len(frame) < 10 else 320)
