"""What was loaded: the tables, what became of every row, and the funnels that were already counted."""

import re
from collections.abc import Callable, Hashable, Mapping
from copy import copy
from datetime import date, timedelta
from threading import RLock
from typing import Any, TypeVar, cast

import pandas as pd
import pyarrow as pa

from alignment_core.agreement import Agreement
from alignment_core.choices import Choices
from alignment_core.dated import daily_counts, won_amounts
from alignment_core.definition import MqlDefinition
from alignment_core.engine import Engine
from alignment_core.errors import DataError
from alignment_core.events import DATE_OF
from alignment_core.funnel import Funnel, count_funnel
from alignment_core.imports.model import Kind
from alignment_core.meets import Candidates
from alignment_core.quarter_wins import amounts_won
from alignment_core.quarters import Calendar, Quarter
from alignment_core.record_fields import segment_fields
from alignment_core.results import Quality
from alignment_core.vocabulary import Basis, MqlBy, Stage

__all__ = ["BEGINS_LATE", "OWNER", "Data"]

Answer = TypeVar("Answer")
#: What a record's owner is called in the tables: a person, who is shown as the agreement says.
OWNER = "owner"
#: What an owner's manager is called: a person too, and no agreement says that one is named.
_MANAGER = "manager"
_NUMBERED = re.compile(r"Manager \d+")
#: Files whose first record is later than this in a quarter are taken to begin within it.
BEGINS_LATE = timedelta(days=14)

#: How many answers and how many funnels are kept; those that were not asked for longest go first. An answer can have a row for
#: each lead, and sessions share the sample company's.
_MOST_KEPT, _MOST_FUNNELS = 100, 400


def _renamed(table: pa.Table, called: Mapping[str, str], field: str = OWNER) -> pa.Table:
    people = table[field].cast(pa.string()).combine_chunks().dictionary_encode()
    names = pa.array([called[person] for person in people.dictionary.to_pylist()], pa.string())
    column = pa.DictionaryArray.from_arrays(people.indices, names).cast(pa.string())
    return table.set_column(table.column_names.index(field), field, column)


def _managers_numbered(tables: Mapping[Kind, pa.Table]) -> Mapping[Kind, pa.Table]:
    """The tables with their managers called by numbers, which go by the order of the names, as owners' do."""
    having = {name: table for name, table in tables.items() if _MANAGER in table.column_names}
    names = {name for table in having.values() for name in table[_MANAGER].unique().cast(pa.string()).to_pylist()}
    named = sorted(name for name in names if name)
    if all(map(_NUMBERED.fullmatch, named)):
        return tables
    called = {"": ""} | {name: f"Manager {place}" for place, name in enumerate(named, 1)}
    return {**tables, **{name: _renamed(table, called, _MANAGER) for name, table in having.items()}}


