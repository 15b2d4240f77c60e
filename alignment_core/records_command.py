"""`python -m alignment_core records`: the records behind a bar, without a screen."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from alignment_core.bar_records import bar_records, carried_records, open_records
from alignment_core.errors import DataError
from alignment_core.export.table_csv import table_csv
from alignment_core.record_words import carried_sentence, open_sentence, records_sentence
from alignment_core.results import Bar, Review
from alignment_core.review_command import add_review_options, load_review
from alignment_core.vocabulary import AMENDMENT

__all__ = ["add_records"]

NOT_DECIDED = "not_decided"
WAYS = ("carried_in", "carried_out")


def add_records(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    one = commands.add_parser("records", help="list the records behind a bar of a review")
    one.set_defaults(run=_records, wrong_usage=one.error)
    add_review_options(one)
    one.add_argument("--driver", required=True, metavar="SOURCE.DRIVER",
                     help="the bar, for example marketing.mql_to_sql; marketing.not_decided for what is open; "
                          "marketing.carried_in or marketing.carried_out for what came from or goes to other quarters")  # fmt: skip
    one.add_argument("--segment", action="append", metavar="VALUE|FIELD=VALUE",
                     help="with --by, one segment of the bar; or the records with a value in a field, and again for a pair of fields")  # fmt: skip
    one.add_argument("--out", type=Path, metavar="F.csv", help="where to; default standard output")


def _records(options: argparse.Namespace) -> None:
    loaded = load_review(options)
    source, _, driver = options.driver.partition(".")
    asked = loaded.data, loaded.agreement, loaded.review
    segments: list[str] = options.segment or []
    if driver in (NOT_DECIDED, *WAYS) and source in loaded.review.plan:
        if segments:
            raise DataError(f"{options.driver} is listed whole: leave --segment out.")
        if driver == NOT_DECIDED:
            found = open_records(*asked, source)
            said = open_sentence(found)
        else:
            found = carried_records(*asked, source, driver)
            said = carried_sentence(loaded.review, source, driver, found)
    else:
        bar, where = _asked(loaded.review, options.driver, segments)
        found = bar_records(*asked, bar, where)
        said = records_sentence(loaded.review, bar, found)
    listed = table_csv(found.records)
    if options.out is None:
        sys.stdout.write(listed.decode("utf-8-sig").replace("\r\n", "\n"))
        return
    options.out.write_bytes(listed)
    sys.stdout.write(f"{said}\n")


def _asked(review: Review, name: str, segments: Sequence[str]) -> tuple[Bar, Mapping[str, str]]:
    """The bar, or its segment by the breakdown; and the values of fields that are asked for besides."""
    if len(segments) < 2:
        value = segments[0] if segments else None
        own = {bar.segment for bar in review.segment_bars if f"{bar.source}.{bar.driver}" == name}
        # A segment may have an equals sign in its own name.
        if value is None or value in own or "=" not in value:
            return _bar(review, name, value), {}
    pairs = [text.partition("=") for text in segments]
    if plain := [text for text, (_, equals, _) in zip(segments, pairs, strict=True) if not equals]:
        raise DataError(f"Of several segments each is FIELD=VALUE; {plain[0]!r} names no field.")
    fields = [field for field, _, _ in pairs]
    if twice := [field for field in fields if fields.count(field) > 1]:
        raise DataError(f"The field {twice[0]!r} is given twice: a record has one value in it.")
    return _bar(review, name, None), {field: value for field, _, value in pairs}


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
