"""Whose demand a lead or deal is under each sourcing rule: hand-made tables, and a plain-Python reading of any others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError, Sourcing
from alignment_core.choices import Choices
from alignment_core.contested import carried, contested, why_not
from alignment_core.data import Data
from alignment_core.engine import Engine
from alignment_core.errors import DataError
from alignment_core.events import Events
from alignment_core.funnel import count_funnel
from alignment_core.imports import InputFile, read_files
from alignment_core.quarters import Calendar
from alignment_core.sourcing import RULES
from tests.support import agreed

DAY = datetime(2026, 7, 1, tzinfo=UTC)
AT = pa.timestamp("us", "UTC")
MONEY = pa.decimal128(18, 4)
TYPES = {"created_at": AT, "closed_at": AT, "mql_at": AT, "sql_at": AT, "opportunity_at": AT, "won_at": AT, "at": AT, "is_won": pa.bool_(), "amount": MONEY}  # fmt: skip
SOURCING = Sourcing(marketing=("Webinar",), sales=("Cold call",))


def day(number: float) -> datetime:
    return DAY + timedelta(days=number)


def table(rows: Sequence[dict[str, Any]], names: str) -> pa.Table:
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], TYPES.get(name, pa.string())) for name in names.split()}
    )


def engine_of(
    leads: Sequence[dict[str, Any]] = (), deals: Sequence[dict[str, Any]] = (), touches: Sequence[dict[str, Any]] = ()
) -> Engine:
    return Engine(
        {
            "leads": table(leads, "lead_id lead_source source mql_at sql_at deal_id"),
            "deals": table(deals, "deal_id lead_id lead_source source created_at closed_at is_won amount"),
            "touches": table(touches, "lead_id deal_id at kind lead_source source"),
        }
    )


def sides(engine: Engine, rule: str, key: str, **changes: Any) -> dict[str, str]:
    """The side of every lead or deal."""
    sourcing = SOURCING.model_copy(update={"rule": rule} | changes)
    events = Events(engine, sourcing, Calendar(), None)
    rows = events.deals() if key == "deal_id" else events.leads(with_deals=True)
    found = engine.run(rows.select(key, "source"))
    return dict(zip(found[key], found["source"], strict=True))


#: A lead from a webinar that was called before; its deal was created after a form fill and a call, under another lead source.
LEADS = [{"lead_id": "L", "lead_source": "Webinar", "mql_at": day(2), "sql_at": day(3), "deal_id": "D"}]
DEALS = [{"deal_id": "D", "lead_source": "Cold call", "created_at": day(10), "closed_at": day(20), "is_won": True, "amount": 100}]  # fmt: skip
TOUCHES = [
    {"lead_id": "L", "at": day(1), "kind": "Call"},
    {"lead_id": "L", "at": day(5), "kind": "Call"},
    {"lead_id": "L", "at": day(9), "kind": "Form submission"},
    {"lead_id": "L", "at": day(11), "kind": "Email"},
]


@pytest.mark.parametrize(
    ("rule", "side"),
    [("lead_source", "marketing"), ("deal_source", "sales"), ("first_touch", "sales"), ("last_touch", "marketing")],
)
def test_each_rule_asks_another_witness_and_the_lead_goes_with_its_deal(rule: str, side: str) -> None:
    engine = engine_of(LEADS, DEALS, TOUCHES)
    assert sides(engine, rule, "deal_id") == {"D": side}
    assert sides(engine, rule, "lead_id") == {"L": side}
    funnel = count_funnel(engine, SOURCING.model_copy(update={"rule": rule}), basis="cohort")
    assert set(funnel.frame.loc[funnel.frame["wins"] > 0, "source"]) == {side}


@pytest.mark.parametrize(
    ("touch", "side"),
    [
        ({"kind": "call"}, "sales"),
        ({"kind": "FORM-submission"}, "marketing"),
        ({"kind": "Smoke signal"}, "unassigned"),
        ({}, "unassigned"),
        ({"kind": "Call", "lead_source": "webinar"}, "marketing"),  # what it says of its source beats its kind
        ({"kind": "Call", "lead_source": "Somewhere"}, "sales"),  # unless nobody listed it
        ({"kind": "Call", "lead_source": "Cold call", "source": "marketing"}, "marketing"),
    ],
)
def test_whose_a_touch_is(touch: dict[str, str], side: str) -> None:
    engine = engine_of([{"lead_id": "L"}], (), [{"lead_id": "L", "at": DAY} | touch])
    assert sides(engine, "first_touch", "lead_id") == {"L": side}
    counts_as = sides(engine, "first_touch", "lead_id", otherwise="sales")
    assert counts_as == {"L": "sales" if side == "unassigned" else side}


def test_the_agreement_says_whose_a_kind_of_touch_is() -> None:
    kinds = {"marketing": ["Smoke signal", "Call"]}
    sourcing = Agreement.from_text(
        agreed(sourcing={"touches": kinds, "rule": "first_touch", "contested": "sales"}).to_toml()
    ).sourcing
    assert (sourcing.touches.marketing, sourcing.contested) == (("Smoke signal", "Call"), "sales")
    assert "Email" in sourcing.touches.sales
    assert "Call" not in sourcing.touches.sales
    engine = engine_of([{"lead_id": "L"}], (), [{"lead_id": "L", "at": DAY, "kind": "call"}])
    assert sides(engine, "first_touch", "lead_id", touches=sourcing.touches) == {"L": "marketing"}
    with pytest.raises(AgreementError) as caught:
        agreed(sourcing={"touches": {"marketing": ["Call"], "sales": ["call"]}, "contested": "both"})
    assert caught.value.faults == (
        "sourcing.contested: 'both' is none of 'rule', 'unassigned', 'marketing' or 'sales'",
        "sourcing.touches: 'Call' counts as marketing and as sales; keep it in one list",
    )


def test_of_touches_at_the_same_moment_marketings_comes_first_and_sales_last() -> None:
    touches = [
        {"lead_id": "L", "deal_id": "D", "at": DAY, "kind": kind} for kind in ("Smoke signal", "Call", "Webinar")
    ]
    for turn in (touches, touches[::-1]):
        engine = engine_of(LEADS, DEALS, turn)
        assert sides(engine, "first_touch", "deal_id") == {"D": "marketing"}
        assert sides(engine, "last_touch", "deal_id") == {"D": "sales"}


def test_without_an_opportunity_the_last_touch_there_is_decides_and_without_touches_nobody_does() -> None:
    leads = [{"lead_id": "open"}, {"lead_id": "alone", "lead_source": "Webinar"}]
    touches = [{"lead_id": "open", "at": day(1), "kind": "Webinar"}, {"lead_id": "open", "at": day(2), "kind": "Call"}]
    engine = engine_of(leads, DEALS, touches)
    assert sides(engine, "last_touch", "lead_id") == {"open": "sales", "alone": "unassigned"}
    assert sides(engine, "last_touch", "deal_id") == {"D": "unassigned"}


def test_leads_that_share_an_address_share_their_touches() -> None:
    """Put together, the first of them has the other's earlier touch as well."""
    leads = table([{"lead_id": "A"}, {"lead_id": "B"}], "lead_id").append_column("email_key", pa.array(["k", "k"]))
    touches = [{"lead_id": "B", "at": day(1), "kind": "Webinar"}, {"lead_id": "A", "at": day(2), "kind": "Call"}]
    engine = Engine({"leads": leads, "touches": table(touches, "lead_id at kind")})
    sourcing = SOURCING.model_copy(update={"rule": "first_touch"})
    found = {
        option: engine.run(
            Events(engine, sourcing, Calendar(), None, Choices(same_email=option))
            .leads(with_deals=False)
            .select("lead_id", "source")  # type: ignore[arg-type]
        )
        for option in ("count each", "count once")
    }
    assert dict(found["count each"].to_numpy().tolist()) == {"A": "sales", "B": "marketing"}
    assert dict(found["count once"].to_numpy().tolist()) == {"A": "marketing"}


