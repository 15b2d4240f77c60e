"""Signatures and the versions they lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed
from alignment_core.errors import StoreError
from alignment_core.store.canonical import agreement_of, canonical, short
from alignment_core.store.drafts import Draft, changes_between, edits_since, latest_draft
from alignment_core.store.ledger import Record, append, of_quarter
from alignment_core.store.merging import Change

__all__ = ["SIDES", "Side", "Signature", "Standing", "Version", "as_signed", "in_force", "sign", "standing"]

Side = Literal["marketing", "sales"]
SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True)
class Signature:
    """A name under an exact content.

    Attributes:
        side: whose side signed.
        name: the name they gave.
        at: when.
        version: as which version of the agreement.
        content_hash: what, see `canonical.content_hash`.
        reason, effective_from: the terms of the amendment, which are signed with it.
    """

    side: Side
    name: str
    at: datetime
    version: int
    content_hash: str
    reason: str
    effective_from: date

    def is_under(self, draft: Draft) -> bool:
        """Whether exactly this draft was signed."""
        return (self.version, self.content_hash, self.reason, self.effective_from) == _signed(draft)


@dataclass(frozen=True)
class Version:
    """An agreement that both sides signed. It never changes.

    Attributes:
        number: counts from 1; more than 1 is an amendment.
        reason: why it amends the version before; empty in the first.
        effective_from: from which day it holds.
        difference: what it changes in the version before, field by field; empty in the first.
        signatures: marketing's and sales'.
        locked_at: when the second of them signed.
    """

    number: int
    agreement: Agreement
    content_hash: str
    reason: str
    effective_from: date
    difference: tuple[Change, ...]
    signatures: tuple[Signature, ...]
    locked_at: datetime


@dataclass(frozen=True)
class Standing:
    """Where the agreement of one company and quarter stands.

    Attributes:
        draft: what is being worked on; None where nothing was saved.
        versions: what both signed, in order.
        signatures: under the draft as it is now. An edit leaves them behind.
    """

    draft: Draft | None
    versions: tuple[Version, ...]
    signatures: tuple[Signature, ...]

    @property
    def latest(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    @property
    def next_number(self) -> int:
        """Which version the draft will be."""
        return len(self.versions) + 1

    @property
    def is_open(self) -> bool:
        """Whether the draft says anything that is not signed by both."""
        return self.draft is not None and (self.latest is None or self.draft.content_hash != self.latest.content_hash)

    @property
    def difference(self) -> tuple[Change, ...]:
        """What the draft would change in the latest version, field by field."""
        if self.draft is None or self.latest is None:
            return ()
        return changes_between(self.latest.agreement, self.draft.agreement)

    def signed_by(self, side: Side) -> Signature | None:
        """A side's signature under the draft as it is now."""
        return next((signature for signature in self.signatures if signature.side == side), None)


def standing(connection: Connection, company: str, quarter: str) -> Standing:
    draft = latest_draft(connection, company, quarter)
    found = of_quarter(connection, company, quarter, "version", "signature")
    versions = tuple(_version(record) for record in found if record.kind == "version")
    signatures = [_signature(record) for record in found if record.kind == "signature"]
    here = Standing(draft, versions, ())
    if draft is None or not here.is_open:
        return here
    return Standing(draft, versions, tuple(each for each in signatures if each.is_under(draft)))


def in_force(versions: Sequence[Version], on: date | None = None) -> Version | None:
    """The version that holds on a day; the latest without one. None where none does."""
    holding = [version for version in versions if on is None or version.effective_from <= on]
    return holding[-1] if holding else None


def as_signed(versions: Sequence[Version]) -> tuple[Signed, ...]:
    """The versions as a review takes them, to begin at the plan that was first signed."""
    return tuple(
        Signed(each.agreement, each.locked_at.astimezone(ZoneInfo(each.agreement.timezone)).date(), each.reason)
        for each in versions
    )


