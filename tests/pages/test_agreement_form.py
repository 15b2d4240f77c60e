"""The form says what the agreement says: percent on the screen, 0-1 in the agreement, nothing lost between."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.quarters import Quarter
from ui.agreement_form import (
    SIDES,
    ZONES,
    changed,
    channel_frame,
    fields,
    months,
    read_channels,
    read_form,
    segment_frame,
)

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
        "mql": {"regions": ["EMEA"]},
        "follow_up": {"attempts": 5},
    }
    return Agreement.checked(values | changes)


def filled(base: Agreement, **changes: Any) -> Agreement:
    """What the form says after some of its fields were changed (`__` for a dot)."""
    shown = fields(base) | {name.replace("__", "."): value for name, value in changes.items()}
    return read_form(shown, base, {side: segment_frame(base, side) for side in SIDES})


@pytest.mark.parametrize("percent", range(1, 101))
def test_every_whole_percent_is_its_hundredth_exactly(percent: int) -> None:
    """No floating dust: 57 is 0.57, and 0.57 is shown as 57."""
    rate = filled(agreed(), marketing__close_rate=float(percent)).marketing.close_rate
    assert str(rate) == str(float(f"{percent / 100:.2f}"))
    assert fields(agreed(marketing=PLAN | {"close_rate": rate}))["marketing.close_rate"] == percent


rates = st.floats(1e-6, 1)
EXACT = 1 / 3


@given(rates, rates, st.integers(0, 10**6))
def test_a_form_nobody_touched_says_what_was_agreed_to_the_last_digit(one: float, other: float, share: int) -> None:
    split = {"marketing": share / 10**6, "sales": round(1 - share / 10**6, 6)}
    segments = {
        "field": "region",
        "marketing": {"A": {"share": EXACT, "close_rate": one}, "B": {"share": 1 - EXACT, "deal_size": 5}},
    }
    base = agreed(
        split=split,
        marketing=PLAN | {"close_rate": one, "mql_to_sql": other},
        sales=SALES | {"close_rate": other},
        segments=segments,
    )
    assert filled(base) == base


@given(st.floats(0, 100))
def test_no_position_of_the_slider_breaks_the_split(shown: float) -> None:
    split = filled(agreed(), split=shown).split
    assert split.marketing + split.sales == pytest.approx(1, abs=1e-9)
    assert split.marketing == pytest.approx(shown / 100, abs=1e-6)


def test_what_the_form_does_not_show_is_kept() -> None:
    agreement = filled(agreed(), company="Southwind")
    assert (agreement.company, agreement.mql.model_extra, agreement.follow_up.as_written()) == (
        "Southwind",
        {"regions": ["EMEA"]},
        {"attempts": 5},
    )


def test_every_fault_is_said_at_once_in_the_forms_words() -> None:
    with pytest.raises(AgreementError) as refused:
        filled(
            agreed(), currency="US", revenue_target=0.0, marketing__close_rate=0.0, sales__deal_size=None, company=""
        )
    assert refused.value.faults == (
        "Company: is empty",
        "Currency: 'US' is not a currency code of three capital letters such as USD",
        "Revenue target: 0 must be at least 1",
        "Marketing-sourced close rate: 0 must be more than 0",
        "Sales-sourced deal size: is missing",
    )


def test_a_side_without_a_plan_is_blank_and_stays_away_while_it_has_no_share() -> None:
    base = agreed(split={"marketing": 0, "sales": 1}, marketing=None)
    assert fields(base)["marketing.close_rate"] is None
    assert filled(base) == base
    with pytest.raises(AgreementError) as refused:
        filled(base, split=50.0)
    assert refused.value.faults == (
        "Marketing-sourced: is missing, yet its share of the split is 0.5; give its rates and deal size",
    )


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, columns=["segment", "share", "close_rate", "sql_to_opportunity", "mql_to_sql", "deal_size"]
    )


def with_segments(marketing: pd.DataFrame) -> Agreement:
    base = agreed()
    sales = segment_frame(base, "sales")
    return read_form(fields(base) | {"segments.field": "region"}, base, {"marketing": marketing, "sales": sales})


def test_a_table_of_segments_becomes_plans() -> None:
    """Empty rows are nothing; a blank rate is the side's own."""
    agreement = with_segments(
        table({"segment": "EMEA", "share": 57.0, "mql_to_sql": 60.0}, {"segment": " APAC ", "share": 43.0}, {})
    )
    assert agreement.segments is not None
    plans = agreement.segments.marketing
    assert {name: plan.model_dump(exclude_none=True) for name, plan in plans.items()} == {
        "EMEA": {"share": 0.57, "mql_to_sql": 0.6},
        "APAC": {"share": 0.43},
    }


def test_faults_of_the_segments_are_said_together() -> None:
    with pytest.raises(AgreementError) as refused:
        with_segments(table({"segment": "EMEA", "share": 50.0}, {"segment": "EMEA", "share": 40.0}, {"share": 10.0}))
    assert refused.value.faults == (
        "Plans per segment marketing: EMEA is there twice",
        "Plans per segment marketing: a row has no name",
        "Plans per segment: marketing: EMEA 0.5 = 0.5; shares must sum to 1",
    )


def test_changes_are_named_by_their_fields() -> None:
    base = agreed()
    other = filled(
        base,
        revenue_target=2e6,
        split=40.0,
        marketing__mql_to_sql=57.0,
        owners__deal_size="sales",
    )
    assert changed(other, base) == (
        "Revenue target",
        "Split",
        "Marketing-sourced MQL → SQL",
        "Owner deal size",
    )
    assert changed(base, base) == ()


@pytest.mark.parametrize(
    ("quarter", "start", "said"), [("2026-Q3", 1, "Jul–Sep 2026"), ("2023-Q1", 11, "Nov 2022–Jan 2023")]
)
def test_a_quarters_months(quarter: str, start: int, said: str) -> None:
    assert months(Quarter.parse(quarter, start)) == said


def test_every_time_zone_on_offer_is_one() -> None:
    for zone in (ZONES[0], "Asia/Kolkata", "America/New_York"):
        assert zone in ZONES
        assert agreed(timezone=zone).timezone == zone


def test_a_table_of_channels_loses_nothing() -> None:
    """Three thirds sum to 1, and what is seldom worked keeps its rate, though neither is a percent of few digits."""
    thirds = {name: {"share": 1 / 3, "accounts_to_sql": 1 / 7} for name in ("SDR", "Field", "Partner")}
    base = agreed(sales_channels=thirds)
    read, faults = read_channels(channel_frame(base), base.sales_channels)
    assert (read, faults) == (thirds, [])
    frame = channel_frame(base)
    frame.loc[0, "accounts_to_sql"] = 5.0
    assert read_channels(frame, base.sales_channels)[0]["SDR"] == {"share": 1 / 3, "accounts_to_sql": 0.05}
