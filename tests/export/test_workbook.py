"""The workbook: its formulas live, read what the core says, and its chart draws what its table says."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from alignment_core.agreement import Agreement
from alignment_core.export.workbook import SourceFile, write_workbook
from alignment_core.findings import headline
from alignment_core.results import Counts, Fault, Note, Quality, Review
from alignment_core.scenarios import Scenario, levers, play
from alignment_core.wording import DRIVER, METHOD_MEANING, SOURCE, note
from tests.office import converted
from tests.support import agreed, reviewed

AGREED = agreed()
MARKETING = Counts(150, 86, 37, 17, 481_234.56)
SALES = Counts(None, 128, 60, 28, 902_100.40)
FILES = (
    SourceFile("leads.csv", "ab" * 32, "leads", 20_345, 20_301),
    SourceFile("=opportunities.csv", "cd" * 32, "deals", 1_200, 1_200),
)
FAULTS = (
    Fault("leads.csv", 17, "Created", '=HYPERLINK("http://example.com")', "is not a date", "Write dates as 2026-07-31.", 40),
    Fault("leads.csv", None, "@handle", "+1+1", "-no number", "=remedy()", 4),
    Fault("leads.csv", 9, None, "@SUM(A1)", "=1+1", "-1", 1, sets_aside=False),
)  # fmt: skip
QUALITY = Quality(21_545, 21_501, FAULTS)
LONG = "Müller & Söhne Überregionale Vertriebsgesellschaft 3M " * 5


def of(agreement: Agreement, marketing: Counts | None, sales: Counts | None, **changes) -> Review:
    """The review of a quarter, held against an agreement."""
    method, unassigned = changes.pop("method", "shapley"), changes.pop("unassigned", None)
    sides = {"marketing": marketing, "sales": sales, "unassigned": unassigned}
    review = reviewed(
        dict(agreement.required), {source: counts for source, counts in sides.items() if counts}, method=method
    )
    return replace(review, company=agreement.company, currency=agreement.currency, **changes)


def by_region(method: str, regions: int) -> Review:
    """A review by region: the first is lost, the last is new, and in one nobody became an SQL but some an opportunity."""
    names = [f"Region {place}" + " with quite a long name" * (place % 4 == 0) for place in range(regions)]

    def share(counts: Counts, weight: float) -> Counts:
        stages = ("mqls", "sqls", "opportunities", "wins", "revenue")
        return Counts(*(None if (value := getattr(counts, stage)) is None else value * weight for stage in stages))

    plan = {
        source: {name: share(counts, 1 / (regions - 1)) for name in names[:-1]}
        for source, counts in AGREED.required.items()
    }
    actual = {
        "marketing": {name: Counts(9 + place, 5 + place % 3, 3, 1 + place % 2, 21_000.5 * place) for place, name in enumerate(names[1:])},
        "sales": {name: Counts(None, 11, 4 + place % 2, place % 3, 30_000.25 * (place % 3)) for place, name in enumerate(names[1:])},
        "unassigned": {"Region 1": Counts(1, 1, 1, 1, 10_000.0), "": Counts(2, 1, 1, 1, 500.0)},
    }  # fmt: skip
    actual["marketing"]["Region 2"] = Counts(12, 0, 4, 2, 50_000.0)
    return reviewed(plan, actual, method=method, by="sales_region")


EUROS = agreed(currency="EUR", company=LONG)
MERGED = of(EUROS, Counts(180, None, 40, 0, 0.0), Counts(None, 128, 0, 28, 902_100.40))
ALONE = agreed(split={"marketing": 1, "sales": 0}, sales=None, revenue_target=830_250)


def scenario(agreement: Agreement, review: Review, split: float, **moved: float) -> Scenario:
    """Some levers moved."""
    return play(
        levers(review), {name.replace("__", "."): value for name, value in moved.items()}, target=agreement.revenue_target,
        plan_split=agreement.split.marketing, split=split, owners=agreement.owners,
    )  # fmt: skip


CHOSEN = scenario(
    EUROS, MERGED, 0.62, marketing__mql_volume=220.0, marketing__close_rate=0.31, sales__deal_size=27_500.5
)
PLAIN = of(
    AGREED, MARKETING, SALES, unassigned=Counts(4, 3, 2, 1, 22_000.0), quality=QUALITY,
    notes=(Note("other_quarter", {"agreed": "2026-Q2", "quarter": "2026-Q3"}),),
)  # fmt: skip
CASES: dict[str, tuple[Review, Agreement, Scenario | None, tuple[SourceFile, ...]]] = {
    "plain": (PLAIN, AGREED, None, FILES),
    "sequential": (of(AGREED, MARKETING, SALES, method="sequential"), AGREED, None, ()),
    "lmdi": (of(AGREED, MARKETING, SALES, method="lmdi"), AGREED, None, ()),
    "crossing zero": (of(AGREED, Counts(10, 4, 2, 2, -1_900_000.0), SALES, method="sequential"), AGREED, None, ()),
    "below zero": (of(ALONE, Counts(200, 100, 60, 30, -2_000_000.0), None), ALONE, None, ()),
    "merged and undefined": (MERGED, EUROS, CHOSEN, ()),
    "not in the plan": (of(ALONE, MARKETING, Counts(None, 20, 10, 4, 100_000.0)), ALONE, None, ()),
    "not in the actuals": (of(AGREED, MARKETING, None), AGREED, None, ()),
    "no variance": (of(AGREED, *AGREED.required.values()), AGREED, None, ()),
    "by region": (by_region("shapley", 12), AGREED, None, ()),
    "by region, sequential": (by_region("sequential", 12), AGREED, None, ()),
    "by many regions": (by_region("lmdi", 40), AGREED, None, ()),
    "by region, no plan": (
        replace(of(AGREED, MARKETING, SALES), by="region", segment_actual={"marketing": {"EMEA": MARKETING}, "sales": {"EMEA": SALES}}),
        AGREED, None, (),
    ),
    "large": (
        of(agreed(revenue_target=8.4e12, currency="JPY"), Counts(8e8, 5e8, 1.5e8, 8e7, 3.1e12), Counts(None, 6e8, 2.8e8, 1.3e8, 4.4e12)),
        agreed(revenue_target=8.4e12, currency="JPY"), None, (),
    ),
}  # fmt: skip
every_case = pytest.mark.parametrize("name", CASES)

#: Numbers for which a product of floating-point rates lands just above a whole number: target, split, rates, deal size, MQLs.
ROUNDED_UP_ONCE = [
    (1_660_500.0, 0.5, (0.75, 0.5, 0.45), 30_000.0, 164),
    (8_603_010.0, 0.4, (0.36, 0.78, 0.86), 10_000.0, 1425),
    (6_069_147.0, 0.4, (0.7, 0.74, 0.73), 30_000.0, 214),
    (6_069_148.0, 0.4, (0.7, 0.74, 0.73), 30_000.0, 215),
]


def roundings() -> Iterator[tuple[str, Review, Agreement, int]]:
    for place, (target, split, rates, size, owed) in enumerate(ROUNDED_UP_ONCE):
        funnel = dict(zip(("mql_to_sql", "sql_to_opportunity", "close_rate"), rates, strict=True))
        sales = {name: rate for name, rate in funnel.items() if name != "mql_to_sql"} | {"deal_size": size}
        shares = {"marketing": split, "sales": 1 - split}
        agreement = agreed(revenue_target=target, split=shares, marketing=funnel | {"deal_size": size}, sales=sales)
        yield f"rounding {place}", of(agreement, MARKETING, SALES), agreement, owed


# Reading a workbook


def row_of(sheet: Worksheet, *texts: str, start: int = 1) -> int:
    """The first row that begins with these texts."""
    for row in range(start, sheet.max_row + 1):
        if tuple(sheet.cell(row, column).value for column in range(1, len(texts) + 1)) == texts:
            return row
    raise AssertionError(f"no row of {sheet.title} begins with {texts}")


def bridge_row(sheet: Worksheet, review: Review, place: int) -> int:
    bar = review.bars[place]
    return row_of(sheet, SOURCE[bar.source], DRIVER[bar.driver], start=row_of(sheet, "Plan"))


def cells(book: Workbook) -> Iterator[tuple[str, openpyxl.cell.Cell]]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield f"{sheet.title}!{cell.coordinate}", cell


def stored(content: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content), data_only=True)


def formulas(content: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content))


@pytest.fixture(scope="module")
def written() -> dict[str, bytes]:
    """Every case's workbook."""
    books = {
        name: write_workbook(review, agreement, played, files)
        for name, (review, agreement, played, files) in CASES.items()
    }
    return books | {name: write_workbook(review, agreement) for name, review, agreement, _ in roundings()}


