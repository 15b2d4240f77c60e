"""How fast and how far a step of the funnel goes: the quarter's own records against those of earlier quarters."""

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from alignment_core.charts import Palette
from alignment_core.drawing import SILENT, Spec, axis, filled, written
from alignment_core.further import Step
from alignment_core.lags import Lags
from alignment_core.wording import percent

__all__ = ["lag_curves"]

_EARLIER, _OWN = "earlier quarters", "this quarter so far"


def lag_curves(step: Step, name: str, palette: Palette, *, height: int = 220) -> tuple[Spec, str]:
    """The share that has converted by the day since the step was entered, losses and open records allowed for.

    Args:
        name: of the step, as "MQL → SQL".

    Returns:
        The drawing, and what it says in words.
    """
    last = _last_day(step)
    lines = [(_EARLIER, step.earlier), (_OWN, step.own)]
    points = [point for label, lags in lines for point in _points(label, lags, last)]
    ends = [
        {**own[-1], "said": f"{own[-1]['line']} {percent(own[-1]['share'])}"}
        for label, _ in lines
        if (own := [point for point in points if point["line"] == label])
    ]
    # Labels of lines that end close to each other would lie on each other: the higher one goes up, the lower one down.
    ends.sort(key=lambda point: -point["share"])
    for place, point in enumerate(ends):
        point["up"] = place == 0
    words = "; ".join(f"{point['said']} by day {point['day']}" for point in ends)
    return filled(_drawing(palette, height), {"points": points, "ends": ends}), f"{name}, share by days since: {words}."


def _last_day(step: Step) -> int:
    """Where the axis ends: a little after the last conversion that was seen."""
    longest = max(step.earlier.longest or 0, step.own.longest or 0)
    return int(np.ceil(longest * 1.15)) + 3


def _points(label: str, lags: Lags, last: int) -> list[dict[str, Any]]:
    """The curve as far as anybody was followed, with a point on every day."""
    if not lags.entered:
        return []
    share = lags.incidence.converted
    end = last if not lags.open.any() else min(last, lags.followed)
    return [{"line": label, "day": day, "share": float(share[min(day, len(share) - 1)])} for day in range(end + 1)]


@lru_cache(maxsize=8)
def _drawing(palette: Palette, height: int) -> Spec:
    colour = alt.Color(
        "line:N", legend=None, scale=alt.Scale(domain=[_EARLIER, _OWN], range=[palette.plan, palette.favourable])
    )
    x = alt.X("day:Q", axis=axis(palette, title="days since", tickMinStep=1, tickCount=10, grid=False))
    y = alt.Y("share:Q", axis=axis(palette, title=None, format="%", tickCount=4), scale=alt.Scale(domainMin=0))
    end = alt.Chart(alt.NamedData("ends")).encode(x=x, y=y)

    def label(which: str, dy: int) -> alt.Chart:
        return (
            end.transform_filter(which)
            .mark_text(align="right", dx=0, dy=dy, fontSize=14, fontWeight="bold", color=palette.ink, **SILENT)
            .encode(text="said:N")
        )

    return written(
        alt.Chart(alt.NamedData("points"))
        .mark_line(interpolate="step-after", strokeWidth=2.5, aria=False)
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash(
                "line:N", legend=None, scale=alt.Scale(domain=[_EARLIER, _OWN], range=[[6, 4], [1, 0]])
            ),
            tooltip=[
                alt.Tooltip("line:N", title="whose"),
                alt.Tooltip("day:Q", title="days since"),
                alt.Tooltip("share:Q", title="converted", format=".0%"),
            ],
        ),
        label("datum.up", -10),
        label("!datum.up", 14),
        height=height,
        padding={"left": 4, "top": 16, "right": 8, "bottom": 4},
    )
