"""The closed sets of words: each chain begins with a volume and every step of it, also a merged one, has a driver."""

from itertools import combinations, pairwise

from alignment_core.vocabulary import (
    CHAIN,
    DRIVERS,
    RATE_DRIVER,
    RATE_DRIVERS,
    SOURCES,
    STAGES,
    VOLUME_DRIVER,
    VOLUME_DRIVERS,
    VOLUME_STAGE,
)


def test_every_driver_is_a_volume_a_rate_the_deal_size_or_unassigned_and_only_one_of_them():
    kinds = [VOLUME_DRIVERS, RATE_DRIVERS, {"deal_size"}, {"unassigned"}]
    assert sorted(driver for kind in kinds for driver in kind) == sorted(DRIVERS)


def test_whichever_stages_nobody_recorded_the_others_have_a_driver_between_them():
    """Of four stages two can follow each other in six ways."""
    assert set(RATE_DRIVER) == set(combinations(STAGES, 2))
    assert len(RATE_DRIVERS) == len(RATE_DRIVER) == 6


def test_a_chain_can_begin_at_any_stage_and_each_has_a_volume():
    assert set(VOLUME_DRIVER) == set(STAGES)
    assert {VOLUME_DRIVER[VOLUME_STAGE[driver]] for driver in VOLUME_DRIVERS} == VOLUME_DRIVERS


def test_chains_are_the_stages_in_their_order_and_end_in_wins():
    assert set(CHAIN) == set(SOURCES)
    assert CHAIN["marketing"] == STAGES
    assert CHAIN["sales"] == STAGES[1:]
    assert CHAIN["unassigned"] == ()


def test_drivers_stand_in_the_order_of_the_funnel():
    """A bridge in funnel order moves them in this order."""
    for source in ("marketing", "sales"):
        chain = CHAIN[source]
        steps = [RATE_DRIVER[step] for step in pairwise(chain)]
        places = [DRIVERS.index(each) for each in (VOLUME_DRIVER[chain[0]], *steps, "deal_size", "unassigned")]
        assert places == sorted(places)
