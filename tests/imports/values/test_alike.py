"""Texts grouped by how they are written, and the numbers that come out of a group at once."""

import re
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.values.alike import EDGE, LONGEST, alike, failures, flat, letters_of
from alignment_core.imports.values.nothing import SPACE


def groups(*texts):
    return {group.text: group for group in alike(pa.array(texts, pa.string()))}


def test_texts_that_differ_only_in_their_digits_are_one_group():
    found = groups("03/11/2024", "Q3", None, "12/31/2025", "Q4", "")
    assert {text: group.rows.tolist() for text, group in found.items()} == {
        "00/00/0000": [0, 3],
        "Q0": [1, 4],
        "": [5],
    }
    dates = found["00/00/0000"]
    assert [dates.number(*span).tolist() for span in ((0, 2), (3, 5), (6, 10))] == [[3, 12], [11, 31], [2024, 2025]]


def test_some_of_a_group_are_still_alike():
    dates = groups("03/11/2024", "12/31/2025", "07/01/2026")["00/00/0000"]
    late = dates.where(dates.number(6, 10) > 2024)
    assert late.rows.tolist() == [1, 2]
    assert late.number(0, 2).tolist() == [12, 7]


def test_letters_of_several_bytes_move_no_number():
    group = groups("fév. 07 – € 12", "fév. 19 – € 30")["fév. 00 – € 00"]
    assert group.number(5, 7).tolist() == [7, 19]
    assert group.number(12, 14).tolist() == [12, 30]


def test_digits_and_signs_of_full_width_are_the_usual_ones():
    found = groups("２０２６／０７／０１", "2026/09/30", "￥５")
    assert set(found) == {"0000/00/00", "¥0"}
    assert found["0000/00/00"].number(0, 4).tolist() == [2026, 2026]
    assert found["0000/00/00"].number(5, 7).tolist() == [7, 9]


def test_a_number_of_eighteen_digits_is_exact():
    assert groups("999999999999999999")["0" * 18].number(0, 18).tolist() == [10**18 - 1]


@pytest.mark.parametrize("texts", [[], ["7"], ["7", None]])
def test_a_text_that_is_too_long_to_be_a_value_is_in_no_group(texts):
    """Whether it is the only one or stands among others."""
    assert set(groups("9" * LONGEST, *texts)) >= {"0" * LONGEST}
    assert set(groups("9" * (LONGEST + 1), *texts)) == {"0" for text in texts if text}


def test_a_part_of_an_array_is_read_as_that_part():
    texts = pa.array(["1", "22", "33", None, "44"]).slice(2)
    (group,) = alike(texts)
    assert (group.rows.tolist(), group.number(0, 2).tolist()) == ([0, 2], [33, 44])
    raw, limits = letters_of(texts)
    assert [bytes(raw[first:last]) for first, last in pairwise(limits)] == [b"33", b"", b"44"]


@pytest.mark.parametrize("texts", [[], [None], [None, None]])
def test_where_nothing_stands_there_are_no_groups(texts):
    assert list(alike(pa.array(texts, pa.string()))) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.text("019a/é€ ９", max_size=12), max_size=12))
def test_each_text_is_in_one_group_with_the_numbers_that_python_finds_in_it(texts):
    seen = {}
    for group in alike(pa.array(texts, pa.string())):
        runs = [match.span() for match in re.finditer("0+", group.text)]
        numbers = [group.number(*span).tolist() for span in runs]
        for place, row in enumerate(group.rows.tolist()):
            assert row not in seen
            seen[row] = (group.text, [column[place] for column in numbers])
    usual = {row: text.replace("９", "9") for row, text in enumerate(texts) if text is not None}
    assert seen == {
        row: (re.sub("[0-9]", "0", text), [int(run) for run in re.findall("[0-9]+", text)])
        for row, text in usual.items()
    }


def test_a_repeated_text_is_looked_at_once_and_counted_as_often_as_it_stands():
    column = pa.chunked_array([["b", "a", "b"], [None, "b"]]).dictionary_encode()
    found = flat(column)
    assert dict(zip(found.texts.to_pylist(), found.counts.tolist(), strict=True)) == {"b": 3, "a": 1}
    lengths = {"b": 1, "a": 2}
    spread = found.spread(pa.array([lengths[text] for text in found.texts.to_pylist()]))
    assert spread.to_pylist() == [1, 2, 1, None, 1]


def test_a_text_of_a_dictionary_that_no_row_has_is_not_looked_at():
    words = pa.DictionaryArray.from_arrays(pa.array([2, 0], pa.int32()), pa.array(["a", "gone", "c"]))
    found = flat(pa.chunked_array([words]))
    assert found.texts.to_pylist() == ["a", None, "c"]
    assert found.counts.tolist() == [1, 0, 1]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_column_without_rows_is_one_of_texts(kind):
    assert flat(pa.chunked_array([], kind)).texts.to_pylist() == []


def test_plain_texts_count_one_by_one():
    found = flat(pa.chunked_array([["a"], ["a", None]]))
    assert found.texts.to_pylist() == ["a", "a", None]
    assert found.counts.tolist() == [1, 1, 1]


def test_what_was_not_read_failed_unless_it_stands_for_nothing():
    texts = pa.array(["5", "five", "", None, " N/A ", "-"])
    read = np.array([True, False, False, False, False, False])
    assert failures(texts, read).tolist() == [False, True, False, False, False, False]


def test_the_edge_of_a_text_is_whatever_is_trimmed():
    assert re.fullmatch(EDGE, SPACE)
