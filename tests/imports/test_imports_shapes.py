"""Summaries made by hand, in every layout: the same counts as the long form, every row of the file accounted for."""

import csv
import io

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alignment_core.imports import FileMapping, InputFile, read_files
from alignment_core.imports.model import Refusal
from alignment_core.imports.shapes import as_long, public
from tests.imports.in_process import reading_here
from tests.imports.sheets import sheet_of_rows

FIELDS = ("mqls", "sqls", "opportunities", "wins", "revenue")
NAMES = dict(zip(FIELDS, ("MQLs", "SQLs", "Opportunities", "Wins", "Revenue"), strict=True))


@pytest.fixture(autouse=True, scope="module")
def in_this_process():
    with reading_here():
        yield


def read(content, name="summary.csv", mapping=None, **said):
    """The report of one file, and its counts by what a row of the table says of them."""
    content = content.encode() if isinstance(content, str) else content
    imported = read_files([InputFile(name, content, **said)], {name: mapping} if mapping else None)
    (report,) = imported.files
    if not report.reasons:
        aside = sum(fault.rows for fault in report.faults if fault.sets_aside)
        assert report.rows_read == report.rows_used + aside
    return report, counts(imported.tables.get("funnel"))


def counts(table):
    """(quarter, source, region, field) → value, for all that is there; no record says the same as another."""
    found = {}
    for row in table.to_pylist() if table else ():
        for field in FIELDS:
            if row.get(field) is not None:
                key = (row["quarter"], row.get("source"), row.get("region"), field)
                assert key not in found
                found[key] = float(row[field])
    return found


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def as_xlsx(rows, merged=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([None if cell == "" else cell for cell in row])
    for area in merged:
        book.active.merge_cells(area)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


#: Two quarters, two sources; 2026-Q2 has no revenue yet.
EXPECTED = {
    ("2026-Q1", "marketing", "mqls"): 164, ("2026-Q1", "marketing", "sqls"): 123, ("2026-Q1", "marketing", "wins"): 28,
    ("2026-Q1", "marketing", "revenue"): 840000.5, ("2026-Q2", "marketing", "mqls"): 150, ("2026-Q2", "marketing", "sqls"): 86,
    ("2026-Q2", "marketing", "wins"): 17, ("2026-Q1", "sales", "sqls"): 60, ("2026-Q1", "sales", "wins"): 12,
    ("2026-Q1", "sales", "revenue"): 360000, ("2026-Q2", "sales", "sqls"): 61, ("2026-Q2", "sales", "wins"): 13,
}  # fmt: skip

#: Each layout with the rows read and used, and the merged cells of the workbook.
LAYOUTS = {
    "a column of sources": ([
        ["Source", "Metric", "Q1 2026", "Q2 2026"],
        ["Marketing", "MQLs", 164, 150], ["Marketing", "SQLs", 123, 86], ["Marketing", "Closed won", 28, 17],
        ["Marketing", "Revenue", 840000.5, ""], ["Sales", "SQLs", 60, 61], ["Sales", "Closed won", 12, 13],
        ["Sales", "Revenue", 360000, ""],
    ], (), 7, 7),
    "merged sources under a title, with totals": ([
        ["Funnel FY26", "", "", "", ""], ["", "", "", "", ""],
        ["Source", "Stage", "2026-Q1", "2026-Q2", "FY26"],
        ["Marketing", "MQL", 164, 150, 314], ["", "SQL", 123, 86, 209], ["", "Won", 28, 17, 45], ["", "Bookings", 840000.5, "", 840000.5],
        ["Sales", "SQL", 60, 61, 121], ["", "Won", 12, 13, 25], ["", "Bookings", 360000, "", 360000],
        ["Total", "SQL", 183, 147, 330], ["", "Won", 40, 30, 70],
    ], ("A4:A7", "A8:A10", "A11:A12"), 9, 7),
    "headings over blocks": ([
        ["KPI", "Q1 FY26", "Q2 FY26", "Comment"],
        ["Marketing-sourced", "", "", ""], ["MQLs", 164, 150, "webinar in May"], ["SQLs", 123, 86, ""], ["Wins", 28, 17, ""],
        ["Revenue", 840000.5, "", ""], ["Sales-sourced", "", "", ""], ["SQLs", 60, 61, ""], ["Wins", 12, 13, ""],
        ["Revenue", 360000, "", ""], ["Total", "", "", ""], ["SQLs", 183, 147, ""], ["Wins", 40, 30, ""],
    ], (), 12, 9),
    "sections within blocks": ([
        ["", "1Q26", "2Q26"],
        ["Marketing", "", ""], ["Volume", "", ""], ["MQLs", 164, 150], ["SQLs", 123, 86], ["Wins", 28, 17], ["Rates", "", ""],
        ["MQL to SQL", "75%", "57%"], ["Bookings", "", ""], ["Revenue", 840000.5, ""],
        ["Sales", "", ""], ["Volume", "", ""], ["SQLs", 60, 61], ["Wins", 12, 13], ["Revenue", 360000, ""],
    ], (), 14, 9),
    "the source in each label": ([
        ["", "Q1 2026", "Q2 2026", "YTD"],
        ["Marketing MQLs", 164, 150, 314], ["SQLs (marketing)", 123, 86, 209], ["SQLs (sales)", 60, 61, 121], ["Total SQLs", 183, 147, 330],
        ["Wins, marketing-sourced", 28, 17, 45], ["Wins, sales-sourced", 12, 13, 25], ["Marketing revenue", 840000.5, "", ""],
        ["Sales revenue", 360000, "", ""], ["Win rate", "22%", "20%", ""], ["CAC", 9000, 9100, ""],
    ], (), 10, 7),
    "the stage first, then its sources": ([
        ["Stage", "Source", "Q1 2026", "Q2 2026"],
        ["MQLs", "Marketing", 164, 150], ["SQLs", "Marketing", 123, 86], ["", "Sales", 60, 61], ["", "Total", 183, 147],
        ["Wins", "Marketing", 28, 17], ["", "Sales", 12, 13], ["Revenue", "Marketing", 840000.5, ""], ["", "Sales", 360000, ""],
    ], ("A3:A5", "A6:A7", "A8:A9"), 8, 7),
    "quarters down, sources over stages": ([
        ["Quarter", "Marketing", "", "", "", "Sales", "", ""],
        ["", "MQLs", "SQLs", "Wins", "Revenue", "SQLs", "Wins", "Revenue"],
        ["2026-Q1", 164, 123, 28, 840000.5, 60, 12, 360000], ["2026-Q2", 150, 86, 17, "", 61, 13, ""],
        ["FY26", 314, 209, 45, 840000.5, 121, 25, 360000],
    ], ("B1:E1", "F1:H1"), 3, 2),
    "quarters down, stages over sources": ([
        ["", "MQLs", "SQLs", "", "", "Wins", "", "Revenue", ""],
        ["Quarter", "Marketing", "Marketing", "Sales", "Total", "Marketing", "Sales", "Marketing", "Sales"],
        ["Q1 2026", 164, 123, 60, 183, 28, 12, 840000.5, 360000], ["Q2 2026", 150, 86, 61, 147, 17, 13, "", ""],
    ], ("C1:E1", "F1:G1", "H1:I1"), 2, 2),
    "quarters over sources across": ([
        ["", "Q1 2026", "", "Q2 2026", ""], ["Stage", "Marketing", "Sales", "Marketing", "Sales"],
        ["MQLs", 164, "", 150, ""], ["SQLs", 123, 60, 86, 61], ["Wins", 28, 12, 17, 13], ["Revenue", 840000.5, 360000, "", ""],
    ], ("B1:C1", "D1:E1"), 4, 4),
    "quarters over stages across": ([
        ["", "Q1 2026", "", "", "", "Q2 2026", "", ""], ["Source", "MQLs", "SQLs", "Wins", "Revenue", "MQLs", "SQLs", "Wins"],
        ["Marketing", 164, 123, 28, 840000.5, 150, 86, 17], ["Sales", "", 60, 12, 360000, "", 61, 13],
    ], ("B1:E1", "F1:H1"), 2, 2),
    "years beside the quarters": ([
        ["", "", "FY26", ""], ["Source", "Metric", "Q1", "Q2"],
        ["Marketing", "MQLs", 164, 150], ["Marketing", "SQLs", 123, 86], ["Marketing", "Wins", 28, 17],
        ["Marketing", "Revenue", 840000.5, ""], ["Sales", "SQLs", 60, 61], ["Sales", "Wins", 12, 13], ["Sales", "Revenue", 360000, ""],
    ], ("C1:D1",), 7, 7),
    "a year down": ([
        ["Fiscal year", "Source", "Metric", "Q1", "Q2"],
        ["FY26", "Marketing", "MQLs", 164, 150], ["", "", "SQLs", 123, 86], ["", "", "Wins", 28, 17],
        ["", "", "Revenue", 840000.5, ""], ["", "Sales", "SQLs", 60, 61], ["", "", "Wins", 12, 13], ["", "", "Revenue", 360000, ""],
    ], ("A2:A8", "B2:B5", "B6:B8"), 7, 7),
    "plan beside actual": ([
        ["Source", "Metric", "Q1 2026 Target", "Q1 2026 Actual", "Q1 2026 var", "Q2 2026 Target", "Q2 2026 Actual"],
        ["Marketing", "MQLs", 164, 164, 0, 170, 150], ["Marketing", "SQLs", 123, 123, 0, 127, 86], ["Marketing", "Wins", 27, 28, 1, 29, 17],
        ["Marketing", "Revenue", 830000, 840000.5, 1, 1, ""], ["Sales", "SQLs", 61, 60, -1, 62, 61], ["Sales", "Wins", 14, 12, -2, 14, 13],
        ["Sales", "Revenue", 420000, 360000, -1, 1, ""],
    ], (), 7, 7),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_has_the_same_counts_and_accounts_for_its_rows(name, kind):
    rows, merged, rows_read, rows_used = LAYOUTS[name]
    content = as_csv(rows) if kind == "csv" else as_xlsx(rows, merged)
    report, found = read(content, f"summary.{kind}")
    assert report.reasons == ()
    assert report.kind == "funnel"
    assert found == {(quarter, source, None, field): value for (quarter, source, field), value in EXPECTED.items()}
    assert (report.rows_read, report.rows_used) == (rows_read, rows_used)
    assert any("2026-Q1 … 2026-Q2 became 4 rows" in fault.reason for fault in report.faults)


def test_what_is_no_count_is_set_aside_by_its_row_with_what_to_do():
    rows = LAYOUTS["the source in each label"][0]
    report, _ = read(as_csv(rows))
    aside = {fault.row: (fault.value, fault.reason, fault.remedy) for fault in report.faults if fault.sets_aside}
    assert set(aside) == {5, 10, 11}
    assert aside[5][0] == "SQLs"
    assert "total" in aside[5][1]
    assert aside[10][:2] == ("Win rate", "rates and deal sizes follow from the counts")
    assert aside[11][:2] == ("CAC", "it is none of the counts that a summary has")
    assert "map it by hand" in aside[11][2]
    assert any("sums of quarters: 'YTD'" in fault.reason for fault in report.faults)


def test_a_row_of_another_name_is_mapped_by_hand_like_any_column():
    text = "Metric,Q1 2026,Q2 2026\nMQLs,164,150\nSigned customers,28,17\n"
    report, found = read(text)
    assert found == {("2026-Q1", None, None, "mqls"): 164, ("2026-Q2", None, None, "mqls"): 150}
    assert [(column.header, column.field) for column in report.columns] == [
        ("Quarter", "quarter"), ("MQLs", "mqls"), ("Signed customers", None),
    ]  # fmt: skip
    report, found = read(text, mapping=FileMapping(columns={"wins": "Signed customers"}))
    assert found[("2026-Q2", None, None, "wins")] == 17
    assert (report.rows_read, report.rows_used) == (2, 2)


def test_a_cell_that_is_no_figure_is_named_where_it_stands_and_its_quarter_is_left_out():
    report, found = read("Source,Metric,Q1 2026,Q2 2026\nMarketing,MQLs,164,150\n,Wins,28,TBD\nSales,Wins,12,13\n")
    assert found == {
        ("2026-Q1", "marketing", None, "mqls"): 164, ("2026-Q1", "marketing", None, "wins"): 28,
        ("2026-Q1", "sales", None, "wins"): 12, ("2026-Q2", "sales", None, "wins"): 13,
    }  # fmt: skip
    (fault,) = [fault for fault in report.faults if fault.value == "TBD"]
    assert (fault.row, fault.column, fault.sets_aside) == (3, "Q2 2026", False)
    assert "what the sheet says of Q2 2026, Marketing is left out" in fault.reason
    assert (report.rows_read, report.rows_used) == (3, 3)


def test_a_row_whose_every_cell_is_no_figure_is_set_aside_once_and_takes_its_quarters_along():
    report, found = read("Metric,Q1 2026,Q2 2026\nMQLs,TBD,soon\nWins,28,17\n", kind="funnel")
    assert found == {}
    assert (report.rows_read, report.rows_used) == (2, 0)
    aside = {fault.row: fault.reason for fault in report.faults if fault.sets_aside}
    assert set(aside) == {2, 3}
    assert "another cell of each is no figure" in aside[3]


REFUSED = {
    "Metric,Q1 2026,Q1 2026\nMQLs,1,2\nWins,1,1\n": "Two columns are of Q1 2026",
    "Metric,Q1,Q2\nMQLs,1,2\nWins,1,1\n": "The quarters Q1, Q2 have no year",
    "Metric,Q1 2026\nMQLs,1\nWins,1\nMQLs,3\n": "Row 4: 'MQLs' of Q1 2026 stands there a second time (first in row 2)",
    "Metric,Q1 2026\nMQLs,9\nSales revenue,100\nWins,1\n": "'Sales revenue' may be what sales sourced or all of it",
    "Metric,Q1 2026\nMarketing SQLs,9\nSales SQLs,5\nSQLs,15\nWins,1\n": "Row 4: nothing says whose 'SQLs' of Q1 2026 are",
    "Metric,Q1 2026 Marketing,Q1 2026 Sales\nMarketing SQLs,9,4\nWins,1,2\n": "Row 2, column 'Q1 2026 Sales': the row's source is",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_its_labels_leave_open_is_not_guessed(text):
    report, found = read(text)
    assert found == {}
    assert REFUSED[text] in " ".join(report.refused)


def test_sales_sourced_alone_is_what_it_says():
    _, found = read("Metric,Q1 2026\nSales-sourced revenue,100\nSales-sourced wins,1\n")
    assert found == {("2026-Q1", "sales", None, "wins"): 1, ("2026-Q1", "sales", None, "revenue"): 100}


def test_a_row_without_a_source_is_a_total_where_it_adds_up():
    report, found = read("Metric,Q1 2026\nMarketing SQLs,9\nSales SQLs,5\nSQLs,14\n")
    assert found == {("2026-Q1", "marketing", None, "sqls"): 9, ("2026-Q1", "sales", None, "sqls"): 5}
    assert (report.rows_read, report.rows_used) == (3, 2)


def test_totals_that_do_not_fit_are_said_with_their_figures():
    text = "Source,Metric,Q1 2026,Q2 2026,Q3 2026,Q4 2026,FY26\nMarketing,Wins,10,11,12,13,50\nSales,Wins,1,2,3,4,10\nTotal,Wins,11,13,15,20,59\n"
    report, found = read(text)
    said = " ".join(fault.reason for fault in report.faults)
    assert "Row 2: 'FY26' says 50, while the quarters sum to 46" in said
    assert "Row 4: the total of Wins in Q4 2026 is 20, while its parts sum to 17" in said
    assert "Row 3" not in said
    assert sum(found.values()) == 56


def test_without_any_source_nothing_is_given_to_marketing_or_sales():
    _, found = read("Metric,Q1 2026\nMQLs,9\nWins,2\n")
    assert {source for _, source, _, _ in found} == {None}


ODD_ROWS = {
    "a subtotal between sources": (
        "Source,Q1 2026 SQLs,Q1 2026 Wins\nMarketing,9,2\nTotal,9,2\nSales,5,1\n",
        {("2026-Q1", "marketing", None, "sqls"): 9, ("2026-Q1", "marketing", None, "wins"): 2, ("2026-Q1", "sales", None, "sqls"): 5,
         ("2026-Q1", "sales", None, "wins"): 1}, {3: "total"}),
    "a row of dashes": (
        "Metric,Q1 2026,Q2 2026\nMQLs,9,8\nOpportunities,-,-\nWins,2,1\n",
        {("2026-Q1", None, None, "mqls"): 9, ("2026-Q2", None, None, "mqls"): 8, ("2026-Q1", None, None, "wins"): 2,
         ("2026-Q2", None, None, "wins"): 1}, {3: "holds no figure"}),
    "only a total": (
        "Metric,Q1 2026,Q2 2026,FY26\nMQLs,9,8,17\nRevenue,,,500\nWins,2,1,3\n",
        {("2026-Q1", None, None, "mqls"): 9, ("2026-Q2", None, None, "mqls"): 8, ("2026-Q1", None, None, "wins"): 2,
         ("2026-Q2", None, None, "wins"): 1}, {3: "only in columns that sum up quarters"}),
    "a header again": (
        "Metric,Q1 2026\nMQLs,9\nMetric,Q1 2026\nWins,2\n",
        {("2026-Q1", None, None, "mqls"): 9, ("2026-Q1", None, None, "wins"): 2}, {3: "repeats the header"}),
    "a row without a quarter": (
        "Quarter,Marketing MQLs,Sales wins\n,9,1\n2026-Q1,8,2\n",
        {("2026-Q1", "marketing", None, "mqls"): 8, ("2026-Q1", "sales", None, "wins"): 2}, {2: "which quarter"}),
    "two names for one count": (
        "Metric,Q1 2026\nMQLs,9\nWins,2\nCustomers,3\n",
        {("2026-Q1", None, None, "mqls"): 9, ("2026-Q1", None, None, "wins"): 2}, {4: "under another name"}),
    "a row without a label": (
        "Metric,Q1 2026\nMQLs,9\nWins,2\n,\n,11\n",
        {("2026-Q1", None, None, "mqls"): 9, ("2026-Q1", None, None, "wins"): 2}, {5: "what the row counts"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_ROWS)
def test_odd_rows_are_set_aside_by_themselves(name):
    text, expected, aside = ODD_ROWS[name]
    report, found = read(text)
    assert report.reasons == ()
    assert found == expected
    said = {fault.row: fault.reason for fault in report.faults if fault.sets_aside}
    assert set(said) == set(aside)
    for row, words in aside.items():
        assert words in said[row]


def test_what_has_no_source_beside_what_has_is_unassigned_and_said():
    report, found = read("Metric,Q1 2026\nMQLs,9\nMarketing wins,2\nSales wins,1\n")
    assert found[("2026-Q1", None, None, "mqls")] == 9
    assert any("Nothing says whose 'MQLs' are" in fault.reason for fault in report.faults)


@pytest.mark.parametrize(
    "text",
    ["Metric;Q1 2026\nMQLs;1.200\nWins;5\n", "quarter;mqls;wins\n2026-Q1;1.200;5\n"],
    ids=["wide", "long"],
)
def test_a_count_with_a_dot_is_asked_about_and_no_decimal_by_default(text):
    report, found = read(text)
    assert "1.200 is more than a thousand or has decimals" in report.question.text
    assert found == {}
    _, found = read(text, mapping=FileMapping(decimal=","))
    assert found[("2026-Q1", None, None, "mqls")] == 1200


def test_a_count_with_a_comma_is_more_than_a_thousand():
    _, found = read('Metric,Q1 2026\nMQLs,"1,200"\nWins,5\n')
    assert found[("2026-Q1", None, None, "mqls")] == 1200


def test_regions_are_segments_and_their_total_is_set_aside():
    text = "Region,Stage,Q1 2026,Q2 2026\nEMEA,MQLs,1,2\n,Wins,1,1\nAPAC,MQLs,3,4\n,Wins,2,2\nAll regions,MQLs,4,6\n"
    report, found = read(text)
    assert found[("2026-Q2", None, "APAC", "mqls")] == 4
    assert sum(value for key, value in found.items() if key[3] == "mqls") == 10
    assert (report.rows_read, report.rows_used) == (5, 4)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("quarter,source,mqls,wins\n2026-Q1,marketing,9,2\n", "funnel"),
        ("Opportunity ID,Stage,Close Date,Amount,Q1 2026\n1,Closed Won,2026-01-02,5,6\n", "deals"),
        ("Lead ID,MQL Date,Q1 2026,Q2 2026\n1,2026-01-02,1,\n", "leads"),
    ],
)
def test_other_tables_stay_as_they_are(text, kind):
    report, _ = read(text)
    assert (report.kind, report.rows_used) == (kind, 1)
    assert not any("Read as a summary" in fault.reason for fault in report.faults)


def test_names_of_persons_in_the_labels_do_not_become_columns():
    text = "Name,Q1 2026\nMQLs,9\nWins,2\njane@example.com,5\n+49 170 1234567,4\n"
    report, _ = read(text)
    assert "example.com" not in repr(report)
    assert "1234567" not in repr(report)


def test_a_large_table_with_quarters_across_is_no_summary_made_by_hand():
    rows = "".join(f"{i},MQLs,1\n" for i in range(2_001))
    report, _ = read(f"Account,Metric,Q1 2026\n{rows}")
    assert "at most 2,000 rows" in " ".join(report.refused)


# Any funnel, in any layout, counts the same as the long form

QUARTERS = st.integers(2024 * 4, 2027 * 4 - 1).flatmap(
    lambda first: st.integers(1, 5).map(lambda many: [divmod(first + i, 4) for i in range(many)])
)
SPELLINGS = (
    lambda year, number: f"{year}-Q{number + 1}",
    lambda year, number: f"Q{number + 1} {year}",
    lambda year, number: f"Q{number + 1} FY{year % 100}",
    lambda year, number: f"{number + 1}Q{year % 100}",
)
CELL = st.none() | st.integers(0, 5_000)


@st.composite
def funnels(draw):
    """(quarter, source, field) → count; every quarter and source has something, so that no column is empty."""
    quarters = [f"{year}-Q{number + 1}" for year, number in draw(QUARTERS)]
    sources = draw(st.sampled_from([(None,), ("Marketing", "Sales")]))
    fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=5, unique=True))
    if fields == ["revenue"]:
        fields = ["wins", "revenue"]
    return {
        (quarter, source, field): draw(st.integers(0, 5_000) if field == fields[0] else CELL)
        for quarter in quarters
        for source in sources
        for field in fields
    }


def axes(funnel):
    return (list(dict.fromkeys(each)) for each in zip(*funnel, strict=True))


def shown(value):
    return "" if value is None else value


def sources_in_a_column(funnel, spell, blank):
    quarters, sources, fields = axes(funnel)
    rows = [[*(["Source"] if sources[0] else []), "Metric", *map(spell, quarters)]]
    for source in sources:
        for i, field in enumerate(fields):
            own = [source if i == 0 or not blank else ""] if source else []
            rows.append([*own, NAMES[field], *(shown(funnel[quarter, source, field]) for quarter in quarters)])
    return rows


def sources_as_headings(funnel, spell, blank):
    quarters, sources, fields = axes(funnel)
    rows = [["KPI", *map(spell, quarters)]]
    for source in sources:
        rows += [[f"{source}-sourced", *[""] * len(quarters)]] if source else []
        rows += [[NAMES[field], *(shown(funnel[quarter, source, field]) for quarter in quarters)] for field in fields]
    return rows


def sources_in_the_labels(funnel, spell, blank):
    quarters, sources, fields = axes(funnel)
    rows = [["KPI", *map(spell, quarters)]]
    for field in fields:
        for source in sources:
            label = f"{NAMES[field]} ({source.lower()})" if source else NAMES[field]
            rows.append([label, *(shown(funnel[quarter, source, field]) for quarter in quarters)])
    return rows


def quarters_down(funnel, spell, blank):
    quarters, sources, fields = axes(funnel)
    heads = [f"{source or ''} {NAMES[field]}".strip() for source in sources for field in fields]
    cells = ([shown(funnel[quarter, source, field]) for source in sources for field in fields] for quarter in quarters)
    return [["Quarter", *heads], *([spell(quarter), *row] for quarter, row in zip(quarters, cells, strict=True))]


def quarters_and_stages_across(funnel, spell, blank):
    quarters, sources, fields = axes(funnel)
    rows = [["Source", *(f"{spell(quarter)} {NAMES[field]}" for quarter in quarters for field in fields)]]
    for source in sources:
        rows.append(
            [
                source or "Unassigned",
                *(shown(funnel[quarter, source, field]) for quarter in quarters for field in fields),
            ]
        )
    return rows


WRITERS = (sources_in_a_column, sources_as_headings, sources_in_the_labels, quarters_down, quarters_and_stages_across)


@settings(max_examples=30, deadline=None)
@given(
    funnels(), st.sampled_from(WRITERS), st.sampled_from(SPELLINGS), st.booleans(), st.booleans(), st.sampled_from([0, 1, 3]),
)  # fmt: skip
def test_a_funnel_counts_the_same_however_it_is_laid_out(funnel, write, spelling, blank, in_workbook, titles):
    assume(any(field != "revenue" and value is not None for (*_, field), value in funnel.items()))

    def spell(quarter):
        return spelling(int(quarter[:4]), int(quarter[-1]) - 1)

    rows = [["Funnel of the company"], [], [""]][:titles] + write(funnel, spell, blank)
    expected = {
        (quarter, source.lower() if source else None, None, field): value
        for (quarter, source, field), value in funnel.items()
        if value is not None
    }
    if write is quarters_and_stages_across and not any(source for _, source, _ in funnel):
        expected = {(quarter, "unassigned", None, field): value for (quarter, _, _, field), value in expected.items()}
    content = as_xlsx(rows) if in_workbook else as_csv(rows)
    report, found = read(content, "summary.xlsx" if in_workbook else "summary.csv")
    assert report.reasons == ()
    assert found == expected


def test_a_wide_sheet_becomes_one_with_a_row_for_each_quarter_and_source_and_knows_where_from():
    sheet = sheet_of_rows(
        ["Source", "Metric", "Q3 2026", "Q4 2026"],
        ["Marketing", "MQLs", "5", "6"], ["Marketing", "Won", "1", ""], ["Sales", "Won", "2", "3"],
        numbers=(4, 5, 7),
    )  # fmt: skip
    long = as_long(sheet)
    columns = long.read(range(len(long.headers))).columns
    rows = [
        dict(zip(long.headers, row, strict=True))
        for row in zip(*(columns[i].to_pylist() for i in columns), strict=True)
    ]
    counted = {(row["Quarter"], row["Source"]): row["Won"] for row in rows if row["Won"]}
    assert counted == {("Q3 2026", "Marketing"): "1", ("Q3 2026", "Sales"): "2", ("Q4 2026", "Sales"): "3"}
    assert long.reshaped.numbers == (4, 5, 7)
    assert long.reshaped.headers == sheet.headers


def test_what_is_no_wide_summary_is_the_very_same_sheet():
    long = sheet_of_rows(["Quarter", "Source", "MQLs"], ["2026-Q3", "marketing", "5"])
    wide = sheet_of_rows(["Metric", "Q3 2026"], ["MQLs", "5"])
    assert as_long(long) is long
    assert as_long(wide, "leads") is wide
    assert as_long(wide) is not wide


def test_a_summary_whose_labels_contradict_each_other_is_refused_when_it_is_read():
    sheet = as_long(sheet_of_rows(["Source", "Metric", "Q3 2026 Marketing"], ["Sales", "Wins", "8"]))
    with pytest.raises(Refusal, match="the row's source is 'Sales' and the column's 'Marketing'"):
        sheet.read([0])


def test_a_label_is_shown_unless_it_may_be_somebodys():
    assert [public(name) for name in ("EMEA", "Win rate", "x" * 100)] == ["EMEA", "Win rate", "x" * 80]
    assert [public(name) for name in ("Mary Muster", "mary@muster.example", "+49 170 1234567", "Email")] == [""] * 4
