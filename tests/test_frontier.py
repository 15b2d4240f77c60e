"""The frontier: every definition near a proposal really is one change or two away, and none on it is bettered."""

import random

import pytest

from alignment_core.definition import MqlDefinition
from alignment_core.frontier import FEWEST, frontier
from alignment_core.replay import replay
from tests.support import agreed, records

AT = "2026-05-02T08:00"
TYPES = ("Demo", "Webinar", "E-book")
RULES = MqlDefinition.from_text(
    'fit = { all = [{ field = "employees", at_least = 100 }, { field = "region", is = ["EMEA", "APAC"] }] }\n'
    'engagement = { field = "lead_type", is = ["Demo", "Webinar"] }'
)


@pytest.fixture(scope="module")
def data():
    dice = random.Random(7)
    rows = []
    for number in range(600):
        kind, size = dice.choice(TYPES), dice.choice((20, 90, 150, 400, 2_000))
        sql = dice.random() < {"Demo": 0.8, "Webinar": 0.5, "E-book": 0.2}[kind] * (1 if size > 100 else 0.6)
        won = sql and dice.random() < 0.4
        rows.append({
            "lead_id": f"L{number}", "lead_source": "Web", "created_at": AT, "mql_at": AT, "sql_at": AT if sql else None,
            "won_at": AT if won else None, "amount": 100 if won else None, "lost_at": None, "employees": str(size), "lead_type": kind,
            "region": dice.choice(("EMEA", "APAC", "Americas")),
        })  # fmt: skip
    rows += [rows[0] | {"lead_id": "F", "employees": "400", "lead_type": "Fax", "region": "EMEA"}]
    rows += [rows[0] | {"lead_id": "A", "employees": "400", "lead_type": "Demo", "region": "Antarctica"}]
    return records(*rows)


def test_each_point_is_what_replaying_its_definition_gives(data):
    found = frontier(data, agreed(), {"ours": RULES, "CRM": None})
    chosen = {f"{place}": point.definition for place, point in enumerate(found.points)}
    rows = replay(data, agreed(), chosen).rows
    assert [row.whole for row in rows] == [point.whole for point in found.points]
    assert found.quarters == replay(data, agreed(), chosen).quarters


def test_nothing_betters_what_is_on_it_and_something_betters_all_else(data):
    found = frontier(data, agreed(), {"ours": RULES, "CRM": None})
    able = [point for point in found.points if point.whole.mqls >= FEWEST]

    def beats(one, other):
        more, better = one.whole.mqls - other.whole.mqls, one.whole.mql_to_sql - other.whole.mql_to_sql
        return more >= 0 and better >= 0 and (more > 0 or better > 0)

    assert 3 < len(found.best) < len(able)
    for point in able:
        bettered = any(beats(other, point) for other in able)
        twin = any(
            other.is_best and other is not point and (other.whole.mqls, other.whole.mql_to_sql) == (point.whole.mqls, point.whole.mql_to_sql)
            for other in able
        )  # fmt: skip
        assert point.is_best is (not bettered and not twin)


def test_the_changes_are_said_and_are_one_or_two_away(data):
    found = frontier(data, agreed(), {"ours": RULES})
    changes = {point.change: point.definition for point in found.points}
    assert changes[""] == RULES
    assert changes["lead type: without Webinar"].engagement.all[0].value == ("Demo",)
    assert changes["lead type: also E-book"].engagement.all[0].value == ("Demo", "Webinar", "E-book")
    assert changes["region: also Americas"].fit.all[1].value == ("EMEA", "APAC", "Americas")
    assert changes["without the rule: employees is at least 100"].fields == ("region", "lead_type")
    assert changes["employees is at least 250"].fit.all[0].at_least == 250, "as at least 400 would: nobody lies between"
    assert changes["employees is at least 250, and lead type: without Webinar"].engagement.all[0].value == ("Demo",)
    assert len(set(changes.values())) == len(changes), "none is tried twice"


def test_changes_that_let_in_the_same_leads_are_one_point_with_the_fewest_changes(data):
    kinds = MqlDefinition.from_text('engagement = { field = "lead_type", is = ["Demo", "Webinar", "E-book"] }')
    rule = MqlDefinition.from_text(
        'fit = { all = [{ field = "region", is = ["EMEA"] }, { field = "employees", at_least = 1 }] }'
    )
    points = frontier(data, agreed(), {"kinds": kinds, "rule": rule}).points
    changes = [point.change for point in points]
    assert [point.change for point in points if point.whole.mqls == 602] == ["lead type: also Fax"], "everybody, once"
    assert "without the rule: employees is at least 1" not in changes
    assert "region: also APAC" in changes


def test_few_leads_say_little_and_only_proposals_are_shown_then(data):
    few = MqlDefinition.from_text('fit = { field = "employees", at_least = 3000 }')
    found = frontier(data, agreed(), {"few": few})
    assert found.points[0].whole.mqls == 0
    assert not found.points[0].is_best
    assert all(point.whole.mqls >= FEWEST for point in found.points[1:])
