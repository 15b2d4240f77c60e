"""Save together, sign, amend, look back: what the page Agree keeps of an agreement.

The session keeps, under `agree.signing.`: who is at the keyboard, which revision of the draft the form was opened from or
saved as, and a disagreement that waits to be decided.
"""

from collections.abc import Callable

import streamlit as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.store import SIDES, Draft, Side, Standing, Store, StoreError, Version, content_hash, short
from alignment_core.store.words import in_force_line, moment, stands, to_be_signed, who_changed
from ui.agree.saving import KEY, Keeping, disagreement, me, message, save_row, say
from ui.agree.terms import difference_table, edit_in_words
from ui.screen import reasons
from ui.text import plain

__all__ = ["signing_section"]

state = st.session_state


def signing_section(agreement: Agreement | None, store: Store, on_open: Callable[[Agreement], None]) -> None:
    """Draw the section.

    Args:
        agreement: what the form says now; None where it cannot stand.
        store: where it is kept.
        on_open: shows another agreement in the form. It is called before the page is drawn again.
    """
    st.subheader("Save and sign", anchor=False)
    if agreement is not None:
        state[f"{KEY}.place"] = agreement.company, agreement.quarter
    place = state.get(f"{KEY}.place")
    if place is None:
        st.caption("What is on the screen cannot be saved before what is wrong with it is put right.")
        return
    try:
        here = store.standing(*place)
        keeping = Keeping(store, place, here, _base(store, here, agreement, place), on_open)
        edits = store.edits(*place, keeping.base) if keeping.base else ()
    except StoreError as error:
        reasons(error, "What is kept of this agreement cannot be used:")
        return
    except AgreementError as error:
        reasons(StoreError(*error.faults), "What is kept of this agreement cannot be read by this version:")
        return
    st.markdown(plain(stands(here)))
    message(agreement)
    if not disagreement(keeping):
        if edits and agreement is not None:
            said = who_changed(edits, [edit_in_words(each) for each in edits], agreement)
            st.info(f"Changed since you opened it: {plain(said)}. Saving brings these and your changes together.")
        save_row(agreement, keeping)
        if here.draft and here.is_open:
            _signatures(agreement, here, here.draft, store)
    if here.versions:
        _versions(here.versions, on_open)


def _base(store: Store, here: Standing, agreement: Agreement | None, place: tuple[str, str]) -> int:
    """The revision that the form's changes are made to: what it was last opened from or saved as."""
    bases = state.setdefault(f"{KEY}.base", {})
    if not bases.get(place) and agreement is not None and here.draft:
        bases[place] = store.revision_of(agreement)
    return int(bases.get(place, 0))


def _signatures(agreement: Agreement | None, here: Standing, draft: Draft, store: Store) -> None:
    """What is to be signed, in words and by its hash, and a line for each side."""
    is_shown = agreement is not None and content_hash(agreement) == draft.content_hash
    with st.container(border=True):
        st.markdown(f"**To be signed:** {plain(to_be_signed(here, draft))}")
        for column, side in zip(st.columns(2, gap="medium"), SIDES, strict=True):
            with column:
                _signature(here, draft, side, store, is_shown)
        if not is_shown:
            st.caption("The screen shows something else than the saved draft: save it or open the draft, then sign.")


def _signature(here: Standing, draft: Draft, side: Side, store: Store, is_shown: bool) -> None:
    if signature := here.signed_by(side):
        when = moment(signature.at, draft.agreement)
        st.markdown(f"✓ **{side.capitalize()}:** {plain(f'signed by {signature.name} on {when}')}")
        return
    author = me()
    own = author.name if author and author.role == side else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(f"Name, for {side}", key=f"{KEY}.sign.{side}", placeholder=own, width=240, max_chars=80)
        st.button(
            f"Sign for {side}", key=f"{KEY}.signed.{side}", on_click=_sign, args=(draft, side, own, store), disabled=not is_shown
        )  # fmt: skip


def _sign(draft: Draft, side: Side, own: str, store: Store) -> None:
    place = draft.agreement.company, draft.agreement.quarter
    try:
        before = store.standing(*place)
        signature = store.sign(draft, side, state.get(f"{KEY}.sign.{side}") or own)
        latest = store.standing(*place).latest
    except StoreError as error:
        say("error", *error.reasons)
        return
    state[f"{KEY}.sign.{side}"] = ""
    is_locked = latest is not None and latest.number == signature.version
    said = [f"Both have signed: version {signature.version} is locked." if is_locked else "Signed."]
    others = [each.name for other in SIDES if other != side and (each := before.signed_by(other))]
    if signature.name.casefold() in map(str.casefold, others):
        said.append(f"{signature.name} has signed for both sides: an agreement needs two who can disagree.")
    say("success", *said)


def _versions(versions: tuple[Version, ...], on_open: Callable[[Agreement], None]) -> None:
    """Every version that both sides signed, the latest first."""
    with st.expander(f"Signed versions ({len(versions)})"):
        for version in reversed(versions):
            st.markdown(f"**{plain(in_force_line(version))}**")
            if version.reason:
                st.markdown(plain(f"Why: {version.reason}"))
            if version.difference:
                difference_table(version.difference, f"Version {version.number - 1}", f"Version {version.number}")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    "Show in the form", key=f"{KEY}.show.{version.number}", on_click=on_open, args=(version.agreement,)
                )
                st.download_button(
                    "Download (TOML)", data=version.agreement.to_toml(), key=f"{KEY}.toml.{version.number}", on_click="ignore",
                    file_name=f"agreement-{version.agreement.quarter}-version-{version.number}.toml", mime="application/toml",
                )  # fmt: skip
                st.caption(f"Content {short(version.content_hash)}")
