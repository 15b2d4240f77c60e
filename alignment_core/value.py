"""What an MQL is worth, by lead type or any other field: the promise in value as well as in number.

An MQL's implied value is its conversion to a win × the deal size: what it brings on average. Where the agreement has a plan
per segment of that field, the plan says it. Otherwise the agreement's own value per MQL is spread as the last quarters'
values lay to each other, so that MQLs of their mix are worth exactly the promise.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.track_record import ENOUGH, Evidence, TrackRecord, mean_draws, track_record
from alignment_core.wording import money_short

__all__ = ["LeadValue", "ValueCommitment", "lead_values", "value_commitment"]

_DRAWS, _SEED = 4000, 20260703
#: Fewer wins than this leave an interval too wide to compare lead types by.
_FEW_WINS = 10


@dataclass(frozen=True)
class LeadValue:
    """What an MQL of one segment is worth, in the agreement's currency.

    Attributes:
        value: by the plan of its segment, or spread by what ran; None where neither is known.
        planned: whether the plan says it.
        ran: what MQLs of the last quarters really brought, on average; None where there were none.
        interval: 95% interval of `ran`: chance in who wins (Jeffreys) and in deal size (Bayesian bootstrap; seeded).
        mqls, wins: what `ran` was measured on. Wins are those dated in the quarters, whenever their MQLs came.
        too_few: why `ran` says little, in words; empty otherwise.
    """

    segment: str
    value: float | None
    planned: bool
    ran: float | None
    interval: tuple[float, float] | None
    mqls: float
    wins: float
    too_few: str = ""


@dataclass(frozen=True)
class ValueCommitment:
    """Marketing's promise in value.

    Attributes:
        field: by which MQLs differ in value.
        mqls: the MQLs promised.
        value: what they are worth together: marketing's revenue, in the agreement's currency.
        per_mql: what one is worth on average, as agreed.
        segments: what each kind is worth, the most valuable first.
        delivered: by segment, the MQLs that came in the agreement's quarter so far; None before any did.
    """

    field: str
    mqls: int
    value: float
    per_mql: float
    segments: tuple[LeadValue, ...]
    delivered: Mapping[str, float] | None

    def worth(self, mix: Mapping[str, float]) -> float:
        """What MQLs by segment are worth; one whose value isn't known counts as the average."""
        values = {each.segment: each.value for each in self.segments}
        return math.fsum(count * self._or_average(values.get(segment)) for segment, count in mix.items())

    def alone(self, segment: str) -> int | None:
        """How many MQLs of one segment alone would be the same promise; None where their value is zero or unknown."""
        value = next((each.value for each in self.segments if each.segment == segment), None)
        return math.ceil(self.value / value - 1e-9) if value else None

    @property
    def sentence(self) -> str:
        """The promise in value, and which kinds alone would be the same."""
        told = sorted((owed, each.segment) for each in self.segments if (owed := self.alone(each.segment)))
        mqls = f"{self.mqls:,} {'MQL is' if self.mqls == 1 else 'MQLs are'}"
        worth = f"{mqls} worth {money_short(self.value)}, {money_short(self.per_mql)} each on average."
        kinds = [f"{owed:,} of {segment}" for owed, segment in ((told[0], told[-1]) if len(told) > 1 else told)]
        return f"{worth} The same promise: {' or '.join(kinds)}." if kinds else worth

    @property
    def delivered_value(self) -> float | None:
        """What came so far is worth."""
        return None if self.delivered is None else self.worth(self.delivered)

    def _or_average(self, value: float | None) -> float:
        return self.per_mql if value is None else value


def lead_values(agreement: Agreement, record: TrackRecord) -> tuple[LeadValue, ...]:
    """What an MQL of each segment of the record's field is worth, the most valuable first.

    Args:
        agreement: gives the value per MQL, and per segment where it has plans by that field.
        record: what the last quarters ran, by that field.
    """
    cells = agreement.segment_cells.get("marketing", {})
    by_plan = agreement.segments is not None and agreement.segments.field == record.by
    planned = {
        str(name): float(cell["revenue"] / cell["mqls"])
        for name, cell in cells.items()
        if by_plan and name and cell["mqls"]
    }
    volumes = {
        str(each.segment): each
        for each in record.evidence
        if each.source == "marketing" and each.driver == "mql_volume"
    }
    sizes = {
        str(each.segment): each for each in record.evidence if each.source == "marketing" and each.driver == "deal_size"
    }
    brought = math.fsum((each.pooled or 0) * each.of for each in sizes.values())
    mqls = math.fsum(each.of for each in volumes.values())
    whole = [amount for (source, _), known in record.amounts.items() if source == "marketing" for amount in known]
    average = _per_mql(agreement)
    scale = average * mqls / brought if brought > 0 and mqls and average is not None else None
    found = [
        _value(name, planned.get(name), scale, volumes.get(name), sizes.get(name),
               record.amounts.get(("marketing", name), ()), whole)
        for name in dict.fromkeys([*planned, *volumes])
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: -(each.value or 0)))


def value_commitment(data: Data, agreement: Agreement, field: str, quarters: int = 8) -> ValueCommitment | None:
    """Marketing's promise in value by a field of the data; None where marketing owes nothing.

    Args:
        data: the loaded tables.
        agreement: the promise.
        field: one of `data.segment_fields`, such as `lead_type`.
        quarters: how many quarters to look back.
    """
    average = _per_mql(agreement)
    if average is None:
        return None
    segments = lead_values(agreement, track_record(data, agreement, quarters, field))
    delivered = None
    try:
        funnel = data.funnel(agreement, by=field)
    except DataError:
        pass
    else:
        if agreement.fiscal_quarter in funnel.quarters:
            counts = funnel.counts(agreement.fiscal_quarter, "marketing")
            delivered = {str(segment): each.mqls or 0.0 for segment, each in counts.items()}
    revenue = agreement.required["marketing"].revenue
    return ValueCommitment(field, agreement.required_mqls, revenue, average, segments, delivered)


def _per_mql(agreement: Agreement) -> float | None:
    owed = agreement.required.get("marketing")
    return owed.revenue / owed.mqls if owed and owed.mqls else None


def _value(
    name: str,
    planned: float | None,
    scale: float | None,
    volume: Evidence | None,
    size: Evidence | None,
    amounts: tuple[float, ...],
    whole: list[float],
) -> LeadValue:
    """One segment's value. `scale` brings what ran to what was agreed; `whole` has the amounts of all segments."""
    mqls, wins = volume.of if volume else 0.0, size.of if size else 0.0
    revenue = (size.pooled or 0.0) * wins if size else None
    ran = revenue / mqls if mqls and revenue is not None else None
    known = amounts if len(amounts) >= ENOUGH else tuple(whole)
    interval = None
    if ran is not None and wins <= mqls and len(known) >= ENOUGH:
        rates = np.random.default_rng(_SEED).beta(wins + 0.5, mqls - wins + 0.5, _DRAWS)
        low, high = np.quantile(rates * mean_draws(known, _DRAWS), [0.025, 0.975])
        interval = (float(low), float(high))
    too_few = ""
    if wins < _FEW_WINS:
        too_few = f"too few to tell: {wins:,.0f} {'win' if wins == 1 else 'wins'} from {mqls:,.0f} {'MQL' if mqls == 1 else 'MQLs'}"
        if amounts is not known and interval:
            too_few += ", deal size from all of marketing's wins"
    value = planned if planned is not None else ran * scale if ran is not None and scale is not None else None
    return LeadValue(name, value, planned is not None, ran, interval, mqls, wins, too_few)
