"""What the names of files and sheets say of all their rows."""

import pyarrow as pa
import pytest

from alignment_core.imports import FileMapping, InputFile, read_files
from alignment_core.imports.model import FileReport, Refusal, sheet_name
from alignment_core.imports.named import quarter_of_name, told_apart, with_values
from tests.imports.in_process import reading_here
from tests.imports.writers import workbook_of

FUNNEL = [("Source", "MQLs", "SQLs", "Wins", "Revenue")]
IDS = pa.table({"deal_id": ["D1", "D2"]})


@pytest.fixture(autouse=True, scope="module")
def in_this_process():
    with reading_here():
        yield


def read(path, mapping=None):
    return read_files([InputFile(path.name, path)], mapping)


def notes(report):
    return [fault.reason for fault in report.faults if not fault.sets_aside]


def told(*names, kind="deals", table=IDS, decided=None):
    """What the names of tables of one kind say of their rows."""
    parts = [(FileReport(name, name, kind=kind), table) for name in names]
    return [dict(report.values) for report, _ in told_apart(parts, decided or {})]


@pytest.mark.parametrize("container", ["sheets", "files"])
def test_the_quarter_of_counts_is_in_the_name_where_no_column_says_it(tmp_path, container):
    tables = {
        "Funnel 2026-Q2": [*FUNNEL, ("marketing", 100, 50, 10, 5_000)],
        "Funnel Q3 FY26": [*FUNNEL, ("marketing", 80, 30, 6, 3_500), ("sales", None, 20, 4, 9_000)],
    }
    if container == "sheets":
        inputs = [workbook_of(tmp_path / "all.xlsx", tables)]
    else:
        inputs = [workbook_of(tmp_path / f"{name}.xlsx", {"Sheet1": rows}) for name, rows in tables.items()]
    imported = read_files([InputFile(path.name, path) for path in inputs])
    rows = imported.tables["funnel"].to_pylist()
    assert [(row["quarter"], row["source"], row["wins"]) for row in rows] == [
        ("2026-Q2", "marketing", 10), ("2026-Q3", "marketing", 6), ("2026-Q3", "sales", 4),
    ]  # fmt: skip
    assert [dict(report.values) for report in imported.files] == [{"quarter": "2026-Q2"}, {"quarter": "2026-Q3"}]


def test_a_summary_without_a_quarter_anywhere_is_refused_until_one_is_given(tmp_path):
    path = workbook_of(tmp_path / "summary.xlsx", {"Sheet1": [*FUNNEL, ("marketing", 1, 1, 1, 1)]})
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


def test_one_value_for_all_rows_becomes_a_column_in_the_spelling_of_its_field():
    table = with_values(IDS, {"quarter": "Q3 FY26", "source": "Marketing-sourced", "region": "EMEA"})
    assert (
        table.select(["quarter", "source", "region"]).to_pylist()
        == [{"quarter": "2026-Q3", "source": "marketing", "region": "EMEA"}] * 2
    )


def test_a_column_of_the_table_is_believed_and_an_empty_value_adds_none():
    assert with_values(IDS, {"deal_id": "D9", "region": ""}).to_pydict() == {"deal_id": ["D1", "D2"]}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"quarter": "Q3"}, "The quarter of all rows is to be 'Q3', which is not a quarter such as 2026-Q3."),
        ({"source": "Webinar"}, "The source of all rows is to be 'Webinar', which is not marketing or sales."),
    ],
)
def test_a_value_that_its_field_cannot_have_is_refused(values, reason):
    with pytest.raises(Refusal) as caught:
        with_values(IDS, values)
    assert caught.value.reasons == (reason,)


def test_sheets_of_a_workbook_are_told_apart_by_their_own_names():
    book = [sheet_name("deals EMEA.xlsx", name) for name in ("DACH", "Nordics")]
    assert told(*book) == [{"region": "DACH"}, {"region": "Nordics"}]
    told_of = told_apart([(FileReport(name, "deals EMEA.xlsx", kind="deals"), IDS) for name in book], {})
    assert [notes(report) for report, _ in told_of] == [
        ["All rows are of the region 'DACH', by the name of the sheet."],
        ["All rows are of the region 'Nordics', by the name of the sheet."],
    ]
    assert [table["region"].to_pylist() for _, table in told_of] == [["DACH"] * 2, ["Nordics"] * 2]


def test_nothing_is_said_of_one_table_of_those_refused_or_of_tables_that_are_no_records():
    names = ("EMEA.csv", "APAC.csv")
    assert told("EMEA.csv") == [{}]
    assert told(*names, table=None) == [{}, {}]
    assert told(*names, kind="touches") == told(*names, kind="owners") == told(*names, kind="accounts") == [{}, {}]


def test_what_a_table_or_the_user_says_goes_before_the_name():
    names = ("EMEA.csv", "APAC.csv")
    assert told(*names, table=IDS.append_column("region", pa.array(["US", "UK"]))) == [{}, {}]
    assert told(*names, decided={"EMEA.csv": FileMapping(values={"region": ""})}) == [{}, {}]
    sides = ("marketing.csv", "sales.csv")
    assert told(*sides) == [{"source": "marketing"}, {"source": "sales"}]
    assert told(*sides, table=IDS.append_column("lead_source", pa.array(["Web", "Web"]))) == [{}, {}]
