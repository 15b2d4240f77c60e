"""The store as a whole: opened again and by many at once, the same on both databases."""

from threading import Barrier, Thread

import pytest

from alignment_core.store import Author, Saved
from alignment_core.store.store import Store
from tests.store.signing import ADA, BOB, NOON, NORTHWIND
from tests.support import agreed


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


def test_names_and_words_of_any_script_come_back_as_they_were(store):
    company = 'Ærø "& Søn" 株式会社\n\\ \'; DROP TABLE records; --'
    draft = store.save_draft(agreed(company=company), Author("Žofie 🖊", "revops"), 0).draft
    store.sign(draft, "marketing", "Žofie  🖊 ")
    here = store.standing(company, "2026-Q3")
    assert here.draft.agreement.company == company
    assert (here.draft.by.name, here.signatures[0].name) == ("Žofie 🖊", "Žofie 🖊")
