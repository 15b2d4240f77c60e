"""Columns that stay text: trimmed, without words for nothing, and each distinct text looked at once."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.values.nothing import EMPTY, SPACE
from alignment_core.imports.values.texts import NOTHING, by_value, tidy


def column(*texts):
    return pa.chunked_array([pa.array(texts, pa.string())])


ENCODED = pytest.mark.parametrize("encode", [False, True])


@ENCODED
def test_what_stands_for_nothing_is_null_and_the_rest_is_trimmed(encode):
    texts = column(" Spain\t", "N/A", None, "\u200b", "--None--", "São Paulo", "\u00a0-\u00a0", "00012")
    found = tidy(texts.dictionary_encode() if encode else texts)
    assert found.to_pylist() == ["Spain", None, None, None, None, "São Paulo", None, "00012"]


@ENCODED
def test_na_is_north_america(encode):
    """As a region it must stay, though as a number or a date it is nothing."""
    texts = column("NA", "EMEA", " NA ")
    assert tidy(texts.dictionary_encode() if encode else texts).to_pylist() == ["NA", "EMEA", "NA"]
    assert set(EMPTY) - set(NOTHING) == {"NA"}


def test_the_empty_id_of_salesforce_is_nothing_among_ids_of_its_length():
    """Ids of letters and digits alone take the quick way."""
    ids = column("00Q000000000001AAA", "000000000000000AAA", "000000000000000", "00Q00000000000B")
    assert tidy(ids).to_pylist() == ["00Q000000000001AAA", None, None, "00Q00000000000B"]


def test_texts_that_are_one_after_trimming_are_one_in_the_dictionary():
    found = tidy(column("Spain", " Spain", "Spain ", "-").dictionary_encode())
    assert found.chunk(0).dictionary.to_pylist() == ["Spain"]
    assert found.to_pylist() == ["Spain", "Spain", "Spain", None]


@ENCODED
@pytest.mark.parametrize("texts", [[], [None, None]])
def test_where_there_are_no_texts_there_are_none_after_it(texts, encode):
    found = column(*texts)
    assert tidy(found.dictionary_encode() if encode else found).to_pylist() == texts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.builds("".join, st.lists(st.sampled_from([*EMPTY, *SPACE, "a", "é", "7"]), max_size=3)), max_size=8))  # fmt: skip
def test_a_column_is_tidied_alike_however_it_is_kept(texts):
    trimmed = [text if text is None else text.strip(SPACE) for text in texts]
    expected = [None if text in NOTHING else text for text in trimmed]
    assert tidy(column(*texts)).to_pylist() == expected
    assert tidy(column(*texts).dictionary_encode()).to_pylist() == expected


@ENCODED
def test_each_distinct_text_is_read_once_in_all_chunks(encode):
    asked = []

    def length(text):
        asked.append(text)
        return len(text)

    texts = pa.chunked_array([["aa", "b", "aa"], [None, "b", "ccc"]])
    found = by_value(texts.dictionary_encode() if encode else texts, length, pa.int64())
    assert found.to_pylist() == [2, 1, 2, None, 1, 3]
    assert sorted(asked) == ["aa", "b", "ccc"]
