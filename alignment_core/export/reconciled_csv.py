"""The leads on which the CRM and the agreed definition differ, as a file for whoever cleans up the CRM."""

from alignment_core.export.table_csv import table_csv
from alignment_core.reconcile import Reconciled

__all__ = ["reconciled_csv"]


def reconciled_csv(found: Reconciled) -> bytes:
    """CSV in UTF-8, with the mark by which Excel knows it. Live text begins with an apostrophe."""
    return table_csv(found.leads)
