"""Two sessions over one store: saving, merging, deciding, signing and amending on the screen."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.agreement import Agreement
from alignment_core.store import Author, Store
from tests.support import agreed
from ui.agree.terms import field_name, field_value

NORTHWIND = ("Northwind", "2026-Q3")


def form():
    """A form of two fields, in the place of the page's."""
    import streamlit as st

    from alignment_core.agreement import Agreement
    from ui.agree.signing import signing_section
    from ui.keeping import store

    def fill(agreement):
        st.session_state["shown"] = agreement
        st.session_state["target"], st.session_state["size"] = agreement.revenue_target, agreement.sales.deal_size

    if "target" not in st.session_state:
        fill(st.session_state["shown"])
    st.number_input("Target", key="target")
    st.number_input("Size", key="size")
    values = st.session_state["shown"].model_dump(exclude_none=True)
    values["revenue_target"] = st.session_state["target"]
    values["sales"]["deal_size"] = st.session_state["size"]
    signing_section(Agreement.checked(values) if st.session_state["target"] > 1 else None, store(), fill)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGNMENT_STORE", str(tmp_path / "kept"))
    opened = Store.open()
    yield opened
    opened.close()


def person(name: str, role: str, agreement: Agreement | None = None) -> AppTest:
    """Somebody's own session."""
    page = AppTest.from_function(form, default_timeout=30)
    page.session_state["shown"] = agreement or agreed()
    page.session_state["agree.signing.name"] = name
    page.session_state["agree.signing.role"] = role
    return ok(page.run())


