"""What an MQL is worth, by lead type or any other field: what the evidence says, and the promise in value in words.

An MQL's implied value is its conversion to a win × the deal size: what it brings on average. Where the agreement has a plan
per segment of that field which states a rate or a deal size of its own, the plan says it. Otherwise the agreement's own
value per MQL is spread as the last quarters' values lay to each other, so that MQLs of their mix are worth exactly what is
agreed for them. A kind with too few wins to tell counts as what is agreed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alignment_core.agreement import Agreement, MarketingPlan
from alignment_core.agreement_parts import exact
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.quarters import Quarter
from alignment_core.track_record import ENOUGH, Evidence, TrackRecord, mean_draws, track_record
from alignment_core.wording import money, money_short, signed_short

__all__ = ["LeadValue", "ValueCommitment", "lead_values", "promised_sentence", "value_commitment", "value_terms"]

_DRAWS, _SEED = 4000, 20260703
#: Fewer wins than this leave an interval too wide to compare lead types by.
_FEW_WINS = 10
#: Less than this part of the promise is what rounding amounts brings, and nobody's intent.
_AS_RAN = 0.005


@dataclass(frozen=True)
class LeadValue:
    """What an MQL of one segment is worth, in the agreement's currency.

    Attributes:
        value: by the plan of its segment, or spread by what ran; None where the plan states nothing of its own for it
            and too little ran to tell.
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

    @property
    def said(self) -> float | None:
        """The value as it is written: who calculates with it gets what is said."""
        return None if self.value is None else _said(self.value)


@dataclass(frozen=True)
class ValueCommitment:
    """What marketing could promise in value, by what the plans say and what ran.

    Attributes:
        field: by which MQLs differ in value.
        currency: the agreement's, of all values.
        mqls: the MQLs promised.
        value: what they are worth together: marketing's revenue.
        otherwise: what an MQL counts for whose kind has no value of its own: what is agreed for such kinds.
        segments: what each kind is worth, the most valuable first.
        quarters: in which ran what the values that are not planned come from, oldest first.
        delivered: by segment, the MQLs that came in the agreement's quarter so far; None before any did, and where the files
            do not tell.
        untold: why what came cannot be valued, in a sentence; empty where it can, and before anything came.
    """

    field: str
    currency: str
    mqls: int
    value: float
    otherwise: float
    segments: tuple[LeadValue, ...]
    quarters: tuple[Quarter, ...]
    delivered: Mapping[str, float] | None
    untold: str = ""

    def worth(self, mix: Mapping[str, float]) -> float:
        """What MQLs by segment are worth; one of a kind without a value of its own counts as what is agreed for it."""
        values = {each.segment: each.value for each in self.segments}
        return math.fsum(count * self._or_agreed(values.get(segment)) for segment, count in mix.items())

    def counts_for(self, kind: LeadValue) -> float:
        """What an MQL of a kind counts for, as it is written."""
        return _said(self.otherwise) if kind.said is None else kind.said

    def alone(self, segment: str) -> int | None:
        """How many MQLs of one segment alone would be the same promise; None where their value is zero or unknown."""
        return _alone(self.value, next((each.said for each in self.segments if each.segment == segment), None))

    @property
    def amounts(self) -> Mapping[str, float]:
        """What could be promised: each kind's amount as it is written, of the kinds of which enough is known."""
        return {each.segment: each.said for each in self.segments if each.said is not None}

    @property
    def any_other(self) -> float:
        """What an MQL of any other kind could be promised to count for, as it is written."""
        return _said(self.otherwise)

    @property
    def sentence(self) -> str:
        """The promise in value, and how many of the most and of the least valuable kind alone would be the same."""
        return _sentence(self.currency, self.mqls, self.value, self._alone)

    @property
    def delivered_sentence(self) -> str:
        """What came is worth, and how far that is from the promise, or why that cannot be told; empty before anything came."""
        came = self.delivered_value
        if came is None:
            return self.untold
        return _came(self.currency, came, self.value)

    def in_the_mix(self, agreement: Agreement) -> str:
        """What the MQLs owed would be worth at the agreed amounts if they came in the mix that ran, against what is promised."""
        agreed, promised = agreement.value, agreement.promised_value
        everything = math.fsum(each.mqls for each in self.segments)
        if agreed is None or promised is None or not everything:
            return ""
        owed = agreement.required["marketing"].mqls or 0.0
        found = agreed.worth({each.segment: owed * each.mqls / everything for each in self.segments})
        if abs(found / promised - 1) < _AS_RAN:
            return "In the mix that ran, the MQLs owed are worth what is promised."
        more = f"{money_short(abs(found - promised))} {'more' if found > promised else 'less'} than promised"
        return f"In the mix that ran, the MQLs owed are worth {self.currency} {money_short(found)} at these amounts, {more}."

    @property
    def delivered_value(self) -> float | None:
        """What came so far is worth."""
        return None if self.delivered is None else self.worth(self.delivered)

    @property
    def _alone(self) -> list[tuple[int, str]]:
        """How many of each kind alone would be the promise, the fewest first."""
        return sorted((owed, each.segment) for each in self.segments if (owed := self.alone(each.segment)))

    def _or_agreed(self, value: float | None) -> float:
        return self.otherwise if value is None else value


