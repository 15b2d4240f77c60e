"""`review` on the command line: options, what is said, and the reasons where the data cannot answer."""

import hashlib
import json
from argparse import ArgumentParser

import openpyxl
import pytest

from alignment_core.imports import FileMapping, InputFile, dump_mapping, read_files
from alignment_core.review_command import add_review_options, load_review
from tests.commands import CONTRACT_AGREEMENT, run, sample
from tests.imports.in_process import reading_here
from tests.support import SAMPLE


@pytest.fixture
def agreement(tmp_path):
    path = tmp_path / "agreement.toml"
    path.write_text(CONTRACT_AGREEMENT)
    return path


@pytest.fixture
def versions(tmp_path):
    """The sample's agreement as it was first signed, and lowered twice."""
    text = (SAMPLE / "agreement.toml").read_text(encoding="utf-8")
    paths = []
    for target in ("1_760_500", "1_710_500"):
        paths.append(tmp_path / f"{target}.toml")
        paths[-1].write_text(text.replace("1_660_500", target), encoding="utf-8")
    return paths


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
    with reading_here():
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
    found = run("review", "--agreement", SAMPLE / "agreement.toml", "--quarter", "2026-Q3", "--funnel", str(path))
    assert (found.returncode, found.stderr) == (0, "")
    assert "summary.csv, row 2, sqls: is below zero, and a count cannot be (-5)" in found.stdout
    assert "830k of the plan is marketing-sourced, of which nothing is in the files" in found.stdout
    assert "no data" in found.stdout


def test_a_review_runs_on_either_and_says_which():
    crm, agreed = (json.loads(sample(*more, "--json", "-").stdout) for more in ([], ["--mql", "agreed"]))
    assert "mql" not in crm
    assert agreed["mql"] == "agreed"
    assert (crm["actual"]["marketing"]["mqls"], agreed["actual"]["marketing"]["mqls"]) == (196, 202)
    assert crm["actual"]["revenue"] == agreed["actual"]["revenue"]
    assert agreed["notes"][0].startswith(
        "An MQL is here what the agreement says: companies with at least 100 employees"
    )


def test_without_a_definition_there_is_nothing_to_run_on(tmp_path):
    text = (SAMPLE / "agreement.toml").read_text()
    (tmp_path / "a.toml").write_text(text[: text.index("[mql]")])
    done = run("review", "--agreement", tmp_path / "a.toml", "--quarter", "2026-Q3", "--leads", SAMPLE / "salesforce_leads.csv",
               "--deals", SAMPLE / "salesforce_opportunities.csv", "--mql", "agreed")  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "no definition of an MQL" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--quarter"),
        (["--quarter", "Q3"], "2026-Q3"),
        (["--quarter", "2026-Q3", "--as-of", "9/10/2026"], "YEAR-MONTH-DAY"),
        (["--quarter", "2026-Q3", "--events", "lead=f.csv"], "'lead=f.csv' is not written as STAGE=FILE with STAGE one of mql, sql, opportunity, win"),
        (["--quarter", "2026-Q3", "--events", "mql="], "STAGE=FILE"),
        (["--quarter", "2026-Q3", "--method", "luck"], "shapley"),
    ],
)  # fmt: skip
def test_wrong_usage_is_status_2_and_says_what_is_right(arguments, said):
    done = run("review", "--agreement", "a.toml", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_without_any_file_there_is_nothing_to_count(agreement):
    done = run("review", "--agreement", agreement, "--quarter", "2026-Q3")
    assert (done.returncode, done.stderr) == (
        1,
        "No file was given. Give at least one of --leads, --deals, --funnel or --events.\n",
    )


def test_faults_are_listed_up_to_twenty_and_the_others_counted(agreement, tmp_path):
    """23 of 24 rows have no date that can be read, and are set aside; the last is won for 100."""
    deals = tmp_path / "deals.csv"
    rows = [f"{place},someday,2026-08-09,TRUE,100,Website\n" for place in range(23)]
    deals.write_text(
        "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source\n"
        + "".join(rows)
        + "W,2026-07-01,2026-08-09,TRUE,100,Website\n"
    )
    done = run("review", "--agreement", agreement, "--quarter", "2026-Q3", "--deals", deals)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len([line for line in lines if line.startswith("deals.csv, row ")]) == 20
    assert "… and 3 more: the workbook and the JSON have them all." in lines


def test_what_the_options_come_to(agreement, tmp_path):
    """Each file has its digest in the order in which it was given, whatever kind it is of."""
    rows = "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source\n{},2026-07-01,2026-08-09,TRUE,{},Website\n"
    files = [tmp_path / "b.csv", tmp_path / "a.csv"]
    for place, file in enumerate(files, 1):
        file.write_text(rows.format(f"D{place}", 100 * place))
    parser = ArgumentParser()
    add_review_options(parser)
    given = [word for file in files for word in ("--deals", str(file))]
    with reading_here():
        loaded = load_review(parser.parse_args(["--agreement", str(agreement), "--quarter", "2026-Q3", *given]))
    assert loaded.digests == tuple(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    assert (loaded.review.basis, loaded.review.method, loaded.review.mql) == ("period", "shapley", "crm")
    assert (loaded.review.actual_revenue, loaded.agreement.revenue_target) == (300, 1_660_500)
    assert (list(loaded.known), loaded.imported.quality.rows_used) == ([], 2)
