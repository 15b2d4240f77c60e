"""A plan sheet on the page Load, and its proposal on the page Agree: nothing is in effect until somebody uses it."""

from pathlib import Path
from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
PLAN = (
    "Source,Metric,Q3 2026 Target\nMarketing,MQLs,200\n,MQL to SQL,75%\n,SQL to opportunity,50%\n,Win rate,45%\n,Deal size,30000\n,Wins,40\n"
    ",Revenue,830250\nSales,Revenue,400000\n"
)
DEALS = (
    "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source\n1,2026-04-01,2026-05-01,TRUE,1000,Cold call\n"
    "2,2026-05-01,2026-06-01,FALSE,10,Cold call\n3,2026-07-01,2026-08-01,TRUE,900,Website\n4,2026-07-01,2026-09-30,FALSE,100,Website\n"
)
WIDE = "Source,Stage,Q2 2026,Q3 2026\nMarketing,MQLs,164,150\n,Wins,28,17\nSales,Wins,12,13\n,CAC,1,2\n"


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.setenv("ALIGNMENT_WORKSPACE", str(tmp_path))
    return AppTest.from_file(str(ROOT / "pages" / "load.py"), default_timeout=60).run()


def upload(page, **files):
    page.file_uploader[0].set_value([(f"{name}.csv", text.encode(), "text/csv") for name, text in files.items()]).run()
    assert not page.exception
    return page


def said(page):
    elements = (*page.title, *page.markdown, *page.warning, *page.info, *page.caption, *page.text)
    return " ".join(str(element.value).replace("\\", "") for element in elements)


def button(page, label):
    return next(each for each in page.button if each.label == label)


def proposed(load):
    """The page Agree after the proposal was opened on the page Load."""
    with patch("streamlit.switch_page") as switch:
        button(load, "Open as a proposal in Agree").click().run()
    assert switch.call_args[0][0].name == "agree.py"
    agree = AppTest.from_file(str(ROOT / "pages" / "agree.py"), default_timeout=60)
    for name in ("workspace", "agree.opened"):
        agree.session_state[name] = load.session_state[name]
    agree.run()
    assert not agree.exception
    return agree


def test_a_plan_is_named_and_never_counted(load):
    upload(load, plan=PLAN)
    words = said(load)
    assert "A plan: 8 figures in 8 rows, proposed and not counted" in words
    assert "This is a plan for Q3 2026: marketing MQLs 200, marketing MQL→SQL 75%" in words
    assert "A plan alone cannot be reviewed" in words
    assert "0 of 8 rows used" in load.title[0].value
    assert all(each.label != "Review this quarter" for each in load.button)


def test_a_proposal_is_a_draft_with_origins_and_contradictions_until_it_is_used(load):
    upload(load, plan=PLAN)
    before = load.session_state["workspace"].agreement
    agree = proposed(load)
    assert agree.session_state["workspace"].agreement == before
    words = said(agree)
    assert "A proposal from plan.csv for 2026-Q3" in words
    assert "Not used yet" in words
    assert "The sheet contradicts itself" in words
    assert "200 MQLs × 75% × 50% × 45% = 33.8 wins, while the sheet plans 40" in words
    origins = {row[0]: row[1:] for row in agree.dataframe[0].value.itertuples(index=False)}
    assert origins["Marketing-sourced close rate"] == ("45%", "from the sheet, row 5, column 'Q3 2026 Target'")
    assert (
        origins["Sales-sourced close rate"][1]
        == "from the sample company's agreement, to be replaced: the sheet does not say it"
    )
    assert origins["Revenue target"][0] == "1,230,250"
    button(agree, "Use this agreement").click().run()
    assert not agree.exception
    used = agree.session_state["workspace"].agreement
    assert used.revenue_target == 1_230_250
    assert used.split.marketing == pytest.approx(830250 / 1230250, abs=1e-6)
    assert "A proposal from" not in said(agree)


def test_a_proposal_can_be_left_for_what_was_agreed(load):
    agree = proposed(upload(load, plan=PLAN))
    button(agree, "Back to what was agreed").click().run()
    assert not agree.exception
    assert "A proposal from" not in said(agree)


def test_what_a_plan_leaves_out_comes_from_the_quarter_before(load):
    upload(load, deals=DEALS, plan=PLAN)
    assert "4 of 12 rows used" in load.title[0].value
    agree = proposed(load)
    origins = dict(zip(agree.dataframe[0].value["Figure"], agree.dataframe[0].value["Came from"], strict=True))
    assert origins["Sales-sourced close rate"] == "from what Q2 2026 brought: the sheet does not say it"


def test_a_wide_summary_says_how_it_was_read_and_maps_by_its_own_labels(load):
    upload(load, summary=WIDE)
    words = said(load)
    assert "3 of 4 rows used, 1 set aside" in words
    assert "Read as a summary with quarters across: 2026-Q2 … 2026-Q3 became 4 rows" in words
    assert load.selectbox(key="column summary.csv wins").value == "Wins"
    assert "CAC" in load.selectbox(key="column summary.csv wins").options


def test_where_the_labels_leave_it_open_a_click_says_what_it_is(load):
    load.file_uploader[0].set_value([("FY26 plan.csv", b"Metric,Q3 2026\nMQLs,164\nWins,20\n", "text/csv")]).run()
    assert "planned or reached" in said(load)
    button(load, "A plan").click().run()
    assert not load.exception
    assert "This is a plan for Q3 2026: MQLs 164, wins 20" in said(load)
    load.selectbox(key="kind FY26 plan.csv").select("funnel").run()
    assert not load.exception
    assert "2 of 2 rows used" in said(load)
