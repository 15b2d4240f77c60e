"""Sales' touches of some leads as arrays, and moments of which only the day may be known.

Moments are whole numbers: microseconds as the company's clock shows them.
"""

from datetime import date, timedelta
from typing import Any, cast

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.agreement import Agreement
from alignment_core.clock import local
from alignment_core.data import Data
from alignment_core.records import Records
from alignment_core.touches import Touches

__all__ = [
    "NEVER",
    "NO_TIME",
    "SalesTouches",
    "assigned",
    "end_of_day",
    "floor",
    "latest",
    "midnights",
    "on_clock",
    "or_never",
    "told_until",
]

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NEVER = int(np.iinfo(np.int64).max)
NO_TIME = int(np.iinfo(np.int64).min)  # what NumPy writes for a missing instant
_DAY = 86_400_000_000
#: From this share of midnights on, a midnight says that only the day is known.
_DATES_ONLY = 0.02


def told_until(data: Data, agreement: Agreement, as_of: date | None = None) -> pd.Timestamp | None:
    """The last touch in the files up to a day, on the company's clock: what was due later may be in no file yet.

    None where no touches are loaded.
    """
    if "touches" not in data.engine:
        return None
    return data.kept(("told until", agreement.fiscal_calendar, as_of), lambda: _told_until(data, agreement, as_of))


def _told_until(data: Data, agreement: Agreement, as_of: date | None) -> pd.Timestamp | None:
    at = local(data.engine.table("touches")["at"], agreement.fiscal_calendar)
    if as_of is not None:
        at = (at < ibis.literal(pd.Timestamp(as_of) + timedelta(days=1))).ifelse(at, ibis.null("timestamp"))
    last = data.engine.run(at.max().name("last"))["last"].iloc[0]
    return None if pd.isna(last) else cast(pd.Timestamp, last)


class SalesTouches:
    """Sales' touches of some leads from each one's MQL on, laid end to end.

    Attributes:
        known: whether the files have any of sales' touches of leads at all.
        tells_personal: whether they say which are personal.
        until: the last touch in the files.
        counts: how many each lead has.
        personal: whether the first is personal: 1, 0, or -1 where that is not known.
        first_untimed: whether only the day of the first is known.
    """

    def __init__(self, data: Data, agreement: Agreement, leads: pd.Series, mql: Numbers, as_of: date) -> None:
        rows = len(leads)
        self.known, self.tells_personal, self.until = False, False, NEVER
        lead, packed = np.zeros(0, np.int64), np.zeros(0, np.int64)
        last = told_until(data, agreement, as_of)
        if last is not None:
            self.until = _one(last)
            listed = _listed(data, agreement, as_of)
            self.known = len(listed) > 0
            lead, packed = _flat(listed, leads)
        at, flag = packed >> 2, packed & 3
        self.tells_personal = bool((flag < 2).any())
        late = latest(at)
        counts = late >= mql[lead]
        self.lead, self.at, self.late, flag = lead[counts], at[counts], late[counts], flag[counts]
        self.counts = np.bincount(self.lead, minlength=rows)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.int64) if rows else self.counts
        touched = self.counts > 0
        self.personal = np.full(rows, -1)
        self.personal[touched] = np.where(flag < 2, flag, -1)[self.starts[touched]]
        self.first_untimed = np.zeros(rows, bool)
        self.first_untimed[touched] = (self.late > self.at)[self.starts[touched]]

    def nth(self, number: Numbers) -> tuple[Numbers, Numbers]:
        """When each lead's so manieth touch was, at the earliest and at the latest; the end of time where there are fewer."""
        there = self.counts >= number
        place = np.where(there, self.starts + number - 1, 0)
        if not len(self.at):
            return np.full(len(number), NEVER), np.full(len(number), NEVER)
        return np.where(there, self.at[place], NEVER), np.where(there, self.late[place], NEVER)

    def within(self, due: Numbers) -> Numbers:
        """How many touches each lead has until then."""
        counted: Numbers = np.bincount(self.lead[self.at <= due[self.lead]], minlength=len(due))
        return counted


