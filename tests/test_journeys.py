"""Journeys: the same records as the funnel's, beside each other."""

from datetime import date

import pandas as pd
import pytest

from alignment_core.journeys import deal_journeys, lead_journeys
from alignment_core.vocabulary import STAGES
from tests.support import agreed, records, sample


@pytest.mark.parametrize("as_of", [None, date(2026, 9, 30), date(2026, 3, 31)])
def test_a_quarters_cohort_has_as_many_at_each_stage_as_the_funnel_counts(as_of):
    data, agreement = sample()
    found = lead_journeys(data, agreement, as_of=as_of)
    funnel = data.funnel(agreement, "cohort", as_of=as_of)
    for quarter in funnel.quarters:
        counts = funnel.counts(quarter, "marketing")[None]
        mine = found[(found["source"] == "marketing") & (found["mqls"].dt.date >= quarter.start)]
        mine = mine[mine["mqls"].dt.date < quarter.end]
        for place, stage in enumerate(STAGES):
            reached = mine[list(STAGES[place:])].notna().any(axis=1)  # a later stage stands in for one that was skipped
            assert reached.sum() == getattr(counts, stage), (quarter, stage)


def test_deals_tie_to_the_funnels_wins_and_revenue_and_each_is_won_lost_or_open():
    data, agreement = sample()
    found = deal_journeys(data, agreement)
    assert not (found["wins"].notna() & found["lost"].notna()).any()
    funnel = data.funnel(agreement)
    for source in ("marketing", "sales"):
        mine = found[(found["source"] == source) & found["wins"].notna()]
        assert len(mine) == sum(funnel.counts(quarter, source)[None].wins for quarter in funnel.quarters)
        revenue = sum(funnel.counts(quarter, source)[None].revenue for quarter in funnel.quarters)
        assert mine["amount"].sum() == pytest.approx(revenue)


def test_what_happened_after_the_day_has_not_happened():
    lost = {"lead_id": "1", "mql_at": "2026-07-02", "sql_at": "2026-08-01", "lost_at": "2026-09-01"}
    data = records(lost, {"lead_id": "2", "won_at": "2026-07-05", "region": "North"})
    found = lead_journeys(data, agreed(), ("region",), as_of=date(2026, 7, 31)).iloc[0]
    assert (found["mqls"], found["region"]) == (pd.Timestamp("2026-07-02"), "(not recorded)")
    assert found[["sqls", "lost"]].isna().all()
    whole = lead_journeys(data, agreed(), as_of=date(2026, 9, 1)).iloc[0]
    assert list(whole[["sqls", "lost"]]) == [pd.Timestamp("2026-08-01"), pd.Timestamp("2026-09-01")]
