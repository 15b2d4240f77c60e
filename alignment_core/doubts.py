"""Records that systems count in different ways: how many there are, and what another choice would change."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

import ibis
from ibis.expr import types as ir

from alignment_core.agreement import Agreement
from alignment_core.choices import OPTIONS, Choices
from alignment_core.data import Data
from alignment_core.errors import DataError
from alignment_core.events import Events, backwards, end_of
from alignment_core.funnel import in_quarter
from alignment_core.quarters import Quarter
from alignment_core.results import Doubt, Effect, Review
from alignment_core.review import review
from alignment_core.vocabulary import STAGES, Basis, MqlBy, Stage

__all__ = ["SAID_BY_DOUBTS", "SITUATIONS", "doubts"]

#: Situations that no choice decides.
SITUATIONS = ("several_contacts", "later_than_as_of", "wrong_century")
#: The notes of a review that doubts say as well, and more closely.
SAID_BY_DOUBTS = frozenset(("wins_unvalued", "wins_later"))
#: No sales system is older.
_FIRST_YEAR = 1980


def doubts(
    data: Data,
    agreement: Agreement,
    quarter: Quarter | None = None,
    *,
    basis: Basis = "period",
    as_of: date | None = None,
    today: date | None = None,
    mql: MqlBy = "crm",
) -> tuple[Doubt, ...]:
    """The doubtful records of a quarter, and what each other way of counting them would change in its headline.

    Each effect is the difference between two whole reviews, one by `data.choices` and one by the other option.

    Args:
        data, agreement, quarter, basis, as_of, mql: as for `review`.
        today: dates after it are in the future; default today's date, and never later than `as_of`.

    Raises:
        DataError: the data cannot support the review, with every reason.
    """
    quarter = quarter or agreement.fiscal_quarter
    now = review(data, agreement, quarter, basis=basis, as_of=as_of, mql=mql, judged=False)
    limit = min(now.as_of, today or date.today())
    found = _counted(data, agreement, quarter, basis, now.as_of, limit)
    told = []
    for code in (*OPTIONS, *SITUATIONS):
        if not found.get(code):
            continue
        if code not in OPTIONS:
            told.append(Doubt(code, found[code]))
            continue
        option = getattr(data.choices, code)
        effects = []
        for other in _others(code, option, basis):
            try:
                then = review(
                    data.with_choices(data.choices.but(code, other)),
                    agreement,
                    quarter,
                    basis=basis,
                    as_of=now.as_of,
                    mql=mql,
                    judged=False,
                )
            except DataError:  # nothing would be left to review: no option at all
                continue
            effects.append(_effect(other, now, then))
        told.append(Doubt(code, found[code], option, tuple(effects)))
    return tuple(told)


def _others(code: str, option: str, basis: Basis) -> list[str]:
    """The other options, without the one that the basis makes the same."""
    same = {option}
    if code == "skipped_stages":
        by_basis = "counted as passed" if basis == "cohort" else "not counted"
        same |= {"by basis", by_basis} if option in ("by basis", by_basis) else {"by basis"}
    return [each for each in OPTIONS[code] if each not in same]


def _effect(option: str, now: Review, then: Review) -> Effect:
    counts: dict[Stage, float] = {}
    for stage in STAGES:
        before, after = (sum(getattr(counts, stage) or 0.0 for counts in each.actual.values()) for each in (now, then))
        if after != before:
            counts[stage] = after - before
    return Effect(option, then.variance, then.variance - now.variance, counts)


def _counted(
    data: Data, agreement: Agreement, quarter: Quarter, basis: Basis, as_of: date, limit: date
) -> Mapping[str, int]:
    """How many records of the quarter are in each situation, whatever was chosen: one query for each table."""
    calendar = agreement.fiscal_calendar
    neutral = Choices(rates=data.choices.rates)
    events = Events(data.engine, agreement.sourcing, calendar, None, neutral, agreement.currency)
    found: dict[str, int] = {}

    def count(table: ir.Table, conditions: Mapping[str, ir.Value]) -> None:
        if conditions:
            # As columns first: where a table lacks what a condition is about, it is no column but one value.
            judged = table.mutate(**{code: condition.fill_null(False) for code, condition in conditions.items()})
            sums = judged.aggregate(**{code: judged[code].sum() for code in conditions})
            for code, value in data.engine.run(sums).fillna(0).iloc[0].items():
                found[code] = found.get(code, 0) + int(value)

    if events.any:
        whole = data.funnel(agreement, basis, None, as_of)
        rows = events.rows(passed=basis == "cohort").filter(lambda row: row.at < end_of(as_of))
        won = (rows.stage == "wins") & in_quarter(rows, whole, quarter)
        conditions = {"zero_or_negative_amounts": won & (rows.amount <= 0)}
        if whole.has_amounts:
            conditions["wins_without_amount"] = won & rows.amount.isnull()
        count(rows, conditions)
    within = _within(quarter)
    each = Events(data.engine, agreement.sourcing, calendar, None, neutral.but("same_record", "count each"))
    if "leads" in data.engine:
        count(*_leads(events, within, limit))
        if data.engine.repeats("leads"):
            count(*_repeated(each.leads(with_deals=False), "lead_id", within))
    if "deals" in data.engine:
        count(*_deals(events, within, limit))
        if data.engine.repeats("deals"):
            count(*_repeated(each.deals(), "deal_id", within))
    return found


def _within(quarter: Quarter) -> Callable[[ir.Value], ir.Value]:
    first, after = (
        ibis.literal(datetime.combine(day, time()), type="timestamp") for day in (quarter.start, quarter.end)
    )
    return lambda at: ((at >= first) & (at < after)).fill_null(False)


def _any(conditions: list[ir.Value]) -> ir.Value:
    result: ir.Value = ibis.literal(False)
    for condition in conditions:
        result = result | condition.fill_null(False)
    return result


def _leads(events: Events, within: Callable[[ir.Value], ir.Value], limit: date) -> tuple[ir.Table, dict[str, ir.Value]]:
    engine, records = events.engine, events.records
    leads = events.leads(with_deals=True)
    if engine.has("leads", "email_key"):
        leads = leads.mutate(sharing=leads.count().over(group_by=leads.email_key))
    linked = records.links() is not None and "deals" in engine
    dates = {stage: leads[f"began_{stage}"] for stage in STAGES}
    leads = leads.mutate(here=_any([within(at) for at in dates.values()]))
    dates = {stage: leads[f"began_{stage}"] for stage in STAGES}
    said = [leads[name] for name in leads.columns if name.startswith("said_")]
    skipped = []
    for stage in events.own_stages:
        later = ibis.coalesce(*(dates[each] for each in STAGES[STAGES.index(stage) + 1 :]), ibis.null("timestamp"))
        # Sales' demand begins with the SQL: without an MQL date it skips nothing.
        counts = leads.source != "sales" if stage == "mqls" else ibis.literal(True)
        skipped.append(dates[stage].isnull() & within(later) & counts)
    conditions = {
        "skipped_stages": _any(skipped),
        "out_of_order": leads.here & backwards(leads),
        "later_than_as_of": _any([at >= end_of(limit) for at in _own(leads, events)]),
        "wrong_century": _any([at.year() < _FIRST_YEAR for at in _own(leads, events)]),
    }
    if engine.has("leads", "mql_latest_at") or engine.repeats("leads"):
        again = leads["again"].date() != leads.began_mqls.date()
        conditions["repeated_mql"] = again & (within(leads["again"]) | within(leads.began_mqls))
    if engine.has("leads", "email_key"):
        conditions["same_email"] = leads.here & leads.email_key.notnull() & (leads.sharing > 1)
    if linked:
        converted = _any([within(at) for at in said])
        conditions["converted_without_deal"] = ~leads.has_deal & converted
    return leads, conditions


def _own(leads: ir.Table, events: Events) -> list[ir.Value]:
    """The dates that leads have themselves."""
    return [leads[f"began_{stage}"] for stage in events.own_stages]


def _deals(events: Events, within: Callable[[ir.Value], ir.Value], limit: date) -> tuple[ir.Table, dict[str, ir.Value]]:
    deals = events.deals()
    own = [deals.began_opportunities, deals.began_wins]
    deals = deals.mutate(here=_any([within(at) for at in own]))
    pairs = events.records.pairs()
    if pairs is not None:
        leads = pairs.group_by("deal_id").aggregate(leads=pairs.lead_id.nunique(), first=pairs.lead_id.min())
        deals = deals.left_join(leads.rename(of_deal="deal_id", first_lead="first"), [("deal_id", "of_deal")])
        deals = deals.mutate(siblings=deals.count().over(group_by=deals.first_lead))
    own = [deals.began_opportunities, deals.began_wins]
    conditions = {
        "out_of_order": deals.here & backwards(deals) & ~deals.has_lead,  # those with a lead are counted there
        "later_than_as_of": _any([at >= end_of(limit) for at in own]),
        "wrong_century": _any([at.year() < _FIRST_YEAR for at in own]),
    }
    if pairs is not None:
        if "leads" in events.engine:
            conditions["deals_without_lead"] = deals.here & ~deals.has_lead
        conditions["several_contacts"] = deals.here & (deals.leads > 1)
        conditions["several_deals"] = deals.here & deals.first_lead.notnull() & (deals.siblings > 1)
    return deals, conditions


def _repeated(
    table: ir.Table, key: str, within: Callable[[ir.Value], ir.Value]
) -> tuple[ir.Table, dict[str, ir.Value]]:
    """Ids that stand in several rows, each once: those with a date in the quarter in any of the rows."""
    rows = table.filter(table[key].notnull())
    here = _any([within(rows[f"began_{stage}"]) for stage in STAGES])
    ids = rows.group_by(key).aggregate(rows=rows.count(), here=here.any())
    return ids, {"same_record": ids.here & (ids.rows > 1)}
