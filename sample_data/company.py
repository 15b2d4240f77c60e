"""The company behind the sample files: what is planted in each quarter, and the leads that follow from it.

Outcomes are drawn by systematic sampling, not by independent coin flips, so that every quarter's counts
lie close to what was planted and the story is the planted one, not luck's. All randomness comes from
`numpy.random.Generator.random`, the method least likely to change between versions of numpy.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import NormalDist
from typing import Literal, TypeVar

import numpy as np

T = TypeVar("T")
Origin = Literal["marketing", "sales", "unassigned"]
FollowUp = Literal["prompt", "late", "never"]

SEED = 261
AS_OF = datetime(2026, 10, 9, 18, 0)
QUARTERS = ("2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")

REGIONS = {"North America": 0.41, "EMEA": 0.38, "APAC": 0.21}
LEAD_TYPES = ("Demo request", "Trade show", "Webinar", "E-book")
USUAL_MIX = dict(zip(LEAD_TYPES, (0.35, 0.20, 0.25, 0.20), strict=True))
LAST_MIX = dict(zip(LEAD_TYPES, (0.25, 0.17, 0.31, 0.27), strict=True))

#: MQL→SQL of a lead that is followed up as agreed.
PROMPT_RATE = dict(zip(LEAD_TYPES, (0.79, 0.665, 0.545, 0.40), strict=True))
#: What becomes of that rate when follow-up is late and thin, or never comes.
FOLLOW_UP_FACTOR: dict[FollowUp, float] = {"prompt": 1.0, "late": 0.22, "never": 0.0}
#: Shares of prompt, late and no follow-up. Demo requests are always worked first.
USUAL_FOLLOW_UP = {
    "Demo request": (0.93, 0.06, 0.01),
    "Trade show": (0.88, 0.10, 0.02),
    "Webinar": (0.85, 0.12, 0.03),
    "E-book": (0.81, 0.15, 0.04),
}
SLIPPED_FOLLOW_UP = {
    "Demo request": (0.17, 0.66, 0.17),
    "Trade show": (0.12, 0.68, 0.20),
    "Webinar": (0.10, 0.68, 0.22),
    "E-book": (0.08, 0.68, 0.24),
}

SQL_TO_OPPORTUNITY = 0.50
CLOSE_RATE = 0.455
DEAL_SPREAD = 0.38  # standard deviation of the logarithm of a deal's size
MQL_TO_SQL_DAYS = 4.5  # medians; the first is counted from the first touch
SQL_TO_OPPORTUNITY_DAYS = 5.0


@dataclass(frozen=True)
class Causes:
    """What is planted in one quarter. Rates and shares are 0-1, money is USD."""

    quarter: str
    mqls: int
    sales_sqls: int
    mix: dict[str, float]
    slipped_regions: tuple[str, ...]
    deal_size: dict[Origin, float]
    days_to_close: float

    def follow_up(self, region: str, lead_type: str) -> tuple[float, float, float]:
        """Shares of prompt, late and no follow-up."""
        return (SLIPPED_FOLLOW_UP if region in self.slipped_regions else USUAL_FOLLOW_UP)[lead_type]

    def region_rate(self, region: str) -> float:
        """The MQL→SQL that follows from mix and follow-up in one region."""
        return math.fsum(
            part * PROMPT_RATE[kind] * share * factor
            for kind, part in self.mix.items()
            for share, factor in zip(self.follow_up(region, kind), FOLLOW_UP_FACTOR.values(), strict=True)
        )

    @property
    def mql_to_sql(self) -> float:
        """The same over all regions."""
        return math.fsum(share * self.region_rate(region) for region, share in REGIONS.items())


def _usual(quarter: str, mqls: int, sales_sqls: int, days_to_close: float) -> Causes:
    size: dict[Origin, float] = {"marketing": 30_000, "sales": 30_000, "unassigned": 12_000}
    return Causes(quarter, mqls, sales_sqls, USUAL_MIX, (), size, days_to_close)


LAST = Causes(
    quarter="2026-Q3",
    mqls=196,
    sales_sqls=125,
    mix=LAST_MIX,
    slipped_regions=("EMEA",),
    deal_size={"marketing": 33_000, "sales": 30_300, "unassigned": 9_000},
    days_to_close=29,
)
#: The same goes on in the nine days between the quarter's end and the export.
NOW = replace(LAST, quarter="2026-Q4", mqls=19, sales_sqls=12)
#: The firm began to record on the first day, so nothing is carried into the first quarter; its sales
#: cycle lengthens with the years, which spreads that gap thinly over all of them.
PLANTED = (
    _usual("2024-Q4", 175, 119, 9),
    _usual("2025-Q1", 180, 121, 13),
    _usual("2025-Q2", 186, 122, 16),
    _usual("2025-Q3", 190, 122, 19),
    _usual("2025-Q4", 195, 123, 21),
    _usual("2026-Q1", 199, 124, 23),
    _usual("2026-Q2", 203, 123, 25),
    LAST,
)

SOURCES_OF_TYPE = {
    "Demo request": (("Website", 0.65), ("Paid Search", 0.35)),
    "Trade show": (("Trade Show", 1.0),),
    "Webinar": (("Webinar", 1.0),),
    "E-book": (("Content Syndication", 0.45), ("Email Campaign", 0.30), ("Website", 0.25)),
}
SALES_SOURCES = (("SDR Outbound", 0.5), ("Cold Call", 0.2), ("Field Sales", 0.3))
UNASSIGNED_SOURCES = (("", 0.6), ("Other", 0.4))
COUNTRIES = {
    "North America": (("United States", 0.84), ("Canada", 0.16)),
    "EMEA": (
        ("United Kingdom", 0.32),
        ("Germany", 0.28),
        ("France", 0.18),
        ("Netherlands", 0.12),
        ("Sweden", 0.10),
    ),
    "APAC": (("Australia", 0.40), ("Singapore", 0.22), ("Japan", 0.20), ("India", 0.18)),
}
INDUSTRIES = (
    ("Manufacturing", 0.26),
    ("Financial Services", 0.22),
    ("Retail", 0.18),
    ("Healthcare", 0.14),
    ("Technology", 0.20),
)
TITLES = (
    ("Head of Analytics", 0.22),
    ("Data Engineer", 0.20),
    ("VP Operations", 0.14),
    ("Business Analyst", 0.24),
    ("CFO", 0.08),
    ("Working student", 0.12),
)
#: Sales representatives by region; the last of EMEA's left at the end of June 2026.
OWNERS = {"North America": (1, 2, 3), "EMEA": (4, 5, 6), "APAC": (7, 8)}
OWNERS_NOW = OWNERS | {"EMEA": (4, 5)}


@dataclass(frozen=True)
class Touch:
    """One completed call or e-mail."""

    at: datetime
    kind: Literal["Call", "Email"]
    personalised: bool


@dataclass
class Lead:
    """One person's way through the funnel. Dates after `AS_OF` have not happened yet."""

    origin: Origin
    region: str
    lead_type: str
    lead_source: str
    country: str
    industry: str
    employees: int
    title: str
    owner: int
    created: datetime
    mql: datetime | None = None
    follow_up: FollowUp | None = None
    touches: list[Touch] = field(default_factory=list)
    sql: datetime | None = None
    opportunity: datetime | None = None
    closed: datetime | None = None
    won: bool = False
    given_up: datetime | None = None
    amount: int | None = None
    number: int = 0


