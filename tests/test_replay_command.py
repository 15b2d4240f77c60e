"""`replay` on the command line, run as RevOps runs it: files, names, shapes and exit statuses."""

import json
from argparse import ArgumentParser
from pathlib import Path

import pytest

from alignment_core.replay_command import add_replay
from tests.commands import CONTRACT_AGREEMENT, run
from tests.support import SAMPLE

STRICT = 'fit = { all = [{ field = "employees", at_least = 500 }, { field = "job_title", is_not = ["CFO"] }] }\n'
LARGE = 'fit = { field = "employees", at_least = 500 }'
LOOSE = 'mql = { engagement = { field = "lead_type", is_not = ["Newsletter"] } }\n'


@pytest.fixture
def files(tmp_path):
    """Definitions, an agreement, and 20 leads in each of two quarters: every other one became an SQL, every eighth a win
    of 30,000, and the last ten of the second quarter are large companies."""
    for name, text in {
        "strict": STRICT,
        "loose": LOOSE,
        "wrong": "fit = { field = 3 }",
        "worse": "x",
        "large": LARGE,
    }.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "agreement.toml").write_text(CONTRACT_AGREEMENT)
    lines = ["lead_id,lead_source,created_at,mql_at,sql_at,won_at,amount,employees"]
    for place in range(40):
        flagged = "2026-02-05" if place < 20 else "2026-05-05"
        sql, won = ("" if place % 2 else "2026-05-20"), ("" if place % 8 else "2026-06-20,30000")
        lines.append(f"L{place},Website,{flagged},{flagged},{sql},{won or ','},{900 if place >= 30 else 100}")
    (tmp_path / "leads.csv").write_text("\n".join(lines))
    return tmp_path


def replayed(files, *more):
    return run("replay", "--agreement", files / "agreement.toml", "--leads", files / "leads.csv", *more)


def test_definitions_stand_side_by_side_with_what_the_crm_flagged_and_what_is_agreed(files):
    done = run(
        "replay", "--agreement", SAMPLE / "agreement.toml", "--leads", SAMPLE / "salesforce_leads.csv",
        "--deals", SAMPLE / "salesforce_opportunities.csv",
        "--definition", f"sales={files / 'strict.toml'}", "--definition", files / "loose.toml",
    )  # fmt: skip
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
    """5 wins of 30,000 from 40 MQLs are 3,750 each, and 830,250 ÷ 3,750 = 221.4; of the large ones 1 win of 10, a fifth of
    all. Either way half became SQLs, of which 123 are owed: 246 MQLs."""
    done = replayed(
        files, "--definition", files / "large.toml", "--quarters", "2026-Q1", "2026-Q2", "--as-of", "2026-07-15",
        "--json", files / "out.json",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((files / "out.json").read_text())["quarters"] == ["2026-Q1", "2026-Q2"]
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "Over 2026-Q1, 2026-Q2, as of 2026-07-15:",
        "CRM: whatever the CRM flagged as an MQL",
        "large: companies with at least 500 employees",
    ]
    assert [line.split() for line in lines[5:7]] == [
        ["CRM", "20", "50%", "12%", "100%", "3.8k", "222", "246"],
        ["large", "5", "50%", "10%", "20%", "3.0k", "277", "246"],
    ]
    assert lines[-1].startswith("MQLs owed a quarter. By value: ")


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
        files,
        *(
            argument.replace(argument.split("=")[-1], str(files / argument.split("=")[-1]))
            if argument.endswith(".toml")
            else argument
            for argument in arguments
        ),
    )
    assert done.returncode == status
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr


def test_a_definition_is_called_as_it_is_named_or_else_as_its_file():
    parser = ArgumentParser()
    add_replay(parser.add_subparsers())
    given = ["--definition", "sales=rules/strict.toml", "--definition", "rules/loose.toml"]
    options = parser.parse_args(["replay", "--agreement", "a.toml", "--leads", "l.csv", *given])
    assert options.definition == [("sales", Path("rules/strict.toml")), ("loose", Path("rules/loose.toml"))]
    assert (options.json, options.quarters, options.deals) == ("-", None, [])


def test_what_speaks_against_a_rule_is_said_also_where_the_leads_lack_its_field(files):
    (files / "title.toml").write_text('fit = { field = "job_title", is = ["CFO"] }')
    done = replayed(files, "--definition", files / "title.toml")
    assert done.returncode == 1
    assert "'job_title', which the leads don't carry" in done.stderr
    assert "title: “job title is CFO”: what somebody is (role, title, seniority, department)" in done.stderr
