"""Closed reviews: everything that is needed to see the same review again, to the cent, also after an upgrade.

Kept are the review itself, which charts, findings and exports draw from; the counts it was computed from, so that it can
be computed again; what it was held against; which files it came from; and its JSON, which needs no program to be read.

A stored review says in which format it is. When a result changes so that the format before can no longer be read as it
is, the new format gets the next number here, and a function that turns the old one into it.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

import pandas as pd
from sqlalchemy import Connection

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed
from alignment_core.carried import carried
from alignment_core.choices import Choices
from alignment_core.data import Answer, Data
from alignment_core.errors import DataError, StoreError
from alignment_core.export.as_json import review_as_json
from alignment_core.export.workbook import SourceFile
from alignment_core.funnel import Funnel
from alignment_core.meets import Candidates
from alignment_core.owner_labels import as_called
from alignment_core.quarter_wins import COLUMNS
from alignment_core.quarters import Calendar, Quarter
from alignment_core.results import Carried, Note, Quality, Review
from alignment_core.review import review as compute
from alignment_core.store.canonical import agreement_of, canonical, content_hash
from alignment_core.store.kept_timing import StoredTiming, stored, timing_again
from alignment_core.store.ledger import Record, append, of_quarter
from alignment_core.store.lossless import plain, restored
from alignment_core.store.versions import as_signed, standing
from alignment_core.timing import timing
from alignment_core.vocabulary import STAGES, Basis, MqlBy, Source, Stage

__all__ = ["FORMAT", "ClosedReview", "KeptCounts", "close", "closed", "kept_counts"]

FORMAT = 1
_NUMBERS = (*STAGES, "revenue")
_NOT_KEPT = "This was not kept when the review was closed; load the quarter's files to count it."


class KeptCounts(Data):
    """The counts that a closed review was computed from, in the place of the tables that they were counted in."""

    def __init__(
        self,
        funnels: Sequence[Funnel],
        quality: Quality,
        choices: Choices,
        mql: MqlBy = "crm",
        *,
        amounts: pd.DataFrame | None = None,
        timing: StoredTiming = StoredTiming(),
        carried: Mapping[Source, Carried] | None = None,
    ) -> None:
        """What was kept beside the funnels: each win's amount, what was open, and what came from other quarters."""
        self.funnels = tuple(funnels)
        self.owners = frozenset()
        self.amounts = pd.DataFrame(columns=list(COLUMNS)) if amounts is None else amounts
        self.timing, self.carried = timing, carried or {}
        self.quality = quality
        self.choices = choices
        self.mql = mql
        self.segment_fields = tuple(funnel.by for funnel in funnels if funnel.by)

    def funnel(
        self,
        agreement: Agreement,
        basis: Basis = "period",
        by: str | None = None,
        as_of: date | None = None,
        mql: MqlBy | Candidates = "crm",
    ) -> Funnel:
        """The kept funnel. Raises DataError for another than those that the review was computed from."""
        for funnel in self.funnels:
            if (funnel.basis, funnel.by, self.mql) == (basis, by, mql) and as_of in (None, funnel.as_of):
                return funnel
        raise DataError(_NOT_KEPT)

    def kept(self, asked: Hashable, answer: Callable[[], Answer]) -> Answer:
        """What was worked out from the tables when the review was closed. Raises DataError for anything else."""
        match asked:
            case ("timing", *_):
                return cast(Answer, timing_again(self.timing))
            case ("carried", *_):
                return cast(Answer, self.carried)
        raise DataError(_NOT_KEPT)

    def amounts_won(
        self,
        agreement: Agreement,
        quarter: Quarter,
        basis: Basis = "period",
        by: str | None = None,
        as_of: date | None = None,
        mql: MqlBy = "crm",
    ) -> pd.DataFrame:
        """The kept amounts; none where the review was closed by a version that did not keep them."""
        return self.amounts


@dataclass(frozen=True)
class ClosedReview:
    """A review as it was closed.

    Attributes:
        number: counts the times the quarter was closed, from 1; each is kept.
        review: the answer, as it was given.
        agreement: what it was held against, and its hash.
        version: which signed version that is; None if it was not signed.
        files: what it was made from, with their SHA-256.
        counts: what it was computed from.
        signed: the versions that led to the agreement, oldest first, where it was amended.
        json: as `export.as_json` wrote it.
        at: when it was closed.
    """

    number: int
    review: Review
    agreement: Agreement
    content_hash: str
    version: int | None
    files: tuple[SourceFile, ...]
    counts: KeptCounts
    signed: tuple[Signed, ...]
    json: Mapping[str, Any]
    at: datetime

    def computed_again(self) -> Review:
        """The review as this version of the product computes it from what was kept: the same, to the cent.

        What moved the conversions is taken as it was said: it rests on leads, of which none is kept.
        """
        kept = self.review
        found = compute(
            self.counts, self.agreement, kept.quarter, basis=kept.basis, method=kept.method, by=kept.by, as_of=kept.as_of,
            signed=self.signed, mql=kept.mql,
        )  # fmt: skip
        return replace(found, why=kept.why)


@dataclass(frozen=True)
class _StoredFunnel:
    """A funnel whose frame is rows: the quarter's running number, source, segment, counts and revenue."""

    rows: tuple[tuple[int, Source, str | None, float, float, float, float, float], ...]
    calendar: Calendar
    basis: Basis
    by: str | None
    as_of: date
    recorded: Mapping[Source, tuple[Stage, ...]]
    has_amounts: bool
    notes: tuple[Note, ...] = ()
    is_summary: bool = False


