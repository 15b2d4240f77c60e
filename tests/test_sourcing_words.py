"""The sourcing rule in plain language."""

import pytest

from alignment_core.sourcing import RULES, Sourcing
from alignment_core.sourcing_words import RULE, RULE_MEANING, contested_sentence, sourcing_sentence


def test_every_rule_has_a_name_and_a_meaning():
    assert set(RULE) == set(RULE_MEANING) == set(RULES)
    assert len(set(RULE.values())) == len(RULES)


@pytest.mark.parametrize(
    ("rule", "otherwise", "contested", "said"),
    [
        ("lead_source", "unassigned", "rule", "A deal's demand is decided by the lead's source; what is on no list is nobody's. Contested deals count as the rule says."),
        ("first_touch", "sales", "unassigned", "A deal's demand is decided by the first touch; what is on no list counts as sales'. Contested deals count as nobody's, until both have decided."),
        ("last_touch", "marketing", "sales", "A deal's demand is decided by the last touch before the deal; what is on no list counts as marketing's. Contested deals count as sales'."),
    ],
)  # fmt: skip
def test_a_rule_is_said_with_what_happens_to_the_rest(rule, otherwise, contested, said):
    sourcing = Sourcing.model_validate({"rule": rule, "otherwise": otherwise, "contested": contested})
    assert sourcing_sentence(sourcing) == said


def test_how_many_deals_both_sides_can_claim():
    rules = ("lead_source", "first_touch", "deal_source")
    by = "by the lead's source, the first touch and the deal's own source"
    assert (
        contested_sentence(0, rules[:1], "0")
        == "The loaded files carry one rule only, so no deal can be claimed by both sides."
    )
    assert contested_sentence(0, rules, "0") == f"B{by[1:]}, no deal is claimed by both sides."
    assert (
        contested_sentence(1, rules, "USD 40k") == f"1 deal worth USD 40k is contested: {by}, both sides can claim it."
    )
    assert (
        contested_sentence(1200, rules, "USD 4M")
        == f"1,200 deals worth USD 4M are contested: {by}, both sides can claim them."
    )
