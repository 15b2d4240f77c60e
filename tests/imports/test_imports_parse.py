"""Text → typed values: dates, money, flags, quarters and stages, and what becomes of a cell that does not parse."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.imports import FileMapping, InputFile, read_files
from alignment_core.imports.model import Limits, NeedsAnswer, Refusal
from alignment_core.imports.parse import parse
from alignment_core.imports.sheet import Aside
from tests.imports.in_process import reading_here
from tests.imports.sheets import sheet_of_rows


@pytest.fixture(autouse=True, scope="module")
def in_this_process():
    with reading_here():
        yield


def read(text, mapping=None, **said):
    """The report and the table of one file."""
    content = text if isinstance(text, bytes) else text.encode()
    imported = read_files([InputFile("file.csv", content, **said)], {"file.csv": mapping} if mapping else None)
    (report,) = imported.files
    assert report.rows_read >= report.rows_used
    return report, next(iter(imported.tables.values()), None)


def column(texts, field="mql_at", header="Lead ID,MQL Date"):
    """The values of a column of cells, with what was not read."""
    rows = "".join(f'{place},"{text}"\n' for place, text in enumerate(texts))
    report, table = read(f"{header}\n{rows}")
    assert not report.refused, report.reasons
    assert not report.question, report.reasons
    assert report.rows_read == len(texts)
    assert report.rows_read - report.rows_used == sum(fault.rows for fault in report.faults if fault.sets_aside)
    return table[field].to_pylist(), report


def day(month, date, hour=0, minute=0, second=0):
    return datetime(2026, month, date, hour, minute, second)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2026-09-30", "2026-9-3", " 2026-09-30 ", "2026-09-30 14:05", "2026-09-30T14:05:06"],
         [day(9, 30), day(9, 3), day(9, 30), day(9, 30, 14, 5), day(9, 30, 14, 5, 6)]),
        (["20260930", "20260701"], [day(9, 30), day(7, 1)]),
        (["9/30/2026", "7/1/2026", "7/4/2026 2:05 PM", "07/04/2026 14:05"],
         [day(9, 30), day(7, 1), day(7, 4, 14, 5), day(7, 4, 14, 5)]),
        (["30/9/2026", "1/7/2026", "04/07/2026 14:05:06"], [day(9, 30), day(7, 1), day(7, 4, 14, 5, 6)]),
        (["30.09.2026", "1.7.2026", "04.07.2026 14:05"], [day(9, 30), day(7, 1), day(7, 4, 14, 5)]),
        (["30/09/26", "1/7/26"], [day(9, 30), day(7, 1)]),
        (["30 Sep 2026", "Sep 30, 2026", "30-Sep-2026", "30-Sep-26", "30 September 2026", "September 30, 2026"], [day(9, 30)] * 6),
    ],
)  # fmt: skip
def test_dates_are_read_in_their_usual_spellings(texts, expected):
    assert column(texts)[0] == expected


def test_times_with_a_zone_are_instants():
    expected = [datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC)]
    assert column(["2026-09-30T22:00:00.000Z", "2026-09-30T22:00:00Z"])[0] == expected
    assert column(["2026-09-30T22:00:00.000+0000", "2026-10-01T00:00:00+02:00"])[0] == expected


def test_milliseconds_since_1970_are_read():
    values, _ = column(["1790892000000", "1782864000000"])
    assert [value.replace(tzinfo=UTC) for value in values] == [
        datetime.fromtimestamp(1_790_892_000, UTC),
        datetime.fromtimestamp(1_782_864_000, UTC),
    ]


def test_excels_dates_are_read_as_dates_and_as_serial_numbers():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Lead ID", "MQL Date", "SQL Date"])
        sheet.write(1, 0, 7)
        sheet.write_datetime(1, 1, day(9, 30), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_number(1, 2, 46295.5)  # 2026-09-30 12:00
    _, table = read(stream.getvalue())
    assert table.select(["lead_id", "mql_at", "sql_at"]).to_pylist() == [
        {"lead_id": "7", "mql_at": day(9, 30), "sql_at": day(9, 30, 12)}
    ]


def test_another_column_of_the_file_decides_day_and_month():
    report, table = read("Lead ID,MQL Date,SQL Date\n1,3/4/2026,25/4/2026\n2,5/6/2026,7/8/2026\n")
    assert report.date_order == "DMY"
    assert table["mql_at"].to_pylist() == [day(4, 3), day(6, 5)]
    report, table = read("Lead ID,MQL Date,SQL Date\n1,3/4/2026,4/25/2026\n")
    assert report.date_order == "MDY"
    assert table["mql_at"].to_pylist() == [day(3, 4)]


def test_what_nothing_decides_is_asked_and_the_answer_is_taken():
    text = "Lead ID,MQL Date\n1,3/4/2026\n2,5/6/2026\n"
    report, table = read(text)
    assert table is None
    assert report.rows_used == 0
    assert report.question.answers == ('date_order = "DMY"', 'date_order = "MDY"')
    assert "'MQL Date'" in report.question.text
    assert '["file.csv"]' in report.question.text
    for order, expected in (("DMY", day(4, 3)), ("MDY", day(3, 4))):
        _, table = read(text, FileMapping(date_order=order))
        assert table["mql_at"].to_pylist()[0] == expected


def test_dates_that_contradict_each_other_are_asked_about_with_the_counts_of_both_readings():
    text = "Lead ID,MQL Date\n1,25/4/2026\n2,4/25/2026\n3,4/26/2026\n"
    report, table = read(text)
    assert table is None
    assert "1 dates can only have the day first and 2 only the month" in report.question.text
    assert "read day first, 2 rows are set aside; read month first, 1." in report.question.text
    for order, used in (("DMY", ["1"]), ("MDY", ["2", "3"])):
        report, table = read(text, FileMapping(date_order=order))
        assert table["lead_id"].to_pylist() == used
        assert report.rows_read == 3


def test_amounts_that_are_either_thousands_or_decimals_are_asked_about():
    text = "Deal ID,Amount,Close Date,Stage\n1,1.234,2026-07-01,Won\n2,5.678,2026-07-02,Won\n"
    report, table = read(text)
    assert table is None
    assert report.question.answers == ('decimal = "."', 'decimal = ","')
    assert "1.234" in report.question.text
    for decimal, first in ((".", 1.234), (",", 1234)):
        _, table = read(text, FileMapping(decimal=decimal))
        assert float(table["amount"][0].as_py()) == first


def test_a_day_that_does_not_exist_is_set_aside_and_not_moved():
    values, report = column(["2026-06-31", "2026-06-30", "soon", "2026-13-01"])
    assert values == [day(6, 30)]
    assert [(fault.row, fault.value, fault.reason) for fault in report.faults] == [
        (2, "2026-06-31", "there is no 31st of June"),
        (4, "soon", "is no date"),
        (5, "2026-13-01", "has month 13"),
    ]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["$1,234.50", "(1,200)", "1234.5", "-3", "USD 1,000", "($5.25)", "1,234,567", "0"],
         ["1234.5", "-1200", "1234.5", "-3", "1000", "-5.25", "1234567", "0"]),
        (["1.234,50 €", "12,5", "1.000.000,00", "-3,25", "EUR 7"], ["1234.5", "12.5", "1000000", "-3.25", "7"]),
    ],
)  # fmt: skip
def test_money_is_read_in_both_conventions(texts, expected):
    values, _ = column(texts, "amount", "Deal ID,Amount,Close Date,Stage")
    assert values == [Decimal(text) for text in expected]


def test_what_is_no_amount_is_set_aside_and_never_guessed():
    texts = ["5", "TBD", "1.2.3", "12abcd", "1-2", "5e", "about 5"]
    values, report = column(texts, "amount", "Deal ID,Amount,Close Date,Stage")
    assert values == [5]
    assert [fault.value for fault in report.faults] == texts[1:]
    assert {fault.reason for fault in report.faults} == {"is no amount"}


def test_thousands_and_millions_written_with_a_letter_are_read_as_such():
    values, report = column(["5", "12k", "1.2M", "3m"], "amount", "Deal ID,Amount,Close Date,Stage")
    assert values == [5, 12_000, 1_200_000, 3_000_000]
    assert not report.faults


def test_empty_tokens_are_nothing_and_no_fault():
    tokens = ["", " ", "N/A", "n/a", "-", "--", "null", "None", "NULL", " N/A "]
    values, report = column(tokens)
    assert values == [None] * len(tokens)
    assert not report.faults
    _, table = read("Lead ID,MQL Date,Country\n1,2026-07-01, N/A \n2,2026-07-01, Spain \n")
    assert table["country"].to_pylist() == [None, "Spain"]


def test_flags_are_read_in_their_usual_spellings():
    texts = ["TRUE", "true", "1", "Yes", "ja", "FALSE", "0", "no", "nein", "perhaps"]
    values, report = column(texts, "is_won", "Deal ID,Won,Close Date,Amount")
    assert values == [True] * 5 + [False] * 4
    assert [(fault.row, fault.reason) for fault in report.faults] == [(11, "is neither yes nor no")]


def test_quarters_are_read_in_their_usual_spellings():
    texts = [
        "2026-Q3",
        "2026Q3",
        "Q3 2026",
        "Q3 FY26",
        "FY2026 Q3",
        "26Q3",
        "FY26-Q3",
        "Q3-26",
        "2026 q3",
        "Q3'26",
        "summer",
    ]
    rows = "".join(f"{text},marketing,{place}\n" for place, text in enumerate(texts))
    report, table = read(f"Quarter,Source,MQLs\n{rows}")
    assert table["quarter"].to_pylist() == ["2026-Q3"] * 10
    assert [(fault.row, fault.reason) for fault in report.faults] == [(12, "is no quarter")]


def test_year_and_quarter_in_two_columns_are_one_quarter():
    _, table = read("Year,Quarter,Source,MQLs,Wins\n2026,Q3,marketing,5,1\nFY2025,4,sales,6,2\n")
    assert table["quarter"].to_pylist() == ["2026-Q3", "2025-Q4"]
    assert "year" not in table.column_names


def test_a_quarter_without_a_year_is_no_quarter():
    report, _ = read("Quarter,Source,MQLs\nQ3,marketing,5\n2026-Q4,sales,5\n")
    assert (report.rows_read, report.rows_used) == (2, 1)
    assert [(fault.row, fault.value) for fault in report.faults] == [(2, "Q3")]


def test_stage_names_are_read_as_stages():
    rows = [
        "MQL",
        "Marketing Qualified Lead",
        "sqls",
        "Sales-qualified lead",
        "Opportunity",
        "Opps",
        "Closed Won",
        "customer",
        "SAL",
    ]
    text = "Stage,At\n" + "".join(f"{row},2026-07-01\n" for row in rows)
    report, table = read(text, kind="stage_events")
    assert table["stage"].to_pylist() == [stage for stage in ("mqls", "sqls", "opportunities", "wins") for _ in "12"]
    assert [(fault.row, fault.value) for fault in report.faults] == [(10, "SAL")]


def test_a_source_column_is_the_source_only_if_it_says_marketing_or_sales():
    _, table = read(
        "Lead ID,MQL Date,Source\n1,2026-07-01,Marketing\n2,2026-07-01,sales-sourced\n3,2026-07-01,Unassigned\n"
    )
    assert table["source"].to_pylist() == ["marketing", "sales", "unassigned"]
    _, table = read("Lead ID,MQL Date,Source\n1,2026-07-01,Webinar\n2,2026-07-01,Sales\n")
    assert "source" not in table.column_names
    assert table["lead_source"].to_pylist() == ["Webinar", "Sales"]


def test_one_other_value_leaves_the_sides_as_they_are_said():
    """Most rows say whose they are. A partner's is a lead source, which the agreement sorts; so is what only begins like a side."""
    rows = ["marketing", "Sales-sourced", "sales", "Partner", "marketing excluded", "Marketing generated"]
    text = "Quarter,Source,MQLs\n" + "".join(f"2026-Q3,{row},{place}\n" for place, row in enumerate(rows))
    _, table = read(text)
    assert table["source"].to_pylist() == ["marketing", "sales", "sales", None, None, "marketing"]
    assert table["lead_source"].to_pylist() == rows


