"""Timestamps as the company's clock shows them: where a day begins decides in which quarter a record counts."""

from datetime import datetime
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_core.clock import local
from alignment_core.engine import Engine
from alignment_core.quarters import Calendar


def shown(times, timezone, type_=pa.timestamp("us", "UTC")):
    engine = Engine({"touches": pa.table({"at": pa.array(times, type_)})})
    clock = local(engine.table("touches")["at"], Calendar(timezone=timezone))
    return engine.run(clock.name("at"))["at"].dt.to_pydatetime().tolist()


@pytest.mark.parametrize(
    ("instant", "timezone", "clock"),
    [
        ("2026-10-01T02:30:00+00:00", "America/New_York", "2026-09-30T22:30:00"),  # still the quarter before
        ("2026-10-01T02:30:00+00:00", "UTC", "2026-10-01T02:30:00"),
        ("2026-06-30T22:30:00+00:00", "Europe/Berlin", "2026-07-01T00:30:00"),  # already the next
        ("2026-03-29T00:59:59+00:00", "Europe/Berlin", "2026-03-29T01:59:59"),
        ("2026-03-29T01:00:00+00:00", "Europe/Berlin", "2026-03-29T03:00:00"),  # clocks go forward
    ],
)
def test_an_instant_is_shown_as_the_clock_of_the_company_shows_it(instant, timezone, clock):
    assert shown([datetime.fromisoformat(instant)], timezone) == [datetime.fromisoformat(clock)]


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Tokyo"])
def test_a_time_without_a_zone_is_on_that_clock_already(timezone):
    at = datetime(2026, 9, 30, 23, 59)
    assert shown([at], timezone, pa.timestamp("us")) == [at]


def test_what_is_missing_stays_missing():
    engine = Engine({"touches": pa.table({"at": pa.array([None, datetime(2026, 1, 1)], pa.timestamp("us", "UTC"))})})
    for timezone in ("UTC", "Asia/Tokyo"):
        clock = local(engine.table("touches")["at"], Calendar(timezone=timezone))
        assert engine.run(ibis.ifelse(clock.isnull(), 1, 0).name("missing"))["missing"].tolist() == [1, 0]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_pythons_own_zones_agree(times, timezone):
    instants = [at.replace(tzinfo=ZoneInfo("UTC")) for at in times]
    assert shown(instants, timezone) == [at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) for at in instants]
