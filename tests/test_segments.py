"""Segments that stand out: found where planted, hardly ever where not; and mix and rate of any field add up."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from alignment_core.bar_records import stages_of
from alignment_core.review import review
from alignment_core.segment_words import reversed_sentences, segment_sentence, segments_headline, totals_sentence
from alignment_core.segments import MOST, by_fields, segments_that_matter, standing_out
from alignment_core.step_counts import step_counts
from tests.support import sample

FIELDS = {"region": ("EMEA", "NA", "APAC"), "kind": ("Demo", "Fair", "Webinar", "E-book"), "size": ("S", "M", "L")}
RATE = {"Demo": 0.7, "Fair": 0.6, "Webinar": 0.5, "E-book": 0.35}


def company(rng, mqls=400, planted=None, shares=None):
    """A quarter and four before it: `planted` multiplies the quarter's rate in a segment, `shares` are of the quarter's kinds."""
    frames = []
    for n, now in ((4 * mqls, False), (mqls, True)):
        kinds = shares if now and shares else None
        rows = pd.DataFrame({name: rng.choice(values, n, p=kinds if name == "kind" else None) for name, values in FIELDS.items()})  # fmt: skip
        rate = rows["kind"].map(RATE).to_numpy()
        if now and planted:
            where, factor = planted
            rate = np.where(np.all([rows[name] == value for name, value in where.items()], axis=0), rate * factor, rate)
        rows["passed"] = rng.random(n) < rate
        side = {"before": 0.0, "passed_before": 0.0, "now": 0.0, "passed_now": 0.0}
        rows = rows.assign(**side)
        rows["now" if now else "before"] = 1.0
        rows["passed_now" if now else "passed_before"] = rows["passed"].astype(float)
        frames.append(rows.drop(columns="passed"))
    return pd.concat(frames).groupby(list(FIELDS), as_index=False).sum()


def found_in(seed, **planted):
    rng = np.random.default_rng([7, seed])
    return standing_out(company(rng, **planted), tuple(FIELDS), 1000.0, "cohort")


def test_where_nothing_was_planted_hardly_anything_is_named():
    """A false discovery rate of 10% is, where nothing is true, the chance that anything is named."""
    named = [bool(found_in(seed).found) for seed in range(240)]
    assert np.mean(named) <= 0.1 + 2.5 * np.sqrt(0.09 / 240)


def test_a_region_that_fell_is_found_first_and_told_once():
    first, others = 0, []
    for seed in range(30):
        found = found_in(seed, planted=({"region": "EMEA"}, 0.5)).found
        first += bool(found) and (found[0].fields, found[0].values, found[0].kind) == (("region",), ("EMEA",), "rate")
        others += [each for each in found if "EMEA" not in each.values]
    assert first >= 28
    assert len(others) <= 8  # nothing else was planted: its parts and its mirror are not told


def test_a_crossing_of_two_fields_is_found():
    """Only demos in EMEA fell."""
    hits = 0
    for seed in range(20):
        found = found_in(seed, mqls=1500, planted=({"region": "EMEA", "kind": "Demo"}, 0.4)).found
        hits += any(set(each.values) == {"EMEA", "Demo"} for each in found)
    assert hits >= 18


def test_a_mix_that_moved_is_found():
    hits = 0
    for seed in range(20):
        found = found_in(seed, shares=[0.1, 0.25, 0.25, 0.4]).found
        hits += any(each.kind == "mix" and each.values in (("E-book",), ("Demo",)) for each in found)
        assert len(found) <= MOST
    assert hits >= 19


def test_a_segment_that_became_more_and_converts_as_all_do_is_not_named():
    """The mix moved, and moves nothing."""
    same = dict.fromkeys(RATE, 0.5)
    for seed in range(20):
        rng = np.random.default_rng([9, seed])
        counted = company(rng, mqls=1000, shares=[0.1, 0.25, 0.25, 0.4])
        counted = counted.assign(**{
            f"passed_{side}": rng.binomial(counted[side].astype(int), counted["kind"].map(same)).astype(float)
            for side in ("before", "now")
        })  # fmt: skip
        found = standing_out(counted, ("kind",), 1000.0, "cohort").found
        assert not [each for each in found if each.kind == "mix" and abs(each.effect) < 5], seed


def test_what_is_told_of_a_segment_is_of_all_also_where_others_were_found_before_it():
    counts = {"kind": ["A", "B", "C", "D"], "before": [100.0, 200, 300, 400], "now": [400.0, 200, 100, 100]}
    rates = {"passed_before": [0.9, 0.1, 0.5, 0.5], "passed_now": [0.1, 0.9, 0.5, 0.5]}
    counted = pd.DataFrame(counts)
    counted = counted.assign(
        passed_before=counted["before"] * rates["passed_before"], passed_now=counted["now"] * rates["passed_now"]
    )
    found = standing_out(counted, ("kind",), 1000.0, "cohort").found
    assert len(found) > 1
    for each in found:
        row, others = counted[counted["kind"] == each.values[0]].iloc[0], counted[counted["kind"] != each.values[0]]
        if each.kind == "mix":
            assert (each.before, each.now) == (row["before"] / 1000, row["now"] / 800)
        else:
            assert each.others_before == pytest.approx(others["passed_before"].sum() / others["before"].sum())
            assert each.others_now == pytest.approx(others["passed_now"].sum() / others["now"].sum())


def test_where_every_segment_rose_and_the_whole_fell():
    """Demos 80% → 85%, e-books 20% → 25%, and from 80 of 100 being demos to 30."""
    rows = pd.DataFrame(
        {"kind": ["Demo", "E-book"], "before": [800.0, 200], "passed_before": [640.0, 40], "now": [60.0, 140], "passed_now": [51.0, 35]}
    )  # fmt: skip
    found = standing_out(rows, ("kind",), 1000.0, "cohort")
    assert found.reversed == ("kind",)
    assert reversed_sentences(found) == [
        "Careful: by kind every segment moved one way and the whole the other. What moved the whole is the mix."
    ]
    assert found.found[0].kind == "mix"


@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("fields", [["region"], ["lead_type"], ["region", "lead_type"], ["industry", "country"]])
def test_mix_and_rate_add_up_to_the_move(basis, fields):
    data, agreement = sample()
    result = review(data, agreement, basis=basis, judged=False)
    bar = (
        result.bars[3] if fields[0] == "industry" else result.bars[1]
    )  # of few opportunities some segments have wins alone
    rows, totals = by_fields(data, agreement, result, bar, fields)
    counts = step_counts(data, agreement, result.quarter, basis=basis)
    counts = counts[
        (counts["source"] == "marketing")
        & (counts["after"] == stages_of(bar.driver)[1])
        & (counts["before"] == stages_of(bar.driver)[0])
    ]
    is_now = counts["quarter"] == result.quarter
    now, then = (
        (side["passed"] + side["further"]).sum() / side["entered"].sum() for side in (counts[is_now], counts[~is_now])
    )
    move = (now - then) * bar.effect / (bar.actual - bar.plan)
    assert np.isfinite(totals).all()
    assert rows["mix"].sum() + rows["rate"].sum() == pytest.approx(move)
    assert sum(totals) == pytest.approx(move)
    if len(fields) == 1:
        assert totals == pytest.approx((rows["mix"].sum(), rows["rate"].sum()))


@pytest.mark.parametrize("basis", ["period", "cohort"])
def test_the_samples_region_is_found_and_nothing_else(basis):
    data, agreement = sample()
    result = review(data, agreement, basis=basis)
    rates = [bar for bar in result.bars if bar.plan is not None and bar.plan < 1 and bar.source != "unassigned"]
    found = {(bar.source, bar.driver): segments_that_matter(data, agreement, result, bar) for bar in rates}
    named = [(each.fields, each.values, each.kind) for segments in found.values() for each in segments.found]
    assert named == [(("region",), ("EMEA",), "rate")]
    bar, segments = result.bars[1], found["marketing", "mql_to_sql"]
    assert segments_headline(bar, segments) == "What stands out of 90 segments is how EMEA converted."
    assert segment_sentence(result, bar, segments.found[0]).startswith(
        "EMEA: went from 57% to 17%, the others from 57% to 53%. That is USD −"
    )
    assert "deal_type" not in found["marketing", "sql_to_opportunity"].fields  # only opportunities have it
    assert totals_sentence(["region"], (-924.7, -243_000.2), "USD") == (
        "Since the quarters before, in USD: the mix −925, the segments' own rates −243,000."
    )


def page() -> None:
    from alignment_core.review import review
    from tests.support import sample
    from ui.review.segments import segments_section

    data, agreement = sample()
    result = review(data, agreement, basis="cohort")
    segments_section(data, agreement, result, result.bars[1])


def test_on_the_screen():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert any("how EMEA converted" in each.value for each in app.markdown)
    app.selectbox(key="review.segments.field").set_value("region").run()
    app.selectbox(key="review.segments.second").set_value("lead_type").run()
    assert not app.exception
    assert list(app.dataframe[0].value.columns[:2]) == ["Region", "Lead type"]
    assert len(app.dataframe[0].value) == 12