@dataclass(frozen=True)
class _StoredCounts:
    funnels: tuple[_StoredFunnel, ...]
    quality: Quality
    choices: Choices
    timing: StoredTiming = field(default_factory=StoredTiming)
    carried: Mapping[Source, Carried] = field(default_factory=dict)
    amounts: tuple[tuple[Source, str | None, float], ...] = ()


def kept_counts(data: Data, agreement: Agreement, review: Review) -> KeptCounts:
    """The counts that a review of these tables is computed from."""
    data = as_called(data, agreement, review.by)
    by_value = review.value.field if review.value and not review.value.untold else None
    fields = dict.fromkeys((None, review.by, by_value))
    funnels = [data.funnel(agreement, review.basis, by, review.as_of, review.mql) for by in fields]
    asked: dict[str, Any] = {"as_of": review.as_of, "mql": review.mql}
    is_open = review.basis == "cohort"
    return KeptCounts(
        funnels,
        data.quality,
        data.choices,
        review.mql,
        amounts=data.amounts_won(agreement, review.quarter, review.basis, review.by, review.as_of, review.mql),
        timing=stored(timing(data, agreement, review.quarter, **asked)) if is_open else StoredTiming(),
        carried=None if is_open else carried(data, agreement, review.quarter, **asked),
    )


def close(
    connection: Connection,
    review: Review,
    agreement: Agreement,
    counts: KeptCounts,
    files: Sequence[SourceFile],
    signed: Sequence[Signed],
    at: datetime,
) -> ClosedReview:
    """Keep a review, inside a transaction that writes."""
    company, quarter = review.company, str(review.quarter)
    number = len(of_quarter(connection, company, quarter, "review")) + 1
    digest = content_hash(agreement)
    versions = standing(connection, agreement.company, agreement.quarter).versions
    version = next((each.number for each in reversed(versions) if each.content_hash == digest), None)
    if review.amendments and not signed:
        signed = as_signed(versions[:version])
    calendar = agreement.fiscal_calendar
    counted = _StoredCounts(
        tuple(_stored(funnel, calendar) for funnel in counts.funnels),
        counts.quality,
        counts.choices,
        counts.timing,
        counts.carried,
        tuple((source, segment, float(amount)) for source, segment, amount in counts.amounts.to_numpy().tolist()),
    )
    values = {
        "number": number,
        "format": FORMAT,
        "content_hash": digest,
        "version": version,
        "agreement": canonical(agreement),
        "review": plain(review),
        "counts": plain(counted),
        "files": plain(tuple(files)),
        "signed": [[canonical(each.agreement), each.on, each.reason] for each in signed],
        "json": review_as_json(review),
    }
    return _closed(append(connection, company, quarter, "review", values, at))


def closed(connection: Connection, company: str, quarter: str) -> tuple[ClosedReview, ...]:
    """Every closed review of a quarter, in order. Raises StoreError where one cannot be read."""
    return tuple(_closed(record) for record in of_quarter(connection, company, quarter, "review"))


def _closed(record: Record) -> ClosedReview:
    values = record.values
    if values["format"] > FORMAT:
        raise StoreError(
            f"The {record.name} was stored by a newer version of this product (format {values['format']}): update it."
        )
    try:
        review = restored(Review, values["review"])
        return ClosedReview(
            number=values["number"],
            review=review,
            agreement=agreement_of(values["agreement"]),
            content_hash=values["content_hash"],
            version=values["version"],
            files=tuple(restored(SourceFile, each) for each in values["files"]),
            counts=_counts(restored(_StoredCounts, values["counts"]), review.mql),
            signed=tuple(Signed(agreement_of(text), on, reason) for text, on, reason in values.get("signed", ())),
            json=values["json"],
            at=datetime.fromisoformat(record.at),
        )
    except ValueError as error:
        raise StoreError(f"The {record.name} cannot be read by this version: {error}.") from error


def _stored(funnel: Funnel, calendar: Calendar) -> _StoredFunnel:
    rows = tuple(
        (row["quarter"].ordinal, row["source"], row["segment"], *(float(row[name]) for name in _NUMBERS))
        for row in funnel.frame.to_dict("records")
    )
    return _StoredFunnel(
        rows, calendar, funnel.basis, funnel.by, funnel.as_of, funnel.recorded, funnel.has_amounts, funnel.notes,
        funnel.is_summary,
    )  # fmt: skip


def _counts(kept: _StoredCounts, mql: MqlBy) -> KeptCounts:
    funnels = [_funnel(each) for each in kept.funnels]
    amounts = pd.DataFrame(kept.amounts, columns=list(COLUMNS))
    return KeptCounts(
        funnels, kept.quality, kept.choices, mql, amounts=amounts, timing=kept.timing, carried=kept.carried
    )


def _funnel(stored: _StoredFunnel) -> Funnel:
    columns = ["quarter", "source", "segment", *_NUMBERS]
    rows = [(stored.calendar.from_ordinal(ordinal), *rest) for ordinal, *rest in stored.rows]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.astype(dict.fromkeys(_NUMBERS, "float64") | dict.fromkeys(columns[:3], "object"))
    return Funnel(
        frame,
        stored.basis,
        stored.by,
        stored.as_of,
        stored.recorded,
        stored.has_amounts,
        stored.notes,
        stored.is_summary,
    )
