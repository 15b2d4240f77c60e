"""Saved mappings are known again by a file's headers, whatever it is called now."""

import os
from datetime import datetime

import pytest

from alignment_core.imports import FileMapping
from alignment_core.imports.library import delete_mapping, fingerprint, matching, save_mapping, saved_mappings
from alignment_core.imports.mapping import parse_mapping

HEADERS = ("Lead ID", "Became SQL on", "Umsatz (€)")
CHOICES = FileMapping("leads", date_order="DMY", columns={"lead_id": "Lead ID", "sql_at": "Became SQL on"})


def save(folder, name="EMEA HubSpot", choices=CHOICES, headers=HEADERS):
    return save_mapping(folder, name, {"leads Q3.csv": choices}, {"leads Q3.csv": headers})


def test_what_was_saved_is_found_by_the_headers_in_any_order_and_spelling(tmp_path):
    made = save(tmp_path)
    saved, faults = saved_mappings(tmp_path)
    assert (saved, faults) == ((made,), ())
    for headers in (HEADERS, tuple(reversed(HEADERS)), ("LEAD_ID", "became sql on", "umsatz €")):
        found, choices = matching(saved, headers)
        assert found.name == "EMEA HubSpot"
        assert (choices.date_order, choices.columns) == ("DMY", CHOICES.columns)
    assert matching(saved, (*HEADERS, "Region")) is None
    assert matching(saved, HEADERS[:2]) is None


def test_headers_in_scripts_without_case_differ():
    assert fingerprint(["日付", "金額"]) != fingerprint(["日付", "数量"])
    assert fingerprint(["!", "?"]) != fingerprint(["!"])


def test_the_latest_of_two_that_fit_is_taken(tmp_path):
    for age, name in ((100, "older"), (10, "newer")):
        save(tmp_path, name)
        then = datetime.now().timestamp() - age
        os.utime(tmp_path / f"{name}.toml", (then, then))
    saved, _ = saved_mappings(tmp_path)
    assert [each.name for each in saved] == ["newer", "older"]
    assert matching(saved, HEADERS)[0].name == "newer"


def test_a_name_saved_again_is_replaced_and_nothing_else_is_left_in_the_folder(tmp_path):
    save(tmp_path)
    save(tmp_path, "  EMEA   HubSpot ", FileMapping("deals"))
    assert [path.name for path in tmp_path.iterdir()] == ["EMEA HubSpot.toml"]
    assert saved_mappings(tmp_path)[0][0].files["leads Q3.csv"].kind == "deals"
    delete_mapping(tmp_path, "EMEA HubSpot")
    delete_mapping(tmp_path, "EMEA HubSpot")
    assert saved_mappings(tmp_path) == ((), ())


def test_an_export_is_a_mapping_file(tmp_path):
    made = save(tmp_path)
    assert parse_mapping(made.text) == made.files


@pytest.mark.parametrize(
    "name", ["", " ", "../up", "a/b", "a\\b", ".hidden", "nul", "COM1.x", "a\0b", "x" * 61, "a:b", "end.", "=1"]
)
def test_a_name_that_could_leave_the_folder_is_refused_in_words(tmp_path, name):
    with pytest.raises(ValueError, match="Give it a name"):
        save(tmp_path / "in", name)
    with pytest.raises(ValueError, match="Give it a name"):
        delete_mapping(tmp_path / "in", name)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[", "not valid TOML"),
        (b'["a.csv"]\nkind = "lead"', "'lead' is none of"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"#" * 2**21, "too large"),
        (b"a = " + b"[" * 100_000, "not valid TOML"),
    ],
    ids=["broken", "wrong", "binary", "large", "deep"],
)
def test_a_corrupt_file_is_named_and_the_others_stand(tmp_path, content, said):
    save(tmp_path)
    (tmp_path / "bad.toml").write_bytes(content)
    saved, faults = saved_mappings(tmp_path)
    assert [each.name for each in saved] == ["EMEA HubSpot"]
    assert len(faults) == 1
    assert "'bad.toml'" in faults[0]
    assert said in faults[0]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert saved_mappings(tmp_path / "none") == ((), ())


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    save(tmp_path)

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        save(tmp_path, choices=FileMapping("deals"))
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["EMEA HubSpot.toml"]
    assert saved_mappings(tmp_path)[0][0].files["leads Q3.csv"].kind == "leads"
