"""The figures of a hand-made table, each with what the labels around it say, wherever those stand."""

import pytest

from alignment_core.imports.grid import layout_of, read_grid, tells
from alignment_core.imports.model import Refusal
from alignment_core.imports.sheet import Aside
from tests.imports.sheets import sheet_of_rows

Q3, Q4 = "Q3 2026", "Q4 2026"


def grid_of(headers, *rows, **told):
    sheet = sheet_of_rows(headers, *rows, **told)
    return read_grid(sheet, layout_of(sheet))


def figures(grid):
    """(quarter, source, field) → cell; totals apart."""
    assert not any(figure.is_total for figure in grid.figures)
    found = {(figure.quarter, figure.source, figure.field): figure.text for figure in grid.figures}
    assert len(found) == len(grid.figures)
    return found


FIGURES = {
    (Q3, "Marketing", "mqls"): "164", (Q4, "Marketing", "mqls"): "170",
    (Q3, "Marketing", "wins"): "20", (Q4, "Marketing", "wins"): "21",
    (Q3, "Sales", "wins"): "8", (Q4, "Sales", "wins"): "9",
}  # fmt: skip
LAYOUTS = {
    "quarters across, sources beside": (
        ["Source", "Metric", Q3, Q4],
        ["Marketing", "MQLs", "164", "170"], ["Marketing", "Wins", "20", "21"], ["Sales", "Wins", "8", "9"],
    ),
    "sources not repeated": (
        ["Source", "Metric", Q3, Q4],
        ["Marketing", "MQLs", "164", "170"], ["", "Wins", "20", "21"], ["Sales", "Wins", "8", "9"],
    ),
    "sources as headings": (
        ["", Q3, Q4],
        ["Marketing", "", ""], ["MQLs", "164", "170"], ["Wins", "20", "21"], ["Sales", "", ""], ["Wins", "8", "9"],
    ),
    "sources in the labels": (
        ["Metric", Q3, Q4], ["Marketing MQLs", "164", "170"], ["Marketing-sourced wins", "20", "21"], ["Wins (sales)", "8", "9"],
    ),
    "stages across": (
        ["Quarter", "Source", "MQLs", "Wins"],
        [Q3, "Marketing", "164", "20"], [Q4, "Marketing", "170", "21"], [Q3, "Sales", "", "8"], [Q4, "Sales", "", "9"],
    ),
    "sources and stages across": (
        ["Quarter", "Marketing MQLs", "Marketing wins", "Sales wins"], [Q3, "164", "20", "8"], [Q4, "170", "21", "9"],
    ),
    "quarters and sources across": (
        ["Metric", "Q3 2026 Marketing", "Q4 2026 Marketing", "Q3 2026 Sales", "Q4 2026 Sales"],
        ["MQLs", "164", "170", "", ""], ["Wins", "20", "21", "8", "9"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_however_a_table_is_laid_out_its_figures_say_the_same(name):
    grid = grid_of(*LAYOUTS[name])
    assert figures(grid) == FIGURES
    assert grid.across == any("Q3 2026" in header for header in LAYOUTS[name][0])


def test_a_year_that_stands_above_the_quarters_belongs_to_each():
    grid = grid_of(["Metric", "Q3", "Q4"], ["FY26", "", ""], ["Wins", "20", "21"])
    assert figures(grid) == {("2026-Q3", "", "wins"): "20", ("2026-Q4", "", "wins"): "21"}
    grid = grid_of(["Year", "Quarter", "Wins"], ["2026", "3", "20"], ["2026", "4", "21"])
    assert figures(grid) == {("2026-Q3", "", "wins"): "20", ("2026-Q4", "", "wins"): "21"}


def test_a_heading_that_is_no_source_is_a_label_of_the_figures_under_it():
    grid = grid_of(["", Q3], ["EMEA", ""], ["Wins", "5"], ["APAC", ""], ["Wins", "7"])
    assert grid.labels == ("Heading", "Group")
    assert [(figure.labels, figure.source, figure.text) for figure in grid.figures] == [
        (("EMEA", ""), "", "5"),
        (("APAC", ""), "", "7"),
    ]
    assert grid.headings == {0, 2}


def test_columns_that_sum_up_quarters_are_kept_apart():
    grid = grid_of(["Metric", Q3, Q4, "FY26", "Total"], ["Wins", "20", "21", "41", "41"])
    assert figures(grid) == {(Q3, "", "wins"): "20", (Q4, "", "wins"): "21"}
    assert [figure.text for figure in grid.sums] == ["41", "41"]
    only = grid_of(["Metric", Q3, "FY26"], ["Wins", "20", "41"], ["Revenue", "", "900"])
    assert [(row.place, row.reason) for row in only.unread] == [
        (1, "it has figures only in columns that sum up quarters")
    ]


@pytest.mark.parametrize("word", ["Total", "All sources", "Overall", "Gesamt", "Combined"])
def test_what_sums_up_sources_is_marked_as_a_total(word):
    grid = grid_of(["Source", "Metric", Q3], ["Marketing", "Wins", "20"], ["Sales", "Wins", "8"], [word, "Wins", "28"])
    assert [figure.is_total for figure in grid.figures] == [False, False, True]


def test_rows_without_figures_say_why():
    grid = grid_of(
        ["Source", "Metric", Q3],
        ["Marketing", "MQLs", "164"], ["Marketing", "Wins", ""], ["Source", "Metric", Q3], ["Rates", "", ""], ["Sales", "Wins", "8"],
    )  # fmt: skip
    assert [(row.place, row.reason) for row in grid.unread] == [
        (1, "the row is a heading, and no record"),
        (2, "the row repeats the header"),
        (3, "the row is a heading, and no record"),
    ]
    assert [figure.text for figure in grid.figures] == ["164", "8"]
    grid = grid_of(["Quarter", "Wins"], ["2026-Q3", "20"], ["FY26", "61"])
    assert [(row.place, row.value, row.reason) for row in grid.unread] == [(1, "FY26", "the row sums up quarters")]
    assert figures(grid) == {("2026-Q3", "", "wins"): "20"}


def test_a_blank_row_and_a_total_above_end_what_is_carried_down():
    """Rows 2, 3 and 5 of the file: what stands below the blank one has no source of its own."""
    rows = (["Marketing", "MQLs", "164"], ["", "Wins", "20"], ["", "Wins", "28"])
    grid = grid_of(["Source", "Metric", Q3], *rows, numbers=(2, 3, 5))
    assert [figure.source for figure in grid.figures] == ["Marketing", "Marketing", ""]
    assert (grid.numbers, grid.carried) == ((2, 3, 5), (1,))
    total = Aside(4, "the row is a total", "Nothing needs to be done.")
    grid = grid_of(["Source", "Metric", Q3], *rows, numbers=(2, 3, 5), aside=(total,))
    assert [(figure.source, figure.is_total) for figure in grid.figures] == [
        ("Marketing", False),
        ("Marketing", False),
        ("", True),
    ]
    assert grid.totals == (total,)


def test_sales_beside_a_measure_may_mean_all_of_it_and_is_named():
    """Unless it says how."""
    grid = grid_of(["Metric", Q3], ["Sales revenue", "9000"], ["Sales-sourced wins", "8"])
    assert grid.bare_sales == ("Sales revenue",)


@pytest.mark.parametrize(
    ("headers", "row", "what"),
    [
        (["Source", "Metric", "Q3 2026 Marketing"], ["Sales", "Wins", "8"], "the row's source is 'Sales' and the column's 'Marketing'"),
        (["Quarter", "Q4 2026 wins"], ["2026-Q3", "8"], "the row's quarter is '2026-Q3' and the column's 'Q4 2026'"),
    ],
)  # fmt: skip
def test_labels_that_contradict_each_other_are_refused_at_the_cell(headers, row, what):
    with pytest.raises(Refusal, match=rf"Row 2, column '{headers[-1]}': {what}, yet the cell holds '8'"):
        grid_of(headers, row)


def test_two_columns_of_one_quarter_that_nothing_tells_apart_are_refused():
    with pytest.raises(Refusal, match="Two columns are of Q3 2026, and nothing tells them apart"):
        grid_of(["Metric", Q3, f"{Q3} (2)"], ["Wins", "20", "21"])


def test_a_table_made_by_hand_has_at_most_two_thousand_rows():
    rows = [["Wins", "20"]] * 2_000
    assert len(grid_of(["Metric", Q3], *rows).figures) == 2_000
    with pytest.raises(Refusal, match="at most 2,000 rows and 40,000 cells of quarters; this has 2,001 rows"):
        grid_of(["Metric", Q3], *rows, rows[0])


@pytest.mark.parametrize(
    ("headers", "row"),
    [
        (["Lead ID", "Country"], ["00Q1", "DE"]),  # nothing of a quarter or a measure
        (["Metric", Q3], ["Wins", "soon"]),  # no figures
        (
            ["Metric", *[f"Q3 {year}" for year in range(2000, 2400)]],
            ["Wins", *["1"] * 400],
        ),  # wider than anybody makes one
    ],
)
def test_what_is_no_table_of_quarters_and_measures_has_no_layout(headers, row):
    assert layout_of(sheet_of_rows(headers, row)) is None


def test_a_label_tells_planned_from_reached_only_where_it_says_nothing_else():
    assert [tells(text) for text in ("Plan", "Actuals", "Forecast", "Prior year")] == [
        "plan",
        "actual",
        "forecast",
        "earlier",
    ]
    assert [tells(text) for text in ("MQL target", "Total", "", "Plan B")] == [None] * 4
