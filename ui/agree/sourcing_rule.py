"""The second part of the sales side's promise: whose demand a deal is, and what happens to those that both can claim."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.contested import carried, contested, why_not
from alignment_core.lead_sources import (
    LeadSource,
    lead_sources,
    listed_side,
    reassigned,
    reassigned_touches,
    touch_kinds,
)
from alignment_core.sourcing import RULES, Rule, Sourcing
from alignment_core.sourcing_words import CONTESTED, RULE, RULE_MEANING, contested_sentence, sourcing_sentence
from alignment_core.vocabulary import Source
from alignment_core.wording import money_short
from ui.download import download_csv
from ui.screen import show_table
from ui.text import plain

if TYPE_CHECKING:
    from ui.agree.sales_promise import Form

state = st.session_state
_KEY = "agree.sales_promise"
#: Whose demand a lead source or touch is, as the tables have it.
LISTED: dict[str, Source] = {"Marketing": "marketing", "Sales": "sales", "Neither": "unassigned"}
COUNTED: dict[Source, str] = {"unassigned": "nobody's (unassigned)", "marketing": "marketing's", "sales": "sales'"}
TABLES = {"leads": "Leads", "deals": "Deals", "stage_events": "Stage records", "funnel": "Summary rows", "touches": "Touches"}  # fmt: skip
SHORT: dict[Rule, str] = {"lead_source": "Lead source", "first_touch": "First touch", "deal_source": "Deal source", "last_touch": "Last touch"}  # fmt: skip
_FIELDS = ("rule", "otherwise", "contested")


def fill_sourcing(form: "Form") -> None:
    """Show a sourcing in the fields and tables."""
    sourcing = form.base[1]
    for name in _FIELDS:
        state[f"{_KEY}.{name}"] = getattr(sourcing, name)
    if "lead_sources" not in form.known:
        form.known |= {"lead_sources": lead_sources(form.data.engine), "touch_kinds": touch_kinds(form.data.engine)}
    form.tables["lead_sources"] = _frame("Lead source", form.known["lead_sources"], sourcing)
    form.tables["touch_kinds"] = _frame("Kind of touch", form.known["touch_kinds"], sourcing.touches)


def draw_sourcing(agreement: Agreement, form: "Form") -> Sourcing:
    """Draw the part; returns the sourcing that it says."""
    st.markdown("**Whose demand a deal is**")
    said = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "A deal's demand is decided by", RULES, key=f"{_KEY}.rule", format_func=RULE.__getitem__, width=280
        )
        st.selectbox("Neither, or empty, counts as", tuple(COUNTED), key=f"{_KEY}.otherwise", format_func=COUNTED.__getitem__, width=240)  # fmt: skip
        st.selectbox(
            "Contested deals count",
            tuple(CONTESTED),
            key=f"{_KEY}.contested",
            format_func=CONTESTED.__getitem__,
            width=280,
            help="Deals that are marketing's by one of these rules and sales' by another.",
        )
    with st.expander("Whose demand each lead source is"):
        sources = _sides(form, "lead_sources", "Lead source", "The loaded files carry no lead sources.")
    with st.expander("Whose each kind of touch is"):
        kinds = _sides(form, "touch_kinds", "Kind of touch", "The loaded files carry no touches (calls, e-mails, campaign responses).")  # fmt: skip
    sourcing = reassigned_touches(reassigned(form.base[1], sources), kinds)
    sourcing = sourcing.model_copy(update={name: state[f"{_KEY}.{name}"] for name in _FIELDS})
    asked = agreement.model_copy(update={"sourcing": sourcing})
    with said:
        st.markdown(plain(sourcing_sentence(sourcing)))
        st.caption(plain(RULE_MEANING[sourcing.rule]))
        reasons = _known(form, ("why_not", sourcing), lambda: why_not(form.data, asked, sourcing.rule))
        if reasons:
            st.warning("The loaded files cannot carry this rule, so the review would be refused:\n" + "\n".join(f"- {plain(reason)}" for reason in reasons))  # fmt: skip
    _contested(form, asked)
    return sourcing


def _contested(form: "Form", agreement: Agreement) -> None:
    """The deals that both sides can claim, to look at and take away."""
    key = ("contested", agreement.sourcing, agreement.currency, agreement.fiscal_calendar, form.data.choices)
    rules, frame = _known(form, key, lambda: (carried(form.data, agreement), contested(form.data, agreement)))
    worth = f"{agreement.currency} {money_short(float(frame['amount'].fillna(0).sum()))}"
    with st.expander("Contested deals" + (f" ({len(frame):,})" if len(frame) else "")):
        st.caption(plain(contested_sentence(len(frame), rules, worth)))
        if frame.empty:
            return
        show_table(
            _shown(frame, rules, agreement),
            column_config={f"Amount, {agreement.currency}": st.column_config.NumberColumn(format="localized")},
            alt="Contested deals and whose they are by each rule",
        )
        download_csv(frame, f"contested-deals-{agreement.quarter}.csv", key=f"{_KEY}.contested_file")


def _shown(frame: pd.DataFrame, rules: tuple[Rule, ...], agreement: Agreement) -> pd.DataFrame:
    """The list as it is read."""
    side = {"marketing": "Marketing", "sales": "Sales", "unassigned": "Nobody"}
    return pd.DataFrame(
        {
            "Deal": frame["deal_id"],
            f"Amount, {agreement.currency}": frame["amount"],
            "Counts as": frame["counts_as"].map(side),
            **{SHORT[rule]: frame[rule].map(side) for rule in rules},
            "Quarter": frame["quarter"],
            "Won": frame["won"].map({True: "yes", False: "no"}),
        }
    )


def _sides(form: "Form", name: str, column: str, nothing: str) -> dict[str, Source]:
    """A table of values and whose each is; returns what it says."""
    frame = form.tables[name]
    found: tuple[LeadSource, ...] = form.known[name]
    said: dict[str, Source] = {}
    if len(frame):
        edited = st.data_editor(
            frame, key=f"{_KEY}.{name}.{form.revision}", hide_index=True, disabled=list(frame.columns[:-1]),
            column_config={"Counts as": st.column_config.SelectboxColumn(options=list(LISTED), required=True)},
            width="content", alt=f"{column}s in the files, how many records have each, and whose they are",
        )  # fmt: skip
        said = {value: LISTED[label] for value, label in zip(edited[column], edited["Counts as"], strict=True)}
    else:
        st.caption(nothing if not found else f"No record in the loaded files has a {column.lower()}.")
    empty = ", ".join(f"{rows:,} {TABLES[table].lower()}" for each in found if each.value is None for table, rows in each.records.items() if rows)  # fmt: skip
    if empty:
        st.caption(plain(f"Without a {column.lower()}: {empty}."))
    return said


def _frame(column: str, found: tuple[LeadSource, ...], lists: Any) -> pd.DataFrame:
    label_of = {side: label for label, side in LISTED.items()}
    named = [each for each in found if each.value is not None]
    tables = list(found[0].records) if found else []
    return pd.DataFrame(
        {
            column: [each.value for each in named],
            **{TABLES[table]: [each.records[table] for each in named] for table in tables},
            "Counts as": [label_of[listed_side(lists, each.value or "")] for each in named],
        }
    )


def _known(form: "Form", key: Any, found: Any) -> Any:
    """What was asked of the tables before is not asked again."""
    if key not in form.known:
        if len(form.known) > 50:
            form.known = {name: form.known[name] for name in ("lead_sources", "touch_kinds")}
        form.known[key] = found()
    return form.known[key]
