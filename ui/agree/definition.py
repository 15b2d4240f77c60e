"""What is an MQL: the definition, what it would have brought, what a stricter one costs, and where the CRM differs."""

from typing import Any

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import MqlDefinition
from alignment_core.definition_charts import frontier_chart
from alignment_core.definition_findings import OWED_MEANING, answer, caveats, warned
from alignment_core.definition_lint import lint
from alignment_core.definition_words import preview
from alignment_core.errors import DataError
from alignment_core.export.reconciled_csv import reconciled_csv
from alignment_core.frontier import frontier
from alignment_core.reconcile import reconcile
from alignment_core.replay import Replay, Replayed, replay
from alignment_core.wording import count, money_short, percent, period
from ui.agree.rule_builder import build, drafted
from ui.field_words import field_words
from ui.screen import palette, show_table
from ui.text import plain

__all__ = ["definition_section", "forget"]

state = st.session_state

_HERE = "agree.definition."
CRM, AGREED = "Flagged in the CRM", "Agreed"
PROPOSALS = ("Mediated", "Sales' proposal", "Marketing's proposal")


def forget() -> None:
    """Drop the drafts, so that the section begins with the definition that it is given next."""
    for key in [key for key in state if str(key).startswith(_HERE)]:
        del state[key]


def definition_section(definition: MqlDefinition | None, agreement: Agreement, data: Data) -> MqlDefinition | None:
    """Draw the section; returns the definition that was adopted in it, or the one given.

    Args:
        definition: what this returned at the last run. Anything else, such as another agreement's, takes its place.
        agreement: sourcing, calendar and targets; its own definition is not looked at.
        data: the loaded tables.
    """
    begin(definition, data)
    st.subheader("What is an MQL", anchor=False)
    first = st.container()
    with st.expander("Change the definition, or compare proposals"):
        chosen = (
            st.segmented_control("Edit", PROPOSALS, default=PROPOSALS[0], key=f"{_HERE}edited", persist_state="session")
            or PROPOSALS[0]
        )
        edited, faults = build(state[f"{_HERE}drafts"][chosen], data, agreement)
        state[f"{_HERE}made"] = state.get(f"{_HERE}made", {}) | {chosen: edited}
        below_the_builder(chosen, edited, faults, agreement, data)
    adopted: MqlDefinition | None = state[f"{_HERE}adopted"]
    state[f"{_HERE}returned"] = adopted
    with first:
        first_seen(adopted, agreement, data)
    compared = proposals(adopted)
    try:
        found = replay(data, agreement, compared)
    except DataError:
        return adopted  # why is said above
    side_by_side(found, agreement)
    what_it_costs(compared, agreement, data)
    differences(adopted, agreement, data)
    return adopted


def begin(definition: MqlDefinition | None, data: Data) -> None:
    """Keep the drafts in step with what is agreed: of other leads all are begun anew, otherwise only the mediated one."""
    if state.get(f"{_HERE}leads") is not data.engine:
        forget()
        state[f"{_HERE}leads"] = data.engine
        state[f"{_HERE}drafts"] = {name: drafted(definition) for name in PROPOSALS}
    elif state[f"{_HERE}returned"] != definition:
        take(definition)
    else:
        return
    state[f"{_HERE}adopted"] = definition


def proposals(adopted: MqlDefinition | None) -> dict[str, MqlDefinition | None]:
    """What is compared: what the CRM flagged, what is adopted, and each proposal that says something else."""
    found: dict[str, MqlDefinition | None] = {CRM: None}
    if adopted is not None and not adopted.is_empty:
        found[AGREED] = adopted
    for name, made in state.get(f"{_HERE}made", {}).items():
        if not made.is_empty and made not in found.values():
            found[name] = made
    return found


def first_seen(adopted: MqlDefinition | None, agreement: Agreement, data: Data) -> None:
    """The definition in words, what it came to in the last quarter, and what speaks against it."""
    st.markdown(f"An MQL (marketing-qualified lead) is: **{plain(preview(adopted))}**.")
    try:
        (row,) = replay(data, agreement, {AGREED: adopted}).rows
    except DataError as error:
        st.info(
            "What it would have brought cannot be told yet:\n"
            + "\n".join(f"- {plain(reason)}" for reason in error.reasons)
        )
    else:
        st.markdown(plain(answer(row)))
    if adopted is not None:
        warn(adopted, agreement, data)


def warn(definition: MqlDefinition, agreement: Agreement, data: Data) -> None:
    for said in lint(definition, data, agreement):
        st.warning(plain(warned(said, agreement.currency)))


def below_the_builder(name: str, edited: MqlDefinition, faults: list[str], agreement: Agreement, data: Data) -> None:
    """What a draft says, what speaks against it, and the step from draft to definition."""
    st.markdown(f"{plain(name)}: **{plain(preview(edited))}**")
    for fault in faults:
        st.caption(plain(fault))
    adopted = state[f"{_HERE}adopted"]
    same = edited == adopted or (edited.is_empty and adopted is None)
    if not same:
        warn(edited, agreement, data)
    st.button(
        "Adopt as the definition", key=f"{_HERE}adopt", type="primary", disabled=same or bool(faults), on_click=adopt, args=(edited,),
        help="It is then what this agreement says. Signing or using the agreement is a step of its own.",
    )  # fmt: skip


def adopt(edited: MqlDefinition) -> None:
    state[f"{_HERE}adopted"] = None if edited.is_empty else edited


