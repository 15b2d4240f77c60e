"""`python -m alignment_core records`, and the same list on the screen."""

import csv
import io
import json

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
        (
            ["--driver", "marketing.mql_to_sql", "--segment", "planet=Moon"],
            "There is no field 'planet' here; there is ",
        ),
        (
            ["--driver", "marketing.mql_to_sql", "--segment", "region=Moon"],
            "No record here has region 'Moon'; there is APAC, EMEA",
        ),
        (
            ["--driver", "marketing.mql_to_sql", "--segment", "region=EMEA", "--segment", "E-book"],
            "each is FIELD=VALUE; 'E-book' names no field",
        ),
        (
            ["--driver", "marketing.mql_to_sql", "--segment", "region=EMEA", "--segment", "region=APAC"],
            "The field 'region' is given twice",
        ),
        (["--driver", "marketing.carried_in", "--segment", "region=EMEA"], "marketing.carried_in is listed whole"),
        (["--driver", "marketing.carried_in", "--basis", "cohort"], "told of the events in the quarter (basis period)"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(capsys, more, said):
    assert main([*REVIEW, *more]) == 1
    assert said in capsys.readouterr().err


def test_the_driver_must_be_given(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(REVIEW)
    assert "--driver" in capsys.readouterr().err


def listed(capsys, *more):
    assert main([*REVIEW, *more]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_a_field_and_a_pair_of_fields_are_listed(capsys):
    whole = listed(capsys, "--driver", "marketing.mql_to_sql", "--basis", "cohort")
    emea = listed(capsys, "--driver", "marketing.mql_to_sql", "--basis", "cohort", "--segment", "region=EMEA")
    assert (len(emea), sum(bool(row["sqls"]) for row in emea)) == (75, 12)
    assert [row for row in whole if row["region"] == "EMEA"] == emea
    pair = listed(capsys, "--driver", "marketing.mql_to_sql", "--basis", "cohort", "--segment", "region=EMEA", "--segment", "lead_type=E-book")  # fmt: skip
    assert 0 < len(pair) < len(emea)
    assert [row for row in emea if row["lead_type"] == "E-book"] == pair


def test_what_was_carried_is_listed(capsys, tmp_path):
    """10 of the 18 wins of the quarter began before, 33 of its MQLs were open at its end; the review says so too."""
    came = listed(capsys, "--driver", "marketing.carried_in")
    assert sum(bool(row["wins"]) for row in came) == 10
    out = tmp_path / "out.csv"
    assert main([*REVIEW, "--driver", "marketing.carried_out", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "marketing-sourced records that began in Q3 2026 were open at its end: 33 MQLs, " in said
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert said.startswith(f"{len(rows)} ")


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
    looks = json.loads(app.dataframe[0].proto.columns)
    assert looks["Opportunity ID"]["width"] >= 9 * len("006Nw0000003977IAA")
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


def page_of_a_segment() -> None:
    from alignment_core.review import review
    from tests.support import sample
    from ui.review.segments import segments_section

    data, agreement = sample()
    result = review(data, agreement)
    segments_section(data, agreement, result, result.bars[1])


def test_a_segment_that_stands_out_opens_to_its_records_on_the_screen():
    """The review counts events; the segment is told by following the quarter's own 75."""
    app = AppTest.from_function(page_of_a_segment, default_timeout=60).run()
    assert not app.dataframe or "Lead ID" not in app.dataframe[0].value
    app.toggle(key="review.segments.show").set_value(True).run()
    assert not app.exception
    assert app.selectbox(key="review.segments.which").value == "EMEA"
    shown = app.dataframe[0].value
    assert len(shown) == 75
    assert any(
        each.value.startswith("75 MQLs with region EMEA are listed, of which 12 went on") for each in app.markdown
    )
    app.selectbox(key="review.segments.records.field.1").set_value("status").run()
    app.selectbox(key="review.segments.records.value.1.status").set_value("open").run()
    assert set(app.dataframe[0].value["Now"]) == {"open"}


def page_of_what_was_carried() -> None:
    from alignment_core.review import review
    from tests.support import sample
    from ui.review.records import carried_records_section

    data, agreement = sample()
    carried_records_section(data, agreement, review(data, agreement))


def test_each_count_of_what_was_carried_opens_to_its_records_on_the_screen():
    app = AppTest.from_function(page_of_what_was_carried, default_timeout=60).run()
    app.toggle(key="review.carried.show").set_value(True).run()
    which = app.selectbox(key="review.carried.which")
    assert "Marketing-sourced wins from an earlier quarter: 10" in which.options
    for option in which.options:
        app.selectbox(key="review.carried.which").set_value(option).run()
        assert not app.exception
        assert len(app.dataframe[0].value) == int(option.rpartition(": ")[2])
