"""A driver over the quarters: the sample company's collapse is seen, in words, on the chart and on the page."""

from datetime import date

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.charts import Palette
from alignment_core.data import Data
from alignment_core.driver_history import driver_history
from alignment_core.history_charts import history_chart
from alignment_core.history_words import history_sentence
from alignment_core.imports import InputFile, read_files
from alignment_core.review import review
from alignment_core.verdict_words import open_records
from tests.support import SAMPLE, agreed, sample, summary


def of(driver, source="marketing", **options):
    data, agreement = sample()
    return driver_history(data, agreement, agreement.fiscal_quarter, source, driver, 0.6, **options)


def test_57_percent_quarter_after_quarter_then_39_is_seen():
    assert history_sentence(of("mql_to_sql")) == (
        "Marketing-sourced MQL → SQL ran 54% to 58% for seven quarters, then 39%: below the limits (46% to 67%), "
        "unlike the quarters before."
    )


def test_the_values_are_those_of_the_story():
    """MQL → SQL by quarter as sample_data/STORY.md has them, on period basis; limits by each quarter's MQLs."""
    found = of("mql_to_sql")
    assert np.round(found.chart.values * 100, 1).tolist() == [54.3, 57.2, 56.5, 56.8, 56.4, 56.8, 57.6, 39.3]
    assert found.records == (175, 180, 186, 190, 195, 199, 203, 196)
    assert found.chart.centre == pytest.approx(
        (95 + 103 + 105 + 108 + 110 + 113 + 117) / (175 + 180 + 186 + 190 + 195 + 199 + 203)
    )
    spread = np.sqrt(found.chart.centre * (1 - found.chart.centre) / 196)
    assert found.chart.low[-1] == pytest.approx(found.chart.centre - 3 * spread)


@pytest.mark.parametrize("driver", ["sql_to_opportunity", "close_rate"])
def test_what_ran_as_before_is_said_to(driver):
    assert "like the quarters before" in history_sentence(of(driver))
    assert of(driver).chart.at(-1) == ()


def test_deal_size_and_counts_stand_on_individual_values():
    size, volume = of("deal_size"), of("sql_volume", "sales")
    assert size.chart.values[-1] == pytest.approx(32_959, abs=1)
    assert volume.chart.values.tolist() == [119, 119, 124, 122, 123, 124, 123, 124]
    assert volume.chart.range_limit is not None


def test_too_few_quarters_are_said():
    data = summary(
        *({"quarter": f"2026-Q{each}", "source": "marketing", "mqls": 100, "sqls": 50, "opportunities": 20, "wins": 9, "revenue": 90_000} for each in (1, 2, 3))
    )  # fmt: skip
    agreement = agreed()
    found = driver_history(data, agreement, agreement.fiscal_quarter, "marketing", "mql_to_sql")
    assert found.chart is None
    assert history_sentence(found) == "The files have only 2 complete quarters before 2026-Q3; a control chart needs 4."
    assert history_chart(found, Palette()) is None


def review_of(quarter, basis="period", **options):
    data, agreement = sample()
    return data, agreement, review(data, agreement, agreement.fiscal_calendar.quarter(quarter), basis=basis, **options)


def history_of(data, agreement, result, driver, **options):
    bar = next(bar for bar in result.bars if (bar.source, bar.driver) == ("marketing", driver))
    given = {"basis": result.basis, "as_of": result.as_of, "is_unfinished": result.is_unfinished}
    given |= {"still_open": open_records(result, bar)} | options
    return bar, driver_history(data, agreement, result.quarter, "marketing", driver, bar.plan, **given)


def test_the_last_value_is_the_bars_up_to_the_day_that_is_asked_for():
    data, agreement, result = review_of("2026-Q3", as_of=date(2026, 8, 31))
    bar, found = history_of(data, agreement, result, "mql_volume")
    assert found.chart.values[-1] == bar.actual < 196


def test_nine_days_into_a_quarter_no_count_is_below_the_limits():
    bar, found = history_of(*review_of("2026-Q4"), "mql_volume")
    assert bar.undecided == "unfinished"
    assert history_sentence(found).endswith("it is 19 so far, and the quarter is not over.")
    assert found.chart.at(-1) == ()
    assert driver_history(*review_of("2026-Q4")[:2], found.quarters[-1], "marketing", "mql_volume").chart.at(-1) == (
        "beyond",
    )


def test_more_than_before_stays_so_while_the_quarter_runs():
    data = summary(
        *({"quarter": quarter, "source": "marketing", "mqls": mqls, "sqls": 50, "opportunities": 20, "wins": 9, "revenue": 90_000}
          for quarter, mqls in zip(("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"), (100, 101, 100, 102, 130), strict=True))
    )  # fmt: skip
    agreement = agreed()
    found = driver_history(
        data, agreement, agreement.fiscal_quarter, "marketing", "mql_volume", 100, is_unfinished=True
    )
    assert not found.is_running
    assert "above the limits" in history_sentence(found)


def test_a_rate_of_a_cohort_of_which_most_is_open_is_not_like_the_quarters_before():
    data, agreement, result = review_of("2026-Q3", "cohort")
    bar, found = history_of(data, agreement, result, "close_rate")
    assert (found.open, found.records[-1], bar.actual) == (22, 40, 9 / 40)
    assert history_sentence(found).endswith(
        "it is 22% so far, which is not decided yet: 22 of 40 opportunities are still open."
    )
    assert history_of(data, agreement, result, "close_rate", still_open=20)[1].open == 0, "half is not most"
    assert history_of(data, agreement, result, "mql_to_sql")[1].chart.at(-1) == ("beyond",), "18 of 196 are open"


def test_of_a_side_that_is_not_in_the_files_there_is_no_chart_of_zeros():
    imported = read_files([InputFile("hubspot_contacts.csv", SAMPLE / "hubspot_contacts.csv")])
    agreement = sample()[1]
    found = driver_history(Data(imported.tables), agreement, agreement.fiscal_quarter, "sales", "sql_volume", 123)
    assert found.chart is None
    assert history_sentence(found) == (
        "Nothing of sales-sourced demand is in the files, so there is nothing to hold against the quarters before."
    )


def page():
    from alignment_core.review import review
    from tests.support import sample
    from ui.review.history import history

    data, agreement = sample()
    result = review(data, agreement)
    history(data, agreement, result, result.bars[1])


def test_the_section_works_alone():
    test = AppTest.from_function(page, default_timeout=30).run()
    assert not test.exception
    assert "then 39%: below the limits" in " ".join(each.value for each in test.markdown)
    assert test.get("arrow_vega_lite_chart") or test.get("vega_lite_chart")
