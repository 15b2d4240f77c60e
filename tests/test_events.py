"""A record reaching a stage: whose dates, source and segment count, by hand."""

from datetime import date, datetime
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from alignment_core.definition import MqlDefinition
from alignment_core.engine import Engine
from alignment_core.events import NOT_RECORDED, Events, backwards, banded, deal_stages, end_of, record_stages
from alignment_core.quarters import Calendar
from alignment_core.results import Note
from alignment_core.sourcing import Sourcing

MONEY, TIME = pa.decimal128(18, 4), pa.timestamp("us")
SOURCING = Sourcing(marketing=("Webinar",), sales=("Cold call",))


def table(*rows):
    def column(name):
        values = [row.get(name) for row in rows]
        if name.endswith("_at"):
            return pa.array([value and datetime.fromisoformat(value) for value in values], TIME)
        return pa.array(values, MONEY if name == "amount" else pa.bool_() if name.startswith("is_") else pa.string())

    return pa.table({name: column(name) for name in dict.fromkeys(name for row in rows for name in row)})


#: A lead with a deal that was won; one that nobody listed; one of sales with a deal that was not; and a deal without a lead.
LEADS = (
    {"lead_id": "a", "lead_source": "webinar", "region": "EMEA", "mql_at": "2026-07-01", "sql_at": "2026-07-05", "won_at": "2026-07-06"},
    {"lead_id": "b", "lead_source": "Fax", "region": None, "mql_at": "2026-07-02", "sql_at": None},
    {"lead_id": "c", "lead_source": "Cold call", "region": "APAC", "mql_at": None, "sql_at": "2026-07-03"},
)  # fmt: skip
DEALS = (
    {"deal_id": "x", "lead_id": "a", "lead_source": "Cold call", "region": "LATAM", "created_at": "2026-07-10", "closed_at": "2026-08-01", "is_won": True, "amount": 100},
    {"deal_id": "y", "lead_id": "c", "lead_source": None, "region": None, "created_at": "2026-07-12", "closed_at": "2026-09-30", "is_won": False, "amount": 7},
    {"deal_id": "z", "lead_id": None, "lead_source": "Webinar", "region": "LATAM", "created_at": "2026-07-14", "closed_at": "2026-08-02", "is_won": True, "amount": None},
)  # fmt: skip


def engine(leads=LEADS, deals=DEALS):
    return Engine({name: table(*rows) for name, rows in (("leads", leads), ("deals", deals)) if rows})


def events(held, by=None, **more):
    return Events(held, more.pop("sourcing", SOURCING), Calendar(), by, **more)


def told(each, *names, **asked):
    frame = each.engine.run(each.rows(passed=False, **asked).select(*names))
    return sorted(map(tuple, frame.astype(object).where(frame.notna(), None).to_numpy().tolist()), key=str)


def test_leads_tell_their_first_stages_and_deals_the_last_with_their_own_dates_and_their_leads_source():
    """The lead's own date of winning is not asked where deals are loaded."""
    assert told(events(engine()), "stage", "at", "source", "amount") == [
        ("mqls", datetime(2026, 7, 1), "marketing", None),
        ("mqls", datetime(2026, 7, 2), "unassigned", None),
        ("opportunities", datetime(2026, 7, 10), "marketing", None),
        ("opportunities", datetime(2026, 7, 12), "sales", None),
        ("opportunities", datetime(2026, 7, 14), "marketing", None),
        ("sqls", datetime(2026, 7, 3), "sales", None),
        ("sqls", datetime(2026, 7, 5), "marketing", None),
        ("wins", datetime(2026, 8, 1), "marketing", Decimal("100.0000")),
        ("wins", datetime(2026, 8, 2), "marketing", None),
    ]


def test_a_deal_is_of_its_leads_segment_and_what_nobody_recorded_is_one_of_its_own():
    found = told(events(engine(), "region"), "stage", "segment", stages=("mqls", "opportunities"))
    assert found == [
        ("mqls", NOT_RECORDED),
        ("mqls", "EMEA"),
        ("opportunities", "APAC"),
        ("opportunities", "EMEA"),
        ("opportunities", "LATAM"),
    ]


def test_with_passed_a_later_date_stands_in_for_a_stage_that_was_skipped():
    held = engine(deals=())
    each = events(held)
    frame = held.run(each.rows(passed=True, stages=("mqls", "sqls")).select("stage", "at", "began_mqls", "source"))
    skipped = frame[frame["began_mqls"].isna()]
    assert skipped[["stage", "at"]].to_numpy().tolist() == [
        ["mqls", datetime(2026, 7, 3)],
        ["sqls", datetime(2026, 7, 3)],
    ]


def test_without_deals_the_leads_tell_all_stages_that_they_have_dates_for():
    assert record_stages(engine(deals=())) == {"mqls", "sqls", "wins"}
    assert told(events(engine(deals=())), "stage", "at", stages=("wins",)) == [("wins", datetime(2026, 7, 6))]


