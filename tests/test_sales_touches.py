"""Sales' touches laid end to end: which come from the MQL on, which is the first, and what a midnight says."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.data import Data
from alignment_core.sales_touches import (
    NEVER,
    NO_TIME,
    SalesTouches,
    assigned,
    end_of_day,
    floor,
    latest,
    midnights,
    on_clock,
    told_until,
)
from tests.support import agreed

TIME = pa.timestamp("us")


def moment(text):
    return int(np.datetime64(text, "us").astype(np.int64))


def data(touches, leads=("a", "b"), **columns):
    """Touches: lead, moment, whether personal."""
    lead, at, personal = zip(*touches, strict=True) if touches else ((), (), ())
    moments = pa.array([datetime.fromisoformat(each) for each in at], TIME)
    rows = {"lead_id": pa.array(lead, pa.string()), "at": moments, "kind": pa.array(["Call"] * len(lead), pa.string()), "personalised": pa.array(personal, pa.bool_())}  # fmt: skip
    own = {"lead_id": list(leads), "mql_at": pa.array([datetime(2026, 7, 1)] * len(leads), TIME)}
    return Data({"leads": pa.table(own | columns), "touches": pa.table(rows)})


def given_to(found, mql, leads=("a", "b"), as_of=date(2026, 9, 30)):
    return SalesTouches(found, agreed(), pd.Series(leads, dtype="str"), np.array([moment(each) for each in mql]), as_of)


TOUCHES = [
    ("b", "2026-07-03T10:30", True), ("a", "2026-07-02T16:00", None), ("a", "2026-06-30T09:00", True),
    ("a", "2026-07-01T11:15", False), ("nobody", "2026-07-09T12:00", True),
]  # fmt: skip


def test_touches_count_from_the_mql_on_in_the_order_of_time():
    found = given_to(data(TOUCHES), ("2026-07-01T10:00", "2026-07-01T10:00"))
    assert found.counts.tolist() == [2, 1]
    assert found.nth(np.array([1, 1]))[0].tolist() == [moment("2026-07-01T11:15"), moment("2026-07-03T10:30")]
    assert found.nth(np.array([2, 2]))[0].tolist() == [moment("2026-07-02T16:00"), NEVER]
    assert found.within(np.array([moment("2026-07-02T00:00")] * 2)).tolist() == [1, 0]
    assert (found.personal.tolist(), found.tells_personal, found.known) == ([0, 1], True, True)


def test_a_lead_in_two_rows_has_its_touches_in_both_and_one_without_an_id_has_none():
    found = given_to(data(TOUCHES), ["2026-07-01T10:00"] * 4, ("a", None, "a", "c"))
    assert found.counts.tolist() == [2, 0, 2, 0]
    assert found.nth(np.ones(4, int))[0].tolist() == [
        moment("2026-07-01T11:15"),
        NEVER,
        moment("2026-07-01T11:15"),
        NEVER,
    ]


def test_touches_of_nobodys_lead_say_nothing_and_later_ones_are_not_known_yet():
    strangers = given_to(data([("x", "2026-07-02T10:00", None)]), ("2026-07-01T10:00",) * 2)
    assert (strangers.known, strangers.counts.tolist()) == (False, [0, 0])
    assert strangers.until == moment("2026-07-02T10:00")
    early = given_to(data(TOUCHES), ("2026-07-01T10:00",) * 2, as_of=date(2026, 7, 1))
    assert (early.counts.tolist(), early.until) == ([1, 0], moment("2026-07-01T11:15"))


def test_until_when_the_files_tell_of_touches():
    found = data(TOUCHES)
    assert told_until(found, agreed()) == pd.Timestamp("2026-07-09T12:00")
    assert told_until(found, agreed(), date(2026, 7, 2)) == pd.Timestamp("2026-07-02T16:00")
    assert told_until(found, agreed(), date(2026, 6, 1)) is None
    assert told_until(Data({"leads": pa.table({"lead_id": ["a"]})}), agreed()) is None


def test_a_midnight_is_a_day_without_a_time_where_there_are_more_than_a_clock_brings():
    days = on_clock(pd.to_datetime(["2026-07-01 00:00", "2026-07-02 09:00", None]))
    assert midnights(days).tolist() == [True, False, False]
    assert latest(days).tolist() == [moment("2026-07-01T23:59:59.999999"), moment("2026-07-02T09:00"), NO_TIME]
    seldom = on_clock(pd.to_datetime(["2026-07-01 00:00", *["2026-07-02 09:00"] * 99]))
    assert not midnights(seldom).any()
    assert floor(days[1:]).tolist() == [moment("2026-07-02"), NO_TIME]
    assert end_of_day(days[1:]).tolist() == [moment("2026-07-02T23:59:59.999999"), NO_TIME]


def test_when_a_lead_got_its_owner_is_known_as_far_as_the_files_say():
    at = pa.array([datetime(2026, 7, 2, 8), datetime(2026, 8, 9, 8)], TIME)
    found = data(TOUCHES, assigned_at=at)
    told = assigned(found, agreed(), pd.Series(["b", "a", "c"], dtype="str"), date(2026, 7, 31))
    assert told.tolist() == [NO_TIME, moment("2026-07-02T08:00"), NO_TIME]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcx"), st.integers(0, 10_000)), min_size=1, max_size=60))
def test_each_leads_touches_are_what_a_plain_loop_finds(touches):
    start = moment("2026-07-01T10:00")
    listed = [
        (lead, str(np.datetime64(start, "us") + np.timedelta64(minute * 7 + 1, "m")), None) for lead, minute in touches
    ]
    found = given_to(data(listed, "abc"), ("2026-07-03T10:00",) * 3, tuple("cab"))
    for place, lead in enumerate("cab"):
        own = sorted(moment(at) for who, at, _ in listed if who == lead and moment(at) >= moment("2026-07-03T10:00"))
        assert found.at[found.lead == place].tolist() == own


def test_leads_without_touches_are_known_to_have_none():
    found = given_to(data([]), ("2026-07-01T10:00",) * 2)
    assert (found.known, found.until) == (False, NEVER)
    assert not found.counts.any()