class Dice:
    """Seeded draws, all made from uniform numbers."""

    def __init__(self, seed: int) -> None:
        """Start the one stream of draws."""
        self._rng = np.random.default_rng(seed)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number between two limits."""
        return low + (high - low) * float(self._rng.random())

    def lognormal(self, median: float, spread: float) -> float:
        """A number around a median; `spread` is the standard deviation of its logarithm."""
        return median * math.exp(spread * NormalDist().inv_cdf(self.uniform(1e-4, 1 - 1e-4)))

    def choose(self, options: Iterable[tuple[T, float]], at: float | None = None) -> T:
        """One option by its share; `at` is the place on the unit line, drawn when not given."""
        place = self.uniform() if at is None else at
        for option, share in options:  # noqa: B007 - the last option takes what rounding leaves
            place -= share
            if place < 0:
                break
        return option

    def strata(self, count: int) -> list[float]:
        """`count` places on the unit line, one in each of as many equal parts, shuffled."""
        places = [(k + self.uniform()) / count for k in range(count)]
        return sorted(places, key=lambda _: self.uniform())

    def systematic(self, probabilities: Iterable[float]) -> list[bool]:
        """True with each probability; any run of neighbours holds as many as expected, give or take one."""
        total, chosen = self.uniform(), []
        for probability in probabilities:
            chosen.append(math.floor(total + probability) > math.floor(total))
            total += probability
        return chosen


# --- time: UTC, Monday to Friday, nine to five -------------------------------------------------


def quarter_of(moment: datetime) -> str:
    """The calendar quarter of a moment, as in 2026-Q3."""
    return f"{moment.year}-Q{(moment.month + 2) // 3}"


def quarter_start(name: str) -> datetime:
    """Its first moment."""
    return datetime(int(name[:4]), int(name[-1]) * 3 - 2, 1)


def quarter_end(name: str) -> datetime:
    """The first moment after it."""
    start = quarter_start(name)
    return datetime(start.year + start.month // 10, (start.month + 3) % 12, 1)


def is_working_day(moment: datetime) -> bool:
    """Monday to Friday, but for two holidays."""
    return moment.weekday() < 5 and (moment.month, moment.day) not in {(1, 1), (12, 25)}


def at_work(moment: datetime) -> datetime:
    """The moment itself in working hours, otherwise the next opening."""
    if is_working_day(moment) and moment.hour < 17:
        return max(moment, moment.replace(hour=9, minute=0, second=0))
    moment = (moment + timedelta(days=1)).replace(hour=9, minute=0, second=0)
    while not is_working_day(moment):
        moment += timedelta(days=1)
    return moment


def after_hours(moment: datetime, hours: float) -> datetime:
    """So many working hours later."""
    moment, left = at_work(moment), timedelta(hours=hours)
    while left > (today := moment.replace(hour=17, minute=0, second=0) - moment):
        moment, left = at_work(moment + today), left - today
    return moment + left


def after_days(dice: Dice, moment: datetime, days: float) -> datetime:
    """About so many days later, at some time of a working day, and never before an hour has passed."""
    later = at_work((moment + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0))
    later += timedelta(seconds=int(dice.uniform(0, 8 * 3600)))
    if later < moment + timedelta(hours=1):
        later = after_hours(moment, 1 + dice.uniform(0, 2)).replace(microsecond=0)
    return later


def arrivals(dice: Dice, start: datetime, end: datetime, count: int) -> list[datetime]:
    """Moments spread evenly over a span, few of them on days off."""
    days = [start + timedelta(days=k) for k in range((end - start).days or 1)]
    weights = [1.0 if is_working_day(day) else 0.12 for day in days]
    shares = [(day, weight / math.fsum(weights)) for day, weight in zip(days, weights, strict=True)]
    return [
        dice.choose(shares, place) + timedelta(seconds=int(dice.uniform(7 * 3600, 20 * 3600)))
        for place in dice.strata(count)
    ]


# --- people ------------------------------------------------------------------------------------


def _before(dice: Dice, moment: datetime, delay: timedelta) -> datetime:
    """An earlier moment, but not one before the firm began to record."""
    first = quarter_start(QUARTERS[0]) + timedelta(hours=7)
    earlier = moment - delay
    return earlier if earlier >= first else first + (moment - first) * dice.uniform(0.0, 0.9)


def _person(
    dice: Dice,
    origin: Origin,
    region: str,
    lead_type: str,
    lead_source: str,
    created: datetime,
    assigned: datetime,
    fit: bool,
) -> Lead:
    owners = OWNERS_NOW if assigned >= quarter_start(LAST.quarter) else OWNERS
    return Lead(
        origin=origin,
        region=region,
        lead_type=lead_type,
        lead_source=lead_source,
        country=dice.choose(COUNTRIES[region]),
        industry=dice.choose(INDUSTRIES),
        employees=int(dice.lognormal(620, 0.9)) + 100 if fit else int(dice.lognormal(45, 0.5)) + 2,
        title=dice.choose(TITLES),
        owner=owners[region][int(dice.uniform(0, len(owners[region])))],
        created=created.replace(microsecond=0),
    )


def _marketing_mqls(
    dice: Dice, causes: Causes, start: datetime, end: datetime, count: int, origin: Origin
) -> list[Lead]:
    cells = [((region, kind), share * part) for region, share in REGIONS.items() for kind, part in causes.mix.items()]
    waits = {"Demo request": (0.003, 0.05), "Trade show": (0.2, 3), "Webinar": (0.5, 18), "E-book": (1, 35)}
    leads = []
    for moment, place in zip(arrivals(dice, start, end, count), dice.strata(count), strict=True):
        region, kind = dice.choose(cells, place)
        created = _before(dice, moment, timedelta(days=dice.uniform(*waits[kind])))
        sources = SOURCES_OF_TYPE[kind] if origin == "marketing" else UNASSIGNED_SOURCES
        source, fit = dice.choose(sources), dice.uniform() > 0.03
        lead = _person(dice, origin, region, kind, source, created, moment, fit)
        lead.mql = moment
        leads.append(lead)
    return leads


def _never_qualified(dice: Dice, causes: Causes, start: datetime, end: datetime, count: int) -> list[Lead]:
    """Marketing's leads that do not become MQLs: mostly too small, or no more than a newsletter reader."""
    kinds = [(kind, 0.6 * share) for kind, share in causes.mix.items()] + [("Newsletter", 0.4)]
    leads = []
    for moment in arrivals(dice, start, end, count):
        kind = dice.choose(kinds)
        sources = SOURCES_OF_TYPE.get(kind, (("Website", 0.5), ("Email Campaign", 0.5)))
        fit = dice.uniform() < (0.5 if kind == "Newsletter" else 0.06)
        leads.append(
            _person(
                dice,
                "marketing",
                dice.choose(REGIONS.items()),
                kind,
                dice.choose(sources),
                moment,
                moment,
                fit,
            )
        )
    return leads


