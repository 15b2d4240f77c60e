"""What amendments are called and said."""

from dataclasses import replace
from datetime import date

import pytest

from alignment_core.agreement import Agreement
from alignment_core.amendment_words import after_amendments, amended_term, amended_to, amendment_name, explain_amendment
from alignment_core.results import Amendment, Change, Counts
from tests.support import funnel_of, reviewed

PLAN = funnel_of(100, 0.6, 0.5, 0.4, 10_000)


def amendment(*changes, before=200_000.0, after=150_000.0, agreed_on=date(2026, 8, 14), reason="", number=1, sales=0.0):
    sides = [{"marketing": Counts(revenue=revenue - sales * which), "sales": Counts(revenue=sales * which)} for which, revenue in ((0, before), (1, after))]  # fmt: skip
    return Amendment(number, sides[0], sides[1], changes, agreed_on, reason)


def review(*amendments):
    return replace(reviewed({"marketing": PLAN}, {"marketing": PLAN}), amendments=amendments)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (Change("mqls", 164, 150), "MQLs owed 164 → 150"),
        (Change("revenue_target", 200_000, 150_000), "revenue target 200k → 150k"),
        (Change("split", 0.5, 0.505), "marketing's share of the target 50.0% → 50.5%"),
        (Change("close_rate", 0.4, 0.45, source="sales"), "sales-sourced close rate 40% → 45%"),
        (Change("owner", "sales", "shared", driver="deal_size"), "owner of deal size sales → both"),
        (Change("value", None, None), "the promise in value changed"),
        (Change("something_new", None, None), "something new changed"),
    ],
)
def test_a_term_that_changed_is_said_with_its_values(changed, said):
    assert amended_term(changed) == said


def test_an_amendment_comes_to_the_revenue_that_it_moved_or_else_to_what_else_moved():
    assert amended_to(amendment()) == "200k → 150k"
    same = {"before": 200_000.0, "after": 200_000.0}
    assert amended_to(amendment(Change("mqls", 164, 150), **same)) == "MQLs 164 → 150"
    assert amended_to(amendment(Change("split", 0.5, 0.6), **same)) == "share 50% → 60%"
    assert amended_to(amendment(Change("mql", None, None), **same)) == "1 term changed"


def test_it_has_a_number_where_there_are_several():
    assert [amendment_name(amendment(number=2), of) for of in (1, 2)] == ["Amendment", "Amendment 2"]


@pytest.mark.parametrize(
    ("amendments", "said"),
    [
        ((), ""),
        ((amendment(),), ", after an amendment of −50k agreed on 14 August 2026"),
        ((amendment(agreed_on=date(2026, 10, 2)),), ", after an amendment of −50k agreed on 2 October 2026, when the quarter was over"),
        ((amendment(agreed_on=date(2026, 6, 2)),), ", after an amendment of −50k agreed on 2 June 2026, before the quarter began"),
        ((amendment(Change("mqls", 164, 150), after=200_000.0),), ", after an amendment agreed on 14 August 2026 that left revenue as it was (MQLs 164 → 150)"),
        ((amendment(), amendment(number=2, before=150_000.0, after=160_000.0)), ", after 2 amendments of −40k together, the last agreed on 14 August 2026"),
    ],
)  # fmt: skip
def test_behind_the_variance_stands_what_was_amended(amendments, said):
    assert after_amendments(review(*amendments)) == said


def test_it_is_explained_by_when_why_how_much_and_what_changed():
    found = amendment(Change("mqls", 164, 150), Change("split", 1.0, 0.8), reason=" Two reps\nleft ", sales=30_000.0)
    assert explain_amendment(review(found), found) == (
        "Amendment: both sides signed it on 14 August 2026. Their reason: Two reps left",
        "The revenue that both sides owe together went from USD 200,000 to 150,000 (−50,000). By side: marketing 200,000 → 120,000 "
        "(−80,000), sales 0 → 30,000 (+30,000); each is held against what it owes now.",
        "What changed: MQLs owed 164 → 150; marketing's share of the target 100% → 80%.",
    )


def test_what_only_moved_between_the_sides_is_said_where_the_sum_stayed():
    found = amendment(Change("split", 1.0, 0.85), after=200_000.0, agreed_on=None, number=2, sales=30_000.0)
    assert explain_amendment(review(amendment(), found), found)[:2] == (
        "Amendment 2: both sides signed it.",
        "The revenue that both sides owe together stayed at USD 200,000, so this bar is 0. By side: marketing 200,000 → 170,000 "
        "(−30,000), sales 0 → 30,000 (+30,000); each is held against what it owes now.",
    )


def test_no_part_of_an_agreement_is_called_as_in_its_file():
    """An underscore is no English."""
    said = {name: amended_term(Change(name, 1, 2)) for name in Agreement.model_fields}
    assert not [each for each in said.values() if "_" in each]
    assert (said["sales_channels"], said["follow_up"]) == ("sales channels changed", "the follow-up that sales promised changed")  # fmt: skip
