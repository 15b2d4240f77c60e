"""The page Follow-up, without a browser."""

import dataclasses
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.data import Data
from tests.support import records, sample
from ui.session import Workspace

ROOT = Path(__file__).resolve().parents[2]


def opened(**changes):
    data, agreement = sample()
    here = Workspace(agreement, data, (), is_sample=True)
    test = AppTest.from_file(str(ROOT / "pages" / "follow_up.py"), default_timeout=60)
    test.session_state["workspace"] = dataclasses.replace(here, **changes)
    test.run()
    assert not test.exception
    return test


@pytest.fixture(autouse=True)
def links(monkeypatch):
    """Where the page leads; a page that is run by itself knows no other."""
    found = []
    monkeypatch.setattr("streamlit.page_link", lambda page, label: found.append((page.stem, label)))
    return found


def texts(page):
    return " ".join(each.value for kind in ("markdown", "caption", "info", "title") for each in getattr(page, kind))


@pytest.fixture
def page():
    return opened()


def test_the_share_is_first_seen_and_where_it_is_lowest(page):
    assert page.title[0].value == "Q3 2026: 57% of 196 MQLs were followed up as agreed; in EMEA 12% of 75"
    values = {metric.label: metric.value for metric in page.metric}
    assert values["Followed up as agreed"] == "57%"
    assert values["First message personal"] == "59%"


def test_speed_is_association_and_the_lists_have_their_counts(page):
    assert "association, not proof" in texts(page)
    assert len(page.dataframe[0].value) == 17
    page.segmented_control(key="follow_up.list").set_value("untouched").run()
    assert len(page.dataframe[0].value) == 20
    page.multiselect(key="follow_up.only.region").set_value(["APAC"]).run()
    assert list(page.dataframe[0].value["region"]) == ["APAC"]


def test_another_quarter_is_another_answer():
    other = opened()
    other.selectbox(key="quarter").set_value("2026-Q2").run()
    assert other.title[0].value.startswith("Q2 2026: 88% of 203 MQLs")


def test_without_touches_the_export_that_shows_them_is_named(links):
    data, _ = sample()
    tables = {name: data.engine._tables[name] for name in ("leads", "deals")}
    tables["leads"] = tables["leads"].drop_columns("row_of_table")
    said = texts(opened(data=Data(tables)))
    assert "No touches are loaded" in said
    assert "Tasks and Events" in said
    assert "HubSpot" in said
    assert [page for page, _ in links] == ["load"]


def test_without_a_promise_speeds_are_shown_and_no_verdict(links):
    _, agreement = sample()
    page = opened(agreement=agreement.model_copy(update={"follow_up": None}))
    assert "says nothing of follow-up" in texts(page)
    assert {metric.label for metric in page.metric} == {"First message personal", "Half were touched within"}
    assert not page.dataframe
    assert [page for page, _ in links] == ["agree"]


def test_files_without_mqls_say_so_and_lead_to_where_they_are_loaded(links):
    won = {"lead_id": "L1", "lead_source": "Webinar", "won_at": "2026-07-20"}
    page = opened(data=records(won))
    assert page.title[0].value == "How leads of Q3 2026 were followed up cannot be told."
    assert "no lead of marketing's that became an MQL on any day" in page.warning[0].value
    assert links[-1][0] == "load"