def side_by_side(found: Replay, agreement: Agreement) -> None:
    """The definitions as rows of one table."""
    first, last = (period(quarter) for quarter in (found.quarters[0], found.quarters[-1]))
    span = first if first == last else f"{first} to {last}"
    st.markdown(f"**What each would have brought, {plain(span)}**")
    table = pd.DataFrame([_row(row, agreement.currency) for row in found.rows])
    # So wide that every heading can be read, and all of them stand beside each other on a narrow page.
    widths = {
        name: st.column_config.TextColumn(width=width)
        for name, width in zip(table.columns, (150, 112, 80, 80, 82, 92, 88, 88), strict=True)
    }
    show_table(table, column_config=widths)
    said = [
        OWED_MEANING,
        f"Of all wins: of the {count(found.wins)} wins that all {count(found.leads)} marketing-sourced leads of these quarters brought.",
    ]
    with st.expander("What these figures mean"):
        st.markdown("\n".join(f"- {plain(each)}" for each in (*said, *caveats(found))))


def _row(row: Replayed, currency: str) -> dict[str, Any]:
    whole = row.whole
    return {
        "Definition": row.name,
        "MQLs a quarter": f"{row.mqls_per_quarter:,.0f}",
        "MQL → SQL": percent(whole.mql_to_sql),
        "MQL → win": percent(whole.mql_to_win, 1),
        "Of all wins": percent(row.share_of_wins),
        f"{currency} per MQL": money_short(whole.value_per_mql),
        "Owed, value": count(row.owed_by_value),
        "Owed, rates": count(row.owed_by_rates),
    }


def what_it_costs(compared: dict[str, MqlDefinition | None], agreement: Agreement, data: Data) -> None:
    """Volume against conversion, for the proposals and everything near them."""
    if not st.toggle("Show what a stricter or looser rule costs", key=f"{_HERE}costs", persist_state="session"):
        return
    found = frontier(data, agreement, compared)
    chart, words = frontier_chart(found, palette())
    st.altair_chart(chart, key=f"{_HERE}frontier", on_select="rerun", selection_mode="point", alt=words)
    st.caption(
        "Each point is a definition one or two changes away from a proposal (◆). On the line nothing brings more MQLs at a better rate; "
        "it is what happened, not a forecast. Click a point to see it."
    )
    picked = state[f"{_HERE}frontier"].selection.get("point", []) if f"{_HERE}frontier" in state else []
    if picked and 0 <= picked[0].get("place", -1) < len(found.points):
        point = found.points[picked[0]["place"]]
        changed = f"{point.name}, {point.change}" if point.change else point.name
        st.markdown(
            f"**{plain(changed)}**: {point.mqls_per_quarter:,.0f} MQLs a quarter, {percent(point.whole.mql_to_sql)} became SQLs, "
            f"{count(point.whole.wins)} wins. {plain(preview(point.definition))}."
        )
        if point.definition is not None:
            st.button("Take it as the mediated proposal", key=f"{_HERE}take", on_click=take, args=(point.definition,))
    with st.expander("The line as a table"):
        rows = [
            {"Definition": point.name, "Changed": point.change, "MQLs a quarter": f"{point.mqls_per_quarter:,.0f}",
             "MQL → SQL": percent(point.whole.mql_to_sql, 1), "Wins": count(point.whole.wins), f"{agreement.currency} per MQL": money_short(point.whole.value_per_mql)}
            for point in found.best
        ]  # fmt: skip
        show_table(pd.DataFrame(rows))


def take(definition: MqlDefinition | None) -> None:
    """Go on with another definition as the mediated proposal."""
    state[f"{_HERE}drafts"][PROPOSALS[0]] = drafted(definition)
    state[f"{_HERE}made"] = state.get(f"{_HERE}made", {}) | {PROPOSALS[0]: definition or MqlDefinition()}


def differences(adopted: MqlDefinition | None, agreement: Agreement, data: Data) -> None:
    """The leads that the CRM calls MQLs and the definition does not, and the other way round."""
    if adopted is None or adopted.is_empty:
        return
    with st.expander("Where the CRM's flags differ from this definition"):
        quarters = data.funnel(agreement).quarters[::-1]
        names = [str(quarter) for quarter in quarters]
        usual = names.index(agreement.quarter) if agreement.quarter in names else 0
        chosen = st.selectbox("Quarter", names, index=usual, key=f"{_HERE}quarter", width=150)
        quarter = next(each for each in quarters if str(each) == chosen)
        try:
            found = reconcile(data, agreement, quarter, adopted)
        except DataError as error:
            st.info("\n".join(f"- {plain(reason)}" for reason in error.reasons))
            return
        st.markdown(
            f"In {plain(period(quarter))} **{count(found.both)}** leads are MQLs by both, **{count(found.flagged_only)}** were flagged and do not "
            f"meet the definition, **{count(found.meeting_only)}** meet it and were never flagged."
        )
        if found.reasons:
            reasons = pd.DataFrame(
                {"Why flagged leads do not meet it": list(found.reasons), "Leads": list(found.reasons.values())}
            )
            show_table(reasons)
        if not found.agree:
            shown = found.leads.rename(columns=field_words)
            show_table(shown, height=260)
            st.download_button(
                "Download (CSV)", lambda: reconciled_csv(found), f"mql-differences-{quarter}.csv", "text/csv", on_click="ignore",
                key=f"{_HERE}download", icon=":material/download:",
            )  # fmt: skip
