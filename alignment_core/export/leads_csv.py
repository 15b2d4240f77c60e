"""A list of leads to work through, as a file."""

import csv
from io import StringIO

import pandas as pd

from alignment_core.export.quality import harmless

__all__ = ["leads_csv"]


def leads_csv(leads: pd.DataFrame) -> bytes:
    """CSV in UTF-8, with the mark by which Excel knows it. Live text begins with an apostrophe."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(str(name)) for name in leads.columns])
    for row in leads.itertuples(index=False):
        writer.writerow(["" if pd.isna(cell) else harmless(str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")
