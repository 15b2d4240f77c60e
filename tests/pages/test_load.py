"""The load page's logic, without a browser."""

import io
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import openpyxl
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from alignment_core.imports import parse_mapping
from alignment_core.store import Author, Store
from tests.support import agreed

ROOT = Path(__file__).resolve().parents[2]
DEALS = "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source,Email\n"
ROW = "1,2026-07-01,2026-08-01,TRUE,100,Website,a@example.com\n"
LEADS = "Lead ID,Created Date,MQL Date,SQL since,Last SQL check,Colour,Email\n"
LEAD = "1,2026-07-01,2026-07-02,2026-07-03,2026-09-09,red,a@example.com\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGNMENT_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.fixture
def page(folder):
    return opened()


def opened():
    test = AppTest.from_file(str(ROOT / "pages" / "load.py"), default_timeout=60)
    test.run()
    assert not test.exception
    return test


def upload(page, *files):
    page.file_uploader[0].set_value([(name, text.encode(), "text/csv") for name, text in files]).run()
    assert not page.exception
    return page


def said(page):
    return " ".join(
        str(element.value).replace("\\", "")
        for element in (
            *page.title,
            *page.markdown,
            *page.warning,
            *page.info,
            *page.caption,
            *page.text,
            *page.success,
        )
    )


def button(page, label):
    return next(each for each in page.button if each.label == label)


def click(page, label):
    button(page, label).click().run()
    assert not page.exception


def column(page, file, field):
    return page.selectbox(key=f"column {file} {field}")


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
    assert "example.com" not in said(page)


def test_uploads_are_released_at_once_and_the_bytes_with_the_review(page):
    managers = []
    make = MemoryUploadedFileManager.__init__

    def watched(self, *args):
        make(self, *args)
        managers.append(self)

    added = []
    add = MemoryUploadedFileManager.add_file
    with (
        patch.object(MemoryUploadedFileManager, "__init__", watched),
        patch.object(MemoryUploadedFileManager, "add_file", lambda self, *args: (added.append(args), add(self, *args))),
    ):
        rows = "1,2026-04-01,2026-05-01,TRUE,1000,Website,\n2,2026-07-01,2026-09-30,TRUE,900,Website,\n"
        upload(page, ("deals.csv", DEALS + rows))
        assert len(added) == 1
        assert managers
        assert not any(files for manager in managers for files in manager.file_storage.values())
        assert all(not manager.get_stats() for manager in managers)
        assert page.session_state["loading"].files["deals.csv"].content == (DEALS + rows).encode()
        with patch("streamlit.switch_page"):  # the other pages are not there in this test
            click(page, "Review this quarter")
    assert page.session_state["workspace"].data.quality.rows_used == 2
    assert "loading" not in page.session_state or not page.session_state["loading"].files


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Month first: 3/4 is March 4", "1 file understood: 1 of 1 rows used."),
        ("Day first: 3/4 is 3 April", "1 file understood: 1 of 1 rows used."),
    ],
)
def test_an_undecidable_date_is_one_question_and_one_click_answers_it(page, answer, title):
    upload(page, ("deals.csv", DEALS + "1,07/01/2026,08/09/2026,TRUE,100,Website,\n"))
    assert "1 of 1 file needs you" in page.title[0].value
    assert len(page.info) == 1
    assert "mapping" not in page.info[0].value
    click(page, answer)
    assert page.title[0].value == title
    (report,) = page.session_state["loading"].imported().files
    assert report.date_order == {"M": "MDY", "D": "DMY"}[answer[0]]


def test_a_file_that_is_not_understood_is_refused_with_the_reason_and_the_others_stand(page):
    upload(page, ("deals.csv", DEALS + ROW), ("story.csv", "colour,taste\nred,sweet\n"))
    assert "1 of 2 files needs you" in page.title[0].value
    assert "don't tell what a row is" in said(page)
    assert "1 of 1 rows used" in said(page)
    click_out = page.button(key="out story.csv")
    click_out.click().run()
    assert "1 file understood" in page.title[0].value


def test_a_file_that_is_not_understood_can_be_mapped_by_hand(page):
    upload(page, ("x.csv", "Nr,Tag\n1,2026-07-01\n2,2026-07-02\n"))
    page.selectbox(key="kind x.csv").set_value("leads").run()
    assert "No column says the lead's id" in said(page)
    column(page, "x.csv", "lead_id").set_value("Nr").run()
    column(page, "x.csv", "mql_at").set_value("Tag").run()
    assert not page.exception
    assert "Leads: 2 of 2 rows used." in said(page)
    assert page.session_state["loading"].imported().tables["leads"]["mql_at"].null_count == 0


def test_a_suggestion_is_offered_with_its_reason_and_taken_only_by_a_click(page):
    upload(page, ("leads.csv", LEADS + LEAD))
    assert "SQL since** may be **Became SQL" in said(page)
    assert "All values seen are dates, and its name says so" in said(page)
    assert "Last SQL check** may be" not in said(page)
    assert "sql_at" not in page.session_state["loading"].imported().tables["leads"].column_names
    assert column(page, "leads.csv", "sql_at").value == ""
    click(page, "Use")
    assert page.session_state["loading"].imported().tables["leads"]["sql_at"].to_pylist()[0].day == 3
    assert column(page, "leads.csv", "sql_at").value == "SQL since"
    assert "may be" not in said(page)


