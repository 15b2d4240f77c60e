"""Published figures: each with its source and its weakness, none invented."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

import alignment_core.benchmarks as module
from alignment_core.benchmarks import CAUTION, Benchmark, benchmarks
from alignment_core.vocabulary import RATE_DRIVERS

ONE = {
    "driver": "close_rate", "low": 0.2, "high": 0.25, "publisher": "A", "title": "B", "year": 2022,
    "url": "https://example.com/a", "definition": "what it counts", "method": "none stated",
}  # fmt: skip


def test_every_entry_of_the_file_is_read_and_sourced() -> None:
    written = tomllib.loads(Path(module.__file__).with_name("benchmarks.toml").read_text(encoding="utf-8"))["benchmark"]
    found = benchmarks()
    assert len(found) == len(written) >= 1
    assert sorted(each.url for each in found) == sorted(each["url"] for each in written)
    for each in found:
        assert each.driver in RATE_DRIVERS
    assert [each.year for each in found] == sorted((each.year for each in found), reverse=True)
    assert "Weak" in CAUTION
    assert {each.driver: each.span for each in found}["mql_to_win"] == "0.5–1.6%"


def test_only_the_drivers_own_are_given() -> None:
    assert {each.driver for each in benchmarks("close_rate")} == {"close_rate"}
    assert benchmarks("sql_to_win") == ()


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.2, 0.25, "20–25%"), (0.005, 0.016, "0.5–1.6%"), (0.005, 0.005, "0.5%"), (0.07, 0.125, "7–12.5%"), (0.3, 1.0, "30–100%"), (0.29, 0.57, "29–57%")],
)  # fmt: skip
def test_the_figure_is_said_with_all_its_digits(low: float, high: float, said: str) -> None:
    assert Benchmark(**ONE | {"low": low, "high": high}).span == said


@pytest.mark.parametrize(
    "wrong", [{"low": 0.3}, {"driver": "deal_size"}, {"url": "somewhere"}, {"year": "2022?"}, {"publisher": ""}, {"low": 20}, {"note": "x"}]
)  # fmt: skip
def test_an_entry_without_its_source_cannot_be(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        Benchmark(**ONE | wrong)
