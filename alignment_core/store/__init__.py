"""What lasts: drafts, signed agreements and closed reviews, in SQLite or PostgreSQL."""

from alignment_core.errors import StoreError
from alignment_core.store.canonical import content_hash, short
from alignment_core.store.drafts import (
    Author,
    Conflict,
    Disagreement,
    Draft,
    Edit,
    Proposed,
    Role,
    Saved,
    changes_between,
)
from alignment_core.store.merging import Change
from alignment_core.store.places import SETTING
from alignment_core.store.reviews import ClosedReview
from alignment_core.store.store import Store
from alignment_core.store.verify import Verified, verify
from alignment_core.store.versions import SIDES, Side, Signature, Standing, Version, as_signed

__all__ = [
    "SETTING",
    "SIDES",
    "Author",
    "Change",
    "ClosedReview",
    "Conflict",
    "Disagreement",
    "Draft",
    "Edit",
    "Proposed",
    "Role",
    "Saved",
    "Side",
    "Signature",
    "Standing",
    "Store",
    "StoreError",
    "Verified",
    "Version",
    "as_signed",
    "changes_between",
    "content_hash",
    "short",
    "verify",
]
