"""Text → fiscal quarters: a table of spellings, with the reasons for those that are none."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports.values.fiscal import parse_quarter, parse_quarter_number, parse_year, why_no_quarter
from alignment_core.quarters import Quarter


def column(*texts):
    return pa.chunked_array([pa.array(texts, pa.string())])


def read(*texts):
    """The values; where one fails it stands as `...`, and the reason is told exactly there."""
    parsed = parse_quarter(column(*texts))
    for text, failed in zip(texts, parsed.failed.to_pylist(), strict=True):
        assert (text is not None and why_no_quarter(text) is not None) == failed, text
    return [
        ... if failed else value
        for value, failed in zip(parsed.values.to_pylist(), parsed.failed.to_pylist(), strict=True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2026-Q3", "2026Q3", "2026 Q3", "2026 q3", "2026_Q3", "2026/Q3", "2026-3Q", "Q3 2026", "Q3-2026", "Q3/2026", "Q3, 2026", "Q3-26", "Q3 26", "Q3'26", "Q3 '26",
        "Q3 FY26", "Q3FY26", "Q3 FY2026", "Q3 FY 2026", "Q3 FY'26", "FY26 Q3", "FY26-Q3", "FY26Q3", "FY2026 Q3", "FY 2026 Q3", "FY2026 3", "FY26 3", "2026 3", "26Q3", "26-Q3",
        "3Q26", "3Q 2026", "3Q FY2026", "3Q'26", "FQ3 2026", "FQ3 FY26", "CQ3 2026", "CY2026Q3", "Q3 CY2026", "Fiscal Year 2026 Q3", "Fiscal 2026 Q3",
        "Third quarter 2026", "third quarter of 2026", "Third quarter FY26", "3rd quarter 2026", "3rd Qtr 2026", "Qtr 3 2026", "Quarter 3, 2026", "2026 Quarter 3", "Q3 (FY26)",
        "3. Quartal 2026", "Quartal 3/2026", "T3 2026", "3T26", " 2026-Q3\u00a0",
    ],
)  # fmt: skip
def test_a_quarter_is_read_in_its_spelling(text):
    assert read(text, "2025-Q4") == ["2026-Q3", "2025-Q4"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Q3", "has no year"), ("3", "has no year"), ("3Q", "has no year"), ("third quarter", "has no year"), ("Q5", "has quarter 5; there are four"),
        ("Q5 2026", "has quarter 5; there are four"), ("2026-Q0", "has quarter 0; there are four"), ("2026 7", "has quarter 7; there are four"),
        ("2026-Q13", "has quarter 13; there are four"),
        ("2026/3", "may be a quarter or a month; write 2026-Q3"), ("2026-3", "may be a quarter or a month; write 2026-Q3"),
        ("Q3 57", "has the year 57, which is not one from 1990 to 2100"), ("1850-Q3", "has the year 1850, which is not one from 1990 to 2100"),
        ("summer", "is no quarter"), ("2026", "is no quarter"), ("2026-03", "is no quarter"), ("2026-Q3 Q4", "is no quarter"), ("H1 2026", "is no quarter"),
        ("Q32026", "is no quarter"), ("2026-Q3-1", "is no quarter"), ("Jul-Sep 2026", "is no quarter"), ("Q3 20266", "is no quarter"),
    ],
)  # fmt: skip
def test_what_is_no_quarter_is_told_with_its_reason(text, reason):
    assert why_no_quarter(text) == reason
    assert read(text, "2026-Q3") == [..., "2026-Q3"]


def test_words_for_nothing_are_no_quarter_and_no_failure():
    assert read("", " ", "N/A", "-", None) == [None] * 5


def test_the_year_may_stand_in_another_column():
    quarters = ["Q3", "4", "3.0", "third quarter", "Q3 2026", "Q3 2025", "Q3", None, "N/A", "Q7", "Q3"]
    years = ["2026", "FY2025", "2026.0", "26", "2026", "2026", None, "2026", "", "2026", "soon"]
    parsed = parse_quarter(column(*quarters), column(*years).dictionary_encode())
    assert parsed.values.to_pylist() == ["2026-Q3", "2025-Q4", "2026-Q3", "2026-Q3", "2026-Q3", *[None] * 6]
    assert parsed.failed.to_pylist() == [False] * 5 + [True, True, True, False, True, True]
    assert why_no_quarter("Q3 2025", "2026") == "does not agree with the year '2026' beside it"
    assert why_no_quarter("Q7", "2026") == "has quarter 7; there are four"
    assert why_no_quarter("Q3", "soon") == "has the year 'soon' beside it, which is no year"
    assert why_no_quarter("Q3", "2026") is None


def test_years_and_numbers_by_themselves():
    years = parse_year(column("2026", "FY26", "FY2026", "'26", "fiscal year 2026", "2026.0", "57", "3", None))
    assert years.values.to_pylist() == [2026] * 6 + [None] * 3
    assert years.failed.to_pylist() == [False] * 6 + [True, True, False]
    numbers = parse_quarter_number(column("Q3", "3", "3Q", "3rd quarter", "Qtr 3", "5", "Q3 2026", None))
    assert numbers.values.to_pylist() == [3] * 5 + [None] * 3
    assert numbers.failed.to_pylist() == [False] * 5 + [True, True, False]


def test_calendar_quarters_are_noted():
    (note,) = parse_quarter(column("2026-Q1", "CY2026Q3")).notes
    assert "'CY2026Q3'" in note
    assert not parse_quarter(column("2026-Q1", "FY26 Q2")).notes


FORMS = ("{y}-Q{q}", "Q{q} {y}", "Q{q} FY{s}", "FY{y} {q}", "{s}Q{q}", "{q}Q{s}", "{y} {q}")


@settings(max_examples=100, deadline=None)
@given(st.integers(1990, 2046), st.integers(1, 4), st.sampled_from(FORMS), st.booleans())
def test_a_quarter_drawn_and_written_reads_back(year, number, form, encode):
    texts = column(form.format(y=year, s=f"{year % 100:02}", q=number), None)
    parsed = parse_quarter(texts.dictionary_encode() if encode else texts)
    assert parsed.values.to_pylist() == [str(Quarter(year, number)), None]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=20), st.from_regex(r"(FY|CY|Q| ){0,2}[0-9]{1,4}[ '/-]?(Q|q|FY)? ?[0-9]{1,4}", fullmatch=True)
    )
)
def test_no_text_reads_as_a_quarter_of_other_digits(text):
    (value,) = read(text)
    if isinstance(value, str):
        digits = "".join(character for character in text if character in "0123456789")
        numbers, years = (value[-1], "0" + value[-1]), (value[:4], value[2:4])
        ways = [way for year in years for number in numbers for way in (year + number, number + year)]
        assert digits in ways or "t" in text.lower()
