"""The command line: the contract's shapes, files and exit statuses, run as a user runs it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from alignment_core.imports import FileMapping, InputFile, dump_mapping, read_files

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_data"

CONTRACT_AGREEMENT = """
company = "Northwind"
quarter = "2026-Q3"
revenue_target = 1_660_500
[split]
marketing = 0.5
sales = 0.5
[marketing]
mql_to_sql = 0.75
sql_to_opportunity = 0.50
close_rate = 0.45
deal_size = 30_000
[sales]
sql_to_opportunity = 0.50
close_rate = 0.45
deal_size = 30_000
"""


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


def test_without_json_the_terminal_gets_the_answer():
    done = sample()
    assert done.returncode == 0
    assert done.stdout.startswith(
        "Q3 2026 came in USD 215k under plan. The largest cause is MQL → SQL conversion, −300k, which sales owns; it is more than chance."
    )


def test_every_option_of_the_contract_is_taken(tmp_path):
    done = sample(
        "--basis", "cohort", "--as-of", "2026-10-09", "--method", "sequential", "--by", "region", "--touches", SAMPLE / "salesforce_tasks.csv",
        "--json", tmp_path / "out.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (said["basis"], said["method"], said["by"], said["as_of"]) == (
        "cohort",
        "sequential",
        "region",
        "2026-10-09",
    )
    assert {bar["segment"] for bar in said["bridge"] if bar["source"] == "marketing"} == {
        "APAC",
        "EMEA",
        "North America",
    }
    assert sum(bar["effect"] for bar in said["bridge"]) == pytest.approx(said["variance"], abs=0.005)


def test_stage_files_that_cannot_be_joined_are_counted(agreement, tmp_path):
    for name, rows in {"mql": 4, "sql": 3, "opportunity": 2}.items():
        (tmp_path / f"{name}.csv").write_text("Lead Source,Date\n" + "Website,2026-07-03\n" * rows)
    (tmp_path / "win.csv").write_text("Lead Source,Date,Value\nWebsite,2026-09-30,1000.50\n")
    events = [
        part for name in ("mql", "sql", "opportunity", "win") for part in ("--events", f"{name}={tmp_path / name}.csv")
    ]
    done = run("review", "--agreement", agreement, "--quarter", "2026-Q3", *events, "--json", "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["actual"]["marketing"] == {
        "mqls": 4,
        "sqls": 3,
        "opportunities": 2,
        "wins": 1,
        "revenue": 1000.5,
    }


def test_a_summary_is_reviewed(agreement, tmp_path):
    (tmp_path / "funnel.csv").write_text(
        "quarter,source,mqls,sqls,opportunities,wins,revenue\n2026-Q3,marketing,150,86,45,18,600000\n2026-Q3,sales,,128,63,29,880000\n"
    )
    done = run(
        "review", "--agreement", agreement, "--quarter", "2026-Q3", "--funnel", tmp_path / "funnel.csv", "--json", "-"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["variance"] == pytest.approx(1480000 - 1660500)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["review", "--agreement", "a.toml"], "--quarter"),
        (["review", "--agreement", "a.toml", "--quarter", "Q3"], "2026-Q3"),
        (["review", "--agreement", "a.toml", "--quarter", "2026-Q3", "--as-of", "9/10/2026"], "YEAR-MONTH-DAY"),
        (["review", "--agreement", "a.toml", "--quarter", "2026-Q3", "--events", "lead=f.csv"], "STAGE=FILE"),
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


def test_what_the_data_cannot_support_is_status_1_with_the_reasons(tmp_path):
    done = run(
        "review",
        "--agreement",
        SAMPLE / "agreement.toml",
        "--quarter",
        "2031-Q1",
        "--deals",
        SAMPLE / "salesforce_opportunities.csv",
    )
    assert done.returncode == 1
    assert "2031-Q1" in done.stderr
    assert "2024-Q4" in done.stderr
    missing = run(
        "review", "--agreement", SAMPLE / "agreement.toml", "--quarter", "2026-Q3", "--deals", tmp_path / "none.csv"
    )
    assert missing.returncode == 1
    assert "none.csv" in missing.stderr
    assert "Traceback" not in done.stderr + missing.stderr


def test_undecidable_dates_are_a_question_with_the_line_that_answers_it(agreement, tmp_path):
    deals = tmp_path / "deals.csv"
    deals.write_text(
        "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source\n1,07/01/2026,08/09/2026,TRUE,100,Website\n"
    )
    asked = run("review", "--agreement", agreement, "--quarter", "2026-Q3", "--deals", deals, "--json", "-")
    assert asked.returncode == 1
    assert 'date_order = "MDY"' in asked.stderr
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('["deals.csv"]\ndate_order = "MDY"\n')
    done = run(
        "review",
        "--agreement",
        agreement,
        "--quarter",
        "2026-Q3",
        "--deals",
        deals,
        "--mapping",
        mapping,
        "--json",
        "-",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["actual"]["marketing"]["revenue"] == 100


def test_a_mapping_made_for_last_quarters_file_is_known_again_by_the_headers(agreement, tmp_path):
    """3/4/2026 is undecided; what was answered for the file of the quarter before holds for this one, called otherwise."""
    old, new = tmp_path / "q2.csv", tmp_path / "q3.csv"
    for path in (old, new):
        path.write_text("Opportunity ID,Created Date,Close Date,Won,Amount\nD1,7/4/2026,8/4/2026,TRUE,30000\n")
    mapping = tmp_path / "mapping.toml"
    decided = {"q2.csv": FileMapping(date_order="MDY")}
    imported = read_files([InputFile("q2.csv", old)], decided)
    mapping.write_text(dump_mapping(imported, decided))
    asked = ("review", "--agreement", agreement, "--quarter", "2026-Q3", "--deals", new)
    assert run(*asked).returncode == 1
    done = run(*asked, "--mapping", mapping)
    assert (done.returncode, done.stderr) == (0, "")
    assert "q3.csv: deals, 1 of 1 rows used, by the mapping of a file with the same headers" in done.stdout
    new.write_text("Opportunity ID,Created Date,Close Date,Won,Value\nD1,7/4/2026,8/4/2026,TRUE,30000\n")
    assert run(*asked, "--mapping", mapping).returncode == 1  # other headers


def test_two_files_of_one_name_are_recorded_with_their_own_digests(agreement, tmp_path):
    files = []
    for quarter, day in (("q2", "2026-05-01"), ("q3", "2026-08-01")):
        (tmp_path / quarter).mkdir()
        files.append(tmp_path / quarter / "deals.csv")
        files[-1].write_text(
            f"Opportunity ID,Created Date,Close Date,Won,Amount\n{quarter},2026-04-01,{day},TRUE,30000\n"
        )
    out = tmp_path / "out.xlsx"
    arguments = [word for file in files for word in ("--deals", file)]
    done = run("review", "--agreement", agreement, "--quarter", "2026-Q3", *arguments, "--workbook", out)
    assert done.returncode == 0, done.stderr
    texts = {str(cell.value) for sheet in openpyxl.load_workbook(out) for row in sheet.iter_rows() for cell in row}
    assert {hashlib.sha256(file.read_bytes()).hexdigest() for file in files} <= texts


def test_quarters_of_whole_weeks_are_reviewed(agreement, tmp_path):
    """13 weeks from 28 June: a win on the 27th is of the quarter before, one on 26 September of this one."""
    agreement.write_text(
        agreement.read_text() + '[calendar]\nweeks = "4-4-5"\nmonth = 12\nweekday = "Saturday"\nyear_ends = "last"\n'
    )
    deals = tmp_path / "deals.csv"
    rows = [("1", "2026-06-27", 1), ("2", "2026-06-28", 10), ("3", "2026-09-26", 100), ("4", "2026-09-27", 1000)]
    deals.write_text(
        "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source\n"
        + "".join(f"{id_},2026-01-05,{day},TRUE,{amount},Website\n" for id_, day, amount in rows)
    )
    done = run("review", "--agreement", agreement, "--quarter", "2026-Q3", "--deals", deals, "--json", "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["actual"]["marketing"]["revenue"] == 110


def test_choices_and_rates_of_the_mapping_count_and_doubts_are_said(agreement, tmp_path):
    """Two wins have an amount (100 USD and 100 EUR at 1.5), one has none: at the average it adds 125."""
    (tmp_path / "deals.csv").write_text(
        "deal_id,lead_source,created_at,closed_at,is_won,amount,currency\n"
        "1,Website,2026-07-03,2026-08-03,TRUE,100,USD\n2,Website,2026-07-03,2026-08-03,TRUE,100,EUR\n"
        "3,Website,2026-07-03,2026-08-03,TRUE,,USD\n"
    )
    asked = ("review", "--agreement", agreement, "--quarter", "2026-Q3", "--deals", tmp_path / "deals.csv")
    refused = run(*asked)
    assert refused.returncode == 1
    assert "EUR (1)" in refused.stderr
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("[rates]\nEUR = 1.5\n")
    said = run(*asked, "--mapping", mapping).stdout
    assert "Counting 1 win without an amount at the average would add 125." in said
    assert "count as wins with revenue 0" not in said
    mapping.write_text('[choices]\nwins_without_amount = "at the average"\n[rates]\nEUR = 1.5\n')
    done = run(*asked, "--mapping", mapping, "--json", tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["actual"]["revenue"] == 375
    assert "Counting 1 win without an amount at zero would take away 125." in done.stdout


def test_a_fault_of_ours_is_a_sentence_and_no_traceback(monkeypatch, capsys):
    import alignment_core.__main__ as command

    def broken(options):
        raise ZeroDivisionError("lead@canary.example")

    monkeypatch.setattr(command, "_agreement", broken)
    assert command.main(["agreement", "--agreement", "any.toml"]) == 1
    said = capsys.readouterr().err
    assert said == "A fault of ours, not of your data: ZeroDivisionError. `python -X dev` shows where.\n"


# Amendments


@pytest.fixture
def versions(tmp_path):
    """The sample's agreement as it was first signed, and lowered twice."""
    text = (SAMPLE / "agreement.toml").read_text(encoding="utf-8")
    paths = []
    for target in ("1_760_500", "1_710_500"):
        paths.append(tmp_path / f"{target}.toml")
        paths[-1].write_text(text.replace("1_660_500", target), encoding="utf-8")
    return paths


