"""The fields of the records: by which counts are broken down, and on which a definition of an MQL can have rules."""

from alignment_core.engine import ROW, Engine
from alignment_core.imports.headers import OF_A_PERSON

__all__ = ["definition_fields", "segment_fields"]

#: The columns of each table that say when, whose and how much: not segments.
_STRUCTURE = frozenset(
    "lead_id deal_id created_at mql_at sql_at opportunity_at won_at lost_at closed_at at is_won is_closed amount currency "
    "source stage quarter mqls sqls opportunities wins revenue kind personalised account "
    f"mql_latest_at mql_last_at email_key {ROW}".split()
)
#: What rules may be on and nothing is broken down by.
_RULED = frozenset(("score", *OF_A_PERSON))


def segment_fields(engine: Engine) -> tuple[str, ...]:
    """The fields by which the counts can be broken down."""
    names: dict[str, None] = {}
    for table in ("leads", "deals", "stage_events", "funnel", "owners", "accounts"):
        names |= dict.fromkeys(
            column
            for column in engine.columns(table)
            if column not in _STRUCTURE | _RULED and engine.has(table, column)
        )
    return tuple(names)


def definition_fields(engine: Engine) -> tuple[str, ...]:
    """The fields of leads that a definition of an MQL can have rules on: their own, their owner's and their account's."""
    names = dict.fromkeys(("leads", *(each for each in ("owners", "accounts") if each[:-1] in engine.columns("leads"))))
    return tuple(
        dict.fromkeys(
            column
            for name in names
            for column in engine.columns(name)
            if column not in _STRUCTURE and engine.has(name, column)
        )
    )
