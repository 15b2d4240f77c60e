"""Every page with real exports loaded, as a visitor comes to them: by what the files brought, drafted from the quarter before."""

from functools import cache
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.drafts import draft_agreement, last_quarter
from alignment_core.imports import InputFile, read_files
from alignment_core.review import review
from alignment_core.wording import money_short
from ui.session import Workspace

ROOT = Path(__file__).resolve().parents[2]
EXPORTS = {
    "marketstar_sdr_quota": ("Leads.csv", "Opportunities.csv"),
    "maven_crm_sales_opportunities": ("sales_pipeline.csv", "sales_teams.csv", "accounts.csv"),
}
BASE = {
    "company": "Visitor", "quarter": "2026-Q3", "revenue_target": 1, "split": {"marketing": 0, "sales": 1},
    "sales": {"sql_to_opportunity": 1, "close_rate": 1, "deal_size": 1}, "sourcing": {"otherwise": "sales"},
}  # fmt: skip


@cache
def visitor(folder):
    """What a visitor has who dropped these files and chose the draft."""
    paths = [folder / name for name in EXPORTS[folder.name]]
    imported = read_files([InputFile(path.name, path) for path in paths])
    data, base = Data(imported.tables, imported.quality), Agreement.checked(BASE)
    agreement = draft_agreement(data, base, last_quarter(data, base))
    return Workspace(agreement, data, imported.files, {path.name: "0" * 64 for path in paths}, is_draft=True)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("room", ["review", "agree", "load", "scenarios"])
def test_a_page_shows_a_real_quarter(shared_data, name, room):
    here = visitor(shared_data / name)
    page = AppTest.from_file(str(ROOT / "pages" / f"{room}.py"), default_timeout=120)
    page.session_state["workspace"] = here
    page.run()
    assert not page.exception
    result = review(here.data, here.agreement)
    said = {
        "review": money_short(abs(result.variance)),
        "agree": money_short(here.agreement.revenue_target),
        "load": f"{here.data.quality.rows_used:,}",
        "scenarios": money_short(result.actual_revenue),
    }
    assert said[room] in page.title[0].value


def test_a_quarter_of_which_nothing_is_open_says_so_far_of_nothing(shared_data):
    """All of MarketStar's opportunities that began in Q3 2022 were won or lost."""
    page = AppTest.from_file(str(ROOT / "pages" / "review.py"), default_timeout=120)
    page.session_state["workspace"] = visitor(shared_data / "marketstar_sdr_quota")
    page.session_state["basis"] = "cohort"
    page.run()
    assert not page.exception
    said = " ".join(each.value for each in (*page.title, *page.markdown, *page.caption))
    assert "what is counted is final" in said
    assert "has brought USD 669k, " in page.title[0].value
    assert "the limits are where a quarter like those before falls" in said
    assert "some are still open" not in said
