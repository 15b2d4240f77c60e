"""The segments that stand out, in sentences, and the tables of them."""

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.segment_words import (
    OPEN_COUNT,
    looked_at_sentences,
    reversed_sentences,
    segment_name,
    segment_sentence,
    segments_headline,
    segments_table,
    totals_sentence,
)
from alignment_core.segments import Found, Segments
from tests.support import funnel_of, reviewed

REVIEW = reviewed(
    {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}, {"marketing": funnel_of(200, 0.55, 0.5, 0.45, 30_000)}
)
BAR = next(each for each in REVIEW.bars if each.driver == "mql_to_sql")
CLOSE = next(each for each in REVIEW.bars if each.driver == "close_rate")
RATE = Found(("region", "lead_type"), ("EMEA", "Webinar"), "rate", -84_200.0, 0.62, 0.41, 0.6, 0.59, 1234.0, -4.2)
MIX = Found(("lead_type",), ("E-book",), "mix", -36_000.0, 0.3, 0.7, 0.4, 0.55, 140.0, 5.0)


def test_a_segment_is_called_by_its_values_and_one_that_nobody_recorded_by_its_field():
    assert segment_name(RATE) == "EMEA × Webinar"
    assert segment_name(replace(RATE, values=("EMEA", "(not recorded)"))) == "EMEA × no lead type"


@pytest.mark.parametrize(
    ("found", "bar", "said"),
    [
        (Segments(), BAR, "There are too few MQLs in any segment, or no earlier quarter to compare them with."),
        (Segments(), CLOSE, "There are too few opportunities in any segment, or no earlier quarter to compare them with."),
        (Segments(looked_at=1234), BAR, "Of 1,234 segments none stands out: what moved, moved alike everywhere, or within chance."),
        (Segments(looked_at=1), CLOSE, "Only one segment has enough opportunities to be judged, and it does not stand out: what moved, moved alike everywhere, or within chance."),
        (Segments((RATE,), 1), BAR, "What stands out is how EMEA × Webinar converted; no other segment has enough MQLs to be judged."),
        (Segments((RATE, MIX), 90), BAR, "What stands out of 90 segments is how EMEA × Webinar converted."),
        (Segments((MIX, RATE), 90), BAR, "What stands out of 90 segments is that E-book became a larger part of all."), (Segments((replace(MIX, now=0.1),), 9), BAR, "What stands out of 9 segments is that E-book became a smaller part of all."),
    ],
)  # fmt: skip
def test_the_headline_says_what_stands_out_or_that_nothing_does(found, bar, said):
    assert segments_headline(bar, found) == said


def test_a_rate_is_told_beside_the_others_and_is_its_owners():
    assert segment_sentence(REVIEW, BAR, RATE) == (
        "EMEA × Webinar: went from 62% to 41%, the others from 60% to 59%. That is USD −84k (sales; 1,234 MQLs)."
    )


@pytest.mark.parametrize(("rate", "than"), [(0.4, "less"), (0.55, "more"), (0.9, "more")])
def test_a_share_is_told_with_how_the_segment_converts_and_is_whose_demand_it_is(rate, than):
    assert segment_sentence(REVIEW, BAR, replace(MIX, others_before=rate)) == (
        f"E-book: went from 30% to 70% of all; at {rate:.0%} they convert {than} than all (55%). "
        "That is USD −36k (marketing; 140 MQLs)."
    )


def test_that_open_records_count_as_expected_is_said_where_records_are_followed():
    assert looked_at_sentences(Segments((RATE,), 90)) == (
        "Every field and every two fields were looked at, following the quarter's own records. Records that are still open count "
        "as they are expected to convert; a list of them shows what has converted so far. Of the segments that are named, about "
        "one in ten may be named by chance."
    )
    assert looked_at_sentences(Segments((RATE,), 90, basis="period")) == (
        "Every field and every two fields were looked at, counting the events in the quarter. Of the segments that are named, "
        "about one in ten may be named by chance."
    )


def page(basis) -> None:
    from alignment_core.review import review
    from tests.support import sample
    from ui.review.segments import segments_section

    data, agreement = sample()
    result = review(data, agreement, basis=basis)
    segments_section(data, agreement, result, result.bars[1])


@pytest.mark.parametrize(("basis", "times"), [("cohort", 2), ("period", 1)])
def test_the_screen_says_it_once_of_the_segments_and_once_of_the_table_that_follows_records(basis, times):
    """Segments are told by following records on either basis; the table of a field counts as the review does."""
    app = AppTest.from_function(page, default_timeout=60, args=(basis,)).run()
    assert not app.exception
    assert sum(each.value.count(OPEN_COUNT) for each in app.caption) == times
    assert not any(OPEN_COUNT in each.value for each in app.markdown)


def test_what_turns_round_is_said_of_each_field():
    assert reversed_sentences(Segments(reversed=("lead_type",))) == [
        "Careful: by lead type every segment moved one way and the whole the other. What moved the whole is the mix."
    ]
    assert reversed_sentences(Segments()) == []


def test_the_table_is_read_as_counts_percent_and_money():
    rows = pd.DataFrame(
        {"region": ["EMEA"], "lead_type": ["Demo"], "before": [1200.0], "now": [90.0], "rate_before": [0.6], "rate_now": [float("nan")],
         "mix": [-1500.4], "rate": [0.2]}
    )  # fmt: skip
    assert segments_table(rows, CLOSE, "EUR").iloc[0].to_dict() == {
        "Region": "EMEA", "Lead type": "Demo", "Opportunities before": "1,200", "Opportunities now": "90",
        "Rate before": "60%", "Rate now": "–", "Mix, EUR": "−1,500", "Rate, EUR": "0",
    }  # fmt: skip


def test_the_totals_name_the_mix_of_each_field_and_what_is_left_to_rates():
    assert totals_sentence(["region"], (-924.7, -243_000.2), "USD") == (
        "Since the quarters before, in USD: the mix −925, the segments' own rates −243,000."
    )
    assert totals_sentence(["region", "lead_type"], (1.0, 2.0, -3.0), "USD") == (
        "Since the quarters before, in USD: the mix by region +1, the mix by lead type +2, the segments' own rates −3."
    )
