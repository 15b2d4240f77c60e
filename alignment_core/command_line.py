"""What the commands share: how quarters and days are written, and how JSON is."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from alignment_core.quarters import Quarter

__all__ = ["a_day", "a_quarter", "write_json"]


def a_quarter(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date written as YEAR-MONTH-DAY, for example 2026-10-09"
        ) from error


def write_json(value: dict[str, Any], target: str) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")
