"""The review page's logic, without a browser."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.proto.Metric_pb2 import Metric as MetricProto
from streamlit.testing.v1 import AppTest

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed
from alignment_core.data import Data
from alignment_core.imports import InputFile, read_files
from ui.session import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def page():
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    test.run()
    assert not test.exception
    return test


def said(page):
    return " ".join(element.value for element in (*page.title, *page.markdown, *page.caption, *page.info))


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def test_the_answer_comes_first(page):
    assert "came in USD 215k under plan" in page.title[0].value
    assert "which sales owns" in page.title[0].value
    shown = metrics(page)
    assert shown["Revenue, USD"] == "1.45M"
    assert shown["Marketing-sourced, USD"] == "593k"
    assert shown["MQL volume"] == "196"


def test_the_largest_cause_is_open_with_its_numbers(page):
    shown = metrics(page)
    assert (shown["Agreed"], shown["Actual"], shown["Effect on revenue, USD"], shown["Owner"]) == (
        "60.0%",
        "39.3%",
        "−299,823",
        "sales",
    )
    assert "the average over all 120 orders of the 5 drivers" in said(page)


def test_another_bar_can_be_opened_without_a_mouse(page):
    page.selectbox(key="bar").set_value("marketing.mql_volume").run()
    assert metrics(page)["Effect on revenue, USD"] == "−32,121"


def test_method_and_basis_change_the_bars_and_not_the_variance(page):
    page.selectbox(key="method").set_value("sequential").run()
    assert metrics(page)["Effect on revenue, USD"] == "−274,050"
    assert "USD 215k under plan" in page.title[0].value
    page.selectbox(key="basis").set_value("cohort").run()
    assert "so far" in page.title[0].value


def test_a_breakdown_shows_where_and_says_how_the_plan_was_spread(page):
    page.selectbox(key="by").set_value("region").run()
    assert "spread by the mix of 2026-Q2" in said(page)
    assert not page.exception


def test_a_quarter_without_an_answer_says_why(page):
    page.selectbox(key="method").set_value("lmdi").run()
    assert not page.exception
    page.selectbox(key="quarter").set_value("2026-Q4").run()
    assert not page.exception
    assert "2026-Q4" in said(page) or page.warning


def test_nothing_a_choice_moves_touches_the_tables(page, monkeypatch):
    """Once counted, method, whiskers and the open bar are arithmetic: the engine is not asked again."""
    from alignment_core.engine import Engine

    def refuse(self, expression):
        raise AssertionError("the tables were touched")

    monkeypatch.setattr(Engine, "run", refuse)
    page.selectbox(key="method").set_value("sequential").run()
    page.toggle(key="ranges").set_value(True).run()
    page.selectbox(key="bar").set_value("sales.close_rate").run()
    assert not page.exception


def bars_table(page):
    return next(frame.value for frame in page.dataframe if "Driver" in frame.value)


def test_an_amended_plan_is_a_bar_of_its_own_that_opens(page):
    """The sample's target lowered by 200,000 in August: the variance of −215k is −15k and the amendment."""
    here = page.session_state["workspace"]
    lower = Agreement.from_text(here.agreement.to_toml().replace("1660500", "1460500"))
    signed = (Signed(here.agreement), Signed(lower, date(2026, 8, 14), "![x](http://x) froze"))
    page.session_state["workspace"] = replace(here, agreement=lower, signed=signed)
    page.run()
    assert not page.exception
    assert "USD 15k under plan, after an amendment of −200k agreed on 14 August 2026" in page.title[0].value
    page.selectbox(key="bar").set_value("amendment.1").run()
    assert not page.exception
    assert metrics(page)["Effect on the plan, USD"] == "−200,000"
    assert "MQLs owed 205 → 181" in said(page)
    assert "![x]" not in said(page)
    assert bars_table(page).iloc[0].tolist()[:5] == ["Amendment", "", "both", "1.66M → 1.46M", -200_000]
    page.selectbox(key="by").set_value("region").run()
    assert not page.exception
    regions = page.dataframe[0].value
    assert regions["Effect, USD"].sum() == pytest.approx(-200_000)
    assert regions["Region"].tolist()


def test_mqls_can_be_those_that_the_agreement_defines(page):
    """In the sample's last quarter the CRM flagged 196 leads; the page says which of the two it counts."""
    assert "flagged, not those that meet the agreed definition" in said(page)
    page.selectbox(key="mql").set_value("agreed").run()
    assert not page.exception
    assert "An MQL is here what the agreement says: companies with at least 100 employees" in said(page)
    assert metrics(page)["MQL volume"] == "202"


