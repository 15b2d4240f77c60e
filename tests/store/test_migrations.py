"""A new store gets exactly the tables that the code uses, once, or none at all; one that is there keeps what it holds."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from alignment_core.store import Store, migrations, verify
from alignment_core.store.database import Database
from alignment_core.store.ledger import everything
from alignment_core.store.places import location
from alignment_core.store.tables import METADATA, heads
from tests.store.signing import signed
from tests.support import agreed

SCRIPTS = ScriptDirectory(next(iter(migrations.__path__)))


def described(engine):
    """Each table's columns in their order, its key and its indexes, as the database itself says."""
    asked = inspect(engine)
    return {
        name: (
            [(each["name"], str(each["type"]), each["nullable"], each["default"]) for each in asked.get_columns(name)],
            asked.get_pk_constraint(name)["constrained_columns"],
            [(each["name"], each["column_names"], bool(each["unique"])) for each in asked.get_indexes(name)],
        )
        for name in asked.get_table_names()
    }


def test_the_migrations_make_the_tables_that_the_code_uses(store):
    with store.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_migrations_make_exactly_these_tables_with_their_keys_and_indexes(store):
    fresh = create_engine("sqlite://")
    METADATA.create_all(fresh)
    made = described(store.database.engine)
    assert made.pop("alembic_version")[1] == ["version_num"]
    assert made == described(fresh)
    assert made["records"][1:] == (["place"], [("records_of_a_quarter", ["company", "quarter", "kind"], False)])
    fresh.dispose()


def test_a_new_store_counts_no_records_and_is_of_the_newest_revision(store):
    with store.database.read() as connection:
        assert connection.execute(heads.select()).all() == [(1, 0, "", "")]
        assert MigrationContext.configure(connection).get_current_heads() == (SCRIPTS.get_current_head(),)


def test_each_revision_follows_one_other_and_its_file_is_named_for_it():
    """Two that follow the same one would leave it open which of them a store is brought up to."""
    newest_first = list(SCRIPTS.walk_revisions())
    assert [each.down_revision for each in newest_first] == [*(each.revision for each in newest_first[1:]), None]
    assert [each.revision for each in reversed(newest_first)] == [f"{n:04}" for n in range(1, len(newest_first) + 1)]
    for each in newest_first:
        assert Path(each.path).name.startswith(f"v{each.revision}_")


def test_a_store_that_is_opened_again_keeps_what_it_holds(store, store_url):
    signed(store, agreed())
    with store.database.read() as connection:
        before = everything(connection)
    again = Store.open(store_url)
    with again.database.read() as connection:
        assert everything(connection) == before
        assert len(before) == 3  # two signatures and the version that they lock
    assert verify(again).changed == ()
    again.close()


def test_of_all_who_open_a_new_store_at_once_one_makes_it(store_url):
    together = Barrier(4)

    def opened(_):
        together.wait(30)
        return Database.open(location(store_url))

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(opened, range(4)))
    with found[0].read() as connection:
        assert connection.execute(heads.select()).all() == [(1, 0, "", "")]
    for each in found:
        each.close()


def test_a_migration_that_breaks_off_leaves_nothing_and_can_be_run_again(store_url, monkeypatch):
    class Off(Exception):
        pass

    def fails(*_):
        raise Off

    with monkeypatch.context() as broken:
        broken.setattr(op, "bulk_insert", fails)  # the last thing that the first migration does
        with pytest.raises(Off):
            Database.open(location(store_url))
    left = create_engine(location(store_url))
    assert inspect(left).get_table_names() == []
    left.dispose()
    database = Database.open(location(store_url))
    with database.read() as connection:
        assert connection.execute(heads.select()).all() == [(1, 0, "", "")]
    database.close()