def _listed(data: Data, agreement: Agreement, as_of: date) -> pa.Table:
    """The touches of leads: `id`, and `packed`, the moment with two bits that say whether it is personal.

    Those of nobody's lead say nothing: a file of touches whose ids are not the leads' must not make all of them untouched.
    """
    records = Records(data.engine, data.choices)
    touches = Touches(records, agreement.sourcing, agreement.fiscal_calendar).by_sales()
    touches = touches.semi_join(data.engine.table("leads"), [("id", "lead_id")])
    touches = touches.filter(touches["at"] < ibis.literal(pd.Timestamp(as_of) + timedelta(days=1)))
    flag = ibis.coalesce(touches.personalised.cast("int64"), 2)
    packed = _microseconds(touches["at"]) * 4 + flag
    return data.engine.arrow(touches.select(id=touches.id.cast("string"), packed=packed))


def _flat(listed: pa.Table, leads: pd.Series) -> tuple[Numbers, Numbers]:
    """For each touch of these leads, in their order, the place of its lead and the packed moment."""
    ids = pa.array(leads, pa.string())  # one may stand in several rows
    known = ids.unique().drop_null()
    place, code = (_places(each, known) for each in (ids, listed["id"]))
    packed = listed["packed"].to_numpy().astype(np.int64)[code >= 0]
    code = code[code >= 0]
    in_time = np.argsort(packed)
    code, packed = code[in_time], packed[in_time]
    moments = packed[_in_order(code)]
    sizes = np.bincount(code, minlength=len(known) + 1)  # the last is nobody's, where `place` is -1
    lengths = sizes[place]
    lead = np.repeat(np.arange(len(leads)), lengths)
    before = np.cumsum(lengths) - lengths
    within = np.arange(len(lead)) - before[lead]
    first = (np.cumsum(sizes) - sizes)[place]
    return lead, moments[first[lead] + within]


def _in_order(code: Numbers) -> Numbers:
    """The places that sort codes, equal ones as they stand: with its place behind each code, a plain sort of numbers does it."""
    rows = max(1, len(code))
    order: Numbers = np.sort(code * rows + np.arange(len(code))) % rows
    return order


def _places(ids: pa.Array | pa.ChunkedArray, known: pa.Array) -> Numbers:
    """Where each id stands among those known; -1 where it does not."""
    found = pc.fill_null(pc.index_in(ids, value_set=known, skip_nulls=True), -1)
    return cast(Numbers, found.to_numpy().astype(np.int64))


def assigned(data: Data, agreement: Agreement, leads: pd.Series, as_of: date) -> Numbers:
    """When each lead got its owner, as far as the files say."""
    if not data.engine.has("leads", "assigned_at"):
        return np.full(len(leads), NO_TIME)
    table = Records(data.engine, data.choices).table("leads", unique=True)
    at = local(table.assigned_at, agreement.fiscal_calendar)
    table = table.filter(table.lead_id.notnull(), at < ibis.literal(pd.Timestamp(as_of) + timedelta(days=1)))
    found = data.engine.run(
        table.group_by("lead_id").aggregate(at=local(table.assigned_at, agreement.fiscal_calendar).min())
    )
    return on_clock(found.set_index("lead_id")["at"].reindex(leads.to_numpy(object)))


def on_clock(at: Any) -> Numbers:
    """Moments on a clock as microseconds."""
    numbers: Numbers = np.asarray(at, "M8[us]").astype(np.int64)
    return numbers


def _one(at: pd.Timestamp) -> int:
    return int(np.datetime64(at, "us").astype(np.int64))


def floor(at: Numbers) -> Numbers:
    return np.where(at == NO_TIME, at, at - at % _DAY)


def end_of_day(at: Numbers) -> Numbers:
    """The last moment of the day."""
    return np.where(at == NO_TIME, at, floor(at) + _DAY - 1)


def or_never(at: Numbers) -> Numbers:
    return np.where(at == NO_TIME, NEVER, at)


def latest(at: Numbers) -> Numbers:
    """The latest that moments can have been: the end of the day where no time of day is known."""
    return np.where(midnights(at), at + _DAY - 1, at)


def midnights(at: Numbers) -> Mask:
    """Which moments are days without a time: midnights, where there are more of them than the clock brings."""
    midnight: Mask = (at % _DAY == 0) & (at != NO_TIME)
    return midnight if midnight.sum() > _DATES_ONLY * (at != NO_TIME).sum() else np.zeros(len(at), bool)


@ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp",), "int64"))
def _microseconds(at):  # type: ignore[no-untyped-def]
    """A clock's time as a number."""
