"""What an MQL is worth by lead type, and the promise in value."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.track_record import track_record
from alignment_core.value import lead_values, promised_sentence, value_commitment, value_terms
from alignment_core.value_promise import ValuePromise
from tests.support import RATES, agreed, records, summary

QUARTERS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def ran(**kinds: tuple[int, int, int]) -> Data:
    """Each quarter the same MQLs, wins and deal size per lead type; then what came in the agreement's own."""
    rows = [
        {"quarter": name, "source": "marketing", "lead_type": kind, "mqls": mqls, "wins": wins, "revenue": wins * size}
        for name in QUARTERS
        for kind, (mqls, wins, size) in kinds.items()
    ]
    now = [{"quarter": "2026-Q3", "source": "marketing", "lead_type": "demo", "mqls": 40, "wins": 1, "revenue": 1}]
    return summary(*rows, *now)


def test_without_a_plan_the_agreed_value_lies_as_what_ran() -> None:
    """Demos brought 6,000 each (20 of 100 won, 30,000), e-books 2,000 (20 of 300, 30,000): on average 3,000.

    The agreement's 5,062.50 per MQL is 1.6875 times that: 10,125 a demo, 3,375 an e-book. 830,250 is 82 demos, or 246 e-books:
    three e-books are one demo.
    """
    found = value_commitment(ran(demo=(100, 20, 30_000), ebook=(300, 20, 30_000)), agreed(), "lead_type")
    demo, ebook = found.segments
    assert (demo.segment, demo.ran, demo.value, demo.mqls, demo.wins) == ("demo", 6000, 10_125, 400, 80)
    assert (ebook.segment, ebook.ran, ebook.value) == ("ebook", 2000, 3375)
    assert (found.mqls, found.value) == (164, 830_250)
    assert (found.alone("demo"), found.alone("ebook"), found.alone("fax")) == (82, 246, None)
    assert found.worth({"demo": 41, "ebook": 123}) == 830_250
    assert (found.delivered, found.delivered_value) == ({"demo": 40}, 405_000)
    assert (
        found.sentence
        == "164 MQLs are worth USD 830k, 5.1k each on average. The same promise: 82 × demo or 246 × ebook."
    )
    assert found.delivered_sentence == "What came is worth USD 405k (−425k)."


def test_the_mix_that_ran_is_worth_exactly_the_promise() -> None:
    found = value_commitment(
        ran(demo=(31, 7, 21_000), ebook=(97, 5, 44_000), fair=(40, 9, 12_345)), agreed(), "lead_type"
    )
    mix = {each.segment: 164 * each.mqls / (4 * (31 + 97 + 40)) for each in found.segments}
    assert found.worth(mix) == pytest.approx(830_250)


def test_a_plan_by_that_field_says_the_value() -> None:
    """Demos at 60%: 60% × 50% × 45% × 30,000 = 4,050. E-books at 25%: 1,687.50. 415,125 each: 102.5 and 246 MQLs."""
    segments = {
        "field": "lead_type",
        "marketing": {
            "demo": {"share": 0.5, "mql_to_sql": 0.6},
            "ebook": {"share": 0.5, "mql_to_sql": 0.25},
            "fax": {"share": 0, "deal_size": 100_000},
        },
    }
    found = value_commitment(ran(demo=(100, 20, 30_000)), agreed(segments=segments), "lead_type")
    assert [(each.segment, each.value, each.planned) for each in found.segments] == [
        ("fax", 16_875, True),
        ("demo", 4050, True),
        ("ebook", 1687.5, True),
    ]
    assert found.segments[2].ran is None
    assert found.segments[2].too_few == "too few to tell: 0 wins from 0 MQLs"
    assert found.mqls == 349
    assert found.worth({"demo": 102.5, "ebook": 246}) == pytest.approx(830_250)


def by_lead_type(**plans: dict) -> dict:
    return {"field": "lead_type", "marketing": plans}


KINDS = {"demo": (100, 20, 30_000), "ebook": (300, 20, 30_000)}


def test_a_plan_that_states_only_shares_leaves_the_values_to_what_ran() -> None:
    """Demos brought three times what e-books did: that stands, whatever share of the revenue each has."""
    shares = by_lead_type(demo={"share": 0.7}, ebook={"share": 0.3})
    without = value_commitment(ran(**KINDS), agreed(), "lead_type")
    found = value_commitment(ran(**KINDS), agreed(segments=shares), "lead_type")
    assert found == without
    assert [(each.value, each.planned) for each in found.segments] == [(10_125, False), (3375, False)]