def test_a_header_repeated_among_the_records_makes_no_lead_source_of_the_source():
    """As reports with a header on every page have it: the row is set aside, and the sides stay apart."""
    report, table = read("Quarter,Source,MQLs\n2026-Q3,Marketing,5\nQuarter,Source,MQLs\n2026-Q3,Sales,7\n")
    assert table.select(["source", "mqls"]).to_pylist() == [
        {"source": "marketing", "mqls": 5},
        {"source": "sales", "mqls": 7},
    ]
    assert {fault.row for fault in report.faults} == {3}
    assert (report.rows_read, report.rows_used) == (3, 2)


def test_a_deals_stage_says_whether_it_is_won_and_closed():
    stages = {
        "Closed Won": (True, True),
        "closedlost": (False, True),
        "Negotiation": (False, False),
        "": (False, False),
    }
    text = "Deal ID,Stage,Amount,Close Date\n" + "".join(f"{i},{name},5,2026-07-01\n" for i, name in enumerate(stages))
    _, table = read(text)
    assert list(zip(table["is_won"].to_pylist(), table["is_closed"].to_pylist(), strict=True)) == list(stages.values())


def test_a_status_that_says_won_goes_beside_the_stage():
    """Pipedrive leaves a won deal in the stage in which it was won."""
    _, table = read(
        "Deal - ID,Deal - Stage,Deal - Status,Deal - Value\n1,Negotiation,Won,5\n2,Negotiation,Lost,5\n3,Demo,Open,5\n"
    )
    assert table["is_won"].to_pylist() == [True, False, False]
    assert table["is_closed"].to_pylist() == [True, True, False]


