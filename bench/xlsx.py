"""A workbook of 100,000 rows x 15 columns, from its bytes to a table of text: `python -m bench.xlsx`.

The product's way in, its checks of the archive and its child process included, against openpyxl's read-only mode.
"""

import sys
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.harness import Stopwatch, alternate, fresh, heading, median, table, verdict

ROWS, COLUMNS = 100_000, 15
BOUND = 5.0
RUNS = 3


def make(path: Path) -> None:
    """Ids, words, whole numbers, amounts and dates, five of one column and ten of the others."""
    from datetime import datetime, timedelta

    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("Leads")
        sheet.write_row(
            0,
            0,
            [*(f"Date {i}" for i in range(3)), *(f"Number {i}" for i in range(4)), *(f"Text {i}" for i in range(8))],
        )
        start = datetime(2024, 1, 1, 8, 30)
        for row in range(1, ROWS + 1):
            for place in range(3):
                sheet.write_datetime(row, place, start + timedelta(seconds=row * 577 + place * 86_400))
            for place in range(3, 5):
                sheet.write_number(row, place, row * 37 % 5_000 + place)
            for place in range(5, 7):
                sheet.write_number(row, place, (row * 7_919 % 4_000_000 + place) / 100)
            sheet.write_string(row, 7, f"00Q{row:012d}")
            for place in range(8, COLUMNS):
                if (row + place) % 5:  # some cells are empty
                    sheet.write_string(row, place, f"value {row * place % 997}")


def digest(rows: Iterable[Iterable[Any]]) -> str:
    """Of every cell as text, the header's included."""
    found = sha256()
    for row in rows:
        found.update("\t".join("" if cell is None else str(cell) for cell in row).encode() + b"\n")
    return found.hexdigest()


def product(path: Path) -> None:
    from alignment_core.imports import open_table

    watch = Stopwatch()
    with watch.phase("read"):
        frame = open_table(path)
    watch.finish(digest([frame.columns, *frame.astype(object).where(frame.notna(), None).itertuples(index=False)]))


def openpyxl(path: Path) -> None:
    from openpyxl import load_workbook

    watch = Stopwatch()
    with watch.phase("read"):
        book = load_workbook(path, read_only=True)
        rows = [
            [None if cell is None else str(cell) for cell in row]
            for row in book.worksheets[0].iter_rows(values_only=True)
        ]
    watch.finish(digest(rows))


CONTESTANTS: dict[str, Callable[[Path], None]] = {"product": product, "openpyxl, read-only": openpyxl}


def main() -> None:
    heading("XLSX to a table of text", "fastexcel", "openpyxl", "pyarrow", "duckdb")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "leads.xlsx"
        fresh("bench.xlsx", "make", path)
        found = alternate("bench.xlsx", tuple(CONTESTANTS), path, runs=RUNS)
    own, peer = found.values()
    assert all(run.answer == own[0].answer for run in (*own, *peer)), "results differ"
    print(f"{ROWS:,} x {COLUMNS} cells; every cell equal as text")
    table(found)
    verdict("times as fast as openpyxl", median(peer) / median(own), BOUND, at_least=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]))
        Stopwatch().finish()
    elif len(sys.argv) == 3:
        CONTESTANTS[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