# --- any tables, against a plain reading ---------------------------------------------------------------

sources = st.sampled_from(["Webinar", "Cold call", "Mystery", None])
explicit = st.sampled_from([None, None, "marketing", "sales"])
when = st.integers(0, 30).map(day)


@st.composite
def companies(draw: st.DrawFn) -> tuple[list[dict], list[dict], list[dict]]:
    ids = [f"d{n}" for n in range(draw(st.integers(1, 4)))]
    names = [f"l{n}" for n in range(draw(st.integers(1, 5)))]
    leads = [
        {"lead_id": name, "lead_source": draw(sources), "source": draw(explicit), "mql_at": draw(when), "sql_at": draw(when), "deal_id": draw(st.none() | st.sampled_from(ids))}
        for name in names
    ]  # fmt: skip
    deals = [
        {"deal_id": name, "lead_id": draw(st.none() | st.sampled_from(names)), "lead_source": draw(sources), "source": draw(explicit), "created_at": draw(when),
         "closed_at": draw(when), "is_won": draw(st.booleans()), "amount": draw(st.integers(1, 9))}
        for name in ids
    ]  # fmt: skip
    touches = [
        {"lead_id": draw(st.none() | st.sampled_from(names)), "deal_id": draw(st.none() | st.sampled_from(ids)), "at": draw(when),
         "kind": draw(st.sampled_from(["Call", "Webinar", "Smoke signal", None])), "lead_source": draw(sources), "source": draw(explicit)}
        for _ in range(draw(st.integers(0, 8)))
    ]  # fmt: skip
    # One of each, so that the tables can carry every rule.
    leads.append({"lead_id": "z", "lead_source": "Webinar", "mql_at": DAY, "sql_at": DAY, "deal_id": "zd"})
    deals.append({"deal_id": "zd", "lead_source": "Webinar", "created_at": DAY, "closed_at": DAY, "is_won": True, "amount": 1})  # fmt: skip
    touches += [{"lead_id": "z", "at": DAY, "kind": "Call"}, {"lead_id": "z", "deal_id": "zd", "at": DAY, "kind": "Webinar"}]  # fmt: skip
    return leads, deals, touches


