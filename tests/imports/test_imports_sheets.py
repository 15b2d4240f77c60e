"""Several sheets and files: read together, told apart by their names, never counted twice in silence."""

import openpyxl
import pytest

from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.imports import FileMapping, InputFile, dump_mapping, parse_mapping, read_files
from alignment_core.imports.named import quarter_of_name
from tests.support import agreed


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def deals(*rows):
    return [("Opportunity ID", "Created Date", "Close Date", "Stage", "Amount"), *rows]


def deal(id_, amount=1_000):
    return id_, "2026-07-01", "2026-08-01", "Closed Won", amount


def read(path, mapping=None):
    return read_files([InputFile(path.name, path)], mapping)


def notes(report):
    return [fault.reason for fault in report.faults if not fault.sets_aside]


def test_each_sheet_with_a_table_is_read_and_the_rest_is_named(tmp_path):
    path = workbook(
        tmp_path / "book.xlsx",
        {
            "Read me": [("Prepared by", "Shown to"), ("RevOps", "the two VPs"), ("x", "y")],
            "July": deals(deal("D1"), deal("D2"), ("D3", "soon", "2026-08-01", "Closed Won", 5)),
            "August": deals(deal("D4")),
        },
    )
    imported = read(path)
    july, august = imported.files
    assert (july.name, july.file, july.rows_read, july.rows_used) == ("book.xlsx › July", "book.xlsx", 3, 2)
    assert (august.name, august.rows_read, august.rows_used) == ("book.xlsx › August", 1, 1)
    assert sorted(imported.tables["deals"]["deal_id"].to_pylist()) == ["D1", "D2", "D4"]
    (note,) = notes(july)
    assert note == "Sheet 'Read me' was not read: the headers don't tell what a row is ('Prepared by', 'Shown to')."
    (aside,) = [fault for fault in july.faults if fault.sets_aside]
    assert (aside.file, aside.sheet, aside.row, aside.column, aside.value) == (
        "book.xlsx",
        "July",
        4,
        "Created Date",
        "soon",
    )


def test_sheets_of_several_kinds_are_joined(tmp_path):
    path = workbook(
        tmp_path / "book.xlsx",
        {
            "Opps": [("Opportunity ID", "Close Date", "Stage", "Amount", "Opportunity Owner"), ("D1", "2026-08-01", "Closed Won", 9, "ann")],
            "Reps": [("Sales Agent", "Regional Office"), ("ann", "EMEA")],
        },
    )  # fmt: skip
    imported = read(path)
    assert [(report.kind, report.rows_used) for report in imported.files] == [("deals", 1), ("owners", 1)]


def test_where_no_sheet_is_understood_the_first_says_why(tmp_path):
    path = workbook(tmp_path / "book.xlsx", {"A": [("x", "y"), (1, 2)], "B": [("p", "q"), (3, 4)]})
    (report,) = read(path).files
    assert report.name == "book.xlsx › A"
    assert report.refused[0].startswith("The headers don't tell what a row is")


def test_a_sheet_is_chosen_taken_out_or_decided_about_by_itself(tmp_path):
    path = workbook(tmp_path / "b.xlsx", {"July": deals(deal("D1")), "August": deals(deal("D2", "2.000"))})
    (only,) = read(path, {"b.xlsx": FileMapping(sheet="July")}).files
    assert (only.name, only.rows_used) == ("b.xlsx", 1)
    (left,) = read(path, {"b.xlsx › August": FileMapping(skip=True)}).files
    assert (left.name, left.skipped) == ("b.xlsx › July", ("b.xlsx › August",))
    both = {f"b.xlsx › {name}": FileMapping(skip=True) for name in ("July", "August")}
    (none,) = read(path, both).files
    assert none.refused == ("All its sheets are taken out. Take one in again, or take the file out.",)
    imported = read(path, {"b.xlsx › August": FileMapping(decimal=",")})
    assert sorted(imported.tables["deals"]["amount"].to_pylist()) == [1_000, 2_000]


def test_decisions_about_sheets_come_back_from_their_file(tmp_path):
    path = workbook(tmp_path / "b.xlsx", {"July": deals(deal("D1")), "August": deals(deal("D2"))})
    decided = {"b.xlsx › August": FileMapping(values={"region": "EMEA", "quarter": "2026-Q3"})}
    text = dump_mapping(read(path, decided), decided)
    again = parse_mapping(text)
    assert again["b.xlsx › August"].values == {"region": "EMEA"}  # the quarter is another one next time
    assert again["b.xlsx › July"].columns == again["b.xlsx › August"].columns


FUNNEL = [("Source", "MQLs", "SQLs", "Wins", "Revenue")]


@pytest.mark.parametrize("container", ["sheets", "files"])
def test_the_quarter_of_counts_is_in_the_name_where_no_column_says_it(tmp_path, container):
    tables = {
        "Funnel 2026-Q2": [*FUNNEL, ("marketing", 100, 50, 10, 5_000)],
        "Funnel Q3 FY26": [*FUNNEL, ("marketing", 80, 30, 6, 3_500), ("sales", None, 20, 4, 9_000)],
    }
    if container == "sheets":
        inputs = [workbook(tmp_path / "all.xlsx", tables)]
    else:
        inputs = [workbook(tmp_path / f"{name}.xlsx", {"Sheet1": rows}) for name, rows in tables.items()]
    imported = read_files([InputFile(path.name, path) for path in inputs])
    rows = imported.tables["funnel"].to_pylist()
    assert [(row["quarter"], row["source"], row["wins"]) for row in rows] == [
        ("2026-Q2", "marketing", 10), ("2026-Q3", "marketing", 6), ("2026-Q3", "sales", 4),
    ]  # fmt: skip
    assert [dict(report.values) for report in imported.files] == [{"quarter": "2026-Q2"}, {"quarter": "2026-Q3"}]


