"""A funnel drawn at random and written in any dialect, container, shape and locale comes back as the same counts."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Sourcing
from alignment_core.engine import Engine
from alignment_core.funnel import count_funnel
from alignment_core.imports import FileMapping, Imported, InputFile, read_files
from alignment_core.imports.mapping import answered
from tests.imports.in_process import reading_here
from tests.imports.writers import (
    CURRENCIES,
    DATES,
    FLAGS,
    MIXED,
    NOTHING,
    NUMBERS,
    QUARTERS,
    Cell,
    Locale,
    Style,
    Table,
    quarter_name,
    written,
)

SIDES = {
    "Webinar": "marketing",
    "Website": "marketing",
    "Cold call": "sales",
    "Partner": "unassigned",
    None: "unassigned",
}
CHAIN = {"mqls": {"marketing", "unassigned"}}
STAGES = ("mqls", "sqls", "opportunities", "wins")
#: Segments by what an encoding can write; those of UTF-8 have what breaks a careless reader.
COUNTRIES = {
    "cp1252": ["Germany", "España", "Côte d'Ivoire", "Österreich", 'Say "Cheese"', "a, b; c"],
    "gb18030": ["Germany", "中国上海", "北京市", "广东省深圳市"],
    "shift_jis": ["Germany", "ドイツ", "スペイン", "トウキョウと"],
}
ANYWHERE = [
    "Germany",
    "España",
    "日本",
    'Say "Cheese"',
    "a, b; c",
    "one | two",
    "two\nlines",
    "=SUM(A1)",
    "NA",
    "O'Brien & <Sons>",
]
#: What must never be seen again.
PERSONAL = (
    ("Email", "ana.canary@example.com"), ("Phone", "+49 30 5550100"), ("First Name", "Canary"),
    ("Description", "Canary said: call me, \"soon\"; or\nwrite | later"), ("Mailing Street", "Canary Street 5"),
)  # fmt: skip


#: Columns that mean nothing here, two of which may share a name.
OTHERS = (
    (),
    (("Score", 7),),
    (("Score", 7), ("Score", 8)),
    (("Rating", "Hot"), ("Do Not Call", False)),
    (("Link", "https://crm.example/1?a=b|c"),),
)


@dataclass(frozen=True)
class Record:
    """A lead's way, with its country and the source of its demand."""

    lead_source: str | None
    country: str | None
    mqls: date | None
    sqls: date | None
    opportunities: date | None
    wins: date | None
    amount: Decimal | None


DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
AMOUNTS = st.decimals(Decimal("-5000"), Decimal("2000000"), places=2) | st.integers(1, 2000).map(
    lambda k: Decimal(k * 500)
)


@st.composite
def records(draw, countries: Sequence[str]) -> list[Record]:
    """At least one of them is won and has a country."""
    maybe = st.none() | DAYS
    one = st.builds(Record, st.sampled_from(list(SIDES)), st.none() | st.sampled_from(countries), maybe, maybe, maybe, maybe,
                    st.none() | AMOUNTS)  # fmt: skip
    found = draw(st.lists(one, min_size=1, max_size=12))
    found[0] = replace(found[0], wins=draw(DAYS), country=draw(st.sampled_from(countries)))
    return found


@st.composite
def styles(draw) -> tuple[Style, list[str]]:
    """A file's style, and the countries that it can write."""
    container = draw(st.sampled_from(["csv", "csv", "csv", "xlsx", "html", "parquet"]))
    titles = tuple(draw(st.sampled_from([[], ["Funnel report"], ["Q3 review", "As of 2026-09-30 00:00:00"]])))
    footers = tuple(
        draw(
            st.sampled_from(
                [[], ["Confidential Information - Do Not Distribute"], ["Copyright (c) 2000-2026 example.com, inc."]]
            )
        )
    )
    common = {
        "titles": titles, "footers": footers, "totals": draw(st.sampled_from(["", "Grand Totals", "Total", "Summe"])),
        "ending": draw(st.sampled_from(["\n", "\r\n"])),
    }  # fmt: skip
    countries = ANYWHERE
    if container == "csv":
        encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", *COUNTRIES]))
        countries = COUNTRIES.get(encoding, ANYWHERE)
        common |= {
            "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])), "encoding": encoding,
            "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
            "blank_rows": draw(st.booleans()), "trailing": draw(st.sampled_from([0, 0, 1, 3])),
        }  # fmt: skip
    elif container == "xlsx":
        common |= {name: draw(st.booleans()) for name in ("typed", "serials", "is_1904", "hidden", "blank_rows")}
        common |= {"across": draw(st.integers(0, 2))}
    elif container == "html":
        countries = [country for country in ANYWHERE if "\n" not in country]
    else:
        common = {"typed": draw(st.booleans())}
    return Style(container, **common), countries


