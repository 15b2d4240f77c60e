"""Definitions over past quarters: as if only the leads that meet them had been imported."""

import csv
import io
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition import Group, MqlDefinition, Rule
from alignment_core.errors import DataError
from alignment_core.imports import InputFile, read_files
from alignment_core.quarters import Quarter
from alignment_core.replay import replay
from tests.definition_oracle import lead_meets
from tests.support import agreed, records, summary

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"
AGREEMENT = Agreement.from_toml(SAMPLE / "agreement.toml")
DEALS = InputFile("deals.csv", SAMPLE / "salesforce_opportunities.csv")
ROWS = list(csv.DictReader((SAMPLE / "salesforce_leads.csv").read_text(encoding="utf-8").splitlines()))
#: The fields of the sample's leads, by their columns.
COLUMNS = {
    "country": "Country", "region": "Region__c", "industry": "Industry", "employees": "NumberOfEmployees",
    "lead_type": "Lead_Type__c", "lead_source": "LeadSource",
}  # fmt: skip
STAGES = ("mqls", "sqls", "opportunities", "wins", "revenue")


@pytest.fixture(scope="module")
def sample() -> Data:
    imported = read_files([InputFile("leads.csv", SAMPLE / "salesforce_leads.csv"), DEALS])
    return Data(imported.tables, imported.quality)


def filtered(definition: MqlDefinition) -> bytes:
    """The sample's leads without those that don't meet a definition; all that do have an MQL date."""
    kept = []
    for row in ROWS:
        if lead_meets({field: row[column] for field, column in COLUMNS.items()}, definition):
            kept.append(row | {"MQL_Date__c": row["MQL_Date__c"] or row["CreatedDate"]})
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROWS[0]))
    writer.writeheader()
    writer.writerows(kept)
    return text.getvalue().encode()


def by_import(definition: MqlDefinition, quarters) -> list[tuple[float, ...]]:
    """The cohorts of a file with the definition's leads alone, through the importer, as nobody's definition counts them."""
    imported = read_files([InputFile("filtered.csv", filtered(definition)), DEALS])
    funnel = Data(imported.tables).funnel(AGREEMENT, "cohort")
    cells = [funnel.counts(quarter, "marketing").get(None) for quarter in quarters]
    return [tuple((getattr(cell, name) or 0) if cell else 0 for name in STAGES) for cell in cells]


def by_replay(data: Data, definition: MqlDefinition, quarters) -> list[tuple[float, ...]]:
    (row,) = replay(data, AGREEMENT, {"it": definition}, quarters).rows
    return [tuple(getattr(each, name) or 0 for name in STAGES) for _, each in row.by_quarter]


