"""What was loaded: the tables, what became of every row, and the funnels that were already counted."""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import date
from threading import Lock
from typing import TypeVar, cast

import pandas as pd
import pyarrow as pa

from alignment_core.agreement import Agreement
from alignment_core.choices import Choices
from alignment_core.dated import daily_counts, won_amounts
from alignment_core.engine import Engine
from alignment_core.funnel import Funnel, count_funnel, segment_fields
from alignment_core.imports.model import Kind
from alignment_core.results import Quality
from alignment_core.vocabulary import Basis, Stage

__all__ = ["Data"]

Answer = TypeVar("Answer")


class Data:
    """Loaded tables. Each funnel is counted once, so that whatever a slider moves never touches the tables.

    Args:
        tables: typed Arrow tables by name.
        quality: what became of the rows that were read for them.
        choices: how doubtful records count.
    """

    def __init__(
        self, tables: Mapping[Kind, pa.Table], quality: Quality = Quality(), choices: Choices = Choices()
    ) -> None:
        self.engine = Engine(tables)
        self.quality = quality
        self.choices = choices
        self.segment_fields = segment_fields(self.engine)
        self._funnels: dict[tuple[object, ...], Funnel] = {}
        self._answers: dict[tuple[object, ...], object] = {}
        self._lock = Lock()

    def with_choices(self, choices: Choices) -> "Data":
        """The same tables, counted by other choices. What was counted already is shared."""
        other = copy(self)
        other.choices = choices
        return other

    def funnel(
        self, agreement: Agreement, basis: Basis = "period", by: str | None = None, as_of: date | None = None
    ) -> Funnel:
        """The funnel on an agreement's calendar, by its sourcing, in its currency. Raises DataError."""
        calendar = agreement.fiscal_calendar
        asked = (agreement.sourcing, calendar, basis, by, as_of, self.choices, agreement.currency)
        with self._lock:
            if asked not in self._funnels:
                self._funnels[asked] = count_funnel(self.engine, *asked)
            return self._funnels[asked]

    def daily(self, agreement: Agreement, stage: Stage) -> pd.DataFrame:
        """How many records of each source reached a stage on each day, see `dated.daily_counts`. Raises DataError."""
        as_of = self.funnel(agreement).as_of
        asked = (agreement.sourcing, agreement.fiscal_calendar, stage, self.choices, as_of)
        return self.once(("daily", *asked), lambda: daily_counts(self.engine, *asked))

    def won_amounts(self, agreement: Agreement, by: str | None = None) -> pd.DataFrame:
        """Each win's amount, see `dated.won_amounts`. Raises DataError."""
        as_of = self.funnel(agreement, by=by).as_of
        asked = (agreement.sourcing, agreement.fiscal_calendar, by, self.choices, agreement.currency, as_of)
        return self.once(("won", *asked), lambda: won_amounts(self.engine, *asked))

    def once(self, asked: tuple[object, ...], answer: Callable[[], Answer]) -> Answer:
        """What was answered from these tables before, or else now. `asked` names the question and all that it depends on;
        the choices by which records count are added here."""
        question = (self.choices, *asked)
        if question not in self._answers:
            self._answers[question] = answer()
        return cast(Answer, self._answers[question])