def value_terms(agreement: Agreement) -> tuple[str, ...]:
    """The promise in value as it is signed, in sentences: what each kind counts for, and how many of it alone would be the
    same. Empty where none was agreed, or marketing owes nothing."""
    agreed, promised = agreement.value, agreement.promised_value
    if agreed is None or promised is None:
        return ()
    counts = [
        f"{kind} {_in_full(amount)} ({f'{alone:,} alone' if alone else 'none alone'})"
        for kind, amount in sorted(agreed.per_mql.items(), key=lambda each: -each[1])
        for alone in [_alone(promised, amount)]
    ]
    owed = f"{agreement.required_mqls:,} {'MQL owed is' if agreement.required_mqls == 1 else 'MQLs owed are'}"
    return (
        f"The {owed} to be worth {agreement.currency} {_in_full(promised)} together; MQLs that are worth as much keep the promise too.",
        f"By {agreed.field.replace('_', ' ')} an MQL counts for, in {agreement.currency}: {'; '.join(counts)}; any other {_in_full(agreed.otherwise)}.",
    )


def promised_sentence(agreement: Agreement, delivered: Mapping[str, float] | None = None) -> str:
    """What is promised in value, how many of one kind alone would be the same, and what came so far is worth.

    Args:
        delivered: the quarter's MQLs by kind; None before any came.
    """
    agreed, promised = agreement.value, agreement.promised_value
    if agreed is None or promised is None:
        return ""
    alone = [(owed, kind) for kind, amount in agreed.per_mql.items() if (owed := _alone(promised, amount))]
    said = _sentence(agreement.currency, agreement.required_mqls, promised, sorted(alone))
    return said if delivered is None else f"{said} {_came(agreement.currency, agreed.worth(delivered), promised)}"


def lead_values(agreement: Agreement, record: TrackRecord) -> tuple[LeadValue, ...]:
    """What an MQL of each segment of the record's field is worth, the most valuable first.

    Args:
        agreement: gives the value per MQL, and per segment where it has plans by that field that state a rate or a deal
            size of their own.
        record: what the last quarters ran, by that field.
    """
    plans = _plans(agreement, record.by)
    planned = {name: _value_of(plan) for name, (plan, own) in plans.items() if own}
    volumes, sizes = (
        {str(each.segment): each for each in record.evidence if (each.source, each.driver) == ("marketing", driver)}
        for driver in ("mql_volume", "deal_size")
    )
    whole = [amount for (source, _), known in record.amounts.items() if source == "marketing" for amount in known]
    # What is agreed for the kinds without a plan of their own is spread over those of them that are known.
    known = [
        name
        for name, size in sizes.items()
        if name not in planned and name in volumes and volumes[name].of and size.of >= _FEW_WINS
    ]
    brought = math.fsum((sizes[name].pooled or 0.0) * sizes[name].of for name in known)
    agreed = _agreed(agreement, record.by)
    scale = agreed * math.fsum(volumes[name].of for name in known) / brought if brought > 0 and agreed else None
    found = [
        _value(name, planned.get(name), scale, volumes.get(name), sizes.get(name),
               record.amounts.get(("marketing", name), ()), whole)
        for name in dict.fromkeys([*plans, *volumes])
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: -(each.value or 0)))


