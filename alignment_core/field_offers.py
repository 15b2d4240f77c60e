"""What rules on an MQL can be made of: the leads' fields and their values, with counts."""

from dataclasses import dataclass

from alignment_core.agreement import Agreement
from alignment_core.data import Data
from alignment_core.definition_lint import of_a_person
from alignment_core.events import Events
from alignment_core.lookups import known_values
from alignment_core.meets import range_of
from alignment_core.record_fields import definition_fields

__all__ = ["STANDARD", "Offer", "field_offers", "offer"]

#: What fit and engagement are usually about, whether loaded or not.
STANDARD = ("country", "region", "industry", "employees", "annual_revenue", "lead_type", "form", "score", "lead_source")
#: Whose record it is says nothing of the company.
_NOT_OFFERED = frozenset(("owner", "manager", "team"))
_MOST = 300
#: The share of a field's values that must be numbers for it to be compared with numbers first.
_NUMBERS = 0.8


@dataclass(frozen=True)
class Offer:
    """A field of the leads.

    Attributes:
        field: its name.
        is_number: whether its values are numbers, or bands of them.
        values: the most frequent values and how many marketing-sourced leads have each.
        filled, leads: how many of all marketing-sourced leads have any value.
    """

    field: str
    is_number: bool
    values: tuple[tuple[str, int], ...]
    filled: int
    leads: int


def field_offers(data: Data) -> tuple[str, ...]:
    """The fields that rules can be on: those usual first, then the others, then those that a rule should not be on."""
    there = [name for name in definition_fields(data.engine) if name not in _NOT_OFFERED]
    usual = [name for name in STANDARD if name in there]
    further = [name for name in there if name not in usual]
    return (*usual, *sorted(further, key=lambda name: of_a_person(name) is not None))


def offer(data: Data, agreement: Agreement, field: str) -> Offer:
    """A field's values with counts. Worked out once for the same data."""
    asked = ("offer", agreement.sourcing, field)
    return data.kept(asked, lambda: _offer(data, agreement, field))


def _offer(data: Data, agreement: Agreement, field: str) -> Offer:
    if "leads" not in data.engine or field not in definition_fields(data.engine):
        return Offer(field, field in ("employees", "annual_revenue", "score"), (), 0, 0)
    events = Events(data.engine, agreement.sourcing, agreement.fiscal_calendar, None, data.choices)
    leads = events.leads(with_deals=False, fields=(field,))
    leads = leads.filter(leads.source == "marketing")
    counted = data.engine.run(leads.group_by("value_0").aggregate(leads=leads.count()))
    everyone = int(counted["leads"].sum())
    filled = counted[counted["value_0"].notna()].sort_values(["leads", "value_0"], ascending=[False, True])
    known = known_values(data.engine, "leads", field)
    numbers = sum(range_of(value) is not None for value in known)
    values = tuple((str(row.value_0), int(row.leads)) for row in filled.head(_MOST).itertuples())
    return Offer(field, bool(known) and numbers >= len(known) * _NUMBERS, values, int(filled["leads"].sum()), everyone)
