"""The amounts of a quarter's wins: as many as the funnel counts, and worth what it sums to."""

from datetime import date

import pytest

from alignment_core.review import review
from tests.support import agreed, records, sample, summary


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("by", [None, "region"])
def test_they_tie_to_the_review(basis, by):
    data, agreement = sample()
    result = review(data, agreement, basis=basis, by=by)
    won = data.amounts_won(agreement, agreement.fiscal_quarter, basis, by)
    for source, counts in result.actual.items():
        own = won[won["source"] == source]
        assert len(own) == (counts.wins or 0)
        assert own["amount"].sum() == pytest.approx(counts.revenue, abs=0.005)
        for segment, cell in result.segment_actual.get(source, {}).items():
            assert own.loc[own["segment"] == segment, "amount"].sum() == pytest.approx(cell.revenue, abs=0.005)


def test_a_win_after_the_day_or_outside_the_quarter_is_none_of_it():
    def lead(mql, won, amount):
        return {"lead_id": won, "mql_at": mql, "sql_at": mql, "opportunity_at": mql, "won_at": won, "lead_source": "Website", "amount": amount}  # fmt: skip

    data = records(
        lead("2026-05-02", "2026-07-05", 100),
        lead("2026-07-10", "2026-08-05", 200),
        lead("2026-07-11", "2026-10-02", 400),
    )
    agreement = agreed(sourcing={"marketing": ["Website"], "sales": []})
    quarter = agreement.fiscal_quarter
    assert data.amounts_won(agreement, quarter)["amount"].tolist() == [100, 200]
    assert data.amounts_won(agreement, quarter, "cohort")["amount"].tolist() == [200, 400]
    assert data.amounts_won(agreement, quarter, "cohort", as_of=date(2026, 9, 1))["amount"].tolist() == [200]


def test_a_summary_has_none():
    data = summary({"quarter": "2026-Q3", "source": "marketing", "mqls": 9, "sqls": 5, "opportunities": 2, "wins": 1, "revenue": 9})  # fmt: skip
    assert data.amounts_won(agreed(), agreed().fiscal_quarter).empty
