"""The answer of the page Follow-up: it ties to the leads it is made of."""

import pandas as pd
import pytest

from alignment_core.compliance import compliance
from alignment_core.errors import DataError
from alignment_core.follow_up_findings import groups_table
from alignment_core.follow_up_review import BANDS, Tally, follow_up_by, follow_up_review
from tests.support import agreed, sample, summary
from tests.test_compliance import IN_TIME, PROMISE, company, lead


def reviewed(leads, touches=(), promise=PROMISE, **more):
    agreement = agreed(follow_up=promise)
    return follow_up_review(company(leads, touches, **more), agreement, agreement.fiscal_quarter)


def of_sample():
    data, agreement = sample()
    return follow_up_review(data, agreement, agreement.fiscal_quarter)


def test_every_breakdown_sums_to_the_whole_and_ties_to_the_leads():
    found = of_sample()
    for groups in (found.by_kind, found.by_week, found.by_place, found.by_owner):
        for name in ("met", "missed", "not_due", "untold"):
            assert sum(getattr(each, name) for each in groups) == getattr(found.total, name)
    assert sum(each.leads for each in found.bands) == found.total.leads == 196
    data, agreement = sample()
    leads = compliance(data, agreement).set_index("lead_id")
    assert len(found.untouched) == found.delay.untouched == 20
    assert (leads.loc[found.untouched["lead_id"], "touches"] == 0).all()
    open_ones = leads.loc[found.breaches["lead_id"]]
    assert (open_ones["verdict"] == "missed").all()
    assert open_ones[["accepted_at", "rejected_at"]].isna().all(axis=None)


def test_emea_is_where_follow_up_slipped_and_like_leads_touched_in_time_convert_more():
    found = of_sample()
    assert found.by_place[0] == Tally("EMEA", 9, 66)
    assert found.by_place[0].interval[1] < found.by_place[1].interval[0]
    assert found.difference.low > 0.3
    assert found.difference.like < found.difference.crude  # demo requests are worked first
    assert not {"005", "Rep 05"} & {name[:6] for name in (each.name for each in found.by_owner)}


def test_how_long_it_took_counts_those_never_touched_last():
    leads = [lead(lead_id=str(number)) for number in range(4)]
    found = reviewed(leads, [("0", "2026-07-01T11:00"), ("1", "2026-07-02T10:00")]).delay
    assert (found.median, found.most, found.hours_median) == (480, None, 24)
    assert (found.touched, found.untouched, found.system) == (2, 2, None)


@pytest.mark.parametrize(
    ("at", "band"),
    [("10:00", 0), ("11:00", 0), ("11:01", 1), ("12:30", 2), ("15:00", 3)],
)
def test_times_fall_into_bands(at, band):
    found = reviewed([lead()], [("1", f"2026-07-01T{at}")])
    assert {each.name: each.leads for each in found.bands}[BANDS[band][1]] == 1


def test_accepted_leads_are_not_credited_for_being_accepted():
    """Late, but accepted before: excused by the agreement, and no evidence for speed."""
    leads = [lead(lead_id=str(n), lost_at="2026-07-20T10:00") for n in range(3)]
    leads += [lead(lead_id="won", sql_at="2026-07-01T11:30")]
    assert reviewed(leads, [("0", "2026-07-01T11:00"), ("1", "2026-07-02T11:00")]).difference.leads == 3


def test_owners_are_hidden_where_that_is_agreed():
    hidden = reviewed([lead(owner="Ann Lee")], [("end", "2026-07-01T11:00")], PROMISE | {"show_owners": "hidden"})
    assert hidden.by_owner == ()
    assert "owner" not in hidden.untouched
    assert len(hidden.untouched) == 1
    named = reviewed([lead(owner="Ann Lee")], [("end", "2026-07-01T11:00")], PROMISE | {"show_owners": "name"})
    assert list(named.untouched["owner"]) == ["Ann Lee"]


@pytest.mark.parametrize(
    ("leads", "touches", "promise", "problems"),
    [
        ([lead()], IN_TIME, PROMISE, set()),
        ([lead()], IN_TIME, None, {"no_promise"}),
        ([lead()], IN_TIME, {"reject": {"within": "1 hour"}}, {"nothing_agreed"}),
        ([lead()], (), PROMISE, {"no_touches"}),
        ([lead("2026-07-01")], [("1", "2026-07-02")], PROMISE, {"dates_only"}),
        ([lead()], IN_TIME, PROMISE | {"rules": {"Demo": {"attempts": 2}}}, {"no_kind"}),
    ],
)
def test_what_cannot_be_told_is_said(leads, touches, promise, problems):
    assert reviewed(leads, touches, promise).problems == problems


def test_without_leads_or_in_an_empty_quarter_the_reason_is_given():
    agreement = agreed(follow_up=PROMISE)
    with pytest.raises(DataError, match="no leads are loaded"):
        follow_up_review(summary({"quarter": "2026-Q3", "source": "marketing", "mqls": 5.0}), agreement, agreement.fiscal_quarter)  # fmt: skip
    with pytest.raises(DataError, match="2026-Q2"):
        follow_up_review(company([lead()], IN_TIME), agreement, agreement.fiscal_quarter.previous)


def test_weeks_begin_on_monday():
    found = reviewed([lead("2026-07-05T10:00"), lead("2026-07-06T10:00", lead_id="2")])
    assert [each.name for each in found.by_week] == ["2026-06-29", "2026-07-06"]
    assert pd.Timestamp(found.by_week[0].name).day_name() == "Monday"


@pytest.mark.parametrize("by", ["kind", "week", "place", "owner"])
def test_each_part_of_the_promise_by_group_sums_to_the_whole(by):
    data, agreement = sample()
    whole, groups = of_sample(), follow_up_by(data, agreement, agreement.fiscal_quarter, by)
    assert sum(group.leads for group in groups) == whole.total.leads
    for part in ("first_touch", "attempts", "personal"):
        for word in ("met", "missed"):
            assert sum(getattr(getattr(group, part), word) for group in groups) == getattr(getattr(whole, part), word)
    assert sum(group.delay.untouched for group in groups) == whole.delay.untouched
    assert len(groups_table(groups, by, whole.delay.unit, whole.day_minutes)) == len(groups)


def test_emea_was_slow_and_the_others_were_not():
    data, agreement = sample()
    took = {
        group.name: group.delay.median for group in follow_up_by(data, agreement, agreement.fiscal_quarter, "place")
    }
    assert took["EMEA"] > 8 * 60 > max(took["APAC"], took["North America"])


def test_all_that_was_missed_is_listed():
    found = of_sample()
    assert len(found.missed) == found.total.missed == 84
    assert set(found.breaches["lead_id"]) <= set(found.missed["lead_id"])
