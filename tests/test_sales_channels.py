"""What sales' channels owe: whole SQLs that sum to what sales owes, and the accounts they take."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_core.agreement import Agreement, AgreementError
from alignment_core.sales_channels import Channel, ChannelPromise, promises
from tests.support import CONTRACT

CHANNELS = {"SDR outbound": Channel(share=0.6, accounts_to_sql=0.08), "Field": Channel(share=0.4)}


def test_each_channel_owes_whole_sqls_and_the_accounts_for_them():
    """60% of 62 is 37.2 and 40% is 24.8: the one left over goes to the larger remainder. 37 ÷ 8% is 462.5."""
    assert promises(CHANNELS, Fraction(615, 10)) == (
        ChannelPromise("SDR outbound", 0.6, 37, 463),
        ChannelPromise("Field", 0.4, 25, None),
    )


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6), st.fractions(0, 10_000))
def test_they_sum_to_what_is_owed_and_none_is_a_whole_sql_off_its_share(weights, owed):
    total = sum(weights)
    shares = [Fraction(each, total).limit_denominator(10**6) for each in weights]
    channels = {str(place): Channel(share=float(each)) for place, each in enumerate(shares)}
    found = promises(channels, owed)
    assert sum(each.sqls for each in found) == ceil(owed)
    assert all(abs(each.sqls - each.share * ceil(owed)) < 1 for each in found)


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ({"SDR": {"share": 0.5}, "Field": {"share": 0.4}}, "sales_channels: SDR 0.5 + Field 0.4 = 0.9; shares must sum to 1"),
        ({" ": {"share": 1.0}}, "sales_channels: a channel has no name"),
        ({"SDR": {"share": 1.0, "accounts_to_sql": 0.0}}, "sales_channels.SDR.accounts_to_sql: 0 must be more than 0"),
    ],
)  # fmt: skip
def test_shares_that_do_not_sum_to_one_are_refused_in_words(channels, said):
    with pytest.raises(AgreementError) as caught:
        Agreement.checked(CONTRACT | {"sales_channels": channels})
    assert said in caught.value.faults


def test_without_channels_nothing_is_promised_by_any():
    assert promises({}, Fraction(10)) == ()
