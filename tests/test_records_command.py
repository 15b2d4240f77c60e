"""`python -m alignment_core records`, and the same list on the screen."""

import csv
import io

import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.__main__ import main
from tests.support import SAMPLE

REVIEW = [
    "records", "--agreement", str(SAMPLE / "agreement.toml"), "--quarter", "2026-Q3",
    "--leads", str(SAMPLE / "salesforce_leads.csv"), "--deals", str(SAMPLE / "salesforce_opportunities.csv"),
]  # fmt: skip


def test_the_list_goes_to_standard_output(capsys):
    assert main([*REVIEW, "--driver", "marketing.mql_to_sql", "--basis", "cohort"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 196
    assert sum(bool(row["sqls"]) for row in rows) == 76
    assert list(rows[0])[:6] == ["lead_id", "deal_id", "mqls", "sqls", "status", "amount"]


def test_the_list_goes_to_a_file_and_the_sentence_says_that_it_ties(capsys, tmp_path):
    out = tmp_path / "records.csv"
    assert (
        main([*REVIEW, "--driver", "marketing.deal_size", "--by", "region", "--segment", "EMEA", "--out", str(out)])
        == 0
    )
    assert capsys.readouterr().out == "6 wins are listed, together USD 212,285: the bar's 35,381 each.\n"
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert sum(float(row["counted"]) for row in rows) == 212_285
    assert {row["region"] for row in rows} == {"EMEA"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            ["--driver", "marketing.luck"],
            "There is no bar 'marketing.luck' in this review; there is marketing.mql_volume,",
        ),
        (["--driver", "marketing.mql_to_sql", "--segment", "EMEA"], "not broken down: give the field with --by"),
        (["--driver", "marketing.mql_to_sql", "--by", "region", "--segment", "Moon"], "There is no segment 'Moon'"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(capsys, more, said):
    assert main([*REVIEW, *more]) == 1
    assert said in capsys.readouterr().err


def test_the_driver_must_be_given(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(REVIEW)
    assert "--driver" in capsys.readouterr().err


def page() -> None:
    from alignment_core.review import review
    from tests.support import sample
    from ui.review.records import records_section

    data, agreement = sample()
    result = review(data, agreement, basis="cohort", by="region", judged=False)
    records_section(data, agreement, result, result.bars[1])


def test_on_the_screen_it_is_asked_for_filtered_and_ties():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.dataframe
    app.toggle(key="review.records.show").set_value(True).run()
    assert app.markdown[0].value == "196 MQLs are listed, of which 76 went on to become SQLs: the bar's 38.8%."
    assert len(app.dataframe[0].value) == 196
    app.selectbox(key="review.records.segment").set_value("EMEA").run()
    assert app.markdown[0].value.startswith("75 MQLs are listed, of which 12 went on")
    app.selectbox(key="review.records.field.1").set_value("status").run()
    app.selectbox(key="review.records.value.1.status").set_value("open").run()
    shown = app.dataframe[0].value
    assert set(shown["Now"]) == {"open"}
    assert app.caption[0].value == f"{len(shown)} of 75 are shown."
    app.selectbox(key="review.records.field.2").set_value("lead_type").run()
    app.selectbox(key="review.records.value.2.lead_type").set_value("E-book").run()
    fewer = app.dataframe[0].value
    assert 0 < len(fewer) < len(shown)
    assert set(zip(fewer["Now"], fewer["Lead type"], strict=True)) == {("open", "E-book")}
    assert not app.exception


def page_without_ids() -> None:
    from alignment_core.review import review
    from tests.support import agreed
    from tests.test_bar_records import Q3, leads
    from ui.review.records import records_section

    data = leads(ids=False)
    result = review(data, agreed(), Q3, judged=False)
    records_section(data, agreed(), result, result.bars[1])


def test_leads_without_ids_are_listed_and_the_page_says_how_to_find_them():
    app = AppTest.from_function(page_without_ids, default_timeout=60).run()
    app.toggle(key="review.records.show").set_value(True).run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 12
    assert "Lead ID" not in app.dataframe[0].value
    assert "The files give no ids, so look these up by their dates." in app.markdown[0].value