def test_a_column_is_changed_by_one_choice_and_personal_ones_cannot_be_chosen(page):
    upload(page, ("leads.csv", LEADS + LEAD))
    choice = column(page, "leads.csv", "mql_at")
    assert choice.value == "MQL Date"
    assert not any("Email" in option for option in choice.options)
    choice.set_value("Last SQL check").run()
    assert page.session_state["loading"].imported().tables["leads"]["mql_at"].to_pylist()[0].month == 9
    column(page, "leads.csv", "mql_at").set_value("").run()
    assert "mql_at" not in page.session_state["loading"].imported().tables["leads"].column_names
    page.selectbox(key="add leads.csv").set_value("industry").run()
    column(page, "leads.csv", "industry").set_value("Colour").run()
    assert page.session_state["loading"].imported().tables["leads"]["industry"].to_pylist() == ["red"]


def test_a_column_given_to_another_field_leaves_the_one_it_had(page):
    upload(page, ("leads.csv", LEADS + LEAD))
    column(page, "leads.csv", "sql_at").set_value("MQL Date").run()
    column(page, "leads.csv", "opportunity_at").set_value("MQL Date").run()
    assert page.session_state["loading"].imported().files[0].refused == ()
    assert column(page, "leads.csv", "opportunity_at").value == "MQL Date"
    assert column(page, "leads.csv", "sql_at").value == ""


def test_choices_saved_under_a_name_are_known_again_by_the_headers_and_can_be_declined(page, folder):
    upload(page, ("leads Q3.csv", LEADS + LEAD))
    click(page, "Use")
    page.text_input[0].set_value("EMEA HubSpot")
    click(page, "Save")
    assert "Saved as “EMEA HubSpot”" in said(page)
    kept = parse_mapping((folder / "mappings" / "EMEA HubSpot.toml").read_text(encoding="utf-8"))
    assert kept["leads Q3.csv"].columns["sql_at"] == "SQL since"

    later = upload(opened(), ("export (17).csv", LEADS + LEAD))
    assert "Read as “EMEA HubSpot”, saved on" in said(later)
    assert "as saved" in said(later)
    assert "sql_at" in later.session_state["loading"].imported().tables["leads"].column_names
    click(later, "Don't use it")
    assert "EMEA HubSpot”" not in said(later)
    assert "sql_at" not in later.session_state["loading"].imported().tables["leads"].column_names

    click(later, "Delete")
    assert not list((folder / "mappings").iterdir())
    assert "Read as" not in said(upload(opened(), ("export (17).csv", LEADS + LEAD)))


def test_a_name_that_cannot_be_one_is_refused_in_words(page, folder):
    upload(page, ("leads.csv", LEADS + LEAD))
    page.text_input[0].set_value("../../etc")
    click(page, "Save")
    assert "Give it a name of at most 60" in said(page)
    assert not [path for path in folder.iterdir() if path.name != "key"]


def test_a_mapping_file_is_taken_for_the_files_it_names_and_its_faults_are_told(page):
    upload(page, ("leads.csv", LEADS + LEAD))
    uploader = page.file_uploader[1]
    uploader.set_value([("m.toml", b'["leads.csv".columns]\nsql_at = "SQL since"\n', "application/toml")][0]).run()
    assert not page.exception
    assert column(page, "leads.csv", "sql_at").value == "SQL since"
    page.file_uploader[1].set_value(
        ("m.toml", b'["leads.csv"]\nkind = "lead"\nstage = "x"\n', "application/toml")
    ).run()
    assert "'lead' is none of" in said(page)
    assert "'x' is none of" in said(page)


def test_rows_that_are_set_aside_are_counted_by_reason_and_shown_with_their_place(page):
    upload(page, ("deals.csv", DEALS + ROW + "2,someday,2026-08-01,TRUE,5,Website,\n"))
    assert "1 of 2 rows used" in page.title[0].value
    assert "**2** rows read = **1** used + **1** set aside" in said(page)
    fault = page.dataframe[-1].value.iloc[0]
    assert (fault["Row"], fault["Column"], fault["Value"]) == (3, "Created Date", "someday")


def test_two_different_files_of_one_name_both_stay(page):
    upload(page, ("a.csv", DEALS + ROW), ("a.csv", DEALS + ROW.replace("1,", "2,", 1)), ("a.csv", DEALS + ROW))
    assert list(page.session_state["loading"].files) == ["a.csv", "a.csv (2)"]
    assert "2 files understood: 2 of 2 rows used" in page.title[0].value


def test_headers_and_names_are_shown_as_they_are(page):
    evil = "![x](http://evil.example/p.png)"
    upload(page, (f"{evil}.csv", f"Opportunity ID,Close Date,Won,{evil},<img src=x>\n1,2026-07-01,TRUE,{evil},=1+1\n"))
    shown = [element.value for element in (*page.markdown, *page.warning, *page.info, *page.caption, *page.title)]
    assert any("evil" in text for text in shown)
    assert not any("![x](" in text or "<img" in text for text in shown)


