"""Words of a closed set, each distinct one looked at once."""

import pyarrow as pa

from alignment_core.imports.values.words import parse_words

SIZES = {"small": 1, "large": 3}


def parsed(texts, asked=None):
    def read(text):
        if asked is not None:
            asked.append(text)
        return SIZES.get(text)

    return parse_words(texts, read, pa.int8())


def test_a_known_word_has_its_value_and_another_failed_unless_it_stands_for_nothing():
    found = parsed(pa.chunked_array([["small", "huge", None, "N/A"], ["large", " "]]))
    assert found.values.type == pa.int8()
    assert found.values.to_pylist() == [1, None, None, None, 3, None]
    assert found.failed.to_pylist() == [False, True, False, False, False, False]


def test_a_word_is_looked_at_once_however_often_it_stands():
    asked = []
    found = parsed(pa.chunked_array([["small"] * 1_000, ["large", "small"] * 500]), asked)
    assert sorted(asked) == ["large", "small"]
    assert found.values.to_pylist().count(1) == 1_500


def test_a_word_of_a_dictionary_that_no_row_has_is_not_looked_at():
    """After rows were left out it may stand in the dictionary still."""
    asked = []
    words = pa.DictionaryArray.from_arrays(pa.array([1, None, 1], pa.int32()), pa.array(["huge", "large"]))
    found = parsed(pa.chunked_array([words]), asked)
    assert asked == ["large"]
    assert found.values.to_pylist() == [3, None, 3]
    assert found.failed.to_pylist() == [False] * 3


def test_false_is_a_value_and_no_failure():
    found = parse_words(pa.chunked_array([["no", "maybe"]]), {"no": False}.get, pa.bool_())
    assert (found.values.to_pylist(), found.failed.to_pylist()) == ([False, None], [False, True])
