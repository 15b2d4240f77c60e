"""An agreement as the fields of a form, and back. Percent on the form, 0-1 in the agreement; no Streamlit here."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

import pandas as pd

from alignment_core.agreement import Agreement, AgreementError, MarketingPlan, SalesPlan, SegmentPlan, Weeks
from alignment_core.quarters import Quarter
from alignment_core.sales_channels import Channel
from alignment_core.wording import DRIVER, SOURCE

__all__ = [
    "CHANNEL_COLUMNS",
    "RATES",
    "SIDES",
    "ZONES",
    "changed",
    "channel_frame",
    "fault_in_words",
    "field_of",
    "fields",
    "months",
    "read_channels",
    "read_form",
    "read_value",
    "segment_frame",
]

SIDES = ("marketing", "sales")
#: Each side's rates, from the win back to the first stage.
RATES: Mapping[str, tuple[str, ...]] = {
    "marketing": ("close_rate", "sql_to_opportunity", "mql_to_sql"),
    "sales": ("close_rate", "sql_to_opportunity"),
}
_PLAIN = ("company", "quarter", "fiscal_year_start_month", "currency", "timezone", "revenue_target")
_WEEKS = ("weeks", "month", "weekday", "year_ends", "named_by")
_NAMES = {
    "company": "Company", "quarter": "Quarter", "fiscal_year_start_month": "Fiscal year starts in", "currency": "Currency",
    "timezone": "Time zone", "calendar": "Calendar of weeks", "revenue_target": "Revenue target", "split": "Split", "sourcing": "Whose demand", "segments": "Plans per segment",
    "marketing": SOURCE["marketing"], "sales": SOURCE["sales"], "owners": "Owner", "share": "share", "mql": "MQL definition", "follow_up": "Follow-up", "sales_channels": "Channels of sales", "value": "Promise in value", "per_mql": "per MQL",
    **DRIVER,
}  # fmt: skip

#: The time zones to choose from: places, and UTC. Old short names and fixed offsets still come in by file.
ZONES = (
    "UTC",
    *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/"))),
)

#: Parts of an agreement that are no fields of this form.
PARTS = ("sourcing", "mql", "follow_up", "sales_channels", "value")
#: The columns of the table of channels.
CHANNEL_COLUMNS = {"channel": "string", "share": "float64", "accounts_to_sql": "float64"}

Frames = Mapping[str, pd.DataFrame]


def fields(agreement: Agreement) -> dict[str, Any]:
    """The value of every field for an agreement; None where it is blank."""
    found: dict[str, Any] = {name: getattr(agreement, name) for name in _PLAIN}
    weeks = agreement.calendar or Weeks(weeks="4-4-5", month=12, weekday="Saturday", year_ends="last")
    found["calendar.weeks"] = agreement.calendar.weeks if agreement.calendar else None
    found |= {f"calendar.{name}": getattr(weeks, name) for name in _WEEKS[1:]}
    found["split"] = _percent(agreement.split.marketing)
    for side in SIDES:
        plan: SalesPlan | None = getattr(agreement, side)
        found[f"{side}.deal_size"] = plan.deal_size if plan else None
        found |= {f"{side}.{rate}": _percent(getattr(plan, rate)) if plan else None for rate in RATES[side]}
    found |= {f"owners.{driver}": owner for driver, owner in agreement.owners}
    found["segments.field"] = agreement.segments.field if agreement.segments else None
    return found


def segment_frame(agreement: Agreement, side: str) -> pd.DataFrame:
    """A side's plans per segment as a table in percent, blank where the side's own plan holds."""
    plans: Mapping[str, SegmentPlan] = getattr(agreement.segments, side) if agreement.segments else {}
    percents = ("share", *RATES[side])
    rows = [
        {"segment": segment, **{name: _percent(getattr(plan, name)) for name in percents}, "deal_size": plan.deal_size}
        for segment, plan in plans.items()
    ]
    frame = pd.DataFrame(rows, columns=["segment", *percents, "deal_size"])
    return frame.astype({name: "string" if name == "segment" else "float64" for name in frame.columns})


def channel_frame(agreement: Agreement) -> pd.DataFrame:
    """The agreed channels of sales as a table in percent."""
    rows = [
        {
            "channel": name,
            "share": _percent(channel.share),
            "accounts_to_sql": _percent(channel.accounts_to_sql),
        }
        for name, channel in agreement.sales_channels.items()
    ]
    return pd.DataFrame(rows, columns=list(CHANNEL_COLUMNS)).astype(CHANNEL_COLUMNS)


def read_channels(
    frame: pd.DataFrame, base: Mapping[str, Channel] = MappingProxyType({})
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """What a table of channels says, as an agreement has it, and what is wrong with it in words.

    `base` is what the table was filled from: a cell that still shows its value keeps it to the last digit.
    """
    channels: dict[str, dict[str, float]] = {}
    faults = []
    for row in frame.dropna(how="all").to_dict("records"):
        name = "" if pd.isna(row["channel"]) else str(row["channel"]).strip()
        if not name or name in channels:
            faults.append(f"Channels of sales: {f'{name} is there twice' if name else 'a row has no name'}")
            continue
        values = {
            key: _rate(row[key], getattr(base.get(name), key, None))
            for key in ("share", "accounts_to_sql")
            if not pd.isna(row[key])
        }
        if "share" not in values:
            faults.append(f"Channels of sales: {name} has no share")
            continue
        channels[name] = values
    return channels, faults


def read_value(frame: pd.DataFrame, field: str, otherwise: float | None) -> tuple[dict[str, Any], list[str]]:
    """What a table of amounts by kind says, as an agreement has it, and what is wrong with it in words.

    Args:
        frame: `kind` and `amount`, which is blank where a kind counts as any other.
        field: by which MQLs differ in value.
        otherwise: what any other kind counts for; None where that is blank.
    """
    amounts: dict[str, float] = {}
    faults = []
    names: set[str] = set()
    for row in frame[["kind", "amount"]].dropna(how="all").to_dict("records"):
        name = "" if pd.isna(row["kind"]) else str(row["kind"]).strip()
        if not name or name in names:
            faults.append(f"{_NAMES['value']}: {f'{name} is there twice' if name else 'a row has no name'}")
            continue
        names.add(name)
        if not pd.isna(row["amount"]):
            amounts[name] = float(row["amount"])
    if otherwise is None:
        faults.append(f"{_NAMES['value']}: say what an MQL of any other kind counts for")
    return {"field": field, "otherwise": otherwise or 0.0, "per_mql": amounts}, faults


def read_form(
    filled: Mapping[str, Any],
    base: Agreement,
    segments: Frames,
    parts: Mapping[str, Any] = MappingProxyType({}),
) -> Agreement:
    """The agreement that a form says.

    Args:
        filled: the fields, as in `fields`.
        base: what the form was filled from. A field that still shows its value keeps it to the last digit,
            and what the form does not show is taken from it untouched.
        segments: a table as in `segment_frame` for each side, where plans per segment are wanted.
        parts: whole parts of the agreement by name that stand elsewhere on the page, see `PARTS`.

    Raises AgreementError with every fault, in the words of the form.
    """
    values: dict[str, Any] = {
        name: getattr(base, name) for name in ("mql", "follow_up", "sales_channels", "value")
    } | dict(parts)
    values |= {name: filled[name] for name in _PLAIN if filled[name] is not None}
    if filled["calendar.weeks"]:
        values["calendar"] = {name: filled[f"calendar.{name}"] for name in _WEEKS}
        values["fiscal_year_start_month"] = 1  # a year of weeks begins where the one before ends
    values["split"] = _split(filled["split"], base)
    for side in SIDES:
        if plan := _plan(side, filled, getattr(base, side)):
            values[side] = plan
    values["owners"] = {driver: filled[f"owners.{driver}"] for driver, _ in base.owners}
    faults: list[str] = []
    if field := filled["segments.field"]:
        tables = {side: _segments(side, frame, base, faults) for side, frame in segments.items()}
        values["segments"] = {"field": field, **tables}
    try:
        agreement = Agreement.checked(values)
    except AgreementError as error:
        faults += [fault_in_words(fault) for fault in error.faults]
    if faults:
        raise AgreementError(tuple(faults))
    return agreement


def months(quarter: Quarter) -> str:
    """The months a quarter covers: Jul–Sep 2026; of whole weeks, its days: 28 Jun – 26 Sep 2026, 13 weeks."""
    first, last = quarter.start, quarter.end - timedelta(days=1)
    if quarter.weeks:
        year = "" if first.year == last.year else f" {first.year}"
        weeks = (quarter.end - quarter.start).days // 7
        return f"{first.day} {first:%b}{year} – {last.day} {last:%b} {last.year}, {weeks} weeks"
    return f"{first:%b}{'' if first.year == last.year else f' {first.year}'}–{last:%b} {last.year}"


def fault_in_words(fault: str) -> str:
    """A fault of the agreement file said of the form: the field's name for the key."""
    where, colon, what = fault.partition(": ")
    return f"{_label(where.split('.'))}: {what}" if colon else fault


