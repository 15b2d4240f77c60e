"""Volume against conversion: proposals, what is near them, and the frontier that nothing betters."""

import altair as alt

from alignment_core.charts import Palette
from alignment_core.frontier import Frontier, Point
from alignment_core.wording import count, percent

__all__ = ["frontier_chart"]


def frontier_chart(found: Frontier, palette: Palette = Palette(), *, height: int = 340) -> tuple[alt.LayerChart, str]:
    """The chart and its text alternative. A click on a point selects it (`point`, by its place among `points`)."""
    values = [_value(place, point) for place, point in enumerate(found.points) if point.whole.mql_to_sql is not None]
    proposals = [value for value in values if not value["change"]]
    best = sorted((value for value in values if value["is_best"]), key=lambda value: -float(str(value["mqls"])))
    near = [value for value in values if value["change"]]
    x = alt.X(
        "mqls:Q",
        scale=alt.Scale(zero=True, nice=True, padding=24),
        axis=_axis("MQLs a quarter: more →", palette, ",.0f"),
    )
    y = alt.Y(
        "rate:Q", scale=alt.Scale(zero=False, nice=True, padding=24), axis=_axis("of them became SQLs", palette, ".0%")
    )
    tips = [
        alt.Tooltip("name:N", title="proposal"),
        alt.Tooltip("change:N", title="changed"),
        alt.Tooltip("mqls:Q", title="MQLs a quarter", format=",.1f"),
        alt.Tooltip("rate:Q", title="MQL → SQL", format=".1%"),
        alt.Tooltip("wins:N", title="wins"),
    ]
    picked = alt.selection_point(name="point", fields=["place"], on="click")
    text = {"fontSize": 14, "baseline": "middle", "aria": False}
    chart = alt.layer(
        alt.Chart(alt.Data(values=best)).mark_line(color=palette.favourable, strokeWidth=2, interpolate="step-before", opacity=0.6).encode(
            x=x, y=y, order=alt.Order("mqls:Q")
        ),
        alt.Chart(alt.Data(values=near)).mark_circle(size=60, opacity=0.55).encode(
            x=x, y=y, tooltip=tips,
            color=alt.condition("datum.is_best", alt.value(palette.favourable), alt.value(palette.line)),
        ).add_params(picked),
        alt.Chart(alt.Data(values=proposals)).mark_point(shape="diamond", size=190, filled=True, opacity=1, color=palette.ink).encode(x=x, y=y, tooltip=tips),
        alt.Chart(alt.Data(values=proposals)).mark_text(align="left", dx=12, dy=-10, fontWeight="bold", color=palette.ink, **text).encode(x=x, y=y, text="name:N"),
    ).properties(height=height, padding={"left": 4, "top": 8, "right": 12, "bottom": 4})  # fmt: skip
    said = "; ".join(
        f"{p.name} {count(p.mqls_per_quarter)} at {percent(p.whole.mql_to_sql)}" for p in found.points if not p.change
    )
    line = "; ".join(f"{count(p.mqls_per_quarter)} at {percent(p.whole.mql_to_sql)}" for p in found.best)
    return chart, f"MQLs a quarter against MQL → SQL. Proposals: {said}. Nothing betters: {line or 'none'}."


def _value(place: int, point: Point) -> dict[str, object]:
    return {
        "place": place,
        "name": point.name,
        "change": point.change,
        "mqls": point.mqls_per_quarter,
        "rate": point.whole.mql_to_sql,
        "wins": count(point.whole.wins),
        "is_best": point.is_best,
    }


def _axis(title: str, palette: Palette, format_: str) -> alt.Axis:
    return alt.Axis(
        title=title, format=format_, tickCount=6, grid=False, domainColor=palette.line, tickColor=palette.line, labelFontSize=13,
        titleFontSize=13, titleFontWeight="normal", labelColor=palette.faint, titleColor=palette.faint,
    )  # fmt: skip