def _sales_leads(dice: Dice, start: datetime, end: datetime, sqls: int, others: int) -> list[Lead]:
    leads = []
    for k, moment in enumerate(arrivals(dice, start, end, sqls) + arrivals(dice, start, end, others)):
        moment = after_hours(moment, 0)
        created = _before(dice, moment, timedelta(days=dice.lognormal(8, 0.6)))
        region, source = dice.choose(REGIONS.items()), dice.choose(SALES_SOURCES)
        fit = dice.uniform() < 0.9
        lead = _person(dice, "sales", region, "Outbound", source, created, moment, fit)
        if k < sqls:
            lead.sql = moment + timedelta(seconds=int(dice.uniform(0, 3000)))
        else:
            lead.given_up = after_days(dice, moment, dice.lognormal(20, 0.6))
        leads.append(lead)
    return leads


# --- what becomes of them ----------------------------------------------------------------------


def _decide_follow_up(dice: Dice, mqls: Sequence[Lead], causes: Mapping[str, Causes]) -> None:
    """How each MQL is followed up: by region and lead type, as planted."""
    pool = sorted(mqls, key=lambda lead: (quarter_of(lead.mql), lead.region, lead.lead_type, dice.uniform()))
    shares = [causes[quarter_of(lead.mql)].follow_up(lead.region, lead.lead_type) for lead in pool]
    never = dice.systematic(share[2] for share in shares)
    late = dice.systematic(0 if n else s[1] / (1 - s[2]) for n, s in zip(never, shares, strict=True))
    for lead, is_never, is_late in zip(pool, never, late, strict=True):
        lead.follow_up = "never" if is_never else "late" if is_late else "prompt"


