"""Plan sheets and hand-made summaries on the command line."""

import json

import pytest

from alignment_core.agreement import Agreement
from tests.commands import CONTRACT_AGREEMENT, run

PLAN = (
    "Source,Metric,Q3 2026 Target,Q4 2026 Target\nMarketing,MQL to SQL,75%,\n,SQL to opportunity,50%,\n,Win rate,45%,\n,Deal size,30000,\n"
    ",Revenue,830250,900000\nSales,SQL to opportunity,50%,\n,Win rate,45%,\n,Deal size,30000,\n,Revenue,830250,\n"
)
WIDE = (
    "Source,Stage,Q2 2026,Q3 2026\nMarketing,MQLs,164,150\n,SQLs,123,86\n,Opportunities,61,45\n,Wins,28,17\n,Revenue,840000.0,510000.0\n"
    "Sales,SQLs,123,120\n,Opportunities,61,60\n,Wins,27,27\n,Revenue,810000.0,820000.0\nTotal,Wins,55,44\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "agreement.toml").write_text(CONTRACT_AGREEMENT)
    (tmp_path / "plan.csv").write_text(PLAN)
    (tmp_path / "wide.csv").write_text(WIDE)
    return tmp_path


def test_a_plan_is_printed_as_an_agreement_that_reads_back(folder):
    done = run("agreement", "--propose", folder / "plan.csv", "--quarter", "2026-Q3")
    assert (done.returncode, done.stderr) == (0, "")
    proposed = Agreement.from_text(done.stdout)
    assert proposed == Agreement.from_text(CONTRACT_AGREEMENT).model_copy(update={"company": "Your company"})
    assert "mql_to_sql = 0.75  # from the sheet, row 2, column 'Q3 2026 Target'" in done.stdout


def test_of_several_quarters_one_must_be_chosen(folder):
    done = run("agreement", "--propose", folder / "plan.csv")
    assert done.returncode == 1
    assert "--quarter 2026-Q3 | 2026-Q4" in done.stderr


def test_what_a_plan_leaves_out_is_missing_or_comes_from_the_agreement_given(folder):
    done = run("agreement", "--propose", folder / "plan.csv", "--quarter", "2026-Q4")
    assert done.returncode == 1
    assert "Nothing says marketing's MQL→SQL" in done.stderr
    assert "revenue_target = 900000" in done.stdout
    done = run(
        "agreement", "--propose", folder / "plan.csv", "--quarter", "2026-Q4", "--agreement", folder / "agreement.toml"
    )
    assert done.returncode == 0
    assert "mql_to_sql = 0.75  # from the agreement before: the sheet does not say it" in done.stdout
    assert Agreement.from_text(done.stdout).revenue_target == 900_000


def test_what_is_no_plan_is_said_with_the_line_that_makes_it_one(folder):
    done = run("agreement", "--propose", folder / "wide.csv")
    assert done.returncode == 1
    assert "no plan, by its labels: it holds funnel" in done.stderr
    (folder / "mapping.toml").write_text('["wide.csv"]\nkind = "plan"\n')
    done = run(
        "agreement", "--propose", folder / "wide.csv", "--quarter", "2026-Q3", "--mapping", folder / "mapping.toml"
    )
    assert done.returncode == 0
    assert Agreement.from_text(done.stdout).revenue_target == 1_330_000


def test_neither_agreement_nor_plan_is_wrong_usage():
    done = run("agreement")
    assert done.returncode == 2
    assert "--propose FILE" in done.stderr


def test_a_review_counts_a_wide_summary_and_names_a_plan_without_counting_it(folder):
    arguments = (
        "review",
        "--agreement",
        folder / "agreement.toml",
        "--quarter",
        "2026-Q3",
        "--funnel",
        folder / "wide.csv",
    )
    alone = run(*arguments, "--json", "-")
    with_plan = run(*arguments, "--funnel", folder / "plan.csv", "--json", "-")
    assert (alone.returncode, with_plan.returncode) == (0, 0)
    said, both = json.loads(alone.stdout), json.loads(with_plan.stdout)
    assert said["actual"]["marketing"] == {"mqls": 150, "sqls": 86, "opportunities": 45, "wins": 17, "revenue": 510000}
    assert said["actual"]["sales"]["wins"] == 27
    assert said["quality"]["rows_read"] == said["quality"]["rows_used"] + said["quality"]["rows_set_aside"]
    assert both["actual"] == said["actual"]
    assert both["quality"]["rows_used"] == said["quality"]["rows_used"]
    spoken = run(*arguments, "--funnel", folder / "plan.csv").stdout
    assert "plan.csv: a plan for 2026-Q3, 2026-Q4, not counted" in spoken
    assert "agreement --propose plan.csv" in spoken


def test_a_plan_alone_cannot_be_reviewed(folder):
    done = run(
        "review", "--agreement", folder / "agreement.toml", "--quarter", "2026-Q3", "--funnel", folder / "plan.csv"
    )
    assert done.returncode == 1
    assert "plan.csv: a plan for 2026-Q3, 2026-Q4, not counted" in done.stderr
