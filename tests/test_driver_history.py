"""A driver over the quarters: the sample company's collapse is seen, in words, on the chart and on the page."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.charts import Palette
from alignment_core.driver_history import driver_history
from alignment_core.history_charts import history_chart
from alignment_core.history_words import history_sentence
from tests.support import agreed, sample, summary


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
