"""A list of records as a file for a spreadsheet."""

import csv
from io import StringIO

import pandas as pd

from alignment_core.export.quality import harmless

__all__ = ["table_csv"]


def table_csv(table: pd.DataFrame) -> bytes:
    """CSV in UTF-8, with the mark by which Excel knows it. Live text begins with an apostrophe."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(str(name)) for name in table.columns])
    for row in table.itertuples(index=False):
        writer.writerow(["" if pd.isna(cell) else harmless(str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")