def test_a_summary_without_a_quarter_anywhere_is_refused_until_one_is_given(tmp_path):
    path = workbook(tmp_path / "summary.xlsx", {"Sheet1": [*FUNNEL, ("marketing", 1, 1, 1, 1)]})
    assert "No column says quarter" in read(path).files[0].refused[0]
    imported = read(path, {"summary.xlsx": FileMapping(values={"quarter": "Q3 FY26"})})
    assert imported.tables["funnel"]["quarter"].to_pylist() == ["2026-Q3"]
    (report,) = read(path, {"summary.xlsx": FileMapping(values={"quarter": "autumn"})}).files
    assert report.refused == ("The quarter of all rows is to be 'autumn', which is not a quarter such as 2026-Q3.",)


@pytest.mark.parametrize(
    ("names", "field", "values"),
    [
        (["deals_EMEA.csv", "deals_North America.csv"], "region", ["EMEA", "North America"]),
        (["2026-Q3 DACH deals.csv", "2026-Q2 Nordics deals.csv"], "region", ["DACH", "Nordics"]),
        (["Marketing pipeline.csv", "Sales pipeline.csv"], "source", ["marketing", "sales"]),
        (["deals EMEA.csv", "deals new.csv"], "region", None),
        (["deals EMEA 1.csv", "deals EMEA 2.csv"], "region", None),
    ],
)
def test_files_of_one_kind_are_told_apart_by_their_names(tmp_path, names, field, values):
    files = []
    for place, name in enumerate(names):
        (tmp_path / name).write_text(f"Opportunity ID,Close Date,Stage,Amount\nD{place},2026-08-01,Closed Won,10\n")
        files.append(InputFile(name, tmp_path / name))
    imported = read_files(files)
    table = imported.tables["deals"]
    if values is None:
        assert field not in table.column_names
        assert not any(report.values for report in imported.files)
        return
    assert dict(zip(table["deal_id"].to_pylist(), table[field].to_pylist(), strict=True)) == {
        "D0": values[0],
        "D1": values[1],
    }
    assert notes(imported.files[0]) == [f"All rows are of the {field} {values[0]!r}, by the name of the file."]
    back = {name: FileMapping(values={field: ""}) for name in names[:1]}
    assert field not in read_files(files, back).tables["deals"].column_names


def test_a_column_that_says_the_region_is_believed_rather_than_the_name(tmp_path):
    for name, region in (("a EMEA.csv", "APAC"), ("a LATAM.csv", "APAC")):
        (tmp_path / name).write_text(f"Opportunity ID,Close Date,Stage,Region\n{name[2]},2026-08-01,Won,{region}\n")
    files = [InputFile(path.name, path) for path in sorted(tmp_path.glob("*.csv"))]
    assert set(read_files(files).tables["deals"]["region"].to_pylist()) == {"APAC"}


@pytest.mark.parametrize(
    ("name", "quarter"),
    [
        ("2026-Q3", "2026-Q3"), ("funnel_2026_Q3_final", "2026-Q3"), ("Q3 FY26", "2026-Q3"), ("FY26-Q1", "2026-Q1"), ("3Q26", "2026-Q3"),
        ("26Q3", "2026-Q3"), ("Q3", None), ("2026", None), ("Q1 2026 vs Q1 2025", None), ("Q5 2026", None), ("SQ3 2026x", None),
    ],
)  # fmt: skip
def test_quarters_in_names(name, quarter):
    assert quarter_of_name(name) == quarter


def test_leads_and_a_summary_of_them_are_not_counted_both(tmp_path):
    path = workbook(
        tmp_path / "book.xlsx",
        {
            "Leads": [
                ("Lead ID", "MQL Date", "SQL Date", "Won Date"),
                ("L1", "2026-07-01", "2026-07-09", "2026-08-01"),
            ],
            "Summary": [("Quarter", *FUNNEL[0]), ("2026-Q3", "marketing", 1, 1, 1, 10)],
        },
    )
    imported = read(path)
    data = Data(imported.tables, imported.quality)
    with pytest.raises(DataError, match="The mqls are counted in records and in the summary; load only one"):
        data.funnel(agreed())


def test_a_sheet_that_seems_to_be_data_and_cannot_be_read_is_not_passed_over(tmp_path):
    """A summary without a quarter anywhere, beside deals: the user gives it one, or takes it out."""
    path = workbook(
        tmp_path / "book.xlsx",
        {
            "Summary": [*FUNNEL, ("marketing", 1, 1, 1, 1)],
            "Deals": deals(deal("D1")),
            "Notes": [("a", "b"), ("c", "d")],
        },
    )
    imported = read(path)
    assert [(report.name, bool(report.refused)) for report in imported.files] == [
        ("book.xlsx › Deals", False),
        ("book.xlsx › Summary", True),
    ]
    assert "No column says quarter" in imported.files[1].refused[0]
    assert notes(imported.files[0]) == ["Sheet 'Notes' was not read: the headers don't tell what a row is ('a', 'b')."]
    left = read(path, {"book.xlsx › Summary": FileMapping(skip=True)})
    assert not left.refused
