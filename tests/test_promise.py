"""The agreement in a sentence."""

from typing import Any

import pytest

from alignment_core.agreement import Agreement
from alignment_core.promise import promise, share_of_target

PLAN = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}


def agreed(**changes: Any) -> Agreement:
    values = {
        "company": "Northwind",
        "quarter": "2026-Q3",
        "revenue_target": 1_660_500,
        "split": {"marketing": 0.5, "sales": 0.5},
        "marketing": {"mql_to_sql": 0.75, **PLAN},
        "sales": PLAN,
    }
    return Agreement.checked(values | changes)


def test_the_design_example() -> None:
    said = promise(agreed())
    assert said.title == "Marketing owes 164 MQLs in Q3 2026 for its half of USD 1.66M."
    assert said.detail == (
        "If every rate holds, 164 MQLs bring the 28 wins needed with probability 51%; for 80% it takes 189. Sales owes 123 SQLs for its half of the target."
    )


def test_a_target_that_is_all_marketings() -> None:
    said = promise(agreed(split={"marketing": 1, "sales": 0}, fiscal_year_start_month=2))
    assert said.title == "Marketing owes 328 MQLs in Q3 FY2026 for all of USD 1.66M."
    assert "Sales" not in said.detail


def test_a_target_that_is_all_sales() -> None:
    said = promise(agreed(split={"marketing": 0, "sales": 1}))
    assert (said.title, said.detail) == (
        "Sales owes 246 SQLs in Q3 2026 for all of USD 1.66M.",
        "Marketing owes nothing.",
    )


def test_where_the_promise_is_already_safe_no_more_is_asked() -> None:
    certain = {"mql_to_sql": 1, "sql_to_opportunity": 1, "close_rate": 1, "deal_size": 830_250}
    assert promise(agreed(marketing=certain)).detail.startswith(
        "If every rate holds, 1 MQL brings the 1 win needed with probability 100%. "
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.5, "half of"), (1, "all of"), (0.45, "45% of"), (0.57, "57% of"), (0.4837, "48.4% of"), (0, "0% of")],
)
def test_shares_as_they_are_spoken(share: float, words: str) -> None:
    assert share_of_target(share) == words
