"""One driver over the quarters, on a control chart: was this quarter like the ones before it?"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from alignment_core.agreement import Agreement
from alignment_core.control_charts import FEWEST_QUARTERS, ControlChart, p_chart, xmr_chart
from alignment_core.data import Data
from alignment_core.quarters import Quarter
from alignment_core.results import Counts
from alignment_core.vocabulary import RATE_DRIVER, VOLUME_DRIVERS, VOLUME_STAGE, Basis, Driver, MqlBy, Source

Floats = NDArray[np.float64]

__all__ = ["DriverHistory", "driver_history"]

_STEP = {driver: step for step, driver in RATE_DRIVER.items()}
#: How many quarters are shown at most.
_MOST = 12


@dataclass(frozen=True)
class DriverHistory:
    """What one driver ran, up to the quarter that is looked at.

    Attributes:
        quarters: oldest first; the last is the one that is looked at, the others are the baseline.
        agreed: the agreed value of the last quarter, or None.
        chart: its control chart; None where there are too few quarters, with the reason in `too_little`.
        records: what each value was measured on (records that entered, wins; for a volume the count itself).
        is_running: the last quarter is not over, and the count is not more than before already: it is held against nothing.
        open: how many of the last quarter's records are open, where they are most of them and the rate is not higher than before
            already: it is held against nothing.
    """

    source: Source
    driver: Driver
    quarters: tuple[Quarter, ...]
    agreed: float | None
    chart: ControlChart | None
    records: tuple[float, ...] = ()
    too_little: str = ""
    is_running: bool = False
    open: int = 0


def driver_history(
    data: Data,
    agreement: Agreement,
    quarter: Quarter,
    source: Source,
    driver: Driver,
    agreed: float | None = None,
    *,
    basis: Basis = "period",
    mql: MqlBy = "crm",
    as_of: date | None = None,
    is_unfinished: bool = False,
    still_open: int = 0,
) -> DriverHistory:
    """One driver's control chart. Rates stand on a p-chart, counts and deal sizes on an XmR chart.

    A first quarter that the files begin within is left out, and so are gaps. Of a source of which the files say nothing there
    is no chart.

    Args:
        as_of: the day up to which events count; default the latest in the data.
        is_unfinished: whether more of the quarter is to come, as `Review.is_unfinished`.
        still_open: how many of the records that a rate is measured on are open, as `Review.not_decided`.

    Raises:
        DataError: the data cannot be counted.
    """
    funnel = data.funnel(agreement, basis, None, as_of, mql)
    # Who meets the agreed definition is not known of what the files do not have; that nobody meets it is.
    if funnel.is_silent(quarter, source) and (mql == "crm" or source == "sales"):
        silent = f"Nothing of {source}-sourced demand is in the files, so there is nothing to hold against the quarters before."
        return DriverHistory(source, driver, (), agreed, None, (), silent)
    known = [
        each
        for each in funnel.quarters
        if (each <= quarter and each.end - timedelta(days=1) <= funnel.as_of) or each == quarter
    ]
    known = known[-_MOST - 1 :]
    if known and data.begins_within(known[0]):
        known = known[1:]
    before = [each for each in known if each != quarter]
    counted = [funnel.counts(each, source).get(None, Counts()) for each in known]
    had = f"only {len(before)} complete {'quarter' if len(before) == 1 else 'quarters'}" if before else "no quarter"
    nothing = DriverHistory(
        source,
        driver,
        tuple(known),
        agreed,
        None,
        (),
        f"The files have {had} before {quarter}; a control chart needs {FEWEST_QUARTERS}.",
    )
    if len(before) < FEWEST_QUARTERS or quarter not in known:
        return nothing
    top, below = _measured(driver, counted)
    try:
        if driver in _STEP:
            chart = p_chart(top, below, len(before))
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(below > 0, top / below, np.nan) if driver == "deal_size" else top
            chart = xmr_chart(values, len(before))
    except ValueError as error:
        return DriverHistory(source, driver, tuple(known), agreed, None, (), f"No control chart: {error}.")
    is_above = "beyond" in chart.at(-1) and chart.values[-1] > chart.centre
    is_running = is_unfinished and driver in VOLUME_DRIVERS and not is_above
    most = still_open if driver in _STEP and 2 * still_open > below[-1] and not is_above else 0
    if is_running or most:
        last = len(known) - 1
        chart = replace(chart, signals=tuple(signal for signal in chart.signals if signal.place != last))
    return DriverHistory(
        source, driver, tuple(known), agreed, chart, tuple(below.tolist()), is_running=is_running, open=most
    )


def _measured(driver: Driver, counted: list[Counts]) -> tuple[Floats, Floats]:
    """What passed, and of how many."""
    if driver in VOLUME_STAGE:
        names: tuple[str, str] = (VOLUME_STAGE[driver], VOLUME_STAGE[driver])
    elif driver in _STEP:
        names = _STEP[driver][1], _STEP[driver][0]
    else:
        names = "revenue", "wins"
    top, below = (np.array([getattr(each, name) or 0.0 for each in counted], dtype=np.float64) for name in names)
    return top, below
