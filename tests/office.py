"""LibreOffice, as a reader who recalculates workbooks and prints documents."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


def converted(documents: Mapping[str, bytes], folder: Path, *, of: str, to: str) -> dict[str, Path]:
    """Documents of one kind (`xlsx`, `docx`) in another (`xlsx` recalculates, `pdf` prints), all in one run."""
    if shutil.which("soffice") is None:
        _missing("LibreOffice is not installed")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE)
    paths = {name: folder / f"{place}.{of}" for place, name in enumerate(documents)}
    for name, path in paths.items():
        path.write_bytes(documents[name])
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", to]
    command += ["--outdir", str(folder / "out")]
    done = subprocess.run([*command, *map(str, paths.values())], check=True, capture_output=True, timeout=240)
    if re.search(rb"source file could not be loaded", done.stderr) and of == "docx":
        _missing("LibreOffice's Writer is not installed")
    return {name: folder / "out" / path.with_suffix(f".{to}").name for name, path in paths.items()}


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and CI must recalculate and print")
    pytest.skip(what)
