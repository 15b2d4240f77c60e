"""The tables as the code uses them are those that the migrations make."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Integer, Text, create_engine, inspect

from alignment_core.store.tables import METADATA, heads


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


def test_a_new_store_counts_no_records(store):
    with store.database.read() as connection:
        assert connection.execute(heads.select()).all() == [(1, 0, "", "")]


def test_everything_is_text_or_a_whole_number_and_never_missing():
    """So that every byte of it can be checked, and both databases give back what was written."""
    columns = [column for table in METADATA.sorted_tables for column in table.columns]
    assert {type(column.type) for column in columns} == {Text, Integer}
    assert not any(column.nullable for column in columns)