# Two workbooks that a reader has typed into


def typed_into(content: bytes, typed: dict[tuple[str, str], list[tuple[int, float]]]) -> bytes:
    """The workbook with other inputs: by sheet and the row's first text, what is typed into which column.

    Saving drops the stored values, so that all that is read afterwards is recalculated.
    """
    book = formulas(content)
    for (sheet, label), values in typed.items():
        row = row_of(book[sheet], label)
        for column, value in values:
            assert not isinstance(book[sheet].cell(row, column).value, str), "not an input"
            book[sheet].cell(row, column).value = value
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


TYPED_ACTUAL = Counts(131, 99, 41, 12, 402_000.75)


def typed_actual(content: bytes) -> bytes:
    stages = zip(
        ("MQLs", "SQLs", "Opportunities", "Wins", "Revenue, USD"),
        ("mqls", "sqls", "opportunities", "wins", "revenue"),
        strict=True,
    )
    return typed_into(
        content, {("Plan and Actual", label): [(3, getattr(TYPED_ACTUAL, stage))] for label, stage in stages}
    )


def typed_scenario(content: bytes) -> bytes:
    values = {
        "Marketing's share of it": [(3, 0.7)],
        "MQL volume": [(5, 190)],
        "MQL → SQL": [(5, 0.61)],
        "Close rate": [(5, 0.5)],
    }
    return typed_into(content, {("Scenario", label): typed for label, typed in values.items()})


