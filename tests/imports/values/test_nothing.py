"""Words and white space that stand for nothing."""

import sys

import pyarrow as pa

from alignment_core.imports.values.nothing import EMPTY, SPACE, blank


def column(*texts):
    return pa.chunked_array([pa.array(texts, pa.string())])


def test_words_for_nothing_are_blank_and_their_likes_are_not():
    assert blank(column(*EMPTY, None, " N/A ", "\u00a0", "\u200b", "\t-\n")).to_pylist() == [True] * (len(EMPTY) + 5)
    assert not any(
        blank(
            column("0", "x", "nothing", "000000000000001AAA", "- 5", "Selected", "#REF!", "."),
        ).to_pylist()
    )


def test_a_word_for_nothing_is_one_only_alone_and_in_its_own_spelling():
    assert blank(column("NA", "None", "Select one")).to_pylist() == [True] * 3
    assert blank(column("na", "NA Region", "SELECT", "none of them", "N / A", "−")).to_pylist() == [False] * 6


def test_what_is_repeated_in_a_dictionary_is_blank_where_its_text_is():
    texts = pa.chunked_array([["Spain", "--None--", None, "Spain", "--None--"]]).dictionary_encode()
    assert blank(texts).to_pylist() == [False, True, True, False, True]


def test_a_column_without_rows_has_no_blanks():
    assert len(blank(column())) == 0


def test_all_white_space_that_unicode_has_is_trimmed():
    """But four separators of old terminals, which Python alone takes for white space."""
    white = {chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()}
    assert white - set(SPACE) == set("\x1c\x1d\x1e\x1f")
    assert set(SPACE) - white == set("\u200b\u200e\u200f\u2060\ufeff")  # marks without width


def test_words_are_listed_once_and_as_they_are_after_trimming():
    assert len(set(EMPTY)) == len(EMPTY)
    assert [word for word in EMPTY if word != word.strip(SPACE)] == []
