"""The funnel against a plain-Python count of the same records, and the rules that decide what counts."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Sourcing
from alignment_core.calendar445 import WeekCalendar
from alignment_core.engine import Engine
from alignment_core.errors import DataError
from alignment_core.funnel import count_funnel, latest_date
from alignment_core.quarters import Calendar, Quarter
from alignment_core.record_fields import segment_fields

STAGES = ("mqls", "sqls", "opportunities", "wins")
FIRST_DAY = datetime(2025, 11, 1)


def leads_table(rows):
    at = pa.timestamp("us")
    return pa.table(
        {
            "lead_id": pa.array([row["id"] for row in rows], pa.string()),
            "lead_source": pa.array([row["lead_source"] for row in rows], pa.string()),
            "region": pa.array([row["region"] for row in rows], pa.string()),
            "mql_at": pa.array([row["mql"] for row in rows], at),
            "sql_at": pa.array([row["sql"] for row in rows], at),
            "deal_id": pa.array([row["deal"] for row in rows], pa.string()),
        }
    )


def deals_table(rows):
    at = pa.timestamp("us")
    return pa.table(
        {
            "deal_id": pa.array([row["id"] for row in rows], pa.string()),
            "lead_source": pa.array([row["lead_source"] for row in rows], pa.string()),
            "region": pa.array([row["region"] for row in rows], pa.string()),
            "created_at": pa.array([row["created"] for row in rows], at),
            "closed_at": pa.array([row["closed"] for row in rows], at),
            "is_won": pa.array([row["won"] for row in rows], pa.bool_()),
            "is_closed": pa.array([row["closed"] is not None for row in rows], pa.bool_()),
            "amount": pa.array([row["amount"] for row in rows], pa.decimal128(18, 4)),
        }
    )


SOURCE = {"Web": "marketing", "web ": "marketing", "Cold Call": "sales", "Mystery": "unassigned", None: "unassigned"}


@st.composite
def companies(draw):
    """Leads and deals with any gaps: leads without deals, deals without leads, several leads on one deal."""
    day = st.integers(0, 400).map(lambda days: FIRST_DAY + timedelta(days=days, hours=days % 24))
    maybe = st.none() | day
    deals = [
        {
            "id": f"d{number}",
            "lead_source": draw(st.sampled_from(list(SOURCE))),
            "region": draw(st.sampled_from(["N", "S", None])),
            "created": draw(day),
            "closed": (closed := draw(maybe)),
            "won": closed is not None and draw(st.booleans()),
            "amount": draw(st.integers(1, 90_000)),
        }
        for number in range(draw(st.integers(1, 8)))
    ]
    leads = [
        {
            "id": f"l{number}",
            "lead_source": draw(st.sampled_from(list(SOURCE))),
            "region": draw(st.sampled_from(["N", "S", None])),
            "mql": draw(maybe),
            "sql": draw(maybe),
            "deal": draw(st.none() | st.sampled_from([deal["id"] for deal in deals])),
        }
        for number in range(draw(st.integers(0, 10)))
    ]
    # One record of each kind, so that every stage is recorded for somebody.
    leads.append({"id": "first", "lead_source": "Web", "region": "N", "mql": FIRST_DAY, "sql": FIRST_DAY, "deal": None})
    deals.append({"id": "won", "lead_source": "Web", "region": "N", "created": FIRST_DAY, "closed": FIRST_DAY, "won": True, "amount": 5})  # fmt: skip
    return leads, deals


def quarter_of(at):
    return None if at is None else Quarter(at.year, (at.month - 1) // 3 + 1)


def journeys(leads, deals):
    """Every reached stage as (stage, at, source, region, amount, dates of the journey), counted the slow way."""
    reached = []
    for lead in leads:
        own = [deal for deal in deals if deal["id"] == lead["deal"]]
        dates = {
            "mqls": lead["mql"],
            "sqls": lead["sql"],
            "opportunities": min((deal["created"] for deal in own if lead_of(deal, leads) is lead), default=None),
            "wins": min((deal["closed"] for deal in own if deal["won"] and lead_of(deal, leads) is lead), default=None),
        }
        for stage in ("mqls", "sqls"):
            reached.append((stage, dates[stage], SOURCE[lead["lead_source"]], lead["region"], 0, dates))
    for deal in deals:
        lead = lead_of(deal, leads)
        lead_source = (lead["lead_source"] if lead else None) or deal["lead_source"]
        region = (lead["region"] if lead else None) or deal["region"]
        dates = {
            "mqls": lead["mql"] if lead else None,
            "sqls": lead["sql"] if lead else None,
            "opportunities": deal["created"],
            "wins": deal["closed"] if deal["won"] else None,
        }
        source = SOURCE[lead_source]
        reached.append(("opportunities", deal["created"], source, region, 0, dates))
        reached.append(("wins", dates["wins"], source, region, deal["amount"], dates))
    return reached


def lead_of(deal, leads):
    """One lead a deal: the one with the lowest id."""
    return min((lead for lead in leads if lead["deal"] == deal["id"]), key=lambda lead: lead["id"], default=None)


def counted(frame):
    return {
        (row["quarter"], row["source"], row["segment"], stage): row[stage]
        for row in frame.to_dict("records")
        for stage in (*STAGES, "revenue")
        if row[stage] == row[stage] and row[stage] != 0
    }


@settings(max_examples=40, deadline=None)
@given(companies())
def test_period_counts_equal_a_plain_count_by_quarter_source_and_segment(company):
    leads, deals = company
    funnel = count_funnel(Engine({"leads": leads_table(leads), "deals": deals_table(deals)}), Sourcing(), by="region")
    expected = Counter()
    for stage, at, source, region, amount, _ in journeys(leads, deals):
        if at is not None and at.date() <= funnel.as_of and (source, stage) != ("sales", "mqls"):
            expected[quarter_of(at), source, region or "(not recorded)", stage] += 1
            if stage == "wins":
                expected[quarter_of(at), source, region or "(not recorded)", "revenue"] += amount
    assert counted(funnel.frame) == expected


@settings(max_examples=40, deadline=None)
@given(companies())
def test_cohort_counts_equal_a_plain_count_by_the_quarter_the_journey_began(company):
    leads, deals = company
    funnel = count_funnel(
        Engine({"leads": leads_table(leads), "deals": deals_table(deals)}), Sourcing(), basis="cohort"
    )
    expected, outside = Counter(), Counter()
    for stage, at, source, _, amount, dates in journeys(leads, deals):
        later = [dates[each] for each in STAGES[STAGES.index(stage) :]]
        at = next((day for day in later if day is not None), None)
        if at is None or at.date() > funnel.as_of:
            continue
        stages = funnel.recorded[source]
        # What is unassigned begins at the first stage that it has.
        firsts = stages[:1] if source != "unassigned" else stages
        began = next((dates[each] for each in firsts if dates[each] is not None), None)
        if began is None:
            outside[source, stage] += 1
        elif stage in funnel.recorded[source]:
            expected[quarter_of(began), source, None, stage] += 1
            if stage == "wins":
                expected[quarter_of(began), source, None, "revenue"] += amount
    assert counted(funnel.frame) == expected
    said = {
        (note.values["source"], note.values["stage"]): note.values["count"]
        for note in funnel.notes
        if note.code == "outside_cohort"
    }
    assert said == outside


def test_unassigned_revenue_of_leads_that_sales_found_is_in_the_cohort_of_its_first_stage():
    """Such leads have no MQL date. On period basis the win counts in Q4, on cohort basis in Q3, when it began; on neither is it dropped."""
    lead = {"id": "1", "lead_source": "Partner", "region": None, "mql": None, "sql": datetime(2026, 8, 3), "deal": "D"}
    deal = {"id": "D", "lead_source": None, "region": None, "won": True, "amount": 9000}
    days = {"created": datetime(2026, 8, 20), "closed": datetime(2026, 10, 5)}
    tables = {"leads": leads_table([lead]), "deals": deals_table([deal | days])}
    for basis, quarter in (("period", Quarter(2026, 4)), ("cohort", Quarter(2026, 3))):
        funnel = count_funnel(Engine(tables), Sourcing(), basis=basis)
        assert funnel.counts(quarter, "unassigned")[None].revenue == 9000, basis
        assert not funnel.notes


def one_win(at, tz=None):
    return Engine(
        {
            "deals": pa.table(
                {
                    "deal_id": ["1"],
                    "lead_source": ["Web"],
                    "created_at": pa.array([at], pa.timestamp("us", tz)),
                    "closed_at": pa.array([at], pa.timestamp("us", tz)),
                    "is_won": [True],
                    "amount": pa.array([100], pa.decimal128(18, 4)),
                }
            )
        }
    )


@pytest.mark.parametrize(
    ("timezone", "quarter"),
    [("UTC", "2026-Q3"), ("America/New_York", "2026-Q2"), ("Asia/Tokyo", "2026-Q3")],
)
def test_an_instant_counts_in_the_quarter_of_the_companys_clock(timezone, quarter):
    """02:00 UTC on 1 July is still 30 June in New York."""
    at = datetime(2026, 7, 1, 2, tzinfo=ZoneInfo("UTC"))
    funnel = count_funnel(one_win(at, "UTC"), Sourcing(), Calendar(timezone))
    assert [str(each) for each in funnel.quarters] == [quarter]
    assert funnel.as_of == at.astimezone(ZoneInfo(timezone)).date()


def test_a_date_without_a_zone_is_on_the_companys_clock_already():
    funnel = count_funnel(one_win(datetime(2026, 7, 1)), Sourcing(), Calendar("America/New_York"))
    assert [str(each) for each in funnel.quarters] == ["2026-Q3"]


def test_a_fiscal_year_from_november_puts_january_in_its_first_quarter():
    funnel = count_funnel(one_win(datetime(2023, 1, 31)), Sourcing(), Calendar(start_month=11))
    assert [str(each) for each in funnel.quarters] == ["2023-Q1"]


def test_a_stage_that_nobody_recorded_is_not_zero():
    counts = count_funnel(one_win(datetime(2026, 7, 1)), Sourcing()).counts(Quarter(2026, 3), "marketing")[None]
    assert (counts.mqls, counts.sqls, counts.opportunities, counts.wins, counts.revenue) == (None, None, 1, 1, 100)


def test_expected_close_dates_of_open_deals_do_not_move_the_as_of_date():
    deals = deals_table(
        [
            {"id": "1", "lead_source": "Web", "region": None, "created": datetime(2026, 7, 1), "closed": datetime(2026, 8, 1), "won": True, "amount": 1},
            {"id": "2", "lead_source": "Web", "region": None, "created": datetime(2026, 7, 2), "closed": None, "won": False, "amount": 1},
        ]
    )  # fmt: skip
    deals = deals.set_column(
        deals.column_names.index("closed_at"),
        "closed_at",
        pa.array([datetime(2026, 8, 1), datetime(2030, 1, 1)], pa.timestamp("us")),
    )
    assert latest_date(Engine({"deals": deals}), Calendar()) == date(2026, 8, 1)


def test_events_after_the_as_of_date_do_not_count_and_are_said():
    engine = one_win(datetime(2026, 7, 20))
    funnel = count_funnel(engine, Sourcing(), as_of=date(2026, 7, 19))
    assert funnel.frame["wins"].sum() == 0
    assert [(note.code, note.values["count"]) for note in funnel.notes] == [("wins_later", 1)]


def test_a_summary_is_taken_as_it_is():
    table = pa.table(
        {
            "quarter": ["2026-Q2", "2026-Q2", "2026-Q3"],
            "source": ["marketing", "sales", "marketing"],
            "mqls": [10.0, None, 20.0],
            "wins": [1.0, 2.0, 3.0],
            "revenue": pa.array([100, 200, 300], pa.decimal128(18, 4)),
        }
    )
    funnel = count_funnel(Engine({"funnel": table}), Sourcing())
    assert funnel.counts(Quarter(2026, 3), "marketing")[None].mqls == 20
    assert funnel.counts(Quarter(2026, 2), "sales")[None].revenue == 200
    assert funnel.counts(Quarter(2026, 3), "sales")[None].wins == 0
    assert funnel.as_of == date(2026, 9, 30)


def test_everything_that_is_wrong_is_said_at_once():
    events = pa.table({"stage": ["opportunities"], "at": pa.array([datetime(2026, 7, 1)], pa.timestamp("us"))})
    engine = Engine({"stage_events": events, "leads": leads_table([]).slice(0, 0)})
    with pytest.raises(DataError) as caught:
        count_funnel(engine, Sourcing(rule="first_touch"), basis="cohort", by="colour")
    said = " ".join(caught.value.reasons)
    assert len(caught.value.reasons) == 4
    for part in ("first_touch", "'colour'", "won", "Cohorts"):
        assert part in said


def test_a_stage_in_two_places_is_refused_because_it_would_count_twice():
    events = pa.table({"stage": ["wins"], "at": pa.array([datetime(2026, 7, 1)], pa.timestamp("us"))})
    engine = one_win(datetime(2026, 7, 1))
    both = Engine({"stage_events": events, "deals": engine._tables["deals"]})
    with pytest.raises(DataError, match="count twice"):
        count_funnel(both, Sourcing())


def test_a_region_known_only_of_the_deals_owner_can_be_broken_down_by():
    deals = pa.table(
        {
            "deal_id": ["1", "2"],
            "owner": ["ann", "bob"],
            "created_at": pa.array([datetime(2026, 7, 1)] * 2, pa.timestamp("us")),
            "closed_at": pa.array([datetime(2026, 8, 1)] * 2, pa.timestamp("us")),
            "is_won": [True, True],
            "amount": pa.array([100, 70], pa.decimal128(18, 4)),
        }
    )
    owners = pa.table({"owner": ["ann", "bob", "cy"], "region": ["East", "West", "East"]})
    engine = Engine({"deals": deals, "owners": owners})
    assert "region" in segment_fields(engine)
    funnel = count_funnel(engine, Sourcing(otherwise="sales"), by="region")
    cells = funnel.counts(Quarter(2026, 3), "sales")
    assert {name: cell.revenue for name, cell in cells.items()} == {"East": 100, "West": 70}


def test_sizes_are_banded():
    leads = leads_table(
        [
            {"id": str(n), "lead_source": "Web", "region": None, "mql": FIRST_DAY, "sql": None, "deal": None}
            for n in range(5)
        ]
    )
    leads = leads.append_column("employees", pa.array(["10", "11", "1,000", "1001", "many"]))
    funnel = count_funnel(
        Engine({"leads": leads, "deals": one_win(FIRST_DAY)._tables["deals"]}), Sourcing(), by="employees"
    )
    cells = funnel.counts(quarter_of(FIRST_DAY), "marketing")
    assert {name: cell.mqls for name, cell in cells.items() if cell.mqls} == {
        "1 to 10": 1, "11 to 50": 1, "201 to 1,000": 1, "over 1,000": 1, "(not recorded)": 1,
    }  # fmt: skip


def test_the_database_reaches_nothing_outside_itself(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    connection = one_win(FIRST_DAY)._backend.con
    for statement in (
        f"SELECT * FROM read_csv('{secret.as_posix()}')",
        f"COPY (SELECT 1) TO '{(tmp_path / 'out.csv').as_posix()}'",
        "SET enable_external_access = true",
        "SELECT * FROM secret",
    ):
        with pytest.raises(Exception, match=r"disabled|locked|does not exist"):
            connection.execute(statement)
    assert not (tmp_path / "out.csv").exists()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1999, 1, 1), datetime(2031, 1, 1)), min_size=1, max_size=30),
    st.builds(
        WeekCalendar,
        end_month=st.integers(1, 12),
        end_weekday=st.integers(0, 6),
        rule=st.sampled_from(["nearest", "last"]),
    ),
    st.sampled_from([None, "America/Los_Angeles", "Asia/Tokyo"]),
)
def test_wins_count_in_the_quarters_of_a_year_of_weeks(moments, weeks, zone):
    """Against a count that finds each day's quarter by its bounds."""
    at = pa.array(moments, pa.timestamp("us", "UTC" if zone else None))
    deals = pa.table(
        {"deal_id": [str(i) for i in range(len(moments))], "closed_at": at, "is_won": [True] * len(moments)}
    )
    funnel = count_funnel(Engine({"deals": deals}), Sourcing(otherwise="sales"), Calendar(zone or "UTC", weeks=weeks))
    expected: dict[str, int] = {}
    for moment in moments:
        day = (moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)) if zone else moment).date()
        year, number = next(
            (year, number)
            for year in range(day.year - 2, day.year + 3)
            for number in (1, 2, 3, 4)
            if weeks.quarter_bounds(year, number)[0] <= day < weeks.quarter_bounds(year, number)[1]
        )
        expected[f"{year}-Q{number}"] = expected.get(f"{year}-Q{number}", 0) + 1
    assert {str(quarter): funnel.counts(quarter, "sales")[None].wins for quarter in funnel.quarters} == expected
