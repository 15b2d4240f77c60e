"""Pipeline as well as revenue, and the channels of sales."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.pipeline import channel_promises, pipeline
from alignment_core.sales_channels import Channel, promises
from tests.support import RATES, agreed
from ui.agreement_form import fields, read_form


def test_the_contracts_pipeline_by_hand() -> None:
    """61.5 opportunities × 30,000 = 1,845,000 a side; 830,250 to win of it: coverage 1 ÷ 45% = 2.22."""
    found = pipeline(agreed())
    for side in ("marketing", "sales"):
        assert (found.sides[side].opportunities, found.sides[side].value) == (61.5, 1_845_000)
        assert found.sides[side].coverage == pytest.approx(1 / 0.45)
        assert (found.sides[side].share_of_revenue, found.sides[side].share_of_pipeline) == (0.5, 0.5)
    assert (found.total.value, found.total.revenue) == (3_690_000, 1_660_500)


def test_the_split_of_pipeline_differs_where_close_rates_do() -> None:
    """Sales closes 90%: half the opportunities for the same revenue. 1,845,000 against 922,500: two thirds."""
    found = pipeline(agreed(sales=RATES | {"close_rate": 0.9}))
    assert found.sides["marketing"].share_of_pipeline == pytest.approx(2 / 3)
    assert found.sides["marketing"].share_of_revenue == 0.5
    assert found.total.coverage == pytest.approx((1_845_000 + 922_500) / 1_660_500)


def test_segments_are_valued_at_their_own_deal_size() -> None:
    """EMEA: 415,125 ÷ 30% close = 1,383,750; APAC 415,125 ÷ 45% = 922,500 whatever its deals are worth."""
    segments = {
        "field": "region",
        "marketing": {"EMEA": {"share": 0.5, "close_rate": 0.3}, "APAC": {"share": 0.5, "deal_size": 9_000}},
    }
    found = pipeline(agreed(segments=segments)).sides["marketing"]
    assert found.value == 1_383_750 + 922_500
    assert found.opportunities == pytest.approx(1_383_750 / 30_000 + 922_500 / 9_000)


def test_a_side_that_owes_nothing_has_no_coverage() -> None:
    found = pipeline(agreed(split={"marketing": 1, "sales": 0}))
    assert (found.sides["sales"].value, found.sides["sales"].coverage) == (0, None)
    assert found.sides["marketing"].share_of_pipeline == 1


def test_the_pipeline_in_a_sentence() -> None:
    assert pipeline(agreed(sales=RATES | {"close_rate": 0.9})).sentence == (
        "Marketing opens 1.84M of pipeline for 830k to win (2.2 times); sales opens 922k of pipeline for 830k to win (1.1 times). "
        "The split is 50% marketing by revenue and 67% by pipeline."
    )
    alone = pipeline(agreed(split={"marketing": 1, "sales": 0})).sentence
    assert alone == "Marketing opens 3.69M of pipeline for 1.66M to win (2.2 times)."


CHANNELS = {"sdr_outbound": {"share": 0.6, "accounts_to_sql": 0.04}, "field": {"share": 0.4}}


def test_channels_by_hand() -> None:
    """123 SQLs: 73.8 and 49.2 become 74 and 49; 74 ÷ 4% = 1,850 accounts."""
    found = channel_promises(agreed(sales_channels=CHANNELS))
    assert [(each.name, each.sqls, each.accounts) for each in found] == [
        ("sdr_outbound", 74, 1850),
        ("field", 49, None),
    ]
    assert channel_promises(agreed()) == ()
    assert channel_promises(agreed(sales_channels=CHANNELS, split={"marketing": 1, "sales": 0})) == ()


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.fractions(Fraction(1, 10), 5000), st.integers(1, 1000))
def test_channels_sum_to_what_is_owed_and_accounts_suffice(weights: list[int], sqls: Fraction, rate: int) -> None:
    shares = [round(weight / sum(weights), 6) for weight in weights]
    shares[-1] = round(1 - sum(shares[:-1]), 6)
    channels = {str(place): Channel(share=share, accounts_to_sql=rate / 1000) for place, share in enumerate(shares)}
    found = promises(channels, sqls)
    owed = -(-sqls.numerator // sqls.denominator)
    assert sum(each.sqls for each in found) == owed
    for each in found:
        assert abs(each.sqls - each.share * owed) < 1 + 1e-6
        assert each.accounts * Fraction(rate, 1000) >= each.sqls
        assert (each.accounts - 1) * Fraction(rate, 1000) < each.sqls


def test_channels_survive_the_file_and_the_form() -> None:
    there = agreed(sales_channels=CHANNELS)
    assert Agreement.from_text(there.to_toml()) == there
    assert "[sales_channels.sdr_outbound]\nshare = 0.6\naccounts_to_sql = 0.04\n" in there.to_toml()
    assert "sales_channels" not in agreed().to_toml()
    assert read_form(fields(there), there, there.sourcing, {}).sales_channels == there.sales_channels


@pytest.mark.parametrize(
    ("channels", "words"),
    [
        ({"sdr": {"share": 0.6}, "field": {"share": 0.3}}, "sales_channels: sdr 0.6 + field 0.3 = 0.9; shares must sum to 1"),
        ({"sdr": {"share": 1, "accounts_to_sql": 4}}, "sales_channels.sdr.accounts_to_sql: 4 must be at most 1; write 4% as 0.04"),
        ({"sdr": {"share": 1, "accounts": 4}}, "sales_channels.sdr.accounts: is not a key of [sales_channels.sdr]; did you mean accounts_to_sql?"),
        ({" ": {"share": 1}}, "sales_channels: a channel has no name"),
        ({"sdr": 0.6}, "sales_channels.sdr: 0.6 is not a table"),
    ],
)  # fmt: skip
def test_channels_that_cannot_stand_are_said_in_words(channels: dict, words: str) -> None:
    with pytest.raises(AgreementError) as refused:
        agreed(sales_channels=channels)
    assert words in str(refused.value)
