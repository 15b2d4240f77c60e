"""The same leads and deals, looked up once: a cohort, and what is asked after any review, asks for them again and again.

A question of them is then a short one. To put the long one, with its links from leads to deals and whose demand each is, into
SQL takes Ibis longer than DuckDB takes to answer it.
"""

from collections.abc import Sequence

from ibis.expr import types as ir

from alignment_core.agreement import Sourcing
from alignment_core.choices import Choices
from alignment_core.definition import MqlDefinition
from alignment_core.engine import Engine
from alignment_core.events import Events, banded
from alignment_core.meets import Candidates
from alignment_core.quarters import Calendar
from alignment_core.record_fields import segment_fields

__all__ = ["KeptEvents"]


class KeptEvents(Events):
    """`Events` whose leads (with their deals) and deals the engine keeps, with every field that a review can be broken down by."""

    def __init__(
        self,
        engine: Engine,
        sourcing: Sourcing,
        calendar: Calendar,
        by: str | None = None,
        choices: Choices = Choices(),
        currency: str | None = None,
        mql: MqlDefinition | Candidates | None = None,
    ) -> None:
        super().__init__(engine, sourcing, calendar, by, choices, currency, mql)
        self._fields = segment_fields(engine)
        self._whole = Events(engine, sourcing, calendar, None, choices, currency, mql)
        self._asked = repr((sourcing, calendar, choices, currency, mql))

    def leads(self, *, with_deals: bool, fields: Sequence[str] = ()) -> ir.Table:
        if not with_deals or not self._has(fields):
            return super().leads(with_deals=with_deals, fields=fields)
        kept = self.engine.kept(f"leads {self._asked}", lambda: self._whole.leads(with_deals=True, fields=self._fields))
        segment = kept.segment if self.by is None else banded(self.by, self._value(kept, self.by))
        return self._as_asked(kept, segment, fields)

    def deals(self, fields: Sequence[str] = ()) -> ir.Table:
        if not self._has(fields):
            return super().deals(fields)
        kept = self.engine.kept(f"deals {self._asked}", lambda: self._whole.deals(self._fields))
        return self._as_asked(kept, kept.segment if self.by is None else self._value(kept, self.by), fields)

    def _has(self, fields: Sequence[str]) -> bool:
        return {*fields, *([self.by] if self.by else [])} <= set(self._fields)

    def _value(self, kept: ir.Table, field: str) -> ir.Value:
        return kept[f"value_{self._fields.index(field)}"]

    def _as_asked(self, kept: ir.Table, segment: ir.Value, fields: Sequence[str]) -> ir.Table:
        own = [name for name in kept.columns if not name.startswith("value_") and name != "segment"]
        values = {f"value_{place}": self._value(kept, field) for place, field in enumerate(fields)}
        return kept.select(*own, segment=segment, **values)
