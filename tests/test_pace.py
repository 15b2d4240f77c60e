"""The promise by week, against what came."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.data import Data
from alignment_core.pace import pace, weeks_of
from alignment_core.quarters import Quarter
from tests.support import agreed, records, summary


def leads(*days: date | str, source: str = "Webinar") -> Data:
    """MQLs (or sales' SQLs) on those days; one early win, so that there is a funnel."""
    stage = "mql_at" if source == "Webinar" else "sql_at"
    rows = [
        {"lead_id": str(place), "lead_source": source, stage: str(day), "won_at": None}
        for place, day in enumerate(days)
    ]
    return records({"lead_id": "w", "lead_source": source, stage: "2020-01-01", "won_at": "2020-01-02"}, *rows)


@pytest.mark.parametrize(
    ("quarter", "weeks", "last"),
    [
        (Quarter(2026, 1), 13, 6),  # 90 days
        (Quarter(2026, 2), 13, 7),
        (Quarter(2026, 3), 13, 8),
        (Quarter(2024, 1), 13, 7),  # a leap year
        (Quarter(2023, 1, 11), 13, 8),  # November to January
    ],
)
def test_weeks_are_counted_from_the_quarters_first_day(quarter: Quarter, weeks: int, last: int) -> None:
    found = weeks_of(quarter)
    assert len(found) == weeks
    assert found[0][0] == quarter.start
    assert found[-1][1] + timedelta(days=1) == quarter.end
    assert [(end - first).days + 1 for first, end in found] == [7] * (weeks - 1) + [last]
    assert all(one[1] + timedelta(days=1) == other[0] for one, other in pairwise(found))


def test_a_quarter_of_fourteen_whole_weeks_has_fourteen() -> None:
    """The National Retail Federation's fiscal 2023 has 53 weeks."""
    calendar = {"weeks": "4-5-4", "month": 1, "weekday": "Saturday", "year_ends": "nearest", "named_by": "start"}
    found = pace(agreed(quarter="2023-Q4", calendar=calendar))
    assert [each.days for each in found.weeks] == [7] * 14
    assert [each.promised for each in found.weeks] == [12, 11, 12, 12, 12, 11, 12, 12, 11, 12, 12, 12, 11, 12]


def test_the_even_pace_by_hand() -> None:
    """164 over 92 days: 1.78 a day, 12.48 a week, 14.26 in the last with its eight days."""
    found = pace(agreed())
    assert found.weeks[0].ideal == pytest.approx(164 * 7 / 92)
    assert [each.promised for each in found.weeks] == [12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 14]
    assert (found.as_of, found.delivered, found.due, found.owed) == (None, None, 0, 164)
    assert found.per_week == pytest.approx(164 / 92 * 7)


def test_during_the_quarter_what_came_is_held_against_what_is_due() -> None:
    """Ten days in: 164 × 10 / 92 = 17.8 due, 12 came; 152 owed over 82 days."""
    found = pace(agreed(), leads(*["2026-07-01"] * 7, *["2026-07-09"] * 4, "2026-07-10"))
    assert (found.as_of, found.delivered) == (date(2026, 7, 10), 12)
    assert [each.actual for each in found.weeks] == [7, 5] + [None] * 11
    assert found.due == pytest.approx(164 * 10 / 92)
    assert found.ahead == pytest.approx(12 - 164 * 10 / 92)
    assert (found.owed, found.weeks_left) == (152, 82 / 7)
    assert found.per_week == pytest.approx(152 / 82 * 7)


def test_after_the_quarter_nothing_is_left_of_it() -> None:
    found = pace(agreed(), leads("2026-07-01", "2026-09-30", "2026-10-05"))
    assert (found.as_of, found.delivered, found.due) == (date(2026, 9, 30), 2, 164)
    assert (found.weeks_left, found.per_week, found.owed) == (0, None, 162)


def test_more_than_promised_leaves_nothing_owed() -> None:
    assert pace(agreed(), leads(*["2026-07-02"] * 170)).owed == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "164 MQLs over 13 weeks: 12.6 a week on average."),
        (leads(*["2026-07-01"] * 7, *["2026-07-09"] * 4, "2026-07-10"), "By 10 July 17.8 MQLs were due and 12 came: 5.8 behind. 152 are still owed: 13 a week for the 11.7 weeks left."),
        (leads(*["2026-07-10"] * 18), "By 10 July 17.8 MQLs were due and 18 came: as due. 146 are still owed: 12.5 a week for the 11.7 weeks left."),
        (leads(*["2026-07-10"] * 164), "By 10 July 17.8 MQLs were due and 164 came: 146.2 ahead. The promise is kept."),
        (leads("2026-07-10", "2026-10-02"), "By 30 September 164 MQLs were due and 1 came: 163 behind. 163 of 164 were not delivered."),
    ],
)  # fmt: skip
def test_the_pace_in_a_sentence(data: Data | None, words: str) -> None:
    assert pace(agreed(), data).sentence == words


