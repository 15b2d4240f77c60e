"""Figures of segments, channels and the pipeline on the page Agree: each can be typed, and what gives way is said."""

from streamlit.testing.v1 import AppTest

from tests.pages.test_agree import agreed, by_channel, edit, in_use, leads, opened, owed, owed_in, put, texts

REGIONS = {
    "field": "region",
    "marketing": {"EMEA": {"share": 0.5, "mql_to_sql": 0.6}, "APAC": {"share": 0.3}, "Americas": {"share": 0.2}},
    "sales": {"EMEA": {"share": 0.4}, "APAC": {"share": 0.6}},
}
CHANNELS = {"SDR outbound": {"share": 0.6, "accounts_to_sql": 0.04}, "Field": {"share": 0.4}}


def used(page: AppTest) -> AppTest:
    page.button(key="agree.use").click().run()
    assert not page.exception
    return page


def test_a_segments_mqls_are_typed_and_the_shares_give_way() -> None:
    """82 of the 205 MQLs that EMEA alone would owe are 40%; the others keep three to two."""
    page = opened(agreed(segments=REGIONS), leads())
    assert owed_in(page) == {"EMEA": 103, "APAC": 49, "Americas": 33}
    page = put(page, "marketing.owed_in.EMEA", 82.0)
    assert owed_in(page)["EMEA"] == 82
    assert "What gave way: share of EMEA 50% → 40%; share of APAC 30% → 36%; share of Americas 20% → 24%." in texts(
        page
    )
    plans = in_use(used(page)).segments.marketing
    assert {name: part.share for name, part in plans.items()} == {"EMEA": 0.4, "APAC": 0.36, "Americas": 0.24}
    assert plans["EMEA"].mql_to_sql == 0.6


def test_or_the_segments_own_rate_gives_way() -> None:
    """61.5 SQLs from 82 MQLs: 75%."""
    page = put(opened(agreed(segments=REGIONS), leads()), "segments.marketing.gives_way", "mql_to_sql", "selectbox")
    page = put(page, "marketing.owed_in.EMEA", 82.0)
    assert "What gave way: MQL → SQL in EMEA 60% → 75%." in texts(page)
    assert in_use(used(page)).segments.marketing["EMEA"].mql_to_sql == 0.75


def test_sales_sqls_are_typed_in_a_segment_too() -> None:
    page = put(opened(agreed(segments=REGIONS), leads()), "sales.owed_in.EMEA", 61.5)
    assert {name: part.share for name, part in in_use(used(page)).segments.sales.items()} == {"EMEA": 0.5, "APAC": 0.5}


def test_what_a_segment_cannot_owe_is_said_until_something_else_changes() -> None:
    page = put(opened(agreed(segments=REGIONS), leads()), "marketing.owed_in.EMEA", 300.0)
    assert "300 MQLs in EMEA would take 146% of marketing's revenue" in texts(page)
    assert owed_in(page)["EMEA"] == 103
    page = edit(page, "agree.segments.marketing", edited_rows={"0": {"mql_to_sql": 50.0}})
    assert "would take 146%" not in texts(page)


def test_where_the_plan_cannot_be_agreed_nothing_can_be_typed() -> None:
    page = edit(opened(agreed(segments=REGIONS), leads()), "agree.segments.marketing", edited_rows={"0": {"share": 90.0}})  # fmt: skip
    assert owed_in(page) == {"EMEA": None, "APAC": None, "Americas": None}
    assert page.number_input(key="agree.marketing.owed_in.EMEA").disabled


def test_of_many_segments_one_is_chosen_to_be_typed() -> None:
    many = {"field": "region", "marketing": {f"R{place}": {"share": 0.05} for place in range(20)}}
    page = opened(agreed(segments=many), leads())
    assert list(owed_in(page)) == ["R0"]
    page = put(page, "segments.marketing.typed", "R7", "selectbox")
    page = put(page, "marketing.owed_in.R7", 82.0)
    assert "share of R7 5% → 50%" in texts(page)
    assert in_use(used(page)).segments.marketing["R7"].share == 0.5


def test_a_channels_sqls_and_accounts_are_typed() -> None:
    """60 of 123 SQLs, the field the other 63; 60 from 1,000 accounts are 6%; the field's from 630 are 10%, agreed now."""
    page = opened(agreed(sales_channels=CHANNELS))
    assert by_channel(page) == {"SDR outbound": (74, 1_850), "Field": (49, None)}
    page = put(page, "channel.sqls.SDR outbound", 60.0)
    assert by_channel(page) == {"SDR outbound": (60, 1_500), "Field": (63, None)}
    assert "What gave way: share of SDR outbound 60% → 48.8%; share of Field 40% → 51.2%." in texts(page)
    page = put(page, "channel.accounts.SDR outbound", 1_000.0)
    assert "What gave way: accounts worked → SQL of SDR outbound 4% → 6%." in texts(page)
    page = used(put(page, "channel.accounts.Field", 630.0))
    assert {name: part.accounts_to_sql for name, part in in_use(page).sales_channels.items()} == {"SDR outbound": 0.06, "Field": 0.1}  # fmt: skip
    assert owed(page)["sales sqls"] == 123


def test_what_a_channel_cannot_owe_is_said() -> None:
    page = put(opened(agreed(sales_channels=CHANNELS)), "channel.sqls.Field", 200.0)
    assert "200 SQLs from Field would be more than all: sales owes 123 SQLs." in texts(page)
    page = put(page, "channel.accounts.SDR outbound", 10.0)
    assert "SDR outbound owes 74 SQLs: even if every account became one" in texts(page)
    assert by_channel(page)["SDR outbound"] == (74, 1_850)


def test_a_sides_pipeline_is_typed_and_its_close_rate_gives_way() -> None:
    """830,250 of 2,075,625 are 40%: 123 SQLs become 138.4, and 164 MQLs 185."""
    page = opened()
    assert page.number_input(key="agree.marketing.pipeline").value == 1_845_000
    page = put(page, "marketing.pipeline", 2_075_625.0)
    assert page.number_input(key="agree.marketing.close_rate").value == 40.0
    assert page.number_input(key="agree.marketing.coverage").value == 2.5
    assert owed(page)["mqls"] == 185
    assert "What gave way: marketing-sourced close rate 45% → 40%." in texts(page)


def test_or_the_target_gives_way_and_coverage_always_changes_the_close_rate() -> None:
    page = put(opened(), "pipeline.gives_way", "revenue_target", "selectbox")
    page = put(page, "sales.pipeline", 2_000_000.0)
    assert page.number_input(key="agree.revenue_target").value == 1_800_000
    page = put(page, "sales.coverage", 2.5)
    assert page.number_input(key="agree.sales.close_rate").value == 40.0
    assert "What gave way: sales-sourced close rate 45% → 40%." in texts(page)


def test_an_impossible_pipeline_is_said() -> None:
    page = put(opened(), "marketing.pipeline", 700_000.0)
    assert "A pipeline of 700,000 would need a close rate of 119%. Even 100% takes 830,250" in texts(page)
    assert page.number_input(key="agree.marketing.pipeline").value == 1_845_000


def test_what_gave_way_in_the_chain_is_said_too() -> None:
    page = put(opened(), "marketing.owed.mqls", 150.0)
    assert "What gave way: marketing-sourced MQL → SQL 75% → 82%." in texts(page)
    page = put(page, "sales.deal_size", 31_000.0)
    assert "What gave way" not in texts(page)
