"""The command line in this process: starting Python and a reader for each command takes longer than what is tested."""

from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO

from alignment_core.__main__ import main
from tests.imports.in_process import reading_here
from tests.support import SAMPLE

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


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object) -> Done:
    """Run a command as `python -m alignment_core` does."""
    out, said = StringIO(), StringIO()
    with reading_here(), redirect_stdout(out), redirect_stderr(said):
        try:
            status = main([str(each) for each in arguments])
        except SystemExit as stopped:  # wrong usage
            status = int(stopped.code or 0)
    return Done(status, out.getvalue(), said.getvalue())


@cache
def sample(*more: object) -> Done:
    """Review the sample company's quarter: the same options once for all tests that only look at what is said."""
    return run(
        "review", "--agreement", SAMPLE / "agreement.toml", "--quarter", "2026-Q3",
        "--leads", SAMPLE / "salesforce_leads.csv", "--deals", SAMPLE / "salesforce_opportunities.csv", *more,
    )  # fmt: skip
