"""What several tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def own_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes what somebody keeps in the workspace beside the app."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ALIGNMENT_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        patched.delenv("ALIGNMENT_STORE", raising=False)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real exports beside the checkout; without it the test is skipped, and fails in CI."""
    return _beside("data")


@pytest.fixture(scope="session")
def bad_inputs() -> Path:
    """The folder of files made to break importers beside the checkout; the same holds for it."""
    return _beside("badinputs")


def _beside(name: str) -> Path:
    folder = ROOT.parent / "shared" / name
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(
                f"{folder.parent.name}/{folder.name} is not beside the checkout, and CI must run on what is there"
            )
        pytest.skip(f"the files ({folder.parent.name}/{folder.name}) are not on this machine")
    return folder
