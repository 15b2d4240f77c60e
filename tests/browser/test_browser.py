"""What a visitor does, in a real Chromium against the running app."""

import time

import openpyxl
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser


def wait(browser, condition, seconds=60):
    return WebDriverWait(browser, seconds, poll_frequency=0.2).until(lambda _: condition())


def heading(browser):
    return " ".join(element.text for element in browser.find_elements(By.TAG_NAME, "h1"))


def chart_texts(browser):
    script = "return [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg text')].map(t => t.textContent)"
    return browser.execute_script(script)


def opened(browser, address, expected):
    browser.get(address)
    wait(browser, lambda: expected in heading(browser))
    wait(browser, lambda: "Plan" in chart_texts(browser))


def errors(browser):
    return [element.text for element in browser.find_elements(By.CSS_SELECTOR, "[data-testid=stException]")]


def test_the_sample_quarter_is_there_at_once(app, browser):
    opened(browser, app, "under plan")
    assert "MQL → SQL" in heading(browser)
    assert {"Plan", "Actual", "1.66M", "▼ −300k"} <= set(chart_texts(browser))
    assert errors(browser) == []


def test_clicking_a_bar_opens_it(app, browser):
    opened(browser, app, "under plan")
    line = next(
        element
        for element in browser.find_elements(By.CSS_SELECTOR, "[data-testid=stVegaLiteChart] svg text")
        if element.text == "MQL volume"
    )
    ActionChains(browser).move_to_element(line).click().perform()
    wait(browser, lambda: "MQL volume went from 205 agreed to 196" in browser.find_element(By.TAG_NAME, "body").text)
    assert errors(browser) == []


def test_a_slider_moves_the_bar_and_the_link_opens_the_same_scenario(app, browser):
    opened(browser, f"{app}/what-if", "USD 1.45M")
    before = chart_texts(browser)
    handle = wait(
        browser, lambda: browser.find_elements(By.CSS_SELECTOR, "input[type=range][aria-label^='MQL volume']")
    )[0]
    handle.send_keys(Keys.ARROW_RIGHT * 8)
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
    assert "Northwind" not in browser.find_element(By.TAG_NAME, "body").text
    assert errors(browser) == []


def opened_load(browser, app):
    browser.get(f"{app}/load")
    wait(browser, lambda: "sample company is loaded" in heading(browser))


def click(browser, tag, text):
    def target():
        return next((each for each in browser.find_elements(By.TAG_NAME, tag) if each.text.strip() == text), None)

    wait(browser, lambda: target() is not None)
    time.sleep(0.5)  # the page may still be settling under the pointer
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", target())
    target().click()


def test_the_workbook_downloads_and_opens(app, browser, tmp_path):
    opened(browser, app, "under plan")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-testid=stDownloadButton] button"))[0].click()
    file = tmp_path / "review-2026-Q3.xlsx"
    wait(browser, file.exists)
    book = openpyxl.load_workbook(file, data_only=True)
    assert "Summary" in book.sheetnames
    texts = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row if cell.value is not None]
    assert any("under plan" in text for text in texts)
