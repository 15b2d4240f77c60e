"""What several tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real exports beside the checkout; without it the test is skipped, and fails in CI."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(
                f"{folder.parent.name}/{folder.name} is not beside the checkout, and CI must run on real exports"
            )
        pytest.skip(f"the real exports ({folder.parent.name}/{folder.name}) are not on this machine")
    return folder
