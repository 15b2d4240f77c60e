"""Drafts: what is being worked on, by both at once, and who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.store.canonical import agreement_of, as_json, canonical, content_hash, from_json
from alignment_core.store.merging import Change, difference, flat, merge, nested
from alignment_core.store.tables import drafts

__all__ = [
    "AMENDMENT_FIELDS", "Author", "Conflict", "Disagreement", "Draft", "Edit", "Role", "Saved", "changes_between", "draft_at", "edits_since",
    "fields_of", "latest_draft", "revision_of", "save",
]  # fmt: skip

Role = Literal["marketing", "sales", "revops"]

#: What a draft has beside the agreement: why an amendment is made, and from when it holds.
AMENDMENT_FIELDS = ("reason", "effective_from")


@dataclass(frozen=True)
class Author:
    """Who is at the keyboard: the name they gave, and whose side they are on."""

    name: str
    role: Role


@dataclass(frozen=True)
class Draft:
    """A draft as it was saved.

    Attributes:
        revision: counts from 1; the next writer says which one they started from.
        version: which version of the agreement it will be when both have signed.
        reason: why the version in force is amended; empty for a first version.
        effective_from: from which day the amendment holds; None for a first version, which holds from the quarter's first day.
        by, at: who saved it, and when.
    """

    revision: int
    version: int
    agreement: Agreement
    reason: str
    effective_from: date | None
    by: Author
    at: datetime

    @property
    def content_hash(self) -> str:
        return content_hash(self.agreement)


@dataclass(frozen=True)
class Edit:
    """One field that somebody changed."""

    change: Change
    revision: int
    by: Author
    at: datetime


@dataclass(frozen=True)
class Disagreement:
    """A field that two people changed to different values.

    Attributes:
        field: its path in the agreement's file, or one of `AMENDMENT_FIELDS`.
        before: what both started from.
        theirs: what the draft has now, set `by` them `at` that time.
        mine: what was to be saved.
    """

    field: str
    before: Any
    theirs: Any
    mine: Any
    by: Author
    at: datetime


@dataclass(frozen=True)
class Saved:
    """The draft after saving, and what others had changed meanwhile that is now in it."""

    draft: Draft
    merged: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """Nothing was saved: others changed the same fields meanwhile.

    Attributes:
        draft: the draft as it is now.
        disagreements: what is to be decided.
        merged: every field that is not, theirs and mine together.
        edits: everything that others changed meanwhile.
        faults: why theirs and mine cannot stand together, where no field was changed by both.
    """

    draft: Draft
    disagreements: tuple[Disagreement, ...]
    merged: Mapping[str, Any]
    edits: tuple[Edit, ...]
    faults: tuple[str, ...] = ()

    def resolved(self, choices: Mapping[str, Literal["theirs", "mine"]]) -> "Proposed":
        """What to save instead, as a change of the draft as it is now.

        Args:
            choices: for each field in disagreement, whose value holds.

        Raises AgreementError where the values chosen cannot stand together.
        """
        chosen = {each.field: getattr(each, choices[each.field]) for each in self.disagreements}
        return Proposed.of({**self.merged, **chosen})


@dataclass(frozen=True)
class Proposed:
    """What somebody wants the draft to say."""

    agreement: Agreement
    reason: str = ""
    effective_from: date | None = None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Proposed":
        """Read it from its fields. Raises AgreementError."""
        values = nested({name: value for name, value in fields.items() if name not in AMENDMENT_FIELDS})
        return cls(Agreement.checked(values), fields.get("reason") or "", fields.get("effective_from"))


def fields_of(proposed: Proposed | Draft) -> dict[str, Any]:
    """An agreement and the terms of its amendment as fields. Two that are equal have equal fields."""
    terms = {"reason": proposed.reason or None, "effective_from": proposed.effective_from}
    return flat(from_json(canonical(proposed.agreement))) | terms


def changes_between(before: Agreement, after: Agreement) -> tuple[Change, ...]:
    """The fields in which two agreements differ."""
    return difference(*(flat(from_json(canonical(agreement))) for agreement in (before, after)))


def latest_draft(connection: Connection, company: str, quarter: str) -> Draft | None:
    asked = _of(company, quarter).order_by(drafts.c.revision.desc()).limit(1)
    row = connection.execute(asked).one_or_none()
    return _draft(row) if row else None


def draft_at(connection: Connection, company: str, quarter: str, revision: int) -> Draft | None:
    row = connection.execute(_of(company, quarter).where(drafts.c.revision == revision)).one_or_none()
    return _draft(row) if row else None


def revision_of(connection: Connection, agreement: Agreement) -> int:
    """The latest revision of its draft that says exactly what an agreement says; 0 if none does."""
    text = canonical(agreement)
    asked = _of(agreement.company, agreement.quarter).order_by(drafts.c.revision.desc())
    rows = connection.execute(asked)
    return next((row.revision for row in rows if from_json(row.content)["agreement"] == text), 0)


def edits_since(connection: Connection, company: str, quarter: str, revision: int = 0) -> tuple[Edit, ...]:
    """Which fields were changed after a revision, by whom and when, in order. The first revision changed nothing."""
    asked = _of(company, quarter).where(drafts.c.revision >= revision).order_by(drafts.c.revision)
    found = [_draft(row) for row in connection.execute(asked)]
    return tuple(
        Edit(change, after.revision, after.by, after.at)
        for before, after in pairwise(found)
        for change in difference(fields_of(before), fields_of(after))
    )


def save(
    connection: Connection, proposed: Proposed, version: int, by: Author, at: datetime, base_revision: int
) -> Saved | Conflict:
    """Save a draft, inside a transaction that writes, bringing it together with what others changed since `base_revision`.

    Args:
        proposed: what it shall say.
        version: which version of the agreement it will be.
        by, at: who saves it, and when.
        base_revision: the revision that its changes were made to; 0 if it was made from nothing.
    """
    company, quarter = proposed.agreement.company, proposed.agreement.quarter
    now = latest_draft(connection, company, quarter)
    if now is None:
        return Saved(_insert(connection, proposed, 1, version, by, at))
    mine, theirs = fields_of(proposed), fields_of(now)
    if mine == theirs and now.version == version:
        return Saved(now)
    if base_revision == now.revision:
        return Saved(_insert(connection, proposed, now.revision + 1, version, by, at))
    base_draft = draft_at(connection, company, quarter, base_revision)
    base = fields_of(base_draft) if base_draft else {}
    edits = edits_since(connection, company, quarter, base_revision)
    merged = merge(base, theirs, mine)
    overlapping = merged.overlapping
    faults: tuple[str, ...] = ()
    if not overlapping:
        try:
            both = Proposed.of(merged.fields)
        except AgreementError as error:  # each stands alone, not both: whatever either changed is to be decided
            overlapping, faults = tuple(change.field for change in difference(theirs, mine)), error.faults
        else:
            saved = now if fields_of(both) == theirs else _insert(connection, both, now.revision + 1, version, by, at)
            return Saved(saved, edits)
    last = {edit.change.field: (edit.by, edit.at) for edit in edits}
    disagreements = tuple(
        Disagreement(field, base.get(field), theirs.get(field), mine.get(field), *last.get(field, (now.by, now.at)))
        for field in overlapping
    )
    rest = {field: value for field, value in merged.fields.items() if field not in overlapping}
    return Conflict(now, disagreements, rest, edits, faults)


def _of(company: str, quarter: str) -> Any:
    return select(drafts).where(drafts.c.company == company, drafts.c.quarter == quarter)


def _draft(row: Row[Any]) -> Draft:
    terms = from_json(row.content)
    return Draft(
        revision=row.revision,
        version=row.version,
        agreement=agreement_of(terms["agreement"]),
        reason=terms["reason"],
        effective_from=terms["effective_from"],
        by=Author(row.name, row.role),
        at=datetime.fromisoformat(row.at),
    )


def _insert(connection: Connection, proposed: Proposed, revision: int, version: int, by: Author, at: datetime) -> Draft:
    draft = Draft(revision, version, proposed.agreement, proposed.reason, proposed.effective_from, by, at)
    content = {
        "agreement": canonical(draft.agreement), "reason": draft.reason, "effective_from": draft.effective_from,
    }  # fmt: skip
    connection.execute(
        drafts.insert().values(
            company=draft.agreement.company, quarter=draft.agreement.quarter, revision=revision, version=version,
            content=as_json(content), name=by.name, role=by.role, at=at.isoformat(timespec="seconds"),
        )
    )  # fmt: skip
    return draft