def test_a_companys_name_is_shown_as_it_is(page):
    """Options of a choice render Markdown too, and an agreement may come from anybody."""
    here = page.session_state["workspace"]
    evil = here.agreement.model_copy(update={"company": "![x](http://evil.example/p.png)"})
    page.session_state["workspace"] = replace(here, agreement=evil)
    page.run()
    upload(page, ("deals.csv", DEALS + ROW + ROW.replace("1,2026-07", "2,2026-04").replace("2026-08", "2026-05")))
    assert "evil.example" in page.radio(key="hold_against").options[1]
    assert not any("](" in option and "\\]" not in option for option in page.radio(key="hold_against").options)


def test_demand_of_no_known_source_is_a_question(page):
    rows = "1,2026-04-01,2026-05-01,TRUE,1000,Mystery,\n2,2026-07-01,2026-09-30,TRUE,900,Mystery,\n"
    upload(page, ("deals.csv", DEALS + rows))
    assert "2 wins have no lead source" in page.radio(key="otherwise").label
    assert button(page, "Review this quarter").disabled
    page.radio(key="otherwise").set_value("unassigned").run()
    button(page, "Review this quarter").click().run()
    assert "write the agreement yourself on the page Agree" in said(page)


def book(sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def test_each_sheet_has_a_card_is_taken_out_and_in_again_and_told_apart_by_its_name(page):
    head = ("Opportunity ID", "Created Date", "Close Date", "Stage", "Amount")
    quarters = ("2026-04-01", "2026-05-01"), ("2026-07-01", "2026-08-01")
    sheets = {
        region: [head, *((f"{region}{i}", *days, "Closed Won", 100 + i) for i, days in enumerate(quarters))]
        for region in ("EMEA", "APAC")
    }
    page.file_uploader[0].set_value([("book.xlsx", book(sheets), "application/vnd.ms-excel")]).run()
    assert "1 file understood: 4 of 4 rows used" in page.title[0].value
    assert "All rows are of region EMEA, by the name of the sheet." in said(page)
    page.button(key="values book.xlsx › EMEA").click().run()
    assert "All rows are of" not in said(page)
    page.button(key="out book.xlsx › APAC").click().run()
    assert "1 file understood: 2 of 2 rows used" in page.title[0].value
    assert "book.xlsx › APAC was taken out." in said(page)
    page.button(key="in book.xlsx › EMEA book.xlsx › APAC").click().run()
    assert "1 file understood: 4 of 4 rows used" in page.title[0].value
    page.button(key="out book.xlsx › EMEA").click().run()
    page.button(key="out book.xlsx › APAC").click().run()
    assert "1 of 1 file needs you." in page.title[0].value
    assert "Take one in again" in said(page)
    page.button(key="in book.xlsx book.xlsx › APAC").click().run()
    assert "1 file understood: 2 of 2 rows used" in page.title[0].value
    assert not page.exception


QUARTERS = (
    "1,2026-04-01,2026-05-01,TRUE,1000,Website,a@example.com\n2,2026-07-01,2026-09-30,TRUE,900,Website,b@example.com\n"
)


def test_what_both_sides_signed_is_what_the_files_are_held_against(page):
    """Whoever loads them, in whatever session: the draft and the sample's agreement come after it."""
    agreement = agreed(company="Acme")
    store = Store.open()
    draft = store.save_draft(agreement, Author("Ada", "revops"), 0).draft
    for side in ("marketing", "sales"):
        store.sign(draft, side, f"Head of {side}")
    store.close()
    upload(page, ("deals.csv", DEALS + QUARTERS))
    choice = page.radio(key="hold_against")
    assert choice.options[0] == "what Acme signed for Q3 2026"
    assert choice.value == "signed 0"
    with patch("streamlit.switch_page"):
        click(page, "Review this quarter")
    used = page.session_state["workspace"]
    assert used.agreement == agreement
    assert not used.is_draft


def test_without_a_quarter_before_no_draft_is_offered(page):
    upload(page, ("deals.csv", DEALS + QUARTERS.splitlines(keepends=True)[1]))
    assert len(page.radio(key="hold_against").options) == 1
    assert "No agreement can be drafted: the files have nothing before Q3 2026" in said(page)


def test_files_without_amounts_are_drafted_from_with_what_a_win_is_worth(page):
    """Two wins in Q2 at 500 each: a target of 1,000."""
    rows = "1,2026-04-01,2026-05-01,TRUE,,Website,a@example.com\n2,2026-04-01,2026-05-02,TRUE,,Website,b@example.com\n"
    upload(page, ("deals.csv", DEALS + rows + "3,2026-07-01,2026-09-30,TRUE,,Website,c@example.com\n"))
    assert button(page, "Review this quarter").disabled
    page.number_input(key="worth").set_value(500.0).run()
    with patch("streamlit.switch_page"):
        click(page, "Review this quarter")
    agreement = page.session_state["workspace"].agreement
    assert (agreement.revenue_target, agreement.marketing.deal_size) == (1_000, 500)