TYPED_SCENARIO = {"marketing__mql_volume": 190.0, "marketing__mql_to_sql": 0.61, "marketing__close_rate": 0.5}


@pytest.fixture(scope="module")
def recalculated(written: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workbook]:
    """The workbooks as LibreOffice recalculates them, all in one run."""
    books = written | {
        "typed actual": typed_actual(written["sequential"]),
        "typed scenario": typed_scenario(written["sequential"]),
    }
    paths = converted(books, tmp_path_factory.mktemp("workbooks"), of="xlsx", to="xlsx")
    return {name: openpyxl.load_workbook(path, data_only=True) for name, path in paths.items()}


def same(one: object, other: object) -> bool:
    """To the cent, or to the last digit that amounts of this size have."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < max(0.005, 1e-12 * abs(one))
    return one == other


# The numbers


@every_case
def test_every_formula_has_a_stored_value_and_recalculates_to_it(name, written, recalculated):
    """Viewers that do not calculate show the core's numbers, and those that do find the same."""
    now, then = recalculated[name], stored(written[name])
    found = 0
    for where, cell in cells(formulas(written[name])):
        if cell.data_type == "f":
            found += 1
            before = then[cell.parent.title][cell.coordinate].value
            after = now[cell.parent.title][cell.coordinate].value
            assert before is not None, f"{where}: nothing stored beside {cell.value}"
            assert same(before, after), f"{where}: {before!r} is stored, {cell.value} gives {after!r}"
    assert found > 200


@every_case
def test_the_summary_reads_what_the_core_says(name, recalculated):
    """Effects, ranges, totals and shares, recalculated, are the review's."""
    review = CASES[name][0]
    sheet = recalculated[name]["Summary"]
    assert sheet["A1"].value == headline(review).title
    level = review.plan_revenue
    for place, bar in enumerate(review.bars):
        row = bridge_row(sheet, review, place)
        level += bar.effect
        expected = [
            bar.effect,
            level,
            bar.effect / review.variance if review.variance else "–",
            bar.order_low,
            bar.order_high,
        ]
        found = [sheet.cell(row, column).value for column in range(6, 11)]
        assert all(map(same, found, expected)), (found, expected)
        for column, value in ((4, bar.plan), (5, bar.actual)):
            assert same(sheet.cell(row, column).value, "undefined" if value is None else value)
    row = row_of(sheet, "Actual, and the variance")
    assert same(sheet.cell(row, 6).value, review.variance)
    assert same(sheet.cell(row, 7).value, review.actual_revenue)


