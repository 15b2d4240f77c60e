"""What the commands share: days and quarters as they are typed, files that can be opened, and JSON as it is written."""

import json
from argparse import ArgumentTypeError
from datetime import date

import pytest

from alignment_core.command_line import a_day, a_quarter, all_there, write_json
from alignment_core.errors import DataError
from alignment_core.quarters import Quarter


def test_a_quarter_and_a_day_are_read_as_they_are_written():
    assert a_quarter("2026-Q3") == Quarter(2026, 3)
    assert a_day("2026-10-09") == date(2026, 10, 9)


@pytest.mark.parametrize("text", ["Q3", "2026-Q5", "2026", ""])
def test_what_is_no_quarter_is_wrong_usage_and_says_how_one_is_written(text):
    with pytest.raises(ArgumentTypeError, match="2026-Q3"):
        a_quarter(text)


@pytest.mark.parametrize("text", ["9/10/2026", "2026-13-01", "2026-02-30", "soon", ""])
def test_what_is_no_day_is_wrong_usage_and_says_how_one_is_written(text):
    with pytest.raises(ArgumentTypeError, match="is not a date written as YEAR-MONTH-DAY, for example 2026-10-09"):
        a_day(text)


@pytest.mark.parametrize(("inside", "outside"), [("1900-01-01", "1899-12-31"), ("2999-12-31", "3000-01-01")])
def test_a_day_lies_in_a_year_that_has_quarters(inside, outside):
    assert a_day(inside) == date.fromisoformat(inside)
    with pytest.raises(ArgumentTypeError, match="is a day of no quarter: the years are 1900 to 2999"):
        a_day(outside)


def test_every_file_that_cannot_be_opened_is_named_once_and_at_once(tmp_path):
    there, folder, missing = tmp_path / "a.csv", tmp_path, tmp_path / "b.csv"
    there.write_text("x")
    all_there([there, None, there])
    with pytest.raises(DataError) as raised:
        all_there([missing, there, folder, missing, tmp_path / "c.csv"])
    assert raised.value.reasons == (
        f"{missing}: No such file or directory",
        f"{folder}: Is a directory",
        f"{tmp_path / 'c.csv'}: No such file or directory",
    )


def test_json_keeps_its_characters_and_ends_its_line(tmp_path, capsys):
    said = {"company": "Müller → Söhne", "rate": 0.5}
    write_json(said, "-")
    write_json(said, str(tmp_path / "out.json"))
    printed, kept = capsys.readouterr().out, (tmp_path / "out.json").read_text(encoding="utf-8")
    assert printed == kept == '{\n "company": "Müller → Söhne",\n "rate": 0.5\n}\n'
    assert json.loads(kept) == said


def test_what_json_cannot_say_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"rate": float("nan")}, str(tmp_path / "out.json"))
    assert not list(tmp_path.iterdir())
