"""Deals that both sides can claim: listed with the side under each rule, and with the touches that make them so."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.contested import carried, contested, why_not, with_touches
from alignment_core.data import Data
from alignment_core.engine import Engine
from alignment_core.sourcing import RULES
from tests.support import agreed
from tests.test_robustness import DISPUTED, disputed
from tests.test_sourcing_rules import (
    DAY,
    DEALS,
    LEADS,
    SOURCING,
    TOUCHES,
    Reading,
    companies,
    day,
    engine_of,
    sides,
    table,
)


def data_of(**tables: Any) -> Data:
    engine = engine_of(**tables)
    return Data({name: engine._tables[name] for name in ("leads", "deals", "touches") if name in engine})


def apart(company: tuple, number: int) -> tuple[list[dict], ...]:
    """The same records under ids that no other company has."""
    ids = ("lead_id", "deal_id")
    return tuple(
        [row | {name: f"{row[name]} of {number}" for name in ids if row.get(name)} for row in rows] for rows in company
    )


@st.composite
def several(draw: st.DrawFn) -> tuple[list[dict], ...]:
    """Six companies' records in one: a question costs as much of many records as of few."""
    parts = [apart(draw(companies()), number) for number in range(6)]
    return tuple([row for part in parts for row in part[place]] for place in range(3))


@settings(max_examples=3, deadline=None)
@given(several(), st.sampled_from(["unassigned", "marketing", "sales"]))
def test_contested_deals_are_listed_and_count_as_agreed(company: tuple, policy: str) -> None:
    reading, engine = Reading(*company), engine_of(*company)
    agreement = agreed(sourcing=SOURCING.model_dump() | {"rule": "last_touch", "contested": policy})
    data = Data({name: engine._tables[name] for name in ("leads", "deals", "touches")})
    found = contested(data, agreement)
    disputed = {deal["deal_id"]: deal for deal in reading.deals if reading.disputed(deal)}
    assert found.set_index("deal_id")[list(RULES)].to_dict("index") == {
        name: {rule: reading.deal(rule, deal) for rule in RULES} for name, deal in disputed.items()
    }
    assert set(found["counts_as"]) <= {policy}
    assert dict(zip(found["deal_id"], found["amount"], strict=True)) == {name: deal["amount"] for name, deal in disputed.items()}  # fmt: skip
    expected = {deal["deal_id"]: policy if deal["deal_id"] in disputed else reading.deal("last_touch", deal) for deal in reading.deals}  # fmt: skip
    assert sides(engine, "last_touch", "deal_id", contested=policy) == expected
    of_leads = {
        lead["lead_id"]: policy
        if any(deal["deal_id"] in disputed for deal in reading.deals_of(lead))
        else reading.lead("last_touch", lead)
        for lead in reading.leads
    }
    assert sides(engine, "last_touch", "lead_id", contested=policy) == of_leads


def test_leads_without_deals_can_be_contested_too() -> None:
    leads = [{"lead_id": "L", "lead_source": "Webinar", "mql_at": day(1), "opportunity_at": day(10), "won_at": day(95), "amount": 70}]  # fmt: skip
    leads += [{"lead_id": "M", "lead_source": "Webinar", "mql_at": day(1)}]
    touches = [{"lead_id": name, "at": day(n), "kind": kind} for name in "LM" for n, kind in ((1, "Call"), (9, "Form"))]
    tables = {
        "leads": table(leads, "lead_id lead_source mql_at opportunity_at won_at amount"),
        "touches": table(touches, "lead_id at kind"),
    }
    found = contested(Data(tables), agreed(sourcing=SOURCING.model_dump() | {"contested": "sales"}))
    assert found.to_dict("records") == [
        {"deal_id": "L", "lead_source": "marketing", "first_touch": "sales", "last_touch": "marketing", "counts_as": "sales", "amount": 70.0, "won": True, "quarter": "2026-Q4"}
    ]  # fmt: skip
    assert sides(Engine(tables), "lead_source", "lead_id", contested="sales") == {"L": "sales", "M": "marketing"}


def test_with_one_rule_alone_nothing_is_contested() -> None:
    leads = [{"lead_id": "L", "lead_source": "Webinar", "mql_at": DAY, "won_at": DAY}]
    data = Data({"leads": table(leads, "lead_id lead_source mql_at won_at")})
    agreement = agreed(sourcing={"contested": "unassigned"})
    assert carried(data, agreement) == ("lead_source",)
    assert contested(data, agreement).empty
    assert data.funnel(agreement).frame["wins"].sum() == 1
    assert contested(Data({}), agreement).empty


def test_contested_deals_come_with_their_touches():
    data = disputed()
    found = with_touches(data, DISPUTED, contested(data, DISPUTED)).set_index("deal_id")
    assert "D000" in found.index
    deal = found.loc["D000"]
    assert (deal["lead_source"], deal["first_touch"]) == ("marketing", "sales")
    assert (deal["first_touch_kind"], deal["first_touch_side"]) == ("Cold call", "sales")
    assert (deal["last_touch_kind"], deal["last_touch_side"]) == ("Webinar", "marketing")
    assert deal["first_touch_at"].date() == day(-5).date()
    called_last = found.loc["D001"]
    assert (called_last["first_touch_side"], called_last["last_touch_kind"]) == ("marketing", "Call")


