"""How a database is opened, and that a transaction is all of it or nothing."""

from threading import Thread

import pytest
from sqlalchemy import make_url, text

from alignment_core.errors import StoreError
from alignment_core.store.database import Database
from alignment_core.store.places import location


@pytest.fixture
def database(store_url):
    opened = Database.open(location(store_url))
    yield opened
    opened.close()


def noted(connection):
    return connection.execute(text("SELECT last FROM heads")).scalar_one()


def note(connection, said):
    connection.execute(text("UPDATE heads SET last = :said"), {"said": said})


def test_what_was_written_is_kept_and_undone_where_the_block_fails(database):
    with database.write() as connection:
        note(connection, "kept")

    class Gone(Exception):
        pass

    with pytest.raises(Gone), database.write() as connection:  # noqa: PT012 the first line is what is undone
        note(connection, "undone")
        raise Gone
    with database.read() as connection:
        assert noted(connection) == "kept"


def test_whoever_reads_sees_one_state_whatever_is_written_meanwhile(database):
    with database.read() as reading:
        before = noted(reading)
        with database.write() as writing:
            note(writing, "later")
        assert noted(reading) == before == ""
    with database.read() as reading:
        assert noted(reading) == "later"


def test_a_writer_waits_for_the_one_before_and_reads_what_that_wrote(database):
    found = []

    def second():
        with database.write() as connection:
            found.append(noted(connection))

    waiting = Thread(target=second)
    with database.write() as connection:
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        note(connection, "first")
    waiting.join(60)
    assert found == ["first"]


def test_what_the_database_refuses_is_said_in_one_line(database):
    with pytest.raises(StoreError) as refused, database.read() as connection:
        connection.execute(text("SELECT * FROM nothing"))
    (said,) = refused.value.reasons
    assert said.startswith(f"The store at {database.name} failed: ")
    assert "nothing" in said
    assert "\n" not in said


def test_a_password_is_never_said():
    with pytest.raises(StoreError) as refused:
        Database.open(make_url("postgresql+psycopg://ada:secret@localhost:1/agreements"))
    assert "secret" not in str(refused.value)
    assert "ada:***@localhost" in str(refused.value)


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="No store can be kept in"):
        Database.open(location(tmp_path / "file" / "store"))


def test_whoever_only_looks_makes_no_store(store_url):
    url = location(store_url)
    with pytest.raises(StoreError, match="There is no store at"):
        Database.open(url, create=False)
    assert Database.is_there(url) is (url.get_backend_name() != "sqlite")
    Database.open(url).close()
    assert Database.is_there(url)
    Database.open(url, create=False).close()


def test_a_store_of_a_newer_version_is_left_alone(store_url):
    database = Database.open(location(store_url))
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StoreError, match="newer version"):
        Database.open(location(store_url))
