"""The command line: the contract's shapes, files and exit statuses, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.commands import CONTRACT_AGREEMENT

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_data"


def run(*arguments):
    command = [sys.executable, "-m", "alignment_core", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120)


def sample(*more):
    return run(
        "review", "--agreement", SAMPLE / "agreement.toml", "--quarter", "2026-Q3",
        "--leads", SAMPLE / "salesforce_leads.csv", "--deals", SAMPLE / "salesforce_opportunities.csv", *more,
    )  # fmt: skip


@pytest.fixture
def agreement(tmp_path):
    path = tmp_path / "agreement.toml"
    path.write_text(CONTRACT_AGREEMENT)
    return path


def test_what_follows_from_the_agreement_is_the_contracts_example(agreement):
    done = run("agreement", "--agreement", agreement, "--json", "-")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["required"]["marketing"] == {
        "mqls": 164,
        "sqls": 123,
        "opportunities": 61.5,
        "wins": 27.675,
        "revenue": 830250,
    }
    assert said["required"]["sales"] == {"sqls": 123, "opportunities": 61.5, "wins": 27.675, "revenue": 830250}
    odds = said["odds"]["marketing"]
    assert (odds["wins_needed"], round(odds["probability"], 3)) == (28, 0.505)
    assert odds["mqls_for"] == {"0.7": 180, "0.8": 189, "0.9": 204}


def test_a_review_writes_json_and_workbook(tmp_path):
    done = sample("--json", "-", "--workbook", tmp_path / "out.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert list(said)[:6] == ["company", "quarter", "currency", "basis", "method", "as_of"]
    assert (said["plan"]["revenue"], said["actual"]["revenue"], said["variance"]) == (1660500, 1445039, -215461)
    assert said["actual"]["marketing"] == {"mqls": 196, "sqls": 77, "opportunities": 39, "wins": 18, "revenue": 593261}
    assert sum(bar["effect"] for bar in said["bridge"]) == pytest.approx(said["variance"], abs=0.005)
    assert set(said["bridge"][0]) == {
        "source", "driver", "owner", "plan", "actual", "effect", "order_low", "order_high", "interval", "verdict", "undefined",
    }  # fmt: skip
    quality = said["quality"]
    assert quality["rows_read"] == quality["rows_used"] + quality["rows_set_aside"]
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames[0] == "Summary"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "invalid choice"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage_is_status_2_and_said(arguments, said):
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_all_faults_of_an_agreement_are_status_1_and_on_stderr(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(
        CONTRACT_AGREEMENT.replace("sales = 0.5", "sales = 0.4").replace("close_rate = 0.45", "close_rate = 45")
    )
    done = run("agreement", "--agreement", path)
    assert done.returncode == 1
    assert "split: marketing 0.5 + sales 0.4 = 0.9; shares must sum to 1" in done.stderr
    assert done.stderr.count("write 45% as 0.45") == 2
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_a_sentence_and_no_traceback(monkeypatch, capsys):
    import alignment_core.__main__ as command

    def broken(options):
        raise ZeroDivisionError("lead@canary.example")

    monkeypatch.setattr(command, "_agreement", broken)
    assert command.main(["agreement", "--agreement", "any.toml"]) == 1
    said = capsys.readouterr().err
    assert said == "A fault of ours, not of your data: ZeroDivisionError. `python -X dev` shows where.\n"


def test_every_file_that_is_missing_is_named_at_once():
    found = run("review", "--agreement", "none.toml", "--quarter", "2026-Q3", "--leads", "a.csv", "--deals", "b.csv", "--mapping", "m.toml")  # fmt: skip
    assert found.returncode == 1
    named = [line.split(":")[0] for line in found.stderr.splitlines()]
    assert named == ["none.toml", "m.toml", "a.csv", "b.csv"]


def test_what_is_no_file_is_said(tmp_path):
    """A pipe can be read once only, and a folder not at all."""
    found = run("review", "--agreement", "sample_data/agreement.toml", "--quarter", "2026-Q3", "--leads", str(tmp_path), "--deals", "/dev/null")  # fmt: skip
    assert (found.returncode, found.stdout) == (1, "")
    assert [line.rpartition(": ")[2] for line in found.stderr.splitlines()] == ["Is a directory", "is not a file on disk. Save it as one first."]  # fmt: skip


def test_whatever_the_systems_encoding_the_answer_is_written(monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    found = sample()
    assert (found.returncode, found.stderr) == (0, "")
    assert "MQL → SQL conversion, −300k" in found.stdout
