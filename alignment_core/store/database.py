"""The database that a store lies in: how it is opened, and transactions in which one writer writes at a time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from alignment_core.errors import StoreError

__all__ = ["Database"]

#: Any number will do, as long as all who write to this product's tables take the same lock.
_LOCK = 0x416C69676E


@dataclass(frozen=True)
class Database:
    """An open database. Any number of threads and processes may use one at the same time."""

    engine: Engine
    name: str

    @classmethod
    def open(cls, url: URL, *, create: bool = True) -> "Database":
        """Open a database and bring its tables up to date. Raises StoreError in words.

        Args:
            url: as `places.location` gives it.
            create: whether a store may be made where there is none.
        """
        is_file = url.get_backend_name() == "sqlite"
        name = str(url.database) if is_file else url.render_as_string(hide_password=True)
        if is_file:
            path = Path(str(url.database))
            if not create and not path.is_file():
                raise StoreError(f"There is no store at {name}.")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"No store can be kept in {path.parent}: {error.strerror}.") from error
        engine = create_engine(url, pool_pre_ping=not is_file, connect_args={"timeout": 30} if is_file else {})
        if is_file:
            event.listen(engine, "connect", _set_up)
            event.listen(engine, "begin", _begin)
        database = cls(engine, name)
        with ExitStack() as undo:
            undo.callback(engine.dispose)  # unless it succeeds
            database._bring_up_to_date(create)
            undo.pop_all()
        return database

    @staticmethod
    def is_there(url: URL) -> bool:
        """Whether there may be a store at an address; a file that does not exist holds none."""
        return url.get_backend_name() != "sqlite" or Path(str(url.database)).is_file()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self._transaction(isolation_level=None if self._is_file else "REPEATABLE READ") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside. It is kept when the block ends, and undone if it raises."""
        with self._transaction(writes=True) as connection:
            if not self._is_file:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    @property
    def _is_file(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def _transaction(self, **options: Any) -> Iterator[Connection]:
        options = {name: value for name, value in options.items() if value is not None}
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"The store at {self.name} failed: {_cause(error)}.") from error

    def _bring_up_to_date(self, create: bool) -> None:
        """Run the migrations that this database lacks."""
        scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
        newest = scripts.get_current_head()
        with self.read() as connection:
            found = set(MigrationContext.configure(connection).get_current_heads())
        if found == {newest}:
            return
        if not found and not create:
            raise StoreError(f"There is no store at {self.name}.")
        if not found <= {each.revision for each in scripts.walk_revisions()}:
            raise StoreError(f"The store at {self.name} was written by a newer version of this product: update it.")
        config = Config()
        config.set_main_option("script_location", scripts.dir.replace("%", "%%"))
        with self.write() as connection:  # whoever else opens it at the same time waits, and finds it done
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _set_up(connection: Any, _: object) -> None:
    """What SQLite is told on each new connection."""
    connection.isolation_level = None  # transactions begin where `_begin` begins them, not where the driver guesses
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: one that begins by reading could find, when it writes, that it read old things.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _cause(error: SQLAlchemyError) -> str:
    """What the database itself says, in one line."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0].rstrip(".") if said else type(error).__name__
