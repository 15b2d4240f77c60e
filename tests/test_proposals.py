"""A plan sheet becomes a proposed agreement: worked-out figures, their origins, and what does not fit."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.errors import DataError
from alignment_core.imports import PlanFigure
from alignment_core.proposals import figures_in_words, planned_quarters, propose
from tests.support import CONTRACT, agreed

RATES = {"mql_to_sql": "75%", "sql_to_opportunity": "50%", "close_rate": "45%", "deal_size": "30,000"}


def plan(*said, quarter="2026-Q3"):
    """Figures from (source, field, text), each in the row of its place; a further item is its segment."""
    return [
        PlanFigure(quarter, source, "".join(segment), field, field, number(text), text, row, "Target")
        for row, (source, field, text, *segment) in enumerate(said, 2)
    ]


def number(text):
    value = float(text.strip("%$€").replace(",", ""))
    return value / 100 if text.endswith("%") else value


def side(source, revenue="830,250"):
    rates = {name: text for name, text in RATES.items() if source == "marketing" or name != "mql_to_sql"}
    return [(source, name, text) for name, text in rates.items()] + ([(source, "revenue", revenue)] if revenue else [])


def test_a_whole_plan_is_the_designs_agreement():
    proposal = propose(plan(*side("marketing"), *side("sales")), "2026-Q3")
    expected = Agreement.checked(CONTRACT | {"company": "Your company"})
    assert proposal.agreement == expected
    assert proposal.agreement.required_mqls == 164
    assert (proposal.contradictions, proposal.missing, proposal.notes) == ((), (), ())
    assert proposal.origins["marketing.close_rate"] == "from the sheet, row 4, column 'Target'"
    assert proposal.origins["company"] == "not in the sheet: write your company's name"


def test_rates_follow_from_the_sheets_own_volumes():
    volumes = [("marketing", "mqls", "164"), ("marketing", "sqls", "123"), ("marketing", "opportunities", "61"), ("marketing", "wins", "28"),
               ("marketing", "revenue", "840,000")]  # fmt: skip
    proposal = propose(plan(*volumes, *side("sales")), "2026-Q3")
    assert proposal.agreement.marketing.model_dump() == {
        "mql_to_sql": 0.75, "sql_to_opportunity": 0.4959, "close_rate": 0.459, "deal_size": 30_000,
    }  # fmt: skip
    assert proposal.origins["marketing.mql_to_sql"] == "from the sheet's volumes: 123 SQLs ÷ 164 MQLs"
    assert proposal.contradictions == ()


def test_what_the_sheet_does_not_say_holds_as_before_and_is_marked():
    base = agreed(company="Contoso", currency="EUR", split={"marketing": 0.4, "sales": 0.6})
    proposal = propose(
        plan((None, "revenue", "2,000,000"), (None, "close_rate", "50%")), "2026-Q3", base, "what Q2 brought"
    )
    assert proposal.agreement.revenue_target == 2_000_000
    assert proposal.agreement.split.marketing == 0.4
    assert proposal.agreement.currency == "EUR"
    assert {proposal.agreement.marketing.close_rate, proposal.agreement.sales.close_rate} == {0.5}
    assert proposal.agreement.marketing.mql_to_sql == 0.75
    assert proposal.origins["marketing.mql_to_sql"] == "from what Q2 brought: the sheet does not say it"
    assert proposal.origins["revenue_target"] == "from the sheet, row 2, column 'Target'"
    assert "names no source" in proposal.origins["sales.close_rate"]


CONTRADICTIONS = {
    "wins × deal size is not revenue": (
        [("marketing", "wins", "40"), ("marketing", "deal_size", "30,000"), ("marketing", "revenue", "830,250")],
        "marketing: 40 wins × 30,000 = 1,200,000 revenue, while the sheet plans 830,250"),
    "MQLs × rates are not the wins": (
        [("marketing", "mqls", "164"), ("marketing", "mql_to_sql", "75%"), ("marketing", "sql_to_opportunity", "50%"),
         ("marketing", "close_rate", "45%"), ("marketing", "wins", "40")],
        "marketing: 164 MQLs × 75% × 50% × 45% = 27.7 wins, while the sheet plans 40"),
    "the sources are not the total": (
        [("marketing", "revenue", "500,000"), ("sales", "revenue", "400,000"), (None, "revenue", "1,000,000")],
        "Revenue: marketing 500,000 + sales 400,000 = 900,000, while the sheet's total is 1,000,000"),
    "the regions are not the whole": (
        [("marketing", "mqls", "100", "EMEA"), ("marketing", "mqls", "50", "APAC"), ("marketing", "mqls", "164")],
        "marketing: MQLs is 164 in row 4, while its parts (EMEA 100, APAC 50) sum to 150"),
    "one figure twice": (
        [("marketing", "mqls", "100"), ("marketing", "mqls", "164")], "marketing: MQLs is 100 in row 2, 'Target', and 164 in row 3"),
    "without sources too": (
        [(None, "wins", "10"), (None, "deal_size", "30,000"), (None, "revenue", "500,000")],
        "Together: 10 wins × 30,000 = 300,000 revenue, while the sheet plans 500,000"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_are_said_with_their_figures(name):
    said, words = CONTRADICTIONS[name]
    proposal = propose(plan(*said), "2026-Q3", agreed())
    assert any(words in each for each in proposal.contradictions), proposal.contradictions


def test_what_rounding_explains_is_no_contradiction():
    said = [("marketing", "mqls", "164"), ("marketing", "mql_to_sql", "75%"), ("marketing", "sql_to_opportunity", "50%"),
            ("marketing", "close_rate", "45%"), ("marketing", "wins", "28"), ("marketing", "deal_size", "30,000"), ("marketing", "revenue", "830,250")]  # fmt: skip
    assert propose(plan(*said), "2026-Q3", agreed()).contradictions == ()


def test_volumes_that_do_not_follow_from_what_held_before_are_noted():
    proposal = propose(plan(("marketing", "revenue", "830,250"), ("marketing", "mqls", "200")), "2026-Q3", agreed())
    assert any("needs 164 MQLs; the sheet plans 200" in note for note in proposal.notes)


def test_without_revenue_it_follows_from_the_volumes():
    proposal = propose(plan(("marketing", "mqls", "328")), "2026-Q3", agreed())
    assert proposal.agreement.required_mqls == 328
    assert proposal.agreement.revenue_target == 2 * 830_250 + 830_250
    assert "328 MQLs × 75% × 50% × 45% × 30,000" in proposal.origins["revenue_target"]


@given(st.integers(1, 5_000), st.integers(1, 5_000))
def test_the_mqls_of_a_plan_are_the_mqls_of_its_proposal(mqls, sqls):
    figures = plan(
        *side("marketing", None), ("marketing", "mqls", str(mqls)), *side("sales", None), ("sales", "sqls", str(sqls))
    )
    proposal = propose(figures, "2026-Q3")
    assert proposal.agreement.required_mqls == mqls
    assert proposal.agreement.required["sales"].sqls == pytest.approx(sqls, rel=1e-4)
    assert proposal.notes == ()


def test_the_rest_of_the_total_is_the_other_sides():
    proposal = propose(plan(("marketing", "revenue", "600,000"), (None, "revenue", "1,000,000")), "2026-Q3", agreed())
    assert proposal.agreement.split.model_dump() == {"marketing": 0.6, "sales": 0.4}


def test_without_anything_before_what_is_missing_is_said_and_nothing_is_made_up():
    proposal = propose(plan((None, "revenue", "1,000,000")), "2026-Q3")
    assert proposal.agreement is None
    said = " ".join(proposal.missing)
    assert "how much of the revenue marketing sources" in said
    assert "marketing's MQL→SQL, SQL→opportunity, close rate, deal size" in said
    values = tomllib.loads(proposal.to_toml())
    assert values["revenue_target"] == 1_000_000
    assert "split" not in values


def test_a_measure_that_says_nothing_is_not_taken():
    proposal = propose(plan((None, "", "250"), (None, "revenue", "800,000")), "2026-Q3", agreed())
    assert any("(250, row 2) does not say what it counts" in note for note in proposal.notes)


def test_a_rate_above_all_cannot_be_agreed():
    proposal = propose(plan((None, "close_rate", "145%"), (None, "revenue", "800,000")), "2026-Q3", agreed())
    assert proposal.agreement is None
    assert any("close_rate" in each for each in proposal.missing)


def test_currencies_of_the_sheet():
    euros = propose(plan((None, "revenue", "€800,000")), "2026-Q3", agreed())
    assert euros.agreement.currency == "EUR"
    both = propose(plan(("marketing", "revenue", "€800,000"), ("sales", "revenue", "$800,000")), "2026-Q3", agreed())
    assert any("several currencies: EUR, USD" in each for each in both.contradictions)


def test_another_quarter_is_refused_with_those_there_are():
    figures = plan((None, "revenue", "1")) + plan((None, "revenue", "2"), quarter="2026-Q4")
    assert planned_quarters(figures) == ("2026-Q3", "2026-Q4")
    with pytest.raises(DataError, match="nothing for 2025-Q1; it has figures for 2026-Q3, 2026-Q4"):
        propose(figures, "2025-Q1")
    assert (
        figures_in_words(plan(("marketing", "mqls", "164"), (None, "close_rate", "45%")), "2026-Q3")
        == "marketing MQLs 164, close rate 45%"
    )


def test_the_file_reads_back_as_the_proposal_and_no_label_breaks_out_of_its_comment():
    figures = plan(*side("marketing"), *side("sales"))
    evil = [PlanFigure(**(vars(each) | {"column": 'Q3\n[split]\nmarketing = 0\r\u2028x = "'})) for each in figures]
    text = propose(evil, "2026-Q3", agreed()).to_toml()
    assert Agreement.from_text(text) == agreed()
    assert "close_rate = 0.45  # from the sheet, row 4" in text
