"""The fields of a stored agreement as people read them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from alignment_core.store import Change, Edit
from alignment_core.store.merging import nested
from alignment_core.store.words import day
from alignment_core.wording import percent
from ui.agreement_form import field_of
from ui.screen import show_table

__all__ = ["difference_table", "edit_in_words", "field_name", "field_value"]

_TERMS = {"reason": "Reason of the amendment", "effective_from": "Holds from", "split": "Split"}


def field_name(field: str) -> str:
    """A field's name as the form has it."""
    return _TERMS.get(field) or field_of(field, {})[0]


def field_value(field: str, value: Any) -> str:
    """A field's value as the form shows it."""
    if value is None or value in ("", [], {}):
        return "–"
    if field == "split":
        return ", ".join(f"{percent(share)} {side}" for side, share in value.items())
    if field == "reason" or isinstance(value, date | Mapping | list | tuple):
        return _spoken(value)
    number = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return field_of(field, nested({field: number}))[1]


def edit_in_words(edit: Edit) -> str:
    """What an edit changed, on one line: Revenue target 1,660,500 → 2,000,000."""
    change = edit.change
    before, after = (_shortened(field_value(change.field, value)) for value in (change.before, change.after))
    return f"{field_name(change.field)} {before} → {after}"


def difference_table(changes: Sequence[Change], before: str, after: str) -> None:
    """Fields with their values on both sides, as a table."""
    rows = [
        (field_name(each.field), field_value(each.field, each.before), field_value(each.field, each.after))
        for each in changes
    ]
    show_table(pd.DataFrame(rows, columns=["Term", before, after]))


def _spoken(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{str(key).replace('_', ' ')}: {_spoken(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_spoken, value))
    return day(value) if isinstance(value, date) else str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39].rstrip()}…"
