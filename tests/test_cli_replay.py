"""`replay` on the command line, run as RevOps runs it: files, names, shapes and exit statuses."""

import json

import pytest

from tests.test_cli import SAMPLE, run, sample

STRICT = 'fit = { all = [{ field = "employees", at_least = 500 }, { field = "job_title", is_not = ["CFO"] }] }\n'
LOOSE = 'mql = { engagement = { field = "lead_type", is_not = ["Newsletter"] } }\n'


@pytest.fixture
def files(tmp_path):
    for name, text in {"strict": STRICT, "loose": LOOSE, "wrong": "fit = { field = 3 }", "worse": "x"}.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


def replayed(*more):
    return run(
        "replay", "--agreement", SAMPLE / "agreement.toml", "--leads", SAMPLE / "salesforce_leads.csv",
        "--deals", SAMPLE / "salesforce_opportunities.csv", *more,
    )  # fmt: skip


def test_definitions_stand_side_by_side_with_what_the_crm_flagged_and_what_is_agreed(files):
    done = replayed("--definition", f"sales={files / 'strict.toml'}", "--definition", files / "loose.toml")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["quarters"] == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
    rows = {row["name"]: row for row in said["definitions"]}
    assert list(rows) == ["CRM", "agreed", "sales", "loose"]
    truth = json.loads((SAMPLE / "truth.json").read_text())["quarters"]
    cohorts = [truth[name]["cohort"] for name in said["quarters"]]
    for stage in ("mqls", "sqls", "wins"):
        assert rows["CRM"][stage] == sum(cohort[stage] for cohort in cohorts)
        assert [each[stage] for each in rows["CRM"]["by_quarter"]] == [cohort[stage] for cohort in cohorts]
    assert rows["CRM"]["rules"] is None
    assert rows["sales"]["rules"]["fit"]["all"][0] == {"field": "employees", "at_least": 500}
    assert "perfect-fit companies" in rows["sales"]["warnings"][0]
    assert rows["loose"]["mqls"] > rows["agreed"]["mqls"] > rows["sales"]["mqls"]
    assert {"mqls_per_quarter", "mql_to_sql", "mql_to_win", "value_per_mql", "share_of_wins", "owed_by_value", "owed_by_rates",
            "never_flagged", "still_open"} <= set(rows["sales"])  # fmt: skip
    assert len(said["frontier"]) > 3


def test_with_a_file_for_the_json_the_table_is_printed(files):
    done = replayed(
        "--definition", files / "strict.toml", "--quarters", "2026-Q1", "2026-Q2", "--json", files / "out.json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((files / "out.json").read_text())["quarters"] == ["2026-Q1", "2026-Q2"]
    assert "strict: companies with at least 500 employees, whose job title is not CFO" in done.stdout
    assert "MQL→SQL" in done.stdout


WRONG = {
    "faults of every definition": (1, ["--definition", "wrong.toml", "--definition", "worse.toml"], ["wrong.toml: fit: field: 3 is not text", "worse.toml: not valid TOML"]),
    "a name twice": (1, ["--definition", "CRM=strict.toml"], ["another definition is called 'CRM' already"]),
    "no such file": (1, ["--definition", "nowhere.toml"], ["nowhere.toml"]),
    "no such quarter": (1, ["--quarters", "2019-Q1"], ["no leads of 2019-Q1"]),
    "a rule on what is not there": (1, ["--definition", "shoes.toml"], ["'shoe_size', which the leads don't carry"]),
    "no quarter's name": (2, ["--quarters", "spring"], ["is not written as YEAR-Qn"]),
    "no name": (2, ["--definition", "=strict.toml"], ["is not written as NAME=FILE"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_and_never_ends_in_a_traceback(case, files):
    status, arguments, said = WRONG[case]
    (files / "shoes.toml").write_text('fit = { field = "shoe_size", at_least = 4 }')
    done = replayed(
        *(
            argument.replace(argument.split("=")[-1], str(files / argument.split("=")[-1]))
            if argument.endswith(".toml")
            else argument
            for argument in arguments
        )
    )
    assert done.returncode == status
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr


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
