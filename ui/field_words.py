"""What kinds of files and their fields are called on the screen."""

from collections.abc import Mapping

from alignment_core.imports import FileMapping, Kind

KIND_NAME: Mapping[Kind, str] = {
    "leads": "leads",
    "deals": "opportunities",
    "touches": "follow-up activities",
    "stage_events": "records that reached one stage",
    "funnel": "a summary of counts",
    "history": "a history of stages",
    "plan": "a plan",
    "owners": "who works where",
    "accounts": "accounts",
}

#: The fields that matter for a review; they are shown even where no column is theirs.
ESSENTIAL: Mapping[Kind, tuple[str, ...]] = {
    "leads": ("lead_id", "created_at", "lead_source", "mql_at", "sql_at", "opportunity_at", "won_at", "deal_id"),
    "deals": ("deal_id", "created_at", "closed_at", "deal_stage", "is_won", "amount", "lead_source"),
    "touches": ("lead_id", "at", "kind"),
    "stage_events": ("at", "stage", "lead_source", "amount"),
    "funnel": ("quarter", "source", "mqls", "sqls", "opportunities", "wins", "revenue"),
    "history": ("lead_id", "deal_id", "at", "reached"),
    "plan": (),
    "owners": ("owner", "team", "region"),
    "accounts": ("account", "industry", "country"),
}

_NAMES = {
    "lead_id": "Lead ID", "deal_id": "Opportunity ID", "created_at": "Created", "mql_at": "Became MQL", "sql_at": "Became SQL",
    "opportunity_at": "Became opportunity", "won_at": "Won on", "won_date": "Won on", "lost_at": "Lost on", "closed_at": "Closed on",
    "at": "When", "kind": "What was done", "source": "Marketing or sales", "lead_source": "Lead source", "deal_stage": "Stage",
    "deal_status": "Status", "is_won": "Won, yes or no", "is_closed": "Closed, yes or no", "is_deleted": "Deleted, yes or no", "reached": "Stage reached", "about": "Which field changed",
    "personalised": "Personal, yes or no", "mqls": "MQLs", "sqls": "SQLs", "annual_revenue": "Annual revenue",
}  # fmt: skip


def field_words(field: str) -> str:
    """A field as it is read: mql_at → Became MQL."""
    return _NAMES.get(field) or field.replace("_", " ").capitalize()


def answer_words(said: FileMapping, line: str) -> str:
    """What a mapping's one choice means, for a button; `line`, as it is written in a mapping file, where nothing is said for it."""
    order = said.date_order or next(iter(said.date_orders.values()), None)
    if order:
        return {"DMY": "Day first: 3/4 is 3 April", "MDY": "Month first: 3/4 is March 4"}[order]
    if said.decimal:
        return {".": "1.234 is one and a bit", ",": "1.234 is one thousand"}[said.decimal]
    if said.encoding:
        return f"Characters as {said.encoding}"
    if said.sheet:
        return f"Sheet {shortened(said.sheet, 40)}"
    if said.kind or said.stage:
        return KIND_NAME[said.kind].capitalize() if said.kind else f"They reached: {said.stage}"
    for field, header in said.columns.items():
        return f"{field_words(field)}: {shortened(header, 40) or 'no column'}"
    return line


def shortened(text: str, length: int = 80) -> str:
    """A name that is not longer than the screen has room for."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
