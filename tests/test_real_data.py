"""Whole reviews of real exports, against counts made here with the csv module alone."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import date, datetime

import pytest

from alignment_core.agreement import Agreement
from alignment_core.bar_records import bar_records
from alignment_core.data import Data
from alignment_core.doubts import doubts
from alignment_core.drafts import draft_agreement, unassigned_wins
from alignment_core.export.as_json import review_as_json
from alignment_core.export.workbook import write_workbook
from alignment_core.imports import FileMapping, InputFile, read_files
from alignment_core.quarters import Quarter
from alignment_core.review import review
from alignment_core.segments import segments_that_matter
from alignment_core.why import why, with_why
from tests.test_bar_records import check as ties


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def quarter_of(day):
    return Quarter(day.year, (day.month - 1) // 3 + 1)


def loaded(*paths, mapping=None):
    imported = read_files([InputFile(path.name, path) for path in paths], mapping)
    assert not imported.refused, imported.refused
    assert imported.quality.rows_read == imported.quality.rows_used + imported.quality.rows_set_aside
    return Data(imported.tables, imported.quality), imported


def us(text):
    return datetime.strptime(text.split()[0], "%m/%d/%Y").date()


# MarketStar: the plan is a number of conversions and an amount; nothing was agreed on how the two are linked.
MARKETSTAR = {
    "company": "MarketStar",
    "quarter": "2022-Q3",
    "revenue_target": 800_000,
    "split": {"marketing": 0, "sales": 1},
    # 250 opportunities for 800,000 make 3,200 each. The acceptance rate is the quarter before's (172 of 268).
    "sales": {"sql_to_opportunity": 1, "close_rate": 0.64, "deal_size": 5_000},
    "sourcing": {"sales": ["Web Registration", "Purchased List", "Trade Shows and Events"], "marketing": []},
}


@pytest.fixture(scope="module")
def marketstar(shared_data):
    folder = shared_data / "marketstar_sdr_quota"
    return loaded(folder / "Leads.csv", folder / "Opportunities.csv"), folder


def test_marketstar_every_row_is_read_and_used(marketstar):
    (_, imported), _ = marketstar
    assert {report.name: (report.kind, report.rows_read, report.rows_used) for report in imported.files} == {
        "Leads.csv": ("leads", 43_033, 43_033),
        "Opportunities.csv": ("deals", 1_061, 1_061),
    }


def test_marketstars_deal_size_is_judged_although_three_wins_were_for_nothing_or_less(marketstar):
    """196 wins of 3,582 on average against an agreed 5,000 and some: far more than chance."""
    (data, _), _ = marketstar
    result = review(data, Agreement.checked(MARKETSTAR))
    size = next(bar for bar in result.bars if bar.driver == "deal_size" and bar.actual)
    assert (round(size.actual), size.verdict) == (3_582, "real")


def test_marketstar_2022_q3_volume_was_up_and_value_down(marketstar):
    """290 converted against a plan of 250, 702,096.66 accepted against 800,000."""
    (data, _), folder = marketstar
    result = review(data, Agreement.checked(MARKETSTAR))
    opportunities = rows(folder / "Opportunities.csv")
    created = Counter(quarter_of(us(row["CreatedDate"])) for row in opportunities)
    accepted = [
        row
        for row in opportunities
        if row["IsAccepted"] == "TRUE" and quarter_of(us(row["AcceptedDecisionDate"])) == result.quarter
    ]
    actual = result.actual["sales"]
    assert actual.opportunities == created[result.quarter] == 290
    assert actual.wins == len(accepted) == 196
    assert actual.revenue == pytest.approx(sum(float(row["Amount"]) for row in accepted), abs=0.005)
    assert round(actual.revenue) == 702_097
    assert (actual.mqls, actual.sqls) == (None, None)
    bars = {bar.driver: bar for bar in result.bars}
    assert list(bars) == ["opportunity_volume", "close_rate", "deal_size"]
    assert (round(bars["opportunity_volume"].plan), bars["opportunity_volume"].actual) == (250, 290)
    assert bars["opportunity_volume"].effect > 0 > bars["close_rate"].effect + bars["deal_size"].effect
    assert sum(bar.effect for bar in result.bars) == pytest.approx(actual.revenue - 800_000, abs=0.005)


def test_marketstar_by_lead_source_each_deal_takes_its_leads(marketstar):
    (data, _), folder = marketstar
    result = review(data, Agreement.checked(MARKETSTAR), by="lead_source")
    source = {row["ConvertedOpportunityId"]: row["LeadSource"] for row in rows(folder / "Leads.csv")}
    expected = Counter(
        source[row["OpportunityId"]]
        for row in rows(folder / "Opportunities.csv")
        if quarter_of(us(row["CreatedDate"])) == result.quarter
    )
    cells = result.segment_actual["sales"]
    assert {name: cell.opportunities for name, cell in cells.items()} == expected


OLIST = {
    "company": "Olist",
    "quarter": "2018-Q1",
    "currency": "BRL",
    "revenue_target": 400_000,
    "split": {"marketing": 1, "sales": 0},
    "marketing": {"mql_to_sql": 1, "sql_to_opportunity": 1, "close_rate": 0.12, "deal_size": 1_000},
    "sourcing": {"otherwise": "marketing"},
}


def test_olist_follows_mqls_to_wins_by_origin_and_quarter(shared_data):
    folder = shared_data / "olist_marketing_funnel"
    leads, wins = folder / "olist_marketing_qualified_leads_dataset.csv", folder / "olist_closed_deals_dataset.csv"
    data, imported = loaded(leads, wins)
    assert [(report.kind, report.rows_read, report.rows_used) for report in imported.files] == [
        ("leads", 8_000, 8_000),
        ("deals", 842, 842),
    ]
    result = review(data, Agreement.checked(OLIST), basis="cohort", by="lead_source")
    became = {row["mql_id"]: row for row in rows(leads)}
    first = {name: date.fromisoformat(row["first_contact_date"]) for name, row in became.items()}
    mqls = Counter(
        row["origin"] or "(not recorded)" for name, row in became.items() if quarter_of(first[name]) == result.quarter
    )
    won = Counter(
        became[row["mql_id"]]["origin"] or "(not recorded)"
        for row in rows(wins)
        if quarter_of(first[row["mql_id"]]) == result.quarter
    )
    cells = result.segment_actual["marketing"]
    assert {name: cell.mqls for name, cell in cells.items()} == mqls
    assert {name: cell.wins for name, cell in cells.items() if cell.wins} == won
    assert (sum(mqls.values()), sum(won.values())) == (3_343, 468)
    assert [bar.driver for bar in result.bars] == ["mql_volume", "mql_to_win", "deal_size"]
    assert result.bars[-1].undefined  # no amounts were recorded
    assert "no_amounts" in {note.code for note in result.notes}


def test_olist_leads_without_an_origin_are_shown_and_a_negative_lag_is_counted(shared_data):
    folder = shared_data / "olist_marketing_funnel"
    data, _ = loaded(folder / "olist_marketing_qualified_leads_dataset.csv", folder / "olist_closed_deals_dataset.csv")
    frame = data.funnel(Agreement.checked(OLIST), "cohort", "lead_source").frame
    assert frame.loc[frame["segment"] == "(not recorded)", "mqls"].sum() == 60
    assert (frame["mqls"].sum(), frame["wins"].sum()) == (8_000, 842)


@pytest.fixture(scope="module")
def maven(shared_data):
    folder = shared_data / "maven_crm_sales_opportunities"
    return loaded(folder / "sales_pipeline.csv", folder / "sales_teams.csv", folder / "accounts.csv"), folder


def maven_agreement(data, quarter):
    base = {
        "company": "Maven", "quarter": str(quarter), "revenue_target": 1, "split": {"marketing": 0, "sales": 1},
        "sales": {"sql_to_opportunity": 1, "close_rate": 1, "deal_size": 1}, "sourcing": {"otherwise": "sales"},
    }  # fmt: skip
    return draft_agreement(data, Agreement.checked(base), quarter)


def test_maven_q2_against_q1_by_region(maven):
    (data, imported), folder = maven
    assert [report.kind for report in imported.files] == ["deals", "owners", "accounts"]
    quarter = Quarter(2017, 2)
    result = review(data, maven_agreement(data, quarter), by="region")
    region = {row["sales_agent"]: row["regional_office"] for row in rows(folder / "sales_teams.csv")}
    engaged, won, value = Counter(), Counter(), Counter()
    for row in rows(folder / "sales_pipeline.csv"):
        place = region[row["sales_agent"]]
        if row["engage_date"] and quarter_of(date.fromisoformat(row["engage_date"])) == quarter:
            engaged[place] += 1
        if row["deal_stage"] == "Won" and quarter_of(date.fromisoformat(row["close_date"])) == quarter:
            won[place] += 1
            value[place] += float(row["close_value"])
    cells = result.segment_actual["sales"]
    assert {name: (cell.opportunities, cell.wins, cell.revenue) for name, cell in cells.items()} == {
        place: (engaged[place], won[place], value[place]) for place in ("Central", "East", "West")
    }
    assert result.plan_revenue == pytest.approx(347_988 + 329_151 + 457_533)
    assert result.variance == pytest.approx(sum(bar.effect for bar in result.segment_bars), abs=0.005)
    assert {bar.segment for bar in result.segment_bars} == {"Central", "East", "West"}


@pytest.mark.parametrize("by", ["manager", "region", "owner"])
def test_no_manager_of_maven_is_named_in_anything_that_leaves(maven, by):
    """In the review and why it moved, in the records behind its bars, in the workbook and in the JSON."""
    (data, _), folder = maven
    managers = {row["manager"] for row in rows(folder / "sales_teams.csv")}
    agreement = maven_agreement(data, Quarter(2017, 4))
    result = review(data, agreement, basis="cohort", by=by)
    result = with_why(result, why(data, agreement, result))
    if by == "manager":
        assert {bar.segment for bar in result.segment_bars} == {f"Manager {place}" for place in range(1, 7)}
    listed = [bar_records(data, agreement, result, bar).records for bar in result.bars]
    assert set(listed[0]["manager"]) == {f"Manager {place}" for place in range(1, 7)}
    (rate,) = (bar for bar in result.bars if bar.driver == "close_rate")
    stands_out = segments_that_matter(data, agreement, result, rate)
    written = write_workbook(result, agreement)
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        sheets = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    left = [
        repr(result),
        *(each.to_csv() for each in listed),
        repr(stands_out),
        sheets,
        json.dumps(review_as_json(result)),
    ]
    assert not [name for name in managers for text in left if name in text]


def test_maven_has_no_lead_source_and_that_is_said(maven):
    (data, _), _ = maven
    agreement = maven_agreement(data, Quarter(2017, 2))
    assert unassigned_wins(data, agreement) == 4_238


def test_a_mapping_can_make_created_leads_count_as_mqls(shared_data):
    """The product never guesses that a created lead is an MQL; the user may say so."""
    folder = shared_data / "marketstar_sdr_quota"
    data, _ = loaded(
        folder / "Leads.csv",
        folder / "Opportunities.csv",
        mapping={"Leads.csv": FileMapping(columns={"mql_at": "CreatedDate"})},
    )
    agreement = Agreement.checked(MARKETSTAR | {"sourcing": {"otherwise": "marketing"}, "split": {"marketing": 1, "sales": 0}, "sales": None,
        "marketing": {"mql_to_sql": 0.1, "sql_to_opportunity": 1, "close_rate": 0.64, "deal_size": 5_000}})  # fmt: skip
    expected = Counter(
        quarter_of(datetime.strptime(row["CreatedDate"], "%Y%m%d").date()) for row in rows(folder / "Leads.csv")
    )
    result = review(data, agreement)
    assert result.actual["marketing"].mqls == expected[result.quarter]


def test_real_exports_say_what_is_in_doubt_about_them(marketstar, maven):
    """Deals that no lead converted into are counted here from the files; Maven's deals leave nothing in doubt."""
    (data, _), folder = marketstar
    quarter = Quarter(2022, 3)
    told = {each.code: each.records for each in doubts(data, Agreement.checked(MARKETSTAR), quarter)}
    linked = {row["ConvertedOpportunityId"] for row in rows(folder / "Leads.csv")} - {""}

    def is_of_the_quarter(row):
        won = row["IsAccepted"] == "TRUE" and quarter_of(us(row["AcceptedDecisionDate"])) == quarter
        return won or quarter_of(us(row["CreatedDate"])) == quarter

    deals = [row for row in rows(folder / "Opportunities.csv") if is_of_the_quarter(row)]
    assert deals
    assert told.get("deals_without_lead", 0) == sum(row["OpportunityId"] not in linked for row in deals)
    (data, _), _ = maven
    second = Quarter(2017, 2)
    assert doubts(data, maven_agreement(data, second), second) == ()


