"""The sourcing rule in plain language."""

from collections.abc import Mapping
from typing import Literal

from alignment_core.sourcing import Rule, Sourcing

__all__ = ["CONTESTED", "RULE", "RULE_MEANING", "contested_sentence", "sourcing_sentence"]

RULE: Mapping[Rule, str] = {
    "lead_source": "the lead's source",
    "first_touch": "the first touch",
    "deal_source": "the deal's own source",
    "last_touch": "the last touch before the deal",
}
RULE_MEANING: Mapping[Rule, str] = {
    "lead_source": "Where the lead came from; the deal's own source where no lead says.",
    "first_touch": "Whoever touched the lead first: a campaign's response is marketing's, a call or e-mail is sales'.",
    "deal_source": "What the opportunity itself has as its source; its lead's where it says nothing.",
    "last_touch": "Whoever touched the lead last before the opportunity was created.",
}
CONTESTED: Mapping[Literal["rule", "unassigned", "marketing", "sales"], str] = {
    "rule": "as the rule says",
    "unassigned": "nobody's, until both have decided",
    "marketing": "marketing's",
    "sales": "sales'",
}


def sourcing_sentence(sourcing: Sourcing) -> str:
    """Whose demand a deal is, and what happens to those that both can claim."""
    unlisted = {"unassigned": "is nobody's", "marketing": "counts as marketing's", "sales": "counts as sales'"}
    return (
        f"A deal's demand is decided by {RULE[sourcing.rule]}; what is on no list {unlisted[sourcing.otherwise]}. "
        f"Contested deals count {'' if sourcing.contested == 'rule' else 'as '}{CONTESTED[sourcing.contested]}."
    )


def contested_sentence(deals: int, rules: tuple[Rule, ...], amount: str) -> str:
    """How many deals both sides can claim, by the rules that the data carry."""
    if len(rules) < 2:
        return "The loaded files carry one rule only, so no deal can be claimed by both sides."
    by = f"{', '.join(RULE[rule] for rule in rules[:-1])} and {RULE[rules[-1]]}"
    if not deals:
        return f"By {by}, no deal is claimed by both sides."
    return f"{deals:,} {'deal' if deals == 1 else 'deals'} worth {amount} {'is' if deals == 1 else 'are'} contested: by {by}, both sides can claim {'it' if deals == 1 else 'them'}."
