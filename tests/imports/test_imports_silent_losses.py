"""What must never happen without a word: records that vanish, and dates that are read as other dates."""

import pytest

from alignment_core.imports import InputFile, Refusal, open_table, read_files

HEADER = "Lead ID,MQL Date,Country,Amount\n"
UNCLOSED = (
    HEADER + "1,2026-07-01,DE,5\n" + '2,2026-07-02,"DE,5\n' + "".join(f"{i},2026-07-03,DE,5\n" for i in range(3, 20))
)


def read(text, name="leads.csv"):
    imported = read_files([InputFile(name, text if isinstance(text, bytes) else text.encode())])
    return imported.files[0], imported.tables.get(imported.files[0].kind)


def test_a_quotation_mark_that_nothing_closes_takes_no_records_with_it():
    """Seventeen records stand after it: to read two of nineteen and say "rows read: 2" would be a lie."""
    report, table = read(UNCLOSED)
    assert table is None
    (reason,) = report.refused
    assert "quotation mark in row 3 is never closed" in reason


def test_a_table_is_not_opened_in_part_either(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(UNCLOSED, encoding="utf-8")
    with pytest.raises(Refusal, match="row 3 is never closed"):
        open_table(path)


@pytest.mark.parametrize(
    "odd", ["infinity", "-infinity", "epoch", "99999-01-01", "12026-01-01", "0000-01-01", "2026-01-01 (BC)"]
)
def test_what_only_a_database_takes_for_a_date_is_set_aside(odd):
    report, table = read(f"{HEADER}1,2026-07-01,DE,5\n2,{odd},DE,5\n")
    assert table["lead_id"].to_pylist() == ["1"]
    assert [(fault.row, fault.value) for fault in report.faults] == [(3, odd)]


@pytest.mark.parametrize(
    "zoned",
    [
        "2026-09-30T23:00:00-05:00",
        "2026-09-30 23:00:00-05",
        "2026-09-30T23:00:00Z",
        "2026-09-30T23:00:00.000+0000",
        "2026-09-30 23:00:00 UTC",
    ],
)
def test_a_zone_below_the_first_rows_is_not_dropped(zoned):
    """23:00 in New York on the last day of September is October in Berlin: the zone decides the quarter."""
    above = "".join(f"{i},2026-09-30T22:00:00,DE,5\n" for i in range(500))
    report, table = read(f"{HEADER}{above}late,{zoned},DE,5\n")
    assert table.num_rows == 500
    assert [(fault.row, fault.value, fault.reason) for fault in report.faults] == [
        (502, zoned, "has a time zone, while the dates above it have none")
    ]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-09-30 23:00:00 UTC", 23),
        ("2026-09-30 23:00:00+02", 21),
        ("2026-09-30T23:00:00.5+0200", 21),
        ("2026-09-30T23:00:00Z", 23),
    ],
)
def test_a_zone_is_read_as_warehouses_write_it(text, utc):
    _, table = read(f"{HEADER}1,{text},DE,5\n")
    (at,) = table["mql_at"].to_pylist()
    assert (at.hour, str(at.tzinfo)) == (utc, "UTC")


def test_days_and_times_without_a_zone_are_read_in_one_column():
    _, table = read(
        f"{HEADER}1,2026-07-01,DE,5\n2,2026-7-2 8:05,DE,5\n3,2026-07-03 10:00:00.250,DE,5\n4,2026/07/04,DE,5\n"
    )
    assert [str(at) for at in table["mql_at"].to_pylist()] == [
        "2026-07-01 00:00:00", "2026-07-02 08:05:00", "2026-07-03 10:00:00.250000", "2026-07-04 00:00:00",
    ]  # fmt: skip


@pytest.mark.parametrize("ends", [("\r\n", "\n"), ("\n", "\r\n"), ("\r", "\n"), ("\r\n", "\r")])
def test_files_joined_from_two_systems_may_end_their_lines_in_two_ways(ends):
    first, second = ends
    report, table = read(
        HEADER.replace("\n", first) + f"1,2026-07-01,DE,5{first}2,2026-07-02,FR,6{second}3,2026-07-03,ES,7{second}"
    )
    assert not report.refused
    assert table["country"].to_pylist() == ["DE", "FR", "ES"]


def test_line_breaks_inside_cells_of_a_windows_file_stay_line_breaks():
    report, table = read('Lead ID,MQL Date,Country\r\n1,2026-07-01,"D\nE"\r\n2,2026-07-02,FR\r\n')
    assert (report.rows_used, table["country"].to_pylist()) == (2, ["D\nE", "FR"])


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("MQLs 2026.csv", "mqls"),
        ("sql_q3.csv", "sqls"),
        ("Opportunities.csv", "opportunities"),
        ("Closed won.csv", "wins"),
        ("wins.csv", "wins"),
    ],
)
def test_a_file_named_after_a_stage_with_one_column_of_dates_is_of_that_stage(name, stage):
    report, table = read("Ref,Day,Country\nA,2026-07-01,DE\nB,2026-07-02,FR\n", name)
    assert (report.kind, report.stage) == ("stage_events", stage)
    assert table["stage"].to_pylist() == [stage, stage]


@pytest.mark.parametrize("name", ["window.csv", "twins.csv", "mql and sql.csv"])
def test_a_name_that_only_contains_a_stages_letters_or_two_stages_says_nothing(name):
    report, table = read("Ref,Day,Country\nA,2026-07-01,DE\n", name)
    assert table is None
    assert report.refused


def test_a_file_with_a_crms_records_is_read_as_such_whatever_its_name():
    assert read("Lead ID,MQL Date,Country\n1,2026-07-01,DE\n", "MQLs.csv")[0].kind == "leads"


def test_a_column_of_stages_makes_stage_events():
    report, table = read(
        "Stage,Date,Source,Amount\nMQL,2026-07-01,marketing,\nClosed Won,2026-07-02,sales,5\n", "events.csv"
    )
    assert report.kind == "stage_events"
    assert table["stage"].to_pylist() == ["mqls", "wins"]
