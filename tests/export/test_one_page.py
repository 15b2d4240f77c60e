"""What fits on the agreement's one page: lines are shared, whoever needs little gets it, and nothing is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.export.agreement_terms import Section, Segment
from alignment_core.export.one_page import FRONT_SEGMENTS, fitted, lines_of, shortened

#: A column of 100 points in type of 10: a capital is 7.3 points wide, a small letter 5.7, a space 2.8.
COLUMN = {"width": 100.0, "size": 10.0}
PAGE = {"width": 400.0, "size": 10.0}
WORDS = st.lists(st.text("abcMW ,.é漢", min_size=1, max_size=30), max_size=12).map(" ".join)


def section(heading, lines):
    """A term of so many lines of a page: 54 capitals are 394.2 points, and two words of them no longer fit on one."""
    return Section(heading, (" ".join(["A" * 54] * lines),))


def segment(name, revenue="1,000"):
    return Segment("marketing", name, "5%", revenue, "100", "50%", "40%", "50%", "5 MQLs")


def fit(sections, segments=(), lines=10):
    return fitted(sections, segments, lines=lines, **PAGE)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1),
        ("A" * 13, 1),
        ("A" * 14, 2),
        ("AAAAAA AAAAAA", 1),  # 43.8 + 2.8 + 43.8 points
        ("AAAAAA AAAAAAA", 1),  # 43.8 + 2.8 + 51.1
        ("AAAAAAA AAAAAAA", 2),  # 51.1 + 2.8 + 51.1
        ("A" * 30, 3),  # a word of 219 points is broken
        ("e\u0301" * 17, 1),  # an accent takes no room
        ("漢" * 10, 2),  # 10.5 points each
    ],
)
def test_lines_are_counted_in_points(text, lines):
    assert lines_of(text, **COLUMN) == lines


@given(WORDS, st.integers(1, 4))
def test_twice_the_room_never_takes_more_lines(text, times):
    assert lines_of(text, 100 * (times + 1), 10) <= lines_of(text, 100 * times, 10)


@given(WORDS, st.integers(1, 5))
def test_what_is_shortened_fits_and_begins_as_it_did(text, lines):
    short = shortened(text, lines, **COLUMN)
    assert lines_of(short, **COLUMN) <= lines
    if short != text:
        assert short.endswith("…")
        assert text.startswith(short.removesuffix("…"))
        assert lines_of(text, **COLUMN) > lines


def test_a_text_is_cut_after_a_word():
    """The four words take 115 points, their end 10, and the next one 17 more."""
    assert shortened("seven small words are on this line, and more", 1, 130.0, 10.0) == "seven small words are…"


def test_short_terms_stand_whole_and_long_ones_share_what_is_left():
    """Of 10 lines 2 go to the short term; 8 are left for two that need 9 and 5: 4 each."""
    front = fit([section("Long", 9), section("Short", 2), section("Middle", 5)])
    assert [each.heading for each in front.sections] == ["Long", "Short", "Middle"]
    used = [lines_of(" ".join(each.sentences), **PAGE) for each in front.sections]
    assert used[1] == 2
    assert max(used[0], used[2]) <= 4
    assert sum(used) <= 10
    assert [each.heading for each in front.annex_sections] == ["Long", "Middle"]
    assert front.annex_sections[0] == section("Long", 9)
    for place in (0, 2):
        assert front.sections[place].sentences[0].endswith("… The rest of it is in the annex.")


def test_what_fits_needs_no_annex():
    front = fit([section("One", 4), section("Two", 6)])
    assert (front.sections, front.has_annex) == ((section("One", 4), section("Two", 6)), False)


def test_segments_take_lines_from_the_terms_and_a_wide_amount_takes_two():
    """Two segments with the table's head take 5 of 10 lines, and a term of 5 still fits; a wide amount takes one more."""
    term = [section("Term", 5)]
    assert not fit(term, [segment("A"), segment("B")]).has_annex
    assert fit(term, [segment("A"), segment("B", "1,234,567,890.12")]).annex_sections == tuple(term)


def test_of_many_segments_the_first_are_on_the_page_and_all_in_the_annex():
    many = [segment(str(place)) for place in range(FRONT_SEGMENTS + 1)]
    front = fit([], many, lines=30)
    assert front.segments == tuple(many[:FRONT_SEGMENTS])
    assert front.annex_segments == tuple(many)
    assert fit([], many[:-1], lines=30).annex_segments == ()


@settings(max_examples=40)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(8, 40))
def test_no_more_lines_are_used_than_there_are_and_no_term_is_left_out(needs, lines):
    front = fit([section(str(place), need) for place, need in enumerate(needs)], lines=lines)
    assert [each.heading for each in front.sections] == [str(place) for place in range(len(needs))]
    used = sum(lines_of(" ".join(each.sentences), **PAGE) for each in front.sections)
    assert used <= max(lines, len(needs))
    assert front.has_annex == (sum(needs) > lines)