LISTED = {"Webinar": "marketing", "Cold call": "sales"}
KINDS = {"Webinar": "marketing", "Call": "sales"}


class Reading:
    """The rules as the documentation says them, record by record."""

    def __init__(self, leads: list[dict], deals: list[dict], touches: list[dict]) -> None:
        self.leads, self.deals, self.touches = leads, deals, touches
        self.pairs = {(lead["deal_id"], lead["lead_id"]) for lead in leads if lead.get("deal_id")}
        self.pairs |= {(deal["deal_id"], deal["lead_id"]) for deal in deals if deal.get("lead_id")}

    def lead_of(self, deal: dict) -> dict | None:
        ids = [lead for of, lead in self.pairs if of == deal["deal_id"]]
        return next(lead for lead in self.leads if lead["lead_id"] == min(ids)) if ids else None

    def deals_of(self, lead: dict) -> list[dict]:
        return [deal for deal in self.deals if self.lead_of(deal) is lead]

    def touches_of_deal(self, deal: dict) -> list[dict]:
        leads = {lead for of, lead in self.pairs if of == deal["deal_id"]}
        return [touch for touch in self.touches if touch.get("deal_id") == deal["deal_id"] or touch.get("lead_id") in leads]  # fmt: skip

    def touches_of_lead(self, lead: dict) -> list[dict]:
        own = [touch for touch in self.touches if touch.get("lead_id") == lead["lead_id"]]
        return own + [touch for deal in self.deals_of(lead) for touch in self.touches_of_deal(deal)]

    @staticmethod
    def touch_side(touch: dict) -> str:
        said = touch.get("source") or LISTED.get(touch.get("lead_source"))
        return said or KINDS.get(touch.get("kind"), "unassigned")

    def by_touch(self, rule: str, touches: list[dict], created: datetime | None) -> str:
        told = [(touch["at"], self.touch_side(touch)) for touch in touches]
        if rule == "first_touch":
            return min(told, key=lambda each: (each[0], each[1] == "unassigned", each[1] == "sales"), default=(0, "unassigned"))[1]  # fmt: skip
        told = [each for each in told if created is None or each[0] <= created]
        return max(told, key=lambda each: (each[0], each[1] != "unassigned", each[1] == "sales"), default=(0, "unassigned"))[1]  # fmt: skip

    def deal(self, rule: str, deal: dict) -> str:
        if rule.endswith("touch"):
            return self.by_touch(rule, self.touches_of_deal(deal), deal["created_at"])
        lead = self.lead_of(deal) or {}
        if rule == "deal_source":
            if deal.get("source") or deal["lead_source"]:
                return deal.get("source") or LISTED.get(deal["lead_source"], "unassigned")
            return lead.get("source") or LISTED.get(lead.get("lead_source"), "unassigned")
        said = lead.get("source") or deal.get("source")
        return said or LISTED.get(lead.get("lead_source") or deal["lead_source"], "unassigned")

    def lead(self, rule: str, lead: dict) -> str:
        deals = self.deals_of(lead)
        if rule.endswith("touch"):
            created = min((deal["created_at"] for deal in deals), default=None)
            return self.by_touch(rule, self.touches_of_lead(lead), created)
        if rule == "deal_source":
            said = min(filter(None, (deal.get("source") for deal in deals)), default=None)
            listed = min(filter(None, (deal["lead_source"] for deal in deals)), default=None)
            if said or listed:
                return said or LISTED.get(listed, "unassigned")
        return lead.get("source") or LISTED.get(lead["lead_source"], "unassigned")

    def disputed(self, deal: dict) -> bool:
        return {"marketing", "sales"} <= {self.deal(rule, deal) for rule in RULES}


