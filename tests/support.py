"""Small things to test with: the design's agreement, tables from plain rows, counts from rates, and a review by hand."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from itertools import permutations
from math import factorial, prod
from pathlib import Path

import pyarrow as pa

from alignment_core.agreement import Agreement, Owners
from alignment_core.data import Data
from alignment_core.drivers import bridge_bars, total
from alignment_core.imports import read_files
from alignment_core.imports.model import InputFile
from alignment_core.quarters import Quarter
from alignment_core.results import Counts, Quality, Review

RATES = {"sql_to_opportunity": 0.5, "close_rate": 0.45, "deal_size": 30_000}
#: The agreement of the design's contract: 164 MQLs × 75% × 50% × 45% × 30,000 from marketing, as much from sales.
CONTRACT = {
    "company": "Northwind",
    "quarter": "2026-Q3",
    "revenue_target": 1_660_500,
    "split": {"marketing": 0.5, "sales": 0.5},
    "marketing": {"mql_to_sql": 0.75, **RATES},
    "sales": RATES,
}
TYPES = {"mqls": pa.float64(), "sqls": pa.float64(), "opportunities": pa.float64(), "wins": pa.float64()}
MONEY = pa.decimal128(18, 4)


SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"


@cache
def sample() -> tuple[Data, Agreement]:
    """The sample company's three exports, read once for all tests that only look at them, and its agreement."""
    names = ("salesforce_leads.csv", "salesforce_opportunities.csv", "salesforce_tasks.csv")
    imported = read_files([InputFile(name, SAMPLE / name) for name in names])
    return Data(imported.tables, imported.quality), Agreement.from_toml(SAMPLE / "agreement.toml")


def agreed(**changes: object) -> Agreement:
    """The contract's agreement, with changes; None leaves a part out."""
    return Agreement.checked({name: value for name, value in (CONTRACT | changes).items() if value is not None})


def summary(*rows: Mapping[str, object], quality: Quality = Quality()) -> Data:
    """Data from counts that someone already made: each row has quarter, source, and what is known of it."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        name: pa.array([row.get(name) for row in rows], MONEY if name == "revenue" else TYPES.get(name, pa.string()))
        for name in names
    }
    return Data({"funnel": pa.table(columns)}, quality)


def records(*rows: Mapping[str, object]) -> Data:
    """Data from leads that carry all their dates (`mql_at`, … as ISO text), a lead source and an amount."""
    names = dict.fromkeys(name for row in rows for name in row)

    def column(name: str) -> pa.Array:
        values = [row.get(name) for row in rows]
        if name.endswith("_at"):
            return pa.array([value and datetime.fromisoformat(value) for value in values], pa.timestamp("us"))
        return pa.array(values, MONEY if name == "amount" else pa.string())

    return Data({"leads": pa.table({name: column(name) for name in names})})


def funnel_of(mqls, *rates_and_size) -> Counts:
    """A marketing funnel from its volume, three rates and deal size; without a volume of MQLs, sales' from two rates."""
    volume, *rates, size = (mqls, *rates_and_size)
    stages = [volume]
    for rate in rates:
        stages.append(stages[-1] * rate)
    names = ("mqls", "sqls", "opportunities", "wins")[-len(stages) :]
    return Counts(**dict(zip(names, stages, strict=True)), revenue=stages[-1] * size)


def all_orders(plan, actual):
    """The effects of each driver of a product in every order in which the drivers could move, one by one."""
    effects = {name: [] for name in range(len(plan))}
    for order in permutations(range(len(plan))):
        values = list(plan)
        for driver in order:
            before = prod(values)
            values[driver] = actual[driver]
            effects[driver].append(prod(values) - before)
    assert all(len(each) == factorial(len(plan)) for each in effects.values())
    return list(effects.values())


def reviewed(plan, actual, *, method="shapley", basis="period", by=None, owners=Owners(), notes=()) -> Review:
    """A review of counts by source, or by source and segment with `by`."""
    if by is None:
        plan, actual = ({source: {None: counts} for source, counts in side.items()} for side in (plan, actual))
    bars, segment_bars = bridge_bars(plan, actual, owners, method)
    return Review(
        company="Northwind",
        quarter=Quarter(2026, 3),
        currency="USD",
        basis=basis,
        method=method,
        as_of=date(2026, 10, 9),
        plan={source: total(cells) for source, cells in plan.items()},
        actual={source: total(cells) for source, cells in actual.items()},
        bars=bars,
        by=by,
        segment_bars=segment_bars,
        segment_plan=plan if segment_bars else {},
        segment_actual=actual if by else {},
        notes=notes,
        quality=Quality(),
    )
