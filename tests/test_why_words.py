"""Why a conversion moved, in words: each part with its numbers, its owner and how sure it is."""

from dataclasses import replace
from math import nan
from typing import get_args

import pandas as pd
import pytest

from alignment_core.quarters import Quarter
from alignment_core.results import Why
from alignment_core.vocabulary import Part
from alignment_core.why import WhyMoved
from alignment_core.why_words import PART, part_change, part_owner, why_headline, why_sentence, why_sentences, why_table
from tests.support import funnel_of, reviewed

PLAN, ACTUAL = funnel_of(164, 0.75, 0.5, 0.45, 30_000), funnel_of(200, 0.55, 0.5, 0.45, 30_000)
REVIEW = reviewed({"marketing": PLAN}, {"marketing": ACTUAL})
BAR = replace(next(each for each in REVIEW.bars if each.driver == "mql_to_sql"), effect=-200_000.0)
EVIDENCE = {
    "planning_gap": {"agreed": 0.75, "baseline": 0.7, "records": 1200},
    "lead_mix": {},
    "follow_up": {"in_time_now": 0.57, "in_time_before": 0.88, "rate_in_time": 0.63, "rate_late": 0.1},
    "remainder": {},
    "not_decided": {"open": 31, "further": 12.3},
}
KINDS = pd.DataFrame(
    {
        "kind": ["Demo", "E-book", "Fair"], "before": [60.0, 30.0, 10.0], "now": [40.0, 130.0, 30.0],
        "rate_before": [0.8, 0.4, 0.5], "rate_now": [0.7, 0.4, nan], "in_time_before": [0.9, 0.9, nan], "in_time_now": [0.5, 0.6, nan],
        "lead_mix": [-30_000.0, -6_400.0, 0.0], "follow_up": [-100_000.0, -20_000.0, 0.0], "remainder": [0.0, 500.0, 0.0],
    }
)  # fmt: skip


def part(name, effect, verdict="real", **more):
    return Why("marketing", "mql_to_sql", name, effect, more.pop("interval", None), verdict, EVIDENCE[name] | more)


def moved(*parts, **more):
    return WhyMoved(BAR, parts, "lead_type", (Quarter(2026, 1), Quarter(2026, 2)), KINDS, **more)


FOLLOW_UP = part("follow_up", -120_000.0, interval=(-160_000.0, -80_000.0))
MIX = part("lead_mix", -36_400.0)


def test_every_part_has_a_name_and_an_owner():
    assert set(PART) == set(get_args(Part))
    assert {name: part_owner(BAR, name) for name in PART} == {
        "planning_gap": "both", "lead_mix": "marketing", "follow_up": "sales", "remainder": "sales", "not_decided": "nobody yet",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((MIX, FOLLOW_UP), "Of the USD −200k, what stands out is follow-up (−120k, sales) and the lead mix (−36k, marketing)."),
        ((replace(FOLLOW_UP, verdict="noise"), replace(MIX, verdict="noise")), "Of the USD −200k no part by itself is more than chance; the largest is follow-up (−120k, sales)."),
        ((part("remainder", 50_000.0),), "Of the USD −200k no part by itself is more than chance."),  # it moved the other way
        ((part("not_decided", -150_000.0, None), part("remainder", -50_000.0, "noise")), "Of the USD −200k, what stands out is what is still open (−150k, nobody yet)."),
        ((part("not_decided", -90_000.0, None),), "Of the USD −200k no part by itself is more than chance; the largest is what is still open (−90k, nobody yet)."),
    ],
)  # fmt: skip
def test_the_headline_names_what_is_more_than_chance_and_moved_as_the_whole_did(parts, said):
    assert why_headline(REVIEW, moved(*parts)) == said


def test_what_cannot_be_said_says_why_instead():
    assert why_headline(REVIEW, WhyMoved(BAR, missing="Load earlier quarters.")) == "Load earlier quarters."


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (part("planning_gap", -50_000.4, "noise", interval=(-90_000.0, 1_500.0)), "Agreed too high or low, USD −50,000 (both): 75.0% was agreed; the 2 quarters before ran 70.0% on 1,200 MQLs (within chance, between −90k and +1.5k)."),
        (MIX, "Lead mix, USD −36,400 (marketing): Demo went from 60% to 20% of all, E-book went from 30% to 65% of all MQLs (more than chance)."),
        (FOLLOW_UP, "Follow-up, USD −120,000 (sales): 57% had their first touch in time, against 88% before; of those 63% converted, of the others 10% (more than chance, between −160k and −80k)."),
        (part("remainder", 20_000.0, "undecided", interval=(-1.0, 1.0)), "Like for like, USD +20,000 (sales): MQLs of the same kind converted more than before (too little to say whether it is more than chance)."),
        (part("remainder", 0.3, "noise"), "Like for like, USD 0 (sales): MQLs of the same kind converted as before (within chance)."),
        (part("not_decided", -9_000.0, None), "Not decided yet, USD −9,000 (nobody yet): 31 MQLs are still open, of which about 12.3 will convert, as earlier ones did (not judged: it may still come)."),
        (part("not_decided", -9_000.0, None, further=0.04), "Not decided yet, USD −9,000 (nobody yet): 31 MQLs are still open, of which none is expected to convert: so late, no earlier one did (not judged: it may still come)."),
    ],
)  # fmt: skip
def test_each_part_says_what_it_did_by_what_evidence_and_how_sure_that_is(each, said):
    assert why_sentence(REVIEW, moved(each), each) == said


def test_like_for_like_is_also_alike_in_follow_up_where_that_is_a_part():
    like = part("remainder", -1_000.0)
    assert "MQLs of the same kind, followed up alike, converted less than before" in why_sentence(
        REVIEW, moved(like, FOLLOW_UP), like
    )


def test_one_quarter_before_is_named():
    gap = part("planning_gap", -1_000.0)
    found = replace(moved(gap), baseline=(Quarter(2026, 2),))
    assert "75.0% was agreed; 2026-Q2 ran 70.0%" in why_sentence(REVIEW, found, gap)


def test_the_largest_part_is_said_first():
    said = why_sentences(REVIEW, moved(MIX, part("remainder", 40_000.0), FOLLOW_UP))
    assert [sentence.split(",")[0] for sentence in said] == ["Follow-up", "Like for like", "Lead mix"]


def test_the_numbers_that_moved_fit_a_column():
    told = {name: part_change(moved(), part(name, 1.0)) for name in PART}
    assert told == {
        "planning_gap": "75% → 70%", "lead_mix": "", "follow_up": "88% → 57%", "remainder": "", "not_decided": "31 open",
    }  # fmt: skip
    assert part_change(moved(), Why("marketing", "mql_to_sql", "follow_up", 1.0)) == ""


def test_the_table_has_the_kinds_with_the_effects_of_the_parts_that_there_are():
    table = why_table(moved(MIX, FOLLOW_UP), "Lead type", "USD")
    assert table.iloc[0].to_dict() == {
        "Lead type": "Demo", "MQLs before": "60", "MQLs now": "40", "Rate before": "80%", "Rate now": "70%",
        "In time before": "90%", "In time now": "50%", "Lead mix, USD": "−30,000", "Follow-up, USD": "−100,000",
    }  # fmt: skip
    assert table.iloc[2][["Rate now", "In time now"]].tolist() == ["–", "–"]
    assert "In time now" not in why_table(moved(MIX), "Lead type", "USD")
    assert why_table(WhyMoved(BAR), "Lead type", "USD").empty
