"""What a printed agreement says: figures worked by hand, terms in words, and one line of print from whatever is typed."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.export.agreement_terms import (
    AgreementTerms,
    Printing,
    Signature,
    figures,
    lead,
    paper,
    printable,
    sections,
    segments,
    title,
    version_line,
)
from tests.support import RATES, agreed

REGIONS = {"field": "region", "marketing": {"EMEA": {"share": 0.5}, "APAC": {"share": 0.5, "mql_to_sql": 0.6}}}


def told(agreement, terms=AgreementTerms()):
    return {section.heading: section.sentences for section in sections(agreement, terms)}


def test_the_title_has_the_first_and_the_last_day_of_the_quarter():
    assert title(agreed()) == ("Northwind", "Q3 2026, 1 July 2026 to 30 September 2026")
    fiscal = agreed(fiscal_year_start_month=2)
    assert title(fiscal)[1] == "Q3 FY2026, 1 August 2025 to 31 October 2025"


def test_the_lead_has_cents_and_decimals_where_there_are_any():
    split = {"marketing": 0.625, "sales": 0.375}
    assert lead(agreed()) == "The revenue target is USD 1,660,500: marketing sources 50% of it and sales sources 50%."
    assert lead(agreed(split=split, revenue_target=1_234_567.5, currency="EUR")) == (
        "The revenue target is EUR 1,234,567.50: marketing sources 62.5% of it and sales sources 37.5%."
    )


def test_figures_are_the_chain_from_revenue_back_and_what_a_side_promises_is_marked():
    """830,250 ÷ 30,000 ÷ 45% ÷ 50% ÷ 75% = 164; 61.5 opportunities × 30,000 = 1,845,000."""
    found = figures(agreed())
    assert [(row.label, row.marketing, row.sales) for row in found][-5:] == [
        ("Pipeline (opportunities × deal size), USD", "1,845,000", "1,845,000"),
        ("SQL → opportunity", "50%", "50%"),
        ("SQLs", "123", "123"),
        ("MQL → SQL", "75%", "–"),
        ("MQLs owed", "164", "–"),
    ]
    assert [row.label for row in found if row.owed] == ["Revenue, USD", "SQLs", "MQLs owed"]


def test_with_plans_per_segment_a_rate_is_that_of_the_whole_and_the_pipeline_is_worth_what_each_segment_sells_for():
    """61.5 SQLs ÷ 75% + 61.5 ÷ 60% = 184.5 MQLs: 123 of them are 66.7%, and 185 are owed.

    With deals of 15,000 in one half that half needs 27.675 wins and 61.5 opportunities, the other 13.8375 and 30.75:
    each half's pipeline is 922,500, and a deal is 830,250 ÷ 41.5125 = 20,000 on the whole.
    """
    rows = {row.label: row.marketing for row in figures(agreed(segments=REGIONS))}
    assert (rows["MQL → SQL"], rows["MQLs owed"], rows["SQLs"]) == ("66.7%", "185", "123")
    smaller = REGIONS | {"marketing": {"EMEA": {"share": 0.5}, "APAC": {"share": 0.5, "deal_size": 15_000}}}
    rows = {row.label: row.marketing for row in figures(agreed(segments=smaller))}
    assert (rows["Deal size, USD"], rows["Opportunities"]) == ("20,000", "92.2")
    assert rows["Pipeline (opportunities × deal size), USD"] == "1,845,000"


def test_what_segments_owe_are_whole_mqls_that_sum_to_the_promise():
    """82 and 102.5 are 184.5, so 185 together: 82 and 103."""
    found = segments(agreed(segments=REGIONS))
    assert [(each.name, each.share, each.mql_to_sql, each.owed) for each in found] == [
        ("EMEA", "50%", "75%", "82 MQLs"),
        ("APAC", "50%", "60%", "103 MQLs"),
    ]
    assert segments(agreed()) == ()


def test_a_term_without_words_says_whether_there_is_one():
    """The words come from elsewhere; the file of an agreement may have a term that nobody has put into words yet."""
    mql = {"fit": {"field": "employees", "at_least": 100}}
    assert told(agreed())["What is an MQL"] == ("Nothing was agreed on what makes a lead an MQL.",)
    assert told(agreed(mql=mql))["What is an MQL"] == ("As the agreement's file has it.",)
    worded = told(agreed(mql=mql), AgreementTerms(mql=("Companies of 100 or more.", "\u200b")))
    assert worded["What is an MQL"] == ("Companies of 100 or more.",)


def test_the_lists_of_sources_are_told_unless_the_rule_has_its_own_words():
    agreement = agreed(sourcing={"marketing": ["Web", "Fair"], "sales": [], "otherwise": "marketing"})
    assert told(agreement)["Whose demand it is"] == (
        "The lead's source says whose demand a record is.",
        "Marketing's sources: Web, Fair.",
        "Sales' sources: none.",
        "Any other or no source is marketing's.",
    )
    assert told(agreement, AgreementTerms(sourcing=("Ours.",)))["Whose demand it is"] == ("Ours.",)


@pytest.mark.parametrize(
    ("marketing", "said"),
    [
        ({"mql_to_sql": 0.75, **RATES}, "164 MQLs reach marketing's target (28 wins) with probability 51%; for 80% it takes 189."),
        ({"mql_to_sql": 1, "sql_to_opportunity": 1, "close_rate": 1, "deal_size": 10_000}, "84 MQLs reach marketing's target (84 wins) with probability 100%."),
    ],
)  # fmt: skip
def test_the_odds_name_a_safer_number_only_where_it_takes_more(marketing, said):
    assert told(agreed(marketing=marketing))["The odds"] == (f"If every rate holds, {said}",)


def test_a_side_that_owes_nothing_has_no_odds():
    assert "The odds" not in told(agreed(split={"marketing": 0, "sales": 1}, marketing=None))


def test_the_foot_of_a_page_says_which_version_it_is():
    assert version_line(agreed(), Printing()) == "Agreement for 2026-Q3, draft, not signed"
    assert version_line(agreed(), Printing(3, "ab\u202ecd")) == "Agreement for 2026-Q3, version 3, content abcd"


def test_a_side_has_the_signature_that_was_given_for_it():
    only = Signature("sales", "Ada Byron", date(2026, 6, 28))
    printing = Printing(1, signatures=(only,))
    assert (printing.of("sales"), printing.of("marketing")) == (only, None)


@pytest.mark.parametrize(("currency", "of"), [("USD", "Letter"), ("CAD", "Letter"), ("EUR", "A4"), ("AUD", "A4")])
def test_paper_is_that_of_the_currencys_country(currency, of):
    assert paper(agreed(currency=currency)) == of


def test_what_nobody_sees_is_not_printed():
    assert printable("a\x00b\u202ec\ud800  d\n e\u200b") == "a bc? d e"


@given(st.text())
def test_print_is_one_line_of_visible_characters_and_printing_it_again_changes_nothing(text):
    line = printable(text)
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    assert line == printable(line) == " ".join(line.split())