def test_sales_owes_sqls_rounded_up() -> None:
    found = pace(agreed(revenue_target=1_660_000), leads("2026-07-01", source="Cold call"), "sales")
    assert (found.stage, found.promised, found.delivered) == ("sqls", 123, 1)
    assert pace(agreed(split={"marketing": 1, "sales": 0}), None, "sales") is None


def test_the_companys_clock_decides_the_day() -> None:
    """1 July 03:00 UTC is still June in New York."""

    at = pa.array([datetime(2026, 7, 1, 3, tzinfo=UTC), datetime(2026, 7, 1, 5, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    won = pa.array([datetime(2026, 7, 2, tzinfo=UTC), None], pa.timestamp("us", "UTC"))
    table = pa.table({"lead_id": ["a", "b"], "lead_source": ["Web", "Web"], "mql_at": at, "won_at": won})
    assert pace(agreed(timezone="America/New_York"), Data({"leads": table})).delivered == 1
    assert pace(agreed(), Data({"leads": table})).delivered == 2


def late_loaded() -> Data:
    """Two quarters with everything in their last week, half of it in the week before."""
    return leads(
        *[day for week, count in ((date(2026, 3, 20), 30), (date(2026, 3, 27), 60)) for day in [week] * count],
        *[day for week, count in ((date(2026, 6, 20), 5), (date(2026, 6, 28), 10)) for day in [week] * count],
        "2026-07-01",
    )


def test_the_historical_shape_pools_weeks_by_number() -> None:
    """35 of 105 in week 12, 70 in week 13: a third and two thirds, of 165."""
    found = pace(
        agreed(marketing={"mql_to_sql": 0.7455, "sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}),
        late_loaded(),
        shape="history",
    )
    assert (found.promised, found.shape) == (165, "history")
    assert [each.promised for each in found.weeks] == [0] * 11 + [55, 110]
    assert found.due == 0


def test_without_earlier_quarters_the_shape_is_even_and_says_so() -> None:
    found = pace(agreed(), leads("2026-07-01"), shape="history")
    assert found.shape == "even"
    assert found.missing == "No complete quarter before 2026-Q3 has MQLs by day: spread evenly instead."


def test_a_quarter_in_which_the_files_begin_late_has_no_shape() -> None:
    """MQLs from 20 May on: the second quarter would look as if all came at its end."""
    found = pace(agreed(), records(
        {"lead_id": "1", "lead_source": "Webinar", "mql_at": "2026-05-20", "won_at": "2026-07-02"},
        {"lead_id": "2", "lead_source": "Webinar", "mql_at": "2026-07-02", "won_at": None},
    ), shape="history")  # fmt: skip
    assert found.shape == "even"


def test_a_summary_has_no_days() -> None:
    row = {"quarter": "2026-Q3", "source": "marketing", "mqls": 9, "wins": 1, "revenue": 5}
    found = pace(agreed(), summary(row))
    assert found.delivered is None
    assert found.missing == (
        "The files count MQLs by quarter, not by day: load records instead of a summary to see the pace."
    )
    assert pace(agreed(), summary(row | {"source": "sales"}), "sales").missing == (
        "The files are a summary without SQLs: load records that have a date for them to see the pace."
    )
    assert "won" in pace(agreed(), Data({})).missing


def test_records_without_the_date_of_the_stage_are_not_called_a_summary() -> None:
    """Sales owes SQLs; the deals say when they were made and won, and no record when it became an SQL."""
    lead = {"lead_id": "1", "lead_source": "Cold call", "opportunity_at": "2026-07-02", "won_at": "2026-08-01"}
    found = pace(agreed(), records(lead), "sales")
    assert (found.delivered, found.as_of) == (None, None)
    assert found.missing == (
        "No record in the files has a date for SQLs: map its column, or load an export that has it, to see the pace."
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(2023, 2027), st.integers(10_000, 9_000_000), st.sampled_from(["even", "history"]),
       st.lists(st.integers(0, 900), min_size=1, max_size=40), st.integers(0, 200))  # fmt: skip
def test_weekly_promises_are_whole_and_sum_to_the_promise(
    number: int, year: int, target: int, shape: str, offsets: list[int], since: int
) -> None:
    agreement = agreed(quarter=f"{year}-Q{number}", revenue_target=target)
    start = agreement.fiscal_quarter.start
    data = leads(*(start - timedelta(days=each) for each in offsets), start + timedelta(days=since % 90))
    found = pace(agreement, data, shape=shape)
    assert sum(each.promised for each in found.weeks) == found.promised == agreement.required_mqls
    assert all(each.promised >= 0 for each in found.weeks)
    told = 0
    for week in found.weeks:
        told += week.promised
        assert abs(told - week.ideal) <= 0.5 + 1e-9
    assert math.isclose(found.weeks[-1].ideal, found.promised)
    assert 0 <= found.due <= found.promised
    assert (
        sum(each.actual or 0 for each in found.weeks) == found.delivered == 1 + sum(1 for each in offsets if each == 0)
    )
