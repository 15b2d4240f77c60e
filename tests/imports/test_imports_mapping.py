"""What the user decides wins, is checked in words, and can be written down and read again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from alignment_core.choices import Choices
from alignment_core.imports import (
    FileMapping,
    Imported,
    InputFile,
    MappingError,
    dump_mapping,
    load_mapping,
    parse_decisions,
    parse_mapping,
    read_files,
)
from alignment_core.imports.mapping import answered, write_mapping

LEADS = (
    b"Lead ID,MQL Date,Qualified,Email,Country\n1,2026-07-01,2026-08-01,a@b.example,DE\n2,2026-07-02,,c@d.example,ES\n"
)


def read(mapping, content=LEADS, **said):
    imported = read_files([InputFile("a.csv", content, **said)], {"a.csv": mapping})
    return imported.files[0], imported.tables


def test_a_column_mapped_by_hand_wins_and_says_so():
    report, tables = read(FileMapping(columns={"mql_at": "Qualified"}))
    assert [value.month if value else None for value in tables["leads"]["mql_at"].to_pylist()] == [8, None]
    assert [(column.header, column.why) for column in report.columns if column.field == "mql_at"] == [
        ("Qualified", "chosen by hand")
    ]
    assert [column.why for column in report.columns if column.header == "MQL Date"] == ["not used"]


def test_a_field_mapped_to_nothing_has_no_column():
    _, tables = read(FileMapping(columns={"country": ""}))
    assert "country" not in tables["leads"].column_names


def test_a_header_that_the_file_does_not_have_is_named_with_those_it_has():
    report, tables = read(FileMapping(columns={"mql_at": "Became MQL"}))
    assert report.refused == (
        "The mapping names a column 'Became MQL', which the file does not have. "
        "It has 'Lead ID', 'MQL Date', 'Qualified', 'Email', 'Country'.",
    )
    assert not tables


def test_a_personal_column_cannot_be_mapped():
    for field in ("lead_id", "country", "account"):
        report, tables = read(FileMapping(columns={field: "Email"}))
        assert report.refused == ("The column 'Email' holds personal data, which is never read. Map another column.",)
        assert not tables


def test_a_personal_column_cannot_ride_along_with_an_account():
    text = b"Deal ID,Company,Email,Amount,Close Date,Won\n1,Acme,a@b.example,5,2026-07-01,TRUE\n"
    report, _ = read(FileMapping(columns={"account": "Company", "country": "Email"}), text)
    assert report.refused == ("The column 'Email' holds personal data, which is never read. Map another column.",)


def test_a_field_that_the_kind_does_not_have_is_named():
    report, tables = read(FileMapping(columns={"mql_date": "MQL Date"}))
    assert "'mql_date'" in report.refused[0]
    assert "mql_at" in report.refused[0]
    assert not tables


def test_one_column_cannot_be_two_fields():
    report, _ = read(FileMapping(columns={"mql_at": "Qualified", "sql_at": "Qualified"}))
    assert "'Qualified'" in report.refused[0]
    assert "mql_at" in report.refused[0]
    assert "sql_at" in report.refused[0]


def test_the_kind_that_the_user_says_goes_before_the_callers():
    report, _ = read(FileMapping(kind="leads"), kind="deals")
    assert report.kind == "leads"


def test_all_faults_of_a_mapping_file_are_told_at_once():
    text = """
