"""Files that want the viewer's browser to do something: it does nothing, and shows them as they are."""

import base64
import csv
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.looking import (
    chart_texts,
    click,
    errors,
    first,
    heading,
    opened_load,
    page_text,
    part,
    settled,
    wait,
)
from tests.imports.hostile import SHEET, sheet, text_cell, with_parts

pytestmark = pytest.mark.browser


@pytest.fixture
def listener():
    """An address that wants to be called, and the calls that it got."""
    calls: list[str] = []

    class Counted(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counted)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", calls
    server.shutdown()
    server.server_close()


def hostile(address):
    """Values that a browser, Markdown, LaTeX, Streamlit, Vega or a database would act on; each with a word to find it by."""
    script = base64.b64encode(f"fetch('{address}/b64')".encode()).decode()
    return [
        f"<img src={address}/img>ZQimg",
        f"<script>fetch('{address}/script')</script>ZQscript",
        f"<svg/onload=eval(atob('{script}'))>ZQsvg",
        f"<a href={address}/a>ZQa</a>",
        f"<iframe src={address}/frame></iframe>ZQframe",
        f"<style>*{{background:url({address}/css)}}</style>ZQstyle",
        f'" style="background:url({address}/attr)" x="ZQattr',
        f"![ZQmd]({address}/md)",
        f"[ZQlink]({address}/link)",
        f"{address}/bare?ZQbare",
        f"&lt;img src={address}/entity&gt;ZQentity",
        r"$\frac{ZQtex}{2}$ and $$x^2$$",
        ":red[ZQred] :material/bomb: :smile: ZQemoji",
        f'{{"href": "{address}/href", "url": "{address}/url", "expr": "warn(1)"}} ZQvega',
        "datum['key'] === '' || warn(1) || 'ZQexpr'",
        "'; DROP TABLE deals; --ZQsql",
        "\u202eZQrtl\u202c \u2067abc",
        "ZQlong" + "W" * 10_000,
    ]


def written(folder, address):
    """What is uploaded: by name, a table whose every text and header is hostile, with enough in it to be reviewed."""
    values = hostile(address)
    run = f"eval(atob('{base64.b64encode(f'fetch(`{address}/name`)'.encode()).decode()}'))"
    deals = folder / f"<img src=x onerror={run}>ZQname.csv"
    extra = [value for value in values if "ZQlong" not in value]
    header = [
        "Opportunity ID",
        "Created Date",
        "Close Date",
        "Won",
        "Amount",
        "Lead Source",
        "Region",
        "Product",
        "Owner",
        *extra,
        "H" * 10_000,
    ]
    with deals.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for place, value in enumerate(values * 2):
            month, amount = (4, 9000) if place < len(values) else (7, 1000 + 300 * place)
            dates = [f"2026-0{month}-02", f"2026-0{month + 1}-15"]
            writer.writerow([f"006{place}{value}", *dates, "TRUE", amount, *[value] * 4, *extra, value])
        for place, value in enumerate(values):
            writer.writerow(
                [f"006x{place}", "2026-07-01", value, "TRUE", "5", "Website", "North", "x", "y", *extra, ""]
            )
    book = folder / "ZQbook.xlsx"
    names = [
        value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") for value in (values[0], values[7])
    ]
    cells = "".join(
        text_cell(f"{letter}1", header) for letter, header in zip("ABC", ("Lead ID", "MQL Date", names[1]), strict=True)
    )
    rows = f'<row r="1">{cells}</row><row r="2">{text_cell("A2", "00Q1")}{text_cell("B2", "2026-07-02")}{text_cell("C2", names[0])}</row>'
    listed = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        f'<sheet name="Leads" sheetId="1" r:id="rId1"/><sheet name="{names[0]}" sheetId="2" state="hidden" r:id="rId1"/>'
        "</sheets></workbook>"
    )
    book.write_bytes(with_parts({SHEET: sheet(rows), "xl/workbook.xml": listed}))
    refused = folder / "ZQrefused.csv"
    refused.write_text(",".join(f'"{value}"'.replace('"', '""')[1:-1] if '"' in value else value.replace(",", " ") for value in extra[:9]) + "\n" + ",".join("abcdefghi") + "\n")  # fmt: skip
    asked = folder / "ZQasked.csv"
    asked.write_text(f"Lead ID,MQL Date,{values[7]}\n1,03/04/2026,x\n", encoding="utf-8")
    return [deals, book, refused, asked]


#: What a page may never be made of: an element that came from data.
_MADE = """
const port = arguments[0], found = [];
for (const each of document.querySelectorAll('*')) {
  for (const name of ['src', 'href', 'data', 'action', 'poster', 'srcdoc', 'style', 'xlink:href', 'onload', 'onerror'])
    if ((each.getAttribute(name) || '').includes(port)) found.push(each.outerHTML.slice(0, 200));
  if (['SCRIPT', 'STYLE', 'IFRAME', 'IMG'].includes(each.tagName) && each.outerHTML.includes('ZQ')) found.push(each.outerHTML.slice(0, 200));
  if (String(each.className).includes('katex')) found.push('LaTeX: ' + each.outerHTML.slice(0, 200));
  if (each.dataset.testid === 'stIconMaterial' && each.textContent.includes('bomb')) found.push('icon');
  if (String(each.className).includes('ColoredText') && each.textContent === 'ZQred') found.push('colour');
}
const asked = performance.getEntriesByType('resource').map(each => each.name).filter(name => !name.startsWith(location.origin) && /^http/.test(name));
return found.concat(asked.map(name => 'asked ' + name));
"""
#: Without the joiners that keep an address from becoming a link.
_TEXT = "return document.body.textContent.replaceAll('\u2060', '')"
_OPEN_ALL = """
const closed = [...document.querySelectorAll('[data-testid=stExpander] details:not([open]) summary')];
closed.forEach(each => each.click());
return closed.length;
"""