def test_amendments_stand_before_the_drivers_each_with_its_day(versions):
    """1,760,500 − 50,000 − 50,000 = 1,660,500, which is what the sample is reviewed against."""
    first, second = versions
    days = ("--amended-on", "2026-08-14", "--amended-on", "2026-10-02")
    done = sample("--amended-from", first, "--amended-from", second, *days)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "after 2 amendments of −100k together, the last agreed on 2 October 2026, when the quarter was over."
        in done.stdout
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("Amendment")]
    assert [line.split() for line in lines] == [
        ["Amendment", "1", "1.76M", "→", "1.71M", "−50,000", "USD", "both"],
        ["Amendment", "2", "1.71M", "→", "1.66M", "−50,000", "USD", "both"],
    ]
    assert "Amendment 1: both sides signed it on 14 August 2026." in done.stdout


def test_the_json_of_an_amended_quarter_adds_up_from_the_first_plan(versions):
    amended = json.loads(sample("--amended-from", versions[0], "--json", "-").stdout)
    plain = json.loads(sample("--json", "-").stdout)
    assert amended["plan"]["revenue"] == 1_760_500
    assert amended["plan_in_force"] == plain["plan"]
    assert amended["bridge"][1:] == plain["bridge"]
    assert sum(row["effect"] for row in amended["bridge"]) == pytest.approx(amended["variance"], abs=0.005)
    assert amended["variance"] == pytest.approx(plain["variance"] - 100_000)


