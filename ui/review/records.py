"""Down to the records behind a bar, a segment or a count: a list that ties to it, that can be filtered and taken away."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.bar_records import BarRecords, Way, bar_records, carried_records, open_records
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.record_words import COLUMN, carried_sentence, open_sentence, records_sentence, records_table
from alignment_core.results import Bar, Review
from alignment_core.segment_words import segment_name
from alignment_core.segments import Segments
from alignment_core.vocabulary import Source, Stage
from alignment_core.wording import SOURCE, STAGE, count, in_sentence
from ui.download import download_csv
from ui.screen import show_table
from ui.text import field_name, plain

__all__ = ["carried_records_section", "open_records_section", "records_section", "segment_records_section"]

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
        records = _chosen(found, "review.records")
    _shown(records_sentence(review, bar, found), records, found, f"records-{review.quarter}-{bar.source}-{bar.driver}.csv", "review.records")  # fmt: skip


def segment_records_section(data: Data, agreement: Agreement, review: Review, bar: Bar, segments: Segments) -> None:
    """The records of a segment that stands out: those that entered the step, and which of them passed."""
    if not segments.found or not st.toggle("Show the records behind a segment", key="review.segments.show"):
        return
    named = {segment_name(each): each for each in segments.found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Segment", list(named), key="review.segments.which", width=300)
        where = dict(zip(named[name].fields, named[name].values, strict=True))
        # Segments are told by following the quarter's own records, on whichever basis the review counts.
        asked = replace(review, basis=segments.basis)
        try:
            found = bar_records(data, agreement, asked, replace(bar, segment=None), where)
        except DataError as error:
            st.caption(plain(str(error)))
            return
        records = _chosen(found, "review.segments.records")
    _shown(records_sentence(asked, bar, found), records, found, f"segment-{review.quarter}-{bar.source}-{bar.driver}.csv", "review.segments.records")  # fmt: skip


def carried_records_section(data: Data, agreement: Agreement, review: Review) -> None:
    """The records behind each count of what was carried in, or is carried out."""
    counts: dict[str, tuple[Source, Way, Stage]] = {}
    for source, carried in review.carried.items():
        came: dict[Stage, float | None] = {stage: getattr(carried.carried_in, stage) for stage in STAGE}
        for way, numbers, words in (("carried_in", came, "from an earlier quarter"), ("carried_out", carried.carried_out, "open at the end")):  # fmt: skip
            counts |= {
                f"{SOURCE[source]} {in_sentence(STAGE[stage])} {words}: {count(number)}": (source, way, stage)
                for stage, number in numbers.items()
                if number
            }
    if not counts or not st.toggle("Show the records that were carried", key="review.carried.show"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Which", list(counts), key="review.carried.which", width=420)
        source, way, stage = counts[chosen]
        try:
            found = carried_records(data, agreement, review, source, way, stage)
        except DataError as error:
            st.caption(plain(str(error)))
            return
        records = _chosen(found, "review.carried")
    _shown(carried_sentence(review, source, way, found), records, found, f"{way.replace('_', '-')}-{review.quarter}-{source}-{stage}.csv", "review.carried")  # fmt: skip


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


def _chosen(found: BarRecords, key: str) -> pd.DataFrame:
    """The records that two filters leave."""
    return _filtered(_filtered(found.records, found, 1, key), found, 2, key)


def _shown(said: str, records: pd.DataFrame, found: BarRecords, file_name: str, key: str) -> None:
    """What the records are, that they tie, and the list."""
    st.markdown(plain(said))
    if len(records) < len(found.records):
        st.caption(f"{len(records):,} of {len(found.records):,} are shown.")
    _listed(records, file_name, key)


def _listed(records: pd.DataFrame, file_name: str, key: str) -> None:
    table = records_table(records)
    columns: dict[str, object] = {
        name: st.column_config.DatetimeColumn(format=_day_or_time(table[name]), width=150)
        for name in table.select_dtypes("datetime")
    }
    columns |= {name: st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number")}
    ids = [COLUMN[name] for name in ("lead_id", "deal_id") if COLUMN[name] in table]
    columns |= {name: st.column_config.TextColumn(width=_id_width(table[name])) for name in ids}
    show_table(table, column_config=columns, height=min(420, 38 + 35 * max(1, len(table))))
    download_csv(records, file_name, key=f"{key}.download")


def _id_width(ids: pd.Series) -> int:
    """Pixels in which an id of Salesforce's (18 letters) and one of 32 digits stand whole, and no needless ones for a number."""
    longest = max((len(str(each)) for each in ids.dropna()), default=0)
    return min(320, max(110, 24 + 9 * longest))


def _day_or_time(times: pd.Series) -> str:
    """Files without times of day have midnights only."""
    return "D MMM YYYY" if (times.dropna() == times.dropna().dt.normalize()).all() else "D MMM YYYY, HH:mm"


def _filtered(records: pd.DataFrame, found: BarRecords, place: int, key: str) -> pd.DataFrame:
    """The records that have a chosen value in a chosen field; the second choice is offered once the first is made."""
    if place > 1 and len(records) == len(found.records):
        return records
    skipped = {"lead_id", "deal_id", "amount", "counted", "first_touch", *found.stages}
    fields = [name for name in records if name not in skipped and records[name].nunique() > 1]
    named = {_ALL: "all records", **{name: COLUMN.get(name, field_name(name)) for name in fields}}
    label = ("Only those with", "and with")[place - 1]
    field = st.selectbox(label, list(named), format_func=named.__getitem__, key=f"{key}.field.{place}", width=200)
    if field == _ALL:
        return records
    values = sorted(records[field].dropna().astype(str).unique())
    value = st.selectbox("equal to", values, key=f"{key}.value.{place}.{field}", width=220)
    return records[records[field].astype(str) == value]
