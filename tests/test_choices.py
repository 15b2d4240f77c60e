"""Doubtful records: what each option counts, by hand and against a plain-Python count, and what it would change."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.choices import OPTIONS, Choices
from alignment_core.data import Data
from alignment_core.doubts import doubts
from alignment_core.errors import DataError
from alignment_core.imports import ONCE, InputFile, read_files
from alignment_core.quarters import Quarter
from alignment_core.results import Doubt, Effect
from alignment_core.review import review
from alignment_core.wording import CHOICE, doubt, note
from tests.support import MONEY, agreed

AGREEMENT = agreed(sourcing={"marketing": ["Web"], "sales": ["Call"]})
Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
TODAY = date(2026, 11, 1)


def table(rows):
    """Arrow columns from plain rows: dates as ISO text, money as numbers, flags as they are."""
    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        if name.endswith("_at") or name == "at":
            columns[name] = pa.array([value and datetime.fromisoformat(value) for value in values], pa.timestamp("us"))
        elif name in ("amount", "revenue"):
            columns[name] = pa.array([None if value is None else Decimal(str(value)) for value in values], MONEY)
        elif name.startswith("is_"):
            columns[name] = pa.array(values, pa.bool_())
        else:
            columns[name] = pa.array(values, pa.string())
    return pa.table(columns)


def loaded(leads=(), deals=(), **others):
    tables = {"leads": leads, "deals": deals, **others}
    return Data({name: table(rows) for name, rows in tables.items() if rows})


def lead(id_, mql=None, sql=None, **more):
    return {"lead_id": id_, "lead_source": "Web", "mql_at": mql, "sql_at": sql, "deal_id": None} | more


def deal(id_, created, closed=None, amount=None, **more):
    won = closed is not None
    return {
        "deal_id": id_,
        "lead_source": "Web",
        "created_at": created,
        "closed_at": closed,
        "is_won": won,
        "amount": amount,
    } | more


#: A plain quarter beside the doubtful records: one lead with one deal of 100,000.
PLAIN_LEAD = lead("plain", "2026-07-01", "2026-07-05", deal_id="d0")
PLAIN_DEAL = deal("d0", "2026-07-10", "2026-08-01", 100_000)


def marketing(data, basis="period", quarter=Q3):
    """MQLs, SQLs, opportunities, wins and revenue that marketing brought."""
    counts = review(data, AGREEMENT, quarter, basis=basis).actual["marketing"]
    return counts.mqls, counts.sqls, counts.opportunities, counts.wins, counts.revenue


# What each option counts, by hand. The plain records bring (1, 1, 1, 1, 100,000).
CASES = {
    "skipped_stages": (
        # A lead without an MQL date became an SQL and a won deal.
        [lead("a", None, "2026-07-20", deal_id="d1")],
        [deal("d1", "2026-08-01", "2026-09-01", 40_000)],
        {"by basis": (1, 2, 2, 2, 140_000), "not counted": (1, 2, 2, 2, 140_000), "counted as passed": (2, 2, 2, 2, 140_000)},
        1,
    ),
    "repeated_mql": (
        # First an MQL in the second quarter, then again in the third.
        [lead("a", "2026-05-01", None, mql_latest_at="2026-07-20"), lead("b", "2026-07-02", None, mql_latest_at="2026-07-02")],
        [],
        {"first": (2, 1, 1, 1, 100_000), "latest": (3, 1, 1, 1, 100_000)},
        1,
    ),
    "same_record": (
        # The same lead and deal in two exports: in the first the deal is open with an expected close date.
        [lead("a", "2026-07-02", None, deal_id="d1"), lead("a", "2026-07-02", "2026-07-06", deal_id="d1")],
        [deal("d1", "2026-07-10", "2026-12-31", 20_000, is_won=False), deal("d1", "2026-07-10", "2026-09-01", 40_000)],
        {"count once": (2, 2, 2, 2, 140_000), "count each": (3, 2, 3, 2, 140_000)},
        2,
    ),
    "same_email": (
        [
            lead("a", "2026-07-02", None, email_key="x"),
            lead("b", "2026-07-09", "2026-07-20", email_key="x", deal_id="d1"),
            lead("c", "2026-07-02", None, email_key="y"),
        ],
        [deal("d1", "2026-08-01", "2026-09-01", 40_000)],
        {"count each": (4, 2, 2, 2, 140_000), "count once": (3, 2, 2, 2, 140_000)},
        2,
    ),
    "wins_without_amount": (
        # The others' average is (100,000 + 50,000) / 2.
        [],
        [deal("d1", "2026-07-03", "2026-08-03", 50_000), deal("d2", "2026-07-04", "2026-08-04"), deal("d3", "2026-07-04", "2026-08-04")],
        {"at zero": (1, 1, 4, 4, 150_000), "at the average": (1, 1, 4, 4, 300_000), "left out": (1, 1, 4, 2, 150_000)},
        2,
    ),
    "zero_or_negative_amounts": (
        [],
        [deal("d1", "2026-07-03", "2026-08-03", 0), deal("d2", "2026-07-04", "2026-08-04", -5_000)],
        {"as they are": (1, 1, 3, 3, 95_000), "left out": (1, 1, 3, 1, 100_000)},
        2,
    ),
    "out_of_order": (
        # An SQL before it was an MQL, and a deal won before it was made; the same day at another hour is no disorder.
        [lead("a", "2026-08-01", "2026-07-20"), lead("b", "2026-07-20 15:00", "2026-07-20 09:00")],
        [deal("d1", "2026-08-03", "2026-07-03", 40_000)],
        {"as dated": (3, 3, 2, 2, 140_000), "left out": (2, 2, 1, 1, 100_000)},
        2,
    ),
    "deals_without_lead": (
        [],
        [deal("d1", "2026-07-03", "2026-08-03", 40_000)],
        {"counted": (1, 1, 2, 2, 140_000), "left out": (1, 1, 1, 1, 100_000)},
        1,
    ),
    "several_deals": (
        # The lead's second deal was won, the first is open, the third was won later.
        [lead("a", "2026-07-02", "2026-07-03", deal_id="d1")],
        [
            deal("d1", "2026-07-05", None, 10_000, lead_id="a"),
            deal("d2", "2026-07-06", "2026-08-06", 20_000, lead_id="a"),
            deal("d3", "2026-07-06", "2026-09-06", 40_000, lead_id="a"),
        ],
        {"each counts": (2, 2, 4, 3, 160_000), "once": (2, 2, 2, 2, 120_000)},
        3,
    ),
    "converted_without_deal": (
        # The lead says that it became an opportunity and was won; its deal is in no file.
        [lead("a", "2026-07-02", "2026-07-03", deal_id="gone", opportunity_at="2026-07-09", won_at="2026-08-20", amount=7_000)],
        [],
        {"left out": (2, 2, 1, 1, 100_000), "as the lead says": (2, 2, 2, 2, 107_000)},
        1,
    ),
}  # fmt: skip


def of_case(name):
    leads, deals, expected, count = CASES[name]
    return loaded([PLAIN_LEAD, *leads], [PLAIN_DEAL, *deals]), expected, count


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_counts_what_it_says(name):
    data, expected, _ = of_case(name)
    assert set(expected) == set(OPTIONS[name])
    found = {option: marketing(data.with_choices(Choices().but(name, option))) for option in expected}
    assert found == expected


@pytest.mark.parametrize("name", OPTIONS)
def test_the_default_is_the_first_option_and_every_choice_has_a_meaning(name):
    assert getattr(Choices(), name) == OPTIONS[name][0]
    assert OPTIONS[name] == get_args({each.name: each.type for each in fields(Choices)}[name])
    assert CHOICE[name].endswith(".")
    assert set(CHOICE) == set(OPTIONS)


def test_an_option_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'twice' is none of count once, count each"):
        Choices().but("same_record", "twice")


def test_a_lead_found_in_two_files_is_an_mql_at_its_first_or_latest_date():
    rows = [lead("a", "2026-05-01", None), lead("a", "2026-07-20", "2026-07-25")]
    data = loaded([PLAIN_LEAD, *rows], [PLAIN_DEAL])
    assert marketing(data) == (1, 2, 1, 1, 100_000)
    assert marketing(data.with_choices(Choices(repeated_mql="latest"))) == (2, 2, 1, 1, 100_000)


def test_leads_and_deals_without_an_id_are_never_one():
    data = loaded(
        [PLAIN_LEAD, PLAIN_LEAD, lead(None, "2026-07-02"), lead(None, "2026-07-03")],
        [PLAIN_DEAL, PLAIN_DEAL, deal(None, "2026-07-02", "2026-08-02", 1), deal(None, "2026-07-02", "2026-08-02", 1)],
    )
    assert marketing(data) == (3, 1, 3, 3, 100_002)


def test_a_doubled_lead_does_not_double_its_deals():
    data = loaded([PLAIN_LEAD, PLAIN_LEAD], [PLAIN_DEAL], touches=())
    assert marketing(data.with_choices(Choices(same_record="count each"))) == (2, 2, 1, 1, 100_000)


def test_wins_at_the_average_take_the_quarters_where_their_source_has_none_and_everybodys_where_it_has_none():
    deals = [
        PLAIN_DEAL,
        deal("d1", "2026-07-03", "2026-08-03", None, lead_source="Call"),
        deal("d2", "2026-04-03", "2026-05-03", None),
    ]
    data = loaded([], deals).with_choices(Choices(wins_without_amount="at the average"))
    assert review(data, AGREEMENT, Q3).actual["sales"].revenue == 100_000
    assert marketing(data, quarter=Q2)[4] == 100_000


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            Doubt("wins_without_amount", 14, "at zero", (Effect("at the average", 0, 260_000),)),
            "Counting 14 wins without an amount at the average would add 260k.",
        ),
        (
            Doubt("wins_without_amount", 1, "at zero", (Effect("left out", 0, 0, {"wins": -1}),)),
            "Leaving out 1 win without an amount would leave revenue as it is (Wins −1).",
        ),
        (
            Doubt("zero_or_negative_amounts", 2, "left out", (Effect("as they are", 0, -5_000, {"wins": 2}),)),
            "Counting 2 wins with an amount of zero or less would take away 5.0k (Wins +2).",
        ),
        (
            Doubt("repeated_mql", 3, "first", (Effect("latest", 0, 0),)),
            "Dating 3 leads that became an MQL again by the latest time would change nothing.",
        ),
    ],
)
def test_a_doubt_is_said_in_sentences(said, sentence):
    assert doubt(said) == sentence


def test_what_was_chosen_is_a_note_of_the_review():
    data = of_case("wins_without_amount")[0].with_choices(Choices(wins_without_amount="at the average"))
    said = [note(each) for each in review(data, AGREEMENT, Q3).notes]
    assert "Chosen for wins without amount: at the average." in said
    assert "Won deals without an amount count at the average of the quarter's other wins of their source: 2." in said


# An independent count of the same records under random choices.

LEAD_SOURCES = {"Web": "marketing", "Call": "sales", None: "unassigned"}
STAGES = ("mqls", "sqls", "opportunities", "wins")


@st.composite
def companies(draw):
    day = st.integers(0, 300).map(lambda days: (datetime(2026, 1, 1) + timedelta(days=days)).isoformat())
    ids = [f"e{number}" for number in range(draw(st.integers(1, 6)))]
    deals = [
        deal(id_, draw(day), draw(st.none() | day), draw(st.sampled_from([None, -4, 0, 10, 35])), lead_source=draw(st.sampled_from(list(LEAD_SOURCES))))
        for id_ in ids
    ]  # fmt: skip
    leads = [
        lead(
            f"l{number}", draw(st.none() | day), draw(st.none() | day),
            lead_source=draw(st.sampled_from(list(LEAD_SOURCES))), mql_latest_at=draw(st.none() | day),
            deal_id=draw(st.sampled_from([None, "gone", *ids])),
        )
        for number in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    # One of each, so that every stage is recorded; two of them in two files.
    leads.append(PLAIN_LEAD | {"mql_latest_at": "2026-07-01"})
    deals.append(PLAIN_DEAL)
    leads += [dict(row) for row in leads if draw(st.booleans())]
    deals += [dict(row) for row in deals if draw(st.booleans())]
    return leads, deals


@st.composite
def choices(draw):
    names = ("skipped_stages", "repeated_mql", "same_record", "wins_without_amount", "zero_or_negative_amounts", "out_of_order", "deals_without_lead")  # fmt: skip
    return Choices(**{name: draw(st.sampled_from(OPTIONS[name])) for name in names})


def plainly(leads, deals, chosen):
    """Every cell (quarter, source, stage) of period basis, counted the slow way: counts, and revenue."""

    def once(rows, key):
        return list({row[key]: row for row in reversed(rows)}.values())[::-1]

    def at(text):
        return text and datetime.fromisoformat(text)

    unique = once(leads, "lead_id")
    if chosen.same_record == "count once":
        leads, deals = unique, once(deals, "deal_id")

    def own_dates(row):
        known = [day for day in (row["mql_at"], row["mql_latest_at"]) if day]
        mql = (max if chosen.repeated_mql == "latest" else min)(known, default=None)
        return {"mqls": at(mql), "sqls": at(row["sql_at"])}

    def origin(id_):
        return min((row for row in unique if row["deal_id"] == id_), key=lambda row: row["lead_id"], default=None)

    def won_at(row):
        return at(row["closed_at"]) if row["is_won"] else None

    def disorder(dates):
        known = [dates[stage].date() for stage in STAGES if dates.get(stage)]
        return known != sorted(known)

    events, recorded = [], {source: set() for source in LEAD_SOURCES.values()}
    for row in leads:
        mine = [each for each in deals if (found := origin(each["deal_id"])) and found["lead_id"] == row["lead_id"]]
        dates = own_dates(row) | {
            "opportunities": min((at(each["created_at"]) for each in mine), default=None),
            "wins": min((day for each in mine if (day := won_at(each))), default=None),
        }
        if chosen.out_of_order == "left out" and disorder(dates):
            continue
        for stage in ("mqls", "sqls"):
            later = [dates[each] for each in STAGES[STAGES.index(stage) + 1 :]]
            when = dates[stage]
            if when:
                recorded[LEAD_SOURCES[row["lead_source"]]].add(stage)
            if when is None and chosen.skipped_stages == "counted as passed":
                when = next((day for day in later if day), None)
            events.append((stage, when, LEAD_SOURCES[row["lead_source"]], None))
    for row in deals:
        found = origin(row["deal_id"])
        dates = (own_dates(found) if found else {}) | {"opportunities": at(row["created_at"]), "wins": won_at(row)}
        if chosen.deals_without_lead == "left out" and not found:
            continue
        if chosen.out_of_order == "left out" and disorder(dates):
            continue
        source = LEAD_SOURCES[(found and found["lead_source"]) or row["lead_source"]]
        recorded[source].add("opportunities")
        events.append(("opportunities", dates["opportunities"], source, None))
        amount = row["amount"]
        bad = amount is not None and amount <= 0 and chosen.zero_or_negative_amounts == "left out"
        if dates["wins"] and not bad:
            events.append(("wins", dates["wins"], source, amount))
    events = [
        (stage, Quarter.containing(when.date()), source, amount) for stage, when, source, amount in events if when
    ]
    everyone = set().union(*recorded.values())
    recorded = {
        source: {"wins", *(everyone if source == "unassigned" or not own else own)} for source, own in recorded.items()
    }
    wins = [event for event in events if event[0] == "wins"]
    has_amounts = any(amount is not None for *_, amount in wins)

    def average(quarter, source):
        pools = (
            [event[3] for event in wins if event[1:3] == (quarter, source)],
            [event[3] for event in wins if event[1] == quarter],
            [event[3] for event in wins],
        )
        known = next(pool for values in pools if (pool := [value for value in values if value is not None]))
        return sum(known) / len(known)

    cells = {}
    for stage, quarter, source, amount in events:
        # A stage that a source never recorded is unknown, whatever is chosen.
        if (source == "sales" and stage == "mqls") or stage not in recorded[source]:
            continue
        if stage == "wins" and amount is None and has_amounts and chosen.wins_without_amount == "left out":
            continue
        cells[quarter, source, stage] = cells.get((quarter, source, stage), 0) + 1
        if stage == "wins":
            if amount is None and has_amounts and chosen.wins_without_amount == "at the average":
                amount = average(quarter, source)
            key = quarter, source, "revenue"
            cells[key] = cells.get(key, 0) + (amount or 0)
    return {key: pytest.approx(value) for key, value in cells.items() if value}


@settings(max_examples=25, deadline=None)
@given(companies(), choices())
def test_counts_under_any_choices_equal_a_plain_count(company, chosen):
    leads, deals = company
    data = Data({"leads": table(leads), "deals": table(deals)}, choices=chosen)
    frame = data.funnel(AGREEMENT, as_of=date(2027, 1, 1)).frame
    found = {
        (row["quarter"], row["source"], stage): row[stage]
        for row in frame.to_dict("records")
        for stage in (*STAGES, "revenue")
        if row[stage] == row[stage] and abs(row[stage]) > 1e-9
    }
    assert found == plainly(leads, deals, chosen)


# Money in several currencies.


def in_currencies(*rows):
    return loaded([], [deal(f"d{n}", "2026-07-02", "2026-08-02", amount, currency=currency) for n, (amount, currency) in enumerate(rows)])  # fmt: skip


def test_amounts_in_other_currencies_are_converted_exactly_at_the_given_rates():
    rows = [("100", "USD"), ("33.3333", "EUR"), ("0.0001", "€"), ("10", "gbp"), ("7", None), ("1", "$")]
    rates = {"EUR": Decimal("1.0837"), "GBP": Decimal("1.2701")}
    data = in_currencies(*rows).with_choices(Choices(rates=tuple(rates.items())))
    euros = [(Decimal(amount) * rates["EUR"]).quantize(Decimal("0.0001"), ROUND_HALF_UP) for amount in ("33.3333", "0.0001")]  # fmt: skip
    expected = 100 + sum(euros) + Decimal("12.701") + 7 + 1
    result = review(data, AGREEMENT, Q3)
    assert Decimal(str(result.actual["marketing"].revenue)) == expected
    said = [note(each) for each in result.notes]
    assert "2 amounts in EUR were converted at 1 EUR = 1.0837 USD, as given." in said
    assert "Amounts without a currency are taken to be in USD: 1." in said


def test_a_currency_without_a_rate_is_refused_with_the_counts_and_the_lines_to_add():
    data = in_currencies((100, "USD"), (5, "EUR"), (6, "EUR"), (7, "CHF"))
    with pytest.raises(DataError) as caught:
        review(data, AGREEMENT, Q3)
    (reason,) = caught.value.reasons
    assert reason == (
        "Won amounts are in other currencies than the agreement's USD: CHF (1), EUR (2). "
        "Say in the mapping, under [rates], what one unit is worth in USD: CHF = … EUR = …"
    )


def test_open_deals_and_missing_amounts_in_another_currency_need_no_rate():
    rows = [deal("a", "2026-07-02", "2026-08-02", 5, currency="USD"), deal("b", "2026-07-02", None, 9, currency="EUR"), deal("c", "2026-07-02", "2026-08-02", None, currency="CHF")]  # fmt: skip
    assert marketing(loaded([], rows))[4] == 5


def test_stage_files_and_summaries_are_converted_too():
    events = [{"stage": "wins", "at": "2026-07-02", "lead_source": "Web", "amount": 10, "currency": "EUR"}]
    chosen = Choices(rates=(("EUR", Decimal("1.5")),))
    data = Data({"stage_events": table(events)}, choices=chosen)
    assert review(data, AGREEMENT, Q3).actual["marketing"].revenue == 15
    counts = table([{"quarter": "2026-Q3", "source": "marketing", "revenue": 10, "currency": "EUR"}])
    counts = counts.append_column("wins", pa.array([2.0]))
    assert review(Data({"funnel": counts}, choices=chosen), AGREEMENT, Q3).actual["marketing"].revenue == 15


def test_other_choices_share_the_tables_and_what_was_counted():
    data = of_case("same_email")[0]
    other = data.with_choices(replace(data.choices, same_email="count once"))
    assert other.engine is data.engine
    assert data.choices == Choices()
    assert other.funnel(AGREEMENT) is not data.funnel(AGREEMENT)
    assert other.with_choices(Choices()).funnel(AGREEMENT) is data.funnel(AGREEMENT)


def test_a_record_in_two_files_is_found_and_one_file_is_not_searched_again(tmp_path):
    first, second = tmp_path / "q2.csv", tmp_path / "q3.csv"
    head = "deal_id,lead_source,created_at,closed_at,is_won,amount\n"
    first.write_text(head + "d1,Web,2026-06-02,2026-09-30,FALSE,10\nd2,Web,2026-06-02,2026-06-30,TRUE,10\n")
    second.write_text(head + "d1,Web,2026-06-02,2026-09-20,TRUE,30\n")
    alone = read_files([InputFile("q2.csv", first)])
    assert ONCE in alone.tables["deals"].schema.metadata
    both = read_files([InputFile(path.name, path) for path in (first, second)])
    data = Data(both.tables, both.quality)
    assert data.engine.repeats("deals")
    assert marketing(data)[3:] == (1, 30)
    (found,) = doubts(data, AGREEMENT, Q3, today=TODAY)
    assert (found.code, found.records) == ("same_record", 1)
