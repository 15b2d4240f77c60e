"""Agreements to print: the contract's, with plans per segment, one side alone, and one whose every text is hostile."""

from datetime import date

from alignment_core.agreement import Agreement
from alignment_core.export.agreement_terms import AgreementTerms, Printing, Signature
from tests.support import RATES, agreed

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TERMS = AgreementTerms(
    mql=("Companies in the US or Canada with 200 to 5,000 employees in manufacturing.", "They requested a demo or downloaded a guide."),
    follow_up=("Demo request: first touch within 2 business hours, 4 attempts in 10 business days.", "All other leads: first touch within 8 business hours."),
)  # fmt: skip
VALUE = {"field": "lead_type", "otherwise": 5062.5, "per_mql": {"Demo request": 10_125, "Guide": 3_375}}
#: What is printed of it: 830,250 is 82 demo requests, or 246 guides.
VALUE_TOLD = (
    "The 164 MQLs owed are to be worth USD 830,250 together; MQLs that are worth as much keep the promise too. "
    "By lead type an MQL counts for, in USD: Demo request 10,125 (82 alone); Guide 3,375 (246 alone); any other 5,062.50."
)
#: With more kinds than the page has room for beside plans per segment.
MORE_KINDS = VALUE | {"per_mql": {f"Kind {place} of a lead": 10_125 - place for place in range(12)}}
SIGNED = Printing(2, HASH, (Signature("marketing", "Ada Byron", date(2026, 6, 28)),))

REGIONS = {
    "field": "sales_region",
    "marketing": {"EMEA": {"share": 0.5}, "APAC": {"share": 0.5, "mql_to_sql": 0.6}},
    "sales": {"EMEA": {"share": 0.25, "deal_size": 28_000.5}, "APAC": {"share": 0.75}},
}
MANY = {f"Region {place} with quite a long name, and more": {"share": 0.025} for place in range(40)}

#: What begins a formula, hides characters, turns text around, breaks XML, or never ends.
NASTY = '=HYPERLINK("http://x")\x00\x07\u202e\ufffe<w:p>&amp;\n@SUM(A1)'
WIDE = "W" * 45
HOSTILE = agreed(
    company=f"Müller & Söhne {NASTY} " + f"{WIDE} " * 9,
    revenue_target=1.5e14,
    currency="EUR",
    segments={"field": f"={WIDE * 3}", "marketing": {**{f"{place} {NASTY} {WIDE}": {"share": 0.025} for place in range(39)}, "": {"share": 0.025}}},
    sourcing={"marketing": [f"{NASTY} {place} {WIDE}" for place in range(80)], "sales": ["+1"], "otherwise": "sales"},
    value={"field": f"={NASTY}", "otherwise": 1, "per_mql": {f"Kind {place} {NASTY} {WIDE}": 1e15 for place in range(80)}},
)  # fmt: skip
HOSTILE_TERMS = AgreementTerms(
    mql=tuple(f"Rule {place} {NASTY} {WIDE}." for place in range(80)),
    follow_up=("漢字" * 2_000, f"{NASTY}\ud800"),
)
HOSTILE_SIGNED = Printing(
    1, "ab" * 32, (Signature("marketing", f"\ud800{NASTY}" + WIDE * 9, date(2026, 6, 28)), Signature("sales", WIDE * 9, date(2026, 6, 29)))
)  # fmt: skip

CASES: dict[str, tuple[Agreement, AgreementTerms, Printing]] = {
    "plain": (agreed(value=VALUE), TERMS, SIGNED),
    "draft": (agreed(currency="EUR"), AgreementTerms(), Printing()),
    "regions": (agreed(segments=REGIONS), TERMS, SIGNED),
    "regions in value": (agreed(segments=REGIONS, value=MORE_KINDS), TERMS, SIGNED),
    "many regions": (agreed(segments={"field": "region", "marketing": MANY}, value=VALUE), TERMS, SIGNED),
    "marketing alone": (agreed(split={"marketing": 1, "sales": 0}, sales=None, value=VALUE), TERMS, SIGNED),
    "sales alone": (agreed(split={"marketing": 0, "sales": 1}, marketing=None, value=VALUE), TERMS, SIGNED),
    "fractions": (agreed(revenue_target=1_234_567.89, marketing={"mql_to_sql": 0.3333, **RATES, "deal_size": 28_000.5}), TERMS, SIGNED),
    "hostile": (HOSTILE, HOSTILE_TERMS, HOSTILE_SIGNED),
    "hostile on Letter": (Agreement.from_text(HOSTILE.to_toml().replace('"EUR"', '"USD"')), HOSTILE_TERMS, HOSTILE_SIGNED),
}  # fmt: skip
#: Those whose page has room for everything.
WHOLE = ("plain", "draft", "regions", "marketing alone", "sales alone", "fractions")
