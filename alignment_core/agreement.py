"""What the VP Sales and the VP Marketing agreed for a quarter, and what follows from it."""

import math
import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import tomli_w
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from alignment_core.agreement_faults import every_fault
from alignment_core.agreement_parts import AgreementError, Money, Part, Rate, Share, Zone, exact
from alignment_core.calendar445 import WeekCalendar
from alignment_core.definition import MqlDefinition
from alignment_core.follow_up import FollowUp
from alignment_core.quarters import Calendar, Quarter
from alignment_core.results import Counts
from alignment_core.sales_channels import Channels
from alignment_core.sourcing import Sourcing
from alignment_core.value_promise import ValuePromise
from alignment_core.vocabulary import WEEKDAYS, Driver, Owner, Source, Weekday

__all__ = [
    "WEEKDAYS",
    "Agreement",
    "AgreementError",
    "MarketingPlan",
    "Owners",
    "SalesPlan",
    "Segments",
    "Sourcing",
    "Split",
    "Weeks",
]


class Split(Part):
    """Shares (0-1) of the revenue target; they sum to 1."""

    marketing: Share
    sales: Share

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        total = exact(self.marketing) + exact(self.sales)
        if abs(total - 1) > Fraction(1, 10**9):
            raise ValueError(
                f"marketing {self.marketing:g} + sales {self.sales:g} = {float(total):g}; shares must sum to 1"
            )
        return self


class SalesPlan(Part):
    """What both believe of sales-sourced demand: rates 0-1, deal size in the agreement's currency."""

    sql_to_opportunity: Rate
    close_rate: Rate
    deal_size: Money


class MarketingPlan(SalesPlan):
    """What both believe of marketing-sourced demand."""

    mql_to_sql: Rate


AgreedOwner = Literal["marketing", "sales", "shared"]


class Owners(Part):
    """Who answers for each driver."""

    mql_volume: AgreedOwner = "marketing"
    mql_to_sql: AgreedOwner = "sales"
    sql_to_opportunity: AgreedOwner = "sales"
    close_rate: AgreedOwner = "sales"
    deal_size: AgreedOwner = "shared"
    sql_volume: AgreedOwner = "sales"

    def of(self, driver: Driver, source: Source) -> Owner:
        """The owner of a driver, also of one that stands for several agreed ones.

        A merged driver (`mql_to_opportunity` where no SQL was recorded, say) belongs to whoever owns all
        that it is made of, and to both if they differ.
        """
        if driver == "unassigned":
            return "unassigned"
        owners = {getattr(self, part) for part in _parts(driver, source)}
        return owners.pop() if len(owners) == 1 else "shared"


_RATES = ("mql_to_sql", "sql_to_opportunity", "close_rate")
_MADE_OF: dict[Driver, tuple[str, ...]] = {
    "mql_to_opportunity": _RATES[:2],
    "mql_to_win": _RATES,
    "sql_to_win": _RATES[1:],
}


def _parts(driver: Driver, source: Source) -> tuple[str, ...]:
    """The agreed drivers that a driver is made of."""
    if driver in ("opportunity_volume", "win_volume") or (driver == "sql_volume" and source == "marketing"):
        first, rates = ("mql_volume", _RATES) if source == "marketing" else ("sql_volume", _RATES[1:])
        passed = {"sql_volume": "mql_to_sql", "opportunity_volume": "sql_to_opportunity"}.get(driver, "close_rate")
        return first, *rates[: rates.index(passed) + 1]
    return _MADE_OF.get(driver, (driver,))


class SegmentPlan(Part):
    """One segment's share (0-1) of its source's revenue, and what differs from the source's own plan."""

    share: Share
    mql_to_sql: Rate | None = None
    sql_to_opportunity: Rate | None = None
    close_rate: Rate | None = None
    deal_size: Money | None = None


class Segments(Part):
    """Plans per segment of one field (by region, say). Each source's shares sum to 1."""

    field: str = Field(min_length=1)
    marketing: dict[str, SegmentPlan] = Field(default_factory=dict)
    sales: dict[str, SegmentPlan] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _shares_sum(self) -> Self:
        wrong = []
        for name, plans in (("marketing", self.marketing), ("sales", self.sales)):
            wrong += _unbalanced(name, {segment: plan.share for segment, plan in plans.items()})
            if name == "sales" and any(plan.mql_to_sql is not None for plan in plans.values()):
                wrong.append("sales: mql_to_sql does not apply; sales-sourced demand begins at the SQL")
        if wrong:
            raise AgreementError(tuple(wrong))
        return self


def _unbalanced(name: str, shares: Mapping[str, float]) -> list[str]:
    """That the shares of a source's segments do not sum to 1, where they don't."""
    total = sum(map(exact, shares.values()), Fraction(0))
    if not shares or abs(total - 1) <= Fraction(1, 10**9):
        return []
    listed = " + ".join(f"{segment} {share:g}" for segment, share in shares.items())
    return [f"{name}: {listed} = {float(total):g}; shares must sum to 1"]


def _missing(share: float) -> str:
    return f"is missing, yet its share of the split is {share:g}; give its rates and deal size"