def field_of(path: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """The name and the value of a field of an agreement as the form shows them; `path` as in its file, `values` all of it."""
    parts = path.split(".")
    value: Any = values
    for part in parts:
        value = (value or {}).get(part)
    is_rate = parts[0] == "split" or parts[-1] in RATES["marketing"]
    shown = (
        f"{_percent(value):g}%"
        if is_rate and value is not None
        else f"{value:,.10g}"
        if isinstance(value, float)
        else str(value)
    )
    name = f"Sourced by {parts[-1]}" if parts[0] == "split" else _label(parts)
    return name, "–" if value is None else shown


def changed(agreement: Agreement, agreed: Agreement) -> tuple[str, ...]:
    """The names of the fields in which two agreements differ."""
    return tuple(_label(path) for path in _differences(agreement.model_dump(), agreed.model_dump()))


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[list[str]]:
    found: list[list[str]] = []
    for name in one:
        if one[name] == other[name]:
            continue
        if name in (*SIDES, "owners") and one[name] and other[name]:
            found += [[name, *path] for path in _differences(one[name], other[name])]
        else:
            found.append([name])
    return found


def _label(path: list[str]) -> str:
    names = [_NAMES.get(part, part) for part in path]
    return names[0] + "".join(f" {name if name[1:2].isupper() else name[:1].lower() + name[1:]}" for name in names[1:])


def _percent(value: float | None) -> float | None:
    # Ten decimals are finer than anybody agrees and coarser than floating dust: 0.57 shows as 57.
    return None if value is None else round(value * 100, 10)


def _rate(shown: float | None, was: float | None) -> float | None:
    """What a percent field says: what was agreed, if it still shows that."""
    return was if shown is None or shown == _percent(was) else round(shown / 100, 6)


def _split(shown: float, base: Agreement) -> dict[str, float]:
    if shown == _percent(base.split.marketing):
        return base.split.model_dump()
    marketing = round(shown / 100, 6)
    return {"marketing": marketing, "sales": round(1 - marketing, 6)}


def _plan(side: str, filled: Mapping[str, Any], was: SalesPlan | MarketingPlan | None) -> dict[str, float]:
    """A side's plan without its blank fields, so that the agreement says which are missing."""
    plan = {"deal_size": filled[f"{side}.deal_size"]}
    for rate in RATES[side]:
        shown = filled[f"{side}.{rate}"]
        plan[rate] = None if shown is None else _rate(shown, getattr(was, rate, None))
    return {name: value for name, value in plan.items() if value is not None}


def _segments(side: str, frame: pd.DataFrame, base: Agreement, faults: list[str]) -> dict[str, dict[str, float]]:
    before: Mapping[str, SegmentPlan] = getattr(base.segments, side) if base.segments else {}
    plans: dict[str, dict[str, float]] = {}
    for row in frame.dropna(how="all").to_dict("records"):
        segment = "" if pd.isna(row["segment"]) else str(row["segment"]).strip()
        if not segment or segment in plans:
            problem = f"{segment} is there twice" if segment else "a row has no name"
            faults.append(f"{_NAMES['segments']} {side}: {problem}")
            continue
        shown = {name: None if pd.isna(value) else float(value) for name, value in row.items() if name != "segment"}
        was = before.get(segment)
        plan = {
            name: None if shown[name] is None else _rate(shown[name], getattr(was, name, None))
            for name in ("share", *RATES[side])
        }
        plan["deal_size"] = shown["deal_size"]
        plans[segment] = {name: value for name, value in plan.items() if value is not None}
    return plans