@settings(max_examples=15, deadline=None)
@given(companies())
def test_every_rule_is_as_a_plain_reading_of_the_records(company: tuple) -> None:
    reading, engine = Reading(*company), engine_of(*company)
    for rule in RULES:
        assert sides(engine, rule, "deal_id") == {deal["deal_id"]: reading.deal(rule, deal) for deal in reading.deals}
        assert sides(engine, rule, "lead_id") == {lead["lead_id"]: reading.lead(rule, lead) for lead in reading.leads}


@settings(max_examples=8, deadline=None)
@given(companies(), st.sampled_from(["rule", "unassigned", "marketing"]), st.sampled_from(["unassigned", "sales"]))
def test_the_sources_sum_to_the_whole_under_every_rule(company: tuple, policy: str, otherwise: str) -> None:
    """A rule moves demand between the sides, and loses none."""
    engine, wholes = engine_of(*company), []
    for rule in RULES:
        sourcing = SOURCING.model_copy(update={"rule": rule, "contested": policy, "otherwise": otherwise})
        funnel = count_funnel(engine, sourcing, as_of=day(60).date())
        wholes.append(funnel.frame.groupby("quarter")[["opportunities", "wins", "revenue"]].sum())
    for whole in wholes[1:]:
        pd.testing.assert_frame_equal(whole, wholes[0])
    assert wholes[0]["opportunities"].sum() == len(company[1])


# --- what the tables cannot carry ----------------------------------------------------------------------


def without(engine: Engine, *names: str, **columns: str) -> dict[str, pa.Table]:
    """The tables without some of them, or without some columns of one."""
    tables = {name: found for name, found in engine._tables.items() if name not in names}
    return {name: found.drop_columns(columns[name].split()) if name in columns else found for name, found in tables.items()}  # fmt: skip


WHOLE = engine_of(LEADS, DEALS, TOUCHES)


