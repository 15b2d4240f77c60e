"""The errors that say what cannot be: every reason, in words, wherever they are caught."""

import pytest

from alignment_core.errors import DataError, StoreError


@pytest.mark.parametrize("error", [DataError, StoreError])
def test_an_error_has_every_reason_and_reads_as_a_line_for_each(error):
    raised = error("No leads.", "No deals.")
    assert raised.reasons == ("No leads.", "No deals.")
    assert str(raised) == "No leads.\nNo deals."


def test_whoever_catches_what_the_data_cannot_support_also_catches_what_the_store_cannot_do():
    """And so does whoever catches what is wrong with a value."""
    with pytest.raises(DataError):
        raise StoreError("Signed already.")
    assert issubclass(DataError, ValueError)
