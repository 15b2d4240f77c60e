"""Both databases: every test that takes `store_url` runs on SQLite and on a PostgreSQL of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from alignment_core.store import Store

#: Where Debian's packages put PostgreSQL's programs, which are not on the path.
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.fixture(scope="session")
def cluster():
    """The address of a PostgreSQL with empty tables: a private one, in a folder of its own."""
    postgres = str(PROGRAMS[-1]) if PROGRAMS else shutil.which("postgres")
    if postgres is None and os.environ.get("CI") == "true":
        pytest.fail("PostgreSQL is not installed, and CI must run the store's tests on it")
    if postgres is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # Not in pytest's own folder: that one is closed to the user that PostgreSQL, which root cannot start, runs as.
    folder = Path(tempfile.mkdtemp(prefix="store-"))
    runs_as = {}
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        runs_as = {"user": "postgres", "group": "postgres", "extra_groups": ()}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    initdb = [
        Path(postgres).with_name("initdb"),
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(
        [*map(str, initdb), "--locale=C"], cwd=folder, check=True, capture_output=True, timeout=120, **runs_as
    )
    command = [postgres, "-D", data, "-k", folder, "-p", port, "-h", "", "-c", "fsync=off", "-c", "max_connections=50"]
    server = subprocess.Popen(
        [*map(str, command)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **runs_as
    )
    try:
        address = f"postgresql://postgres@/{{}}?host={folder}&port={port}"
        for _ in range(200):
            if (folder / f".s.PGSQL.{port}").exists() and _answers(address.format("postgres")):
                break
            time.sleep(0.05)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(address):
    try:
        _run(address, "SELECT 1")
    except Exception:  # not yet
        return False
    return True


def _run(address, statement):
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request, tmp_path):
    """The address of a store that does not exist yet, in each database."""
    if request.param == "sqlite":
        yield str(tmp_path / "workspace")
        return
    address = request.getfixturevalue("cluster")
    name = f"test_{time.time_ns()}"
    _run(address.format("postgres"), f"CREATE DATABASE {name}")
    yield address.format(name)
    _run(address.format("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(store_url):
    opened = Store.open(store_url)
    yield opened
    opened.close()