LOCALES = st.builds(
    Locale,
    dates=st.sampled_from([(name,) for name in DATES])
    | st.lists(st.sampled_from(MIXED), min_size=2, max_size=4).map(tuple),
    numbers=st.sampled_from(list(NUMBERS)),
    currency=st.sampled_from(CURRENCIES),
    brackets=st.booleans(),
    whole=st.booleans(),
    flags=st.sampled_from(FLAGS),
    nothing=st.sampled_from(NOTHING),
)


@dataclass(frozen=True)
class Written:
    """Files, and what is true of them that they may leave open, as lines of a mapping file."""

    files: tuple[InputFile, ...]
    answers: frozenset[str]
    rows: int


class Writer:
    """Writes tables of named cells, with headers in one of their names, columns in any order and others among them."""

    def __init__(self, draw: Callable, style: Style, locale: Locale) -> None:
        self._draw, self._style, self._locale = draw, style, locale
        self.files: list[InputFile] = []
        self.rows = 0

    def add(
        self, stem: str, rows: Sequence[Mapping[str, Cell]], names: Mapping[str, Sequence[str]], **said: object
    ) -> None:
        columns = [(self._draw(st.sampled_from(names[field])), [row[field] for row in rows]) for field in names]
        chosen = self._draw(st.lists(st.sampled_from(PERSONAL), unique=True, max_size=2))
        columns += [(header, [value] * len(rows)) for header, value in chosen]
        columns += [(header, [value] * len(rows)) for header, value in self._draw(st.sampled_from(OTHERS))]
        columns = self._draw(st.permutations(columns))
        table = Table(tuple(header for header, _ in columns), tuple(zip(*(cells for _, cells in columns), strict=True)))
        try:
            content = written(table, self._locale, self._style)
        except UnicodeEncodeError:
            assume(False)
        self.files.append(InputFile(f"{stem}.{self._style.suffix}", content, **said))
        self.rows += len(rows)

    @property
    def done(self) -> Written:
        answers = self._locale.answers | {f'encoding = "{self._style.encoding}"'}
        return Written(tuple(self.files), frozenset(answers), self.rows)


ID, DEAL = ("Lead ID", "lead_id", "Lead Number"), ("Opportunity ID", "Deal ID", "deal_id")
OF_LEADS = {
    "mqls": ("MQL Date", "mql_at", "Became a Marketing Qualified Lead Date"),
    "sqls": ("SQL Date", "sql_at", "Became a Sales Qualified Lead Date"),
}
OF_ALL = {"lead_source": ("Lead Source", "Original Source", "lead_source"), "country": ("Country", "Country/Region")}
OF_DEALS = {
    "opportunities": ("Created Date", "Create Date", "created_at"), "closed": ("Close Date", "closed_at"),
    "amount": ("Amount", "amount", "Deal Value"),
}  # fmt: skip


def lead_rows(found: Sequence[Record]) -> list[dict[str, Cell]]:
    return [
        {
            **asdict(record),
            "id": f"L-{place:04}",
            "deal": f"D{place:05}" if record.opportunities or record.wins else None,
        }
        for place, record in enumerate(found)
    ]


def deal_rows(found: Sequence[Record]) -> list[dict[str, Cell]]:
    rows = [row for row in lead_rows(found) if row["deal"]]
    for row in rows:
        row["won"] = row["wins"] is not None
        row["stage"] = "Closed Won" if row["won"] else "Negotiation"
        row["closed"] = row["wins"] or row["opportunities"] + timedelta(days=40)  # what is open is expected to close
    return rows


def one_row_per_lead(write: Writer, found: Sequence[Record]) -> None:
    names = {"id": ID, **OF_LEADS, "opportunities": ("Opportunity Date", "opportunity_at", "Became an Opportunity Date"),
             "wins": ("Won Date", "won_at", "Became a Customer Date"), "amount": ("Amount", "amount"), **OF_ALL}  # fmt: skip
    write.add("people", lead_rows(found), names)


def leads_and_deals(write: Writer, found: Sequence[Record], *, alone: bool = False) -> None:
    if not alone:
        write.add(
            "leads", lead_rows(found), {"id": ID, **OF_LEADS, **OF_ALL, "deal": ("Converted Opportunity ID", "deal_id")}
        )
    won = write._draw(
        st.sampled_from([{"won": ("Won", "is_won", "Is Closed Won")}, {"stage": ("Stage", "Deal Stage")}])
    )
    write.add("deals", deal_rows(found), {"deal": DEAL, **OF_DEALS, **won, **OF_ALL})