def test_flags_of_its_own_go_before_a_deals_stage():
    _, table = read("Deal ID,Stage,Is Won,Is Closed,Close Date\n1,Contract signed,TRUE,TRUE,2026-07-01\n")
    assert (table["is_won"].to_pylist(), table["is_closed"].to_pylist()) == ([True], [True])


def test_a_won_date_alone_says_when_and_whether_a_deal_was_won():
    _, table = read("seller_id,won_date,amount\n1,2026-07-01,5\n2,,6\n")
    assert table.select(["closed_at", "is_won"]).to_pylist() == [
        {"closed_at": day(7, 1), "is_won": True},
        {"closed_at": None, "is_won": False},
    ]


def test_a_record_counts_once_and_deleted_ones_do_not_count():
    text = "Lead ID,MQL Date,Is Deleted,Country\n1,2026-07-01,FALSE,a\n2,2026-07-01,TRUE,b\n\n1,2026-07-02,FALSE,c\n,2026-07-03,FALSE,d\n,2026-07-03,FALSE,e\n"
    report, table = read(text)
    assert table["country"].to_pylist() == ["a", "d", "e"]  # without an id nothing says that two are one
    assert (report.rows_read, report.rows_used) == (5, 3)
    assert {(fault.row, fault.reason) for fault in report.faults} == {
        (5, "the same lead id as row 2"),
        (None, "the record is deleted in the CRM"),
    }


