"""What is not decided yet, from tables: it ties to the counts, knows nothing later than its day, and says what it cannot."""

from datetime import date, timedelta
from math import isnan

import numpy as np
import pytest

from alignment_core.choices import Choices
from alignment_core.export.as_json import review_as_json
from alignment_core.quarters import Quarter
from alignment_core.results import Counts
from alignment_core.review import review
from alignment_core.timing import further, not_decided, steps, timing, with_further
from alignment_core.wording import note
from tests.support import agreed, records, sample, summary

Q3 = Quarter(2026, 3)
STAGES = ("mqls", "sqls", "opportunities", "wins")


def lead(number, mql, sql=None, won=None, lost=None, amount=None, source="Webinar"):
    dates = {"mql_at": mql, "sql_at": sql, "won_at": won, "lost_at": lost}
    row = {name: at.isoformat() if at else None for name, at in dates.items()}
    return row | {"lead_id": f"{number:04}", "lead_source": source, "amount": amount}


def history(start=date(2026, 4, 1), lost=True):
    """Of 20 MQLs of the quarter before, ten are SQLs after 4 days and six of these won after 20 more, for 10,000 each; the
    others are lost after 8 and after 30 days."""
    rows = []
    for place in range(20):
        mql = start + timedelta(days=place)
        sql = mql + timedelta(days=4) if place < 10 else None
        won = sql + timedelta(days=20) if place < 6 else None
        gone = None if place < 6 or not lost else sql + timedelta(days=30) if sql else mql + timedelta(days=8)
        rows.append(lead(place, mql, sql, won, gone, 10_000 if won else None))
    return rows


OWN = [
    lead(100, date(2026, 9, 27)),  # waits 3 days: 10 of 20 convert later
    lead(101, date(2026, 9, 27)),
    lead(102, date(2026, 9, 24)),  # waits 6 days: none did so late
    lead(103, date(2026, 7, 3), date(2026, 9, 15)),  # an SQL for 15 days: 6 of 10 are won later
    lead(104, date(2026, 7, 3), date(2026, 9, 5)),  # an SQL for 25 days: none was won so late
    lead(105, date(2026, 7, 3), lost=date(2026, 7, 20)),
    lead(106, date(2026, 7, 3), date(2026, 7, 9), date(2026, 8, 1), amount=50_000),
]
LAST = date(2026, 9, 30)


def test_worked_out_by_hand():
    """2 × 1/2 further SQLs; wins: 1 × 6/10 from the SQL that waits and 1 × 6/10 from those to come; 10,000 each."""
    found = not_decided(records(*history(), *OWN), agreed(), Q3, as_of=LAST)["marketing"]
    assert found.open == {"mqls": 3, "sqls": 2}
    assert (found.further.mqls, found.further.sqls, found.further.opportunities) == (0.0, pytest.approx(1.0), None)
    assert found.further.wins == pytest.approx(1.2)
    assert found.further.revenue == pytest.approx(12_000)
    assert (found.low.sqls, found.high.sqls) == (0, 2)
    assert (found.longest, found.followed) == ({"mqls": 4, "sqls": 20}, {"mqls": 8, "sqls": 30})
    result = review(records(*history(), *OWN), agreed(), Q3, basis="cohort", as_of=LAST)
    assert result.not_decided["marketing"] == found
    expected = with_further(result.actual["marketing"], found)
    assert (expected.mqls, expected.sqls, expected.wins) == (7, pytest.approx(4), pytest.approx(2.2))
    assert expected.revenue == pytest.approx(62_000)


@pytest.mark.parametrize("as_of", [None, date(2026, 9, 30), date(2026, 8, 14)], ids=str)
@pytest.mark.parametrize("quarter", [Q3, Quarter(2026, 2)], ids=str)
def test_every_record_is_counted_further_open_or_lost_as_the_funnel_counts_it(quarter, as_of):
    data, agreement = sample()
    funnel = data.funnel(agreement, "cohort", as_of=as_of)
    for source, own in steps(data, agreement, quarter, as_of=as_of).items():
        counts = funnel.counts(quarter, source)[None]
        for step in own:
            assert step.own.entered == getattr(counts, step.before)
            assert step.own.converted.sum() == getattr(counts, step.after)
            assert step.open == step.own.entered - step.own.converted.sum() - step.own.lost.sum()


def test_the_18_mqls_that_the_story_says_are_open():
    data, agreement = sample()
    found = not_decided(data, agreement, Q3)
    assert found["marketing"].open["mqls"] == 18
    assert set(found["sales"].open) == {"sqls", "opportunities"}
    assert found["sales"].further.mqls is None


@pytest.mark.parametrize(
    "quarter", [Quarter(2025, 2), Quarter(2025, 3), Quarter(2025, 4), Quarter(2026, 1), Quarter(2026, 2)], ids=str
)
def test_past_quarters_as_of_their_last_day_end_within_what_was_said_then(quarter):
    """The sample's quarters run alike and closer to their rates than chance would have it, so that every interval holds."""
    data, agreement = sample()
    last = quarter.end - timedelta(days=1)
    for source, found in not_decided(data, agreement, quarter, as_of=last).items():
        then, now = (data.funnel(agreement, "cohort", as_of=day).counts(quarter, source)[None] for day in (last, None))
        for name in (*STAGES[1:], "revenue"):
            if getattr(now, name) is not None and (source, name) != ("sales", "sqls"):
                came = getattr(now, name) - getattr(then, name)
                assert getattr(found.low, name) <= came <= getattr(found.high, name), (source, name)


