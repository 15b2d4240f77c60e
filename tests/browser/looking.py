"""Looking at a page in a real Chromium, and waiting until it is what it will be."""

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# Streamlit replaces elements while a page settles: what was found a moment ago may be gone, and is looked for again.
SETTLING = (
    NoSuchElementException,
    StaleElementReferenceException,
    ElementClickInterceptedException,
    ElementNotInteractableException,
)


def wait(browser, condition, seconds=60, awaited=""):
    patience = WebDriverWait(browser, seconds, poll_frequency=0.2, ignored_exceptions=SETTLING)
    return patience.until(lambda _: condition(), awaited)


def first(elements, test):
    """The first that passes the test; `wait` looks again where none does yet."""
    for each in elements:
        if test(each):
            return each
    raise NoSuchElementException


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


def opened_load(browser, app):
    browser.get(f"{app}/load")
    wait(browser, lambda: "sample company is loaded" in heading(browser))


def click(browser, tag, text):
    def clicked():
        element = first(browser.find_elements(By.TAG_NAME, tag), lambda each: each.text.strip() == text)
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        return True

    settled(browser)
    wait(browser, clicked)


def part(browser, name):
    """Open a part of the page Agree."""

    def opened():
        tab = first(browser.find_elements(By.CSS_SELECTOR, "[role=tab]"), lambda each: each.text == name)
        if tab.get_attribute("aria-selected") == "true":
            return True
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", tab)
        tab.click()
        return False  # looked at once more: a tab that is replaced while it is clicked stays closed

    settled(browser)
    wait(browser, opened, awaited=f"{name} is open")
    settled(browser)
