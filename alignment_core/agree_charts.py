"""The agreement's charts: the odds by MQLs, and the pace. Each with its text alternative."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import altair as alt

from alignment_core.charts import Palette
from alignment_core.outlook import Curve, Outlook
from alignment_core.pace import Pace
from alignment_core.wording import STAGE, count, percent

__all__ = ["odds_chart", "pace_chart"]

_PADDING = {"left": 4, "top": 8, "right": 12, "bottom": 4}
_SILENT: dict[str, Any] = {"tooltip": None, "aria": False}


def odds_chart(outlook: Outlook, palette: Palette, *, height: int = 240) -> tuple[alt.LayerChart, str]:
    """The probability of marketing's target by MQLs delivered: as agreed, and as it ran where that is known.

    The promise and the MQLs for 80% are marked on the agreed curve. Labels stand left above the upper curve and right
    below the lower one, where nothing else is.
    """
    agreed, ran = outlook.agreed, outlook.ran
    x = alt.X(
        "mqls:Q",
        title="MQLs delivered",
        scale=alt.Scale(domain=[agreed.mqls[0], agreed.mqls[-1]], nice=False),
        axis=_axis(palette, grid=False, tickCount=7, format="~s" if agreed.mqls[-1] >= 100_000 else ",d"),
    )
    y = alt.Y(
        "chance:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1]),
        axis=_axis(palette, values=[0, 0.25, 0.5, 0.8, 1], format=".0%", domain=False),
    )
    layers: list[alt.Chart] = []
    words = [f"Probability of marketing's target by MQLs delivered. {_curve_in_words(agreed, outlook.mqls)}"]
    for curve, colour in ((ran, palette.unfavourable), (agreed, palette.favourable)):
        if curve is None:
            continue
        values = [
            {"mqls": mqls, "chance": chance, "assuming": curve.label}
            for mqls, chance in zip(curve.mqls, curve.probability, strict=True)
        ]
        tips = [
            alt.Tooltip("mqls:Q", title="MQLs", format=",d"),
            alt.Tooltip("chance:Q", title="probability", format=".0%"),
            alt.Tooltip("assuming:N"),
        ]
        line = alt.Chart(alt.Data(values=values)).encode(x=x, y=y)
        layers += [
            line.mark_line(color=colour, strokeWidth=2.5, **_SILENT),
            line.mark_point(size=120, opacity=0).encode(tooltip=tips),
        ]
    layers += _marked(outlook, x, y, palette)
    layers.append(_label(agreed, x, y, palette.favourable, above=True))
    if ran is not None:
        layers.append(_label(ran, x, y, palette.unfavourable, above=False))
        words.append(_curve_in_words(ran, outlook.mqls))
    return alt.layer(*layers).properties(height=height, padding=_PADDING), " ".join(words)


def _curve_in_words(curve: Curve, promised: int) -> str:
    safe = curve.mqls_for[0.8]
    enough = f"{safe:,} MQLs for 80%" if safe is not None else "no number of MQLs is likely enough for 80%"
    label = curve.label[0].upper() + curve.label[1:]
    return f"{label}: {_chance(curve.promised)} with the {promised:,} promised, {enough}."


def _chance(probability: float) -> str:
    if 0.995 <= probability < 1:
        return "over 99%"
    return "under 1%" if 0 < probability < 0.005 else percent(probability)


def _marked(outlook: Outlook, x: alt.X, y: alt.Y, palette: Palette) -> list[alt.Chart]:
    """The promise and the MQLs for 80%, as points with their figures."""
    agreed = outlook.agreed
    low, high = agreed.mqls[0], agreed.mqls[-1]
    points = [(outlook.mqls, agreed.promised, f"{outlook.mqls:,} → {_chance(agreed.promised)}")]
    safe = agreed.mqls_for[0.8]
    if safe is not None and safe > outlook.mqls and agreed.promised < 0.72:  # closer, the two figures would overlap
        points.append((safe, 0.8, f"{safe:,} → 80%"))
    marks = []
    for mqls, chance, said in points:
        if not low <= mqls <= high:
            continue
        crowded = (mqls - low) / (high - low) < 0.28
        base = alt.Chart(alt.Data(values=[{"mqls": mqls, "chance": chance, "said": said}])).encode(x=x, y=y)
        marks += [
            base.mark_point(filled=True, size=80, opacity=1, color=palette.favourable, **_SILENT),
            base.mark_text(
                align="left" if crowded else "right", dx=10 if crowded else -10, dy=8 if crowded else 0,
                fontSize=14, fontWeight="bold", baseline="middle", color=palette.ink, **_SILENT,
            ).encode(text="said:N"),
        ]  # fmt: skip
    return marks


def _label(curve: Curve, x: alt.X, y: alt.Y, colour: str, *, above: bool) -> alt.Chart:
    """The name of a curve beside it: left above the upper one, unless that is too near to the left edge; right below
    the lower one."""
    last = len(curve.mqls) - 1
    wanted = 0.88 if above else min(0.4, 0.6 * curve.probability[-1])
    place = next((index for index, chance in enumerate(curve.probability) if chance >= wanted), last)
    if not above:
        place = min(place, round(0.6 * last))
    left = above and place > 0.42 * last
    point = {"mqls": curve.mqls[place], "chance": curve.probability[place], "label": curve.label}
    mark = alt.Chart(alt.Data(values=[point])).mark_text(
        align="right" if left else "left", dx=-16 if left else 12, dy=-7 if left else 10, fontSize=14,
        baseline="middle", color=colour, **_SILENT,
    )  # fmt: skip
    return mark.encode(x=x, y=y, text="label:N")


def pace_chart(pace: Pace, palette: Palette, *, height: int = 220) -> tuple[alt.LayerChart, str]:
    """The ideal cumulative line of the quarter against the actual one, by week. Labels stand right of the lines' ends."""
    weeks = pace.weeks
    start = _Point(0.0, 0.0, f"{weeks[0].first:%-d %b}")
    ideal = [start, *(_Point(float(week.number), week.ideal, f"{week.last:%-d %b}") for week in weeks)]
    came, actual = 0, [start]
    for week in weeks:
        if week.actual is None or pace.as_of is None:
            break
        came += week.actual
        last = min(week.last, pace.as_of)
        over = ((last - week.first).days + 1) / week.days
        actual.append(_Point(week.number - 1 + over, float(came), f"{last:%-d %b}"))
    stage = STAGE[pace.stage]
    x = alt.X(
        "week:Q",
        title="week of the quarter",
        scale=alt.Scale(domain=[0, len(weeks)], range=[0, alt.expr("width - 112")], nice=False),
        axis=_axis(palette, grid=False, values=list(range(len(weeks) + 1)), format="d", titleAnchor="start"),
    )
    most = max(float(pace.promised), float(came))
    y = alt.Y(
        "total:Q",
        title=None,
        scale=alt.Scale(domain=[0, most * 1.08], nice=False),
        axis=_axis(palette, tickCount=4, format="~s" if most >= 100_000 else ",d", domain=False),
    )

    def line(points: Sequence[_Point], **mark: Any) -> list[alt.Chart]:
        values = [asdict(point) | {"said": count(point.total)} for point in points]
        base = alt.Chart(alt.Data(values=values)).encode(x=x, y=y)
        tips = [alt.Tooltip("until:N", title="up to"), alt.Tooltip("said:N", title=stage)]
        return [base.mark_line(**mark, **_SILENT), base.mark_point(size=120, opacity=0).encode(tooltip=tips)]

    def label(point: _Point, said: str, **mark: Any) -> alt.Chart:
        base = alt.Chart(alt.Data(values=[asdict(point) | {"label": said}])).encode(x=x, y=y, text="label:N")
        return base.mark_text(align="left", dx=9, fontSize=14, baseline="middle", **mark, **_SILENT)

    layers = line(ideal, color=palette.plan, strokeWidth=2, strokeDash=[5, 4])
    layers.append(label(ideal[-1], f"{pace.promised:,} promised", dy=-6, color=palette.faint))
    spread = "evenly" if pace.shape == "even" else "as the quarters before ran"
    words = f"Cumulative {stage} by week against the promise of {pace.promised:,}, spread {spread}."
    if pace.delivered is not None and pace.as_of is not None:
        layers += line(actual, color=palette.favourable, strokeWidth=2.5)
        end = alt.Chart(alt.Data(values=[asdict(actual[-1])])).encode(x=x, y=y)
        layers.append(end.mark_point(filled=True, size=80, opacity=1, color=palette.favourable, **_SILENT))
        layers.append(label(actual[-1], f"{pace.delivered:,} so far", dy=12, fontWeight="bold", color=palette.ink))
        words += f" By {pace.as_of:%-d %B %Y} {count(pace.due)} were due and {pace.delivered:,} came; {pace.owed:,} are still owed."
    return alt.layer(*layers).properties(height=height, padding=_PADDING), words


@dataclass(frozen=True)
class _Point:
    """How many there are `until` a day: `week` weeks of the quarter have passed."""

    week: float
    total: float
    until: str


def _axis(palette: Palette, **options: Any) -> alt.Axis:
    return alt.Axis(
        **{
            "labelColor": palette.faint,
            "titleColor": palette.faint,
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "gridColor": palette.line,
            "gridOpacity": 0.35,
            "domainColor": palette.line,
            "tickColor": palette.line,
            "ticks": False,
            "labelPadding": 6,
        }
        | options
    )
