"""Records that systems count in different ways: each is counted once, and what another choice would change is said."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alignment_core.choices import OPTIONS, Choices
from alignment_core.doubts import SAID_BY_DOUBTS, SITUATIONS, doubts
from alignment_core.errors import DataError
from alignment_core.results import Doubt, Effect
from alignment_core.review import review
from alignment_core.wording import doubt
from tests.support import summary
from tests.test_choices import (
    AGREEMENT,
    PLAIN_DEAL,
    PLAIN_LEAD,
    Q2,
    Q3,
    TODAY,
    deal,
    lead,
    loaded,
    marketing,
    of_case,
)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_doubt_counts_its_records_and_says_what_each_other_option_changes(name):
    data, expected, count = of_case(name)
    for option, now in expected.items():
        here = data.with_choices(Choices().but(name, option))
        (found,) = [each for each in doubts(here, AGREEMENT, Q3, today=TODAY) if each.code == name]
        assert (found.records, found.option) == (count, option)
        for effect in found.effects:
            then = expected[effect.option]
            assert effect.difference == then[4] - now[4]
            assert effect.variance == then[4] - 1_660_500
            moved = dict(zip(("mqls", "sqls", "opportunities", "wins"), (b - a for a, b in zip(now, then, strict=True)), strict=False))  # fmt: skip
            assert effect.counts == {stage: by for stage, by in moved.items() if by}
        others = set(expected) - {option} - ({"not counted", "by basis"} if name == "skipped_stages" and option != "counted as passed" else {"by basis"})  # fmt: skip
        assert {effect.option for effect in found.effects} == others


def test_a_plain_quarter_is_in_no_doubt():
    assert doubts(loaded([PLAIN_LEAD], [PLAIN_DEAL]), AGREEMENT, Q3, today=TODAY) == ()


def test_on_cohort_basis_not_counting_skipped_stages_takes_the_passed_ones_away():
    """The lead became an MQL and then had a deal, without an SQL date."""
    data = loaded([PLAIN_LEAD, lead("a", "2026-07-02", deal_id="d1")], [PLAIN_DEAL, deal("d1", "2026-07-12", None, 1)])
    assert marketing(data, "cohort") == (2, 2, 2, 1, 100_000)
    assert marketing(data.with_choices(Choices(skipped_stages="not counted")), "cohort") == (2, 1, 2, 1, 100_000)
    (found,) = doubts(data, AGREEMENT, Q3, basis="cohort", today=TODAY)
    assert (found.code, [effect.option for effect in found.effects]) == ("skipped_stages", ["not counted"])


def test_wins_of_another_quarter_are_in_no_doubt_of_this_one():
    data = loaded([PLAIN_LEAD], [PLAIN_DEAL, deal("d1", "2026-04-03", "2026-05-03", lead_id="plain")])
    assert "wins_without_amount" not in {each.code for each in doubts(data, AGREEMENT, Q3, today=TODAY)}
    assert "wins_without_amount" in {each.code for each in doubts(data, AGREEMENT, Q2, today=TODAY)}


def test_situations_without_an_option_are_counted_and_said():
    data = loaded(
        [PLAIN_LEAD, lead("b", "2026-07-02", deal_id="d0"), lead("c", "1926-07-01"), lead("d", "2062-07-01")],
        [PLAIN_DEAL],
    )
    found = {each.code: each for each in doubts(data, AGREEMENT, Q3, today=TODAY)}
    assert {name: found[name].records for name in SITUATIONS} == dict.fromkeys(SITUATIONS, 1)
    assert doubt(found["several_contacts"]) == "1 deal with several leads is counted once each, under the lead with the lowest id."  # fmt: skip
    assert doubt(found["wrong_century"]) == "1 record dated in the wrong century (before 1980) is counted in no quarter of this review. Correct the date."  # fmt: skip


LEAD_FIELDS = (
    "lead_source",
    "created_at",
    "mql_at",
    "sql_at",
    "opportunity_at",
    "won_at",
    "deal_id",
    "amount",
    "email_key",
)
DEAL_FIELDS = ("lead_source", "lead_id", "closed_at", "is_won", "amount", "currency")


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.sampled_from(LEAD_FIELDS)), st.sets(st.sampled_from(DEAL_FIELDS)), st.booleans(), st.sampled_from(["period", "cohort"])
)  # fmt: skip
@example(set(LEAD_FIELDS), set(), True, "cohort")  # deals that say neither when they were closed nor how
def test_what_a_table_lacks_puts_nothing_in_doubt(lead_fields, deal_fields, with_leads, basis):
    """Exports have what they have: an undoubtful company stays so whatever columns are left of it."""
    one = {
        "lead_id": "l1", "lead_source": "Web", "created_at": "2026-07-01", "mql_at": "2026-07-02", "sql_at": "2026-07-03",
        "opportunity_at": "2026-07-10", "won_at": "2026-08-01", "deal_id": "d1", "amount": 5, "email_key": "e1",
    }  # fmt: skip
    other = {
        "deal_id": "d1", "lead_id": "l1", "lead_source": "Web", "created_at": "2026-07-10", "closed_at": "2026-08-01",
        "is_won": True, "amount": 5, "currency": "USD",
    }  # fmt: skip
    leads = {name: value for name, value in one.items() if name in lead_fields | {"lead_id"}}
    deals = {name: value for name, value in other.items() if name in deal_fields | {"deal_id", "created_at"}}
    data = loaded([leads] if with_leads else [], [deals])
    try:
        found = doubts(data, AGREEMENT, Q3, basis=basis, today=TODAY)
    except DataError as error:
        assert error.reasons  # noqa: PT017 nothing to review is an answer
        return
    # What is missing may leave a deal unlinked, a stage skipped, a win unvalued; nothing else is in doubt, and nothing twice.
    assert {each.code for each in found} <= {
        "deals_without_lead",
        "converted_without_deal",
        "skipped_stages",
        "wins_without_amount",
    }
    assert all(each.records == 1 for each in found)


def test_doubts_come_in_the_order_of_the_choices_with_situations_last():
    data = loaded(
        [PLAIN_LEAD, lead("b", "2026-07-02", deal_id="d0"), lead("c", None, "2026-07-03")],
        [PLAIN_DEAL, deal("d1", "2026-07-03", "2026-08-03", None)],
    )
    codes = [each.code for each in doubts(data, AGREEMENT, Q3, today=TODAY)]
    assert codes == ["skipped_stages", "wins_without_amount", "deals_without_lead", "several_contacts"]
    assert codes == [each for each in (*OPTIONS, *SITUATIONS) if each in codes]


def test_the_effect_of_another_choice_is_the_difference_of_two_whole_reviews():
    """An undated SQL: not counted by period, it would be one more if it counted as passed."""
    data = loaded([PLAIN_LEAD, lead("a", "2026-07-02", deal_id="d1")], [PLAIN_DEAL, deal("d1", "2026-07-12", None, 1)])
    (found,) = doubts(data, AGREEMENT, Q3, today=TODAY)
    variance = review(data, AGREEMENT, Q3).variance
    assert found == Doubt("skipped_stages", 1, "by basis", (Effect("counted as passed", variance, 0.0, {"sqls": 1}),))


def test_a_date_is_in_the_future_from_the_day_after_today_and_never_before_the_as_of_day():
    data = loaded([PLAIN_LEAD, lead("b", "2026-08-02")], [PLAIN_DEAL])

    def later(**days):
        return sum(each.records for each in doubts(data, AGREEMENT, Q3, **days) if each.code == "later_than_as_of")

    assert [later(today=date(2026, 8, day)) for day in (1, 2)] == [1, 0]
    assert later(as_of=date(2026, 8, 1), today=TODAY) == 1


def test_counts_alone_are_in_no_doubt():
    row = {"quarter": "2026-Q3", "source": "marketing", "mqls": 10.0, "sqls": 5.0, "wins": 1.0, "revenue": 100}
    assert doubts(summary(row), AGREEMENT, Q3, today=TODAY) == ()


def test_what_doubts_say_is_a_note_of_the_review_as_well():
    data = loaded(
        [PLAIN_LEAD], [PLAIN_DEAL, deal("d1", "2026-07-03", "2026-08-03"), deal("d2", "2026-07-03", "2026-12-24", 5)]
    )
    said = {each.code for each in review(data, AGREEMENT, Q3, as_of=date(2026, 10, 1)).notes}
    assert said >= SAID_BY_DOUBTS
