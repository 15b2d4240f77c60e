"""Parquet files are read as the text that they show."""

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.parquet import open_parquet


@pytest.fixture
def path(tmp_path):
    return tmp_path / "leads.parquet"


def opened(path, columns, limits=Limits(), **options):
    pq.write_table(pa.table(columns), path, **options)
    return open_parquet(path, limits)


def texts(sheet):
    found = sheet.read(range(len(sheet.headers)))
    return {header: found.columns[i].to_pylist() for i, header in enumerate(sheet.headers)}


def test_parquet_whose_texts_are_no_text_is_refused(path):
    pd.DataFrame({"Lead ID": ["XXXXXXXX", "00013"]}).to_parquet(path, compression=None)
    path.write_bytes(path.read_bytes().replace(b"XXXXXXXX", b"\xff\xfeXXXXXX"))
    with pytest.raises(Refusal, match="The Parquet file is damaged"):
        open_parquet(path)


def test_parquet_is_read_as_text(path):
    pd.DataFrame({"Lead ID": ["00012", "00013"], "Amount": [5.5, None], 'a "b"': [1, 2]}).to_parquet(path)
    assert texts(open_parquet(path)) == {"Lead ID": ["00012", "00013"], "Amount": ["5.5", None], 'a "b"': ["1", "2"]}


def test_times_are_iso_texts_and_those_with_a_zone_are_in_utc(path):
    day = datetime(2026, 7, 1, 9, 30)
    found = opened(
        path,
        {
            "Day": pa.array([date(2026, 7, 1), None]),
            "Time": pa.array([day, None]),
            "In Berlin": pa.array([day, None], pa.timestamp("ms", "UTC")).cast(pa.timestamp("ms", "Europe/Berlin")),
        },
    )
    assert texts(found) == {
        "Day": ["2026-07-01", None],
        "Time": ["2026-07-01T09:30:00", None],
        "In Berlin": ["2026-07-01T09:30:00Z", None],
    }


def test_ids_amounts_and_flags_keep_every_digit(path):
    found = opened(
        path,
        {
            "Deal ID": pa.array([2**63 - 1, 7]),
            "Amount": pa.array([Decimal("1234.5000"), None]),
            "Won": pa.array([True, False]),
            "Stage": pa.array(["Closed Won", None]).dictionary_encode(),
        },
    )
    assert texts(found) == {
        "Deal ID": ["9223372036854775807", "7"],
        "Amount": ["1234.5000", None],
        "Won": ["true", "false"],
        "Stage": ["Closed Won", None],
    }


def test_lists_and_records_are_named_and_not_read(path):
    found = opened(path, {"Lead ID": ["1"], "Tags": [["a", "b"]], "Owner": [{"id": 7}]})
    assert found.headers == ("Lead ID",)
    assert found.notes == ("Columns that hold lists or records were not read: 'Tags', 'Owner'.",)


def test_bytes_are_no_text_and_rows_are_numbered_as_under_a_header(path):
    found = opened(path, {"Lead ID": ["1", "2"], "Photo": [b"\x89PNG", None]})
    assert texts(found)["Photo"] == [None, None]
    assert found.samples == (("1", ""), ("2", ""))
    assert found.read([0]).row_numbers([0, 1]) == [2, 3]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(rows=1), "The file has 2 rows and 2 columns, more than is read"),
        (Limits(columns=1), "The file has 2 rows and 2 columns, more than is read"),
        (Limits(cell_length=9), "A cell of 'Note' has 10 bytes; at most 9 are read"),
        (Limits(bytes=10), "The file unpacks to"),
    ],
)
def test_each_bound_is_named(path, limits, expected):
    columns = {"Lead ID": ["1", "2"], "Note": ["é" * 5, "x"]}
    assert texts(opened(path, columns)) == columns
    with pytest.raises(Refusal, match=expected):
        open_parquet(path, limits)


def test_a_long_text_stored_once_counts_as_often_as_it_stands(path):
    """Two MB of text from a file of a few kB, where a quarter of the memory for it is one."""
    note = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), ["n" * 1_000])
    opened(path, {"Note": note}, compression="zstd", store_schema=False)
    assert path.stat().st_size < 20_000
    with pytest.raises(Refusal, match="take more than 1 MB, for a few long ones are repeated in many rows"):
        open_parquet(path, Limits(memory=4 * 2**20))


def test_a_time_that_no_calendar_has_and_a_file_cut_short_are_refused(path):
    with pytest.raises(Refusal, match="a date that no calendar has"):
        opened(path, {"Lead ID": ["1"], "At": pa.array([2**62], pa.int64()).cast(pa.timestamp("us"))})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Refusal, match=r"The Parquet file is damaged: .*Export it again"):
        open_parquet(path)
