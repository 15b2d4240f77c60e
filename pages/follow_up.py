"""Follow-up: did sales do its part?"""

import pandas as pd
import streamlit as st

from alignment_core.errors import DataError
from alignment_core.follow_up_charts import converted_chart, tally_chart
from alignment_core.follow_up_findings import (
    EXPORTS,
    PROBLEM,
    VERDICT_WORD,
    as_of_said,
    delay_sentences,
    difference_sentences,
    follow_up_headline,
    groups_table,
    time_said,
)
from alignment_core.follow_up_review import FollowUpReview, Grouping, Tally, follow_up_by, follow_up_review
from alignment_core.follow_up_words import calendar_sentence, promise_sentences
from alignment_core.vocabulary import MqlBy
from alignment_core.wording import day, day_short, percent, period
from ui.download import download_csv
from ui.keeping import hold_in_force
from ui.mql_choice import choose_mqls
from ui.screen import answer, page, palette, reasons, show_table, standing
from ui.session import Workspace, workspace
from ui.text import field_name, plain


def main() -> None:
    hold_in_force()
    here = workspace()
    try:
        quarters = [str(quarter) for quarter in here.data.funnel(here.agreement).quarters]
    except DataError as error:
        standing(here)
        reasons(error, "Follow-up cannot be looked at yet:")
        st.page_link(page("load"), label="Load other files")
        return
    room(here, quarters[::-1])


@st.fragment
def room(here: Workspace, names: list[str]) -> None:
    """Everything that the choice of a quarter changes."""
    top = st.container()
    agreed = here.agreement.quarter
    with st.container(horizontal=True):
        chosen = st.selectbox(
            "MQLs of",
            names,
            index=names.index(agreed) if agreed in names else 0,
            key="quarter",
            bind="query-params",
            width=150,
        )
        mql = choose_mqls(here)
    quarter = here.agreement.fiscal_calendar.quarter(chosen)
    try:
        found = follow_up_review(here.data, here.agreement, quarter, mql=mql)
    except DataError as error:
        with top:
            standing(here)
            answer(f"How leads of {period(quarter)} were followed up cannot be told.", "")
        reasons(error, "What is missing:")
        st.page_link(page("load"), label="Load other files, or say which column is which")
        return
    with top:
        first_seen(here, found)
    if {"no_touches", "no_ids"} & found.problems:
        return
    if found.total.judged or found.total.not_due:
        by_kind_and_week(here, found, mql)
    how_long(here, found)
    if found.total.judged:
        by_place_and_owner(here, found, mql)
    by_speed(found)
    lists(here, found)
    method(here, found)


def first_seen(here: Workspace, found: FollowUpReview) -> None:
    """The sentence, the figures, and what cannot be told."""
    standing(here, as_of_said(found))
    said = follow_up_headline(found)
    answer(said.title, said.detail)
    for problem in sorted(found.problems):
        st.info(plain(PROBLEM[problem]))
    if {"no_touches", "no_ids"} & found.problems:
        st.markdown("**Which export shows it**\n" + "\n".join(f"- {plain(line)}" for line in EXPORTS))
        st.page_link(page("load"), label="Load an export of activities")
    if {"no_promise", "nothing_agreed"} & found.problems:
        st.page_link(page("agree"), label="Agree on a follow-up")
    if {"no_touches", "no_ids"} & found.problems:
        return
    with st.container(horizontal=True):
        total = found.total
        if total.judged:
            tile("Followed up as agreed", percent(total.share), f"{total.met:,} of {total.judged:,}; agreed: all")
            tile("First touch in time", percent(found.first_touch.share), f"{found.first_touch.met:,} of {found.first_touch.judged:,}")  # fmt: skip
            if found.attempts.judged:
                tile("Attempts made", percent(found.attempts.share), f"{found.attempts.met:,} of {found.attempts.judged:,}")  # fmt: skip
        if found.personal.judged:
            against = "" if found.personal_agreed is None else f"; agreed: {percent(found.personal_agreed)}"
            tile("First message personal", percent(found.personal.share), f"{found.personal.met:,} of {found.personal.judged:,}{against}")  # fmt: skip
        half = time_said(found.delay.median, found.delay.unit, found.day_minutes)
        untouched = f"{found.delay.untouched:,} never touched" if found.total.judged else ""
        tile("Half were touched within", half or "not reached", untouched, width=345)


def tile(label: str, value: str, under: str, width: int = 215) -> None:
    with st.container(width=width):
        st.metric(label, value, plain(under) or None, delta_color="off", delta_arrow="off", border=True)


def draw(groups: tuple[Tally, ...], key: str, *, with_share: bool = True) -> None:
    spec, words = tally_chart(groups, palette(), with_share=with_share)
    st.vega_lite_chart(spec, key=f"follow_up.{key}", alt=words)


def details(here: Workspace, found: FollowUpReview, by: Grouping, name: str, mql: MqlBy) -> None:
    """How soon, how often and how personally, group by group; worked out where somebody asks."""
    if not st.toggle(f"How soon, how often and how personally, by {field_name(name)}", key=f"follow_up.details.{by}"):
        return
    groups = follow_up_by(here.data, here.agreement, found.quarter, by, mql=mql)
    table = groups_table(groups, field_name(name).capitalize(), found.delay.unit, found.day_minutes)
    numbers = {column: st.column_config.TextColumn(alignment="right") for column in table.columns[1:]}
    show_table(table, column_config=numbers)


