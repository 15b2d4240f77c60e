"""Every marketing-sourced lead held against some rules at once, counted by which of them it meets.

The tables are asked once; after that any definition made of these rules is a sum over a few cells. What a lead's
journey came to is counted as `count_funnel` counts a cohort: a lead belongs to the quarter of the day on which the CRM
flagged it as an MQL, or else of the day on which it was created.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_

import numpy as np
import numpy.typing as npt
import pandas as pd
from ibis.expr import types as ir

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import MqlDefinition, Rule, Term
from alignment_core.errors import DataError
from alignment_core.events import Events, end_of
from alignment_core.funnel import quarter_ordinal
from alignment_core.meets import FLAGGED, Candidates, decode
from alignment_core.quarters import Quarter
from alignment_core.vocabulary import STAGES, Stage

__all__ = ["Judged", "judge"]

Mask = npt.NDArray[np.bool_]
#: What is summed over cells, beside the stages.
SUMS = (*STAGES, "revenue", "open_sql", "open_win")


@dataclass(frozen=True)
class Judged:
    """Marketing-sourced leads by quarter and by the rules that they meet; a row is a cell.

    Attributes:
        rules: what the leads were held against.
        quarters: the quarter of each row.
        met: whether the leads of a row (first axis) meet a rule (second).
        flagged: whether the CRM calls the leads of a row MQLs.
        sums: for each row `mqls` (here all its leads), `sqls`, `opportunities`, `wins`, `revenue` (the agreement's
            currency), and how many may still become an SQL (`open_sql`) or a win (`open_win`). NaN where nobody
            recorded it.
        as_of: the day up to which their journeys were followed.
        undated: leads in no quarter, for the CRM has no date for them at all.
    """

    rules: tuple[Rule, ...]
    quarters: npt.NDArray[np.object_]
    met: Mask
    flagged: Mask
    sums: Mapping[str, npt.NDArray[np.float64]]
    as_of: date
    undated: int = 0

    def meets(self, definition: MqlDefinition | None) -> Mask:
        """The rows whose leads meet a definition; without one, or by an empty one, those that the CRM flagged."""
        if definition is None or definition.is_empty:
            return self.flagged
        return reduce(and_, (self.meets_term(group) for group in definition.groups))

    def meets_term(self, term: Term) -> Mask:
        """The rows whose leads meet a rule or a group of them."""
        if isinstance(term, Rule):
            return self.met[:, self.rules.index(term)]
        each = [self.meets_term(part) for part in term.terms]
        together = np.logical_and if term.match == "all" else np.logical_or
        return reduce(together, each)

    def within(self, quarters: Sequence[Quarter]) -> Mask:
        """The rows of some quarters."""
        return np.array([quarter in quarters for quarter in self.quarters], dtype=bool)

    def total(self, name: str, rows: Mask) -> float:
        """A sum over rows; NaN where nobody recorded it."""
        return float(self.sums[name][rows].sum()) if rows.any() or np.isfinite(self.sums[name]).all() else float("nan")

    def recorded(self, stage: Stage) -> bool:
        return bool(np.isfinite(self.sums[stage]).all())


def judge(data: Data, agreement: Agreement, rules: Sequence[Rule], as_of: date | None = None) -> Judged:
    """Hold every marketing-sourced lead against rules. Worked out once for the same data, rules and day.

    Args:
        data: the loaded tables.
        agreement: whose demand a lead is, its calendar and currency.
        rules: each once; what `Judged` can be asked of.
        as_of: the day up to which journeys are followed; default the latest in the data.

    Raises:
        DataError: the leads cannot be held against them, with every reason.
    """
    candidates = Candidates(tuple(dict.fromkeys(rules)))
    asked = ("judged", agreement.sourcing, agreement.fiscal_calendar, agreement.currency, candidates, as_of)
    return data.kept(asked, lambda: _judged(data, agreement, candidates, as_of))


def _judged(data: Data, agreement: Agreement, candidates: Candidates, as_of: date | None) -> Judged:
    if not (data.engine.has("leads", "created_at") or data.engine.has("leads", "mql_at")):
        raise DataError(
            "No file of leads with a date of creation or of becoming an MQL is loaded, so no definition can be held "
            "against past quarters. Export the leads with their dates."
        )
    funnel = data.funnel(agreement, "cohort", None, as_of, candidates)
    counted = funnel.frame[funnel.frame["source"] == "marketing"].drop(columns="source")
    if not funnel.has_amounts:
        counted = counted.assign(revenue=float("nan"))
    open_, undated = _open(data, agreement, candidates, funnel.as_of)
    cells = counted.merge(open_, on=["quarter", "segment"], how="left") if len(counted) else counted
    cells = cells.reindex(columns=["quarter", "segment", *SUMS])
    if data.engine.has("leads", "lost_at"):
        cells = cells.fillna({"open_sql": 0.0, "open_win": 0.0})
    else:
        cells = cells.assign(open_sql=float("nan"), open_win=float("nan"))
    signatures = cells["segment"].tolist()
    met = [decode(text, len(candidates.rules)) for text in signatures]
    return Judged(
        candidates.rules,
        cells["quarter"].to_numpy(dtype=object),
        np.array(met, dtype=bool).reshape(len(signatures), len(candidates.rules)),
        np.array([text.endswith(FLAGGED) for text in signatures], dtype=bool),
        {name: cells[name].to_numpy(dtype=float) for name in SUMS},
        funnel.as_of,
        undated,
    )


def _open(data: Data, agreement: Agreement, candidates: Candidates, as_of: date) -> tuple[pd.DataFrame, int]:
    """How many leads of each cell nothing is decided of: neither reached the stage nor were given up; and how many
    leads have no date.

    A lead with deals is given up when each of them is closed, one without when it has a date of that.
    """
    calendar = agreement.fiscal_calendar
    events = Events(data.engine, agreement.sourcing, calendar, None, data.choices, agreement.currency, candidates)
    leads = events.leads(with_deals=True)
    leads = leads.filter(leads.source == "marketing")

    def by_then(at: ir.Value) -> ir.Value:
        return (at < end_of(as_of)).fill_null(False)

    given_up, won = by_then(leads.lost), by_then(leads.began_wins)
    gone_on = by_then(leads.began_sqls) | by_then(leads.began_opportunities) | won
    leads = leads.mutate(
        quarter=quarter_ordinal(leads.began_mqls, calendar, data.engine),
        open_sql=~gone_on & ~given_up,
        open_win=~won & leads.has_deal.ifelse(leads.deal_open, ~given_up),
        dated=by_then(leads.began_mqls),
    )
    sums = {name: (leads[name] & leads.dated).sum() for name in ("open_sql", "open_win")}
    found = data.engine.run(
        leads.group_by("quarter", "segment").aggregate(**sums, undated=leads.began_mqls.isnull().sum())
    )
    undated = int(found["undated"].sum())
    found = found[found["quarter"].notna()].drop(columns="undated")
    found["quarter"] = [calendar.from_ordinal(int(ordinal)) for ordinal in found["quarter"]]
    return found, undated
