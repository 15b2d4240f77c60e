"""What a printed agreement says: its figures as a table, its terms as sentences, and who signs it.

The document and the workbook print the same words; they are put together here.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from alignment_core.agreement import Agreement
from alignment_core.odds import odds
from alignment_core.value import value_terms
from alignment_core.vocabulary import Driver, Source
from alignment_core.wording import DRIVER, count, day, in_sentence, percent, period

__all__ = [
    "AgreementTerms",
    "Figure",
    "Printing",
    "Section",
    "Segment",
    "Signature",
    "figures",
    "lead",
    "paper",
    "printable",
    "sections",
    "segments",
    "title",
    "version_line",
]

SIDES: tuple[Source, Source] = ("marketing", "sales")


@dataclass(frozen=True)
class AgreementTerms:
    """The terms whose words other parts of the product have, each as sentences.

    Attributes:
        mql: what is an MQL.
        follow_up: what sales promises in return.
        sourcing: whose demand a record is; without it the agreement's own lists are told.
    """

    mql: tuple[str, ...] = ()
    follow_up: tuple[str, ...] = ()
    sourcing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signature:
    """A name under the agreement, and the day on which it was given; without a day the date is left to be written."""

    side: Literal["marketing", "sales"]
    name: str
    on: date | None = None


@dataclass(frozen=True)
class Printing:
    """Which version is printed.

    Attributes:
        version: its number, or None for a draft.
        content_hash: the hash of exactly what is agreed, in hexadecimal; it stands at the foot of every page.
        signatures: those that were given. A side without one gets an empty line.
    """

    version: int | None = None
    content_hash: str = ""
    signatures: tuple[Signature, ...] = ()

    def of(self, side: Source) -> Signature | None:
        """A side's signature; None while it has not signed."""
        return next((each for each in self.signatures if each.side == side), None)


@dataclass(frozen=True)
class Figure:
    """A row of the table of what each side owes. `owed` marks what a side promises."""

    label: str
    marketing: str
    sales: str
    owed: bool = False


@dataclass(frozen=True)
class Segment:
    """A row of the table of plans per segment: the share of its source's revenue, and the plan as text."""

    source: Source
    name: str
    share: str
    revenue: str
    deal_size: str
    close_rate: str
    sql_to_opportunity: str
    mql_to_sql: str
    owed: str


@dataclass(frozen=True)
class Section:
    """A term with its heading."""

    heading: str
    sentences: tuple[str, ...]


def printable(text: object) -> str:
    """Data as one line of print: without control characters, halves of characters, and what turns the direction of text."""
    whole = str(text).encode("utf-8", "replace").decode()
    hidden = {"Cc": " ", "Cf": "", "Cn": "", "Co": ""}
    return " ".join("".join(hidden.get(unicodedata.category(char), char) for char in whole).split())


def title(agreement: Agreement) -> tuple[str, str]:
    """The company, and the quarter with its days."""
    quarter = agreement.fiscal_quarter
    last = quarter.end - timedelta(days=1)
    return printable(agreement.company), f"{period(quarter)}, {day(quarter.start)} to {day(last)}"


def lead(agreement: Agreement) -> str:
    """The target and its split in a sentence."""
    shares = [f"{name} sources {_exact_percent(getattr(agreement.split, name))}" for name in SIDES]
    return f"The revenue target is {agreement.currency} {amount(agreement.revenue_target)}: {shares[0]} of it and {shares[1]}."


def paper(agreement: Agreement) -> Literal["A4", "Letter"]:
    """The paper of the agreement's country, as far as its currency tells."""
    return "Letter" if agreement.currency in ("USD", "CAD") else "A4"


def version_line(agreement: Agreement, printing: Printing) -> str:
    """Which version this is, for the foot of every page."""
    version = f"version {printing.version}" if printing.version else "draft, not signed"
    content = f", content {printable(printing.content_hash)}" if printing.content_hash else ""
    return f"Agreement for {agreement.quarter}, {version}{content}"


def amount(value: float | Fraction) -> str:
    """Money in full, with cents where there are any."""
    value = float(value)
    return f"{value:,.0f}" if abs(value - round(value)) < 0.005 else f"{value:,.2f}"


def _exact_percent(value: float) -> str:
    """A rate as it was agreed: with all the decimals that it was given."""
    return f"{(Decimal(str(value)) * 100).normalize():f}%"


def figures(agreement: Agreement) -> tuple[Figure, ...]:
    """What each side owes, from revenue back to the first stage. With plans per segment rates are those of the whole."""
    cells = {source: _total(agreement, source) for source in SIDES}
    currency = agreement.currency
    divided = agreement.segments is not None

    def row(label: str, name: str, *, owed: bool = False) -> Figure:
        marketing, sales = (_figure(agreement, source, cells[source], name, divided) for source in SIDES)
        return Figure(label, marketing, sales, owed)

    split = agreement.split
    share = Figure("Share of the target", _exact_percent(split.marketing), _exact_percent(split.sales))
    rows = [
        share,
        row(f"Revenue, {currency}", "revenue", owed=True),
        row(f"Deal size, {currency}", "deal_size"),
        row("Wins", "wins"),
        row("Close rate", "close_rate"),
        row("Opportunities", "opportunities"),
        row(f"Pipeline (opportunities × deal size), {currency}", "pipeline"),
        row("SQL → opportunity", "sql_to_opportunity"),
        row("SQLs", "sqls", owed=True),
        row("MQL → SQL", "mql_to_sql"),
        row("MQLs owed", "mqls", owed=True),
    ]
    return tuple(rows)


