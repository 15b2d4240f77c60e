"""What a visitor does, in a real Chromium against the running app."""

import openpyxl
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looking import chart_texts, click, errors, heading, opened, opened_load, page_text, settled, wait

pytestmark = pytest.mark.browser


SLIDER = "input[type=range][aria-label^='MQL volume']"
DOWNLOAD = "[data-testid=stDownloadButton] button"


def test_the_sample_quarter_is_there_at_once(app, browser):
    opened(browser, app, "under plan")
    assert "MQL → SQL" in heading(browser)
    assert {"Plan", "Actual", "1.66M", "▼ −300k"} <= set(chart_texts(browser))
    assert errors(browser) == []


def test_clicking_a_bar_opens_it(app, browser):
    opened(browser, app, "under plan")

    def clicked():
        texts = browser.find_elements(By.CSS_SELECTOR, "[data-testid=stVegaLiteChart] svg text")
        lines = [element for element in texts if element.text == "MQL volume"]
        for line in lines[:1]:
            ActionChains(browser).move_to_element(line).click().perform()
        return lines

    settled(browser)
    wait(browser, clicked)
    wait(browser, lambda: "MQL volume went from 205 agreed to 196" in page_text(browser))
    assert errors(browser) == []


def test_below_a_bar_stand_why_it_moved_the_segments_and_the_records(app, browser):
    opened(browser, app, "under plan")
    wait(browser, lambda: "what stands out is follow-up (−225k, sales)" in page_text(browser))
    wait(browser, lambda: "What stands out of 90 segments is how EMEA converted." in page_text(browser))
    wait(browser, lambda: {"Lead mix", "Follow-up", "Like for like"} <= set(chart_texts(browser)))
    click(browser, "label", "Show the records behind this bar")
    wait(browser, lambda: "196 MQLs are listed, and 77 SQLs of the quarter" in page_text(browser))
    click(browser, "label", "Count it in every other way")
    wait(browser, lambda: "No verdict turns." in page_text(browser))
    assert errors(browser) == []


def test_follow_up_says_who_was_followed_up_and_lists_the_others(app, browser):
    browser.get(f"{app}/follow-up")
    wait(browser, lambda: "57% of 196 MQLs were followed up as agreed; in EMEA 12% of 75" in heading(browser))
    wait(browser, lambda: "Download 17 as CSV" in page_text(browser))
    settled(browser)
    click(browser, "button", "Never touched (20)")
    wait(browser, lambda: "Download 20 as CSV" in page_text(browser))
    assert errors(browser) == []


def test_a_slider_moves_the_bar_and_the_link_opens_the_same_scenario(app, browser):
    opened(browser, f"{app}/what-if", "USD 1.45M")
    before = chart_texts(browser)
    settled(browser)

    def pressed():
        browser.find_element(By.CSS_SELECTOR, SLIDER).send_keys(Keys.ARROW_RIGHT * 8)
        return True

    wait(browser, pressed)
    wait(browser, lambda: "marketing.mql_volume=204" in browser.current_url)
    wait(browser, lambda: chart_texts(browser) != before)
    moved, link = chart_texts(browser), browser.current_url
    browser.get("about:blank")
    browser.get(link)
    wait(browser, lambda: chart_texts(browser) == moved)
    assert errors(browser) == []


def test_a_real_export_changes_the_page(app, browser, shared_data):
    """The deals of a hardware company (8,800 rows), with the regions of its sales people."""
    folder = shared_data / "maven_crm_sales_opportunities"
    opened_load(browser, app)
    chooser = wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "input[type=file]"))[0]
    chooser.send_keys("\n".join(str(folder / name) for name in ("sales_pipeline.csv", "sales_teams.csv")))
    wait(browser, lambda: "2 files understood" in heading(browser))
    click(browser, "label", "sales")
    click(browser, "button", "Review this quarter")
    wait(browser, lambda: "Q4 2017" in heading(browser) and "Plan" in chart_texts(browser))
    assert "Northwind" not in page_text(browser)
    assert errors(browser) == []


def test_the_workbook_downloads_and_opens(app, browser, tmp_path):
    opened(browser, app, "under plan")
    settled(browser)
    wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, DOWNLOAD).click() is None)
    file = tmp_path / "review-2026-Q3.xlsx"
    wait(browser, file.exists)
    book = openpyxl.load_workbook(file, data_only=True)
    assert "Summary" in book.sheetnames
    texts = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row if cell.value is not None]
    assert any("under plan" in text for text in texts)
