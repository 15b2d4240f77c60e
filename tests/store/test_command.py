"""`python -m alignment_core verify`: what it prints, and its exit status."""

import argparse
import sqlite3

import pytest
from sqlalchemy import text

from alignment_core.store import verify
from alignment_core.store.command import add_verify
from alignment_core.store.places import FILE
from tests.commands import run
from tests.store.signing import signed
from tests.support import agreed


def test_untouched_is_0_changed_is_1_and_wrong_usage_is_2(store, store_url):
    signed(store, agreed())
    done = run("verify", "--store", store_url)
    seal = verify(store).seal
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{store.database.name}: untouched, 3 records.\nIts seal, to be noted somewhere else: {seal}\n"
    )
    assert run("verify", "--store", store_url, "--seal", seal[:12]).returncode == 0
    done = run("verify", "--store", store_url, "--seal", "feedfeed")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("No record has the seal feedfeed: this is another store")
    with store.database.engine.begin() as connection:
        connection.execute(text("UPDATE records SET at = '2026-06-21T12:00:00+00:00' WHERE place = 3"))
    done = run("verify", "--store", store_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Record 3, version 1 of Northwind, 2026-Q3: the time was changed.\n"
    assert run("verify", "--store", "mysql://host/x").returncode == 2


def test_an_empty_store_has_no_seal_to_note(store, store_url):
    assert run("verify", "--store", store_url).stdout == f"{store.database.name}: untouched, 0 records.\n"


def test_without_an_address_the_setting_says_which_store(store, store_url, monkeypatch):
    monkeypatch.setenv("ALIGNMENT_STORE", store_url)
    assert run("verify").stdout.startswith(f"{store.database.name}: untouched")


def test_where_there_is_no_store_that_is_said_and_none_is_made(tmp_path):
    done = run("verify", "--store", tmp_path / "nothing")
    assert done.returncode == 1
    assert done.stderr == f"There is no store at {tmp_path / 'nothing' / FILE}.\n"
    assert not (tmp_path / "nothing").exists()


def test_a_file_that_is_no_store_is_refused_in_words(tmp_path):
    (tmp_path / FILE).write_bytes(b"SQLite is not what this is" * 100)
    done = run("verify", "--store", tmp_path)
    assert done.returncode == 1
    assert "not a database" in done.stderr
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE mine (x)")
    other.close()
    assert "There is no store at" in run("verify", "--store", f"sqlite:///{tmp_path / 'other.db'}").stderr


def test_what_is_no_address_is_wrong_usage_in_words(capsys):
    parser = argparse.ArgumentParser()
    add_verify(parser.add_subparsers())
    with pytest.raises(SystemExit):
        parser.parse_args(["verify", "--store", "mysql://ada:secret@host/x"])
    said = capsys.readouterr().err
    assert "A store is kept in SQLite or PostgreSQL, not in what begins with mysql" in said
    assert "secret" not in said
