"""The sheets "Data quality", "Method" and "Checks": every row is accounted for, and one cell says whether all is well."""

from dataclasses import replace

import pytest

from alignment_core.export import evidence
from alignment_core.export.evidence import SourceFile, write_checks, write_data_quality, write_method
from alignment_core.results import Counts, Fault, Note, Quality
from alignment_core.wording import note
from tests.export.pages import a_book, read, written
from tests.support import agreed, reviewed

REVIEW = reviewed(dict(agreed().required), {"marketing": Counts(150, 86, 37, 17, 481_000)})
FILES = (
    SourceFile("leads.csv", "ab" * 32, "leads", 70, 66),
    SourceFile("deals.csv", "cd" * 32, "stage_events", 30, 30),
)
FAULTS = (
    Fault("leads.csv", 1_017, "Created", "=1+1", "is not a date", "Write dates as 2026-07-31.", 4),
    Fault("deals.csv", None, None, None, "Two sheets were not read.", "", 1, sets_aside=False),
)


def quality(found, files=()):
    """The sheet of what was read, and the checks that it promises."""
    book = a_book()
    write_data_quality(book, book.page("Data quality", [30] * 9), replace(REVIEW, **found), files)
    checks = list(book.checks)
    return read(book)["Data quality"], checks


def method(review=REVIEW, agreement=agreed(), files=()):
    return written(lambda book, page: write_method(page, review, agreement, files))


def test_every_row_is_used_or_set_aside():
    page, checks = quality({"quality": Quality(100, 96, FAULTS)}, FILES)
    assert [page.shown(label) for label in ("Rows read", "Rows used", "Rows set aside")] == [[100], [96], [4]]
    row = page.row("Used + set aside")
    assert (page.formulas.cell(row, 2).value, page.values.cell(row, 2).value) == ("=B6+B7", 100)
    assert page.shown("All files")[5:] == [100, 96, 4]
    assert page.values.cell(page.row("deals.csv"), 2).value == "stage events"
    assert [check.label for check in checks] == [
        "Rows: used + set aside = read",
        "Rows: the files' rows read add up",
        "Rows: the files' rows used add up",
    ]
    assert all(check.holds for check in checks)


def test_files_that_are_not_those_of_the_review_do_not_add_up():
    _, checks = quality({"quality": Quality(100, 96)}, FILES[:1])
    assert [check.holds for check in checks] == [True, False, False]


def test_each_fault_says_where_it_is_and_what_becomes_of_its_rows():
    page, _ = quality({"quality": Quality(100, 96, FAULTS)})
    top = page.row("Faults") + 2
    rows = [[page.values.cell(row, column).value for column in range(1, 9)] for row in (top, top + 1)]
    assert rows == [
        ["leads.csv", "1,017", "Created", "=1+1", "is not a date", "Write dates as 2026-07-31.", 4, "yes"],
        ["deals.csv", "", "", "", "Two sheets were not read.", "", 1, "no"],
    ]
    assert page.formulas.cell(top, 4).data_type == "s"


def test_no_fault_is_said_too_and_notes_are_told():
    told = Note("other_quarter", {"agreed": "2026-Q2", "quarter": "2026-Q3"})
    page, _ = quality({"notes": (told,)})
    assert page.values.cell(page.row("Faults") + 1, 1).value == "None was found."
    assert page.values.cell(page.row("What to know") + 1, 1).value == note(told)


def test_of_more_faults_than_anybody_reads_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr(evidence, "_MOST_FAULTS", 2)
    page, _ = quality({"quality": Quality(9, 9, FAULTS[:1] * 5)})
    assert page.texts()[-1] == "… and 3 more."


def test_the_method_names_what_was_done_and_how_to_check_it():
    texts = method(files=FILES).texts()
    for heading in ("Bridge", "Sign", "Basis", "Rounding", "Colours", "Drivers", "Agreement", "Files", "Sources"):
        assert heading in texts
    assert f"deals.csv (sha256 {'cd' * 32})" in texts
    assert "Counted is every event dated in the quarter, whatever quarter it started in, so wins tie to bookings. Events count up to 2026-10-09." in texts  # fmt: skip
    assert sum(text[:2] in ("1.", "2.", "3.", "4.") for text in texts) == 4


def test_funnel_order_is_not_held_against_itself():
    texts = method(replace(REVIEW, method="sequential")).texts()
    assert not any("Compare both columns of effects" in text for text in texts)
    assert not any(text.startswith("Shown beside it as live formulas") for text in texts)


def test_only_drivers_of_the_review_are_explained():
    """Without SQLs the two rates around them are one."""
    merged = reviewed(dict(agreed().required), {"marketing": Counts(150, None, 37, 17, 481_000)})
    assert {"MQL → opportunity", "MQL volume"} <= set(method(merged).texts())
    assert not {"MQL → SQL", "Win volume"} & set(method(merged).texts())


def test_what_was_agreed_is_told_in_its_words():
    page = method(agreement=agreed(split={"marketing": 0.625, "sales": 0.375}, currency="EUR"))
    told = {page.values.cell(row, 2).value: page.values.cell(row, 3).value for row in range(4, page.values.max_row + 1)}
    assert told["Revenue target"] == "EUR 1,660,500"
    assert told["Split"] == "marketing 62.5%, sales 37.5%"
    assert told["Sales"] == "SQL → opportunity 50.0%, Close rate 45.0%, Deal size 30,000"
    assert told["Any other source"] == "counts as unassigned"
    assert told["Made for"] == "Northwind, 2026-Q3 (fiscal year starts in month 1; time zone UTC)"


@pytest.mark.parametrize(
    ("year_ends", "words"),
    [("last", "on the Saturday last in the month of month 1"), ("nearest", "on the Saturday nearest to the end of month 1")],
)  # fmt: skip
def test_a_year_of_weeks_says_when_it_ends(year_ends, words):
    weeks = {"weeks": "4-4-5", "month": 1, "weekday": "Saturday", "year_ends": year_ends}
    (made_for,) = [text for text in method(agreement=agreed(calendar=weeks)).texts() if text.startswith("Northwind")]
    assert f"(fiscal year of weeks, 4-4-5, ends {words};" in made_for


@pytest.mark.parametrize(("other", "holds"), [(100.004, True), (100.01, False)])
def test_one_cell_says_whether_all_checks_hold(other, holds):
    book = a_book()
    inputs = book.page("Inputs", [10])
    book.check("Same", inputs.input(0, 0, 7, "0"), inputs.input(1, 0, 7, "0"))
    book.check("Close", inputs.input(2, 0, 100, "0"), inputs.input(3, 0, other, "0"))
    answer = write_checks(book, book.page("Checks", [40] * 5))
    page = read(book)["Checks"]
    assert (answer.there, answer.value) == ("Checks!E4", holds)
    assert (page.values["E4"].value, page.formulas["E4"].value) == (holds, "=AND(E7:E8)")
    assert page.shown("Close") == pytest.approx([100, other, 100 - other, holds])
    assert page.formulas["E8"].value == "=ABS(D8)<MAX(0.005,ABS(B8)*1E-12)"
