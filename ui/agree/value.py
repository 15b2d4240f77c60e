"""What an MQL of each kind is worth, and the promise in value: what each kind counts for, beside what really ran."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.agreement import Agreement
from alignment_core.track_record import TrackRecord
from alignment_core.value import ValueCommitment, promised_sentence, value_commitment
from alignment_core.wording import money_short
from ui.agree.form import restart_value
from ui.agreement_form import read_value
from ui.screen import show_table
from ui.session import workspace
from ui.text import field_name, plain

__all__ = ["ValueForm", "value_form"]

state = st.session_state


@dataclass(frozen=True)
class ValueForm:
    """What the form says of value, and where to write what follows from it.

    Attributes:
        promised: the promise in value as an agreement has it; None where there is none.
        faults: what is wrong with it, in words.
        place: for the sentences; None where nothing is known of what an MQL is worth.
    """

    promised: Mapping[str, Any] | None
    faults: list[str]
    place: DeltaGenerator | None

    def show(self, agreement: Agreement | None) -> None:
        """Write what follows from an agreement; nothing where there is none."""
        if agreement is None or self.place is None:
            return
        found = value_of(agreement, state["agree.value.field"])
        with self.place.container():
            if agreement.value is None:
                if found is None:
                    st.caption("Marketing owes nothing.")
                    return
                st.markdown(plain(" ".join(filter(None, (found.sentence, found.delivered_sentence)))))
                if found.segments:
                    evidence(found, agreement.currency)
                return
            said = [promised_sentence(agreement, found.delivered if found else None), found.untold if found else ""]
            st.markdown(plain(" ".join(filter(None, said))))
            if found:
                st.caption(plain(found.in_the_mix(agreement)))


def value_form(record: TrackRecord) -> ValueForm:
    """The kinds and what they count for. Without a promise in value: what each kind is worth by what ran."""
    agreed = state["agree.base"].value
    known = list(dict.fromkeys([*worth_fields(), *([agreed.field] if agreed else [])]))
    with st.expander("What an MQL is worth, by kind, and the promise in value"):
        if not known or not (record.quarters or agreed):
            st.caption(
                "Load earlier quarters whose leads carry a lead type or another field to see what each kind is worth."
            )
            return ValueForm(None, [], None)
        if state.get("agree.value.field") not in known:
            state["agree.value.field"] = known[0]
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            st.selectbox(
                "By", known, format_func=field_name, key="agree.value.field", on_change=from_evidence, width=280,
                persist_state="session",
            )  # fmt: skip
            st.toggle("Promise it in value too", key="agree.value.on", on_change=from_evidence, persist_state="session")
        place = st.empty()
        if not state["agree.value.on"]:
            return ValueForm(None, [], place)
        said, faults = read_value(table(), state["agree.value.field"], otherwise())
        return ValueForm(said, faults, place)


def table() -> pd.DataFrame:
    """The table of kinds, with what ran beside the amounts; as it was edited."""
    currency = state["agree.currency"]
    if state["agree.value.table"] is None:
        state["agree.value.table"] = start(state["agree.last"], state["agree.value.field"])
    whole = st.column_config.NumberColumn(format="localized", disabled=True)
    return st.data_editor(
        state["agree.value.table"], key=f"agree.value.amounts.{state['agree.value.revision']}", num_rows="dynamic", hide_index=True,
        column_config={
            "kind": st.column_config.TextColumn(field_name(state["agree.value.field"]).capitalize()),
            "amount": st.column_config.NumberColumn(f"Counts for, {currency}", min_value=0.0, format="localized"),
            "ran": st.column_config.NumberColumn(f"Really brought, {currency}", format="localized", disabled=True),
            "range": st.column_config.TextColumn("Range", disabled=True),
            "MQLs": whole, "Wins": whole, "Came this quarter": whole,
            "Remark": st.column_config.TextColumn(disabled=True),
        },
        placeholder="any other", alt="What an MQL of each kind counts for",
    )  # fmt: skip


def otherwise() -> float | None:
    """What any other kind counts for, and the way back to what ran."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        value: float | None = st.number_input(
            f"Any other counts for, {plain(state['agree.currency'])}", min_value=0.0, step=100.0, format="%g",
            key="agree.value.otherwise", width=250,
        )  # fmt: skip
        st.button("Take the amounts from what ran", key="agree.value.again", on_click=from_evidence, args=(True,))
    st.caption(
        "At first an amount is what MQLs of this kind brought in the last quarters, scaled so that all together are worth what is "
        "agreed; or what the plan by this field says. A blank amount counts as any other. The range holds 95% of what chance allows. "
        "What stands here is signed, printed and held against what comes."
    )
    return value


