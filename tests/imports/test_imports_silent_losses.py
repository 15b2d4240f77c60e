"""What must never happen without a word: records that vanish, and dates that are read as other dates."""

import io

import pytest
import xlsxwriter

from alignment_core.imports import InputFile, Refusal, open_table, read_files

HEADER = "Lead ID,MQL Date,Country,Amount\n"
UNCLOSED = (
    HEADER + "1,2026-07-01,DE,5\n" + '2,2026-07-02,"DE,5\n' + "".join(f"{i},2026-07-03,DE,5\n" for i in range(3, 20))
)


def read(text, name="leads.csv", **said):
    imported = read_files([InputFile(name, text if isinstance(text, bytes) else text.encode(), **said)])
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


def test_a_short_report_is_read_by_its_records_and_not_by_its_titles():
    text = "Q3 review\nAs of 2026-09-30\n\nOpportunity ID|Close Date|Won\nD1|2026-07-01|yes\nConfidential Information - Do Not Distribute\n"
    report, _ = read(text)
    assert (report.kind, report.rows_used) == ("deals", 1)


def test_a_record_of_which_only_the_date_is_known_is_no_footer():
    text = "Date,Lead Source,Country\n{},Webinar,DE\n{},,\n{}\n"
    days = ("November 12, 2025", "January 12, 2025", "Printed for the board")
    report = read(text.format(*(f'"{day}"' for day in days)), "MQLs.csv")[0]
    assert (report.stage, report.rows_read, report.rows_used) == ("mqls", 2, 2)


@pytest.mark.parametrize("day", ["30 Sep 2026", "30. September 2026", "1790726400000", "2026-09-30"])
def test_the_date_of_a_stage_file_may_be_written_in_any_way(day):
    _, table = read(f"Date,Country,Score\nN/A,DE,7\n{day},ES,8\n", kind="stage_events", stage="mqls")
    assert [at and at.date().isoformat() for at in table["at"].to_pylist()] == [None, "2026-09-30"]


def test_another_column_of_numbers_is_not_the_amount_where_one_is_called_so():
    _, table = read("Date,Amount,Score\n2026-07-01,,7\n", kind="stage_events", stage="wins")
    assert table["amount"].to_pylist() == [None]


def test_a_street_beside_records_does_not_make_contacts_of_them():
    assert read("Opportunity ID,Close Date,Won,Mailing Street\nD1,2026-07-01,yes,a\n")[0].kind == "deals"
    assert "Salesforce contacts" in read("Id,AccountId,Mailing Street\n1,2,a\n")[0].refused[0]


def test_bytes_that_are_no_cp1252_are_not_taken_for_it():
    text = "Deal ID,Close Date,Won,Region,Amount\nD1,2026-07-01,yes,广东省,£7.50\n".encode("gb18030")
    report, _ = read(text)
    assert report.question is None or 'encoding = "gb18030"' in report.question.answers
    assert not report.refused


@pytest.mark.parametrize(
    ("counts", "revenue", "read_as"),
    [
        (["1,544", "12"], "10", [1544, 12]),
        (["1.544", "61,5"], "10", [1544, 61.5]),  # the column decides
        (["1.544", "12"], "10.000,50", [1544, 12]),  # the revenue beside it decides
        (["1.544", "12"], "10,000.50", [1.544, 12]),
        (["1.544", "12"], "10", None),  # nothing decides: asked
    ],
)
def test_a_dot_in_a_count_is_no_decimal_point_unasked(counts, revenue, read_as):
    rows = "".join(f"2026-Q3;{count};1;{revenue}\n" for count in counts)
    report, table = read(f"Quarter;MQLs;Wins;Revenue\n{rows}")
    if read_as is None:
        assert report.question.answers == ('decimal = "."', 'decimal = ","')
    else:
        assert table["mqls"].to_pylist() == read_as


def test_text_in_a_workbook_that_may_be_more_than_a_thousand_is_asked_about():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Deal ID", "Close Date", "Won", "Amount"])
        sheet.write_row(1, 0, ["D1", "2026-07-01", "yes", "1.500 €"])
    report = read_files([InputFile("deals.xlsx", stream.getvalue())]).files[0]
    assert "1.500 €" in report.question.text
