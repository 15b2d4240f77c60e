"""What a record does not say of itself: from its owner or its account, and only where it says nothing."""

import pyarrow as pa
import pytest

from alignment_core.engine import Engine
from alignment_core.lookups import known_values, looked_up

LEADS = {"lead_id": ["L1", "L2", "L3", "L4"], "owner": ["ann", "bob", None, "eve"], "account": ["A", "A", "B", None]}
OWNERS = {"owner": ["ann", "bob"], "region": ["EMEA", "APAC"]}
ACCOUNTS = {"account": ["A", "B", "B"], "industry": ["Retail", "Mining", "Energy"]}


def engine(**tables):
    return Engine({name: pa.table(columns) for name, columns in tables.items()})


def values(held, field):
    """Each lead's value of a field, as it is looked up."""
    table, column = looked_up(held, held.table("leads"), "leads", field, "known")
    assert column is not None
    return dict(table.select("lead_id", value=column).execute().astype(object).itertuples(index=False))


def told(found):
    return {name: value for name, value in found.items() if value == value and value is not None}


def test_what_leads_say_of_themselves_is_not_looked_up():
    held = engine(leads={**LEADS, "region": ["North", None, None, None]}, owners=OWNERS)
    table, column = looked_up(held, held.table("leads"), "leads", "region", "known")
    assert (column, table.columns) == ("region", ("lead_id", "owner", "account", "region"))
    assert told(values(held, "region")) == {"L1": "North"}


def test_a_column_without_any_value_says_nothing():
    held = engine(leads={**LEADS, "region": pa.nulls(4, pa.string())}, owners=OWNERS)
    assert told(values(held, "region")) == {"L1": "EMEA", "L2": "APAC"}
    assert known_values(held, "leads", "region") == ("APAC", "EMEA")


def test_every_lead_stays_once_also_without_an_owner_and_where_an_account_is_listed_twice():
    """B is in two rows: the first industry by the alphabet counts."""
    held = engine(leads=LEADS, owners=OWNERS, accounts=ACCOUNTS)
    assert sorted(values(held, "industry")) == LEADS["lead_id"]
    assert told(values(held, "industry")) == {"L1": "Retail", "L2": "Retail", "L3": "Energy"}
    assert told(values(held, "region")) == {"L1": "EMEA", "L2": "APAC"}


def test_the_owner_is_asked_before_the_account():
    held = engine(leads=LEADS, owners=OWNERS, accounts={"account": ["A"], "region": ["North"]})
    assert told(values(held, "region")) == {"L1": "EMEA", "L2": "APAC"}


@pytest.mark.parametrize("tables", [{"leads": LEADS}, {"leads": {"lead_id": ["L1"]}, "owners": OWNERS}])
def test_what_nothing_says_has_no_column_and_no_values(tables):
    """Nobody knows the field, or no lead says whose it is."""
    held = engine(**tables)
    table = held.table("leads")
    assert looked_up(held, table, "leads", "region", "known") == (table, None)
    assert known_values(held, "leads", "region") == ()


def test_known_values_are_the_different_ones_as_text_in_order():
    held = engine(leads={**LEADS, "score": [10, 9, 9, None]})
    assert known_values(held, "leads", "score") == ("10", "9")
