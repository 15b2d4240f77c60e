"""What the commands share: how quarters and days are written, and how JSON is."""

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from alignment_core.errors import DataError
from alignment_core.quarters import Quarter

__all__ = ["a_day", "a_quarter", "all_there", "write_json"]

_YEARS = range(1900, 3000)


def a_quarter(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def a_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date written as YEAR-MONTH-DAY, for example 2026-10-09"
        ) from error
    if day.year not in _YEARS:
        raise argparse.ArgumentTypeError(f"{text!r} is a day of no quarter: the years are {_YEARS[0]} to {_YEARS[-1]}")
    return day


def all_there(paths: Iterable[Path | None]) -> None:
    """See that every file can be opened before anything is read. Raises DataError that names all that cannot."""
    reasons = []
    for path in dict.fromkeys(path for path in paths if path is not None):
        try:
            path.open("rb").close()
        except OSError as error:
            reasons.append(f"{path}: {error.strerror}")
            continue
        if not path.is_file():
            reasons.append(f"{path}: is not a file on disk. Save it as one first.")
    if reasons:
        raise DataError(*reasons)


def write_json(value: dict[str, Any], target: str) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")