@every_case
def test_every_check_holds(name, recalculated):
    book = recalculated[name]
    held = [row[4].value for row in book["Checks"].iter_rows(min_row=7) if row[0].value]
    assert held == [True] * len(held)
    assert len(held) >= 5
    assert book["Checks"]["E4"].value is True
    assert book["Summary"].cell(row_of(book["Summary"], "All checks hold"), 2).value is True


def test_a_check_that_does_not_hold_reads_false():
    """Files whose rows are not the review's: the Summary says so."""
    book = stored(write_workbook(PLAIN, AGREED, files=FILES[:1]))
    assert book["Checks"].cell(row_of(book["Checks"], "Rows: the files' rows read add up"), 5).value is False
    assert book["Summary"].cell(row_of(book["Summary"], "All checks hold"), 2).value is False


def test_another_actual_gives_the_bridge_that_the_core_gives(recalculated):
    """The counts are the only inputs: typing other ones moves rates, effects, totals and the chart."""
    review = of(AGREED, TYPED_ACTUAL, SALES, method="sequential")
    book = recalculated["typed actual"]
    summary, chart = book["Summary"], book["Chart data"]
    for place, bar in enumerate(review.bars):
        row = bridge_row(summary, review, place)
        assert same(summary.cell(row, 5).value, bar.actual)
        assert same(summary.cell(row, 6).value, bar.effect)
        assert same(chart.cell(row_of(chart, "Plan") + 1 + place, 3).value, bar.effect)
    assert same(summary.cell(row_of(summary, "Actual, and the variance"), 7).value, review.actual_revenue)
    assert book["Checks"]["E4"].value is True


def test_another_scenario_gives_what_the_core_gives(recalculated):
    """Split and levers typed in: plan at that split, revenue, effects and the volume owed are those of `play`."""
    review = CASES["sequential"][0]
    expected = play(
        levers(review), {name.replace("__", "."): value for name, value in TYPED_SCENARIO.items()}, target=1_660_500,
        plan_split=0.5, split=0.7, owners=AGREED.owners, method="sequential",
    )  # fmt: skip
    reads_scenario(recalculated["typed scenario"], expected)


def test_a_given_scenario_is_the_one_shown(recalculated):
    """Merged drivers and an undefined deal size among its levers."""
    values = {f"{bar.source}.{bar.driver}": bar.actual for bar in CHOSEN.bars}
    expected = play(
        levers(MERGED), values, target=1_660_500, plan_split=0.5, split=0.62, owners=EUROS.owners, method="sequential"
    )
    assert expected.revenue == CHOSEN.revenue
    reads_scenario(recalculated["merged and undefined"], expected)


def reads_scenario(book: Workbook, expected: Scenario) -> None:
    sheet = book["Scenario"]
    for source in expected.revenue:
        row = row_of(sheet, SOURCE[source])
        assert same(sheet.cell(row, 2).value, expected.plan[source])
        assert same(sheet.cell(row, 3).value, expected.revenue[source])
        start = row_of(sheet, SOURCE[source], start=row + 1)
        for bar in (bar for bar in expected.bars if bar.source == source):
            row = row_of(sheet, DRIVER[bar.driver], start=start)
            assert same(sheet.cell(row, 4).value, bar.plan)
            assert same(sheet.cell(row, 5).value, bar.actual)
            assert same(sheet.cell(row, 6).value, bar.effect)
        stage = "MQLs" if source == "marketing" else "SQLs"
        assert (
            sheet.cell(row_of(sheet, f"{stage} {source} owes for its share of the target"), 5).value
            == expected.required[source]
        )
    assert same(sheet.cell(row_of(sheet, sheet["A12"].value), 3).value, expected.actual_revenue)
    assert book["Checks"]["E4"].value is True


