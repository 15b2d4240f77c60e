"""The what-if page's logic, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.data import Data
from alignment_core.imports import InputFile, read_files
from tests.support import sample
from ui.session import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def page():
    test = AppTest.from_file(str(ROOT / "pages" / "scenarios.py"), default_timeout=60)
    test.run()
    assert not test.exception
    return test


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def test_it_starts_at_what_was(page):
    assert "USD 1.45M" in page.title[0].value
    assert metrics(page)["Revenue, USD"] == "1.45M"


def test_a_slider_moves_revenue_and_what_is_owed(page):
    """196 MQLs at 60% with the quarter's other values: 196 x .6 x 39/77 x 18/39 x 593,261/18 + 851,778 = 1,757,863."""
    page.slider(key="marketing.mql_to_sql").set_value(60.0).run()
    assert metrics(page)["Revenue, USD"] == "1.76M"
    assert metrics(page)["MQLs marketing owes"] == "180"


def test_the_start_can_be_the_plan_and_reset_returns_to_it(page):
    page.segmented_control(key="start").set_value("plan").run()
    assert "on plan" in page.title[0].value
    assert metrics(page)["MQLs marketing owes"] == "205"
    page.slider(key="marketing.mql_volume").set_value(100.0).run()
    assert "under plan" in page.title[0].value
    page.button[0].click().run()
    assert "on plan" in page.title[0].value


def test_last_quarter_is_a_start(page):
    page.segmented_control(key="start").set_value("last quarter").run()
    assert page.slider(key="marketing.mql_volume").value == 203


def test_the_split_divides_what_is_owed(page):
    page.segmented_control(key="start").set_value("plan").run()
    page.slider(key="split").set_value(100).run()
    assert metrics(page)["MQLs marketing owes"] == "410"
    assert metrics(page)["SQLs sales owes"] == "0"


def test_an_impossible_combination_says_why(page):
    page.slider(key="marketing.close_rate").set_value(0.0).run()
    assert metrics(page)["MQLs marketing owes"] == "not possible"


def test_a_move_touches_no_table(page, monkeypatch):
    from alignment_core.engine import Engine

    def refuse(self, expression):
        raise AssertionError("the tables were touched")

    monkeypatch.setattr(Engine, "run", refuse)
    monkeypatch.setattr(Engine, "arrow", refuse)
    page.slider(key="marketing.deal_size").set_value(40_000.0).run()
    assert not page.exception


def test_a_side_that_is_not_in_the_files_is_said_to_start_at_nothing():
    imported = read_files([InputFile("hubspot_contacts.csv", ROOT / "sample_data" / "hubspot_contacts.csv")])
    test = AppTest.from_file(str(ROOT / "pages" / "scenarios.py"), default_timeout=60)
    test.session_state["workspace"] = Workspace(
        sample()[1], Data(imported.tables, imported.quality), imported.files, {"hubspot_contacts.csv": "0" * 64}
    )
    test.run()
    assert not test.exception
    caveat = "Nothing of sales-sourced demand is in the files, so it starts here at 0."
    assert caveat in test.markdown[0].value.replace("\\", "")
    test.segmented_control(key="start").set_value("plan").run()
    assert not test.exception
    assert not any(caveat in each.value.replace("\\", "") for each in test.markdown)


def test_a_side_that_is_there_has_no_caveat(page):
    assert not any("starts here at 0" in each.value for each in page.markdown)