def test_a_kind_that_states_nothing_of_its_own_is_worth_what_ran_beside_one_that_does() -> None:
    """Fax at 25% is planned: 1,687.50. Demos and e-books share the plan's own 5,062.50 as they ran.

    The plan's mix is worth the promise: 83,025 ÷ 1,687.50 = 49.2 faxes, and 747,225 ÷ 5,062.50 = 147.6 of the others, as they ran.
    """
    plan = by_lead_type(
        demo={"share": 0.5}, ebook={"share": 0.4}, fax={"share": 0.1, "mql_to_sql": 0.25}, letter={"share": 0}
    )
    found = value_commitment(ran(**KINDS, fax=(50, 20, 90_000)), agreed(segments=plan), "lead_type")
    assert [(each.segment, each.value, each.planned) for each in found.segments] == [
        ("demo", 10_125, False),
        ("ebook", 3375, False),
        ("fax", 1687.5, True),
        ("letter", None, False),
    ]
    assert found.otherwise == 5062.5
    assert found.worth({"fax": 49.2, "demo": 36.9, "ebook": 110.7}) == pytest.approx(830_250)
    assert found.sentence.endswith("The same promise: 82 × demo or 492 × fax.")


def promised(otherwise: float = 5062.5, **per_mql: float) -> Agreement:
    return agreed(value={"field": "lead_type", "otherwise": otherwise, "per_mql": per_mql})


def test_what_is_signed_has_each_kinds_value_and_how_many_of_it_would_do() -> None:
    assert value_terms(promised(ebook=3375, demo=10_125, fax=0)) == (
        "The 164 MQLs owed are to be worth USD 830,250 together; MQLs that are worth as much keep the promise too.",
        "By lead type an MQL counts for, in USD: demo 10,125 (82 alone); ebook 3,375 (246 alone); fax 0 (none alone); any other 5,062.50.",
    )
    assert promised_sentence(promised(ebook=3375, demo=10_125), {"demo": 40, "letter": 2}) == (
        "164 MQLs are worth USD 830k, 5.1k each on average. The same promise: 82 × demo or 246 × ebook. "
        "What came is worth USD 415k (−415k)."
    )


def test_where_nothing_is_agreed_on_value_nothing_is_promised() -> None:
    """Whatever the files say of what MQLs are worth."""
    alone = agreed(split={"marketing": 0, "sales": 1}, value=promised(demo=1).value.model_dump())
    for agreement in (agreed(), alone):
        assert (value_terms(agreement), promised_sentence(agreement, {"demo": 9})) == ((), "")
        assert agreement.promised_value is None


def test_1000_demos_and_3000_ebooks_can_be_the_same_promise() -> None:
    """At values of three to one, in the part of the agreement and in its words."""
    agreement = promised(demo=830.25, ebook=276.75)
    assert agreement.value.worth({"demo": 1000}) == agreement.value.worth({"ebook": 3000}) == 830_250
    assert "demo 830.25 (1,000 alone); ebook 276.75 (3,000 alone)" in value_terms(agreement)[1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(20, 400), st.integers(10, 20), st.integers(500, 90_000)), min_size=1, max_size=5),
    st.integers(100_000, 50_000_000),
)
def test_mqls_in_the_mix_that_ran_are_worth_exactly_the_promise(kinds: list[tuple[int, int, int]], target: int) -> None:
    """Unrounded exactly; at the amounts as they are written never less, and at most one unit an MQL more."""
    agreement = agreed(revenue_target=target)
    found = value_commitment(ran(**{f"kind {place}": each for place, each in enumerate(kinds)}), agreement, "lead_type")
    owed = agreement.required["marketing"]
    mix = {f"kind {place}": owed.mqls * each[0] / sum(mqls for mqls, *_ in kinds) for place, each in enumerate(kinds)}
    assert found.worth(mix) == pytest.approx(owed.revenue, rel=1e-12)
    written = ValuePromise(field="lead_type", otherwise=0, per_mql=found.amounts).worth(mix)
    assert owed.revenue * (1 - 1e-9) <= written <= owed.revenue + owed.mqls


