"""A closed review's open records: kept as counts by day, from which the same draws are made again."""

import json

import numpy as np

from alignment_core.further import Step
from alignment_core.lags import Lags
from alignment_core.store.kept_timing import StoredTiming, stored, timing_again
from alignment_core.store.lossless import plain, restored
from alignment_core.timing import timing_of

#: Ten earlier SQLs, of which four were won after 0, 3, 3 and 5 days and the others lost; three of the quarter's wait.
EARLIER = Lags.counted([0, 3, 3, 5, 9, 9, 9, 9, 9, 9], [1, 1, 1, 1, -1, -1, -1, -1, -1, -1])
OWN = Lags.counted([2, 2, 7, 1], [0, 0, 0, 1])
TIMING = timing_of({"marketing": (Step("sqls", "wins", EARLIER, OWN),)}, {"marketing": np.array([100.5, 0.1 + 0.2])})


def through_text(kept):
    return restored(StoredTiming, json.loads(json.dumps(plain(kept))))


def test_lags_are_kept_by_day_as_converted_lost_and_open():
    (step,) = stored(TIMING).steps
    assert (step.source, step.before, step.after) == ("marketing", "sqls", "wins")
    assert step.earlier == (
        (1, 0, 0), (0, 0, 0), (0, 0, 0), (2, 0, 0), (0, 0, 0), (1, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 6, 0),
    )  # fmt: skip
    assert step.own == ((0, 0, 0), (1, 0, 0), (0, 0, 2), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 1))
    assert stored(TIMING).amounts == (("marketing", 100.5), ("marketing", 0.1 + 0.2))


def same(one, other):
    assert other.decided == one.decided
    assert other.further.keys() == one.further.keys()
    for source, draws in one.further.items():
        assert np.array_equal(other.further[source], draws, equal_nan=True)


def test_what_was_kept_gives_the_same_answer_to_the_last_draw():
    again = timing_again(through_text(stored(TIMING)))
    same(TIMING, again)
    assert again.decided["marketing"].open == {"sqls": 3}
    assert np.nanstd(again.further["marketing"][3]) > 0  # there is something to draw


def test_amounts_stay_with_the_source_that_they_are_of_and_none_is_none():
    sales = Step("sqls", "wins", EARLIER, OWN)
    both = timing_of(
        {"marketing": (sales,), "sales": (sales,)}, {"marketing": np.array([]), "sales": np.array([7.0, 8.0])}
    )
    again = timing_again(through_text(stored(both)))
    assert {source: list(amounts) for source, amounts in again.amounts.items()} == {"marketing": [], "sales": [7, 8]}
    assert timing_again(StoredTiming()).decided == {}
