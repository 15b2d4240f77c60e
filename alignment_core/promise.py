"""An agreement in a sentence: what marketing and sales owe, and how sure that is."""

from alignment_core.agreement import Agreement
from alignment_core.findings import Headline
from alignment_core.odds import Odds, odds
from alignment_core.wording import count, money_short, percent, period

__all__ = ["promise", "share_of_target"]


def promise(agreement: Agreement) -> Headline:
    """What each side owes; under it the odds, and the MQLs for 80%."""
    when = period(agreement.fiscal_quarter)
    marketing, sales = agreement.split.marketing, agreement.split.sales
    target = f"{agreement.currency} {money_short(agreement.revenue_target)}"
    sqls = count(agreement.required_sqls) if sales else ""
    found = odds(agreement)
    if found is None:
        return Headline(
            f"Sales owes {sqls} SQLs in {when} for {share_of_target(sales)} {target}.", "Marketing owes nothing."
        )
    title = f"Marketing owes {_mqls(agreement)} in {when} for {_its(marketing)} {target}."
    detail = _odds(agreement, found)
    return Headline(title, f"{detail} Sales owes {sqls} SQLs for {_its(sales)} the target." if sales else detail)


def share_of_target(share: float) -> str:
    """A share (0-1) as it is spoken before what it is a share of: half of, all of, 45% of."""
    spoken = {0.5: "half of", 1.0: "all of"}.get(share)
    return spoken or f"{percent(share, 0 if abs(share * 100 - round(share * 100)) < 1e-9 else 1)} of"


def _its(share: float) -> str:
    return share_of_target(share) if share == 1 else f"its {share_of_target(share)}"


def _odds(agreement: Agreement, found: Odds) -> str:
    wins = f"the {found.wins_needed:,} {'win' if found.wins_needed == 1 else 'wins'} needed"
    sentence = f"If every rate holds, {_mqls(agreement)} bring{'s' if agreement.required_mqls == 1 else ''} {wins} with probability {_chance(found.probability)}"
    safe = found.mqls_for[0.8]
    return f"{sentence}; for 80% it takes {safe:,}." if safe > agreement.required_mqls else f"{sentence}."


def _mqls(agreement: Agreement) -> str:
    return f"{agreement.required_mqls:,} {'MQL' if agreement.required_mqls == 1 else 'MQLs'}"


def _chance(probability: float) -> str:
    """A probability as percent; what chance leaves open is never called certain."""
    return "over 99%" if 0.995 <= probability < 1 else percent(probability)
