"""Published figures: each with its source and its weakness, none invented."""

import re
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
        assert each.publisher in each.sentence
        assert str(each.year) in each.sentence
        assert each.method in each.sentence
    assert [each.year for each in found] == sorted((each.year for each in found), reverse=True)
    assert "Weak" in CAUTION


def test_only_the_drivers_own_are_given() -> None:
    assert {each.driver for each in benchmarks("close_rate")} == {"close_rate"}
    assert benchmarks("sql_to_win") == ()


def test_the_sentence_has_figure_source_and_weakness() -> None:
    assert Benchmark(**ONE).sentence == "Close rate 20–25% (A 2022: what it counts; none stated)."
    small = Benchmark(**ONE | {"low": 0.005, "high": 0.005})
    assert re.match(r"Close rate 0\.5% \(", small.sentence)


@pytest.mark.parametrize(
    "wrong", [{"low": 0.3}, {"driver": "deal_size"}, {"url": "somewhere"}, {"year": "2022?"}, {"publisher": ""}, {"low": 20}, {"note": "x"}]
)  # fmt: skip
def test_an_entry_without_its_source_cannot_be(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        Benchmark(**ONE | wrong)