@pytest.mark.parametrize(("name", "owed"), [(name, owed) for name, _, _, owed in roundings()])
def test_floating_error_never_adds_an_mql(name, owed, recalculated):
    """164 stays 164, and what is over a whole number by however little takes one more."""
    sheet = recalculated[name]["Scenario"]
    assert sheet.cell(row_of(sheet, "MQLs marketing owes for its share of the target"), 5).value == owed


def test_a_scenario_without_one_stands_at_the_plan(written):
    sheet = stored(written["plain"])["Scenario"]
    row = row_of(sheet, "Revenue, USD")
    assert [sheet.cell(row, column).value for column in (2, 3, 4)] == [1_660_500, 1_660_500, 0]


def test_a_rate_of_zero_makes_the_target_impossible():
    played = scenario(AGREED, PLAIN, 0.5, marketing__close_rate=0.0)
    sheet = stored(write_workbook(PLAIN, AGREED, played))["Scenario"]
    assert sheet.cell(row_of(sheet, "MQLs marketing owes for its share of the target"), 5).value == "not possible"


# What is live, and what is text


@every_case
def test_what_follows_is_a_formula_and_what_is_given_is_a_blue_number(name, written):
    """On Plan and Actual: typed numbers are blue, formulas are not, links to other sheets are green."""
    for where, cell in cells(formulas(written[name])):
        if cell.data_type in "nb" and not isinstance(cell.value, datetime):
            assert cell.font.color.rgb == "FF0000FF", f"{where} is a number that is not blue"
        elif cell.data_type == "f":
            is_link = re.fullmatch(r"='?[\w ]+'?![A-Z]+\d+", str(cell.value)) is not None
            assert cell.font.color.rgb == ("FF00703C" if is_link else "FF000000"), f"{where}: {cell.value}"


def test_effects_in_funnel_order_are_formulas_whatever_the_method(written):
    for name in ("sequential", "plain", "lmdi"):
        sheet = formulas(written[name])["Plan and Actual"]
        row = row_of(sheet, "MQL → SQL", start=row_of(sheet, "Driver"))
        assert (
            sheet.cell(row, 7).value
            == f"=PRODUCT(F{row - 1}:F{row - 1})*(F{row}-E{row})*PRODUCT(E{row + 1}:E{row + 3})"
        )
        assert isinstance(sheet.cell(row, 8).value, float) == (name != "sequential")


def test_the_plan_follows_from_what_was_agreed(written, tmp_path):
    """2,000,000 × 60% ÷ 30,000 ÷ 45% ÷ 50% ÷ 50% = 355.56 MQLs, and what sales owes for the other 40%."""
    typed = {"Revenue target, USD": 2_000_000, "Marketing's share of it": 0.6, "MQL → SQL": 0.5}
    book = typed_into(written["plain"], {("Plan and Actual", label): [(2, value)] for label, value in typed.items()})
    path = converted({"typed": book}, tmp_path, of="xlsx", to="xlsx")["typed"]
    sheet = openpyxl.load_workbook(path, data_only=True)["Plan and Actual"]
    stages = [sheet.cell(row_of(sheet, label, start=row_of(sheet, "Marketing-sourced")), 2).value for label in ("MQLs", "SQLs", "Wins", "Revenue, USD")]  # fmt: skip
    assert stages == pytest.approx([355.5556, 177.7778, 40, 1_200_000], rel=1e-6)
    start = row_of(sheet, "Sales-sourced")
    assert sheet.cell(row_of(sheet, "Revenue, USD", start=start), 2).value == pytest.approx(800_000)
    assert sheet.cell(row_of(sheet, "Revenue, USD", start=row_of(sheet, "All sources")), 2).value == pytest.approx(
        2_000_000
    )


def test_text_from_data_is_never_a_formula(written):
    """Values, reasons and names that begin with = + - @ are text in their cells."""
    book = formulas(written["plain"])
    texts = {cell.value for _, cell in cells(book) if cell.data_type == "s"}
    for fault in FAULTS:
        assert {fault.value, fault.reason, fault.remedy} <= texts
    assert FILES[1].name in texts
    assert not [where for where, cell in cells(book) if cell.data_type == "f" and "HYPERLINK" in str(cell.value)]
    assert not any(sheet._hyperlinks for sheet in book.worksheets)


