"""The page Agree: what is promised follows the fields at once, and is in use only when somebody says so."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from alignment_core.agreement import Agreement, Weeks
from alignment_core.data import Data
from ui.session import Workspace

PAGE = str(Path(__file__).parents[2] / "pages" / "agree.py")
PLAN = {"mql_to_sql": 0.75, "sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}
SALES = {name: value for name, value in PLAN.items() if name != "mql_to_sql"}


def agreed(**changes: Any) -> Agreement:
    values = {
        "company": "Northwind",
        "quarter": "2026-Q3",
        "revenue_target": 1_660_500,
        "split": {"marketing": 0.5, "sales": 0.5},
        "marketing": PLAN,
        "sales": SALES,
        "sourcing": {"marketing": ["Webinar", "Blog"], "sales": ["Cold call"]},
        "mql": {"regions": ["EMEA"]},
        "follow_up": {"attempts": 5},
    }
    return Agreement.checked(values | changes)


def leads() -> Data:
    return Data(
        {
            "leads": pa.table(
                {"lead_source": ["Webinar"] * 3 + ["Partner"] * 2 + ["Cold call", None], "region": ["EMEA"] * 7}
            )
        }
    )


def opened(agreement: Agreement | None = None, data: Data | None = None, **workspace: bool) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.session_state["workspace"] = Workspace(agreement or agreed(), data or Data({}), (), **workspace)
    return page.run()


def part(page: AppTest, name: str) -> AppTest:
    """Open a part of the page; AppTest has no handle for tabs."""
    page.session_state["agree.part"] = name
    return page.run()


def in_use(page: AppTest) -> Agreement:
    return page.session_state["workspace"].agreement


def owed(page: AppTest) -> dict[str, float | None]:
    """The figures beside the fields: marketing's, then sales'."""
    assert not page.exception
    figures = {"": ("wins", "opportunities", "sqls", "mqls"), "sales ": ("wins", "opportunities", "sqls")}
    return {
        f"{side}{figure}": page.number_input(key=f"agree.{side.strip() or 'marketing'}.owed.{figure}").value
        for side, names in figures.items()
        for figure in names
    }


def texts(page: AppTest) -> str:
    """What the page says, without the escapes."""
    elements = [*page.title, *page.markdown, *page.caption, *page.warning]
    return "\n".join(element.value for element in elements).replace("\\", "")


def put(page: AppTest, name: str, value: Any, kind: str = "number_input") -> AppTest:
    getattr(page, kind)(key=f"agree.{name}").set_value(value)
    return page.run()


def edit(page: AppTest, key: str, **edits: Any) -> AppTest:
    """Edit a table as the browser does: AppTest has no handle for the editor, so its state is sent by hand."""
    (editor,) = [element for element in page.dataframe if key in element.proto.id]
    state = WidgetState(
        id=editor.proto.id, string_value=json.dumps({"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits)
    )
    states = page._tree.get_widget_states()
    states.widgets.append(state)
    return page._run(states)


def test_the_promise_is_the_first_thing_said() -> None:
    page = opened()
    assert page.title[0].value.replace("\\", "") == "Marketing owes 164 MQLs in Q3 2026 for its half of USD 1.66M."
    assert "164 MQLs bring the 28 wins needed with probability 51%; for 80% it takes 189." in texts(page)
    assert owed(page) == {
        "wins": 27.7, "opportunities": 61.5, "sqls": 123, "mqls": 164,
        "sales wins": 27.7, "sales opportunities": 61.5, "sales sqls": 123,
    }  # fmt: skip
    assert "In use: the review runs on this agreement." in texts(page)
    assert page.button(key="agree.use").disabled


def test_a_rate_changes_the_promise_at_once_and_nothing_is_in_use_yet() -> None:
    """123 SQLs at 57% take 215.8 MQLs: 216."""
    page = put(opened(), "marketing.mql_to_sql", 57.0)
    assert owed(page)["mqls"] == 216
    assert "Marketing owes 216 MQLs" in texts(page)
    assert "Not used yet. Changed: Marketing-sourced MQL → SQL." in texts(page)
    assert in_use(page) == agreed()


def test_the_split_moves_both_sides_and_always_sums() -> None:
    page = put(opened(), "split", 40.0)
    assert (owed(page)["mqls"], owed(page)["sales sqls"]) == (132, 148)
    page.button(key="agree.use").click().run()
    assert in_use(page).split.model_dump() == {"marketing": 0.4, "sales": 0.6}


def test_using_it_puts_exactly_what_is_shown_in_use() -> None:
    page = put(put(opened(is_draft=True), "marketing.mql_to_sql", 57.0), "revenue_target", 2_000_000.0)
    page.button(key="agree.use").click().run()
    assert in_use(page) == agreed(marketing=PLAN | {"mql_to_sql": 0.57}, revenue_target=2_000_000)
    assert not page.session_state["workspace"].is_draft
    assert "In use: the review runs on this agreement." in texts(page)
    assert page.button(key="agree.use").disabled


def test_back_to_what_was_agreed_undoes_every_change() -> None:
    page = put(put(opened(), "marketing.mql_to_sql", 57.0), "currency", "EUR", "text_input")
    page.button(key="agree.back").click().run()
    assert owed(page)["mqls"] == 164
    assert page.text_input(key="agree.currency").value == "USD"
    assert "In use" in texts(page)


def test_faults_are_all_said_in_words_and_the_rest_stands() -> None:
    page = put(put(put(opened(), "marketing.close_rate", 0.0), "revenue_target", 0.0), "currency", "US", "text_input")
    said = texts(page)
    assert page.title[0].value.replace("\\", "") == "This cannot be agreed yet."
    for fault in (
        "Marketing-sourced close rate: 0 must be more than 0",
        "Revenue target: 0 must be at least 1",
        "Currency: 'US' is not a currency code",
    ):
        assert fault in said
    assert set(owed(page).values()) == {None}
    assert page.button(key="agree.use").disabled
    for name, value, kind in (
        ("marketing.close_rate", 45.0, "number_input"),
        ("revenue_target", 1_660_500.0, "number_input"),
        ("currency", "USD", "text_input"),
    ):
        put(page, name, value, kind)
    assert owed(page)["mqls"] == 164


@pytest.mark.parametrize("percent", [57.0, 29.0, 7.0, 33.3, 0.1, 100.0])
def test_a_percent_comes_back_as_it_was_typed(percent: float) -> None:
    page = put(opened(), "sales.close_rate", percent)
    page.button(key="agree.use").click().run()
    assert page.number_input(key="agree.sales.close_rate").value == percent
    assert str(in_use(page).sales.close_rate) == str(round(percent / 100, 6))


def test_a_draft_is_said_to_be_one_and_can_be_agreed_as_it_is() -> None:
    page = opened(is_draft=True)
    assert "drafted from the quarter before, agreed by nobody yet" in texts(page)
    assert "A draft: nobody has agreed it yet." in texts(page)
    page.button(key="agree.use").click().run()
    assert not page.session_state["workspace"].is_draft
    assert in_use(page) == agreed()


def test_the_sample_company_is_said_to_be_made_up() -> None:
    assert "a made-up company" in texts(opened(is_sample=True))


def test_lead_sources_of_the_files_are_listed_with_their_side() -> None:
    page = part(opened(data=leads()), "What sales promises")
    (editor,) = [element for element in page.dataframe if "lead_sources" in element.proto.id]
    assert editor.value.to_dict("records") == [
        {"Lead source": "Webinar", "Leads": 3, "Counts as": "Marketing"},
        {"Lead source": "Partner", "Leads": 2, "Counts as": "Neither"},
        {"Lead source": "Cold call", "Leads": 1, "Counts as": "Sales"},
    ]
    assert "Without a lead source: 1 lead" in texts(page)


def test_an_unassigned_lead_source_is_given_to_a_side() -> None:
    """Partner goes to sales; Blog, which the files don't have, stays marketing's."""
    page = part(opened(data=leads()), "What sales promises")
    page = edit(page, "lead_sources", edited_rows={"1": {"Counts as": "Sales"}})
    assert "Not used yet. Changed: Whose demand." in texts(page)
    page.button(key="agree.use").click().run()
    assert in_use(page).sourcing.sales == ("Cold call", "Partner")
    assert in_use(page).sourcing.marketing == ("Webinar", "Blog")


def test_what_is_on_neither_list_can_be_counted_as_a_sides() -> None:
    page = put(part(opened(), "What sales promises"), "sales_promise.otherwise", "sales", "selectbox")
    page.button(key="agree.use").click().run()
    assert in_use(page).sourcing.otherwise == "sales"


def test_owners_are_chosen() -> None:
    page = put(opened(), "owners.deal_size", "sales", "selectbox")
    page.button(key="agree.use").click().run()
    assert in_use(page).owners.deal_size == "sales"


def test_quarter_and_calendar_are_chosen() -> None:
    page = put(put(opened(), "quarter", "2026-Q4", "selectbox"), "fiscal_year_start_month", 2, "selectbox")
    assert "in Q4 FY2026 for" in texts(page)
    page.button(key="agree.use").click().run()
    assert (in_use(page).quarter, in_use(page).fiscal_year_start_month) == ("2026-Q4", 2)


def test_a_year_of_weeks_is_chosen_and_its_days_are_said() -> None:
    page = put(opened(), "calendar.weeks", "4-4-5", "selectbox")
    page = put(page, "calendar.month", 9, "selectbox")
    assert not [box for box in page.selectbox if box.label == "Fiscal year starts in"]
    assert any("29 Mar – 27 Jun 2026, 13 weeks" in option for option in page.selectbox(key="agree.quarter").options)
    page.button(key="agree.use").click().run()
    assert in_use(page).calendar == Weeks(weeks="4-4-5", month=9, weekday="Saturday", year_ends="last")
    page = put(page, "calendar.weeks", None, "selectbox")
    page.button(key="agree.use").click().run()
    assert in_use(page).calendar is None


def owed_in(page: AppTest, side: str = "marketing") -> dict[str, float | None]:
    """What a side owes in each segment."""
    key = f"agree.{side}.owed_in."
    return {each.key.removeprefix(key): each.value for each in page.number_input if each.key.startswith(key)}


def by_channel(page: AppTest) -> dict[str, tuple[float | None, float | None]]:
    """The SQLs that each channel owes, and the accounts to work for them."""
    names = [each.key.removeprefix("agree.channel.sqls.") for each in page.number_input if "channel.sqls" in each.key]
    fields = {
        name: [page.number_input(key=f"agree.channel.{what}.{name}").value for what in ("sqls", "accounts")]
        for name in names
    }
    return {name: (sqls, accounts) for name, (sqls, accounts) in fields.items()}


def test_a_plan_per_segment_is_edited_in_its_table() -> None:
    segments = {"field": "region", "marketing": {"EMEA": {"share": 0.5}, "APAC": {"share": 0.5}}}
    page = opened(agreed(segments=segments), leads())
    assert owed_in(page) == {"EMEA": 82, "APAC": 82}
    page = edit(page, "agree.segments.marketing", edited_rows={"0": {"share": 75.0}})
    assert "Plans per segment: marketing: EMEA 0.75 + APAC 0.5 = 1.25; shares must sum to 1" in texts(page)
    page = edit(
        page, "agree.segments.marketing", edited_rows={"0": {"share": 75.0}, "1": {"share": 25.0, "mql_to_sql": 50.0}}
    )
    assert owed_in(page) == {"EMEA": 123, "APAC": 62}
    page.button(key="agree.use").click().run()
    assert in_use(page) == agreed(
        segments={"field": "region", "marketing": {"EMEA": {"share": 0.75}, "APAC": {"share": 0.25, "mql_to_sql": 0.5}}}
    )


def test_choosing_no_segment_drops_the_plans() -> None:
    page = opened(agreed(segments={"field": "region", "marketing": {"EMEA": {"share": 1}}}), leads())
    page = put(page, "segments.field", None, "selectbox")
    page.button(key="agree.use").click().run()
    assert in_use(page) == agreed()


def upload(page: AppTest, content: bytes) -> AppTest:
    page.file_uploader(key="agree.file").set_value(("agreement.toml", content, "application/toml"))
    return page.run()


def test_an_uploaded_agreement_fills_the_form_and_is_not_in_use_yet() -> None:
    """Also what the form does not show comes with it."""
    theirs = agreed(
        company="Southwind", marketing=PLAN | {"close_rate": 0.9}, mql={"lead_types": ["Demo request"]}, follow_up={}
    )
    page = upload(opened(), theirs.to_toml().encode())
    assert owed(page)["mqls"] == 82
    assert page.text_input(key="agree.company").value == "Southwind"
    assert in_use(page) == agreed()
    page.button(key="agree.use").click().run()
    assert in_use(page) == theirs


def test_a_bad_file_is_refused_with_all_its_faults_and_the_form_stays() -> None:
    bad = (
        agreed().to_toml().replace("0.45", "45").replace("marketing = 0.5", "marketing = 0.7").replace("Northwind", "")
    )
    page = upload(put(opened(), "marketing.mql_to_sql", 57.0), bad.encode())
    for fault in (
        "company: is empty",
        "split: marketing 0.7 + sales 0.5 = 1.2; shares must sum to 1",
        "marketing.close_rate: 45 must be at most 1; write 45% as 0.45",
        "sales.close_rate: 45 must be at most 1; write 45% as 0.45",
    ):
        assert fault in texts(page)
    assert owed(page)["mqls"] == 216


def test_a_file_of_another_kind_is_refused_in_words() -> None:
    page = upload(opened(), b"\xff\xfe\x00binary")
    assert "the file is not UTF-8 text" in texts(page)
    assert owed(page)["mqls"] == 164


def test_names_in_an_agreement_are_text_not_markup() -> None:
    """A company's name must not make the viewer's browser fetch anything."""
    page = opened(agreed(company="![x](http://evil.example/x.png)"))
    shown = [
        *(element.value for element in (*page.title, *page.markdown, *page.caption)),
        *(element.label for element in page.expander),
    ]
    assert not any("![x](" in text for text in shown)


def test_a_changed_workspace_refills_the_form() -> None:
    page = put(opened(), "marketing.mql_to_sql", 57.0)
    page.session_state["workspace"] = Workspace(agreed(revenue_target=3_321_000), Data({}), ())
    assert owed(page.run())["mqls"] == 328


def test_sales_is_split_by_channel_and_the_accounts_to_work_follow() -> None:
    """123 SQLs: 74 by SDR outbound and 49 by the field; 74 at 4% of accounts take 1,850."""
    page = put(opened(), "channels.split", True, "toggle")
    assert by_channel(page) == {"SDR outbound": (74, None), "Field": (49, None)}
    page = edit(page, "agree.channels", edited_rows={"0": {"accounts_to_sql": 4.0}})
    assert by_channel(page)["SDR outbound"] == (74, 1_850)
    page = edit(page, "agree.channels", edited_rows={"0": {"share": 70.0}})
    assert "Channels of sales: SDR outbound 0.7 + Field 0.4 = 1.1; shares must sum to 1" in texts(page)
    page = edit(page, "agree.channels", edited_rows={"0": {"accounts_to_sql": 4.0}})
    page.button(key="agree.use").click().run()
    assert in_use(page).sales_channels["SDR outbound"].accounts_to_sql == 0.04
    page = put(page, "channels.split", False, "toggle")
    page.button(key="agree.use").click().run()
    assert in_use(page).sales_channels == {}


def test_a_typed_figure_is_met_by_the_one_beside_it() -> None:
    """123 SQLs from 150 MQLs: 82% must become SQLs."""
    page = put(opened(), "marketing.owed.mqls", 150.0)
    assert page.number_input(key="agree.marketing.mql_to_sql").value == 82.0
    assert owed(page)["mqls"] == 150
    page.button(key="agree.use").click().run()
    assert in_use(page).marketing.mql_to_sql == 0.82


def test_a_typed_figure_is_met_by_what_was_chosen_to_give_way() -> None:
    """200 MQLs bring 33.75 wins of 30,000: twice that is the target."""
    page = put(opened(), "marketing.gives_way", "revenue_target", "selectbox")
    page = put(page, "marketing.owed.mqls", 200.0)
    assert page.number_input(key="agree.revenue_target").value == 2_025_000
    assert owed(page)["sales sqls"] == 150


def test_what_cannot_be_met_is_said_and_changes_nothing() -> None:
    page = put(opened(), "marketing.owed.mqls", 100.0)
    assert "100 MQLs would need an MQL → SQL conversion of 123%. Even 100% takes 123 MQLs" in texts(page)
    assert owed(page)["mqls"] == 164
    page = put(page, "marketing.mql_to_sql", 80.0)
    assert "would need" not in texts(page)


def test_a_sides_revenue_can_be_typed_and_the_split_or_the_target_gives_way() -> None:
    """60% of 1,660,500 is 996,300; where the target gives way, half of 1,800,000 is 900,000."""
    page = put(opened(), "marketing.owed.revenue", 996_300.0)
    assert page.number_input(key="agree.split").value == 60.0
    page = put(opened(), "marketing.gives_way", "revenue_target", "selectbox")
    page = put(page, "marketing.owed.revenue", 900_000.0)
    assert page.number_input(key="agree.revenue_target").value == 1_800_000


def test_what_sales_owes_is_a_whole_number_of_sqls() -> None:
    """730,250 ÷ 30,000 ÷ 45% ÷ 50% = 108.2 SQLs: 109 are owed, in the field as in the sentence."""
    page = put(opened(), "revenue_target", 1_460_500.0)
    assert owed(page)["sales sqls"] == 109
    assert "Sales owes 109 SQLs" in texts(page)
