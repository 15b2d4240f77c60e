"""A running app and a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).resolve().parents[2]


def need(program):
    """A program's path; without it the test is skipped, and fails in CI."""
    found = shutil.which(program)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"{program} is not installed, and CI must run the browser tests")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@contextmanager
def started(**environment):
    """The app's address: started as a user starts it, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | environment
    )
    address = f"http://localhost:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)  # noqa: S310 our own server
                break
            except OSError:
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def app():
    """An app for all tests that keep nothing."""
    with started() as address:
        yield address


@pytest.fixture
def own_app(tmp_path):
    """An app with a workspace of its own, for a test that keeps something."""
    with started(ALIGNMENT_WORKSPACE=str(tmp_path / "workspace")) as address:
        yield address


@pytest.fixture
def browser(tmp_path):
    """Chromium with an empty profile that saves downloads into `tmp_path`."""
    options = webdriver.ChromeOptions()
    options.binary_location = need("chromium")
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--window-size=1440,1400", f"--user-data-dir={tmp_path / 'profile'}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.add_experimental_option(
        "prefs", {"download.default_directory": str(tmp_path), "download.prompt_for_download": False}
    )
    driver = webdriver.Chrome(options=options, service=Service(need("chromedriver")))
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()