loose = 3
["a.csv"]
kind = "lead"
stage = "sql"
date_order = "YMD"
colums = {}
encoding = "latin-none"
decimal = "."
sheet = 3
date_orders = { Signed = "YMD" }
["b.csv"]
decimal = ";"
encoding = "rot13"
columns = { mql_at = 3 }
["c.csv".columns]
mql_at = "MQL Date"
"""
    with pytest.raises(MappingError) as caught:
        parse_mapping(text)
    faults = caught.value.faults
    assert [fault.split(":")[0] for fault in faults] == [
        "loose", "a.csv.colums", "a.csv.kind", "a.csv.stage", "a.csv.date_order", "a.csv.encoding", "a.csv.sheet",
        "a.csv.date_orders", "b.csv.decimal", "b.csv.encoding", "b.csv.columns",
    ]  # fmt: skip
    assert "'lead' is none of leads, deals," in faults[2]
    with pytest.raises(MappingError, match="not valid TOML"):
        parse_mapping("[")


def test_what_was_understood_can_be_written_down_and_reads_the_same(tmp_path):
    files = [
        InputFile("leads.csv", b"Lead ID,MQL Date,Origin of it,Country\n1,25/7/2026,Webinar,DE\n2,3/4/2026,,ES\n"),
        InputFile("deals.csv", b"Deal ID,Stage,Amount,Close Date\n1,Closed Won,5,2026-07-01\n"),
        InputFile("sqls.csv", b"Country,Reached on\nDE,2026-07-01\n", "stage_events", "sqls"),
    ]
    first = read_files(files, {"leads.csv": FileMapping(columns={"lead_source": "Origin of it"})})
    path = tmp_path / "mapping.toml"
    path.write_text(dump_mapping(first), encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping["leads.csv"].date_order == "DMY"
    assert mapping["sqls.csv"].stage == "sqls"
    second = read_files([InputFile(file.name, file.content) for file in files], mapping)
    assert not second.refused, second.refused
    assert second.tables.keys() == first.tables.keys()
    for kind, table in first.tables.items():
        assert second.tables[kind].select(table.column_names).equals(table), kind
    assert dump_mapping(second) == dump_mapping(first)


def test_an_answer_is_added_to_what_was_decided_before():
    before = FileMapping(kind="deals", columns={"amount": "Worth"}, date_orders={"Signed": "MDY"})
    cases = {
        'date_order = "DMY"': replace(before, date_order="DMY"),
        'date_orders = { "Close Date" = "DMY" }': replace(before, date_orders={"Signed": "MDY", "Close Date": "DMY"}),
        'columns = { closed_at = "Signed" }': replace(before, columns={"amount": "Worth", "closed_at": "Signed"}),
        'encoding = "cp1252"': replace(before, encoding="cp1252"),
        'decimal = ","': replace(before, decimal=","),
        'sheet = "Q3 [EMEA]"': replace(before, sheet="Q3 [EMEA]"),
    }
    assert {answer: answered(before, answer) for answer in cases} == cases
    with pytest.raises(MappingError, match="none of"):
        answered(before, 'decimal = "x"')


def test_a_written_mapping_reads_the_same():
    files = {
        'a "quoted" name.csv': FileMapping(
            "deals", None, "DMY", {"amount": 'Worth "net"', "country": ""}, "gb18030", ",", "Sheet 1", {"[Signed]": "MDY"}, "ab12"
        ),
        "b.csv": FileMapping(),
    }  # fmt: skip
    assert parse_mapping(write_mapping(files)) == files


def test_what_the_user_left_without_a_column_stays_so():
    imported = read_files(
        [InputFile("a.csv", LEADS)], {"a.csv": FileMapping(columns={"country": ""}, encoding="cp1252")}
    )
    written = parse_mapping(dump_mapping(imported, {"a.csv": FileMapping(columns={"country": ""}, encoding="cp1252")}))
    assert written["a.csv"].columns == {"lead_id": "Lead ID", "mql_at": "MQL Date", "country": ""}
    assert written["a.csv"].encoding == "cp1252"


def stage_file(text, **chosen):
    mapping = FileMapping(columns=chosen)
    imported = read_files([InputFile("wins.csv", text.encode(), "stage_events", "wins")], {"wins.csv": mapping})
    return imported.files[0], imported.tables.get("stage_events")


def test_in_a_stage_file_the_only_dates_and_the_only_money_are_found_by_content():
    report, table = stage_file(
        "Region,When it was signed,Value of it\nEMEA,2026-07-01,$1,200.50\n".replace("$1,200.50", '"$1,200.50"')
    )
    assert not report.refused
    (row,) = table.to_pylist()
    assert (row["stage"], row["region"], row["at"].month, float(row["amount"])) == ("wins", "EMEA", 7, 1200.5)


def test_two_columns_of_dates_in_a_stage_file_are_asked_about_by_name():
    text = "Region,Signed,Paid\nEMEA,2026-07-01,2026-08-01\n"
    report, table = stage_file(text)
    assert table is None
    assert "Several columns hold dates ('Signed', 'Paid')" in report.refused[0]
    _, table = stage_file(text, at="Paid")
    assert table["at"].to_pylist()[0].month == 8


def test_a_date_column_with_the_stages_own_name_goes_before_another():
    _, table = stage_file("Region,Date,Paid\nEMEA,2026-07-01,2026-08-01\n")
    assert table["at"].to_pylist()[0].month == 7


def test_a_stage_file_without_dates_is_refused():
    report, _ = stage_file("Region,Owner\nEMEA,x\n")
    assert "No column of dates" in report.refused[0]


def test_a_stage_file_that_nobody_named_a_stage_for_is_asked_for_it():
    imported = read_files([InputFile("a.csv", b"Region,Signed\nEMEA,2026-07-01\n", "stage_events")])
    assert "stage" in imported.files[0].refused[0]


def test_choices_and_rates_stand_beside_the_files_and_are_kept_exactly():
    text = '[choices]\nsame_email = "count once"\n[rates]\nEUR = 1.0837\nJPY = 0.0067\nGBP = 2\n["leads.csv"]\nkind = "leads"\n'
    decided = parse_decisions(text)
    rates = (("EUR", Decimal("1.0837")), ("JPY", Decimal("0.0067")), ("GBP", Decimal(2)))
    assert decided.choices == Choices(same_email="count once", rates=rates)
    assert decided.files == parse_mapping(text) == {"leads.csv": FileMapping(kind="leads")}
    assert parse_decisions(dump_mapping(Imported({}, ()), choices=decided.choices)).choices == decided.choices


def test_every_fault_of_choices_and_rates_is_told_at_once():
    with pytest.raises(MappingError) as caught:
        parse_decisions(
            '[choices]\nsame_email = "merge"\nsame_mail = "x"\n[rates]\nEUR = "1.08"\nCHF = 0\nJPY = nan\nSEK = true\n["a.csv"]\nkind = "b"\n'
        )
    starts = ["a.csv.kind", "choices.same_mail", "choices.same_email: 'merge' is none of 'count each', 'count once'"]
    starts += [f"rates.{name}: write what one {name} is worth" for name in ("EUR", "CHF", "JPY", "SEK")]
    assert len(caught.value.faults) == len(starts)
    assert all(fault.startswith(start) for fault, start in zip(caught.value.faults, starts, strict=True))
