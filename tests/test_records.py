"""Leads and deals as they are to count: each once, by what was chosen, money in one currency."""

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from alignment_core.choices import Choices
from alignment_core.engine import Engine
from alignment_core.records import Records
from alignment_core.results import Note

MONEY = pa.decimal128(18, 4)


def table(**columns):
    def column(name, values):
        if name.endswith("_at"):
            return pa.array([value and datetime.fromisoformat(value) for value in values], pa.timestamp("us"))
        if name == "amount":
            return pa.array([None if value is None else Decimal(value) for value in values], MONEY)
        return pa.array(values, pa.bool_() if name.startswith("is_") else pa.string())

    return pa.table({name: column(name, values) for name, values in columns.items()})


def rows(found, *names, key):
    frame = found.engine.run(found.table(key[0]).order_by(key[1]))
    return frame.astype(object).where(frame.notna(), None)[list(names)].to_numpy().tolist()


LEADS = table(
    lead_id=["a", "a", "b"],
    mql_at=["2026-07-09", "2026-07-02", None],
    sql_at=[None, "2026-07-20", "2026-08-01"],
    region=["EMEA", "APAC", "EMEA"],
)


def test_a_lead_in_two_rows_counts_once_with_the_earliest_of_each_date_and_what_the_first_row_knows():
    found = Records(Engine({"leads": LEADS}))
    assert rows(found, "lead_id", "mql_at", "mql_last_at", "sql_at", "region", key=("leads", "lead_id")) == [
        ["a", datetime(2026, 7, 2), datetime(2026, 7, 9), datetime(2026, 7, 20), "EMEA"],
        ["b", None, None, datetime(2026, 8, 1), "EMEA"],
    ]


def test_counted_each_it_stays_two_unless_each_lead_is_asked_for_once():
    found = Records(Engine({"leads": LEADS}), Choices(same_record="count each"))
    assert found.engine.run(found.table("leads").count().name("rows"))["rows"].tolist() == [3]
    assert found.engine.run(found.table("leads", unique=True).count().name("rows"))["rows"].tolist() == [2]


def test_a_deal_in_two_rows_is_the_one_that_knows_it_won_with_what_the_other_knows():
    deals = table(
        deal_id=["d", "d", None], is_won=[False, True, False], amount=["10", None, "7"], region=[None, "EMEA", "APAC"]
    )
    found = Records(Engine({"deals": deals}))
    assert rows(found, "deal_id", "is_won", "amount", "region", key=("deals", "deal_id")) == [
        ["d", True, Decimal("10.0000"), "EMEA"],
        [None, False, Decimal("7.0000"), "APAC"],
    ]


def test_leads_of_one_address_are_one_where_that_was_chosen_and_a_deals_lead_is_the_kept_one():
    leads = table(
        lead_id=["b", "a", "c"], email_key=["k", "k", None], mql_at=["2026-07-09", "2026-07-02", "2026-07-03"]
    )
    engine = Engine({"leads": leads, "deals": table(deal_id=["d", "e"], lead_id=["a", "c"])})
    apart, merged = Records(engine), Records(engine, Choices(same_email="count once"))
    assert rows(merged, "lead_id", "mql_at", key=("leads", "lead_id")) == [
        ["b", datetime(2026, 7, 2)],
        ["c", datetime(2026, 7, 3)],
    ]
    for each, kept in ((apart, "a"), (merged, "b")):
        links = engine.run(each.links().order_by("deal_id"))
        assert links[["deal_id", "lead_id"]].to_numpy().tolist() == [["d", kept], ["e", "c"]]


def test_a_deal_of_several_contacts_has_one_lead_and_without_ids_there_is_none():
    leads = table(lead_id=["b", "a"], deal_id=["d", "d"])
    found = Records(Engine({"leads": leads}))
    assert found.engine.run(found.links()).to_numpy().tolist() == [["d", "a"]]
    assert Records(Engine({"leads": table(lead_id=["a"])})).links() is None


def test_of_several_deals_of_a_lead_the_first_won_counts_where_one_was_chosen():
    deals = table(
        deal_id=["d1", "d2", "d3", "e1"], lead_id=["a", "a", "a", "b"], is_won=[False, True, True, False],
        closed_at=["2026-07-01", "2026-08-09", "2026-08-01", None], created_at=["2026-06-01"] * 4,
    )  # fmt: skip
    found = Records(Engine({"deals": deals}), Choices(several_deals="once"))
    assert rows(found, "deal_id", key=("deals", "deal_id")) == [["d3"], ["e1"]]


def test_amounts_are_converted_exactly_and_rounded_once_to_four_places():
    deals = table(
        deal_id=["d", "e", "f"], is_won=[True, True, True], amount=["100.0001", "3", "5"], currency=["EUR", "USD", None]
    )
    found = Records(Engine({"deals": deals}), Choices(rates=(("EUR", Decimal("1.1")),)), "USD")
    # 100.0001 × 1.1 = 110.00011
    assert [each for (each,) in rows(found, "amount", key=("deals", "deal_id"))] == [
        Decimal("110.0001"), Decimal("3.0000"), Decimal("5.0000"),
    ]  # fmt: skip
    assert found.faults() == []
    assert found.notes() == [
        Note("rate_used", {"currency": "EUR", "rate": "1.1", "home": "USD", "count": 1}),
        Note("currency_assumed", {"home": "USD", "count": 1}),
    ]


@pytest.mark.parametrize(("is_won", "fault"), [(True, True), (False, False)])
def test_only_what_counts_as_won_needs_a_rate(is_won, fault):
    deals = table(deal_id=["d"], is_won=[is_won], amount=["10"], currency=["GBP"])
    faults = Records(Engine({"deals": deals}), Choices(), "USD").faults()
    assert bool(faults) is fault
    if fault:
        assert faults == [
            "Won amounts are in other currencies than the agreement's USD: GBP (1). Say in the mapping, under [rates], what one unit "
            "is worth in USD: GBP = …"
        ]
