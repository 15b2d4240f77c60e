"""Touches: whose they are, which decides whose demand a deal is, and which rules the tables can carry."""

from datetime import datetime

import ibis
import pyarrow as pa
import pytest

from alignment_core.engine import Engine
from alignment_core.quarters import Calendar
from alignment_core.records import Records
from alignment_core.sourcing import Sourcing
from alignment_core.touches import Touches, carried_rules, rule_faults

TIMES = pa.timestamp("us")


def touches(*rows):
    """Rows of lead, deal, day of July, kind."""
    lead, deal, day, kind = zip(*rows, strict=True)
    at = pa.array([datetime(2026, 7, each) for each in day], TIMES)
    texts = {name: pa.array(each, pa.string()) for name, each in (("lead_id", lead), ("deal_id", deal), ("kind", kind))}
    return pa.table({**texts, "at": at})


DEALS = pa.table(
    {
        "deal_id": ["d", "e"],
        "lead_id": ["a", "b"],
        "created_at": pa.array([datetime(2026, 7, 10), datetime(2026, 7, 10)], TIMES),
        "lead_source": ["Website", "Cold call"],
    }
)
LEADS = pa.table({"lead_id": ["a", "b"], "lead_source": ["Website", "Cold call"]})


def asked(rule, *rows, **tables):
    records = Records(Engine({"touches": touches(*rows), "leads": LEADS, "deals": DEALS} | tables))
    return Touches(records, Sourcing.model_validate({"rule": rule}), Calendar())


def sides(found, key, opened=datetime(2026, 7, 10)):
    ids = ["d", "e"] if key == "deal_id" else ["a", "b"]
    rows = ibis.memtable(
        {key: ids, "began_opportunities": [opened] * 2}, schema={key: "string", "began_opportunities": "timestamp"}
    )
    engine = found.engine
    given = engine.given(rows.to_pyarrow())
    frame = engine.run(found.decided(key, given.cast({"began_opportunities": "timestamp"})).order_by("id"))
    return dict(zip(frame["id"], frame["side"], strict=True))


ROWS = (
    ("a", None, 1, "Call"),
    ("a", None, 5, "Campaign response"),
    ("b", "e", 3, "Email"),
    (None, "e", 12, "Campaign response"),
)


def test_the_first_touch_decides_also_for_the_deal_of_the_lead():
    found = asked("first_touch", *ROWS)
    assert sides(found, "lead_id") == {"a": "sales", "b": "sales"}
    assert sides(found, "deal_id") == {"d": "sales", "e": "sales"}


def test_the_last_touch_before_the_opportunity_decides_and_what_came_later_does_not():
    found = asked("last_touch", *ROWS)
    assert sides(found, "deal_id") == {"d": "marketing", "e": "sales"}
    assert sides(found, "deal_id", opened=datetime(2026, 7, 20)) == {"d": "marketing", "e": "marketing"}
    at_that_moment = datetime(2026, 7, 12)
    assert sides(found, "deal_id", opened=at_that_moment) == {"d": "marketing", "e": "marketing"}


def test_at_the_same_moment_marketings_is_the_first_and_sales_the_last():
    rows = (("a", None, 2, "Call"), ("a", None, 2, "Campaign response"))
    assert sides(asked("first_touch", *rows), "lead_id") == {"a": "marketing"}
    assert sides(asked("last_touch", *rows), "lead_id") == {"a": "sales"}


def test_what_nothing_touched_has_no_side():
    assert sides(asked("first_touch", ("b", None, 3, "Email")), "lead_id") == {"b": "sales"}


def test_a_touch_without_a_kind_is_sales_a_campaigns_is_not_and_a_deals_goes_to_its_lead():
    found = asked("lead_source", *ROWS, ("a", None, 7, None), (None, "d", 8, "Call"), (None, None, 9, "Call"))
    frame = found.engine.run(found.by_sales())
    assert sorted((lead, at.day) for lead, at in zip(frame["id"], frame["at"], strict=True)) == [
        ("a", 1), ("a", 7), ("a", 8), ("b", 3),
    ]  # fmt: skip
    assert found.counts() == {"marketing": 2, "sales": 4, "unassigned": 1}


@pytest.mark.parametrize(
    ("rule", "without", "said"),
    [
        ("first_touch", "touches", "needs touches with dates (calls, e-mails, campaign responses, form fills). Load exports of both sides' activities, or agree on another rule."),
        ("first_touch", "marketing", "needs touches of both sides, and none of the 2 in the files is marketing's. Load campaign responses or form fills, or say in the agreement's [sourcing.touches] whose each kind of touch is."),
        ("last_touch", "created_at", "needs the day on which each opportunity was created. Load deals with their created date, or agree on another rule."),
        ("deal_source", "lead_source", "needs the lead source of each deal. Load an export of deals that has it, or agree on another rule."),
    ],
)  # fmt: skip
def test_a_rule_that_the_tables_cannot_carry_says_what_to_load(rule, without, said):
    tables = {"leads": LEADS, "deals": DEALS.drop_columns([without]) if without in DEALS.column_names else DEALS}
    if without != "touches":
        tables["touches"] = touches(*(row for row in ROWS if without != "marketing" or row[3] in ("Call", "Email")))
    found = rule_faults(Records(Engine(tables)), Sourcing.model_validate({"rule": rule}), Calendar())
    assert found == [f"The agreement's sourcing rule {rule!r} {said}"]


def test_all_rules_are_carried_where_everything_is_loaded_and_one_where_only_leads_are():
    records = asked("lead_source", *ROWS).records
    assert carried_rules(records, Sourcing(), Calendar()) == ("lead_source", "first_touch", "deal_source", "last_touch")
    assert carried_rules(Records(Engine({"leads": LEADS})), Sourcing(), Calendar()) == ("lead_source",)