def test_a_value_is_said_as_it_is_calculated_with() -> None:
    """Demos brought 5,400, e-books 3,100.10, 3,866.73 on average: as agreed that is 7,069.91 and 4,058.77, said whole, and
    never less: MQLs of their mix keep the promise."""
    found = value_commitment(ran(demo=(100, 20, 27_000), ebook=(200, 20, 31_001)), agreed(), "lead_type")
    for each in found.segments:
        assert each.said == math.ceil(each.value)
        assert abs(each.said - each.value) > 0.01
        assert found.alone(each.segment) == -(-830_250 // each.said)
        told = value_terms(promised(**found.amounts))[1]
        assert f"{each.segment} {each.said:,.0f} ({found.alone(each.segment)} alone)" in told


def test_kinds_that_are_worth_the_same_are_no_other_promise() -> None:
    found = value_commitment(ran(demo=(100, 20, 30_000), ebook=(200, 40, 30_000)), agreed(), "lead_type")
    assert found.sentence == "164 MQLs are worth USD 830k, 5.1k each on average."


def test_few_wins_are_said() -> None:
    found = value_commitment(ran(demo=(100, 20, 30_000), fax=(50, 1, 30_000)), agreed(), "lead_type")
    assert {each.segment: each.too_few for each in found.segments} == {
        "demo": "",
        "fax": "too few to tell: 4 wins from 200 MQLs",
    }


def test_a_kind_with_too_few_wins_to_tell_counts_as_what_is_agreed() -> None:
    """Also where a field is known of the deals alone: 400 MQLs without it are not worth nothing."""
    found = value_commitment(ran(demo=(100, 20, 30_000), fax=(50, 1, 30_000)), agreed(), "lead_type")
    assert {each.segment: each.value for each in found.segments} == {"demo": 5062.5, "fax": None}
    assert found.alone("fax") is None
    assert [found.counts_for(each) for each in found.segments] == [5062.5, 5062.5]
    assert found.worth({"demo": 100, "fax": 64}) == 830_250
    deals = value_commitment(ran(demo=(0, 20, 30_000), fax=(100, 0, 0)), agreed(), "lead_type")
    assert [each.value for each in deals.segments] == [None, None]
    assert deals.worth({"fax": 164}) == 830_250


def one_by_one(kinds: dict[str, tuple[int, list[int]]]) -> Data:
    """Leads with amounts: for each kind so many that didn't win, and the amounts of those that did."""
    rows = []
    for kind, (lost, amounts) in kinds.items():
        for amount in [None] * lost + amounts:
            won = "2026-04-03" if amount else None
            rows.append(
                {
                    "lead_id": str(len(rows)),
                    "lead_source": "Webinar",
                    "lead_type": kind,
                    "mql_at": "2026-04-02",
                    "won_at": won,
                    "amount": amount,
                }
            )
    rows.append(
        {
            "lead_id": "end",
            "lead_source": "Webinar",
            "lead_type": None,
            "mql_at": "2026-07-01",
            "won_at": None,
            "amount": None,
        }
    )
    return records(*rows)


def test_the_interval_is_that_of_both_chances() -> None:
    """Against a million draws of their own: who wins (Beta) times what a win brings (weights on the amounts)."""
    amounts = [20_000, 25_000, 30_000, 35_000, 60_000] * 6
    (demo,) = lead_values(agreed(), track_record(one_by_one({"demo": (170, amounts)}), agreed(), by="lead_type"))
    draw = np.random.default_rng(9)
    sizes = draw.dirichlet(np.ones(30), 200_000) @ np.array(amounts)
    expected = np.quantile(draw.beta(30.5, 170.5, 200_000) * sizes, [0.025, 0.975])
    assert demo.ran == sum(amounts) / 200
    assert demo.interval == pytest.approx(expected, rel=0.03)
    assert demo.too_few == ""


def test_a_kind_with_hardly_a_win_borrows_the_deals_of_all_and_says_so() -> None:
    data = one_by_one({"demo": (170, [30_000] * 30), "fax": (40, [10_000])})
    values = {each.segment: each for each in lead_values(agreed(), track_record(data, agreed(), by="lead_type"))}
    fax = values["fax"]
    assert fax.too_few == "too few to tell: 1 win from 41 MQLs, deal size from all of marketing's wins"
    assert fax.interval[0] < fax.ran < fax.interval[1]


def test_where_nothing_is_known_every_mql_is_worth_the_average() -> None:
    found = value_commitment(Data({}), agreed(), "lead_type")
    assert (found.segments, found.delivered, found.delivered_value) == ((), None, None)
    assert found.worth({"anything": 164}) == 830_250
    assert found.sentence == "164 MQLs are worth USD 830k, 5.1k each on average."
    assert (found.delivered_sentence, found.amounts) == ("", {})


def test_where_the_files_have_no_mql_date_what_came_is_not_worth_nothing() -> None:
    """Nobody counted MQLs, which is not that none came."""
    rows = [{"lead_id": day, "lead_source": "Webinar", "lead_type": "demo", "won_at": f"2026-{day}", "amount": 9}
            for day in ("04-03", "07-04")]  # fmt: skip
    found = value_commitment(records(*rows), agreed(), "lead_type")
    assert (found.delivered, found.delivered_value, found.segments) == (None, None, ())
    assert found.delivered_sentence == "The files have no MQL date, so what came cannot be valued."
    counts = [
        {"quarter": name, "source": "marketing", "lead_type": "demo", "wins": 3, "revenue": 9}
        for name in (*QUARTERS, "2026-Q3")
    ]
    found = value_commitment(summary(*counts), agreed(), "lead_type")
    assert (found.delivered, found.delivered_sentence) == (
        None,
        "The files do not count MQLs, so what came cannot be valued.",
    )


def test_a_summary_that_leaves_marketing_out_does_not_say_that_nothing_came() -> None:
    before = [{"quarter": "2026-Q2", "source": "marketing", "lead_type": "demo", "mqls": 9, "wins": 3, "revenue": 9}]
    now = [{"quarter": "2026-Q3", "source": "sales", "lead_type": "demo", "mqls": None, "wins": 3, "revenue": 9}]
    found = value_commitment(summary(*before, *now), agreed(), "lead_type")
    assert (found.delivered, found.delivered_sentence) == (None, "")


def test_marketing_that_owes_nothing_promises_no_value() -> None:
    assert value_commitment(Data({}), agreed(split={"marketing": 0, "sales": 1}), "lead_type") is None
    assert value_commitment(Data({}), agreed(marketing={"mql_to_sql": 1, **RATES}), "lead_type").mqls == 123