def _work(dice: Dice, lead: Lead, accepted: bool) -> None:
    """Touch an MQL from the first call or e-mail on, until it is accepted or given up."""
    if lead.follow_up == "never":
        lead.given_up = after_days(dice, lead.mql, dice.lognormal(35, 0.4))
        return
    prompt = lead.follow_up == "prompt"
    if prompt:
        wait = dice.uniform(0.1, 1.9 if lead.lead_type == "Demo request" else 7.5)
        attempts = 4 + int(dice.uniform(0, 3))
    else:
        wait = dice.uniform(17, 60)
        attempts = 1 + int(dice.uniform(0, 1.6))
    first = after_hours(lead.mql, wait).replace(microsecond=0)
    last = first + timedelta(days=7)
    if accepted:
        lead.sql = after_days(dice, first, dice.lognormal(MQL_TO_SQL_DAYS, 0.6))
        last = min(last, lead.sql)
    else:
        lead.given_up = after_days(dice, last, dice.lognormal(10, 0.6))
    for k in range(attempts):
        at = first + (last - first) * (k / attempts)
        if k:
            at = at_work(at.replace(microsecond=0)) + timedelta(seconds=int(dice.uniform(0, 2700)))
        if at >= last:  # pushed there by a weekend
            at = last - timedelta(minutes=7 * (attempts - k))
        call = dice.uniform() < (0.45 if prompt else 0.25)
        personalised = call or dice.uniform() < (0.5 if prompt else 0.15)
        lead.touches.append(Touch(at, "Call" if call else "Email", personalised))


