"""The agreement as a Word document: one page that says everything that is signed, whatever is in it."""

import re
import zipfile
from io import BytesIO

import docx
import pytest
from pypdf import PdfReader

from alignment_core.export.agreement_document import write_agreement_document
from tests.export.printed_agreements import CASES, HASH, TERMS, VALUE_TOLD, WHOLE
from tests.office import converted

every_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def written():
    return {name: write_agreement_document(*case) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def printed(written, tmp_path_factory):
    """The pages of each document, as LibreOffice prints them."""
    paths = converted(written, tmp_path_factory.mktemp("documents"), of="docx", to="pdf")
    return {name: [page.extract_text() for page in PdfReader(path).pages] for name, path in paths.items()}


def tables(content: bytes) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(BytesIO(content)).tables
    ]


def test_the_table_is_the_contracts_chain(written):
    """164 MQLs × 75% × 50% × 45% × 30,000 = 830,250; 61.5 opportunities of 30,000 are a pipeline of 1,845,000."""
    assert tables(written["plain"])[0] == [
        ["What each side owes", "Marketing-sourced", "Sales-sourced"],
        ["Share of the target", "50%", "50%"],
        ["Revenue, USD", "830,250", "830,250"],
        ["Deal size, USD", "30,000", "30,000"],
        ["Wins", "27.7", "27.7"],
        ["Close rate", "45%", "45%"],
        ["Opportunities", "61.5", "61.5"],
        ["Pipeline (opportunities × deal size), USD", "1,845,000", "1,845,000"],
        ["SQL → opportunity", "50%", "50%"],
        ["SQLs", "123", "123"],
        ["MQL → SQL", "75%", "–"],
        ["MQLs owed", "164", "–"],
    ]


def test_what_was_agreed_is_printed_to_its_last_decimal(written):
    rows = {row[0]: row[1:] for row in tables(written["fractions"])[0]}
    assert (rows["MQL → SQL"][0], rows["Deal size, USD"][0]) == ("33.33%", "28,000.50")
    assert rows["Revenue, USD"] == ["617,283.94", "617,283.94"]


def test_a_side_that_owes_nothing_has_dashes(written):
    assert {row[2] for row in tables(written["marketing alone"])[0][2:]} == {"–"}
    assert {row[1] for row in tables(written["sales alone"])[0][2:]} == {"–"}


def test_the_terms_are_told_beside_their_headings(written):
    told = dict(tables(written["plain"])[1])
    assert list(told) == [
        "What is an MQL",
        "The same in value",
        "Follow-up by sales",
        "Whose demand it is",
        "Who answers for what",
        "The odds",
    ]
    assert told["What is an MQL"] == " ".join(TERMS.mql)
    assert told["The same in value"] == VALUE_TOLD
    assert told["Follow-up by sales"] == " ".join(TERMS.follow_up)
    assert told["Who answers for what"] == "Marketing: MQL volume. Sales: MQL → SQL, SQL → opportunity, close rate, SQL volume. Both: deal size."  # fmt: skip
    assert told["The odds"] == "If every rate holds, 164 MQLs reach marketing's target (28 wins) with probability 51%; for 80% it takes 189."  # fmt: skip
    assert told["Whose demand it is"].startswith(
        "The lead's source says whose demand a record is. Marketing's sources: Advertisement, "
    )
    assert told["Whose demand it is"].endswith("Any other or no source is assigned to neither side.")


def test_what_was_not_agreed_is_said(written):
    told = dict(tables(written["draft"])[1])
    assert told["What is an MQL"] == "Nothing was agreed on what makes a lead an MQL."
    assert told["Follow-up by sales"] == "Nothing was agreed on the follow-up."
    assert "The same in value" not in told
    assert not {"The odds", "The same in value"} & set(dict(tables(written["sales alone"])[1]))


