"""The follow-up promise as tables and fields of a form, and back; no Streamlit here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from pydantic import ValidationError

from alignment_core.agreement_faults import faults_in_words
from alignment_core.data import Data
from alignment_core.follow_up import FollowUp, Rule
from alignment_core.public_holidays import holiday_countries, holiday_parts
from alignment_core.sourcing import normalise
from ui.text import field_name

__all__ = [
    "ALL",
    "OFFERED",
    "fields",
    "holiday_options",
    "place_frame",
    "read",
    "reason_frame",
    "rule_frame",
    "values_of",
]

#: The row of the rule for all leads that have none of their own.
ALL = "All other leads"
#: Times to choose from; any other can stand in a file.
OFFERED = (
    "15 business minutes", "30 business minutes", "1 business hour", "2 business hours", "4 business hours", "8 business hours",
    "1 business day", "2 business days", "3 business days", "5 business days", "10 business days", "15 business days", "20 business days",
    "15 minutes", "1 hour", "4 hours", "24 hours", "2 days", "7 days", "14 days", "30 days",
)  # fmt: skip
#: What a new promise begins with.
DRAFT = FollowUp.model_validate(
    {"first_touch": "4 business hours", "attempts": 5, "attempts_within": "10 business days", "personalised": 0.5}
)
_COLUMNS = ("Leads", "First touch within", "Attempts", "Attempts within", "Personal, %")


def fields(promise: FollowUp | None) -> dict[str, Any]:
    """The value of each field that is no table; "" where nothing is chosen."""
    shown = promise or DRAFT
    hours = shown.calendar
    return {
        "promised": promise is not None,
        "field": shown.field,
        "reject": "" if shown.reject is None else str(shown.reject.within),
        "days": list(hours.days),
        "opens": hours.opens,
        "closes": hours.closes,
        "timezone": hours.timezone or "",
        "holidays": list(hours.holidays),
        "place_field": hours.place_field if hours.places else "",
        "show_owners": shown.show_owners,
    }


def rule_frame(promise: FollowUp | None, values: Sequence[str] = ()) -> pd.DataFrame:
    """A row for each rule; the one for all other leads first. A blank cell is as for all leads."""
    shown = promise or DRAFT
    rules: Mapping[str, Rule] = {ALL: shown.model_copy(), **shown.rules}
    rows = [
        (
            name,
            _words(rule.first_touch),
            rule.attempts,
            _words(rule.attempts_within),
            None if rule.personalised is None else round(rule.personalised * 100, 10),
        )
        for name, rule in rules.items()
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.astype({"Leads": "string", "First touch within": "string", "Attempts": "Int64", "Attempts within": "string", "Personal, %": "Float64"})  # fmt: skip


def reason_frame(promise: FollowUp | None) -> pd.DataFrame:
    """The codes with which a lead is handed back."""
    reasons = promise.reject.reasons if promise and promise.reject else {}
    return pd.DataFrame({"Code": list(reasons), "What it means": list(reasons.values())}, dtype="string")


def place_frame(promise: FollowUp | None) -> pd.DataFrame:
    """The clock and holidays of each place that has its own."""
    places = promise.calendar.places if promise else {}
    return pd.DataFrame(
        {
            "Place": pd.array(list(places), "string"),
            "Time zone": pd.array([place.timezone for place in places.values()], "string"),
            "Holidays": pd.Series([None if place.holidays is None else list(place.holidays) for place in places.values()], dtype=object),
        }
    )  # fmt: skip


def day_frame(promise: FollowUp | None) -> pd.DataFrame:
    """Further days off."""
    return pd.DataFrame({"Day off": pd.to_datetime(list(promise.calendar.days_off if promise else ()))})


def read(
    filled: Mapping[str, Any],
    rules: pd.DataFrame,
    reasons: pd.DataFrame,
    places: pd.DataFrame,
    days_off: pd.DataFrame,
    base: FollowUp | None,
) -> tuple[FollowUp | None, tuple[str, ...]]:
    """The promise that the form says, or every reason why it says none.

    Args:
        filled: the fields, as in `fields`.
        rules, reasons, places, days_off: the tables.
        base: what the form was filled from. A share that still shows its value keeps it to the last digit, and what the
            form does not show is taken from it.
    """
    if not filled["promised"]:
        return None, ()
    faults: list[str] = []
    values: dict[str, Any] = dict(base.model_extra or {}) if base else {}
    values |= {"field": filled["field"], "rules": {}, "show_owners": filled["show_owners"]}
    for row in _filled(rules, "Leads", "the follow-up rules", faults):
        name = row["Leads"]
        was = base if name == ALL else base.rules.get(name) if base else None
        rule = {
            "first_touch": row["First touch within"],
            "attempts": None if row["Attempts"] is None else int(row["Attempts"]),
            "attempts_within": row["Attempts within"],
            "personalised": _share(row["Personal, %"], was),
        }
        said = {key: value for key, value in rule.items() if value is not None}
        values |= said if name == ALL else {"rules": {**values["rules"], name: said}}
    if filled["reject"]:
        codes = {row["Code"]: row["What it means"] or "" for row in _filled(reasons, "Code", "the reasons", faults)}
        values["reject"] = {"within": filled["reject"], "reasons": codes}
    hours = {name: filled[name] for name in ("days", "opens", "closes", "holidays")}
    hours["timezone"] = filled["timezone"] or None
    hours["days_off"] = [day for day in map(_day, days_off["Day off"]) if day is not None]
    if filled["place_field"]:
        hours["place_field"] = filled["place_field"]
        hours["places"] = {
            row["Place"]: {"timezone": row["Time zone"], "holidays": row["Holidays"]}
            for row in _filled(places, "Place", "the places", faults)
        }
    elif base:
        hours["place_field"] = base.calendar.place_field
    try:
        promise = FollowUp.model_validate(values | {"calendar": hours})
    except ValidationError as error:
        faults += faults_in_words(error, FollowUp)
        return None, tuple(faults)
    return (None, tuple(faults)) if faults else (promise, ())


def values_of(data: Data, field: str, most: int = 200) -> list[str]:
    """The values of a field of the leads and deals, to choose from."""
    found = {str(value) for name in ("leads", "deals") for value in data.engine.values(name, field)}
    return sorted(value for value in found if normalise(value))[:most]


def holiday_options(chosen: Sequence[str]) -> list[str]:
    """The countries to choose from, each that is chosen (or a part of it) followed by its parts."""
    opened = {place.partition("-")[0] for place in chosen}
    found = [
        place for code in holiday_countries() for place in (code, *(holiday_parts(code) if code in opened else ()))
    ]
    return [*found, *(place for place in chosen if place not in found)]


def choices(offered: Sequence[str], *more: str | None) -> list[str]:
    """What is offered and what is agreed already."""
    return list(dict.fromkeys([*offered, *filter(None, more)]))


def _filled(frame: pd.DataFrame, key: str, table: str, faults: list[str]) -> list[dict[str, Any]]:
    """The rows that say something, blanks as None; every fault of their first column."""
    rows = [{str(name): _cell(value) for name, value in row.items()} for row in frame.to_dict("records")]
    rows = [row for row in rows if any(value is not None for value in row.values())]
    seen: set[str] = set()
    for row in rows:
        if row[key] is None:
            faults.append(f"A row of {table} has no {field_name(key).lower()}. Choose one, or delete the row.")
        elif row[key] in seen:
            faults.append(f"{row[key]!r} stands in {table} twice. Keep one of them.")
        seen.add(row[key])
    return [row for row in rows if row[key] is not None]


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return list(value)
    if value is None or pd.isna(value):
        return None
    return (value.strip() or None) if isinstance(value, str) else value


def _share(shown: float | None, was: Rule | None) -> float | None:
    if shown is None:
        return None
    kept = was.personalised if was else None
    return kept if kept is not None and round(kept * 100, 10) == shown else round(shown / 100, 6)


def _words(within: object) -> str | None:
    return None if within is None else str(within)


def _day(value: Any) -> date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()
