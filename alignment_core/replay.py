"""Definitions of an MQL over past quarters: what each would have brought, by what really became of those leads.

Nothing is estimated: an MQL under a definition is a marketing-sourced lead that meets it, in the quarter of the day on
which the CRM flagged it (or else created it), followed up to the last day of the data. That is what importing only
those leads and counting their cohorts gives. A lead that the CRM never flagged was seldom worked, so its conversion
says what was made of it, not what could have been; `unflagged` says how many there are.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from alignment_core.agreement import Agreement
from alignment_core.agreement_parts import exact
from alignment_core.data import Data
from alignment_core.definition import MqlDefinition
from alignment_core.errors import DataError
from alignment_core.judged import Judged, Mask, judge
from alignment_core.quarters import Quarter

__all__ = ["Outcome", "Replay", "Replayed", "outcome", "past_quarters", "replay"]

#: How many quarters are looked back on: a year, so that a season weighs on nothing.
LOOK_BACK = 4


@dataclass(frozen=True)
class Outcome:
    """What became of some leads up to a day. What nobody recorded is None.

    Attributes:
        mqls: how many leads they are.
        sqls, opportunities, wins: how many of them reached a stage; wins are deals, of which a lead may have several.
        revenue: of the wins, in the agreement's currency.
        open_sql, open_win: how many may still become an SQL, or a win.
    """

    mqls: int
    sqls: int | None
    opportunities: int | None
    wins: int
    revenue: float | None
    open_sql: int | None
    open_win: int | None

    @property
    def mql_to_sql(self) -> float | None:
        """Rate, 0-1."""
        return None if self.sqls is None or not self.mqls else self.sqls / self.mqls

    @property
    def mql_to_win(self) -> float | None:
        """Wins per MQL."""
        return self.wins / self.mqls if self.mqls else None

    @property
    def value_per_mql(self) -> float | None:
        """Revenue won per MQL, in the agreement's currency."""
        return None if self.revenue is None or not self.mqls else self.revenue / self.mqls


@dataclass(frozen=True)
class Replayed:
    """A definition over past quarters.

    Attributes:
        name: who proposes it.
        definition: None for whatever the CRM flagged.
        whole: what became of its MQLs of all the quarters.
        by_quarter: the same of each quarter's.
        unflagged: how many of its MQLs the CRM never flagged.
        share_of_wins: of all wins that marketing-sourced leads of these quarters brought, 0-1; None without any.
        owed_by_value: MQLs a quarter owed for marketing's revenue, at the value per MQL that they really had.
        owed_by_rates: MQLs a quarter owed for the SQLs that follow from the agreement's later rates and deal size, at
            the MQL→SQL that they really had. Both are rounded up once; None where it cannot be told.
    """

    name: str
    definition: MqlDefinition | None
    whole: Outcome
    by_quarter: tuple[tuple[Quarter, Outcome], ...]
    unflagged: int
    share_of_wins: float | None
    owed_by_value: int | None
    owed_by_rates: int | None

    @property
    def mqls_per_quarter(self) -> float:
        return self.whole.mqls / len(self.by_quarter)


@dataclass(frozen=True)
class Replay:
    """Definitions side by side, over the same quarters.

    Attributes:
        quarters: those looked back on.
        rows: one for each definition, in the order asked.
        leads, wins: how many marketing-sourced leads these quarters had, and how many wins they brought.
        as_of: the day up to which they were followed.
        undated: leads of any quarter that have no date, and so are in none.
    """

    quarters: tuple[Quarter, ...]
    rows: tuple[Replayed, ...]
    leads: int
    wins: int
    as_of: date
    undated: int