def test_a_copy_of_a_record_that_was_set_aside_counts():
    report, table = read("Lead ID,MQL Date,Country\n1,someday,a\n1,2026-07-02,b\n")
    assert table["country"].to_pylist() == ["b"]
    assert [fault.reason for fault in report.faults] == ["is no date"]


def test_many_faults_are_counted_and_the_first_hundred_listed():
    values, report = column(["2026-07-01", *["someday"] * 250])
    assert len(values) == 1
    assert len(report.faults) == 100
    assert [fault.row for fault in report.faults[:3]] == [3, 4, 5]
    assert report.faults[-1].rows == 151
    assert report.faults[-1].reason.endswith("and so on")


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 6), st.sampled_from(["good", "bad date", "bad amount", "both bad", "empty", "too long"])
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_row_is_used_or_set_aside_and_named(rows):
    """What is expected is worked out here, row by row."""
    made = {"good": "2026-07-01,5", "bad date": "someday,5", "bad amount": "2026-07-01,TBD", "both bad": "someday,TBD", "empty": ",",
            "too long": "2026-07-01,1,234"}  # fmt: skip
    report, _ = read("Lead ID,MQL Date,Amount\n" + "".join(f"{id_},{made[what]}\n" for id_, what in rows))
    seen, aside = set(), set()
    for number, (id_, what) in enumerate(rows, 2):
        if what not in ("good", "empty") or id_ in seen:
            aside.add(number)
        else:
            seen.add(id_)
    assert report.rows_read == len(rows)
    assert report.rows_used == len(rows) - len(aside)
    assert {fault.row for fault in report.faults} == aside
    assert sum(fault.rows for fault in report.faults) >= len(aside)