def ok(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def put(page: AppTest, name: str, value: float) -> AppTest:
    page.number_input(key=name).set_value(value)
    return ok(page.run())


def click(page: AppTest, name: str) -> AppTest:
    page.button(key=f"agree.signing.{name}").click()
    return ok(page.run())


def said(page: AppTest) -> str:
    elements = [*page.markdown, *page.caption, *page.success, *page.error, *page.info, *page.warning]
    return "\n".join(element.value for element in elements).replace("\\", "").replace("\u2060", "")


def test_nothing_is_saved_before_somebody_says_who_they_are(kept):
    page = AppTest.from_function(form, default_timeout=30)
    page.session_state["shown"] = agreed()
    ok(page.run())
    assert "Nobody has saved it yet." in said(page)
    assert "Say who you are to save it" in said(page)
    assert page.button(key="agree.signing.save").disabled
    page.text_input(key="agree.signing.name").set_value("Ada")
    page.button_group(key="agree.signing.role").set_value("marketing")
    ok(page.run())
    click(page, "save")
    assert "saved by Ada" in said(page)
    assert "nobody has signed it" in said(page)
    assert kept.draft(*NORTHWIND).by == Author("Ada", "marketing")
    assert page.button(key="agree.signing.save").disabled


def test_changes_of_different_fields_are_brought_together_and_said(kept):
    ada, bob = person("Ada", "marketing"), person("Bob", "sales")
    click(ada, "save")
    ok(bob.run())
    click(put(ada, "target", 2_000_000.0), "save")
    put(bob, "size", 40_000.0)
    assert "Changed since you opened it: Revenue target 1,660,500 → 2,000,000 by Ada" in said(bob)
    click(bob, "save")
    assert "Saved, with what was changed meanwhile: Revenue target 1,660,500 → 2,000,000 by Ada" in said(bob)
    assert (bob.session_state["target"], bob.session_state["size"]) == (2_000_000, 40_000)
    draft = kept.draft(*NORTHWIND).agreement
    assert (draft.revenue_target, draft.sales.deal_size) == (2_000_000, 40_000)


@pytest.mark.parametrize(("choice", "target"), [("mine", 1_800_000), ("theirs", 2_000_000)])
def test_the_same_field_is_to_be_decided_before_anything_is_saved(kept, choice, target):
    ada, bob = person("Ada", "marketing"), person("Bob", "sales")
    click(ada, "save")
    ok(bob.run())
    click(put(ada, "target", 2_000_000.0), "save")
    put(put(bob, "target", 1_800_000.0), "size", 40_000.0)
    click(bob, "save")
    assert "nothing is saved yet" in said(bob)
    (radio,) = bob.radio
    assert radio.label == "Revenue target (it was 1,660,500)"
    assert radio.options[0].startswith("2,000,000, by Ada on ")
    assert radio.options[1] == "1,800,000, yours"
    assert kept.draft(*NORTHWIND).revision == 2
    assert bob.button(key="agree.signing.decide").disabled
    radio.set_value(choice)
    click(ok(bob.run()), "decide")
    draft = kept.draft(*NORTHWIND)
    assert (draft.agreement.revenue_target, draft.agreement.sales.deal_size, draft.by.name) == (target, 40_000, "Bob")
    assert (bob.session_state["target"], bob.session_state["size"]) == (target, 40_000)
    assert not bob.radio


def test_a_disagreement_can_wait(kept):
    ada, bob = person("Ada", "marketing"), person("Bob", "sales")
    click(ada, "save")
    ok(bob.run())
    click(put(ada, "target", 2_000_000.0), "save")
    click(put(bob, "target", 1_800_000.0), "save")
    click(bob, "later")
    assert not bob.radio
    assert bob.session_state["target"] == 1_800_000
    click(bob, "open")
    assert bob.session_state["target"] == 2_000_000


def test_both_sign_and_what_is_signed_is_said(kept):
    page = person("Ada", "marketing")
    click(page, "save")
    assert "To be signed:" in said(page)
    assert "Marketing owes 164 MQLs in Q3 2026" in said(page)
    assert f"Content {kept.draft(*NORTHWIND).content_hash[:4]} " in said(page)
    click(page, "signed.marketing")  # by her own name
    assert "Ada for marketing signed it; sales has not" in said(page)
    page.text_input(key="agree.signing.sign.sales").set_value("Bob")
    click(page, "signed.sales")
    assert "Both have signed: version 1 is locked." in said(page)
    assert "Version 1 holds from 1 Jul 2026: signed by Ada for marketing and Bob for sales" in said(page)
    assert "To be signed:" not in said(page)
    assert len(kept.versions(*NORTHWIND)) == 1


def test_a_signature_without_a_name_is_refused_in_words(kept):
    page = person("Rev", "revops")
    click(page, "save")
    click(page, "signed.sales")
    assert "A signature needs a name." in said(page)
    assert kept.standing(*NORTHWIND).signatures == ()


def test_what_is_not_the_saved_draft_cannot_be_signed(kept):
    page = person("Ada", "marketing")
    click(page, "save")
    put(page, "target", 2_000_000.0)
    assert page.button(key="agree.signing.signed.marketing").disabled
    assert "Not saved: Revenue target." in said(page)


def test_a_draft_that_somebody_else_changed_is_not_signed_unseen(kept):
    ada, bob = person("Ada", "marketing"), person("Bob", "sales")
    click(ada, "save")
    ok(bob.run())
    click(put(bob, "target", 2_000_000.0), "save")
    click(ada, "signed.marketing")  # what she still sees is what there was
    assert "The draft is no longer what you saw" in said(ada)
    assert kept.standing(*NORTHWIND).signatures == ()


def signed(kept, agreement, **terms):
    base = kept.draft(*NORTHWIND)
    draft = kept.save_draft(agreement, Author("Ada", "marketing"), base.revision if base else 0, **terms).draft
    kept.sign(draft, "marketing", "Ada")
    kept.sign(draft, "sales", "Bob")


def test_an_amendment_needs_its_reason_and_shows_what_it_changes(kept):
    signed(kept, agreed())
    page = person("Ada", "marketing")
    put(page, "target", 2_000_000.0)
    assert "what would change in version 1" in said(page)
    (table,) = page.dataframe
    assert table.value.to_dict("list") == {
        "Term": ["Revenue target"], "Version 1": ["1,660,500"], "Version 2": ["2,000,000"],
    }  # fmt: skip
    click(page, "save")
    click(page, "signed.marketing")
    assert "An amendment needs its reason." in said(page)
    page.text_input(key="agree.signing.reason.Northwind.2026-Q3.2").set_value("A larger team")
    page.date_input(key="agree.signing.from.Northwind.2026-Q3.2").set_value(date(2026, 8, 15))
    click(ok(page.run()), "save")
    assert "It takes the place of version 1 from 15 Aug 2026: A larger team." in said(page)
    click(page, "signed.marketing")
    page.text_input(key="agree.signing.sign.sales").set_value("Bob")
    click(page, "signed.sales")
    version = kept.in_force(*NORTHWIND)
    assert (version.number, version.reason, version.effective_from) == (2, "A larger team", date(2026, 8, 15))
    assert "Why: A larger team" in said(page)
    click(page, "show.1")
    assert page.session_state["target"] == 1_660_500


def test_who_starts_from_what_is_in_force_is_at_its_revision(kept):
    signed(kept, agreed())
    kept.save_draft(agreed(revenue_target=3_000_000), Author("Bob", "sales"), 1)
    page = person("Ada", "marketing")
    put(page, "size", 40_000.0)
    click(page, "save")
    draft = kept.draft(*NORTHWIND).agreement
    assert (draft.revenue_target, draft.sales.deal_size) == (3_000_000, 40_000)


def test_what_cannot_stand_cannot_be_saved_and_what_is_signed_still_shows(kept):
    signed(kept, agreed())
    page = person("Ada", "marketing")
    put(page, "target", 0.0)
    assert "put right" in said(page)
    assert "Version 1 holds from" in said(page)
    assert page.button(key="agree.signing.save").disabled


def test_names_and_reasons_are_text_and_nothing_else(kept):
    evil = "![x](http://evil.example/a.png) :material/home: <b>"
    signed(kept, agreed())
    kept.save_draft(
        agreed(revenue_target=2_000_000), Author(evil, "sales"), 1, reason=evil, effective_from=date(2026, 8, 1)
    )
    page = person("Ada", "marketing")
    for element in (*page.markdown, *page.caption):
        assert "![x](" not in element.value
        assert ":material/home:" not in element.value


@pytest.mark.parametrize(
    ("field", "value", "name", "shown"),
    [
        ("revenue_target", 1_660_500, "Revenue target", "1,660,500"),
        ("marketing.mql_to_sql", 0.575, "Marketing-sourced MQL → SQL", "57.5%"),
        ("split", {"marketing": 0.6, "sales": 0.4}, "Split", "60% marketing, 40% sales"),
        ("sourcing.marketing", ["Webinar", "Blog"], "Whose demand marketing-sourced", "Webinar, Blog"),
        ("owners.deal_size", "sales", "Owner deal size", "sales"),
        ("effective_from", date(2026, 8, 5), "Holds from", "5 Aug 2026"),
        ("reason", "Fewer", "Reason of the amendment", "Fewer"),
        ("sales.deal_size", None, None, "–"),
    ],
)
def test_a_field_is_said_as_the_form_has_it(field, value, name, shown):
    assert field_value(field, value) == shown
    assert name is None or field_name(field) == name


def test_what_was_said_goes_once_the_form_says_something_else(kept):
    page = click(person("Ada", "marketing"), "save")
    assert "Saved." in said(page)
    assert "Saved." not in said(put(page, "target", 1_700_000))


def test_one_name_under_both_sides_is_remarked(kept):
    page = click(person("Bob", "marketing"), "save")
    for side in ("marketing", "sales"):
        page.text_input(key=f"agree.signing.sign.{side}").set_value("Bob")
        page = click(page, f"signed.{side}")
    assert "Bob has signed for both sides" in said(page)
