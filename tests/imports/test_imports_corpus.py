"""Files made to break importers: each ends as a table, a question or a refusal in words, and never otherwise."""

import json
from collections import Counter

from alignment_core.imports.model import Limits, NeedsAnswer, Refusal
from alignment_core.imports.opening import open_sheets


def test_every_file_ends_read_asked_about_or_refused_in_a_sentence(bad_inputs, tmp_path):
    """In this process, so that a fault of ours is a fault of the test. 1,220 files when this was written: 629 read,
    587 refused (most of them no tables at all), 4 asked about."""
    outcomes = Counter()
    for path in sorted(path for path in bad_inputs.rglob("*") if path.is_file() and path.name != "SOURCE.txt"):
        link = tmp_path / "file"
        link.symlink_to(path)
        try:
            for sheet in open_sheets(link, Limits()):
                text = sheet.read(range(len(sheet.headers)))
                assert len(sheet.headers) == len(set(sheet.headers)), path.name
                assert all(len(column) == text.length for column in text.columns.values()), path.name
                assert len(text.row_numbers(range(min(text.length, 3)))) == min(text.length, 3), path.name
            outcomes["read"] += 1
        except Refusal as refusal:
            said = refusal.reasons  # the sentence must stand without this file's place on the machine
            assert said, path.name
            assert all(reason.endswith((".", "?")) and str(tmp_path) not in reason for reason in said), (
                path.name,
                said,
            )
            outcomes["refused"] += 1
        except NeedsAnswer as needed:
            assert len(needed.question.answers) > 1  # noqa: PT017 a question is one of three right outcomes
            outcomes["asked"] += 1
        link.unlink()
        for twin in tmp_path.iterdir():
            twin.unlink()
    assert outcomes["read"] >= 600
    assert outcomes["asked"] <= 20


def test_tables_whose_meaning_is_written_beside_them_are_read_as_that(bad_inputs):
    """csv-spectrum gives each of its files as JSON. Line ends within cells may be the other system's."""
    compared = 0
    for path in sorted((bad_inputs / "csv-spectrum").rglob("*.csv")):
        if path.stem == "location_coordinates":  # its JSON has another telephone number than its CSV
            continue
        (beside,) = path.parents[1].rglob(f"{path.stem}.json")
        expected = json.loads(beside.read_text(encoding="utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        (sheet,) = open_sheets(path, Limits())
        text = sheet.read(range(len(sheet.headers)))
        rows = zip(*(text.columns[place].to_pylist() for place in range(len(sheet.headers))), strict=True)
        found = [{header: cell or "" for header, cell in zip(sheet.headers, row, strict=True)} for row in rows]
        unix = json.loads(json.dumps(expected).replace("\\r\\n", "\\n"))
        assert json.loads(json.dumps(found).replace("\\r\\n", "\\n")) == unix, path.name
        compared += 1
    assert compared == 11
