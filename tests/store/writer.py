"""Writes to a store without end, to be killed: `python tests/store/writer.py URL`, then a company's name on each line.

For each name a process of its own drafts, signs, amends and closes, and says on standard output `begin` before each write
and what was confirmed after it.
"""

import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from alignment_core.results import Review  # noqa: E402
from alignment_core.store import Author, Store  # noqa: E402 it is found by the line above
from alignment_core.store.canonical import from_json  # noqa: E402
from alignment_core.store.lossless import restored  # noqa: E402
from alignment_core.store.reviews import _counts, _StoredCounts  # noqa: E402
from tests.support import agreed  # noqa: E402

GOLDEN = from_json((Path(__file__).parent / "closed_review_format_1.json").read_text(encoding="utf-8"))

REVIEW, COUNTS = restored(Review, GOLDEN["review"]), _counts(restored(_StoredCounts, GOLDEN["counts"]), "crm")


def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(url, company):
    store = Store.open(url)
    ada, day = Author("Ada", "marketing"), date(2026, 7, 2)
    review = replace(REVIEW, company=company)
    revision = 0
    for number in range(1, 10_000):
        agreement = agreed(company=company, revenue_target=1_000_000 + number)
        say("begin")
        draft = store.save_draft(agreement, ada, revision, reason=f"Because {number}", effective_from=day).draft
        revision = draft.revision
        say("draft", revision)
        if number % 3 == 1:
            say("begin")
            closed = store.close_review(review, agreement, COUNTS, at=datetime(2026, 10, 9, tzinfo=UTC))
            say("closed", closed.number)
        for side in ("marketing", "sales"):
            say("begin")
            store.sign(draft, side, f"The VP of {side}")
            say("signed", number, side)


def main():
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            write(sys.argv[1], line.strip())
        say("pid", child)
        os.waitpid(child, 0)
        say("dead")


main()