def test_amendments_that_are_none_or_cannot_be_read_are_refused(versions, tmp_path):
    same = sample("--amended-from", SAMPLE / "agreement.toml")
    assert same.returncode == 1
    assert "are the same agreement: nothing was amended between them." in same.stderr
    broken = tmp_path / "broken.toml"
    broken.write_text("company = 7")
    told = sample("--amended-from", broken)
    assert told.returncode == 1
    assert all(line.startswith(f"{broken}: ") for line in told.stderr.splitlines())
    other = sample("--quarter", "2026-Q2", "--amended-from", versions[0])
    assert other.returncode == 1
    assert "the plan for 2026-Q3 was amended, and the review is of 2026-Q2" in other.stderr
    days = sample("--amended-from", versions[0], "--amended-on", "2026-08-14", "--amended-on", "2026-08-15")
    assert days.returncode == 2
    assert "--amended-on is given 2 times and --amended-from 1 times" in days.stderr


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


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_of_no_quarter_is_wrong_usage(day):
    found = sample("--as-of", day)
    assert found.returncode == 2
    assert "the years are 1900 to 2999" in found.stderr


def test_a_day_before_everything_is_said():
    found = sample("--as-of", "2020-01-01")
    assert found.returncode == 1
    assert "no record in them had reached a stage by 2020-01-01" in found.stderr


def test_segments_stand_under_their_bar():
    lines = sample("--by", "region").stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("Marketing-sourced MQL volume"))
    assert [line.split("  ")[1] for line in lines[place + 1 : place + 4]] == ["APAC", "EMEA", "North America"]


def test_a_count_below_zero_is_set_aside_and_nobody_is_accused(tmp_path):
    path = tmp_path / "summary.csv"
    path.write_text(
        "quarter,source,mqls,sqls,opportunities,wins,revenue\n2026-Q3,marketing,10,-5,10,5,50\n2026-Q3,sales,,124,59,28,852000\n"
    )
    found = run("review", "--agreement", "sample_data/agreement.toml", "--quarter", "2026-Q3", "--funnel", str(path))
    assert (found.returncode, found.stderr) == (0, "")
    assert "summary.csv, row 2, sqls: is below zero, and a count cannot be (-5)" in found.stdout
    assert "830k of the plan is marketing-sourced, of which nothing is in the files" in found.stdout
    assert "no data" in found.stdout
