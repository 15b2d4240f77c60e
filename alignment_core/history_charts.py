"""A driver's control chart → an Altair chart: the quarters as a line, the limits as a band, the agreed value dashed."""

import math

import altair as alt

from alignment_core.charts import Palette
from alignment_core.driver_history import DriverHistory
from alignment_core.history_words import history_sentence
from alignment_core.wording import driver_value

__all__ = ["history_chart"]


def history_chart(history: DriverHistory, palette: Palette, *, height: int = 190) -> tuple[alt.LayerChart, str] | None:
    """The chart and its text alternative; None where there is no control chart."""
    chart = history.chart
    if chart is None:
        return None
    rows = [
        {
            "quarter": str(quarter),
            "value": None if math.isnan(value) else float(value),
            "low": None if math.isnan(low) else float(low),
            "high": None if math.isnan(high) else float(high),
            "said": driver_value(history.driver, None if math.isnan(value) else float(value)),
            "limits": "–"
            if math.isnan(low)
            else f"{driver_value(history.driver, float(low))} to {driver_value(history.driver, float(high))}",
            "signal": bool(chart.at(place)),
            "role": "as before" if not chart.at(place) else "worse" if value < chart.centre else "better",
            "now": place == len(history.quarters) - 1,
        }
        for place, (quarter, value, low, high) in enumerate(
            zip(history.quarters, chart.values, chart.low, chart.high, strict=True)
        )
    ]
    # What ran stands on the other side of its line than what was agreed.
    up = history.agreed is not None and history.agreed < chart.centre
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            "quarter:N",
            sort=None,
            axis=alt.Axis(
                title=None,
                labelAngle=0,
                labelFontSize=13,
                labelColor=palette.faint,
                ticks=False,
                domain=False,
                labelOverlap=True,
            ),
        )
    )
    scale = alt.Scale(zero=False, nice=False, padding=26)
    y = alt.Y("value:Q", scale=scale, axis=None)
    silent = {"aria": False, "tooltip": None}
    layers = [
        base.mark_area(interpolate="step", color=palette.source, opacity=0.35, **silent).encode(
            y=alt.Y("low:Q", scale=scale, axis=None), y2="high:Q"
        ),
        alt.Chart(alt.Data(values=[{"centre": chart.centre}]))
        .mark_rule(color=palette.line, **silent)
        .encode(y=alt.Y("centre:Q", scale=scale, axis=None)),
        base.mark_line(color=palette.actual, strokeWidth=2, **silent).encode(y=y),
        base.mark_point(filled=True, size=70, opacity=1).encode(
            y=y,
            color=alt.Color(
                "role:N",
                legend=None,
                scale=alt.Scale(
                    domain=["as before", "worse", "better"],
                    range=[palette.actual, palette.unfavourable, palette.favourable],
                ),
            ),
            shape=alt.condition("datum.signal", alt.value("diamond"), alt.value("circle")),
            tooltip=[
                alt.Tooltip("quarter:N"),
                alt.Tooltip("said:N", title="ran"),
                alt.Tooltip("limits:N", title="limits"),
            ],
        ),
        base.mark_text(
            dy=-14 if up else 15,
            fontSize=14,
            color=palette.ink,
            fontWeight=alt.expr("datum.now ? 'bold' : 'normal'"),
            **silent,
        ).encode(y=y, text="said:N"),
    ]
    if history.agreed is not None:
        dashed = alt.Chart(
            alt.Data(
                values=[{"agreed": history.agreed, "words": f"agreed {driver_value(history.driver, history.agreed)}"}]
            )
        )
        at = alt.Y("agreed:Q", scale=scale, axis=None)
        layers += [
            dashed.mark_rule(color=palette.favourable, strokeDash=[6, 4], **silent).encode(y=at),
            dashed.mark_text(
                align="left", x=4, dy=11 if up else -8, fontSize=13, color=palette.favourable, **silent
            ).encode(y=at, text="words:N"),
        ]
    ran = "; ".join(f"{row['quarter']} {row['said']}" for row in rows)
    return alt.layer(*layers).properties(height=height), f"Control chart. {ran}. {history_sentence(history)}"
