"""Definitions of an MQL over past quarters as JSON: rates 0-1, money in `currency`; what nobody recorded is null."""

from collections.abc import Mapping, Sequence
from typing import Any

from alignment_core.agreement import Agreement
from alignment_core.definition import MqlDefinition
from alignment_core.definition_findings import caveats, warned
from alignment_core.definition_lint import Warned
from alignment_core.definition_words import preview
from alignment_core.export.as_json import number
from alignment_core.frontier import Frontier, Point
from alignment_core.replay import Outcome, Replay, Replayed

__all__ = ["replay_as_json"]


def replay_as_json(
    found: Replay, near: Frontier, warnings: Mapping[str, Sequence[Warned]], agreement: Agreement
) -> dict[str, Any]:
    """Plain values, ready for `json.dumps`.

    Args:
        found: the definitions side by side.
        near: what is near them.
        warnings: what speaks against each, by name.
        agreement: what MQLs are owed for.
    """
    return {
        "company": agreement.company,
        "currency": agreement.currency,
        "as_of": found.as_of.isoformat(),
        "quarters": [str(quarter) for quarter in found.quarters],
        "leads": found.leads,
        "wins": found.wins,
        "definitions": [_row(row, warnings.get(row.name, ()), agreement.currency) for row in found.rows],
        "frontier": [_point(point) for point in near.best],
        "notes": list(caveats(found)),
    }


def _row(row: Replayed, said: Sequence[Warned], currency: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "definition": preview(row.definition),
        "rules": _rules(row.definition),
        "mqls_per_quarter": number(row.mqls_per_quarter),
        **_outcome(row.whole),
        "share_of_wins": row.share_of_wins,
        "never_flagged": row.unflagged,
        "owed_by_value": row.owed_by_value,
        "owed_by_rates": row.owed_by_rates,
        "by_quarter": [{"quarter": str(quarter), **_outcome(each)} for quarter, each in row.by_quarter],
        "warnings": [warned(each, currency) for each in said],
    }


def _rules(definition: MqlDefinition | None) -> dict[str, Any] | None:
    if definition is None or definition.is_empty:
        return None
    written = definition.as_written()
    return {side: written[side] for side in ("fit", "engagement") if side in written}


def _outcome(found: Outcome) -> dict[str, Any]:
    return {
        "mqls": found.mqls,
        "sqls": found.sqls,
        "opportunities": found.opportunities,
        "wins": found.wins,
        "revenue": number(found.revenue),
        "mql_to_sql": found.mql_to_sql,
        "mql_to_win": found.mql_to_win,
        "value_per_mql": found.value_per_mql,
        "still_open": {"to_sql": found.open_sql, "to_win": found.open_win},
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "name": point.name,
        "change": point.change,
        "definition": preview(point.definition),
        "rules": _rules(point.definition),
        "mqls_per_quarter": number(point.mqls_per_quarter),
        "mql_to_sql": point.whole.mql_to_sql,
        "mql_to_win": point.whole.mql_to_win,
        "value_per_mql": point.whole.value_per_mql,
    }
