"""Where a header stands, and which rows are no records."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.imports.layout import find_header, is_footer, is_total, total_rows
from alignment_core.imports.model import Refusal

#: rows → the header's row, its names and its depth
HEADERS = {
    "first row": ([["Lead ID", "Amount"], ["1", "5"]], 0, ("Lead ID", "Amount"), 1),
    "under a title and a blank row": ([["Leads of Q3", ""], [], ["Lead ID", "Amount"], ["1", "5"]], 2, ("Lead ID", "Amount"), 1),
    "trailing delimiters": ([["Lead ID", "Amount", "", ""], ["1", "5", "", ""]], 0, ("Lead ID", "Amount"), 1),
    "a column without a name": ([["Lead ID", "", "Amount"], ["1", "x", "5"]], 0, ("Lead ID", "column 2", "Amount"), 1),
    "names twice": ([["Amount", "Amount", "Id"], ["1", "2", "3"]], 0, ("Amount", "Amount (2)", "Id"), 1),
    "a name that is taken": ([["Amount", "Amount", "Amount (2)"], ["1", "2", "3"]], 0, ("Amount", "Amount (3)", "Amount (2)"), 1),
    "a record with a cell too many is no second row of names": (
        [["Id", "On", "Land", "Size"], ["", "a", "", "", "b"], ["1", "2026-07-01", "DE", "5"]], 0, ("Id", "On", "Land", "Size"), 1),
    "labels over groups": (
        [["", "Q1 2026", "", "Q2 2026", ""], ["Region", "MQLs", "SQLs", "MQLs", "SQLs"], ["EMEA", "1", "2", "3", "4"]],
        0, ("Region", "Q1 2026 MQLs", "Q1 2026 SQLs", "Q2 2026 MQLs", "Q2 2026 SQLs"), 2),
    "years over groups": (
        [["Region", "2026", "", "2027", ""], ["", "MQLs", "SQLs", "MQLs", "SQLs"], ["EMEA", "1", "2", "3", "4"]],
        0, ("Region", "2026 MQLs", "2026 SQLs", "2027 MQLs", "2027 SQLs"), 2),
    "labels over names beside a corner without either": (
        [["", "Q1 2026", "", "Q2 2026", ""], ["", "Marketing", "Sales", "Marketing", "Sales"], ["SQLs", "1", "2", "3", "4"]],
        0, ("column 1", "Q1 2026 Marketing", "Q1 2026 Sales", "Q2 2026 Marketing", "Q2 2026 Sales"), 2),
    "the only year over its quarters": (
        [["", "FY26", "", ""], ["Metric", "Q1", "Q2", "Q3"], ["SQLs", "1", "2", "3"]], 0, ("Metric", "FY26 Q1", "FY26 Q2", "FY26 Q3"), 2),
    "one quarter beside a corner without a name": ([["", "Q1 2026"], ["SQLs", "1"]], 0, ("column 1", "Q1 2026"), 1),
    "a first record of words is no second header": (
        [["Name", "", "Country"], ["a", "b", "c"], ["d", "e", "f"]], 0, ("Name", "column 2", "Country"), 1),
    "a first record with gaps above is no second header": (
        [["Lead ID", "", "Country", ""], ["L-1", "x", "DE", "y"], ["L-2", "x", "ES", "z"]],
        0, ("Lead ID", "column 2", "Country"), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_found(name):
    rows, place, names, depth = HEADERS[name]
    found = find_header(rows)
    assert (found.place, found.names, found.depth) == (place, names, depth)


def test_merged_cells_say_how_far_a_label_reaches():
    rows = [["", "Q1", "", ""], ["Region", "MQLs", "SQLs", "Owner"], ["EMEA", "1", "2", "x"]]
    assert find_header(rows, {0: [(1, 2)]}).names == ("Region", "MQLs", "SQLs", "Owner")
    rows[0][3] = "Other"
    assert find_header(rows, {0: [(1, 2)]}).names == ("Region", "Q1 MQLs", "Q1 SQLs", "Other Owner")


def test_what_was_done_to_names_is_said():
    notes = " ".join(find_header([["Amount", "Amount", ""], ["1", "2", "3"]] * 2).notes)
    assert "'Amount' → 'Amount (2)'" in notes


def test_rows_of_numbers_have_no_header():
    with pytest.raises(Refusal, match="No header row was found"):
        find_header([["1", "2"], ["3", "4"]])


@given(st.lists(st.sampled_from(["Amount", "Amount (2)", "Id", "Stage", "Stage (3)"]), min_size=1, max_size=12))
def test_names_are_unique_and_the_first_of_each_is_as_written(names):
    found = find_header([names, ["1"] * len(names)]).names
    assert len(set(found)) == len(names)
    assert all(found[names.index(name)] == name for name in names)
    assert all(new.startswith(old) for old, new in zip(names, found, strict=True))


TOTALS = [
    ["Total", "", "500"], ["Grand Totals (12 records)", "", "1,200.50"], ["Subtotal", "", "$500"], ["", "Sum", "(5)"],
    ["Gesamt", "", "1.200,00 €"], ["Summe", "", "12"], ["Total for EMEA", "", "12"], ["Totals:", "", ""],
    ["Zwischensumme", "3", "4"], ["Stage: Closed Won (12 records)", "", ""], ["GRAND TOTAL", "", "USD 5,000"],
]  # fmt: skip
RECORDS = [
    ["Total Energies", "", "500"], ["Subtotal Inc", "", "500"], ["Total rewrite", "", "500"], ["Total", "FR", "500"],
    ["17", "Total", "500"], ["Total", "2026-07-01", "500"], ["Sum Up Ltd", "", "5"], ["Summerfield", "", "5"],
    ["", "", ""], ["1", "2", "3"], ["Totally Fit", "", "5"],
]  # fmt: skip


@pytest.mark.parametrize("cells", TOTALS, ids=" ".join)
def test_totals_are_told(cells):
    assert is_total(cells)


@pytest.mark.parametrize("cells", RECORDS, ids=" ".join)
def test_records_that_begin_like_totals_stay(cells):
    assert not is_total(cells)


def test_a_groups_total_follows_its_group():
    assert is_total(["EMEA Total", "", "5"], above=["EMEA", "x", "5"])
    assert not is_total(["Acme Total", "", "5"], above=["Northwind", "x", "5"])


@pytest.mark.parametrize(
    "text",
    ["Confidential information - do not distribute", "Copyright (c) 2000-2026 Northwind, inc. All rights reserved.",
     "Generated by: RevOps", "Filtered By:", "As of 2026-10-01 08:00", "Report generated 1 Oct 2026", "© Northwind"],
)  # fmt: skip
def test_footers_are_told_in_any_width(text):
    assert is_footer([text, ""], 2)
    assert is_footer([text], 1)
    assert not is_footer([text, "DE", "5"], 3)


def test_a_short_record_is_no_footer():
    assert not is_footer(["00Q1", "", ""], 3)
    assert not is_footer(["", "", ""], 3)


def _columns(rows, encode):
    columns = {i: pa.chunked_array([[cell or None for cell in column]], pa.string()) for i, column in enumerate(zip(*rows, strict=True))}  # fmt: skip
    return {i: column.dictionary_encode() if i in encode else column for i, column in columns.items()}


@pytest.mark.parametrize("encode", [(), (0,), (0, 1, 2)])
def test_totals_are_found_anywhere_in_columns(encode):
    rows = [
        ["EMEA", "Acme", "5"], ["EMEA", "Total", "6"], ["EMEA Total", "", "11"], ["", "", ""], ["APAC", "Bolt", "7"],
        ["APAC", "", ""], ["Subtotal", "", "7"], ["Grand Total", "", "18"],
    ]  # fmt: skip
    assert total_rows(_columns(rows, encode)) == [2, 6, 7]


cell = st.sampled_from(["", "Total", "EMEA", "EMEA Total", "5", "1,200", "2026-07-01", "Subtotal", "x (3 records)"])


@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=20), st.sets(st.integers(0, 2)))
def test_columns_tell_no_row_that_rows_do_not(rows, encode):
    """Against looking at each row by itself, with the nearest record above it."""
    expected, above = set(), ()
    for place, row in enumerate(rows):
        if is_total(row, above):
            expected.add(place)
        else:
            above = row
    assert set(total_rows(_columns(rows, encode))) <= expected
