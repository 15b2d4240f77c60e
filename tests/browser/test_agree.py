"""The two leaders build an agreement, replay its definition, sign it, amend it, and close the review, in a real Chromium."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looking import chart_texts, click, errors, first, heading, page_text, part, settled, wait

pytestmark = pytest.mark.browser


def put(browser, label, text):
    """Type into the field of a label, and leave it."""

    def typed():
        fields = browser.find_elements(By.CSS_SELECTOR, f"input[aria-label='{label}']")
        field = first(fields, lambda each: each.is_displayed())
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text, Keys.ENTER)
        return True

    settled(browser)
    wait(browser, typed)
    settled(browser)


def says(browser, text):
    wait(browser, lambda: text in page_text(browser))


def both_sign(browser):
    for side in ("marketing", "sales"):
        put(browser, f"Name, for {side}", f"Whoever signs for {side}")
        click(browser, "button", f"Sign for {side}")
        settled(browser)


def test_build_replay_sign_amend_and_close(own_app, browser):
    browser.get(f"{own_app}/agree")
    wait(browser, lambda: "Marketing owes 205 MQLs" in heading(browser))

    # Build: 123 SQLs from 216 MQLs take 57%, which is what ran: the warning goes.
    assert "60% agreed; the last seven quarters ran 54–58%" in page_text(browser)
    put(browser, "MQLs owed", "216")
    wait(browser, lambda: "Marketing owes 216 MQLs" in heading(browser))
    wait(browser, lambda: "the last seven quarters ran" not in page_text(browser))
    wait(browser, lambda: "216 → 5" in " ".join(chart_texts(browser)))

    # Replay: what the definition would have brought, beside what the CRM flagged; and what a stricter rule costs.
    part(browser, "What is an MQL")
    says(browser, "What each would have brought")
    click(browser, "label", "Show what a stricter or looser rule costs")
    says(browser, "Click a point to see it")

    # Sign: nothing is in force before both have.
    part(browser, "Save, sign, print")
    put(browser, "Your name", "Whoever is at the keyboard")
    click(browser, "button", "RevOps")
    click(browser, "button", "Save as draft")
    says(browser, "To be signed:")
    both_sign(browser)
    says(browser, "In force: version 1, signed by both sides.")
    assert errors(browser) == []

    # Amend: a lower target, in the open.
    put(browser, "Your name", "Whoever is at the keyboard")
    part(browser, "The numbers")
    put(browser, "Revenue target, USD", "1460500")
    says(browser, "Version 1 is signed: to change it, amend it")
    part(browser, "Save, sign, print")
    put(browser, "Why it is amended", "a product came late")
    click(browser, "button", "Save as draft of version 2")
    says(browser, "To be signed:")
    both_sign(browser)
    says(browser, "In force: version 2, signed by both sides.")

    # The review runs on it, and shows what the amendment did.
    browser.get(own_app)
    wait(browser, lambda: "after an amendment of −200k" in heading(browser))
    wait(browser, lambda: {"Plan, first signed", "Plan in force"} <= set(chart_texts(browser)))
    was = heading(browser)
    click(browser, "button", "inventory_2\nClose the review of Q3 2026")
    says(browser, "As it was closed on")
    click(browser, "label", "As it was closed on " + page_text(browser).split("As it was closed on ")[1].split("\n")[0])
    says(browser, "· closed on")
    assert heading(browser) == was
    assert errors(browser) == []
