"""Compliance: each lead against the agreed follow-up, worked out by hand and by a slow second way."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from alignment_core.compliance import compliance
from alignment_core.data import Data
from tests.support import MONEY, agreed, sample

PROMISE = {"first_touch": "2 business hours", "attempts": 3, "attempts_within": "2 business days"}


def company(leads, touches=(), *, zone="UTC", until="2026-09-30T23:00"):
    """Leads and touches (lead, at, further columns) as they come out of an import; a touch nobody asks for ends the files."""
    leads = [{"won_at": None, "amount": None, "lead_source": "Website"} | lead for lead in leads]
    leads.append({"lead_id": "end", "created_at": until, "lead_source": "Cold call", "won_at": until, "amount": 1})
    names = dict.fromkeys(name for lead in leads for name in lead)

    def column(name, rows):
        if name == "at" or name.endswith("_at"):
            kind = pa.timestamp("us", zone) if zone else pa.timestamp("us")
            return pa.array([row.get(name) and _at(row[name], zone) for row in rows], kind)
        kind = pa.bool_() if name == "personalised" else MONEY if name == "amount" else pa.string()
        return pa.array([row.get(name) for row in rows], kind)

    tables = {"leads": pa.table({name: column(name, leads) for name in names})}
    if touches:
        rows = [
            {"kind": "Call"} | dict(zip(("lead_id", "at", "kind", "personalised"), each, strict=False))
            for each in (*touches, ("end", until, *touches[0][2:3]))
        ]
        tables["touches"] = pa.table({name: column(name, rows) for name in ("lead_id", "at", "kind", "personalised")})
    return Data(tables)


def _at(text, zone):
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if zone else found


def lead(at="2026-07-01T10:00", **more):
    return {"lead_id": "1", "created_at": at, "mql_at": at} | more


def row(leads, touches, promise=PROMISE, **changes):
    found = compliance(company([leads], touches), agreed(follow_up=promise, **changes))
    assert len(found) == 1
    return found.iloc[0]


OTHER = ("end", "2026-07-01T11:00")
IN_TIME = [("1", "2026-07-01T11:00"), ("1", "2026-07-02T09:30"), ("1", "2026-07-03T09:45")]


@pytest.mark.parametrize(
    ("what", "leads", "touches", "standings", "verdict"),
    [
        ("as agreed", lead(), IN_TIME, ("met", "met"), "met"),
        ("on the last minute", lead(), [("1", "2026-07-01T12:00"), *IN_TIME[1:]], ("met", "met"), "met"),
        ("a minute late", lead(), [("1", "2026-07-01T12:01"), *IN_TIME[1:]], ("missed", "met"), "missed"),
        ("over night", lead("2026-07-01T16:30"), [("1", "2026-07-02T10:30"), ("1", "2026-07-03T09:00"), ("1", "2026-07-03T16:30")], ("met", "met"), "met"),
        ("thin", lead(), IN_TIME[:2], ("met", "missed"), "missed"),
        ("the third too late", lead(), [*IN_TIME[:2], ("1", "2026-07-03T10:01")], ("met", "missed"), "missed"),
        ("never", lead(), [OTHER], ("missed", "missed"), "missed"),
        ("before it was an MQL", lead(), [("1", "2026-07-01T09:59")], ("missed", "missed"), "missed"),
        ("marketing's touches", lead(), [("1", each[1], "Webinar") for each in IN_TIME], ("not told", "not told"), None),
        ("accepted after one touch", lead(sql_at="2026-07-01T15:00"), IN_TIME[:1], ("met", "met"), "met"),
        ("given up after one touch", lead(lost_at="2026-07-02T15:00"), IN_TIME[:1], ("met", "met"), "met"),
        ("given up when it was over", lead(lost_at="2026-07-09T15:00"), IN_TIME[:1], ("met", "missed"), "missed"),
        ("accepted in time without a touch in the files", lead(sql_at="2026-07-01T11:30"), [OTHER], ("met", "met"), "met"),
        ("accepted late without a touch in the files", lead(sql_at="2026-07-02T11:30"), [OTHER], ("not told", "met"), None),
        ("due after the files end", lead("2026-09-30T22:30"), [OTHER], ("not due", "not due"), "not due"),
        ("touched, the rest not due", lead("2026-09-30T10:00"), [("1", "2026-09-30T10:30")], ("met", "not due"), "not due"),
        ("late, the rest not due", lead("2026-09-30T10:00"), [("1", "2026-09-30T15:30")], ("missed", "not due"), "missed"),
    ],
)  # fmt: skip
def test_a_lead_against_the_promise(what, leads, touches, standings, verdict):
    found = row(leads, touches)
    assert (found["first_touch"], found["attempts_kept"]) == standings
    assert found["verdict"] == verdict


def test_what_happened_is_there_to_be_read():
    found = row(lead("2026-07-01T16:30", owner="005"), [("1", "2026-07-02T10:15"), ("1", "2026-07-09T09:00")])
    assert found["first_touch_at"] == pd.Timestamp("2026-07-02T10:15", tz="UTC")
    assert found["due_at"] == pd.Timestamp("2026-07-02T10:30", tz="UTC")
    assert found["attempts_due_at"] == pd.Timestamp("2026-07-03T16:30", tz="UTC")
    assert (found["touches"], found["attempts"], found["owner"]) == (2, 1, "005")
    assert (found["minutes"], found["hours"], found["days"], found["timed"]) == (105, 17.75, 1, True)


def test_a_lead_handed_back_in_time_owes_no_touch_where_the_agreement_allows_it():
    back = lead(lost_at="2026-07-01T11:00")
    other = [OTHER]
    assert row(back, other)["first_touch"] == "missed"
    assert row(back, other, PROMISE | {"reject": {"within": "1 business hour"}})["verdict"] == "met"
    assert row(back, other, PROMISE | {"reject": {"within": "30 business minutes"}})["first_touch"] == "missed"


def test_the_rule_is_that_of_the_leads_kind_and_the_clock_that_of_its_place():
    promise = {
        "first_touch": "8 business hours",
        "rules": {"Demo request": {"first_touch": "1 business hour"}},
        "calendar": {"places": {"EMEA": {"timezone": "Europe/Berlin"}}},
    }
    rows = [
        lead("2026-07-01T06:30", lead_id=f"{kind}{place}", lead_type=kind, region=place)
        for kind in ("demo-request", "Webinar")
        for place in ("EMEA", "APAC")
    ]
    found = compliance(company(rows, [OTHER]), agreed(follow_up=promise)).set_index("lead_id")
    due = {name: at.strftime("%H:%M") for name, at in found["due_at"].items()}
    assert due == {"demo-requestEMEA": "08:00", "demo-requestAPAC": "10:00", "WebinarEMEA": "15:00", "WebinarAPAC": "17:00"}  # fmt: skip


@pytest.mark.parametrize(
    ("touches", "standing"),
    [
        ([("1", "2026-07-01T16:00")], "met"),  # whenever the MQL was on that day, 8 hours are not over
        ([("1", "2026-07-02T11:00")], "not told"),
        ([("1", "2026-07-03T09:01")], "missed"),
    ],
)
def test_without_a_time_of_day_only_what_is_so_at_any_time_is_said(touches, standing):
    found = row(lead("2026-07-01"), touches, {"first_touch": "8 business hours"})
    assert found["first_touch"] == standing
    assert not found["timed"]
    assert np.isnan(found["minutes"])
    assert found["verdict"] == {"not told": None}.get(standing, standing)


@pytest.mark.parametrize(("day", "standing"), [("2026-07-02", "met"), ("2026-07-03", "met"), ("2026-07-06", "missed")])
def test_days_are_counted_by_dates_where_there_are_no_times(day, standing):
    found = compliance(
        company([lead("2026-07-01")], [("1", day)], until="2026-09-30"),
        agreed(follow_up={"first_touch": "2 business days"}),
    )
    assert found["verdict"][0] == standing
    assert found["days"][0] == {"02": 1, "03": 2, "06": 3}[day[-2:]]


def test_a_touch_of_the_same_day_counts_where_it_has_no_time():
    promise = {"first_touch": "1 business day"}
    found = compliance(company([lead()], [("1", "2026-07-01"), ("1", "2026-07-02")], until="2026-09-30"), agreed(follow_up=promise))  # fmt: skip
    assert (found["touches"][0], found["verdict"][0]) == (2, "met")


def test_a_share_of_personal_messages_is_no_ones_breach_until_all_must_be_personal():
    plain = [("1", "2026-07-01T11:00", "Email", False)]
    for share, verdict in ((0.5, "met"), (1, "missed")):
        found = row(lead(), plain, {"first_touch": "2 business hours", "personalised": share})
        assert (found["personalised"], found["is_personal"], found["verdict"]) == ("missed", False, verdict)
    unsaid = row(lead(), [("1", "2026-07-01T11:00")], {"first_touch": "2 business hours", "personalised": 1})
    assert (unsaid["personalised"], unsaid["is_personal"], unsaid["verdict"]) == ("not told", None, "met")


def test_without_touches_or_a_promise_nothing_is_said():
    nothing = compliance(company([lead()]), agreed(follow_up=PROMISE)).iloc[0]
    assert (nothing["first_touch"], nothing["attempts_kept"], nothing["verdict"]) == ("not told", "not told", None)
    speeds = row(lead(), IN_TIME, None)
    assert (speeds["first_touch"], speeds["verdict"], speeds["minutes"], speeds["touches"]) == (None, None, 60, 3)


def test_touches_of_other_ids_than_the_leads_blame_nobody():
    data = company([lead()], [("1", "2026-07-01T11:00")])
    touches = data.engine.table("touches").to_pyarrow()
    renamed = touches.set_column(0, "lead_id", pa.array([f"003{each}" for each in touches["lead_id"].to_pylist()]))
    leads = data.engine.table("leads").to_pyarrow()
    found = compliance(Data({"leads": leads, "touches": renamed}), agreed(follow_up=PROMISE)).iloc[0]
    assert (found["first_touch"], found["verdict"]) == ("not told", None)


def test_the_system_waits_before_the_person_does():
    found = row(lead(assigned_at="2026-07-01T10:40"), IN_TIME)
    assert (found["system_minutes"], found["person_minutes"], found["minutes"]) == (40, 20, 60)
    before = row(lead(assigned_at="2026-06-30T10:40"), IN_TIME)
    assert (before["system_minutes"], before["person_minutes"]) == (0, 60)
    later = row(lead(assigned_at="2026-07-05T10:40"), IN_TIME)
    assert np.isnan([later["system_minutes"], later["person_minutes"]]).all()


def test_a_touch_of_a_deal_counts_for_its_lead_and_each_touch_once():
    leads = pa.table({"lead_id": ["1"], "deal_id": ["D"], "lead_source": ["Website"], "mql_at": pa.array([datetime(2026, 7, 1, 10)]), "won_at": pa.array([datetime(2026, 9, 1, 10)]), "amount": pa.array([1], MONEY)})  # fmt: skip
    at = [datetime(2026, 7, 1, 11), datetime(2026, 7, 1, 12)]
    touches = pa.table({"lead_id": [None, "1"], "deal_id": ["D", "D"], "at": pa.array(at), "kind": ["Call", "Call"]})
    found = compliance(Data({"leads": leads, "touches": touches}), agreed(follow_up=PROMISE)).iloc[0]
    assert (found["touches"], found["minutes"]) == (2, 60)


def test_days_and_times_of_another_zone_are_read_on_its_clock():
    found = compliance(
        company([lead("2026-07-01T14:00")], [("1", "2026-07-01T15:00")]),
        agreed(follow_up=PROMISE, timezone="America/New_York"),
    ).iloc[0]
    assert (found["mql_at"].hour, found["due_at"].hour, found["minutes"]) == (14, 16, 60)


def test_the_sample_company_is_as_its_story_says():
    data, agreement = sample()
    found = compliance(data, agreement, as_of=date(2026, 10, 9))
    quarter = found[(found["mql_at"] >= "2026-07-01") & (found["mql_at"] < "2026-10-01")]
    assert len(quarter) == 196
    late = quarter.assign(late=quarter["verdict"] == "missed").groupby("place")["late"].mean()
    assert late["EMEA"] == pytest.approx(0.88)
    assert late.drop("EMEA").max() < 0.16
    before = found[found["mql_at"] < "2026-07-01"]
    assert (before["verdict"] == "missed").mean() == pytest.approx(0.123, abs=0.01)


def test_a_slow_second_way_finds_the_same():
    dice = np.random.default_rng(5)
    start = datetime(2026, 7, 1, tzinfo=UTC)
    rows, touches = [], []
    for number in range(200):
        at = start + timedelta(minutes=int(dice.integers(0, 60 * 24 * 60)))
        more = {}
        for name in ("sql_at", "lost_at"):
            if dice.random() < 0.3:
                more[name] = (at + timedelta(minutes=int(dice.exponential(4000)))).strftime("%Y-%m-%dT%H:%M")
        rows.append(lead(at.strftime("%Y-%m-%dT%H:%M"), lead_id=str(number), **more))
        for _ in range(dice.integers(0, 6)):
            moment = at + timedelta(minutes=int(dice.exponential(900)) - 60)
            touches.append((str(number), moment.strftime("%Y-%m-%dT%H:%M")))
    found = compliance(company(rows, touches), agreed(follow_up=PROMISE)).set_index("lead_id")
    read = datetime.fromisoformat
    for each in rows:
        at = read(each["mql_at"])
        mine = sorted(read(when) for who, when in touches if who == each["lead_id"] and read(when) >= at)
        ends = [read(each[name]) for name in ("sql_at", "lost_at") if name in each]
        first_due, last_due = _work_later(at, 120), _days_later(at, 2)
        first = [*mine[:1], *([read(each["sql_at"])] if "sql_at" in each else [])]
        is_late = min(first, default=datetime.max) > first_due
        untold = is_late and not mine and "sql_at" in each
        thin = min([*mine[2:3], *ends], default=datetime.max) > last_due
        said = found.loc[each["lead_id"]]
        assert said["first_touch"] == ("not told" if untold else "missed" if is_late else "met"), each
        assert said["attempts_kept"] == ("missed" if thin else "met"), each
        assert said["verdict"] == ("missed" if thin or (is_late and not untold) else None if untold else "met")


def _at_work(moment):
    return moment.weekday() < 5 and 9 * 60 <= moment.hour * 60 + moment.minute < 17 * 60


def _work_later(at, minutes):
    """So many working minutes later, one by one."""
    while minutes:
        minutes -= _at_work(at)
        at += timedelta(minutes=1)
    return at


def _days_later(at, days):
    while not _at_work(at):
        at += timedelta(minutes=1)
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < 5
    return at