def test_plans_per_segment_are_whole_mqls_that_sum_to_the_promise(written):
    """APAC at 60%: 61.5 ÷ 0.6 = 102.5 MQLs, EMEA at 75%: 82; 184.5 are 185 together."""
    _, segments, *_ = tables(written["regions"])
    assert segments[0] == [
        "By sales region",
        "Share",
        "Revenue",
        "Deal size",
        "Close rate",
        "SQL → opp.",
        "MQL → SQL",
        "Owed",
    ]
    assert [(row[0], row[1], row[2], row[3], row[6], row[7]) for row in segments[1:]] == [
        ("Marketing: EMEA", "50%", "415,125", "30,000", "75%", "82 MQLs"),
        ("Marketing: APAC", "50%", "415,125", "30,000", "60%", "103 MQLs"),
        ("Sales: EMEA", "25%", "207,562.50", "28,000.50", "–", "32.9 SQLs"),
        ("Sales: APAC", "75%", "622,687.50", "30,000", "–", "92.2 SQLs"),
    ]
    rows = {row[0]: row[1:] for row in tables(written["regions"])[0]}
    assert (rows["MQLs owed"][0], rows["MQL → SQL"][0]) == ("185", "66.7%")


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_one_page(name, printed):
    assert len(printed[name]) == 1


@every_case
def test_the_first_page_has_the_table_the_terms_and_both_signature_lines(name, printed):
    """What has no room goes to an annex, and never the place to sign."""
    first, *annex = printed[name]
    first = " ".join(first.split())  # where a line ends is the font's
    assert first.count("Name, signature, date") == 2
    for heading in ("What each side owes", "MQLs owed", "What is an MQL", "Who answers for what"):
        assert heading in first
    assert bool(annex) == ("in the annex" in first)
    assert all("Name, signature, date" not in page for page in annex)


def test_the_promise_in_value_stands_on_the_page_where_the_longest_term_makes_room(written):
    """Plans per segment and the values leave no room for all lead sources: they stand in full in the annex."""
    _, _, front, signatures, annex, *_ = tables(written["regions in value"])
    told = dict(front)["The same in value"]
    assert told.startswith("The 185 MQLs owed are to be worth USD 830,250 together;")
    assert told.endswith("Kind 11 of a lead 10,114 (83 alone); any other 5,062.50.")
    assert dict(front)["Whose demand it is"].endswith("… The rest of it is in the annex.")
    assert signatures[0] == ["For marketing", "", "For sales"]
    assert [row[0] for row in annex] == ["Whose demand it is"]


def test_many_segments_go_to_the_annex_and_the_page_says_so(written, printed):
    front, full = (table for table in tables(written["many regions"]) if len(table[0]) == 8)
    assert front[0][0] == "By region; 32 more in the annex"
    assert (len(front), len(full)) == (9, 41)
    assert [row[1:] for row in full[1:9]] == [row[1:] for row in front[1:]]
    assert "ANNEX" in printed["many regions"][1]


def test_every_page_says_which_version_and_content_it_is(printed):
    assert f"Agreement for 2026-Q3, version 2, content {HASH}" in printed["plain"][0]
    assert "Agreement for 2026-Q3, draft, not signed" in printed["draft"][0]
    assert all(f"content {'ab' * 32}" in page for page in printed["hostile"])


def test_a_signature_that_was_given_stands_on_its_line(written):
    signatures = tables(written["plain"])[-1]
    assert signatures == [
        ["For marketing", "", "For sales"],
        ["Ada Byron, 28 June 2026", "", ""],
        ["Name, signature, date", "", "Name, signature, date"],
    ]


@pytest.mark.parametrize("name", ["hostile", "hostile on Letter"])
def test_nothing_of_what_is_shortened_is_lost_and_nothing_hidden_is_printed(name, written):
    """The company, the rules and the sources stand in full in the annex."""
    agreement, terms, _ = CASES[name]
    text = "\n".join(cell for table in tables(written[name]) for row in table for cell in row)
    for place in (0, 79):
        assert f"Rule {place} =HYPERLINK" in text
        assert f"Kind {place} =HYPERLINK" in text
    assert len(re.findall(r"@SUM\(A1\) \d+ W{45}", text)) >= 80
    assert terms.follow_up[0] in text
    assert " ".join(["W" * 45] * 9) in text
    assert not set(text) & set("\x00\x07\u202e\ud800\ufffe")
    assert agreement.company not in text


def test_it_has_no_links_no_fields_and_nothing_from_elsewhere(written):
    with zipfile.ZipFile(BytesIO(written["hostile"])) as archive:
        document = archive.read("word/document.xml").decode()
        related = archive.read("word/_rels/document.xml.rels").decode()
    assert not re.search(r"<w:(hyperlink|fldSimple|instrText|object)\b", document)
    assert "TargetMode" not in related


def test_paper_follows_the_currency(written):
    widths = {
        name: round(docx.Document(BytesIO(written[name])).sections[0].page_width.mm) for name in ("plain", "draft")
    }
    assert widths == {"plain": 216, "draft": 210}
