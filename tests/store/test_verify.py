"""Any tampering with what was signed or closed is found, and named."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from alignment_core.review import review
from alignment_core.store import Store, StoreError, verify
from alignment_core.store.ledger import everything, head
from alignment_core.store.places import FILE
from alignment_core.store.verify import as_read, changes
from tests.store.signing import ADA, NORTHWIND, marketing, signed
from tests.support import agreed, summary

COLUMNS = ("company", "quarter", "kind", "at", "body", "digests", "previous", "hash")
VERSION_2 = "version 2 of Northwind, 2026-Q3"


@pytest.fixture
def kept(store):
    """Two versions with their signatures, a closed review, a signature that waits for the other, and a draft."""
    signed(store, agreed())
    signed(store, agreed(marketing=marketing(0.6)), reason="Fewer leads, Zoë", effective_from=date(2026, 8, 15))
    data = summary(
        {"quarter": "2026-Q3", "source": "marketing", "mqls": 150, "sqls": 85, "opportunities": 45, "wins": 17, "revenue": 500_000},
    )  # fmt: skip
    agreement = agreed(marketing=marketing(0.6))
    store.close_review(review(data, agreement), agreement, data, at=datetime(2026, 10, 9, tzinfo=UTC))
    draft = store.save_draft(
        agreed(revenue_target=5_000_000), ADA, 2, reason="More", effective_from=date(2026, 9, 1)
    ).draft
    store.sign(draft, "sales", "Bob")
    return store


def change(store, statement, **values):
    with store.database.engine.begin() as connection:
        connection.execute(text(statement), values)


def rows(store):
    with store.database.read() as connection:
        return everything(connection)


def test_what_nobody_touched_is_untouched(kept):
    found = verify(kept)
    assert found.changed == ()
    assert found.records == 8 == len(rows(kept))
    assert found.seal == rows(kept)[-1].hash


def test_an_empty_store_is_untouched(store):
    assert (verify(store).changed, verify(store).records) == ((), 0)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_any_byte_of_any_column_that_is_flipped_is_found(kept):
    """Every byte of every value, each in one of its eight bits; the record that it is of is named."""
    found = rows(kept)
    with kept.database.read() as connection:
        end = head(connection)
    assert list(changes(found, end)) == []
    tried = 0
    for number, record in enumerate(found):
        for column in COLUMNS:
            value = getattr(record, column)
            for place in range(len(value.encode())):
                flipped = replace(record, **{column: as_read(flip(value, place, 1 << place % 8))})
                said = next(changes([*found[:number], flipped, *found[number + 1 :]], end), "")
                assert said.startswith(f"Record {record.place}, "), (record.name, column, place)
                tried += 1
    assert tried == sum(len(getattr(record, column).encode()) for record in found for column in COLUMNS) > 20_000


def test_a_byte_that_is_flipped_in_the_database_is_found(kept):
    """Every column of every record, each byte of short values; of long ones the first and last and a few between.

    PostgreSQL holds nothing but valid text, so there it is a sample of characters that is exchanged.
    """
    chance = random.Random(5)
    is_file = kept.database.engine.dialect.name == "sqlite"
    tried = 0
    for record in rows(kept):
        for column in COLUMNS:
            value = getattr(record, column)
            size = len(value.encode()) if is_file else len(value)
            places = range(size) if size <= 20 else sorted({0, 1, size - 2, size - 1, *chance.sample(range(size), 5)})
            for place in places:
                flipped = [flip(value, place, bit) for bit in (1, 128)] if is_file else [swap(value, place)]
                for each in flipped:
                    put(kept, record.place, column, each, is_file)
                    assert verify(kept).changed, (record.name, column, place)
                    tried += 1
            put(kept, record.place, column, value.encode(), is_file)
    assert tried > 500
    assert verify(kept).changed == ()


def flip(value, place, bit):
    raw = bytearray(value.encode())
    raw[place] ^= bit
    return bytes(raw)


def swap(value, place):
    """A character becomes its neighbour."""
    return (value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]).encode()


def put(store, place, column, value, is_file):
    as_text = "CAST(:value AS TEXT)" if is_file else ":value"
    change(
        store,
        f"UPDATE records SET {column} = {as_text} WHERE place = {place}",
        value=value if is_file else value.decode(),
    )


@pytest.mark.parametrize("column", ["count", "hash", "last"])
def test_any_byte_of_the_head_that_is_flipped_is_found(kept, column):
    with kept.database.read() as connection:
        value = getattr(head(connection), column)
    others = (
        [value + 1, value - 1] if column == "count" else [swap(value, place).decode() for place in range(len(value))]
    )
    for other in others:
        change(kept, f"UPDATE heads SET {column} = :value", value=other)
        assert verify(kept).changed
    change(kept, f"UPDATE heads SET {column} = :value", value=value)
    assert verify(kept).changed == ()
    change(kept, "UPDATE heads SET id = 2")
    assert "lost its count" in verify(kept).changed[-1]


def test_each_record_that_is_removed_is_missed(kept):
    for record in rows(kept):
        values = {name: getattr(record, name) for name in ("place", *COLUMNS)}
        change(kept, "DELETE FROM records WHERE place = :place", place=record.place)
        assert any("removed" in said for said in verify(kept).changed), record.name
        listed = ", ".join(values)
        change(kept, f"INSERT INTO records ({listed}) VALUES ({', '.join(f':{name}' for name in values)})", **values)
    assert verify(kept).changed == ()


def test_the_last_record_that_is_removed_is_named(kept):
    change(kept, "DELETE FROM records WHERE place = 8")
    (said,) = verify(kept).changed
    assert said == (
        "Records were removed: the store counted 8 and holds 7: the last was Bob's signature for sales under "
        "version 3 of Northwind, 2026-Q3."
    )


def test_all_that_is_removed_is_missed(kept):
    change(kept, "DELETE FROM records")
    assert "counted 8 and holds 0" in verify(kept).changed[0]


def test_two_records_that_change_places_are_found(kept):
    for one in range(1, 8):
        for there, here in ((-1, one), (one, one + 1), (one + 1, -1)):
            change(kept, f"UPDATE records SET place = {there} WHERE place = {here}")
        assert any("place in the chain" in said for said in verify(kept).changed)
        for there, here in ((-1, one), (one, one + 1), (one + 1, -1)):
            change(kept, f"UPDATE records SET place = {there} WHERE place = {here}")
    assert verify(kept).changed == ()


def test_a_record_that_is_put_in_is_found(kept):
    change(kept, f"INSERT INTO records SELECT 9, {', '.join(COLUMNS)} FROM records WHERE place = 8")
    assert any("put in" in said for said in verify(kept).changed)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"reason":"Fewer leads', '"reason":"Fewer likes', "the reason was changed"),
        ('\\"mql_to_sql\\":0.6', '\\"mql_to_sql\\":0.5', "the agreement was changed"),
        ('"$date":"2026-08-15"', '"$date":"2026-08-16"', "the day from which it holds was changed"),
        ('"name":"Ada"', '"name":"Eve"', "the signatures was changed"),
        ('"number":2', '"number":7', "the number was changed"),
        ('"reason":', '"season":', "'season'"),
        ('"number":2', '"number":2 ', "its place in the chain, how it is written or its seal was changed"),
        ("{", "[", "its content (it can no longer be read) was changed"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(kept, old, new, said):
    record = next(each for each in rows(kept) if each.name == VERSION_2)
    assert old in record.body
    change(
        kept,
        "UPDATE records SET body = :body WHERE place = :place",
        body=record.body.replace(old, new, 1),
        place=record.place,
    )
    found = verify(kept).changed
    assert any(each.startswith(f"Record {record.place}, ") and said in each for each in found), found
    assert any("2026-Q3" in each for each in found)


def test_nobody_works_on_a_version_that_was_changed(kept):
    record = next(each for each in rows(kept) if each.name == VERSION_2)
    body = record.body.replace('\\"mql_to_sql\\":0.6', '\\"mql_to_sql\\":0.5')
    change(kept, "UPDATE records SET body = :body WHERE place = :place", body=body, place=record.place)
    with pytest.raises(StoreError, match=rf"changed after it was sealed: {VERSION_2}"):
        kept.in_force(*NORTHWIND)


def test_a_version_that_was_written_with_all_its_hashes_still_needs_its_signatures(store):
    """Whoever knows the chain can add to it, not sign for others."""
    from alignment_core.store.ledger import append

    first = signed(store, agreed())
    with store.database.write() as connection:
        values = dict(everything(connection)[-1].values)
        append(connection, *NORTHWIND, "version", values | {"number": 2, "reason": "Because"}, first.locked_at)
    assert set(verify(store).changed) == {
        f"{VERSION_2}: there is no signature for marketing under it.",
        f"{VERSION_2}: there is no signature for sales under it.",
    }


def test_a_seal_that_was_noted_finds_a_store_that_was_exchanged_as_a_whole(kept, tmp_path):
    seal = verify(kept).seal
    draft = kept.draft(*NORTHWIND)
    kept.sign(draft, "marketing", "Ada")
    assert verify(kept, seal).changed == ()
    assert verify(kept, seal[:12].upper()).changed == ()
    assert verify(kept, seal[:8]).changed == ()
    assert "too short" in verify(kept, seal[:7]).changed[0]  # of another store, too, the first digits may be these
    other = Store.open(tmp_path / "other")
    signed(other, agreed(revenue_target=1))
    assert verify(other).changed == ()
    assert "another store" in verify(other, seal).changed[0]
    other.close()


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_any_byte_of_the_file_that_is_flipped_is_found_or_means_nothing(kept, store_url, tmp_path):
    """Of every page of SQLite's file: verify says so, or all that was stored is still there to the letter."""
    before = rows(kept)
    kept.close()
    whole = (Path(store_url) / FILE).read_bytes()
    page = int.from_bytes(whole[16:18], "big")
    chance = random.Random(7)
    held = [whole.index(record.hash.encode()) for record in before] + [whole.index(b"Fewer leads")]
    places = {*range(0, 100, 9), *held, *(place + 1 for place in held)}
    for start in range(0, len(whole), page):
        places |= {start + offset for offset in (*range(0, 12, 2), *chance.sample(range(page), 25))}
    copy = tmp_path / "copy"
    copy.mkdir()
    found = 0
    for place in sorted(places):
        for each in copy.iterdir():
            each.unlink()
        (copy / FILE).write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            opened = Store.open(copy, create=False)
        except StoreError:
            found += 1
            continue
        said = verify(opened).changed
        if not said:
            assert rows(opened) == before, place
            assert place not in held
        found += bool(said)
        opened.close()
    assert found > len(held) * 2


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_an_index_that_no_longer_leads_to_a_record_is_found(kept, store_url):
    """Every record is as it was, yet whoever asks for a quarter's would miss one."""
    before = rows(kept)
    with kept.database.read() as connection:
        asked = "SELECT rootpage FROM sqlite_master WHERE name = 'records_of_a_quarter'"
        root = connection.exec_driver_sql(asked).scalar_one()
    kept.close()
    path = Path(store_url) / FILE
    whole = bytearray(path.read_bytes())
    place = whole.index(b"2026-Q3version", (root - 1) * int.from_bytes(whole[16:18], "big"))
    whole[place] ^= 1
    path.write_bytes(whole)
    opened = Store.open(store_url)
    assert rows(opened) == before
    assert "The file of the store is damaged" in verify(opened).changed[0]
    opened.close()