def _total(agreement: Agreement, source: Source) -> Mapping[str, Fraction]:
    """A source's chain over all its segments, with its pipeline: what its opportunities are worth at the agreed sizes."""
    cells = list(agreement.segment_cells.get(source, {}).values())
    worth = [cell["opportunities"] * cell["revenue"] / cell["wins"] for cell in cells if cell["wins"]]
    stages = cells[0] if cells else {}
    added = {stage: sum((cell[stage] for cell in cells), Fraction(0)) for stage in stages}
    return added | {"pipeline": sum(worth, Fraction(0))}


#: Of which stages a rate is the ratio: what passed, of what came.
_RATIO = {
    "deal_size": ("revenue", "wins"),
    "close_rate": ("wins", "opportunities"),
    "sql_to_opportunity": ("opportunities", "sqls"),
    "mql_to_sql": ("sqls", "mqls"),
}


def _figure(agreement: Agreement, source: Source, total: Mapping[str, Fraction], name: str, divided: bool) -> str:
    plan = getattr(agreement, source)
    if plan is None or (name in ("mqls", "mql_to_sql") and source == "sales"):
        return "–"
    if name in _RATIO:
        above, below = _RATIO[name]
        if divided and total[below]:
            value = float(total[above] / total[below])
            return amount(value) if name == "deal_size" else percent(value, 1)
        value = getattr(plan, name)
        return amount(value) if name == "deal_size" else _exact_percent(value)
    if name in ("revenue", "pipeline"):
        return amount(total[name])
    return f"{agreement.required_mqls:,}" if name == "mqls" else count(float(total[name]))


def segments(agreement: Agreement) -> tuple[Segment, ...]:
    """The plans per segment, as agreed; what marketing owes in each are whole MQLs that sum to its promise."""
    if agreement.segments is None:
        return ()
    found = []
    promised = agreement.required_mqls_by_segment
    for source in SIDES:
        side = getattr(agreement, source)
        for name, part in getattr(agreement.segments, source).items():
            cell = agreement.segment_cells[source][name]
            values = {each: getattr(part, each, None) or getattr(side, each, None) for each in _RATIO}
            rate = {each: _exact_percent(value) if value else "–" for each, value in values.items()}
            owed = f"{promised[name]:,} MQLs" if source == "marketing" else f"{count(float(cell['sqls']))} SQLs"
            found.append(
                Segment(
                    source=source,
                    name=printable(name),
                    share=_exact_percent(part.share),
                    revenue=amount(cell["revenue"]),
                    deal_size=amount(cast(float, values["deal_size"])),
                    close_rate=rate["close_rate"],
                    sql_to_opportunity=rate["sql_to_opportunity"],
                    mql_to_sql=rate["mql_to_sql"] if source == "marketing" else "–",
                    owed=owed,
                )
            )
    return tuple(found)


def sections(agreement: Agreement, terms: AgreementTerms) -> tuple[Section, ...]:
    """The terms in words."""
    value = tuple(map(printable, value_terms(agreement)))
    found = [
        Section("What is an MQL", _told(terms.mql, agreement.mql, "Nothing was agreed on what makes a lead an MQL.")),
        *([Section("The same in value", value)] if value else []),
        Section(
            "Follow-up by sales", _told(terms.follow_up, agreement.follow_up, "Nothing was agreed on the follow-up.")
        ),
        Section("Whose demand it is", tuple(map(printable, terms.sourcing)) or tuple(_sourcing(agreement))),
        Section("Who answers for what", tuple(_owners(agreement))),
    ]
    chances = _odds(agreement)
    return (*found, Section("The odds", (chances,))) if chances else tuple(found)


def _told(sentences: Iterable[str], part: object, nothing: str) -> tuple[str, ...]:
    given = tuple(sentence for sentence in map(printable, sentences) if sentence)
    return given or (("As the agreement's file has it.",) if part else (nothing,))


_RULE = {
    "lead_source": "The lead's source says whose demand a record is.",
    "deal_source": "The deal's own source says whose demand a record is.",
    "first_touch": "The first touch says whose demand a record is.",
    "last_touch": "The last touch before the deal says whose demand it is.",
}


def _sourcing(agreement: Agreement) -> Iterable[str]:
    sourcing = agreement.sourcing
    yield _RULE.get(sourcing.rule, f"The rule is: {sourcing.rule.replace('_', ' ')}.")
    for whose, values in (("Marketing's", sourcing.marketing), ("Sales'", sourcing.sales)):
        listed = ", ".join(filter(None, map(printable, values)))
        yield f"{whose} sources: {listed or 'none'}."
    other = {"unassigned": "is assigned to neither side", "marketing": "is marketing's", "sales": "is sales'"}
    yield f"Any other or no source {other[sourcing.otherwise]}."


def _owners(agreement: Agreement) -> Iterable[str]:
    names = {"marketing": "Marketing", "sales": "Sales", "shared": "Both"}
    for owner, name in names.items():
        owned = [driver for driver, each in agreement.owners.model_dump().items() if each == owner]
        if owned:
            yield f"{name}: {', '.join(in_sentence(DRIVER[cast(Driver, driver)]) for driver in owned)}."


def _odds(agreement: Agreement) -> str:
    found = odds(agreement)
    if found is None:
        return ""
    owed = agreement.required_mqls
    chance = "over 99%" if 0.995 <= found.probability < 1 else percent(found.probability)
    sentence = f"If every rate holds, {owed:,} MQLs reach marketing's target ({found.wins_needed:,} wins) with probability {chance}"
    safe = found.mqls_for[0.8]
    return f"{sentence}; for 80% it takes {safe:,}." if safe > owed else f"{sentence}."
