"""The buttons that hand out the page to sign."""

from io import BytesIO

import docx
import openpyxl
from streamlit.testing.v1 import AppTest

from tests.screens import downloads


def section():
    from tests.export.printed_agreements import CASES
    from ui.agree.printing import print_buttons

    print_buttons(*CASES["plain"])


def draft():
    from tests.export.printed_agreements import CASES
    from ui.agree.printing import print_buttons

    print_buttons(CASES["plain"][0])


def test_each_button_hands_out_the_agreement_with_its_terms_and_version():
    with downloads() as found:
        page = AppTest.from_function(section, default_timeout=60).run()
    assert not page.exception
    files = dict(found)
    assert list(files) == ["agreement-2026-Q3-v2.docx", "agreement-2026-Q3-v2.xlsx"]
    document = docx.Document(BytesIO(files["agreement-2026-Q3-v2.docx"]))
    told = {row.cells[0].text: row.cells[1].text for row in document.tables[1].rows}
    assert told["What is an MQL"].startswith("Companies in the US or Canada")
    assert openpyxl.load_workbook(BytesIO(files["agreement-2026-Q3-v2.xlsx"])).sheetnames == ["Agreement"]


def test_a_draft_says_that_it_is_one():
    with downloads() as found:
        AppTest.from_function(draft, default_timeout=60).run()
    assert [name for name, _ in found] == ["agreement-2026-Q3-draft.docx", "agreement-2026-Q3-draft.xlsx"]
    footer = docx.Document(BytesIO(found[0][1])).sections[0].footer
    assert footer.paragraphs[0].text == "Agreement for 2026-Q3, draft, not signed"
