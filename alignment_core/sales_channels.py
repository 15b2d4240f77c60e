"""What sales-sourced demand is made of: how many SQLs each channel owes, and the accounts that takes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field

from alignment_core.agreement_parts import Part, Rate, Share, exact

__all__ = ["Channel", "ChannelPromise", "Channels", "promises"]


class Channel(Part):
    """One channel of sales-sourced demand, such as SDR outbound or the field.

    Attributes:
        share: its part (0-1) of the SQLs that sales owes.
        accounts_to_sql: the share (0-1) of the accounts it works that become SQLs; None where that isn't agreed.
    """

    share: Share
    accounts_to_sql: Rate | None = None


def _shares_sum(channels: dict[str, Channel]) -> dict[str, Channel]:
    unnamed = [name for name in channels if not name.strip()]
    if unnamed:
        raise ValueError("a channel has no name")
    total = sum((exact(channel.share) for channel in channels.values()), Fraction(0))
    if channels and abs(total - 1) > Fraction(1, 10**9):
        listed = " + ".join(f"{name} {channel.share:g}" for name, channel in channels.items())
        raise ValueError(f"{listed} = {float(total):g}; shares must sum to 1")
    return channels


#: The channels of an agreement by name; none where they were not agreed.
Channels = Annotated[dict[str, Channel], AfterValidator(_shares_sum), Field(default_factory=dict)]


@dataclass(frozen=True)
class ChannelPromise:
    """What one channel owes in the quarter: a whole number of SQLs, and the accounts to be worked for them."""

    name: str
    share: float
    sqls: int
    accounts: int | None


def promises(channels: Mapping[str, Channel], sqls: Fraction) -> tuple[ChannelPromise, ...]:
    """SQLs that sum to those owed, rounded up once (by largest remainder), and the accounts they take, rounded up.

    Args:
        channels: as agreed.
        sqls: what sales owes, exactly.
    """
    owed = math.ceil(sqls)
    exactly = {name: exact(channel.share) * owed for name, channel in channels.items()}
    whole = {name: math.floor(each) for name, each in exactly.items()}
    by_remainder = sorted(whole, key=lambda name: whole[name] - exactly[name])
    for name in by_remainder[: owed - sum(whole.values())]:
        whole[name] += 1
    return tuple(
        ChannelPromise(
            name,
            channel.share,
            whole[name],
            None if channel.accounts_to_sql is None else math.ceil(whole[name] / exact(channel.accounts_to_sql)),
        )
        for name, channel in channels.items()
    )
