"""Whether findings hold however it is counted, in words: by what kind of way each turns, and the tables."""

from dataclasses import replace

import pytest

from alignment_core.robustness import Robustness, Way
from alignment_core.robustness_words import (
    RULE,
    finding_label,
    missing_sentences,
    robustness_headline,
    robustness_table,
    rule_label,
    shares_table,
    way_name,
)
from alignment_core.sourcing import RULES
from tests.support import funnel_of, reviewed

REVIEW = reviewed(
    {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}, {"marketing": funnel_of(150, 0.6, 0.5, 0.45, 30_000)}
)


def bar(verdict, effect, **more):
    return replace(REVIEW.bars[1], **{"verdict": verdict, "effect": effect, "order_low": effect, "order_high": effect} | more)  # fmt: skip


REAL = bar("real", -10.0)
KEY = REAL.source, REAL.driver
SIZE = replace(REAL, driver="deal_size")


def way(kind, option, *bars, **more):
    return Way(kind, option, {(each.source, each.driver): each for each in bars}, **more)


HOLDS = way("rule", "deal_source", REAL)


def found(*ways, bars=(REAL,), **more):
    return Robustness(bars, ways, "lead_source", {}, **more)


def test_every_way_of_counting_has_a_name():
    assert set(RULE) == set(RULES)
    names = [("rule", "first_touch"), ("basis", "cohort"), ("mql", "agreed"), ("method", "lmdi")]
    assert [way_name(way(*each)) for each in names] == [
        "first touch", "the quarter's own MQLs", "MQLs as the agreement defines them", "LMDI",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (found(), "The data carry no other way of counting, so there is nothing to compare with."),
        (found(HOLDS, bars=()), "The data carry no other way of counting, so there is nothing to compare with."),
        (found(HOLDS), "However it is counted, marketing-sourced MQL → SQL is more than chance (1 other way of counting). No verdict turns."),
        (
            found(way("method", "lmdi", REAL, SIZE), way("basis", "cohort", REAL, SIZE), bars=(REAL, SIZE)),
            "However it is counted, marketing-sourced MQL → SQL and marketing-sourced deal size are more than chance (2 other ways of counting). No verdict turns.",
        ),
        (
            found(way("method", "lmdi", bar("noise", -9.0))),
            "Nothing that is more than chance stays so under 1 other way of counting. Marketing-sourced MQL → SQL depends on how it is counted.",
        ),
        (
            found(way("method", "lmdi", bar("noise", -9.0)), HOLDS),
            "Nothing that is more than chance stays so under all of 2 other ways of counting. Marketing-sourced MQL → SQL depends on how it is counted.",
        ),
        (
            found(way("method", "lmdi", bar("noise", -9.0), replace(SIZE, verdict="noise")), bars=(REAL, SIZE)),
            "Nothing that is more than chance stays so under 1 other way of counting. Marketing-sourced MQL → SQL and marketing-sourced deal size depend on how they are counted.",
        ),
        (
            found(way("method", "lmdi", bar("noise", 9.0)), bars=(bar("noise", -9.0),)),
            "Nothing is more than chance here; 1 other way of counting was asked. No verdict turns.",
        ),
    ],
)  # fmt: skip
def test_the_headline_says_what_holds_and_what_depends(answer, said):
    assert robustness_headline(answer) == said


@pytest.mark.parametrize(
    ("own", "ways", "label", "rule"),
    [
        (REAL, (HOLDS,), "holds", "holds under all rules"),
        (REAL, (way("method", "lmdi", REAL),), "holds", "only one rule can be counted"),
        (REAL, (HOLDS, way("basis", "cohort", bar("noise", -2.0))), "depends on what is followed", "holds under all rules"),
        (
            REAL,
            (way("rule", "first_touch", bar("real", 3.0)), way("rule", "last_touch", bar("noise", -1.0)), way("mql", "agreed", bar("noise", 0.0))),
            "depends on the sourcing rule and who says what an MQL is",
            "depends on the rule: real by lead source, real on the other side by first touch, chance by last touch",
        ),
        (bar("real", -10.0, order_low=-30.0, order_high=5.0), (HOLDS,), "depends on the order of the drivers", "holds under all rules"),
        (bar("undecided", -10.0, undecided="few"), (HOLDS,), "not judged (too few)", "not judged"),
    ],
)  # fmt: skip
def test_a_finding_says_on_what_it_depends(own, ways, label, rule):
    answer = found(*ways, bars=(own,))
    assert (finding_label(answer, own), rule_label(answer, own)) == (label, rule)


