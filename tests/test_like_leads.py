"""Shares and differences against published numbers, scipy, and simulation."""

import numpy as np
import pytest
from scipy.stats import binomtest

from alignment_core.like_leads import standardised_difference, wilson


def of_tables(tables):
    """Leads from (kind, in the group, converted, how many)."""
    kind, group, won, many = zip(*tables, strict=True)
    return (np.repeat(np.array(each), many) for each in (np.array(kind, object), group, won))


@pytest.mark.parametrize(("count", "total"), [(0, 5), (3, 5), (112, 196), (9, 75), (5, 5)])
def test_the_interval_of_a_share_is_scipys(count, total):
    theirs = binomtest(count, total).proportion_ci(method="wilson")
    assert np.allclose(wilson(count, total), (theirs.low, theirs.high))


def test_of_nothing_there_is_no_share():
    assert np.isnan(wilson(0, 0)).all()


def test_the_published_difference_over_like_patients():
    """The University Group Diabetes Program's deaths by age, as in Rothman, Epidemiology: An Introduction (2002), ch. 8: 0.035."""
    tables = [
        ("under 55", True, True, 8), ("under 55", True, False, 98), ("under 55", False, True, 5), ("under 55", False, False, 115),
        ("55 and more", True, True, 22), ("55 and more", True, False, 76), ("55 and more", False, True, 16), ("55 and more", False, False, 69),
    ]  # fmt: skip
    found = standardised_difference(*of_tables(tables))
    assert found.like == pytest.approx(0.035, abs=0.0005)
    assert found.crude == pytest.approx(30 / 204 - 21 / 205)
    assert found.leads == 409
    assert not found.is_real


def test_a_kind_without_both_groups_compares_with_nothing():
    tables = [("a", True, True, 10), ("b", False, False, 10)]
    assert standardised_difference(*of_tables(tables)) is None
    both = [*tables, ("c", True, True, 3), ("c", True, False, 1), ("c", False, True, 1), ("c", False, False, 3)]
    found = standardised_difference(*of_tables(both))
    assert (found.like, found.leads) == (0.5, 8)
    assert found.crude == pytest.approx(13 / 14 - 1 / 14)


@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_hot_leads_that_are_worked_first_are_not_credited_to_speed(effect):
    """600 companies: hot leads convert more and are worked first. Speed does nothing, or adds as much to every kind."""
    dice = np.random.default_rng(8)
    base, prompt = np.array([0.7, 0.4, 0.1]), np.array([0.9, 0.5, 0.15])
    crude, held, blamed = [], 0, 0
    for _ in range(600):
        kind = dice.integers(0, 3, 300)
        fast = dice.random(300) < prompt[kind]
        won = dice.random(300) < base[kind] + effect * fast
        found = standardised_difference(kind, fast, won)
        crude.append(found.crude)
        held += found.low <= effect <= found.high
        blamed += found.is_real
    assert np.mean(crude) - effect > 0.25
    assert 0.92 < held / 600 < 0.98
    assert blamed / 600 < 0.08 if effect == 0 else blamed / 600 > 0.8
