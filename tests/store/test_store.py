"""Drafts by two people, signatures and versions: the same on both databases."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest

from alignment_core.agreement import AgreementError
from alignment_core.store import Author, Change, Conflict, Saved, Store, StoreError, content_hash
from tests.support import agreed

ADA = Author("Ada", "marketing")
BOB = Author("Bob", "sales")
NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
ONE = datetime(2026, 6, 20, 13, tzinfo=UTC)
NORTHWIND = ("Northwind", "2026-Q3")
SALES = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}


def marketing(rate: float):
    return {**SALES, "mql_to_sql": rate}


def signed(store, agreement, **terms):
    """A version that both sides signed."""
    base = store.draft(*NORTHWIND)
    draft = store.save_draft(agreement, ADA, base.revision if base else 0, at=NOON, **terms).draft
    store.sign(draft, "marketing", "Ada", NOON)
    store.sign(draft, "sales", "Bob", ONE)
    return store.versions(*NORTHWIND)[-1]


def test_a_store_that_is_opened_again_has_what_was_saved(store, store_url):
    assert store.draft(*NORTHWIND) is None
    saved = store.save_draft(agreed(), ADA, 0, at=NOON)
    assert isinstance(saved, Saved)
    again = Store.open(store_url)
    draft = again.draft(*NORTHWIND)
    assert (draft.agreement, draft.revision, draft.by, draft.at) == (agreed(), 1, ADA, NOON)
    assert again.draft("Northwind", "2026-Q4") is None
    assert again.draft("Southwind", "2026-Q3") is None
    again.close()


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


@pytest.mark.parametrize("shared", [True, False], ids=["one store for all", "a store each"])
def test_of_many_who_save_at_once_nothing_is_lost(store_url, shared):
    """Six writers, as sessions of one server or as servers, each changing a field of its own from the same base."""
    first = Store.open(store_url)
    first.save_draft(agreed(), ADA, 0)
    drivers = ["mql_volume", "mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size", "sql_volume"]
    together = Barrier(len(drivers))

    def write(driver):
        mine = first if shared else Store.open(store_url)
        together.wait()
        mine.save_draft(agreed(owners={driver: "shared" if driver != "deal_size" else "sales"}), BOB, 1)
        if not shared:
            mine.close()

    threads = [Thread(target=write, args=(driver,)) for driver in drivers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    draft = first.draft(*NORTHWIND)
    assert draft.revision == 1 + len(drivers)
    assert draft.agreement == agreed(owners=dict.fromkeys(drivers, "shared") | {"deal_size": "sales"})
    first.close()


def test_many_who_open_a_new_store_at_once_make_one(store_url):
    together, opened = Barrier(6), []

    def enter():
        together.wait()
        opened.append(Store.open(store_url))

    threads = [Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(opened) == 6
    opened[0].save_draft(agreed(), ADA, 0)
    assert {each.draft(*NORTHWIND).revision for each in opened} == {1}
    for each in opened:
        each.close()


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


def test_two_reasons_at_once_are_to_be_decided(store):
    signed(store, agreed())
    store.save_draft(agreed(revenue_target=9), ADA, 1, reason="Fewer leads", effective_from=date(2026, 8, 15))
    conflict = store.save_draft(agreed(revenue_target=9), BOB, 1, reason="Market fell")
    assert [each.field for each in conflict.disagreements] == ["reason"]


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


def test_names_and_words_of_any_script_come_back_as_they_were(store):
    company = 'Ærø "& Søn" 株式会社\n\\ \'; DROP TABLE records; --'
    draft = store.save_draft(agreed(company=company), Author("Žofie 🖊", "revops"), 0).draft
    store.sign(draft, "marketing", "Žofie  🖊 ")
    here = store.standing(company, "2026-Q3")
    assert here.draft.agreement.company == company
    assert (here.draft.by.name, here.signatures[0].name) == ("Žofie 🖊", "Žofie 🖊")
