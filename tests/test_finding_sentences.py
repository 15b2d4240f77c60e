"""One sentence for each finding: a beat in the same words as a miss, with numbers, owner, evidence and what speaks against it."""

from dataclasses import replace

import pytest

from alignment_core.finding_sentences import finding_sentences
from alignment_core.results import Carried, Counts, NotDecided
from alignment_core.review import review
from alignment_core.why import why, with_why
from tests.support import funnel_of, reviewed, sample


def judged(actual_rate, verdict="real"):
    """164 MQLs agreed at 75%, and as many that came; only the first rate moved."""
    plan, actual = funnel_of(164, 0.75, 0.5, 0.45, 30_000), funnel_of(164, actual_rate, 0.5, 0.45, 30_000)
    result = reviewed({"marketing": plan}, {"marketing": actual})
    bars = [replace(bar, verdict=verdict if bar.driver == "mql_to_sql" else "noise", interval=(-1000.0, 1000.0)) for bar in result.bars]  # fmt: skip
    return replace(result, bars=tuple(bars))


def test_a_beat_is_said_in_the_words_of_a_miss():
    (miss,), (beat,) = finding_sentences(judged(0.60)), finding_sentences(judged(0.90))
    assert miss == (
        "Marketing-sourced MQL → SQL conversion was 60.0% against 75.0% agreed, on 164 MQLs: USD −166k, which sales owns; "
        "allowing for chance, −1.0k to +1.0k."
    )
    assert beat == miss.replace("60.0%", "90.0%").replace("−166k", "+166k")


NOTHING = "In Q3 2026 no driver is known to have moved further than so many records can by chance."


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("noise", NOTHING), ("undecided", f"{NOTHING} Not to be judged: marketing-sourced MQL → SQL conversion (−166k).")],
)
def test_what_is_not_more_than_chance_is_no_finding(verdict, said):
    assert finding_sentences(judged(0.60, verdict)) == (said,)


def test_a_review_that_was_not_judged_has_no_findings():
    plan = {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}
    assert finding_sentences(reviewed(plan, plan)) == ()


def test_volume_and_deal_size_rest_on_their_own_records():
    plan, actual = funnel_of(164, 0.75, 0.5, 0.45, 30_000), funnel_of(100, 0.75, 0.5, 0.45, 60_000)
    result = reviewed({"marketing": plan}, {"marketing": actual})
    result = replace(result, bars=tuple(replace(bar, verdict="real") for bar in result.bars if bar.effect))
    size, volume = finding_sentences(result)
    assert volume.startswith("Marketing-sourced MQL volume was 100 against 164 agreed: USD −")
    assert size.startswith("Marketing-sourced deal size was 60,000 against 30,000 agreed, on 16.9 wins: USD +")
    assert "which both own" in size


def test_what_rests_on_one_record_says_so():
    """One win on one opportunity, of 20 and 9 agreed: it began before, or it is still open."""
    plan, one = funnel_of(164, 0.75, 0.5, 0.45, 30_000), {"marketing": Counts(164, 123, 1, 1, 60_000)}

    def said(**more):
        result = reviewed({"marketing": plan}, one)
        bars = [replace(bar, verdict="real" if bar.driver in ("close_rate", "deal_size") else "noise", order_low=0, order_high=0) for bar in result.bars]  # fmt: skip
        return finding_sentences(replace(result, bars=tuple(bars), **more))

    carried = said(carried={"marketing": Carried(Counts(0, 0, 0, 1, 60_000), {})})
    size = next(each for each in carried if "deal size" in each)
    rate = next(each for each in carried if "close rate" in each)
    assert "deal size was 60,000 against 30,000 agreed, on one win: USD +" in size
    assert "close rate was 100.0% against 45.0% agreed, on one opportunity: USD +" in rate
    assert rate.endswith(" The one win began in an earlier quarter.")
    decided = NotDecided({"mqls": 0, "sqls": 0, "opportunities": 1}, *[Counts(0, 0, 0, 0, 0)] * 3)
    waiting = next(each for each in said(not_decided={"marketing": decided}) if "close rate" in each)
    assert waiting.endswith(" It is still open.")


def test_a_rate_above_one_and_what_it_is_measured_from_are_one_finding():
    """20 opportunities instead of 61.5, of which 25 were won, 9 of them from before: (25 − 27.675) × 30,000."""
    plan = {"marketing": funnel_of(164, 0.75, 0.5, 0.45, 30_000)}
    result = reviewed(plan, {"marketing": Counts(164, 123, 20, 25, 750_000)})
    bars = tuple(
        replace(bar, verdict="real") for bar in result.bars if bar.driver in ("sql_to_opportunity", "close_rate")
    )
    result = replace(result, bars=bars, carried={"marketing": Carried(Counts(0, 0, 0, 9, 270_000), {})})
    assert finding_sentences(result) == (
        "Marketing-sourced SQL → opportunity conversion was 16.3% against 50.0% agreed, on 123 SQLs and close rate was 125.0% "
        "against 45.0% agreed, on 20 opportunities: together USD −80k, which sales "
        "owns. 9 of the 25 wins began in an earlier quarter, so by the events in the quarter the two cannot be told apart; followed "
        "from where they began (Count) they can.",
    )


def test_the_samples_finding_on_both_bases():
    data, agreement = sample()
    said = {}
    for basis in ("period", "cohort"):
        result = review(data, agreement, basis=basis)
        (said[basis],) = finding_sentences(with_why(result, why(data, agreement, result)))
    assert "what goes with follow-up (−225k) is more than chance by itself; that is association." in said["period"]
    assert "6 of the 77 SQLs began in an earlier quarter." in said["period"]
    assert "follow-up (−163k) and the lead mix (−36k)" in said["cohort"]
    assert "Of them 18 are still open." in said["cohort"]
    assert said["cohort"].endswith("In another order of the drivers it would be between −340k and −140k.")
