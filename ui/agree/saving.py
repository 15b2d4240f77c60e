"""Save the draft: who is at the keyboard, what is not saved yet, and what to do where somebody else changed it meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.store import (
    Author,
    Conflict,
    Draft,
    Role,
    Saved,
    Standing,
    Store,
    StoreError,
    Version,
    changes_between,
    content_hash,
)
from alignment_core.store.words import moment, who_changed
from ui.agree.terms import difference_table, edit_in_words, field_name, field_value
from ui.agreement_form import fault_in_words
from ui.text import plain

__all__ = ["KEY", "Keeping", "disagreement", "me", "message", "save_row", "say"]

state = st.session_state
#: What the session's keys of drafts and signatures begin with.
KEY = "agree.signing"
_ROLES: dict[Role, str] = {"marketing": "Marketing", "sales": "Sales", "revops": "RevOps"}


@dataclass(frozen=True)
class Keeping:
    """Where the form's agreement is kept, and how it gets another one.

    Attributes:
        store: where.
        place: the company and quarter.
        here: how they stand in the store.
        base: the revision of the draft that the form's changes are made to; 0 if none.
        on_open: shows an agreement in the form.
    """

    store: Store
    place: tuple[str, str]
    here: Standing
    base: int
    on_open: Callable[[Agreement], None]

    def key(self, what: str) -> str:
        """The session's key for what belongs to the next version."""
        return f"{KEY}.{what}.{'.'.join(self.place)}.{self.here.next_number}"

    @property
    def terms(self) -> dict[str, Any]:
        """Why and from when, as the fields say."""
        reason = " ".join(state.get(self.key("reason"), "").split())
        return {"reason": reason, "effective_from": state.get(self.key("from"))}

    def is_at(self, revision: int) -> None:
        """The form's changes are made to this revision from now on."""
        state[f"{KEY}.base"][self.place] = revision


def message(agreement: Agreement | None) -> None:
    """What came of the last click, for as long as the form says what it said then."""
    kind, text = state.get(f"{KEY}.said", ("", ""))
    now = content_hash(agreement) if agreement else ""
    if text and state.setdefault(f"{KEY}.said_of", now) == now:
        (st.success if kind == "success" else st.error)(text)


def say(kind: str, *sentences: str) -> None:
    """Have `message` say something; nothing without sentences."""
    state.pop(f"{KEY}.said_of", None)
    many = len(sentences) > 1
    state[f"{KEY}.said"] = kind, "\n".join(f"- {plain(each)}" if many else plain(each) for each in sentences)


def me() -> Author | None:
    """Who is at the keyboard, once they said so."""
    name, role = " ".join(state.get(f"{KEY}.name", "").split()), state.get(f"{KEY}.role")
    return Author(name, role) if name and role else None


def save_row(agreement: Agreement | None, keeping: Keeping) -> None:
    """Who is at the keyboard, what is not saved yet, and the way to save it."""
    here, draft, latest = keeping.here, keeping.here.draft, keeping.here.latest
    amends = latest is not None and agreement is not None and content_hash(agreement) != latest.content_hash
    if amends and latest is not None and agreement is not None:
        _terms(agreement, keeping, latest)
    unsaved = changes_between(draft.agreement, agreement) if draft and agreement else ()
    terms = keeping.terms if amends else {}
    saved_terms = {"reason": draft.reason, "effective_from": draft.effective_from} if draft else {}
    is_saved = draft is not None and agreement is not None and not unsaved and (not amends or terms == saved_terms)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.text_input("Your name", key=f"{KEY}.name", width=220, persist_state="session", max_chars=80)
        st.segmented_control(
            "You are with", list(_ROLES), format_func=_ROLES.__getitem__, key=f"{KEY}.role", persist_state="session"
        )
        st.button(
            f"Save as draft of version {here.next_number}" if amends else "Save as draft", key=f"{KEY}.save", on_click=_save,
            type="secondary" if is_saved else "primary", args=(agreement, terms, keeping),
            disabled=agreement is None or me() is None or is_saved,
        )  # fmt: skip
        if draft and unsaved:
            label = "Open the saved draft" if here.is_open or not latest else f"Back to version {latest.number}"
            st.button(label, key=f"{KEY}.open", on_click=_open, args=(draft, keeping))
    st.caption(plain(_unsaved(agreement, [field_name(each.field) for each in unsaved], is_saved)))


def _unsaved(agreement: Agreement | None, names: list[str], is_saved: bool) -> str:
    if agreement is None:
        return "What is on the screen cannot be saved before what is wrong with it is put right."
    if is_saved:
        return "What is on the screen is saved."
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    what = f"Not saved: {', '.join(names[:3])}{more}." if names else "Not saved yet."
    return what if me() else f"{what} Say who you are to save it: whoever works on it next is told who changed what."