def test_a_real_export_is_reviewed_on_the_command_line(shared_data, tmp_path):
    folder = shared_data / "marketstar_sdr_quota"
    agreement = tmp_path / "agreement.toml"
    agreement.write_text(Agreement.checked(MARKETSTAR).to_toml(), encoding="utf-8")
    command = [
        sys.executable, "-m", "alignment_core", "review", "--agreement", agreement, "--quarter", "2022-Q3",
        "--leads", folder / "Leads.csv", "--deals", folder / "Opportunities.csv",
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Leads.csv: leads, 43,033 of 43,033 rows used" in done.stdout
    assert "290" in done.stdout


def test_the_records_behind_every_bar_of_real_exports_tie(marketstar, maven, shared_data):
    folder = shared_data / "olist_marketing_funnel"
    olist, _ = loaded(folder / "olist_marketing_qualified_leads_dataset.csv", folder / "olist_closed_deals_dataset.csv")
    (market, _), _ = marketstar
    (crm, _), _ = maven
    quarter = Quarter(2017, 2)
    for data, agreement, quarter_, asked in (
        (olist, Agreement.checked(OLIST), None, {"basis": "cohort", "by": "lead_source"}),
        (olist, Agreement.checked(OLIST), None, {}),
        (market, Agreement.checked(MARKETSTAR), None, {}),
        (crm, maven_agreement(crm, quarter), quarter, {}),
        (crm, maven_agreement(crm, quarter), quarter, {"by": "region"}),
    ):  # fmt: skip
        assert ties(data, agreement, review(data, agreement, quarter_, judged=False, **asked))
