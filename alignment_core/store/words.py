"""What the store says to people: where an agreement stands, who signed, and what a signature is under."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from alignment_core.agreement import Agreement
from alignment_core.promise import promise
from alignment_core.store.canonical import short
from alignment_core.store.drafts import Draft, Edit
from alignment_core.store.versions import SIDES, Signature, Standing, Version

__all__ = ["day", "in_force_line", "moment", "signed_by", "stands", "to_be_signed", "who_changed"]


def day(value: date) -> str:
    """A day as it is written: 5 Jul 2026."""
    return f"{value.day} {value:%b %Y}"


def moment(at: datetime, agreement: Agreement) -> str:
    """A moment on the clock of the company: 5 Jul 2026, 14:05."""
    local = at.astimezone(ZoneInfo(agreement.timezone))
    return f"{day(local)}, {local:%H:%M}"


def signed_by(signatures: Sequence[Signature]) -> str:
    """Who signed: Ada for marketing and Bob for sales."""
    return " and ".join(f"{each.name} for {each.side}" for each in signatures)


def stands(here: Standing) -> str:
    """Where an agreement stands, in a sentence or two."""
    said = [in_force_line(here.latest)] if here.latest else []
    draft = here.draft
    if draft is None:
        said.append("Nobody has saved it yet.")
    elif here.is_open:
        what = f"A draft of version {here.next_number} is open" if here.latest else "It is a draft"
        saved = f", saved by {draft.by.name} on {moment(draft.at, draft.agreement)}"
        missing = [side for side in SIDES if here.signed_by(side) is None]
        who = (
            f"{signed_by(here.signatures)} signed it; {missing[0]} has not"
            if here.signatures
            else "nobody has signed it"
        )
        said.append(f"{what}{saved}: {who}.")
    return " ".join(said)


def in_force_line(version: Version) -> str:
    """A version in a sentence: from when it holds, and who signed it when."""
    locked = moment(version.locked_at, version.agreement)
    return f"Version {version.number} holds from {day(version.effective_from)}: signed by {signed_by(version.signatures)}, locked on {locked}."


def to_be_signed(here: Standing, draft: Draft) -> str:
    """What a signature says yes to, in a sentence or two."""
    said = promise(draft.agreement).title
    if here.latest and draft.effective_from:
        said += f" It takes the place of version {here.latest.number} from {day(draft.effective_from)}: {draft.reason.rstrip('.')}."
    elif not here.latest:
        first = draft.agreement.fiscal_quarter
        said += f" It holds from {day(first.start)} to {day(first.end - timedelta(days=1))}."
    return f"{said} Content {short(draft.content_hash)}."


def who_changed(edits: Sequence[Edit], names: Sequence[str], agreement: Agreement) -> str:
    """What others changed: Close rate 45% → 50% by Bob (5 Jul 2026, 14:05); …

    Args:
        edits: what they changed.
        names: what each edit changed, as the form has it.
        agreement: on whose clock.
    """
    return "; ".join(
        f"{name} by {edit.by.name} ({moment(edit.at, agreement)})" for name, edit in zip(names, edits, strict=True)
    )
