"""Where what lasts is kept: one setting, a folder or the address of a database."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from alignment_core.errors import StoreError

__all__ = ["DEFAULT_FOLDER", "FILE", "SETTING", "location", "workspace_folder"]

#: The one setting: a folder, or an address such as postgresql://user@host/database.
SETTING = "ALIGNMENT_STORE"
#: Where everything is without it: beside the app.
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "workspace"
#: The database of a folder.
FILE = "alignment.db"
_EXAMPLE = "Give a folder, or an address such as postgresql://user@host/database."


def workspace_folder() -> Path:
    """The folder for what is kept as files (saved choices, the key of codes). It need not exist.

    `ALIGNMENT_WORKSPACE` where it is set; else the setting, if that is a folder; else the folder beside the app.
    """
    setting = os.environ.get(SETTING, "")
    chosen = os.environ.get("ALIGNMENT_WORKSPACE") or ("" if "://" in setting else setting) or DEFAULT_FOLDER
    return Path(chosen).expanduser().resolve()


def location(given: str | Path | None = None) -> URL:
    """The address of a store.

    Args:
        given: a URL or a folder; default the setting, or the workspace's folder.

    Raises StoreError for what is neither.
    """
    where = str(given or os.environ.get(SETTING) or workspace_folder()).strip()
    if "://" not in where:
        return URL.create("sqlite", database=str(Path(where).expanduser().resolve() / FILE))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise StoreError(f"This is no address of a database. {_EXAMPLE}") from error
    kind = url.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    raise StoreError(f"A store is kept in SQLite or PostgreSQL, not in what begins with {url.drivername}. {_EXAMPLE}")