def deals_alone(write: Writer, found: Sequence[Record]) -> None:
    leads_and_deals(write, found, alone=True)


def a_file_for_each_stage(write: Writer, found: Sequence[Record]) -> None:
    for stage in STAGES:
        rows = [{**asdict(record), "at": getattr(record, stage)} for record in found if getattr(record, stage)]
        if rows:
            names = {
                "at": ("Date", "at", "Stage Date"),
                **OF_ALL,
                **({"amount": ("Amount", "Value")} if stage == "wins" else {}),
            }
            write.add(stage, rows, names, kind="stage_events", stage=stage)


def quarter_of(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def expected(found: Sequence[Record], stages: Sequence[str] = STAGES) -> dict[str, Counter]:
    """By stage, records by quarter, side and country; and the revenue of those won, in cents."""
    counts: dict[str, Counter] = {stage: Counter() for stage in (*stages, "revenue")}
    for record in found:
        side, country = SIDES[record.lead_source], record.country or "(not recorded)"
        for stage in stages:
            day = getattr(record, stage)
            if day and side in CHAIN.get(stage, set(SIDES.values())):
                counts[stage][quarter_of(day), side, country] += 1
        if record.wins and record.amount:
            counts["revenue"][quarter_of(record.wins), side, country] += int(record.amount * 100)
    return {
        stage: Counter({cell: number for cell, number in cells.items() if number}) for stage, cells in counts.items()
    }


def counted(imported: Imported, stages: Sequence[str] = STAGES) -> dict[str, Counter]:
    frame = count_funnel(Engine(imported.tables), Sourcing(), by="country").frame
    found: dict[str, Counter] = {stage: Counter() for stage in (*stages, "revenue")}
    for row in frame.itertuples():
        for name, cells in found.items():
            number = getattr(row, name)
            if number == number and (whole := round(number * (100 if name == "revenue" else 1))):  # NaN is not recorded
                cells[(row.quarter.year, row.quarter.number), row.source, row.segment.replace("\r\n", "\n")] += whole
    return found


def read_back(drawn: Written) -> Imported:
    """Read files; what they leave open is answered by who wrote them."""
    mapping: dict[str, FileMapping] = {}
    for _ in range(4):
        imported = read_files(drawn.files, mapping)
        assert not any(report.refused for report in imported.files), imported.refused
        asked = [report for report in imported.files if report.question]
        if not asked:
            return imported
        for report in asked:
            (answer,) = drawn.answers & set(report.question.answers)
            mapping[report.name] = answered(mapping.get(report.name, FileMapping()), answer)
    raise AssertionError(f"asked again and again: {asked}")


def check(imported: Imported, drawn: Written) -> None:
    quality = imported.quality
    assert (quality.rows_used, quality.rows_read) == (drawn.rows, drawn.rows + quality.rows_set_aside), quality.faults
    seen = f"{imported.files} {[table.to_pydict() for table in imported.tables.values()]}"
    assert "canary" not in seen.casefold()
    assert "5550100" not in seen


SHAPES = {
    "one row per lead": (one_row_per_lead, STAGES),
    "leads and deals": (leads_and_deals, STAGES),
    "deals alone": (deals_alone, ("opportunities", "wins")),
    "a file for each stage": (a_file_for_each_stage, STAGES),
}


@st.composite
def files_of_records(draw, shape: str) -> tuple[Written, list[Record]]:
    style, countries = draw(styles())
    locale, found = draw(LOCALES), draw(records(countries))
    writer = Writer(draw, style, locale)
    SHAPES[shape][0](writer, found)
    return writer.done, found


def slow(examples: int):
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


def comes_back(drawn: Written, found: Sequence[Record], stages: Sequence[str]) -> None:
    imported = read_back(drawn)
    check(imported, drawn)
    assert counted(imported, stages) == expected(found, stages)


@pytest.mark.parametrize("shape", SHAPES)
@slow(35)
@given(st.data())
def test_records_come_back_as_the_same_counts(shape, data):
    drawn, found = data.draw(files_of_records(shape))
    with reading_here():
        comes_back(drawn, found, SHAPES[shape][1])


@pytest.mark.parametrize("shape", SHAPES)
@slow(2)
@given(st.data())
def test_records_come_back_through_the_reading_process(shape, data):
    drawn, found = data.draw(files_of_records(shape))
    comes_back(drawn, found, SHAPES[shape][1])


OF_SUMMARIES = {
    "mqls": ("MQLs", "mqls", "MQL count"), "sqls": ("SQLs", "sqls"), "opportunities": ("Opportunities", "opps"),
    "wins": ("Wins", "Won deals"), "revenue": ("Revenue", "Bookings"),
}  # fmt: skip


@dataclass(frozen=True)
class Count:
    """A row of a summary that somebody made by hand."""

    year: int
    number: int
    lead_source: str | None
    country: str | None
    mqls: int | None
    sqls: int | None
    opportunities: int | None
    wins: int | None
    revenue: Decimal | None


@st.composite
def summaries(draw) -> tuple[Written, list[Count]]:
    style, countries = draw(styles())
    locale = draw(LOCALES)
    number = st.none() | st.integers(0, 60) | st.integers(0, 4000)
    one = st.builds(Count, st.integers(2024, 2027), st.integers(1, 4), st.sampled_from(list(SIDES)),
                    st.none() | st.sampled_from(countries), number, number, number, number, st.none() | AMOUNTS.map(abs))  # fmt: skip
    found = [
        replace(row, revenue=row.revenue if row.wins else None) for row in draw(st.lists(one, min_size=1, max_size=8))
    ]
    found[0] = replace(found[0], wins=draw(st.integers(1, 3000)), country=draw(st.sampled_from(countries)))
    spelling = draw(st.sampled_from([*QUARTERS, "year and number", "year and Q"]))
    said = draw(st.sampled_from(["lead source", "side"]))
    rows = []
    for row in found:
        cells = asdict(row) | {"side": {"unassigned": None}.get(SIDES[row.lead_source], SIDES[row.lead_source])}
        cells["year"] = str(row.year)
        if spelling.startswith("year"):
            cells["quarter"] = f"Q{row.number}" if spelling == "year and Q" else str(row.number)
        else:
            cells["quarter"] = quarter_name(spelling, row.year, row.number)
        rows.append(cells)
    names = {"quarter": ("Quarter", "Fiscal Quarter"), **({"year": ("Year", "Fiscal Year")} if spelling.startswith("year") else {}),
             **({"side": ("Source",)} if said == "side" else {"lead_source": OF_ALL["lead_source"]}),
             "country": OF_ALL["country"], **OF_SUMMARIES}  # fmt: skip
    writer = Writer(draw, style, locale)
    writer.add("summary", rows, names)
    return writer.done, found


def expected_of_summary(found: Sequence[Count]) -> dict[str, Counter]:
    counts: dict[str, Counter] = {stage: Counter() for stage in (*STAGES, "revenue")}
    for row in found:
        side = SIDES[row.lead_source]
        cell = (row.year, row.number), side, row.country or "(not recorded)"
        for stage in STAGES:
            if side in CHAIN.get(stage, set(SIDES.values())):
                counts[stage][cell] += getattr(row, stage) or 0
        counts["revenue"][cell] += int((row.revenue or 0) * 100)
    return {
        stage: Counter({cell: number for cell, number in cells.items() if number}) for stage, cells in counts.items()
    }


@slow(35)
@given(summaries())
def test_a_summary_comes_back_as_the_same_counts(drawn_and_found):
    drawn, found = drawn_and_found
    with reading_here():
        imported = read_back(drawn)
    check(imported, drawn)
    assert counted(imported) == expected_of_summary(found)


@st.composite
def follow_ups(draw) -> tuple[Written, Counter]:
    style, _ = draw(styles())
    one = st.fixed_dictionaries({
        "id": st.sampled_from(["L-0001", "L-0002", "00Q5e00000AbCdEAAW"]), "at": DAYS,
        "kind": st.sampled_from(["Call", "Email", "Meeting"]), "personalised": st.none() | st.booleans(),
    })  # fmt: skip
    found = draw(st.lists(one, min_size=1, max_size=12))
    writer = Writer(draw, style, draw(LOCALES))
    names = {"id": ("Lead ID", "WhoId"), "at": ("Touched At", "Activity Date"), "kind": ("Activity Type", "Touch Type"),
             "personalised": ("Personalised", "Is Personalized")}  # fmt: skip
    writer.add("activities", found, names)
    return writer.done, Counter((row["id"], row["at"], row["kind"], row["personalised"]) for row in found)


@slow(35)
@given(follow_ups())
def test_follow_ups_come_back_as_they_were(drawn_and_found):
    drawn, found = drawn_and_found
    with reading_here():
        imported = read_back(drawn)
    check(imported, drawn)
    rows = imported.tables["touches"].to_pylist()
    assert Counter((row["lead_id"], row["at"].date(), row["kind"], row.get("personalised")) for row in rows) == found
