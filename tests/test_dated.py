"""Day by day and amount by amount, the same records are counted as in the funnel."""

from datetime import date

import pyarrow as pa
import pytest

from alignment_core.choices import Choices
from alignment_core.data import Data
from alignment_core.dated import daily_counts, won_amounts
from alignment_core.vocabulary import CHAIN
from tests.support import MONEY, agreed, records, summary


def rows() -> list[dict]:
    """Leads of both sides and of nobody, some with skipped stages, out of order, without an amount, or after the as-of date."""
    found = []
    for place in range(240):
        day = date.fromordinal(date(2025, 10, 3).toordinal() + place)
        lead = {
            "lead_id": str(place),
            "lead_source": ("Webinar", "Cold call", "Partner", None)[place % 4],
            "mql_at": str(day),
        }
        if place % 5 < 3:
            lead["sql_at"] = str(date.fromordinal(day.toordinal() + place % 40))
        if place % 3 == 0:
            lead |= {
                "won_at": str(date.fromordinal(day.toordinal() + 30)),
                "amount": None if place % 9 == 0 else 1000 + place,
            }
        found.append({"sql_at": None, "won_at": None, "amount": None} | lead)
    return found


CHOICES = [
    Choices(),
    Choices(skipped_stages="counted as passed"),
    Choices(out_of_order="left out"),
    Choices(wins_without_amount="left out"),
]


@pytest.mark.parametrize("choices", CHOICES, ids=lambda choices: str(dict(choices.changed)))
@pytest.mark.parametrize("stage", ["mqls", "sqls", "wins"])
def test_the_days_of_a_quarter_sum_to_its_count(stage: str, choices: Choices) -> None:
    data, agreement = records(*rows()).with_choices(choices), agreed()
    if stage == "wins" and choices.wins_without_amount == "left out":
        return  # which wins have an amount is asked of the amounts, below
    days, funnel = data.daily(agreement, stage), data.funnel(agreement)
    for source in ("marketing", "sales"):
        if stage not in CHAIN[source]:
            continue
        for quarter in funnel.quarters:
            own = days[(days["source"] == source) & (days["day"] >= quarter.start) & (days["day"] < quarter.end)]
            assert own["count"].sum() == getattr(funnel.counts(quarter, source)[None], stage)


@pytest.mark.parametrize("choices", CHOICES, ids=lambda choices: str(dict(choices.changed)))
def test_the_amounts_of_a_quarter_sum_to_its_revenue(choices: Choices) -> None:
    data, agreement = records(*rows()).with_choices(choices), agreed()
    won, funnel = data.won_amounts(agreement), data.funnel(agreement)
    assert len(won) > 10
    for source in ("marketing", "sales"):
        for quarter in funnel.quarters:
            own = won[(won["source"] == source) & (won["day"] >= quarter.start) & (won["day"] < quarter.end)]
            counts = funnel.counts(quarter, source)[None]
            assert own["amount"].sum() == pytest.approx(counts.revenue)
            assert len(own) == counts.wins


def test_a_summary_has_neither_days_nor_amounts() -> None:
    data = summary({"quarter": "2026-Q2", "source": "marketing", "mqls": 9, "wins": 1, "revenue": 5})
    assert data.daily(agreed(), "mqls").empty
    assert data.won_amounts(agreed()).empty


def test_what_comes_after_the_last_day_of_the_data_is_not_there() -> None:
    """A close date expected for next year is not a win, and its day is none."""
    deals = {
        "deal_id": pa.array(["a", "b"]),
        "lead_source": pa.array(["Webinar", "Webinar"]),
        "created_at": pa.array([date(2026, 7, 1), date(2026, 7, 2)]).cast(pa.timestamp("us")),
        "closed_at": pa.array([date(2026, 7, 9), date(2027, 7, 9)]).cast(pa.timestamp("us")),
        "is_won": pa.array([True, False]),
        "amount": pa.array([5, 7], MONEY),
    }
    data = Data({"deals": pa.table(deals)})
    assert data.won_amounts(agreed())["amount"].tolist() == [5.0]
    assert data.daily(agreed(), "wins")["day"].tolist() == [date(2026, 7, 9)]


def test_up_to_a_day_only_what_came_by_then_is_there() -> None:
    data, agreement = records(*rows()), agreed()
    asked = (data.engine, agreement.sourcing, agreement.fiscal_calendar)
    early = date(2026, 1, 15)
    days = daily_counts(*asked, "mqls", Choices(), early)
    assert days["day"].max() <= early
    assert days["count"].sum() == (data.daily(agreement, "mqls")["day"] <= early).sum()
    won = won_amounts(*asked, None, Choices(), "USD", early)
    assert 0 < len(won) < len(data.won_amounts(agreement))
    assert won["day"].max() <= early