def test_a_deal_is_contested_by_the_rules_that_the_tables_carry_and_counts_as_agreed() -> None:
    """LEADS are marketing's by the lead's source and the last touch, and sales' by the first touch and the deal's source."""
    data = data_of(leads=LEADS, deals=DEALS, touches=TOUCHES)
    agreement = agreed(sourcing=SOURCING.model_dump())
    assert contested(data, agreement).to_dict("records") == [
        {"deal_id": "D", "lead_source": "marketing", "first_touch": "sales", "deal_source": "sales", "last_touch": "marketing",
         "counts_as": "marketing", "amount": 100.0, "won": True, "quarter": "2026-Q3"}
    ]  # fmt: skip
    fewer = data_of(leads=LEADS, deals=DEALS)
    assert carried(fewer, agreement) == ("lead_source", "deal_source")
    assert list(contested(fewer, agreement).columns) == [
        "deal_id", "lead_source", "deal_source", "counts_as", "amount", "won", "quarter",
    ]  # fmt: skip


def test_by_a_rule_that_cannot_be_carried_a_contested_deal_counts_as_nothing() -> None:
    data = data_of(leads=LEADS, deals=DEALS)
    agreement = agreed(sourcing=SOURCING.model_dump() | {"rule": "last_touch"})
    assert contested(data, agreement)["counts_as"].tolist() == [None]
    assert "Load exports of both sides' activities" in why_not(data, agreement, "last_touch")[0]


def test_the_largest_are_listed_first_and_what_was_not_won_is_of_the_quarter_of_its_creation() -> None:
    leads = [{"lead_id": name, "lead_source": "Webinar", "mql_at": day(1)} for name in "abc"]
    deals = [
        {"deal_id": "small", "lead_id": "a", "lead_source": "Cold call", "created_at": day(10), "closed_at": day(95), "is_won": True, "amount": 5},
        {"deal_id": "open", "lead_id": "b", "lead_source": "Cold call", "created_at": day(10), "is_won": False, "amount": 70},
        {"deal_id": "clear", "lead_id": "c", "lead_source": "Webinar", "created_at": day(10), "is_won": False, "amount": 90},
    ]  # fmt: skip
    found = contested(data_of(leads=leads, deals=deals), agreed(sourcing=SOURCING.model_dump()))
    assert found[["deal_id", "amount", "won", "quarter"]].to_numpy().tolist() == [
        ["open", 70.0, False, "2026-Q3"],
        ["small", 5.0, True, "2026-Q4"],
    ]


def test_without_touches_their_columns_are_empty() -> None:
    data = data_of(leads=LEADS, deals=DEALS)
    agreement = agreed(sourcing=SOURCING.model_dump())
    told = with_touches(data, agreement, contested(data, agreement))
    names = [f"{which}_{name}" for which in ("first_touch", "last_touch") for name in ("at", "kind", "side")]
    assert list(told.columns)[-6:] == names
    assert told[names].isna().all(axis=None)


def test_the_first_touch_and_the_last_before_the_opportunity_are_named() -> None:
    """Of TOUCHES the first was a call on the second day, the last before day 10 a form; the e-mail of day 11 came later."""
    data = data_of(leads=LEADS, deals=DEALS, touches=TOUCHES)
    agreement = agreed(sourcing=SOURCING.model_dump())
    (told,) = with_touches(data, agreement, contested(data, agreement)).to_dict("records")
    assert (told["first_touch_at"], told["first_touch_kind"], told["first_touch_side"]) == (
        day(1).replace(tzinfo=None), "Call", "sales",
    )  # fmt: skip
    assert (told["last_touch_at"], told["last_touch_kind"], told["last_touch_side"]) == (
        day(9).replace(tzinfo=None), "Form submission", "marketing",
    )  # fmt: skip


def test_of_touches_at_the_same_moment_the_one_that_decided_is_named() -> None:
    """Marketing's is the first and sales' the last; at the moment of the creation a touch still counts."""
    touches = [
        {"lead_id": "L", "at": day(at), "kind": kind} for at in (1, 10) for kind in ("Smoke signal", "Call", "Webinar")
    ]
    data = data_of(leads=LEADS, deals=DEALS, touches=[*touches, {"lead_id": "L", "at": day(11), "kind": "Webinar"}])
    agreement = agreed(sourcing=SOURCING.model_dump())
    (told,) = with_touches(data, agreement, contested(data, agreement)).to_dict("records")
    assert (told["first_touch"], told["first_touch_kind"], told["first_touch_side"]) == ("marketing", "Webinar", "marketing")  # fmt: skip
    assert (told["last_touch"], told["last_touch_kind"], told["last_touch_side"]) == ("sales", "Call", "sales")
    assert told["last_touch_at"] == day(10).replace(tzinfo=None)
