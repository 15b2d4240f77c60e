"""Where a store is: one setting, a folder or the address of a database."""

from pathlib import Path

import pytest

from alignment_core.errors import StoreError
from alignment_core.store.places import DEFAULT_FOLDER, location, workspace_folder


@pytest.fixture(autouse=True)
def without_settings(monkeypatch):
    monkeypatch.delenv("ALIGNMENT_STORE", raising=False)
    monkeypatch.delenv("ALIGNMENT_WORKSPACE", raising=False)


def test_without_a_setting_everything_is_in_the_folder_beside_the_app():
    assert Path(__file__).parents[2] / "workspace" == DEFAULT_FOLDER == workspace_folder()
    assert location().database == str(DEFAULT_FOLDER / "alignment.db")
    assert "/workspace/" in (Path(__file__).parents[2] / ".gitignore").read_text()


def test_a_folder_as_the_setting_holds_everything(monkeypatch, tmp_path):
    monkeypatch.setenv("ALIGNMENT_STORE", str(tmp_path))
    assert workspace_folder() == tmp_path
    assert location().database == str(tmp_path / "alignment.db")


def test_with_a_database_as_the_setting_files_stay_beside_the_app(monkeypatch):
    monkeypatch.setenv("ALIGNMENT_STORE", "postgresql://ada:secret@db.example/agreements")
    assert workspace_folder() == DEFAULT_FOLDER
    assert (location().drivername, location().host) == ("postgresql+psycopg", "db.example")


def test_what_is_given_goes_before_the_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("ALIGNMENT_STORE", "postgresql://db.example/agreements")
    assert location(tmp_path).drivername == "sqlite"
    assert location(f"sqlite:///{tmp_path}/x.db").database == f"{tmp_path}/x.db"


@pytest.mark.parametrize(
    "given", ["mysql://host/x", "sqlite://", "sqlite:///:memory:", "postgresql://host:port/x", "://"]
)
def test_what_is_no_place_for_a_store_is_refused_in_words(given):
    with pytest.raises(StoreError, match="Give a folder, or an address"):
        location(given)
