"""Each real export comes out as it was worked out without the product, and the docs show the same figures."""

import datetime
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from alignment_core.agreement import Sourcing
from alignment_core.engine import Engine
from alignment_core.funnel import count_funnel
from alignment_core.imports import InputFile, read_files
from alignment_core.vocabulary import STAGES
from tests.imports.in_process import read_here
from tests.imports.real_exports import (
    DELETED,
    FILES,
    HUBSPOT,
    MARKETSTAR,
    MAVEN,
    NOT_HERE,
    OLIST,
    SALESFORCE,
    X_EDUCATION,
    Counted,
    funnel_of,
    quarter_of,
    rows_of,
    worked_out,
)  # fmt: skip

DOCS = Path(__file__).resolve().parents[2] / "docs" / "imports.md"
CASES = [(folder, name) for folder, files in FILES.items() for name in files]
TAKEN = [(folder, name) for folder, name in CASES if FILES[folder][name].kind]
FUNNELS = {MAVEN: "region", OLIST: "lead_source", MARKETSTAR: "lead_source"}
NAMES = {MAVEN: "Maven", OLIST: "Olist", MARKETSTAR: "MarketStar", X_EDUCATION: "X Education",
         SALESFORCE: "Fivetran Salesforce", HUBSPOT: "Fivetran HubSpot"}  # fmt: skip


@pytest.fixture(scope="module")
def imported(shared_data):
    """Every file by itself, as (report, its tables)."""
    found = {}
    for folder, name in CASES:
        result = read_files([InputFile(name, shared_data / folder / name)])
        found[folder, name] = (result.files[0], result.tables)
    return found


def test_no_export_is_forgotten(shared_data):
    there = {
        path.relative_to(shared_data).as_posix() for path in shared_data.rglob("*") if path.suffix in (".csv", ".xlsx")
    }
    assert there == {f"{folder}/{name}" for folder, name in CASES} | NOT_HERE


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_what_is_recognised_is_what_a_person_takes_it_for(imported, folder, name):
    report, _ = imported[folder, name]
    told = FILES[folder][name]
    if told.kind is None:
        assert any(told.refused in reason for reason in report.refused), report.refused
        return
    assert (report.refused, report.question, report.kind) == ((), None, told.kind)
    assert {column.field: column.header for column in report.columns if column.field} == told.fields


@pytest.mark.parametrize(("folder", "name"), TAKEN)
def test_rows_are_read_used_and_set_aside_as_counted_with_csv(imported, shared_data, folder, name):
    report, _ = imported[folder, name]
    expected = worked_out(shared_data, folder, name)
    aside = Counter()
    for fault in report.faults:
        if fault.sets_aside:
            aside[DELETED if DELETED in fault.reason else fault.reason] += fault.rows
    assert (report.rows_read, report.rows_used, aside) == (expected.read, expected.used, expected.aside)


@pytest.mark.parametrize(("folder", "name"), TAKEN)
def test_dates_fall_in_the_quarters_that_datetime_puts_them_in(imported, shared_data, folder, name):
    report, tables = imported[folder, name]
    # A history is in no table: it only dates other records.
    table = tables[report.kind] if report.kind != "history" else read_here(shared_data / folder / name)[0][1]
    if report.rows_used == 0:
        assert table.num_rows == 0
        return
    found = {
        column: Counter(quarter_of(at) for at in table[column].to_pylist() if at is not None)
        for column in table.column_names
        if isinstance(next((at for at in table[column].to_pylist() if at is not None), None), datetime.datetime)
    }
    expected = worked_out(shared_data, folder, name).dated
    assert found == {column: quarters for column, quarters in expected.items() if quarters}


@pytest.mark.parametrize("folder", FUNNELS)
def test_funnels_by_quarter_and_segment_are_those_counted_with_csv(imported, shared_data, folder):
    tables = {}
    for name in FILES[folder]:
        tables |= imported[folder, name][1]
    frame = count_funnel(Engine(tables), Sourcing(), by=FUNNELS[folder]).frame
    expected = funnel_of(shared_data, folder)
    for stage in (*STAGES, "revenue"):
        found = {(str(row.quarter), row.segment): getattr(row, stage) for row in frame.itertuples()}
        if stage in expected:
            assert {cell: round(value, 2) for cell, value in found.items() if value} == {
                cell: float(value) for cell, value in expected[stage].items() if value
            }, stage
        elif stage == "revenue":
            assert not any(found.values())
        else:
            assert all(pd.isna(value) for value in found.values()), stage


def test_x_educations_leads_are_by_source_what_csv_and_openpyxl_count(imported, shared_data):
    """No date is in these files; the same leads once as CSV and once as a workbook that is called CSV."""
    by_source = []
    for name in ("Leads.csv", "Leads_actually_xlsx.csv"):
        table = imported[X_EDUCATION, name][1]["leads"]
        expected = Counter(row["Lead Source"] or None for row in rows_of(shared_data / X_EDUCATION / name))
        assert Counter(table["lead_source"].to_pylist()) == expected
        by_source.append(expected)
    assert by_source[0] == by_source[1]
    assert by_source[0][None] == 36


def test_the_docs_show_the_figures_worked_out_here(shared_data):
    shown = DOCS.read_text(encoding="utf-8")
    for table in ("\n".join(_files(shared_data)), "\n".join(_quarters(shared_data)), "\n".join(_sources(shared_data))):
        assert table in shown, f"docs/imports.md should have:\n{table}"


def _files(data: Path) -> Iterator[str]:
    yield "| export | file | a row is | read | used | set aside | fields |"
    yield "|---|---|---|--:|--:|---|---|"
    for folder, name in TAKEN:
        told, outcome = FILES[folder][name], worked_out(data, folder, name)
        aside = ", ".join(f"{rows} {reason}" for reason, rows in outcome.aside.items()) or "0"
        fields = ", ".join(f"{header} → {called}" for called, header in told.fields.items())
        yield f"| {NAMES[folder]} | {name} | {told.kind} | {outcome.read:,} | {outcome.used:,} | {aside} | {fields} |"


def _quarters(data: Path) -> Iterator[str]:
    yield "| export | quarter | MQLs | opportunities | wins | revenue |"
    yield "|---|---|--:|--:|--:|--:|"
    yield from _counted(data, 0)


def _sources(data: Path) -> Iterator[str]:
    yield "| export | source or region | MQLs | opportunities | wins | revenue |"
    yield "|---|---|--:|--:|--:|--:|"
    yield from _counted(data, 1)


def _counted(data: Path, part: int) -> Iterator[str]:
    for folder in FUNNELS:
        counted = funnel_of(data, folder)
        for key in sorted({cell[part] for cells in counted.values() for cell in cells}):
            sums = [_sum(counted, stage, part, key) for stage in ("mqls", "opportunities", "wins", "revenue")]
            yield f"| {NAMES[folder]} | {key} | {' | '.join(sums)} |"


def _sum(counted: Counted, stage: str, part: int, key: str) -> str:
    if stage not in counted:
        return ""
    total = sum((value for cell, value in counted[stage].items() if cell[part] == key), Decimal(0))
    return f"{total:,.2f}" if stage == "revenue" else f"{total:,}"
