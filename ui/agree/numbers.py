"""The chain of each side, from the deal size back to the first stage, and what follows from it."""

from collections.abc import Callable

import streamlit as st

from alignment_core.agreement import Agreement
from alignment_core.odds import odds
from alignment_core.promise import share_of_target
from alignment_core.results import Counts
from alignment_core.wording import DRIVER, SOURCE, count, money_short, percent
from ui.agree.form import field, hint
from ui.agreement_form import RATES
from ui.text import plain

state = st.session_state


def chain(side: str) -> Callable[[Agreement | None], None]:
    """One side's fields, from the deal size back to the first stage. Returns what draws the figures beside them."""
    heading = st.empty()
    places = {}
    steps = {"deal_size": "wins", "close_rate": "opportunities", "sql_to_opportunity": "sqls", "mql_to_sql": "mqls"}
    for name in ("deal_size", *RATES[side]):
        left, right = st.columns([3, 2], vertical_alignment="top")
        places[steps[name]] = right.empty()
        with left:
            if name == "deal_size":
                field(
                    f"{side}.{name}",
                    f"Deal size, {plain(state['agree.currency'])}",
                    st.number_input,
                    min_value=0.0,
                    step=1_000.0,
                    format="%g",
                    help=hint(name),
                )
            else:
                field(
                    f"{side}.{name}",
                    f"{DRIVER[name]}, %",
                    st.number_input,
                    min_value=0.0,
                    max_value=100.0,
                    step=1.0,
                    format="%.4g",
                    help=hint(name),
                )
    foot = st.empty()

    def show(agreement: Agreement | None) -> None:
        counts = agreement.required.get(side, Counts()) if agreement else Counts()
        share = getattr(agreement.split, side) if agreement else None
        amount = (
            f": {share_of_target(share)} the target, {agreement.currency} {money_short(counts.revenue)}"
            if agreement
            else ""
        )
        heading.markdown(f"**{SOURCE[side]}**{plain(amount)}")
        for stage, place in places.items():
            value = getattr(counts, stage)
            label = {"wins": "Wins", "opportunities": "Opportunities", "sqls": "SQLs", "mqls": "MQLs"}[stage]
            owed = stage == ("mqls" if side == "marketing" else "sqls")
            if stage == "mqls" and agreement and value is not None:
                value = agreement.required_mqls
            place.metric(f"**{label} owed**" if owed else label, count(value))
        foot.caption(plain(certainty(agreement) if side == "marketing" else "Sales-sourced demand begins at the SQL."))

    return show


def certainty(agreement: Agreement | None) -> str:
    """The MQLs that make the target likelier."""
    found = odds(agreement) if agreement else None
    if found is None:
        return "–"
    return "MQLs for better odds: " + " · ".join(
        f"{mqls:,} for {percent(chance)}" for chance, mqls in found.mqls_for.items()
    )
