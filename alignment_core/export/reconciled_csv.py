"""The leads on which the CRM and the agreed definition differ, as a file for whoever cleans up the CRM."""

import csv
from io import StringIO

from alignment_core.export.quality import harmless
from alignment_core.reconcile import Reconciled

__all__ = ["reconciled_csv"]


def reconciled_csv(found: Reconciled) -> bytes:
    """CSV in UTF-8, with the mark by which Excel knows it. Live text begins with an apostrophe."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(found.leads.columns)
    for row in found.leads.itertuples(index=False):
        writer.writerow(["" if cell is None or cell != cell else harmless(str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")
