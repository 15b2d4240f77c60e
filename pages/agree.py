"""Agree: what do we owe each other?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.assumptions import Outside, warnings
from alignment_core.promise import promise
from alignment_core.store import StoreError
from alignment_core.track_record import TrackRecord, track_record
from alignment_core.vocabulary import VOLUME_DRIVERS
from ui.agree.channels import channels, owed_by_channel
from ui.agree.company import calendar, fiscal_calendar, owners, quarter_name
from ui.agree.definition import definition_section
from ui.agree.files import files
from ui.agree.form import fill
from ui.agree.numbers import chain, target_and_split
from ui.agree.printing import print_buttons, printing, terms
from ui.agree.prospects import prospects
from ui.agree.sales_promise import sales_promise_faults, sales_promise_section
from ui.agree.segments import follows_by_segment, plans_per_segment, ran_by_segment
from ui.agree.signing import signing_section
from ui.agree.value import ValueForm, value_form
from ui.agreement_form import SIDES, Frames, changed, fields, read_form
from ui.keeping import hold_in_force, store
from ui.plan_proposal import OPENED, opened
from ui.screen import answer, reasons, standing
from ui.session import Workspace, use_agreement, workspace
from ui.text import plain

state = st.session_state

#: The parts of the page: what is negotiated, what a lead must be, what sales does with it, and the signatures.
PARTS = ("The numbers", "What is an MQL", "What sales promises", "Save, sign, print")


def main() -> None:
    hold_in_force()
    here = workspace()
    if state.get("agree.workspace") is not here:
        fill(here.agreement)
        state["agree.workspace"] = here
    elif "agree.company" not in state:
        proposed = state["agree.proposal"]
        fill(state["agree.last"])  # Streamlit forgets the fields of a page that was left
        state["agree.proposal"] = proposed
    if OPENED in state:
        proposal, file = state.pop(OPENED)
        fill(proposal.agreement)
        state["agree.proposal"] = proposal, file
    room()


@st.fragment
def room() -> None:
    """The agreement in its parts, and what follows from it, redrawn together."""
    top = st.container()
    numbers, definition, promised, signing = st.tabs(list(PARTS), key="agree.part", on_change="rerun")
    record = evidence()
    with numbers:
        drawn = the_numbers(record)
    if definition.open:
        with definition:
            state["agree.mql"] = definition_section(state["agree.mql"], state["agree.last"], workspace().data)
    if promised.open:
        with promised:
            said = sales_promise_section(state["agree.last"], workspace().data)
            state["agree.follow_up"], state["agree.sourcing"] = said
    agreement, faults = read(drawn)
    with numbers:
        drawn.show(agreement, record)
    if signing.open:
        with signing:
            sign_and_print(agreement)
    with top:
        first_seen(agreement, tuple(faults), record)


def sign_and_print(agreement: Agreement | None) -> None:
    """Keep the agreement together with others, sign it, and take the page to sign away."""
    try:
        kept = store()
    except StoreError as error:
        reasons(error, "Nothing can be kept here:")
    else:
        signing_section(agreement, kept, fill)
        if hold_in_force():
            st.rerun()  # both have signed just now: all of the page is about what is in force
    if agreement:
        st.markdown("**On paper**")
        print_buttons(agreement, terms(agreement), printing(agreement))


@dataclass(frozen=True)
class Drawn:
    """What the numbers say where they are more than a field, and where to write what follows from them."""

    segments: Frames
    channels: Mapping[str, Any]
    faults: list[str]
    chains: Sequence[Callable[[Agreement | None], None]]
    owed_by_segment: Mapping[str, DeltaGenerator]
    owed_by_channel: DeltaGenerator
    prospects: DeltaGenerator
    value: ValueForm

    def show(self, agreement: Agreement | None, record: TrackRecord) -> None:
        """Write what follows from an agreement; dashes where there is none."""
        for write in self.chains:
            write(agreement)
        if self.owed_by_segment:
            ran = ran_by_segment()
            never_ran = outside(agreement, ran) if agreement else []
            for side, place in self.owed_by_segment.items():
                with place.container():
                    follows_by_segment(side, agreement, self.segments[side], ran, never_ran)
        with self.owed_by_channel.container():
            owed_by_channel(agreement)
        self.value.show(agreement)
        if agreement:
            with self.prospects:
                prospects(agreement, record)


def the_numbers(record: TrackRecord) -> Drawn:
    """Target, split, both chains, and the plans behind them."""
    target_and_split()
    chains = []
    for column, side in zip(st.columns(2, gap="medium"), SIDES, strict=True):
        with column, st.container(border=True, height="stretch"):
            chains.append(chain(side, record))
    follows = st.container()
    value = value_form(record)
    with st.expander("Channels of sales: SDR outbound, field, accounts to work"):
        split_by_channel, faults = channels()
        by_channel = st.empty()
    segments, by_segment = plans_per_segment()
    with st.expander(
        f"Company and calendar: {plain(state['agree.company'])}, {quarter_name(state['agree.quarter'], fiscal_calendar())}"
    ):
        calendar()
    with st.expander("Who answers for which driver"):
        owners()
    return Drawn(segments, split_by_channel, faults, chains, by_segment, by_channel, follows, value)


def read(drawn: Drawn) -> tuple[Agreement | None, list[str]]:
    """The agreement that the page says, or all that is wrong with it."""
    base: Agreement = state["agree.base"]
    filled = {name: state[f"agree.{name}"] for name in fields(base)}
    parts = {"sales_channels": drawn.channels, "value": drawn.value.promised} | {
        name: state[f"agree.{name}"] for name in ("mql", "follow_up", "sourcing")
    }
    faults = [*drawn.faults, *drawn.value.faults, *sales_promise_faults()]
    try:
        agreement = read_form(filled, base, drawn.segments, parts)
    except AgreementError as error:
        return None, [*faults, *error.faults]
    if faults:
        return None, faults
    state["agree.last"] = agreement
    return agreement, []


def evidence() -> TrackRecord:
    """What the quarters before really ran, by the files that are loaded; nothing where they cannot be counted."""
    data, agreement = workspace().data, state["agree.last"]
    asked = (agreement.fiscal_quarter, agreement.fiscal_calendar, agreement.sourcing, agreement.currency)
    return data.kept(("track record", *asked), lambda: track_record(data, agreement))


def first_seen(agreement: Agreement | None, faults: tuple[str, ...], record: TrackRecord) -> None:
    """The promise in a sentence, and whether it is in use."""
    here = workspace()
    differs = changed(agreement, here.agreement) if agreement else ()
    standing(here)
    if agreement:
        said = promise(agreement)
        answer(said.title, said.detail)
        for each in outside(agreement, record)[:2]:
            arrow = "▲" if each.above else "▼"
            st.markdown(f":orange[{arrow}] {plain(f'{each.title}: {each.sentence} {each.consequence}')}")
    else:
        answer("This cannot be agreed yet.", faults[0] if len(faults) == 1 else "")
        if len(faults) > 1:
            st.markdown("\n".join(f"- {plain(fault)}" for fault in faults))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Use this agreement", type="primary", key="agree.use", on_click=use, args=(agreement,),
            disabled=agreement is None or locked(agreement, here) or not (differs or here.is_draft),
        )  # fmt: skip
        st.button(
            "Back to what was agreed",
            key="agree.back",
            on_click=fill,
            args=(here.agreement,),
            disabled=not (differs or faults),
        )
        with st.popover("As a file"):
            files(agreement)
        st.caption(plain(firmness(differs, bool(faults), here)))
    if state["agree.proposal"]:
        opened(*state["agree.proposal"])
    if state["agree.file_faults"]:
        st.warning(
            "The file cannot be used:\n" + "\n".join(f"- {plain(fault)}" for fault in state["agree.file_faults"])
        )


def outside(agreement: Agreement, record: TrackRecord) -> list[Outside]:
    """The rates and deal sizes that lie outside anything seen, the furthest first."""
    found = [each for each in warnings(agreement, record) if each.evidence.driver not in VOLUME_DRIVERS]
    return sorted(found, key=lambda each: -abs(each.agreed / (each.evidence.pooled or each.agreed) - 1))


def locked(agreement: Agreement, here: Workspace) -> bool:
    """Whether both sides signed for its company and quarter: then it changes by an amendment only."""
    names = {" ".join(each.company.split()).casefold() for each in (agreement, here.agreement)}
    return bool(here.signed) and len(names) == 1 and agreement.quarter == here.agreement.quarter


def firmness(differs: tuple[str, ...], faulty: bool, here: Workspace) -> str:
    """Whether what is on the screen is in use."""
    number = len(here.signed)
    if faulty:
        return "Not used yet: the review runs on what was agreed before."
    if differs:
        more = f" and {len(differs) - 3} more" if len(differs) > 3 else ""
        said = f"Not used yet. Changed: {', '.join(differs[:3])}{more}."
        if number and "Quarter" not in differs and "Company" not in differs:
            return f"{said} Version {number} is signed: to change it, amend it under {PARTS[-1]}."
        return said
    if number:
        return f"In force: version {number}, signed by both sides. The review runs on it."
    return "A draft: nobody has agreed it yet." if here.is_draft else "In use: the review runs on this agreement."


def use(agreement: Agreement) -> None:
    use_agreement(agreement)
    fill(agreement)
    state["agree.workspace"] = workspace()


main()