class Data:
    """Loaded tables. Each funnel is counted once, so that whatever a slider moves never touches the tables.

    Args:
        tables: typed Arrow tables by name.
        quality: what became of the rows that were read for them.
        choices: how doubtful records count.

    `owners` are all that the tables name; none where they are called otherwise already. Managers are called by numbers here, so
    that none is named in anything that is made of the tables.
    """

    def __init__(
        self, tables: Mapping[Kind, pa.Table], quality: Quality = Quality(), choices: Choices = Choices()
    ) -> None:
        self._tables = tables = _managers_numbered(tables)
        self.engine = Engine(tables)
        self.owners = frozenset(str(owner) for name in tables for owner in self.engine.values(name, OWNER))
        self.quality = quality
        self.choices = choices
        self.segment_fields = segment_fields(self.engine)
        self._funnels: dict[tuple[object, ...], Funnel] = {}
        self._latest: dict[Calendar, date] = {}
        self._kept: dict[object, Any] = {}
        self._lock = RLock()

    def with_choices(self, choices: Choices) -> "Data":
        """The same tables, counted by other choices. What was counted already is shared."""
        other = copy(self)
        other.choices = choices
        return other

    def with_owners(self, called: Mapping[str, str]) -> "Data":
        """The same tables with their owners called otherwise; nobody's name is to be found in it."""
        tables = {
            name: _renamed(table, called) if OWNER in table.column_names else table
            for name, table in self._tables.items()
        }
        other = Data(tables, self.quality, self.choices)
        other.owners = frozenset()
        return other

    def kept(self, asked: Hashable, answer: Callable[[], Answer]) -> Answer:
        """The answer to a question of these tables by these choices, worked out once."""
        with self._lock:
            key = asked, self.choices
            found = self._kept.pop(key) if key in self._kept else answer()
            self._kept[key] = found  # the latest that was asked stands last
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return cast(Answer, found)

    def funnel(
        self,
        agreement: Agreement,
        basis: Basis = "period",
        by: str | None = None,
        as_of: date | None = None,
        mql: MqlBy | Candidates = "crm",
    ) -> Funnel:
        """The funnel on an agreement's calendar, by its sourcing, in its currency. Raises DataError.

        `mql`: whether an MQL is what the CRM flagged or what the agreement's definition says; or which rules each lead
        meets, as its segment.
        """
        rules: MqlDefinition | Candidates | None = None
        if isinstance(mql, Candidates):
            rules = mql
        elif mql == "agreed":
            if agreement.mql is None or agreement.mql.is_empty:
                raise DataError(
                    "The agreement has no definition of an MQL to count by. Agree one, or count what the CRM flagged."
                )
            rules = agreement.mql
        calendar = agreement.fiscal_calendar
        with self._lock:
            # By name, the latest day in the data is the same question.
            asked = (agreement.sourcing, calendar, basis, by, as_of or self._latest.get(calendar), self.choices, agreement.currency, rules)  # fmt: skip
            if asked not in self._funnels:
                found = count_funnel(self.engine, *asked)
                if asked[4] is None:
                    self._latest[calendar] = found.as_of
                    asked = (*asked[:4], found.as_of, *asked[5:])
                self._funnels[asked] = found
                while len(self._funnels) > _MOST_FUNNELS:
                    del self._funnels[next(iter(self._funnels))]
            return self._funnels[asked]

    def latest_day(self, agreement: Agreement, mql: MqlBy = "crm") -> date:
        """The last day on which anything in the tables happened, on an agreement's calendar. Raises DataError."""
        return self._latest.get(agreement.fiscal_calendar) or self.funnel(agreement, mql=mql).as_of

    def begins_within(self, quarter: Quarter) -> bool:
        """Whether the first record of the files is so late in a quarter that its counts are not those of a whole one."""
        dated = [("leads", column) for column in DATE_OF.values()]
        dated += [("deals", "created_at"), ("deals", "closed_at"), ("stage_events", "at")]
        earliest = [self.engine.earliest(*where) for where in dated if self.engine.has(*where)]
        days = [at.date() for at in earliest if at is not None]
        return bool(days) and min(days) > quarter.start + BEGINS_LATE

    def daily(self, agreement: Agreement, stage: Stage) -> pd.DataFrame:
        """How many records of each source reached a stage on each day, see `dated.daily_counts`. Raises DataError."""
        as_of = self.funnel(agreement).as_of
        asked = (agreement.sourcing, agreement.fiscal_calendar, stage, self.choices, as_of)
        return self.kept(("daily", *asked), lambda: daily_counts(self.engine, *asked))

    def won_amounts(self, agreement: Agreement, by: str | None = None) -> pd.DataFrame:
        """Each win's amount, see `dated.won_amounts`. Raises DataError."""
        as_of = self.funnel(agreement, by=by).as_of
        asked = (agreement.sourcing, agreement.fiscal_calendar, by, self.choices, agreement.currency, as_of)
        return self.kept(("won amounts", *asked), lambda: won_amounts(self.engine, *asked))

    def amounts_won(
        self,
        agreement: Agreement,
        quarter: Quarter,
        basis: Basis = "period",
        by: str | None = None,
        as_of: date | None = None,
        mql: MqlBy = "crm",
    ) -> pd.DataFrame:
        """The amounts of the wins that a funnel counts in a quarter, see `quarter_wins.amounts_won`. Raises DataError."""
        funnel = self.funnel(agreement, basis, by, as_of, mql)
        rules = agreement.mql if mql == "agreed" else None
        calendar, currency = agreement.fiscal_calendar, agreement.currency
        asked = ("amounts won", agreement.sourcing, calendar, currency, basis, by, funnel.as_of, rules, quarter)
        return self.kept(
            asked,
            lambda: amounts_won(
                self.engine, funnel, quarter, agreement.sourcing, calendar, self.choices, currency, rules
            ),
        )
