"""Whether a bar is more than chance, in words: to the letter, and for every verdict that there is."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from alignment_core.results import NotDecided, Undecided
from alignment_core.verdict_words import VERDICT_MEANING, is_final, verdict_phrase, verdict_sentence, verdict_word
from tests.support import funnel_of, reviewed

PLAN, ACTUAL = funnel_of(164, 0.75, 0.5, 0.45, 30_000), funnel_of(150, 0.6, 0.5, 0.45, 30_000)
RESULT = reviewed({"marketing": PLAN}, {"marketing": ACTUAL})


def bar(driver="mql_to_sql", **more):
    return replace(next(each for each in RESULT.bars if each.driver == driver), **more)


def said(**more):
    found = bar(**more)
    return verdict_word(found), verdict_phrase(RESULT, found), verdict_sentence(RESULT, found)


def test_what_is_not_judged_has_no_words():
    assert said() == ("", "", "")


def test_real_and_chance_say_between_what_the_effect_lies():
    assert said(verdict="real", interval=(-163_000, -5_200)) == (
        "real",
        "more than chance",
        "That is more than chance: allowing for chance, the effect lies between −163k and −5.2k.",
    )
    assert said(verdict="noise", interval=(-163_000, 5_200)) == (
        "chance",
        "within chance",
        "That is within chance: it could be anything between −163k and +5.2k, which has 0 in it.",
    )


@pytest.mark.parametrize("why", get_args(Undecided))
def test_every_reason_has_a_word_that_is_explained_and_a_sentence_of_its_phrase(why):
    word, phrase, sentence = said(verdict="undecided", undecided=why)
    assert word in VERDICT_MEANING
    assert phrase[0].islower()
    assert sentence == f"{phrase[0].upper()}{phrase[1:]}."


def test_all_that_is_explained_is_a_word_that_there_is():
    words = {said(verdict="undecided", undecided=why)[0] for why in get_args(Undecided)}
    assert set(VERDICT_MEANING) == words | {"real", "chance"}


@pytest.mark.parametrize(
    ("driver", "open_", "phrase"),
    [
        ("mql_to_sql", {"mqls": 31}, "too early to say: 31 of 150 MQLs are still open"),
        ("mql_to_sql", {"mqls": 1}, "too early to say: 1 of 150 MQLs is still open"),
        ("close_rate", {"opportunities": 9}, "too early to say: 9 of 45 opportunities are still open"),
        ("deal_size", {"opportunities": 9}, "too early to say: 9 of 45 opportunities are still open"),
        ("close_rate", {"mqls": 31}, "too early to say: what is still open could turn it"),  # none of its own
        ("mql_volume", {"mqls": 31}, "too early to say: what is still open could turn it"),
    ],
)
def test_what_is_open_is_counted_at_the_stage_that_the_driver_begins_from(driver, open_, phrase):
    still = NotDecided(open=open_, further=ACTUAL, low=ACTUAL, high=ACTUAL, longest={}, followed={})
    result = replace(RESULT, not_decided={"marketing": still})
    assert verdict_phrase(result, bar(driver, verdict="undecided", undecided="open")) == phrase


def test_a_quarter_that_runs_says_how_much_of_it_is_to_come():
    result = replace(RESULT, as_of=date(2026, 9, 7))
    assert verdict_phrase(result, bar(verdict="undecided", undecided="unfinished")) == (
        "too early to say: 23 of the quarter's 92 days are still to come"
    )


def test_without_a_plan_it_says_what_came():
    found = bar("mql_volume", verdict="undecided", undecided="unplanned")
    assert verdict_phrase(RESULT, found) == "not to be judged: nothing was agreed there, and 150 came"


@pytest.mark.parametrize(
    ("segments", "of", "phrase"),
    [
        ((), None, "not to be judged by itself: what it did to revenue cannot be told from what moved beside it"),
        (("EMEA",), None, "not to be judged by itself: what it did to revenue cannot be told from what moved beside it"),
        (("EMEA", "APAC"), None, "not to be judged as one number: its segments moved otherwise than the whole"),
        (("EMEA", "APAC"), "EMEA", "not to be judged by itself: what it did to revenue cannot be told from what moved beside it"),
    ],
)  # fmt: skip
def test_segments_are_spoken_of_only_where_there_are_several(segments, of, phrase):
    result = replace(RESULT, segment_bars=tuple(bar(segment=each) for each in segments))
    found = bar(segment=of, verdict="undecided", undecided="mix")
    assert verdict_phrase(result, found) == phrase


@pytest.mark.parametrize(
    ("open_", "as_of", "final"),
    [
        ({"marketing": {"mqls": 0, "sqls": 0}}, date(2026, 10, 9), True),
        ({"marketing": {"mqls": 0, "sqls": 1}}, date(2026, 10, 9), False),
        ({"marketing": {"mqls": 0}, "sales": {"sqls": 1}}, date(2026, 10, 9), False),
        ({"marketing": {"mqls": 0}}, date(2026, 9, 29), False),  # more may begin
        ({}, date(2026, 10, 9), False),  # not known
    ],
)
def test_a_quarter_is_final_where_nothing_that_began_in_it_is_open(open_, as_of, final):
    known = {source: NotDecided(each, ACTUAL, ACTUAL, ACTUAL) for source, each in open_.items()}
    assert is_final(replace(RESULT, as_of=as_of, not_decided=known)) is final
    if open_:
        assert is_final(replace(RESULT, as_of=date(2026, 10, 9), not_decided=known), "marketing") is not any(
            open_["marketing"].values()
        )
