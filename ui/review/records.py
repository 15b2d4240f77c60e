"""Down to the records behind a bar: a list that ties to it, that can be filtered and taken away."""

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.bar_records import BarRecords, bar_records, open_records
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.record_words import COLUMN, open_sentence, records_sentence, records_table
from alignment_core.results import Bar, Review
from alignment_core.wording import SOURCE
from ui.download import download_csv
from ui.screen import show_table
from ui.text import field_name, plain

__all__ = ["open_records_section", "records_section"]

_ALL = "all"


def records_section(data: Data, agreement: Agreement, review: Review, bar: Bar) -> None:
    """Draw it; the tables are asked only where it is opened."""
    if not st.toggle("Show the records behind this bar", key="review.records.show"):
        return
    parts = {
        str(each.segment): each
        for each in review.segment_bars
        if (each.source, each.driver) == (bar.source, bar.driver)
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if parts:
            name = field_name(review.by or "").capitalize()
            segment = st.selectbox(name, [_ALL, *parts], key="review.records.segment", width=220)
            bar = parts.get(segment, bar)
        try:
            found = bar_records(data, agreement, review, bar)
        except DataError as error:
            st.caption(plain(str(error)))
            return
        records = _filtered(_filtered(found.records, found, 1), found, 2)
    st.markdown(plain(records_sentence(review, bar, found)))
    if len(records) < len(found.records):
        st.caption(f"{len(records):,} of {len(found.records):,} are shown.")
    _listed(records, f"records-{review.quarter}-{bar.source}-{bar.driver}.csv", "review.records")


def open_records_section(data: Data, agreement: Agreement, review: Review) -> None:
    """The records that are not decided yet, of either side; asked for only where it is opened."""
    sides = [source for source, decided in review.not_decided.items() if any(decided.open.values())]
    if not sides or not st.toggle("Show the records that are still open", key="review.open.show"):
        return
    source = st.segmented_control("Whose", sides, format_func=SOURCE.__getitem__, default=sides[0], required=True, key="review.open.source", label_visibility="collapsed")  # fmt: skip
    try:
        found = open_records(data, agreement, review, source)
    except DataError as error:
        st.caption(plain(str(error)))
        return
    st.markdown(plain(open_sentence(found)))
    _listed(found.records, f"open-{review.quarter}-{source}.csv", "review.open")


def _listed(records: pd.DataFrame, file_name: str, key: str) -> None:
    table = records_table(records)
    columns: dict[str, object] = {
        name: st.column_config.DatetimeColumn(format=_day_or_time(table[name]), width=150)
        for name in table.select_dtypes("datetime")
    }
    columns |= {name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number")}
    show_table(table, column_config=columns, height=min(420, 38 + 35 * max(1, len(table))))
    download_csv(records, file_name, key=f"{key}.download")


def _day_or_time(times: pd.Series) -> str:
    """Files without times of day have midnights only."""
    return "D MMM YYYY" if (times.dropna() == times.dropna().dt.normalize()).all() else "D MMM YYYY, HH:mm"


def _filtered(records: pd.DataFrame, found: BarRecords, place: int) -> pd.DataFrame:
    """The records that have a chosen value in a chosen field; the second choice is offered once the first is made."""
    if place > 1 and len(records) == len(found.records):
        return records
    skipped = {"lead_id", "deal_id", "amount", "counted", "first_touch", *found.stages}
    fields = [name for name in records if name not in skipped and records[name].nunique() > 1]
    named = {_ALL: "all records", **{name: COLUMN.get(name, field_name(name)) for name in fields}}
    label, key = ("Only those with", "and with")[place - 1], f"review.records.field.{place}"
    field = st.selectbox(label, list(named), format_func=named.__getitem__, key=key, width=200)
    if field == _ALL:
        return records
    values = sorted(records[field].dropna().astype(str).unique())
    value = st.selectbox("equal to", values, key=f"review.records.value.{place}.{field}", width=220)
    return records[records[field].astype(str) == value]