def test_why_a_way_cannot_be_counted_is_said_under_its_name():
    missing = way("rule", "first_touch", missing=("No touches are loaded.", "Load them."))
    assert missing_sentences(found(missing, HOLDS)) == [
        "First touch: No touches are loaded.",
        "First touch: Load them.",
    ]
    assert "First touch" not in robustness_table(found(missing, HOLDS)).columns


def test_shares_stand_beside_each_other_by_rule_with_the_agreed_one_first():
    first = way("rule", "first_touch", REAL, shares={"sales": 1.0})
    answer = replace(found(first), shares={"marketing": 0.625, "unassigned": 0.375})
    assert shares_table(answer).to_dict("records") == [
        {"Sourcing rule": "Lead source (agreed)", "Marketing-sourced": "62.5%", "Sales-sourced": "0.0%", "Unassigned": "37.5%"},
        {"Sourcing rule": "First touch", "Marketing-sourced": "0.0%", "Sales-sourced": "100.0%", "Unassigned": "0.0%"},
    ]  # fmt: skip


def test_the_table_ends_with_what_each_way_adds_up_to():
    order = bar("real", -1_200.0, order_low=-2_000.0, order_high=-900.0)
    table = robustness_table(found(way("method", "lmdi", bar("noise", -800.0), SIZE), bars=(order,), variance=-1_200.0))
    assert table.to_dict("records") == [
        {"Finding": "Marketing-sourced MQL → SQL", "Does it hold?": "depends on the method", "By sourcing rule": "only one rule can be counted",
         "As reviewed": "−1.2k real", "LMDI": "−800 chance", "Any order": "−2.0k to −900"},
        {"Finding": "All together", "Does it hold?": "", "By sourcing rule": "", "As reviewed": "−1.2k", "LMDI": "−810", "Any order": ""},
    ]  # fmt: skip


def test_what_other_ways_cannot_judge_does_not_hold_by_them():
    """Two other ways, of which one says nothing of the finding: it holds in the other one, not in all."""
    finding, silent = bar("real", -10), bar("undecided", -11, undecided="open")
    key = finding.source, finding.driver
    ways = (Way("rule", "deal_source", {key: silent}), Way("method", "lmdi", {key: finding}))
    found = Robustness((finding,), ways, "lead_source", {})
    assert robustness_headline(found) == (
        "Wherever it can be judged, marketing-sourced MQL → SQL is more than chance (1 of 2 other ways of counting; "
        "in the other it cannot be judged). No verdict turns."
    )
    assert finding_label(found, finding) == "holds in 1 of 2; the other cannot judge it"
    assert rule_label(found, finding) == "holds under 1 of 2 rules; the other cannot judge it"
    more = Robustness((finding,), (*ways, Way("rule", "last_touch", {key: silent})), "lead_source", {})
    assert robustness_headline(more).endswith(
        " (1 of 3 other ways of counting; in the others it cannot be judged). No verdict turns."
    )
    assert finding_label(more, finding) == "holds in 1 of 3; the others cannot judge it"
    assert rule_label(more, finding) == "holds under 1 of 3 rules; the others cannot judge it"
    nothing = Robustness((finding,), ways[:1], "lead_source", {})
    assert robustness_headline(nothing) == (
        "No other way of counting can judge marketing-sourced MQL → SQL (1 other way of counting)."
    )
    assert rule_label(Robustness((silent,), ways, "lead_source", {}), silent) == "not judged"


def test_bars_that_only_another_way_has_stand_in_the_table():
    finding = bar("real", -10)
    other = replace(finding, source="sales", driver="sql_volume", effect=7.0)
    way = Way("rule", "first_touch", {(finding.source, finding.driver): finding, ("sales", "sql_volume"): other})
    table = robustness_table(
        Robustness((finding,), (way,), "lead_source", {}, others=(("sales", "sql_volume"),), variance=-10)
    )
    assert table["Finding"].tolist()[1:] == ["Sales-sourced SQL volume", "All together"]
    assert table["First touch"].tolist()[1:] == ["+7 real", "−3"]
    assert table["As reviewed"].tolist()[1:] == ["not counted there", "−10"]
