"""What a quarter owes to other quarters ties to the funnel's counts, record by record."""

from datetime import date

import pytest
from hypothesis import given, settings

from alignment_core.carried import carried
from alignment_core.choices import Choices
from alignment_core.data import Data
from alignment_core.journeys import deal_journeys, lead_journeys
from alignment_core.quarters import Quarter
from alignment_core.results import Counts
from alignment_core.review import review
from tests.support import agreed, records, sample, summary
from tests.test_funnel import companies, deals_table, journeys, leads_table, quarter_of

STAGES = ("mqls", "sqls", "opportunities", "wins")
Q3 = Quarter(2026, 3)


@settings(max_examples=12, deadline=None)
@given(companies())
def test_carried_in_is_a_plain_count_of_what_began_in_an_earlier_quarter(company):
    leads, deals = company
    data, agreement = Data({"leads": leads_table(leads), "deals": deals_table(deals)}), agreed()
    funnel = data.funnel(agreement)
    for quarter in funnel.quarters:
        found = carried(data, agreement, quarter)
        for source in ("marketing", "sales"):
            recorded = funnel.recorded[source]
            expected = dict.fromkeys(recorded, 0) | {"revenue": 0}
            for stage, at, whose, _, amount, dates in journeys(leads, deals):
                known = next((dates[each] for each in recorded if dates[each] is not None), None)
                is_counted = at is not None and at.date() <= funnel.as_of and quarter_of(at) == quarter
                if is_counted and whose == source and stage in recorded and known and known.date() < quarter.start:
                    expected[stage] += 1
                    expected["revenue"] += amount if stage == "wins" else 0
            counts = found[source].carried_in if source in found else Counts(revenue=0.0)
            assert {name: getattr(counts, name) or 0 for name in expected} == expected, (quarter, source)


@pytest.mark.parametrize("quarter", [Quarter(2025, 4), Quarter(2026, 2), Q3], ids=str)
def test_what_was_carried_in_and_what_began_in_the_quarter_are_the_quarters_counts(quarter):
    data, agreement = sample()
    frames = lead_journeys(data, agreement), deal_journeys(data, agreement)
    for source, found in carried(data, agreement, quarter).items():
        counts = data.funnel(agreement).counts(quarter, source)[None]
        first = "mqls" if source == "marketing" else "sqls"
        for stage in STAGES[STAGES.index(first) :]:
            frame = frames[stage in ("opportunities", "wins")]
            frame = frame[frame["source"] == source]
            within = [
                (frame[name].dt.date >= quarter.start) & (frame[name].dt.date < quarter.end) for name in (stage, first)
            ]
            own = frame[within[0] & within[1]]
            assert len(own) + getattr(found.carried_in, stage) == getattr(counts, stage), (source, stage)
            if stage == "wins":
                assert own["amount"].sum() + found.carried_in.revenue == pytest.approx(counts.revenue, abs=0.005)
        assert getattr(found.carried_in, first) == 0
        assert found.carried_in.wins > 0


def test_what_is_carried_out_was_open_on_the_last_day_whatever_came_later():
    data, agreement = sample()
    quarter = Quarter(2026, 2)
    leads = lead_journeys(data, agreement)
    own = leads[
        (leads["source"] == "marketing")
        & (leads["mqls"].dt.date >= quarter.start)
        & (leads["mqls"].dt.date < quarter.end)
    ]
    moved = own[["sqls", "opportunities", "wins", "lost"]].min(axis=1)
    waiting = int((moved.isna() | (moved.dt.date >= quarter.end)).sum())
    found = carried(data, agreement, quarter)["marketing"].carried_out
    assert found["mqls"] == waiting == 28
    assert found == carried(data, agreement, quarter, as_of=date(2026, 6, 30))["marketing"].carried_out


WON_LATER = {"lead_source": "Webinar", "mql_at": "2026-06-20", "sql_at": "2026-07-02", "won_at": "2026-08-01"}
WON_AT_ONCE = {"lead_source": "Webinar", "mql_at": "2026-07-20", "sql_at": "2026-08-02", "won_at": "2026-08-09"}


@pytest.mark.parametrize(
    ("amounts", "choice", "expected"),
    [
        ((20_000, 40_000), "at zero", (1, 20_000)),
        ((None, 40_000), "at zero", (1, 0)),
        ((None, 40_000), "at the average", (1, 40_000)),
        ((None, 40_000), "left out", (0, 0)),
        ((None, None), "at zero", (1, 30_000)),  # no amount anywhere: wins are worth what was agreed
    ],
)
def test_wins_without_an_amount_are_worth_what_they_are_in_the_review(amounts, choice, expected):
    rows = [{"lead_id": str(place), "amount": amount} for place, amount in enumerate(amounts)]
    data = records({**WON_LATER, **rows[0]}, {**WON_AT_ONCE, **rows[1]})
    data = data.with_choices(Choices(wins_without_amount=choice))
    result = review(data, agreed())
    found = result.carried["marketing"].carried_in
    assert (found.wins, found.revenue) == expected
    assert found.sqls == 1
    assert found.opportunities is None
    assert found.revenue <= result.actual["marketing"].revenue


@pytest.mark.parametrize(("began", "carried_in"), [("2026-06-30", 1), ("2026-07-01", 0)])
def test_the_quarters_first_day_is_its_own(began, carried_in):
    lead = {"lead_id": "1", "lead_source": "Webinar", "mql_at": began, "sql_at": "2026-07-05", "won_at": "2026-08-05"}
    found = carried(records(lead), agreed(), Q3)["marketing"]
    assert (found.carried_in.sqls, found.carried_in.wins) == (carried_in, carried_in)


def test_a_review_on_cohort_basis_carries_nothing_and_counts_of_files_do_not_say():
    data, agreement = sample()
    assert review(data, agreement, Q3, basis="cohort").carried == {}
    assert set(review(data, agreement, Q3).carried) == {"marketing", "sales"}
    counts = summary({"quarter": "2026-Q3", "source": "marketing", "mqls": 9, "wins": 2, "revenue": 9})
    assert carried(counts, agreed(), Q3) == {}
