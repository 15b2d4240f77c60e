"""The review page's logic, without a browser."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed

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
