"""Two people who agree, and what they sign."""

from datetime import UTC, datetime

from alignment_core.store import Author

ADA = Author("Ada", "marketing")
BOB = Author("Bob", "sales")
NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
ONE = datetime(2026, 6, 20, 13, tzinfo=UTC)
NORTHWIND = ("Northwind", "2026-Q3")
SALES = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}


def marketing(rate: float):
    return {**SALES, "mql_to_sql": rate}


def signed(store, agreement, **terms):
    """A version that both sides signed."""
    base = store.draft(*NORTHWIND)
    draft = store.save_draft(agreement, ADA, base.revision if base else 0, at=NOON, **terms).draft
    store.sign(draft, "marketing", "Ada", NOON)
    store.sign(draft, "sales", "Bob", ONE)
    return store.versions(*NORTHWIND)[-1]