def value_commitment(data: Data, agreement: Agreement, field: str, quarters: int = 8) -> ValueCommitment | None:
    """What marketing could promise in value by a field of the data; None where it owes nothing.

    Args:
        data: the loaded tables.
        agreement: gives what is owed and what an MQL is worth on average. What it promises in value already says nothing here.
        field: one of `data.segment_fields`, such as `lead_type`.
        quarters: how many quarters to look back.
    """
    average = _per_mql(agreement)
    if average is None:
        return None
    record = track_record(data, agreement, quarters, field)
    delivered, untold = _delivered(data, agreement, field)
    return ValueCommitment(
        field=field,
        currency=agreement.currency,
        mqls=agreement.required_mqls,
        value=agreement.required["marketing"].revenue,
        otherwise=_agreed(agreement, field) or average,
        segments=lead_values(agreement, record),
        quarters=record.quarters,
        delivered=delivered,
        untold=untold,
    )


def _delivered(data: Data, agreement: Agreement, field: str) -> tuple[dict[str, float] | None, str]:
    """The MQLs of the agreement's quarter by kind, or why they cannot be valued: what nobody counted is not zero."""
    quarter = agreement.fiscal_quarter
    try:
        funnel = data.funnel(agreement, by=field)
    except DataError:
        return None, ""
    if funnel.is_silent(quarter, "marketing"):
        return None, ""
    if "mqls" not in funnel.recorded["marketing"]:
        lacking = "do not count MQLs" if funnel.is_summary else "have no MQL date"
        return None, f"The files {lacking}, so what came cannot be valued."
    if quarter not in funnel.quarters:
        return None, ""
    return {str(segment): each.mqls or 0.0 for segment, each in funnel.counts(quarter, "marketing").items()}, ""


def _per_mql(agreement: Agreement) -> float | None:
    owed = agreement.required.get("marketing")
    return owed.revenue / owed.mqls if owed and owed.mqls else None


def _plans(agreement: Agreement, field: str | None) -> dict[str, tuple[MarketingPlan, bool]]:
    """Marketing's plan in each segment of a field, and whether it states a rate or a deal size of its own."""
    if agreement.segments is None or agreement.segments.field != field or agreement.marketing is None:
        return {}
    stated = {
        name: part.model_dump(exclude_none=True, exclude={"share"})
        for name, part in agreement.segments.marketing.items()
        if name
    }
    return {name: (agreement.marketing.model_copy(update=own), bool(own)) for name, own in stated.items()}


def _value_of(plan: MarketingPlan) -> float:
    """What an MQL is worth by a plan, in the agreement's currency."""
    rates = exact(plan.mql_to_sql) * exact(plan.sql_to_opportunity) * exact(plan.close_rate)
    return float(rates * exact(plan.deal_size))


def _agreed(agreement: Agreement, field: str | None) -> float | None:
    """What is agreed for MQLs of a kind that has no plan of its own: with plans by that field, marketing's own plan."""
    if _plans(agreement, field) and agreement.marketing is not None:
        return _value_of(agreement.marketing)
    return _per_mql(agreement)


def _said(value: float) -> float:
    """An amount as it is written: whole, unless it is a small one or one of whole cents. Rounded up, so that MQLs of the mix
    that it comes from are never worth less than is owed."""
    cents = round(value, 2)
    if math.isclose(cents, value, rel_tol=1e-12):
        return cents
    return math.ceil(value * 100) / 100 if value < 100 else float(math.ceil(value))


def _alone(promised: float, amount: float | None) -> int | None:
    """How many MQLs that count for an amount are the promise; None where they count for nothing, or nobody knows."""
    return math.ceil(promised / amount - 1e-9) if amount else None


def _sentence(currency: str, mqls: int, value: float, alone: Sequence[tuple[int, str]]) -> str:
    """`alone`: how many of each kind alone are the promise, the fewest first."""
    owed = f"{mqls:,} {'MQL is' if mqls == 1 else 'MQLs are'}"
    each = f", {money_short(value / mqls)} each on average" if mqls else ""
    worth = f"{owed} worth {currency} {money_short(value)}{each}."
    if len({number for number, _ in alone}) < 2:
        return worth
    return f"{worth} The same promise: {' or '.join(f'{number:,} × {kind}' for number, kind in (alone[0], alone[-1]))}."


def _came(currency: str, came: float, promised: float) -> str:
    return f"What came is worth {currency} {money_short(came)} ({signed_short(came - promised)})."


def _in_full(value: float) -> str:
    """An amount in full, with cents where there are any."""
    return money(value, 0 if abs(value - round(value)) < 0.005 else 2)


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
    spread = None if ran is None or scale is None or too_few else ran * scale
    value = spread if planned is None else planned
    return LeadValue(name, value, planned is not None, ran, interval, mqls, wins, too_few)