def by_kind_and_week(here: Workspace, found: FollowUpReview, mql: MqlBy) -> None:
    st.subheader(f"By {field_name(found.kind_field)}", anchor=False)
    st.caption(
        plain(" · ".join(VERDICT_WORD.values()) + ". Beside each bar: the share as agreed of those that were due.")
    )
    draw(found.by_kind, "kind")
    details(here, found, "kind", found.kind_field, mql)
    st.subheader("By week of the MQL", anchor=False)
    weeks = tuple(_renamed(each, f"week of {day_short(pd.Timestamp(each.name))}") for each in found.by_week)
    draw(weeks, "week")
    details(here, found, "week", "week", mql)


def _renamed(group: Tally, name: str) -> Tally:
    return Tally(name, group.met, group.missed, group.not_due, group.untold)


def how_long(here: Workspace, found: FollowUpReview) -> None:
    """The distribution against what was agreed."""
    st.subheader("How long the first touch took", anchor=False)
    said = delay_sentences(found)
    if said:
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in said))
    st.caption("From the MQL, in working time. ✓ came within the time agreed for that lead, ✗ after it or never.")
    draw(found.bands, "bands", with_share=False)


def by_place_and_owner(here: Workspace, found: FollowUpReview, mql: MqlBy) -> None:
    st.subheader(f"By {field_name(found.place_field)}", anchor=False)
    draw(found.by_place, "place")
    details(here, found, "place", found.place_field, mql)
    if not found.by_owner:
        st.caption("Owners are not shown: that is what was agreed.")
        return
    st.subheader("By owner", anchor=False)
    st.caption("The lowest share first. A few leads say little of anybody: hold the number of leads against the share.")
    draw(found.by_owner[:20], "owner")
    if len(found.by_owner) > 20:
        st.caption(f"The 20 with the lowest share of {len(found.by_owner)}.")
    details(here, found, "owner", "owner", mql)


def by_speed(found: FollowUpReview) -> None:
    """Conversion by speed, within like leads."""
    if not found.converted:
        return
    st.subheader("Did speed go with conversion, among like leads?", anchor=False)
    if found.difference or found.total.judged:
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in difference_sentences(found)))
    quarters = f"the {found.converted_quarters} quarters up to this one" if found.converted_quarters > 1 else "this quarter"  # fmt: skip
    st.caption(f"Marketing's MQLs of {quarters} that were decided: accepted as SQLs, or given up.")
    spec, words = converted_chart(found.converted, palette())
    st.vega_lite_chart(spec, key="follow_up.converted", alt=words)


def lists(here: Workspace, found: FollowUpReview) -> None:
    """Leads to work through."""
    if not found.total.judged:
        return
    st.subheader("Leads to work through", anchor=False)
    which = st.segmented_control(
        "Which leads",
        ["breaches", "untouched", "missed"],
        default="breaches",
        required=True,
        key="follow_up.list",
        format_func={
            "breaches": f"In breach now ({len(found.breaches):,})",
            "untouched": f"Never touched ({len(found.untouched):,})",
            "missed": f"All not as agreed ({len(found.missed):,})",
        }.__getitem__,
        label_visibility="collapsed",
    )
    listed = {"breaches": found.breaches, "untouched": found.untouched, "missed": found.missed}[which]
    st.caption(
        {
            "breaches": "Past due, still open, and not as agreed.",
            "untouched": "Past due without a single touch, open or given up.",
            "missed": "Every lead that was not followed up as agreed, whatever became of it.",
        }[which]
    )
    with st.container(horizontal=True):
        for column in [name for name in (found.kind_field, found.place_field, "owner") if name in listed]:
            values = sorted(listed[column].unique())
            kept = st.multiselect(field_name(column).capitalize(), values, key=f"follow_up.only.{column}", placeholder="all", width=230)  # fmt: skip
            listed = listed[listed[column].isin(kept)] if kept else listed
    if listed.empty:
        st.caption("None.")
        return
    show_table(listed, column_config=columns(listed, here.agreement.timezone))
    st.caption(plain(f"Times are those of {here.agreement.timezone}."))
    download_csv(listed, f"follow-up-{which}-{found.quarter}.csv")


def columns(listed: pd.DataFrame, timezone: str) -> dict:
    """What the columns of a list are called, and how its times are written."""
    called = {"lead_id": "Lead ID", "mql_at": "MQL on"}
    names = {name: called.get(name) or field_name(name).capitalize() for name in listed}
    return {
        name: st.column_config.DatetimeColumn(label, format="D MMM YYYY, HH:mm", timezone=timezone)
        if isinstance(listed[name].dtype, pd.DatetimeTZDtype)
        else label
        for name, label in names.items()
    }


def method(here: Workspace, found: FollowUpReview) -> None:
    with st.expander("What was agreed, and how this is counted"):
        promise = here.agreement.follow_up
        if promise:
            said = [*promise_sentences(promise), f"Business calendar: {calendar_sentence(promise.calendar, here.agreement.timezone)}"]  # fmt: skip
            st.markdown("\n".join(f"- {plain(sentence)}" for sentence in said))
        until = "" if found.until is None else f" What falls due after the last touch in the files ({day(found.until.date())}) is not due yet."  # fmt: skip
        st.markdown(
            plain(
                "Counted are sales' touches from the MQL on; marketing's are not. A lead that was accepted or given up needs no "
                "further attempts. A lead that was accepted in time counts as touched in time, and so does one that was handed "
                f"back in time where that is agreed.{until}"
            )
        )


main()