def test_a_store_that_cannot_be_read_is_said_and_the_review_stands(page, tmp_path, monkeypatch):
    """What stands in the store's place is no database."""
    (tmp_path / "alignment.db").write_bytes(b"this is no database, and was never one" * 100)
    monkeypatch.setenv("ALIGNMENT_STORE", str(tmp_path))
    page.run()
    assert not page.exception
    assert "What was signed cannot be read" in page.warning[0].value
    assert "under plan" in page.title[0].value


def test_a_review_is_closed_and_opened_again_whatever_is_loaded_since(page, tmp_path, monkeypatch):
    """Closed at a target of 1.66M, it says so still when another target is agreed; and without the quarter's files."""
    monkeypatch.setenv("ALIGNMENT_STORE", str(tmp_path))
    page.run()
    was = page.title[0].value
    page.button(key="close").click().run()
    here = page.session_state["workspace"]
    other = Agreement.from_text(here.agreement.to_toml().replace("1660500", "1000000"))
    page.session_state["workspace"] = replace(here, agreement=other)
    page.run()
    assert page.title[0].value != was
    page.toggle(key="closed").set_value(True).run()
    assert not page.exception
    assert page.title[0].value == was
    assert "closed on" in said(page)


@pytest.fixture
def one_sided(page):
    """The sample's agreement, and of its files marketing's contacts alone."""
    imported = read_files([InputFile("hubspot_contacts.csv", ROOT / "sample_data" / "hubspot_contacts.csv")])
    page.session_state["workspace"] = Workspace(
        page.session_state["workspace"].agreement,
        Data(imported.tables, imported.quality),
        imported.files,
        {"hubspot_contacts.csv": "0" * 64},
    )
    page.run()
    assert not page.exception
    return page


def test_beside_a_side_that_is_not_in_the_files_the_headlines_cause_is_open(one_sided):
    assert "The largest cause is MQL → SQL conversion" in one_sided.title[0].value
    assert one_sided.selectbox(key="bar").value == "marketing.mql_to_sql"


def test_what_is_not_in_the_files_is_no_miss_and_no_chart_of_zeros(one_sided):
    tile = next(each for each in one_sided.metric if each.label == "Sales-sourced, USD")
    assert (tile.value, tile.delta) == ("–", "nothing of it is in the files, 830k agreed")
    assert MetricProto.MetricColor.Name(tile.color) == "GRAY"
    assert metrics(one_sided)["MQL volume"] == "196"
    one_sided.selectbox(key="bar").set_value("sales.sql_volume").run()
    assert not one_sided.exception
    assert "Nothing of sales-sourced demand is in the files, so there is nothing to hold" in said(one_sided)
    assert "ran 0 for" not in said(one_sided)


def test_the_choice_of_a_bar_has_no_amount_that_another_choice_would_move(page):
    """Its labels stay the same, so what the browser keeps of it always fits, and a link to it opens it."""
    labels = page.selectbox(key="bar").options
    assert "Marketing-sourced · MQL → SQL" in labels
    page.selectbox(key="bar").set_value("marketing.close_rate").run()
    page.selectbox(key="basis").set_value("cohort").run()
    assert page.selectbox(key="bar").options == labels
    assert page.selectbox(key="bar").value == "marketing.close_rate"
    assert metrics(page)["Effect on revenue, USD"] == "−358,653"
    linked = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    linked.query_params["bar"] = "Sales-sourced · Close rate"
    linked.run()
    assert linked.selectbox(key="bar").value == "sales.close_rate"
    assert metrics(linked)["Effect on revenue, USD"] == "+44,734"


def test_a_bar_that_another_review_does_not_have_gives_way_to_its_largest_cause():
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.session_state["bar"] = "marketing.mql_to_opportunity"
    page.run()
    assert not page.exception
    assert page.selectbox(key="bar").value == "marketing.mql_to_sql"


def test_a_field_that_breaks_nothing_down_says_why_beside_the_choice(page):
    assert not any("The bars stay whole" in each.value for each in page.caption)
    page.selectbox(key="by").set_value("deal_type").run()
    assert not page.exception
    assert any(
        "The bars stay whole. No plan by deal type: nothing was agreed per deal type" in each.value
        for each in page.caption
    )


def test_the_table_behind_the_bars_is_in_whole_units_of_money(page):
    table = bars_table(page)
    assert table["Effect, USD"].tolist()[:2] == [-32_121, -299_823]
    assert (table.select_dtypes("number").dropna() % 1 == 0).all().all()
