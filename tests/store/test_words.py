"""What the store says to people, to the letter."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from alignment_core.store import Change, Draft, Edit, Signature, Standing, Version
from alignment_core.store.words import day, in_force_line, moment, signed_by, stands, to_be_signed, who_changed
from tests.store.signing import ADA, BOB
from tests.support import agreed

JUNE = datetime(2026, 6, 20, 22, 30, tzinfo=UTC)
FIRST = date(2026, 7, 1)
OSLO = agreed(timezone="Europe/Oslo")


def signature(side, name):
    return Signature(side, name, JUNE, 1, "", "", FIRST)


BOTH = (signature("marketing", "Ada"), signature("sales", "Bob"))
DRAFT = Draft(1, 1, OSLO, "", None, ADA, JUNE)
VERSION = Version(1, OSLO, DRAFT.content_hash, "", FIRST, (), BOTH, JUNE)
AMENDED = Draft(2, 2, agreed(timezone="Europe/Oslo", revenue_target=2_000_000), "Fewer leads.", date(2026, 8, 15), BOB, JUNE)  # fmt: skip


def test_days_and_moments_are_as_the_companys_clock_shows_them():
    assert day(date(2026, 7, 5)) == "5 Jul 2026"
    assert moment(JUNE, OSLO) == "21 Jun 2026, 00:30"
    assert moment(JUNE, agreed()) == "20 Jun 2026, 22:30"


@pytest.mark.parametrize(
    ("here", "said"),
    [
        (Standing(None, (), ()), "Nobody has saved it yet."),
        (Standing(DRAFT, (), ()), "It is a draft, saved by Ada on 21 Jun 2026, 00:30: nobody has signed it."),
        (
            Standing(DRAFT, (), BOTH[1:]),
            "It is a draft, saved by Ada on 21 Jun 2026, 00:30: Bob for sales signed it; marketing has not.",
        ),
        (
            Standing(DRAFT, (VERSION,), ()),
            "Version 1 holds from 1 Jul 2026: signed by Ada for marketing and Bob for sales, locked on 21 Jun 2026, 00:30.",
        ),
        (
            Standing(AMENDED, (VERSION,), BOTH[:1]),
            "Version 1 holds from 1 Jul 2026: signed by Ada for marketing and Bob for sales, locked on 21 Jun 2026, 00:30. "
            "A draft of version 2 is open, saved by Bob on 21 Jun 2026, 00:30: Ada for marketing signed it; sales has not.",
        ),
    ],
)
def test_where_an_agreement_stands(here, said):
    assert stands(here) == said


def test_one_signature_and_two():
    assert signed_by(BOTH[:1]) == "Ada for marketing"
    assert signed_by(BOTH) == "Ada for marketing and Bob for sales"
    assert in_force_line(replace(VERSION, number=3)).startswith("Version 3 holds from 1 Jul 2026: signed by Ada for")


def test_a_signature_says_yes_to_the_promise_its_days_and_its_content():
    short = f"{DRAFT.content_hash[:4]} {DRAFT.content_hash[4:8]} {DRAFT.content_hash[8:12]}"
    assert to_be_signed(Standing(DRAFT, (), ()), DRAFT) == (
        "Marketing owes 164 MQLs in Q3 2026 for its half of USD 1.66M. It holds from 1 Jul 2026 to 30 Sep 2026. "
        f"Content {short}."
    )


def test_an_amendments_signature_says_what_it_takes_the_place_of_and_why():
    said = to_be_signed(Standing(AMENDED, (VERSION,), ()), AMENDED)
    assert " It takes the place of version 1 from 15 Aug 2026: Fewer leads. Content " in said


def test_who_changed_what_is_said_in_the_forms_words():
    edits = (Edit(Change("a", 1, 2), 2, BOB, JUNE), Edit(Change("b", 1, 2), 3, ADA, JUNE))
    assert who_changed(edits, ("Close rate 45% → 50%", "Target"), OSLO) == (
        "Close rate 45% → 50% by Bob (21 Jun 2026, 00:30); Target by Ada (21 Jun 2026, 00:30)"
    )
    assert who_changed((), (), OSLO) == ""
