"""Drafts that two people work on at once: what merges by itself, and what they must decide."""

from datetime import date

import pytest

from alignment_core.agreement import AgreementError
from alignment_core.store import Change, Conflict, Saved
from alignment_core.store.drafts import Proposed, changes_between, fields_of
from tests.store.signing import ADA, BOB, NOON, NORTHWIND, ONE, marketing, signed
from tests.support import agreed


def test_who_changed_which_field_when(store):
    store.save_draft(agreed(), ADA, 0, at=NOON)
    store.save_draft(agreed(revenue_target=2_000_000), BOB, 1, at=ONE)
    (edit,) = store.edits(*NORTHWIND)
    assert edit.change == Change("revenue_target", 1_660_500, 2_000_000)
    assert (edit.by, edit.at, edit.revision) == (BOB, ONE, 2)


def test_saving_what_is_there_already_is_no_edit(store):
    store.save_draft(agreed(), ADA, 0)
    assert store.save_draft(agreed(), BOB, 1).draft.revision == 1
    assert store.edits(*NORTHWIND) == ()


def test_changes_of_different_fields_merge_and_the_second_writer_is_told(store):
    store.save_draft(agreed(), ADA, 0, at=NOON)
    store.save_draft(agreed(revenue_target=2_000_000), BOB, 1, at=ONE)
    saved = store.save_draft(agreed(marketing=marketing(0.6)), ADA, 1)
    assert isinstance(saved, Saved)
    assert saved.draft.agreement == agreed(revenue_target=2_000_000, marketing=marketing(0.6))
    assert [(edit.change.field, edit.by) for edit in saved.merged] == [("revenue_target", BOB)]


def test_changes_of_the_same_field_are_to_be_decided_and_nothing_is_saved(store):
    store.save_draft(agreed(), ADA, 0, at=NOON)
    store.save_draft(agreed(revenue_target=2_000_000, timezone="Europe/Oslo"), BOB, 1, at=ONE)
    conflict = store.save_draft(agreed(revenue_target=1_800_000, marketing=marketing(0.6)), ADA, 1)
    assert isinstance(conflict, Conflict)
    (found,) = conflict.disagreements
    assert (found.field, found.before, found.theirs, found.mine) == ("revenue_target", 1_660_500, 2_000_000, 1_800_000)
    assert (found.by, found.at) == (BOB, ONE)
    assert store.draft(*NORTHWIND).revision == 2

    mine = conflict.resolved({"revenue_target": "mine"})
    both = {"timezone": "Europe/Oslo", "marketing": marketing(0.6)}
    assert mine.agreement == agreed(revenue_target=1_800_000, **both)
    assert conflict.resolved({"revenue_target": "theirs"}).agreement == agreed(revenue_target=2_000_000, **both)
    saved = store.save_draft(mine.agreement, ADA, conflict.draft.revision)
    assert isinstance(saved, Saved)
    assert store.draft(*NORTHWIND).agreement == mine.agreement


def test_the_split_is_one_field(store):
    store.save_draft(agreed(), ADA, 0)
    store.save_draft(agreed(split={"marketing": 0.6, "sales": 0.4}), BOB, 1)
    conflict = store.save_draft(agreed(split={"marketing": 0.7, "sales": 0.3}), ADA, 1)
    assert [each.field for each in conflict.disagreements] == ["split"]


def test_changes_that_only_stand_apart_are_to_be_decided_with_the_reason(store):
    lists = {"marketing": ["Webinar"], "sales": ["Cold call"]}
    store.save_draft(agreed(sourcing=lists), ADA, 0)
    store.save_draft(agreed(sourcing={**lists, "sales": ["Cold call", "Partner"]}), BOB, 1)
    conflict = store.save_draft(agreed(sourcing={**lists, "marketing": ["Webinar", "Partner"]}), ADA, 1)
    assert isinstance(conflict, Conflict)
    assert {each.field for each in conflict.disagreements} == {"sourcing.marketing", "sourcing.sales"}
    assert "'Partner' counts as marketing and as sales" in conflict.faults[0]
    with pytest.raises(AgreementError, match="Partner"):
        conflict.resolved({"sourcing.marketing": "mine", "sourcing.sales": "theirs"})
    assert conflict.resolved({"sourcing.marketing": "mine", "sourcing.sales": "mine"}).agreement.sourcing.marketing == (
        "Webinar",
        "Partner",
    )


def test_somebody_who_started_from_nothing_overwrites_nothing(store):
    store.save_draft(agreed(), ADA, 0)
    conflict = store.save_draft(agreed(revenue_target=5), BOB, 0)
    assert [each.field for each in conflict.disagreements] == ["revenue_target"]
    assert store.draft(*NORTHWIND).agreement == agreed()


def test_two_reasons_at_once_are_to_be_decided(store):
    signed(store, agreed())
    store.save_draft(agreed(revenue_target=9), ADA, 1, reason="Fewer leads", effective_from=date(2026, 8, 15))
    conflict = store.save_draft(agreed(revenue_target=9), BOB, 1, reason="Market fell")
    assert [each.field for each in conflict.disagreements] == ["reason"]


def test_changes_are_made_to_the_latest_revision_that_says_exactly_this(store):
    for revision, target in enumerate((1, 2, 1)):
        store.save_draft(agreed(revenue_target=target), ADA, revision)
    assert [store.revision_of(agreed(revenue_target=target)) for target in (1, 2, 3)] == [3, 2, 0]
    assert store.revision_of(agreed(revenue_target=1, quarter="2026-Q4")) == 0


def test_the_same_change_by_both_is_saved_once(store):
    store.save_draft(agreed(), ADA, 0)
    store.save_draft(agreed(revenue_target=2, timezone="Europe/Oslo"), BOB, 1)
    saved = store.save_draft(agreed(revenue_target=2), ADA, 1)
    assert (saved.draft.revision, saved.draft.agreement.timezone) == (2, "Europe/Oslo")
    assert {edit.change.field for edit in saved.merged} == {"revenue_target", "timezone"}


def test_a_draft_is_its_fields_and_back_with_the_terms_of_its_amendment():
    proposed = Proposed(agreed(company="Ærø"), "Fewer leads", date(2026, 8, 15))
    fields = fields_of(proposed)
    assert (fields["company"], fields["reason"], fields["effective_from"]) == ("Ærø", "Fewer leads", date(2026, 8, 15))
    assert Proposed.of(fields) == proposed
    assert Proposed.of(fields_of(Proposed(agreed()))) == Proposed(agreed())


def test_a_field_that_only_one_of_two_agreements_has_changed_from_or_to_nothing():
    mql = {"fit": {"field": "country", "is": "US"}}
    (added,) = changes_between(agreed(), agreed(mql=mql))
    assert (added.before, added.after) == (None, {"all": [{"field": "country", "is": ["US"]}]})
    assert changes_between(agreed(mql=mql), agreed()) == (Change(added.field, added.after, None),)
    assert changes_between(agreed(), agreed()) == ()
