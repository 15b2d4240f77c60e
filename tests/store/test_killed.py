"""A writer that is killed in mid-write loses nothing that was confirmed and leaves nothing half done."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from alignment_core.store import Store, verify
from alignment_core.store.ledger import of_quarter

WRITER = Path(__file__).parent / "writer.py"
TIMES = 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the writer forks, which this system cannot")
def test_a_writer_is_killed_a_hundred_times_and_nothing_that_was_confirmed_is_lost(store_url):
    chance = random.Random(11)
    store = Store.open(store_url)
    writer = subprocess.Popen(
        [sys.executable, str(WRITER), store_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    in_mid_write, confirmed_in_all = 0, Counter()
    try:
        for turn in range(TIMES):
            company = f"Company {turn}"
            said = killed(writer, company, chance)
            in_mid_write += said[-1] == "begin"
            confirmed_in_all += whole(store, company, [line for line in said if line != "begin"])
            if turn % 25 == 0:
                assert verify(store).changed == ()
    finally:
        writer.kill()
        writer.communicate()
    found = verify(store)
    assert found.changed == ()
    store.close()
    # Otherwise this would have tested less than it says.
    assert in_mid_write > TIMES / 4
    assert min(confirmed_in_all[kind] for kind in ("draft", "signed", "closed")) > TIMES / 10


def killed(writer, company, chance):
    """What a writer said until it was killed: at any moment of its first few writes, however slow this machine is."""
    writer.stdin.write(f"{company}\n")
    writer.stdin.flush()
    said, process, enough = [], None, chance.randint(1, 9)
    while process is None or len(said) < enough:
        line = writer.stdout.readline().strip()
        process, said = (int(line.split()[1]), said) if line.startswith("pid ") else (process, [*said, line])
    time.sleep(chance.uniform(0, 0.008))
    os.kill(process, signal.SIGKILL)
    while (line := writer.stdout.readline().strip()) != "dead":
        said.append(line)
    return said


def whole(store, company, confirmed):
    """Check what a killed writer left of its company; how much of each kind it had confirmed."""
    with store.database.write():  # PostgreSQL may still be at the last thing that it was told: wait for it
        pass
    draft = store.draft(company, "2026-Q3")
    drafted = [int(line.split()[1]) for line in confirmed if line.startswith("draft ")]
    assert (draft.revision if draft else 0) in (len(drafted), len(drafted) + 1)
    # Every revision is there, each with its one change.
    edits = store.edits(company, "2026-Q3")
    assert [each.revision for each in edits if each.change.field == "revenue_target"] == list(
        range(2, (draft.revision if draft else 1) + 1)
    )
    with store.database.read() as connection:
        kinds = Counter(
            record.kind for record in of_quarter(connection, company, "2026-Q3", "signature", "version", "review")
        )
    signed = sum(line.startswith("signed ") for line in confirmed)
    closed = sum(line.startswith("closed ") for line in confirmed)
    assert kinds["signature"] in (signed, signed + 1)
    assert kinds["review"] in (closed, closed + 1)
    # The second signature and the version that it locks are one write.
    assert kinds["version"] == kinds["signature"] // 2
    versions = store.versions(company, "2026-Q3")
    assert [version.agreement.revenue_target for version in versions] == [
        1_000_000 + number for number in range(1, len(versions) + 1)
    ]
    assert len(store.closings(company, "2026-Q3")) == kinds["review"]
    return Counter({"draft": len(drafted), "signed": signed, "closed": closed})
