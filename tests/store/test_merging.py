"""Two people's changes: what does not overlap merges by itself, what does is named."""

from hypothesis import given
from hypothesis import strategies as st

from alignment_core.store.canonical import values_of
from alignment_core.store.merging import Change, difference, flat, merge, nested
from tests.support import CONTRACT, agreed
from tests.test_agreement import agreements


def test_what_stands_only_together_is_one_field():
    segments = {"field": "region", "marketing": {"EMEA": {"share": 1}}}
    fields = flat(values_of(agreed(segments=segments)))
    assert fields["split"] == {"marketing": 0.5, "sales": 0.5}
    assert fields["segments"] == segments
    assert fields["marketing.mql_to_sql"] == 0.75
    assert isinstance(fields["sourcing.marketing"], list)
    assert not any(field.startswith(("split.", "segments.")) for field in fields)


@given(agreements())
def test_fields_are_the_agreement_and_back(agreement):
    values = values_of(agreement)
    assert nested(flat(values)) == values


def test_a_table_without_keys_stays_there_while_two_change_something_else():
    base = flat(values_of(agreed(mql={}, follow_up={})))
    found = merge(base, base | {"revenue_target": 2}, base | {"currency": "EUR"})
    assert found.overlapping == ()
    assert nested(found.fields) == values_of(agreed(mql={}, follow_up={}, revenue_target=2, currency="EUR"))


TABLES = st.sampled_from([None, {}, {"attempts": 3}, {"attempts": 4}, {"field": "region"}])


@given(TABLES, TABLES, TABLES)
def test_a_table_that_one_alone_changed_is_as_they_left_it_also_empty(base, theirs, mine):
    sides = [flat(CONTRACT | ({} if table is None else {"follow_up": table})) for table in (base, theirs, mine)]
    kept = [dict(fields) for fields in sides]
    found = merge(*sides)
    values = nested(found.fields)
    assert sides == kept
    if theirs in (base, mine) or mine == base:
        assert found.overlapping == ()
        assert values.get("follow_up") == (mine if theirs == base else theirs)
    if any(field.startswith("follow_up.") and value is not None for field, value in found.fields.items()):
        assert values["follow_up"]


def test_a_table_that_gets_its_first_key_is_one_change():
    empty, filled = flat({"mql": {}}), flat({"mql": {"fit": 1}})
    assert difference(empty, filled) == (Change("mql.fit", None, 1),)
    assert difference(filled, empty) == (Change("mql.fit", 1, None),)
    assert difference({}, empty) == (Change("mql", None, {}),)


def test_each_changes_another_field_and_both_changes_stand():
    base = flat(CONTRACT)
    theirs = base | {"marketing.mql_to_sql": 0.6}
    mine = base | {"sales.deal_size": 40_000}
    found = merge(base, theirs, mine)
    assert found.overlapping == ()
    assert found.fields == base | {"marketing.mql_to_sql": 0.6, "sales.deal_size": 40_000}


def test_the_same_field_changed_to_two_values_is_to_be_decided_and_to_one_value_is_not():
    base = flat(CONTRACT)
    found = merge(
        base, base | {"revenue_target": 2, "currency": "EUR"}, base | {"revenue_target": 3, "currency": "EUR"}
    )
    assert found.overlapping == ("revenue_target",)
    assert "revenue_target" not in found.fields
    assert found.fields["currency"] == "EUR"


def test_one_takes_a_part_away_while_the_other_changes_a_field_of_it():
    base = flat(CONTRACT)
    without = {field: value for field, value in base.items() if not field.startswith("sales.")}
    found = merge(base, without, base | {"sales.close_rate": 0.3})
    assert found.overlapping == ("sales.close_rate",)
    assert "sales" not in nested(found.fields)


def test_a_difference_names_what_came_and_went():
    assert difference({"a": 1, "b": 2}, {"b": 3, "c": 4}) == (
        Change("a", 1, None),
        Change("b", 2, 3),
        Change("c", None, 4),
    )


FIELDS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2))


@given(FIELDS, FIELDS, FIELDS)
def test_merging_takes_every_single_change_and_loses_none(base, theirs, mine):
    found = merge(base, theirs, mine)
    for field in {*base, *theirs, *mine}:
        values = {side.get(field) for side in (theirs, mine)} - {base.get(field)}
        if len(values) == 2:
            assert field in found.overlapping
        else:  # one changed it, or both alike, or nobody
            assert found.fields[field] == (values.pop() if values else base.get(field))
    swapped = merge(base, mine, theirs)
    assert swapped.fields == found.fields
    assert set(swapped.overlapping) == set(found.overlapping)
