"""The tables of a store as they are now. How an older store becomes this: `migrations/versions/`.

Everything is text or a whole number, so that both databases give back exactly what was written and every byte of it
can be checked.
"""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

__all__ = ["METADATA", "drafts", "heads", "records"]

METADATA = MetaData()

#: Every revision of every draft, whole: who changed what is the difference between two of them.
drafts = Table(
    "drafts",
    METADATA,
    Column("company", Text, primary_key=True),
    Column("quarter", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", Text, nullable=False),
)

#: Signatures, versions and closed reviews, each sealed with a hash over itself and the record before.
records = Table(
    "records",
    METADATA,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("company", Text, nullable=False),
    Column("quarter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("digests", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("records_of_a_quarter", "company", "quarter", "kind"),
)

#: One row: how many records there are, the last one's hash, and what it is called.
heads = Table(
    "heads",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("last", Text, nullable=False),
)