def _across(values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong between the parts of an agreement, told from plain values: also where a part is wrong in itself."""
    split, segments = (_shares(values.get(name)) for name in ("split", "segments"))
    for side in ("marketing", "sales"):
        if isinstance(share := split.get(side), float) and share > 0 and values.get(side) is None:
            yield f"{side}: {_missing(share)}"
        plans = _shares(segments.get(side))
        shares = {str(segment): _shares(plan).get("share") for segment, plan in plans.items()}
        known = {segment: share for segment, share in shares.items() if isinstance(share, float)}
        if len(known) == len(shares):
            yield from (f"segments: {each}" for each in _unbalanced(side, known))
    if not split and not any(isinstance(values.get(side), Mapping) for side in ("marketing", "sales")):
        yield "marketing, sales: are missing; give the rates and deal size of each side that has a share"


def _shares(part: Any) -> dict[str, Any]:
    """A part as a table whose shares are floats; empty where it is none."""
    if not isinstance(part, Mapping):
        return {}
    shares = {name: value for name, value in part.items() if type(value) in (int, float) and 0 <= value <= 1}
    return dict(part) | {name: float(value) for name, value in shares.items()}


class Weeks(Part):
    """A fiscal year of 52 or 53 whole weeks.

    Attributes:
        weeks: how the 13 weeks of a quarter are its three months; where quarters begin and end is the same in all.
        month: the month (1-12) near whose end the fiscal year ends.
        weekday: the weekday it ends on.
        year_ends: on the last such weekday in the month, or on the one nearest to its end.
        named_by: whether a year is named by the calendar year in which it ends, or (as retailers do) begins.
    """

    weeks: Literal["4-4-5", "4-5-4", "5-4-4"]
    month: int = Field(ge=1, le=12, strict=True)
    weekday: Weekday
    year_ends: Literal["last", "nearest"]
    named_by: Literal["end", "start"] = "end"

    @property
    def bounds(self) -> WeekCalendar:
        return WeekCalendar(self.month, WEEKDAYS.index(self.weekday), self.year_ends, self.named_by)


class Agreement(Part):
    """One quarter's agreement. Rates and shares are 0-1, money is in `currency`."""

    company: str = Field(min_length=1)
    quarter: str
    fiscal_year_start_month: int = Field(1, ge=1, le=12, strict=True)
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    timezone: Zone = "UTC"
    calendar: Weeks | None = None
    revenue_target: Money
    split: Split
    marketing: MarketingPlan | None = Field(None, validate_default=True)
    sales: SalesPlan | None = Field(None, validate_default=True)
    owners: Owners = Owners()
    sourcing: Sourcing = Sourcing()
    segments: Segments | None = None
    sales_channels: Channels
    value: ValuePromise | None = None
    mql: MqlDefinition | None = None
    follow_up: FollowUp | None = None

    @field_validator("quarter")
    @classmethod
    def _is_a_quarter(cls, value: str) -> str:
        return str(Quarter.parse(value))

    @field_validator("calendar")
    @classmethod
    def _is_the_only_calendar(cls, value: Weeks | None, info: ValidationInfo) -> Weeks | None:
        start = info.data.get("fiscal_year_start_month", 1)
        if value is not None and start not in (1, value.month % 12 + 1):
            raise ValueError(
                f"its year of weeks ends near the end of month {value.month}, while fiscal_year_start_month is {start}; "
                "leave fiscal_year_start_month out"
            )
        return value

    @field_validator("marketing", "sales")
    @classmethod
    def _is_there_if_it_has_a_share(cls, value: SalesPlan | None, info: ValidationInfo) -> SalesPlan | None:
        split = info.data.get("split")
        if value is None and split is not None and getattr(split, str(info.field_name)) > 0:
            raise ValueError(_missing(getattr(split, str(info.field_name))))
        return value

    @classmethod
    def from_toml(cls, path: str | Path) -> "Agreement":
        """Read an agreement file. Raises AgreementError with all that is wrong with it, OSError if unreadable."""
        return cls.from_bytes(Path(path).read_bytes())

    @classmethod
    def from_bytes(cls, content: bytes) -> "Agreement":
        """Read the content of an agreement file. Raises AgreementError."""
        try:
            return cls.from_text(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise AgreementError((f"the file is not UTF-8 text: {error.reason} at byte {error.start}",)) from error

    @classmethod
    def from_text(cls, text: str) -> "Agreement":
        """Read the text of an agreement file. Raises AgreementError."""
        try:
            values = tomllib.loads(text)
        except RecursionError as error:
            raise AgreementError(("not an agreement: its lists are nested too deeply",)) from error
        except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
            raise AgreementError((f"not valid TOML: {error}",)) from error
        return cls.checked(values)

    @classmethod
    def checked(cls, values: Mapping[str, Any]) -> "Agreement":
        """Build an agreement from plain values. Raises AgreementError with every fault in words."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise AgreementError(tuple(dict.fromkeys([*every_fault(error, cls, values), *_across(values)]))) from error

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values, which does not keep what was worked out from the old ones."""
        copied = super().model_copy(update=update, deep=deep)
        for worked_out in ("segment_cells", "required"):
            copied.__dict__.pop(worked_out, None)
        return copied

    def to_toml(self) -> str:
        """The agreement as the text of a file that `from_toml` reads back unchanged."""
        values = self.model_dump(exclude_none=True, exclude_defaults=True, exclude={"mql", "follow_up"})
        values |= {"fiscal_year_start_month": self.fiscal_year_start_month, "currency": self.currency}
        # What this version only carries along is written as it was read: dates stay dates, 2.0 stays 2.0.
        parts = {"mql": self.mql, "follow_up": self.follow_up}
        values = _whole_as_int(values) | {name: part.as_written() for name, part in parts.items() if part is not None}
        return tomli_w.dumps({name: values[name] for name in type(self).model_fields if name in values})

    @property
    def fiscal_quarter(self) -> Quarter:
        return self.fiscal_calendar.quarter(self.quarter)

    @property
    def fiscal_calendar(self) -> Calendar:
        """Where its quarters begin and end."""
        weeks = self.calendar.bounds if self.calendar else None
        return Calendar(self.timezone, self.fiscal_year_start_month, weeks)

    @cached_property
    def segment_cells(self) -> Mapping[Source, Mapping[str | None, Mapping[str, Fraction]]]:
        """What each source owes in each segment, exactly; segment None where there is no plan per segment."""
        return {
            source: {
                segment: _chain(plan, exact(self.revenue_target) * share)
                for segment, plan, share in self._plans(source)
            }
            for source in ("marketing", "sales")
            if getattr(self, source) is not None
        }

    def _plans(self, source: Source) -> list[tuple[str | None, SalesPlan, Fraction]]:
        whole, share = getattr(self, source), exact(getattr(self.split, source))
        segments: Mapping[str, SegmentPlan] = getattr(self.segments, source) if self.segments else {}
        if not segments:
            return [(None, whole, share)]
        return [
            (
                name,
                whole.model_copy(update=part.model_dump(exclude_none=True, exclude={"share"})),
                share * exact(part.share),
            )
            for name, part in segments.items()
        ]

    @cached_property
    def required(self) -> Mapping[Source, Counts]:
        """What each source owes: unrounded counts and revenue. Only MQLs are promised as a whole number,
        see `required_mqls`."""
        return {
            source: _counts(
                {stage: sum((cell[stage] for cell in cells.values()), Fraction(0)) for stage in cell_stages}
            )
            for source, cells in self.segment_cells.items()
            for cell_stages in [next(iter(cells.values()))]
        }

    def required_in(self, segment: str, source: Source) -> Counts | None:
        """What a source owes in one segment of `segments.field`; None if no such plan was agreed."""
        cell = self.segment_cells.get(source, {}).get(segment)
        return None if cell is None else _counts(cell)

    @property
    def required_mqls(self) -> int:
        """The MQLs that marketing owes: rounded up once, at the end, from exact rational arithmetic."""
        cells = self.segment_cells.get("marketing", {}).values()
        return math.ceil(sum((cell["mqls"] for cell in cells), Fraction(0)))

    @property
    def required_sqls(self) -> int:
        """The SQLs that sales owes for its own share, rounded up once as `required_mqls`."""
        cells = self.segment_cells.get("sales", {}).values()
        return math.ceil(sum((cell["sqls"] for cell in cells), Fraction(0)))

    @property
    def promised_value(self) -> float | None:
        """What marketing's MQLs are to be worth together: its revenue. None where no value was agreed, or it owes nothing."""
        owed = self.required.get("marketing")
        return owed.revenue if self.value and owed and owed.revenue else None

    @property
    def required_mqls_by_segment(self) -> Mapping[str | None, int]:
        """`required_mqls` spread over the segments as whole numbers that sum to it (largest remainder)."""
        cells = {segment: cell["mqls"] for segment, cell in self.segment_cells.get("marketing", {}).items()}
        promised = {segment: math.floor(mqls) for segment, mqls in cells.items()}
        by_remainder = sorted(cells, key=lambda segment: promised[segment] - cells[segment])
        for segment in by_remainder[: self.required_mqls - sum(promised.values())]:
            promised[segment] += 1
        return promised


def _chain(plan: SalesPlan, revenue: Fraction) -> dict[str, Fraction]:
    """Back from revenue to the first stage, exactly."""
    wins = revenue / exact(plan.deal_size)
    opportunities = wins / exact(plan.close_rate)
    sqls = opportunities / exact(plan.sql_to_opportunity)
    stages = {"sqls": sqls, "opportunities": opportunities, "wins": wins, "revenue": revenue}
    return {"mqls": sqls / exact(plan.mql_to_sql), **stages} if isinstance(plan, MarketingPlan) else stages


def _counts(stages: Mapping[str, Fraction]) -> Counts:
    return Counts(**{stage: float(value) for stage, value in stages.items()})


def _whole_as_int(value: Any) -> Any:
    """30000.0 reads better as 30000 in a file that people open."""
    if isinstance(value, dict):
        return {key: _whole_as_int(each) for key, each in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value