def from_evidence(again: bool = False) -> None:
    """Fill the amounts: with those that were agreed for the field, or where there are none (or `again`) with what ran."""
    agreed, field = state["agree.base"].value, state["agree.value.field"]
    if agreed and agreed.field == field and not again:
        state["agree.value.otherwise"] = agreed.otherwise
        restart_value()
        return
    found = value_of(state["agree.last"], field)
    state["agree.value.otherwise"] = found.any_other if found else None
    restart_value(found.amounts if found else {})


def start(agreement: Agreement, field: str) -> pd.DataFrame:
    """The kinds that were agreed and those that ran, the most valuable first, with what they count for so far."""
    agreed = state["agree.base"].value
    amounts = state["agree.value.amounts"]
    if amounts is None:
        amounts = agreed.per_mql if agreed and agreed.field == field else {}
    found = value_of(agreement, field)
    ran = {each.segment: each for each in found.segments} if found else {}
    delivered = (found.delivered if found else None) or {}
    names = sorted(dict.fromkeys([*amounts, *ran]), key=lambda name: -amounts.get(name, 0.0))
    rows = [
        {
            "kind": name,
            "amount": amounts.get(name),
            "ran": None if kind is None or kind.ran is None else round(kind.ran),
            "range": _range(kind.interval) if kind else "",
            "MQLs": None if kind is None else round(kind.mqls),
            "Wins": None if kind is None else round(kind.wins),
            "Came this quarter": round(delivered.get(name, 0)) if delivered else None,
            "Remark": kind.too_few if kind else "not in the files",
        }
        for name in names
        for kind in [ran.get(name)]
    ]
    texts = ("kind", "range", "Remark")
    columns = ("kind", "amount", "ran", "range", "MQLs", "Wins", "Came this quarter", "Remark")
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.astype({name: "string" if name in texts else "float64" for name in columns})


def _range(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{money_short(interval[0])} to {money_short(interval[1])}"


def worth_fields() -> list[str]:
    """The fields by which MQLs may differ in worth, the lead type first; none that is a person's or the source's own."""
    fields = [field for field in workspace().data.segment_fields if field not in ("lead_source", "owner", "manager")]
    return sorted(fields, key=lambda field: field != "lead_type")


def value_of(agreement: Agreement, field: str) -> ValueCommitment | None:
    """What MQLs are worth by a field, worked out once for each agreement; None where marketing owes nothing, or the files
    do not have the field."""
    data = workspace().data
    if field not in worth_fields():
        return None
    return data.kept(("value", agreement.to_toml(), field), lambda: value_commitment(data, agreement, field))


def evidence(found: ValueCommitment, currency: str) -> None:
    """Each kind of MQL, what it is worth and on what evidence."""
    rows = value_table(found, currency)
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in rows.select_dtypes("number")}
    show_table(rows, column_config=numbers)
    st.caption(
        "Worth: what MQLs of this kind brought in the last quarters, scaled so that all together are worth what is agreed; "
        "where the plan by this field states a rate or a deal size, what it says; with too few wins to tell, what is agreed. "
        "The range holds 95% of what chance allows. Nothing of it is promised before it is switched on above."
    )


def value_table(found: ValueCommitment, currency: str) -> pd.DataFrame:
    """Each kind, what it is worth, what ran and what came."""
    delivered = found.delivered or {}
    return pd.DataFrame(
        {
            field_name(found.field).capitalize(): [each.segment for each in found.segments],
            f"Worth per MQL, {currency}": [found.counts_for(each) for each in found.segments],
            "From": [
                "what is agreed" if each.value is None else "the plan" if each.planned else "what ran"
                for each in found.segments
            ],
            f"Really brought, {currency}": [None if each.ran is None else round(each.ran) for each in found.segments],
            "Range": [_range(each.interval) for each in found.segments],
            "MQLs": [round(each.mqls) for each in found.segments],
            "Wins": [round(each.wins) for each in found.segments],
            "Alone, to keep the promise": [found.alone(each.segment) for each in found.segments],
            "Came this quarter": [
                round(delivered.get(each.segment, 0)) if found.delivered is not None else None
                for each in found.segments
            ],
            "Remark": [each.too_few for each in found.segments],
        }
    )
