"""Lead sources in the files: counted, on whose list they are, and moved from one to the other."""

import pyarrow as pa

from alignment_core.agreement import Sourcing
from alignment_core.engine import Engine
from alignment_core.lead_sources import LeadSource, lead_sources, listed_side, reassigned

SOURCING = Sourcing(marketing=("Webinar", "Trade show"), sales=("Cold call",))


def engine(**values: list[str | None]) -> Engine:
    return Engine({table: pa.table({"lead_source": pa.array(found, pa.string())}) for table, found in values.items()})


def test_each_lead_source_is_counted_in_every_table_the_commonest_first_the_empty_one_last() -> None:
    found = lead_sources(
        engine(leads=["Webinar", "Partner", "Partner", None, None, None], deals=["Partner", "Webinar", "Partner", None])
    )
    assert found == (
        LeadSource("Partner", {"leads": 2, "deals": 2}),
        LeadSource("Webinar", {"leads": 1, "deals": 1}),
        LeadSource(None, {"leads": 3, "deals": 1}),
    )


def test_spellings_of_one_lead_source_are_one_in_the_commonest_spelling() -> None:
    """They are compared without case, spaces and punctuation everywhere, so they can't be on two sides."""
    found = lead_sources(engine(leads=["Trade Show", "trade-show", "Trade Show", "TRADESHOW", "  ", "-"]))
    assert found == (LeadSource("Trade Show", {"leads": 4}), LeadSource(None, {"leads": 2}))


def test_files_without_lead_sources_have_none() -> None:
    assert lead_sources(Engine({})) == ()
    assert lead_sources(engine(leads=[None, None])) == ()


def test_a_value_is_on_the_list_that_names_it() -> None:
    sides = {value: listed_side(SOURCING, value) for value in ("webinar", "TRADE SHOW", "Cold-Call", "Partner")}
    assert sides == {"webinar": "marketing", "TRADE SHOW": "marketing", "Cold-Call": "sales", "Partner": "unassigned"}


def test_what_is_reassigned_moves_and_the_rest_stays() -> None:
    moved = reassigned(SOURCING, {"Partner": "sales", "webinar": "unassigned", "Cold call": "sales"})
    assert moved == Sourcing(marketing=("Trade show",), sales=("Cold call", "Partner"))


def test_what_stays_where_it_is_changes_nothing() -> None:
    assert reassigned(SOURCING, {"webinar": "marketing", "Partner": "unassigned"}) is SOURCING


def test_the_rule_and_what_is_missing_are_kept() -> None:
    sourcing = Sourcing(rule="deal_source", marketing=(), sales=("A",), otherwise="sales")
    assert reassigned(sourcing, {"A": "marketing"}) == Sourcing(
        rule="deal_source", marketing=("A",), sales=(), otherwise="sales"
    )