@pytest.mark.parametrize(
    ("columns", "stages"),
    [
        (("created_at", "closed_at", "is_won"), {"opportunities", "wins"}),
        (("created_at", "closed_at"), {"opportunities"}),  # nobody says which were won
        (("closed_at", "is_won"), {"wins"}),
        ((), set()),
    ],
)
def test_deals_tell_the_stages_that_their_columns_say(columns, stages):
    rows = [{name: value for name, value in row.items() if name in ("deal_id", *columns)} for row in DEALS]
    assert deal_stages(engine(leads=(), deals=rows)) == stages


def test_rules_say_who_is_an_mql_on_the_day_of_the_flag_or_else_of_the_creation():
    leads = [row | {"created_at": "2026-06-01"} for row in LEADS]
    definition = MqlDefinition.model_validate({"fit": {"field": "region", "is": ["EMEA", "APAC"]}})
    found = told(events(engine(leads, ()), mql=definition), "at", "source", stages=("mqls",))
    assert found == [(datetime(2026, 6, 1), "sales"), (datetime(2026, 7, 1), "marketing")]


def test_what_is_on_no_list_counts_as_agreed_and_what_a_record_says_itself_comes_first():
    leads = [LEADS[1], LEADS[1] | {"lead_id": "d", "source": "sales"}]
    sourcing = SOURCING.model_copy(update={"otherwise": "marketing"})
    held = engine(leads, ())
    assert told(events(held, sourcing=sourcing), "source", stages=("mqls",)) == [("marketing",), ("sales",)]


def test_a_lead_ends_when_it_is_given_up_or_the_last_of_its_deals_is_lost():
    lost = [*DEALS, DEALS[1] | {"deal_id": "w", "closed_at": "2026-10-02"}]
    leads = [row | {"lost_at": "2026-12-24" if row["lead_id"] == "b" else None} for row in LEADS]
    held = engine(leads, lost)
    frame = held.run(events(held).leads(with_deals=True).select("lead_id", "ended", "deal_open").order_by("lead_id"))
    assert frame["ended"].astype(object).where(frame["ended"].notna(), None).tolist() == [
        None,  # won
        datetime(2026, 12, 24),
        None,  # its deals are not won, yet no column says that they are closed
    ]
    closed = engine(leads, [row | {"is_closed": True} for row in lost])
    frame = closed.run(events(closed).leads(with_deals=True).filter(lambda row: row.lead_id == "c"))
    assert (frame["ended"].item(), frame["deal_open"].item()) == (datetime(2026, 10, 2), False)


def test_wins_that_the_counts_leave_out_or_take_at_zero_are_noted():
    deals = [*DEALS, DEALS[0] | {"deal_id": "u", "closed_at": None}, DEALS[0] | {"deal_id": "v", "closed_at": "2027-01-01"}]  # fmt: skip
    assert events(engine(deals=deals)).notes(date(2026, 9, 30)) == [
        Note("wins_undated", {"count": 1}),
        Note("wins_unvalued", {"count": 1}),
        Note("wins_later", {"count": 1}),
    ]


@pytest.mark.parametrize(
    ("field", "value", "band"),
    [
        ("employees", "10", "1 to 10"),
        ("employees", "11", "11 to 50"),
        ("employees", "1,001", "over 1,000"),
        ("employees", "many", None),
        ("annual_revenue", "1000000", "up to 1M"),
        ("annual_revenue", "1000001", "1M to 10M"),
        ("region", "10", "10"),
    ],
)
def test_sizes_are_taken_together_in_bands(field, value, band):
    held = engine()
    found = held.run(held.table("leads").limit(1).select(band=banded(field, ibis.literal(value))))["band"].item()
    assert (None if found != found else found) == band


def test_hours_put_nothing_out_of_order_but_days_do():
    """An SQL at noon of a day on which the MQL was flagged in the evening; and one of the day before."""
    leads = [
        {"lead_id": "same day", "mql_at": "2026-07-02T18:00", "sql_at": "2026-07-02T12:00"},
        {"lead_id": "before", "mql_at": "2026-07-02", "sql_at": "2026-07-01"},
        {"lead_id": "skipped", "mql_at": "2026-07-02", "won_at": "2026-07-01"},
        {"lead_id": "nothing"},
    ]
    held = engine(leads, ())
    records = events(held).leads(with_deals=False)
    assert set(held.run(records.filter(backwards(records)).select("lead_id"))["lead_id"]) == {"before", "skipped"}


def test_a_day_ends_where_the_next_begins():
    held = engine()
    assert held.run(held.table("leads").limit(1).select(at=end_of(date(2026, 12, 31))))["at"].item() == datetime(2027, 1, 1)  # fmt: skip
