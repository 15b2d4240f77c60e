"""What is said of a definition of an MQL: warnings with what they would cost, its answer, and its caveats."""

import pytest

from alignment_core.definition import Rule
from alignment_core.definition_findings import answer, caveats, warned
from alignment_core.definition_lint import Warned
from alignment_core.replay import replay
from tests.support import agreed, records

TITLE = Rule.of("job_title", "is", ["CFO"])


def said(code, rule=TITLE, **values):
    return warned(Warned(code, rule, values), "USD")


def test_a_rule_on_a_title_says_why_not_and_what_it_would_have_cost():
    text = said("of_a_person", excluded=37, wins=9, revenue=310_000.0, perfect_fit=True)
    assert text.startswith("“job title is CFO”: what somebody is (role, title, seniority, department)")
    assert text.endswith(
        "In the last year it would have excluded 37 leads from perfect-fit companies (they meet every other fit rule), "
        "of which 9 became wins worth USD 310k."
    )


@pytest.mark.parametrize(
    ("values", "ending"),
    [
        ({}, "No such field is loaded, so your own data cannot show what it would cost."),
        ({"excluded": 0, "wins": 0, "revenue": None, "perfect_fit": True}, "In the last year it would have kept nobody out."),
        ({"excluded": 1, "wins": 0, "revenue": 0.0, "perfect_fit": False}, "In the last year it would have excluded 1 lead of any company, of which 0 became wins."),
    ],
)  # fmt: skip
def test_what_it_would_cost_is_said_as_far_as_the_data_say_it(values, ending):
    assert said("of_a_talk", Rule.of("budget", "is", ["yes"]), **values).endswith(ending)


@pytest.mark.parametrize(
    ("code", "values", "text"),
    [
        ("not_loaded", {"there": ("lead_type", "country")}, "“job title is CFO”: the loaded leads don't carry this field, so it cannot be replayed. They carry lead type, country."),
        ("contradiction", {"other": Rule.of("job_title", "is", ["CTO"])}, "“job title is CFO” and “job title is CTO” must both be met, and nothing can meet both. Change one, or let any of them do."),
        ("nobody", {"leads": 1200}, "“job title is CFO”: none of the 1,200 leads of the last year met it. Look for another spelling, or leave it out."),
        ("everybody", {"leads": 12}, "“job title is CFO”: each of the 12 leads of the last year met it, so it decides nothing."),
        ("mostly_missing", {"share": 0.62}, "“job title is CFO”: 62% of the last year's leads have no value there, so it decides by what was filled in."),
    ],
)  # fmt: skip
def test_each_warning_names_its_rule_and_what_to_do(code, values, text):
    assert said(code, **values) == text


def test_what_is_not_read_in_a_file_is_named():
    assert (
        said("unread", None, keys=("fits", "note"))
        == "[mql] also has fits, note, which is no rule and is not read. Write it as a rule of fit or engagement."
    )


def test_the_answer_and_the_caveats_of_a_replay():
    """In the quarter before, three of four leads are in the US; two of these became SQLs, one was never flagged."""
    lead = {"lead_source": "Website", "won_at": None, "amount": None}
    rows = [
        lead | {"created_at": f"2026-05-0{day}", "country": country, "mql_at": mql, "sql_at": sql}
        for day, country, mql, sql in ((1, "US", "2026-05-02", "2026-05-09"), (2, "US", "2026-05-02", "2026-05-10"), (3, "US", None, None), (4, "DE", "2026-05-05", None))
    ]  # fmt: skip
    agreement = agreed(mql={"fit": {"all": [{"field": "country", "is": ["US"]}]}})
    found = replay(
        records(
            *rows,
            {**rows[0], "created_at": "2026-07-09", "mql_at": "2026-07-10", "sql_at": None, "won_at": "2026-08-01"},
        ),
        agreement,
        {"US alone": agreement.mql},
    )
    row = next(each for each in found.rows if each.definition == agreement.mql)
    assert answer(row) == "3 leads in Q2 2026 met this; 67% became SQLs so far."
    assert caveats(found)[0] == (
        f"{row.name}: the CRM never flagged 1 of these 3 leads, so hardly anybody worked them; "
        "their conversion says what was made of them, not what they could have brought."
    )
    assert "The leads' dates of being given up are not loaded, so how many are still open cannot be told." in caveats(
        found
    )