QUARTERS = tuple(
    Quarter(year, number)
    for year, number in ((2024, 4), *((2025, n) for n in range(1, 5)), (2026, 1), (2026, 2), (2026, 3))
)
TOLD = {
    "the agreement's": AGREEMENT.mql,
    "stricter": MqlDefinition.from_text(
        'fit = { all = [{ field = "employees", between = [200, 2000] }, { field = "country", is_not = "japan" }] }\n'
        'engagement = { field = "lead_type", is = ["demo  REQUEST", "Trade show"] }'
    ),
    "nested": MqlDefinition.from_text(
        'fit = { any = [{ field = "region", is = "EMEA" }, { all = [{ field = "employees", at_most = 300 }, { field = "industry", is = "Retail" }] }] }'
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_replaying_equals_importing_a_filtered_file(sample, name):
    counted = by_replay(sample, TOLD[name], QUARTERS)
    assert counted == by_import(TOLD[name], QUARTERS)
    assert all(mqls > 0 for mqls, *_ in counted)


values = {field: sorted({row[column] for row in ROWS if row[column]}) for field, column in COLUMNS.items()}
texts = st.sampled_from([field for field in COLUMNS if field != "employees"]).flatmap(
    lambda field: st.builds(
        Rule.of,
        st.just(field),
        st.sampled_from(["is", "is_not"]),
        st.lists(st.sampled_from(values[field]), min_size=1, max_size=4),
    )
)
sizes = st.integers(0, 3000)
numbers = st.one_of(
    st.builds(Rule.of, st.just("employees"), st.sampled_from(["at_least", "at_most"]), sizes),
    st.builds(Rule.of, st.just("employees"), st.just("between"), st.tuples(sizes, sizes).map(sorted)),
)
rules = texts | numbers | st.builds(Rule.of, st.sampled_from(sorted(COLUMNS)), st.just("is_filled"), st.booleans())


def grouped(terms):
    return st.builds(Group.of, st.sampled_from(["all", "any"]), st.lists(terms, min_size=1, max_size=3).map(tuple))


definitions = st.builds(
    lambda fit, engagement: MqlDefinition(fit=fit, engagement=engagement),
    grouped(rules | grouped(rules | grouped(rules))),
    st.none() | grouped(rules),
)


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.generate,),  # an example takes seconds: too slow to look for the simplest
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(definitions)
def test_replaying_any_definition_equals_importing_its_leads(sample, definition):
    # A file without a single MQL of marketing's has no cohort of them.
    assume(any(mqls for mqls, *_ in by_replay(sample, definition, QUARTERS)))
    assert by_replay(sample, definition, QUARTERS) == by_import(definition, QUARTERS)


# --- leads of all kinds, held against the plain rules -------------------------------------------

fields = {
    "country": st.sampled_from([None, "US", "us", " US", "Peru"]),
    "employees": st.sampled_from([None, "5", "1,200", "51-200", "10,001+", "unknown", "200.0"]),
    "score": st.none() | st.integers(-5, 120).map(str),
}
maybe = st.none() | st.integers(1, 28).map("2026-05-{:02}T08:00".format)
leads = st.fixed_dictionaries(
    {
        **fields,
        "mql_at": maybe,
        "sql_at": maybe,
        "won_at": maybe,
        "lost_at": maybe,
        "lead_source": st.sampled_from(["Web", "Cold call", None]),
    }
)
some_rules = st.one_of(
    st.builds(Rule.of, st.just("country"), st.sampled_from(["is", "is_not"]), st.lists(st.sampled_from(["US", "peru", "Chad"]), min_size=1)),
    st.builds(Rule.of, st.sampled_from(["employees", "score"]), st.sampled_from(["at_least", "at_most"]), st.integers(0, 300)),
    st.builds(Rule.of, st.just("employees"), st.just("between"), st.tuples(st.integers(0, 60), st.integers(60, 2000))),
    st.builds(Rule.of, st.sampled_from(sorted(fields)), st.just("is_filled"), st.booleans()),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.lists(leads, min_size=1, max_size=12),
    st.builds(lambda fit: MqlDefinition(fit=fit), grouped(some_rules | grouped(some_rules))),
)
def test_what_became_of_its_leads_is_what_a_plain_count_says(found, definition):
    first = {"lead_source": "Web", "country": "US", "employees": "7", "score": "7", "mql_at": None, "sql_at": "2026-05-01T08:00",
             "won_at": "2026-05-02T08:00", "lost_at": "2026-05-02T08:00"}  # fmt: skip
    rows = [
        each | {"lead_id": f"L{n}", "created_at": "2026-04-02T08:00", "amount": 10 if each["won_at"] else None}
        for n, each in enumerate([first, *found])
    ]
    meeting = [row for row in rows if row["lead_source"] == "Web" and lead_meets(row, definition)]
    (row,) = replay(records(*rows), agreed(), {"it": definition}, [Quarter(2026, 2)]).rows
    on = [each for each in meeting if each["sql_at"] or each["won_at"]]
    assert (row.whole.mqls, row.whole.sqls, row.whole.wins, row.whole.revenue) == (
        len(meeting),
        len(on),
        sum(bool(each["won_at"]) for each in meeting),
        sum(10 for each in meeting if each["won_at"]),
    )
    assert row.whole.open_sql == sum(not each["lost_at"] for each in meeting if each not in on)
    assert row.whole.open_win == sum(not each["won_at"] and not each["lost_at"] for each in meeting)
    assert row.unflagged == sum(not each["mql_at"] for each in meeting)
    wins = sum(bool(each["won_at"]) for each in rows if each["lead_source"] == "Web")
    assert row.share_of_wins == pytest.approx(row.whole.wins / wins)


# --- what follows for the promise -----------------------------------------------------------------


def won(number, size, amount):
    at = "2026-05-02T08:00"
    return {"lead_id": f"L{number}", "lead_source": "Web", "employees": size, "created_at": at, "mql_at": at, "sql_at": at if amount else None,
            "won_at": at if amount else None, "amount": amount}  # fmt: skip


def test_what_is_owed_is_worked_out_as_the_docs_say():
    """10 MQLs, 3 SQLs and wins worth 90,000: 9,000 an MQL, 30% MQL→SQL. The contract's target is 830,250 and 123 SQLs."""
    leads = [won(n, "500", 30_000 if n < 3 else None) for n in range(10)] + [won(10, "5", 1_000)]
    large = MqlDefinition.from_text('fit = { field = "employees", at_least = 100 }')
    found = replay(records(*leads), agreed(), {"large": large, "none": None})
    large, flagged = found.rows
    assert (large.whole.mqls, large.whole.sqls, large.whole.wins, large.whole.value_per_mql) == (10, 3, 3, 9_000)
    assert large.owed_by_value == ceil(Fraction(830_250, 9_000)) == 93
    assert large.owed_by_rates == ceil(123 / Fraction(3, 10)) == 410
    assert large.share_of_wins == 0.75
    assert (flagged.whole.mqls, flagged.whole.wins, flagged.unflagged) == (11, 4, 0)
    assert (found.leads, found.wins, found.quarters) == (11, 4, (Quarter(2026, 2),))


def test_with_no_wins_nothing_is_owed_by_value_and_with_no_leads_no_rate_is_made_up():
    leads = [won(0, "500", 30_000), won(1, "5", None)]
    names = {"small": {"at_most": 9}, "huge": {"at_least": 9_999}}
    made = {name: MqlDefinition.checked({"fit": {"field": "employees", **rule}}) for name, rule in names.items()}
    small, huge = replay(records(*leads), agreed(), made).rows
    assert (small.whole.mqls, small.owed_by_value, small.owed_by_rates, small.whole.mql_to_sql) == (1, None, None, 0)
    assert (huge.whole.mqls, huge.whole.mql_to_sql, huge.whole.mql_to_win, huge.whole.value_per_mql) == (
        0,
        None,
        None,
        None,
    )


def test_the_last_year_that_is_over_is_looked_back_on(sample):
    found = replay(sample, AGREEMENT, {"CRM": None})
    assert found.quarters == QUARTERS[3:7]
    assert found.undated == 0
    (crm,) = found.rows
    truth = [190, 195, 199, 203]
    assert [each.mqls for _, each in crm.by_quarter] == truth
    assert crm.mqls_per_quarter == sum(truth) / 4


def test_without_dates_of_giving_up_nobody_says_what_is_open():
    (row,) = replay(records(won(0, "5", 9), won(1, "5", None)), agreed(), {"CRM": None}).rows
    assert (row.whole.open_sql, row.whole.open_win) == (None, None)


def test_a_lead_without_any_date_is_in_no_quarter_and_is_counted():
    nowhere = won(1, "5", None) | {"created_at": None, "mql_at": None}
    found = replay(records(won(0, "5", 9), nowhere), agreed(), {"CRM": None})
    assert (found.leads, found.undated) == (1, 1)


@pytest.mark.parametrize(
    ("data", "asked", "said"),
    [
        (records(won(0, "5", 9)), {"quarters": [Quarter(2020, 1)]}, "no leads of 2020-Q1 to replay; there are of 2026-Q2"),
        (records(won(0, "5", 9)), {"quarters": []}, "no leads of no quarter"),
        (records(won(0, "5", 9) | {"lead_source": "Cold call"}), {}, "No marketing-sourced lead"),
        (records({"lead_id": "L", "lead_source": "Web", "won_at": "2026-05-01"}), {}, "No file of leads with a date"),
        (summary({"quarter": "2026-Q2", "source": "marketing", "mqls": 5.0, "wins": 1.0, "revenue": 9}), {}, "No file of leads"),
    ],
    ids=range(5),
)  # fmt: skip
def test_what_cannot_be_replayed_is_said(data, asked, said):
    with pytest.raises(DataError, match=said):
        replay(data, agreed(), {"CRM": None}, **asked)


def test_rules_on_what_the_leads_lack_are_named_together():
    definition = MqlDefinition.from_text('fit = { all = [{ field = "mood", is = "x" }, { field = "shoe", is = "y" }] }')
    with pytest.raises(DataError) as refused:
        replay(records(won(0, "5", 9)), agreed(), {"it": definition})
    assert len(refused.value.reasons) == 2
