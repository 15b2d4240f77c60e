"""What a visitor does, in a real Chromium against the running app."""

import openpyxl
import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser


# Streamlit replaces elements while a page settles: what was found a moment ago may be gone, and is looked for again.
SETTLING = (
    NoSuchElementException,
    StaleElementReferenceException,
    ElementClickInterceptedException,
    ElementNotInteractableException,
)
SLIDER = "input[type=range][aria-label^='MQL volume']"
DOWNLOAD = "[data-testid=stDownloadButton] button"


def wait(browser, condition, seconds=60):
    patience = WebDriverWait(browser, seconds, poll_frequency=0.2, ignored_exceptions=SETTLING)
    return patience.until(lambda _: condition())


def settled(browser):
    """Wait until the server has drawn the whole page: a click on what is being replaced would be lost."""
    state = "return document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
    wait(browser, lambda: browser.execute_script(state) == "notRunning")


def heading(browser):
    return browser.execute_script("return [...document.querySelectorAll('h1')].map(h => h.innerText).join(' ')")


def page_text(browser):
    return browser.execute_script("return document.body.innerText")


def chart_texts(browser):
    script = "return [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg text')].map(t => t.textContent)"
    return browser.execute_script(script)


def opened(browser, address, expected):
    browser.get(address)
    wait(browser, lambda: expected in heading(browser))
    wait(browser, lambda: "Plan" in chart_texts(browser))


def errors(browser):
    script = "return [...document.querySelectorAll('[data-testid=stException]')].map(e => e.innerText)"
    return browser.execute_script(script)


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


def opened_load(browser, app):
    browser.get(f"{app}/load")
    wait(browser, lambda: "sample company is loaded" in heading(browser))


def click(browser, tag, text):
    def clicked():
        element = next((each for each in browser.find_elements(By.TAG_NAME, tag) if each.text.strip() == text), None)
        if element is None:
            return False
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        return True

    settled(browser)
    wait(browser, clicked)


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
