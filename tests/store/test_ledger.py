"""The chain of records: each sealed together with the one before, as the docs say which bytes."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest
from sqlalchemy import text

from alignment_core.errors import StoreError
from alignment_core.store.ledger import (
    Head,
    Record,
    append,
    everything,
    head,
    of_quarter,
    places_with,
    quarters_with,
)
from tests.store.signing import NOON, NORTHWIND

ADA_SIGNS = {"version": 1, "side": "marketing", "name": "Ada Ø"}


@pytest.fixture
def written(store):
    """Three records of two companies."""
    with store.database.write() as connection:
        append(connection, *NORTHWIND, "signature", ADA_SIGNS, NOON)
        append(connection, "Southwind", "2026-Q4", "review", {"number": 1}, NOON)
        append(connection, "Northwind", "2026-Q2", "review", {"number": 1}, NOON)
    return store


def read(store, question, *arguments):
    with store.database.read() as connection:
        return question(connection, *arguments)


def test_a_record_is_sealed_over_exactly_the_bytes_that_are_documented(written):
    first = read(written, everything)[0]
    body = '{"version":1,"side":"marketing","name":"Ada Ø"}'
    digests = {
        "company": sha256(b'"Northwind"').hexdigest(), "quarter": sha256(b'"2026-Q3"').hexdigest(),
        "kind": sha256(b'"signature"').hexdigest(), "at": sha256(b'"2026-06-20T12:00:00+00:00"').hexdigest(),
        "version": sha256(b"1").hexdigest(), "side": sha256(b'"marketing"').hexdigest(),
        "name": sha256('"Ada Ø"'.encode()).hexdigest(),
    }  # fmt: skip
    assert (first.body, json.loads(first.digests)) == (body, digests)
    sealed = [1, "Northwind", "2026-Q3", "signature", "2026-06-20T12:00:00+00:00", body, first.digests, ""]
    line = json.dumps(sealed, ensure_ascii=False, separators=(",", ":"))
    assert first.hash == first.seal == sha256(f"alignment record 1\n{line}".encode()).hexdigest()


def test_each_record_holds_the_hash_of_the_one_before_and_the_head_that_of_the_last(written):
    found = read(written, everything)
    assert [each.place for each in found] == [1, 2, 3]
    assert [each.previous for each in found] == ["", found[0].hash, found[1].hash]
    assert read(written, head) == Head(3, found[2].hash, "closed review 1 of Northwind, 2026-Q2")


@pytest.mark.parametrize(
    "change",
    [
        {"place": 2}, {"company": "Northwind "}, {"quarter": "2026-Q4"}, {"kind": "version"}, {"at": ""}, {"body": "{}"},
        {"digests": "{}"}, {"previous": "0"},
    ],
    ids=str,
)  # fmt: skip
def test_a_seal_is_over_every_column(change):
    record = Record(1, "Northwind", "2026-Q3", "review", "2026-06-20T12:00:00+00:00", '{"number":1}', "[]", "")
    assert replace(record, **change).seal != record.seal
    assert replace(record, hash="x").seal == record.seal


def test_a_time_is_kept_in_utc_to_the_second(store):
    at = datetime(2026, 6, 20, 1, 30, 15, 999, tzinfo=timezone(timedelta(hours=2)))
    with store.database.write() as connection:
        assert append(connection, *NORTHWIND, "signature", ADA_SIGNS, at).at == "2026-06-19T23:30:15+00:00"


def test_a_quarters_records_are_those_of_the_kinds_that_are_asked_for(written):
    (signature,) = read(written, of_quarter, *NORTHWIND, "signature", "version")
    assert signature.values == ADA_SIGNS
    assert read(written, of_quarter, *NORTHWIND, "review") == []


def test_nobody_works_on_a_record_that_was_changed_and_others_can_still_be_read(written):
    with written.database.engine.begin() as connection:
        connection.execute(text("UPDATE records SET at = 'then' WHERE place = 3"))
    with pytest.raises(StoreError, match="changed after it was sealed: closed review 1 of Northwind, 2026-Q2"):
        read(written, of_quarter, "Northwind", "2026-Q2", "review")
    assert len(read(written, of_quarter, "Southwind", "2026-Q4", "review")) == 1


def test_where_there_are_records_is_listed_the_latest_quarter_first(written):
    assert read(written, places_with, "review") == (("Southwind", "2026-Q4"), ("Northwind", "2026-Q2"))
    assert read(written, quarters_with, "Northwind", "review") == ("2026-Q2",)
    assert read(written, quarters_with, "Northwind", "version") == ()


@pytest.mark.parametrize(
    ("kind", "body", "name"),
    [
        ("version", '{"number":2}', "version 2 of Northwind, 2026-Q3"),
        ("review", '{"number":3}', "closed review 3 of Northwind, 2026-Q3"),
        (
            "signature",
            json.dumps(ADA_SIGNS),
            "Ada Ø's signature for marketing under version 1 of Northwind, 2026-Q3",
        ),
        ("note", "{}", "a record (note) of Northwind, 2026-Q3"),
        ("version", "{", "record 7 (Northwind, 2026-Q3)"),
        ("version", "[]", "record 7 (Northwind, 2026-Q3)"),
        ("signature", '{"version":1}', "record 7 (Northwind, 2026-Q3)"),
    ],
)
def test_a_record_has_a_name_in_a_sentence_also_where_it_cannot_be_read(kind, body, name):
    assert Record(7, "Northwind", "2026-Q3", kind, "", body, "", "").name == name


def test_a_head_that_was_removed_is_said(written):
    with written.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM heads"))
    with pytest.raises(StoreError, match="lost its count of records"):
        read(written, head)