def sign(connection: Connection, seen: Draft, side: Side, name: str, at: datetime) -> Signature:
    """Sign a draft for a side, inside a transaction that writes. The second signature locks it as a version.

    Args:
        seen: the draft as the signer saw it. It is signed only if it is still exactly that.
        side, name: who signs.
        at: when.

    Raises StoreError with every reason why it cannot be signed.
    """
    company, quarter = seen.agreement.company, seen.agreement.quarter
    here = standing(connection, company, quarter)
    if refused := [*_changed(connection, here, seen), *_not_ready(here, seen, side, name)]:
        raise StoreError(*refused)
    _, digest, reason, effective_from = _signed(seen)
    signature = Signature(side, " ".join(name.split()), at, here.next_number, digest, reason, effective_from)
    terms = {"content_hash": digest, "reason": reason, "effective_from": effective_from}
    values = {"version": here.next_number, "side": side, "name": signature.name, **terms}
    append(connection, company, quarter, "signature", values, at)
    both = sorted((*here.signatures, signature), key=lambda each: SIDES.index(each.side))
    if len(both) == len(SIDES):
        changes = [[change.field, change.before, change.after] for change in here.difference]
        signed = [{"side": each.side, "name": each.name, "at": each.at.isoformat(timespec="seconds")} for each in both]
        content = {"agreement": canonical(seen.agreement), "difference": changes, "signatures": signed}
        append(connection, company, quarter, "version", {"number": here.next_number, **terms, **content}, at)
    return signature


def _signed(draft: Draft) -> tuple[int, str, str, date]:
    """What a signature under a draft covers."""
    first_day = draft.agreement.fiscal_quarter.start
    return draft.version, draft.content_hash, draft.reason, draft.effective_from or first_day


def _changed(connection: Connection, here: Standing, seen: Draft) -> list[str]:
    """Why what was seen is no longer what there is, in words."""
    if here.draft is None:
        return ["Nothing was saved yet: save the draft, then sign it."]
    if here.draft.content_hash == seen.content_hash and _signed(here.draft) == _signed(seen):
        return []
    edits = edits_since(connection, seen.agreement.company, seen.agreement.quarter, seen.revision)
    said = "; ".join(f"{each.change.field} by {each.by.name} at {each.at:%H:%M} UTC" for each in edits)
    return [
        f"The draft is no longer what you saw: you saw {short(seen.content_hash)}, it is {short(here.draft.content_hash)} now. "
        f"{f'Changed since: {said}. ' if said else ''}Look at it again, then sign."
    ]


def _not_ready(here: Standing, seen: Draft, side: Side, name: str) -> list[str]:
    """What else stands in the way of a signature, in words."""
    reasons = []
    if side not in SIDES:
        reasons.append("Only marketing and sales sign.")
    if not name.strip():
        reasons.append("A signature needs a name.")
    if here.draft is not None and not here.is_open:
        reasons.append(f"Both sides have signed exactly this: it is in force as version {len(here.versions)}.")
    elif signature := here.signed_by(side):
        reasons.append(f"{signature.name} has signed this for {side} already.")
    if here.latest is not None and here.is_open:
        reasons += _amendment_lacks(here.latest, seen)
    return reasons


def _amendment_lacks(latest: Version, seen: Draft) -> list[str]:
    reasons = []
    if not seen.reason.strip():
        reasons.append("An amendment needs its reason.")
    if seen.effective_from is None:
        return [*reasons, "An amendment needs the day from which it holds."]
    first, last = latest.effective_from, seen.agreement.fiscal_quarter.end - timedelta(days=1)
    if not first <= seen.effective_from <= last:
        reasons.append(
            f"The amendment cannot hold from {seen.effective_from}: that must lie between {first}, when version {latest.number} began to hold, "
            f"and {last}, the quarter's last day."
        )
    return reasons


def _signature(record: Record) -> Signature:
    values = record.values
    return Signature(
        side=values["side"],
        name=values["name"],
        at=datetime.fromisoformat(record.at),
        version=values["version"],
        content_hash=values["content_hash"],
        reason=values["reason"],
        effective_from=values["effective_from"],
    )


def _version(record: Record) -> Version:
    values: Mapping[str, Any] = record.values
    terms = {name: values[name] for name in ("content_hash", "reason", "effective_from")}
    signatures = tuple(
        Signature(each["side"], each["name"], datetime.fromisoformat(each["at"]), values["number"], **terms)
        for each in values["signatures"]
    )
    return Version(
        number=values["number"],
        agreement=agreement_of(values["agreement"]),
        difference=tuple(Change(*change) for change in values["difference"]),
        signatures=signatures,
        locked_at=datetime.fromisoformat(record.at),
        **terms,
    )
