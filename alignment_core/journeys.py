"""Tables → journeys: one row a lead, or a deal, with the day on which it reached each stage and what became of it.

The funnel counts stages; here the same dates stand beside each other, record by record, for what counts alone cannot
say: how long a step takes, what is still open, and which leads it was.
"""

from collections.abc import Sequence
from datetime import date
from typing import cast

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr import types as ir

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.events import NOT_RECORDED, Events, banded, end_of
from alignment_core.follow_up import FollowUp
from alignment_core.kept_events import KeptEvents
from alignment_core.vocabulary import STAGES, MqlBy

__all__ = ["deal_journeys", "lead_journeys"]

_LEAD = ("lead_id", "deal_id", "source", *STAGES, "lost", "has_deal", "deal_open", "amount")


def lead_journeys(
    data: Data,
    agreement: Agreement,
    fields: Sequence[str] = (),
    *,
    as_of: date | None = None,
    mql: MqlBy = "crm",
) -> pd.DataFrame:
    """What became of every lead up to a day; empty where no leads are loaded. Worked out once for the same question.

    Columns: `lead_id`; `deal_id` (as the lead names it, or None); `source`; `mqls`, `sqls`, `opportunities`, `wins`
    (when it reached the stage, on the company's clock; NaT where not, or after `as_of`); `lost` (when it was given up, else
    NaT); `has_deal`, `deal_open` (whether one of its deals is open); `amount` of the lead itself; and each of `fields` under
    its name, sizes as bands, what is empty as "(not recorded)".

    Args:
        fields: fields to break down by, see `Data.segment_fields`.
        as_of: default the latest day in the data.
        mql: whether an MQL is what the CRM flagged or what the agreement's definition says.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    as_of = as_of or data.latest_day(agreement, mql)
    # What follow-up goes by is read along, so that one look at the tables serves both questions.
    promise = agreement.follow_up or FollowUp.model_validate({})
    read = tuple(dict.fromkeys((promise.field, promise.calendar.place_field, "owner", *fields)))
    asked = ("leads' journeys", agreement.sourcing, agreement.fiscal_calendar, agreement.currency, read, as_of)
    rules = agreement.mql if mql == "agreed" else None
    found = data.kept((*asked, rules), lambda: _leads(data, agreement, read, as_of, mql))
    return found[[*_LEAD, *fields]]


def deal_journeys(data: Data, agreement: Agreement, *, as_of: date | None = None, mql: MqlBy = "crm") -> pd.DataFrame:
    """What became of every deal up to a day, as `lead_journeys`; empty where no deals are loaded.

    Columns: `deal_id`, `lead_id` (None where no lead is known), `source`, `mqls`, `sqls`, `opportunities`, `wins` (the lead's
    dates, and the deal's own where it has them), `lost` (when it was closed without a win), `amount` (the agreement's currency; NaN unknown).
    """
    as_of = as_of or data.latest_day(agreement, mql)
    asked = ("deals' journeys", agreement.sourcing, agreement.fiscal_calendar, agreement.currency, as_of)
    rules = agreement.mql if mql == "agreed" else None
    return data.kept((*asked, rules), lambda: _deals(data, agreement, as_of, mql))


def _events(data: Data, agreement: Agreement, mql: MqlBy) -> Events:
    rules = agreement.mql if mql == "agreed" else None
    return KeptEvents(
        data.engine, agreement.sourcing, agreement.fiscal_calendar, None, data.choices, agreement.currency, rules
    )


def _leads(data: Data, agreement: Agreement, fields: Sequence[str], as_of: date, mql: MqlBy) -> pd.DataFrame:
    columns = [*_LEAD, *fields]
    if "leads" not in data.engine:
        return pd.DataFrame(columns=columns)
    rows = _events(data, agreement, mql).leads(with_deals=True, fields=fields)
    values = {
        field: ibis.coalesce(banded(field, rows[f"value_{place}"]), NOT_RECORDED) for place, field in enumerate(fields)
    }
    kept = ("lead_id", "deal_id", "source", "has_deal", "deal_open")
    found = rows.select(*kept, **_dates(rows, as_of), amount=rows.amount.cast("float64"), **values)
    return _in_order_of("lead_id", data.engine.arrow(found))[columns]


def _deals(data: Data, agreement: Agreement, as_of: date, mql: MqlBy) -> pd.DataFrame:
    columns = ["deal_id", "lead_id", "source", *STAGES, "lost", "amount"]
    if "deals" not in data.engine:
        return pd.DataFrame(columns=columns)
    rows = _events(data, agreement, mql).deals()
    kept = ("deal_id", "lead_id", "source")
    found = rows.select(*kept, **_dates(rows, as_of), amount=rows.amount.cast("float64"))
    return _in_order_of("deal_id", data.engine.arrow(found))[columns]


def _in_order_of(key: str, rows: pa.Table) -> pd.DataFrame:
    """Sorted by Arrow, which orders the key alone and then the rows: DuckDB moves the wide rows as it sorts."""
    return cast(pd.DataFrame, rows.take(pc.sort_indices(rows, [(key, "ascending")])).to_pandas())


def _dates(rows: ir.Table, as_of: date) -> dict[str, ir.Value]:
    """When each stage was reached and the record given up, as far as it was known on that day."""
    found = {stage: rows[f"began_{stage}"] for stage in STAGES} | {"lost": rows.lost}
    return {
        name: (at < end_of(as_of)).fill_null(False).ifelse(at, ibis.null("timestamp")) for name, at in found.items()
    }
