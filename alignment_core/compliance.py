"""Did sales do its part? Each marketing-sourced MQL held against the follow-up that was agreed.

What cannot be known is not guessed. Where a date has no time of day, a promise is kept or broken only if it is so at
whatever time of that day; what is due after the last touch in the files is not due yet.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.follow_up import FollowUp, Rule, Within
from alignment_core.journeys import lead_journeys
from alignment_core.sales_touches import (
    NEVER,
    NO_TIME,
    Mask,
    Numbers,
    SalesTouches,
    assigned,
    end_of_day,
    floor,
    latest,
    midnights,
    on_clock,
    or_never,
)
from alignment_core.vocabulary import MqlBy

__all__ = ["MET", "MISSED", "NOT_DUE", "NOT_TOLD", "Standing", "compliance"]

Standing = Literal["met", "missed", "not due", "not told"]
MET, MISSED, NOT_DUE, NOT_TOLD = "met", "missed", "not due", "not told"

Words = npt.NDArray[np.object_]
_NOTHING = Rule.model_validate({})
#: How a marketing-sourced lead was followed up: its first touch in time; late or never; or not told, or not due yet.
IN_TIME, LATE, UNKNOWN = "in time", "late", "unknown"


def compliance(
    data: Data,
    agreement: Agreement,
    fields: Sequence[str] = (),
    *,
    as_of: date | None = None,
    mql: MqlBy = "crm",
) -> pd.DataFrame:
    """Every marketing-sourced MQL against the agreement's `[follow_up]`, worked out once for the same question; sorted by `lead_id`.

    Columns (instants in UTC, NaT where there is none):

    - `lead_id`; `kind`, the value of the field that the rules go by; `place`, of the field that the calendars go by;
      `owner`; each of `fields` under its name. What is empty is "(not recorded)".
    - `mql_at`, `assigned_at`, `first_touch_at` (sales' first touch from the MQL on), `due_at` of it, `attempts_due_at`,
      `accepted_at` (the first later stage), `rejected_at`; `timed`, whether the MQL and its first touch have a time of day.
    - `touches`, how many there are from the MQL on; `attempts`, those within the agreed window;
      `is_personal`, whether the first one is (True, False or None).
    - `minutes`, `hours`: business minutes and plain hours from the MQL to the first touch, NaN without times of day;
      `days`: business days, by dates; `system_minutes`, `person_minutes`: business minutes before and after the
      assignment, NaN where it is not known to lie between the two.
    - `first_touch`, `attempts_kept`, `personalised`: "met", "missed", "not due" or "not told", None where nothing is agreed.
    - `verdict`: "met", "missed", "not due", or None where it cannot be told.

    A first touch counts as met also where the lead was accepted in time, and where it was handed back in time as
    the agreement allows. Attempts are excused once a lead was accepted or rejected. One lead's message need not be
    personal unless all must be, so `personalised` enters the verdict only there.

    Args:
        fields: further fields of the leads, see `Data.segment_fields`.
        as_of: default the latest day in the data.
        mql: whether an MQL is what the CRM flagged or what the agreement's definition says.

    Raises:
        DataError: the tables cannot answer, with every reason.
    """
    promise = agreement.follow_up or FollowUp.model_validate({})
    asked = ("compliance", agreement.sourcing, agreement.fiscal_calendar, agreement.timezone, repr(agreement.follow_up), tuple(fields), as_of)  # fmt: skip
    rules = agreement.mql if mql == "agreed" else None
    return data.kept((*asked, rules), lambda: _compliance(data, agreement, promise, tuple(fields), as_of, mql))


def is_followed(data: Data, agreement: Agreement) -> bool:
    """Whether a follow-up was agreed, and the files show leads and touches to hold against it."""
    return agreement.follow_up is not None and "touches" in data.engine and "leads" in data.engine


def followed_up(found: pd.DataFrame) -> pd.Series:
    """How each lead was followed up: IN_TIME, LATE (or never) or UNKNOWN (or not due yet); by the touch alone, for that a lead was
    accepted would be credited with what it is to explain."""
    touched = (found["first_touch_at"] <= found["due_at"]).to_numpy(bool) & found["first_touch"].eq(MET).to_numpy(bool)
    missed = found["first_touch"].eq(MISSED).to_numpy(bool)
    return pd.Series(np.select([touched, missed], [IN_TIME, LATE], UNKNOWN), index=found.index, dtype=object)


def _compliance(
    data: Data, agreement: Agreement, promise: FollowUp, fields: tuple[str, ...], as_of: date | None, mql: MqlBy
) -> pd.DataFrame:
    as_of = as_of or data.latest_day(agreement, mql)
    hours = promise.calendar
    asked = tuple(dict.fromkeys((promise.field, hours.place_field, "owner", *fields)))
    journeys = lead_journeys(data, agreement, asked, as_of=as_of, mql=mql)
    rows = journeys[(journeys["source"] == "marketing") & journeys["mqls"].notna()].reset_index(drop=True)
    found = _Leads(data, agreement, promise, rows, as_of)
    columns = {
        "lead_id": rows["lead_id"],
        "kind": rows[promise.field],
        "place": rows[hours.place_field],
        "owner": rows["owner"],
        **{field: rows[field] for field in fields},
        **found.columns(),
    }
    words = ("is_personal", "first_touch", "attempts_kept", "personalised", "verdict")
    kept = {name: pd.Series(columns[name], dtype=object) for name in words}  # in which None stays None
    return pd.DataFrame(columns | kept)


class _Leads:
    """The MQLs and their touches as arrays: microseconds on the company's clock, and in UTC where business time passes."""

    def __init__(self, data: Data, agreement: Agreement, promise: FollowUp, rows: pd.DataFrame, as_of: date) -> None:
        self.data, self.agreement, self.promise = data, agreement, promise
        self.working = promise.calendar.time(agreement.timezone)
        self.place = rows[promise.calendar.place_field].to_numpy(object)
        self.kinds, names = pd.factorize(rows[promise.field])
        known = agreement.follow_up is not None
        self.rules = [promise.rule_for(str(name)) if known else _NOTHING for name in names]
        self.mql = on_clock(rows["mqls"])
        self.untimed = midnights(self.mql)
        self.mql_last = latest(self.mql)
        self.accepted = rows[["sqls", "opportunities", "wins"]].min(axis=1).pipe(on_clock)
        self.rejected = on_clock(rows["lost"])
        self.given = SalesTouches(data, agreement, rows["lead_id"], self.mql, as_of)
        self.assigned = assigned(data, agreement, rows["lead_id"], as_of)

    def columns(self) -> dict[str, Any]:
        given = self.given
        due, due_last = self._due("first_touch")
        window, window_last = self._due("attempts_within")
        first, first_last = given.nth(np.ones(len(self.mql), np.int64))
        answered, answered_last = self._answered(first, first_last)
        touched = _standing(answered, answered_last, due, due_last, given.until)
        # Accepted late and with no touch in the files: somebody spoke to the lead, and when is not known.
        unseen = (first == NEVER) & (self.accepted != NO_TIME) & (touched == MISSED)
        touched = np.where(unseen, NOT_TOLD, touched).astype(object)
        needed = self._of_rule(lambda rule: rule.attempts or 0)
        kept = self._attempts(needed, window, window_last)
        personal = given.personal
        share = self._of_rule(lambda rule: rule.personalised or 0.0)
        personalised = np.select([personal == 1, personal == 0, touched == NOT_DUE], [MET, MISSED, NOT_DUE], NOT_TOLD)
        agreed = {
            "first_touch": (touched, self._of_rule(lambda rule: rule.first_touch is not None)),
            "attempts_kept": (kept, needed > 0),
            "personalised": (personalised, share > 0),
        }
        standings = {
            name: _where(said, value if given.known else np.full(len(said), NOT_TOLD))
            for name, (value, said) in agreed.items()
        }
        counted = _where((share == 1) & given.tells_personal, standings["personalised"])
        start, touch = self._utc(self.mql), self._utc(np.where(first == NEVER, NO_TIME, first))
        timed = ~self.untimed & ~given.first_untimed
        return {
            "mql_at": start,
            "assigned_at": self._utc(self.assigned),
            "first_touch_at": touch,
            "due_at": self._utc(due),
            "attempts_due_at": self._utc(window),
            "accepted_at": self._utc(self.accepted),
            "rejected_at": self._utc(self.rejected),
            "timed": timed,
            "touches": given.counts,
            "attempts": given.within(np.where(window == NO_TIME, NEVER, window_last)),
            "is_personal": _where(personal >= 0, personal == 1),
            **self._times(start, touch, timed),
            **standings,
            "verdict": _verdict([standings["first_touch"], standings["attempts_kept"], counted]),
        }

    def _answered(self, first: Numbers, first_last: Numbers) -> tuple[Numbers, Numbers]:
        """When sales had answered at the latest: by a touch, by accepting the lead, or by handing it back as agreed."""
        answered = np.minimum(first, or_never(self.accepted))
        answered_last = np.minimum(first_last, or_never(latest(self.accepted)))
        if self.promise.reject is not None:
            _, until = self._after(self.promise.reject.within, np.ones(len(self.mql), bool))
            back = np.where(self.rejected <= until, self.rejected, NO_TIME)
            answered = np.minimum(answered, or_never(back))
            answered_last = np.minimum(answered_last, np.where(back == NO_TIME, NEVER, latest(self.rejected)))
        return answered, answered_last

    def _attempts(self, needed: Numbers, window: Numbers, window_last: Numbers) -> Words:
        """Whether there were as many touches as agreed, or the lead was accepted or rejected before."""
        open_end = window == NO_TIME
        window, window_last = (np.where(open_end, NEVER - 1, each) for each in (window, window_last))
        last, last_last = self.given.nth(np.maximum(needed, 1))
        for end in (self.accepted, self.rejected):
            last, last_last = np.minimum(last, or_never(end)), np.minimum(last_last, or_never(latest(end)))
        return _standing(last, last_last, window, window_last, self.given.until)

    def _times(self, start: pd.DatetimeIndex, touch: pd.DatetimeIndex, timed: Mask) -> dict[str, Any]:
        """How long it took, at work and by the clock."""
        minutes = self.working.minutes_between(start, touch, self.place)
        elapsed = np.asarray((touch - start) / pd.Timedelta(hours=1), float)
        assigned = self._utc(self.assigned)
        between = timed & np.asarray((assigned <= touch) & touch.notna())
        system, person = np.full(len(start), np.nan), np.full(len(start), np.nan)
        given, place = assigned[between], self.place[between]
        system[between] = np.maximum(self.working.minutes_between(start[between], given, place), 0)
        person[between] = np.minimum(self.working.minutes_between(given, touch[between], place), minutes[between])
        first_day, last_day = (self._utc(floor(on_clock(each.tz_convert(self.agreement.timezone).tz_localize(None)))) for each in (start, touch))  # fmt: skip
        daily = self.working.default
        length = daily.closes - daily.opens
        days = np.round(self.working.minutes_between(first_day, last_day, self.place) / length)
        return {
            "minutes": np.where(timed, minutes, np.nan),
            "hours": np.where(timed, elapsed, np.nan),
            "days": days,
            "system_minutes": system,
            "person_minutes": person,
        }

    def _due(self, part: Literal["first_touch", "attempts_within"]) -> tuple[Numbers, Numbers]:
        """When something is due on the company's clock: at the earliest and at the latest, where the time of the MQL is not known."""
        early, late = np.full(len(self.mql), NO_TIME), np.full(len(self.mql), NO_TIME)
        times = [cast("Within | None", getattr(rule, part)) for rule in self.rules]
        for within in filter(None, dict.fromkeys(times)):
            rows = np.array([each == within for each in times])[self.kinds]
            early[rows], late[rows] = self._after(within, rows)
        return early, late

    def _after(self, within: Within, rows: Mask) -> tuple[Numbers, Numbers]:
        """When a time from the MQL on is over, for some rows."""

        def over(start: Numbers) -> Numbers:
            return self._local(within.after(self._utc(start[rows]), self.working, self.place[rows]))

        untimed = self.untimed[rows]
        early = over(self.mql)
        late = over(self.mql_last) if untimed.any() else early
        if within.unit == "days":  # from a day, so many days: until the end of that day
            whole = end_of_day(early)
            early, late = np.where(untimed, whole, early), np.where(untimed, whole, late)
        return early, late

    def _of_rule(self, value: Any) -> npt.NDArray[Any]:
        """A value of each lead's rule."""
        found: npt.NDArray[Any] = np.array([value(rule) for rule in self.rules] or [value(_NOTHING)])[self.kinds]
        return found

    def _utc(self, at: Numbers) -> pd.DatetimeIndex:
        clock = pd.DatetimeIndex(at.astype("M8[us]"))
        if self.agreement.timezone == "UTC":
            return clock.tz_localize("UTC")
        zoned = clock.tz_localize(
            self.agreement.timezone, nonexistent="shift_forward", ambiguous=np.ones(len(clock), bool)
        )
        return zoned.tz_convert("UTC")

    def _local(self, at: pd.DatetimeIndex) -> Numbers:
        return on_clock(at.tz_convert(self.agreement.timezone).tz_localize(None))


def _standing(done: Numbers, done_last: Numbers, due: Numbers, due_last: Numbers, until: int) -> Words:
    """Whether something was done in time; each moment as the earliest and the latest that it can have been."""
    met, missed = done_last <= due, (done > due_last) & (due_last < until)
    return np.select([met, missed, due_last >= until], [MET, MISSED, NOT_DUE], NOT_TOLD).astype(object)


def _verdict(parts: Sequence[Words]) -> Words:
    """One word for several: what is missed is missed whatever the rest; what cannot be told leaves the whole untold."""
    found = np.full(len(parts[0]), None, object)
    for word in (MET, NOT_TOLD, NOT_DUE, MISSED):
        found[np.any([part == word for part in parts], axis=0)] = None if word == NOT_TOLD else word
    return found


def _where(mask: Mask, value: npt.NDArray[Any]) -> Words:
    """The value where the mask says so, and else None."""
    found = np.full(len(mask), None, object)
    found[mask] = value[mask]
    return found
