"""Files named on the command line → what is reviewed."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from alignment_core.errors import DataError
from alignment_core.imports import Decisions, Imported, InputFile, known_again, load_decisions, read_files

__all__ = ["read_inputs"]


def read_inputs(
    inputs: Sequence[InputFile], mapping: Path | None = None
) -> tuple[Imported, Decisions, Collection[str]]:
    """Read files as a mapping file says, also those that it knows by their headers under another name.

    Returns what they became, what was decided, and the names of the files that were known again.

    Raises:
        MappingError: the mapping cannot be used.
        DataError: a file cannot be, with every reason.
    """
    decided = load_decisions(mapping) if mapping else Decisions()
    inputs = _told_apart(inputs)
    imported = read_files(inputs, decided.files)
    known = known_again(imported.files, decided.files)
    if known:
        imported = read_files(inputs, {**decided.files, **known})
    if imported.refused:
        raise DataError(*(reason for report in imported.refused for reason in report.reasons))
    return imported, decided, known


def _told_apart(inputs: Sequence[InputFile]) -> list[InputFile]:
    """Files of one name from several folders are called by their paths, as they were given."""
    named = Counter(each.name for each in inputs)
    return [replace(each, name=str(each.content)) if named[each.name] > 1 else each for each in inputs]
