"""What stands in a file is data to the database and never a part of its SQL."""

from decimal import Decimal
from unittest.mock import patch

import pytest
from ibis.backends.duckdb import Backend

from alignment_core.choices import OPTIONS, Choices
from alignment_core.contested import contested
from alignment_core.data import Data
from alignment_core.doubts import doubts
from alignment_core.drafts import draft_agreement, last_quarter, unassigned_wins
from alignment_core.imports import InputFile, read_files
from alignment_core.lead_sources import lead_sources, reassigned
from alignment_core.review import review
from alignment_core.segment_plans import draft_segments
from alignment_core.sourcing import RULES
from tests.support import agreed

#: In each value, so that it is found in whatever SQL it got into.
MARK = "ZQX"
EVIL = [
    f"{MARK}'; DROP TABLE deals; --",
    f'{MARK}"); DELETE FROM leads; --',
    f"{MARK}\\' OR ''='",
    f"{MARK} /* $1 ? {{}} %s */",
]


@pytest.fixture(scope="module")
def data():
    """Deals and leads whose every text is hostile, in a currency that is."""
    dates = [("2026-04-02", "2026-05-03"), ("2026-07-04", "2026-08-05")]
    deals, leads = [], []
    for place, evil in enumerate(EVIL * 4):
        opened, closed = dates[place // 8]
        quoted = ",".join(
            '"' + text.replace('"', '""') + '"' for text in (f"{evil}{place}", evil, evil[::-1] + MARK, evil, evil)
        )
        deals.append(f"006{place},{opened},{closed},TRUE,100,{quoted}")
        leads.append(f"{quoted},{opened}")
    texts = (
        "Opportunity ID,Created Date,Close Date,Won,Amount,Lead ID,Lead Source,Region,Owner,Currency\n"
        + "\n".join(deals),
        "Lead ID,Lead Source,Region,Owner,Product,MQL Date\n" + "\n".join(leads),
    )
    files = [InputFile(f"{MARK}'{place}.csv", text.encode()) for place, text in enumerate(texts)]
    imported = read_files(files)
    assert imported.refused == ()
    rates = tuple((evil, Decimal(place + 2)) for place, evil in enumerate(EVIL))
    return Data(imported.tables, imported.quality, Choices(rates=rates))


def test_no_value_of_a_file_is_in_any_sql(data):
    """The whole review, drafts, doubts and every choice; amounts are those that Python works out."""
    sent: list[str] = []
    compiled = Backend.compile

    def watched(self, *arguments, **options):
        sql = compiled(self, *arguments, **options)
        sent.append(str(sql))
        return sql

    agreement = agreed()
    with patch.object(Backend, "compile", watched):
        sides = {source.value: "marketing" for source in lead_sources(data.engine) if source.value}
        assert set(sides) == set(EVIL)
        agreement = agreement.model_copy(update={"sourcing": reassigned(agreement.sourcing, sides)})
        assert draft_agreement(data, agreement, last_quarter(data, agreement))
        assert unassigned_wins(data, agreement) == 0
        agreement = agreement.model_copy(update={"segments": draft_segments(data, agreement, "region")})
        assert review(data, agreement, by="owner", basis="cohort").by == "owner"
        doubts(data, agreement)
        for name, options in OPTIONS.items():
            other = data.with_choices(data.choices.but(name, options[-1]))
            other.funnel(agreement, by="region")
        found = review(data, agreement, by="region")
    assert len(sent) > 30
    assert not [sql for sql in sent if MARK in sql]
    wins = {segment: counts.wins for segment, counts in found.segment_actual["marketing"].items()}
    assert wins == {evil[::-1] + MARK: 2.0 for evil in EVIL}
    revenue = {segment: counts.revenue for segment, counts in found.segment_actual["marketing"].items()}
    assert revenue == {evil[::-1] + MARK: 2 * 100.0 * (place + 2) for place, evil in enumerate(EVIL)}


def test_no_kind_of_touch_is_in_any_sql_under_any_sourcing_rule(data):
    """Touches whose kinds and lead sources are hostile decide whose each deal is; the amounts are all there."""
    rows = [
        f'"{(evil + str(place)).replace(chr(34), 2 * chr(34))}",2026-07-0{turn + 1},"{evil.replace(chr(34), 2 * chr(34))}"'
        for place, evil in enumerate(EVIL * 4)
        for turn in range(2)
    ]
    touches = "Lead ID,Touched At,Activity Type\n" + "\n".join(rows)
    imported = read_files([InputFile("touches.csv", touches.encode())])
    tables = {name: data.engine._tables[name] for name in ("leads", "deals")} | dict(imported.tables)
    touched = Data(tables, choices=data.choices)
    sent: list[str] = []
    compiled = Backend.compile

    def watched(self, *arguments, **options):
        sql = compiled(self, *arguments, **options)
        sent.append(str(sql))
        return sql

    kinds = {"marketing": EVIL[:2], "sales": EVIL[2:]}
    whole = []
    with patch.object(Backend, "compile", watched):
        for rule in RULES:
            sourcing = {"rule": rule, "marketing": EVIL[2:], "sales": EVIL[:2], "touches": kinds, "contested": "sales"}
            agreement = agreed(sourcing=sourcing)
            whole.append(touched.funnel(agreement).frame["revenue"].sum())
            contested(touched, agreement)
    assert len(sent) > 10
    assert not [sql for sql in sent if MARK in sql]
    assert len(set(whole)) == 1
