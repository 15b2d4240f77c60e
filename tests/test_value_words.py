"""Whether marketing kept its promise in value, as it is said and as a table."""

from dataclasses import replace
from datetime import date

import pytest

from alignment_core.results import KindWorth, ValueKept
from alignment_core.value_words import value_table, value_words
from tests.support import funnel_of, reviewed

PLAN = funnel_of(100, 0.6, 0.5, 0.4, 10_000)
DEMO, BOOK, FAX = (
    KindWorth("Demo", 10, 6_000.0, True),
    KindWorth("E-book", 50, 2_000.0, True),
    KindWorth("Fax", 1, 1_200.0, False),
)


def review(kept, **changes):
    return replace(reviewed({"marketing": PLAN}, {"marketing": PLAN}), value=kept, **changes)


@pytest.mark.parametrize(
    ("mqls", "promised", "verdict"),
    [
        (60, 160_000, "the promise is kept, in number and in value"),
        (70, 160_000, "short in number, by 10 MQLs, but kept in value"),
        (60, 161_000, "kept in number, but short in value, by 1.0k"),
        (61, 200_000, "short in number, by 1 MQL, and in value, by 40k"),
    ],
)
def test_what_came_is_said_against_both_promises(mqls, promised, verdict):
    """10 demos at 6,000 and 50 e-books at 2,000: 60 MQLs worth 160,000."""
    (sentence,) = value_words(review(ValueKept("lead_type", mqls, promised, (DEMO, BOOK))))
    assert sentence.startswith(
        f"Marketing delivered 60 MQLs worth USD 160k at the agreed values, against {mqls} MQLs and "
    )
    assert sentence.endswith(f" promised: {verdict}.")


def test_less_than_is_spoken_is_written_as_exactly_as_it_takes():
    (sentence,) = value_words(review(ValueKept("lead_type", 60, 160_000.4, (DEMO, BOOK))))
    assert "worth USD 160,000.0 at the agreed values, against 60 MQLs and 160,000.4 promised" in sentence


def test_a_kind_that_was_not_agreed_is_named_with_what_it_counts_for():
    kept = ValueKept("lead_type", 60, 160_000, (DEMO, BOOK, FAX))
    assert (
        value_words(review(kept))[1]
        == "1 MQL of them is of no kind that was agreed (Fax) and counts for 1,200 each, as any other."
    )
    many = replace(kept, kinds=(DEMO, *(replace(FAX, kind=name) for name in "ABCDE")))
    assert (
        value_words(review(many))[1]
        == "5 MQLs of them are of no kind that was agreed (A, B, C and 2 more) and count for 1,200 each, as any other."
    )


@pytest.mark.parametrize(
    ("untold", "why"),
    [("no_mqls", "the files do not count MQLs"), ("silent", "the files say nothing of marketing in Q3 2026"), ("no_field", "the files do not have the lead type of marketing's MQLs")],
)  # fmt: skip
def test_what_cannot_be_told_says_why(untold, why):
    found = review(ValueKept("lead_type", 60, 160_000, untold=untold))
    assert value_words(found) == (f"Whether the promise in value is kept cannot be told: {why}.",)
    assert value_table(found).empty


def test_in_an_unfinished_quarter_it_is_owed_still():
    found = review(ValueKept("lead_type", 70, 200_000, (DEMO, BOOK)), as_of=date(2026, 8, 14))
    assert found.is_unfinished
    (sentence,) = value_words(found)
    assert sentence.startswith("By 14 August 2026 marketing delivered 60 MQLs")
    assert sentence.endswith("promised: so far 10 MQLs or 40k are still owed.")


def test_the_table_has_a_row_a_kind():
    table = value_table(review(ValueKept("lead_type", 60, 160_000, (DEMO, BOOK, FAX))))
    assert list(table) == ["Lead type", "MQLs", "Counts for, USD", "Worth, USD", "As"]
    assert table.to_numpy().tolist() == [
        ["Demo", 10, 6_000.0, 60_000.0, "agreed"], ["E-book", 50, 2_000.0, 100_000.0, "agreed"], ["Fax", 1, 1_200.0, 1_200.0, "any other"],
    ]  # fmt: skip


def test_without_a_promise_there_is_nothing_to_say():
    assert value_words(review(None)) == ()
    assert value_table(review(None)).empty
