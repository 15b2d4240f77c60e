"""A closed review is the same to the cent, however often it is opened and whatever was upgraded meanwhile."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.export.as_json import review_as_json
from alignment_core.export.workbook import SourceFile
from alignment_core.findings import explain, headline
from alignment_core.imports import InputFile, read_files
from alignment_core.results import Review
from alignment_core.review import review
from alignment_core.store import StoreError, as_signed
from alignment_core.store.canonical import agreement_of, from_json
from alignment_core.store.ledger import append
from alignment_core.store.lossless import plain, restored
from alignment_core.store.reviews import _counts, _StoredCounts
from alignment_core.why import why, with_why
from tests.store.signing import signed
from tests.support import agreed, records, summary

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data"
#: The sample company's closed quarter as format 1 stored it. It is never written again: what it says must stay readable.
GOLDEN = Path(__file__).parent / "closed_review_format_1.json"
CLOSED = datetime(2026, 10, 9, 16, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def sample():
    files = ("salesforce_leads.csv", "salesforce_opportunities.csv")
    imported = read_files([InputFile(name, SAMPLE / name) for name in files])
    return Data(imported.tables, imported.quality), Agreement.from_toml(SAMPLE / "agreement.toml")


@pytest.mark.parametrize("options", [{}, {"by": "country"}, {"basis": "cohort"}, {"method": "sequential"}], ids=str)
def test_a_closed_review_is_reopened_as_it_was_and_computes_to_the_same(store, sample, options):
    data, agreement = sample
    answer = review(data, agreement, **options)
    answer = with_why(answer, why(data, agreement, answer))
    assert answer.why
    sources = (SourceFile("leads.csv", "ab" * 32, "leads", 10, 9),)
    store.close_review(answer, agreement, data, sources, at=CLOSED)
    again = store.closed(agreement.company, agreement.quarter)
    assert again.review == answer
    assert (again.agreement, again.files, again.at, again.number, again.version) == (
        agreement,
        sources,
        CLOSED,
        1,
        None,
    )
    assert again.json == json.loads(json.dumps(review_as_json(answer)))
    assert again.computed_again() == answer
    assert headline(again.review) == headline(answer)
    assert [explain(again.review, bar) for bar in again.review.bars] == [explain(answer, bar) for bar in answer.bars]


def test_the_review_that_format_1_stored_is_reopened_and_computed_to_the_cent():
    stored = from_json(GOLDEN.read_text(encoding="utf-8"))
    kept, counts = restored(Review, stored["review"]), _counts(restored(_StoredCounts, stored["counts"]), "crm")
    agreement = agreement_of(stored["agreement"])
    assert (kept.company, str(kept.quarter), kept.currency, kept.as_of) == (
        "Northwind Analytics (sample)",
        "2026-Q3",
        "USD",
        date(2026, 10, 9),
    )
    said = stored["json"]
    for answer in (kept, review(counts, agreement, by=kept.by)):
        assert answer.variance == pytest.approx(said["variance"], abs=0.005)
        for side in ("plan", "actual"):
            for source, owed in getattr(answer, side).items():
                for name, value in said[side][source].items():
                    assert getattr(owed, name) == pytest.approx(value, abs=0.005), (side, source, name)
        bars = answer.segment_bars or answer.bars
        assert [(bar.source, bar.driver, bar.segment) for bar in bars] == [
            (bar["source"], bar["driver"], bar.get("segment")) for bar in said["bridge"]
        ]
        for bar, written in zip(bars, said["bridge"], strict=True):
            assert bar.effect == pytest.approx(written["effect"], abs=0.005)
            assert (bar.order_low, bar.order_high) == pytest.approx(
                (written["order_low"], written["order_high"]), abs=0.005
            )
    assert sum(bar.effect for bar in kept.bars) == pytest.approx(kept.variance, abs=0.005)


def test_nothing_that_format_1_stored_is_lost_when_it_is_read():
    stored = from_json(GOLDEN.read_text(encoding="utf-8"))
    assert holds(plain(restored(Review, stored["review"])), stored["review"])
    assert holds(plain(restored(_StoredCounts, stored["counts"])), stored["counts"])


def holds(written, stored):
    """Whether all that was stored is in what is written today; a later version may write more."""
    if isinstance(stored, dict):
        return isinstance(written, dict) and all(
            name in written and holds(written[name], stored[name]) for name in stored
        )
    if isinstance(stored, list):
        return len(written) == len(stored) and all(map(holds, written, stored))
    return written == stored


def test_a_quarter_that_is_closed_again_keeps_what_it_was_before(store, sample):
    data, agreement = sample
    first, second = review(data, agreement), review(data, agreement, as_of=date(2026, 9, 1))
    store.close_review(first, agreement, data)
    store.close_review(second, agreement, data)
    assert [each.review for each in store.closings(agreement.company, agreement.quarter)] == [first, second]
    assert store.closed(agreement.company, agreement.quarter).number == 2
    assert store.closed_quarters(agreement.company) == (agreement.quarter,)
    assert store.closed(agreement.company, "2026-Q4") is None


def test_the_signed_version_that_it_was_held_against_is_named(store):
    agreement = agreed(quarter="2026-Q3")
    signed(store, agreement)
    data = summary(
        {"quarter": "2026-Q3", "source": "marketing", "mqls": 150, "sqls": 85, "opportunities": 45, "wins": 17, "revenue": 500_000},
        {"quarter": "2026-Q3", "source": "sales", "sqls": 100, "opportunities": 60, "wins": 20, "revenue": 700_000},
    )  # fmt: skip
    assert store.close_review(review(data, agreement), agreement, data).version == 1
    other = agreed(revenue_target=9_000)
    assert store.close_review(review(data, other), other, data).version is None


def test_a_review_of_an_amended_agreement_is_the_same_with_its_amendments(store):
    signed(store, agreed())
    signed(store, agreed(revenue_target=1_500_000), reason="A smaller team", effective_from=date(2026, 8, 15))
    versions = as_signed(store.versions("Northwind", "2026-Q3"))
    assert [(each.agreement.revenue_target, each.on, each.reason) for each in versions] == [
        (1_660_500, date(2026, 6, 20), ""),
        (1_500_000, date(2026, 6, 20), "A smaller team"),
    ]
    data = summary(
        {"quarter": "2026-Q3", "source": "marketing", "mqls": 150, "sqls": 85, "opportunities": 45, "wins": 17, "revenue": 500_000},
        {"quarter": "2026-Q3", "source": "sales", "sqls": 100, "opportunities": 60, "wins": 20, "revenue": 700_000},
    )  # fmt: skip
    agreement = versions[-1].agreement
    answer = review(data, agreement, signed=versions)
    assert len(answer.amendments) == 1
    for led in (versions, ()):  # they are in the store anyway
        store.close_review(answer, agreement, data, signed=led)
        again = store.closed("Northwind", "2026-Q3")
        assert (again.review, again.computed_again(), again.version, again.signed) == (answer, answer, 2, versions)


def test_counts_that_were_not_kept_are_not_invented(store, sample):
    data, agreement = sample
    closed = store.close_review(review(data, agreement), agreement, data)
    with pytest.raises(DataError, match="not kept"):
        closed.counts.funnel(agreement, by="country")


def test_a_review_of_a_newer_format_is_refused_in_words(store, sample):
    data, agreement = sample
    store.close_review(review(data, agreement), agreement, data)
    with store.database.write() as connection:
        append(connection, agreement.company, agreement.quarter, "review", {"number": 2, "format": 2}, CLOSED)
    with pytest.raises(StoreError, match=r"closed review 2 of .* newer version"):
        store.closed(agreement.company, agreement.quarter)


def test_a_stored_funnel_keeps_stages_that_nobody_recorded(store):
    data = records(
        {"lead_id": "1", "lead_source": "Webinar", "mql_at": "2026-07-02", "won_at": "2026-08-02", "amount": Decimal("10.25")},
        {"lead_id": "2", "lead_source": "Webinar", "mql_at": "2026-05-02", "won_at": None, "amount": None},
    )  # fmt: skip
    agreement = agreed()
    before = data.funnel(agreement)
    closed = store.close_review(review(data, agreement), agreement, data)
    after = closed.counts.funnel(agreement)
    pd.testing.assert_frame_equal(after.frame, before.frame, check_dtype=False)
    assert (after.recorded, after.has_amounts, after.as_of) == (before.recorded, before.has_amounts, before.as_of)


def test_what_the_docs_show_runs(sample, tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGNMENT_STORE", str(tmp_path))
    data, agreement = sample
    agreement = agreement.model_copy(update={"company": "Northwind"})
    (shown,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "store.md").read_text(encoding="utf-8"), re.DOTALL)
    names = {"agreement": agreement, "data": data, "review": review(data, agreement)}
    exec(shown, names)  # noqa: S102 our own docs
    store = names["store"]
    assert store.in_force("Northwind", "2026-Q3").agreement == agreement
    assert store.closed("Northwind", "2026-Q3").review == names["review"]
    assert names["verify"](store).changed == ()
    store.close()