def test_segments_named_like_formulas_are_text():
    names = {"=1+1": MARKETING, "+A1": Counts(1, 1, 1, 1, 1.0)}
    review = reviewed({"marketing": names}, {"marketing": names}, by="region")
    book = formulas(write_workbook(review, ALONE))
    for sheet in ("Summary", "By segment"):
        texts = {cell.value for where, cell in cells(book) if cell.data_type == "s" and where.startswith(sheet)}
        assert set(names) <= texts


def test_a_stage_that_nobody_recorded_says_so_and_a_missing_deal_size_is_undefined(written):
    sheet = stored(written["merged and undefined"])["Plan and Actual"]
    assert sheet.cell(row_of(sheet, "SQLs"), 3).value == "not recorded"
    assert sheet.cell(row_of(sheet, "MQL → opportunity"), 2).value == 0.375
    row = row_of(sheet, "Deal size")
    assert [sheet.cell(row, column).value for column in (2, 3, 4, 5, 6, 7)] == [
        30_000,
        "undefined",
        "–",
        30_000,
        30_000,
        0,
    ]


def test_nothing_is_a_share_of_no_variance(written):
    sheet = stored(written["no variance"])["Summary"]
    assert {sheet.cell(bridge_row(sheet, CASES["no variance"][0], place), 8).value for place in range(9)} == {"–"}


# The chart


def chart_xml(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        (name,) = (name for name in archive.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name))
        return archive.read(name).decode()


def series(xml: str, kind: str) -> list[tuple[str, str, bool]]:
    """Of each series: its name's or values' reference, its values' reference, and whether it is filled."""
    group = re.search(rf"<c:{kind}>(.*)</c:{kind}>", xml, re.DOTALL)[1]
    found = []
    for each in re.findall(r"<c:ser>(.*?)</c:ser>", group, re.DOTALL):
        name = re.search(r"<c:tx>.*?<c:(?:f|v)>(.*?)</c:", each, re.DOTALL)[1]
        values = re.search(r"<c:val>.*?<c:f>(.*?)</c:f>", each, re.DOTALL)[1]
        found.append((name, values, "<a:noFill/>" not in re.sub(r"<a:ln>.*?</a:ln>", "", each)))
    return found


def read(book: Workbook, reference: str) -> list[float | None]:
    sheet, _, area = reference.partition("!")
    left, top, right, bottom = range_boundaries(area.replace("$", ""))
    assert left == right
    return [book[sheet.strip("'")].cell(row, left).value for row in range(top, bottom + 1)]


@every_case
def test_the_stacked_columns_draw_each_bar_from_its_start_to_its_end(name, written, recalculated):
    """The visible parts, stacked above and below zero on the invisible ones, cover the bar and nothing else."""
    review, book = CASES[name][0], recalculated[name]
    columns = [(values, filled) for _, values, filled in series(chart_xml(written[name]), "barChart")]
    assert [filled for _, filled in columns] == [False, False] + [True] * 6
    stacks = list(zip(*(read(book, values) for values, _ in columns), strict=True))
    levels = [review.plan_revenue]
    for bar in review.bars:
        levels.append(levels[-1] + bar.effect)
    spans = [(0.0, review.plan_revenue), *pairwise(levels), (0.0, review.actual_revenue)]
    for stack, (start, end) in zip(stacks, spans, strict=True):
        bases, parts = stack[:2], [part or 0.0 for part in stack[2:]]
        above = bases[0], bases[0] + sum(part for part in parts if part > 0)
        below = bases[1], bases[1] + sum(part for part in parts if part < 0)
        assert bases[0] >= 0 >= bases[1]
        assert same(above[1] - above[0] + below[0] - below[1], abs(end - start))
        drawn = [each for each in (above, below) if each[0] != each[1]]
        if drawn:
            assert same(min(map(min, drawn)), min(start, end))
            assert same(max(map(max, drawn)), max(start, end))
        if len(drawn) == 2:
            assert bases == (0, 0), "a bar that crosses zero begins at zero on both sides"


