"""The load page's logic, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
DEALS = "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source,Email\n"


@pytest.fixture
def page():
    test = AppTest.from_file(str(ROOT / "pages" / "load.py"), default_timeout=60)
    test.run()
    assert not test.exception
    return test


def upload(page, *files):
    page.file_uploader(key="uploads").set_value([(name, text.encode(), "text/csv") for name, text in files]).run()
    assert not page.exception
    return page


def said(page):
    return " ".join(
        element.value for element in (*page.title, *page.markdown, *page.warning, *page.info, *page.caption)
    )


def button(page, label):
    return next(each for each in page.button if each.label == label)


def test_without_files_it_says_what_is_loaded_and_where_exports_come_from(page):
    assert "sample company is loaded" in page.title[0].value
    assert "13,139 of 13,139 rows used" in page.title[0].value
    assert "Salesforce" in said(page)
    assert "HubSpot" in said(page)


def test_files_are_understood_and_become_the_room_with_a_draft_from_the_quarter_before(page):
    rows = "1,2026-04-01,2026-05-01,TRUE,1000,Website,a@example.com\n2,2026-07-01,2026-08-01,TRUE,900,Website,b@example.com\n"
    rows += "3,2026-07-01,2026-09-30,FALSE,100,Website,c@example.com\n"
    upload(page, ("deals.csv", DEALS + rows))
    assert "1 file understood: 3 of 3 rows used" in page.title[0].value
    assert "a draft for Q3 2026, made from what Q2 2026 brought" in page.radio(key="hold_against").options[0]
    assert "example" not in said(page)


def test_an_undecidable_date_is_one_question_and_its_answer_is_taken(page):
    upload(page, ("deals.csv", DEALS + "1,07/01/2026,08/09/2026,TRUE,100,Website,\n"))
    assert "1 of 1 files need you" in page.title[0].value
    button(page, "Month first: 3/4 is March 4").click().run()
    assert not page.exception
    assert "1 file understood" in page.title[0].value


def test_a_file_that_is_not_understood_is_refused_with_the_reason_and_the_others_stand(page):
    upload(
        page,
        ("deals.csv", DEALS + "1,2026-07-01,2026-08-01,TRUE,100,Website,\n"),
        ("story.csv", "colour,taste\nred,sweet\n"),
    )
    assert "1 of 2 files need you" in page.title[0].value
    assert "don't tell what a row is" in said(page)
    assert "1 of 1 rows used" in said(page)


def test_rows_that_are_set_aside_are_counted_and_shown(page):
    rows = "1,2026-07-01,2026-08-01,TRUE,100,Website,\n2,someday,2026-08-01,TRUE,5,Website,\n"
    upload(page, ("deals.csv", DEALS + rows))
    assert "1 of 2 rows used" in page.title[0].value
    fault = page.dataframe[-1].value.iloc[0]
    assert (fault["row"], fault["column"], fault["value"]) == (3, "Created Date", "someday")


def test_demand_of_no_known_source_is_a_question(page):
    rows = "1,2026-04-01,2026-05-01,TRUE,1000,Mystery,\n2,2026-07-01,2026-09-30,TRUE,900,Mystery,\n"
    upload(page, ("deals.csv", DEALS + rows))
    assert "2 wins have no lead source" in page.radio(key="otherwise").label
    assert button(page, "Review this quarter").disabled
    page.radio(key="otherwise").set_value("unassigned").run()
    button(page, "Review this quarter").click().run()
    assert "write the agreement yourself on the page Agree" in said(page)
