"""The CRM's MQLs against the agreed definition: flagged and not meeting it, meeting it and not flagged, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import pandas as pd

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import Group, MqlDefinition, Rule, Term
from alignment_core.definition_words import rule_words
from alignment_core.errors import DataError
from alignment_core.events import Events, end_of
from alignment_core.funnel import latest_date
from alignment_core.judged import judge
from alignment_core.meets import Candidates, decode
from alignment_core.quarters import Quarter
from alignment_core.vocabulary import STAGES

__all__ = ["NOT_MARKETINGS", "Reconciled", "reconcile"]

NOT_MARKETINGS = "not marketing-sourced"
_REACHED = dict(zip(STAGES, ("MQL", "SQL", "opportunity", "win"), strict=True))


@dataclass(frozen=True)
class Reconciled:
    """One quarter's leads by what the CRM and the definition call them.

    Attributes:
        quarter: in which the CRM flagged them, or else created them.
        both: how many leads are MQLs by either.
        flagged_only: flagged, and not meeting the definition.
        meeting_only: meeting it, and not flagged.
        reasons: how many of `flagged_only` don't meet each rule, or none of a group of which any would do; a lead may
            fail several. `value is missing` is told apart.
        leads: a row for each lead on which the two differ: `lead_id`, `differs` (flagged only, meets only), `why`,
            `source`, `date` (of the flag, or of its creation), `reached` (the last stage), and the definition's fields.
    """

    quarter: Quarter
    both: int
    flagged_only: int
    meeting_only: int
    reasons: Mapping[str, int]
    leads: pd.DataFrame

    @property
    def agree(self) -> bool:
        return not self.flagged_only and not self.meeting_only


def reconcile(
    data: Data,
    agreement: Agreement,
    quarter: Quarter,
    definition: MqlDefinition | None = None,
    as_of: date | None = None,
) -> Reconciled:
    """Hold the CRM's flags of a quarter against a definition.

    Args:
        data: the loaded tables.
        agreement: whose demand a lead is, the calendar, and the definition if no other is given.
        quarter: which quarter's leads.
        definition: the rules; default the agreement's.
        as_of: the day up to which leads count; default the latest in the data.

    Raises:
        DataError: the data cannot answer, with every reason.
    """
    definition = definition or agreement.mql
    if definition is None or definition.is_empty:
        raise DataError("There is no definition of an MQL to hold the CRM's flags against. Agree one first.")
    rules = tuple(dict.fromkeys(definition.rules))
    judge(data, agreement, rules, as_of)  # every reason why the leads cannot be held against them
    if not data.engine.has("leads", "mql_at"):
        raise DataError("The loaded leads say nowhere which of them the CRM flagged as MQLs. Export that date as well.")
    frame = _leads(data, agreement, quarter, definition, as_of or latest_date(data.engine, agreement.fiscal_calendar))
    met = [decode(text, len(rules)) for text in frame["segment"]]
    known = [dict(zip(rules, each, strict=True)) for each in met]
    meets = [
        row.source == "marketing" and all(_met(group, rule) for group in definition.groups)
        for row, rule in zip(frame.itertuples(), known, strict=True)
    ]
    frame = frame.assign(meets=meets, known=known)
    differing = frame[frame["flagged"] != frame["meets"]]
    flagged = differing["flagged"]
    why = [
        tuple(_unmet(definition, row.known, row._asdict(), definition.fields)) or (NOT_MARKETINGS,)
        if row.flagged
        else ()
        for row in differing.itertuples()
    ]
    counted = pd.Series([reason for reasons in why for reason in reasons], dtype=object).value_counts()
    return Reconciled(
        quarter=quarter,
        both=int((frame["flagged"] & frame["meets"]).sum()),
        flagged_only=int(flagged.sum()),
        meeting_only=int((~flagged).sum()),
        reasons={str(reason): int(number) for reason, number in counted.items()},
        leads=_shown(differing, why, definition.fields),
    )


def _leads(data: Data, agreement: Agreement, quarter: Quarter, definition: MqlDefinition, as_of: date) -> pd.DataFrame:
    """The quarter's leads that the CRM flagged or that may meet the definition."""
    rules = tuple(dict.fromkeys(definition.rules))
    events = Events(
        data.engine, agreement.sourcing, agreement.fiscal_calendar, None, data.choices, agreement.currency, Candidates(rules)
    )  # fmt: skip
    leads = events.leads(with_deals=True, fields=definition.fields)
    first, end = (ibis.literal(datetime.combine(day, time()), type="timestamp") for day in (quarter.start, quarter.end))
    at = leads.began_mqls
    leads = leads.filter((at >= first) & (at < end) & (at < end_of(as_of)))
    reached = ibis.cases(
        *((leads[f"began_{stage}"].notnull(), name) for stage, name in reversed(_REACHED.items()) if stage != "mqls"),
        else_="",
    )
    values = [name for name in leads.columns if name.startswith("value_")]
    return data.engine.run(
        leads.select("lead_id", "source", "segment", "flagged", *values, date=at, reached=reached).order_by(
            "date", "lead_id"
        )
    )


def _met(term: Term, known: Mapping[Rule, bool]) -> bool:
    if isinstance(term, Rule):
        return known[term]
    return (all if term.match == "all" else any)(_met(each, known) for each in term.terms)


def _unmet(
    definition: MqlDefinition, known: Mapping[Rule, bool], row: Mapping[str, object], fields: Sequence[str]
) -> list[str]:
    """What a lead does not meet: each rule that it must meet, and each group of which it meets none."""
    missing = {name for place, name in enumerate(fields) if not isinstance(row[f"value_{place}"], str)}
    said: list[str] = []
    for term in _needed(definition.groups):
        if not _met(term, known):
            words = " or ".join(rule_words(rule) for rule in ((term,) if isinstance(term, Rule) else term.rules))
            lacks = isinstance(term, Rule) and term.field in missing and term.comparison != "is_filled"
            said.append(f"{words}: value is missing" if lacks else f"not: {words}")
    return said


def _needed(terms: Sequence[Term]) -> list[Term]:
    """The rules and any-groups that must all be met."""
    found: list[Term] = []
    for term in terms:
        found += _needed(term.terms) if isinstance(term, Group) and term.match == "all" else [term]
    return found


def _shown(differing: pd.DataFrame, why: Sequence[Sequence[str]], fields: Sequence[str]) -> pd.DataFrame:
    """The leads as people read them; ids and fields of companies only."""
    columns = {
        "lead_id": differing["lead_id"],
        "differs": ["flagged only" if flagged else "meets only" for flagged in differing["flagged"]],
        "why": ["; ".join(reasons) or "meets every rule, and the CRM never flagged it" for reasons in why],
        "source": differing["source"],
        "date": [at.date() for at in differing["date"]],
        "reached": differing["reached"],
    }
    columns |= {name: differing[f"value_{place}"] for place, name in enumerate(fields)}
    return pd.DataFrame(columns).reset_index(drop=True)
