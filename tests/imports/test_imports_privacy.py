"""What many leads share of job titles and the like is kept, to show what a rule on it would cost; the rest goes."""

from alignment_core.data import Data
from alignment_core.imports import InputFile, read_files
from alignment_core.imports.privacy import SHARED_BY

HEADER = "Lead ID,MQL Date,Lead Source,{title},Seniority,Score,Country\n"


def imported(titles, header="Job Title", seniority="Director"):
    rows = (f"L{n:03},2026-07-01,Web,{title},{seniority},{n},Peru\n" for n, title in enumerate(titles))
    (report,), tables = (
        (found := read_files([InputFile("leads.csv", (HEADER.format(title=header) + "".join(rows)).encode())])).files,
        found.tables,
    )
    return report, tables["leads"]


def test_a_title_that_fewer_share_might_tell_who_somebody_is():
    titles = ["CFO"] * SHARED_BY + ["Founder of Magrathea"] * (SHARED_BY - 1) + [" CFO "]
    for header in ("Job Title", "Title", "jobtitle"):
        _, leads = imported(titles, header)
        assert leads["job_title"].to_pylist() == ["CFO"] * SHARED_BY + [None] * (SHARED_BY - 1) + ["CFO"]


def test_what_is_somebodys_is_not_kept_however_often_it_stands_there():
    for value in ("maria@canary.example", "+49 30 5550 7 41", "Maria Zelphirin", "12 Wobblegate Lane", "x " * 40):
        _, leads = imported([value] * 20)
        assert set(leads["job_title"].to_pylist()) == {None}, value


def test_the_column_itself_is_dropped_and_what_is_kept_of_it_is_said():
    report, leads = imported(["CFO"] * 9)
    assert next(column for column in report.columns if column.header == "Job Title").why == "personal, dropped"
    assert [fault.reason for fault in report.faults] == [
        "Of each lead's job title, seniority only what at least 5 leads share is kept, to show what a rule on it would cost."
    ]
    assert leads["score"].to_pylist() == [str(n) for n in range(9)]


def test_nobody_breaks_a_review_down_by_what_somebody_is():
    _, leads = imported(["CFO"] * 9)
    assert Data({"leads": leads}).segment_fields == ("lead_source", "country")


def test_a_column_that_the_user_mapped_is_no_title():
    """Where "Title" is said to be the region, it is the region."""
    from alignment_core.imports import FileMapping

    rows = "".join(f"L{n},2026-07-01,North\n" for n in range(9))
    content = f"Lead ID,MQL Date,Title\n{rows}".encode()
    found = read_files([InputFile("leads.csv", content)], {"leads.csv": FileMapping(columns={"region": "Title"})})
    assert set(found.tables["leads"].column_names) == {"lead_id", "mql_at", "region"}
