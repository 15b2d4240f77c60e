"""Where the tables live: locked down, asked once for what never changes, and rows worked out elsewhere as tables."""

from datetime import datetime

import duckdb
import ibis
import pyarrow as pa
import pytest

from alignment_core.engine import _MOST_KEPT, ROW, Engine

LEADS = pa.table(
    {
        "lead_id": ["a", "b", "b"],
        "region": ["EMEA", None, "APAC"],
        "score": pa.nulls(3, pa.string()),
        "mql_at": pa.array([datetime(2026, 7, 2), None, datetime(2026, 7, 1)], pa.timestamp("us")),
    }
)


@pytest.fixture
def engine():
    return Engine({"leads": LEADS, "deals": LEADS.slice(0, 0)})


def test_what_is_there_is_known_without_asking_the_database(engine):
    assert ("leads" in engine, "deals" in engine) == (True, False)  # a table without rows is none
    assert [engine.has("leads", name) for name in ("region", "score", "nothing")] == [True, False, False]
    assert engine.values("leads", "region") == {"EMEA", "APAC"}
    assert (engine.values("leads", "nothing"), engine.columns("touches")) == (frozenset(), ())
    assert (engine.earliest("leads", "mql_at"), engine.latest("leads", "mql_at")) == (
        datetime(2026, 7, 1),
        datetime(2026, 7, 2),
    )


def test_rows_are_numbered_where_ids_do_not_tell_them_apart(engine):
    assert engine.repeats("leads")
    assert ROW in engine.columns("leads")
    once = Engine({"leads": LEADS.slice(0, 2)})
    assert (once.repeats("leads"), ROW in once.columns("leads")) == (False, False)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "COPY leads TO 'leads.csv'",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SELECT * FROM LEADS_OF_PYTHON",
    ],
)
def test_the_database_touches_nothing_outside_itself(engine, statement):
    LEADS_OF_PYTHON = LEADS  # noqa: F841 - which the database must not see
    with pytest.raises(duckdb.Error):
        engine._connection.execute(statement)


def test_texts_are_compared_as_data_whatever_they_hold(engine):
    leads = engine.table("leads")
    hostile = "EMEA'); DROP TABLE leads; --"
    found = leads.filter(leads.region.isin(engine.listed(["EMEA", hostile, 'a"b', ""])))
    assert engine.run(found.count().name("rows"))["rows"].tolist() == [1]
    assert engine.run(engine.table("leads").count().name("rows"))["rows"].tolist() == [3]


def test_given_rows_can_be_joined_with_and_the_same_are_one_table(engine):
    rows = pa.table({"known": ["a", "z"], "late": [True, False]})
    given, same, fewer = engine.given(rows), engine.given(rows.take([0, 1])), engine.given(rows.slice(1))
    assert given.get_name() == same.get_name() != fewer.get_name()
    joined = engine.table("leads").inner_join(given, [("lead_id", "known")])
    assert engine.run(joined.select("lead_id", "late")).to_numpy().tolist() == [["a", True]]
    assert engine.run(engine.given(rows.slice(0, 0)).count().name("rows"))["rows"].tolist() == [0]


def test_given_rows_take_room_for_as_long_as_an_expression_asks_for_them(engine):
    mine = engine.given(pa.table({"known": ["mine"]})).count().name("rows")
    for number in range(20):
        others = engine.given(pa.table({"known": [str(number)]}))
        assert engine.run(others.count().name("rows"))["rows"].tolist() == [1]
    assert held(engine) <= 3  # mine, the last, and one until the next rows come
    assert engine.run(mine)["rows"].tolist() == [1]
    again = engine.given(pa.table({"known": ["0"]}))
    assert engine.run(again.select("known"))["known"].tolist() == ["0"]


def test_what_is_kept_is_asked_once_and_has_the_same_types(engine):
    asked = []

    def question():
        asked.append(1)
        leads = engine.table("leads")
        return leads.select(
            "lead_id", at=leads.mql_at.cast("timestamp"), amount=ibis.literal(1.5).cast("decimal(18, 4)")
        )

    first, again = engine.kept("leads", question), engine.kept("leads", question)
    assert len(asked) == 1
    assert first.schema() == again.schema() == question().schema()
    assert engine.run(again.count().name("rows"))["rows"].tolist() == [3]


def held(engine):
    """The tables that the database has for kept and for given rows."""
    names = engine._connection.execute("SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'rows%'").fetchall()
    return len(names)


def ask(engine, question):
    return engine.kept(question, lambda: engine.table("leads")).count().name("rows")


def others_ask(engine, questions):
    for number in range(questions):
        assert engine.run(ask(engine, f"question {number}"))["rows"].tolist() == [3]


def test_what_is_forgotten_stays_for_an_expression_that_still_asks_for_it(engine):
    """Between two steps of one session, others ask for more than is kept."""
    mine = ask(engine, "mine")
    others_ask(engine, _MOST_KEPT)
    again = ask(engine, "mine")  # looked up anew, beside the one that is still asked for
    for each in (mine, again):
        assert engine.run(each)["rows"].tolist() == [3]


def test_what_is_forgotten_and_no_longer_asked_for_takes_no_room(engine):
    mine = ask(engine, "mine")
    others_ask(engine, 5 * _MOST_KEPT)
    assert held(engine) <= _MOST_KEPT + 2  # those kept, mine, and one until the next look-up
    assert engine.run(mine)["rows"].tolist() == [3]
