"""Files on their way in, all checks included: `python -m bench.imports`.

The leads of `bench.csv_funnel`, from their bytes to a typed table, against DuckDB's own `read_csv` with the types
given; and the workbook of `bench.xlsx`, guarded and in its child process, against fastexcel alone. Beside the time
stands the peak memory for each byte of the file.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING, Any

from bench.csv_funnel import LEAD_COLUMNS, LEADS, _csv
from bench.harness import Run, Stopwatch, alternate, fresh, heading, median, peak, table, verdict
from bench.xlsx import COLUMNS, ROWS, digest

if TYPE_CHECKING:
    import duckdb

CSV_BOUND, XLSX_BOUND = 1.5, 2.0


def _summed(connection: "duckdb.DuckDBPyConnection") -> list[Any]:
    """What is in the table `leads`: a number for each column, by which two of them are equal."""
    sums = {"VARCHAR": "sum(hash({0})::HUGEINT)", "TIMESTAMPTZ": "sum(epoch_us({0})::HUGEINT)"}
    asked = ", ".join(sums.get(type_, "sum({0})").format(name) for _, name, type_ in LEAD_COLUMNS)
    row = connection.execute(f"SELECT count(*), {asked} FROM leads").fetchone()
    return [str(value) for value in row or ()]


def product_csv(path: Path) -> None:
    import duckdb

    from alignment_core.imports import InputFile, keep_one_ready, read_files

    keep_one_ready()  # as the app does at its start
    sleep(2)
    watch = Stopwatch()
    with watch.phase("read"):
        imported = read_files([InputFile(path.name, path)])
    assert imported.quality.rows_used == LEADS
    connection = duckdb.connect()
    connection.register("leads", imported.tables["leads"])
    watch.finish(_summed(connection))


def duckdb_csv(path: Path) -> None:
    import duckdb

    watch = Stopwatch()
    with watch.phase("read"):
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE leads AS FROM {_csv(path, LEAD_COLUMNS)}")
    watch.finish(_summed(connection))


def product_xlsx(path: Path) -> None:
    from alignment_core.imports import keep_one_ready, open_table

    keep_one_ready()
    sleep(2)
    watch = Stopwatch()
    with watch.phase("read"):
        frame = open_table(path)
    watch.finish(digest([frame.columns, *frame.astype(object).where(frame.notna(), None).itertuples(index=False)]))


def fastexcel_xlsx(path: Path) -> None:
    import fastexcel
    import pandas  # noqa: F401 the result is a frame of it: loading it is no part of the question
    import pyarrow as pa

    watch = Stopwatch()
    with watch.phase("read"):
        sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string")
        frame = pa.table(sheet.to_arrow()).to_pandas()
    watch.finish(digest([frame.columns, *frame.astype(object).where(frame.notna(), None).itertuples(index=False)]))


CONTESTANTS: dict[str, Callable[[Path], None]] = {
    "product": product_csv,
    "DuckDB's read_csv": duckdb_csv,
    "product, XLSX": product_xlsx,
    "fastexcel alone": fastexcel_xlsx,
}


def question(title: str, path: Path, names: tuple[str, str], bound: float) -> None:
    found: dict[str, list[Run]] = alternate("bench.imports", names, path)
    own, peer = found.values()
    assert all(run.answer == own[0].answer for run in (*own, *peer)), "results differ"
    size = path.stat().st_size
    print(f"\n{title}; results equal; {size / 2**20:,.0f} MB")
    table(found)
    per_byte = ", ".join(f"{name} {peak(runs) * 2**20 / size:.1f}" for name, runs in found.items())
    print(f"peak memory, bytes for each byte of the file: {per_byte}")
    verdict(f"against {names[1]}", median(own) / median(peer), bound)


def main() -> None:
    heading("Files on their way in", "duckdb", "fastexcel", "pyarrow", "pandas")
    with TemporaryDirectory() as name:
        folder = Path(name)
        fresh("bench.csv_funnel", "make", folder)
        (folder / "touches.csv").unlink()
        fresh("bench.xlsx", "make", folder / "leads.xlsx")
        csv, xlsx = ("product", "DuckDB's read_csv"), ("product, XLSX", "fastexcel alone")
        question(f"{LEADS:,} leads x {len(LEAD_COLUMNS)} columns of CSV", folder / "leads.csv", csv, CSV_BOUND)
        question(f"{ROWS:,} x {COLUMNS} cells of a workbook", folder / "leads.xlsx", xlsx, XLSX_BOUND)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        CONTESTANTS[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
