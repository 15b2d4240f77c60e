"""Signatures, the versions that they lock, and amendments: the same on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from alignment_core.store import Change, StoreError, content_hash
from alignment_core.store.versions import as_signed, in_force
from tests.store.signing import ADA, BOB, NOON, NORTHWIND, ONE, marketing, signed
from tests.support import agreed


def test_one_signature_is_not_enough_and_two_lock(store):
    draft = store.save_draft(agreed(), ADA, 0).draft
    store.sign(draft, "marketing", "Ada", NOON)
    here = store.standing(*NORTHWIND)
    assert here.versions == ()
    assert (here.signed_by("marketing").name, here.signed_by("sales")) == ("Ada", None)
    store.sign(draft, "sales", "Bob", ONE)
    here = store.standing(*NORTHWIND)
    (version,) = here.versions
    assert not here.is_open
    assert (version.number, version.agreement, version.content_hash) == (1, agreed(), content_hash(agreed()))
    assert [(each.side, each.name, each.at) for each in version.signatures] == [
        ("marketing", "Ada", NOON),
        ("sales", "Bob", ONE),
    ]
    assert (version.effective_from, version.locked_at, version.difference) == (date(2026, 7, 1), ONE, ())


def test_signing_another_content_than_the_draft_has_is_refused_in_words(store):
    seen = store.save_draft(agreed(), ADA, 0, at=NOON).draft
    store.save_draft(agreed(revenue_target=2_000_000), BOB, 1, at=ONE)
    with pytest.raises(StoreError, match=r"no longer what you saw.*revenue_target by Bob at 13:00 UTC"):
        store.sign(seen, "marketing", "Ada")
    assert store.standing(*NORTHWIND).signatures == ()


def test_an_edit_leaves_a_signature_behind(store):
    draft = store.save_draft(agreed(), ADA, 0).draft
    store.sign(draft, "marketing", "Ada")
    edited = store.save_draft(agreed(revenue_target=2_000_000), BOB, 1).draft
    store.sign(edited, "sales", "Bob")
    here = store.standing(*NORTHWIND)
    assert here.versions == ()
    assert [each.side for each in here.signatures] == ["sales"]


@pytest.mark.parametrize(
    ("side", "name", "reason"),
    [("marketing", "Eve", "Ada has signed this for marketing already"), ("sales", "  ", "needs a name"), ("finance", "Eve", "Only marketing and sales sign")],
)  # fmt: skip
def test_a_signature_that_cannot_be_is_refused_in_words(store, side, name, reason):
    draft = store.save_draft(agreed(), ADA, 0).draft
    store.sign(draft, "marketing", "Ada")
    with pytest.raises(StoreError, match=reason):
        store.sign(draft, side, name)
    assert store.versions(*NORTHWIND) == ()


def test_what_nobody_saved_cannot_be_signed(store):
    draft = store.save_draft(agreed(), ADA, 0).draft
    elsewhere = type(draft)(1, 1, agreed(quarter="2026-Q4"), "", None, ADA, NOON)
    with pytest.raises(StoreError, match="Nothing was saved yet"):
        store.sign(elsewhere, "marketing", "Ada")


def test_what_is_in_force_is_not_signed_again(store):
    signed(store, agreed())
    with pytest.raises(StoreError, match="in force as version 1"):
        store.sign(store.draft(*NORTHWIND), "marketing", "Ada")


def test_editing_the_draft_voids_nothing_that_is_locked(store):
    version = signed(store, agreed())
    store.save_draft(agreed(revenue_target=2_000_000), BOB, 1)
    assert store.versions(*NORTHWIND) == (version,)
    assert store.in_force(*NORTHWIND) == version
    assert store.standing(*NORTHWIND).is_open


def test_an_amendment_needs_reason_day_and_both_signatures_and_holds_from_that_day(store):
    first = signed(store, agreed())
    draft = store.save_draft(agreed(marketing=marketing(0.6)), ADA, 1).draft
    with pytest.raises(StoreError) as refused:
        store.sign(draft, "marketing", "Ada")
    assert refused.value.reasons == (
        "An amendment needs its reason.",
        "An amendment needs the day from which it holds.",
    )
    early = store.save_draft(draft.agreement, ADA, 2, reason="Fewer leads", effective_from=date(2026, 6, 30)).draft
    with pytest.raises(StoreError, match=r"must lie between 2026-07-01.*and 2026-09-30"):
        store.sign(early, "marketing", "Ada")
    second = signed(store, draft.agreement, reason="Fewer leads", effective_from=date(2026, 8, 15))
    assert (second.number, second.reason, second.effective_from) == (2, "Fewer leads", date(2026, 8, 15))
    assert second.difference == (Change("marketing.mql_to_sql", 0.75, 0.6),)
    assert store.in_force(*NORTHWIND) == second
    assert store.in_force(*NORTHWIND, on=date(2026, 8, 14)) == first
    assert store.in_force(*NORTHWIND, on=date(2026, 8, 15)) == second
    assert store.in_force(*NORTHWIND, on=date(2026, 6, 30)) is None


def test_another_reason_is_another_thing_to_sign(store):
    signed(store, agreed())
    terms = {"reason": "Fewer leads", "effective_from": date(2026, 8, 15)}
    seen = store.save_draft(agreed(revenue_target=9), ADA, 1, **terms).draft
    store.sign(seen, "marketing", "Ada")
    store.save_draft(agreed(revenue_target=9), BOB, 2, reason="Market fell")
    assert store.standing(*NORTHWIND).signatures == ()
    with pytest.raises(StoreError, match="reason by Bob"):
        store.sign(seen, "sales", "Bob")


def test_the_terms_of_one_amendment_are_not_those_of_the_next(store):
    signed(store, agreed())
    signed(store, agreed(revenue_target=9), reason="Fewer leads", effective_from=date(2026, 8, 15))
    draft = store.save_draft(agreed(revenue_target=10), ADA, store.draft(*NORTHWIND).revision).draft
    assert (draft.reason, draft.effective_from, draft.version) == ("", None, 3)


def test_going_back_to_the_version_before_is_an_amendment_too(store):
    signed(store, agreed())
    signed(store, agreed(revenue_target=9), reason="Fewer", effective_from=date(2026, 8, 15))
    third = signed(store, agreed(), reason="More again", effective_from=date(2026, 9, 1))
    assert (third.number, third.agreement) == (3, agreed())
    assert third.difference == (Change("revenue_target", 9, 1_660_500),)


@pytest.mark.parametrize(
    ("day", "can_be"),
    [
        (date(2026, 6, 30), False),  # before version 1 began to hold
        (date(2026, 7, 1), True),
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),  # the quarter is over
    ],
)
def test_an_amendment_holds_from_a_day_of_its_quarter(store, day, can_be):
    signed(store, agreed())
    draft = store.save_draft(agreed(revenue_target=9), ADA, 1, reason="Fewer", effective_from=day).draft
    if can_be:
        assert store.sign(draft, "sales", "Bob", ONE).effective_from == day
        return
    with pytest.raises(StoreError, match=f"cannot hold from {day}: that must lie between 2026-07-01"):
        store.sign(draft, "sales", "Bob", ONE)


def test_an_amendment_begins_no_earlier_than_the_version_that_it_amends(store):
    signed(store, agreed())
    signed(store, agreed(revenue_target=9), reason="Fewer", effective_from=date(2026, 8, 15))
    draft = store.save_draft(agreed(revenue_target=8), ADA, 2, reason="Less", effective_from=date(2026, 8, 14)).draft
    with pytest.raises(StoreError, match="between 2026-08-15, when version 2 began to hold"):
        store.sign(draft, "sales", "Bob")


def test_of_two_versions_that_hold_from_the_same_day_the_later_does(store):
    first = signed(store, agreed())
    assert in_force((), date(2026, 8, 1)) is None
    second = replace(first, number=2)
    assert in_force((first, second), first.effective_from) is second


def test_a_version_was_signed_on_the_day_that_the_companys_clock_showed(store):
    """Half past eleven at night in London is the next day in Oslo."""
    version = replace(
        signed(store, agreed(timezone="Europe/Oslo")), locked_at=datetime(2026, 6, 20, 22, 30, tzinfo=UTC)
    )
    (there,) = as_signed((version,))
    assert (there.agreement, there.on, there.reason) == (version.agreement, date(2026, 6, 21), "")