@pytest.mark.parametrize(
    ("rule", "tables", "said"),
    [
        ("first_touch", without(WHOLE, "touches"), ["'first_touch' needs touches with dates", "Load exports of both sides' activities"]),
        ("last_touch", without(WHOLE, leads="deal_id", touches="deal_id", deals="lead_id"), ["the lead that each deal came from", "id of their lead"]),
        ("last_touch", without(WHOLE, deals="created_at"), ["the day on which each opportunity was created", "created date"]),
        ("deal_source", without(WHOLE, deals="lead_source source"), ["the lead source of each deal"]),
        ("deal_source", without(WHOLE, "deals"), ["the lead source of each deal"]),
        ("first_touch", without(engine_of(LEADS, DEALS, TOUCHES[:2])), ["none of the 2 in the files is marketing's", "campaign responses"]),
        ("first_touch", without(engine_of(LEADS, DEALS, TOUCHES[2:3])), ["none of the 1 in the files is sales'", "calls and e-mails"]),
        ("first_touch", without(WHOLE) | {"funnel": pa.table({"quarter": ["2026-Q3"], "mqls": [1.0]})}, ["counts and stage-by-stage files name none"]),
    ],
)  # fmt: skip
def test_a_rule_that_the_tables_cannot_carry_is_refused_with_what_to_load(rule: str, tables: dict, said: list[str]) -> None:  # fmt: skip
    sourcing = SOURCING.model_copy(update={"rule": rule})
    with pytest.raises(DataError) as caught:
        count_funnel(Engine(tables), sourcing)
    for part in said:
        assert part in " ".join(caught.value.reasons)
    agreement = agreed(sourcing=sourcing.model_dump())
    assert rule not in carried(Data(tables), agreement)
    assert set(why_not(Data(tables), agreement, rule)) <= set(caught.value.reasons)
    assert why_not(Data(tables), agreement, "lead_source") == ()


def test_a_touch_brings_its_own_lead_source_from_a_file() -> None:
    leads = "Lead ID,Lead Source,MQL Date,Deal ID\n7,Cold call,2026-07-02,9\n"
    deals = "Deal ID,Created Date,Close Date,Won,Amount,Lead Source\n9,2026-07-20,2026-08-01,TRUE,100,Cold call\n"
    touches = "Lead ID,Touched At,Activity Type,Lead Source\n7,2026-07-01,Visit,Webinar\n7,2026-07-05,Call,\n"
    files = {"leads.csv": leads, "deals.csv": deals, "touches.csv": touches}
    imported = read_files([InputFile(name, text.encode()) for name, text in files.items()])
    assert imported.refused == ()
    data = Data(imported.tables)
    found = contested(data, agreed(sourcing=SOURCING.model_dump()))
    assert found[["lead_source", "first_touch", "last_touch", "deal_source"]].to_numpy().tolist() == [
        ["sales", "marketing", "sales", "sales"]
    ]


def test_campaign_members_bring_marketings_touches() -> None:
    """Who responded did so on a day, and is a campaign's response; who was only sent something is no touch."""
    members = (
        "Id,CampaignId,LeadId,Status,HasResponded,FirstRespondedDate,CreatedDate\n"
        "1,701A,7,Attended,true,2026-06-20,2026-06-01\n2,701A,8,Sent,false,,2026-06-01\n"
    )
    tasks = "Id,WhoId,TaskSubtype,CompletedDateTime\n1,7,Call,2026-07-01T10:00:00Z\n2,8,Call,2026-07-02T10:00:00Z\n"
    leads = "Lead ID,Lead Source,MQL Date,Won Date,Amount\n7,,2026-07-02,2026-07-30,5\n8,,2026-07-02,2026-07-30,3\n"
    files = {"leads.csv": leads, "campaign_members.csv": members, "tasks.csv": tasks}
    imported = read_files([InputFile(name, text.encode()) for name, text in files.items()])
    assert imported.refused == ()
    funnel = Data(imported.tables).funnel(agreed(sourcing=SOURCING.model_dump() | {"rule": "first_touch"}))
    revenue = funnel.frame.groupby("source")["revenue"].sum()
    assert revenue.to_dict() == {"marketing": 5.0, "sales": 3.0}