def test_a_real_browser_that_walks_all_pages_with_hostile_files_calls_nobody(app, browser, listener, tmp_path):
    address, calls = listener
    port = address.rpartition(":")[2]
    seen: list[str] = []

    def looked(*expected):
        """The page has settled, every fold of it is open, it says what is expected, and nothing of it came from data."""
        settled(browser)
        browser.execute_script(_OPEN_ALL)
        settled(browser)
        for text in expected:
            said = f"the page says {text}"
            wait(browser, lambda text=text: text in " ".join(browser.execute_script(_TEXT).split()), awaited=said)
        assert browser.execute_script(_MADE, port) == []
        assert errors(browser) == []
        assert "😄" not in page_text(browser)
        seen.append(browser.execute_script(_TEXT))

    def chosen(label, text):
        """An option of a select box, as a visitor takes it."""

        def taken():
            boxes = browser.find_elements(By.CSS_SELECTOR, "[data-testid=stSelectbox]")
            box = first(boxes, lambda each: each.text.startswith(label))
            browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
            box.find_element(By.TAG_NAME, "input").send_keys(text, Keys.ENTER)
            return True

        settled(browser)
        wait(browser, taken)
        settled(browser)

    def takers():
        return [each for each in browser.find_elements(By.TAG_NAME, "button") if each.text.strip() == "Take out"]

    def second_taken_out(of):
        """All of them are drawn, and the second was clicked."""
        found = takers()
        return len(found) == of and found[1].click() is None

    def clicked(text):
        """A bar of the chart, as a visitor clicks it."""
        bar = first(browser.find_elements(By.CSS_SELECTOR, "svg text"), lambda each: each.text.startswith(text))
        ActionChains(browser).move_to_element(bar).click().perform()
        return True

    def hovered():
        """The pointer went over the first bars, so that what they say of themselves was drawn."""
        for bar in browser.find_elements(
            By.CSS_SELECTOR, "[data-testid=stVegaLiteChart] svg [aria-roledescription=bar]"
        )[:6]:
            ActionChains(browser).move_to_element(bar).perform()
        return True

    folder = tmp_path / "uploads"
    folder.mkdir()
    files = written(folder, address)
    opened_load(browser, app)
    chooser = wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "input[type=file]"))[0]
    chooser.send_keys("\n".join(map(str, files)))
    wait(browser, lambda: "2 of 4 files need you" in heading(browser))
    looked(files[0].name[:70], f"![ZQmd]({address}/md)", f"<img src={address}/img>ZQimg", r"$\frac{ZQtex}{2}$")
    for left in (3, 2, 1):  # what needs an answer, and leads that have nothing to do with the deals
        settled(browser)
        wait(browser, lambda left=left: second_taken_out(left + 1))
        wait(browser, lambda left=left: len(takers()) == left)
    wait(browser, lambda: "1 file understood" in heading(browser))
    click(browser, "label", "marketing")
    looked(f"<img src={address}/img>ZQimg")
    click(browser, "button", "Review this quarter")
    wait(browser, lambda: "Q3 2026" in heading(browser) and "Plan" in chart_texts(browser))
    looked()
    for field in ("region", "lead source", "product"):
        chosen("Break down by", field)
        wait(browser, lambda: any("ZQ" in text for text in chart_texts(browser)))
        looked("'; DROP TABLE deals;")
    wait(browser, lambda: clicked("Deal size"))
    looked("Deal size")
    wait(browser, hovered)
    looked()
    tools = [
        each.get_attribute("aria-label")
        for each in browser.find_elements(By.CSS_SELECTOR, "[data-testid=stElementToolbar] button")
    ]
    assert "Search" in tools  # the table's own tools are there, without the download that would carry live formulas
    assert not any("csv" in (tool or "").casefold() for tool in tools)
    click(browser, "a", "What if")
    wait(browser, lambda: "Plan" in chart_texts(browser) and "Scenario" in chart_texts(browser))
    looked()
    click(browser, "a", "Agree")
    wait(browser, lambda: "Marketing owes" in heading(browser) or "owe" in heading(browser))
    for name, text in (
        ("What is an MQL", "An MQL"),
        ("What sales promises", ":red[ZQred] :material/bomb: :smile: ZQemoji"),
        ("Save, sign, print", "Save and sign"),
        ("The numbers", "Marketing-sourced"),
    ):
        part(browser, name)
        looked(text)
    chosen("Plan by", "region")
    looked(f"{address}/bare?ZQbare")
    click(browser, "a", "Load")
    wait(browser, lambda: "1 file is loaded" in heading(browser))
    looked(f"[ZQlink]({address}/link)")
    for word in (
        "ZQimg",
        "ZQscript",
        "ZQsvg",
        "ZQframe",
        "ZQstyle",
        "ZQattr",
        "ZQentity",
        "ZQvega",
        "ZQexpr",
        "ZQrtl",
        "ZQlong",
        "ZQname",
    ):
        assert any(word in text for text in seen), word
    assert calls == []


def test_the_listener_hears_a_page_that_calls_and_the_look_sees_it(app, browser, listener):
    """Else the silence above would say nothing."""
    address, calls = listener
    browser.get(app)
    port = address.rpartition(":")[2]
    assert browser.execute_script(_MADE, port) == []
    browser.execute_script(f"document.body.insertAdjacentHTML('beforeend', '<img src={address}/img>')")
    wait(browser, lambda: "/img" in calls)
    wait(browser, lambda: len(browser.execute_script(_MADE, port)) == 2)