def test_a_zone_that_the_first_rows_do_not_show_is_seen_all_the_same():
    """The first 60 rows have no won date; later ones carry a zone, as the file's other dates do."""
    head = "Lead ID,Created Date,MQL Date,Won Date\n"
    empty = "".join(f"{i},2026-06-01T10:00:00Z,2026-06-02T10:00:00Z,\n" for i in range(60))
    late = "x,2026-06-01T10:00:00Z,2026-06-02T10:00:00Z,2026-07-01T02:00:00+0000\n"
    imported = read_files([InputFile("leads.csv", (head + empty + late).encode())])
    assert imported.refused == ()
    assert str(imported.tables["leads"].schema.field("won_at").type) == "timestamp[us, tz=UTC]"


def parsed(headers, *rows, kind="leads", fields, mapping=FileMapping(), limits=Limits(), stage=None, extras=(), **told):
    sheet = sheet_of_rows(headers, *rows, **told)
    return parse(sheet, kind, fields, mapping, limits, name="file.csv", stage=stage, extras=extras)


def faults(found):
    return [(fault.row, fault.column, fault.value, fault.reason) for fault in found.faults]


LEADS, OF_LEADS = ["Lead ID", "MQL Date"], {"lead_id": 0, "mql_at": 1}


def test_what_was_read_is_counted_by_column_and_named_by_the_rows_of_the_file():
    """Rows 4, 5 and 9 of the file, and row 7 that its reader set aside."""
    total = Aside(7, "the row is a total", "Nothing needs to be done.")
    rows = (["1", "2026-07-01"], ["2", "someday"], ["1", ""])
    found = parsed(LEADS, *rows, fields=OF_LEADS, numbers=(4, 5, 9), aside=(total,))
    assert found.table.to_pylist() == [{"lead_id": "1", "mql_at": day(7, 1)}]
    assert found.rows_read == 4
    assert found.parses == {0: (3, 3), 1: (1, 2)}
    assert faults(found) == [
        (7, None, None, "the row is a total"),
        (5, "MQL Date", "someday", "is no date"),
        (9, "Lead ID", "1", "the same lead id as row 4"),
    ]


def test_a_column_that_is_no_field_may_leave_something_of_itself():
    def lengths(texts):
        return "length", pa.chunked_array([[len(text.as_py()) for text in texts]])

    found = parsed(["Lead ID", "Email"], ["1", "a@b.example"], fields={"lead_id": 0}, extras=[(1, lengths)])
    assert found.table.to_pylist() == [{"lead_id": "1", "length": 11}]


def test_where_few_dates_have_no_zone_they_are_utc_and_where_most_have_none_the_others_are_set_aside():
    zoned, plain = [["1", "2026-07-01T10:00:00Z"], ["2", "2026-07-02T10:00:00+02:00"]], [["3", "2026-07-03 10:00"]]
    found = parsed(LEADS, *zoned, *plain, fields=OF_LEADS)
    assert found.table["mql_at"].to_pylist() == [datetime(2026, 7, 1, 10, tzinfo=UTC), datetime(2026, 7, 2, 8, tzinfo=UTC), datetime(2026, 7, 3, 10, tzinfo=UTC)]  # fmt: skip
    assert found.notes == ("1 dates in 'MQL Date' have no time zone, while the others have one; they are read as UTC.",)
    found = parsed(LEADS, *zoned[:1], *plain, fields=OF_LEADS)
    assert found.table["mql_at"].to_pylist() == [day(7, 3, 10)]
    assert faults(found) == [
        (2, "MQL Date", "2026-07-01T10:00:00Z", "has a time zone, while the dates above it have none")
    ]