def _accept(dice: Dice, mqls: Sequence[Lead]) -> None:
    """MQL→SQL: by lead type and follow-up, nothing else."""
    pool = sorted(
        mqls,
        key=lambda lead: (quarter_of(lead.mql), lead.region, lead.follow_up, lead.lead_type, dice.uniform()),
    )
    chances = [PROMPT_RATE[lead.lead_type] * FOLLOW_UP_FACTOR[lead.follow_up] for lead in pool]
    for lead, accepted in zip(pool, dice.systematic(chances), strict=True):
        _work(dice, lead, accepted)


def _open_opportunities(dice: Dice, leads: Iterable[Lead]) -> None:
    """SQL→opportunity: the same everywhere."""
    pool = sorted(
        (lead for lead in leads if lead.sql),
        key=lambda lead: (lead.origin, quarter_of(lead.sql), lead.region, dice.uniform()),
    )
    for lead, goes_on in zip(pool, dice.systematic(SQL_TO_OPPORTUNITY for _ in pool), strict=True):
        if goes_on:
            lead.opportunity = after_days(dice, lead.sql, dice.lognormal(SQL_TO_OPPORTUNITY_DAYS, 0.6))
        else:
            lead.given_up = after_days(dice, lead.sql, dice.lognormal(18, 0.6))


def _close(dice: Dice, leads: Iterable[Lead], causes: Mapping[str, Causes]) -> None:
    """Opportunity→won or lost: the same everywhere; only the deals' size differs between quarters."""
    pool = [lead for lead in leads if lead.opportunity]
    for lead in pool:
        days = causes[min(quarter_of(lead.opportunity), NOW.quarter)].days_to_close
        lead.closed = after_days(dice, lead.opportunity, dice.lognormal(days, 0.5))
    pool.sort(key=lambda lead: (lead.origin, quarter_of(lead.closed), dice.uniform()))
    for lead, won in zip(pool, dice.systematic(CLOSE_RATE for _ in pool), strict=True):
        lead.won = won
    batches: defaultdict[tuple[str, str, bool], list[Lead]] = defaultdict(list)
    for lead in pool:
        batches[lead.origin, quarter_of(lead.closed), lead.won].append(lead)
    for (_, quarter, _), batch in batches.items():
        for lead, place in zip(batch, dice.strata(len(batch)), strict=True):
            mean = causes[min(quarter, NOW.quarter)].deal_size[lead.origin]
            exponent = DEAL_SPREAD * NormalDist().inv_cdf(place) - DEAL_SPREAD**2 / 2
            lead.amount = round(mean * math.exp(exponent))


def _touch_others(dice: Dice, leads: Iterable[Lead]) -> None:
    """A few calls and e-mails to people who are not MQLs."""
    for lead in leads:
        if lead.mql is None and dice.uniform() < (0.5 if lead.origin == "sales" else 0.08):
            at = after_hours(lead.created, dice.uniform(1, 30)).replace(microsecond=0)
            if lead.sql is None or at < lead.sql:
                lead.touches.append(Touch(at, "Call" if lead.origin == "sales" else "Email", False))


def make_company(seed: int = SEED) -> list[Lead]:
    """All leads, in the order in which they were created, up to the day of the export."""
    dice = Dice(seed)
    causes = {planted.quarter: planted for planted in (*PLANTED, NOW)}
    leads: list[Lead] = []
    for quarter, planted in causes.items():
        start, end = quarter_start(quarter), min(quarter_end(quarter), AS_OF)
        leads += _marketing_mqls(dice, planted, start, end, planted.mqls, "marketing")
        leads += _marketing_mqls(dice, planted, start, end, 1 + planted.mqls // 60, "unassigned")
        leads += _never_qualified(dice, planted, start, end, planted.mqls)
        leads += _sales_leads(dice, start, end, planted.sales_sqls, planted.sales_sqls // 2)
    mqls = [lead for lead in leads if lead.mql]
    _decide_follow_up(dice, mqls, causes)
    _accept(dice, mqls)
    _open_opportunities(dice, leads)
    _close(dice, leads, causes)
    _touch_others(dice, leads)
    leads = sorted((lead for lead in leads if lead.created <= AS_OF), key=lambda lead: lead.created)
    for number, lead in enumerate(leads, start=1):
        lead.number = number
    return leads