def replay(
    data: Data,
    agreement: Agreement,
    definitions: Mapping[str, MqlDefinition | None],
    quarters: Sequence[Quarter] | None = None,
    as_of: date | None = None,
) -> Replay:
    """Run definitions over the leads of past quarters.

    Args:
        data: the loaded tables.
        agreement: sourcing, calendar, currency, and the target that MQLs are owed for.
        definitions: by name; None for whatever the CRM flagged.
        quarters: which to look back on; default see `past_quarters`.
        as_of: the day up to which leads are followed; default the latest in the data.

    Raises:
        DataError: the data cannot answer, with every reason.
    """
    rules = [rule for definition in definitions.values() if definition for rule in definition.rules]
    judged = judge(data, agreement, rules, as_of)
    chosen = past_quarters(judged, agreement) if quarters is None else tuple(quarters)
    within = _checked(judged, chosen)
    rows = tuple(
        _replayed(name, definition, judged, chosen, within, agreement) for name, definition in definitions.items()
    )
    everything = outcome(judged, within)
    return Replay(chosen, rows, everything.mqls, everything.wins, judged.as_of, judged.undated)


def past_quarters(judged: Judged, agreement: Agreement) -> tuple[Quarter, ...]:
    """The last year's quarters before the agreement's that are over; where there is none, all that have leads."""
    there = sorted(set(judged.quarters))
    over = [quarter for quarter in there if quarter.end - timedelta(days=1) <= judged.as_of]
    before = [quarter for quarter in over if quarter < agreement.fiscal_quarter]
    return tuple((before or over or there)[-LOOK_BACK:])


def outcome(judged: Judged, rows: Mask) -> Outcome:
    """What became of the leads of some rows."""

    def counted(name: str) -> int | None:
        value = judged.total(name, rows)
        return None if math.isnan(value) else round(value)

    revenue = judged.total("revenue", rows)
    return Outcome(
        mqls=counted("mqls") or 0,
        sqls=counted("sqls"),
        opportunities=counted("opportunities"),
        wins=counted("wins") or 0,
        revenue=None if math.isnan(revenue) else round(revenue, 4),
        open_sql=counted("open_sql"),
        open_win=counted("open_win"),
    )


def _checked(judged: Judged, quarters: Sequence[Quarter]) -> Mask:
    """The rows of the quarters. Raises DataError where a quarter has none."""
    there = sorted(set(judged.quarters))
    if not there:
        raise DataError(
            "No marketing-sourced lead has a date, so there is nothing to replay. Check whose demand the lead sources are, "
            "and that the leads' dates were exported."
        )
    missing = [quarter for quarter in quarters if quarter not in there]
    if missing or not quarters:
        listed = ", ".join(map(str, missing)) or "no quarter"
        raise DataError(f"There are no leads of {listed} to replay; there are of {', '.join(map(str, there))}.")
    return judged.within(quarters)


def _replayed(
    name: str,
    definition: MqlDefinition | None,
    judged: Judged,
    quarters: Sequence[Quarter],
    within: Mask,
    agreement: Agreement,
) -> Replayed:
    rows = judged.meets(definition) & within
    whole, everything = outcome(judged, rows), outcome(judged, within)
    return Replayed(
        name=name,
        definition=definition,
        whole=whole,
        by_quarter=tuple((quarter, outcome(judged, rows & judged.within([quarter]))) for quarter in quarters),
        unflagged=round(float(judged.sums["mqls"][rows & np.logical_not(judged.flagged)].sum())),
        share_of_wins=whole.wins / everything.wins if everything.wins else None,
        owed_by_value=_owed_by_value(whole, agreement),
        owed_by_rates=_owed_by_rates(whole, agreement),
    )


def _owed_by_value(whole: Outcome, agreement: Agreement) -> int | None:
    """Marketing's revenue ÷ revenue per MQL, rounded up."""
    if agreement.marketing is None or not whole.revenue or whole.revenue <= 0:
        return None
    target = exact(agreement.revenue_target) * exact(agreement.split.marketing)
    return math.ceil(target * whole.mqls / exact(whole.revenue))


def _owed_by_rates(whole: Outcome, agreement: Agreement) -> int | None:
    """The SQLs that marketing's plan needs ÷ MQL→SQL, rounded up."""
    if agreement.marketing is None or not whole.sqls:
        return None
    cells = agreement.segment_cells["marketing"].values()
    return math.ceil(sum((cell["sqls"] for cell in cells), Fraction(0)) * whole.mqls / whole.sqls)
