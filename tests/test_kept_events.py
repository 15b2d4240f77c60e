"""Kept leads and deals give the very rows that are looked up anew, whatever is asked of them."""

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from alignment_core.choices import Choices
from alignment_core.definition import MqlDefinition
from alignment_core.engine import _MOST_KEPT, Engine
from alignment_core.events import Events
from alignment_core.kept_events import KeptEvents
from alignment_core.quarters import Calendar
from alignment_core.sourcing import Sourcing

MONEY, TIME = pa.decimal128(18, 4), pa.timestamp("us", "UTC")


def at(*days):
    return pa.array([day and datetime.fromisoformat(day) for day in days], TIME)


@pytest.fixture(scope="module")
def engine():
    leads = {
        "lead_id": ["a", "b", "c", "d"],
        "lead_source": ["Website", "Website", "Cold call", "Fax"],
        "region": ["EMEA", None, "APAC", "EMEA"],
        "employees": ["9", "120", None, "4,000"],
        "owner": ["Rep 1", "Rep 2", None, "Rep 1"],
        "mql_at": at("2026-07-01", "2026-07-02", None, "2026-07-04"),
        "sql_at": at("2026-07-10", None, "2026-07-12", "2026-07-03"),
        "lost_at": at(None, "2026-08-01", None, None),
    }
    deals = {
        "deal_id": ["x", "y", "z"],
        "lead_id": ["a", "c", None],
        "lead_source": ["Website", "Cold call", "Website"],
        "region": ["APAC", "APAC", "LATAM"],
        "created_at": at("2026-07-20", "2026-07-22", "2026-07-05"),
        "closed_at": at("2026-08-20", "2026-09-01", None),
        "is_won": [True, False, False],
        "is_closed": [True, True, False],
        "amount": pa.array([None, None, None], MONEY).fill_null(0),
    }
    return Engine({"leads": pa.table(leads), "deals": pa.table(deals)})


def rows_of(engine, table):
    frame = engine.run(table)
    return sorted(frame.astype(object).where(frame.notna(), None).to_numpy().tolist(), key=str)


def rows(events, **asked):
    table = events.rows(**asked)
    return table.columns, rows_of(events.engine, table)


@pytest.mark.parametrize("by", [None, "region", "employees"])
@pytest.mark.parametrize("passed", [False, True])
@pytest.mark.parametrize("fields", [None, ("owner", "employees", "region")])
def test_the_rows_are_the_same_by_any_segment_and_with_any_fields(engine, by, passed, fields):
    given = engine, Sourcing(), Calendar(), by
    columns, kept = rows(KeptEvents(*given), passed=passed, fields=fields)
    plain_columns, plain = rows(Events(*given), passed=passed, fields=fields)
    assert sorted(columns) == sorted(plain_columns)
    order = [list(columns).index(name) for name in plain_columns]
    assert sorted([[row[place] for place in order] for row in kept], key=str) == plain
    assert len(plain) > 6


@pytest.mark.parametrize(
    "choices",
    [
        Choices(out_of_order="left out"),
        Choices(deals_without_lead="left out"),
        Choices(converted_without_deal="as the lead says"),
        Choices(skipped_stages="counted as passed"),
    ],
    ids=lambda choices: next(iter(choices.changed)),
)
def test_other_choices_are_another_question(engine, choices):
    asked = {"passed": False, "fields": ("region",)}
    default, chosen = (
        sorted(row[0] for row in rows(KeptEvents(engine, Sourcing(), Calendar(), None, each), **asked)[1])
        for each in (Choices(), choices)
    )
    expected = sorted(row[0] for row in rows(Events(engine, Sourcing(), Calendar(), None, choices), **asked)[1])
    assert chosen == expected
    assert (default != chosen) is ("out_of_order" in choices.changed or "deals_without_lead" in choices.changed)


RATES = Choices(rates=(("EUR", Decimal("1.5")),))


@pytest.mark.parametrize(
    "part",
    [
        {"sourcing": Sourcing(otherwise="sales")},
        {"calendar": Calendar(timezone="Asia/Tokyo")},
        {"choices": RATES.but("repeated_mql", "latest")},
        {"currency": None},
        {"mql": MqlDefinition.model_validate({"fit": {"field": "region", "is": ["EMEA"]}})},
    ],
    ids=lambda part: next(iter(part)),
)
def test_every_part_of_a_question_makes_it_another_one(part):
    leads = {
        "lead_id": ["a", "b"],
        "lead_source": ["Website", "Fax"],
        "region": ["EMEA", "APAC"],
        "mql_at": at("2026-07-01", "2026-07-02T20:00"),
        "mql_last_at": at("2026-07-01", "2026-07-09"),
    }
    deals = {
        "deal_id": ["x"],
        "lead_id": ["a"],
        "created_at": at("2026-07-20"),
        "closed_at": at("2026-08-20"),
        "is_won": [True],
        "amount": pa.array([10], MONEY),
        "currency": ["EUR"],
    }
    engine = Engine({"leads": pa.table(leads), "deals": pa.table(deals)})
    asked = {
        "sourcing": Sourcing(),
        "calendar": Calendar(),
        "by": None,
        "choices": RATES,
        "currency": "USD",
        "mql": None,
    }
    first, then = (
        rows(KeptEvents(engine, **each), passed=False, fields=("region",))[1] for each in (asked, asked | part)
    )
    plain = Events(engine, **asked | part).rows(passed=False, fields=("region",))
    assert then != first
    kept = KeptEvents(engine, **asked | part).rows(passed=False, fields=("region",))
    assert rows_of(engine, kept.select(*plain.columns)) == rows_of(engine, plain)


def test_wins_alone_can_be_asked_for(engine):
    columns, found = rows(KeptEvents(engine, Sourcing(), Calendar()), passed=False, stages=("wins",))
    assert [row[columns.index("stage")] for row in found] == ["wins"]


def test_a_field_that_no_review_is_broken_down_by_is_looked_up_anew(engine):
    found = KeptEvents(engine, Sourcing(), Calendar()).leads(with_deals=True, fields=("score",))
    assert engine.run(found.value_0.count().name("known"))["known"].tolist() == [0]


def test_what_was_not_asked_for_longest_is_forgotten_and_looked_up_again():
    engine = Engine({"leads": pa.table({"lead_id": ["a"], "mql_at": at("2026-07-01")})})
    asked = []

    def question(name):
        def look_up():
            asked.append(name)
            return engine.table("leads")

        return engine.run(engine.kept(name, look_up).count().name("rows"))["rows"].tolist()

    names = [f"question {place}" for place in range(_MOST_KEPT)]
    assert [question(name) for name in names] == [[1]] * _MOST_KEPT
    question(names[0])  # asked again, so the second is now the oldest
    question("one more")
    question(names[0])
    assert asked == [*names, "one more"]
    question(names[1])
    assert asked == [*names, "one more", names[1]]