def test_a_bar_that_crosses_zero_has_two_parts(written):
    """Deal size takes revenue from above zero to below: the case that one invisible base cannot draw."""
    sheet = stored(written["crossing zero"])["Chart data"]
    crossing = [row for row in range(5, sheet.max_row + 1) if sheet.cell(row, 10).value and sheet.cell(row, 11).value]
    assert [sheet.cell(row, 2).value for row in crossing] == ["Deal size"]


@every_case
def test_favourable_bars_are_in_the_blue_columns_and_unfavourable_ones_in_the_orange(name, written, recalculated):
    review = CASES[name][0]
    xml = chart_xml(written[name])
    values = {each[0]: read(recalculated[name], each[1])[1:-1] for each in series(xml, "barChart")}
    for place, bar in enumerate(review.bars):
        good = values["Favourable above 0"][place] - values["Favourable below 0"][place]
        bad = values["Unfavourable above 0"][place] - values["Unfavourable below 0"][place]
        assert same(good, max(bar.effect, 0.0))
        assert same(bad, max(-bar.effect, 0.0))
    assert xml.index("0072B2") < xml.index("D55E00")


@every_case
def test_each_bar_is_labelled_with_its_signed_amount_above_it(name, written, recalculated):
    """The labels are the names of one-point lines, which follow their cells."""
    review, book = CASES[name][0], recalculated[name]
    lines = series(chart_xml(written[name]), "lineChart")
    effects = [review.plan_revenue, *(bar.effect for bar in review.bars), review.actual_revenue]
    unit = 1.0
    for place, ((label, heights, _), effect) in enumerate(zip(lines, effects, strict=True)):
        text = book["Chart data"][label.split("!")[1].replace("$", "")].value
        amount = float(re.sub(r"[,+kMB]", "", text).replace("−", "-"))
        unit = {"k": 1e3, "M": 1e6, "B": 1e9}.get(text[-1], 1) if amount else unit
        assert abs(amount * unit - effect) <= 0.5 * unit
        if amount and 0 < place < len(effects) - 1:
            assert text[0] == ("+" if effect > 0 else "−")
        points = read(book, heights)
        assert [at for at, height in enumerate(points) if height is not None] == [place]


# By segment


@pytest.mark.parametrize("name", ["by region", "by region, sequential"])
def test_the_summary_has_each_segments_effect_by_driver(name, recalculated):
    review, sheet = CASES[name][0], recalculated[name]["Summary"]
    start = row_of(sheet, "Marketing-sourced effects by sales region, USD") + 1
    columns = {cell.value: cell.column for cell in sheet[start] if cell.value}
    found = 0
    for bar in review.segment_bars:
        if bar.source == "marketing":
            row = row_of(sheet, bar.segment, start=start)
            assert same(sheet.cell(row, columns[DRIVER[bar.driver]]).value, bar.effect)
            found += 1
    assert found > 50
    all_regions = row_of(sheet, "All", start=start)
    for bar in (bar for bar in review.bars if bar.source == "marketing"):
        assert same(sheet.cell(all_regions, columns[DRIVER[bar.driver]]).value, bar.effect)


def test_effects_of_segments_in_funnel_order_are_formulas(written):
    sheet = formulas(written["by region, sequential"])["By segment"]
    row = row_of(sheet, "Sales-sourced", "Region 1", "Close rate")
    assert sheet.cell(row, 9).value == f"=PRODUCT(H{row - 2}:H{row - 1})*(H{row}-G{row})*PRODUCT(G{row + 1}:G{row + 1})"


def test_of_many_segments_the_largest_are_listed_and_the_others_summed(recalculated):
    review, sheet = CASES["by many regions"][0], recalculated["by many regions"]["Summary"]
    start = row_of(sheet, "Sales-sourced effects by sales region, USD")
    others = row_of(sheet, "The other 15", start=start)
    last = max(cell.column for cell in sheet[others] if cell.value is not None)
    total = sum(sheet.cell(row, last).value for row in range(start + 2, others + 1))
    assert same(total, sum(bar.effect for bar in review.bars if bar.source == "sales"))


# The rest of what a reader needs


def test_the_sheets(written):
    plain, regions = formulas(written["plain"]), formulas(written["by region"])
    assert plain.sheetnames == [
        "Summary",
        "Plan and Actual",
        "Scenario",
        "Data quality",
        "Method",
        "Checks",
        "Chart data",
    ]
    assert [name for name in regions.sheetnames if name not in plain.sheetnames] == ["By segment"]


