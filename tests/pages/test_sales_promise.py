"""The sales side's promise on the page Agree: what stands there is what is returned, and the files say what can be chosen."""

import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.follow_up import FollowUp
from alignment_core.sourcing import Sourcing
from tests.screens import downloads
from tests.support import agreed

PROMISE = {
    "first_touch": "8 business hours",
    "attempts": 4,
    "attempts_within": "10 business days",
    "personalised": 1 / 3,
    "rules": {"Demo request": {"first_touch": "1 business hour"}},
    "reject": {"within": "2 business days", "reasons": {"not_fit": "Outside the agreed fit"}},
    "calendar": {"holidays": ["US"], "days_off": [datetime(2026, 12, 24).date()], "places": {"EMEA": {"timezone": "Europe/Berlin", "holidays": ["DE-BY"]}}},
}  # fmt: skip
SOURCING = {"marketing": ["Webinar"], "sales": ["Cold call"]}
AT = pa.timestamp("us", "UTC")


def data() -> Data:
    """A lead from a webinar whose deal says cold call, touched by a call and before by a form."""
    return Data(
        {
            "leads": pa.table({"lead_id": ["L"], "lead_type": ["E-book"], "region": ["EMEA"], "lead_source": ["Webinar"], "deal_id": ["=D"]}),
            "deals": pa.table(
                {"deal_id": ["=D"], "lead_source": ["Cold call"], "created_at": pa.array([datetime(2026, 7, 9)], AT), "closed_at": pa.array([datetime(2026, 8, 9)], AT),
                 "is_won": [True], "amount": pa.array([250_000], pa.decimal128(18, 4))}
            ),
            "touches": pa.table({"lead_id": ["L", "L"], "kind": ["Form", "Call"], "at": pa.array([datetime(2026, 7, 1), datetime(2026, 7, 2)], AT)}),
        }
    )  # fmt: skip


def script() -> None:
    """The section alone, as the page will call it."""
    import streamlit as st

    from ui.agree.sales_promise import sales_promise_faults, sales_promise_section

    if st.session_state.get("elsewhere"):
        return
    st.session_state["said"] = sales_promise_section(st.session_state["agreement"], st.session_state["data"])
    st.session_state["faults"] = sales_promise_faults()


def opened(agreement: Agreement | None = None, tables: Data | None = None) -> AppTest:
    page = AppTest.from_function(script, default_timeout=60)
    page.session_state["agreement"] = agreement or agreed(follow_up=PROMISE, sourcing=SOURCING)
    page.session_state["data"] = tables or data()
    return run(page)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> tuple[FollowUp | None, Sourcing]:
    return page.session_state["said"]


def texts(page: AppTest) -> str:
    """What the section says, without the escapes."""
    return "\n".join(each.value for each in (*page.markdown, *page.caption, *page.warning)).replace("\\", "")


def put(page: AppTest, kind: str, name: str, value: Any) -> AppTest:
    getattr(page, kind)(key=f"agree.sales_promise.{name}").set_value(value)
    return run(page)


