"""A list of records as a file: it opens as it was, and nothing in it runs."""

import csv
from datetime import date
from io import StringIO

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.export.table_csv import table_csv


def read(table):
    content = table_csv(table)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def test_rows_are_as_in_the_table_and_what_is_missing_is_empty():
    table = pd.DataFrame(
        {
            "lead_id": pd.array(["L1", 'Müller, "AG"', None], dtype="string"),
            "reached": [date(2026, 7, 1), None, pd.NaT],
            "counted": [1_250.5, float("nan"), -3],
            "wins": pd.array([2, pd.NA, 0], "Int64"),
        },
        index=[7, 7, 9],
    )
    assert read(table) == [
        ["lead_id", "reached", "counted", "wins"],
        ["L1", "2026-07-01", "1250.5", "2"],
        ['Müller, "AG"', "", "", ""],
        ["", "", "-3.0", "0"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "@A1", "-2+3", "＝1", " =1", "\t=1"])
def test_neither_a_cell_nor_a_name_is_live(text):
    (name,), (cell,) = read(pd.DataFrame({text: [text]}))
    assert name[0] == cell[0] == "'"
    assert text.strip() in cell.replace("'", "")


def test_an_empty_list_has_its_names():
    assert read(pd.DataFrame({"lead_id": [], "deal_id": []})) == [["lead_id", "deal_id"]]


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1), min_size=1))
def test_every_text_comes_back_but_for_apostrophes_that_were_put_before_it(texts):
    rows = read(pd.DataFrame({"value": texts}))[1:]
    assert [row[0].replace("'", "") for row in rows] == [text.replace("'", "") for text in texts]
