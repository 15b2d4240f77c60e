"""Whose demand a lead source or a touch is: the built-in lists, and the agreement's own.

The built-in list holds the values of Salesforce's and HubSpot's own pick lists, as shipped in 2025, and
their usual additions, where the field agrees on whose they are. What the field disagrees on (partners,
referrals, purchased lists, "other", "offline sources") is left out: it stays unassigned until the
agreement says otherwise. The kinds of touches are those of Salesforce's tasks and campaign members and of
HubSpot's engagements: what sales does is sales', what people do with marketing's material is marketing's.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self, get_args

from pydantic import model_validator

from alignment_core.agreement_parts import Part
from alignment_core.vocabulary import Source

__all__ = [
    "MARKETING_DEFAULT",
    "MARKETING_TOUCHES",
    "RULES",
    "SALES_DEFAULT",
    "SALES_TOUCHES",
    "Rule",
    "Sourcing",
    "TouchKinds",
    "normalise",
    "normalised",
]

Rule = Literal["lead_source", "first_touch", "deal_source", "last_touch"]
RULES: tuple[Rule, ...] = get_args(Rule)

MARKETING_DEFAULT: tuple[str, ...] = (
    "Advertisement", "Advertising", "Blog", "Chat", "Content", "Content syndication", "Demo request",
    "Direct traffic", "Display", "E-book", "Ebook", "Email", "Email marketing", "Event", "Events", "Inbound",
    "Landing page", "Marketing", "Newsletter", "Organic", "Organic search", "Organic social", "Other campaigns",
    "Paid search", "Paid social", "PPC", "Public relations", "Search", "Seminar", "Seminar - Internal",
    "Seminar - Partner", "SEO", "Social", "Social media", "Trade show", "Tradeshow", "Conference", "Virtual event",
    "Web", "Web form", "Web site", "Webinar", "Website", "Whitepaper", "White paper", "Word of mouth",
)  # fmt: skip

SALES_DEFAULT: tuple[str, ...] = (
    "AE outbound", "Account executive", "BDR", "Cold call", "Cold calling", "Cold email", "Field sales",
    "Outbound", "Outbound call", "Outbound email", "Outreach", "Phone prospecting", "Prospecting",
    "Sales", "Sales generated", "Sales outbound", "Sales prospecting", "SDR", "SDR outbound", "Self-sourced",
)  # fmt: skip

MARKETING_TOUCHES: tuple[str, ...] = (
    "Ad click", "Attended", "Campaign", "Campaign member", "Campaign response", "Chat", "Content download", "Demo request",
    "Download", "Downloaded", "E-book", "Email click", "Event", "Event attended", "Form", "Form fill", "Form submission",
    "Landing page", "Marketing email", "Newsletter", "Page view", "Registered", "Responded", "Subscribed", "Trade show",
    "Web form", "Web visit", "Webinar", "Webinar attended", "Website visit", "White paper", "Whitepaper",
)  # fmt: skip

SALES_TOUCHES: tuple[str, ...] = (
    "Cadence", "Call", "Cold call", "Cold email", "Email", "InMail", "LinkedIn", "LinkedIn message", "List email",
    "Logged call", "Meeting", "Outbound call", "Outbound email", "Phone", "Phone call", "Sales call", "Sales email",
    "Sequence", "SMS", "Task", "Visit", "Voicemail", "WhatsApp",
)  # fmt: skip


def normalise(value: str) -> str:
    """A lead source as it is compared: case, spaces and punctuation don't count."""
    return re.sub(r"[\W_]+", "", value.casefold())


def normalised(values: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(normalise, values)))


def _listed_first(values: Any, marketing: tuple[str, ...], sales: tuple[str, ...]) -> Any:
    """With one list given, the other side's built-in list gives up what that list names."""
    if not isinstance(values, Mapping) or ("marketing" in values) == ("sales" in values):
        return values
    given, other, built_in = (
        ("marketing", "sales", sales) if "marketing" in values else ("sales", "marketing", marketing)
    )
    listed = values[given] if isinstance(values[given], list | tuple) else ()
    taken = normalised(value for value in listed if isinstance(value, str))
    return {**values, other: tuple(value for value in built_in if normalise(value) not in taken)}


def _check_one_list(marketing: Iterable[str], sales: Iterable[str]) -> None:
    taken = normalised(sales)
    both = [value for value in marketing if normalise(value) in taken]
    if both:
        raise ValueError(f"{', '.join(map(repr, both))} counts as marketing and as sales; keep it in one list")


class TouchKinds(Part):
    """Whose a touch is by its kind. A kind on neither list is nobody's, and counts as `Sourcing.otherwise` says."""

    marketing: tuple[str, ...] = MARKETING_TOUCHES
    sales: tuple[str, ...] = SALES_TOUCHES

    @model_validator(mode="before")
    @classmethod
    def _listed_beats_built_in(cls, values: Any) -> Any:
        return _listed_first(values, MARKETING_TOUCHES, SALES_TOUCHES)

    @model_validator(mode="after")
    def _one_side_each(self) -> Self:
        _check_one_list(self.marketing, self.sales)
        return self


class Sourcing(Part):
    """How demand is assigned to marketing or sales.

    Attributes:
        rule: what decides. `lead_source`: the source of the lead, else of the deal; `deal_source`: of the deal, else of
            the lead; `first_touch`: whose the first touch was; `last_touch`: whose the last one was before the
            opportunity was created (for a lead without one, the last there is).
        marketing, sales: lead sources that are one side's, however they are spelled.
        otherwise: what a missing or unlisted value counts as.
        contested: what a deal counts as that is marketing's by one rule and sales' by another: as the agreed rule says,
            or one side's whatever the rule, or nobody's until both have decided.
        touches: whose a touch is.
    """

    rule: Rule = "lead_source"
    marketing: tuple[str, ...] = MARKETING_DEFAULT
    sales: tuple[str, ...] = SALES_DEFAULT
    otherwise: Source = "unassigned"
    contested: Literal["rule", "unassigned", "marketing", "sales"] = "rule"
    touches: TouchKinds = TouchKinds()

    @model_validator(mode="before")
    @classmethod
    def _listed_beats_built_in(cls, values: Any) -> Any:
        return _listed_first(values, MARKETING_DEFAULT, SALES_DEFAULT)

    @model_validator(mode="after")
    def _one_side_each(self) -> Self:
        _check_one_list(self.marketing, self.sales)
        return self
