"""`python -m alignment_core records`: the records behind a bar, without a screen."""

import argparse
import sys
from pathlib import Path

from alignment_core.bar_records import bar_records, open_records
from alignment_core.errors import DataError
from alignment_core.export.table_csv import table_csv
from alignment_core.record_words import open_sentence, records_sentence
from alignment_core.results import Bar, Review
from alignment_core.review_command import add_review_options, load_review
from alignment_core.vocabulary import AMENDMENT

__all__ = ["add_records"]

NOT_DECIDED = "not_decided"


def add_records(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    one = commands.add_parser("records", help="list the records behind a bar of a review")
    one.set_defaults(run=_records, wrong_usage=one.error)
    add_review_options(one)
    one.add_argument("--driver", required=True, metavar="SOURCE.DRIVER",
                     help="the bar, for example marketing.mql_to_sql; marketing.not_decided for what is open")  # fmt: skip
    one.add_argument("--segment", metavar="VALUE", help="with --by, one segment of the bar")
    one.add_argument("--out", type=Path, metavar="F.csv", help="where to; default standard output")


def _records(options: argparse.Namespace) -> None:
    loaded = load_review(options)
    source, _, driver = options.driver.partition(".")
    asked = loaded.data, loaded.agreement, loaded.review
    if driver == NOT_DECIDED and source in loaded.review.plan:
        found = open_records(*asked, source)
        said = open_sentence(found)
    else:
        bar = _bar(loaded.review, options.driver, options.segment)
        found = bar_records(*asked, bar)
        said = records_sentence(loaded.review, bar, found)
    listed = table_csv(found.records)
    if options.out is None:
        sys.stdout.write(listed.decode("utf-8-sig").replace("\r\n", "\n"))
        return
    options.out.write_bytes(listed)
    sys.stdout.write(f"{said}\n")


def _bar(review: Review, name: str, segment: str | None) -> Bar:
    if name.partition(".")[0] == AMENDMENT:
        raise DataError("An amendment is what both sides signed: there are no records behind it.")
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