@every_case
def test_each_sheet_is_set_up_for_reading_and_for_paper(name, written):
    book = formulas(written[name])
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        fitted = sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1) if fitted else 10 <= sheet.page_setup.scale <= 100
        assert sheet.freeze_panes == "A2"
        assert {cell.font.name for row in sheet.iter_rows() for cell in row} == {"Arial"}
        assert all(sheet.column_dimensions[column].width >= 10 for column in "AB")


@every_case
def test_columns_are_wide_enough_for_their_numbers(name, written):
    """A number that does not fit is shown as ####."""
    book = stored(written[name])
    for sheet in book.worksheets:
        widths = {}
        for dimension in sheet.column_dimensions.values():
            widths |= dict.fromkeys(range(dimension.min, dimension.max + 1), dimension.width)
        for row in sheet.iter_rows():
            for cell in row:
                if (
                    isinstance(cell.value, float | int)
                    and not isinstance(cell.value, bool)
                    and cell.number_format != "0%"
                ):
                    decimals = 2 if ".00" in cell.number_format else 1 if ".0" in cell.number_format else 0
                    value = cell.value * (100 if "%" in cell.number_format else 1)
                    text = f"{value:+,.{decimals}f}" + "%" * ("%" in cell.number_format)
                    assert len(text) < widths[cell.column], f"{sheet.title}!{cell.coordinate}: {text}"


def test_the_same_input_gives_the_same_bytes(written):
    review, agreement, played, files = CASES["plain"]
    assert write_workbook(review, agreement, played, files) == written["plain"]


def test_the_properties_say_what_it_is_and_when_it_is_of(written):
    properties = formulas(written["plain"]).properties
    assert properties.title == "Plan to actual: Northwind, Q3 2026"
    assert properties.created == datetime(2026, 10, 9)


def test_what_the_numbers_rest_on_is_written_down(written):
    """Method, basis, notes, files with their hashes, faults, sources."""
    book = stored(written["plain"])
    texts = " ".join(str(cell.value) for _, cell in cells(book))
    for expected in (
        METHOD_MEANING["shapley"][1:], "events in the quarter", note(PLAIN.notes[0]), FILES[0].sha256, "arXiv:1102.0989", "P23-186",
        "Shapley, L. S. (1953)", "Ang, B. W. (2005)", "USD 1,660,500", "Inputs: numbers from", "Positive is favourable",
    ):  # fmt: skip
        assert expected in texts
    quality = book["Data quality"]
    assert [quality.cell(row, 2).value for row in (5, 6, 7, 8)] == [21_545, 21_501, 44, 21_545]


def test_amounts_are_in_the_agreements_currency(written):
    book, xml = stored(written["merged and undefined"]), chart_xml(written["merged and undefined"])
    assert "Revenue, EUR" in xml
    assert "Revenue, EUR" in [cell.value for _, cell in cells(book)]
    assert not [where for where, cell in cells(book) if "USD" in str(cell.value)]


def test_a_long_name_does_not_break_the_footer(written):
    """Excel takes 255 characters, && for & and a digit after & as a font size."""
    with zipfile.ZipFile(BytesIO(written["merged and undefined"])) as archive:
        footer = re.search(r"<oddFooter>(.*?)</oddFooter>", archive.read("xl/worksheets/sheet1.xml").decode())[1]
    assert len(footer) < 255
    left = footer.replace("&amp;", "&").split("&C")[0].removeprefix("&L ")
    assert left.replace("&&", "&") == f"{LONG}, Q3 2026"[:60]


def test_no_name_is_defined_twice(written):
    for content in written.values():
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = re.findall(
                r'<definedName name="([^"]+)" localSheetId="(\d+)"', archive.read("xl/workbook.xml").decode()
            )
        assert len(names) == len(set(names))


def test_the_workbook_opens_from_disk(tmp_path: Path, written):
    """A whole file, not only a stream: its parts are all there."""
    path = tmp_path / "review.xlsx"
    path.write_bytes(written["plain"])
    assert zipfile.ZipFile(path).testzip() is None
