"""Definitions over past quarters as JSON: of 80 MQLs 40 became SQLs and 10 wins worth 300,000; a quarter of nothing is null."""

import json
from datetime import date

from alignment_core.definition import MqlDefinition
from alignment_core.definition_lint import Warned
from alignment_core.export.replay_as_json import replay_as_json
from alignment_core.frontier import Frontier, Point
from alignment_core.quarters import Quarter
from alignment_core.replay import Outcome, Replay, Replayed
from tests.support import agreed

QUARTERS = (Quarter(2026, 1), Quarter(2026, 2))
LARGE = MqlDefinition.from_text('fit = { field = "employees", at_least = 500 }')
BROUGHT = Outcome(80, 40, 20, 10, 300_000.0, 3, 5)
NOTHING = Outcome(0, None, None, 0, None, None, None)
BY_QUARTER = tuple(zip(QUARTERS, (BROUGHT, NOTHING), strict=True))
FOUND = Replay(
    quarters=QUARTERS,
    rows=(
        Replayed("CRM", None, BROUGHT, BY_QUARTER, 0, 0.5, 123, 164),
        Replayed("sales", LARGE, BROUGHT, BY_QUARTER, 7, None, None, None),
    ),
    leads=300,
    wins=20,
    as_of=date(2026, 7, 1),
    undated=3,
)
NEAR = Frontier(
    QUARTERS,
    (
        Point("CRM", "", None, BROUGHT, 40.0),
        Point("sales", "without employees", None, BROUGHT, 45.5, is_best=True),
        Point("sales", "", LARGE, BROUGHT, 90.0, is_best=True),
    ),
)
WARNED = {"sales": [Warned("everybody", next(iter(LARGE.rules)), {"leads": 300})]}


def written():
    """As the file has it: through JSON and back, refusing what JSON cannot say."""
    return json.loads(json.dumps(replay_as_json(FOUND, NEAR, WARNED, agreed()), allow_nan=False))


def test_the_whole_says_over_what_it_was_counted():
    said = written()
    assert list(said) == [
        "company",
        "currency",
        "as_of",
        "quarters",
        "leads",
        "wins",
        "definitions",
        "frontier",
        "notes",
    ]
    assert (said["currency"], said["as_of"], said["quarters"]) == ("USD", "2026-07-01", ["2026-Q1", "2026-Q2"])
    assert (said["leads"], said["wins"]) == (300, 20)
    assert said["notes"][-1] == "3 leads have no date at all and are in no quarter."


def test_rates_and_value_are_of_the_mqls_and_a_quarter_is_their_average():
    row = written()["definitions"][0]
    assert (row["mql_to_sql"], row["mql_to_win"], row["value_per_mql"], row["mqls_per_quarter"]) == (
        0.5,
        0.125,
        3_750,
        40,
    )
    assert (row["share_of_wins"], row["owed_by_value"], row["owed_by_rates"]) == (0.5, 123, 164)
    assert row["still_open"] == {"to_sql": 3, "to_win": 5}


def test_what_nobody_recorded_and_what_cannot_be_divided_is_null():
    quarter = written()["definitions"][0]["by_quarter"][1]
    assert quarter == {
        "quarter": "2026-Q2", "mqls": 0, "sqls": None, "opportunities": None, "wins": 0, "revenue": None,
        "mql_to_sql": None, "mql_to_win": None, "value_per_mql": None, "still_open": {"to_sql": None, "to_win": None},
    }  # fmt: skip


def test_rules_can_be_read_back_as_the_definition_and_the_crms_flag_has_none():
    crm, sales = written()["definitions"]
    assert crm["rules"] is None
    assert MqlDefinition.model_validate(sales["rules"]) == LARGE
    assert (sales["definition"], sales["never_flagged"]) == ("companies with at least 500 employees", 7)


def test_warnings_are_sentences_of_their_own_definition():
    crm, sales = written()["definitions"]
    assert crm["warnings"] == []
    assert sales["warnings"] == [
        "“employees is at least 500”: each of the 300 leads of the last year met it, so it decides nothing."
    ]


def test_the_frontier_has_what_nothing_betters_from_many_mqls_to_few():
    points = written()["frontier"]
    assert [(point["name"], point["change"], point["mqls_per_quarter"]) for point in points] == [
        ("sales", "", 90),
        ("sales", "without employees", 45.5),
    ]
    assert (points[0]["mql_to_sql"], points[0]["value_per_mql"]) == (0.5, 3_750)
