"""`python -m alignment_core records`: the records behind a bar, without a screen."""

import argparse
import sys
from pathlib import Path

from alignment_core.bar_records import bar_records
from alignment_core.errors import DataError
from alignment_core.export.table_csv import table_csv
from alignment_core.record_words import records_sentence
from alignment_core.results import Bar, Review
from alignment_core.review_command import add_review_options, load_review

__all__ = ["add_records"]


def add_records(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    one = commands.add_parser("records", help="list the records behind a bar of a review")
    one.set_defaults(run=_records, wrong_usage=one.error)
    add_review_options(one)
    one.add_argument("--driver", required=True, metavar="SOURCE.DRIVER",
                     help="the bar, for example marketing.mql_to_sql")  # fmt: skip
    one.add_argument("--segment", metavar="VALUE", help="with --by, one segment of the bar")
    one.add_argument("--out", type=Path, metavar="F.csv", help="where to; default standard output")


def _records(options: argparse.Namespace) -> None:
    loaded = load_review(options)
    bar = _bar(loaded.review, options.driver, options.segment)
    found = bar_records(loaded.data, loaded.agreement, loaded.review, bar)
    listed = table_csv(found.records)
    if options.out is None:
        sys.stdout.write(listed.decode("utf-8-sig").replace("\r\n", "\n"))
        return
    options.out.write_bytes(listed)
    sys.stdout.write(f"{records_sentence(loaded.review, bar, found)}\n")


def _bar(review: Review, name: str, segment: str | None) -> Bar:
    bars = {f"{bar.source}.{bar.driver}": bar for bar in review.bars}
    if name not in bars:
        raise DataError(f"There is no bar {name!r} in this review; there is {', '.join(bars)}.")
    if segment is None:
        return bars[name]
    own = {bar.segment: bar for bar in review.segment_bars if f"{bar.source}.{bar.driver}" == name}
    if not own:
        raise DataError("The review is not broken down: give the field with --by, or leave --segment out.")
    if segment not in own:
        raise DataError(f"There is no segment {segment!r} of {name}; there is {', '.join(map(str, own))}.")
    return own[segment]
