"""What it costs to say why, and how sure: `python -m bench.answers`.

100,000 leads and 500,000 touches, loaded. The product's whole answer (verdicts, what is not decided, why each conversion
moved, the segments that matter, follow-up, the records behind a bar) against the funnel and the bridge alone on the
same tables, each in fresh processes.
"""

import gc
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bench.harness import Stopwatch, alternate, heading, median, table, verdict

if TYPE_CHECKING:
    from alignment_core.agreement import Agreement
    from alignment_core.data import Data

LEADS, TOUCHES = 100_000, 500_000
FACTOR, SECONDS = 1.5, 2.0
QUARTERS = 8
SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"


def tables() -> dict[str, pa.Table]:
    """Two years of leads with all their dates, deals and touches; every value follows from the seed."""
    rng = np.random.default_rng(2026)
    start, day = np.datetime64("2024-10-01", "us"), np.timedelta64(86_400_000_000, "us")
    mql = start + np.sort((rng.random(LEADS) * 730 * day).astype("m8[us]"))
    kinds = np.array(["Demo request", "Trade show", "Webinar", "E-book"])
    kind = rng.choice(4, LEADS, p=[0.3, 0.2, 0.3, 0.2])
    marketing = rng.random(LEADS) < 0.7

    def reached(before: np.ndarray, share: np.ndarray | float, days: float) -> np.ndarray:
        at = before + (rng.exponential(days, LEADS) * day).astype("m8[us]")
        return np.where(rng.random(LEADS) < share, at, np.datetime64("NaT", "us"))

    sql = reached(mql, np.array([0.75, 0.6, 0.5, 0.4])[kind], 6)
    opportunity = reached(sql, 0.5, 10)
    closed = reached(opportunity, 0.95, 40)
    won = ~np.isnat(closed) & (rng.random(LEADS) < 0.45)
    export = np.datetime64(datetime(2026, 10, 9), "us")
    lost = np.where(np.isnat(sql), mql + 20 * day, np.datetime64("NaT", "us"))
    ids = np.char.add("L", np.arange(LEADS).astype(str))

    def known(at: np.ndarray) -> pa.Array:
        return pa.array(np.where(at <= export, at, np.datetime64("NaT", "us")), pa.timestamp("us", "UTC"))

    has_deal = ~np.isnat(opportunity) & (opportunity <= export)
    ended = has_deal & ~np.isnat(closed) & (closed <= export)
    amounts = pa.array(np.round(rng.lognormal(10.2, 0.5, LEADS), 0)).cast(pa.decimal128(18, 4))
    leads = {
        "lead_id": pa.array(ids),
        "created_at": known(mql),
        "lead_source": pa.array(np.where(marketing, "Website", "Cold call")),
        "lead_type": pa.array(np.where(marketing, kinds[kind], "Outbound")),
        "region": pa.array(rng.choice(["EMEA", "North America", "APAC", "LATAM"], LEADS)),
        "industry": pa.array(rng.choice([f"Industry {number}" for number in range(12)], LEADS)),
        "owner": pa.array(rng.choice([f"Rep {number:02}" for number in range(40)], LEADS)),
        "mql_at": pa.array(
            np.where(marketing & (mql <= export), mql, np.datetime64("NaT", "us")), pa.timestamp("us", "UTC")
        ),
        "sql_at": known(sql),
        "lost_at": known(lost),
    }
    deals = {
        "deal_id": pa.array(np.char.add("D", np.arange(LEADS).astype(str))),
        "lead_id": pa.array(ids),
        "created_at": known(opportunity),
        "closed_at": known(closed),
        "is_won": pa.array(won & ended),
        "is_closed": pa.array(ended),
        "amount": amounts,
        "lead_source": leads["lead_source"],
    }
    of = rng.integers(0, LEADS, TOUCHES)
    touched = mql[of] + (rng.exponential(1.5, TOUCHES) * day).astype("m8[us]")
    touches = {
        "lead_id": pa.array(ids[of]),
        "at": pa.array(touched, pa.timestamp("us", "UTC")),
        "kind": pa.array(rng.choice(["Call", "Email"], TOUCHES)),
        "personalised": pa.array(rng.random(TOUCHES) < 0.6),
        "owner": leads["owner"].take(pa.array(of)),
    }
    return {
        "leads": pa.table(leads),
        "deals": pa.table(deals).filter(pa.array(has_deal)),
        "touches": pa.table(touches),
    }


def loaded() -> "tuple[Data, Agreement]":
    import scipy.stats  # noqa: F401 - a server has it loaded

    from alignment_core.agreement import Agreement
    from alignment_core.data import Data

    found = Data(tables()), Agreement.from_toml(SAMPLE / "agreement.toml")
    gc.collect()
    gc.freeze()  # as a server does, so that neither contestant pays for looking through what stays
    return found


def everything(data: "Data", agreement: "Agreement", watch: Stopwatch) -> float:
    """All that the pages Review and Follow-up say of a quarter, on the basis that has more to say."""
    from alignment_core.bar_records import bar_records
    from alignment_core.driver_history import driver_history
    from alignment_core.follow_up_review import follow_up_review
    from alignment_core.review import review
    from alignment_core.segments import segments_that_matter
    from alignment_core.vocabulary import RATE_DRIVERS
    from alignment_core.why import why

    with watch.phase("review, verdicts, what is open"):
        result = review(data, agreement, basis="cohort")
    with watch.phase("control charts"):
        for bar in result.bars:
            if bar.driver != "unassigned":
                driver_history(data, agreement, result.quarter, bar.source, bar.driver, bar.plan, basis="cohort")
    with watch.phase("follow-up"):
        follow_up_review(data, agreement, result.quarter)
    with watch.phase("why each moved"):
        why(data, agreement, result)
    with watch.phase("segments that matter"):
        for bar in result.bars:
            if bar.driver in RATE_DRIVERS:
                segments_that_matter(data, agreement, result, bar)
    with watch.phase("records of a bar"):
        bar_records(data, agreement, result, result.bars[1])
    return result.variance


def alone(data: "Data", agreement: "Agreement", watch: Stopwatch) -> float:
    """The funnel and the bridge."""
    from alignment_core.review import review

    with watch.phase("funnel and bridge"):
        return review(data, agreement, basis="cohort", judged=False).variance


CONTESTANTS: "dict[str, Callable[[Data, Agreement, Stopwatch], float]]" = {
    "every answer": everything,
    "funnel and bridge alone": alone,
}


def main() -> None:
    heading(f"Every answer, {LEADS:,} leads and {TOUCHES:,} touches", "ibis-framework", "duckdb", "pandas")
    found = alternate("bench.answers", list(CONTESTANTS))
    answers = {run.answer for runs in found.values() for run in runs}
    if len(answers) != 1:
        sys.exit(f"The contestants disagree: {answers}")
    table(found)
    own, least = (median(runs) for runs in found.values())
    verdict("every answer", own, FACTOR * least + SECONDS, " s")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        stopwatch = Stopwatch()
        data, agreement = loaded()
        stopwatch.finish(CONTESTANTS[sys.argv[1]](data, agreement, stopwatch))
    else:
        main()