def edit(page: AppTest, name: str, **edits: Any) -> AppTest:
    """Edit a table as the browser does: AppTest has no handle for the editor, so its state is sent by hand."""
    (editor,) = [each for each in page.dataframe if f"agree.sales_promise.{name}." in each.proto.id]
    states = page._tree.get_widget_states()
    states.widgets.append(
        WidgetState(id=editor.proto.id, string_value=json.dumps({"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits))
    )  # fmt: skip
    page._run(states)
    assert not page.exception
    return page


def table(page: AppTest, name: str) -> Any:
    (found,) = [each for each in page.dataframe if f"agree.sales_promise.{name}." in each.proto.id]
    return found.value


def test_what_was_agreed_comes_back_to_the_last_digit() -> None:
    page = opened()
    agreement = page.session_state["agreement"]
    assert said(page) == (agreement.follow_up, agreement.sourcing)
    assert page.session_state["faults"] == ()


def test_the_promise_is_said_in_words_with_an_example() -> None:
    found = texts(opened())
    for part in (
        "- Demo request: first touch within 1 business hour, 4 attempts in 10 business days, 33% of first messages personal.",
        "- Sales may hand a lead back within 2 business days, as not_fit (Outside the agreed fit).",
        "Monday to Friday, 09:00 to 17:00 (UTC), not on public holidays of United States and 1 further day off",
        # 3 July 2026 is off, for the fourth is a Saturday.
        "For example (Demo request): a lead that comes in on Fri 3 Jul at 17:30 is due for its first touch by Mon 6 Jul at 10:00.",
    ):
        assert part in found


def test_without_a_promise_none_is_made_up_until_it_is_switched_on() -> None:
    page = opened(agreed(sourcing=SOURCING))
    assert said(page)[0] is None
    assert "Nothing is promised yet" in texts(page)
    promise = said(put(page, "toggle", "promised", True))[0]
    assert promise is not None
    assert str(promise.first_touch) == "4 business hours"
    assert said(put(page, "toggle", "promised", False))[0] is None


def test_a_rule_is_added_changed_and_taken_away() -> None:
    page = edit(
        opened(),
        "rules",
        edited_rows={"0": {"Attempts": 6, "Personal, %": 50}},
        added_rows=[{"Leads": "E-book", "First touch within": "3 business days"}],
        deleted_rows=[1],
    )
    promise = said(page)[0]
    assert promise is not None
    assert (list(promise.rules), promise.attempts, promise.personalised) == (["E-book"], 6, 0.5)
    assert str(promise.rule_for("E-book").first_touch) == "3 business days"


def test_the_calendar_is_chosen() -> None:
    page = put(opened(), "selectbox", "opens", "08:00")
    page = put(page, "selectbox", "timezone", "Asia/Kolkata")
    page = put(page, "multiselect", "holidays", ["DE", "DE-BY"])
    page = edit(page, "days_off", added_rows=[{"Day off": "2026-07-06"}])
    promise = said(page)[0]
    assert promise is not None
    hours = promise.calendar
    assert (hours.opens, hours.timezone, hours.holidays) == ("08:00", "Asia/Kolkata", ("DE", "DE-BY"))
    assert [str(day) for day in hours.days_off] == ["2026-07-06", "2026-12-24"]
    assert "comes in on Fri 3 Jul at 17:30 is due for its first touch by Tue 7 Jul at 09:00" in texts(page)
    assert hours.places == FollowUp.model_validate(PROMISE).calendar.places
    promise = said(put(page, "selectbox", "place_field", ""))[0]
    assert promise is not None
    assert promise.calendar.places == {}


def test_what_cannot_be_promised_is_said_and_the_last_promise_stands() -> None:
    page = edit(opened(), "rules", added_rows=[{"Leads": "Demo request"}, {"Attempts": 3}])
    page = put(page, "selectbox", "closes", "08:00")
    assert page.session_state["faults"] == (
        "'Demo request' stands in the follow-up rules twice. Keep one of them.",
        "A row of the follow-up rules has no leads. Choose one, or delete the row.",
        "calendar: closes: 08:00 is not after 09:00, when it opens",
    )
    assert "This cannot be promised yet" in texts(page)
    assert said(page)[0] == page.session_state["agreement"].follow_up


@pytest.mark.parametrize("through", ["elsewhere", "returned"])
def test_what_was_chosen_stays(through: str) -> None:
    """When the page was left, and when the page gives the section what it returned."""
    page = put(opened(), "selectbox", "opens", "08:00")
    page = edit(page, "rules", edited_rows={"0": {"Attempts": 6}})
    before = said(page)
    if through == "elsewhere":
        page.session_state["elsewhere"] = True
        run(page)
        page.session_state["elsewhere"] = False
    else:
        page.session_state["agreement"] = agreed(follow_up=before[0], sourcing=before[1])
    assert said(run(page)) == before
    assert before[0] is not None
    assert (before[0].attempts, before[0].calendar.opens) == (6, "08:00")


def test_another_agreement_is_shown_anew() -> None:
    page = put(opened(), "selectbox", "opens", "08:00")
    page.session_state["agreement"] = agreed(follow_up={"attempts": 2}, sourcing={"rule": "deal_source"})
    promise, sourcing = said(run(page))
    assert promise == FollowUp(attempts=2)
    assert sourcing.rule == "deal_source"


def test_lead_sources_and_kinds_of_touches_are_given_to_a_side() -> None:
    page = opened()
    assert table(page, "lead_sources").to_dict("records") == [
        {"Lead source": "Cold call", "Leads": 0, "Deals": 1, "Counts as": "Sales"},
        {"Lead source": "Webinar", "Leads": 1, "Deals": 0, "Counts as": "Marketing"},
    ]
    assert table(page, "touch_kinds").to_dict("records") == [
        {"Kind of touch": "Call", "Touches": 1, "Counts as": "Sales"},
        {"Kind of touch": "Form", "Touches": 1, "Counts as": "Marketing"},
    ]
    page = edit(page, "lead_sources", edited_rows={"0": {"Counts as": "Marketing"}})
    assert said(page)[1].marketing == ("Webinar", "Cold call")
    page = edit(page, "touch_kinds", edited_rows={"1": {"Counts as": "Neither"}})
    assert "Form" not in said(page)[1].touches.marketing


def test_contested_deals_are_counted_listed_and_taken_away() -> None:
    with downloads() as offered:
        page = opened()
    assert "1 deal worth USD 250k is contested" in texts(page)
    (listed,) = [each.value for each in page.dataframe if "Deal" in each.value.columns]
    assert listed.to_dict("records") == [
        {"Deal": "=D", "Amount, USD": 250_000.0, "Counts as": "Marketing", "Lead source": "Marketing", "First touch": "Marketing", "Deal source": "Sales",
         "Last touch": "Sales", "Quarter": "2026-Q3", "Won": "yes"}
    ]  # fmt: skip
    (file,) = [content for name, content in offered if name == "contested-deals-2026-Q3.csv"]
    assert file.splitlines()[1].startswith(b"'=D,")
    page = put(page, "selectbox", "contested", "unassigned")
    assert said(page)[1].contested == "unassigned"
    assert "Contested deals count as nobody's, until both have decided." in texts(page)


def test_a_rule_that_the_files_cannot_carry_says_what_to_load() -> None:
    page = put(opened(tables=Data({})), "selectbox", "rule", "first_touch")
    assert said(page)[1].rule == "first_touch"
    assert "cannot carry this rule" in texts(page)
    assert "Load exports of both sides' activities" in texts(page)
    assert "The loaded files carry no lead sources." in texts(page)
