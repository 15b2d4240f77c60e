"""What the tables hold, and what the database itself refuses in them."""

import pytest
from sqlalchemy import Integer, Text

from alignment_core.errors import StoreError
from alignment_core.store.tables import METADATA, drafts, heads, records

DRAFT = {"company": "Northwind", "quarter": "2026-Q3", "revision": 1, "version": 1, "content": "{}", "name": "Ada", "role": "marketing", "at": "2026-06-30T12:00:00+00:00"}  # fmt: skip
RECORD = {"place": 1, "company": "Northwind", "quarter": "2026-Q3", "kind": "version", "at": "2026-06-30T12:00:00+00:00", "body": "{}", "digests": "{}", "previous": "", "hash": "0"}  # fmt: skip


def put(store, table, row):
    with store.database.write() as connection:
        connection.execute(table.insert(), row)


def all_of(store, table):
    with store.database.read() as connection:
        return [row._asdict() for row in connection.execute(table.select())]


def test_everything_is_text_or_a_whole_number_and_never_missing():
    """So that every byte of it can be checked, and both databases give back what was written."""
    columns = [column for table in METADATA.sorted_tables for column in table.columns]
    assert {type(column.type) for column in columns} == {Text, Integer}
    assert not any(column.nullable for column in columns)


def test_text_comes_back_to_the_letter(store):
    said = ("", " Zoë\n", "0164", "1e3", "O'Neil; --", "日本 👋", "x" * 100_000)
    rows = [RECORD | {"place": place, "body": each} for place, each in enumerate(said)]
    for row in rows:
        put(store, records, row)
    assert sorted(all_of(store, records), key=lambda row: row["place"]) == rows


def test_a_place_in_the_chain_is_taken_once(store):
    put(store, records, RECORD)
    with pytest.raises(StoreError, match="failed: "):
        put(store, records, RECORD | {"hash": "1"})
    assert all_of(store, records) == [RECORD]


@pytest.mark.parametrize("other", [{"company": "Contoso"}, {"quarter": "2026-Q4"}, {"revision": 2}])
def test_a_revision_is_that_of_one_quarter_of_one_company(store, other):
    put(store, drafts, DRAFT)
    put(store, drafts, DRAFT | other)
    with pytest.raises(StoreError, match="failed: "):
        put(store, drafts, DRAFT | other | {"content": "[]"})
    found = all_of(store, drafts)
    assert len(found) == 2
    assert DRAFT in found
    assert DRAFT | other in found


def test_the_chain_has_one_head(store):
    with pytest.raises(StoreError, match="failed: "):
        put(store, heads, {"id": 1, "count": 5, "hash": "0", "last": ""})
    assert all_of(store, heads) == [{"id": 1, "count": 0, "hash": "", "last": ""}]


def test_a_record_lacks_no_column(store):
    """Its place is the key, and SQLite counts on where a key is missing; nothing else is filled in."""
    for column in RECORD.keys() - {"place"}:
        with pytest.raises(StoreError, match=column):
            put(store, records, RECORD | {column: None})
    assert all_of(store, records) == []