def test_nothing_is_known_that_came_later():
    """What is rewritten after the day changes nothing: as of it, both files are one."""
    rows = [*history(), *OWN]
    known = not_decided(records(*rows), agreed(), Q3, as_of=LAST)
    later = [
        {
            **row,
            "sql_at": row["sql_at"] or "2026-10-02",
            "won_at": row["won_at"] or "2026-10-05",
            "amount": row["amount"] or 1,
        }
        if row["lost_at"] is None
        else row
        for row in rows
    ]
    again = not_decided(records(*later, lead(900, date(2026, 10, 3))), agreed(), Q3, as_of=LAST)
    assert again == known
    assert not_decided(records(*later), agreed(), Q3) != known


def test_other_cohorts_of_the_quarter_and_after_it_say_nothing_of_its_lags():
    """A quarter later the same records would be earlier ones; in their own quarter they are not."""
    data = records(*history(), *OWN)
    own = steps(data, agreed(), Q3, as_of=LAST)["marketing"]
    assert [step.earlier.entered for step in own] == [20, 10]
    assert [step.own.entered for step in own] == [7, 3]
    next_ = steps(records(*history(), *OWN, lead(200, date(2026, 10, 2))), agreed(), Quarter(2026, 4))["marketing"]
    assert [step.earlier.entered for step in next_] == [27, 13]


def test_without_an_earlier_cohort_it_says_what_would_allow_it():
    result = review(records(*OWN), agreed(), Q3, basis="cohort", as_of=LAST)
    found = result.not_decided["marketing"]
    assert found.open == {"mqls": 3, "sqls": 2}
    assert (found.further.sqls, found.further.wins, isnan(found.further.revenue)) == (None, None, True)
    assert any("MQLs that are still open (3) will bring cannot be said" in note(each) for each in result.notes)
    assert any("Load earlier quarters' records." in note(each) for each in result.notes)
    written = review_as_json(result)["not_decided"]["marketing"]
    assert written["further"] == {"mqls": 0, "sqls": None, "opportunities": None, "wins": None, "revenue": None}
    assert np.isnan(further(records(*OWN), agreed(), Q3, as_of=LAST)["marketing"][1:4]).any(axis=1).tolist() == [
        True,
        False,
        True,
    ]


def test_without_dates_of_giving_up_nobody_is_lost_and_it_is_said():
    """Kaplan-Meier's plateau: of the 20, ten converted on day 4 and the others wait, so that one who waits 3 days has 1/2."""
    own = [{**row, "lost_at": None} for row in OWN]
    answer = timing(records(*history(lost=False), *own), agreed(), Q3, as_of=LAST)
    assert answer.decided["marketing"].open == {"mqls": 4, "sqls": 2}
    assert answer.decided["marketing"].further.sqls == pytest.approx(1.0)
    assert [each.code for each in answer.notes] == ["never_lost", "never_lost"]
    assert "have a date on which they were given up" in note(answer.notes[0])


def test_without_amounts_wins_are_worth_what_was_agreed():
    rows = [{name: value for name, value in row.items() if name != "amount"} for row in [*history(), *OWN]]
    found = not_decided(records(*rows), agreed(), Q3, as_of=LAST)["marketing"]
    assert found.further.revenue == pytest.approx(1.2 * 30_000)
    assert found.high.revenue == pytest.approx(found.high.wins * 30_000)


@pytest.mark.parametrize(("choice", "expected"), [("at zero", 6_000), ("at the average", 12_000), ("left out", 12_000)])
def test_earlier_wins_without_an_amount_count_as_chosen(choice, expected):
    rows = history()
    for row in rows[:3]:
        row["amount"] = None
    data = records(*rows, *OWN).with_choices(Choices(wins_without_amount=choice))
    assert not_decided(data, agreed(), Q3, as_of=LAST)["marketing"].further.revenue == pytest.approx(expected)


def test_records_out_of_order_are_left_out_where_that_was_chosen():
    odd = lead(107, date(2026, 9, 27), date(2026, 9, 20))
    data = records(*history(), *OWN, odd)
    assert not_decided(data, agreed(), Q3, as_of=LAST)["marketing"].open["sqls"] == 3
    left = data.with_choices(Choices(out_of_order="left out"))
    assert not_decided(left, agreed(), Q3, as_of=LAST)["marketing"].open["sqls"] == 2


def test_it_is_worked_out_once_and_the_same_each_time():
    data = records(*history(), *OWN)
    assert timing(data, agreed(), Q3, as_of=LAST) is timing(data, agreed(), Q3, as_of=LAST)
    again = timing(records(*history(), *OWN), agreed(), Q3, as_of=LAST)
    np.testing.assert_array_equal(
        again.further["marketing"], timing(data, agreed(), Q3, as_of=LAST).further["marketing"]
    )
    assert again.further["marketing"].shape == (5, 1000)


def test_a_review_on_period_basis_and_one_of_counts_have_nothing_open():
    data, agreement = sample()
    assert review(data, agreement, Q3).not_decided == {}
    counts = summary({"quarter": "2026-Q3", "source": "marketing", "mqls": 9, "wins": 2, "revenue": 9})
    assert review(counts, agreed(), Q3).not_decided == {}


def test_what_cannot_be_expected_stays_as_counted():
    found = not_decided(records(*OWN), agreed(), Q3, as_of=LAST)["marketing"]
    assert with_further(Counts(7, 3, None, 1, 50_000), found) == Counts(7, 3, None, 1, 50_000)
