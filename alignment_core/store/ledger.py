"""The chain of records: what was signed and closed, each record sealed together with the one before.

A record's hash is the SHA-256 of the line `alignment record 1`, a line feed, and the JSON list (see `canonical.as_json`) of its
place, company, quarter, kind, time, body, digests and the hash of the record before. So a record cannot be changed,
moved, put in or taken out without the chain, or its head, saying so. Its digests say *what* of it was changed: the
SHA-256 of each part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from alignment_core.errors import StoreError
from alignment_core.store.canonical import as_json, from_json
from alignment_core.store.tables import heads, records

__all__ = [
    "Head",
    "Kind",
    "Record",
    "append",
    "called",
    "everything",
    "head",
    "now",
    "of_quarter",
    "places_with",
    "quarters_with",
]

Kind = Literal["signature", "version", "review"]


@dataclass(frozen=True)
class Record:
    """One record as it is stored; see `tables.records`."""

    place: int
    company: str
    quarter: str
    kind: str
    at: str
    body: str
    digests: str
    previous: str
    hash: str = ""

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """What the body says. Raises ValueError where it can no longer be read."""
        values = from_json(self.body)
        if not isinstance(values, dict):
            raise ValueError("not a table")
        return values

    @cached_property
    def parts(self) -> dict[str, str]:
        """The digest of each part, as it is now. Raises as `values`."""
        parts = {"company": self.company, "quarter": self.quarter, "kind": self.kind, "at": self.at, **self.values}
        return {name: _digest(as_json(value)) for name, value in parts.items()}

    @cached_property
    def sealed_parts(self) -> dict[str, Any]:
        """The digest of each part, as it was sealed. Raises ValueError or TypeError where that can no longer be read."""
        return dict(from_json(self.digests))

    @cached_property
    def seal(self) -> str:
        """The hash over everything that the record is now; the stored one is the same unless something was changed."""
        sealed = (self.place, self.company, self.quarter, self.kind, self.at, self.body, self.digests, self.previous)
        return _digest("alignment record 1\n" + as_json(sealed))

    @property
    def name(self) -> str:
        """What it is called in a sentence: version 2 of Northwind, 2026-Q3."""
        try:
            return called(self.kind, self.company, self.quarter, self.values)
        except (ValueError, KeyError, TypeError, AttributeError):
            return f"record {self.place} ({self.company}, {self.quarter})"


@dataclass(frozen=True)
class Head:
    """How the chain ended when it was last written to."""

    count: int
    hash: str
    last: str


def called(kind: str, company: str, quarter: str, values: Mapping[str, Any]) -> str:
    """A record's name in a sentence."""
    of = f"of {company}, {quarter}"
    match kind:
        case "version":
            return f"version {values['number']} {of}"
        case "signature":
            return f"{values['name']}'s signature for {values['side']} under version {values['version']} {of}"
        case "review":
            return f"closed review {values['number']} {of}"
    return f"a record ({kind}) {of}"


def now() -> datetime:
    return datetime.now(UTC)


def append(
    connection: Connection, company: str, quarter: str, kind: Kind, values: Mapping[str, Any], at: datetime
) -> Record:
    """Add a record at the end of the chain, inside a transaction that writes."""
    before = head(connection)
    record = Record(
        place=before.count + 1,
        company=company,
        quarter=quarter,
        kind=kind,
        at=at.astimezone(UTC).isoformat(timespec="seconds"),
        body=as_json(values),
        digests="",
        previous=before.hash,
    )
    record = replace(record, digests=as_json(record.parts))
    record = replace(record, hash=record.seal)
    connection.execute(records.insert().values({column.name: getattr(record, column.name) for column in records.c}))
    connection.execute(update(heads).values(count=record.place, hash=record.hash, last=record.name))
    return record


def of_quarter(connection: Connection, company: str, quarter: str, *kinds: Kind) -> list[Record]:
    """The records of a quarter, in order.

    Raises StoreError where one of them is not what was sealed: nobody shall work on it unknowing.
    """
    asked = select(records).where(records.c.company == company, records.c.quarter == quarter, records.c.kind.in_(kinds))
    found = [Record(*row) for row in connection.execute(asked.order_by(records.c.place))]
    if changed := [record.name for record in found if record.seal != record.hash]:
        raise StoreError(
            f"What is stored was changed after it was sealed: {'; '.join(changed)}. `python -m alignment_core verify` says what."
        )
    return found


def quarters_with(connection: Connection, company: str, kind: Kind) -> tuple[str, ...]:
    """The quarters of a company that have a record of a kind, in order."""
    asked = select(records.c.quarter).where(records.c.company == company, records.c.kind == kind).distinct()
    return tuple(sorted(connection.execute(asked).scalars()))


def places_with(connection: Connection, kind: Kind) -> tuple[tuple[str, str], ...]:
    """The companies and quarters that have a record of a kind, the latest quarters first."""
    asked = select(records.c.company, records.c.quarter).where(records.c.kind == kind).distinct()
    found = [(str(company), str(quarter)) for company, quarter in connection.execute(asked)]
    return tuple(sorted(sorted(found), key=lambda each: each[1], reverse=True))


def everything(connection: Connection) -> Sequence[Record]:
    """Every record as it is stored, unchecked."""
    asked = select(records).order_by(records.c.place)
    return [
        Record(row[0], *(each if isinstance(each, str) else repr(each) for each in row[1:]))
        for row in connection.execute(asked)
    ]


def head(connection: Connection) -> Head:
    """How the chain ends. Raises StoreError where that is gone."""
    row = connection.execute(select(heads.c.count, heads.c.hash, heads.c.last).where(heads.c.id == 1)).one_or_none()
    if row is None:
        raise StoreError("The store has lost its count of records: it was removed.")
    return Head(*row)


def _digest(text: str) -> str:
    # Text that is no longer UTF-8 still has a digest, which then is another.
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
