"""Whether what was signed and closed is still what it was, and what was changed where it is not.

Every record is held against its own seal, the record before, and the head of the chain; every version against the hash
that was signed and the signatures that locked it. What cannot be found is in docs/store.md: somebody who may write to the
database, knows how it is made and rewrites all of it consistently, unless its seal was noted elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from alignment_core.errors import StoreError
from alignment_core.store.canonical import hash_of
from alignment_core.store.ledger import Head, Record, everything, head
from alignment_core.store.store import Store
from alignment_core.store.versions import SIDES

__all__ = ["Verified", "as_read", "changes", "verify"]

#: What the parts of a record are called in a sentence.
_PART: Mapping[str, str] = {
    "company": "the company", "quarter": "the quarter", "kind": "what kind of record it is", "at": "the time",
    "agreement": "the agreement", "content_hash": "the agreement's hash", "reason": "the reason",
    "effective_from": "the day from which it holds", "difference": "the difference", "signatures": "the signatures",
    "side": "the side", "name": "the name", "version": "the version", "number": "the number", "review": "the review's figures",
    "counts": "the counts", "files": "the list of files", "signed": "the versions that were amended", "json": "the review's JSON", "format": "the format",
}  # fmt: skip


@dataclass(frozen=True)
class Verified:
    """What a check found.

    Attributes:
        changed: everything that is not what it was, each in a sentence. Empty: untouched.
        records: how many records there are.
        seal: the hash of the last of them, which stands for all; empty where there is none. Noted somewhere else, it
            proves later that the whole store was not exchanged.
    """

    changed: tuple[str, ...]
    records: int
    seal: str


#: So many digits of a seal no other record's begins with.
_ENOUGH = 8


def verify(store: Store, seal: str = "") -> Verified:
    """Check a store.

    Args:
        store: which.
        seal: one that was noted before, at least its first 8 digits; it must still be in the chain.
    """
    try:
        with store.database.read() as connection, _any_text(connection):
            changed = list(_of_the_file(connection))
            found = everything(connection)
            try:
                end = head(connection)
            except StoreError as error:
                return Verified((*changed, *_of_records(found), *error.reasons), len(found), "")
    except StoreError as error:  # so damaged that the database cannot read it
        return Verified(error.reasons, 0, "")
    changed += changes(found, end)
    noted = "".join(seal.split()).lower()
    if 0 < len(noted) < _ENOUGH:
        changed.append(f"The seal {seal} is too short to prove anything: give at least its first {_ENOUGH} digits.")
    elif noted and not any(record.hash.startswith(noted) for record in found):
        changed.append(
            f"No record has the seal {seal}: this is another store, or it was rewritten since that was noted."
        )
    return Verified(tuple(changed), len(found), end.hash)


def changes(found: Sequence[Record], end: Head) -> Iterator[str]:
    """Everything of the records that is not what it was, each in a sentence.

    Args:
        found: the records as they are stored, in order.
        end: how the chain ended when it was last written to.
    """
    yield from _of_records(found)
    yield from _of_the_end(found, end)
    yield from _of_versions(found)


def as_read(raw: bytes) -> str:
    """Stored text as it is checked: what is no longer UTF-8 is something else than it was, rather than nothing."""
    return raw.decode("utf-8", "surrogateescape")


class _any_text:
    """Reads text that is no longer UTF-8 as something else than it was, rather than not at all."""

    def __init__(self, connection: Connection) -> None:
        self.raw = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None

    def __enter__(self) -> None:
        if self.raw is not None:
            self.raw.text_factory = as_read

    def __exit__(self, *_: object) -> None:
        if self.raw is not None:
            self.raw.text_factory = str


def _of_the_file(connection: Connection) -> Iterator[str]:
    """What SQLite itself finds wrong with its file."""
    if connection.dialect.name == "sqlite":
        said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
        if said != ["ok"]:
            yield f"The file of the store is damaged: {'; '.join(said)}."


def _of_records(found: Sequence[Record]) -> Iterator[str]:
    """What was changed in each record, and where records were taken out or put in."""
    before: Record | None = None
    was_sound = True
    for record in found:
        expected = before.place + 1 if before and isinstance(before.place, int) else 1
        has_gap = isinstance(record.place, int) and record.place > expected
        if has_gap:
            one = expected == record.place - 1
            yield f"Record{'' if one else 's'} {expected if one else f'{expected} to {record.place - 1}'}, before {record.name}: removed."
        parts = _changed_parts(record)
        is_sound = record.seal == record.hash and not parts
        where = f"Record {record.place}, {record.name}"
        if not is_sound:
            listed = parts or ["its place in the chain, how it is written or its seal"]
            yield f"{where}: {', '.join(listed)} {'were' if len(listed) > 1 else 'was'} changed."
        elif record.previous != (before.hash if before else "") and was_sound and not has_gap:
            yield f"{where}: it does not follow the record before it; one was exchanged or put in."
        before, was_sound = record, is_sound


def _changed_parts(record: Record) -> list[str]:
    """Which parts of a record are not what its digests say."""
    try:
        now = record.parts
    except (ValueError, TypeError, AttributeError):
        return ["its content (it can no longer be read)"]
    try:
        then = record.sealed_parts
    except (ValueError, TypeError):
        return ["its list of digests"]
    return [_PART.get(name, repr(name)) for name in {**then, **now} if then.get(name) != now.get(name)]


def _of_the_end(found: Sequence[Record], end: Head) -> Iterator[str]:
    """Whether the chain still ends as it did when it was last written to."""
    if end.count != len(found):
        last = f": the last was {end.last}" if end.last else ""
        yield f"{'Records were put in' if isinstance(end.count, int) and end.count < len(found) else 'Records were removed'}: the store counted {end.count} and holds {len(found)}{last}."
    elif found and (end.hash, end.last) != (found[-1].hash, found[-1].name):
        yield f"The last record is {found[-1].name}, and not what the store noted last ({end.last}): one of the two was changed."
    elif not found and end != Head(0, "", ""):
        yield "The store's note of its last record was changed: there is none."


def _of_versions(found: Sequence[Record]) -> Iterator[str]:
    """Whether each version is what was signed, by both sides."""
    signed: set[tuple[Any, ...]] = set()
    numbers: dict[tuple[str, str], int] = {}
    for record in found:
        try:
            values = record.values
            if record.kind == "signature":
                signed.add((*_signed(record, values["version"], values), values["side"], values["name"]))
            elif record.kind == "version":
                place = (record.company, record.quarter)
                numbers[place] = numbers.get(place, 0) + 1
                if values["number"] != numbers[place]:
                    yield f"{record.name}: it is number {numbers[place]} of those that are stored; versions are missing."
                if hash_of(values["agreement"]) != values["content_hash"]:
                    yield f"{record.name}: its agreement is not what was signed."
                for side in SIDES:
                    names = [each["name"] for each in values["signatures"] if each["side"] == side]
                    if not any((*_signed(record, values["number"], values), side, name) in signed for name in names):
                        yield f"{record.name}: there is no signature for {side} under it."
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # it cannot be read, which was said already


def _signed(record: Record, version: object, values: Mapping[str, Any]) -> tuple[Any, ...]:
    terms = (values["content_hash"], values["reason"], values["effective_from"])
    return (record.company, record.quarter, version, *terms)