FUNNEL, OF_FUNNEL = ["Quarter", "MQLs", "Revenue"], {"quarter": 0, "mqls": 1, "revenue": 2}


def test_a_count_is_not_below_zero_while_revenue_may_be():
    found = parsed(FUNNEL, ["2026-Q3", "5", "-100"], ["2026-Q4", "-3", "100"], kind="funnel", fields=OF_FUNNEL)
    assert found.table.to_pylist() == [{"quarter": "2026-Q3", "mqls": 5, "revenue": -100}]
    assert faults(found) == [(3, "MQLs", "-3", "is below zero, and a count cannot be")]


def test_amounts_show_what_the_dots_in_counts_are():
    """1.234 MQLs beside 5.000,50 of revenue are more than a thousand."""
    found = parsed(FUNNEL, ["2026-Q3", "1.234", "5.000,50"], kind="funnel", fields=OF_FUNNEL)
    assert found.table["mqls"].to_pylist() == [1_234]
    assert found.table["revenue"].to_pylist() == [Decimal("5000.5")]


def test_amounts_that_contradict_each_other_are_asked_about_with_their_counts():
    rows = (["2026-Q3", "5", "1,5"], ["2026-Q4", "5", "1.5"], ["2027-Q1", "5", "2.5"])
    with pytest.raises(NeedsAnswer) as caught:
        parsed(FUNNEL, *rows, kind="funnel", fields=OF_FUNNEL)
    question = caught.value.question
    assert question.text.startswith("In 'Revenue' 2 amounts can only have a decimal point and 1 only a decimal comma.")
    assert question.answers == ('decimal = "."', 'decimal = ","')


def test_single_columns_may_be_read_in_their_own_order():
    mapping = FileMapping(date_order="DMY", date_orders={"SQL Date": "MDY"})
    headers, fields = ["Lead ID", "MQL Date", "SQL Date"], {"lead_id": 0, "mql_at": 1, "sql_at": 2}
    found = parsed(headers, ["1", "3/4/2026", "5/6/2026"], fields=fields, mapping=mapping)
    assert found.table.select(["mql_at", "sql_at"]).to_pylist() == [{"mql_at": day(4, 3), "sql_at": day(5, 6)}]


def test_rows_of_a_history_about_another_field_are_counted_and_not_shown():
    headers, fields = ["Deal ID", "At", "Field", "New Value"], {"deal_id": 0, "at": 1, "about": 2, "reached": 3}
    rows = (
        ["1", "2026-07-01", "Stage Name", "Proposal"],
        ["1", "2026-07-02", "Next Step", "Call Mary"],
        ["1", "2026-07-03", "", "x"],
    )
    found = parsed(headers, *rows, kind="history", fields=fields)
    assert found.table["reached"].to_pylist() == ["Proposal"]
    (fault,) = found.faults
    assert (fault.reason, fault.value, fault.rows) == ("the change is of another field than the stage", None, 2)


def test_what_has_no_stage_or_too_many_rows_is_refused():
    rows = (["2026-07-01"], ["2026-07-02"])
    with pytest.raises(Refusal, match="Nothing says which stage these records reached"):
        parsed(["At"], *rows, kind="stage_events", fields={"at": 0})
    found = parsed(["At"], *rows, kind="stage_events", fields={"at": 0}, stage="wins")
    assert found.table["stage"].to_pylist() == ["wins", "wins"]
    with pytest.raises(Refusal, match="The file has 2 rows; at most 1 are read"):
        parsed(["At"], *rows, kind="stage_events", fields={"at": 0}, stage="wins", limits=Limits(rows=1))