def _terms(agreement: Agreement, keeping: Keeping, latest: Version) -> None:
    """Why and from when: what an amendment needs beside its content."""
    draft, number = keeping.here.draft, keeping.here.next_number
    first, last = latest.effective_from, agreement.fiscal_quarter.end - timedelta(days=1)
    reason, since = keeping.key("reason"), keeping.key("from")
    if reason not in state or state.get(since) is None:
        begun = draft if draft and draft.version == number else None
        proposed = begun.effective_from if begun and begun.effective_from else date.today()
        state[reason] = begun.reason if begun else ""
        state[since] = max(first, min(last, proposed))
    st.markdown(f"**Amendment: what would change in version {latest.number}**")
    difference_table(changes_between(latest.agreement, agreement), f"Version {latest.number}", f"Version {number}")
    with st.container(horizontal=True, gap="medium"):
        st.text_input("Why it is amended", key=reason, max_chars=300, width=440, persist_state="session")
        st.date_input(
            "Holds from", min_value=first, max_value=last, key=since, format="YYYY-MM-DD", width=180, persist_state="session",
            help="Told with the amendment. From whatever day it holds, the review counts the whole quarter against the plan as amended, "
            "and shows what the amendment changed.",
        )  # fmt: skip


def _save(agreement: Agreement, terms: dict[str, Any], keeping: Keeping) -> None:
    author = me()
    if author is None:
        return
    try:
        found = keeping.store.save_draft(agreement, author, keeping.base, **terms)
    except StoreError as error:
        say("error", *error.reasons)
    else:
        _go_on(found, author, keeping)


def _go_on(found: Saved | Conflict, author: Author, keeping: Keeping) -> None:
    """Go on from what is saved now, or decide what stands against it."""
    if isinstance(found, Conflict):
        state[f"{KEY}.conflict"] = keeping.place, found, author
        say("")
        return
    draft = found.draft
    keeping.is_at(draft.revision)
    state.pop(f"{KEY}.conflict", None)
    if draft.version == keeping.here.next_number and draft.version > 1:
        state[keeping.key("reason")], state[keeping.key("from")] = draft.reason, draft.effective_from
    if found.merged:
        names = [edit_in_words(each) for each in found.merged]
        others = who_changed(found.merged, names, draft.agreement)
        say("success", f"Saved, with what was changed meanwhile: {others}.")
        keeping.on_open(draft.agreement)
    else:
        say("success", "Saved.")


def _open(draft: Draft, keeping: Keeping) -> None:
    keeping.is_at(draft.revision)
    say("")
    keeping.on_open(draft.agreement)


def disagreement(keeping: Keeping) -> bool:
    """Draw each field that two people changed, with both values to choose from. False where there is none."""
    place, conflict, author = state.get(f"{KEY}.conflict", (None, None, None))
    if conflict is None or place != keeping.place:
        return False
    with st.container(border=True):
        count = len(conflict.disagreements)
        st.markdown(
            "**Somebody else changed the same meanwhile, so nothing is saved yet.** "
            f"Choose what holds for {'this term' if count == 1 else f'each of these {count} terms'}."
        )
        for fault in conflict.faults:
            st.caption(plain(f"Together they cannot stand: {fault_in_words(fault)}"))
        choices = {}
        for each in conflict.disagreements:
            when = moment(each.at, conflict.draft.agreement)
            said = {
                "theirs": plain(f"{field_value(each.field, each.theirs)}, by {each.by.name} on {when}"),
                "mine": plain(f"{field_value(each.field, each.mine)}, yours"),
            }
            was = "" if each.before is None else f" (it was {field_value(each.field, each.before)})"
            choices[each.field] = st.radio(
                plain(f"{field_name(each.field)}{was}"), list(said), index=None, format_func=said.__getitem__,
                key=f"{KEY}.choice.{each.field}",
            )  # fmt: skip
        with st.container(horizontal=True):
            st.button(
                "Save what was chosen", key=f"{KEY}.decide", type="primary", disabled=None in choices.values(),
                on_click=_decided, args=(conflict, choices, author, keeping),
            )  # fmt: skip
            st.button("Not now", key=f"{KEY}.later", on_click=state.pop, args=(f"{KEY}.conflict", None))
    return True


def _decided(conflict: Conflict, choices: dict[str, Any], author: Author, keeping: Keeping) -> None:
    try:
        chosen = conflict.resolved(choices)
        terms = {"reason": chosen.reason, "effective_from": chosen.effective_from}
        found = keeping.store.save_draft(chosen.agreement, author, conflict.draft.revision, **terms)
    except AgreementError as error:
        say("error", *map(fault_in_words, error.faults))
    except StoreError as error:
        say("error", *error.reasons)
    else:
        _go_on(found, author, keeping)
        if isinstance(found, Saved):
            keeping.on_open(found.draft.agreement)
