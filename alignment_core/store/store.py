"""The store: one façade over drafts, signed versions and closed reviews. Every method is one transaction.

Times are UTC, to the second. Everything that goes wrong is a StoreError with its reasons in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from alignment_core.agreement import Agreement
from alignment_core.amendments import Signed
from alignment_core.data import Data
from alignment_core.export.workbook import SourceFile
from alignment_core.results import Review
from alignment_core.store import drafts, reviews, versions
from alignment_core.store.database import Database
from alignment_core.store.drafts import Author, Conflict, Draft, Edit, Proposed, Saved
from alignment_core.store.ledger import now, places_with, quarters_with
from alignment_core.store.places import location
from alignment_core.store.reviews import ClosedReview
from alignment_core.store.versions import Side, Signature, Standing, Version

__all__ = ["Store"]


@dataclass(frozen=True)
class Store:
    """Where agreements and closed reviews are kept. Any number of threads may use one."""

    database: Database

    @classmethod
    def open(cls, where: str | Path | None = None, *, create: bool = True) -> "Store":
        """Open a store and bring it up to date.

        Args:
            where: a folder, or a URL; default what `ALIGNMENT_STORE` says, or the folder `workspace` beside the app.
            create: whether one may be made where there is none.
        """
        return cls(Database.open(location(where), create=create))

    def close(self) -> None:
        """Let go of the database's connections."""
        self.database.close()

    def draft(self, company: str, quarter: str) -> Draft | None:
        """The draft as it is now."""
        with self.database.read() as connection:
            return drafts.latest_draft(connection, company, quarter)

    def revision_of(self, agreement: Agreement) -> int:
        """The latest revision of its draft that says exactly this: what changes of it are made to. 0 if none does."""
        with self.database.read() as connection:
            return drafts.revision_of(connection, agreement)

    def edits(self, company: str, quarter: str, since: int = 0) -> tuple[Edit, ...]:
        """Which fields of the draft were changed after a revision, by whom and when."""
        with self.database.read() as connection:
            return drafts.edits_since(connection, company, quarter, since)

    def save_draft(
        self,
        agreement: Agreement,
        by: Author,
        base_revision: int,
        *,
        reason: str | None = None,
        effective_from: date | None = None,
        at: datetime | None = None,
    ) -> Saved | Conflict:
        """Save the draft of its company and quarter. Nothing that others saved meanwhile is overwritten in silence.

        Args:
            agreement: what it shall say.
            by: who saves it.
            base_revision: the revision that the changes were made to; 0 if there was none.
            reason, effective_from: of an amendment; default what the draft has.
            at: when; default now.

        What others changed in other fields is merged. Where they changed the same, nothing is saved and the
        conflict says who changed what.
        """
        with self.database.write() as connection:
            here = versions.standing(connection, agreement.company, agreement.quarter)
            base = drafts.draft_at(connection, agreement.company, agreement.quarter, base_revision)
            carries = base is not None and base.version == here.next_number
            proposed = Proposed(
                agreement,
                (base.reason if base and carries else "") if reason is None else " ".join(reason.split()),
                effective_from or (base.effective_from if base and carries else None),
            )
            return drafts.save(connection, proposed, here.next_number, by, _at(at), base_revision)

    def sign(self, seen: Draft, side: Side, name: str, at: datetime | None = None) -> Signature:
        """Sign a draft for a side. It is refused if the draft is no longer what was seen; the second signature locks it."""
        with self.database.write() as connection:
            return versions.sign(connection, seen, side, name, _at(at))

    def standing(self, company: str, quarter: str) -> Standing:
        """Where the agreement of a company and quarter stands: draft, signatures, versions."""
        with self.database.read() as connection:
            return versions.standing(connection, company, quarter)

    def versions(self, company: str, quarter: str) -> tuple[Version, ...]:
        """What both sides signed, in order."""
        return self.standing(company, quarter).versions

    def signed(self) -> tuple[tuple[str, str], ...]:
        """The companies and quarters that both sides signed an agreement for, the latest quarters first."""
        with self.database.read() as connection:
            return places_with(connection, "version")

    def in_force(self, company: str, quarter: str, on: date | None = None) -> Version | None:
        """The version that holds on a day; the latest without one. None where none does."""
        return versions.in_force(self.versions(company, quarter), on)

    def close_review(
        self,
        review: Review,
        agreement: Agreement,
        data: Data,
        files: Sequence[SourceFile] = (),
        signed: Sequence[Signed] = (),
        at: datetime | None = None,
    ) -> ClosedReview:
        """Keep a review with all that is needed to see it, and to compute it, again.

        Args:
            review: the answer.
            agreement: what it was held against.
            data: what it was computed from; its counts are kept, its tables are not.
            files: what the data came from.
            signed: the versions that led to the agreement, as `review` was given them; default those in the store.
            at: when; default now.
        """
        counts = reviews.kept_counts(data, agreement, review)
        with self.database.write() as connection:
            return reviews.close(connection, review, agreement, counts, files, signed, _at(at))

    def closed(self, company: str, quarter: str) -> ClosedReview | None:
        """A quarter's review as it was last closed; None if it was not."""
        found = self.closings(company, quarter)
        return found[-1] if found else None

    def closings(self, company: str, quarter: str) -> tuple[ClosedReview, ...]:
        """A quarter's review every time that it was closed, in order."""
        with self.database.read() as connection:
            return reviews.closed(connection, company, quarter)

    def closed_quarters(self, company: str) -> tuple[str, ...]:
        """The quarters of a company that have a closed review, in order."""
        with self.database.read() as connection:
            return quarters_with(connection, company, "review")


def _at(at: datetime | None) -> datetime:
    return (at or now()).astimezone(UTC).replace(microsecond=0)
