"""Plan sheets: known by their labels, read figure by figure, and never counted as results."""

import csv
import io

import pytest

from alignment_core.imports import FileMapping, InputFile, read_files
from alignment_core.imports.plan_sheet import plan_beside, plan_in
from tests.imports.in_process import reading_here
from tests.imports.sheets import sheet_of_rows

Q3, Q4 = "2026-Q3", "2026-Q4"
BOTH = {
    (Q3, "marketing", "mqls"): 164, (Q3, "marketing", "mql_to_sql"): 0.75, (Q3, "marketing", "revenue"): 830250, (Q3, "sales", "revenue"): 420000.5,
    (Q4, "marketing", "mqls"): 170, (Q4, "marketing", "mql_to_sql"): 0.8, (Q4, "marketing", "revenue"): 900000, (Q4, "sales", "revenue"): 500000,
}  # fmt: skip
ALL = {
    (Q3, None, "revenue"): 800000, (Q3, None, "deal_size"): 30000, (Q3, None, "close_rate"): 0.45,
    (Q4, None, "revenue"): 900000, (Q4, None, "deal_size"): 31000, (Q4, None, "close_rate"): 0.5,
}  # fmt: skip

LAYOUTS = {
    "targets across": ([
        ["Source", "Metric", "Q3 2026 Target", "Q4 2026 Target"],
        ["Marketing", "MQLs", "164", "170"], ["", "MQL → SQL", "75%", "80%"], ["", "Revenue", "$830,250", "$900,000"],
        ["Sales", "Revenue", "$420,000.50", "$500,000"],
    ], BOTH),
    "targets beside what was reached": ([
        ["Metric", "Plan Q3 FY26", "Plan Q4 FY26"],
        ["Marketing MQLs", "164", "170"], ["Marketing MQL to SQL rate", "0.75", "0.8"], ["Marketing revenue", "830250", "900000"],
        ["Sales revenue", "420000.5", "500000"],
    ], BOTH),
    "a column of scenarios": ([
        ["Scenario", "Source", "Metric", "2026-Q3", "2026-Q4"],
        ["Plan", "Marketing", "MQLs", "164", "170"], ["", "", "MQL/SQL", "75", "80"], ["", "", "Bookings", "830250", "900000"],
        ["", "Sales", "Bookings", "420000.5", "500000"],
    ], BOTH),
    "quarters down": ([
        ["Quarter", "Source", "MQL target", "MQL to SQL target", "Revenue goal"],
        ["2026-Q3", "marketing", "164", "75%", "830250"], ["2026-Q4", "marketing", "170", "80%", "900000"],
        ["2026-Q3", "sales", "", "", "420000.50"], ["2026-Q4", "sales", "", "", "500000"],
    ], BOTH),
    "year and quarter, without sources": ([
        ["Year", "Quarter", "Revenue quota", "Average deal size", "Win rate"],
        ["2026", "3", "$800,000", "30000", "45%"], ["2026", "4", "$900,000", "31000", "50%"],
    ], ALL),
    "a heading over targets": ([
        ["", "Q3 2026", "Q4 2026"], ["FY26 targets", "", ""],
        ["Revenue", "800000", "900000"], ["ASP", "30000", "31000"], ["Close rate", "45", "50"],
    ], ALL),
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def in_this_process():
    with reading_here():
        yield


def read(rows, name="sheet.csv", mapping=None, **said):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    imported = read_files([InputFile(name, text.getvalue().encode(), **said)], {name: mapping} if mapping else None)
    return imported.files[0], imported


def figures(report):
    return {(figure.quarter, figure.source, figure.field): figure.value for figure in report.plan}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("kind", [None, "funnel"])
def test_a_plan_is_read_figure_by_figure_and_never_counted(name, kind):
    rows, expected = LAYOUTS[name]
    report, imported = read(rows, kind=kind)
    assert report.reasons == ()
    assert report.kind == "plan"
    assert figures(report) == pytest.approx(expected)
    assert imported.tables == {}
    assert (report.rows_read, report.rows_used) == (len(rows) - 1, 0)
    assert sum(fault.rows for fault in report.faults if fault.sets_aside) == report.rows_read
    assert any("never counted" in fault.reason for fault in report.faults)


def test_figures_say_where_they_stand():
    report, _ = read(LAYOUTS["targets across"][0])
    (figure,) = [each for each in report.plan if each.source == "sales" and each.quarter == Q3]
    assert (figure.row, figure.column, figure.text, figure.name) == (5, "Q3 2026 Target", "$420,000.50", "Revenue")


ASKED = {
    "a name that speaks of a plan": ("FY26 plan.csv", [["Metric", "Q3 2026"], ["MQLs", "164"], ["Wins", "20"]], "The name 'FY26 plan.csv'"),
    "some labels that do": ("x.csv", [["Metric", "Q3 2026"], ["Revenue target", "100000"], ["MQLs", "50"]], "others (MQLs) don't say"),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_where_labels_leave_it_open_it_is_asked_and_either_answer_holds(name):
    file, rows, words = ASKED[name]
    report, imported = read(rows, file)
    assert words in report.question.text
    assert report.question.answers == ('kind = "plan"', 'kind = "funnel"')
    assert imported.tables == {}
    plan, imported = read(rows, file, FileMapping(kind="plan"))
    assert (plan.kind, len(plan.plan), imported.tables) == ("plan", 2, {})
    counted, imported = read(rows, file, FileMapping(kind="funnel"))
    assert (counted.kind, {figure.name for figure in counted.plan}) == (
        "funnel",
        {"Revenue"} if file == "x.csv" else set(),
    )
    assert imported.tables["funnel"]["mqls"].to_pylist() == [float(rows[-1][1]) if rows[-1][0] == "MQLs" else 164]


BESIDE = {
    "across": [["Metric", "Q3 2026 Target", "Q3 2026 Actual"], ["MQLs", "164", "150"], ["Wins", "28", "17"]],
    "down": [
        ["Quarter", "Scenario", "MQLs", "Wins"],
        ["2026-Q3", "Plan", "164", "28"],
        ["2026-Q3", "Actual", "150", "17"],
    ],
    "down, with the year before": [
        ["Version", "Quarter", "MQLs", "Wins"],
        ["Budget", "2026-Q3", "164", "28"],
        ["Prior year", "2026-Q3", "120", "11"],
        ["Actuals", "2026-Q3", "150", "17"],
        ["Forecast", "2026-Q3", "155", "18"],
    ],
    "as rows": [["", "Q3 2026"], ["MQLs", "150"], ["MQL target", "164"], ["Wins", "17"], ["Win goal", "28"]],
}


@pytest.mark.parametrize("name", BESIDE)
def test_targets_beside_results_are_not_counted_and_can_be_proposed(name):
    report, imported = read(BESIDE[name])
    assert report.reasons == ()
    assert report.kind == "funnel"
    assert imported.tables["funnel"].select(["mqls", "wins"]).to_pylist() == [{"mqls": 150.0, "wins": 17.0}]
    assert figures(report) == {(Q3, None, "mqls"): 164, (Q3, None, "wins"): 28}


def test_what_is_no_figure_is_named_and_the_rest_stands():
    report, _ = read([["Metric", "Q3 2026 Target"], ["MQLs", "TBD"], ["Revenue", "800000"]])
    assert figures(report) == {(Q3, None, "revenue"): 800000}
    (fault,) = [fault for fault in report.faults if fault.value == "TBD"]
    assert (fault.row, fault.column) == (2, "Q3 2026 Target")


REFUSED = {
    "a plan without quarters": ([["Metric", "Target"], ["MQLs", "164"], ["Wins", "20"]], "No figures of quarters"),
    "quarters without a year": ([["Metric", "Q3 Target"], ["MQLs", "164"], ["Wins", "20"]], "have no year"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_plan_that_cannot_be_read_says_why(name):
    rows, words = REFUSED[name]
    report, _ = read(rows, mapping=FileMapping(kind="plan"))
    assert words in " ".join(report.refused)


def test_real_quotas_are_a_plan_with_the_figures_of_the_file(shared_data):
    path = shared_data / "marketstar_sdr_quota" / "Quotas.csv"
    (report,) = read_files([InputFile("Quotas.csv", path)]).files
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Quota Amount"].strip()]
    expected = {
        f"{row['Year']}-Q{row['Quarter']}": float(row["Quota Amount"].strip().strip("$").replace(",", ""))
        for row in rows
    }
    assert report.reasons == ()
    assert {figure.quarter: figure.value for figure in report.plan if figure.field == "revenue"} == expected
    assert {figure.quarter: figure.value for figure in report.plan if not figure.field} == {
        f"{row['Year']}-Q{row['Quarter']}": float(row["Quota"]) for row in rows
    }
    assert (report.rows_read, report.rows_used) == (8, 0)


def planned(headers, *rows, mapping=FileMapping(), name="sheet.csv", kind=None):
    """What is answered of a table before anything else is known of it."""
    return plan_in(sheet_of_rows(headers, *rows), mapping, {"name": name, "kind": kind})


def values_of(answer):
    return {(figure["quarter"], figure["field"]): figure["value"] for figure in answer["plan"]}


@pytest.mark.parametrize(
    ("headers", "row"),
    [
        (["Metric", "Q3 2026"], ["MQLs", "164"]),  # nothing speaks of a plan
        (["Lead ID", "MQL Date", "Q3 2026 Target"], ["1", "2026-07-01", "5"]),  # records
        (["Metric", "Q3 2026 Target", "Q3 2026 Actual"], ["MQLs", "164", "150"]),  # results, and targets beside them
    ],
)
def test_what_is_no_plan_is_left_to_others(headers, row):
    assert planned(headers, row) is None
    assert planned(["Metric", "Q3 2026 Target"], ["MQLs", "164"], kind="leads") is None


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["300,000", "5,000"], [300_000, 5_000]),
        (["300.000", "5.000"], [300_000, 5_000]),  # alone, each of these could have decimals
        (["300.000,50", "5.000"], [300_000.5, 5_000]),
        (["0.5", "1.2M"], [0.5, 1_200_000]),
    ],
)
def test_an_amount_is_taken_for_what_it_mostly_is(amounts, expected):
    answer = planned(["Metric", "Q3 2026 Target", "Q4 2026 Target"], ["Revenue", *amounts])
    assert list(values_of(answer).values()) == expected


def test_the_users_decimal_sign_goes_before_that():
    answer = planned(["Metric", "Q3 2026 Target"], ["Revenue", "5.000"], mapping=FileMapping(decimal="."))
    assert values_of(answer) == {(Q3, "revenue"): 5}


def test_a_one_among_rates_that_nothing_decides_is_named_and_the_plan_read_without_it():
    answer = planned(["Metric", "Q3 2026 Target"], ["Win rate", "1"], ["MQLs", "164"])
    assert values_of(answer) == {(Q3, "mqls"): 164}
    (fault,) = [fault for fault in answer["faults"] if fault["row"] == 2]
    assert fault["reason"] == "may be percent or a share of 1; the plan is read without it"
    both = planned(["Metric", "Q3 2026 Target", "Q4 2026 Target"], ["Win rate", "1", "45"])
    assert values_of(both) == {(Q3, "close_rate"): 0.01, (Q4, "close_rate"): 0.45}


def test_a_persons_part_of_a_plan_is_called_by_its_row_and_never_taken_for_the_whole():
    answer = planned(
        ["Rep", "Q3 2026 revenue target"],
        ["Mary Muster", "40000"], ["John Muster", "40000"], ["EMEA partners", "20000"], ["Total", "100000"],
    )  # fmt: skip
    assert [(figure["segment"], figure["value"]) for figure in answer["plan"]] == [
        ("row 2", 40_000),
        ("row 3", 40_000),
        ("EMEA partners", 20_000),
        ("", 100_000),
    ]


def test_the_targets_beside_results_are_those_of_the_plan_alone():
    headers = ["Quarter", "MQLs", "MQL target", "Wins", "Win goal"]
    figures = plan_beside(sheet_of_rows(headers, [Q3, "150", "164", "17", "28"]), FileMapping(), "sheet.csv")
    assert [(figure["field"], figure["value"], figure["column"]) for figure in figures] == [
        ("mqls", 164, "MQL target"),
        ("wins", 28, "Win goal"),
    ]
    assert plan_beside(sheet_of_rows(["Quarter", "MQLs"], [Q3, "150"]), FileMapping(), "sheet.csv") == []


def test_an_empty_plan_says_so():
    answer = planned(["Metric", "Q3 2026 Target"], ["MQLs", ""], ["Wins", ""], kind="plan")
    assert answer["refused"] == ["The plan holds no figures. Fill them in, and load the file again."]
