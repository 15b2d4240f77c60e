"""Whose demand a lead source is: the built-in list, and the agreement's own.

The built-in list holds the values of Salesforce's and HubSpot's own pick lists, as shipped in 2025, and
their usual additions, where the field agrees on whose they are. What the field disagrees on (partners,
referrals, purchased lists, "other", "offline sources") is left out: it stays unassigned until the
agreement says otherwise.
"""

import re
from collections.abc import Iterable

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


def normalise(value: str) -> str:
    """A lead source as it is compared: case, spaces and punctuation don't count."""
    return re.sub(r"[\W_]+", "", value.casefold())


def normalised(values: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(normalise, values)))
